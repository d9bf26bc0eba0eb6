//! The committed results: commands over them train nothing and write nothing.

use super::control;
use aesparse::data::{self, Dataset, Hints, Locations};
use aesparse::experiment::config::PAPER_SIGMA_SQUARED;
use aesparse::experiment::{Prepared, config, find_finished};
use aesparse::report::claims::{Verdict, judge};
use aesparse::store::Results;
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

/// Claims about directions and falls must not hang on one σ² of the grid. (Claims 1 and 2 are about every σ², and 5 and 11 say that they
/// depend on the grid.)
#[test]
fn leaving_out_one_sigma_turns_no_verdict_into_its_opposite() {
    let root = Path::new(ROOT).join("results");
    if !root.exists() {
        return;
    }
    let mut results = Results::read_all(&root).unwrap();
    // One seed gives no verdict.
    results.retain(|folder| folder.runs.iter().any(|run| run.spec.seed > 1));
    let judged = judge(&results);
    let mut compared = 0;
    for sigma in PAPER_SIGMA_SQUARED {
        let mut without = results.clone();
        for folder in &mut without {
            folder.runs.retain(|run| run.spec.sigma_squared != sigma);
            let planned = folder.manifest.config["sweep"]["sigma_squared"].as_array_mut();
            planned.into_iter().for_each(|planned| planned.retain(|other| other.as_f64() != Some(sigma)));
        }
        let again = judge(&without);
        let about_falls = |id: &str| !["1", "2", "4", "5", "5a", "11"].contains(&id);
        for claim in judged.iter().filter(|claim| !claim.repetition && about_falls(claim.id)) {
            let other = again.iter().find(|other| other.id == claim.id && !other.repetition).unwrap();
            for (part, other) in claim.parts.iter().zip(&other.parts) {
                let mut both = [part.verdict, other.verdict];
                both.sort();
                let case =
                    format!("claim {}, {} without σ² = {sigma}: {part:?}\n{other:?}", claim.id, part.label);
                assert_ne!(both, [Verdict::Contradicted, Verdict::Supported], "{case}");
                compared += usize::from(both == [Verdict::Supported; 2]);
            }
        }
    }
    assert!(compared > 100, "{compared} parts were supported with and without a σ²");
}
