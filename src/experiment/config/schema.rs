//! The settings: their keys, ranges and defaults are checked here and in [`super::sources`];
//! [`super::reference`] tells people, editors and tests of them.

use super::item::Item;
use super::names::Names;
use super::reader::{Report, Section};
use super::tree::{Finding, Node, Place, is_bare, quoted};
use super::{Config, DEFAULT_THEORY, Sweep, Threshold, WrittenPath, sources};
use crate::activation::{ActivationKind, ActivationSpec};
use crate::constraint::{Constraint, ConstraintKind};
use crate::experiment::plan::WeightsOutput;
use crate::optimizer::EncoderBias;
use crate::parameter::{Domain, Kind, Spec, Value};
use crate::regularizer::{COEFFICIENTS, RegularizerKind, RegularizerSpec};
use crate::training::TheorySpec;
use std::path::Path;
use std::time::Duration;

pub(super) const SEED: Domain = Domain::Integer { min: 0, max: u64::MAX };
/// Of hidden units, epochs, batch and cadence.
pub(super) const COUNT: Domain = Domain::Integer { min: 1, max: 1_000_000 };
/// Of samples to measure on; more than there are means all.
pub(super) const SAMPLES: Domain = Domain::Integer { min: 1, max: 1_000_000_000 };
pub(super) const LEARNING_RATE: Domain = Domain::Real { min: 0.0, min_open: true, max: 1e3, max_open: false };
pub(super) const MOMENTUM: Domain = Domain::half_open(0.0, 1.0);
/// Between two checkpoints of a run.
pub(super) const SECONDS: Domain = Domain::closed(0.0, 1e6);
pub(super) const DEFAULT_SECONDS: f64 = 30.0;
pub(super) const THRESHOLD: Domain = Domain::closed(-1e6, 1e6);

/// The σ² of the paper's figures.
pub const PAPER_SIGMA_SQUARED: [f64; 12] =
    [0.0, 0.001, 0.01, 0.04, 0.09, 0.16, 0.25, 0.36, 0.49, 0.64, 0.81, 1.0];

/// The models of the paper's figures.
pub(super) const PAPER_REGULARIZERS: [RegularizerKind; 4] =
    [RegularizerKind::Dae, RegularizerKind::Cae, RegularizerKind::Mdae, RegularizerKind::KlSae];

/// The most cells that a plan may have.
const MOST_CELLS: usize = 1_000_000;

/// Reads the settings of `root`, the file at `path`; `findings` are the problems that are known already.
///
/// # Errors
/// All problems, in no particular order.
pub(super) fn read(root: &Node, path: &Path, findings: Vec<Finding>) -> Result<Config, Vec<Finding>> {
    let report = Report::default();
    findings.into_iter().for_each(|finding| report.note(finding));
    let config = read_root(Section::root(&report, root), path);
    let findings = report.into_findings();
    match config {
        Some(config) if findings.is_empty() => Ok(config),
        _ => Err(findings),
    }
}

