//! Every key of a configuration, once: its name, meaning, accepted values, default and synonyms.
//!
//! The reader ([`super::check`]), the resolved configuration ([`super::resolved`]) and the [reference](super::reference) follow from these
//! rows. Conditions on several settings are checked in [`super::check`].

use super::setting::Accepts::{
    Boolean, List, ListOrOne, Name, Number, NumberOr, Numbers, OneOf, Path as PathTo, Table, Text,
};
use super::setting::DefaultValue::{Required, Words};
use super::setting::{
    Accepts, Form, Setting, SettingsTable, choice, form, model_or_data, settings, settings_of, value,
};
use super::setting_value::{SettingValue, ThresholdSetting};
use super::spelling::LONGEST_NAME;
use super::tree::dotted;
use crate::activation::{ActivationKind, ActivationSpec};
use crate::constraint::{Constraint, ConstraintKind};
use crate::data::images::{Channels, Fit, ImageFolder, MAX_SIDE, OnError};
use crate::data::{DataSpec, HeldOut, MAX_BYTES, Source, Standardize, Synthetic};
use crate::experiment::weights::WeightsOutput;
use crate::optimizer::EncoderBias;
use crate::parameter::{Domain, Kind, Spec, plain};
use crate::regularizer::{COEFFICIENTS, RegularizerKind, RegularizerSpec};
use crate::training::TheorySpec;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The domain of hidden units, epochs, batch, intervals and the sizes of synthetic data.
const COUNT: Domain = whole(1_000_000);
const SEED: Domain = Domain::Integer { min: 0, max: u64::MAX };
const SHARE: Domain = Domain::open(0.0, 1.0);
const LEARNING_RATE: Domain = Domain::Real { min: 0.0, min_open: true, max: 1e3, max_open: false };
pub(super) const THRESHOLD: Domain = Domain::closed(-1e6, 1e6);

/// The largest number of samples.
pub(super) const MOST_SAMPLES: u64 = 10_000_000;

/// The most values of a synthetic data set or of its dictionary: half as many as [`MAX_BYTES`] holds in f32, which leaves room for the
/// held-out samples and for the dictionary in f64.
const MOST_VALUES: u64 = MAX_BYTES / 8;

/// The σ² of the paper's figures.
pub const PAPER_SIGMA_SQUARED: [f64; 12] =
    [0.0, 0.001, 0.01, 0.04, 0.09, 0.16, 0.25, 0.36, 0.49, 0.64, 0.81, 1.0];

/// Whole numbers from 1 to `max`.
pub(super) const fn whole(max: u64) -> Domain {
    Domain::Integer { min: 1, max }
}

settings! {
    struct TopSettings {
        /// Name of the results folder.
        name: String =
            Name("1 to 100 letters, digits, `_` and `-`, not `figures` or a device of Windows"),
            Words("the file's name without extension"),
            "runname experiment experimentname";
        /// Seeds of the replicates. A seed determines initial weights, the order of the samples, and noise, the same for every
        /// model and σ².
        seeds: Vec<u64> = List(Box::new(Number(SEED))), value(vec![1]),
            "seed randomseed randomstate rng rngseed manualseed replicates nseeds numseeds";
    }
}

settings! {
    impl DataSpec {
        /// Source of the samples.
        source: Source = sources(), Required, "dataset datasets dataname";
        /// Number of training samples, from the first on; at most as many as the source has.
        samples: Option<usize> = Number(whole(MOST_SAMPLES)), Words("50000 of MNIST and the patches, otherwise all"),
            "nsamples numsamples ntrain trainsize maxsamples subset";
        /// Held-out samples of a source of your own, standardised by the statistics of the training samples: a share of the samples, which
        /// is drawn at random before the first `samples` of the others are taken, or the path of another file or folder like the source's.
        /// Both are part of a run's identity. A share reads all samples. Relative paths start from the configuration's folder.
        held_out: Option<HeldOut> = held_out(), Words("none; MNIST, the patches and synthetic data have their own"),
            "heldout validation validationsplit valsplit testsplit testsize testshare holdout validationdata testdata";
        /// Standardisation of the samples.
        standardize: Standardize = scopes(), Words("feature for MNIST and the patches, otherwise none"),
            "standardise standardization normalize normalise normalization scaling";
    }
}

