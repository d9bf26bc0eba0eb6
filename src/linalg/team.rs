//! The threads that share the products of one run.
//!
//! A product is divided by the rows or columns of its result. So each value is summed by one thread, in the same order whatever the
//! number of threads: it changes no bit.
//!
//! A step has about ten products of some 100 µs, with less between them. A thread that sleeps in between wakes too late, so the threads
//! of a [`Team`] spin for a moment before they sleep.

#![allow(unsafe_code)]

use crate::guard::lock;
use std::any::Any;
use std::cell::UnsafeCell;
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

/// Multiplications that a thread's part of a product has at least: about 10 µs, ten times a message between threads.
const LEAST: usize = 1 << 19;
/// Number of times that a waiting thread looks before it sleeps: about 0.2 ms.
const SPINS: u32 = 10_000;

/// The threads that share each product of a run: the calling thread and its helpers.
#[derive(Debug, Clone, Default)]
pub struct Team {
    helpers: Arc<[Helper]>,
}

impl Team {
    /// The calling thread alone.
    pub fn alone() -> Self {
        Self::default()
    }

    /// Calls `work` with a team of the calling thread and `threads` − 1 others, which it starts and, at the end, stops. If the system
    /// refuses a thread, the team is smaller.
    pub fn assemble<R>(threads: usize, work: impl FnOnce(&Self) -> R) -> R {
        let helpers: Arc<[Helper]> = (1..threads).map(|_| Helper::default()).collect();
        thread::scope(|scope| {
            for helper in &*helpers {
                if thread::Builder::new().spawn_scoped(scope, || helper.serve()).is_err() {
                    helper.state.set(LEFT);
                }
            }
            let team = Self { helpers: Arc::clone(&helpers) };
            let _dismissal = Dismissal(&helpers);
            work(&team)
        })
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        1 + self.helpers.len()
    }

    /// The share of the team in a product of so many multiplications: in a small one, not every thread has a part.
    pub(super) fn share(&self, multiplications: usize) -> Share<'_> {
        let helpers = (multiplications / LEAST).saturating_sub(1).min(self.helpers.len());
        Share { helpers: &self.helpers[..helpers] }
    }
}

/// Dismisses the helpers at the end of the work, also by a panic.
struct Dismissal<'a>(&'a [Helper]);

impl Drop for Dismissal<'_> {
    fn drop(&mut self) {
        self.0.iter().for_each(Helper::dismiss);
    }
}

/// Some threads of a team, which compute a part of a product: the calling thread and these helpers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share<'a> {
    helpers: &'a [Helper],
}

impl<'a> Share<'a> {
    /// The calling thread.
    #[cfg(test)]
    pub(super) fn alone() -> Self {
        Self { helpers: &[] }
    }

    /// Number of threads.
    pub(super) fn threads(self) -> usize {
        1 + self.helpers.len()
    }

    /// Divides the threads in two, and `len` rows or columns in proportion. The first part ends at a multiple of `step`. `None`: one
    /// thread computes all.
    pub(super) fn divide(self, len: usize, step: usize) -> Option<Division<'a>> {
        // The calling thread and the helpers before this one have the first part.
        let first = self.threads() / 2;
        let end = (len * first).div_ceil(self.threads()).next_multiple_of(step);
        let helper = self.helpers.get(first.checked_sub(1)?)?;
        (end < len).then(|| Division {
            end,
            first: Self { helpers: &self.helpers[..first - 1] },
            second: Self { helpers: &self.helpers[first..] },
            helper,
        })
    }
}

/// Two parts of a product.
#[derive(Debug, Clone, Copy)]
pub(super) struct Division<'a> {
    /// The end of the first part's rows or columns.
    pub(super) end: usize,
    /// The threads of the first part.
    pub(super) first: Share<'a>,
    /// The threads of the second part.
    pub(super) second: Share<'a>,
    /// Computes the second part.
    helper: &'a Helper,
}

