//! `aesparse inspect`: shows one stored run as pictures and as a list of settings and results. Writes only the pictures.

#[cfg(feature = "png")]
mod images;

use super::args::InspectArguments;
use super::columns::write_columns;
use super::messages::Messages;
use super::{ExitStatus, count, output, stored};
use crate::data::{DataSpec, Source, Standardize};
#[cfg(not(feature = "png"))]
use crate::error::Error;
use crate::error::Result;
use crate::report::dictionary::{DictionaryRecovery, SAME_DIRECTION, UsedUnits, atoms};
use crate::report::inspect::{CURVES, FILTERS, HISTOGRAM, RECONSTRUCTIONS, curves, histogram};
use crate::report::text;
use crate::store::{Moment, Results, StoredRun, Weights};
use crate::training::Status;
use std::path::{Path, PathBuf};

/// Draws the pictures that the run's record, weights and data allow, and prints its settings and results.
///
/// # Errors
/// Where no run or more than one is selected, its weights are damaged, its data are missing or have another digest, or a picture
/// can't be written.
pub(crate) fn inspect(arguments: &InspectArguments, messages: &Messages) -> Result<ExitStatus> {
    let (results, run) = stored::find_run(&arguments.stored.run, &arguments.stored.conditions, messages)?;
    let folder = pictures_folder(arguments, &results, &run)?;
    let weights = results.weights(&run, Moment::Final)?;
    let recovery = weights.as_ref().map(|file| recovery(arguments, (&results, &run), &file.weights));
    let recovery = recovery.transpose()?.flatten();
    draw_charts(&run, &folder, messages)?;
    let left_out = match weights {
        None => Some(stored::no_weights(&results, &run).to_string()),
        #[cfg(feature = "png")]
        Some(file) => images::draw(arguments, (&results, &run), file.weights, &folder, messages)?,
        #[cfg(not(feature = "png"))]
        Some(_) => Some(Error::Feature { what: "pictures in pixels", feature: "png" }.to_string()),
    };
    if let Some(reason) = left_out {
        messages.note(format_args!("{FILTERS}.png and {RECONSTRUCTIONS}.png are left out: {reason}"));
    }
    Ok(messages.print(&summary(&run, recovery.as_ref())))
}

/// How well the units of `run`, one of `results`, recover the atoms of synthetic data; `None` on other data.
///
/// # Errors
/// Where the data can't be drawn, or are not the data that the run was trained on.
fn recovery(
    arguments: &InspectArguments,
    (results, run): (&Results, &StoredRun),
    weights: &Weights,
) -> Result<Option<DictionaryRecovery>> {
    let data = stored::configured_data(results, run)?;
    let DataSpec { source, standardize, .. } = &data.spec;
    if !matches!(source, Source::Synthetic(_)) {
        return Ok(None);
    }
    let raw = stored::load_data((results, run), &data, arguments.stored.data_paths())?;
    let dataset = raw.standardize(*standardize)?;
    let atoms = atoms(source, *standardize, dataset.statistics.as_ref())?;
    Ok(atoms.map(|atoms| DictionaryRecovery::of(atoms.view(), &UsedUnits::of(weights, &run.record))))
}

