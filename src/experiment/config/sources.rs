//! The section `[data]`: source, number of samples, standardisation.

use super::WrittenPath;
use super::item::Item;
use super::names::Names;
use super::reader::Section;
use super::schema::path_in;
use crate::data::images::{Channels, Fit, ImageFolder, MAX_SIDE, OnError};
use crate::data::{DataSpec, MAX_BYTES, Source, Standardize, Synthetic, mnist, patches};
use crate::parameter::{Domain, Parameter, Value, Values};
use std::path::Path;

/// The names of the sources.
const SOURCES: &[&str] = &["mnist", "cifar10_patches", "npy", "images", "synthetic"];

/// The names of the standardisations.
const SCOPES: &[&str] = &["feature", "sample", "none"];

/// The largest number of samples.
pub(super) const MOST_SAMPLES: u64 = 10_000_000;

/// The most values that a synthetic data set or its dictionary may have: half of what fits [`MAX_BYTES`] in f32,
/// which leaves room for the held-out samples and for the dictionary's f64.
const MOST_VALUES: u64 = MAX_BYTES / 8;

pub(super) const EPSILON: Domain = Domain::closed(0.0, 1e6);

/// Of the height and the width of an image.
pub(super) const SIDE: Domain = Domain::Integer { min: 1, max: MAX_SIDE as u64 };

/// The height and the width where neither is given: MNIST's.
const DEFAULT_SIDE: u64 = 28;

/// The numbers of channels of an image, the default first.
pub(super) const CHANNELS: &[u64] = &[1, 3];

/// What the path of `images` must be.
pub(super) const IMAGE_FOLDER: &str = "the path of a folder of PNG and JPEG files";

/// The parameters of the `synthetic` source, with the defaults that the bare name stands for.
pub(super) const SYNTHETIC: &[Parameter] = &[
    Parameter {
        name: "samples",
        doc: "Number of training samples; a tenth as many are held out.",
        domain: Domain::Integer { min: 1, max: MOST_SAMPLES },
        default: Some(Value::Integer(2000)),
        later: false,
    },
    Parameter {
        name: "inputs",
        doc: "Number of inputs.",
        domain: Domain::Integer { min: 1, max: 1_000_000 },
        default: Some(Value::Integer(64)),
        later: false,
    },
    Parameter {
        name: "atoms",
        doc: "Number of dictionary atoms.",
        domain: Domain::Integer { min: 1, max: 1_000_000 },
        default: Some(Value::Integer(32)),
        later: false,
    },
    Parameter {
        name: "active",
        doc: "Number of atoms in a sample, at most `atoms`.",
        domain: Domain::Integer { min: 1, max: 1_000_000 },
        default: Some(Value::Integer(4)),
        later: false,
    },
    Parameter {
        name: "noise",
        doc: "Standard deviation of the Gaussian noise on each input.",
        domain: Domain::closed(0.0, 1e3),
        default: Some(Value::Real(0.05)),
        later: false,
    },
    Parameter {
        name: "seed",
        doc: "Seed of dictionary, codes and noise.",
        domain: Domain::Integer { min: 0, max: u64::MAX },
        default: Some(Value::Integer(1)),
        later: false,
    },
];

/// The section as read.
pub(super) struct Data {
    /// The resolved data; `None` where the source has a problem.
    pub(super) spec: Option<DataSpec>,
    /// The path of a `npy` or `images` source as written.
    pub(super) source_path: Option<String>,
    /// `data.dir`.
    pub(super) dir: Option<WrittenPath>,
}

/// Reads the section; relative paths lead from `folder`.
pub(super) fn read(mut section: Section<'_>, folder: &Path) -> Data {
    let (mut source, mut source_path) = (None, None);
    match section.take("source") {
        Some(item) => (source, source_path) = read_source(&item, folder).unzip(),
        None => section.missing("source", SOURCE_FORMS),
    }
    let most = source.as_ref().map_or(MOST_SAMPLES, most_samples);
    let samples = section.take("samples").and_then(|item| item.whole(Domain::Integer { min: 1, max: most }));
    let default = || source.as_ref().and_then(Source::default_samples);
    let samples = samples.map(|samples| samples as usize).or_else(default);
    // Added to the standard deviation; footnote 2 on MNIST.
    let epsilon = if source == Some(Source::Mnist) { 0.1 } else { 0.0 };
    let standardize = section.take("standardize").and_then(|item| read_standardize(&item, epsilon));
    let standardize = standardize.unwrap_or(match source {
        Some(Source::Mnist | Source::Cifar10Patches) => Standardize::Feature { epsilon },
        _ => Standardize::None,
    });
    let dir = section
        .take("dir")
        .and_then(|item| path_in(folder, &item, "the path of the folder of the data sets"));
    section.finish();
    let spec = source.map(|source| DataSpec { source, samples, standardize });
    Data { spec, source_path: source_path.flatten(), dir }
}