impl Division<'_> {
    /// Runs `first` on the calling thread and `second` on another one. Where that one is busy or has left, `second` follows here.
    pub(super) fn join<A, B: Send>(
        self,
        first: impl FnOnce() -> A,
        second: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        let (mut second, mut result) = (Some(second), None);
        let mut task = || result = second.take().map(|second| second());
        let pending = self.helper.post(&mut task);
        let first = first();
        if let Some(panic) = pending.and_then(Posted::finish) {
            resume_unwind(panic);
        }
        let second = result.unwrap_or_else(|| second.take().expect("nobody has run it")());
        (first, second)
    }
}

/// A thread's mailbox for one task.
#[derive(Debug, Default)]
struct Helper {
    state: Signal,
    task: UnsafeCell<Option<Task>>,
    /// The message of a task that panicked.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

/// A task, whose lifetime is the time until its state is [`DONE`].
struct Task(*mut (dyn FnMut() + Send));

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Task")
    }
}

// SAFETY: `task` is written by the thread that changed the state from FREE to TAKEN, before POSTED, and read by the helper between POSTED
// and DONE; the state's changes order these. What it points to may be sent to another thread.
unsafe impl Sync for Helper {}
// SAFETY: the same.
unsafe impl Send for Helper {}

/// No task.
const FREE: u8 = 0;
/// A thread is about to post a task.
const TAKEN: u8 = 1;
/// The task waits for the helper, or runs.
const POSTED: u8 = 2;
/// The task has been run.
const DONE: u8 = 3;
/// The helper takes no more tasks.
const LEFT: u8 = 4;

impl Helper {
    /// Posts `task`, which runs until the result is finished or dropped; `None` if the helper is busy or has left.
    fn post<'t>(&'t self, task: &'t mut (dyn FnMut() + Send)) -> Option<Posted<'t>> {
        if !self.state.change(FREE, TAKEN) {
            return None;
        }
        let task: *mut (dyn FnMut() + Send + 't) = task;
        // SAFETY: only the lifetime changes. The caller's frame keeps the task until `Posted` has seen DONE, after which nobody uses it.
        let task: *mut (dyn FnMut() + Send + 'static) = unsafe { std::mem::transmute(task) };
        // SAFETY: the state is TAKEN by this thread.
        unsafe { *self.task.get() = Some(Task(task)) };
        self.state.set(POSTED);
        Some(Posted(self))
    }

    /// Ends [`Helper::serve`], after a task that is posted.
    fn dismiss(&self) {
        while !self.state.change(FREE, TAKEN) {
            if self.state.wait(|state| state == FREE || state == LEFT) == LEFT {
                return;
            }
        }
        self.state.set(LEFT);
    }

    /// Runs tasks until the helper is dismissed.
    fn serve(&self) {
        while self.state.wait(|state| state == POSTED || state == LEFT) == POSTED {
            // SAFETY: the state is POSTED, so that only this thread touches the task.
            if let Some(Task(task)) = unsafe { (*self.task.get()).take() } {
                // SAFETY: the thread that posted the task keeps it until the state is DONE.
                let task = AssertUnwindSafe(|| unsafe { (*task)() });
                *lock(&self.panic) = catch_unwind(task).err();
            }
            self.state.set(DONE);
        }
    }
}

/// A posted task. Dropping it waits for the task's end, because the task borrows from the frame that posted it.
struct Posted<'a>(&'a Helper);

impl Posted<'_> {
    /// Waits for the task's end and returns its panic.
    fn finish(self) -> Option<Box<dyn Any + Send>> {
        let helper = self.0;
        helper.state.wait(|state| state == DONE);
        // Before the helper is free again for another thread with the same team.
        let panic = lock(&helper.panic).take();
        drop(self);
        panic
    }
}

impl Drop for Posted<'_> {
    fn drop(&mut self) {
        self.0.state.wait(|state| state == DONE);
        self.0.state.set(FREE);
    }
}

/// A state that threads wait for, spinning at first.
#[derive(Debug, Default)]
struct Signal {
    state: AtomicU8,
    /// Number of threads that sleep or are about to.
    sleepers: AtomicUsize,
    lock: Mutex<()>,
    wake: Condvar,
}

