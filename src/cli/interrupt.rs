//! Signals: the first asks the trainings to stop with a checkpoint, the second ends the program at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Exit code of a program that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

/// A flag that SIGINT and SIGTERM set, and on Unix SIGUSR1, which batch systems send some time before they end a job.
///
/// # Errors
/// Where the system refuses.
pub(crate) fn flag() -> io::Result<Arc<AtomicBool>> {
    use signal_hook::{consts, flag};
    let stop = Arc::new(AtomicBool::new(false));
    let mut signals = vec![consts::SIGINT, consts::SIGTERM];
    #[cfg(unix)]
    signals.push(consts::SIGUSR1);
    for signal in signals {
        // In this order: at the first signal the flag is not yet set.
        flag::register_conditional_shutdown(signal, INTERRUPTED.into(), Arc::clone(&stop))?;
        flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}
