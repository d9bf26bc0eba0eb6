//! How a plan's trainings are called: no more of their settings than tells them apart.

use crate::experiment::{Plan, Training};
use crate::regularizer::RegularizerKind;
use crate::store::{self, AXES, Column};
use crate::training::RunSpec;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// The trainings' names by run key.
#[derive(Debug)]
pub(crate) struct Legend(HashMap<String, String>);

impl Legend {
    pub(crate) fn new(plan: &Plan) -> Self {
        let varied = varied(plan);
        let name = |(training, cells): (&Training, &Vec<usize>)| {
            let spec = &training.spec;
            let mut parts = vec![model(plan, cells)];
            // A plan of nothing but the plain auto-encoder has no σ².
            if spec.regularizer.kind() != RegularizerKind::None || parts[0] == ALL_MODELS {
                parts.push(format!("σ²={}", spec.sigma_squared));
            }
            parts.extend(others(spec, &varied));
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
    let settings: Map<_, _> =
        AXES.iter().map(|axis| (axis.name.to_owned(), json!(axis.of_spec(spec)))).collect();
    let mut settings = Json::Object(settings);
    if let (Json::Object(settings), Json::Object(more)) = (&mut settings, more) {
        settings.extend(more);
    }
    settings
}

/// The settings in which the cells of `plan` differ.
pub(crate) fn varied(plan: &Plan) -> Vec<Column> {
    store::varied(plan.cells.iter().map(|cell| &cell.spec)).collect()
}

/// Those in which its models differ: all but the seed.
pub(crate) fn varied_of_models(plan: &Plan) -> Vec<Column> {
    let mut varied = varied(plan);
    varied.retain(|axis| axis.name != "seed");
    varied
}

/// Those of `spec`'s settings that are among `varied`, in words, without regularizer and σ².
pub(crate) fn others(spec: &RunSpec, varied: &[Column]) -> Vec<String> {
    let word = |axis: &Column| {
        let value = axis.of_spec(spec).to_text();
        match axis.name {
            "regularizer" | "sigma_squared" => None,
            "activation" | "constraint" => Some(value),
            other => Some(format!("{} {value}", other.replace('_', " "))),
        }
    };
    varied.iter().filter_map(word).collect()
}
