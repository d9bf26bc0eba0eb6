//! Numbers of trainings or threads that are the number of cores by default.

use crate::store::available_cores;
use std::num::NonZeroUsize;

/// The requested `number`, or one for each core.
pub(crate) fn or_cores(number: Option<NonZeroUsize>) -> usize {
    number.map_or_else(available_cores, NonZeroUsize::get)
}

/// The cores that each of `jobs` trainings finds idle: at least one.
pub(crate) fn idle_cores(jobs: usize) -> usize {
    (available_cores() / jobs.max(1)).max(1)
}
