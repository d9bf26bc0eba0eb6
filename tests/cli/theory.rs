//! `aesparse theory` and the `[theory]` section.

use super::{Json, Workplace, fs};

fn header(text: &str) -> Vec<&str> {
    text.lines().next().unwrap().split(',').collect()
}

#[test]
fn theory_measures_beside_the_same_results_and_a_second_time_nothing() {
    let workplace = Workplace::new();
    workplace.command("run tiny.toml --out plain --quiet").assert().success();
    let first = workplace.command("theory tiny.toml --out measured -o theory.units=true").assert().success();
    let printed = String::from_utf8(first.get_output().stdout.clone()).unwrap();
    assert!(
        printed.contains("theory, on 120 of 120 samples") && printed.contains("7 trained now"),
        "{printed}"
    );
    let table = printed.lines().skip_while(|line| !line.starts_with("theory, on")).skip(1);
    let table: Vec<Vec<&str>> = table.take(1 + 9).map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(table[0][..4], ["model", "σ²", "|g|/bound", "above"], "{printed}");
    assert_eq!(table[9][..2], ["kl_sae", "0.5"], "a row for each cell: {printed}");
    assert!(printed.contains("Lemma 1: g = ∂J_AE/∂b_j"), "{printed}");
    for file in ["runs.csv", "epochs.csv"] {
        assert_eq!(
            workplace.read(&format!("plain/tiny/{file}")),
            workplace.read(&format!("measured/tiny/{file}"))
        );
    }
    // 9 cells at the epochs 0 to 4.
    assert_eq!(workplace.read("measured/tiny/theory.csv").lines().count(), 1 + 9 * 5);
    assert_eq!(workplace.read("measured/tiny/theory_runs.csv").lines().count(), 1 + 9);
    // Five σ² at σ² = 0, which stands for three models; one of them at the two others of DAE, and 0.5 beside.
    assert_eq!(workplace.read("measured/tiny/theory_ledger.csv").lines().count(), 1 + 3 * 5 + 5 + 6);
    let files = fs::read_dir(workplace.path("measured/tiny/theory")).unwrap().count();
    assert_eq!(files, 2 * 7, "a .json and a .csv for each training");
    let second = workplace.command("theory tiny.toml --out measured").assert().success();
    let printed = String::from_utf8(second.get_output().stdout.clone()).unwrap();
    assert!(printed.contains("0 trained now"), "fewer numbers are asked for than there are: {printed}");
}

#[test]
fn results_without_theory_are_trained_again_to_the_same_numbers() {
    let workplace = Workplace::new();
    workplace.command("run tiny.toml --quiet").assert().success();
    let before = workplace.read("results/tiny/runs.csv");
    assert!(!workplace.path("results/tiny/theory.csv").exists());
    let again = workplace.command("theory tiny.toml --retrain").assert().success();
    assert!(String::from_utf8(again.get_output().stdout.clone()).unwrap().contains("7 trained now"));
    assert_eq!(workplace.read("results/tiny/runs.csv"), before);
    // What is measured otherwise is measured anew; the section of a configuration says it as well.
    let config = format!("{}\n[theory]\nevery = 2\nsamples = 50\n", workplace.read("tiny.toml"));
    workplace.write("tiny.toml", &config);
    workplace.command("run tiny.toml --retrain --quiet").assert().success();
    let text = workplace.read("results/tiny/theory.csv");
    assert_eq!(text.lines().count(), 1 + 9 * 3);
    let place = header(&text).iter().position(|name| *name == "measured_samples").unwrap();
    assert!(text.lines().skip(1).all(|line| line.split(',').nth(place) == Some("50")));
    let manifest: Json = serde_json::from_str(&workplace.read("results/tiny/manifest.json")).unwrap();
    assert_eq!(manifest["config"]["theory"]["samples"], 50);
}

