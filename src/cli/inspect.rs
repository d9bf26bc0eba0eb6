//! `aesparse inspect`: shows one stored run as pictures, tables and a list of settings and results. Writes only these files.

mod pictures;
mod weighted_run;

use super::args::InspectArguments;
use super::messages::Messages;
use super::{ExitStatus, count, output, screen, stored};
use crate::data::Standardize;
use crate::error::Result;
use crate::report::dictionary::{DictionaryRecovery, SAME_DIRECTION};
use crate::report::document::{Block, Table};
use crate::report::inspect::{
    ACTIVE_UNITS, CURVES, DENSITIES, DISTRIBUTION, FEATURES, HISTOGRAM, active_units, curves,
    deaths_and_revivals, densities, distribution, histogram, l0_range,
};
use crate::report::text;
use crate::store::{DistributionRecord, INSPECT, Moment, Results, StoredRun};
use crate::training::{CodeDistribution, Status};
use pictures::PIXELS;
use std::path::{Path, PathBuf};
use weighted_run::{Insight, LeftOut, NoCodes, WeightedRun};

/// Draws the pictures that the run's record, distribution, weights and data allow, and prints its settings and results.
///
/// # Errors
/// Where no run or more than one is selected, its weights are damaged, its data are missing or have another digest, the file of ids doesn't
/// fit, or a file can't be written.
pub(crate) fn inspect(arguments: &InspectArguments, messages: &Messages) -> Result<ExitStatus> {
    let (results, run) =
        stored::find_trained_run(&arguments.stored.run, &arguments.stored.conditions, messages)?;
    let folder = pictures_folder(arguments, &results, &run)?;
    let weights = results.weights(&run, Moment::Final)?;
    let measured = results.distributions.get(&run.record.run_key).map(|measured| &**measured);
    let weighted = weights.map(|file| WeightedRun {
        results: &results,
        run: &run,
        weights: file.weights,
        folder: &folder,
    });
    let known = weighted.as_ref().filter(|_| run.spec.activation.known().is_some());
    let mut samples = known.map(|weighted| weighted.samples(arguments));
    // Data and ids that the user names are checked before anything is drawn.
    if arguments.ids.is_some() || arguments.stored.data.is_some() {
        samples = samples.transpose()?.map(Ok);
    }
    draw_charts(&run, measured, &folder, messages)?;
    let insight = match weighted {
        Some(weighted) => weighted.look(samples, arguments, messages)?,
        None => {
            let reason = stored::no_weights(&results, &run);
            messages
                .note(format_args!("{PIXELS}, {FEATURES}.csv and {FEATURES}.html are left out: {reason}"));
            Insight::default()
        }
    };
    // The run's own measurement needs neither weights nor data.
    let last = run.record.result().and_then(|result| measured?.after(result.epoch));
    let codes = last.map(|last| &last.codes).or(insight.codes.as_ref());
    if let Some(codes) = codes {
        messages.drawn(&folder, ACTIVE_UNITS, active_units(&run, codes).write(&folder)?);
    }
    if let Some(LeftOut { mut files, reason }) = insight.left_out {
        if codes.is_none() {
            files.extend([ACTIVE_UNITS.to_owned(), "the sparseness of codes".to_owned()]);
        }
        let last = files.pop().unwrap_or_default();
        let files = format!("{} and {last} are left out", files.join(", "));
        match reason {
            NoCodes::Data(error) => messages.warning(format_args!("{files}: {error}")),
            NoCodes::Activation(name) => {
                messages.note(format_args!("{files}: this program has no activation {name}"));
            }
        }
    }
    let lines =
        codes.into_iter().flat_map(code_lines).chain(insight.recovery.iter().flat_map(recovery_lines));
    Ok(messages.print(&summary(&run, measured, lines)))
}

/// The distribution of codes in words, one quantity on each line.
fn code_lines(codes: &CodeDistribution) -> [(&'static str, String); 3] {
    let number = |value: Option<f64>| text::or_absent(value, |value| format!("{value:.4}"));
    let [least, median, most] = l0_range(codes);
    let samples = count(codes.samples() as usize, "sample");
    [
        ("active units (L0)", format!("median {median}, from {least} to {most}, over {samples}")),
        ("Hoyer sparseness", format!("{}, mean over samples", number(codes.hoyer))),
        ("Gini index", format!("{}, mean over samples", number(codes.gini))),
    ]
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
    let own = results.folder.join(INSPECT).join(&run.record.run_key);
    let Some(out) = &arguments.out else { return Ok(own) };
    if output::resolved(out) != output::resolved(&own) {
        output::check_outside_results("--out", out)?;
    }
    // A configuration that can't be used doesn't name an input.
    let configured = stored::own_data(results, arguments.stored.data_paths());
    let configured = configured.iter().map(PathBuf::as_path);
    let given = [&arguments.stored.data, &arguments.ids].into_iter().flatten().map(PathBuf::as_path);
    output::check_not_an_input("--out", out, given.chain(configured))?;
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
            let optional = |value: Option<f64>| text::or_absent(value, |value| format!("{value:.4}"));
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
    let row = |(name, value): (&str, String)| vec![name.into(), value.replace('\n', " ").into()];
    let table = Table::new("", &["", ""], &[]).with(lines.into_iter().map(row));
    format!("{}, run {}\n{}", run.name, run.record.run_key, screen::text(vec![Block::Table(table)]))
}
