//! Every key of a configuration, once: what it is called here and elsewhere, what it means, accepts and is where it isn't given.
//!
//! The reader ([`super::check`]), the resolved form ([`super::resolved`]) and the [reference](super::reference) follow from these
//! rows. What no row can say, because it hangs on several settings, is checked in [`super::check`].

use super::field::{Field, Threshold};
use super::setting::Accepts::{
    Boolean, List, ListOrOne, Name, Number, NumberOr, Numbers, Path as PathTo, Table,
};
use super::setting::Default::{Required, Words};
use super::setting::{Accepts, Form, Part, Setting, choice, form, of, settings, thing, value};
use super::spelling::{LONGEST_NAME, plain};
use super::tree::dotted;
use crate::activation::{ActivationKind, ActivationSpec};
use crate::constraint::{Constraint, ConstraintKind};
use crate::data::images::{Channels, Fit, ImageFolder, MAX_SIDE, OnError};
use crate::data::{DataSpec, MAX_BYTES, Source, Standardize, Synthetic};
use crate::experiment::weights::WeightsOutput;
use crate::optimizer::EncoderBias;
use crate::parameter::{Domain, Kind, Spec};
use crate::regularizer::{COEFFICIENTS, RegularizerKind, RegularizerSpec};
use crate::training::TheorySpec;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Of hidden units, epochs, batch, cadence and the sizes of synthetic data.
const COUNT: Domain = whole(1_000_000);
const SEED: Domain = Domain::Integer { min: 0, max: u64::MAX };
const LEARNING_RATE: Domain = Domain::Real { min: 0.0, min_open: true, max: 1e3, max_open: false };
pub(super) const THRESHOLD: Domain = Domain::closed(-1e6, 1e6);

/// The largest number of samples.
pub(super) const MOST_SAMPLES: u64 = 10_000_000;

/// The most values that a synthetic data set or its dictionary may have: half of what fits [`MAX_BYTES`] in f32,
/// which leaves room for the held-out samples and for the dictionary's f64.
const MOST_VALUES: u64 = MAX_BYTES / 8;

/// The σ² of the paper's figures.
pub const PAPER_SIGMA_SQUARED: [f64; 12] =
    [0.0, 0.001, 0.01, 0.04, 0.09, 0.16, 0.25, 0.36, 0.49, 0.64, 0.81, 1.0];

/// Whole numbers from 1 to `max`.
pub(super) const fn whole(max: u64) -> Domain {
    Domain::Integer { min: 1, max }
}

settings! {
    struct Top {
        /// The results folder.
        name: String =
            Name("1 to 100 letters, digits, `_` and `-`, not `figures` or a device of Windows"),
            Words("the file's name without its end"),
            "runname experiment experimentname";
        /// The replicates. A seed determines initial weights, the order of the samples, and noise, the same for every
        /// model and σ².
        seeds: Vec<u64> = List(Box::new(Number(SEED))), value(vec![1]),
            "seed randomseed randomstate rng rngseed manualseed replicates nseeds numseeds";
    }
}

settings! {
    impl DataSpec {
        /// What is learnt.
        source: Source = sources(), Required, "dataset datasets dataname";
        /// The first so many training samples, at most those that the source has.
        samples: Option<usize> = Number(whole(MOST_SAMPLES)), Words("50000 of MNIST and the patches, otherwise all"),
            "nsamples numsamples ntrain trainsize maxsamples subset";
        /// What is done to the samples beforehand.
        standardize: Standardize = scopes(), Words("feature for MNIST and the patches, otherwise none"),
            "standardise standardization normalize normalise normalization scaling";
    }
}

settings! {
    struct DataFolder {
        /// Where the data sets are, as in dir/mnist/; --data-dir goes before it.
        dir: Option<PathBuf> =
            PathTo("the path of a folder"), Words("the environment's AESPARSE_DATA, or the nearest data/"), "";
    }
}

settings! {
    /// The samples of a `.npy` file, which [`Source`] has without a struct.
    struct NpyFile {
        /// f32, f64 or u8 [N, n], a sample a row, plain or gzip; u8 is divided by 255; f64 is standardised as f64 and becomes
        /// f32 afterwards. The rows that are read take at most 16 GiB, 4 bytes a value, 8 where they are f64; the file may be
        /// larger. Relative paths lead from this file.
        path: PathBuf = PathTo("the path of a .npy file"), Required, "";
    }
}

