//! `manifest.json`: the configuration, data and machine behind a results folder, and the times.
//!
//! Only the manifest holds times, so every other file is the same for the same configuration. The manifest never holds a host name, a user
//! or an absolute path: of an absolute path in the configuration, only the file's name is kept.

use super::files;
use super::machine::{Processor, available_cores};
use crate::atomic;
use crate::error::{Error, Result};
use crate::training::NUMERICS_VERSION;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The marker of the file format.
const FORMAT: &str = "aesparse manifest 1";

/// The configuration, data, machine and times behind a results folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: String,
    /// The program's version in the latest session.
    pub version: String,
    /// [`NUMERICS_VERSION`] of the latest session.
    pub numerics: u32,
    /// The resolved configuration.
    pub config: Json,
    /// SHA-256 of the data (`data`) and of the warm start (`warm_start`, [`super::WeightsFile::sha256`]).
    pub data_sha256: BTreeMap<String, String>,
    /// The processor of the latest session.
    pub processor: Processor,
    /// Number of processor cores that the program could use.
    pub cores: usize,
    /// The operating system.
    pub operating_system: String,
    /// The processor's architecture.
    pub architecture: String,
    /// Start of the first session, in UTC (RFC 3339).
    pub started: String,
    /// End of the latest session; absent during the session, and where it left runs unfinished.
    pub finished: Option<String>,
    /// Wall-clock seconds of each finished training, by run key, over all sessions.
    pub seconds: BTreeMap<String, f64>,
    /// Wall-clock seconds of each training that was stopped and is not finished, by run key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stopped_seconds: BTreeMap<String, f64>,
    /// Threads of each training that had several, by run key: the most that it had in a session.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub threads: BTreeMap<String, usize>,
}

/// The time that a training took in a session.
#[derive(Debug, Clone, Copy)]
pub struct TrainingTime {
    /// Wall-clock time.
    pub duration: Duration,
    /// Number of threads.
    pub threads: usize,
}

impl Manifest {
    /// The manifest of a session that begins now; `earlier` is the manifest of the earlier sessions.
    pub(super) fn begin(config: Json, data_sha256: BTreeMap<String, String>, earlier: Option<Self>) -> Self {
        let (started, seconds, stopped_seconds, threads) = match earlier {
            Some(earlier) => {
                (Some(earlier.started), earlier.seconds, earlier.stopped_seconds, earlier.threads)
            }
            None => Default::default(),
        };
        Self {
            format: FORMAT.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            numerics: NUMERICS_VERSION,
            config: without_absolute_paths(config),
            data_sha256,
            processor: Processor::detect(),
            cores: available_cores(),
            operating_system: std::env::consts::OS.to_owned(),
            architecture: std::env::consts::ARCH.to_owned(),
            started: started.unwrap_or_else(|| rfc3339(SystemTime::now())),
            finished: None,
            seconds,
            stopped_seconds,
            threads,
        }
    }

    /// This manifest with another configuration and data.
    pub(super) fn with_config(self, config: Json, data_sha256: BTreeMap<String, String>) -> Self {
        Self { config: without_absolute_paths(config), data_sha256, ..self }
    }

    /// This manifest with the seconds that match each run's state: `seconds` of runs that are `is_finished`, and `stopped_seconds` of the
    /// others.
    #[must_use]
    pub(super) fn with_matching_seconds(mut self, is_finished: impl Fn(&str) -> bool) -> Self {
        self.seconds.retain(|key, _| is_finished(key));
        self.stopped_seconds.retain(|key, _| !is_finished(key));
        self.threads
            .retain(|key, _| self.seconds.contains_key(key) || self.stopped_seconds.contains_key(key));
        self
    }

    /// The sessions of both manifests, with the configuration, data and machine of the later one.
    #[must_use]
    pub(super) fn joined(self, other: Self) -> Self {
        let [first, later] = if self.started <= other.started { [self, other] } else { [other, self] };
        let (mut seconds, mut stopped_seconds, mut threads) =
            (first.seconds, first.stopped_seconds, first.threads);
        seconds.extend(later.seconds);
        // No sums, because a join may be repeated, and one manifest may hold the sessions of the other.
        for (key, stopped) in later.stopped_seconds {
            let most = stopped_seconds.entry(key).or_default();
            *most = most.max(stopped);
        }
        for (key, later) in later.threads {
            let most = threads.entry(key).or_default();
            *most = later.max(*most);
        }
        // Times in this format sort as text. A session that was killed has no end.
        let finished = first.finished.max(later.finished);
        Self { started: first.started, finished, seconds, stopped_seconds, threads, ..later }
    }