/// The number of training samples that a source has, as far as its settings tell.
fn most_samples(source: &Source) -> u64 {
    match source {
        Source::Mnist => mnist::FILES[0].shape[0] as u64,
        Source::Cifar10Patches => patches::FILES[0].count as u64,
        Source::Synthetic(synthetic) => synthetic.samples as u64,
        _ => MOST_SAMPLES,
    }
}

/// The sources as they are written.
const SOURCE_FORMS: &str = r#""mnist", "cifar10_patches", "synthetic", { kind = "npy", path = … }, { kind = "images", path = …, … } or { kind = "synthetic", samples = …, … }"#;

fn read_source(item: &Item<'_>, folder: &Path) -> Option<(Source, Option<String>)> {
    let (kind, mut section) = item.tagged("kind", &Names::things(SOURCES.iter().copied()))?;
    let source = match kind {
        "mnist" => Some((Source::Mnist, None)),
        "cifar10_patches" => Some((Source::Cifar10Patches, None)),
        "npy" => read_path(&mut section, folder, "the path of a .npy file")
            .map(|WrittenPath { path, written }| (Source::Npy { path }, Some(written))),
        "images" => {
            read_images(&mut section, folder).map(|(images, written)| (Source::Images(images), Some(written)))
        }
        _ => read_synthetic(&mut section).map(|synthetic| (Source::Synthetic(synthetic), None)),
    };
    section.finish();
    source
}

/// The path of one's own data; `accepted` says what to.
fn read_path(section: &mut Section<'_>, folder: &Path, accepted: &str) -> Option<WrittenPath> {
    let path = section.take("path");
    if path.is_none() {
        section.missing("path", accepted);
    }
    path.and_then(|item| path_in(folder, &item, accepted))
}

/// A folder of images, and its path as written.
fn read_images(section: &mut Section<'_>, folder: &Path) -> Option<(ImageFolder, String)> {
    let path = read_path(section, folder, IMAGE_FOLDER);
    let [height, width] = ["height", "width"].map(|key| section.take(key).and_then(|item| item.whole(SIDE)));
    // One alone means a square.
    let [height, width] =
        [height.or(width), width.or(height)].map(|side| side.unwrap_or(DEFAULT_SIDE) as usize);
    let channels = section.take("channels").and_then(|item| item.one_of_numbers(CHANNELS));
    let channels = if channels == Some(3) { Channels::Rgb } else { Channels::Grey };
    let fit = section.take("fit").and_then(|item| item.choice(&Names::words(&Fit::ALL.map(Fit::name))));
    let fit = Fit::ALL.into_iter().find(|way| Some(way.name()) == fit).unwrap_or(Fit::Cover);
    let on_error = section
        .take("on_error")
        .and_then(|item| item.choice(&Names::words(&OnError::ALL.map(OnError::name))));
    let on_error =
        OnError::ALL.into_iter().find(|way| Some(way.name()) == on_error).unwrap_or(OnError::Refuse);
    path.map(|WrittenPath { path, written }| {
        (ImageFolder { path, height, width, channels, fit, on_error }, written)
    })
}

fn read_synthetic(section: &mut Section<'_>) -> Option<Synthetic> {
    let given = section.parameters(SYNTHETIC)?;
    let values =
        Values::resolve(SYNTHETIC, &given).map_err(|message| section.refuse("", None, message)).ok()?;
    let [samples, inputs, atoms, active] =
        ["samples", "inputs", "atoms", "active"].map(|key| values.integer(key));
    let mut sound = true;
    if active > atoms {
        section.refuse("active", None, format!("found {active} of {atoms} atoms; accepted: at most {atoms}"));
        sound = false;
    }
    for (key, count) in [("samples", samples), ("atoms", atoms)] {
        if count * inputs > MOST_VALUES {
            let found = format!("found {count}, with {inputs} inputs {} values", count * inputs);
            section.refuse(key, None, format!("{found}; accepted: at most {MOST_VALUES} values"));
            sound = false;
        }
    }
    let (noise, seed) = (values.real("noise"), values.integer("seed"));
    let [samples, inputs, atoms, active] = [samples, inputs, atoms, active].map(|count| count as usize);
    sound.then_some(Synthetic { samples, inputs, atoms, active, noise, seed })
}

/// A standardisation; `epsilon` is the default of its parameter.
fn read_standardize(item: &Item<'_>, epsilon: f64) -> Option<Standardize> {
    let (scope, mut section) = item.tagged("scope", &Names::words(SCOPES))?;
    let standardize = match scope {
        "feature" => Standardize::Feature { epsilon: section.real("epsilon", EPSILON, epsilon) },
        "sample" => Standardize::Sample { epsilon: section.real("epsilon", EPSILON, epsilon) },
        _ => Standardize::None,
    };
    section.finish();
    Some(standardize)
}
