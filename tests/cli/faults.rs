//! What can happen to a sweep that trains: signals, kills at any moment, damaged files, disks that are full or gone. Nothing that
//! was finished may be lost, and the results must be those of a sweep that nothing happened to, byte for byte.

use super::{Ended, Workplace};
use aesparse::store::Store;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

/// Trainings of a tenth of a second to a second each, by the machine, with checkpoints every few epochs.
pub(super) const LONG: &str = r#"
data.source = { kind = "synthetic", samples = 1000, inputs = 64, atoms = 32, active = 4 }
model.hidden = 100
training = { epochs = 60, batch = 20 }
sweep = { sigma_squared = [0, 0.4], regularizer = ["dae", "kl_sae"], activation = ["relu", "sigmoid"] }
evaluation = { every = 7, distribution = true }
output = { weights = "initial_and_final", checkpoint = 0.02 }
theory = { every = 30, samples = 100 }
"#;
const INTERVAL: Duration = Duration::from_millis(20);
pub(super) const TRAININGS: usize = 6;

/// The results of [`LONG`] when nothing happens.
pub(super) type Undisturbed = BTreeMap<PathBuf, Vec<u8>>;

pub(super) fn long() -> (Workplace, Undisturbed) {
    let workplace = Workplace::new();
    workplace.write("long.toml", LONG);
    workplace.run("run long.toml --out undisturbed --quiet", 0);
    let undisturbed = workplace.results("undisturbed/long");
    (workplace, undisturbed)
}

pub(super) fn assert_same(workplace: &Workplace, folder: &str, undisturbed: &Undisturbed) {
    let found = workplace.results(folder);
    assert!(found.keys().eq(undisturbed.keys()), "{:#?}\n{:#?}", found.keys(), undisturbed.keys());
    for (name, bytes) in found {
        assert!(bytes == undisturbed[&name], "{} differs", name.display());
    }
}

pub(super) fn start(workplace: &Workplace, line: &str) -> Child {
    start_with("--default-signal=INT", workplace, line)
}

/// `handling` is an option of `env` on signals: the tests may have been started with some ignored, as in the background.
fn start_with(handling: &str, workplace: &Workplace, line: &str) -> Child {
    let mut command = Command::new(super::PROGRAM);
    if cfg!(target_os = "linux") {
        command = Command::new("env");
        command.args([handling, super::PROGRAM]);
    }
    command.current_dir(workplace.path("")).args(line.split_whitespace());
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn files(workplace: &Workplace, folder: &str, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(workplace.path(folder)) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    paths.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

fn records(workplace: &Workplace) -> usize {
    files(workplace, "results/long/records", "json").len()
}

fn checkpoints(workplace: &Workplace) -> Vec<PathBuf> {
    files(workplace, "results/long/checkpoints", "safetensors")
}

/// What changes as soon as a run is kept or finished.
fn state(workplace: &Workplace) -> (usize, Vec<(PathBuf, Option<SystemTime>)>) {
    let modified = |path: &PathBuf| fs::metadata(path).and_then(|found| found.modified()).ok();
    let kept = checkpoints(workplace).into_iter().map(|path| (path.clone(), modified(&path)));
    (records(workplace), kept.collect())
}

pub(super) fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(120), "waited two minutes for {what}");
        sleep(Duration::from_millis(1));
    }
}

/// Steps of the finished runs and of those in progress: what a kill has not undone.
fn steps(workplace: &Workplace) -> u64 {
    const OF_A_RUN: u64 = 60 * 1000 / 20;
    let in_progress: Vec<String> = checkpoints(workplace)
        .iter()
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let store = Store::open(&workplace.path("results"), "long").unwrap();
    let damaged = store.take_damaged();
    assert!(damaged.is_empty(), "a kill has left {damaged:?}");
    let of = |key: &String| match store.record(key) {
        // Killed between the record and the removal of the checkpoint.
        Some(_) => 0,
        None => {
            let stored = store.checkpoint(key, false).expect("a kill leaves no damage");
            stored.map_or(0, |stored| stored.checkpoint.progress.steps)
        }
    };
    records(workplace) as u64 * OF_A_RUN + in_progress.iter().map(of).sum::<u64>()
}

