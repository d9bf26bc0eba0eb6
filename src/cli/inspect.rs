//! `aesparse inspect`: one stored run looked at. Changes nothing but its pictures.

use super::args::InspectArguments;
use super::messages::Messages;
use super::plan::write_columns;
use super::prepare::data_folders;
use super::{Ending, count};
use aesparse::data::{self, Source, Standardize};
use aesparse::error::{Error, Result};
use aesparse::experiment::{Config, Plan, config};
use aesparse::report::inspect::{
    CURVES, FILTERS, Geometry, HISTOGRAM, Histogram, RECONSTRUCTIONS, Shown, curves, filters, reconstructions,
};
use aesparse::state::Parameters;
use aesparse::store::{Moment, Results, StoredRun, Weights, weights_path, write_atomic};
use aesparse::training::{RunSpec, Status, settings_of};
use serde_json::Value as Json;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Draws what the run's record, weights and data allow, and prints its settings and results.
///
/// # Errors
/// Where there is no such run or more than one, its weights are damaged, its data are not there or others, or a picture can't be
/// written.
pub(crate) fn inspect(arguments: &InspectArguments, messages: &Messages) -> Result<Ending> {
    let (results, run) = Results::find_run(&arguments.run, &arguments.conditions)?;
    let key = &run.settings.run_key;
    let folder = arguments.out.clone().unwrap_or_else(|| results.folder.join("inspect").join(key));
    let weights = read_weights(&results, &run)?;
    draw_charts(&run, &folder, messages)?;
    let left_out = format!("{FILTERS}.png and {RECONSTRUCTIONS}.png are left out");
    match (weights, Geometry::of(&run.settings.dataset, inputs(&run))) {
        (None, _) => {
            let path = weights_path(&results.folder, key, Moment::Final);
            let reason = match run.record.status {
                Status::Diverged { .. } => "the run diverged, so there are no weights to look at".to_owned(),
                Status::Completed => format!(
                    "there is no {}; to keep weights, train the configuration again with \
                     -o output.weights=final, and --fresh where its results are there",
                    path.display()
                ),
            };
            messages.note(format_args!("{left_out}: {reason}"));
        }
        (_, Err(reason)) => messages.note(format_args!("{left_out}: {reason}")),
        (Some(weights), Ok(geometry)) => {
            let path = folder.join(format!("{FILTERS}.png"));
            write_atomic(&path, &filters(&run, weights.w.view(), geometry)?)?;
            messages.note(format_args!("drawn: {}", path.display()));
            let path = folder.join(format!("{RECONSTRUCTIONS}.png"));
            write_atomic(&path, &draw_reconstructions(arguments, &results, &run, weights, geometry)?)?;
            messages.note(format_args!("drawn: {}", path.display()));
        }
    }
    let printed = messages.print(&summary(&run));
    Ok(if printed { Ending::Complete } else { Ending::Incomplete })
}

/// The pictures that need the record alone.
fn draw_charts(run: &StoredRun, folder: &Path, messages: &Messages) -> Result<()> {
    let drawn = |stem: &str| {
        messages.note(format_args!("drawn: {}", folder.join(format!("{stem}.{{csv,svg,png}}")).display()));
    };
    match curves(run) {
        Some(picture) => {
            picture.write(folder)?;
            drawn(CURVES);
        }
        None => messages.note(format_args!("{CURVES} are left out: nothing was measured before it diverged")),
    }
    match Histogram::of(run) {
        Some(histogram) => {
            histogram.write(folder)?;
            drawn(HISTOGRAM);
        }
        None => messages.note(format_args!(
            "{HISTOGRAM} is left out: the record has no counts by unit, as where a run diverged or an earlier version \
             trained it"
        )),
    }
    Ok(())
}

/// n, by the record, which its key vouches for.
fn inputs(run: &StoredRun) -> usize {
    let inputs = run.record.identity["inputs"].as_u64();
    inputs.and_then(|inputs| usize::try_from(inputs).ok()).unwrap_or_default()
}

/// The weights after the last epoch, where they were kept.
fn read_weights(results: &Results, run: &StoredRun) -> Result<Option<Weights>> {
    let path = weights_path(&results.folder, &run.settings.run_key, Moment::Final);
    let refuse = |problem: String| {
        Error::store(
            &path,
            problem,
            "move it away, or train its configuration again with --fresh -o output.weights=final",
        )
    };
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("read", &path)(error)),
    };
    let weights = Weights::decode(&bytes).map_err(refuse)?;
    let identity = settings_of(&run.record.identity);
    let is = |key: &str, size: usize| identity.get(key).and_then(Json::as_u64) == Some(size as u64);
    let (hidden, inputs) = weights.w.dim();
    if !is("hidden", hidden) || !is("inputs", inputs) {
        return Err(refuse(format!(
            "W has the shape [{hidden}, {inputs}], but the run has [{}, {}] (hidden units, inputs)",
            run.record.identity["hidden"], run.record.identity["inputs"]
        )));
    }
    let has_bias = identity.get("decoder_bias").and_then(Json::as_bool) == Some(true);
    if has_bias != weights.b_d.is_some() {
        let (found, expected) = if has_bias { ("no", "one") } else { ("an", "none") };
        return Err(refuse(format!("it has {found} array `b_d`, but the run's decoder has {expected}")));
    }
    Ok(Some(weights))
}

