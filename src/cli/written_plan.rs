//! The plan file that `aesparse plan --write` writes and workers read.

use crate::error::{Error, Result};
use crate::store::read_regular;
use serde::Deserialize;
use serde_json::Value as Json;
use std::path::Path;

/// The file's format, with its version.
pub(super) const FORMAT: &str = "aesparse plan 1";

/// The parts of the file that workers read.
#[derive(Debug, Deserialize)]
pub(super) struct WrittenPlan {
    format: String,
    /// The configuration, with absolute paths.
    pub(super) config: Json,
    pub(super) trainings: Vec<WrittenTraining>,
}

/// A training of a [`WrittenPlan`].
#[derive(Debug, Deserialize)]
pub(super) struct WrittenTraining {
    pub(super) run_key: String,
    pub(super) predicted_seconds: f64,
}

impl WrittenPlan {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// Where it can't be read, or is no plan file.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let fix = "write it with `aesparse plan CONFIG --write FILE`";
        let refuse = |problem: String| Error::store(path, problem, fix);
        let bytes = read_regular(path).map_err(|error| refuse(format!("cannot read it: {error}")))?;
        let written: Self = serde_json::from_slice(&bytes).map_err(|e| refuse(format!("not a plan: {e}")))?;
        if written.format != FORMAT {
            return Err(refuse(format!("its format is `{}`, expected `{FORMAT}`", written.format)));
        }
        Ok(written)
    }
}