settings! {
    /// A share of the samples that is held out.
    struct HeldOutShare {
        /// Share of all samples, rounded to a whole number of samples, at least 1.
        share: f64 = Number(SHARE), Required, "";
        /// Seed of the draw, the same for all runs; with the same seed, a larger share holds out the same samples and more.
        seed: u64 = Number(SEED), value(1), "";
    }
}

settings! {
    /// A file with held-out samples.
    struct HeldOutFile {
        /// File or folder that is read like the source.
        path: PathBuf = PathTo("the path of a file or folder like the source's"), Required, "";
        /// Name of the array or tensor in the file.
        array: Option<String> =
            Text("the name of an array or tensor in the file"), Words("the name in the source, or the only one"), "";
    }
}

settings! {
    struct DataFolderSettings {
        /// Folder of the data sets, as in dir/mnist/; --data-dir takes precedence.
        dir: Option<PathBuf> =
            PathTo("the path of a folder"), Words("the environment's AESPARSE_DATA, or the nearest data/"), "";
    }
}

settings! {
    /// The settings of a `.npy` file, for which [`Source`] has no struct.
    struct NpyFile {
        /// File with an array [N, n] of f16, f32, f64 or u8, one sample per row, plain or gzip. u8 is divided by 255; f64 is standardised
        /// in double precision and then rounded to f32. The rows that are read may take at most 16 GiB, with 4 bytes per value or 8
        /// for f64; the file may be larger. Relative paths start from the configuration's folder.
        path: PathBuf = PathTo("the path of a .npy file"), Required, "";
    }
}

settings! {
    /// The settings of an `.npz` file.
    struct NpzFile {
        /// File that numpy.savez or numpy.savez_compressed has written, with an array like that of a .npy file.
        path: PathBuf = PathTo("the path of an .npz file"), Required, "";
        /// Name of the array.
        array: Option<String> = Text("the name of an array in the file"), Words("the only array of the file"), "";
    }
}

settings! {
    /// The settings of a `.safetensors` file.
    struct SafetensorsFile {
        /// File with a tensor [N, n] of F16, BF16, F32, F64 or U8, one sample per row, treated like the array of a .npy file.
        path: PathBuf = PathTo("the path of a .safetensors file"), Required, "";
        /// Name of the tensor.
        tensor: Option<String> = Text("the name of a tensor in the file"), Words("the only tensor of the file"), "";
    }
}

settings! {
    /// The settings of a table as text.
    struct CsvFile {
        /// File with a number in every cell, one sample per line, plain or gzip; cells are separated by commas, tabs or semicolons. The first
        /// line is a header if its first cell is empty, or a cell is neither empty nor a number. Numbers are treated like f64 of a .npy file.
        path: PathBuf = PathTo("the path of a .csv file"), Required, "";
    }
}

settings! {
    impl ImageFolder {
        /// Folder of the images: every .png, .jpg and .jpeg file in it and its subfolders, sorted by path. Hidden files, linked
        /// folders, results folders and images made by this program are left out. Relative paths start from the configuration's
        /// folder.
        path: PathBuf = PathTo("the path of a folder of PNG and JPEG files"), Required, "";
        /// Height of a sample in pixels.
        height: usize = Number(whole(MAX_SIDE as u64)), Words("the width, or 28 without it"), "";
        /// Width of a sample in pixels.
        width: usize = Number(whole(MAX_SIDE as u64)), Words("the height, or 28 without it"), "";
        /// Channels of a sample: 1 for grey (the luma of Rec. 709), 3 for red, green and blue.
        channels: Channels = Numbers(&[1, 3]), value(1), "";
        /// How images are fitted to this size. "cover" scales the largest centred part with the sample's aspect ratio; "stretch"
        /// scales the whole image, each direction on its own; "crop" cuts out the centre without scaling. Scaling uses a triangle
        /// filter.
        fit: Fit = choice(Fit::NAMES.iter().copied()), value(Fit::Cover.name()), "";
        /// Treatment of files that are no intact images, or too small for "crop": "error" refuses the folder, "skip" skips the file
        /// and names it.
        on_error: OnError = choice(OnError::NAMES.iter().copied()), value(OnError::Refuse.name()), "";
    }
}

