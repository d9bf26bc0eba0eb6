//! Signals: the first asks the trainings to stop with a checkpoint, the second ends the program at once.

use crate::error::{Error, Result};
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
    /// From now on SIGINT and SIGTERM don't end the program but set a flag, and a second one of them ends it at once. On Unix the
    /// flag is also set by SIGUSR1 and SIGUSR2, which batch systems send some time before they end a job, and by SIGXCPU, which comes
    /// at a limit of processor time and again each second; as batch systems may send SIGTERM too, none of these counts for a second
    /// one. On Linux SIGHUP does the same, which a closed terminal sends, more than once.
    ///
    /// A signal that the program was started with ignored stays ignored: SIGHUP by `nohup`, SIGINT by a shell that has no
    /// terminal and starts the program in the background.
    ///
    /// # Errors
    /// Where the system refuses.
    pub(crate) fn on_signals() -> Result<Self> {
        let [stop, once] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
        let ignored = Ignored::at_start();
        for signal in [consts::SIGINT, consts::SIGTERM] {
            if ignored.has(signal).unwrap_or(false) {
                continue;
            }
            // In this order: at the first signal the flag is not yet set.
            flag::register_conditional_shutdown(signal, INTERRUPTED.into(), Arc::clone(&once))
                .and_then(|_| flag::register(signal, Arc::clone(&once)))
                .and_then(|_| flag::register(signal, Arc::clone(&stop)))
                .map_err(Error::io("handle signal", signal.to_string()))?;
        }
        #[cfg(unix)]
        for (signal, name, where_unknown) in [
            (consts::SIGUSR1, "SIGUSR1", false),
            (consts::SIGUSR2, "SIGUSR2", false),
            (consts::SIGXCPU, "SIGXCPU", false),
            // It is ignored on purpose more often than the others.
            (consts::SIGHUP, "SIGHUP", true),
        ] {
            if !ignored.has(signal).unwrap_or(where_unknown) {
                flag::register(signal, Arc::clone(&stop)).map_err(Error::io("handle signal", name))?;
            }
        }
        Ok(Self { stop })
    }

    /// Set once a signal has come.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.stop
    }
}

/// From now on SIGXFSZ, which comes at the limit of a file's size, doesn't end the program: the writing fails, and the program says
/// which.
pub(crate) fn outlive_the_limit_of_a_file() {
    // A flag that nobody reads: a signal that is handled at all leaves the writing its error. Where it can't be, the limit ends the
    // program as before.
    #[cfg(unix)]
    let _ = flag::register(consts::SIGXFSZ, Arc::default());
}

/// Which signals are ignored, where that is known.
struct Ignored(Option<u64>);

impl Ignored {
    /// Those that the program was started with. The call that asks a system takes `unsafe`; Linux has the answer in a file as well.
    fn at_start() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        Self(mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()))
    }

    fn has(&self, signal: i32) -> Option<bool> {
        // The lowest bit is signal 1.
        self.0.map(|mask| (mask >> (signal - 1)) & 1 == 1)
    }
}