/// The recovery of the atoms in words, one quantity on each line.
fn recovery_lines(recovery: &DictionaryRecovery) -> [(&'static str, String); 5] {
    let cosine = |value: Option<f64>| text::or_absent(value, |cosine| format!("{cosine:.4}"));
    let DictionaryRecovery { atoms, units, recovered, repeated_atoms, repeated_units, .. } = recovery;
    [
        (
            "atoms recovered",
            format!("{recovered} of {atoms}, one-to-one, with a cosine above {SAME_DIRECTION}"),
        ),
        ("mean max. cosine", format!("{}, over atoms, of the best unit", cosine(recovery.mean_max_cosine))),
        ("mean matched cosine", cosine(recovery.mean_matched_cosine)),
        (
            "repeated atoms",
            format!("{repeated_atoms} of {atoms}, each with several units above {SAME_DIRECTION}"),
        ),
        (
            "repeated units",
            format!("{repeated_units} of {units} used, with another unit above {SAME_DIRECTION}"),
        ),
    ]
}

/// The folder for the pictures: the run's own in its results folder, or `--out`, which must be neither in a results folder nor an
/// input.
fn pictures_folder(arguments: &InspectArguments, results: &Results, run: &StoredRun) -> Result<PathBuf> {
    let own = results.folder.join("inspect").join(&run.record.run_key);
    let Some(out) = &arguments.out else { return Ok(own) };
    if output::resolved(out) != output::resolved(&own) {
        output::check_outside_results("--out", out)?;
    }
    // A configuration that can't be used doesn't name an input.
    let data = stored::configured_data(results, run);
    let sources = data
        .and_then(|data| stored::data_sources(results, &data, arguments.stored.data_paths()))
        .unwrap_or_default();
    let configured = sources.iter().filter_map(Source::path);
    output::check_not_an_input("--out", out, arguments.stored.data.as_deref().into_iter().chain(configured))?;
    Ok(out.clone())
}

/// Draws the pictures that need only the record.
fn draw_charts(run: &StoredRun, folder: &Path, messages: &Messages) -> Result<()> {
    match curves(run) {
        Some(picture) => messages.drawn(folder, CURVES, picture.write(folder)?),
        None => messages.note(format_args!("{CURVES} are left out: nothing was measured before it diverged")),
    }
    match histogram(run) {
        Some(picture) => messages.drawn(folder, HISTOGRAM, picture.write(folder)?),
        None => messages.note(format_args!(
            "{HISTOGRAM} is left out: the record has no counts by unit, as where a run diverged or an earlier version \
             trained it"
        )),
    }
    Ok(())
}

/// The standardisation in words: `by feature, epsilon 0.1`.
fn standardised(standardize: Standardize) -> String {
    let how = match standardize {
        Standardize::None => "no",
        Standardize::Feature { .. } => "by feature",
        Standardize::Sample { .. } => "by sample",
        Standardize::Global { .. } => "over all values",
    };
    let epsilon = standardize.epsilon();
    if epsilon == 0.0 { how.to_owned() } else { format!("{how}, epsilon {epsilon}") }
}

/// The run's settings and results, one on each line.
fn summary(run: &StoredRun, recovery: Option<&DictionaryRecovery>) -> String {
    let s = &run.spec;
    let mut lines = vec![
        ("data", format!("{}, {} of {}", run.dataset, count(s.samples, "sample"), count(s.inputs, "input"))),
        ("standardised", standardised(s.standardize)),
        ("hidden units", format!("{}, {}, {}", s.hidden, s.activation.label(), s.constraint.label())),
        ("encoder bias", s.encoder_bias.name().to_owned()),
        ("decoder bias", if s.decoder_bias { "yes" } else { "no" }.to_owned()),
        ("regularizer", s.regularizer.label()),
        ("σ²", s.sigma_squared.to_string()),
        ("seed", s.seed.to_string()),
        (
            "training",
            format!(
                "{}, batches of {}, learning rate {}, momentum {}",
                count(s.epochs as usize, "epoch"),
                s.batch,
                s.learning_rate,
                s.momentum
            ),
        ),
    ];
    match (run.record.status, run.record.result()) {
        (Status::Diverged { epoch, step }, _) => {
            lines.push(("ended", format!("diverged in epoch {epoch}, at step {step}")));
        }
        (Status::Completed, None) => lines.push(("ended", "completed".to_owned())),
        (Status::Completed, Some(m)) => {
            let optional = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |x| format!("{x:.4}"));
            lines.extend([
                ("ended", format!("completed, measured after epoch {}", m.epoch)),
                (
                    "activation fraction",
                    format!("{:.4} (δ_min = {})", m.avg_activation_fraction, s.threshold),
                ),
                ("of units that are alive", optional(m.alive_activation_fraction)),
                ("dead units", format!("{} of {}", m.dead_units, s.hidden)),
                ("training objective", optional(m.training_loss)),
                ("reconstruction", format!("{:.4}", m.reconstruction)),
                ("variance unexplained", optional(m.fraction_variance_unexplained)),
                ("penalty", optional(m.penalty)),
                ("held-out fraction", optional(m.held_out_activation_fraction)),
                ("held-out reconstruction", optional(m.held_out_reconstruction)),
            ]);
        }
    }
    lines.extend(recovery.into_iter().flat_map(recovery_lines));
    let mut text = format!("{}, run {}\n", run.name, run.record.run_key);
    let lines: Vec<Vec<String>> =
        lines.into_iter().map(|(name, value)| vec![name.to_owned(), value.replace('\n', " ")]).collect();
    write_columns(&mut text, &lines);
    text
}