    /// Seconds that each finished training would have taken on one thread, by run key, if threads cost nothing.
    pub fn core_seconds(&self) -> impl Iterator<Item = (&str, f64)> {
        let threads = |key| self.threads.get(key).map_or(1.0, |threads| *threads as f64);
        self.seconds.iter().map(move |(key, seconds)| (key.as_str(), seconds * threads(key)))
    }

    /// Notes that the training `run_key` has finished after another `time`.
    pub(super) fn finished(&mut self, run_key: &str, time: TrainingTime) {
        let before = self.stopped_seconds.remove(run_key).unwrap_or_default();
        self.seconds.insert(run_key.to_owned(), rounded(before + time.duration.as_secs_f64()));
        self.note_threads(run_key, time.threads);
    }

    /// Notes that the training `run_key` was stopped after another `time`.
    pub(super) fn stopped(&mut self, run_key: &str, time: TrainingTime) {
        let seconds = self.stopped_seconds.entry(run_key.to_owned()).or_default();
        *seconds = rounded(*seconds + time.duration.as_secs_f64());
        self.note_threads(run_key, time.threads);
    }

    fn note_threads(&mut self, run_key: &str, threads: usize) {
        if threads > 1 {
            let most = self.threads.entry(run_key.to_owned()).or_default();
            *most = threads.max(*most);
        }
    }

    /// Notes that the session ends now.
    pub(super) fn end(&mut self) {
        self.finished = Some(rfc3339(SystemTime::now()));
    }

    /// The name of the manifest's file.
    pub const FILE: &'static str = "manifest.json";

    /// The path of the manifest of the results folder `folder`.
    #[must_use]
    pub fn path(folder: &Path) -> PathBuf {
        folder.join(Self::FILE)
    }

    /// The manifest of the results folder `folder`; `None` where it has none.
    ///
    /// # Errors
    /// As for [`Manifest::load`].
    pub fn of(folder: &Path) -> Result<Option<Self>> {
        Self::load(&Self::path(folder))
    }

    /// Reads the manifest at `path`; `None` where it does not exist.
    ///
    /// # Errors
    /// [`Error::Store`] where the file is damaged or foreign; [`Error::Io`] where it can't be read.
    pub fn load(path: &Path) -> Result<Option<Self>> {
        let refuse = |problem: String| {
            let fix = "move it away, choose another folder with --out, or start over with --fresh";
            Error::store(path, problem, fix)
        };
        let Some(bytes) = files::read_if_there(path)? else { return Ok(None) };
        let content: Json =
            serde_json::from_slice(&bytes).map_err(|e| refuse(format!("not a manifest: {e}")))?;
        if content["format"] != FORMAT {
            return Err(refuse(format!("not a manifest of this program: its format is not `{FORMAT}`")));
        }
        serde_json::from_value(content).map(Some).map_err(|e| refuse(format!("damaged manifest: {e}")))
    }

    /// Writes the manifest to `path`.
    ///
    /// # Errors
    /// [`Error::Io`] where the system refuses.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let mut text = serde_json::to_string_pretty(self).expect("strings and finite numbers are valid JSON");
        text.push('\n');
        atomic::write(path, text.as_bytes())
    }
}

/// `seconds` rounded to milliseconds, as stored.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

/// `json` with only the last part of every absolute path.
fn without_absolute_paths(json: Json) -> Json {
    match json {
        Json::String(text) => Json::String(last_part(&text).to_owned()),
        Json::Array(items) => items.into_iter().map(without_absolute_paths).collect(),
        Json::Object(map) => map.into_iter().map(|(k, v)| (k, without_absolute_paths(v))).collect(),
        other => other,
    }
}

