//! The resolved configuration: every setting as JSON, including defaults, in the form of a configuration file.
//!
//! Parsed again, it gives an equal configuration. Relative paths are as written. Of an absolute path only the file's name is kept,
//! because results must not name folders of the machine on which they were made.

use super::checked::Config;
use super::table::parts;
use crate::data::HeldOut;
use crate::data::images::OnError;
use crate::store::last_part;
use serde_json::Value as Json;
use std::path::{Path, absolute};

impl Config {
    /// The configuration with every default filled in, for the manifest.
    pub fn resolved(&self) -> Json {
        self.to_json(|written, _| last_part(written).to_owned())
    }

    /// The configuration with every default filled in and every path absolute, for processes that start in another folder and see the same
    /// files.
    pub fn located(&self) -> Json {
        self.to_json(|_, path| absolute(path).unwrap_or(path.to_owned()).to_string_lossy().into_owned())
    }

    /// The configuration in the form of a file; `text_of` gives the text of each path, from the path as written and as resolved.
    fn to_json(&self, text_of: impl Fn(&str, &Path) -> String) -> Json {
        let mut config = self.tables.clone();
        let held_out = self.data.held_out.as_ref().and_then(HeldOut::path);
        let paths = [
            ("/data/source/path", self.data.source.path()),
            ("/data/held_out/path", held_out),
            ("/data/dir", self.data_dir()),
            ("/model/init/from", self.warm_start()),
        ];
        for (key, path) in paths {
            if let (Some(Json::String(text)), Some(path)) = (config.pointer_mut(key), path) {
                *text = text_of(text, path);
            }
        }
        // An axis with a single value goes to its section, with several values to `[sweep]`.
        for part in parts().iter().filter(|part| part.name != "sweep") {
            for setting in part.settings.iter().filter(|setting| setting.axis.is_some()) {
                let mut values = config[part.name][setting.key].take();
                match values.as_array_mut().map(Vec::as_mut_slice) {
                    Some([value]) => config[part.name][setting.key] = value.take(),
                    _ => config["sweep"][setting.key] = values,
                }
            }
        }
        // This setting was added later; left out at its default, so that manifests do not change.
        if config["data"]["source"]["on_error"] == OnError::Refuse.name() {
            config["data"]["source"].as_object_mut().map(|source| source.remove("on_error"));
        }
        let mut top = config[""].take();
        for (name, table) in config.as_object_mut().into_iter().flatten().filter(|(name, _)| !name.is_empty())
        {
            // A setting without a value is left out.
            table.as_object_mut().into_iter().for_each(|table| table.retain(|_, value| !value.is_null()));
            top[name.as_str()] = table.take();
        }
        top
    }
}
