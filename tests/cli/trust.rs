//! Files of a results folder that are not what they should be: each is named by the commands that read it, none makes them wait, and
//! what was lost is trained again, alone.

use super::faults::{LONG, start, stopped, wait_for};
use super::{Workplace, fs};
use aesparse::store::{Processor, Store};
use std::path::PathBuf;

const READERS: [&str; 4] =
    ["verify", "report", "export results --format jsonl --out e.jsonl", "compare results/tiny results/tiny"];

/// The path of the first record, without its end.
fn first_key(workplace: &Workplace) -> String {
    let records = fs::read_dir(workplace.path("results/tiny/records")).unwrap();
    let names = records.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.min().unwrap().trim_end_matches(".json").to_owned()
}

#[test]
fn foreign_files_among_records_are_passed_over_and_told_of_once() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet -o theory.every=2", 0);
    let key = first_key(&workplace);
    // What macOS leaves beside a file on other file systems.
    for hidden in [format!("records/._{key}.json"), format!("theory/._{key}.json"), "records/.x".to_owned()] {
        workplace.write(&format!("results/tiny/{hidden}"), "\u{0}\u{5}\u{16}\u{7}");
    }
    // What this program has set aside.
    workplace.write(&format!("results/tiny/theory/{key}.csv.damaged"), "unit\n");
    let run = "run tiny.toml -o theory.every=2";
    let all =
        [&[run, "plan tiny.toml", "inspect results/tiny --where sigma_squared=0"][..], &READERS].concat();
    for line in &all {
        let ended = workplace.run(line, 0);
        assert!(!ended.stderr.contains("passed over"), "{line}: {}", ended.stderr);
    }
    // What a synchroniser leaves.
    let copy = format!("records/{key} (conflicted copy).json");
    let record = workplace.read(&format!("results/tiny/records/{key}.json"));
    workplace.write(&format!("results/tiny/{copy}"), &record);
    workplace.write("results/tiny/theory/notes.txt", "mine");
    workplace.run("plan tiny.toml -o theory.every=2 --write plan.json", 0);
    let others = ["worker --plan plan.json --shard 1/1", "merge --plan plan.json", "submit slurm tiny.toml"];
    for line in [&all[..], &others].concat() {
        let ended = workplace.run(line, 0);
        let note = format!(
            "results/tiny/{copy}: no file of this program has such a name; it is passed over, and so is 1 more"
        );
        let times = if line.starts_with("compare") { 2 } else { 1 };
        assert_eq!(ended.stderr.matches(&note).count(), times, "{line}: {}", ended.stderr);
    }
    assert_eq!(workplace.read(&format!("results/tiny/{copy}")), record, "it is left as it is");
}

/// The paths of the final weights of two runs that completed.
fn two_weights(workplace: &Workplace) -> [PathBuf; 2] {
    let runs = fs::read_dir(workplace.path("results/tiny/weights")).unwrap();
    let mut paths: Vec<_> = runs.map(|entry| entry.unwrap().path().join("final.npz")).collect();
    paths.sort();
    [paths[0].clone(), paths[1].clone()]
}

#[test]
fn weights_that_are_not_their_runs_are_named_and_trained_again_alone() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    let before = workplace.results("results/tiny");
    let [path, other] = two_weights(&workplace);
    let (whole, other) = (fs::read(&path).unwrap(), fs::read(other).unwrap());
    let key = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
    let file = format!("results/tiny/weights/{key}/final.npz");
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    for content in [other, whole[..whole.len() / 2].to_vec(), changed, b"destroyed".to_vec()] {
        fs::write(&path, &content).unwrap();
        let problem = [file.as_str(), "not the weights that the run has left: the SHA-256 is "];
        for line in ["verify", "report"] {
            workplace.run(line, 0).says(&["warning: "]).says(&problem);
        }
        for line in [
            format!("encode results/tiny/{key} --out codes.npy"),
            format!("inspect results/tiny/{key}"),
            "export results --format safetensors --out weights".to_owned(),
        ] {
            workplace.run(&line, 2).says(&problem).says(&["-o output.weights=final"]);
        }
        assert!(!workplace.path("codes.npy").exists() && !workplace.path("weights").exists());
        workplace.run("plan tiny.toml", 0).says(&["7 trainings, 6 of them finished", "1 training left"]);
        // Nobody asks for weights, so that none are lacking.
        workplace.run("plan tiny.toml -o output.weights=none", 0).says(&["7 of them finished"]);
        let ended = workplace.run("run tiny.toml", 0);
        ended.says(&problem).says(&["final.npz.damaged, and its run is trained again", "1 trained now"]);
        let aside = path.with_extension("npz.damaged");
        assert_eq!(fs::read(&aside).unwrap(), content, "what was found is kept");
        fs::remove_file(aside).unwrap();
        fs::remove_file(path.with_extension("json.damaged")).unwrap();
        assert_eq!(workplace.results("results/tiny"), before);
    }
    // A sweep that was stopped between setting weights aside and training their run again.
    fs::rename(&path, path.with_extension("npz.damaged")).unwrap();
    workplace.run("run tiny.toml", 0).says(&["1 trained now"]);
    assert_eq!(fs::read(&path).unwrap(), whole);
    // Weights of a version that tied none to their runs.
    fs::remove_file(path.with_extension("npz.damaged")).unwrap();
    fs::remove_file(path.with_extension("json")).unwrap();
    workplace.run("run tiny.toml", 0).says(&["0 trained now"]);
    workplace.run(&format!("encode results/tiny/{key} --out codes.npy"), 0);
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    workplace.run("verify", 0).says(&[&file, "not an .npz archive"]);
    workplace.run("run tiny.toml", 0).says(&["not an .npz archive", "1 trained now"]);
}

