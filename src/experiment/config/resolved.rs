//! A configuration as JSON: every setting, defaults included, in the form of a configuration file.
//!
//! Read again, it gives an equal configuration. Paths stand as they were written; of an absolute one only the file
//! name, because results must not name the folders of the machine that they were made on.

use super::checked::Config;
use super::field::{Field, WrittenPath};
use super::table::parts;
use crate::data::images::OnError;
use serde_json::Value as Json;
use std::path::Path;

impl Config {
    /// The configuration with every default filled in, for the manifest.
    pub fn resolved(&self) -> Json {
        self.to_json(|path| portable(&path.written))
    }

    /// The same with every path absolute, for programs that work on this machine, or one with the same files, in other folders.
    pub fn located(&self) -> Json {
        self.to_json(|WrittenPath { path, .. }| {
            std::path::absolute(path).unwrap_or(path.clone()).to_string_lossy().into_owned()
        })
    }

    fn to_json(&self, text_of: impl Fn(&WrittenPath) -> String) -> Json {
        let mut config = self.top.write();
        config["data"] = self.data.write();
        config["model"] = self.model.write();
        config["training"] = self.training.write();
        config["sweep"] = self.sweep.write();
        config["evaluation"] = self.evaluation.write();
        config["output"] = self.output.write();
        if let Some(theory) = &self.theory {
            config["theory"] = theory.write();
        }
        // A single value goes to its section, several values go to `[sweep]`.
        for part in parts().iter().filter(|part| part.name != "sweep") {
            for setting in part.settings.iter().filter(|setting| setting.axis.is_some()) {
                let mut values = config[part.name][setting.key].take();
                match values.as_array_mut().map(Vec::as_mut_slice) {
                    Some([value]) => config[part.name][setting.key] = value.take(),
                    _ => {
                        config["sweep"][setting.key] = values;
                        config[part.name].as_object_mut().map(|section| section.remove(setting.key));
                    }
                }
            }
        }
        // It came later: at its default, manifests stay as they were.
        if config["data"]["source"]["on_error"] == OnError::Refuse.name() {
            config["data"]["source"].as_object_mut().map(|source| source.remove("on_error"));
        }
        if let Some(path) = &self.source_path {
            config["data"]["source"]["path"] = text_of(path).into();
        }
        if let Some(path) = &self.data_folder.dir {
            config["data"]["dir"] = text_of(path).into();
        }
        if let Some(init) = &self.model.init {
            config["model"]["init"]["from"] = text_of(&init.from).into();
        }
        config
    }
}

fn portable(written: &str) -> String {
    let path = Path::new(written);
    match path.file_name() {
        Some(name) if path.is_absolute() => name.to_string_lossy().into_owned(),
        _ => written.to_owned(),
    }
}
