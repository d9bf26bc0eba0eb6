//! `compare`: two runs, or two results folders.

use super::{Json, Workplace};
use std::fs;

/// `tiny` with its 9 cells, and `other` with a σ² and a model of its own, trained half as long.
fn trained() -> Workplace {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    let other = "-o name=other -o training.epochs=2 -o sweep.sigma_squared=[0,0.1,1] \
        -o sweep.regularizer=[\"dae\",\"kl_sae\",\"mdae\"]";
    workplace.run(&format!("run tiny.toml --quiet {other}"), 0);
    workplace
}

fn lines(text: &str, from: &str) -> Vec<Vec<String>> {
    let rest = &text[text.find(from).unwrap_or_else(|| panic!("{from}: {text}"))..];
    let block = rest.lines().skip(1).take_while(|line| !line.is_empty());
    block.map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

#[test]
fn folders_are_compared_cell_by_cell() {
    let workplace = trained();
    let text = workplace.run("compare results/tiny results/other", 0).stdout;
    assert!(text.starts_with("A  tiny\nB  other\n"), "{text}");
    let settings = lines(&text, "settings that differ");
    let keys: Vec<&str> = settings[1..].iter().map(|line| line[0].as_str()).collect();
    assert_eq!(keys, ["name", "sweep.regularizer", "sweep.sigma_squared", "training.epochs"]);
    assert_eq!(settings[2], ["sweep.regularizer", "cae", "mdae"]);
    assert_eq!(settings[3], ["sweep.sigma_squared", "0.5", "1.0"]);
    assert_eq!(settings[4], ["training.epochs", "4", "2"]);
    let cells = lines(&text, "results: 4 cells in both, 0 of them the very same run");
    // What all cells have in common is left out.
    assert_eq!(cells[0][..2], ["regularizer", "σ²"]);
    let names: Vec<String> = cells[1..].iter().map(|line| line[..2].join(" ")).collect();
    assert_eq!(names, ["dae 0", "dae 0.1", "kl_sae 0", "kl_sae 0.1"]);
    assert_eq!(lines(&text, "only in A: 5 cells").len(), 1 + 5);
    assert_eq!(lines(&text, "only in B: 5 cells").len(), 1 + 5);

    let text = workplace.run("compare results/tiny results/tiny", 0).stdout;
    assert!(text.contains("settings: none differ"), "{text}");
    let cells = lines(&text, "results: 9 cells in both, 9 of them the very same run");
    assert!(cells[1..].iter().all(|line| line[4] == "0.0000" && line[7] == "0"), "{text}");
}

#[test]
fn folders_as_json_have_every_number() {
    let workplace = trained();
    let ended = workplace.run("compare results/tiny results/other --json -", 0);
    let json: Json = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&json["kind"], &json["a"], &json["b"]), (&"folders".into(), &"tiny".into(), &"other".into()));
    assert_eq!(json["settings"][3], serde_json::json!({"key": "training.epochs", "a": 4, "b": 2}));
    let cell = &json["cells"][1];
    assert_eq!((&cell["regularizer"], &cell["sigma_squared"]), (&"dae".into(), &0.1.into()));
    let fraction = &cell["activation_fraction"];
    let [a, b, difference] = ["a", "b", "difference"].map(|key| fraction[key].as_f64().unwrap());
    assert!(difference == b - a && a > 0.0, "{fraction}");
    assert_eq!(
        (json["only_a"].as_array().unwrap().len(), &json["only_b"][0]["sigma_squared"]),
        (5, &1.0.into())
    );
    // To a file, beside the table.
    let ended = workplace.run("compare results/tiny results/other --json out.json", 0);
    ended.says(&["written: out.json", "only in A"]);
    assert_eq!(serde_json::from_str::<Json>(&workplace.read("out.json")).unwrap(), json);
}

