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
    /// second one. On Linux SIGHUP does the same, which a closed terminal sends, more than once: unless the program was started
    /// with it ignored, as by `nohup`.
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
        #[cfg(target_os = "linux")]
        if !is_ignored(consts::SIGHUP) {
            flag::register(consts::SIGHUP, Arc::clone(&stop))
                .map_err(Error::io("handle signal", "SIGHUP"))?;
        }
        Ok(Self { stop })
    }

    /// Set once a signal has come.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.stop
    }
}

/// Whether the program was started with `signal` ignored; where that can't be found out, it is taken to be. The call that asks a
/// system takes `unsafe`; Linux has the answer in a file as well.
#[cfg(target_os = "linux")]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // The lowest bit is signal 1.
    mask.is_none_or(|mask| (mask >> (signal - 1)) & 1 == 1)
}
