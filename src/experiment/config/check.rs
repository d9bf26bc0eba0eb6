//! From the tree of a file to a [`Config`]: every setting by its row of [`super::table`], and what hangs on several settings.

use super::checked::Config;
use super::field::Field;
use super::reader::{Item, Report, Section};
use super::setting::{Part, Setting};
use super::spelling::{NAMES, is_name};
use super::table::{MOST_SAMPLES, THRESHOLD, called, parts, whole};
use super::tree::{Finding, Node, Place, quoted};
use crate::activation::ActivationSpec;
use crate::data::{Source, mnist, patches};
use crate::parameter::Value;
use crate::regularizer::RegularizerSpec;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The most cells that a plan may have.
const MOST_CELLS: usize = 1_000_000;

/// The height and the width of images where neither is given: MNIST's.
const DEFAULT_SIDE: u64 = 28;

/// Reads the settings of `root`, the file at `path`; `findings` are the problems that are known already.
///
/// # Errors
/// All problems, in no particular order.
pub(super) fn read(root: &Node, path: &Path, findings: Vec<Finding>) -> Result<Config, Vec<Finding>> {
    let report = Report::default();
    findings.into_iter().for_each(|finding| report.note(finding));
    let json = Checker::read(Section::root(&report, root)).complete(path);
    let findings = report.into_findings(called);
    if !findings.is_empty() {
        return Err(findings);
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    Config::read(json, folder).map_err(|problem| vec![Finding::new(Place::Absent, "", problem)])
}

/// A configuration in the course of being read: its tables by their names, as written and as JSON. A setting that has a
/// problem is missing in the JSON.
struct Checker<'r> {
    sections: BTreeMap<&'static str, Section<'r>>,
    tables: Json,
}

impl<'r> Checker<'r> {
    /// Reads every setting on its own.
    fn read(root: Section<'r>) -> Self {
        let parts = parts();
        let names = || parts.iter().map(|part| part.name).filter(|name| !name.is_empty());
        // A section that says by standing there that something is done.
        let is_there = |name: &&str| *name != "theory" || root.place_of(name).is_some();
        let mut sections: BTreeMap<_, _> =
            names().filter(is_there).map(|name| (name, root.section(name))).collect();
        root.finish(parts[0].settings.iter().map(|setting| setting.key).chain(names()));
        sections.insert("", root);
        let mut tables = json!({});
        for Part { name, settings, .. } in &parts {
            let Some(section) = sections.get(name) else { continue };
            // What [sweep] gives is read with the setting that it takes the place of.
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

    /// Checks what hangs on several settings, and fills in the defaults that do; `path` is the file's.
    fn complete(mut self, path: &Path) -> Json {
        self.name(path);
        self.data();
        self.coefficients();
        self.threshold();
        self.size();
        self.tables
    }

    /// The value of a setting as what it is; `None` where it has a problem.
    fn value<T: Field>(&self, section: &str, key: &str) -> Option<T> {
        T::read(&self.tables[section][key], Path::new("")).ok()
    }

    /// Without a name of its own, a configuration is called as its file.
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

    /// The number of samples that the source has, and what is done to them where nothing is said.
    fn data(&mut self) {
        let table = &mut self.tables["data"];
        // One side of a picture alone means a square.
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
        if table["standardize"].is_null() {
            let is_scaled = matches!(source, Some(Source::Mnist | Source::Cifar10Patches));
            table["standardize"]["scope"] = if is_scaled { "feature" } else { "none" }.into();
        }
        let standardize = &mut table["standardize"];
        if standardize["scope"] != "none" && standardize["epsilon"].is_null() {
            // Footnote 2.
            standardize["epsilon"] = if source == Some(Source::Mnist) { 0.1 } else { 0.0 }.into();
        }
    }

    /// Every σ² is one that all models accept.
    fn coefficients(&self) {
        let models: Vec<RegularizerSpec> = self.value("sweep", "regularizer").unwrap_or_default();
        let accepted: Vec<f64> = self.value("sweep", "sigma_squared").unwrap_or_default();
        for item in self.sections["sweep"].get("sigma_squared").iter().flat_map(Item::entries) {
            let Some(value) = item.real().filter(|value| accepted.contains(value)) else { continue };
            let accepts = |model: &&RegularizerSpec| model.coefficients().contains(Value::Real(value));
            if let Some(model) = models.iter().find(|model| !accepts(model)) {
                item.refuse::<()>(format!("{} with `{}`", model.coefficients(), model.label()));
            }
        }
    }

    /// The paper gives a threshold for some activations alone.
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

    /// The product of the axes, which are all the lists that there are, is a plan that a machine can hold.
    fn size(&self) {
        let lists = self.tables.as_object().into_iter().flatten().filter_map(|(_, table)| table.as_object());
        let lists = lists.flatten().filter_map(|(_, value)| value.as_array());
        // Each list is at most 10,000 long, so saturation means far too many.
        let cells = lists.map(Vec::len).fold(1_usize, usize::saturating_mul);
        if cells > MOST_CELLS {
            let message = format!("found a plan of {cells} cells; accepted: at most {MOST_CELLS}");
            self.sections["sweep"].refuse("sigma_squared", None, message);
        }
    }
}

/// The values of an axis, one in its section or several in `[sweep]`, and whether any are given.
fn read_axis(section: &Section<'_>, sweep: &Section<'_>, setting: &Setting) -> (Option<Json>, bool) {
    let (mut single, mut list) = (section.get(setting.key), sweep.get(setting.key));
    let overrides =
        |item: &Option<Item<'_>>| item.as_ref().map(|item| matches!(item.place(), Place::Override(_)));
    match (overrides(&single), overrides(&list)) {
        // An override takes the place of what the file says, wherever the file says it.
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

/// The number of training samples that a source has, as far as its settings tell.
fn most_samples(source: &Source) -> u64 {
    match source {
        Source::Mnist => mnist::FILES[0].samples() as u64,
        Source::Cifar10Patches => patches::FILES[0].samples() as u64,
        Source::Synthetic(synthetic) => synthetic.samples as u64,
        Source::Npy { .. } | Source::Images(_) => MOST_SAMPLES,
    }
}
