//! Checks the tree of a file and makes a [`Config`]: first each setting by its row of [`super::table`], then conditions on several settings.

use super::checked::Config;
use super::reader::{ProblemList, TableReader, ValueReader};
use super::setting::{Setting, SettingsTable};
use super::setting_value::SettingValue;
use super::spelling::{NAMES, is_name};
use super::table::{MOST_SAMPLES, THRESHOLD, called, parts, whole};
use super::tree::{ConfigPlace, ConfigProblem, Node, quoted};
use crate::activation::ActivationSpec;
use crate::data::{Source, mnist, patches};
use crate::parameter::Value;
use crate::regularizer::{RegularizerKind, RegularizerSpec};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The most cells that a plan may have.
const MOST_CELLS: usize = 1_000_000;

/// The default height and width of images: MNIST's.
const DEFAULT_SIDE: u64 = 28;

/// Reads the settings of `root`, the file at `path`; `known` are the problems found so far.
///
/// # Errors
/// All problems, in no particular order.
pub(super) fn read(
    root: &Node,
    path: &Path,
    known: Vec<ConfigProblem>,
) -> Result<Config, Vec<ConfigProblem>> {
    let problems = ProblemList::default();
    known.into_iter().for_each(|problem| problems.note(problem));
    let json = Checker::read(TableReader::root(&problems, root)).complete(path);
    let problems = problems.into_problems(called);
    if !problems.is_empty() {
        return Err(problems);
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let from = |folder: &Path| {
        Config::read(json.clone(), folder)
            .map_err(|problem| vec![ConfigProblem::new(ConfigPlace::Absent, "", problem)])
    };
    let mut config = from(folder)?;
    // A path on the command line starts from the folder in which the command is given.
    let is_override =
        |keys: &[&str]| matches!(root.at(keys).map(|node| node.place), Some(ConfigPlace::Override(_)));
    let here = Path::new("");
    if is_override(&["data", "source", "path"]) {
        config.data.source = from(here)?.data.source;
    }
    if is_override(&["data", "held_out"]) || is_override(&["data", "held_out", "path"]) {
        config.data.held_out = from(here)?.data.held_out;
    }
    if is_override(&["data", "dir"]) {
        config.data_folder = from(here)?.data_folder;
    }
    if is_override(&["model", "init", "from"]) {
        config.model.init = from(here)?.model.init;
    }
    Ok(config)
}

/// A configuration while it is checked.
struct Checker<'r> {
    /// The sections of the file by name.
    sections: BTreeMap<&'static str, TableReader<'r>>,
    /// The accepted values by section; a setting with a problem is missing.
    tables: Json,
}

impl<'r> Checker<'r> {
    /// Reads and checks each setting by its row.
    fn read(root: TableReader<'r>) -> Self {
        let parts = parts();
        let names = || parts.iter().map(|part| part.name).filter(|name| !name.is_empty());
        // The section [theory] has no defaults where it is missing, because its presence requests the measurements.
        let is_read = |name: &&str| *name != "theory" || root.place_of(name).is_some();
        let mut sections: BTreeMap<_, _> =
            names().filter(is_read).map(|name| (name, root.section(name))).collect();
        root.finish(parts[0].settings.iter().map(|setting| setting.key).chain(names()));
        sections.insert("", root);
        let mut tables = json!({});
        for SettingsTable { name, settings, .. } in &parts {
            let Some(section) = sections.get(name) else { continue };
            // An axis in [sweep] is read with the setting that it replaces.
            let is_own = |setting: &&Setting| *name != "sweep" || setting.axis.is_none();
            for setting in settings.iter().filter(is_own) {
                let (value, is_given) = match setting.axis {
                    Some(_) => read_axis(section, &sections["sweep"], setting),
                    None => (section.read(setting), section.place_of(setting.key).is_some()),
                };
                if let Some(value) = value.or_else(|| setting.default().filter(|_| !is_given)) {
                    tables[*name][setting.key] = value;
                }
            }
            if !name.is_empty() {
                section.finish(settings.iter().map(|setting| setting.key));
            }
        }
        Self { sections, tables }
    }

