//! What other programs and papers call the values of settings: for suggestions alone. Nothing is read by a synonym, because
//! what it means elsewhere may differ. The rows of [`super::table`] list what these programs and papers call the settings.

use super::spelling::{LONGEST_NAME, plain};

/// Names of models, data and the like, and other words for them, without case, `_`, `-` and spaces.
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
    if word.len() > LONGEST_NAME {
        return None;
    }
    let word = plain(word);
    let is_meant = |(_, words): &&(&str, &[&str])| words.contains(&word.as_str());
    NAMES.iter().filter(is_meant).find_map(|(name, _)| names.iter().copied().find(|known| known == name))
}