/// Earlier versions' manifests lack settings that were added later.
#[test]
fn a_setting_that_a_manifest_lacks_has_its_default() {
    let workplace = trained();
    let mut manifest: Json = serde_json::from_str(&workplace.read("results/tiny/manifest.json")).unwrap();
    manifest["config"]["evaluation"].as_object_mut().unwrap().remove("distribution").unwrap();
    let dae = manifest["config"]["sweep"]["regularizer"][0].as_object_mut().unwrap();
    dae.remove("draws").and(dae.remove("pairing")).unwrap();
    workplace.write("results/tiny/manifest.json", &manifest.to_string());
    let text = workplace.run("compare results/tiny results/other", 0).stdout;
    let settings = lines(&text, "settings that differ");
    let keys: Vec<&str> = settings[1..].iter().map(|line| line[0].as_str()).collect();
    assert_eq!(keys, ["name", "sweep.regularizer", "sweep.sigma_squared", "training.epochs"]);
    let same = workplace.run("compare results/tiny results/tiny", 0);
    same.says(&["settings: none differ"]);
}

/// Tangent updates are another setting in every table, and a projected run is never matched with a tangent one.
#[test]
fn both_updates_of_unit_norm_are_kept_apart() {
    let workplace = Workplace::new();
    let both = r#"-o sweep.constraint=["unit_norm",{kind="unit_norm",update="tangent"}] -o name=both"#;
    workplace.run("run tiny.toml --quiet", 0);
    let summary = workplace.run(&format!("run tiny.toml {both}"), 0);
    summary.says(&["both: relu, unit_norm, learning", "both: relu, unit_norm(update=tangent), learning"]);
    let table = workplace.read("results/both/runs.csv");
    assert_eq!(table.matches(",unit_norm,").count(), 9, "{table}");
    assert_eq!(table.matches(",unit_norm(update=tangent),").count(), 9, "{table}");
    let text = workplace.run("compare results/tiny results/both", 0).stdout;
    assert!(text.contains("results: 9 cells in both, 9 of them the very same run"), "{text}");
    let only = lines(&text, "only in B: 9 cells");
    assert!(only[1..].iter().all(|line| line[0] == "unit_norm(update=tangent)"), "{only:?}");
    // A sweep without the setting is the very same sweep, and its manifest is as before there was one.
    assert!(workplace.read("results/tiny/manifest.json").contains("\"kind\": \"unit_norm\""));
    assert!(!workplace.read("results/tiny/manifest.json").contains("update"));
    workplace.run("verify", 0);
    workplace.run("report", 0);
    let page = workplace.read("results/report.html");
    for part in ["unit norm", "unit norm (update=tangent)"] {
        assert!(page.contains(part), "{part}");
    }
}

