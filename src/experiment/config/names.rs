//! The names that a setting accepts: how else they may be written, and which of them was meant.

use super::spelling::{LONGEST_NAME, did_you_mean, nearest, plain, suggest};
use super::synonyms;
use std::fmt;

/// The names that a setting accepts, in the order of messages.
#[derive(Debug, Clone)]
pub(super) struct Names {
    names: Vec<&'static str>,
    /// What figures and papers call them: legend and name.
    legends: Vec<(&'static str, &'static str)>,
    /// Whether they are models or data, so that a word near to one of them may be the name of another thing.
    of_things: bool,
}

impl Names {
    /// Words of a setting, such as the places of a switch.
    pub(super) fn words(names: &[&'static str]) -> Self {
        Self { names: names.to_vec(), legends: Vec::new(), of_things: false }
    }

    /// Names of models or data, known by `legends` too: each with its name.
    pub(super) fn things(names: Vec<&'static str>, legends: Vec<(&'static str, &'static str)>) -> Self {
        Self { names, legends, of_things: true }
    }

    /// The name that `found` is: as it stands here or in a legend, in upper or lower case, with `_`, `-`, a space or nothing
    /// between its words.
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
        // Two models, of which a program has added one, may share a legend.
        meant.all(|other| other == first).then_some(first)
    }

    /// "; did you mean `x`?" where `found` is a synonym or a slip of the keyboard; empty otherwise.
    pub(super) fn suggestion(&self, found: &str) -> String {
        if let Some(name) = synonyms::name_of(found, &self.names) {
            return suggest(name);
        }
        if !self.of_things {
            return did_you_mean(found, &self.names);
        }
        let near = nearest(found, &self.names).map(|index| self.names[index]);
        near.filter(|name| is_slip(&plain(found), &plain(name))).map_or_else(String::new, suggest)
    }
}

/// Whether `found` can be nothing but `name` mistyped, both [`plain`]. One letter makes one short name of another: `gae`, `vae`
/// and `sdae` are models as `cae` and `dae` are. Digits tell `l2` from `l1`.
fn is_slip(found: &str, name: &str) -> bool {
    /// A wrong letter in this many leaves no doubt.
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
    /// "one of a, b, c"; a single name stands alone.
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
    fn no_model_is_suggested_for_another() {
        let models = Names::things(RegularizerKind::ALL.iter().map(|kind| kind.name()).collect(), vec![]);
        let activations = Names::things(ActivationKind::ALL.iter().map(|kind| kind.name()).collect(), vec![]);
        let data = Names::things(vec!["mnist", "cifar10_patches", "npy", "images", "synthetic"], vec![]);
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
