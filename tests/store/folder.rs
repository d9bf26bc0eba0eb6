//! The results folder: one process at a time, nothing foreign touched, old results set aside.

use super::{Mock, SWEEP, control, files, measurement, plan, spec};
use aesparse::experiment::execute;
use aesparse::store::{LEASE_TIMEOUT, Manifest, Record, Store, Warning, load_records};
use aesparse::training::{Outcome, Status};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn finished(sigma_squared: f64) -> Record {
    let measurements = (0..=2).map(|epoch| measurement(epoch, sigma_squared)).collect();
    Record::new(
        &spec("cae", sigma_squared),
        Outcome { status: Status::Completed, measurements, activity: None },
    )
}

fn message<T>(opened: aesparse::error::Result<T>) -> String {
    opened.err().expect("it should be refused").to_string()
}

#[test]
fn what_was_saved_is_there_when_opened_again() {
    let root = tempfile::tempdir().unwrap();
    let record = finished(0.01);
    let store = Store::open(root.path(), "sweep").unwrap();
    assert!(store.record(&record.run_key).is_none());
    store.save(record.clone()).unwrap();
    assert_eq!(*store.record(&record.run_key).unwrap(), record);
    drop(store);
    let again = Store::open(root.path(), "sweep").unwrap();
    assert_eq!(*again.record(&record.run_key).unwrap(), record);
    assert_eq!(load_records(again.folder()).unwrap().len(), 1);
    assert!(load_records(root.path()).unwrap().is_empty());
}

#[test]
fn a_second_process_is_turned_away_until_the_first_ends() {
    let root = tempfile::tempdir().unwrap();
    let first = Store::open(root.path(), "sweep").unwrap();
    for refused in
        [message(Store::open(root.path(), "sweep")), message(Store::set_aside(root.path(), "sweep"))]
    {
        let folder = root.path().join("sweep");
        assert!(
            refused.contains(folder.to_str().unwrap()) && refused.contains("another process"),
            "{refused}"
        );
    }
    Store::open(root.path(), "other").unwrap();
    drop(first);
    Store::open(root.path(), "sweep").unwrap();
}

/// However close together they begin.
#[test]
fn workers_share_a_folder_that_no_process_has_alone() {
    let root = tempfile::tempdir().unwrap();
    let share = |worker| Store::share(root.path(), "sweep", [], worker, LEASE_TIMEOUT);
    let alone = Store::open(root.path(), "sweep").unwrap();
    assert!(message(share("1")).contains("another process"));
    drop(alone);
    let first = share("1").unwrap();
    let second = share("2").unwrap();
    drop(first);
    for refused in
        [message(Store::open(root.path(), "sweep")), message(Store::set_aside(root.path(), "sweep"))]
    {
        assert!(refused.contains("another process"), "{refused}");
    }
    drop(second);
    Store::open(root.path(), "sweep").unwrap();
}

#[test]
fn a_place_that_cant_be_written_is_refused_at_once() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, b"mine").unwrap();
    let refused = message(Store::open(&file, "sweep"));
    assert!(refused.contains("results can't be written there") && refused.contains("--out"), "{refused}");
    let refused = message(Store::open(root.path(), "file"));
    assert!(refused.contains("--out"), "{refused}");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
    fs::create_dir(root.path().join("sweep")).unwrap();
    fs::write(root.path().join("sweep/records"), b"mine").unwrap();
    assert!(message(Store::open(root.path(), "sweep")).contains("results can't be written there"));
}

#[test]
fn foreign_files_are_named_and_left_alone() {
    for (name, content) in [
        ("runs.csv", "date,distance\n2024-01-01,5\n"),
        ("runs.csv", ""),
        ("epochs.csv", "\u{feff}name,dataset\n"),
        ("manifest.json", "{\"name\": \"an app\"}"),
        ("manifest.json", "# notes"),
    ] {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("sweep").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        let refused = message(Store::open(root.path(), "sweep"));
        assert!(refused.contains(path.to_str().unwrap()) && refused.contains("move it away"), "{refused}");
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
}

#[test]
fn files_beside_ours_are_no_obstacle() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("sweep/records")).unwrap();
    for name in ["README.md", "records/.DS_Store", "records/notes.txt"] {
        fs::write(root.path().join("sweep").join(name), b"mine").unwrap();
    }
    let store = Store::open(root.path(), "sweep").unwrap();
    assert_eq!(files(store.folder()).len(), 3);
}

#[test]
fn old_results_are_set_aside_under_the_first_free_number() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(Store::set_aside(root.path(), "sweep").unwrap(), None);
    for number in 1..=3 {
        let record = finished(f64::from(number));
        let store = Store::open(root.path(), "sweep").unwrap();
        assert!(files(store.folder()).is_empty(), "nothing of the earlier results is left");
        store.save(record.clone()).unwrap();
        drop(store);
        let aside = Store::set_aside(root.path(), "sweep").unwrap().unwrap();
        assert_eq!(aside, root.path().join(format!("sweep.{number}")));
        assert!(load_records(&aside).unwrap().contains_key(&record.run_key));
    }
}

