//! Results as others read them, and runs that one folder takes over from another.

use super::{Mock, SWEEP, control, files, plan};
use aesparse::experiment::{Plan, WeightsOutput, execute};
use aesparse::store::{Acquisition, Condition, LEASE_TIMEOUT, Processor, Record, Results, Store};
use aesparse::training::Status;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Trains `plan` in the folder `name`, which first takes over what it can.
pub(super) fn sweep(root: &Path, name: &str, plan: &Plan) -> usize {
    let store = Store::open(root, name).unwrap();
    let keys = || plan.keys();
    store.adopt(keys()).unwrap();
    let trains = !keys().all(|key| store.has_record(key));
    store.begin_session(keys(), json!({"name": name}), BTreeMap::new(), trains, |_| true).unwrap();
    execute(plan, plan, &store, &Mock::default(), control(1), &()).unwrap().reused
}

#[test]
fn the_cells_are_read_with_their_records() {
    let root = tempfile::tempdir().unwrap();
    let plan = plan(SWEEP);
    sweep(root.path(), "sweep", &plan);
    let results = Results::read(&root.path().join("sweep")).unwrap();
    assert_eq!((results.name.as_str(), results.runs.len()), ("sweep", plan.cells.len()));
    assert_eq!(results.manifest.config, json!({"name": "sweep"}));
    for (run, cell) in results.runs.iter().zip(&plan.cells) {
        assert_eq!(run.spec, cell.spec);
    }
    let diverged =
        |results: &Results| results.runs.iter().filter(|run| run.record.status != Status::Completed).count();
    assert_eq!(diverged(&results), 1);

    let all = Results::read_all(root.path()).unwrap();
    assert_eq!(all, Results::read_all(&root.path().join("sweep")).unwrap());
    assert_eq!(all, [results]);
    // What was set aside is not read.
    Store::set_aside(root.path(), "sweep").unwrap();
    let message = Results::read_all(root.path()).unwrap_err().to_string();
    assert!(message.contains("no results") && message.contains("aesparse figures"), "{message}");
    assert!(Results::read_all(&root.path().join("nowhere")).is_err());
}

#[test]
fn the_processors_are_those_of_all_runs() {
    let root = tempfile::tempdir().unwrap();
    sweep(root.path(), "sweep", &plan(SWEEP));
    let mut results = Results::read(&root.path().join("sweep")).unwrap();
    let models = [Some("B"), None, Some("B")].map(|model| model.map(str::to_owned));
    for (run, cpu_model) in results.runs.iter_mut().zip(models.into_iter().cycle()) {
        let instruction_set = if cpu_model.is_some() { "avx512f" } else { "avx2+fma" }.to_owned();
        Arc::make_mut(&mut run.record).processor = Processor { cpu_model, instruction_set };
    }
    assert_eq!(results.processors(), "unknown, avx2+fma; B, avx512f");
}

#[test]
fn a_run_is_found_by_its_key_its_files_and_its_settings() {
    let root = tempfile::tempdir().unwrap();
    let plan = plan(SWEEP);
    sweep(root.path(), "sweep", &plan);
    let folder = root.path().join("sweep");
    let find = |path: &str, conditions: &[&str]| {
        let conditions: Vec<_> = conditions.iter().map(|text| text.parse().unwrap()).collect();
        let found = Results::find_run(&folder.join(path), &conditions);
        found.map(|(results, run)| {
            assert_eq!(results.name, "sweep");
            (run.record.run_key.clone(), run.spec.regularizer.label())
        })
    };
    let cell = plan.cells.last().unwrap();
    let key = &plan.trainings[cell.training].key;
    let found = (key.clone(), cell.spec.regularizer.label());
    let file = [format!("records/{key}.json"), format!("weights/{key}"), format!("weights/{key}/final.npz")];
    for path in file.iter().chain([key, &key[..6].to_owned()]) {
        assert_eq!(find(path, &[]).unwrap(), found, "{path}");
    }
    let regularizer = format!("regularizer={}", found.1);
    let sigma_squared = format!("sigma_squared={:.5}", cell.spec.sigma_squared);
    assert_eq!(find("", &[&regularizer, &sigma_squared]).unwrap(), found);
    // As configurations spell names, and by the column's name in tables for people.
    let spelt = format!("model={}", found.1.to_uppercase().replace('_', "-"));
    assert_eq!(find("", &[&spelt, &sigma_squared]).unwrap(), found);
    assert_eq!(find("", &["regularizer=CAE", "sigma_squared=0", "activation=ReLU"]).unwrap().1, "cae");
    // Of cells that share a run, the one that was asked for.
    assert_eq!(find("", &["regularizer=cae", "sigma_squared=0"]).unwrap().1, "cae");
    let shared = &plan.trainings[0].key;
    assert_eq!(&find(shared, &[]).unwrap().0, shared);

    let refused = |path: &str, conditions: &[&str], parts: &[&str]| {
        let message = find(path, conditions).unwrap_err().to_string();
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    };
    refused("", &[], &["runs may be meant", shared.as_str(), "--where", "2 more; runs.csv has all"]);
    refused("ffffffff", &[], &["there is no such run", shared.as_str()]);
    refused(key, &["seed=77"], &["there is no such run"]);
    refused("", &["sigma=1"], &["no settings called sigma", "sigma_squared"]);
    assert!("seed".parse::<Condition>().is_err());
    assert!(Results::find_run(&root.path().join("nowhere"), &[]).is_err());
}