/// Another run's folder in its place has the other's tie with it.
#[test]
fn a_folder_of_weights_of_another_run_is_known_by_its_key() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    let [path, other] = two_weights(&workplace);
    for end in ["npz", "json"] {
        fs::copy(other.with_extension(end), path.with_extension(end)).unwrap();
    }
    let other = other.parent().unwrap().file_name().unwrap().to_str().unwrap();
    workplace.run("verify", 0).says(&[&format!("the weights of another run, {other}")]);
    workplace.run("run tiny.toml", 0).says(&["the weights of another run", "1 trained now"]);
}

#[test]
fn a_merge_carries_what_ties_weights_and_leaves_those_that_are_damaged() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    let before = workplace.results("results/tiny");
    workplace.run("plan tiny.toml --write plan.json", 0);
    workplace.run("merge --plan plan.json --from results --out whole --quiet", 0);
    assert_eq!(workplace.results("whole/tiny"), before);
    let [path, _] = two_weights(&workplace);
    fs::write(&path, "destroyed").unwrap();
    let ended = workplace.run("merge --plan plan.json --from results --out part", 1);
    ended.says(&["warning: results/tiny/weights/", "not the weights that the run has left", "6 runs from"]);
    // The weights here stay where the run isn't taken over.
    workplace.run("merge --plan plan.json --from whole --out kept --quiet", 0);
    let own = workplace.path("kept").join(path.strip_prefix(workplace.path("results")).unwrap());
    let key = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
    fs::remove_file(workplace.path(&format!("kept/tiny/records/{key}.json"))).unwrap();
    let ended = workplace.run("merge --plan plan.json --from results --out kept", 1);
    ended.says(&["not the weights that the run has left"]);
    assert!(own.exists());
    workplace
        .run("worker --plan plan.json --shard 1/1 --out part", 0)
        .says(&["7 finished, 6 of them before"]);
    workplace.run("merge --plan plan.json --out part --quiet", 0);
    assert_eq!(workplace.results("part/tiny"), before);
    // A merge into the folder that they were damaged in, from one that has them.
    workplace
        .run("merge --plan plan.json --from whole", 0)
        .says(&["not the weights that the run has left", "1 run from whole/tiny"]);
    workplace.run("verify", 0);
    fs::write(&path, "destroyed").unwrap();
    // A worker there.
    workplace
        .run("worker --plan plan.json --shard 1/1", 0)
        .says(&["its run is trained again", "6 of them before"]);
    workplace.run("verify", 0);
    workplace.run("run tiny.toml", 0).says(&["0 trained now"]);
}

#[test]
fn rows_that_a_table_lacks_are_named() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    let table = workplace.read("results/tiny/runs.csv");
    let without = |place: usize| {
        let lines = table.lines().enumerate().filter(|(line, _)| *line != place);
        lines.map(|(_, line)| format!("{line}\n")).collect::<String>()
    };
    // The last cell; and one whose run, at σ² = 0, two others share.
    for (place, cell) in [(9, "relu, unit_norm, kl_sae, σ² = 0.5, seed 1"), (4, "cae, σ² = 0, seed 1")] {
        workplace.write("results/tiny/runs.csv", &without(place));
        for line in READERS {
            workplace
                .run(line, 0)
                .says(&["warning: results/tiny/runs.csv: it lacks 1 finished cell of its plan", cell]);
        }
    }
    // A part of the cells is asked for; the warning is about the table.
    let line = "export results/tiny --where regularizer=dae --format jsonl --out e.jsonl";
    assert_eq!(workplace.run(line, 0).stderr.matches("it lacks").count(), 1);
    workplace.write("results/tiny/runs.csv", &table);
    for line in READERS {
        let ended = workplace.run(line, 0);
        assert!(!ended.stderr.contains("it lacks"), "{line}: {}", ended.stderr);
    }
    assert_eq!(workplace.run(line, 0).stderr.matches("it lacks").count(), 0);
    workplace.write("results/tiny/runs.csv", &table.replacen(",0,", ",1,", 1));
    workplace.run("verify", 2).says(&["results/tiny/runs.csv: its line of the run ", "than the record"]);
}

