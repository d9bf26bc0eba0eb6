//! Signals: before the first training one ends the program; then the first stops the trainings with a checkpoint, and the second ends
//! the program at once.

use crate::error::{Error, Result};
use signal_hook::{consts, flag};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit code of a program that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

/// The flag that signals set to interrupt the trainings.
#[derive(Debug)]
pub(crate) struct Interrupt {
    stop: Arc<AtomicBool>,
    /// Whether the next SIGINT or SIGTERM ends the program.
    ends: Arc<AtomicBool>,
}

impl Interrupt {
    /// Handles signals from now on.
    ///
    /// SIGINT and SIGTERM end the program with [`INTERRUPTED`] until [`Self::while_training`] is called; after that the first one sets
    /// the flag, and a second one ends the program. These signals set the flag too, but never end the program, because they may come
    /// several times or before a SIGTERM:
    /// - on Unix SIGUSR1 and SIGUSR2, which batch systems send some time before they end a job, and SIGXCPU, which the system sends
    ///   every second beyond the limit of processor time;
    /// - on Linux SIGHUP, which a closed terminal sends.
    ///
    /// A signal that was ignored when the program started stays ignored: `nohup` ignores SIGHUP, and a shell without a terminal
    /// ignores SIGINT for programs in the background.
    ///
    /// # Errors
    /// Where the system refuses a handler.
    pub(crate) fn on_signals() -> Result<Self> {
        let [stop, ends] = [false, true].map(|value| Arc::new(AtomicBool::new(value)));
        let ignored = IgnoredSignals::at_start();
        for signal in [consts::SIGINT, consts::SIGTERM] {
            if ignored.contains(signal).unwrap_or(false) {
                continue;
            }
            // In this order, because the first signal must not find that it has already set the flag `ends`.
            flag::register_conditional_shutdown(signal, INTERRUPTED.into(), Arc::clone(&ends))
                .and_then(|_| flag::register(signal, Arc::clone(&ends)))
                .and_then(|_| flag::register(signal, Arc::clone(&stop)))
                .map_err(Error::io("handle signal", signal.to_string()))?;
        }
        #[cfg(unix)]
        for (signal, name, ignored_if_unknown) in [
            (consts::SIGUSR1, "SIGUSR1", false),
            (consts::SIGUSR2, "SIGUSR2", false),
            (consts::SIGXCPU, "SIGXCPU", false),
            // More often than the other signals it is ignored on purpose, so where that is unknown it gets no handler.
            (consts::SIGHUP, "SIGHUP", true),
        ] {
            if !ignored.contains(signal).unwrap_or(ignored_if_unknown) {
                flag::register(signal, Arc::clone(&stop)).map_err(Error::io("handle signal", name))?;
            }
        }
        Ok(Self { stop, ends })
    }

    /// The flag, which the first signal from now on sets instead of ending the program.
    pub(super) fn while_training(&self) -> &AtomicBool {
        self.ends.store(self.stop.load(Ordering::Relaxed), Ordering::Relaxed);
        &self.stop
    }
}

/// Prevents SIGXFSZ, which comes at the limit of a file's size, from ending the program: writing the file fails with an error
/// instead.
pub(crate) fn survive_file_size_limit() {
    // Nobody reads the flag: any handler makes the write return an error. Without one the signal ends the program as by default.
    #[cfg(unix)]
    let _ = flag::register(consts::SIGXFSZ, Arc::default());
}

/// The ignored signals as a bit mask; `None` if they are unknown.
struct IgnoredSignals(Option<u64>);

impl IgnoredSignals {
    /// The signals that were ignored when the program started. They are read from a file of Linux, because the system call needs
    /// `unsafe`.
    fn at_start() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        Self(mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()))
    }

    fn contains(&self, signal: i32) -> Option<bool> {
        // The lowest bit is signal 1.
        self.0.map(|mask| (mask >> (signal - 1)) & 1 == 1)
    }
}
