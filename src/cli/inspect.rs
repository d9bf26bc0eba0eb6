//! `aesparse inspect`: one stored run looked at. Changes nothing but its pictures.

use super::args::InspectArguments;
use super::columns::write_columns;
use super::messages::Messages;
use super::{Ending, count, output, stored};
use aesparse::data::{Dataset, Source, Standardize};
use aesparse::error::{Error, Result};
use aesparse::experiment::{Config, Plan};
use aesparse::report::inspect::{
    CURVES, FILTERS, Geometry, HISTOGRAM, RECONSTRUCTIONS, Shown, curves, filters, histogram, reconstructions,
};
use aesparse::state::Parameters;
use aesparse::store::{Moment, Results, StoredRun, Weights, write_atomic};
use aesparse::training::{RunSpec, Status};
use std::fmt::Display;
use std::path::{Path, PathBuf};

/// Draws what the run's record, weights and data allow, and prints its settings and results.
///
/// # Errors
/// Where there is no such run or more than one, its weights are damaged, its data are not there or others, or a picture can't be
/// written.
pub(crate) fn inspect(arguments: &InspectArguments, messages: &Messages) -> Result<Ending> {
    let (results, run) = stored::find_run(&arguments.stored.run, &arguments.stored.conditions, messages)?;
    let folder = place(arguments, &results, &run)?;
    let weights = results.weights(&run, Moment::Final)?;
    draw_charts(&run, &folder, messages)?;
    match weights {
        None => leave_out(stored::no_weights(&results, &run), messages),
        Some(file) => draw_images(arguments, (&results, &run), file.weights, &folder, messages)?,
    }
    Ok(messages.print(&summary(&run)))
}

/// The folder for the pictures: the run's own in its results folder, or another outside of any, which is no input.
fn place(arguments: &InspectArguments, results: &Results, run: &StoredRun) -> Result<PathBuf> {
    let own = results.folder.join("inspect").join(&run.record.run_key);
    let Some(out) = &arguments.out else { return Ok(own) };
    if output::resolved(out) != output::resolved(&own) {
        output::outside_results("--out", out)?;
    }
    // A configuration that can't be used names no data.
    let config = stored::configuration(results, run);
    let sources =
        config.and_then(|config| stored::sources(results, &config, places(arguments))).unwrap_or_default();
    let configured = sources.iter().filter_map(Source::path);
    output::not_an_input("--out", out, arguments.stored.data.as_deref().into_iter().chain(configured))?;
    Ok(out.clone())
}

/// Where the run's data are, as far as the arguments say: their path, and the folder of the data sets.
fn places(arguments: &InspectArguments) -> (Option<&Path>, Option<&Path>) {
    (arguments.stored.data.as_deref(), arguments.stored.data_dir.as_deref())
}

/// The pictures that need the record alone.
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

/// The pictures that need the weights, where the inputs are images.
fn draw_images(
    arguments: &InspectArguments,
    (results, run): (&Results, &StoredRun),
    weights: Weights,
    folder: &Path,
    messages: &Messages,
) -> Result<()> {
    let config = stored::configuration(results, run)?;
    let geometry = match Geometry::of(&config.data().source, run.spec.inputs) {
        Ok(geometry) => geometry,
        Err(reason) => {
            leave_out(reason, messages);
            return Ok(());
        }
    };
    let draw = |stem: &str, picture: &[u8]| {
        let path = folder.join(format!("{stem}.png"));
        write_atomic(&path, picture)?;
        messages.note(format_args!("drawn: {}", path.display()));
        Ok(())
    };
    draw(FILTERS, &filters(run, weights.w.view(), geometry)?)?;
    draw(RECONSTRUCTIONS, &draw_reconstructions(arguments, (results, run), &config, weights, geometry)?)
}

fn leave_out(reason: impl Display, messages: &Messages) {
    messages.note(format_args!("{FILTERS}.png and {RECONSTRUCTIONS}.png are left out: {reason}"));
}

fn draw_reconstructions(
    arguments: &InspectArguments,
    (results, run): (&Results, &StoredRun),
    config: &Config,
    weights: Weights,
    geometry: Geometry,
) -> Result<Vec<u8>> {
    let raw = stored::load_data((results, run), config, places(arguments))?;
    let (shown, dataset) = Shown::of(raw, config.data().standardize)?;
    let spec = find_spec(config, &dataset, results, run)?;
    let Weights { w, b, b_d } = weights;
    let decoder_bias = b_d.map(|b_d| b_d.to_vec()).unwrap_or_default();
    let parameters = Parameters::new(w.view(), b.to_vec(), decoder_bias);
    let samples = (dataset.train.view(), &shown);
    reconstructions((run, &spec), &parameters, samples, geometry, arguments.sigma_squared)
}

/// What `config` says of the run on `dataset`: the training that has its key.
fn find_spec(config: &Config, dataset: &Dataset, results: &Results, run: &StoredRun) -> Result<RunSpec> {
    let key = &run.record.run_key;
    let start = config.warm_start().map(|_| run.record.spec.warm_start.clone().unwrap_or_default());
    let plan = Plan::of(config, dataset, start)?;
    let training = plan.trainings.into_iter().find(|training| training.key == *key);
    training.map(|training| training.spec).ok_or_else(|| {
        Error::store(
            results.folder.join("manifest.json"),
            format!("its configuration does not give the run {key}"),
            "run its configuration again, with this program, which writes the folder's files from its records",
        )
    })
}

/// `by feature, epsilon 0.1`
fn standardised(standardize: Standardize) -> String {
    let (scope, epsilon) = match standardize {
        Standardize::None => return "no".to_owned(),
        Standardize::Feature { epsilon } => ("feature", epsilon),
        Standardize::Sample { epsilon } => ("sample", epsilon),
    };
    if epsilon == 0.0 { format!("by {scope}") } else { format!("by {scope}, epsilon {epsilon}") }
}

/// The run's settings and what came of them.
fn summary(run: &StoredRun) -> String {
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
    let mut text = format!("{}, run {}\n", run.name, run.record.run_key);
    let lines: Vec<Vec<String>> =
        lines.into_iter().map(|(name, value)| vec![name.to_owned(), value.replace('\n', " ")]).collect();
    write_columns(&mut text, &lines);
    text
}