#[test]
fn a_plan_that_shares_no_run_needs_another_place() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path(), "sweep").unwrap();
    let record = finished(0.01);
    let other = spec("cae", 0.02).key();
    store.check_plan([other.as_str()]).unwrap();
    store.save(record.clone()).unwrap();
    store.check_plan([other.as_str(), &record.run_key]).unwrap();
    let refused = message(store.check_plan([other.as_str()]));
    for part in ["sweep", "--out", "-o name=sweep_2", "--fresh"] {
        assert!(refused.contains(part), "{refused} lacks {part}");
    }
    let refused = message(store.begin_session([other.as_str()], json!({}), BTreeMap::new(), true, |_| true));
    assert!(refused.contains("--fresh"), "{refused}");
    assert!(!store.folder().join("manifest.json").exists());
}

#[test]
fn mixed_versions_and_processors_are_told_with_cause_and_remedy() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(root.path(), "sweep").unwrap();
    let mut keys = Vec::new();
    for (i, set) in ["avx512f", "avx2+fma", "avx2+fma"].into_iter().enumerate() {
        let mut record = finished([0.01, 0.02, 0.03][i]);
        set.clone_into(&mut record.processor.instruction_set);
        record.version = format!("0.{}.0", i / 2);
        keys.push(record.run_key.clone());
        store.save(record).unwrap();
    }
    let of = |keys: &[String]| store.warnings(keys.iter().map(String::as_str));
    assert_eq!(of(&keys[..1]), []);
    let warnings = of(&keys);
    assert!(matches!(warnings[0], Warning::MixedVersions { .. }), "{warnings:?}");
    assert!(warnings[0].to_string().contains("(0.0.0: 2 runs, 0.1.0: 1 run)"), "{}", warnings[0]);
    assert!(warnings[1].to_string().contains("(avx2+fma: 2 runs, avx512f: 1 run)"), "{}", warnings[1]);
    assert!(warnings.iter().all(|warning| warning.to_string().contains("--fresh")));
}

#[test]
fn the_manifest_has_times_but_no_user_host_or_absolute_path() {
    let root = tempfile::tempdir().unwrap();
    let plan = plan(SWEEP);
    let keys = || plan.keys();
    let home = Path::new("/home/someone").join("data.npy");
    let config = json!({"name": "sweep", "data": {"kind": "npy", "path": home}});
    let digests = BTreeMap::from([("training".to_owned(), "0123".to_owned())]);
    for session in 0..2 {
        let store = Store::open(root.path(), "sweep").unwrap();
        store.begin_session(keys(), config.clone(), digests.clone(), session == 0, |_| true).unwrap();
        let path = store.folder().join("manifest.json");
        // The second session trains nothing and leaves the manifest of the first.
        assert_eq!(Manifest::load(&path).unwrap().unwrap().finished.is_none(), session == 0);
        let summary = execute(&plan, &plan, &store, &Mock::default(), control(1), &()).unwrap();
        assert_eq!(summary.reused, session * plan.trainings.len());
        let manifest = Manifest::load(&path).unwrap().unwrap();
        assert!(keys().all(|key| manifest.seconds.contains_key(key)), "kept by the second session");
        assert!(manifest.finished.unwrap() >= manifest.started);
    }
    let text = fs::read_to_string(root.path().join("sweep/manifest.json")).unwrap();
    assert!(text.contains("\"path\": \"data.npy\""), "{text}");
    for private in ["someone", root.path().to_str().unwrap()] {
        assert!(!text.contains(private), "{text} has {private}");
    }
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let known = "architecture, config, cores, data_sha256, finished, format, numerics, operating_system, processor, \
        seconds, started, version";
    let keys: Vec<_> = manifest.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys.join(", "), known, "a new key must hold no host name, user or path");
}

#[test]
fn looking_at_finished_results_changes_none_of_their_files() {
    let root = tempfile::tempdir().unwrap();
    let record = finished(0.01);
    let keys = || [record.run_key.as_str()].into_iter();
    let manifest = root.path().join("sweep/manifest.json");
    let session = |config, trains| {
        let store = Store::open(root.path(), "sweep").unwrap();
        store.begin_session(keys(), config, BTreeMap::new(), trains, |_| true).unwrap();
        store
    };
    let store = session(json!({"a": 1}), true);
    store.save(record.clone()).unwrap();
    store.end_session(true).unwrap();
    drop(store);
    // As if another machine had trained them long ago.
    let text = fs::read_to_string(&manifest).unwrap();
    let mut content: serde_json::Value = serde_json::from_str(&text).unwrap();
    content["started"] = json!("2020-01-01T00:00:00Z");
    content["cores"] = json!(1234);
    fs::write(&manifest, content.to_string()).unwrap();
    let before = fs::read(&manifest).unwrap();
    session(json!({"a": 1}), false).end_session(true).unwrap();
    assert_eq!(fs::read(&manifest).unwrap(), before, "nothing was trained and nothing is new");
    session(json!({"a": 2}), false).end_session(true).unwrap();
    let after = Manifest::load(&manifest).unwrap().unwrap();
    assert_eq!((after.config, after.cores), (json!({"a": 2}), 1234), "described anew, trained as before");
}
