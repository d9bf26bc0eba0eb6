//! `aesparse merge`: merges the runs of a plan's workers and writes the results.

use super::args::MergeArguments;
use super::messages::Messages;
use super::{ExitStatus, count, output, prepare, run, stored};
use crate::error::{Error, Result};
use crate::experiment::{MissingCounts, adopt_and_notify, assemble, find_finished, set_aside_damaged};
use crate::store::Store;
use std::path::PathBuf;

/// Merges the results of a plan's workers, and writes the tables as `run` does.
///
/// # Errors
/// Where the plan, its data or a results folder can't be used.
pub(crate) fn merge(arguments: &MergeArguments, messages: &Messages) -> Result<ExitStatus> {
    output::check_root("--out", &arguments.out)?;
    arguments.from.iter().try_for_each(|root| output::check_root("--from", root))?;
    let (prepared, _) =
        prepare::from_written_plan(&arguments.plan, &[], arguments.data_dir.as_deref(), messages)?;
    let plan = &prepared.plan;
    let here = arguments.out.join(&plan.name);
    let folders: Vec<PathBuf> = arguments.from.iter().map(|root| root.join(&plan.name)).collect();
    // Checked before the store is opened, because opening it creates the folder.
    let is_here = || Result::Ok(here.is_dir() || !find_finished(plan, &here)?.is_empty());
    let missing = match folders.iter().find(|folder| !folder.is_dir()) {
        // If all runs are finished in other results beside these, the folder is not created yet.
        None if folders.is_empty() && !is_here()? => Some(&here),
        missing => missing,
    };
    if let Some(missing) = missing {
        let fix = "name the roots that the plan's workers wrote to, with --from, or with --out where it is the only one";
        return Err(Error::store(missing, "there is no such folder", fix));
    }
    let store = Store::open(&arguments.out, &plan.name)?;
    set_aside_damaged(plan, &store, &|notice| messages.notice(&notice))?;
    // Before the other folders' sessions are merged into this one: this plan may be a part of their runs.
    let whole = prepared.folder_plan(&store)?;
    for folder in &folders {
        stored::warn_of_foreign(folder, messages)?;
        let merged = store.merge(plan.keys(), plan.weights.moments(), folder)?;
        for left in &merged.left {
            messages.warning(left);
        }
        messages.note(format_args!("{} from {}", count(merged.runs, "run"), folder.display()));
    }
    // A submission leaves out runs that are finished in other results beside these.
    adopt_and_notify(plan, &store, &|notice| messages.notice(&notice))?;
    prepared.write_manifest(&whole, &store, false)?;
    let summary = assemble(plan, &whole.plan, &store)?;
    let lacking = MissingCounts::of(plan, &store);
    if lacking.runs > 0 {
        messages.warning(format_args!(
            "{lacking}; `aesparse worker --retrain` or `aesparse run --retrain` trains these runs again, to the same numbers"
        ));
    }
    if summary.unfinished > lacking.runs {
        messages.warning(format_args!(
            "{} of {} not finished: start their workers again, or `aesparse run` trains them here",
            summary.unfinished - lacking.runs,
            count(plan.trainings.len(), "training")
        ));
    }
    Ok(run::print_summary(&summary, plan, &store, (arguments.fail_on, false), messages))
}