settings! {
    impl ImageFolder {
        /// Every .png, .jpg and .jpeg file below it, by the order of their paths; hidden ones, folders behind links, results
        /// folders and pictures that this program drew are left out. Relative paths lead from this file.
        path: PathBuf = PathTo("the path of a folder of PNG and JPEG files"), Required, "";
        /// Rows of a sample.
        height: usize = Number(whole(MAX_SIDE as u64)), Words("the width, or 28 without it"), "";
        /// Columns of a sample.
        width: usize = Number(whole(MAX_SIDE as u64)), Words("the height, or 28 without it"), "";
        /// 1: grey, the luma of Rec. 709; 3: red, green and blue.
        channels: Channels = Numbers(&[1, 3]), value(1), "";
        /// How pictures come to this size, scaled by a triangle filter: "cover" scales the largest part about the centre with
        /// the sample's aspect ratio, "stretch" the whole picture in both directions on its own; "crop" cuts the centre out
        /// as it is.
        fit: Fit = choice(Fit::NAMES.iter().copied()), value(Fit::Cover.name()), "";
        /// What is done about a file that is no intact picture, or too small for "crop": "error" refuses the folder, "skip"
        /// passes the file over and names it.
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
    /// What both scopes of a standardisation have.
    struct Epsilon {
        /// Added to the standard deviation.
        epsilon: f64 =
            Number(Domain::closed(0.0, 1e6)), Words("0.1 for MNIST, as in footnote 2, otherwise 0"), "";
    }
}

settings! {
    struct Model {
        /// m, the number of hidden units.
        hidden: usize = Number(COUNT), value(1000),
            "hiddenunits hiddensize hiddendim nhidden numhidden nunits latent latentdim latentsize codesize dhidden dsae \
             dictsize ncomponents";
        /// The encoder's activation s_e: h = s_e(W x + b_e).
        activation: Vec<ActivationSpec> = activations(), value("relu"),
            "act actfn activationfn activationfunction nonlinearity encoderactivation", axis 1;
        /// What becomes of the rows W_j of the weights.
        constraint: Vec<Constraint> = constraints(), value("unit_norm"),
            "weightconstraint constraints kernelconstraint weightnorm", axis 2;
        /// Whether the reconstruction is Wᵀ h + b_d; the paper's is Wᵀ h.
        decoder_bias: bool = Boolean, value(false), "";
        /// Whether b_e is trained or stays as it begins.
        encoder_bias: Vec<EncoderBias> =
            choice(EncoderBias::NAMES.iter().copied()), value("trained"), "", axis 4;
        /// A file to start from.
        init: Option<Init> = Table(Init::settings()), Words("Glorot's uniform weights, biases 0"),
            "warmstart initfrom initialweights pretrained";
    }
}

settings! {
    struct Init {
        /// Arrays W [m, n], b [m] and, with a decoder bias, b_d [n], in f32 or f64.
        from: PathBuf = PathTo("the path of an .npz file"), Required, "";
    }
}

settings! {
    struct Training {
        /// Passes over the samples.
        epochs: u32 = Number(COUNT), value(50), "epoch nepochs numepochs maxepochs nbepoch trainepochs";
        /// Samples in a mini-batch.
        batch: usize = Number(COUNT), value(50), "batchsize bs minibatch minibatchsize";
        /// η of stochastic gradient descent.
        learning_rate: Vec<f64> = Number(LEARNING_RATE), value(0.001), "lr eta stepsize rate learningrateinit", axis 3;
        /// μ: V ← μ V − η ∇J.
        momentum: f64 = Number(Domain::half_open(0.0, 1.0)), value(0.9), "mu mom";
        /// Whether every epoch has an order of its own.
        shuffle: bool = Boolean, value(true), "";
    }
}

settings! {
    struct Sweep {
        /// σ² of the corruption for DAE and eDAE (a probability, at most 1, for masking and salt and pepper), the penalty's
        /// coefficient λ for the others.
        sigma_squared: Vec<f64> = ListOrOne(Box::new(Number(COEFFICIENTS))), value(PAPER_SIGMA_SQUARED.to_vec()),
            "sigma sigma2 sigmasq sigmas variance noise noisevariance noiselevel noisestd std corruptionlevel lambda lam \
             coefficient coefficients coef l1coefficient sparsity";
        /// The models.
        regularizer: Vec<RegularizerSpec> =
            ListOrOne(Box::new(regularizers())), value(vec!["dae", "cae", "mdae", "kl_sae"]),
            "regulariser regularizers regularization reg model models modeltype method penalty";
    }
}

settings! {
    struct Evaluation {
        /// Epochs between two measurements; epoch 0 and the last one are measured too.
        every: u32 = Number(COUNT), value(10), "evalevery evaluateevery evalinterval loginterval evalfreq";
        /// δ_min of Eq. 14: a unit is active where h > δ_min. The paper's is 0 for relu, 0.1 for sigmoid and softplus; for the
        /// others a number must be given.
        threshold: Threshold = NumberOr(THRESHOLD, "paper"), value("paper"),
            "delta deltamin activationthreshold";
    }
}

settings! {
    struct Output {
        /// Which weights of each run are kept in weights/.
        weights: WeightsOutput = choice(WeightsOutput::NAMES.iter().copied()), value("none"),
            "saveweights keepweights savemodel";
        /// Seconds between two checkpoints of a run; "none": only when it is stopped.
        checkpoint: Option<Duration> = NumberOr(Domain::closed(0.0, 1e6), "none"), value(30.0),
            "checkpointevery saveevery checkpointinterval checkpoints";
    }
}

settings! {
    impl TheorySpec {
        /// Epochs between two measurements of the theory.
        every: u32 = Number(COUNT), value(1), "";
        /// Measured on the first so many training samples.
        samples: usize = Number(whole(1_000_000_000)), value(5_000), "";
        /// Whether the numbers of each unit are kept too.
        units: bool = Boolean, value(false), "";
    }
}

/// The values of `settings` where none are given.
pub(super) fn defaults(settings: &[Setting]) -> Json {
    settings.iter().filter_map(|setting| Some((setting.key.to_owned(), setting.default()?))).collect()
}

/// Every setting, in the order in which people write them.
pub(super) fn parts() -> Vec<Part> {
    let part = |name, doc, settings| Part { name, doc, settings };
    let mut parts = vec![
        part("", "", Top::settings()),
        part("data", "What is learnt.", [DataSpec::settings(), DataFolder::settings()].concat()),
        part("model", "The auto-encoder: one hidden layer, tied weights, linear decoder.", Model::settings()),
        part("training", "Stochastic gradient descent with momentum.", Training::settings()),
        part("sweep", "What varies: one training for each combination and seed.", Sweep::settings()),
        part("evaluation", "What is measured, over all clean training samples.", Evaluation::settings()),
        part("output", "What is kept beside the tables.", Output::settings()),
        part(
            "theory",
            "Measures what the paper's lemma, theorems and corollaries say; nothing where the section is missing.",
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

/// What `[sweep]` accepts for the axes of `part`.
fn several(part: &Part) -> Vec<Setting> {
    let axis = |setting: &Setting| Setting {
        doc: format!("Several, instead of the one of [{}].", part.name),
        accepts: setting.several(),
        default: Words("the one value above"),
        also: "",
        ..setting.clone()
    };
    part.settings.iter().filter(|setting| setting.axis.is_some()).map(axis).collect()
}

/// The dotted keys of all settings, in the order of [`parts`].
pub(super) fn keys() -> impl Iterator<Item = String> {
    parts().into_iter().flat_map(|Part { name, settings, .. }| {
        settings.into_iter().map(move |setting| dotted(name, setting.key))
    })
}

/// The dotted key of the setting that other programs call `word`.
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
        thing("mnist", "MNIST's training images, n = 784; its test images are held out.", Vec::new()),
        thing(
            "cifar10_patches",
            "8 × 8 patches of CIFAR-10's training images, n = 192; patches of its test images are held out.",
            Vec::new(),
        ),
        thing("npy", "Samples of one's own.", NpyFile::settings()),
        thing(
            "images",
            "One's own pictures, n = height · width · channels: rows from above, the channels of a pixel side by side, divided \
             by 255. Laid over white where they are transparent, turned by their EXIF orientation; nothing is held out.",
            ImageFolder::settings(),
        ),
        Form {
            check: check_synthetic,
            ..thing(
                "synthetic",
                "Sparse linear codes x = Σ_k c_k d_k + noise · ε of known structure.",
                Synthetic::settings(),
            )
        },
    ];
    Accepts::Forms { tag: "kind", forms }
}

/// What no setting of the `synthetic` source has alone.
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

fn scopes() -> Accepts {
    let feature = "(x − mean) / (sd + epsilon), each input by the training samples' mean and sd.";
    let forms = vec![
        form("feature", feature, Epsilon::settings()),
        form("sample", "The same, each sample by its own mean and sd.", Epsilon::settings()),
        form("none", "The samples as they are.", Vec::new()),
    ];
    Accepts::Forms { tag: "scope", forms }
}

/// The members of a catalogue, each with what `told` says of it: its legend and what it is.
fn kinds<K: Kind>(told: impl Fn(K) -> (Option<&'static str>, String)) -> Accepts {
    let one = |kind: K| {
        let (legend, doc) = told(kind);
        Form { legend, check: refused::<Spec<K>>, ..thing(kind.name(), doc, of(kind.parameters())) }
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

/// Why a model refuses parameters that it accepts one by one.
fn refused<T: Field>(table: &Json) -> Vec<(&'static str, String)> {
    T::read(table, Path::new("")).err().map(|problem| ("", problem)).into_iter().collect()
}
