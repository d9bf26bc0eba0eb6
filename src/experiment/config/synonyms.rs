//! The names that other programs and papers use for values of settings. They serve only for suggestions: a synonym is never accepted,
//! because its meaning elsewhere may differ. Synonyms of the settings themselves are in [`super::table`].

use super::spelling::LONGEST_NAME;
use crate::parameter::plain;

/// Names of models, data sets and other values, each with its synonyms in lower case, without `_`, `-` and spaces.
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
    ("global", &["all", "whole", "overall", "dataset", "scalar"]),
    ("tangent", &["tangential", "riemannian", "orthogonal"]),
    ("project", &["projection", "projected", "retract", "renormalize"]),
];

/// The name in `names` for which `word` is a synonym.
pub(super) fn name_of(word: &str, names: &[&'static str]) -> Option<&'static str> {
    if word.len() > LONGEST_NAME {
        return None;
    }
    let word = plain(word);
    let is_meant = |(_, words): &&(&str, &[&str])| words.contains(&word.as_str());
    NAMES.iter().filter(is_meant).find_map(|(name, _)| names.iter().copied().find(|known| known == name))
}