/// A setting with one value in each folder is shown once, and cells are matched by the rest.
#[test]
fn a_setting_that_differs_everywhere_is_left_out_of_the_matching() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    workplace.run("run tiny.toml --quiet -o name=free -o model.constraint=none", 0);
    let text = workplace.run("compare results/tiny results/free", 0).stdout;
    let matching =
        "cells are matched by all settings but constraint (unit_norm in all of A, none in all of B)";
    assert!(text.contains(matching), "{text}");
    let cells = lines(&text, "results: 9 cells in both, 0 of them the very same run");
    assert_eq!(cells[0][..3], ["regularizer", "σ²", "fraction"]);
    assert!(cells[2][4] != "0.0000" && !text.contains("only in"), "{text}");
    let json: Json =
        serde_json::from_str(&workplace.run("compare results/tiny results/free --json -", 0).stdout).unwrap();
    let apart = serde_json::json!([{"key": "constraint", "a": "unit_norm", "b": "none"}]);
    assert_eq!(json["differ_everywhere"], apart);
    assert_eq!(json["matched_by"].as_array().unwrap().len(), 6);
    assert_eq!(
        (json["cells"].as_array().unwrap().len(), &json["cells"][0]["constraint"]),
        (9, &"unit_norm".into())
    );
    // A setting that varies in a folder is always matched: half of the cells of B have no counterpart.
    let both = r#"-o name=both -o sweep.constraint=["none","unit_norm"]"#;
    workplace.run(&format!("run tiny.toml --quiet {both}"), 0);
    let text = workplace.run("compare results/tiny results/both", 0).stdout;
    assert!(text.contains("results: 9 cells in both, 9 of them the very same run"), "{text}");
    assert_eq!(lines(&text, "only in B: 9 cells")[1][0], "none");
    // Why nothing matches is said.
    let text = workplace.run("compare results/both results/tiny", 0).stdout;
    assert!(!text.contains("no constraint is in both"), "{text}");
    workplace.run(r#"run tiny.toml --quiet -o name=seeds -o seeds=[2,3] -o sweep.regularizer=["dae"]"#, 0);
    workplace.run(r#"run tiny.toml --quiet -o name=more -o seeds=[4,5] -o sweep.regularizer=["dae"]"#, 0);
    workplace
        .run("compare results/seeds results/more", 0)
        .says(&["no seed is in both: 2 and 3 in A, 4 and 5 in B"]);
}

#[test]
fn several_common_seeds_give_paired_intervals() {
    let workplace = Workplace::new();
    let of = r#"-o sweep.regularizer=["dae"] -o sweep.sigma_squared=[0.1]"#;
    workplace.run(&format!("run tiny.toml --quiet {of} -o seeds=[1,2,3]"), 0);
    workplace.run(
        &format!("run tiny.toml --quiet {of} -o seeds=[2,3,4] -o name=free -o model.constraint=none"),
        0,
    );
    let json: Json =
        serde_json::from_str(&workplace.run("compare results/tiny results/free --json -", 0).stdout).unwrap();
    let cells = json["cells"].as_array().unwrap();
    let differences: Vec<f64> =
        cells.iter().map(|cell| cell["activation_fraction"]["difference"].as_f64().unwrap()).collect();
    let [first, second] = differences[..] else { panic!("{json}") };
    let means = &json["means"][0];
    assert_eq!((&means["seeds"], means.get("seed")), (&serde_json::json!([2, 3]), None), "{means}");
    let fraction = &means["activation_fraction"];
    // Two differences: their mean ± t(1, 0.975) · |d₁ − d₂| / 2, because sd / √2 is half of their distance.
    let (mean, half) = (f64::midpoint(first, second), 12.706_204_7 * (first - second).abs() / 2.0);
    for (name, found, expected) in [
        ("difference", &fraction["difference"], mean),
        ("low", &fraction["interval"]["low"], mean - half),
        ("high", &fraction["interval"]["high"], mean + half),
    ] {
        assert!((found.as_f64().unwrap() - expected).abs() < 1e-6, "{name}: {found}, {expected}");
    }
    let text = workplace.run("compare results/tiny results/free", 0).stdout;
    let row = lines(&text, "\nactivation fraction").into_iter().nth(2).unwrap();
    assert_eq!(row[0], "2", "{text}");
    assert_eq!(row[3].trim_start_matches('+'), format!("{mean:.4}"), "{text}");
    for list in ["only in A: 1 cell", "only in B: 1 cell"] {
        assert!(text.contains(list), "{text}");
    }
}

#[test]
fn a_tolerance_decides_on_the_exit_code() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    workplace.run("run tiny.toml --quiet -o name=other -o training.epochs=3", 0);
    let compare = "compare results/tiny results/other";
    workplace
        .run(&format!("{compare} --tolerance 1"), 0)
        .says(&["agreement: the fractions of 9 matched runs"]);
    workplace
        .run("compare results/tiny results/tiny --tolerance 0", 0)
        .says(&["differ by at most 0; tolerance 0"]);
    let ended = workplace.run(&format!("{compare} --tolerance 0"), 1);
    ended.says(&["warning: no agreement: ", "differ by more than 0", "avg_activation_fraction"]);
    let ended = workplace.run(&format!("{compare} --tolerance 0 --json -"), 1);
    let json: Json = serde_json::from_str(&ended.stdout).unwrap();
    let check = &json["tolerance"];
    let exceeded = check["exceeded"].as_array().unwrap();
    assert_eq!((&check["compared"], &check["not_compared"]), (&9.into(), &0.into()));
    let largest = check["largest"].as_f64().unwrap();
    assert!(
        exceeded.iter().any(|fraction| fraction["difference"].as_f64().unwrap().abs() == largest),
        "{check}"
    );
    assert!(!exceeded.is_empty() && exceeded[0]["regularizer"] != Json::Null, "{check}");
    // Just above the largest difference all agree, just below not.
    workplace.run(&format!("{compare} --tolerance {}", largest + 1e-9), 0);
    workplace.run(&format!("{compare} --tolerance {}", largest - 1e-9), 1);
    // A cell that only one folder has is a difference.
    workplace.run(r#"run tiny.toml --quiet -o name=less -o sweep.regularizer=["dae"]"#, 0);
    for (a, b) in [("tiny", "less"), ("less", "tiny")] {
        workplace
            .run(&format!("compare results/{a} results/{b} --tolerance 0.5"), 1)
            .says(&["no agreement: 3 cells compared, 6 not compared"]);
    }
    // Two runs.
    let key = workplace.read("results/tiny/runs.csv");
    let key = key
        .lines()
        .nth(2)
        .unwrap()
        .split(',')
        .find(|cell| cell.len() == 16 && cell.bytes().all(|b| b.is_ascii_hexdigit()));
    let run = format!("results/tiny/{}", key.unwrap());
    workplace.run(&format!("compare {run} {run} --tolerance 0"), 0);
    for wrong in ["-1", "2", "nan", "x"] {
        workplace
            .run(&format!("{compare} --tolerance={wrong}"), 2)
            .says(&["a difference of fractions in [0, 1]"]);
    }
}

/// A run that diverged in one folder alone has no number to differ.
#[test]
fn a_run_that_diverged_in_one_folder_is_a_difference() {
    let workplace = Workplace::new();
    let of = r#"-o sweep.regularizer=["dae"] -o sweep.sigma_squared=[0.1] -o model.constraint=none"#;
    workplace.run(&format!("run tiny.toml --quiet {of}"), 0);
    workplace.run(&format!("run tiny.toml --quiet {of} -o name=fast -o training.learning_rate=1e3"), 1);
    workplace
        .run("compare results/tiny results/fast --tolerance 1", 1)
        .says(&["2 of 2 fractions are missing on one side, whose runs diverged"]);
    workplace.run("compare results/fast results/fast --tolerance 0", 0);
}

#[test]
fn runs_are_compared_by_what_determined_them() {
    let workplace = trained();
    let keys = |folder: &str| -> Vec<String> {
        let table = workplace.read(&format!("results/{folder}/runs.csv"));
        let place = table.lines().next().unwrap().split(',').position(|name| name == "run_key").unwrap();
        table.lines().skip(1).map(|line| line.split(',').nth(place).unwrap().to_owned()).collect()
    };
    // DAE at 0.1, after 4 and after 2 epochs.
    let (a, b) = (format!("results/tiny/{}", keys("tiny")[1]), format!("results/other/{}", keys("other")[1]));
    let text = workplace.run(&format!("compare {a} {b}"), 0).stdout;
    assert_eq!(lines(&text, "settings that differ")[1..], [["epochs", "4", "2"].map(str::to_owned).to_vec()]);
    let results = lines(&text, "\nresults").into_iter().skip(2);
    let names: Vec<String> = results.map(|line| line[0].clone()).collect();
    assert!(
        names.iter().any(|name| name == "held_out_reconstruction") && !names.contains(&"penalty".to_owned())
    );
    let json: Json =
        serde_json::from_str(&workplace.run(&format!("compare {a} {b} --json -"), 0).stdout).unwrap();
    assert_eq!((&json["kind"], &json["a"]["name"]), (&"runs".into(), &"tiny".into()));
    // Another model of the same folder, by the beginning of its key.
    let text = workplace.run(&format!("compare {a} results/tiny/{}", &keys("tiny")[8][..9]), 0).stdout;
    for key in ["regularizer.kind", "regularizer.rho", "sigma_squared", "penalty"] {
        assert!(text.contains(key), "{key}: {text}");
    }
}

#[test]
fn units_of_two_runs_with_weights_are_matched() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet -o seeds=[1,2]", 0);
    workplace.run("run tiny.toml --quiet -o name=bare -o output.weights=none", 0);
    let key = |folder: &str, seed: &str| {
        let table = workplace.read(&format!("results/{folder}/runs.csv"));
        let mut lines = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let header = lines.next().unwrap();
        let place = |name: &str| header.iter().position(|column| *column == name).unwrap();
        let [model, sigma, seed_of, key] = ["regularizer", "sigma_squared", "seed", "run_key"].map(place);
        let line = lines.find(|line| line[model] == "dae" && line[sigma] == "0.1" && line[seed_of] == seed);
        format!("results/{folder}/{}", line.unwrap()[key])
    };
    let (one, two) = (key("tiny", "1"), key("tiny", "2"));
    let json = |a: &str, b: &str| -> Json {
        serde_json::from_str(&workplace.run(&format!("compare {a} {b} --json -"), 0).stdout).unwrap()
    };
    let units = json(&one, &two)["units"].clone();
    let mean = units["mean_matched_cosine"].as_f64().unwrap();
    assert!(mean > 0.2 && mean < 0.99, "{units}");
    assert!(units["units_a"].as_u64().unwrap() <= 20 && units["pairs"].as_u64().unwrap() > 10, "{units}");
    let same = json(&one, &one)["units"].clone();
    assert!((same["mean_matched_cosine"].as_f64().unwrap() - 1.0).abs() < 1e-9, "{same}");
    assert_eq!(same["same_fraction"], 1.0);
    let text = workplace.run(&format!("compare {one} {two}"), 0).stdout;
    let lines = lines(&text, "rows of W, matched one to one by their cosines, dead units left out");
    let expected = ["mean", "cosine", &format!("{mean:.4}")].map(str::to_owned);
    assert!(lines.contains(&expected.to_vec()), "{text}");
    // Without weights the comparison is as before.
    assert!(json(&one, &key("bare", "1"))["units"].is_null());
}

