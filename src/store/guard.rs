//! Mutexes whose data stays whole when a thread panics.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks `mutex`. Each change under it is a single step, so a panic elsewhere leaves nothing half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
