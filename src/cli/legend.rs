//! Names of a plan's trainings, with only the settings that tell them apart.

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
        let key_and_name = |(training, cells): (&Training, &Vec<usize>)| {
            let spec = &training.spec;
            let mut parts = vec![model_label(plan, cells)];
            // If the plan has only the plain auto-encoder, σ² means nothing.
            if spec.regularizer.kind() != RegularizerKind::None || parts[0] == ALL_MODELS {
                parts.push(format!("σ²={}", spec.sigma_squared));
            }
            parts.extend(setting_words(spec, &varied));
            (training.key.clone(), parts.join(" "))
        };
        Self(plan.trainings.iter().zip(&plan.cells_by_training()).map(key_and_name).collect())
    }

    /// The training's name; its run key if the plan doesn't have it.
    pub(crate) fn name<'a>(&'a self, training: &'a Training) -> &'a str {
        self.0.get(&training.key).unwrap_or(&training.key)
    }
}

/// The label of a training that several models share.
const ALL_MODELS: &str = "all models";

/// The regularizer of the `cells` of a training. At σ² = 0 these are cells of all models.
pub(super) fn model_label(plan: &Plan, cells: &[usize]) -> String {
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

/// A JSON object for other programs with the settings of [`AXES`] and the entries of `more`.
pub(crate) fn settings_json(spec: &RunSpec, more: Json) -> Json {
    let settings: Map<_, _> =
        AXES.iter().map(|axis| (axis.name.to_owned(), json!(axis.setting_cell(spec)))).collect();
    let mut settings = Json::Object(settings);
    if let (Json::Object(settings), Json::Object(more)) = (&mut settings, more) {
        settings.extend(more);
    }
    settings
}

/// The settings in which the cells of `plan` differ, among them the seed.
pub(crate) fn varied(plan: &Plan) -> Vec<Column> {
    store::varied(plan.cells.iter().map(|cell| &cell.spec)).collect()
}

/// The settings in which the models of `plan` differ: [`varied`] without the seed.
pub(crate) fn varied_without_seed(plan: &Plan) -> Vec<Column> {
    let mut varied = varied(plan);
    varied.retain(|axis| axis.name != "seed");
    varied
}

/// The `varied` settings of `spec` in words, without regularizer and σ².
pub(crate) fn setting_words(spec: &RunSpec, varied: &[Column]) -> Vec<String> {
    let word = |axis: &Column| {
        let value = axis.setting_cell(spec).to_text();
        match axis.name {
            "regularizer" | "sigma_squared" => None,
            "activation" | "constraint" => Some(value),
            other => Some(format!("{} {value}", other.replace('_', " "))),
        }
    };
    varied.iter().filter_map(word).collect()
}
