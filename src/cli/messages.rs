//! What is said on stderr and printed on stdout. A stream that nobody reads any more is no error.

use super::Ending;
use super::args::LogFormat;
use aesparse::data::Remark;
use aesparse::error::Error;
use aesparse::experiment::Notice;
use aesparse::report::printable;
use indicatif::MultiProgress;
use serde_json::{Value as Json, json};
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Says things in the form that the user chose.
#[derive(Debug)]
pub(crate) struct Messages {
    quiet: bool,
    format: LogFormat,
    /// Bars on the terminal that make room for a message: those of the sweep that runs now.
    bars: Mutex<Option<MultiProgress>>,
}

impl Messages {
    pub(crate) fn new(quiet: bool, format: LogFormat) -> Self {
        Self { quiet, format, bars: Mutex::default() }
    }

    pub(crate) fn quiet(&self) -> bool {
        self.quiet
    }

    pub(crate) fn format(&self) -> LogFormat {
        self.format
    }

    /// From now on, `bars` make room for messages.
    pub(crate) fn make_room_in(&self, bars: &MultiProgress) {
        *self.bars() = Some(bars.clone());
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
        let write = || {
            let _ = writeln!(io::stderr(), "{line}");
        };
        match &*self.bars() {
            Some(bars) => bars.suspend(write),
            None => write(),
        }
    }

    fn bars(&self) -> MutexGuard<'_, Option<MultiProgress>> {
        self.bars.lock().unwrap_or_else(PoisonError::into_inner)
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
