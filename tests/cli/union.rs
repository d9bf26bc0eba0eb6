//! A results folder holds the plans of all commands that wrote to it: a smaller one shrinks nothing, and one that adds nothing writes
//! nothing.

use super::faults::{LONG, assert_same, start, wait_for};
use super::{Workplace, collect};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Every file of the folder `relative`, with its time.
fn snapshot(workplace: &Workplace, relative: &str) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    collect(&workplace.path(relative), Path::new(""), &mut files);
    let time = |path: &Path| fs::metadata(workplace.path(relative).join(path)).unwrap().modified().unwrap();
    files.into_iter().map(|(path, bytes)| (path.clone(), (bytes, time(&path)))).collect()
}

/// Checks that `line` ends with `expected` and leaves the folder `results` as it is.
fn writes_nothing(workplace: &Workplace, line: &str, expected: i32) {
    let before = snapshot(workplace, "results");
    let ended = workplace.run(line, expected);
    let after = snapshot(workplace, "results");
    let mut paths = after.keys().chain(before.keys());
    let changed = paths.find(|path| after.get(*path) != before.get(*path));
    assert_eq!(changed, None, "{line}\n{}\n{}", ended.stdout, ended.stderr);
}

const SHORT: &str = "-o training.epochs=2 -o output.weights=none -o sweep.regularizer=[\"dae\",\"kl_sae\"]";

/// One plan, another, and both at once.
const PLANS: [[&str; 3]; 9] = [
    ["seeds=[1]", "seeds=[1,2,3]", "seeds=[1,2,3]"],
    ["seeds=[3,1]", "seeds=[2,1]", "seeds=[1,2,3]"],
    ["sweep.sigma_squared=[0.5]", "sweep.sigma_squared=[0,0.1,0.5]", "sweep.sigma_squared=[0,0.1,0.5]"],
    ["sweep.sigma_squared=[0.5,0]", "sweep.sigma_squared=[0.1,0]", "sweep.sigma_squared=[0,0.1,0.5]"],
    ["sweep.learning_rate=[0.002]", "sweep.learning_rate=[0.001,0.002]", "sweep.learning_rate=[0.001,0.002]"],
    ["sweep.regularizer=[\"mdae\"]", "sweep.regularizer=[\"cae\"]", "sweep.regularizer=[\"mdae\",\"cae\"]"],
    [
        "model.activation=sigmoid",
        "sweep.activation=[\"relu\",\"sigmoid\"]",
        "sweep.activation=[\"sigmoid\",\"relu\"]",
    ],
    [
        "model.constraint=none",
        "sweep.constraint=[\"unit_norm\",\"none\"]",
        "sweep.constraint=[\"none\",\"unit_norm\"]",
    ],
    [
        "model.encoder_bias=frozen",
        "sweep.encoder_bias=[\"trained\",\"frozen\"]",
        "sweep.encoder_bias=[\"frozen\",\"trained\"]",
    ],
];

#[test]
fn one_plan_after_another_gives_the_files_of_both_at_once() {
    for [first, second, both] in PLANS {
        let workplace = Workplace::new();
        let run = |of: &str, more: &str| format!("run tiny.toml {SHORT} -o {of} {more}");
        workplace.run(&run(both, "--out once --quiet"), 0);
        let once = workplace.results("once/tiny");
        // A plan may have no run at σ² = 0, which models share.
        workplace.run(&run(first, "--quiet"), 0);
        workplace.run(&run(second, "--quiet"), 0);
        let config = |root: &str| workplace.manifest(&format!("{root}/tiny"))["config"].clone();
        assert_same(&workplace, "results/tiny", &once);
        assert_eq!(config("results"), config("once"), "{first}, {second}");
        // Whatever is finished and there already is looked at, and written nowhere.
        for part in [first, second, both] {
            writes_nothing(&workplace, &run(part, ""), 0);
        }
        // By workers too, in a folder of one plan.
        workplace.run(&run(first, "--out parts --quiet"), 0);
        workplace.run(
            &run(second, "--out parts")
                .replacen("run", "plan", 1)
                .replace("--out", "--write plan.json --out"),
            0,
        );
        for shard in ["1/2", "2/2"] {
            workplace.run(&format!("worker --plan plan.json --shard {shard} --out parts --quiet"), 0);
        }
        workplace.run("merge --plan plan.json --out parts", 0);
        assert_same(&workplace, "parts/tiny", &once);
        assert_eq!(config("parts"), config("once"), "{first}, {second}");
    }
}