fn read_root(mut root: Section<'_>, path: &Path) -> Option<Config> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = read_name(&mut root, path);
    let seeds = root.take("seeds").and_then(|item| read_seeds(&item));
    let data = sources::read(root.section("data"), folder);
    let (mut model, mut training) = (root.section("model"), root.section("training"));
    let (mut sweep, mut evaluation) = (root.section("sweep"), root.section("evaluation"));
    let (weights, checkpoint) = read_output(root.section("output"));
    let theory = root.take("theory").and_then(|item| item.table("a table of settings")).and_then(read_theory);
    // Editors look there for the schema.
    root.ignore("$schema");
    root.finish();

    let hidden = model.whole("hidden", COUNT, 1000);
    let axes = read_axes(&mut model, &mut training, &mut sweep);
    let decoder_bias = model.boolean("decoder_bias", false);
    let warm_start = model.take("init").and_then(|item| read_init(&item, folder));

    let epochs = training.whole("epochs", COUNT, 50);
    let batch = training.whole("batch", COUNT, 50);
    let momentum = training.real("momentum", MOMENTUM, 0.9);
    let shuffle = training.boolean("shuffle", true);

    let every = evaluation.whole("every", COUNT, 10);
    let activation_place = model.place_of("activation").or(sweep.place_of("activation"));
    let threshold = read_threshold(&mut evaluation, &axes.activation, activation_place);

    let seeds = seeds.unwrap_or_else(|| vec![1]);
    let protocols = [axes.activation.len(), axes.constraint.len(), axes.learning_rate.len()];
    let models = [axes.encoder_bias.len(), axes.regularizer.len(), axes.sigma_squared.len(), seeds.len()];
    // Each list is at most 10,000 long, so saturation means far too many.
    let cells = protocols.into_iter().chain(models).fold(1_usize, usize::saturating_mul);
    if cells > MOST_CELLS {
        sweep.refuse(
            "sigma_squared",
            None,
            format!("found a plan of {cells} cells; accepted: at most {MOST_CELLS}"),
        );
    }
    [model, training, sweep, evaluation].into_iter().for_each(Section::finish);
    Some(Config {
        name: name?,
        seeds,
        data: data.spec?,
        data_dir: data.dir,
        source_path: data.source_path,
        hidden: usize::try_from(hidden).ok()?,
        decoder_bias,
        warm_start,
        epochs: u32::try_from(epochs).ok()?,
        batch: usize::try_from(batch).ok()?,
        momentum,
        shuffle,
        sweep: axes,
        evaluate_every: u32::try_from(every).ok()?,
        threshold,
        weights,
        checkpoint,
        theory,
    })
}

/// What results may be called, as messages say it.
pub const NAMES: &str = "1 to 100 letters, digits, `_` and `-`, and neither \"figures\", the folder of the figures, nor a device \
                         of Windows, such as \"con\"";

/// Whether results may be called `name`, a folder's name on every system: letters of either case are the same on some.
pub fn is_name(name: &str) -> bool {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    let is = |other: &&str| name.eq_ignore_ascii_case(other);
    // COM1, LPT1 and so on.
    let is_port = name.len() == 4
        && name.ends_with(|last: char| last.is_ascii_digit())
        && ["com", "lpt"].iter().any(|port| name[..3].eq_ignore_ascii_case(port));
    is_bare(name) && name.len() <= 100 && !is(&"figures") && !DEVICES.iter().any(is) && !is_port
}

