//! What other programs and papers call the settings and their values: for suggestions alone. Nothing is read by a synonym, for
//! what it means elsewhere may differ in what is not said.

use super::spelling::{LONGEST_NAME, plain};

/// Settings by their dotted keys, and other words for them, without case, `_`, `-` and spaces.
pub(super) const SETTINGS: &[(&str, &[&str])] = &[
    ("name", &["runname", "experiment", "experimentname"]),
    (
        "seeds",
        &[
            "seed",
            "randomseed",
            "randomstate",
            "rng",
            "rngseed",
            "manualseed",
            "replicates",
            "nseeds",
            "numseeds",
        ],
    ),
    ("data.source", &["dataset", "datasets", "dataname"]),
    ("data.samples", &["nsamples", "numsamples", "ntrain", "trainsize", "maxsamples", "subset"]),
    (
        "data.standardize",
        &["standardise", "standardization", "normalize", "normalise", "normalization", "scaling"],
    ),
    (
        "model.hidden",
        &[
            "hiddenunits",
            "hiddensize",
            "hiddendim",
            "nhidden",
            "numhidden",
            "nunits",
            "latent",
            "latentdim",
            "latentsize",
            "codesize",
            "dhidden",
            "dsae",
            "dictsize",
            "ncomponents",
        ],
    ),
    (
        "model.activation",
        &["act", "actfn", "activationfn", "activationfunction", "nonlinearity", "encoderactivation"],
    ),
    ("model.constraint", &["weightconstraint", "constraints", "kernelconstraint", "weightnorm"]),
    ("model.init", &["warmstart", "initfrom", "initialweights", "pretrained"]),
    ("training.epochs", &["epoch", "nepochs", "numepochs", "maxepochs", "nbepoch", "trainepochs"]),
    ("training.batch", &["batchsize", "bs", "minibatch", "minibatchsize"]),
    ("training.learning_rate", &["lr", "eta", "stepsize", "rate", "learningrateinit"]),
    ("training.momentum", &["mu", "mom"]),
    (
        "sweep.sigma_squared",
        &[
            "sigma",
            "sigma2",
            "sigmasq",
            "sigmas",
            "variance",
            "noise",
            "noisevariance",
            "noiselevel",
            "noisestd",
            "std",
            "corruptionlevel",
            "lambda",
            "lam",
            "coefficient",
            "coefficients",
            "coef",
            "l1coefficient",
            "sparsity",
        ],
    ),
    (
        "sweep.regularizer",
        &[
            "regulariser",
            "regularizers",
            "regularization",
            "reg",
            "model",
            "models",
            "modeltype",
            "method",
            "penalty",
        ],
    ),
    ("evaluation.every", &["evalevery", "evaluateevery", "evalinterval", "loginterval", "evalfreq"]),
    ("evaluation.threshold", &["delta", "deltamin", "activationthreshold"]),
    ("output.weights", &["saveweights", "keepweights", "savemodel"]),
    ("output.checkpoint", &["checkpointevery", "saveevery", "checkpointinterval", "checkpoints"]),
];

/// Names of models, data and the like, and other words for them, likewise.
const NAMES: &[(&str, &[&str])] = &[
    ("silu", &["swish"]),
    ("identity", &["linear", "id"]),
    ("sigmoid", &["logistic", "sigm"]),
    ("leaky_relu", &["leaky", "lrelu"]),
    ("relu", &["rectifier", "rectified", "rectifiedlinear"]),
    ("none", &["plain", "vanilla", "autoencoder", "plainautoencoder", "free", "unconstrained"]),
    ("dae", &["denoising", "denoisingautoencoder", "noise", "noisy"]),
    ("cae", &["contractive", "contractiveautoencoder"]),
    (
        "mdae",
        &[
            "marginalized",
            "marginalised",
            "marginalizeddae",
            "marginaliseddae",
            "marginalizeddenoisingautoencoder",
        ],
    ),
    ("kl_sae", &["kl", "sparse", "sparsity", "sparseautoencoder", "klsparse", "klsparsity"]),
    ("l1", &["lasso", "l1penalty", "l1sparsity"]),
    ("unit_norm", &["unit", "unitlength", "unitnormalized", "normalized"]),
    ("cifar10_patches", &["cifar", "cifar10", "cifar10patch", "cifarpatches"]),
    ("npy", &["numpy", "array", "npz"]),
    ("images", &["folder", "imagefolder", "pictures", "png", "jpeg"]),
    ("synthetic", &["toy", "random", "artificial"]),
    ("feature", &["zscore", "standard", "columns"]),
];

/// The one of `names` that `word` stands for elsewhere.
pub(super) fn name_of(word: &str, names: &[&'static str]) -> Option<&'static str> {
    let is_meant = |(_, words): &&(&str, &[&str])| is_among(word, words);
    NAMES.iter().filter(is_meant).find_map(|(name, _)| names.iter().copied().find(|known| known == name))
}

/// The dotted key of the setting that is called `word` elsewhere.
pub(super) fn setting(word: &str) -> Option<&'static str> {
    SETTINGS.iter().find(|(_, words)| is_among(word, words)).map(|(path, _)| *path)
}

fn is_among(word: &str, words: &[&str]) -> bool {
    word.len() <= LONGEST_NAME && words.contains(&plain(word).as_str())
}
