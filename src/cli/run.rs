//! `aesparse run`: trains the missing runs of a sweep and writes the results.

use super::args::{FailOnRun, RunArguments, SweepOptions, TrainOptions, WorkOptions};
use super::interrupt::Interrupt;
use super::memory::Jobs;
use super::messages::Messages;
use super::progress::SweepProgress;
use super::table;
use super::{ExitStatus, count, effects, plan, plot, prepare, screen, theory_table};
use crate::error::Result;
use crate::experiment::{
    ExecutionOptions, OpenSweep, Plan, Prepared, ReusePolicy, Summary, SweepFailure, WeightsOutput,
    is_finished,
};
use crate::report::figure::Figure;
use crate::store::{Store, TheoryPart, WEIGHTS};
use serde_json::json;
use std::fmt::Write as _;
use std::num::NonZeroUsize;

/// Trains the sweep of a configuration.
///
/// # Errors
/// Where the configuration, its data or the results folder can't be used. Nothing was trained then.
pub(crate) fn run(arguments: &RunArguments, messages: &Messages) -> Result<ExitStatus> {
    let interrupt = Interrupt::on_signals()?;
    let prepared = prepare::from_file(&arguments.config, &arguments.options, messages)?;
    train_plan(&prepared, &arguments.options, &interrupt, messages)
}

/// Trains the missing runs of a plan and writes its results, or with `--dry-run` lists the trainings.
///
/// # Errors
/// Where the results folder can't be used. Nothing was trained then.
pub(super) fn train_plan(
    prepared: &Prepared,
    options: &TrainOptions,
    interrupt: &Interrupt,
    messages: &Messages,
) -> Result<ExitStatus> {
    if options.dry_run {
        return plan::list(prepared, options, messages);
    }
    let plan = &prepared.plan;
    let jobs = Jobs::fitting(plan, options.jobs)?;
    let opened = prepared.open(&options.out, opening(options), &|notice| messages.notice(&notice))?;
    let summary = train_missing(&opened, (jobs, options), interrupt, messages)?;
    let mut status = print_summary(&summary, plan, &opened.store, (options.fail_on, options.fresh), messages);
    if options.plot {
        for figure in Figure::split(&summary.rows) {
            status = status.and(messages.print(&plot::plot(&figure, screen::stdout_width())));
        }
    }
    Ok(status)
}

/// The options that say what happens to finished runs.
pub(super) fn opening(options: &SweepOptions) -> ReusePolicy {
    ReusePolicy { fresh: options.fresh, retrain: options.retrain }
}

/// Trains the missing runs of an opened plan, and shows their progress.
///
/// # Errors
/// Where the results folder can't be used. Nothing was trained then.
pub(super) fn train_missing(
    opened: &OpenSweep<'_>,
    (jobs, options): (Jobs, &WorkOptions),
    interrupt: &Interrupt,
    messages: &Messages,
) -> Result<Summary> {
    let OpenSweep { prepared, plan, store, .. } = opened;
    let start = prepared.start.as_ref().map(|start| &start.weights);
    let decoder_bias = plan.trainings.first().is_some_and(|training| training.spec.decoder_bias);
    if start.is_some_and(|start| start.b_d.is_some()) && !decoder_bias {
        messages.warning("b_d of the warm start is not used: set model.decoder_bias = true to start from it");
    }
    if jobs.number < jobs.wanted {
        let (number, wanted) = (jobs.number, jobs.wanted);
        messages.note(format_args!(
            "{number} at a time instead of {wanted}: there is not enough memory for more"
        ));
    }
    let missing = plan.trainings.iter().filter(|training| !is_finished(plan, store, &training.key));
    if let Some(large_noise) = effects::large_noise(missing, prepared.dataset.train.view()) {
        messages.note(large_noise);
    }
    let jobs = jobs.number;
    let progress = SweepProgress::new(messages, plan, jobs, |key| is_finished(plan, store, key));
    let control = ExecutionOptions {
        jobs,
        threads: options.threads.map(NonZeroUsize::get),
        checkpoint_every: plan.checkpoint,
        resume_anywhere: options.resume_anywhere,
        stop: interrupt.while_training(),
    };
    let summary = opened.train(control, &progress);
    progress.end();
    summary
}