#[test]
fn of_a_root_or_a_folder_all_cells_that_meet_the_conditions_are_found() {
    let root = tempfile::tempdir().unwrap();
    let plan = plan(SWEEP);
    sweep(root.path(), "first", &plan);
    sweep(root.path(), "second", &plan);
    let find = |path: &str, conditions: &[&str]| {
        let conditions: Vec<_> = conditions.iter().map(|text| text.parse().unwrap()).collect();
        let found = Results::find_runs(&root.path().join(path), &conditions);
        found.map(|all| all.into_iter().map(|results| (results.name, results.runs.len())).collect::<Vec<_>>())
    };
    let of_both = |cells| vec![("first".to_owned(), cells), ("second".to_owned(), cells)];
    assert_eq!(find("", &[]).unwrap(), of_both(plan.cells.len()));
    assert_eq!(find("", &["regularizer=cae"]).unwrap(), of_both(SWEEP.len()));
    assert_eq!(find("second", &["sigma_squared=0"]).unwrap(), [("second".to_owned(), 3)]);
    // The run that three cells share.
    let shared = format!("first/{}", plan.trainings[0].key);
    assert_eq!(find(&shared, &[]).unwrap(), [("first".to_owned(), 3)]);
    let refused = |path: &str, conditions: &[&str], part: &str| {
        let message = find(path, conditions).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    };
    refused("", &["seed=77"], "there is no such run");
    refused("first/ffffffff", &[], "there is no such run");
    refused("", &["sigma=1"], "no settings called sigma");
    refused("nowhere", &[], "there are no results");
}

