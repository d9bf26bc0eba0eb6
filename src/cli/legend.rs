//! How a plan's trainings are called: no more of their settings than tells them apart.

use aesparse::experiment::{Plan, Training};
use aesparse::regularizer::RegularizerKind;
use aesparse::training::RunSpec;
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// The trainings' names by run key.
#[derive(Debug)]
pub(crate) struct Legend(HashMap<String, String>);

impl Legend {
    pub(crate) fn new(plan: &Plan) -> Self {
        let varied = Varied::of(plan);
        let name = |(training, cells): (&Training, &Vec<usize>)| {
            let spec = &training.spec;
            let mut parts = vec![model(plan, cells)];
            // A plan of nothing but the plain auto-encoder has no σ².
            if spec.regularizer.kind() != RegularizerKind::None || parts[0] == ALL_MODELS {
                parts.push(format!("σ²={}", spec.sigma_squared));
            }
            parts.extend(varied.others(spec));
            if varied.seed {
                parts.push(format!("seed {}", spec.seed));
            }
            (training.key.clone(), parts.join(" "))
        };
        Self(plan.trainings.iter().zip(&plan.cells_by_training()).map(name).collect())
    }

    /// What the training is called; its key where it isn't of the plan.
    pub(crate) fn of<'a>(&'a self, training: &'a Training) -> &'a str {
        self.0.get(&training.key).unwrap_or(&training.key)
    }
}

const ALL_MODELS: &str = "all models";

/// The regularizer of the `cells` that a training stands for; at σ² = 0, these are cells of all models.
pub(super) fn model(plan: &Plan, cells: &[usize]) -> String {
    let mut labels = Vec::new();
    for &cell in cells {
        let label = plan.cells[cell].spec.regularizer.label();
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    match labels.pop() {
        Some(label) if labels.is_empty() => label,
        _ => ALL_MODELS.to_owned(),
    }
}

/// The settings that tell the cells of a plan apart, as JSON for other programs, with `more` beside them.
pub(crate) fn settings(spec: &RunSpec, more: Json) -> Json {
    let mut settings = json!({
        "activation": spec.activation.label(),
        "constraint": spec.constraint.label(),
        "learning_rate": spec.learning_rate,
        "encoder_bias": spec.encoder_bias.name(),
        "regularizer": spec.regularizer.label(),
        "sigma_squared": spec.sigma_squared,
        "seed": spec.seed,
    });
    if let (Json::Object(settings), Json::Object(more)) = (&mut settings, more) {
        settings.extend(more);
    }
    settings
}

/// Which settings beside regularizer and σ² differ among the cells of a plan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Varied {
    pub(crate) activation: bool,
    pub(crate) constraint: bool,
    pub(crate) learning_rate: bool,
    pub(crate) encoder_bias: bool,
    pub(crate) seed: bool,
}

impl Varied {
    pub(crate) fn of(plan: &Plan) -> Self {
        let differs = |differ: fn(&RunSpec, &RunSpec) -> bool| {
            plan.cells.windows(2).any(|pair| differ(&pair[0].spec, &pair[1].spec))
        };
        Self {
            activation: differs(|a, b| a.activation != b.activation),
            constraint: differs(|a, b| a.constraint != b.constraint),
            learning_rate: differs(|a, b| a.learning_rate != b.learning_rate),
            encoder_bias: differs(|a, b| a.encoder_bias != b.encoder_bias),
            seed: differs(|a, b| a.seed != b.seed),
        }
    }

    /// Those of `spec`'s settings that differ, but for the seed.
    pub(crate) fn others(self, spec: &RunSpec) -> impl Iterator<Item = String> {
        let activation = self.activation.then(|| spec.activation.label());
        let constraint = self.constraint.then(|| spec.constraint.label());
        let rate = self.learning_rate.then(|| format!("learning rate {}", spec.learning_rate));
        let bias = self.encoder_bias.then(|| format!("encoder bias {}", spec.encoder_bias.name()));
        [activation, constraint, rate, bias].into_iter().flatten()
    }
}
