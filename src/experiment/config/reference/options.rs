//! Overrides for people who try a setting as an option, such as `--epochs`: which `-o` sets it.

use crate::experiment::config::spelling::{LONGEST_NAME, seeds_for, written_list};
use crate::experiment::config::table::{called, keys};
use crate::parameter::plain;

/// The dotted key of the setting that `word` names: its key, with or without its section, or a synonym.
fn setting(word: &str) -> Option<String> {
    if word.len() > LONGEST_NAME {
        return None;
    }
    let word = plain(word);
    let is_named =
        |path: &String| plain(path) == word || path.rsplit('.').next().is_some_and(|key| plain(key) == word);
    keys().find(is_named).or_else(|| called(&word))
}

/// The overrides that set the setting `word`, a key or a synonym, to `values`: one override for each possible meaning, none if there is no
/// such setting. Without values, the override has `VALUE` as a placeholder.
pub fn overrides_for(word: &str, values: &[String]) -> Vec<String> {
    let Some(path) = setting(word) else { return Vec::new() };
    let list = || written_list(values.iter().map(String::as_str));
    let key = path.rsplit('.').next().unwrap_or_default();
    match values {
        [] => vec![format!("{path}=VALUE")],
        [value] if path == "seeds" => {
            value.parse().map_or_else(|_| Vec::new(), |number| seeds_for(number).into())
        }
        [value] => vec![format!("{path}={value}")],
        _ if path == "seeds" || path.starts_with("sweep.") => vec![format!("{path}={}", list())],
        _ => {
            let axis = format!("sweep.{key}");
            let is_axis = keys().any(|path| path == axis);
            vec![format!("{}={}", if is_axis { axis } else { path }, list())]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::config::setting::Setting;
    use crate::experiment::config::table::parts;
    use crate::experiment::config::tree::dotted;
    use std::collections::HashSet;

    #[test]
    fn every_synonym_leads_to_its_setting_and_is_no_key_of_another() {
        let mut words = HashSet::new();
        for part in parts() {
            for Setting { key, also, .. } in part.settings {
                for word in also.split_whitespace() {
                    assert_eq!(plain(word), word);
                    assert!(words.insert(word), "{word} stands twice");
                    assert_eq!(setting(word), Some(dotted(part.name, key)), "{word} is a key itself");
                }
            }
        }
        assert!(words.len() > 100, "{}", words.len());
        for (word, path) in [
            ("epochs", "training.epochs"),
            ("training.epochs", "training.epochs"),
            ("learning-rate", "training.learning_rate"),
            ("LR", "training.learning_rate"),
            ("n_epochs", "training.epochs"),
            ("batch-size", "training.batch"),
            ("hidden_units", "model.hidden"),
            ("activation", "model.activation"),
            ("seed", "seeds"),
        ] {
            assert_eq!(setting(word).as_deref(), Some(path), "{word}");
        }
        assert_eq!(setting("frobnicate"), None);
        assert_eq!(setting(&"epochs".repeat(50)), None);
    }

    #[test]
    fn values_of_a_setting_become_an_override() {
        let overrides = |word: &str, values: &[&str]| {
            let values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
            overrides_for(word, &values).join(" ")
        };
        assert_eq!(overrides("epochs", &["2"]), "training.epochs=2");
        assert_eq!(overrides("epochs", &[]), "training.epochs=VALUE");
        assert_eq!(overrides("lr", &["0.1", "0.01"]), "sweep.learning_rate=[0.1, 0.01]");
        assert_eq!(overrides("activation", &["relu", "tanh"]), "sweep.activation=[\"relu\", \"tanh\"]");
        assert_eq!(overrides("seeds", &["1", "2"]), "seeds=[1, 2]");
        assert_eq!(overrides("sigma_squared", &["0.1"]), "sweep.sigma_squared=0.1");
        assert_eq!(overrides("frobnicate", &["1"]), "");
    }
}
