//! What is asked for of runs that were finished without it is refused, or delivered with `--retrain`: never left out without a word.

use super::{Workplace, fs};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The files of a results folder without those that `--retrain` brings.
fn without(mut files: BTreeMap<PathBuf, Vec<u8>>, folders: &[&str]) -> BTreeMap<PathBuf, Vec<u8>> {
    files.retain(|path, _| !folders.iter().any(|folder| path.to_str().unwrap().starts_with(folder)));
    files
}

#[test]
fn what_finished_runs_lack_is_refused_or_delivered() {
    for (asked, lacks, brought) in [
        ("-o output.weights=final", "7 finished runs lack what is asked for now: 7 the weights", "weights"),
        (
            "-o theory.every=2",
            "7 finished runs lack what is asked for now: 7 the measurements of the theory",
            "theory",
        ),
        ("-o evaluation.distribution=true", "7 the distribution of codes", "distribution"),
        (
            "-o theory.every=2 -o output.weights=initial_and_final -o evaluation.distribution=true",
            "7 the weights, 7 the measurements of the theory, 7 the distribution of codes",
            "weights",
        ),
    ] {
        let workplace = Workplace::new();
        let plain = TINY_PLAIN;
        workplace.run(&format!("run {plain} --quiet"), 0);
        workplace.run(&format!("run {plain} {asked} --out asked --quiet"), 0);
        let before = workplace.results("results/tiny");
        for command in ["run", "theory", "submit slurm", "run --jobs 1 -o seeds=[1,2]"] {
            let line = format!("{command} {plain} {asked}");
            workplace.run(&line, 2).says(&["error: ", "results/tiny", lacks, "--retrain", "--fresh"]);
        }
        workplace.run(&format!("plan {plain} {asked} --write plan.json"), 0);
        workplace.run("worker --plan plan.json --shard 1/1", 2).says(&[lacks, "--retrain"]);
        let mut after = workplace.results("results/tiny");
        after.retain(|path, _| !path.starts_with("claims"));
        assert!(after == before && !workplace.path("results/tiny.slurm").exists());

        let lines =
            ["plan", "plan --retrain", "run --dry-run"].map(|command| format!("{command} {plain} {asked}"));
        for line in &lines {
            let ended = workplace.run(line, 0);
            let said = ended.says(&["7 trainings left", "lacks "]).stdout.replace('\n', " ");
            assert!(said.contains(lacks), "{said}");
        }
        workplace.run(&lines[0], 0).says(&["refused, unless --retrain"]);
        workplace.run(&format!("run {plain} --retrain {asked}"), 0).says(&[lacks, "7 trained now"]);
        let found = workplace.results("results/tiny");
        assert!(found == workplace.results("asked/tiny"), "as if asked for at once");
        assert!(
            without(found.clone(), &["weights", "theory", "distribution"]) == before,
            "no number has changed"
        );
        assert!(found.keys().any(|path| path.starts_with(brought)));
        workplace.run(&format!("run {plain} {asked}"), 0).says(&["0 trained now, 7 finished before"]);
    }
}

const TINY_PLAIN: &str = "tiny.toml -o output.weights=none";

#[test]
fn only_the_runs_that_lack_something_are_trained_again() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml -o seeds=[1,2] --quiet", 0);
    let complete = workplace.results("results/tiny");
    let mut weights: Vec<PathBuf> =
        complete.keys().filter(|path| path.ends_with("final.npz")).cloned().collect();
    for lost in weights.drain(..2) {
        fs::remove_file(workplace.path("results/tiny").join(lost)).unwrap();
    }
    workplace.run("run tiny.toml -o seeds=[1,2]", 2).says(&["2 finished runs lack", "2 the weights"]);
    // What was measured at other epochs is no other run.
    let ended = workplace.run("run tiny.toml -o seeds=[1,2] -o evaluation.every=1 --retrain", 0);
    ended.says(&[
        "14 trainings: 2 trained now, 12 finished before",
        "14 finished runs were not measured at every epoch that evaluation.every = 1 asks for",
    ]);
    assert!(workplace.results("results/tiny") == complete);
    workplace.run("run tiny.toml --retrain --fresh", 2).says(&["--retrain", "--fresh"]);
}

#[test]
fn workers_and_merges_deliver_too() {
    let workplace = Workplace::new();
    workplace.run(&format!("run {TINY_PLAIN} --quiet"), 0);
    workplace.run("run tiny.toml --out asked --quiet", 0);
    workplace.run("plan tiny.toml --write plan.json", 0);
    let ended = workplace.run("merge --plan plan.json", 1);
    ended.says(&["7 finished runs lack what is asked for now: 7 the weights", "worker --retrain"]);
    // From a folder whose runs have them.
    workplace.run("merge --plan plan.json --from asked", 0).says(&["7 runs from asked/tiny"]);
    assert!(workplace.results("results/tiny") == workplace.results("asked/tiny"));

    fs::remove_dir_all(workplace.path("results/tiny/weights")).unwrap();
    let worker = "worker --plan plan.json --shard 1/1";
    workplace.run(worker, 2).says(&["--retrain"]);
    workplace.run(&format!("{worker} --retrain --quiet"), 0);
    workplace.run("merge --plan plan.json", 0);
    assert!(workplace.results("results/tiny") == workplace.results("asked/tiny"));

    fs::remove_dir_all(workplace.path("results/tiny/weights")).unwrap();
    workplace.run("submit slurm tiny.toml --retrain", 0).says(&["7 trainings left"]);
    assert!(workplace.read("results/tiny.slurm/array-1.sh").contains(" --retrain"));
}

#[test]
fn figures_are_refused_before_any_of_them_is_trained() {
    let workplace = Workplace::new();
    let small = "-o data.source=synthetic -o data.samples=150 -o data.standardize=feature -o model.hidden=20 \
                 -o training.epochs=2 -o sweep.sigma_squared=[0,0.5]";
    workplace.run(&format!("figures 2 {small} --quiet"), 0);
    let weights = "-o output.weights=final";
    workplace.run(&format!("figures 1 2 {small} {weights}"), 2).says(&["fig2_mnist", "lack", "--retrain"]);
    assert!(!workplace.path("results/fig1_mnist").join("runs.csv").exists());
    workplace.run(&format!("figures 1 2 {small} {weights} --retrain --quiet"), 0);
    assert!(workplace.path("results/fig1_cifar10/weights").is_dir());
}