/// The part of `text` after the last separator, if `text` is an absolute path on any system or starts in a home folder; else `text`.
pub(crate) fn last_part(text: &str) -> &str {
    let drive = text.as_bytes().get(1) == Some(&b':') && text.as_bytes()[0].is_ascii_alphabetic();
    let absolute = text.starts_with(['/', '\\', '~']) || text.starts_with("file:") || drive;
    if !absolute {
        return text;
    }
    text.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or_default()
}

/// The time in UTC to the second: `2026-01-31T12:00:00Z`.
pub fn rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (year, month, day) = civil_date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of the Gregorian calendar, `days` after 1970-01-01.
///
/// Counts years from 1 March, so that a leap day is a year's last day, and eras of 400 years, which all have 146,097 days.
fn civil_date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468; // since 0000-03-01
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (400 * era + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::fs;

    #[test]
    fn times_are_utc_in_the_gregorian_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_234_567_890, "2009-02-13T23:31:30Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn every_day_of_eight_centuries_follows_the_day_before() {
        let leap = |year| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let mut expected = (1970, 1, 1);
        for day in 0..300_000 {
            assert_eq!(civil_date(day), expected);
            let (year, month, date) = expected;
            let length = match month {
                2 => 28 + u64::from(leap(year)),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            expected = match (month, date == length) {
                (_, false) => (year, month, date + 1),
                (12, true) => (year + 1, 1, 1),
                (_, true) => (year, month + 1, 1),
            };
        }
    }

    #[test]
    fn absolute_paths_are_cut_to_the_files_name() {
        let config = json!({
            "data": {"path": "/home/someone/data/x.npy"},
            "others": ["C:\\Users\\someone\\w.npz", "~/w.npz", "relative/x.npy", "relu", 1, null, "/"],
        });
        let kept = json!({
            "data": {"path": "x.npy"},
            "others": ["w.npz", "w.npz", "relative/x.npy", "relu", 1, null, ""],
        });
        assert_eq!(without_absolute_paths(config), kept);
    }

    fn time(duration: Duration, threads: usize) -> TrainingTime {
        TrainingTime { duration, threads }
    }

    #[test]
    fn a_resumed_session_keeps_the_first_start_and_all_seconds() {
        let mut first = Manifest::begin(json!({"a": 1}), BTreeMap::new(), None);
        first.started = "2020-01-01T00:00:00Z".to_owned();
        first.finished("k1", time(Duration::from_millis(1500), 1));
        first.stopped("k2", time(Duration::from_secs(3), 2));
        first.stopped("k3", time(Duration::from_secs(1), 1));
        first.end();
        let mut second = Manifest::begin(json!({"a": 2}), BTreeMap::new(), Some(first));
        second.finished("k2", time(Duration::from_micros(2_000_400), 1));
        second.stopped("k3", time(Duration::from_millis(500), 1));
        assert_eq!(
            second.core_seconds().find(|(key, _)| *key == "k2"),
            Some(("k2", 10.0)),
            "it had two threads at first"
        );
        assert!(!serde_json::to_string(&second.threads).unwrap().contains("k1"));
        assert_eq!((second.started.as_str(), &second.finished), ("2020-01-01T00:00:00Z", &None));
        assert_eq!(second.seconds, BTreeMap::from([("k1".to_owned(), 1.5), ("k2".to_owned(), 5.0)]));
        assert_eq!(second.stopped_seconds, BTreeMap::from([("k3".to_owned(), 1.5)]));
        assert_eq!(second.config, json!({"a": 2}));
    }

    #[test]
    fn a_foreign_or_damaged_manifest_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("manifest.json");
        assert_eq!(Manifest::load(&path).unwrap(), None);
        let whole = serde_json::to_string(&Manifest::begin(json!({}), BTreeMap::new(), None)).unwrap();
        let extended = whole.replacen('{', "{\"host\": \"x\", ", 1);
        let cut = &whole[..whole.len() - 1];
        for foreign in ["", "[]", "{\"name\": \"pwa\"}", cut, &extended] {
            fs::write(&path, foreign).unwrap();
            let message = Manifest::load(&path).unwrap_err().to_string();
            assert!(message.contains("manifest.json") && message.contains("move it away"), "{message}");
            assert_eq!(fs::read_to_string(&path).unwrap(), foreign);
        }
    }
}
