//! Configurations as files: what the committed ones resolve to, and what is said of broken ones.

mod broken;
mod broken_files;
mod valid;

use aesparse::error::{Error, Problems};
use aesparse::experiment::Config;
use aesparse::experiment::config::load;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder with one configuration.
struct Written {
    path: PathBuf,
    _folder: TempDir,
}

/// Writes `content` to a file `name` in a folder of its own.
fn write(name: &str, content: impl AsRef<[u8]>) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    Written { path, _folder: folder }
}

/// The configuration at `path` with `overrides`.
fn read(path: &Path, overrides: &[&str]) -> Result<Config, Problems> {
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    load(path, &overrides).map_err(|error| match error {
        Error::Config(problems) => problems,
        other => panic!("not a configuration error: {other}"),
    })
}

/// The lines of the message on the configuration `content`, without the folder's name.
fn lines(name: &str, content: &str, overrides: &[&str]) -> Vec<String> {
    let written = write(name, content);
    lines_at(&written.path, overrides)
}

/// The lines of the message on the file at `path`, which must name it or `-o`, without the folder's name.
fn lines_at(path: &Path, overrides: &[&str]) -> Vec<String> {
    let problems = read(path, overrides).expect_err("a broken configuration was accepted").to_string();
    let folder = format!("{}/", path.parent().unwrap().display());
    problems
        .lines()
        .map(|line| {
            line.strip_prefix(&folder)
                .or_else(|| line.starts_with("-o").then_some(line))
                .unwrap_or_else(|| panic!("neither the file nor -o begins the line: {line}"))
                .to_owned()
        })
        .collect()
}
