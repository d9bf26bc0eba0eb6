//! Output to stderr and stdout. A closed pipe is no error.

use super::ExitStatus;
use super::args::LogFormat;
use crate::data::Remark;
use crate::error::Error;
use crate::experiment::Notice;
use crate::report::printable;
use crate::store::rfc3339;
use indicatif::{MultiProgress, ProgressDrawTarget};
use serde_json::{Value as Json, json};
use std::env;
use std::ffi::OsStr;
use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write, stderr};
use std::path::Path;
use std::time::{Instant, SystemTime};

/// Writes messages in the format that the user chose.
#[derive(Debug, Clone)]
pub(crate) struct Messages {
    quiet: bool,
    format: LogFormat,
    /// The progress bars, which make room for messages; hidden if the terminal can't move its cursor or bars aren't wanted.
    bars: MultiProgress,
    begun: Instant,
}

impl Messages {
    pub(crate) fn new(quiet: bool, format: LogFormat) -> Self {
        let wanted = format == LogFormat::Text && !quiet;
        let moves = stderr().is_terminal() && can_move(env::var_os("TERM").as_deref());
        let shown = if wanted && moves { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { quiet, format, bars: MultiProgress::with_draw_target(shown), begun: Instant::now() }
    }

    /// The progress bars.
    pub(crate) fn bars(&self) -> &MultiProgress {
        &self.bars
    }

    pub(crate) fn quiet(&self) -> bool {
        self.quiet
    }

    pub(crate) fn format(&self) -> LogFormat {
        self.format
    }

    /// Writes information that the user may want, unless the program is quiet.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet {
            self.write_message("note", "", &text.to_string());
        }
    }

    /// Writes a notice about a results folder, as a warning or a note.
    pub(crate) fn notice(&self, notice: &Notice<'_>) {
        if notice.is_warning() { self.warning(notice) } else { self.note(notice) }
    }

    /// Notes that the picture `stem` was drawn in `folder`, and warns if its PNG is `left_out`.
    pub(crate) fn drawn(&self, folder: &Path, stem: &str, left_out: Option<Error>) {
        let files = |ends: &str| folder.join(format!("{stem}.{ends}")).display().to_string();
        match left_out {
            None => self.note(format_args!("drawn: {}", files("{csv,svg,png}"))),
            Some(reason) => {
                self.note(format_args!("drawn: {}", files("{csv,svg}")));
                self.warning(format_args!("{} is left out: {reason}", files("png")));
            }
        }
    }

    /// Writes what a reader of the results should beware of, or a problem with some results.
    pub(crate) fn warning(&self, text: impl Display) {
        self.write_message("warning", "warning: ", &text.to_string());
    }

    /// Writes remarks about data, as warnings or notes.
    pub(crate) fn remarks(&self, remarks: &[Remark]) {
        for remark in remarks {
            match remark {
                Remark::Note(text) => self.note(text),
                Remark::Warning(text) => self.warning(text),
            }
        }
    }

    /// Writes why the command was refused, with one message for each problem of a configuration.
    pub(crate) fn error(&self, error: &Error) {
        match error {
            Error::Config(problems) => {
                problems
                    .0
                    .iter()
                    .for_each(|problem| self.write_message("error", "error: ", &problem.to_string()));
            }
            other => self.write_message("error", "error: ", &other.to_string()),
        }
    }

    /// Writes an event, an object, if messages are in JSON.
    pub(crate) fn event(&self, event: Json) {
        if !self.quiet && self.format == LogFormat::Json {
            self.json_line(event);
        }
    }

    /// Writes `event` with the time and the seconds since the program began, to the millisecond.
    fn json_line(&self, mut event: Json) {
        // Locked before the clock is read, so that the seconds never decrease from one line to the next.
        let mut stderr = stderr().lock();
        event["time"] = rfc3339(SystemTime::now()).into();
        event["seconds"] = (self.begun.elapsed().as_millis() as f64 / 1e3).into();
        let _ = writeln!(stderr, "{}", printable(&event.to_string()));
    }

    fn write_message(&self, kind: &str, prefix: &str, text: &str) {
        match self.format {
            LogFormat::Text => self.line(&format!("{prefix}{text}")),
            LogFormat::Json => self.json_line(json!({"event": kind, "message": text})),
        }
    }

    /// Writes a line to stderr. A failure is ignored, because there is no place left to report it.
    fn line(&self, line: &str) {
        // Texts from files of unknown origin may contain control characters.
        let line = printable(line);
        let _ = self.bars.suspend(|| writeln!(stderr(), "{line}"));
    }

    /// Prints text for people on stdout, without control characters, unless the program is quiet.
    pub(crate) fn print(&self, text: &str) -> ExitStatus {
        if self.quiet { ExitStatus::Complete } else { self.write_stdout(printable(text).as_bytes()) }
    }

    /// Writes `bytes` to stdout, unchanged, for programs. If that fails, warns and returns [`ExitStatus::Incomplete`]. A closed pipe is
    /// no failure, because its reader has all that it wanted.
    pub(crate) fn write_stdout(&self, bytes: &[u8]) -> ExitStatus {
        let mut out = io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                self.warning(format_args!("cannot write to stdout: {error}"));
                ExitStatus::Incomplete
            }
            _ => ExitStatus::Complete,
        }
    }
}

/// Whether the terminal named by the variable `TERM` can move its cursor. Consoles of some editors can't (`dumb`). Windows doesn't
/// set the variable.
fn can_move(term: Option<&OsStr>) -> bool {
    match term.filter(|term| !term.is_empty()) {
        Some(term) => term != "dumb",
        None => cfg!(windows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_need_a_terminal_that_can_move_its_cursor() {
        for (term, expected) in [
            (Some("xterm-256color"), true),
            (Some("dumb"), false),
            (Some(""), cfg!(windows)),
            (None, cfg!(windows)),
        ] {
            assert_eq!(can_move(term.map(OsStr::new)), expected, "{term:?}");
        }
    }
}
