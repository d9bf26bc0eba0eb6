//! What is finished: the commands that train and those that only look agree on it.

use super::{Json, Workplace, fs};

#[test]
fn runs_that_lack_what_is_asked_of_the_theory_are_to_do() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    let measured = ["plan tiny.toml -o theory.every=1", "theory tiny.toml --dry-run"];
    for line in measured {
        let to_do = ["7 trainings, 0 of them finished in results/tiny", "7 trainings left", "lacks theory"];
        workplace.run(line, 0).says(&to_do);
    }
    let submit = "submit slurm tiny.toml -o theory.every=1";
    workplace.run(&format!("{submit} --retrain"), 0).says(&["tiny: 7 trainings left"]);
    workplace.run("theory tiny.toml --retrain", 0).says(&["7 trainings: 7 trained now"]);
    for line in measured {
        workplace.run(line, 0).says(&["7 of them finished", "nothing is left to train"]);
    }
    workplace.run(submit, 0).says(&["tiny: every training is finished"]);
    workplace.run("plan tiny.toml -o theory.every=3", 0).says(&["0 of them finished", "7 trainings left"]);
    workplace.run("plan tiny.toml", 0).says(&["7 of them finished", "nothing is left to train"]);
}

#[test]
fn a_merge_of_runs_without_the_theory_is_not_complete() {
    let workplace = Workplace::new();
    workplace.run("plan tiny.toml -o theory.every=1 --write plan.json", 0);
    workplace.run("run tiny.toml --quiet", 0);
    let ended = workplace.run("merge --plan plan.json", 1);
    ended.says(&["7 trainings: 0 trained now, 7 not finished", "worker --retrain"]);
    assert!(!ended.stdout.contains("theory"), "nothing of it was written: {}", ended.stdout);
    workplace.run("worker --plan plan.json --shard 1/1 --retrain --quiet", 0);
    let ended = workplace.run("merge --plan plan.json", 0);
    ended.says(&["7 finished before", "theory.csv, theory_runs.csv, theory_ledger.csv, theory/"]);
}

/// The same runs as those of `tiny.toml`, in a folder of their own and without weights.
const OTHER: &str = "tiny.toml -o name=other -o output.weights=none";

#[test]
fn what_other_results_have_finished_is_trained_by_nobody() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    for line in [format!("plan {OTHER}"), format!("run {OTHER} --dry-run")] {
        workplace.run(&line, 0).says(&[
            "0 of them finished in results/other, 7 in other results beside it",
            "nothing is left to train",
        ]);
    }
    // Neighbours have no weights or theory of this folder's, and --fresh asks for training.
    for asked in ["-o output.weights=final", "-o theory.every=1", "--fresh"] {
        workplace.run(&format!("plan {OTHER} {asked}"), 0).says(&["7 trainings left"]);
    }
    workplace.run(&format!("submit slurm {OTHER}"), 0).says(&["other: every training is finished"]);
    assert!(!workplace.path("results/other").exists(), "who only looks makes nothing");

    let ended = workplace.run("merge --plan results/other.slurm/plan.json", 0);
    ended.says(&[
        "7 of 7 trainings are taken over from other results in results: the same runs",
        "7 trainings: 0 trained now, 7 finished before",
    ]);
    let records = |folder: &str| {
        let mut files = workplace.results(folder);
        files.retain(|path, _| path.starts_with("records"));
        files
    };
    assert!(records("results/other") == records("results/tiny"));
}

#[test]
fn workers_take_over_what_other_results_have_finished() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    let larger = format!("{OTHER} -o sweep.sigma_squared=[0,0.1,0.5,0.9]");
    workplace.run(&format!("plan {larger} --write plan.json"), 0).says(&["3 trainings left"]);
    workplace.run("worker --plan plan.json --shard 1/1", 0).says(&[
        "7 of 10 trainings are taken over from other results in results",
        "10 trainings, 10 finished, 7 of them before",
    ]);
    let claims = fs::read_dir(workplace.path("results/other/claims")).unwrap().count();
    assert_eq!(claims, 0, "those of the runs that were taken over are released too");
    workplace.run(&format!("run {larger}"), 0).says(&["10 of 10 trainings are finished already"]);
}

/// Settings that no run's key depends on count like all others; the parts stay, for their workers may be at work.
#[test]
fn a_second_submission_has_the_present_settings_and_the_parts_of_the_first() {
    let workplace = Workplace::new();
    workplace.run("submit slurm tiny.toml", 0);
    let file = "results/tiny.slurm/plan.json";
    let plan = || -> Json { serde_json::from_str(&workplace.read(file)).unwrap() };
    // As if it had been predicted otherwise then: 70 minutes, in elements of 20.
    let mut first = plan();
    for training in first["trainings"].as_array_mut().unwrap() {
        training["predicted_seconds"] = Json::from(600.0);
    }
    workplace.write(file, &first.to_string());
    let changed = "-o output.weights=none -o evaluation.every=1 -o theory.every=1";
    let ended = workplace.run(&format!("submit slurm tiny.toml {changed}"), 0);
    ended.says(&["tiny: 7 trainings left, in 4 of 4 elements"]);
    let second = plan();
    assert_eq!(second["trainings"], first["trainings"]);
    let config = &second["config"];
    assert_eq!(config["output"]["weights"], "none");
    assert_eq!(
        (&config["evaluation"]["every"], &config["theory"]["every"]),
        (&Json::from(1), &Json::from(1))
    );
}