settings! {
    impl Synthetic {
        /// Number of training samples; a tenth as many are held out.
        samples: usize = Number(whole(MOST_SAMPLES)), value(2000), "";
        /// Number of inputs.
        inputs: usize = Number(COUNT), value(64), "";
        /// Number of dictionary atoms.
        atoms: usize = Number(COUNT), value(32), "";
        /// Number of atoms in a sample, at most `atoms`.
        active: usize = Number(COUNT), value(4), "";
        /// Standard deviation of the Gaussian noise on each input.
        noise: f64 = Number(Domain::closed(0.0, 1e3)), value(0.05), "";
        /// Seed of dictionary, codes and noise.
        seed: u64 = Number(SEED), value(1), "";
    }
}

settings! {
    /// The settings of every scope of a standardisation but `none`.
    struct Epsilon {
        /// Added to the standard deviation.
        epsilon: f64 =
            Number(Domain::closed(0.0, 1e6)), Words("0.1 for MNIST, as in footnote 2, otherwise 0"), "";
    }
}

settings! {
    struct ModelSettings {
        /// m, the number of hidden units.
        hidden: usize = Number(COUNT), value(1000),
            "hiddenunits hiddensize hiddendim nhidden numhidden nunits latent latentdim latentsize codesize dhidden dsae \
             dictsize ncomponents";
        /// The encoder's activation s_e: h = s_e(W x + b_e).
        activation: Vec<ActivationSpec> = activations(), value("relu"),
            "act actfn activationfn activationfunction nonlinearity encoderactivation", axis 1;
        /// Constraint on the rows W_j of the weights.
        constraint: Vec<Constraint> = constraints(), value("unit_norm"),
            "weightconstraint constraints kernelconstraint weightnorm", axis 2;
        /// Whether the decoder has a bias, y = Wᵀ h + b_d; the paper's has none, y = Wᵀ h.
        decoder_bias: bool = Boolean, value(false), "";
        /// Whether b_e is trained or keeps its initial value.
        encoder_bias: Vec<EncoderBias> =
            choice(EncoderBias::NAMES.iter().copied()), value("trained"), "", axis 4;
        /// Warm start: the initial weights.
        init: Option<Init> = Table(Init::settings()), Words("Glorot's uniform weights, biases 0"),
            "warmstart initfrom initialweights pretrained";
    }
}

settings! {
    struct Init {
        /// File with the arrays W [m, n], b [m] and, with a decoder bias, b_d [n], in f32 or f64.
        from: PathBuf = PathTo("the path of an .npz file"), Required, "";
    }
}

settings! {
    struct TrainingSettings {
        /// Number of epochs, passes over the samples.
        epochs: u32 = Number(COUNT), value(50), "epoch nepochs numepochs maxepochs nbepoch trainepochs";
        /// Samples in a mini-batch.
        batch: usize = Number(COUNT), value(50), "batchsize bs minibatch minibatchsize";
        /// Learning rate η of stochastic gradient descent.
        learning_rate: Vec<f64> = Number(LEARNING_RATE), value(0.001), "lr eta stepsize rate learningrateinit", axis 3;
        /// Momentum μ: V ← μ V − η ∇J.
        momentum: f64 = Number(Domain::half_open(0.0, 1.0)), value(0.9), "mu mom";
        /// Whether every epoch draws a new order of the samples.
        shuffle: bool = Boolean, value(true), "";
    }
}

settings! {
    struct SweepSettings {
        /// Variance σ² of the corruption for DAE and eDAE, probability of masking and salt and pepper (at most 1), coefficient λ of the
        /// penalty for the other models.
        sigma_squared: Vec<f64> = ListOrOne(Box::new(Number(COEFFICIENTS))), value(PAPER_SIGMA_SQUARED.to_vec()),
            "sigma sigma2 sigmasq sigmas variance noise noisevariance noiselevel noisestd std corruptionlevel lambda lam \
             coefficient coefficients coef l1coefficient sparsity";
        /// Models to train.
        regularizer: Vec<RegularizerSpec> =
            ListOrOne(Box::new(regularizers())), value(vec!["dae", "cae", "mdae", "kl_sae"]),
            "regulariser regularizers regularization reg model models modeltype method penalty";
    }
}