#[test]
fn what_is_not_there_or_not_of_a_kind_is_refused() {
    let workplace = trained();
    for (line, parts) in [
        ("compare results/tiny", ["<B>", "Usage"]),
        ("compare results/tiny results/nowhere", ["results/nowhere", "no such file"]),
        ("compare results/nowhere results/tiny", ["results/nowhere", "no such file"]),
        ("compare results/tiny/ffffffffffffffffff results/tiny", ["there is no such run", "dae"]),
    ] {
        workplace.run(line, 2).says(&parts);
    }
}

#[test]
fn hostile_names_stay_in_their_lines() {
    let workplace = trained();
    let path = workplace.path("results/other/manifest.json");
    let mut manifest: Json = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    manifest["config"]["name"] = format!("a\nb\u{1b}[2J{}", "x".repeat(5000)).into();
    manifest["config"]["evil\nkey\u{1b}"] = 1.into();
    fs::write(&path, manifest.to_string()).unwrap();
    let text = workplace.run("compare results/tiny results/other", 0).stdout;
    assert!(!text.contains('\u{1b}') && !text.contains("\nb"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() < 300), "{text}");
    let json = workplace.run("compare results/tiny results/other --json -", 0).stdout;
    assert!(!json.contains('\u{1b}') && serde_json::from_str::<Json>(&json).is_ok());
}
