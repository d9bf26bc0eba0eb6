//! `aesparse worker`: trains one shard of a plan, in parallel with other workers.

use super::args::WorkerArguments;
use super::interrupt::Interrupt;
use super::memory::Jobs;
use super::messages::Messages;
use super::shard::Shard;
use super::{ExitStatus, count, output, prepare, run};
use crate::error::{Error, Result};
use crate::experiment::{Notice, ReusePolicy, divide};
use crate::store::Store;
use std::env;
use std::time::Duration;

/// Trains the missing runs of a worker's shard of a plan.
///
/// # Errors
/// Where the plan, its data, the shard or the results folder can't be used. Nothing was trained then.
pub(crate) fn worker(arguments: &WorkerArguments, messages: &Messages) -> Result<ExitStatus> {
    let WorkerArguments { plan: file, options, .. } = arguments;
    let interrupt = Interrupt::on_signals()?;
    let shard = shard(arguments)?;
    output::check_root("--out", &options.out)?;
    let (prepared, written) =
        prepare::from_written_plan(file, &options.overrides, options.data_dir.as_deref(), messages)?;
    let seconds: Vec<f64> = written.iter().map(|training| training.predicted_seconds).collect();
    let indices = divide(&seconds, shard.count()).swap_remove(shard.zero_based_index());
    let plan = prepared.plan.restricted_to(&indices);
    let jobs = Jobs::fitting(&plan, options.jobs)?;
    let name = shard.to_string().replace('/', "-of-");
    let patience = Duration::from_secs_f64(arguments.patience);
    let store = Store::share(&options.out, &plan.name, plan.keys(), &name, patience)?;
    let opening = ReusePolicy { fresh: false, retrain: options.retrain };
    let opened = prepared.open_store(&plan, store, opening, &|notice| match notice {
        // Otherwise every worker would write the same notices.
        Notice::Finished { .. }
        | Notice::FromEarlierPlans { .. }
        | Notice::OutsidePlan { .. }
        | Notice::MeasuredSeldom { .. } => {}
        notice => messages.notice(&notice),
    })?;
    let summary = run::train_missing(&opened, (jobs, options), &interrupt, messages)?;
    let finished = summary.completed + summary.diverged;
    let text = format!(
        "worker {shard} of {}: {}, {finished} finished, {} of them before; {}\n",
        plan.name,
        count(plan.trainings.len(), "training"),
        summary.reused,
        if summary.unfinished == 0 { "merge writes the tables" } else { "the same command resumes" }
    );
    Ok(run::print_with_warnings(&summary, &plan, &text, (arguments.fail_on, false), messages))
}

/// The shard of `--shard`, or the shard that a batch system assigned.
fn shard(arguments: &WorkerArguments) -> Result<Shard> {
    match arguments.shard {
        Some(shard) => Ok(shard),
        None => Shard::from_batch_system(arguments.shards.unwrap_or(1), |name| env::var_os(name))
            .map_err(Error::usage),
    }
}