#[test]
fn what_is_damaged_is_named_and_not_trusted() {
    let workplace = Workplace::new();
    workplace.command("theory tiny.toml --quiet").assert().success();
    let folder = workplace.path("results/tiny/theory");
    let file = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("0.", "1.", 1)).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    workplace.run("report", 2).says(&["damaged", name]);
    assert!(!workplace.path("results/report.html").exists());
    let ended = workplace.run("theory tiny.toml", 0);
    ended.says(&["damaged", name, ".json.damaged, and its run is trained again", "1 trained now"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

/// Each statement has its numbers: nothing that a real record lacks is looked for in it.
#[test]
fn the_report_writes_the_findings_up() {
    let workplace = Workplace::new();
    workplace.run("theory tiny.toml --quiet", 0);
    let ended = workplace.run("report results --markdown results/README.md", 0);
    ended.says(&["results/figures/theory_summary.csv", "results/figures/tiny_theorem2.{csv,svg,png}"]);
    let page = workplace.read("results/report.html");
    let ids = ["assumption1", "lemma1", "theorem1", "corollaries", "theorem2", "theorem3", "identity"];
    for id in ids.map(|id| format!("id=\"theory:tiny:{id}\"")) {
        assert!(page.contains(&id), "{id}");
    }
    assert!(page.contains("<a href=\"#theory\">") && page.contains("id=\"theory\""));
    let text = workplace.read("results/README.md");
    let section = text.split("## The theory, measured").nth(1).unwrap().split("\n## ").next().unwrap();
    for part in [
        // Runs, diverged ones, hidden units, mini-batch, samples, and the measured epochs.
        "| 7 | 0 | 20 | 25 | 120 | 5 | 0 | 4 |",
        "| ‖E\\[x\\]‖ |",
        "none of 700",
        "| ReLU | DAE | 0.1 to 0.5 | ? **none of 200**",
        "| ReLU | DAE | 2, Eq. 7's first term | 0 exactly | ✓ **holds**",
        "| p\\_j above it |",
        "| ReLU | 0.0001 | kinks |",
    ] {
        assert!(section.contains(part), "{part} is missing: {section}");
    }
    for id in ["theorem1", "theorem2", "theorem3"] {
        let stem = format!("tiny_{id}");
        assert!(page.contains(&format!("<figure id=\"picture:{stem}\"")), "{id}");
        assert!(section.contains(&format!("](figures/{stem}.png)")), "{id}: {section}");
        let svg = workplace.read(&format!("results/figures/{stem}.svg"));
        assert!(svg.contains("DAE, σ² = 0.5"), "{id}: {svg}");
        assert!(
            workplace.read(&format!("results/figures/{stem}.csv")).starts_with("dataset,activation,"),
            "{id}"
        );
        assert!(
            fs::read(workplace.path(&format!("results/figures/{stem}.png"))).unwrap().starts_with(b"\x89PNG")
        );
    }
    // The plain auto-encoder, and three models at two σ².
    let table = workplace.read("results/figures/theory_summary.csv");
    assert_eq!(table.lines().count(), 1 + 7, "{table}");
    assert!(
        table.lines().nth(1).unwrap().starts_with("tiny,synthetic,relu,unit_norm,0.001,none,0,1,20,4,120,")
    );
}

#[test]
fn settings_of_theory_are_checked() {
    let workplace = Workplace::new();
    let refused = workplace.command("theory tiny.toml -o theory.evry=2 -o theory.samples=0").assert().code(2);
    let said = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
    for part in ["theory.evry", "`every`", "theory.samples", "1 to 1000000000"] {
        assert!(said.contains(part), "{part} is missing: {said}");
    }
    workplace.command("theory").assert().code(2);
}

#[test]
fn activations_are_listed_with_the_corollaries_that_cover_them() {
    let workplace = Workplace::new();
    let listed = workplace.command("theory --activations").assert().success();
    let printed = String::from_utf8(listed.get_output().stdout.clone()).unwrap();
    let row = |name: &str| {
        let line = printed.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}"));
        line.split_whitespace().skip(1).map(|word| word == "yes").collect::<Vec<_>>()
    };
    // Non-decreasing, convex, s' in [0, 1], → 0; Corollaries 1 and 2; encourages sparsity.
    assert_eq!(row("relu"), [true; 7]);
    assert_eq!(row("sigmoid"), [true, false, true, true, true, false, true]);
    assert_eq!(row("maxout"), [false, true, false, false, false, false, false]);
}