impl Signal {
    fn change(&self, from: u8, to: u8) -> bool {
        self.state.compare_exchange(from, to, Ordering::SeqCst, Ordering::Relaxed).is_ok()
    }

    fn set(&self, state: u8) {
        self.state.store(state, Ordering::SeqCst);
        // A sleeper counts itself before it looks at the state again, so either it sees the new state or it is seen here.
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            drop(lock(&self.lock));
            self.wake.notify_all();
        }
    }

    /// Waits for a state that `is_awaited`, and returns it.
    fn wait(&self, is_awaited: impl Fn(u8) -> bool) -> u8 {
        for _ in 0..SPINS {
            let state = self.state.load(Ordering::Acquire);
            if is_awaited(state) {
                return state;
            }
            spin_loop();
        }
        let mut guard = lock(&self.lock);
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        let state = loop {
            let state = self.state.load(Ordering::SeqCst);
            if is_awaited(state) {
                break state;
            }
            guard = self.wake.wait(guard).unwrap_or_else(PoisonError::into_inner);
        };
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
        state
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::time::Duration;

    /// The results of `work` by teams of 1, 2 and 3 threads.
    pub(in crate::linalg) fn by_teams<R>(work: impl Fn(&Team) -> R) -> [R; 3] {
        [1, 2, 3].map(|threads| Team::assemble(threads, &work))
    }

    /// Adds 1 to every value; returns the number of parts.
    fn mark(share: Share<'_>, values: &mut [u32]) -> usize {
        let Some(division) = share.divide(values.len(), 4) else {
            values.iter_mut().for_each(|value| *value += 1);
            return 1;
        };
        let (left, right) = values.split_at_mut(division.end);
        let parts = division.join(|| mark(division.first, left), || mark(division.second, right));
        parts.0 + parts.1
    }

    #[test]
    fn every_part_is_computed_once() {
        for threads in 1..6 {
            Team::assemble(threads, |team| {
                assert_eq!(team.threads(), threads);
                for len in [0, 1, 4, 5, 9, 1000] {
                    let mut values = vec![0; len];
                    let parts = mark(team.share(usize::MAX), &mut values);
                    assert!(values.iter().all(|value| *value == 1), "{len} values, {threads} threads");
                    assert_eq!(parts, if len == 1000 { threads } else { parts.min(threads) });
                    assert!(mark(team.share(2 * LEAST), &mut values) <= 2, "a small product has fewer parts");
                    assert_eq!(mark(team.share(2 * LEAST - 1), &mut values), 1, "or is not divided");
                }
            });
        }
    }

    #[test]
    fn helpers_that_sleep_wake_up() {
        Team::assemble(3, |team| {
            for pause in [0, 1, 20, 0] {
                thread::sleep(Duration::from_millis(pause));
                let mut values = vec![0; 1000];
                mark(team.share(usize::MAX), &mut values);
                assert!(values.iter().all(|value| *value == 1));
            }
        });
    }

    #[test]
    fn a_helper_that_is_busy_or_has_left_is_not_waited_for() {
        let kept = Team::assemble(2, |team| {
            let division = team.share(usize::MAX).divide(1000, 1).unwrap();
            let nested = || mark(team.share(usize::MAX), &mut [0; 1000]);
            // The inner product finds the helper busy.
            assert_eq!(division.join(nested, || thread::sleep(Duration::from_millis(20))).0, 2);
            team.clone()
        });
        let mut values = vec![0; 1000];
        mark(kept.share(usize::MAX), &mut values);
        assert!(values.iter().all(|value| *value == 1), "the team has gone home");
    }

    #[test]
    fn a_panic_on_either_thread_reaches_the_caller_and_the_team_goes_on() {
        Team::assemble(2, |team| {
            for of_helper in [false, true] {
                let division = team.share(usize::MAX).divide(1000, 1).unwrap();
                let (first, second) = (|| assert!(of_helper), || assert!(!of_helper));
                let joined = catch_unwind(AssertUnwindSafe(|| division.join(first, second)));
                assert!(joined.is_err());
            }
            assert_eq!(mark(team.share(usize::MAX), &mut [0; 1000]), 2);
        });
    }
}
