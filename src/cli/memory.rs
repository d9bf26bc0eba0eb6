//! Number of trainings at a time that fit into memory, checked before any begins: a system without free memory kills programs
//! without a message.

use super::cgroup::{self, MemoryLimit};
use crate::error::{Error, Result};
use crate::experiment::Plan;
use crate::store::available_cores;
use std::num::NonZeroUsize;
use std::path::Path;
use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// Number of trainings at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Jobs {
    pub(super) number: usize,
    /// The number if memory were no limit.
    pub(super) wanted: usize,
}

impl Jobs {
    /// The `requested` number; without one, the number of cores, or fewer if memory is too small. Never more than the plan has
    /// trainings.
    ///
    /// # Errors
    /// [`Error::Memory`] where the requested number doesn't fit, or not even one training does.
    pub(super) fn fitting(plan: &Plan, requested: Option<NonZeroUsize>) -> Result<Self> {
        let machine = available().map(|free| MemoryLimit { free, file: None });
        let limits = [machine, cgroup::tightest_limit(Path::new("/"))];
        let tightest = limits.into_iter().flatten().min_by_key(|limit| limit.free);
        Self::fitting_within(tightest, plan, requested.map(NonZeroUsize::get), available_cores())
    }

    /// [`Jobs::fitting`] on `cores` for the memory that `limit` leaves, if it is known.
    fn fitting_within(
        limit: Option<MemoryLimit>,
        plan: &Plan,
        requested: Option<usize>,
        cores: usize,
    ) -> Result<Self> {
        let wanted = requested.unwrap_or(cores).min(plan.trainings.len());
        let each = plan.memory();
        let Some(MemoryLimit { free: available, file }) = limit.filter(|_| each > 0) else {
            return Ok(Self { number: wanted, wanted });
        };
        let fitting = usize::try_from(available / each).unwrap_or(usize::MAX);
        let number = wanted.min(fitting);
        if wanted > 0 && (number == 0 || requested.is_some() && number < wanted) {
            let jobs = if requested.is_some() { wanted } else { 1 };
            let measured = match (&plan.theory, plan.distribution) {
                (Some(_), _) => "leave out [theory], or ",
                (None, true) => "leave out evaluation.distribution, or ",
                (None, false) => "",
            };
            let has_draws = plan.trainings.iter().any(|training| training.spec.regularizer.draws() > 1);
            let draws = if has_draws { "fewer draws of a sample, " } else { "" };
            let choose =
                format!("choose fewer hidden units, fewer samples in a batch, {draws}or a machine with more");
            let mut fix = match fitting {
                0 => format!("{measured}{choose}"),
                _ => format!("choose at most --jobs {fitting}"),
            };
            if let Some(file) = file {
                fix.push_str(&format!("; the limit is set in {} (by --mem in Slurm)", file.display()));
            }
            return Err(Error::Memory { needed: each.saturating_mul(jobs as u64), jobs, available, fix });
        }
        Ok(Self { number, wanted })
    }
}

/// Bytes of the machine's memory that are free without swapping; `None` if the system doesn't say.
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
    fn as_many_trainings_run_as_fit() {
        let plan = plan(SWEEP, 64);
        let each = plan.memory();
        let free = |bytes: Option<u64>| bytes.map(|free| MemoryLimit { free, file: None });
        let jobs =
            |available, requested, cores| Jobs::fitting_within(free(available), &plan, requested, cores);
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
        let group = MemoryLimit { free: each - 1, file: Some("/sys/fs/cgroup/job_1/memory.max".into()) };
        let said = Jobs::fitting_within(Some(group), &plan, None, 2).unwrap_err().to_string();
        assert!(said.contains("/job_1/memory.max") && said.contains("--mem"), "{said}");
    }

    /// The rows of a batch are those of all draws.
    #[test]
    fn memory_for_several_draws_is_counted() {
        let memory = |draws: u64| {
            let regularizer = format!("[{{ kind = 'dae', draws = {draws} }}]");
            let plan = plan(&SWEEP.replace("['dae']", &regularizer).replace("[0, 0.1, 0.2]", "[0.1]"), 64);
            let limit = MemoryLimit { free: plan.memory() - 1, file: None };
            let refused = Jobs::fitting_within(Some(limit), &plan, None, 1).unwrap_err().to_string();
            assert_eq!(refused.contains("fewer draws of a sample"), draws > 1, "{refused}");
            plan.memory()
        };
        // 50 samples in a batch; 14 numbers for each of 1000 units and 8 for each of 64 inputs in a row.
        assert_eq!(memory(64) - memory(1), 4 * 63 * 50 * (14 * 1000 + 8 * 64));
    }

    /// Measuring the theory takes two matrices of all pairs of units for a DAE, and the data's covariance in single and in double
    /// precision.
    #[test]
    fn memory_for_the_theory_is_counted() {
        let memory_of_theory = |hidden: usize, inputs: usize| {
            let text = format!("{SWEEP}\nmodel.hidden = {hidden}");
            let measuring = plan(&format!("{text}\ntheory.every = 10"), inputs);
            let more = measuring.memory() - plan(&text, inputs).memory();
            let limit = MemoryLimit { free: measuring.memory() - 1, file: None };
            let refused = Jobs::fitting_within(Some(limit), &measuring, None, 8).unwrap_err();
            assert!(refused.to_string().contains("leave out [theory]"), "{refused}");
            more
        };
        let pairs_of_units = 2 * 4 * 5000 * 5000;
        assert!((pairs_of_units..2 * pairs_of_units).contains(&memory_of_theory(5000, 64)));
        let covariance = (4 + 8) * 5000 * 5000;
        assert!((covariance..2 * covariance).contains(&memory_of_theory(64, 5000)));
    }

    /// A histogram with up to m + 1 pairs of two numbers for each measured epoch.
    #[test]
    fn memory_for_the_distribution_of_codes_is_counted() {
        let measuring = |epochs: u32, asked: bool| {
            let often =
                format!("training.epochs = {epochs}\nevaluation = {{ every = 1, distribution = {asked} }}");
            plan(&format!("{SWEEP}\n{often}"), 64)
        };
        let more = |epochs| measuring(epochs, true).memory() - measuring(epochs, false).memory();
        assert!(more(1000) > 1000 * 1001 * 16 && more(1000) > 9 * more(100));
        let plan = measuring(1000, true);
        let limit = MemoryLimit { free: plan.memory() - 1, file: None };
        let refused = Jobs::fitting_within(Some(limit), &plan, None, 1).unwrap_err().to_string();
        assert!(refused.contains("leave out evaluation.distribution, or "), "{refused}");
    }

    #[test]
    fn available_memory_of_this_machine_is_known() {
        let bytes = available().expect("Linux, macOS and Windows say it");
        assert!(bytes > 10 << 20, "{bytes} bytes");
    }
}