    /// Checks conditions on several settings and fills in defaults that depend on other settings; `path` is the file's.
    fn complete(mut self, path: &Path) -> Json {
        self.name(path);
        self.data();
        self.coefficients();
        self.threshold();
        self.size();
        self.tables
    }

    /// The converted value of a setting; `None` where it has a problem.
    fn value<T: SettingValue>(&self, section: &str, key: &str) -> Option<T> {
        T::read(&self.tables[section][key], Path::new("")).ok()
    }

    /// Sets the default name: the file's name without extension.
    fn name(&mut self, path: &Path) {
        let root = &self.sections[""];
        if root.place_of("name").is_some() {
            return;
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        if !is_name(&stem) {
            let found = format!("is missing, and the file's stem {} can't stand for it", quoted(&stem));
            root.refuse("name", None, format!("{found}; accepted: {NAMES}"));
        }
        self.tables[""]["name"] = stem.into();
    }

    /// Checks the number of samples and sets the defaults of `[data]` that depend on the source.
    fn data(&mut self) {
        let table = &mut self.tables["data"];
        // If only one side of the images is given, they are square.
        if table["source"]["kind"] == "images" {
            let [height, width] = ["height", "width"].map(|side| table["source"][side].as_u64());
            table["source"]["height"] = height.or(width).unwrap_or(DEFAULT_SIDE).into();
            table["source"]["width"] = width.or(height).unwrap_or(DEFAULT_SIDE).into();
        }
        let source = Source::read(&table["source"], Path::new("")).ok();
        let most = source.as_ref().map_or(MOST_SAMPLES, most_samples);
        let given = self.sections["data"].get("samples");
        match (&given, table["samples"].as_u64()) {
            (Some(item), Some(samples)) if samples > most => _ = item.refuse::<()>(whole(most)),
            (None, _) => table["samples"] = json!(source.as_ref().and_then(Source::default_samples)),
            _ => (),
        }
        let held_out = self.sections["data"].get("held_out");
        if let (Some(item), Some(source)) = (held_out, &source)
            && source.path().is_none()
        {
            item.note::<()>(
                "found for a data set with held-out samples of its own; accepted: a share or a path with a source of your own",
            );
        }
        // A share or a path alone is short for a table.
        let held_out = &mut table["held_out"];
        if held_out.is_number() {
            *held_out = json!({ "share": held_out, "seed": 1 });
        } else if held_out.is_string() {
            *held_out = json!({ "path": held_out });
        }
        if table["standardize"].is_null() {
            let is_scaled = matches!(source, Some(Source::Mnist | Source::Cifar10Patches));
            table["standardize"]["scope"] = if is_scaled { "feature" } else { "none" }.into();
        }
        let standardize = &mut table["standardize"];
        if standardize["scope"] != "none" && standardize["epsilon"].is_null() {
            // Footnote 2 of the paper.
            standardize["epsilon"] = if source == Some(Source::Mnist) { 0.1 } else { 0.0 }.into();
        }
    }

    /// Checks that every model accepts every σ².
    fn coefficients(&self) {
        let models: Vec<RegularizerSpec> = self.value("sweep", "regularizer").unwrap_or_default();
        let accepted: Vec<f64> = self.value("sweep", "sigma_squared").unwrap_or_default();
        let refuses = |value| {
            let accepts = |model: &&RegularizerSpec| model.coefficients().contains(Value::Real(value));
            models.iter().find(|model| !accepts(model))
        };
        let sweep = &self.sections["sweep"];
        let Some(given) = sweep.get("sigma_squared") else {
            let default = accepted.iter().find_map(|value| Some((value, refuses(*value)?)));
            if let Some((value, model)) = default {
                let (label, domain) = (model.label(), model.coefficients());
                let found = format!("found `{label}` with {value}, one of the default values");
                sweep.refuse(
                    "sigma_squared",
                    None,
                    format!("{found}; accepted: a list, each entry {domain}"),
                );
            }
            return;
        };
        for item in given.entries() {
            let Some(value) = item.real().filter(|value| accepted.contains(value)) else { continue };
            if let Some(model) = refuses(value) {
                item.refuse::<()>(format!("{} with `{}`", model.coefficients(), model.label()));
            }
        }
    }

    /// Checks that every activation has a threshold; the paper gives one only for some.
    fn threshold(&self) {
        let activations: Vec<ActivationSpec> = self.value("model", "activation").unwrap_or_default();
        let without = activations.iter().find(|activation| activation.threshold().is_none());
        let Some(activation) = without.filter(|_| self.tables["evaluation"]["threshold"] == "paper") else {
            return;
        };
        let place =
            ["model", "sweep"].iter().find_map(|section| self.sections[section].place_of("activation"));
        let found =
            format!("found \"paper\", but the paper gives no threshold for {}", activation.kind().name());
        self.sections["evaluation"].refuse("threshold", place, format!("{found}; accepted: {THRESHOLD}"));
    }

    /// Checks the number of cells, the product of the lengths of all lists: only axes are lists. The regularizer `none` has one σ².
    fn size(&self) {
        let lists = self.tables.as_object().into_iter().flatten().filter_map(|(_, table)| table.as_object());
        let lists =
            lists.flatten().filter(|(key, _)| !["regularizer", "sigma_squared"].contains(&key.as_str()));
        let lists = lists.filter_map(|(_, value)| value.as_array());
        let models: Vec<RegularizerSpec> = self.value("sweep", "regularizer").unwrap_or_default();
        let sigmas: Vec<f64> = self.value("sweep", "sigma_squared").unwrap_or_default();
        let sigmas_of =
            |model: &RegularizerSpec| if model.kind() == RegularizerKind::None { 1 } else { sigmas.len() };
        let models: usize = models.iter().map(sigmas_of).sum();
        // Saturates far above the limit.
        let cells = lists.map(Vec::len).fold(models, usize::saturating_mul);
        if cells > MOST_CELLS {
            let message = format!("found a plan of {cells} cells; accepted: at most {MOST_CELLS}");
            self.sections["sweep"].refuse("sigma_squared", None, message);
        }
    }
}

/// The values of an axis, one from its section or several from `[sweep]`, and whether any are given.
fn read_axis(section: &TableReader<'_>, sweep: &TableReader<'_>, setting: &Setting) -> (Option<Json>, bool) {
    let (mut single, mut list) = (section.get(setting.key), sweep.get(setting.key));
    let overrides = |item: &Option<ValueReader<'_>>| {
        item.as_ref().map(|item| matches!(item.place(), ConfigPlace::Override(_)))
    };
    match (overrides(&single), overrides(&list)) {
        // An override replaces the value of the file in either section.
        (Some(true), Some(false)) => list = None,
        (Some(false), Some(true)) => single = None,
        _ => (),
    }
    if let (Some(single), Some(list)) = (&single, &list) {
        let (first, second) = if single.place() < list.place() { (single, list) } else { (list, single) };
        let accepted = format!("one of `{}` and `{}`", single.key(), list.key());
        second.note::<()>(format!("found here what `{}` gives too; accepted: {accepted}", first.key()));
    }
    if let Some(single) = single.as_ref().filter(|single| single.is_list()) {
        single.refuse::<()>(format!("{}; a list goes to `sweep.{}`", setting.accepts, setting.key));
        return (None, true);
    }
    let is_given = single.is_some() || list.is_some();
    let single =
        single.and_then(|single| single.read(&setting.accepts)).map(|value| Json::Array(vec![value]));
    (list.and_then(|list| list.read(&setting.several())).or(single), is_given)
}

/// The number of training samples of a source, as far as its settings determine it.
fn most_samples(source: &Source) -> u64 {
    match source {
        Source::Mnist => mnist::FILES[0].samples() as u64,
        Source::Cifar10Patches => patches::FILES[0].samples() as u64,
        Source::Synthetic(synthetic) => synthetic.samples as u64,
        _ => MOST_SAMPLES,
    }
}
