//! `run` and `plan` on a tiny sweep: tables, files, exit codes.

use super::Workplace;
use serde_json::Value as Json;
use std::fs;
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
        assert_eq!(rows.len(), 3, "one in each block: {}", ended.stdout);
    }
    ended.says(&["fraction of variance unexplained"]);
    ended.says(&["dead units of 20", "7 trainings: 7 trained now", "written to results/tiny: runs.csv"]);
    assert!(!ended.stdout.contains("[7/7]") && ended.stderr.contains("[7/7]"), "progress goes to stderr");

    let table = workplace.read("results/tiny/runs.csv");
    assert_eq!(table.lines().count(), 1 + 9);
    // Epochs 0, 2 and 4 of each cell.
    assert_eq!(workplace.read("results/tiny/epochs.csv").lines().count(), 1 + 9 * 3);
    let files = workplace.results("results/tiny");
    let count = |start: &str| files.keys().filter(|path| path.starts_with(start)).count();
    // Each file of weights has what ties it to its run beside it.
    assert_eq!((count("records"), count("weights")), (7, 2 * 7));
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
        workplace.results("results/tiny").into_keys().find(|path| path.ends_with("final.npz")).unwrap();
    let from = format!("-o model.init={{from=\"results/tiny/{}\"}}", weights.display());
    let ended = workplace.run(&format!("run tiny.toml -o name=warm {from}"), 0);
    ended.says(&["7 trainings: 7 trained now", "written to results/warm"]);
    assert!(workplace.manifest("results/warm")["data_sha256"]["warm_start"].is_string());
    let ended = workplace.run(&format!("run tiny.toml -o name=large -o model.hidden=30 {from}"), 2);
    ended.says(&["error: ", "W has the shape [20, 12], but the model has [30, 12]"]);
    assert!(!workplace.path("results/large").exists());
}

/// A learning rate at which every unit dies in the first epochs and the loss stays finite.
const DEADLY: &str = "run tiny.toml -o training.learning_rate=5";

#[test]
fn a_collapsed_sweep_is_no_silent_success() {
    let workplace = Workplace::new();
    let ended = workplace.run(DEADLY, 0);
    ended.says(&["20!", "!: collapsed, at least 99 % of the units dead", "7 trainings: 7 trained now"]);
    let warnings: Vec<&str> = ended.stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
    assert_eq!(warnings.len(), 1, "{}", ended.stderr);
    let said = "warning: 7 of 7 trainings collapsed, with at least 99 % of their units dead or of the variance unexplained: \
                all models σ²=0; dae σ²=0.1; dae σ²=0.5; cae σ²=0.1; and 3 more; a smaller training.learning_rate";
    assert!(warnings[0].starts_with(said), "{}", warnings[0]);
    assert!(ended.stderr.contains("dae σ²=0.1: collapsed, activation fraction"), "{}", ended.stderr);
    // Nothing of it is stored, and it is found again on reading.
    let table = workplace.read("results/tiny/runs.csv");
    assert_eq!(table.matches(",completed,").count(), 9);
    assert!(!table.contains("collapse"));
    let before = workplace.results("results/tiny");
    workplace
        .run(&format!("{DEADLY} --quiet --fail-on collapsed"), 1)
        .says(&["warning: 7 of 7 trainings collapsed"]);
    assert_eq!(workplace.results("results/tiny"), before);
    let events = workplace.run(&format!("{DEADLY} --fresh --log-format json"), 0).stderr;
    let events: Vec<Json> = events.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let of = |name: &str| events.iter().filter(|event| event["event"] == name).collect::<Vec<_>>();
    assert!(of("finished").iter().all(|event| event["collapsed"] == true && event["status"] == "completed"));
    assert_eq!(of("end")[0]["collapsed"], 7);
    workplace.run("report results --markdown results/README.md", 0);
    let page = workplace.read("results/README.md");
    let row =
        page.lines().find(|line| line.starts_with("| Cells collapsed: at least 99 % of the units dead"));
    assert!(row.is_some_and(|row| row.ends_with("| 1 | 9 of 9 |")), "the report has no caveat: {page}");
}

