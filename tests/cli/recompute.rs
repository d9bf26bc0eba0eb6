//! `verify --recompute`: stored runs are trained again and compared, number by number, and nothing is written into their folder.

use super::Workplace;
use aesparse::store::Record;
use serde_json::Value as Json;
use std::fs;
use std::path::PathBuf;

fn trained() -> Workplace {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    workplace
}

/// Changes a stored record, and gives it a valid digest; its path.
fn alter(workplace: &Workplace, change: impl Fn(&mut Record)) -> PathBuf {
    let mut paths: Vec<PathBuf> = fs::read_dir(workplace.path("results/tiny/records"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let mut record = Record::load(&paths[0]).unwrap();
    change(&mut record);
    fs::write(&paths[0], record.encode().unwrap()).unwrap();
    paths.remove(0)
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

#[test]
fn stored_runs_come_out_bit_for_bit_and_nothing_is_written() {
    let workplace = trained();
    let (before, manifest) =
        (workplace.results("results/tiny"), workplace.read("results/tiny/manifest.json"));
    let ended = workplace.run("verify --recompute 100 --seed 1", 0);
    ended.says(&[
        "training 7 of 7 completed runs again, drawn with --seed 1: about ",
        "by their stored times",
        "[7/7]",
        "RECOMPUTED 7 of 7 completed runs",
        "dae, σ² = 0.5, seed 1",
        "✓ identical",
        "7 runs: 7 identical.",
    ]);
    assert!(workplace.results("results/tiny") == before);
    assert_eq!(workplace.read("results/tiny/manifest.json"), manifest);
    let found: Vec<_> =
        fs::read_dir(workplace.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(found.len(), 2, "tiny.toml and results: {found:?}");

    // The seed that is printed draws the same runs again, whatever the number of jobs; without one, others are drawn.
    let draw = |options: &str| {
        let text = workplace.run(&format!("verify results/tiny --recompute 2 --json - {options}"), 0).stdout;
        json(&text)["recomputation"].clone()
    };
    let drawn = draw("");
    assert_eq!(drawn["runs"].as_array().unwrap().len(), 2);
    assert!(drawn["runs"].as_array().unwrap().iter().all(|run| run["result"] == "identical"), "{drawn}");
    assert_eq!(drawn["completed_runs"], 7);
    assert_eq!(draw(&format!("--seed {} --jobs 1", drawn["seed"])), drawn);
    let keys = |seed: u32| draw(&format!("--seed {seed} --quiet"))["runs"].to_string();
    assert!((2..6).any(|seed| keys(seed) != keys(1)));
    assert_eq!(json(&workplace.run("verify --json -", 0).stdout)["recomputation"], Json::Null);
}

#[test]
fn a_number_that_does_not_come_out_is_named_with_both_values() {
    let workplace = trained();
    let path = alter(&workplace, |record| record.measurements[1].reconstruction += 0.25);
    let key = path.file_stem().unwrap().to_str().unwrap();
    let record = Record::load(&path).unwrap();
    let stored = record.measurements[1].reconstruction.to_string();
    let before = workplace.results("results/tiny");
    let ended = workplace.run("verify --recompute 7 --json verdicts.json", 1);
    ended.says(&[
        &format!("tiny/{key}"),
        "✗ different",
        "7 runs: 6 identical, 1 different.",
        "reconstruction",
        &stored,
    ]);
    let warning = format!(
        "warning: tiny/{key} differs in 1 number, the first is reconstruction after epoch 2: stored {stored}, now "
    );
    assert!(ended.stderr.contains(&warning), "{}", ended.stderr);
    assert!(workplace.results("results/tiny") == before);
    let document = json(&workplace.read("verdicts.json"));
    let runs = document["recomputation"]["runs"].as_array().unwrap();
    let run = runs.iter().find(|run| run["run_key"] == key).unwrap();
    assert_eq!(run["result"], "different");
    let [difference] = run["differences"].as_array().unwrap().as_slice() else { panic!("{run}") };
    assert_eq!((&difference["quantity"], &difference["epoch"]), (&"reconstruction".into(), &2.into()));
    let [stored, recomputed] = ["stored", "recomputed"].map(|value| difference[value].as_f64().unwrap());
    assert!((stored - recomputed - 0.25).abs() < 1e-9, "{difference}");

    // Without a word on stdout, the number is still named.
    let ended = workplace.run("verify --recompute 7 --quiet", 1);
    assert!(ended.stdout.is_empty() && ended.stderr.contains(&warning), "{}{}", ended.stdout, ended.stderr);

    // Counts by threshold, of which no measurement depends.
    let workplace = trained();
    alter(&workplace, |record| record.activity.as_mut().unwrap().pairs_above[3] += 1);
    workplace.run("verify --recompute 7", 1).says(&["activity.pairs_above[3]", "1 different"]);
}

/// What was computed on another instruction set may differ in last digits, so that only large differences count.
#[test]
fn numbers_of_another_instruction_set_are_compared_within_tolerances() {
    let workplace = trained();
    alter(&workplace, |record| {
        record.processor.instruction_set = "another".to_owned();
        record.measurements[1].reconstruction += 0.25;
    });
    let ended = workplace.run("verify --recompute 7", 0);
    ended.says(&["7 runs: 6 identical, 1 within tolerance.", "stored on another may differ by 0.003"]);
}

#[test]
fn what_cannot_be_trained_again_is_refused_or_named() {
    let workplace = trained();
    workplace.run("verify --recompute 0", 2).says(&["--recompute", "0"]);
    workplace.run("verify --seed 1", 2).says(&["--recompute"]);
    workplace.run("verify nowhere --recompute 1", 2).says(&["error: nowhere"]);

    // Data that is no longer there.
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (40, 3), }";
    let start =
        [b"\x93NUMPY\x01\x00", &118_u16.to_le_bytes()[..], format!("{header:<117}\n").as_bytes()].concat();
    let values = (0..120).flat_map(|k| (((k * 37) % 101) as f32).to_le_bytes());
    fs::write(workplace.path("x.npy"), start.into_iter().chain(values).collect::<Vec<u8>>()).unwrap();
    let own = "name = \"own\"\ndata.source = { kind = \"npy\", path = \"x.npy\" }\nmodel.hidden = 5\n\
               training = { epochs = 1, batch = 20 }\nsweep = { sigma_squared = [0, 0.1], regularizer = [\"dae\"] }\n";
    workplace.write("own.toml", own);
    workplace.run("run own.toml --quiet", 0);
    workplace.run("verify --recompute 9", 0).says(&["9 runs: 9 identical."]);
    fs::rename(workplace.path("x.npy"), workplace.path("y.npy")).unwrap();
    let ended = workplace.run("verify --recompute 9", 0);
    ended.says(&[
        "warning: skipped: own/",
        " and own/",
        "x.npy: there is no such file",
        "7 identical",
        "2 skipped",
    ]);
    let ended = workplace.run("verify results/own --recompute 2", 2);
    ended.says(&["error: results/own: none of the 2 drawn runs can be trained again here", "x.npy"]);

    // Of runs that diverged there is nothing to compare.
    workplace
        .run("run tiny.toml --quiet --out bad -o training.learning_rate=1000 -o model.constraint=none", 1);
    workplace
        .run("verify bad --recompute 1", 2)
        .says(&["error: bad: it has no completed run to train again"]);
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_at_the_next_step() {
    use super::faults::{LONG, signals::send, start};
    use std::io::{BufRead as _, BufReader};
    let workplace = Workplace::new();
    workplace.write("long.toml", LONG);
    workplace.run("run long.toml --quiet", 0);
    let before = workplace.results("results/long");
    let mut child = start(&workplace, "verify --recompute 6 --jobs 1 --log-format json");
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| json(&line)["event"] == "epoch"), "no run begins");
    send("INT", &child);
    let said: String = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.contains("interrupted: ") && said.contains("not trained again"), "{said}");
    assert!(workplace.results("results/long") == before);
}
