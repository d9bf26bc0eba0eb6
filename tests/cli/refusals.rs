//! What is refused before any training: exit code 2, a message that names the fault, and nothing changed.

use super::{TINY, Workplace, collect};
use ndarray::Array2;
use ndarray_npy::write_npy;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[test]
fn every_problem_of_a_configuration_is_told_on_a_line_of_its_own() {
    let workplace = Workplace::new();
    workplace.write("broken.toml", &format!("{TINY_BROKEN}\n"));
    for command in ["run", "plan"] {
        let ended = workplace.run(&format!("{command} broken.toml -o training.epochs=none"), 2);
        let lines: Vec<&str> = ended.stderr.lines().collect();
        assert_eq!(lines.len(), 3, "{}", ended.stderr);
        assert!(lines[0].starts_with("error: broken.toml:2:") && lines[0].contains("hiden"), "{}", lines[0]);
        assert!(lines[1].starts_with("error: broken.toml:3:") && lines[1].contains("batch"), "{}", lines[1]);
        assert!(lines[2].starts_with("error: -o training.epochs:"), "{}", lines[2]);
        assert!(ended.stdout.is_empty());
    }
    assert!(!workplace.path("results").exists());
}

const TINY_BROKEN: &str = "data.source = 'synthetic'\nmodel.hiden = 20\ntraining.batch = -1";

#[test]
fn wrong_usage_and_missing_files_are_refused() {
    let workplace = Workplace::new();
    for (line, parts) in [
        ("run", ["CONFIG", "Usage"]),
        ("run tiny.toml --frobnicate", ["--frobnicate", "Usage"]),
        ("run tiny.toml --jobs 0", ["invalid value '0' for '--jobs", "accepted: a whole number from 1"]),
        ("run tiny.toml -j -1", ["invalid value '-1'", "accepted: a whole number from 1"]),
        ("verify --recompute 2 --seed x", ["invalid value 'x'", "accepted: a whole number from 0"]),
        (
            "data patches --train 2000000",
            ["invalid value '2000000'", "accepted: a whole number from 1 to 1000000"],
        ),
        ("run tiny.toml --log-format xml", ["xml", "json"]),
        ("train tiny.toml", ["train", "Usage"]),
        ("run tiny.toml --epochs 2", ["-o training.epochs=2", "Usage"]),
        ("run tiny.toml --seed 3", ["-o 'seeds=[3]'", "-o 'seeds=[1, 2, 3]'"]),
        ("run tiny.toml --num-threads 4", ["--threads 4", "Usage"]),
        ("run tiny.toml -o seeds=3", ["`seeds=[3]`", "`seeds=[1, 2, 3]`"]),
        ("run absent.toml", ["error: absent.toml", "No such file"]),
        (
            "run tiny.toml -o data.source.kind=npy -o data.source={kind=\"npy\",path=\"absent.npy\"}",
            ["error: ", "npy"],
        ),
    ] {
        workplace.run(line, 2).says(&parts);
    }
    let ended = workplace.run("run tiny.toml -o data.source=\"mnist\" --data-dir nowhere", 2);
    ended.says(&["error: ", "mnist", "nowhere", "--data-dir"]);
    assert!(!workplace.path("results").exists());
}

/// A shell puts a home folder in place of `~` at a word's beginning alone, so not in `--out=~/x`.
#[test]
fn a_home_folder_that_the_shell_has_left_is_refused_by_name() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    for (line, option) in [
        ("run tiny.toml --out=~/x", "--out"),
        ("figures --out=~", "--out"),
        ("plan tiny.toml --write=~/plan.json", "--write"),
        ("submit slurm tiny.toml --out=~ada/x", "--out"),
        ("worker --plan=~/plan.json --shard 1/1", "--plan"),
        ("merge --plan plan.json --from a --from=~/b", "--from"),
        ("report --markdown=~/page.md", "--markdown"),
        ("report --out=~/x", "--out"),
        ("verify --json=~/x", "--json"),
        ("compare results/tiny results/tiny --json=~/x", "--json"),
        ("export results --format jsonl --out=~/x", "--out"),
        ("encode results/tiny --out=~/x.npy", "--out"),
        ("inspect results/tiny --out=~/x", "--out"),
        ("inspect results/tiny --ids=~/x", "--ids"),
        ("data patches --data-dir=~/x", "--data-dir"),
        ("man ~/x", "DIR"),
        ("new ~/x.toml", "FILE"),
    ] {
        workplace.run(line, 2).says(&["invalid value '~", option, "did not expand `~`; accepted: ", "./~"]);
    }
    assert!(!workplace.path("~").exists() && !workplace.path("~ada").exists());
    workplace.run("run tiny.toml --quiet --out=./~/x", 0);
    assert!(workplace.path("~/x/tiny/runs.csv").exists(), "a folder may be called so");
}

