//! `aesparse run`: trains what is missing of a sweep and writes the results.

use super::args::{FailOnRun, RunArguments, SweepOptions, TrainOptions, WorkOptions};
use super::interrupt::Interrupt;
use super::memory::Jobs;
use super::messages::Messages;
use super::progress::Progress;
use super::table;
use super::{Ending, count, effects, plan, plot, prepare, theory_table};
use crate::error::Result;
use crate::experiment::{
    Control, Failure, Opened, Opening, Plan, Prepared, Summary, WeightsOutput, is_finished,
};
use crate::report::figure::Figure;
use crate::report::render;
use crate::store::{Store, TheoryPart};
use serde_json::json;
use std::fmt::Write as _;

/// Runs the sweep of a configuration.
///
/// # Errors
/// Whatever is wrong with the configuration, its data or the results folder, before anything is trained.
pub(crate) fn run(arguments: &RunArguments, messages: &Messages) -> Result<Ending> {
    let prepared = prepare::of_file(&arguments.config, &arguments.options, messages)?;
    train(&prepared, &arguments.options, &Interrupt::on_signals()?, messages)
}

/// Trains what is missing of a plan and writes its results, or with `--dry-run` lists it.
///
/// # Errors
/// Whatever is wrong with the results folder, before anything is trained.
pub(super) fn train(
    prepared: &Prepared,
    options: &TrainOptions,
    interrupt: &Interrupt,
    messages: &Messages,
) -> Result<Ending> {
    if options.dry_run {
        return plan::list(prepared, options, messages);
    }
    let plan = &prepared.plan;
    let jobs = Jobs::of(plan, options.requested_jobs(), options.jobs())?;
    let opened = prepared.open(&options.out, opening(options), &|notice| messages.notice(&notice))?;
    let summary = carry_out(&opened, (jobs, options), interrupt, messages)?;
    let mut ending = tell(&summary, plan, &opened.store, options.fail_on, messages);
    if options.plot {
        for figure in Figure::split(&summary.rows) {
            ending = ending.worse(messages.print(&plot::plot(&figure)));
        }
    }
    Ok(ending)
}

/// What becomes of runs that are finished already.
pub(super) fn opening(options: &SweepOptions) -> Opening {
    Opening { fresh: options.fresh, retrain: options.retrain }
}

/// Trains what is missing of a plan.
///
/// # Errors
/// Whatever is wrong with the results folder, before anything is trained.
pub(super) fn carry_out(
    opened: &Opened<'_>,
    (jobs, options): (Jobs, &WorkOptions),
    interrupt: &Interrupt,
    messages: &Messages,
) -> Result<Summary> {
    let Opened { prepared, plan, store, .. } = opened;
    let start = prepared.start.as_ref().map(|start| &start.weights);
    let decoder_bias = plan.trainings.first().is_some_and(|training| training.spec.decoder_bias);
    if start.is_some_and(|start| start.b_d.is_some()) && !decoder_bias {
        messages.warning("b_d of the warm start is not used: set model.decoder_bias = true to start from it");
    }
    if jobs.number < jobs.wanted {
        let (number, wanted) = (jobs.number, jobs.wanted);
        messages.note(format_args!("{number} at a time instead of {wanted}: there is no memory for more"));
    }
    let missing = plan.trainings.iter().filter(|training| !is_finished(plan, store, &training.key));
    if let Some(drowning) = effects::drowning(missing, prepared.dataset.train.view()) {
        messages.note(drowning);
    }
    let jobs = jobs.number;
    let progress = Progress::new(messages, plan, jobs, |key| is_finished(plan, store, key));
    let resume_anywhere = options.resume_anywhere;
    let control =
        Control { jobs, checkpoint_every: plan.checkpoint, resume_anywhere, stop: interrupt.flag() };
    let summary = opened.train(control, &progress);
    progress.end();
    summary
}

/// Says how the sweep ended: the table on stdout, what to beware of on stderr.
pub(super) fn tell(
    summary: &Summary,
    plan: &Plan,
    store: &Store,
    fail_on: Option<FailOnRun>,
    messages: &Messages,
) -> Ending {
    let mut blocks = table::summary(plan, &summary.rows);
    if plan.theory.is_some() {
        blocks.extend(theory_table::summary(plan, &summary.rows, store));
    }
    let mut text = render::terminal(&blocks.into());
    text.push_str(&written(summary, plan, store));
    let ending = end(summary, plan, &text, fail_on, messages);
    if let Some(unmoved) = effects::unmoved(plan, &summary.rows) {
        messages.note(unmoved);
    }
    ending
}

/// Prints `text` on the trainings of a plan, and what to beware of.
pub(super) fn end(
    summary: &Summary,
    plan: &Plan,
    text: &str,
    fail_on: Option<FailOnRun>,
    messages: &Messages,
) -> Ending {
    let collapsed = effects::collapsed(plan, &summary.rows);
    messages.event(&json!({
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
        messages.warning(effects::collapse(&collapsed, plan.trainings.len()));
    }
    if summary.stopped && summary.unfinished > 0 {
        messages.warning(format_args!(
            "interrupted: {} not finished; the same command goes on where they were",
            count(summary.unfinished, "training")
        ));
        return Ending::Interrupted;
    }
    let complete = summary.diverged == 0
        && (collapsed.is_empty() || fail_on.is_none())
        && summary.unfinished == 0
        && !summary.failures.iter().any(Failure::costs_results);
    if complete { printed } else { Ending::Incomplete }
}

/// One line on the runs and one on the files.
fn written(summary: &Summary, plan: &Plan, store: &Store) -> String {
    // Runs that were finished before may have been lost since.
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
    // A plan may have diverged runs alone, which keep none.
    if plan.weights != WeightsOutput::None && store.folder().join("weights").is_dir() {
        files.push("weights/");
    }
    // Runs that aren't finished yet may lack what the plan asks of the theory, and some models have no ledger.
    let measured: Vec<_> = summary.rows.iter().filter_map(|row| store.theory(&row.record.run_key)).collect();
    let is_written = |part: TheoryPart| measured.iter().any(|record| !part.of(record).0.is_empty());
    files.extend(TheoryPart::ALL.into_iter().filter(|part| is_written(*part)).map(TheoryPart::file_name));
    if !measured.is_empty() {
        files.push("theory/");
    }
    let unwritten = summary.failures.iter().any(|failure| matches!(failure, Failure::NotWritten { .. }));
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