settings! {
    struct EvaluationSettings {
        /// Epochs between two measurements; epoch 0 and the last epoch are measured too. Finished runs keep the measurements that they have.
        every: u32 = Number(COUNT), value(10), "evalevery evaluateevery evalinterval loginterval evalfreq";
        /// Threshold δ_min of Eq. 14: a unit is active where h > δ_min. "paper" means 0 for relu and 0.1 for sigmoid and softplus; the other
        /// activations of the catalogue need a number.
        threshold: ThresholdSetting = NumberOr(THRESHOLD, "paper"), value("paper"),
            "delta deltamin activationthreshold";
        /// Whether to measure the distribution of the codes too, in distribution/: samples by their number of active units, Hoyer and
        /// Gini indices, units by firing density, and units that died and came back.
        distribution: bool = Boolean, value(false), "";
    }
}

settings! {
    struct OutputSettings {
        /// Weights of each run to keep in weights/.
        weights: WeightsOutput = choice(WeightsOutput::NAMES.iter().copied()), value("none"),
            "saveweights keepweights savemodel";
        /// Seconds between two checkpoints of a run; "none": a checkpoint only when the run is stopped.
        checkpoint: Option<Duration> = NumberOr(Domain::closed(0.0, 1e6), "none"), value(30.0),
            "checkpointevery saveevery checkpointinterval checkpoints";
    }
}

settings! {
    impl TheorySpec {
        /// Epochs between two measurements of the theory.
        every: u32 = Number(COUNT), value(1), "";
        /// Number of training samples to measure, from the first on.
        samples: usize = Number(whole(1_000_000_000)), value(5_000), "";
        /// Whether to keep the numbers of each unit too.
        units: bool = Boolean, value(false), "";
    }
}

/// The default values of `settings`.
pub(super) fn defaults(settings: &[Setting]) -> Json {
    settings.iter().filter_map(|setting| Some((setting.key.to_owned(), setting.default()?))).collect()
}

/// Every setting, in the order of the reference.
pub(super) fn parts() -> Vec<SettingsTable> {
    let part = |name, doc, settings| SettingsTable { name, doc, settings };
    let mut parts = vec![
        part("", "", TopSettings::settings()),
        part(
            "data",
            "The training samples.",
            [DataSpec::settings(), DataFolderSettings::settings()].concat(),
        ),
        part(
            "model",
            "The auto-encoder: one hidden layer, tied weights, linear decoder.",
            ModelSettings::settings(),
        ),
        part("training", "Stochastic gradient descent with momentum.", TrainingSettings::settings()),
        part(
            "sweep",
            "The axes of the sweep: one run for each combination and seed.",
            SweepSettings::settings(),
        ),
        part(
            "evaluation",
            "What is measured, over all clean training samples.",
            EvaluationSettings::settings(),
        ),
        part("output", "Files to keep besides the tables.", OutputSettings::settings()),
        part(
            "theory",
            "Measurements of the paper's lemma, theorems and corollaries; none without this section.",
            TheorySpec::settings(),
        ),
    ];
    let mut axes: Vec<Setting> = parts.iter().flat_map(several).collect();
    axes.sort_by_key(|setting| setting.axis);
    parts
        .iter_mut()
        .filter(|part| part.name == "sweep")
        .for_each(|sweep| sweep.settings.extend(axes.clone()));
    parts
}

/// The axes of `part` as settings of `[sweep]`.
fn several(part: &SettingsTable) -> Vec<Setting> {
    let axis = |setting: &Setting| Setting {
        doc: format!("Values to sweep; replaces `{}`.", dotted(part.name, setting.key)),
        accepts: setting.several(),
        default: Words("the one value of that setting"),
        also: "",
        ..setting.clone()
    };
    part.settings.iter().filter(|setting| setting.axis.is_some()).map(axis).collect()
}

/// The dotted keys of all settings, in the order of [`parts`].
pub(super) fn keys() -> impl Iterator<Item = String> {
    parts().into_iter().flat_map(|SettingsTable { name, settings, .. }| {
        settings.into_iter().map(move |setting| dotted(name, setting.key))
    })
}

/// The dotted key of the setting for which `word` is a synonym.
pub(super) fn called(word: &str) -> Option<String> {
    if word.len() > LONGEST_NAME {
        return None;
    }
    let word = plain(word);
    parts().iter().find_map(|part| {
        let setting =
            part.settings.iter().find(|setting| setting.also.split_whitespace().any(|also| also == word))?;
        Some(dotted(part.name, setting.key))
    })
}

