//! The exit codes.

use super::interrupt;
use std::process::ExitCode;

/// The exit code of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum ExitStatus {
    /// The command did all that was asked for.
    Complete = 0,
    /// A run diverged or failed, numbers differ, or the outcome of `--fail-on` was found. Everything else was done.
    Incomplete = 1,
    /// Wrong usage, configuration, data or results folder. Nothing was trained.
    Refused = 2,
    /// Interrupted by a signal. The same command resumes.
    Interrupted = interrupt::INTERRUPTED,
}

impl ExitStatus {
    /// `other` after success; otherwise `self`, the first failure.
    pub(super) fn and(self, other: Self) -> Self {
        if self == Self::Complete { other } else { self }
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}