/// 10 kills, or as many as the environment's `AESPARSE_KILLS` says.
#[expect(clippy::print_stdout, reason = "what the kills have hit")]
#[test]
fn kills_at_any_moment_lose_at_most_what_came_after_the_latest_checkpoint() {
    let (workplace, undisturbed) = long();
    let wanted: u32 = std::env::var("AESPARSE_KILLS").map_or(10, |text| text.parse().unwrap());
    let (mut kills, mut in_progress, mut advanced, mut sweeps) = (0, 0, 0, 0);
    let mut before = 0;
    // On a busy machine many kills come before the training has gone on: those alone would show nothing.
    while kills < wanted || 2 * u32::min(in_progress, advanced) <= wanted {
        assert!(
            kills < 20 * wanted,
            "of {kills} kills only {in_progress} hit a run in progress, {advanced} progress"
        );
        let mut child = start(&workplace, "run long.toml --jobs 2 --quiet");
        // Loading takes longer than a checkpoint: most kills wait until the training has begun, some hit what is before.
        let seen = state(&workplace);
        let waits = rand::random_ratio(4, 5);
        while waits && child.try_wait().unwrap().is_none() && state(&workplace) == seen {
            sleep(Duration::from_millis(1));
        }
        sleep(rand::random_range(Duration::ZERO..2 * INTERVAL));
        child.kill().unwrap();
        let finished = child.wait().unwrap().success();
        if finished {
            // Too late: the sweep is over, and the next begins from nothing.
            assert_same(&workplace, "results/long", &undisturbed);
            fs::remove_dir_all(workplace.path("results")).unwrap();
            (before, sweeps) = (0, sweeps + 1);
            continue;
        }
        kills += 1;
        if workplace.path("results/long/records").is_dir() {
            let now = steps(&workplace);
            assert!(now >= before, "kill {kills}: {before} steps were kept, now {now}");
            in_progress += u32::from(!checkpoints(&workplace).is_empty());
            advanced += u32::from(now > before);
            before = now;
        }
    }
    println!(
        "{kills} kills, {in_progress} of them in a run with a checkpoint, {advanced} after progress; {sweeps} sweeps ended"
    );
    workplace.run("run long.toml --jobs 1 --quiet", 0);
    assert_same(&workplace, "results/long", &undisturbed);
}

#[cfg(unix)]
pub(super) mod signals {
    use super::*;

    pub(in super::super) fn send(signal: &str, child: &Child) {
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
    }

