//! `aesparse merge`: brings the parts of a plan together and writes the results.

use super::args::MergeArguments;
use super::messages::Messages;
use super::{Ending, count, prepare, run};
use aesparse::error::Result;
use aesparse::experiment::assemble;
use aesparse::store::Store;

/// Brings together what workers have trained of a plan, and writes the tables as `run` does.
///
/// # Errors
/// Whatever is wrong with the plan, its data or a results folder.
pub(crate) fn merge(arguments: &MergeArguments, messages: &Messages) -> Result<Ending> {
    let (prepared, _) = prepare::of_plan(&arguments.plan, &[], arguments.data_dir.as_deref())?;
    let plan = &prepared.plan;
    let keys = || plan.trainings.iter().map(|training| training.key.as_str());
    let store = Store::open(&arguments.out, &plan.name)?;
    for damaged in store.damaged() {
        messages.warning(damaged);
    }
    for root in &arguments.from {
        let folder = root.join(&plan.name);
        let merged = store.merge(keys(), &folder)?;
        messages.note(format_args!("{} from {}", count(merged, "run"), folder.display()));
    }
    // What a submission has left out, since it is finished beside.
    run::adopt(plan, &store, &arguments.out, messages)?;
    prepared.begin(plan, &store)?;
    let summary = assemble(plan, &store)?;
    if summary.unfinished > 0 {
        messages.warning(format_args!(
            "{} of {} not finished: start their workers again, or `aesparse run` trains them here",
            summary.unfinished,
            count(plan.trainings.len(), "training")
        ));
    }
    Ok(run::tell(&summary, plan, &store, messages))
}
