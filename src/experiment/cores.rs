//! The threads of each run: as many as were asked for, or the cores that the other runs leave idle.

use crate::guard::lock;
use crate::linalg::Team;
use crate::store::available_cores;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

/// Shares the machine's cores between the runs of a sweep.
pub(super) struct Cores {
    /// The threads of every run, where they were asked for.
    requested: Option<usize>,
    /// Number of runs at a time.
    jobs: usize,
    counts: Mutex<CoreCounts>,
}

struct CoreCounts {
    idle: usize,
    /// Number of runs that have begun and not ended.
    running: usize,
    /// Number of runs that haven't begun.
    waiting: usize,
}

impl Cores {
    /// All cores that this process may use, for `jobs` runs at a time. `requested`: the threads of every run, whatever the cores.
    pub(super) fn new(requested: Option<usize>, jobs: usize) -> Self {
        let idle = available_cores();
        let counts = Mutex::new(CoreCounts { idle, running: 0, waiting: 0 });
        Self { requested, jobs: jobs.max(1), counts }
    }

    /// Notes that another `count` runs wait.
    pub(super) fn expect(&self, count: usize) {
        lock(&self.counts).waiting += count;
    }

    /// The threads of a run that begins: the idle cores are shared between the runs that can begin now. A run gets at most as many as are
    /// `useful` to it, unless others were asked for.
    pub(super) fn take(&self, useful: usize) -> Threads<'_> {
        let mut cores = lock(&self.counts);
        let beginning = self.jobs.saturating_sub(cores.running).min(cores.waiting).max(1);
        let number = self.requested.unwrap_or((cores.idle / beginning).min(useful).max(1));
        let taken = number.min(cores.idle);
        cores.idle -= taken;
        cores.running += 1;
        cores.waiting = cores.waiting.saturating_sub(1);
        Threads { cores: self, number, taken }
    }
}

/// The threads of one run; dropping them gives their cores back.
pub(super) struct Threads<'a> {
    cores: &'a Cores,
    /// Number of threads.
    pub(super) number: usize,
    /// Number of cores that were idle before.
    taken: usize,
}

impl Threads<'_> {
    /// Calls `work` with a team of these threads; an error holds the panic of `work`, which must own what it changes.
    pub(super) fn run<R>(&self, work: impl FnOnce(&Team) -> R) -> thread::Result<R> {
        catch_unwind(AssertUnwindSafe(|| Team::assemble(self.number, work)))
    }
}

impl Drop for Threads<'_> {
    fn drop(&mut self) {
        let mut cores = lock(&self.cores.counts);
        cores.idle += self.taken;
        cores.running -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cores(idle: usize, requested: Option<usize>, jobs: usize, waiting: usize) -> Cores {
        let counts = Mutex::new(CoreCounts { idle, running: 0, waiting });
        Cores { requested, jobs, counts }
    }

    #[test]
    fn a_single_run_has_every_core_and_many_have_one_each() {
        for (idle, jobs, waiting, expected) in [
            (8, 8, 1, vec![8]),
            (8, 8, 3, vec![2, 3, 3]),
            (8, 2, 5, vec![4, 4]),
            (2, 2, 100, vec![1, 1]),
            (2, 4, 100, vec![1, 1, 1, 1]),
        ] {
            let cores = cores(idle, None, jobs, waiting);
            let begun: Vec<_> = expected.iter().map(|_| cores.take(9)).collect();
            assert_eq!(begun.iter().map(|threads| threads.number).collect::<Vec<_>>(), expected);
            drop(begun);
            assert_eq!(lock(&cores.counts).idle, idle, "every core comes back");
        }
    }

    #[test]
    fn the_last_run_has_the_cores_that_others_gave_back() {
        let cores = cores(4, None, 2, 3);
        let (first, second) = (cores.take(9), cores.take(9));
        drop((first, second));
        assert_eq!(cores.take(9).number, 4);
    }

    #[test]
    fn a_small_run_takes_no_more_cores_than_help() {
        let cores = cores(8, None, 8, 1);
        assert_eq!([cores.take(3).number, cores.take(0).number], [3, 1]);
    }

    #[test]
    fn a_request_holds_for_every_run() {
        let cores = cores(2, Some(3), 2, 9);
        let begun = [cores.take(1), cores.take(1)];
        assert!(begun.iter().all(|threads| threads.number == 3));
    }
}
