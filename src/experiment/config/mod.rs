//! The configuration: read from TOML or JSON with overrides, checked, its defaults filled in.
//!
//! text → tree with places (`tree`) → overrides (`overrides`) → checked settings (`schema`, by means of `reader`
//! and `item`). There is no other way to a [`Config`]. Every problem of a file is found in one reading; nothing here
//! panics on what a user writes, and nothing but the file itself is looked at: whether data exist is asked later.

mod item;
mod json;
mod names;
mod overrides;
mod reader;
pub mod reference;
mod resolved;
mod schema;
mod sources;
mod spelling;
mod synonyms;
#[cfg(test)]
mod tests;
mod toml;
mod tree;
mod united;

pub use schema::{NAMES, PAPER_SIGMA_SQUARED, is_name};

use super::plan::WeightsOutput;
use crate::activation::ActivationSpec;
use crate::constraint::Constraint;
use crate::data::DataSpec;
use crate::error::{Error, Problem, Problems, Result};
use crate::optimizer::EncoderBias;
use crate::regular;
use crate::regularizer::RegularizerSpec;
use crate::training::TheorySpec;
use spelling::{nearest, suggest};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tree::{Finding, Place};

/// A checked configuration with every default filled in; [`load`] and [`parse`] make it.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    pub(super) name: String,
    pub(super) seeds: Vec<u64>,
    pub(super) data: DataSpec,
    pub(super) data_dir: Option<WrittenPath>,
    /// The path of a `npy` or `images` source as written; the resolved one is in `data`.
    source_path: Option<String>,
    pub(super) hidden: usize,
    pub(super) decoder_bias: bool,
    pub(super) warm_start: Option<WrittenPath>,
    pub(super) epochs: u32,
    pub(super) batch: usize,
    pub(super) momentum: f64,
    pub(super) shuffle: bool,
    pub(super) sweep: Sweep,
    pub(super) evaluate_every: u32,
    pub(super) threshold: Threshold,
    pub(super) weights: WeightsOutput,
    pub(super) checkpoint: Option<Duration>,
    pub(super) theory: Option<TheorySpec>,
}

/// The axes of the plan, outermost first; the seeds come innermost. None is empty, none has a value twice.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sweep {
    pub(super) activation: Vec<ActivationSpec>,
    pub(super) constraint: Vec<Constraint>,
    pub(super) learning_rate: Vec<f64>,
    pub(super) encoder_bias: Vec<EncoderBias>,
    pub(super) regularizer: Vec<RegularizerSpec>,
    pub(super) sigma_squared: Vec<f64>,
}

/// What `[theory]` measures where it doesn't say otherwise; of fewer samples all.
const DEFAULT_THEORY: TheorySpec = TheorySpec { every: 1, samples: 5_000, units: false };

/// A path as the configuration has it and where it leads.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WrittenPath {
    pub(super) written: String,
    pub(super) path: PathBuf,
}

/// The activation threshold of Eq. 14.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Threshold {
    /// The one that the paper gives the activation; the reader has checked that it gives one.
    Paper,
    /// This one for every activation.
    Number(f64),
}

impl Threshold {
    /// The threshold for `activation`; `None` where neither the paper nor the configuration gives one, which no checked
    /// configuration has.
    pub(super) fn of(self, activation: &ActivationSpec) -> Option<f64> {
        match self {
            Self::Paper => activation.threshold(),
            Self::Number(number) => Some(number),
        }
    }
}

impl Config {
    /// The results folder's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The data, paths resolved.
    pub fn data(&self) -> &DataSpec {
        &self.data
    }

    /// `data.dir`: the folder of the data sets, where the configuration names one.
    pub fn data_dir(&self) -> Option<&Path> {
        self.data_dir.as_ref().map(|dir| dir.path.as_path())
    }

    /// The same, measuring the theory: as `[theory]` says, or with its defaults.
    #[must_use]
    pub fn with_theory(mut self) -> Self {
        self.theory.get_or_insert(DEFAULT_THEORY);
        self
    }

    /// `model.init.from`: the file that W, b and `b_d` start from.
    pub fn warm_start(&self) -> Option<&Path> {
        self.warm_start.as_ref().map(|file| file.path.as_path())
    }
}

/// The longest accepted file, in bytes; the settings need a few hundred.
const LARGEST_FILE: u64 = 1 << 20;