    #[test]
    fn a_signal_ends_the_sweep_with_checkpoints_and_the_same_command_goes_on() {
        let (workplace, undisturbed) = long();
        // Rarely, so that what is there was left by the signal.
        let line = "run long.toml --jobs 2 --log-format json -o output.checkpoint=none";
        for (signal, least) in [("INT", 0), ("TERM", 1), ("USR1", 2)] {
            let mut child = start(&workplace, line);
            let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
            let is_far_from_its_end = |line: &String| {
                let event: Json = serde_json::from_str(line).unwrap();
                event["event"] == "epoch" && event["epoch"] == 2 && records(&workplace) >= least
            };
            assert!(lines.any(|line| is_far_from_its_end(&line)), "no run begins after {least} have ended");
            send(signal, &child);
            let said: String = lines.collect();
            assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}: {said}");
            assert!(said.contains("the same command resumes"), "{said}");
            assert!(!checkpoints(&workplace).is_empty(), "{signal} has left no checkpoint: {said}");
            assert!(records(&workplace) < TRAININGS);
        }
        let seconds = workplace.manifest("results/long")["stopped_seconds"].clone();
        assert!(!seconds.as_object().unwrap().is_empty(), "the time until a signal is noted");
        let ended = workplace.run(line, 0);
        let steps = ended
            .events("started")
            .into_iter()
            .map(|event| event["resumed_at_step"].as_u64())
            .collect::<Vec<_>>();
        assert!(steps.iter().any(|steps| steps.is_some_and(|steps| steps > 0)), "none resumes: {steps:?}");
        assert_same(&workplace, "results/long", &undisturbed);
        assert!(workplace.manifest("results/long")["stopped_seconds"].is_null());
    }

    /// While a file of 1 GB is read, which is nearly all holes.
    #[test]
    fn a_signal_before_the_first_training_ends_with_130_at_once() {
        let workplace = Workplace::new();
        let header =
            b"\x93NUMPY\x01\x00\x76\x00{'descr': '|u1', 'fortran_order': False, 'shape': (1000000, 1000), }";
        let mut file = fs::File::create(workplace.path("large.npy")).unwrap();
        file.write_all(header).and_then(|()| write!(file, "{:>1$}", "\n", 128 - header.len())).unwrap();
        file.set_len(128 + 1_000_000_000).unwrap();
        for (signal, command) in [("TERM", "run"), ("INT", "theory")] {
            let line = "tiny.toml --log-format json -o data.samples=10 -o data.source={kind=\"npy\",path=\"large.npy\"}";
            let mut child = start(&workplace, &format!("{command} {line}"));
            let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
            assert!(lines.any(|line| line.contains("\"reading\"")), "nothing is read");
            send(signal, &child);
            let said: String = lines.collect();
            assert_eq!(child.wait().unwrap().code(), Some(130), "{command}, {signal}: {said}");
            assert!(!said.contains("\"begin\"") && !workplace.path("results").exists(), "{said}");
        }
    }

    /// Runs that are finished but for the theory are as unfinished as others.
    #[test]
    fn a_signal_while_finished_runs_are_measured_is_an_interruption() {
        let workplace = Workplace::new();
        let plain = LONG.lines().filter(|line| !line.starts_with("theory")).collect::<Vec<_>>().join("\n");
        workplace.write("long.toml", &plain);
        workplace.run("run long.toml --quiet", 0);
        let line =
            "theory long.toml --retrain --jobs 1 --log-format json -o theory.every=30 -o theory.samples=100";
        let mut child = start(&workplace, line);
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let is_far_from_its_end = |line: &String| {
            let event: Json = serde_json::from_str(line).unwrap();
            event["event"] == "epoch" && event["epoch"] == 2
        };
        assert!(lines.any(|line| is_far_from_its_end(&line)), "no run is measured");
        send("INT", &child);
        let said: String = lines.collect();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
        assert!(said.contains("not finished; the same command resumes"), "{said}");
        let manifest = workplace.manifest("results/long");
        assert!(manifest["finished"].is_null(), "the theory is missing: {manifest}");
        let seconds = manifest["seconds"].as_object().unwrap();
        for key in seconds.keys() {
            assert!(workplace.path(&format!("results/long/theory/{key}.json")).exists(), "stale: {manifest}");
        }
        workplace.run(line, 0);
        assert!(workplace.path("results/long/theory.csv").exists());
        let manifest = workplace.manifest("results/long");
        assert!(manifest["finished"].is_string(), "{manifest}");
        assert_eq!(manifest["seconds"].as_object().unwrap().len(), TRAININGS);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn signals_that_announce_an_end_leave_checkpoints_unless_they_are_ignored_from_the_start() {
        let line = "run long.toml --jobs 2 --log-format json -o output.checkpoint=none";
        let sent = |signal: &str, handling: &str| {
            let workplace = Workplace::new();
            workplace.write("long.toml", LONG);
            let mut child = start_with(&format!("--{handling}-signal={signal}"), &workplace, line);
            let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
            assert!(lines.any(|line| line.contains("\"event\":\"epoch\"")), "no run begins");
            send(signal, &child);
            let said: String = lines.collect();
            (child.wait().unwrap().code(), workplace, said)
        };
        for signal in ["HUP", "USR1", "USR2", "XCPU", "INT"] {
            let (code, workplace, said) = sent(signal, "default");
            assert_eq!(code, Some(130), "{signal}: {said}");
            assert!(!checkpoints(&workplace).is_empty(), "{signal} has left no checkpoint: {said}");
        }
        for signal in ["HUP", "INT"] {
            let (code, workplace, said) = sent(signal, "ignore");
            assert_eq!(code, Some(0), "{signal}: {said}");
            assert_eq!(records(&workplace), TRAININGS, "{signal}");
        }
    }

    #[test]
    fn a_second_signal_ends_the_program_at_once() {
        let workplace = Workplace::new();
        // A step of many seconds: nothing but the signal can end it.
        let line = "run tiny.toml --quiet -o data.source.samples=20000 -o data.source.inputs=2000 \
                    -o data.source.atoms=100 -o model.hidden=4000 -o training.batch=20000";
        let child = start(&workplace, line);
        wait_for("the training", || workplace.path("results/tiny/runs.csv").exists());
        send("INT", &child);
        sleep(Duration::from_millis(50));
        let begun = Instant::now();
        send("INT", &child);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
}

/// Stops a sweep in its middle; the checkpoints of two unfinished runs that it leaves.
pub(super) fn stopped() -> (Workplace, Undisturbed, Vec<PathBuf>) {
    let (workplace, undisturbed) = long();
    let finished = |checkpoint: &PathBuf| {
        let record = checkpoint.file_stem().unwrap().to_str().unwrap().to_owned() + ".json";
        workplace.path("results/long/records").join(record).exists()
    };
    for _ in 0..100 {
        let mut child = start(&workplace, "run long.toml --jobs 2 --quiet");
        wait_for("checkpoints", || checkpoints(&workplace).len() == 2 || child.try_wait().unwrap().is_some());
        child.kill().unwrap();
        child.wait().unwrap();
        let left = checkpoints(&workplace);
        if left.len() == 2 && !left.iter().any(finished) {
            return (workplace, undisturbed, left);
        }
        // The runs were faster than the kill.
        fs::remove_dir_all(workplace.path("results")).unwrap();
    }
    panic!("each of 100 sweeps had finished a run before it was killed");
}

#[test]
fn a_checkpoint_that_is_damaged_or_foreign_is_named_and_its_run_trained_from_the_beginning() {
    let (workplace, undisturbed, left) = stopped();
    let whole = fs::read(&left[0]).unwrap();
    let key = left[0].file_stem().unwrap().to_str().unwrap();
    let at = |place: usize| {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        bytes
    };
    let other = fs::read(&left[1]).unwrap();
    let steps = with_another_digit(&whole, "\\\"steps\\\":");
    let numerics = with_another_digit(&whole, "\"numerics\":\"");
    for (bytes, problem) in [
        (whole[..whole.len() / 2].to_vec(), "damaged"),
        (Vec::new(), "damaged"),
        (at(whole.len() - 1), "does not match its digest"),
        (at(whole.len() / 2), "does not match its digest"),
        (steps, "does not match its digest"),
        (b"not a checkpoint at all, but long enough to have a header".to_vec(), "damaged"),
        (other, "is not its name"),
        (numerics, "other numerics"),
    ] {
        // A folder of its own for each, in the state that the kill has left.
        let folder = workplace.path("copy");
        let _ = fs::remove_dir_all(&folder);
        assert!(
            Command::new("cp")
                .arg("-r")
                .arg(workplace.path("results"))
                .arg(&folder)
                .status()
                .unwrap()
                .success()
        );
        fs::write(folder.join("long/checkpoints").join(left[0].file_name().unwrap()), bytes).unwrap();
        let ended = workplace.run("run long.toml --out copy", 0);
        ended.says(&["warning: the checkpoint of ", key, problem, "the run was trained from its beginning"]);
        assert_same(&workplace, "copy/long", &undisturbed);
    }
}

/// `bytes` with another digit behind the first `marker` than stood there.
fn with_another_digit(bytes: &[u8], marker: &str) -> Vec<u8> {
    let place = bytes.windows(marker.len()).position(|window| window == marker.as_bytes());
    let place = place.unwrap_or_else(|| panic!("there is no {marker}")) + marker.len();
    let mut bytes = bytes.to_vec();
    assert!(bytes[place].is_ascii_digit(), "{marker} is no number");
    bytes[place] = if bytes[place] == b'9' { b'8' } else { b'9' };
    bytes
}

#[test]
fn a_checkpoint_of_other_measurements_is_not_gone_on_from() {
    let (workplace, _, _) = stopped();
    let change = "-o evaluation.every=3 -o theory.every=20 -o theory.samples=50";
    workplace.run(&format!("run long.toml --out other --quiet {change}"), 0);
    let ended = workplace.run(&format!("run long.toml {change}"), 0);
    let changed = "evaluation.every, evaluation.distribution or [theory] was changed since";
    ended.says(&[changed, "the run was trained from its beginning"]);
    let (other, here) = (workplace.results("other/long"), workplace.results("results/long"));
    let weights = |path: &&PathBuf| path.starts_with("weights");
    // With the files that tie them to their runs.
    assert!(other.keys().filter(weights).count() == 4 * TRAININGS);
    for path in other.keys().filter(weights) {
        assert!(here[path] == other[path], "{} differs", path.display());
    }
    // With and without the distribution of codes.
    let (workplace, undisturbed, _) = stopped();
    let without = "-o evaluation.distribution=false";
    workplace.run(&format!("run long.toml {without}"), 0).says(&[changed]);
    let mut here = workplace.results("results/long");
    // The runs that had ended have theirs.
    here.retain(|path, _| !path.starts_with("distribution"));
    assert!(here.iter().all(|(path, bytes)| undisturbed[path] == *bytes));
}

#[test]
fn a_damaged_record_is_named_set_aside_and_its_run_trained_again() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml", 0);
    let before = workplace.results("results/tiny");
    let mut records = before.keys().filter(|path| path.starts_with("records"));
    let (record, other) = (records.next().unwrap(), &before[records.next().unwrap()]);
    let whole = &before[record];
    let text = String::from_utf8(whole.clone()).unwrap();
    let path = format!("results/tiny/{}", record.display());
    for (content, problem) in [
        (b"{}".to_vec(), "no format marker"),
        (Vec::new(), "not a record"),
        (whole[..whole.len() - 20].to_vec(), "not a record"),
        (
            text.replacen("\"bias\": 0", "\"bias\": 1", 1).replacen("0.", "1.", 1).into_bytes(),
            "does not match its digest",
        ),
        (other.clone(), "is not its name"),
    ] {
        fs::write(workplace.path(&path), &content).unwrap();
        workplace.run("plan tiny.toml", 2).says(&["error: ", &path, problem, "move it away"]);
        let ended = workplace.run("run tiny.toml", 0);
        let aside = format!("{path}.damaged");
        ended.says(&["warning: ", &path, problem, &aside, "its run is trained again", "1 trained now"]);
        assert_eq!(fs::read(workplace.path(&aside)).unwrap(), content, "what was found is kept");
        fs::remove_file(workplace.path(&aside)).unwrap();
        assert_eq!(workplace.results("results/tiny"), before);
    }
    // A second one of the same name does not replace the first.
    for _ in 0..2 {
        fs::write(workplace.path(&path), "{}").unwrap();
        workplace.run("run tiny.toml --quiet", 0);
    }
    assert!(workplace.path(&format!("{path}.damaged.1")).exists());
}

