//! Signals: the first asks the trainings to stop with a checkpoint, the second ends the program at once.

use aesparse::error::{Error, Result};
use signal_hook::{consts, flag};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Exit code of a program that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

/// What a signal has asked for.
#[derive(Debug)]
pub(crate) struct Interrupt {
    stop: Arc<AtomicBool>,
}

impl Interrupt {
    /// From now on SIGINT and SIGTERM don't end the program but set a flag, and a second one of them ends it at once. On Unix so
    /// does SIGUSR1, which batch systems send some time before they end a job; as they may send SIGTERM too, it counts for no
    /// second one.
    ///
    /// # Errors
    /// Where the system refuses.
    pub(crate) fn on_signals() -> Result<Self> {
        let [stop, once] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
        for signal in [consts::SIGINT, consts::SIGTERM] {
            // In this order: at the first signal the flag is not yet set.
            flag::register_conditional_shutdown(signal, INTERRUPTED.into(), Arc::clone(&once))
                .and_then(|_| flag::register(signal, Arc::clone(&once)))
                .and_then(|_| flag::register(signal, Arc::clone(&stop)))
                .map_err(Error::io("handle signal", signal.to_string()))?;
        }
        #[cfg(unix)]
        flag::register(consts::SIGUSR1, Arc::clone(&stop)).map_err(Error::io("handle signal", "SIGUSR1"))?;
        Ok(Self { stop })
    }

    /// Set once a signal has come.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.stop
    }
}
