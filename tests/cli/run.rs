//! `run` and `plan` on a tiny sweep: tables, files, exit codes.

use super::Workplace;
use serde_json::Value as Json;
use std::process::Stdio;

#[test]
fn a_sweep_ends_with_its_table_and_its_files() {
    let workplace = Workplace::new();
    let ended = workplace.run("run tiny.toml --jobs 2", 0);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines[0], "tiny: relu, unit_norm, learning rate 0.001, after 4 epochs");
    let columns: Vec<&str> = lines[3].split_whitespace().collect();
    assert_eq!((lines[2], columns), ("activation fraction", vec!["σ²", "0", "0.1", "0.5"]));
    for model in ["dae", "cae", "kl_sae"] {
        let rows: Vec<&&str> = lines.iter().filter(|line| line.starts_with(&format!("{model} "))).collect();
        assert_eq!(rows.len(), 2, "one in each block: {}", ended.stdout);
    }
    ended.says(&["dead units of 20", "7 trainings: 7 trained now", "written to results/tiny: runs.csv"]);
    assert!(!ended.stdout.contains("[7/7]") && ended.stderr.contains("[7/7]"), "progress goes to stderr");

    let table = workplace.read("results/tiny/runs.csv");
    assert_eq!(table.lines().count(), 1 + 9);
    // Epochs 0, 2 and 4 of each cell.
    assert_eq!(workplace.read("results/tiny/epochs.csv").lines().count(), 1 + 9 * 3);
    let files = workplace.results("results/tiny");
    let count = |start: &str| files.keys().filter(|path| path.starts_with(start)).count();
    assert_eq!((count("records"), count("weights")), (7, 7));
    let manifest = workplace.manifest("results/tiny");
    assert_eq!(manifest["seconds"].as_object().unwrap().len(), 7);
    assert_eq!(manifest["config"]["model"]["hidden"], 20);
    assert!(manifest["finished"].is_string());
}

#[test]
fn the_number_of_jobs_changes_no_byte() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --jobs 1 --out one", 0);
    workplace.run("run tiny.toml --jobs 4 --out four", 0);
    assert_eq!(workplace.results("one/tiny"), workplace.results("four/tiny"));
}

#[test]
fn a_sweep_goes_on_beyond_runs_that_diverge() {
    let workplace = Workplace::new();
    let line =
        "run tiny.toml -o training={epochs=2} -o model.constraint=none -o sweep.learning_rate=[1e3,1e-3]";
    let ended = workplace.run(line, 1);
    ended.says(&["7 of 14 trainings diverged", "14 trainings: 14 trained now, 7 diverged", "div."]);
    let table = workplace.read("results/tiny/runs.csv");
    let with = |status: &str| table.lines().filter(|line| line.contains(status)).count();
    assert_eq!((with(",diverged,"), with(",completed,")), (9, 9));
    // They are finished: nothing is trained again, and the exit code is the same.
    workplace.run(line, 1).says(&["14 of 14 trainings are finished already", "0 trained now"]);
    workplace.run(&line.replacen("run", "plan", 1), 0).says(&["diverged", "nothing is left to train"]);
}

#[test]
fn a_plan_counts_and_trains_nothing() {
    let workplace = Workplace::new();
    let ended = workplace.run("plan tiny.toml --write out/plan.json --jobs 3", 0);
    ended.says(&[
        "tiny: 9 cells, 7 trainings, 0 of them finished in results/tiny",
        "synthetic: 120 samples of 12 inputs; 20 hidden units, 4 epochs in batches of 25",
        "all models",
        "7 trainings left: about 0.1 s with 3 at a time (estimated from the number of operations and of runs)",
    ]);
    assert!(!workplace.path("results").exists());
    let plan: Json = serde_json::from_str(&workplace.read("out/plan.json")).unwrap();
    let keys = |part: &str| -> Vec<String> {
        let entries = plan[part].as_array().unwrap().iter();
        entries.map(|entry| entry["run_key"].as_str().unwrap().to_owned()).collect()
    };
    let (cells, trainings) = (keys("cells"), keys("trainings"));
    assert_eq!(workplace.run("plan tiny.toml --write -", 0).stdout, workplace.read("out/plan.json"));
    assert!(!workplace.path("-").exists());
    assert_eq!((cells.len(), trainings.len()), (9, 7));
    // At σ² = 0 all models are the first training.
    assert!([0, 3, 6].iter().all(|cell| cells[*cell] == trainings[0]));

    workplace.run("run tiny.toml", 0);
    let table = workplace.read("results/tiny/runs.csv");
    assert!(table.lines().skip(1).zip(&cells).all(|(line, key)| line.contains(key.as_str())));
    workplace.run("plan tiny.toml", 0).says(&["7 of them finished", "nothing is left to train"]);
    let ended = workplace.run("plan tiny.toml -o training.epochs=5 -o sweep.sigma_squared=[0,0.1]", 0);
    ended.says(&["6 cells, 4 trainings, 0 of them finished", "4 trainings left"]);
    // A longer list shares the runs that are there, and their times are what is known about the rest.
    let ended = workplace.run("plan tiny.toml -o sweep.sigma_squared=[0,0.1,0.5,0.9]", 0);
    ended.says(&["12 cells, 10 trainings, 7 of them finished", "3 trainings left"]);
    let fresh = workplace.run("plan tiny.toml --fresh", 0);
    fresh.says(&["0 of them finished", "7 trainings left"]);
}

#[test]
fn weights_that_were_not_kept_are_not_said_to_be_written() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet -o output.weights=none", 0);
    let ended = workplace.run("run tiny.toml", 0);
    ended.says(&["7 of the runs were finished without keeping the weights", "--fresh"]);
    assert!(!ended.stdout.contains("weights/"), "{}", ended.stdout);
    workplace.run("run tiny.toml --fresh", 0).says(&["records/, weights/"]);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    for line in ["run tiny.toml", "plan tiny.toml"] {
        let mut command = std::process::Command::new(super::PROGRAM);
        command.current_dir(workplace.path("")).args(line.split_whitespace());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // The pipe is closed before anything is written.
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{line}");
    }
}

#[test]
fn a_warm_start_comes_from_an_earlier_run() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    let weights =
        workplace.results("results/tiny").into_keys().find(|path| path.starts_with("weights")).unwrap();
    let from = format!("-o model.init={{from=\"results/tiny/{}\"}}", weights.display());
    let ended = workplace.run(&format!("run tiny.toml -o name=warm {from}"), 0);
    ended.says(&["7 trainings: 7 trained now", "written to results/warm"]);
    assert!(workplace.manifest("results/warm")["data_sha256"]["warm_start"].is_string());
    let ended = workplace.run(&format!("run tiny.toml -o name=large -o model.hidden=30 {from}"), 2);
    ended.says(&["error: ", "W has the shape [20, 12], but the model has [30, 12]"]);
    assert!(!workplace.path("results/large").exists());
}