#[test]
fn files_that_disagree_are_refused_by_name() {
    let root = tempfile::tempdir().unwrap();
    let plan = plan(SWEEP);
    sweep(root.path(), "sweep", &plan);
    let folder = root.path().join("sweep");
    let table = fs::read_to_string(folder.join("runs.csv")).unwrap();
    let key = &plan.trainings[1].key;
    let record = folder.join(format!("records/{key}.json"));
    let bytes = fs::read(&record).unwrap();
    let refused = |problem: &str| {
        let message = Results::read(&folder).unwrap_err().to_string();
        assert!(message.contains(problem) && message.contains("sweep"), "{message} lacks {problem}");
    };
    fs::write(folder.join("runs.csv"), table.replace("0.33222591362126247", "0.9")).unwrap();
    refused("has another avg_activation_fraction than the record");
    // Every column of what was measured: 2.0 is a variance, 0.25 a fraction of variance unexplained.
    for (column, cell, other) in [
        ("variance_pre_activation", ",2,1,", ",2.5,1,"),
        ("fraction_variance_unexplained", ",0.25,,", ",0.26,,"),
        ("reconstruction", ",1e16,", ",,"),
        ("held_out_activation_fraction", ",0.25,,", ",0.25,0.5,"),
        ("status", ",diverged,2,5,", ",completed,,,"),
        ("diverged_step", ",diverged,2,5,", ",diverged,2,6,"),
    ] {
        assert!(table.contains(cell), "{cell}: {table}");
        fs::write(folder.join("runs.csv"), table.replacen(cell, other, 1)).unwrap();
        refused(&format!("has another {column} than the record"));
    }
    // Another program may write the same numbers otherwise.
    fs::write(folder.join("runs.csv"), table.replace(",1e16,", ",10000000000000000.0,")).unwrap();
    Results::read(&folder).unwrap();
    let line = table.lines().nth(2).unwrap();
    fs::write(folder.join("runs.csv"), format!("{table}{line}\n")).unwrap();
    refused("two lines of the run");
    // What the run's key vouches for, a table can't say otherwise.
    let cells = "unit_norm,dae,0.01,1,";
    assert!(table.contains(cells));
    for (column, other) in [
        ("constraint", "max_norm(radius=2),dae,0.01,1,"),
        ("regularizer", "unit_norm,cae,0.01,1,"),
        ("regularizer", "unit_norm,dae(noise=fixed),0.01,1,"),
        ("sigma_squared", "unit_norm,dae,0.02,1,"),
        ("seed", "unit_norm,dae,0.01,7,"),
    ] {
        fs::write(folder.join("runs.csv"), table.replace(cells, other)).unwrap();
        refused(&format!("has another {column} than the record"));
    }
    fs::write(folder.join("runs.csv"), table.replace(",relu,", ",sigmoid,")).unwrap();
    refused("has another activation than the record");
    fs::write(folder.join("runs.csv"), table.replace("unit_norm,dae,0.01,1,", "unit_norm,dae,tiny,1,"))
        .unwrap();
    refused("has another sigma_squared than the record");
    fs::write(folder.join("runs.csv"), "a,b\n").unwrap();
    refused("does not have the columns of a runs.csv");
    fs::write(folder.join("runs.csv"), &table).unwrap();
    fs::remove_file(&record).unwrap();
    refused(&format!("there is no record {key}"));
    fs::write(&record, &bytes[..bytes.len() / 2]).unwrap();
    refused(key);
    fs::write(&record, &bytes).unwrap();
    Results::read(&folder).unwrap();
    fs::remove_file(folder.join("manifest.json")).unwrap();
    refused("manifest.json: there is no such file");
}

#[test]
fn a_run_is_taken_over_from_a_neighbour_with_the_same_bytes() {
    let root = tempfile::tempdir().unwrap();
    sweep(root.path(), "first", &plan(&[0.0, 0.01]));
    let first = files(&root.path().join("first"));
    let larger = plan(SWEEP);
    // 3 models at σ² = 0.01 and the run that they share at 0.
    assert_eq!(sweep(root.path(), "second", &larger), 4);
    let second = files(&root.path().join("second"));
    let records = |name: &&String| name.starts_with("records/");
    for name in first.keys().filter(records) {
        assert_eq!(first[name], second[name]);
    }
    assert_eq!(files(&root.path().join("first")), first, "the neighbour is left as it is");
    assert_eq!(second.keys().filter(records).count(), larger.trainings.len());
}

/// Each run is taken over under its claim, by one worker, and one that is being trained by none.
#[test]
fn workers_take_over_what_no_other_has() {
    let root = tempfile::tempdir().unwrap();
    let plan = plan(&[0.0, 0.01]);
    sweep(root.path(), "first", &plan);
    let keys = || plan.keys();
    let [trains, takes_over] =
        ["1", "2"].map(|worker| Store::share(root.path(), "second", keys(), worker, LEASE_TIMEOUT).unwrap());
    let begun = trains.acquire(&plan.trainings[0].key).unwrap();
    assert!(matches!(begun, Acquisition::Granted(Some(_))));
    assert_eq!(takes_over.adopt(keys()).unwrap().runs, plan.trainings.len() - 1);
    drop(begun);
    assert_eq!(trains.adopt(keys()).unwrap().runs, 1, "the others are seen to be there");
    assert_eq!(takes_over.adopt(keys()).unwrap().runs, 0);
    let mut expected = files(&root.path().join("first"));
    expected.retain(|name, _| name.starts_with("records/"));
    assert_eq!(files(&root.path().join("second")), expected, "and no claim is left");
}

