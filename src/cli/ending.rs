//! How a command ended: the exit codes.

use super::interrupt;
use std::process::ExitCode;

/// How a command ended, as scripts see it: by its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Ending {
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
    pub(super) fn worse(self, other: Self) -> Self {
        if self == Self::Complete { other } else { self }
    }
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(ending as u8)
    }
}
