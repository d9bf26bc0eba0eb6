//! A configuration as JSON: every setting, defaults included, in the form of a configuration file.
//!
//! Read again, it gives an equal configuration. Paths stand as they were written; of an absolute one only the file
//! name, because results must not name the folders of the machine that they were made on.

use super::checked::Config;
use super::table::parts;
use crate::data::images::OnError;
use crate::store::last_part;
use serde_json::Value as Json;
use std::path::{Path, absolute};

impl Config {
    /// The configuration with every default filled in, for the manifest.
    pub fn resolved(&self) -> Json {
        self.to_json(|written, _| last_part(written).to_owned())
    }

    /// The same with every path absolute, for programs that work on this machine, or one with the same files, in other folders.
    pub fn located(&self) -> Json {
        self.to_json(|_, path| absolute(path).unwrap_or(path.to_owned()).to_string_lossy().into_owned())
    }

    /// The tables as a file has them; `text_of` is told of each path as it was written and where it leads.
    fn to_json(&self, text_of: impl Fn(&str, &Path) -> String) -> Json {
        let mut config = self.tables.clone();
        let paths = [
            ("/data/source/path", self.data.source.path()),
            ("/data/dir", self.data_dir()),
            ("/model/init/from", self.warm_start()),
        ];
        for (key, path) in paths {
            if let (Some(Json::String(text)), Some(path)) = (config.pointer_mut(key), path) {
                *text = text_of(text, path);
            }
        }
        // A single value goes to its section, several values go to `[sweep]`.
        for part in parts().iter().filter(|part| part.name != "sweep") {
            for setting in part.settings.iter().filter(|setting| setting.axis.is_some()) {
                let mut values = config[part.name][setting.key].take();
                match values.as_array_mut().map(Vec::as_mut_slice) {
                    Some([value]) => config[part.name][setting.key] = value.take(),
                    _ => config["sweep"][setting.key] = values,
                }
            }
        }
        // It came later: at its default, manifests stay as they were.
        if config["data"]["source"]["on_error"] == OnError::Refuse.name() {
            config["data"]["source"].as_object_mut().map(|source| source.remove("on_error"));
        }
        let mut top = config[""].take();
        for (name, table) in config.as_object_mut().into_iter().flatten().filter(|(name, _)| !name.is_empty())
        {
            // Nothing stands for a setting that is not given.
            table.as_object_mut().into_iter().for_each(|table| table.retain(|_, value| !value.is_null()));
            top[name.as_str()] = table.take();
        }
        top
    }
}
