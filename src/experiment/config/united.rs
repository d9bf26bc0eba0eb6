//! The union of two configurations, axis by axis.

use super::checked::Config;
use serde_json::Value as Json;
use std::path::Path;

impl Config {
    /// This configuration with the values of its axes and of those of `earlier`: numbers ascending, names in their order, first those of
    /// `earlier`. Every other setting is this configuration's. The reader may refuse the union, because not every model accepts every σ²
    /// and the size of a plan is limited.
    #[must_use]
    pub(in crate::experiment) fn united_with(&self, earlier: &Self) -> Self {
        let mut tables = self.tables.clone();
        unite(&earlier.tables, &mut tables);
        let mut united = Self::read(tables, Path::new("")).expect("each value is one of a configuration");
        // Paths were resolved from the folder of the configuration's file.
        united.data.clone_from(&self.data);
        united.data_folder.clone_from(&self.data_folder);
        united.model.init.clone_from(&self.model.init);
        united
    }
}

/// Adds the values of `earlier` to the lists in `later`, which are its axes.
fn unite(earlier: &Json, later: &mut Json) {
    match later {
        Json::Array(values) => {
            let first = earlier.as_array().cloned().unwrap_or_default();
            values.retain(|value| !first.contains(value));
            values.splice(0..0, first);
            if values.iter().all(Json::is_number) {
                // Compared as integers first, because two large seeds may be the same floating-point number.
                let number = |value: &Json| (value.as_u64(), value.as_f64());
                values.sort_by(|a, b| number(a).partial_cmp(&number(b)).expect("numbers are finite"));
            }
        }
        Json::Object(table) => table.iter_mut().for_each(|(key, value)| unite(&earlier[key], value)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::experiment::config::parse;
    use std::path::Path;

    #[test]
    fn axes_are_united_and_other_settings_are_the_later_ones() {
        let config = |text: &str| {
            parse(&format!("data.source = 'synthetic'\n{text}"), Path::new("x.toml"), &[]).unwrap()
        };
        let earlier = config(
            "seeds = [3, 1]\nmodel.activation = 'tanh'\nmodel.encoder_bias = 'frozen'\nevaluation.threshold = 0.5\n\
             sweep = { regularizer = ['kl_sae', 'dae'], sigma_squared = [0, 1], learning_rate = [0.1, 0.01] }",
        );
        let later = config(
            "seeds = [2, 1]\nsweep.activation = ['relu', 'tanh']\nevaluation.threshold = 0.1\ntraining.epochs = 3\n\
             sweep.regularizer = ['cae', { kind = 'dae', noise = 'fixed' }, 'kl_sae']\nsweep.sigma_squared = [0.5, 0]",
        );
        let united = later.united_with(&earlier);
        let expected = config(
            "seeds = [1, 2, 3]\nevaluation.threshold = 0.1\ntraining.epochs = 3\n\
             sweep.activation = ['tanh', 'relu']\nsweep.encoder_bias = ['frozen', 'trained']\n\
             sweep.regularizer = ['kl_sae', 'dae', 'cae', { kind = 'dae', noise = 'fixed' }]\n\
             sweep.sigma_squared = [0, 0.5, 1]\nsweep.learning_rate = [0.001, 0.01, 0.1]",
        );
        assert_eq!(united, expected);
        assert_eq!(united.united_with(&united), united);
        assert_eq!(later.united_with(&later).top.seeds, [1, 2], "alone, numbers ascend too");
    }
}
