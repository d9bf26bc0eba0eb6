//! `aesparse run`: trains what is missing of a sweep and writes the results.

use super::args::{FailOnRun, RunArguments, SweepOptions, TrainOptions, WorkOptions};
use super::interrupt::Interrupt;
use super::memory::Jobs;
use super::messages::Messages;
use super::progress::Progress;
use super::table;
use super::{Ending, count, effects, plan, plot, prepare, stored, theory};
use aesparse::error::Result;
use aesparse::experiment::{
    self, Control, Failure, FolderPlan, Lacking, Plan, Prepared, Summary, Trainer, WeightsOutput, execute,
    is_finished,
};
use aesparse::report::figure::{Figure, Mixed};
use aesparse::store::{Store, TheoryPart};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

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
    let (store, folder) = open(options, prepared, messages)?;
    let work = Work { prepared, plan, folder: &folder.plan, store: &store };
    let summary = carry_out(&work, (jobs, options), interrupt, messages)?;
    let mut ending = tell(&summary, plan, &store, options.fail_on, messages);
    if options.plot {
        for figure in Figure::split(&summary.rows, Mixed::Nothing) {
            ending = ending.worse(messages.print(&plot::plot(&figure)));
        }
    }
    Ok(ending)
}

/// A plan to carry out and where.
pub(super) struct Work<'w> {
    pub(super) prepared: &'w Prepared,
    /// All of the prepared plan, or a part of it.
    pub(super) plan: &'w Plan,
    /// The plan of the tables.
    pub(super) folder: &'w Plan,
    pub(super) store: &'w Store,
}

/// Trains what is missing of a plan.
///
/// # Errors
/// Whatever is wrong with the results folder, before anything is trained.
pub(super) fn carry_out(
    work: &Work<'_>,
    (jobs, options): (Jobs, &WorkOptions),
    interrupt: &Interrupt,
    messages: &Messages,
) -> Result<Summary> {
    let Work { prepared, plan, folder, store } = *work;
    let start = prepared.start.as_ref().map(|start| &start.weights);
    let decoder_bias = plan.trainings.first().is_some_and(|training| training.spec.decoder_bias);
    if start.is_some_and(|start| start.b_d.is_some()) && !decoder_bias {
        messages.warning("b_d of the warm start is not used: set model.decoder_bias = true to start from it");
    }
    let trainer = Trainer::new(plan, &prepared.dataset, start);
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
    let summary = execute(plan, folder, store, &trainer, control, &progress);
    progress.end();
    summary
}

/// Checks that the results folder can take the plan, and leaves it.
///
/// # Errors
/// Where it can't.
pub(super) fn check(options: &SweepOptions, prepared: &Prepared, messages: &Messages) -> Result<()> {
    let store = Store::open(&options.out, &prepared.plan.name)?;
    // Now, for damaged files have another name when the folder is opened next.
    tell_of_damage(&prepared.plan, &store, messages)?;
    prepared.folder_plan(&store)?;
    if options.retrain { Ok(()) } else { Lacking::of(&prepared.plan, &store).refuse(store.folder()) }
}

/// The results folder, ready for the plan, and what it is to hold; with `--fresh` a new one.
fn open<'p>(
    options: &SweepOptions,
    prepared: &'p Prepared,
    messages: &Messages,
) -> Result<(Store, FolderPlan<'p>)> {
    let plan = &prepared.plan;
    if options.fresh
        && let Some(aside) = Store::fresh(&options.out, &plan.name)?
    {
        messages.note(format_args!("the earlier results are now in {}", aside.display()));
    }
    let store = Store::open(&options.out, &plan.name)?;
    tell_of_damage(plan, &store, messages)?;
    let folder = prepared.folder_plan(&store)?;
    check_lacking(plan, &store, options.retrain, messages)?;
    let found = plan.keys().filter(|key| is_finished(plan, &store, key)).count();
    if found > 0 {
        let (all, folder) = (count(plan.trainings.len(), "training"), store.folder().display());
        messages.note(format_args!(
            "{found} of {all} {} finished already in {folder}; --fresh trains them again",
            are(found)
        ));
    }
    tell_others(plan, &folder.plan, &store, messages);
    // --fresh asks for training.
    if !options.fresh {
        adopt(plan, &store, &options.out, messages)?;
    }
    prepared.begin(plan, &folder, &store)?;
    Ok((store, folder))
}

/// Refuses finished runs of `plan` that lack what it asks for, or with `retrain` says that they are trained again.
///
/// # Errors
/// Those of [`Lacking::refuse`].
pub(super) fn check_lacking(plan: &Plan, store: &Store, retrain: bool, messages: &Messages) -> Result<()> {
    let lacking = Lacking::of(plan, store);
    if !retrain {
        return lacking.refuse(store.folder());
    }
    if lacking.runs > 0 {
        messages.note(format_args!("{lacking}; trained again"));
    }
    Ok(())
}

/// Says which finished runs stand beside those of `plan`: what is printed is about these alone, but the tables are those of `folder`.
fn tell_others(plan: &Plan, folder: &Plan, store: &Store, messages: &Messages) {
    let outside = store.others(folder.keys());
    let beside = store.others(plan.keys()) - outside;
    let here = store.folder().display();
    if beside > 0 {
        let runs = count(beside, "finished run");
        messages.note(format_args!("{runs} of earlier plans {} in the tables of {here} too", are(beside)));
    }
    if outside > 0 {
        messages.note(format_args!(
            "{} in {here} {} not in its plan: kept in records/, left out of its tables",
            count(outside, "finished run"),
            are(outside)
        ));
    }
}

/// Warns of files in the results folder that are foreign, or were damaged and have been set aside; the runs of weights among these
/// are trained again.
///
/// # Errors
/// Where files can't be read or renamed.
pub(super) fn tell_of_damage(plan: &Plan, store: &Store, messages: &Messages) -> Result<()> {
    stored::warn_of_foreign(store.folder(), messages)?;
    store.damaged().iter().for_each(|damaged| messages.warning(damaged));
    let damaged = store.set_aside_weights(plan.keys(), plan.weights.moments())?;
    damaged.iter().for_each(|damaged| messages.warning(damaged));
    Ok(())
}

/// Takes over what other results in `root` have finished of `plan`, and says so.
///
/// # Errors
/// Where the results folder can't take the plan, or the runs not be read or stored.
pub(super) fn adopt(plan: &Plan, store: &Store, root: &Path, messages: &Messages) -> Result<()> {
    let adopted = experiment::adopt(plan, store)?;
    if adopted > 0 {
        messages.note(format_args!(
            "{adopted} of {} {} taken over from other results in {}: the same runs",
            count(plan.trainings.len(), "training"),
            are(adopted),
            root.display()
        ));
    }
    Ok(())
}

fn are(number: usize) -> &'static str {
    if number == 1 { "is" } else { "are" }
}

/// Says how the sweep ended: the table on stdout, what to beware of on stderr.
pub(super) fn tell(
    summary: &Summary,
    plan: &Plan,
    store: &Store,
    fail_on: Option<FailOnRun>,
    messages: &Messages,
) -> Ending {
    let mut text = table::summary(plan, &summary.rows);
    if plan.theory.is_some() {
        text.push('\n');
        text.push_str(&theory::summary(plan, &summary.rows, store));
    }
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