#[test]
fn missing_data_names_every_place_in_the_order_in_which_it_was_looked_for() {
    let workplace = Workplace::new();
    fs::create_dir_all(workplace.path("project/configs")).unwrap();
    fs::create_dir_all(workplace.path("project/data")).unwrap();
    workplace.write("project/configs/mine.toml", "data = { source = \"mnist\", dir = \"../elsewhere\" }");
    let mut command = workplace.command("run project/configs/mine.toml --data-dir given");
    let output = command.env("AESPARSE_DATA", "from_environment").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    let places = [
        "/given (--data-dir)",
        "/from_environment (AESPARSE_DATA)",
        "/project/configs/../elsewhere (data.dir of the config)",
        "/project/data (data/ of the config's project)",
        "/data (data/ of the current directory)",
    ];
    let found: Vec<_> = places.iter().map(|place| message.find(place)).collect();
    assert!(found.iter().all(Option::is_some) && found.is_sorted(), "{found:?}\n{message}");
    assert!(!message.contains("configs/project"), "joined twice: {message}");
}

#[test]
fn folders_that_are_not_for_results_are_refused() {
    let workplace = Workplace::new();
    workplace.write("file", "not a folder");
    workplace.run("run tiny.toml --out file/below", 2).says(&["error: file/below/tiny", "--out"]);
    workplace.run("plan tiny.toml --write file/below/plan.json", 2).says(&["error: ", "file/below"]);
    assert_eq!(workplace.read("file"), "not a folder");
}

#[test]
fn a_results_folder_is_no_root_of_results() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    workplace.run("plan tiny.toml --write plan.json", 0);
    let everything = || {
        let mut files = BTreeMap::new();
        collect(&workplace.path(""), Path::new(""), &mut files);
        files
    };
    let before = everything();
    for line in [
        "run tiny.toml",
        "run tiny.toml --fresh",
        "run tiny.toml --dry-run",
        "theory tiny.toml",
        "figures 1 -o data.source=synthetic",
        "plan tiny.toml",
        "submit slurm tiny.toml",
        "worker --plan plan.json --shard 1/1",
        "merge --plan plan.json",
    ] {
        for (out, found) in [
            ("results/tiny", "it is a"),
            ("./results/tiny/", "it is a"),
            ("results/tiny/records", "it lies in a"),
        ] {
            let ended = workplace.run(&format!("{line} --out {out}"), 2);
            ended.says(&[
                &format!("--out {out}: {found} results folder; "),
                "results have folders of their own",
            ]);
            assert!(ended.stderr.trim_end().ends_with("results"), "{}", ended.stderr);
        }
    }
    let ended = workplace.run("merge --plan plan.json --from results/tiny --out other", 2);
    ended.says(&["--from results/tiny: it is a results folder", "probably --from results"]);
    let mut inside = workplace.command("run ../../tiny.toml --out .");
    let output = inside.current_dir(workplace.path("results/tiny")).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    let root = workplace.path("results").canonicalize().unwrap();
    assert!(said.contains(&format!("probably --out {}", root.display())), "{said}");
    assert!(everything() == before);
    // What another program keeps so is no obstacle.
    fs::create_dir(workplace.path("records")).unwrap();
    workplace.write("manifest.json", "{\"name\": \"an app\"}");
    workplace.run("run tiny.toml --quiet", 0);
}

