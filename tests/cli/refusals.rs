//! What is refused before any training: exit code 2, a message that names the fault, and nothing changed.

use super::Workplace;

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
        ("run tiny.toml --jobs 0", ["--jobs", "0"]),
        ("run tiny.toml --log-format xml", ["xml", "json"]),
        ("train tiny.toml", ["train", "Usage"]),
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

#[test]
fn missing_data_names_every_place_in_the_order_in_which_it_was_looked_for() {
    let workplace = Workplace::new();
    std::fs::create_dir_all(workplace.path("project/configs")).unwrap();
    std::fs::create_dir_all(workplace.path("project/data")).unwrap();
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
fn changed_settings_do_not_replace_other_results() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml", 0);
    let before = workplace.results("results/tiny");
    let ended = workplace.run("run tiny.toml -o model.hidden=21", 2);
    ended.says(&["error: results/tiny", "7 finished runs", "--out", "--fresh"]);
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
