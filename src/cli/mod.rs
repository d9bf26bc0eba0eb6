//! The command line: arguments, progress and messages. Only this module prints.
//!
//! Results go to stdout, progress and messages to stderr.

pub(crate) mod args;
mod cgroup;
mod columns;
pub(crate) mod compare;
pub(crate) mod data;
mod document;
mod effects;
pub(crate) mod encode;
mod estimate;
pub(crate) mod export;
pub(crate) mod figures;
pub(crate) mod inspect;
pub(crate) mod interrupt;
mod legend;
mod memory;
pub(crate) mod merge;
pub(crate) mod messages;
mod output;
pub(crate) mod plan;
mod plot;
mod prepare;
mod progress;
pub(crate) mod report;
pub(crate) mod run;
mod shard;
mod stored;
pub(crate) mod submit;
mod table;
pub(crate) mod theory;
mod theory_table;
pub(crate) mod tools;
mod usage;
pub(crate) mod verify;
pub(crate) mod worker;
mod written_plan;

use std::process::ExitCode;

/// How a command ended, as scripts see it: by its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Ending {
    /// Everything that was asked for is there.
    Complete = 0,
    /// Some run diverged or failed, or what was asked to fail on was found; everything else is there.
    Incomplete = 1,
    /// Wrong usage, configuration, data or results folder: nothing was trained.
    Refused = 2,
    /// Stopped by a signal; the same command goes on.
    Interrupted = interrupt::INTERRUPTED,
}

impl Ending {
    /// The one of both that a script should hear of.
    fn worse(self, other: Self) -> Self {
        if self == Self::Complete { other } else { self }
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(ending as u8)
    }
}

/// `1 training`, `2 trainings`
fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
