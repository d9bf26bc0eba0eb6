//! `aesparse figures`: trains the figures' built-in configurations and draws what they show.

use super::args::{FiguresArguments, SweepOptions, TrainOptions};
use super::interrupt::Interrupt;
use super::messages::Messages;
use super::prepare::{check_data_dir, data_folders};
use super::{Ending, output, run};
use crate::data::{self, DataSpec, Dataset};
use crate::error::{Error, Problem, Problems, Result};
use crate::experiment::{Notice, Prepared, config};
use crate::report::figure::SigmaScale;
use crate::report::figures::{self, Shown};
use crate::report::{Drawing, FIGURES, PaperFigure};
use crate::store::{Results, check_writable};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Trains what is missing of the chosen figures, one configuration after the other, and draws each when it is done.
///
/// # Errors
/// Whatever is wrong with the overrides, the data, a results folder or the folder of the figures, before anything is trained.
pub(crate) fn figures(arguments: &FiguresArguments, messages: &Messages) -> Result<Ending> {
    let chosen: Vec<_> = match arguments.figures.as_slice() {
        [] => PaperFigure::PAPER.iter().collect(),
        ids => PaperFigure::ALL.iter().filter(|figure| ids.iter().any(|id| id == figure.id)).collect(),
    };
    let halves = prepare(&chosen, &arguments.options, messages)?;
    let TrainOptions { dry_run, .. } = arguments.options;
    // A fresh folder takes any plan, and a dry run opens none.
    if !arguments.options.fresh && !dry_run {
        let (options, tell) = (&arguments.options, |notice: Notice<'_>| messages.notice(&notice));
        let check = |half: &Prepared| half.check(&options.out, run::opening(options), &tell);
        halves.iter().try_for_each(check)?;
    }
    if !dry_run {
        check_writable(&folder(&arguments.options.out))?;
    }
    let interrupt = Interrupt::on_signals()?;
    let mut ending = Ending::Complete;
    for (index, prepared) in halves.iter().enumerate() {
        let ended = match half(prepared, arguments, &interrupt, messages) {
            // Something was trained before: what is wrong with this half costs none of the others.
            Err(error) if index > 0 && !dry_run => {
                messages.error(&error);
                Ending::Incomplete
            }
            ended => ended?,
        };
        if ended == Ending::Interrupted {
            return Ok(ended);
        }
        ending = ending.worse(ended);
    }
    Ok(ending)
}

/// Trains what is missing of a half and draws it.
///
/// # Errors
/// Whatever is wrong with its results folder, before anything of it is trained.
fn half(
    prepared: &Prepared,
    FiguresArguments { options, sigma_axis, .. }: &FiguresArguments,
    interrupt: &Interrupt,
    messages: &Messages,
) -> Result<Ending> {
    let trained = run::train(prepared, options, interrupt, messages)?;
    if trained == Ending::Interrupted || options.dry_run {
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
            Ending::Incomplete
        },
        |()| trained,
    ))
}

/// Draws those of `figures` that the results root `root` doesn't have already.
fn draw_new(figures: &[Shown], root: &Path, messages: &Messages) -> Result<()> {
    let folder = folder(root);
    let drawings = figures.iter().map(|shown| &shown.drawing);
    let (drawn, new): (Vec<_>, Vec<_>) = drawings.partition(|drawing| drawing.is_in(&folder));
    for drawing in drawn {
        messages.note(format_args!("drawn before: {}.svg", folder.join(&drawing.stem).display()));
    }
    draw(new.into_iter(), &folder, messages)
}

/// Where the figures of the results root `root` are.
fn folder(root: &Path) -> PathBuf {
    root.join(FIGURES)
}

/// Writes `drawings` to `folder` and says so.
///
/// # Errors
/// Where the system refuses.
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

/// Refuses a name among the overrides: it would be that of every half, and results are known as a figure's by theirs.
fn check_names(overrides: &[String]) -> Result<()> {
    let is_name = |text: &&String| text.split_once('=').is_some_and(|(key, _)| key.trim() == "name");
    let Some(found) = overrides.iter().find(is_name) else { return Ok(()) };
    let message = format!(
        "found {found}; accepted: the names of the figures' configurations, in another place by --out DIR"
    );
    let (origin, key) = (Problem::OVERRIDE.to_owned(), "name".to_owned());
    Err(Error::Config(Problems(vec![Problem { origin, position: None, key, message }])))
}

/// The plans of all halves of `figures`; each data set is loaded once.
fn prepare(figures: &[&PaperFigure], options: &SweepOptions, messages: &Messages) -> Result<Vec<Prepared>> {
    check_names(&options.overrides)?;
    output::is_root("--out", &options.out)?;
    let mut loaded: Vec<(DataSpec, Arc<Dataset>)> = Vec::new();
    let mut halves = Vec::new();
    for figure in figures {
        for built_in in &figure.configs {
            let config = config::parse(built_in.text, Path::new(built_in.file), &options.overrides)?;
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
    }
    Ok(halves)
}