fn read_name(root: &mut Section<'_>, path: &Path) -> Option<String> {
    if let Some(item) = root.take("name") {
        let name = item.string(NAMES)?;
        return if is_name(name) { Some(name.to_owned()) } else { item.refuse(NAMES) };
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    if is_name(&stem) {
        return Some(stem.into_owned());
    }
    let found = format!("is missing, and the file's stem {} can't stand for it", quoted(&stem));
    root.refuse("name", None, format!("{found}; accepted: {NAMES}"));
    None
}

/// The replicates: a list alone, for a number may be meant as a seed or as how many there shall be.
fn read_seeds(item: &Item<'_>) -> Option<Vec<u64>> {
    let Some(number) = item.integer() else {
        return item.list(SEED, |item| item.whole(SEED));
    };
    let [seed, several] = seeds_for(number);
    item.refuse(format!("a list, each entry {SEED}: `{seed}` is the one seed, `{several}` are several"))
}

/// The overrides that a `number` alone, given for `seeds`, may stand for: this one seed, or several, as many as it says where
/// these are few.
pub(super) fn seeds_for(number: u64) -> [String; 2] {
    const FEW: u64 = 10;
    let count = if (2..=FEW).contains(&number) { number } else { 3 };
    let seeds: Vec<String> = (1..=count).map(|seed| seed.to_string()).collect();
    [format!("seeds=[{number}]"), format!("seeds=[{}]", seeds.join(", "))]
}

/// The axes of the plan. Each but the last two is one value in its section or a list in `[sweep]`.
fn read_axes<'r>(model: &mut Section<'r>, training: &mut Section<'r>, sweep: &mut Section<'r>) -> Sweep {
    let activations = Names::things(ActivationKind::known().iter().map(|kind| kind.name()));
    let constraints = Names::things(ConstraintKind::ALL.iter().map(|kind| kind.name()));
    let encoder_biases = Names::words(&EncoderBias::ALL.iter().map(|bias| bias.name()).collect::<Vec<_>>());
    let regularizers = RegularizerKind::known();
    let legends = regularizers.iter().map(|kind| (kind.legend(), kind.name())).collect();
    let regularizers = Names::things(regularizers.iter().map(|kind| kind.name())).known_as(legends);
    let activation = read_axis(model, sweep, "activation", &activations.to_string(), |item| {
        read_kind::<ActivationKind>(item, &activations)
    });
    let constraint = read_axis(model, sweep, "constraint", &constraints.to_string(), |item| {
        read_kind(item, &constraints).map(Constraint::from)
    });
    let learning_rate = read_axis(training, sweep, "learning_rate", &LEARNING_RATE.to_string(), |item| {
        item.real(LEARNING_RATE)
    });
    let encoder_bias = read_axis(model, sweep, "encoder_bias", &encoder_biases.to_string(), |item| {
        item.choice(&encoder_biases).and_then(EncoderBias::from_name)
    });
    let (sigma_squared, regularizer) = (sweep.take("sigma_squared"), sweep.take("regularizer"));
    let regularizer =
        regularizer.and_then(|item| item.list_or_one(&regularizers, |item| read_kind(item, &regularizers)));
    let paper =
        || PAPER_REGULARIZERS.iter().filter_map(|kind| RegularizerSpec::new(*kind, &[]).ok()).collect();
    let regularizer = regularizer.unwrap_or_else(paper);
    let sigma_squared = sigma_squared
        .and_then(|item| item.list_or_one(COEFFICIENTS, |item| read_coefficient(item, &regularizer)));
    Sweep {
        activation: activation.unwrap_or_else(|| vec![ActivationKind::Relu.into()]),
        constraint: constraint.unwrap_or_else(|| vec![Constraint::UnitNorm]),
        learning_rate: learning_rate.unwrap_or_else(|| vec![0.001]),
        encoder_bias: encoder_bias.unwrap_or_else(|| vec![EncoderBias::default()]),
        regularizer,
        sigma_squared: sigma_squared.unwrap_or_else(|| PAPER_SIGMA_SQUARED.to_vec()),
    }
}

fn read_axis<'r, T: PartialEq>(
    section: &mut Section<'r>,
    sweep: &mut Section<'r>,
    key: &'static str,
    accepted: &str,
    read: impl Fn(&Item<'r>) -> Option<T>,
) -> Option<Vec<T>> {
    let (mut single, mut list) = (section.take(key), sweep.take(key));
    let overrides =
        |item: &Option<Item<'_>>| item.as_ref().map(|item| matches!(item.place(), Place::Override(_)));
    match (overrides(&single), overrides(&list)) {
        // An override takes the place of what the file says, wherever the file says it.
        (Some(true), Some(false)) => list = None,
        (Some(false), Some(true)) => single = None,
        _ => (),
    }
    if let (Some(single), Some(list)) = (&single, &list) {
        let (first, second) = if single.place() < list.place() { (single, list) } else { (list, single) };
        second.note::<()>(format!(
            "found here what `{}` gives too; accepted: one of `{}` and `{}`",
            first.key(),
            single.key(),
            list.key()
        ));
    }
    if let Some(single) = single.as_ref().filter(|single| single.is_list()) {
        single.refuse::<()>(format!("{accepted}; a list goes to `sweep.{key}`"));
        return None;
    }
    let single = single.and_then(|single| read(&single)).map(|value| vec![value]);
    list.and_then(|list| list.list_or_one(accepted, read)).or(single)
}

