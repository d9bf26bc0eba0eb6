//! `verify`: verdicts on the results of a tiny sweep.

use super::Workplace;
use super::data::committed;
use serde_json::Value as Json;
use std::fs;
use std::path::PathBuf;

/// Claim 3 asks DAE to fall; a single step changes next to nothing, which contradicts it.
const UNTRAINED: &str = r#"
name = "untrained"
seeds = [1, 2, 3, 4, 5, 6]
data = { source = "mnist", samples = 60 }
model.hidden = 20
training = { epochs = 1, batch = 60 }
sweep = { sigma_squared = [0, 0.1, 0.5], regularizer = ["dae", "cae"] }
"#;

/// A workplace with the results of [`UNTRAINED`], and the folder of the data; none in a packaged crate.
fn trained() -> Option<(Workplace, PathBuf)> {
    let data = committed()?;
    let workplace = Workplace::new();
    workplace.write("untrained.toml", UNTRAINED);
    workplace.run(&format!("run untrained.toml --quiet --data-dir {}", data.display()), 0);
    Some((workplace, data))
}

#[test]
fn verdicts_stand_in_a_table_with_their_numbers() {
    let Some((workplace, _)) = trained() else { return };
    let before = workplace.results("results/untrained");
    let ended = workplace.run("verify", 0);
    ended.says(&[
        "Claim 3: contradicted (exploratory)\nReLU, unit-length weights: DAE gets less active as σ² grows",
        "Contradicted if a model's drop from σ² = 0 to the largest is certainly below 0.02",
        "MNIST, DAE     ✗ contradicted",
        "drop from σ² = 0",
        "6 seeds",
        "CIFAR-10, DAE  ? undecided",
        "- CIFAR-10, DAE: there are no runs of dae on cifar10 (relu, unit_norm)",
        "- mnist: not the paper's protocol: batch 60 instead of 50, epochs 1 instead of 50",
        "VERDICTS on 36 cells of untrained in results\n",
        "\n3      ✗ contradicted (exploratory)",
        " claims: 0 supported, ",
    ]);
    assert!(!ended.stdout.contains("Claim 5:"), "there are no runs with free weights: {}", ended.stdout);
    assert!(ended.stderr.is_empty(), "{}", ended.stderr);
    let widest = ended.stdout.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{widest:?}");
    assert_eq!(workplace.results("results/untrained"), before, "nothing is written");
    // One folder is as good as its root.
    let of_folder = workplace.run("verify results/untrained", 0);
    assert_eq!(of_folder.stdout.replace("results/untrained\n", "results\n"), ended.stdout);
}

#[test]
fn scripts_get_json_and_an_exit_code() {
    let Some((workplace, data)) = trained() else { return };
    let ended = workplace.run("verify --json - --fail-on contradicted", 1);
    let document: Json = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["format"], "aesparse verdicts 2");
    let claims = document["claims"].as_array().unwrap();
    assert_eq!(claims.len(), 15);
    assert_eq!((&claims[2]["id"], &claims[2]["verdict"]), (&"3".into(), &"contradicted".into()));
    let basis = &claims[2]["parts"][0]["measures"][0]["basis"];
    assert_eq!(basis["seeds"], serde_json::json!([1, 2, 3, 4, 5, 6]));
    let ended_with_file = workplace.run("verify --json out/verdicts.json", 0);
    ended_with_file.says(&["written: out/verdicts.json", "VERDICTS on"]);
    assert_eq!(workplace.read("out/verdicts.json"), ended.stdout);
    // CAE stays where it is, as claimed.
    let data = data.display();
    workplace.run(
        &format!("run untrained.toml --quiet -o sweep.regularizer=[\"cae\"] --out of_cae --data-dir {data}"),
        0,
    );
    workplace.run("verify of_cae --fail-on contradicted", 0);
}

#[test]
fn verify_says_when_there_is_nothing_to_judge() {
    let workplace = Workplace::new();
    workplace.run("verify", 2).says(&["error: results: there are no results; train a configuration first"]);
    workplace.run("verify nowhere", 2).says(&["error: nowhere: "]);
    workplace.run("verify --fail-on undecided", 2).says(&["undecided", "contradicted"]);
    workplace.run("run tiny.toml --quiet", 0);
    let ended = workplace.run("verify", 0);
    ended.says(&[
        "the paper's claims are about other runs than these",
        "0 claims: 0 supported, 0 contradicted, 0 undecided",
    ]);
    assert!(!ended.stdout.contains("Claim"), "{}", ended.stdout);
    let record = workplace.path("results/tiny/records");
    let first = fs::read_dir(record).unwrap().next().unwrap().unwrap().path();
    fs::write(first, "{}").unwrap();
    workplace.run("verify", 2).says(&["error: results/tiny/records"]);
}