/// A smaller command can't make them again.
#[test]
fn rows_whose_records_are_gone_are_not_lost_to_a_smaller_command() {
    let workplace = Workplace::new();
    let whole = "run tiny.toml -o seeds=[1,2]";
    workplace.run(&format!("{whole} --quiet"), 0);
    workplace.run("plan tiny.toml --write plan.json", 0);
    let before = workplace.results("results/tiny");
    let config = workplace.manifest("results/tiny")["config"].clone();
    let path = |name: &str| workplace.path(&format!("results/tiny/{name}"));
    fs::rename(path("records"), workplace.path("gone")).unwrap();
    for line in ["run tiny.toml", "merge --plan plan.json", "worker --plan plan.json --shard 1/1"] {
        workplace.run(line, 2).says(&[
            "results/tiny/runs.csv: 9 rows ",
            "have no record",
            "put the records back",
        ]);
    }
    assert_eq!(workplace.read("results/tiny/runs.csv").as_bytes(), before[&PathBuf::from("runs.csv")]);
    assert_eq!(workplace.manifest("results/tiny")["config"], config);
    fs::remove_dir(path("records")).unwrap();
    fs::rename(workplace.path("gone"), path("records")).unwrap();
    workplace.run(whole, 0).says(&["0 trained now"]);
    workplace.run("run tiny.toml", 0);
    let mut after = workplace.results("results/tiny");
    after.retain(|path, _| !path.starts_with("claims"));
    assert!(after == before);
    // A damaged record is told of, and costs its row alone.
    let table = workplace.read("results/tiny/runs.csv");
    let last = table.lines().last().unwrap();
    let is_last = |key: &String| last.contains(key.as_str());
    let keys = fs::read_dir(path("records"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().trim_end_matches(".json").to_owned());
    let key = keys.into_iter().find(is_last).unwrap();
    workplace.write(&format!("results/tiny/records/{key}.json"), "{}");
    workplace.run("run tiny.toml", 0).says(&["trained again where the plan has it", "0 trained now"]);
    assert_eq!(workplace.read("results/tiny/runs.csv"), table.replace(&format!("{last}\n"), ""));
    workplace.run(whole, 0).says(&["1 trained now"]);
    assert_eq!(workplace.read("results/tiny/runs.csv"), table);
    // Without the manifest nothing says that the other seed is in the folder's plan.
    fs::remove_file(path("manifest.json")).unwrap();
    workplace.run("run tiny.toml", 2).says(&[
        "results/tiny/runs.csv: 9 rows ",
        "are finished",
        "manifest.json",
    ]);
    assert_eq!(workplace.read("results/tiny/runs.csv"), table);
    workplace.run(whole, 0).says(&["0 trained now"]);
    assert_eq!(workplace.read("results/tiny/runs.csv"), table);
}

#[cfg(unix)]
#[test]
fn pipes_under_our_names_are_named_and_nobody_waits_for_them() {
    let workplace = Workplace::new();
    let run = "run tiny.toml -o theory.every=2 -o evaluation.distribution=true";
    workplace.run(&format!("{run} --quiet"), 0);
    workplace.run("plan tiny.toml --write plan.json", 0);
    let key = first_key(&workplace);
    let weights = format!("weights/{key}/final.npz");
    // In the folder, then outside: what reads it, with its exit code.
    let inspect = format!("inspect results/tiny/{key}");
    let cases: &[(&str, &[(&str, i32)])] = &[
        ("results/tiny/manifest.json", &[(run, 2), ("plan tiny.toml", 2), ("verify", 2)]),
        ("results/tiny/runs.csv", &[(run, 2), ("verify", 2), ("report", 2)]),
        ("results/tiny/epochs.csv", &[(run, 2)]),
        ("results/tiny/theory.csv", &[(run, 2)]),
        (&format!("results/tiny/records/{key}.json"), &[("plan tiny.toml", 2), ("verify", 2), (run, 0)]),
        (&format!("results/tiny/theory/{key}.json"), &[("verify", 2), (run, 0)]),
        (&format!("results/tiny/distribution/{key}.json"), &[("verify", 2), (run, 0)]),
        (&format!("results/tiny/{weights}"), &[("verify", 0), (&inspect, 2), (run, 0)]),
        ("plan.json", &[("worker --plan plan.json --shard 1/1", 2)]),
        ("tiny.toml", &[(run, 2)]),
    ];
    for (file, commands) in cases {
        let (path, kept) = (workplace.path(file), workplace.path("kept"));
        fs::rename(&path, &kept).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        for (line, code) in *commands {
            let child = start(&workplace, line);
            let id = child.id();
            let watch = std::thread::spawn(move || child.wait_with_output().unwrap());
            let begun = std::time::Instant::now();
            while !watch.is_finished() {
                if begun.elapsed().as_secs() > 60 {
                    let _ = std::process::Command::new("kill").args(["-9", &id.to_string()]).status();
                    panic!("{line} waits for {file}");
                }
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            let output = watch.join().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(*code), "{line}: {said}");
            assert!(
                said.contains(file) && said.contains("a named pipe (FIFO)"),
                "{line} with {file}: {said}"
            );
        }
        // What was set aside was trained again.
        if !fs::metadata(&path).unwrap().is_file() {
            fs::rename(&kept, &path).unwrap();
        }
    }
    workplace.run(run, 0).says(&["0 trained now"]);
}

#[test]
fn records_that_are_removed_meanwhile_are_lost_and_said_to_be() {
    let workplace = Workplace::new();
    workplace.write("long.toml", LONG);
    let child = start(&workplace, "run long.toml --jobs 1");
    let records = workplace.path("results/long/records");
    let is_record = |path: PathBuf| path.extension().is_some_and(|end| end == "json");
    wait_for("a run", || {
        fs::read_dir(&records).is_ok_and(|found| found.flatten().any(|entry| is_record(entry.path())))
    });
    fs::rename(&records, workplace.path("gone")).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("finished runs are lost") && said.contains("records/ is gone"), "{said}");
    assert!(!said.contains("is stored"), "{said}");
    assert!(!records.exists(), "half of the records would be worse than none");
    fs::rename(workplace.path("gone"), &records).unwrap();
    workplace.run("run long.toml", 0).says(&["finished before"]);
}

