//! A configuration as JSON: every setting, defaults included, in the form of a configuration file.
//!
//! Read again, it gives an equal configuration. Paths stand as they were written; of an absolute one only the file
//! name, because results must not name the folders of the machine that they were made on.

use super::{Config, Threshold};
use crate::activation::ActivationSpec;
use crate::constraint::Constraint;
use crate::data::Source;
use crate::data::images::{ImageFolder, OnError};
use crate::regularizer::RegularizerSpec;
use crate::training::TheorySpec;
use serde_json::{Map, Value as Json, json};
use std::path::Path;

impl Config {
    /// The configuration with every default filled in, for the manifest.
    pub fn resolved(&self) -> Json {
        self.to_json(|written, _| portable(written))
    }

    /// The same with every path absolute, for programs that work on this machine, or one with the same files, in other folders.
    pub fn located(&self) -> Json {
        self.to_json(|_, path| {
            std::path::absolute(path).unwrap_or(path.to_owned()).to_string_lossy().into_owned()
        })
    }

    fn to_json(&self, text_of: impl Fn(&str, &Path) -> String) -> Json {
        let mut model = object(json!({"hidden": self.hidden, "decoder_bias": self.decoder_bias}));
        let mut training = object(json!({
            "epochs": self.epochs,
            "batch": self.batch,
            "momentum": self.momentum,
            "shuffle": self.shuffle,
        }));
        let mut sweep = object(json!({
            "sigma_squared": self.sweep.sigma_squared,
            "regularizer": self.sweep.regularizer.iter().map(RegularizerSpec::to_json).collect::<Vec<_>>(),
        }));
        let activations = self.sweep.activation.iter().map(ActivationSpec::to_json).collect();
        let constraints = self.sweep.constraint.iter().map(Constraint::to_json).collect();
        let learning_rates = self.sweep.learning_rate.iter().map(|rate| Json::from(*rate)).collect();
        let encoder_biases = self.sweep.encoder_bias.iter().map(|bias| Json::from(bias.name())).collect();
        place("activation", activations, &mut model, &mut sweep);
        place("constraint", constraints, &mut model, &mut sweep);
        place("learning_rate", learning_rates, &mut training, &mut sweep);
        place("encoder_bias", encoder_biases, &mut model, &mut sweep);
        if let Some(file) = &self.warm_start {
            model.insert("init".to_owned(), json!({"from": text_of(&file.written, &file.path)}));
        }
        let threshold = match self.threshold {
            Threshold::Paper => Json::from("paper"),
            Threshold::Number(number) => Json::from(number),
        };
        let checkpoint =
            self.checkpoint.map_or_else(|| Json::from("none"), |every| Json::from(every.as_secs_f64()));
        let mut config = object(json!({
            "name": self.name,
            "seeds": self.seeds,
            "data": self.data_to_json(&text_of),
            "model": model,
            "training": training,
            "sweep": sweep,
            "evaluation": {"every": self.evaluate_every, "threshold": threshold},
            "output": {"weights": self.weights.name(), "checkpoint": checkpoint},
        }));
        if let Some(TheorySpec { every, samples, units }) = self.theory {
            config.insert("theory".to_owned(), json!({"every": every, "samples": samples, "units": units}));
        }
        Json::Object(config)
    }

    fn data_to_json(&self, text_of: impl Fn(&str, &Path) -> String) -> Json {
        let written = self.source_path.as_deref().unwrap_or_default();
        let mut source = match &self.data.source {
            Source::Mnist => json!({"kind": "mnist"}),
            Source::Cifar10Patches => json!({"kind": "cifar10_patches"}),
            Source::Npy { path } => json!({"kind": "npy", "path": text_of(written, path)}),
            Source::Images(ImageFolder { path, height, width, channels, fit, .. }) => json!({
                "kind": "images",
                "path": text_of(written, path),
                "height": height,
                "width": width,
                "channels": channels.count(),
                "fit": fit.name(),
            }),
            Source::Synthetic(synthetic) => json!({
                "kind": "synthetic",
                "samples": synthetic.samples,
                "inputs": synthetic.inputs,
                "atoms": synthetic.atoms,
                "active": synthetic.active,
                "noise": synthetic.noise,
                "seed": synthetic.seed,
            }),
        };
        // It came later: at its default, manifests stay as they were.
        if let Source::Images(ImageFolder { on_error: on_error @ OnError::Skip, .. }) = self.data.source {
            source["on_error"] = on_error.name().into();
        }
        let mut data = object(json!({"source": source, "standardize": self.data.standardize}));
        if let Some(samples) = self.data.samples {
            data.insert("samples".to_owned(), samples.into());
        }
        if let Some(dir) = &self.data_dir {
            data.insert("dir".to_owned(), text_of(&dir.written, &dir.path).into());
        }
        Json::Object(data)
    }
}

/// One value goes to its section, several to the sweep.
fn place(key: &str, mut values: Vec<Json>, section: &mut Map<String, Json>, sweep: &mut Map<String, Json>) {
    if values.len() == 1 {
        section.extend(values.pop().map(|value| (key.to_owned(), value)));
    } else {
        sweep.insert(key.to_owned(), Json::Array(values));
    }
}

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(object) => object,
        _ => Map::new(),
    }
}

fn portable(written: &str) -> String {
    let path = Path::new(written);
    match path.file_name() {
        Some(name) if path.is_absolute() => name.to_string_lossy().into_owned(),
        _ => written.to_owned(),
    }
}