#[test]
fn what_a_merge_cant_trust_is_named_and_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let plan = plan(&[0.0, 0.01]);
    sweep(root.path(), "first", &plan);
    let damaged = root.path().join(format!("first/records/{}.json", plan.trainings[0].key));
    fs::write(&damaged, "{}").unwrap();
    let store = Store::open(root.path(), "second").unwrap();
    let keys = plan.keys();
    let merged = store.merge(keys, &[], &root.path().join("first")).unwrap();
    assert_eq!((merged.runs, merged.left.len()), (plan.trainings.len() - 1, 1));
    let message = merged.left[0].to_string();
    assert!(message.contains(damaged.to_str().unwrap()), "{message}");
    assert_eq!(fs::read(&damaged).unwrap(), b"{}");
}

/// A run that is here stays as it is, and weights come only with the numbers that they gave.
#[test]
fn a_merge_brings_weights_of_the_same_numbers_alone() {
    let root = tempfile::tempdir().unwrap();
    let plain = plan(&[0.0, 0.01]);
    let plan = Plan { weights: WeightsOutput::Final, ..plain.clone() };
    sweep(root.path(), "first", &plan);
    let second = Store::open(root.path(), "second").unwrap();
    execute(&plain, &plain, &second, &Mock::default(), control(1), &()).unwrap();
    drop(second);
    let [other, same] = [0, 1].map(|i| plan.trainings[i].key.as_str());
    let path = root.path().join(format!("first/records/{other}.json"));
    let mut record = Record::load(&path).unwrap();
    record.processor.instruction_set = "other".to_owned();
    record.measurements[1].reconstruction *= 2.0;
    fs::write(&path, record.encode().unwrap()).unwrap();
    let before = files(&root.path().join("second"));
    let store = Store::open(root.path(), "second").unwrap();
    let merged = store.merge(plan.keys(), plan.weights.moments(), &root.path().join("first")).unwrap();
    assert_eq!((merged.runs, merged.left.len()), (plan.trainings.len() - 1, 1));
    let message = merged.left[0].to_string();
    assert!(
        message.contains(other) && message.contains("other numbers") && message.contains("--retrain"),
        "{message}"
    );
    let after = files(&root.path().join("second"));
    assert!(before.iter().all(|(name, bytes)| after[name] == *bytes));
    assert!(after.contains_key(&format!("weights/{same}/final.npz")));
    assert!(!after.contains_key(&format!("weights/{other}/final.npz")));
}

#[test]
fn what_cant_be_trusted_or_was_set_aside_is_trained_instead() {
    let root = tempfile::tempdir().unwrap();
    let plan = plan(&[0.0, 0.01]);
    sweep(root.path(), "first", &plan);
    let damaged = root.path().join(format!("first/records/{}.json", plan.trainings[0].key));
    let whole = fs::read(&damaged).unwrap();
    fs::write(&damaged, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(sweep(root.path(), "second", &plan), plan.trainings.len() - 1);
    fs::write(&damaged, &whole).unwrap();
    Store::set_aside(root.path(), "first").unwrap();
    Store::set_aside(root.path(), "second").unwrap();
    assert_eq!(sweep(root.path(), "third", &plan), 0);
}

/// Tables from before there was a column `encoder_bias` are read as they are, and brought up to date by the next sweep that has
/// something to add.
#[test]
fn tables_with_fewer_columns_are_still_read() {
    let root = tempfile::tempdir().unwrap();
    let plan = plan(SWEEP);
    sweep(root.path(), "sweep", &plan);
    let folder = root.path().join("sweep");
    let now = Results::read(&folder).unwrap();
    let mut written = Vec::new();
    for name in ["runs.csv", "epochs.csv"] {
        let table = fs::read_to_string(folder.join(name)).unwrap();
        let older: Vec<&str> = table.lines().map(|line| line.rsplit_once(',').unwrap().0).collect();
        fs::write(folder.join(name), older.join("\n") + "\n").unwrap();
        written.push((name, table));
    }
    assert_eq!(Results::read(&folder).unwrap(), now);
    assert!(now.runs.iter().all(|run| run.spec.encoder_bias.name() == "trained"));
    let older = files(&folder);
    assert_eq!(sweep(root.path(), "sweep", &plan), plan.trainings.len());
    assert_eq!(files(&folder), older);
    let larger: Vec<f64> = SWEEP.iter().copied().chain([2.0]).collect();
    sweep(root.path(), "sweep", &super::plan(&larger));
    for (name, table) in written {
        let now = fs::read_to_string(folder.join(name)).unwrap();
        assert!(table.lines().all(|line| now.contains(line)), "{now}");
    }
}