/// More runs may be lost than were trained now.
#[test]
fn records_of_runs_that_were_finished_before_may_be_removed_meanwhile_too() {
    let workplace = Workplace::new();
    workplace.write("long.toml", LONG);
    workplace.run("run long.toml -o sweep.activation=[\"relu\"] --quiet", 0);
    let child = start(&workplace, "run long.toml --jobs 1");
    let checkpoints = workplace.path("results/long/checkpoints");
    wait_for("a checkpoint", || fs::read_dir(&checkpoints).is_ok_and(|mut found| found.next().is_some()));
    fs::rename(workplace.path("results/long/records"), workplace.path("gone")).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("finished runs are lost") && !said.contains("panicked"), "{said}");
}

/// A run that is left by a processor with other instructions, as another node of a cluster may be.
#[test]
fn a_run_is_resumed_on_another_instruction_set_only_where_that_is_asked_for() {
    let (workplace, _, left) = stopped();
    let key = left[0].file_stem().unwrap().to_str().unwrap().to_owned();
    let other = Processor { cpu_model: Some("Z80".to_owned()), instruction_set: "z80".to_owned() };
    {
        let store = Store::open(&workplace.path("results"), "long").unwrap();
        let stored = store.checkpoint(&key, false).unwrap().unwrap();
        store.save_checkpoint(&key, &stored.checkpoint, std::slice::from_ref(&other)).unwrap();
    }
    let copied = |to: &str| {
        let (from, to) = (workplace.path("results"), workplace.path(to));
        assert!(std::process::Command::new("cp").arg("-r").arg(from).arg(to).status().unwrap().success());
    };
    copied("anywhere");
    let ended = workplace.run("run long.toml --jobs 1", 0);
    ended.says(&["warning: the checkpoint of ", &key, "it was computed on Z80, z80", "--resume-anywhere"]);
    ended.says(&["the run was trained from its beginning"]);
    let record = |root: &str| workplace.read(&format!("{root}/long/records/{key}.json"));
    assert!(!record("results").contains("Z80"));

    let ended = workplace.run("run long.toml --jobs 1 --out anywhere --resume-anywhere", 0);
    assert!(!ended.stderr.contains("is not used"), "{}", ended.stderr);
    let parsed: super::Json = serde_json::from_str(&record("anywhere")).unwrap();
    assert_eq!(parsed["earlier_computed_on"], serde_json::json!([other]));
    assert_eq!(parsed["computed_on"], serde_json::to_value(Processor::detect()).unwrap());
    let theory = workplace.read(&format!("anywhere/long/theory/{key}.json"));
    assert!(theory.contains("Z80") && !record("results").contains("earlier_computed_on"));
    ended.says(&["different instruction sets", "z80: 1 run"]);
    workplace.run("verify anywhere", 0);
}