/// Reads the configuration at `path` with `overrides` such as `training.epochs=10`.
///
/// # Errors
/// [`Error::Config`] with every problem of the file and the overrides, or with the reason why there is no file to
/// read.
pub fn load(path: &Path, overrides: &[String]) -> Result<Config> {
    let fail = |message: String| whole_file(path, message);
    let near = || if path.exists() { String::new() } else { neighbour(path) };
    Format::of(path).map_err(|problem| fail(problem + &near()))?;
    let metadata = fs::metadata(path).map_err(|error| {
        fail(format!("cannot read it: {error}; accepted: a .toml or .json file{}", near()))
    })?;
    if metadata.is_dir() {
        return Err(fail("found a directory; accepted: a .toml or .json file".to_owned()));
    }
    if metadata.len() > LARGEST_FILE {
        let found = metadata.len();
        return Err(fail(format!("found a file of {found} bytes; accepted: at most {LARGEST_FILE} bytes")));
    }
    let bytes = regular::read(path).map_err(|error| {
        fail(format!("cannot read it: {error}; accepted: a readable .toml or .json file"))
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count();
        fail(format!("found bytes on line {line} that are not UTF-8; accepted: text in UTF-8"))
    })?;
    parse(&text, path, overrides)
}

/// Reads the configuration `text` as if it stood at `path`, which gives messages, the default name, the format and
/// the folder of relative paths; the file system isn't touched.
///
/// # Errors
/// [`Error::Config`] with every problem of the text and the overrides.
pub fn parse(text: &str, path: &Path, overrides: &[String]) -> Result<Config> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parsed = match Format::of(path).map_err(|problem| whole_file(path, problem))? {
        Format::Toml => toml::parse(text),
        Format::Json => json::parse(text),
    };
    let read = parsed.and_then(|(mut root, mut findings)| {
        findings.extend(overrides::apply(&mut root, overrides));
        schema::read(&root, path, findings)
    });
    read.map_err(|findings| Error::Config(located(findings, text, path)))
}

/// The two languages of a configuration.
#[derive(Debug, Clone, Copy)]
enum Format {
    Toml,
    Json,
}

impl Format {
    fn of(path: &Path) -> Result<Self, String> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("toml") => Ok(Self::Toml),
            Some("json") => Ok(Self::Json),
            Some(other) => Err(format!("found the extension `.{other}`; accepted: .toml or .json")),
            None => Err("found no file name extension; accepted: .toml or .json".to_owned()),
        }
    }
}

/// The name without its extension; empty where it is no text.
fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
}

/// "; did you mean `x.toml`?" for the configuration in the same folder whose name is near; empty where none is.
fn neighbour(path: &Path) -> String {
    // The parent of a bare name is the empty path.
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = (entries.filter_map(|entry| entry.file_name().into_string().ok()))
        .filter(|name| [".toml", ".json"].iter().any(|end| name.ends_with(end)))
        .collect();
    names.sort_unstable();
    let stems: Vec<&str> = names.iter().map(|name| stem(Path::new(name))).collect();
    nearest(stem(path), &stems).map_or_else(String::new, |index| suggest(names[index].escape_debug()))
}

fn whole_file(path: &Path, message: String) -> Error {
    let origin = path.display().to_string();
    Error::Config(Problems(vec![Problem { origin, position: None, key: String::new(), message }]))
}

/// The findings in the order of the file and then of the overrides, with lines and columns.
fn located(mut findings: Vec<Finding>, text: &str, path: &Path) -> Problems {
    /// Nobody reads more; a file of nothing but mistakes would have thousands.
    const MOST: usize = 200;
    findings.sort_by_key(|finding| finding.place);
    let more = findings.len().saturating_sub(MOST);
    findings.truncate(MOST);
    let file = path.display().to_string();
    let mut problems: Vec<Problem> =
        findings.into_iter().map(|finding| problem(finding, text, &file)).collect();
    if more > 0 {
        let message = format!("found {more} more problems; accepted: none");
        problems.push(Problem { origin: file, position: None, key: String::new(), message });
    }
    Problems(problems)
}

fn problem(finding: Finding, text: &str, file: &str) -> Problem {
    let Finding { place, key, message } = finding;
    let (origin, position) = match place {
        Place::File(offset) => (file, Some(position(text, offset))),
        Place::Absent => (file, None),
        Place::Override(_) => (Problem::OVERRIDE, None),
    };
    Problem { origin: origin.to_owned(), position, key, message }
}

/// Line and column of a byte, both from 1; columns count characters.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (1 + before.matches('\n').count(), 1 + before[start..].chars().count())
}
