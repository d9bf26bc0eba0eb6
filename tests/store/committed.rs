//! The committed results: commands over them train nothing and write nothing.

use super::control;
use aesparse::data::{self, Dataset, Hints, Locations};
use aesparse::experiment::{Prepared, config, find_finished};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Copies the folder `from` without its locks.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let path = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &path);
        } else if entry.file_name() != ".lock" {
            fs::copy(entry.path(), path).unwrap();
        }
    }
}

/// The files below `folder` with their bytes and times.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap() != ".lock" {
                let modified = fs::metadata(&path).unwrap().modified().unwrap();
                found.insert(path.clone(), (fs::read(&path).unwrap(), modified));
            }
        }
    }
    found
}

#[test]
fn committed_configurations_are_finished_and_write_nothing() {
    let root = tempfile::tempdir().unwrap();
    copy(&Path::new(ROOT).join("results"), root.path());
    let before = snapshot(root.path());
    let mut loaded: Vec<Arc<Dataset>> = Vec::new();
    let mut specs = Vec::new();
    let mut seen = 0;
    let configs = fs::read_dir(Path::new(ROOT).join("configs")).unwrap().map(|entry| entry.unwrap().path());
    for path in configs {
        let config = config::load(&path, &[]).unwrap();
        let folder = root.path().join(config.name());
        // What git ignores may be of whatever settings.
        if !folder.join("records").is_dir() || ["quickstart", "smoke"].contains(&config.name()) {
            continue;
        }
        let locations = Locations::new(&Hints { config_file: Some(&path), ..Hints::default() });
        let known = specs.iter().position(|spec| spec == config.data()).unwrap_or_else(|| {
            loaded.push(Arc::new(data::load(config.data(), &locations).unwrap()));
            specs.push(config.data().clone());
            specs.len() - 1
        });
        let name = config.name().to_owned();
        let prepared = Prepared::new(config, Arc::clone(&loaded[known]), locations).unwrap();
        let finished = find_finished(&prepared.plan, &folder).unwrap();
        let is_left =
            |key: &&str| finished.get(*key).is_none_or(|run| run.is_in_neighbour || run.missing.any());
        assert_eq!(prepared.plan.keys().find(is_left), None, "aesparse plan {name}: to do");
        let summary = prepared.run(root.path(), control(1), &()).unwrap();
        assert_eq!((summary.unfinished, summary.written, summary.failures.len()), (0, false, 0), "{name}");
        let after = snapshot(root.path());
        let changed = after.iter().find(|(path, file)| before.get(*path) != Some(file));
        assert_eq!(changed.map(|(path, _)| path), None, "aesparse run {name}");
        assert_eq!(after.len(), before.len());
        seen += 1;
    }
    assert!(seen >= 28, "{seen} configurations");
}
