//! `aesparse worker`: trains one part of a plan, beside other workers.

use super::args::WorkerArguments;
use super::interrupt::Interrupt;
use super::memory::Jobs;
use super::messages::Messages;
use super::shard::Shard;
use super::{Ending, count, output, prepare, run};
use crate::error::{Error, Result};
use crate::experiment::{Notice, Opening, divide};
use crate::store::Store;
use std::env;
use std::time::Duration;

/// Trains what is missing of a worker's part of a plan.
///
/// # Errors
/// Whatever is wrong with the plan, its data, the part or the results folder, before anything is trained.
pub(crate) fn worker(arguments: &WorkerArguments, messages: &Messages) -> Result<Ending> {
    let WorkerArguments { plan: file, options, .. } = arguments;
    let shard = shard(arguments)?;
    output::is_root("--out", &options.out)?;
    let (prepared, written) =
        prepare::of_plan(file, &options.overrides, options.data_dir.as_deref(), messages)?;
    let seconds: Vec<f64> = written.iter().map(|training| training.predicted_seconds).collect();
    let part = divide(&seconds, shard.count()).swap_remove(shard.place());
    let plan = prepared.plan.restricted_to(&part);
    let jobs = Jobs::of(&plan, options.requested_jobs(), options.jobs())?;
    let name = shard.to_string().replace('/', "-of-");
    let patience = Duration::from_secs_f64(arguments.patience);
    let store = Store::share(&options.out, &plan.name, plan.keys(), &name, patience)?;
    let opening = Opening { fresh: false, retrain: options.retrain };
    let opened = prepared.enter(&plan, store, opening, &|notice| match notice {
        // Each of many workers would say the same.
        Notice::Finished { .. } | Notice::Beside { .. } | Notice::Outside { .. } => {}
        notice => messages.notice(&notice),
    })?;
    let summary = run::carry_out(&opened, (jobs, options), &Interrupt::on_signals()?, messages)?;
    let finished = summary.completed + summary.diverged;
    let text = format!(
        "worker {shard} of {}: {}, {finished} finished, {} of them before; {}\n",
        plan.name,
        count(plan.trainings.len(), "training"),
        summary.reused,
        if summary.unfinished == 0 { "merge writes the tables" } else { "the same command goes on" }
    );
    Ok(run::end(&summary, &plan, &text, arguments.fail_on, messages))
}

/// The part that was asked for, or that a batch system has numbered.
fn shard(arguments: &WorkerArguments) -> Result<Shard> {
    match arguments.shard {
        Some(shard) => Ok(shard),
        None => {
            Shard::numbered(arguments.shards.unwrap_or(1), |name| env::var_os(name)).map_err(Error::usage)
        }
    }
}