/// `command` in a shell whose files can't grow beyond `blocks` of 512 bytes: a disk that is full, for every file.
#[cfg(unix)]
pub(super) fn on_a_full_disk(workplace: &Workplace, line: &str, blocks: u32) -> (i32, Ended) {
    let script = format!("ulimit -f {blocks}; exec \"$0\" {line}");
    let output = Command::new("sh")
        .args(["-c", &script, super::PROGRAM])
        .current_dir(workplace.path(""))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), Ended { stdout: text(output.stdout), stderr: text(output.stderr) })
}

#[cfg(unix)]
#[test]
fn on_a_full_disk_nothing_finished_is_lost_and_the_sweep_goes_on_later() {
    let (workplace, undisturbed) = long();
    // The tables of no runs fit, weights of 26 kB don't.
    let (code, ended) = on_a_full_disk(&workplace, "run long.toml --jobs 1", 20);
    assert_eq!(code, 1, "{}", ended.stderr);
    ended.says(&["the result of ", " is lost: cannot write ", "6 trainings: 0 trained now, 6 not finished"]);
    assert_eq!(records(&workplace), 0, "and no further run was begun");
    // A checkpoint of 52 kB can't be stored either, which costs nothing but the chance to resume.
    ended.says(&["a checkpoint could not be stored, the training went on without: cannot write "]);
    let (code, ended) = on_a_full_disk(&workplace, "run long.toml --jobs 1", 100);
    assert_eq!(code, 0, "{}", ended.stderr);
    ended.says(&["a checkpoint could not be stored"]);
    assert_same(&workplace, "results/long", &undisturbed);
}

