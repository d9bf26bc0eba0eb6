//! Whether trainings fit into memory, asked before any begins: a system that runs out of it ends programs without a word.

use super::cgroup::{self, Limit};
use crate::error::{Error, Result};
use crate::experiment::Plan;
use std::path::Path;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// How many trainings go on at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Jobs {
    pub(super) number: usize,
    /// How many there would be with more memory.
    pub(super) wanted: usize,
}

impl Jobs {
    /// As many as were `requested`; otherwise as many as there are `cores`, and fewer where they wouldn't fit into memory.
    ///
    /// # Errors
    /// [`Error::Memory`] where those that were requested don't fit, or not even one does.
    pub(super) fn of(plan: &Plan, requested: Option<usize>, cores: usize) -> Result<Self> {
        let machine = available().map(|free| Limit { free, file: None });
        let limits = [machine, cgroup::tightest(Path::new("/"))];
        let tightest = limits.into_iter().flatten().min_by_key(|limit| limit.free);
        Self::within(tightest, plan, requested, cores)
    }

    /// As many as fit into what `limit` leaves, where it is known.
    fn within(limit: Option<Limit>, plan: &Plan, requested: Option<usize>, cores: usize) -> Result<Self> {
        let wanted = requested.unwrap_or(cores).min(plan.trainings.len());
        let each = plan.memory();
        let Some(Limit { free: available, file }) = limit.filter(|_| each > 0) else {
            return Ok(Self { number: wanted, wanted });
        };
        let fitting = usize::try_from(available / each).unwrap_or(usize::MAX);
        let number = wanted.min(fitting);
        if wanted > 0 && (number == 0 || requested.is_some() && number < wanted) {
            let jobs = if requested.is_some() { wanted } else { 1 };
            let measured = if plan.theory.is_some() { "leave out [theory], or " } else { "" };
            let choose = "choose fewer hidden units, fewer samples in a batch, or a machine with more";
            let mut fix = match fitting {
                0 => format!("{measured}{choose}"),
                _ => format!("choose at most --jobs {fitting}"),
            };
            if let Some(file) = file {
                fix.push_str(&format!("; the limit stands in {} (Slurm sets it by --mem)", file.display()));
            }
            return Err(Error::Memory { needed: each.saturating_mul(jobs as u64), jobs, available, fix });
        }
        Ok(Self { number, wanted })
    }
}

/// Bytes of the machine that could be taken without swapping; `None` where the system doesn't say.
fn available() -> Option<u64> {
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(memory).ok()?;
    Some(system.available_memory()).filter(|bytes| *bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::config;

    const SWEEP: &str =
        "data.source = 'synthetic'\nsweep.regularizer = ['dae']\nsweep.sigma_squared = [0, 0.1, 0.2]";

    fn plan(text: &str, inputs: usize) -> Plan {
        let config = config::parse(text, Path::new("x.toml"), &[]).unwrap();
        Plan::new(&config, "synthetic", "0".repeat(64), 2000, inputs, None).unwrap()
    }

    #[test]
    fn as_many_trainings_as_fit() {
        let plan = plan(SWEEP, 64);
        let each = plan.memory();
        let free = |bytes: Option<u64>| bytes.map(|free| Limit { free, file: None });
        let jobs = |available, requested, cores| Jobs::within(free(available), &plan, requested, cores);
        let number = |available, requested, cores| jobs(available, requested, cores).unwrap().number;
        assert_eq!(number(None, None, 2), 2);
        assert_eq!(number(Some(100 * each), None, 8), 3, "no more than there are");
        assert_eq!(number(Some(2 * each + 1), None, 8), 2, "fewer where nobody asked for a number");
        assert_eq!(jobs(Some(2 * each), None, 8).unwrap().wanted, 3);
        assert_eq!(number(Some(2 * each), Some(2), 8), 2);
        let refused = |available, requested| jobs(available, requested, 2).unwrap_err().to_string();
        let said = refused(Some(2 * each), Some(3));
        assert!(said.contains("3 trainings at a time need") && said.contains("--jobs 2"), "{said}");
        for requested in [None, Some(3)] {
            let said = refused(Some(each - 1), requested);
            assert!(said.contains("fewer hidden units"), "{said}");
        }
        let group = Limit { free: each - 1, file: Some("/sys/fs/cgroup/job_1/memory.max".into()) };
        let said = Jobs::within(Some(group), &plan, None, 2).unwrap_err().to_string();
        assert!(said.contains("/job_1/memory.max") && said.contains("--mem"), "{said}");
    }

    /// Where a run measures the theory, the matrices of that count: a DAE's two of all pairs of units, and of the data's
    /// covariance one in single and one in double precision.
    #[test]
    fn what_the_theory_takes_is_counted() {
        let besides = |hidden: usize, inputs: usize| {
            let text = format!("{SWEEP}\nmodel.hidden = {hidden}");
            let measuring = plan(&format!("{text}\ntheory.every = 10"), inputs);
            let more = measuring.memory() - plan(&text, inputs).memory();
            let limit = Limit { free: measuring.memory() - 1, file: None };
            let refused = Jobs::within(Some(limit), &measuring, None, 8).unwrap_err();
            assert!(refused.to_string().contains("leave out [theory]"), "{refused}");
            more
        };
        let pairs_of_units = 2 * 4 * 5000 * 5000;
        assert!((pairs_of_units..2 * pairs_of_units).contains(&besides(5000, 64)));
        let covariance = (4 + 8) * 5000 * 5000;
        assert!((covariance..2 * covariance).contains(&besides(64, 5000)));
    }

    #[test]
    fn this_machine_has_memory() {
        let bytes = available().expect("Linux, macOS and Windows say it");
        assert!(bytes > 10 << 20, "{bytes} bytes");
    }
}
