//! `aesparse figures`: trains the built-in configurations of the paper's figures, one for each half (data set), and renders them.

use super::args::{FiguresArguments, SweepOptions, TrainOptions};
use super::interrupt::Interrupt;
use super::memory::Jobs;
use super::messages::Messages;
use super::prepare::{check_data_dir, data_folders};
use super::{ExitStatus, output, run};
use crate::data::{self, DataSpec, Dataset};
use crate::error::{Error, Problem, Problems, Result};
use crate::experiment::{Notice, Prepared, config};
use crate::report::figure::SigmaScale;
use crate::report::figures::{self, FolderFigure};
use crate::report::{BuiltIn, Drawing, FIGURES, PaperFigure};
use crate::store::{Results, check_writable};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Trains the missing runs of the chosen figures, one half after the other, and renders each half after its training.
///
/// # Errors
/// Where the overrides, the data, a results folder or the folder of the figures can't be used. Nothing was trained then.
pub(crate) fn figures(arguments: &FiguresArguments, messages: &Messages) -> Result<ExitStatus> {
    let interrupt = Interrupt::on_signals()?;
    let chosen: Vec<_> = match arguments.figures.as_slice() {
        [] => PaperFigure::PAPER.iter().collect(),
        ids => PaperFigure::ALL.iter().filter(|figure| ids.iter().any(|id| id == figure.id)).collect(),
    };
    let is_chosen = |half: &&BuiltIn| {
        arguments.dataset.is_empty() || arguments.dataset.iter().any(|name| name == half.dataset)
    };
    let chosen = chosen.iter().flat_map(|figure| &figure.configs).filter(is_chosen);
    let halves = prepare_halves(chosen, &arguments.options, messages)?;
    let TrainOptions { dry_run, .. } = arguments.options;
    if !dry_run {
        halves.iter().try_for_each(|half| Jobs::fitting(&half.plan, arguments.options.jobs).map(drop))?;
    }
    // With `--fresh` any plan is accepted, and a dry run opens no folder.
    if !arguments.options.fresh && !dry_run {
        let (options, notify) = (&arguments.options, |notice: Notice<'_>| messages.notice(&notice));
        let check = |half: &Prepared| half.check_folder(&options.out, run::opening(options), &notify);
        halves.iter().try_for_each(check)?;
    }
    if !dry_run {
        check_writable(&figures_folder(&arguments.options.out))?;
    }
    let mut status = ExitStatus::Complete;
    for (index, prepared) in halves.iter().enumerate() {
        let half_status = match train_and_draw(prepared, arguments, &interrupt, messages) {
            // Something has been trained, so an error of this half must not stop the other halves.
            Err(error) if index > 0 && !dry_run => {
                messages.error(&error);
                ExitStatus::Incomplete
            }
            result => result?,
        };
        if half_status == ExitStatus::Interrupted {
            return Ok(half_status);
        }
        status = status.and(half_status);
    }
    Ok(status)
}

/// Trains the missing runs of a half and renders it.
///
/// # Errors
/// Where its results folder can't be used. Nothing of the half was trained then.
fn train_and_draw(
    prepared: &Prepared,
    FiguresArguments { options, sigma_axis, .. }: &FiguresArguments,
    interrupt: &Interrupt,
    messages: &Messages,
) -> Result<ExitStatus> {
    let trained = run::train_plan(prepared, options, interrupt, messages)?;
    if trained == ExitStatus::Interrupted || options.dry_run {
        return Ok(trained);
    }
    let results = Results::read(&options.out.join(&prepared.plan.name));
    let drawn = results.and_then(|results| {
        let mut figures = figures::of(&results);
        figures.iter_mut().for_each(|shown| shown.drawing.set_sigma_scale(SigmaScale::from(*sigma_axis)));
        draw_new(&figures, &options.out, messages)
    });
    Ok(drawn.map_or_else(
        |error| {
            messages.error(&error);
            ExitStatus::Incomplete
        },
        |()| trained,
    ))
}

/// Renders the `figures` that are new or have changed in the results root `root`.
fn draw_new(figures: &[FolderFigure], root: &Path, messages: &Messages) -> Result<()> {
    let folder = figures_folder(root);
    let drawings = figures.iter().flat_map(FolderFigure::drawings);
    let (drawn, new): (Vec<_>, Vec<_>) = drawings.partition(|drawing| drawing.is_in(&folder));
    for drawing in drawn {
        messages.note(format_args!("drawn before: {}.svg", folder.join(&drawing.stem).display()));
    }
    draw(new.into_iter(), &folder, messages)
}

/// The folder of the figures in the results root `root`.
fn figures_folder(root: &Path) -> PathBuf {
    root.join(FIGURES)
}

/// Writes `drawings` to `folder`, with a note for each.
///
/// # Errors
/// Where a file can't be written.
pub(super) fn draw<'d>(
    drawings: impl Iterator<Item = &'d Drawing>,
    folder: &Path,
    messages: &Messages,
) -> Result<()> {
    for drawing in drawings {
        messages.drawn(folder, &drawing.stem, drawing.write(folder)?);
    }
    Ok(())
}

/// Refuses an override of `name`, because all halves would then have the same results folder.
fn check_no_name(overrides: &[String]) -> Result<()> {
    let is_name = |text: &&String| text.split_once('=').is_some_and(|(key, _)| key.trim() == "name");
    let Some(found) = overrides.iter().find(is_name) else { return Ok(()) };
    let message = format!(
        "found {found}; accepted: the names of the figures' configurations, in another place by --out DIR"
    );
    let (origin, key) = (Problem::OVERRIDE.to_owned(), "name".to_owned());
    Err(Error::Config(Problems(vec![Problem { origin, position: None, key, message }])))
}

/// The plans of `halves`. Each data set is loaded once.
fn prepare_halves<'h>(
    built_in: impl Iterator<Item = &'h BuiltIn>,
    options: &SweepOptions,
    messages: &Messages,
) -> Result<Vec<Prepared>> {
    check_no_name(&options.overrides)?;
    output::check_root("--out", &options.out)?;
    let mut loaded: Vec<(DataSpec, Arc<Dataset>)> = Vec::new();
    let mut halves = Vec::new();
    for half in built_in {
        let config = config::parse(half.text, Path::new(half.file), &options.overrides)?;
        let known = loaded.iter().find(|(spec, _)| spec == config.data());
        let folders = data_folders(options.data_dir.as_deref(), None, config.data_dir());
        let dataset = match known {
            Some((_, dataset)) => Arc::clone(dataset),
            None => {
                let dataset = Arc::new(data::load(config.data(), &folders)?);
                check_data_dir(options.data_dir.as_deref())?;
                messages.remarks(&dataset.remarks);
                loaded.push((config.data().clone(), Arc::clone(&dataset)));
                dataset
            }
        };
        halves.push(Prepared::new(config, dataset, folders)?);
    }
    Ok(halves)
}