#[test]
fn every_command_that_trains_can_fail_on_collapse() {
    let workplace = Workplace::new();
    // What doesn't collapse doesn't fail.
    workplace.run(
        "run tiny.toml -o training.epochs=30 -o training.learning_rate=0.01 --out sound --fail-on collapsed",
        0,
    );
    let fail = "-o training.learning_rate=5 --fail-on collapsed --quiet";
    workplace.run(&format!("theory tiny.toml {fail} --out theory"), 1);
    workplace.run("plan tiny.toml -o training.learning_rate=5 --write plan.json --quiet", 0);
    workplace
        .run("worker --plan plan.json --shard 1/1 --fail-on collapsed --out shared", 1)
        .says(&["7 of 7 trainings collapsed"]);
    workplace.run("merge --plan plan.json --out shared", 0).says(&["7 of 7 trainings collapsed"]);
    workplace.run("merge --plan plan.json --out shared --fail-on collapsed", 1);
    workplace.run("run tiny.toml --fail-on diverged", 2).says(&["collapsed"]);
}

#[test]
fn noise_that_is_large_against_the_samples_is_told_of_before_training() {
    let workplace = Workplace::new();
    // Of unit length, with 40 inputs: the mean variance of an input is at most 1 / 40.
    let samples = ndarray::Array2::from_shape_fn((50, 40), |(i, j)| f32::from(u8::from(i % 40 == j)));
    ndarray_npy::write_npy(workplace.path("unit.npy"), &samples).unwrap();
    let data = "-o data.source={kind=\"npy\",path=\"unit.npy\"} -o training.epochs=1 -o sweep.sigma_squared=[0,0.01,0.5]";
    let told = "σ² up to 0.5 is 20.6 times the mean variance of an input, 0.0243";
    let ended = workplace.run(&format!("run tiny.toml {data}"), 0);
    ended.says(&["the noise of 1 training is large", told, "data.standardize=feature"]);
    let note = ended.stderr.find("the noise of").unwrap();
    assert!(note < ended.stderr.find("to do").unwrap(), "after the training began: {}", ended.stderr);
    // Finished runs, penalties, probabilities and noise that the samples stand out of are none of it.
    for (line, folder) in [
        (format!("run tiny.toml {data}"), "results"),
        (format!("run tiny.toml {data} -o sweep.regularizer=[\"cae\",\"kl_sae\"]"), "penalties"),
        (
            format!("run tiny.toml {data} -o sweep.regularizer={{kind=\"dae\",corruption=\"masking\"}}"),
            "masking",
        ),
        (format!("run tiny.toml {data} -o data.standardize=feature"), "standardized"),
        ("run tiny.toml".to_owned(), "default"),
    ] {
        let ended = workplace.run(&format!("{line} --out {folder}"), 0);
        assert!(!ended.stderr.contains("the noise of"), "{line}: {}", ended.stderr);
    }
}

#[test]
fn models_that_sigma_squared_does_not_change_are_noted() {
    let workplace = Workplace::new();
    let ended = workplace.run("run tiny.toml -o sweep.sigma_squared=[0,1e-9,1e-8] --out tiny_ones", 0);
    ended.says(&["σ² has no effect", "by more than 0.1 % for dae; cae; kl_sae; larger values"]);
    let long = "-o training.epochs=30 -o training.learning_rate=0.01";
    let ended = workplace.run(&format!("run tiny.toml {long} -o sweep.sigma_squared=[0,0.5] --out large"), 0);
    assert!(!ended.stderr.contains("has no effect"), "{}", ended.stderr);
    // One σ² alone can't be compared.
    let ended = workplace.run("run tiny.toml -o sweep.sigma_squared=1e-9 --out one", 0);
    assert!(!ended.stderr.contains("has no effect"), "{}", ended.stderr);
}

#[test]
fn the_threads_of_a_run_are_told_and_change_no_byte() {
    let workplace = Workplace::new();
    let files = |folder: &str| {
        ["runs.csv", "epochs.csv"]
            .map(|name| fs::read(workplace.path(folder).join("tiny").join(name)).unwrap())
    };
    workplace.run("run tiny.toml --threads 1 --out one", 0);
    let events = workplace.run("run tiny.toml --threads 3 --jobs 2 --out three --log-format json", 0).stderr;
    let started: Vec<Json> = (events.lines().map(|line| serde_json::from_str(line).unwrap()))
        .filter(|event: &Json| event["event"] == "started")
        .collect();
    assert!(!started.is_empty() && started.iter().all(|event| event["threads"] == 3), "{events}");
    assert_eq!(files("one"), files("three"));
    let threads = |folder: &str| workplace.manifest(&format!("{folder}/tiny"))["threads"].clone();
    assert_eq!(threads("one"), Json::Null);
    let of_runs = threads("three");
    assert_eq!(of_runs.as_object().unwrap().len(), started.len());
    assert!(of_runs.as_object().unwrap().values().all(|threads| *threads == 3));
    workplace.run("run tiny.toml --threads 0", 2);
}
