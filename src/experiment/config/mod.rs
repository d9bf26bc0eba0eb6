//! The configuration: parsed from TOML or JSON with overrides, checked, and completed with defaults.
//!
//! text → tree with places (`tree`) → overrides (`overrides`) → checked settings (`check`, with `reader` and `table`, which lists every
//! key once). There is no other way to a [`Config`]. One reading finds every problem of a file. No text makes the reader panic, and no
//! other file is opened: whether the data exist is checked later.

mod check;
mod checked;
mod json;
mod names;
mod overrides;
mod reader;
pub mod reference;
mod resolved;
mod setting;
mod setting_value;
mod spelling;
mod synonyms;
mod table;
#[cfg(test)]
mod tests;
mod toml;
mod tree;
mod united;

pub use checked::Config;
pub use spelling::{NAMES, is_name};
pub use table::PAPER_SIGMA_SQUARED;

use crate::atomic;
use crate::data::{DataSpec, Source};
use crate::error::{Error, Problem, Problems, Result, shell_word};
use crate::regular;
use serde_json::Value as Json;
use spelling::{nearest, suggest};
use std::fs;
use std::path::{Path, PathBuf};
use tree::{ConfigPlace, ConfigProblem, Node};

/// The longest accepted file, in bytes; the settings need a few hundred.
const LARGEST_FILE: u64 = 1 << 20;

/// Reads the configuration at `path` with `overrides` such as `training.epochs=10`.
///
/// # Errors
/// [`Error::Config`] with every problem of the file and the overrides, or with the reason why the file can't be read.
pub fn load(path: &Path, overrides: &[String]) -> Result<Config> {
    let fail = |message: String| whole_file(path, message);
    let near = || if path.exists() { samples_advice(path) } else { neighbour(path) };
    if path.is_dir() {
        return Err(fail(format!("found a directory; accepted: a .toml or .json file{}", near())));
    }
    parser(path).map_err(|problem| fail(problem + &near()))?;
    let metadata = fs::metadata(path).map_err(|error| {
        fail(format!("cannot read it: {error}; accepted: a .toml or .json file{}", near()))
    })?;
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

/// Parses the configuration `text` as the content of `path`, which gives the format, the default name, the folder of relative paths and the
/// file's name in messages. Does not access the file system.
///
/// # Errors
/// [`Error::Config`] with every problem of the text and the overrides.
pub fn parse(text: &str, path: &Path, overrides: &[String]) -> Result<Config> {
    let parser = parser(path).map_err(|problem| whole_file(path, problem))?;
    parse_by(parser, text.strip_prefix('\u{feff}').unwrap_or(text), path, overrides)
}

/// The configuration `config` in the file of a plan at `path`, whatever its name ends in.
///
/// # Errors
/// [`Error::Config`] with every problem of the configuration and the overrides.
pub fn written(config: &Json, path: &Path, overrides: &[String]) -> Result<Config> {
    parse_by(json::parse, &config.to_string(), path, overrides)
}

fn parse_by(parse: fn(&str) -> Parsed, text: &str, path: &Path, overrides: &[String]) -> Result<Config> {
    let read = parse(text).and_then(|(mut root, mut problems)| {
        problems.extend(overrides::apply(&mut root, overrides));
        check::read(&root, path, problems)
    });
    read.map_err(|problems| Error::Config(located(problems, text, path)))
}

/// The configuration `config` of a manifest. Settings that were added after it was written get their defaults.
///
/// # Errors
/// [`Error::Config`] with every problem, for example that its models are another program's.
pub fn stored(config: &Json) -> Result<Config> {
    written(config, Path::new("manifest.json"), &[])
}

/// The data and the folder of data sets in `config`, the configuration in a manifest. Ignores the rest, because its models may be another
/// program's.
///
/// # Errors
/// [`Error::Config`] with every problem of the data.
pub fn data(config: &Json) -> Result<(DataSpec, Option<PathBuf>)> {
    let config = stored(
        &serde_json::json!({ "name": "data", "data": config["data"], "sweep": { "sigma_squared": [0] } }),
    )?;
    Ok((config.data, config.data_folder.dir))
}

/// The result of a parser: the tree and a problem for each duplicate key, or the problems of the syntax.
type Parsed = Result<(Node, Vec<ConfigProblem>), Vec<ConfigProblem>>;

/// The parser of the file at `path`, by its extension.
fn parser(path: &Path) -> Result<fn(&str) -> Parsed, String> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("toml") => Ok(toml::parse),
        Some("json") => Ok(json::parse),
        Some(other) => Err(format!("found the extension `.{other}`; accepted: .toml or .json")),
        None => Err("found no file name extension; accepted: .toml or .json".to_owned()),
    }
}

/// The file's name without its extension; empty where it is no text.
fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default()
}

/// "; did you mean `x.toml`?" for a configuration in the same folder with a similar name; empty where there is none.
fn neighbour(path: &Path) -> String {
    let entries = fs::read_dir(atomic::folder_of(path)).into_iter().flatten().flatten();
    let mut names: Vec<String> = (entries.filter_map(|entry| entry.file_name().into_string().ok()))
        .filter(|name| [".toml", ".json"].iter().any(|end| name.ends_with(end)))
        .collect();
    names.sort_unstable();
    let stems: Vec<&str> = names.iter().map(|name| stem(Path::new(name))).collect();
    nearest(stem(path), &stems).map_or_else(String::new, |index| suggest(names[index].escape_debug()))
}

/// The command that writes a configuration for the samples at `path`; empty where no samples can be.
fn samples_advice(path: &Path) -> String {
    let named = !matches!(Source::of_file(path, None), Ok(Source::Npy { .. }));
    if path.is_dir() || named || path.extension().is_some_and(|extension| extension == "npy") {
        format!(
            "; a configuration for samples of your own: aesparse new FILE.toml --data {}",
            shell_word(path)
        )
    } else {
        String::new()
    }
}

fn whole_file(path: &Path, message: String) -> Error {
    Error::Config(located(vec![ConfigProblem::new(ConfigPlace::Absent, "", message)], "", path))
}

/// The problems with lines and columns, in the order of the file and then of the overrides.
fn located(mut problems: Vec<ConfigProblem>, text: &str, path: &Path) -> Problems {
    /// The most problems reported; a broken file may have thousands.
    const MOST: usize = 200;
    problems.sort_by_key(|problem| problem.place);
    let more = problems.len().saturating_sub(MOST);
    problems.truncate(MOST);
    if more > 0 {
        problems.push(ConfigProblem::new(
            ConfigPlace::Absent,
            "",
            format!("found {more} more problems; accepted: none"),
        ));
    }
    let file = path.display().to_string();
    Problems(problems.into_iter().map(|problem| located_problem(problem, text, &file)).collect())
}

fn located_problem(problem: ConfigProblem, text: &str, file: &str) -> Problem {
    let ConfigProblem { place, key, message } = problem;
    let (origin, position) = match place {
        ConfigPlace::File(offset) => (file, Some(position(text, offset))),
        ConfigPlace::Absent => (file, None),
        ConfigPlace::Override(_) => (Problem::OVERRIDE, None),
    };
    Problem { origin: origin.to_owned(), position, key, message }
}

/// Line and column of a byte, both from 1; columns count characters.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (1 + before.matches('\n').count(), 1 + before[start..].chars().count())
}