#[test]
fn when_the_results_folder_goes_away_the_sweep_ends_and_says_so() {
    let (workplace, undisturbed) = long();
    let child = start(&workplace, "run long.toml --jobs 1");
    wait_for("a run", || records(&workplace) >= 1);
    fs::rename(workplace.path("results/long"), workplace.path("gone")).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("the results folder is gone") && said.contains("results/long"), "{said}");
    assert!(!workplace.path("results/long").exists(), "half of the results would be worse than none");
    fs::rename(workplace.path("gone"), workplace.path("results/long")).unwrap();
    workplace.run("run long.toml", 0).says(&["finished before"]);
    assert_same(&workplace, "results/long", &undisturbed);
}

#[test]
fn a_clock_that_was_changed_changes_nothing_but_the_times() {
    let (workplace, undisturbed, _) = stopped();
    let manifest = workplace.read("results/long/manifest.json");
    let started = workplace.manifest("results/long")["started"].as_str().unwrap().to_owned();
    workplace.write("results/long/manifest.json", &manifest.replace(&started, "2099-01-01T00:00:00Z"));
    let far = SystemTime::now() + Duration::from_secs(1_000_000_000);
    for path in checkpoints(&workplace) {
        fs::File::options().append(true).open(path).unwrap().set_modified(far).unwrap();
    }
    workplace.run("run long.toml --quiet", 0);
    assert_same(&workplace, "results/long", &undisturbed);
    assert_eq!(workplace.manifest("results/long")["started"], "2099-01-01T00:00:00Z");
}

#[cfg(unix)]
#[test]
fn a_second_process_on_the_same_folder_is_refused_and_harms_nothing() {
    let (workplace, undisturbed) = long();
    let child = start(&workplace, "run long.toml --jobs 1 --quiet");
    wait_for("the training", || workplace.path("results/long/runs.csv").exists());
    // However long the others take, the first is still there.
    signals::send("STOP", &child);
    workplace.run("run long.toml", 2).says(&["results/long: another process is working on these results"]);
    workplace.run("run long.toml --fresh", 2).says(&["another process"]);
    signals::send("CONT", &child);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_same(&workplace, "results/long", &undisturbed);
}
