//! Parts of a plan trained by several processes, as on several machines, and brought together: the files must be those of one
//! machine, byte for byte.

use super::Workplace;
#[cfg(unix)]
use super::faults::signals::send;
use super::faults::{LONG, TRAININGS, assert_same, long, start, wait_for};
use serde_json::Value as Json;
use std::fs;
use std::process::Child;

fn ended(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn claims(workplace: &Workplace) -> usize {
    fs::read_dir(workplace.path("results/long/claims")).map_or(0, Iterator::count)
}

#[test]
fn three_workers_in_one_folder_leave_what_one_machine_does() {
    let (workplace, undisturbed) = long();
    workplace.run("plan long.toml --write plan.json", 0);
    let line = |i| format!("worker --plan plan.json --shard {i}/3 --jobs 1 --quiet");
    let workers: Vec<Child> = [1, 2, 3].map(|i| start(&workplace, &line(i))).into_iter().collect();
    for worker in workers {
        let (code, said) = ended(worker);
        assert_eq!(code, Some(0), "{said}");
    }
    assert!(!workplace.path("results/long/runs.csv").exists(), "no worker has all rows");
    workplace.run("merge --plan plan.json", 0).says(&["6 trainings: 0 trained now, 6 finished before"]);
    assert_same(&workplace, "results/long", &undisturbed);
    let manifest = workplace.manifest("results/long");
    assert_eq!(manifest["seconds"].as_object().unwrap().len(), TRAININGS, "the workers' times are kept");
    assert!(manifest["finished"].is_string());
    // Nothing is left to do for anyone.
    workplace
        .run("worker --plan plan.json --shard 1/1", 0)
        .says(&["6 trainings, 6 finished, 6 of them before"]);
    workplace.run("run long.toml", 0).says(&["0 trained now"]);
    assert_same(&workplace, "results/long", &undisturbed);
}

#[test]
fn folders_of_their_own_are_merged() {
    let (workplace, undisturbed) = long();
    workplace.run("plan long.toml --write plan.json", 0);
    workplace.run("worker --plan plan.json --shard 1/2 --out a --quiet", 0);
    workplace.run("merge --plan plan.json --from a", 1).says(&["not finished: start their workers again"]);
    workplace.run("worker --plan plan.json --shard 2/2 --out b --quiet", 0);
    workplace.run("merge --plan plan.json --from a --from b", 0);
    assert_same(&workplace, "results/long", &undisturbed);
    assert_eq!(workplace.manifest("results/long")["seconds"].as_object().unwrap().len(), TRAININGS);
}

#[test]
fn parts_that_are_missing_or_damaged_are_named() {
    let workplace = Workplace::new();
    workplace.run("plan tiny.toml --write plan.json", 0);
    for (line, folder) in
        [("merge --plan plan.json", "results"), ("merge --plan plan.json --from nowhere", "nowhere")]
    {
        let problem = format!("error: {folder}/tiny: there is no such folder");
        workplace.run(line, 2).says(&[&problem, "--from"]);
    }
    assert!(!workplace.path("results").exists());
    workplace.run("worker --plan plan.json --shard 1/1 --out part --quiet", 0);
    let record = fs::read_dir(workplace.path("part/tiny/records")).unwrap().next().unwrap().unwrap().path();
    fs::write(&record, "{}").unwrap();
    let problem = format!("warning: part/tiny/records/{}: ", record.file_name().unwrap().to_str().unwrap());
    let ended = workplace.run("merge --plan plan.json --from part", 1);
    ended.says(&[&problem, "6 runs from part/tiny", "1 of 7 trainings not finished"]);
    assert_eq!(fs::read(&record).unwrap(), b"{}", "it is left as it was");
}

#[test]
fn a_worker_sets_damaged_files_aside_and_trains_their_runs_again() {
    let workplace = Workplace::new();
    workplace.run("plan tiny.toml --write plan.json", 0);
    let worker = "worker --plan plan.json --shard 1/1";
    workplace.run(&format!("{worker} --quiet"), 0);
    let records = workplace.path("results/tiny/records");
    let mut paths: Vec<_> = fs::read_dir(&records).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let whole = fs::read(&paths[0]).unwrap();
    fs::write(&paths[0], "garbage").unwrap();
    fs::remove_file(&paths[1]).unwrap();
    fs::create_dir(&paths[1]).unwrap();
    let ended = workplace.run(worker, 0);
    for path in &paths[..2] {
        let name = path.file_name().unwrap().to_str().unwrap();
        ended.says(&[&format!("warning: results/tiny/records/{name}: "), &format!("{name}.damaged")]);
    }
    assert_eq!(fs::read(&paths[0]).unwrap(), whole);
    assert_eq!(fs::read_to_string(paths[0].with_extension("json.damaged")).unwrap(), "garbage");
    workplace.run("merge --plan plan.json", 0);
}

#[test]
fn a_damaged_manifest_is_not_copied_by_a_merge() {
    let workplace = Workplace::new();
    workplace.run("plan tiny.toml --write plan.json", 0);
    workplace.run("run tiny.toml --out part --quiet", 0);
    let manifest = workplace.read("part/tiny/manifest.json");
    workplace.write("part/tiny/manifest.json", "{");
    workplace.run("merge --plan plan.json --from part", 2).says(&["part/tiny/manifest.json"]);
    workplace.write("part/tiny/manifest.json", &manifest);
    workplace.run("merge --plan plan.json --from part", 0);
}

#[test]
fn results_that_are_not_merged_are_told_from_none() {
    let workplace = Workplace::new();
    workplace.run("plan tiny.toml --write plan.json", 0);
    workplace.run("worker --plan plan.json --shard 1/1 --quiet", 0);
    let problem = "results/tiny: workers have trained runs of it, which are not merged yet";
    let advice = "aesparse merge --plan FILE --out results";
    for line in [
        "report",
        "verify",
        "verify results/tiny",
        "export results --format jsonl --out -",
        "inspect results/tiny",
        "inspect results/tiny/0123",
        "compare results/tiny results/tiny",
    ] {
        workplace.run(line, 2).says(&[&format!("error: {problem}"), advice]);
    }
    workplace.run("run tiny.toml -o name=other --quiet", 0);
    for line in ["report", "verify", "export results --format jsonl --out all.jsonl"] {
        workplace.run(line, 0).says(&[&format!("warning: {problem}"), advice]);
    }
    workplace.run("merge --plan plan.json", 0);
    assert!(!workplace.run("verify", 0).stderr.contains("merge"));
}

#[cfg(unix)]
#[test]
fn a_worker_that_was_killed_is_replaced_and_another_waits_for_one_that_lives() {
    let (workplace, undisturbed) = long();
    workplace.run("plan long.toml --write plan.json", 0);
    let line = "worker --plan plan.json --shard 1/1 --jobs 2 --patience 2 --quiet";
    let mut killed = start(&workplace, line);
    wait_for("claims", || claims(&workplace) >= 2);
    // However long the others take, it is still there.
    send("STOP", &killed);
    // Neither a run nor a merge comes between a worker and its results.
    workplace.run("run long.toml", 2).says(&["results/long: workers are training"]);
    workplace.run("run long.toml --fresh", 2).says(&["results/long: workers are training"]);
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(claims(&workplace) >= 1, "a kill leaves claims behind");
    // Two that have the same part share its runs.
    let workers = [start(&workplace, line), start(&workplace, line)];
    for worker in workers {
        let (code, said) = ended(worker);
        assert_eq!(code, Some(0), "{said}");
    }
    workplace.run("merge --plan plan.json", 0);
    assert_same(&workplace, "results/long", &undisturbed);
}

/// Two runs are left, which a worker that died had: whoever waits for them says for whom and how long, once for each, and its own
/// patience counts.
#[test]
fn a_worker_that_waits_says_for_whom_and_how_long() {
    let workplace = Workplace::new();
    workplace.run("plan tiny.toml --write plan.json", 0);
    let line = "worker --plan plan.json --shard 1/1 --jobs 2";
    workplace.run(&format!("{line} --quiet"), 0);
    let mut keys: Vec<_> = fs::read_dir(workplace.path("results/tiny/records"))
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    keys.sort();
    keys.truncate(2);
    for options in ["--patience 4", "--patience 4 --log-format json"] {
        fs::create_dir_all(workplace.path("results/tiny/claims")).unwrap();
        for key in &keys {
            fs::remove_file(workplace.path(&format!("results/tiny/records/{key}.json"))).unwrap();
            let claim = format!("{:032x} 10000 worker 1-of-1 (process 7 on node7)\n", 1);
            workplace.write(&format!("results/tiny/claims/{key}"), &claim);
        }
        let said = workplace.run(&format!("{line} {options}"), 0).stderr;
        let waiting: Vec<&str> = said.lines().filter(|line| line.contains("waiting")).collect();
        assert_eq!(waiting.len(), 2, "{said}");
        for key in &keys {
            assert_eq!(waiting.iter().filter(|line| line.contains(key.as_str())).count(), 1, "{key}: {said}");
        }
        for line in waiting {
            assert!(line.contains("worker 1-of-1 (process 7 on node7)"), "{line}");
            let seconds = if options.ends_with("json") {
                let event: Json = serde_json::from_str(line).unwrap();
                assert_eq!(event["event"], "waiting");
                event["seconds_at_most"].as_u64().unwrap()
            } else {
                let (before, _) = line.split_once(" s at most").unwrap();
                before.rsplit_once(' ').unwrap().1.parse().unwrap()
            };
            assert!((1..=4).contains(&seconds), "{line}");
        }
    }
    workplace.run("merge --plan plan.json", 0).says(&["7 finished before"]);
}

#[cfg(unix)]
#[test]
fn a_worker_that_is_stopped_leaves_its_runs_at_once() {
    let (workplace, undisturbed) = long();
    workplace.run("plan long.toml --write plan.json", 0);
    let line = "worker --plan plan.json --shard 1/1 --jobs 2";
    let worker = start(&workplace, line);
    wait_for("claims", || claims(&workplace) >= 2);
    send("USR1", &worker);
    let (code, said) = ended(worker);
    assert_eq!(code, Some(130), "{said}");
    assert_eq!(claims(&workplace), 0);
    // No patience is needed: nobody claims them.
    workplace.run(&format!("{line} --quiet"), 0);
    workplace.run("merge --plan plan.json", 0);
    assert_same(&workplace, "results/long", &undisturbed);
}

#[test]
fn batch_systems_number_the_workers() {
    let workplace = Workplace::new();
    workplace.run("plan tiny.toml --write plan.json", 0);
    let line = "worker --plan plan.json --shards 2 --quiet";
    for (variable, number) in [("SLURM_ARRAY_TASK_ID", "1"), ("JOB_COMPLETION_INDEX", "1")] {
        workplace.command(line).env(variable, number).assert().success();
    }
    workplace.run("merge --plan plan.json", 0).says(&["7 trainings: 0 trained now, 7 finished before"]);
    let refused = workplace.command(line).env("SLURM_ARRAY_TASK_ID", "3").assert().code(2);
    let said = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
    assert!(said.contains("found SLURM_ARRAY_TASK_ID=3; accepted: 1 to 2"), "{said}");
    workplace.command(line).env("SLURM_ARRAY_TASK_ID", usize::MAX.to_string()).assert().code(2);
}

#[test]
fn wrong_plans_and_parts_are_refused() {
    let workplace = Workplace::new();
    workplace.run("plan tiny.toml --write plan.json", 0);
    workplace.run("worker --plan plan.json", 2).says(&["--shard", "--shards"]);
    workplace.run("worker --plan plan.json --shard 3/2", 2).says(&["i/n with i from 1 to n"]);
    for absurd in ["100000000000", "18446744073709551615"] {
        workplace
            .run(&format!("worker --plan plan.json --shard 1/{absurd}"), 2)
            .says(&["--shard", "n at most 1000000"]);
        workplace
            .run(&format!("worker --plan plan.json --shards {absurd}"), 2)
            .says(&["--shards", "1 to 1000000"]);
    }
    workplace.run("worker --plan none.json --shard 1/2", 2).says(&["none.json"]);
    workplace.run("worker --plan tiny.toml --shard 1/2", 2).says(&["tiny.toml", "not a plan", "--write"]);
    let other = "worker --plan plan.json --shard 1/2 -o data.source.seed=2";
    workplace.run(other, 2).says(&["plan.json: its run keys differ", "write it again"]);
    for (patience, said) in [
        ("0.9", "seconds from 1 to 1000000; a worker renews its leases ten times in that time"),
        ("1e7", "seconds from 1 to 1000000"),
        ("soon", "seconds from 1 to 1000000"),
    ] {
        workplace.run(&format!("worker --plan plan.json --shard 1/2 --patience {patience}"), 2).says(&[said]);
    }
    workplace.write("plan.json", &workplace.read("plan.json").replace("aesparse plan 1", "aesparse plan 9"));
    workplace.run("merge --plan plan.json", 2).says(&["its format is `aesparse plan 9`"]);
    assert!(!workplace.path("results").exists());
}

/// A plan's paths lead to their files from wherever it lies.
#[test]
fn a_plan_finds_data_of_ones_own() {
    let workplace = Workplace::new();
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (60, 5), }";
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend(format!("{header:<117}\n").bytes());
    bytes.extend((0..300_u32).map(|i| (i * i % 251) as u8));
    fs::create_dir_all(workplace.path("mine")).unwrap();
    fs::write(workplace.path("mine/x.npy"), bytes).unwrap();
    let own = LONG.lines().filter(|line| !line.starts_with("data.source")).collect::<Vec<_>>().join("\n");
    workplace.write("mine/own.toml", &format!("data.source = {{ kind = \"npy\", path = \"x.npy\" }}\n{own}"));
    let short = "-o training.epochs=2 -o theory.samples=20";
    workplace.run(&format!("plan mine/own.toml {short} --write elsewhere.json"), 0);
    workplace.run("worker --plan elsewhere.json --shard 1/1 --quiet", 0);
    workplace.run("merge --plan elsewhere.json --quiet", 0);
    assert!(!workplace.read("results/own/manifest.json").contains(workplace.path("").to_str().unwrap()));
    workplace.run(&format!("run mine/own.toml {short} --out other --quiet"), 0);
    assert_same(&workplace, "results/own", &workplace.results("other/own"));
}

/// What a merge that was killed has left of another folder's larger plan.
#[test]
fn the_plan_of_another_folder_is_no_plan_of_this_one() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    workplace.run("run tiny.toml -o seeds=[1,2] --out larger --quiet", 0);
    let before = workplace.manifest("results/tiny")["config"].clone();
    fs::create_dir(workplace.path("results/tiny/sessions")).unwrap();
    let left = workplace.path("results/tiny/sessions/merged-0.json");
    fs::copy(workplace.path("larger/tiny/manifest.json"), left).unwrap();
    workplace.run("run tiny.toml", 0);
    assert_eq!(workplace.manifest("results/tiny")["config"], before);
    assert!(!workplace.path("results/tiny/sessions").exists(), "its times are joined");
}