#[test]
fn what_is_printed_is_of_the_commands_own_part() {
    let workplace = Workplace::new();
    let plan = "run tiny.toml -o output.weights=none -o model.constraint=none";
    workplace.run(&format!("{plan} -o seeds=[1,2] -o sweep.learning_rate=[1e-3,1e3]"), 1);
    let ended = workplace.run(&format!("{plan} --plot"), 0);
    ended.says(&[
        "7 of 7 trainings are finished already",
        "21 finished runs of earlier plans are in the tables of results/tiny too",
        "7 trainings: 0 trained now, 7 finished before",
        "unchanged in results/tiny: runs.csv, epochs.csv",
    ]);
    assert!(!ended.stdout.contains("div.") && !ended.stdout.contains("seeds"), "{}", ended.stdout);
    assert_eq!(workplace.read("results/tiny/runs.csv").lines().count(), 1 + 4 * 9);
    // The folder's runs are another's part.
    let alone = workplace.run(&format!("{plan} --plot --out alone"), 0);
    let plot =
        |text: &str| text.split_once("dead units").unwrap().1.split_once(": runs.csv").unwrap().1.to_owned();
    assert_eq!(plot(&ended.stdout), plot(&alone.stdout));
}

#[test]
fn commands_that_add_nothing_write_nothing() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml -o seeds=[1,2] --quiet", 0);
    workplace.run("theory tiny.toml -o name=measured -o seeds=[1,2] --quiet", 0);
    workplace.run("plan tiny.toml --write plan.json", 0);
    // As a program wrote it that knew fewer settings.
    let mut manifest = workplace.manifest("results/tiny");
    for (section, later) in [("model", "encoder_bias"), ("training", "shuffle"), ("output", "checkpoint")] {
        manifest["config"][section].as_object_mut().unwrap().remove(later).unwrap();
    }
    workplace.write("results/tiny/manifest.json", &manifest.to_string());
    for line in [
        "run tiny.toml -o seeds=[1,2]",
        "run tiny.toml",
        "run tiny.toml --retrain",
        "run tiny.toml -o evaluation.every=1 -o output.weights=none -o output.checkpoint=1",
        "merge --plan plan.json",
        "theory tiny.toml -o name=measured",
        "run tiny.toml -o name=measured -o output.weights=none",
    ] {
        writes_nothing(&workplace, line, 0);
    }
    // Of a plan that is not finished either.
    workplace.run("plan tiny.toml -o seeds=[1,2,3] --write larger.json", 0);
    workplace.run("merge --plan larger.json", 1);
    writes_nothing(&workplace, "merge --plan larger.json", 1);
    // A table that is gone or damaged comes back, of both plans, and nothing else is written.
    let before = snapshot(&workplace, "results/tiny");
    for is_damaged in [false, true] {
        let path = workplace.path("results/tiny/runs.csv");
        let damaged = workplace.read("results/tiny/runs.csv").replace(",0.", ",1.");
        fs::remove_file(&path).unwrap();
        if is_damaged {
            fs::write(&path, damaged).unwrap();
        }
        workplace.run("run tiny.toml", 0).says(&["written to results/tiny"]);
        let now = snapshot(&workplace, "results/tiny");
        for (path, file) in &now {
            let is_table = path == Path::new("runs.csv");
            assert!(before[path].0 == file.0 && (is_table || before[path].1 == file.1), "{}", path.display());
        }
    }
}

#[test]
fn a_figure_of_more_seeds_is_not_drawn_again_with_fewer() {
    let workplace = Workplace::new();
    let small = "-o data.source=synthetic -o data.samples=150 -o data.standardize=feature -o model.hidden=20 \
                 -o training.epochs=2 -o sweep.sigma_squared=[0,0.5] --out results";
    workplace.run(&format!("figures 1 {small} -o seeds=[1,2] --quiet"), 0);
    let svg = workplace.read("results/figures/fig1_mnist.svg");
    writes_nothing(&workplace, &format!("figures 1 {small}"), 0);
    workplace.run(&format!("figures 1 {small}"), 0).says(&["drawn before: results/figures/fig1_mnist"]);
    // What is missing, or of fewer runs, is drawn.
    fs::remove_file(workplace.path("results/figures/fig1_cifar10.png")).unwrap();
    workplace.run(&format!("figures 1 {small}"), 0).says(&["drawn: results/figures/fig1_cifar10"]);
    assert!(workplace.path("results/figures/fig1_cifar10.png").exists());
    workplace
        .run(&format!("figures 1 {small} -o seeds=[3,1]"), 0)
        .says(&["drawn: results/figures/fig1_mnist"]);
    assert_ne!(workplace.read("results/figures/fig1_mnist.svg"), svg);
    assert!(workplace.read("results/figures/fig1_mnist.csv").contains(",kl_sae,0.5,3,"));
}

#[test]
fn measurements_of_the_theory_stay_in_their_tables() {
    let workplace = Workplace::new();
    workplace.run("theory tiny.toml -o seeds=[1,2] --out once --quiet", 0);
    workplace.run("theory tiny.toml -o seeds=[2] --quiet", 0);
    workplace.run("theory tiny.toml -o seeds=[1,2] --quiet", 0);
    assert_same(&workplace, "results/tiny", &workplace.results("once/tiny"));
    writes_nothing(&workplace, "theory tiny.toml", 0);
}