fn sources() -> Accepts {
    let forms = vec![
        model_or_data("mnist", "MNIST's training images, n = 784; its test images are held out.", Vec::new()),
        model_or_data(
            "cifar10_patches",
            "8 × 8 patches of CIFAR-10's training images, n = 192; patches of its test images are held out.",
            Vec::new(),
        ),
        model_or_data("npy", "Your own samples: an array in a .npy file.", NpyFile::settings()),
        model_or_data("npz", "Your own samples: an array in an .npz file.", NpzFile::settings()),
        model_or_data(
            "safetensors",
            "Your own samples: a tensor in a .safetensors file.",
            SafetensorsFile::settings(),
        ),
        model_or_data("csv", "Your own samples: a table of numbers as text.", CsvFile::settings()),
        model_or_data(
            "images",
            "Your own images, n = height · width · channels: rows from the top, the channels of a pixel side by side, divided \
             by 255. Transparent images are laid over white; the EXIF orientation is applied.",
            ImageFolder::settings(),
        ),
        Form {
            check: check_synthetic,
            ..model_or_data(
                "synthetic",
                "Sparse linear codes x = Σ_k c_k d_k + noise · ε of known structure.",
                Synthetic::settings(),
            )
        },
    ];
    Accepts::Forms { tag: "kind", forms }
}

fn held_out() -> Accepts {
    OneOf(vec![
        Number(SHARE),
        PathTo("the path of a file or folder like the source's"),
        Table(HeldOutShare::settings()),
        Table(HeldOutFile::settings()),
    ])
}

/// Checks the conditions on several settings of the `synthetic` source.
fn check_synthetic(table: &Json) -> Vec<(&'static str, String)> {
    let [samples, inputs, atoms, active] =
        ["samples", "inputs", "atoms", "active"].map(|key| table[key].as_u64().unwrap_or_default());
    let mut problems = Vec::new();
    if active > atoms {
        problems.push(("active", format!("found {active} of {atoms} atoms; accepted: at most {atoms}")));
    }
    for (key, count) in [("samples", samples), ("atoms", atoms)] {
        if count * inputs > MOST_VALUES {
            let found = format!("found {count}, with {inputs} inputs {} values", count * inputs);
            problems.push((key, format!("{found}; accepted: at most {MOST_VALUES} values")));
        }
    }
    problems
}

impl SettingValue for HeldOut {
    fn read(json: &Json, folder: &Path) -> Result<Self, String> {
        if json["path"].is_null() {
            let HeldOutShare { share, seed } = SettingValue::read(json, folder)?;
            Ok(Self::Share { share, seed })
        } else {
            let HeldOutFile { path, array } = SettingValue::read(json, folder)?;
            Ok(Self::Other { path, array })
        }
    }
}

fn scopes() -> Accepts {
    let feature = "(x − mean) / (sd + epsilon), each input by the training samples' mean and sd.";
    let forms = vec![
        form("feature", feature, Epsilon::settings()),
        form("sample", "As \"feature\", but each sample by its own mean and sd.", Epsilon::settings()),
        form(
            "global",
            "As \"feature\", but all inputs by one mean and one sd, over all values of all training samples.",
            Epsilon::settings(),
        ),
        form("none", "No standardisation.", Vec::new()),
    ];
    Accepts::Forms { tag: "scope", forms }
}

/// The members of a catalogue as forms; `describe` returns the legend and the description of each.
fn kinds<K: Kind>(describe: impl Fn(K) -> (Option<&'static str>, String)) -> Accepts {
    let one = |kind: K| {
        let (legend, doc) = describe(kind);
        Form {
            legend,
            check: refused::<Spec<K>>,
            ..model_or_data(kind.name(), doc, settings_of(kind.parameters()))
        }
    };
    Accepts::Forms { tag: "kind", forms: K::known().into_iter().map(one).collect() }
}

fn activations() -> Accepts {
    kinds(|_: ActivationKind| (None, String::new()))
}

fn constraints() -> Accepts {
    kinds(|kind: ConstraintKind| (None, kind.doc().to_owned()))
}

fn regularizers() -> Accepts {
    kinds(|kind: RegularizerKind| {
        let (legend, source) = (kind.legend(), kind.source());
        let doc = if legend == source { format!("{source}.") } else { format!("{legend}: {source}.") };
        (Some(legend), doc)
    })
}

/// Checks parameters of a model that are accepted one by one; the model may refuse them together.
fn refused<T: SettingValue>(table: &Json) -> Vec<(&'static str, String)> {
    T::read(table, Path::new("")).err().map(|problem| ("", problem)).into_iter().collect()
}