fn draw_reconstructions(
    arguments: &InspectArguments,
    results: &Results,
    run: &StoredRun,
    weights: Weights,
    geometry: Geometry,
) -> Result<Vec<u8>> {
    let config = read_config(results, arguments.data_dir.as_deref())?;
    let locations = data_folders(arguments.data_dir.as_deref(), None, config.data_dir());
    let spec = data::DataSpec { standardize: Standardize::None, ..config.data().clone() };
    let mut dataset = data::load(&spec, &locations)?;
    check_digest(results, run, &dataset.sha256)?;
    let spec = find_spec(&config, &dataset, results, run)?;
    let shown = Shown::of(&mut dataset, config.data().standardize);
    let Weights { w, b, b_d } = weights;
    let decoder_bias = b_d.map(|b_d| b_d.to_vec()).unwrap_or_default();
    let parameters = Parameters::new(w.view(), b.to_vec(), decoder_bias);
    let samples = (dataset.train.view(), &shown);
    reconstructions((run, &spec), &parameters, samples, geometry, arguments.sigma_squared)
}

/// The configuration in the manifest. It doesn't say where it stood: paths in it are taken relative to `--data-dir`, or
/// to the current directory.
fn read_config(results: &Results, data_dir: Option<&Path>) -> Result<Config> {
    let path = results.folder.join("manifest.json");
    let text = results.manifest.config.to_string();
    let read = |base: &Path| {
        config::parse(&text, &base.join("manifest.json"), &[]).map_err(|error| {
            let fix = "run its configuration again, which writes the folder's files from its records";
            Error::store(&path, format!("its configuration can't be used: {error}"), fix)
        })
    };
    let config = read(Path::new(""))?;
    match (data_dir, &config.data().source) {
        (Some(dir), Source::Npy { path }) if !path.is_file() => read(dir),
        _ => Ok(config),
    }
}

fn check_digest(results: &Results, run: &StoredRun, found: &str) -> Result<()> {
    let expected = run.record.identity["data_sha256"].as_str().unwrap_or_default();
    if expected == found {
        return Ok(());
    }
    let folder: PathBuf = results.folder.clone();
    let problem = format!(
        "the run {} was trained on other data than those that were found: their SHA-256 is {expected}, not {found}",
        run.settings.run_key
    );
    Err(Error::store(folder, problem, "name the folder of its data with --data-dir"))
}

/// What `config` says of the run on `dataset`: the training that has its key.
fn find_spec(
    config: &Config,
    dataset: &data::Dataset,
    results: &Results,
    run: &StoredRun,
) -> Result<RunSpec> {
    let key = &run.settings.run_key;
    let start = config.warm_start().map(|_| {
        let digest = run.record.identity["warm_start"].as_str();
        digest.unwrap_or_default().to_owned()
    });
    let plan = Plan::new(
        config,
        dataset.name.as_str(),
        dataset.sha256.as_str(),
        dataset.train.nrows(),
        dataset.inputs(),
        start,
    )?;
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
fn standardised(settings: &Json) -> String {
    let scope = match settings["scope"].as_str() {
        None | Some("none") => return "no".to_owned(),
        Some(scope) => scope,
    };
    match settings["epsilon"].as_f64() {
        Some(epsilon) if epsilon != 0.0 => format!("by {scope}, epsilon {epsilon}"),
        _ => format!("by {scope}"),
    }
}

/// The run's settings and what came of them.
fn summary(run: &StoredRun) -> String {
    let s = &run.settings;
    let identity = &run.record.identity;
    let mut lines = vec![
        ("data", format!("{}, {} of {}", s.dataset, count(s.samples, "sample"), count(s.inputs, "input"))),
        ("standardised", standardised(&identity["standardize"])),
        ("hidden units", format!("{}, {}, {}", s.hidden, s.activation, s.constraint)),
        ("encoder bias", s.encoder_bias.clone()),
        ("decoder bias", if identity["decoder_bias"] == true { "yes" } else { "no" }.to_owned()),
        ("regularizer", s.regularizer.clone()),
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
    let mut text = format!("{}, run {}\n", s.name, s.run_key);
    let lines: Vec<Vec<String>> =
        lines.into_iter().map(|(name, value)| vec![name.to_owned(), value.replace('\n', " ")]).collect();
    write_columns(&mut text, &lines);
    text
}