/// A member of a catalogue, one of `names`, with its parameters.
fn read_kind<K: Kind>(item: &Item<'_>, names: &Names) -> Option<Spec<K>> {
    let (name, mut section) = item.tagged("kind", names)?;
    let kind = K::from_name(name)?;
    let given = section.parameters(kind.parameters());
    section.finish();
    Spec::new(kind, &given?).map_or_else(|message| item.note(message), Some)
}

/// A value of σ² that all of `regularizers` accept.
fn read_coefficient(item: &Item<'_>, regularizers: &[RegularizerSpec]) -> Option<f64> {
    let coefficient = item.real(COEFFICIENTS)?;
    let accepts = |spec: &&RegularizerSpec| spec.coefficients().contains(Value::Real(coefficient));
    match regularizers.iter().find(|spec| !accepts(spec)) {
        None => Some(coefficient),
        Some(spec) => item.refuse(format!("{} with `{}`", spec.coefficients(), spec.label())),
    }
}

fn read_init(item: &Item<'_>, folder: &Path) -> Option<WrittenPath> {
    const ACCEPTED: &str = "{ from = the path of an .npz file }";
    let mut section = item.table(ACCEPTED)?;
    let from = section.take("from");
    if from.is_none() {
        section.missing("from", "the path of an .npz file");
    }
    section.finish();
    from.and_then(|item| path_in(folder, &item, "the path of an .npz file"))
}

/// The activation threshold; `activation_place` is where the activations are given.
fn read_threshold(
    evaluation: &mut Section<'_>,
    activations: &[ActivationSpec],
    activation_place: Option<Place>,
) -> Threshold {
    let threshold = match evaluation.take("threshold") {
        Some(item) => item
            .number_or("paper", THRESHOLD)
            .map(|number| number.map_or(Threshold::Paper, Threshold::Number)),
        None => Some(Threshold::Paper),
    };
    if threshold == Some(Threshold::Paper)
        && let Some(activation) = activations.iter().find(|activation| activation.threshold().is_none())
    {
        let found =
            format!("found \"paper\", but the paper gives no threshold for {}", activation.kind().name());
        evaluation.refuse("threshold", activation_place, format!("{found}; accepted: {THRESHOLD}"));
    }
    threshold.unwrap_or(Threshold::Paper)
}

/// The weights that are kept, and the time between two checkpoints.
fn read_output(mut output: Section<'_>) -> (WeightsOutput, Option<Duration>) {
    let weights = output.take("weights").and_then(|item| item.choice(&Names::words(WeightsOutput::NAMES)));
    let checkpoint = output.take("checkpoint").map(|item| item.number_or("none", SECONDS));
    output.finish();
    let seconds = checkpoint.map_or(Some(DEFAULT_SECONDS), Option::flatten);
    let weights = weights.and_then(WeightsOutput::from_name).unwrap_or(WeightsOutput::None);
    (weights, seconds.map(Duration::from_secs_f64))
}

fn read_theory(mut theory: Section<'_>) -> Option<TheorySpec> {
    let TheorySpec { every, samples, units } = DEFAULT_THEORY;
    let every = theory.whole("every", COUNT, every.into());
    let samples = theory.whole("samples", SAMPLES, samples as u64);
    let units = theory.boolean("units", units);
    theory.finish();
    let (every, samples) = (u32::try_from(every).ok()?, usize::try_from(samples).ok()?);
    Some(TheorySpec { every, samples, units })
}

/// A path as written and where it leads from `folder`; `accepted` says what to.
pub(super) fn path_in(folder: &Path, item: &Item<'_>, accepted: &str) -> Option<WrittenPath> {
    let written = item.string(accepted)?;
    if written.is_empty() || written.contains('\0') {
        return item.refuse(accepted);
    }
    Some(WrittenPath { written: written.to_owned(), path: folder.join(written) })
}