/// Prints the tables of a sweep on stdout, and its warnings on stderr; `fresh` is the option `--fresh`.
pub(super) fn print_summary(
    summary: &Summary,
    plan: &Plan,
    store: &Store,
    (fail_on, fresh): (Option<FailOnRun>, bool),
    messages: &Messages,
) -> ExitStatus {
    let mut blocks = table::summary(plan, &summary.rows);
    if plan.theory.is_some() {
        blocks.extend(theory_table::summary(plan, &summary.rows, store));
    }
    let mut text = screen::text(blocks);
    text.push_str(&counts_and_files(summary, plan, store));
    let status = print_with_warnings(summary, plan, &text, (fail_on, fresh), messages);
    if let Some(unchanged) = effects::unchanged_models(plan, &summary.rows) {
        messages.note(unchanged);
    }
    status
}

/// Prints `text` about the trainings of a plan, then the warnings, and returns how the trainings ended.
pub(super) fn print_with_warnings(
    summary: &Summary,
    plan: &Plan,
    text: &str,
    (fail_on, fresh): (Option<FailOnRun>, bool),
    messages: &Messages,
) -> ExitStatus {
    let collapsed = effects::collapsed_names(plan, &summary.rows);
    messages.event(json!({
        "event": "end",
        "completed": summary.completed,
        "collapsed": collapsed.len(),
        "diverged": summary.diverged,
        "reused": summary.reused,
        "unfinished": summary.unfinished,
    }));
    let printed = messages.print(text);
    for warning in &summary.warnings {
        messages.warning(warning);
    }
    for failure in &summary.failures {
        messages.warning(failure);
    }
    if summary.diverged > 0 {
        messages.warning(format_args!(
            "{} of {} diverged: a loss or a weight was no longer finite; a smaller training.learning_rate may help",
            summary.diverged,
            count(plan.trainings.len(), "training")
        ));
    }
    if !collapsed.is_empty() {
        messages.warning(effects::collapse_warning(&collapsed, plan.trainings.len()));
    }
    if summary.stopped && summary.unfinished > 0 {
        let without = if fresh { " without --fresh" } else { "" };
        let unfinished = count(summary.unfinished, "training");
        messages.warning(format_args!(
            "interrupted: {unfinished} not finished; the same command{without} resumes"
        ));
        return ExitStatus::Interrupted;
    }
    let complete = summary.diverged == 0
        && (collapsed.is_empty() || fail_on.is_none())
        && summary.unfinished == 0
        && !summary.failures.iter().any(SweepFailure::costs_results);
    if complete { printed } else { ExitStatus::Incomplete }
}

/// One line with the numbers of trainings, and one with the files.
fn counts_and_files(summary: &Summary, plan: &Plan, store: &Store) -> String {
    // Reused runs may have been removed during the sweep, so the difference may be negative.
    let trained = (summary.completed + summary.diverged).saturating_sub(summary.reused);
    let mut text = format!("\n{}: {trained} trained now", count(plan.trainings.len(), "training"));
    for (count, what) in [
        (summary.reused, "finished before"),
        (summary.diverged, "diverged"),
        (summary.unfinished, "not finished"),
    ] {
        if count > 0 {
            let _ = write!(text, ", {count} {what}");
        }
    }
    let mut files = vec!["runs.csv", "epochs.csv", "manifest.json", "records/"];
    // Diverged runs keep no weights, and all runs may have diverged.
    if plan.weights != WeightsOutput::None && store.folder().join(WEIGHTS).is_dir() {
        files.push("weights/");
    }
    // Unfinished runs may lack theory measurements, and some models have no ledger.
    let measured: Vec<_> = summary.rows.iter().filter_map(|row| store.theory(&row.record.run_key)).collect();
    let is_written = |part: TheoryPart| measured.iter().any(|record| !part.of(record).0.is_empty());
    files.extend(TheoryPart::ALL.into_iter().filter(|part| is_written(*part)).map(TheoryPart::file_name));
    if !measured.is_empty() {
        files.push("theory/");
    }
    if summary.rows.iter().any(|row| store.distribution(&row.record.run_key).is_some()) {
        files.push("distribution/");
    }
    let unwritten = summary.failures.iter().any(|failure| matches!(failure, SweepFailure::NotWritten { .. }));
    let verb = if unwritten {
        "not everything was written to"
    } else if trained > 0 || summary.written {
        "written to"
    } else {
        "unchanged in"
    };
    let _ = writeln!(text, "\n{verb} {}: {}", store.folder().display(), files.join(", "));
    text
}
