//! The names that a setting accepts: their other spellings, and suggestions for unknown names.

use super::spelling::{LONGEST_NAME, did_you_mean, nearest, suggest};
use super::synonyms;
use crate::parameter::plain;
use std::fmt;

/// The names that a setting accepts, in the order of messages.
#[derive(Debug, Clone)]
pub(super) struct Names {
    names: Vec<&'static str>,
    /// Pairs of a name's legend in figures and papers, and the name.
    legends: Vec<(&'static str, &'static str)>,
    /// Whether these are names of models or data sets. A similar word may then be the name of another model or data set, so suggestions
    /// are stricter.
    of_models_or_data: bool,
}

impl Names {
    /// The values of a plain choice, such as `"none"` and `"final"`.
    pub(super) fn of_choices(names: &[&'static str]) -> Self {
        Self { names: names.to_vec(), legends: Vec::new(), of_models_or_data: false }
    }

    /// Names of models or data sets; `legends` are pairs of a legend and its name.
    pub(super) fn of_models_or_data(
        names: Vec<&'static str>,
        legends: Vec<(&'static str, &'static str)>,
    ) -> Self {
        Self { names, legends, of_models_or_data: true }
    }

    /// The name that `found` spells, or whose legend it spells: in upper or lower case, with `_`, `-`, a space or nothing between its
    /// words.
    pub(super) fn find(&self, found: &str) -> Option<&'static str> {
        if let Some(name) = self.names.iter().find(|name| **name == found) {
            return Some(name);
        }
        if found.len() > LONGEST_NAME {
            return None;
        }
        let found = plain(found);
        let spelt = self.names.iter().filter(|name| plain(name) == found);
        let called = self.legends.iter().filter(|(legend, _)| plain(legend) == found).map(|(_, name)| name);
        let mut meant = spelt.chain(called).copied();
        let first = meant.next()?;
        // A model that a program has added may have the legend of another model.
        meant.all(|other| other == first).then_some(first)
    }

    /// "; did you mean `x`?" where `found` is a synonym or a misspelling; empty otherwise.
    pub(super) fn suggestion(&self, found: &str) -> String {
        if let Some(name) = synonyms::name_of(found, &self.names) {
            return suggest(name);
        }
        if !self.of_models_or_data {
            return did_you_mean(found, &self.names);
        }
        let near = nearest(found, &self.names).map(|index| self.names[index]);
        near.filter(|name| is_misspelling(&plain(found), &plain(name))).map_or_else(String::new, suggest)
    }
}

/// Whether `found` is certainly a misspelling of `name`; both are [`plain`]. A single letter can turn one short name into another: `gae`, `vae`
/// and `sdae` are models, as `cae` and `dae` are. So are digits: `l2` is not `l1`.
fn is_misspelling(found: &str, name: &str) -> bool {
    /// One wrong letter in so many is accepted as a misspelling.
    const LETTERS: usize = 5;
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    let digits = |word: &str| word.chars().filter(char::is_ascii_digit).collect::<String>();
    let wrong = strsim::damerau_levenshtein(found, name);
    letters(found) == letters(name)
        || (name.len() > LETTERS && wrong <= name.len() / LETTERS && digits(found) == digits(name))
}

impl fmt::Display for Names {
    /// "one of a, b, c", or the only name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.names.as_slice() {
            [name] => f.write_str(name),
            names => write!(f, "one of {}", names.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation::ActivationKind;
    use crate::regularizer::RegularizerKind;

    #[test]
    fn no_model_is_suggested_for_the_name_of_another_model() {
        let models =
            Names::of_models_or_data(RegularizerKind::ALL.iter().map(|kind| kind.name()).collect(), vec![]);
        let activations =
            Names::of_models_or_data(ActivationKind::ALL.iter().map(|kind| kind.name()).collect(), vec![]);
        let data =
            Names::of_models_or_data(vec!["mnist", "cifar10_patches", "npy", "images", "synthetic"], vec![]);
        for (names, found, meant) in [
            (&models, "sparse", "kl_sae"),
            (&models, "noise", "dae"),
            (&models, "dea", "dae"),
            (&models, "kl_ase", "kl_sae"),
            (&models, "corolary1", "corollary1"),
            (&activations, "swish", "silu"),
            (&activations, "sigmod", "sigmoid"),
            (&activations, "rleu", "relu"),
            (&data, "cifar10", "cifar10_patches"),
            (&data, "CIFAR-10", "cifar10_patches"),
            (&data, "minst", "mnist"),
        ] {
            assert_eq!(names.suggestion(found), format!("; did you mean `{meant}`?"), "{found}");
        }
        for (names, others) in [
            (
                &models,
                &["gae", "vae", "wae", "sdae", "scae", "sae2", "k_sae", "l2", "l0", "corollary3", "topk"][..],
            ),
            (
                &activations,
                &["prelu", "selu", "celu", "relu6", "rrelu", "softsign", "softmax", "hardtanh", "tank"],
            ),
            (&data, &["emnist", "kmnist", "qmnist", "fashion_mnist", "cifar100", "cifar100_patches"]),
        ] {
            for other in others {
                assert_eq!(names.suggestion(other), "", "{other}");
                assert_eq!(names.find(other), None, "{other}");
            }
        }
    }
}
