//! The plan of two configurations, axis by axis.

use super::checked::Config;

impl Config {
    /// This configuration with the values of the axes of `earlier` too: numbers ascending, names as they came, those of `earlier`
    /// first. Every other setting is this configuration's. It may be none that a reader accepts: not every model takes every σ²,
    /// and a plan has a largest size.
    #[must_use]
    pub(in crate::experiment) fn united_with(&self, earlier: &Self) -> Self {
        let mut united = self.clone();
        united.top.seeds = as_they_came(&earlier.top.seeds, &self.top.seeds);
        united.top.seeds.sort_unstable();
        let (first, then) = (&earlier.model, &self.model);
        united.model.activation = as_they_came(&first.activation, &then.activation);
        united.model.constraint = as_they_came(&first.constraint, &then.constraint);
        united.model.encoder_bias = as_they_came(&first.encoder_bias, &then.encoder_bias);
        united.training.learning_rate =
            ascending(&earlier.training.learning_rate, &self.training.learning_rate);
        united.sweep.regularizer = as_they_came(&earlier.sweep.regularizer, &self.sweep.regularizer);
        united.sweep.sigma_squared = ascending(&earlier.sweep.sigma_squared, &self.sweep.sigma_squared);
        united
    }
}

fn as_they_came<T: Clone + PartialEq>(first: &[T], then: &[T]) -> Vec<T> {
    let mut values = first.to_vec();
    values.extend(then.iter().filter(|value| !first.contains(value)).cloned());
    values
}

fn ascending(first: &[f64], then: &[f64]) -> Vec<f64> {
    let mut values = as_they_came(first, then);
    values.sort_by(f64::total_cmp);
    values
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
