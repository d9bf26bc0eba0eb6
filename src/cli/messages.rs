//! What is said on stderr and printed on stdout. A stream that nobody reads any more is no error.

use super::Ending;
use super::args::LogFormat;
use crate::data::Remark;
use crate::error::Error;
use crate::experiment::Notice;
use crate::report::printable;
use indicatif::{MultiProgress, ProgressDrawTarget};
use serde_json::{Value as Json, json};
use std::env;
use std::ffi::OsStr;
use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write, stderr};
use std::path::Path;

/// Says things in the form that the user chose.
#[derive(Debug)]
pub(crate) struct Messages {
    quiet: bool,
    format: LogFormat,
    /// Where progress is shown on the terminal, which makes room for messages; hidden where bars can't move or aren't wanted.
    bars: MultiProgress,
}

impl Messages {
    pub(crate) fn new(quiet: bool, format: LogFormat) -> Self {
        let wanted = format == LogFormat::Text && !quiet;
        let moves = stderr().is_terminal() && can_move(env::var_os("TERM").as_deref());
        let shown = if wanted && moves { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { quiet, format, bars: MultiProgress::with_draw_target(shown) }
    }

    /// The place of bars.
    pub(crate) fn bars(&self) -> &MultiProgress {
        &self.bars
    }

    pub(crate) fn quiet(&self) -> bool {
        self.quiet
    }

    pub(crate) fn format(&self) -> LogFormat {
        self.format
    }

    /// Says what the user may want to know.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet {
            self.say("note", "", &text.to_string());
        }
    }

    /// Says what is to be known about a results folder.
    pub(crate) fn notice(&self, notice: &Notice<'_>) {
        if notice.is_warning() { self.warning(notice) } else { self.note(notice) }
    }

    /// Says that the picture `stem` was drawn in `folder`, and where it has no PNG, why.
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

    /// Says what a reader of the results should know, or what went wrong with some of them.
    pub(crate) fn warning(&self, text: impl Display) {
        self.say("warning", "warning: ", &text.to_string());
    }

    /// Says what there is to know about data.
    pub(crate) fn remarks(&self, remarks: &[Remark]) {
        for remark in remarks {
            match remark {
                Remark::Note(text) => self.note(text),
                Remark::Warning(text) => self.warning(text),
            }
        }
    }

    /// Says why the command was refused; each problem of a configuration on its own.
    pub(crate) fn error(&self, error: &Error) {
        match error {
            Error::Config(problems) => {
                problems.0.iter().for_each(|problem| self.say("error", "error: ", &problem.to_string()));
            }
            other => self.say("error", "error: ", &other.to_string()),
        }
    }

    /// An event, where the user wants JSON.
    pub(crate) fn event(&self, event: &Json) {
        if !self.quiet && self.format == LogFormat::Json {
            self.line(&event.to_string());
        }
    }

    fn say(&self, kind: &str, prefix: &str, text: &str) {
        match self.format {
            LogFormat::Text => self.line(&format!("{prefix}{text}")),
            LogFormat::Json => self.line(&json!({"event": kind, "message": text}).to_string()),
        }
    }

    /// Writes a line to stderr. Where that fails there is nobody to tell.
    fn line(&self, line: &str) {
        // Names come from files, which others may have made.
        let line = printable(line);
        let _ = self.bars.suspend(|| writeln!(stderr(), "{line}"));
    }

    /// Prints results on stdout, as [`Messages::deliver`] does, unless the user wants no more than warnings.
    pub(crate) fn print(&self, text: &str) -> Ending {
        if self.quiet { Ending::Complete } else { self.deliver(text) }
    }

    /// Writes what an option sends to stdout: [`Ending::Incomplete`], after a warning, where it didn't arrive. A closed pipe has
    /// what its reader wanted.
    pub(crate) fn deliver(&self, text: &str) -> Ending {
        let mut out = io::stdout().lock();
        match out.write_all(printable(text).as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                self.warning(format_args!("cannot write to stdout: {error}"));
                Ending::Incomplete
            }
            _ => Ending::Complete,
        }
    }
}

/// Whether a terminal of that kind can move its cursor: not some editors' consoles, nor one that nobody has named. Windows names none.
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
    fn bars_need_a_terminal_that_is_known_to_move() {
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
