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
use crate::linalg::Team;
use crate::report::dictionary::{DictionaryRecovery, SAME_DIRECTION, UsedUnits, atoms};
use crate::report::inspect::{
    ACTIVE_UNITS, CURVES, DENSITIES, DISTRIBUTION, FILTERS, HISTOGRAM, RECONSTRUCTIONS, active_units,
    code_distribution, curves, deaths_and_revivals, densities, distribution, histogram, l0_range,
};
use crate::report::text;
use crate::state::Parameters;
use crate::store::{DistributionRecord, Moment, Results, StoredRun, WeightsFile};
use crate::training::{CodeDistribution, Status};
use std::path::{Path, PathBuf};

/// Draws the pictures that the run's record, distribution, weights and data allow, and prints its settings and results.
///
/// # Errors
/// Where no run or more than one is selected, its weights are damaged, its data are missing or have another digest, or a picture
/// can't be written.
pub(crate) fn inspect(arguments: &InspectArguments, messages: &Messages) -> Result<ExitStatus> {
    let (results, run) = stored::find_run(&arguments.stored.run, &arguments.stored.conditions, messages)?;
    let folder = pictures_folder(arguments, &results, &run)?;
    let weights = results.weights(&run, Moment::Final)?;
    let measured = results.distributions.get(&run.record.run_key).map(|measured| &**measured);
    draw_charts(&run, measured, &folder, messages)?;
    let last = run.record.result().and_then(|result| measured?.after(result.epoch));
    let known = last.map(|last| &last.codes);
    let codes = weights.as_ref().map(|file| MeasuredCodes::of(arguments, (&results, &run), file, known));
    let codes = match codes.transpose() {
        Ok(Some(codes)) => Some(codes),
        Err(reason) if known.is_none() => {
            messages.note(format_args!("{ACTIVE_UNITS} and the sparseness of codes are left out: {reason}"));
            None
        }
        _ => known.map(|known| MeasuredCodes { distribution: known.clone(), recovery: None }),
    };
    if let Some(MeasuredCodes { distribution, .. }) = &codes {
        messages.drawn(&folder, ACTIVE_UNITS, active_units(&run, distribution).write(&folder)?);
    }
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
    Ok(messages.print(&summary(&run, measured, codes.iter().flat_map(MeasuredCodes::lines))))
}

/// What the weights of a run and its data show together, or its distribution of codes alone.
struct MeasuredCodes {
    distribution: CodeDistribution,
    /// The recovery of the atoms of synthetic data; `None` on other data.
    recovery: Option<DictionaryRecovery>,
}

impl MeasuredCodes {
    /// The codes of `run`, one of `results`, with these weights; `known` is the distribution that the run itself has measured.
    ///
    /// # Errors
    /// A sentence: the data are missing or are not the data that the run was trained on, or this program lacks the activation.
    fn of(
        arguments: &InspectArguments,
        (results, run): (&Results, &StoredRun),
        WeightsFile { weights, .. }: &WeightsFile,
        known: Option<&CodeDistribution>,
    ) -> Result<Self, String> {
        if run.spec.activation.known().is_none() {
            return Err(format!("this program has no activation {}", run.spec.activation.label()));
        }
        let measure = || -> Result<Self> {
            let data = stored::configured_data(results, run)?;
            let DataSpec { source, standardize, .. } = &data.spec;
            let raw = stored::load_data((results, run), &data, arguments.stored.data_paths())?;
            let dataset = raw.standardize(*standardize)?;
            // Codes don't depend on the decoder's bias.
            let parameters = Parameters::new(weights.w.view(), weights.b.to_vec(), Vec::new());
            let distribution = known.cloned().unwrap_or_else(|| {
                Team::assemble(arguments.stored.threads(), |team| {
                    code_distribution(team, run, &parameters, dataset.train.view())
                })
            });
            let atoms = atoms(source, *standardize, dataset.statistics.as_ref())?;
            let units = UsedUnits::of(weights, &run.record);
            let recovery = atoms.map(|atoms| DictionaryRecovery::of(atoms.view(), &units));
            Ok(Self { distribution, recovery })
        };
        measure().map_err(|error| error.to_string())
    }

    /// The numbers in words, one quantity on each line.
    fn lines(&self) -> impl Iterator<Item = (&'static str, String)> {
        let distribution = &self.distribution;
        let number = |value: Option<f64>| text::or_absent(value, |value| format!("{value:.4}"));
        let [least, median, most] = l0_range(distribution);
        let samples = count(distribution.samples() as usize, "sample");
        let lines = [
            ("active units (L0)", format!("median {median}, from {least} to {most}, over {samples}")),
            ("Hoyer sparseness", format!("{}, mean over samples", number(distribution.hoyer))),
            ("Gini index", format!("{}, mean over samples", number(distribution.gini))),
        ];
        lines.into_iter().chain(self.recovery.iter().flat_map(recovery_lines))
    }
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

/// Draws the pictures that need only the record, and the distributions `measured` if there are any.
fn draw_charts(
    run: &StoredRun,
    measured: Option<&DistributionRecord>,
    folder: &Path,
    messages: &Messages,
) -> Result<()> {
    match curves(run) {
        Some(picture) => messages.drawn(folder, CURVES, picture.write(folder)?),
        None => messages.note(format_args!("{CURVES} are left out: nothing was measured before it diverged")),
    }
    match (histogram(run), densities(run)) {
        (Some(fractions), Some(densities)) => {
            messages.drawn(folder, HISTOGRAM, fractions.write(folder)?);
            messages.drawn(folder, DENSITIES, densities.write(folder)?);
        }
        _ => messages.note(format_args!(
            "{HISTOGRAM} and {DENSITIES} are left out: the record has no counts by unit, as where a run diverged or an earlier version \
             trained it"
        )),
    }
    if let Some(picture) = measured.and_then(|measured| distribution(run, measured)) {
        messages.drawn(folder, DISTRIBUTION, picture.write(folder)?);
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

/// The numbers of units that died and came back, in words; exact where the distributions `measured` have them.
fn died_and_came_back(run: &StoredRun, measured: Option<&DistributionRecord>) -> String {
    let (bound, (died, revived)) = match measured {
        Some(measured) => ("", measured.deaths_and_revivals()),
        None => ("at least ", deaths_and_revivals(&run.record.measurements)),
    };
    format!("{bound}{died} and {revived}, between measured epochs")
}

/// The run's settings and results, one on each line; `measured` are its distributions of codes, if there are any.
fn summary(
    run: &StoredRun,
    measured: Option<&DistributionRecord>,
    more: impl Iterator<Item = (&'static str, String)>,
) -> String {
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
                ("died and came back", died_and_came_back(run, measured)),
                ("training objective", optional(m.training_loss)),
                ("reconstruction", format!("{:.4}", m.reconstruction)),
                ("variance unexplained", optional(m.fraction_variance_unexplained)),
                ("penalty", optional(m.penalty)),
                ("held-out fraction", optional(m.held_out_activation_fraction)),
                ("held-out reconstruction", optional(m.held_out_reconstruction)),
            ]);
        }
    }
    lines.extend(more);
    let mut text = format!("{}, run {}\n", run.name, run.record.run_key);
    let lines: Vec<Vec<String>> =
        lines.into_iter().map(|(name, value)| vec![name.to_owned(), value.replace('\n', " ")]).collect();
    write_columns(&mut text, &lines);
    text
}