/// Results of samples in a file, so that these are an input too.
#[test]
fn an_output_replaces_neither_what_was_trained_nor_an_input() {
    let workplace = Workplace::new();
    let samples = Array2::from_shape_fn((60, 12), |(i, j)| ((i * i + 3 * j) % 17) as f32 / 17.0);
    for name in ["mine.npy", "own.npy"] {
        write_npy(workplace.path(name), &samples).unwrap();
    }
    let source = TINY.lines().find(|line| line.starts_with("data.source")).unwrap();
    let of_file = TINY.replace(source, "data.source = { kind = \"npy\", path = \"mine.npy\" }");
    workplace.write("tiny.toml", &of_file);
    workplace.write(
        "held.toml",
        &format!("data.held_out = \"own.npy\"\n{}", of_file.replace("\"tiny\"", "\"held\"")),
    );
    workplace.run("run tiny.toml --quiet", 0);
    let everything = || {
        let mut files = BTreeMap::new();
        collect(&workplace.path(""), Path::new(""), &mut files);
        files
    };
    let before = everything();
    let run = "results/tiny --where regularizer=dae --where sigma_squared=0.5";
    let (inside, input) = ("it lies in the results folder", "it is an input");
    for (line, problem) in [
        (format!("encode {run} --out mine.npy"), input),
        (format!("encode {run} --input own.npy --out own.npy"), input),
        (format!("encode {run} --data ./own.npy --out own.npy"), input),
        ("plan tiny.toml --write tiny.toml".to_owned(), input),
        ("plan held.toml --write own.npy".to_owned(), input),
        ("verify results --json mine.npy".to_owned(), input),
        ("verify results --recompute 1 --json results/tiny/records/v.json".to_owned(), inside),
        ("man results/tiny".to_owned(), inside),
        ("export results --format jsonl --out mine.npy".to_owned(), input),
        ("plan tiny.toml --write results/../mine.npy".to_owned(), input),
        ("report results --markdown tiny.toml --blocks tiny.toml".to_owned(), input),
        ("plan tiny.toml --write results/tiny/manifest.json".to_owned(), inside),
        ("compare results/tiny results/tiny --json results/tiny/runs.csv".to_owned(), inside),
        ("verify results --json results/tiny/manifest.json".to_owned(), inside),
        ("report results --markdown results/tiny/runs.csv".to_owned(), inside),
        ("report results --markdown results/tiny/README.md".to_owned(), inside),
        ("report results/tiny --markdown results/tiny/runs.csv".to_owned(), inside),
        (format!("inspect {run} --out results/tiny/records"), inside),
        (format!("inspect {run} --out results/tiny/inspect"), inside),
        ("export results --format tensorboard --out results".to_owned(), inside),
        ("export results/tiny --format safetensors --out results".to_owned(), inside),
    ] {
        workplace.run(&line, 2).says(&[problem, "accepted: "]);
        assert!(everything() == before, "{line}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(workplace.path("results/tiny/records"), workplace.path("link")).unwrap();
        workplace.run("verify --json link/verdicts.json", 2).says(&[inside]);
    }
    // The root is nobody's, and a run's pictures have a place in its results.
    workplace.run("verify --json results/verdicts.json", 0);
    workplace.run(&format!("inspect {run} --quiet"), 0);
    let drawn = fs::read_dir(workplace.path("results/tiny/inspect")).unwrap().next().unwrap().unwrap();
    let own = format!("results/tiny/inspect/{}", drawn.file_name().to_str().unwrap());
    workplace.run(&format!("inspect {run} --out {own}"), 0).says(&[&own]);
    // Stdout is no file, wherever one stands.
    workplace.command("verify .. --json -").current_dir(workplace.path("results/tiny")).assert().success();
}

/// A folder that is no results folder is not made one, and not moved away either.
#[test]
fn folders_with_other_files_are_left_alone() {
    let workplace = Workplace::new();
    fs::create_dir_all(workplace.path("mine/photos")).unwrap();
    workplace.write("mine/photos/a.jpg", "kept");
    fs::create_dir(workplace.path("app")).unwrap();
    workplace.write("app/manifest.json", "{\"name\": \"an app\"}");
    workplace.write("app/a.js", "kept");
    workplace.write("file", "kept");
    let before = || {
        let mut files = BTreeMap::new();
        collect(&workplace.path(""), Path::new(""), &mut files);
        files
    };
    let everything = before();
    for how in ["", " --fresh"] {
        let line = format!("run tiny.toml --out . -o name=mine{how}");
        workplace.run(&line, 2).says(&["mine: it has no results, but photos, which is not ours", "--out"]);
        workplace.run(&format!("run tiny.toml --out . -o name=file{how}"), 2).says(&["error: ", "file"]);
    }
    workplace
        .run("run tiny.toml --out . -o name=app", 2)
        .says(&["app/manifest.json: not a manifest of this program"]);
    workplace.run("run tiny.toml --out . -o name=app --fresh", 2).says(&["it has no results, but a.js"]);
    workplace
        .run("plan tiny.toml --out . -o name=mine", 0)
        .says(&["warning: ./mine: it has no results, but photos"]);
    workplace.run("submit slurm tiny.toml --out . -o name=mine", 2).says(&["it has no results, but photos"]);
    assert!(before() == everything);
    // A log, and a plan that was written there, are no obstacle.
    fs::create_dir_all(workplace.path("results/tiny")).unwrap();
    workplace.write("results/tiny/log.txt", "kept");
    // In a results folder, what a user has put there stays.
    workplace.run("run tiny.toml --quiet", 0);
    fs::create_dir_all(workplace.path("results/tiny/claims")).unwrap();
    workplace.write("results/tiny/claims/insurance.txt", "kept");
    workplace.write("results/tiny/.partial-archive.tar.gz", "kept");
    workplace.run("run tiny.toml -o seeds=[1,2] --quiet", 0);
    for name in ["log.txt", "claims/insurance.txt", ".partial-archive.tar.gz"] {
        assert_eq!(workplace.read(&format!("results/tiny/{name}")), "kept");
    }
}

#[test]
fn changed_settings_do_not_replace_other_results() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml", 0);
    let before = workplace.results("results/tiny");
    let ended = workplace.run("run tiny.toml -o model.hidden=21", 2);
    ended.says(&["error: results/tiny", "7 finished runs", "--out", "--fresh"]);
    // Settings that no run depends on are not named, and the new name is the other setting's.
    let ended = workplace.run("run tiny.toml -o training.epochs=3 -o evaluation.every=1", 2);
    ended.says(&["(training.epochs); give this plan a name of its own", "name=tiny_3"]);
    // What lists the plan says so too.
    for command in ["plan tiny.toml", "run tiny.toml --dry-run"] {
        let ended = workplace.run(&format!("{command} -o model.hidden=21"), 0);
        ended.says(&[
            "warning: results/tiny: it holds 7 finished runs",
            "(model.hidden); another name",
            "7 trainings left",
        ]);
        let ended = workplace.run(&format!("{command} -o model.hidden=21 --fresh"), 0);
        assert!(!ended.stderr.contains("warning"), "{}", ended.stderr);
    }
    workplace
        .run("submit slurm tiny.toml -o model.hidden=21", 2)
        .says(&["error: ", "results/tiny: it holds 7"]);
    workplace.run("plan tiny.toml -o model.hidden=21 --write plan.txt", 0);
    let ended = workplace.run("worker --plan plan.txt --shard 1/1", 2);
    ended.says(&["7 have another model.hidden", "aesparse plan CONFIG -o name=tiny_hidden_21 --write FILE"]);
    assert!(!ended.stderr.contains("for example"), "{}", ended.stderr);
    workplace.run("worker --plan plan.txt --shard 1/1 --out elsewhere --quiet", 0);
    workplace
        .run("worker --plan absent.json --shard 1/1", 2)
        .says(&["absent.json", "aesparse plan CONFIG --write"]);
    assert_eq!(workplace.results("results/tiny"), before);
}

#[test]
fn what_does_not_fit_into_memory_is_refused_with_the_estimate() {
    let workplace = Workplace::new();
    let huge = "-o model.hidden=1000000 -o training.batch=20000 -o data.source.samples=20000";
    let ended = workplace.run(&format!("run tiny.toml {huge}"), 2);
    ended.says(&["error: a training needs about 1", " are available; choose fewer hidden units"]);
    assert!(!workplace.path("results").exists());
}

#[test]
fn help_and_version_are_no_errors() {
    let workplace = Workplace::new();
    workplace.run("--help", 0).says(&["run", "plan", "Exit codes"]);
    workplace.run("run --help", 0).says(&["--override", "--fresh", "aesparse run configs/quickstart.toml"]);
    workplace.run("plan --help", 0).says(&["--write", "aesparse plan"]);
    workplace.run("--version", 0).says(&[env!("CARGO_PKG_VERSION")]);
}