#[test]
fn what_is_taken_over_comes_to_the_tables_beside_what_is_there() {
    let workplace = Workplace::new();
    let tiny = "run tiny.toml -o output.weights=none --quiet";
    workplace.run(&format!("{tiny} -o name=other -o seeds=[1,2]"), 0);
    workplace.run(&format!("{tiny} -o sweep.sigma_squared=[0,0.1]"), 0);
    workplace.run("run tiny.toml -o output.weights=none -o seeds=[1,2]", 0).says(&[
        "10 of 14 trainings are taken over",
        "0 trained now",
        "written to results/tiny",
    ]);
    assert_eq!(workplace.read("results/tiny/runs.csv").lines().count(), 1 + 2 * 9);
    assert_eq!(workplace.manifest("results/tiny")["config"]["seeds"], serde_json::json!([1, 2]));
    writes_nothing(&workplace, &tiny.replace(" --quiet", ""), 0);
}

/// Settings that are no axes are in every run's key, so that plans with others share no run; a threshold is for an activation.
#[test]
fn plans_that_cant_be_one_are_refused() {
    let workplace = Workplace::new();
    let tiny = "run tiny.toml -o output.weights=none";
    workplace.run(&format!("{tiny} -o sweep.activation=[\"relu\",\"sigmoid\"] --quiet"), 0);
    workplace.run(
        &format!("{tiny} -o name=dae -o sweep.regularizer=[\"dae\"] -o sweep.sigma_squared=[0,2] --quiet"),
        0,
    );
    let refused = |line: &str, parts: &[&str]| {
        writes_nothing(&workplace, line, 2);
        let ended = workplace.run(line, 2);
        ended.says(&["its finished runs can't be in one plan with this one's", "--out"]).says(parts);
    };
    refused(
        &format!("{tiny} -o evaluation.threshold=0"),
        &["7 have another evaluation.threshold", "--fresh"],
    );
    let masking =
        "-o sweep.regularizer=[{kind=\"dae\",corruption=\"masking\"}] -o sweep.sigma_squared=[0,0.5]";
    refused(
        &format!("{tiny} -o name=dae {masking}"),
        &["one's: sweep.sigma_squared[2]: found the number 2.0", "masking", "--fresh"],
    );
    workplace.run(&format!("plan tiny.toml -o name=dae {masking} --write plan.json"), 0);
    refused(
        "worker --plan plan.json --shard 1/1",
        &["masking", "aesparse plan CONFIG -o name=dae_2 --write"],
    );
    let manifest = workplace.read("results/tiny/manifest.json");
    workplace.write("results/tiny/manifest.json", &manifest.replace("\"batch\"", "\"bach\""));
    let ended = workplace.run(tiny, 2);
    ended.says(&["results/tiny/manifest.json: its configuration can't be used", "bach", "move it away"]);
}

/// Nothing was finished of the first plan: it is as if it had never been.
#[test]
fn a_plan_of_which_nothing_was_finished_is_left() {
    let workplace = Workplace::new();
    workplace.write("long.toml", LONG);
    let mut child = start(&workplace, "run long.toml -o training.epochs=100000 -o seeds=[1,2] --quiet");
    wait_for("the first table", || workplace.path("results/long/runs.csv").exists());
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(workplace.read("results/long/runs.csv").lines().count(), 1);
    workplace.run("run long.toml --quiet", 0);
    assert_eq!(workplace.manifest("results/long")["config"]["seeds"], serde_json::json!([1]));
}

#[test]
fn a_kill_between_the_plans_changes_nothing() {
    let workplace = Workplace::new();
    workplace.write("long.toml", LONG);
    workplace.run("run long.toml -o seeds=[1,2] --out once --quiet", 0);
    let undisturbed = workplace.results("once/long");
    workplace.run("run long.toml --quiet", 0);
    let records = || {
        let names = fs::read_dir(workplace.path("results/long/records")).unwrap();
        names.filter(|name| !name.as_ref().unwrap().file_name().to_str().unwrap().starts_with('.')).count()
    };
    let before = records();
    let mut child = start(&workplace, "run long.toml -o seeds=[1,2] --jobs 1 --quiet");
    wait_for("a record", || records() > before || child.try_wait().unwrap().is_some());
    child.kill().unwrap();
    child.wait().unwrap();
    let found = records();
    workplace.run("run long.toml --quiet", 0);
    let rows = workplace.read("results/long/runs.csv").lines().count();
    assert!(rows > 1 + 8 || found == before, "what the killed one finished is in the tables: {rows} lines");
    workplace.run("run long.toml -o seeds=[1,2] --quiet", 0);
    assert_same(&workplace, "results/long", &undisturbed);
}
