//! Commands that help to write commands and configurations.

use super::Workplace;
use std::fs;

const SHORT: &str = "-o model.hidden=10 -o training.epochs=1 -o sweep.sigma_squared=[0,1]";

#[test]
fn a_new_configuration_runs_as_it_is_and_is_never_overwritten() {
    let workplace = Workplace::new();
    let ended = workplace.run("new mine.toml --source synthetic", 0);
    ended.says(&["written: mine.toml", "aesparse run mine.toml"]);
    let text = workplace.read("mine.toml");
    assert_eq!(workplace.run("new --source synthetic", 0).stdout, text);
    workplace.run(&format!("run mine.toml {SHORT} --quiet"), 0);
    assert_eq!(workplace.read("results/mine/runs.csv").lines().count(), 1 + 8);
    workplace.run("new mine.toml", 2).says(&["mine.toml", "there already"]);
    workplace.run("new mine.json", 2).says(&["mine.json", ".toml"]);
    workplace.run("new other.toml --source cifar", 2).says(&["cifar", "cifar10_patches"]);
    assert_eq!(workplace.read("mine.toml"), text);
    // It would be refused by `run`.
    for stem in ["b c", "figures", "Aux"] {
        let name = format!("{stem}.toml");
        let refused = workplace.command("new").arg(&name).assert().code(2);
        let said = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
        let problem =
            format!("{name}: its results would be called {stem:?}, as the file; accepted: 1 to 100");
        assert!(said.contains(&problem), "{said}");
        assert!(!workplace.path(&name).exists());
    }
}

#[test]
fn the_schema_is_printed_and_a_configuration_may_name_it() {
    let workplace = Workplace::new();
    let schema: serde_json::Value = serde_json::from_str(&workplace.run("schema", 0).stdout).unwrap();
    assert_eq!(schema["properties"]["training"]["properties"]["epochs"]["default"], 50);
    workplace
        .run("schema --markdown", 0)
        .says(&["## `[sweep]`", "| `learning_rate` | a number in (0, 1000] |"]);
    workplace.write("c.json", r#"{"$schema": "schema.json", "data": {"source": "synthetic"}}"#);
    workplace.run(&format!("run c.json {SHORT} --dry-run"), 0).says(&["8 cells"]);
}

#[test]
fn shells_complete_and_every_command_has_a_page() {
    let workplace = Workplace::new();
    for (shell, part) in
        [("bash", "complete -F _aesparse"), ("zsh", "#compdef aesparse"), ("fish", "complete -c aesparse")]
    {
        let ended = workplace.run(&format!("completions {shell}"), 0);
        ended.says(&[part, "log-format", "figures"]);
    }
    workplace.run("completions tcsh", 2).says(&["tcsh", "bash"]);
    workplace.run("man pages", 0).says(&["pages/aesparse"]);
    for name in ["aesparse", "aesparse-run", "aesparse-data-fetch", "aesparse-submit-slurm"] {
        let page = workplace.read(&format!("pages/{name}.1"));
        assert!(page.contains(".TH") && page.contains("NAME"), "{page}");
    }
    assert!(
        workplace.read("pages/aesparse-run.1").contains("configs/quickstart.toml"),
        "it has the examples"
    );
    workplace.write("file", "");
    workplace.run("man file", 2).says(&["file"]);
}

#[test]
fn a_dry_run_lists_the_plan_and_changes_nothing() {
    let workplace = Workplace::new();
    let planned = workplace.run("plan tiny.toml", 0).stdout;
    assert_eq!(workplace.run("run tiny.toml --dry-run", 0).stdout, planned);
    assert_eq!(workplace.run("theory tiny.toml --dry-run", 0).stdout, planned);
    assert!(!workplace.path("results").exists());
    workplace.run("run tiny.toml --quiet", 0);
    let before = workplace.results("results/tiny");
    workplace.run("run tiny.toml --dry-run --fresh -o training.epochs=1", 0);
    assert!(workplace.results("results/tiny") == before);
    assert_eq!(fs::read_dir(workplace.path("results")).unwrap().count(), 1);
}

#[test]
fn a_sweep_is_plotted_on_the_terminal() {
    let workplace = Workplace::new();
    let table = workplace.run("run tiny.toml", 0).stdout;
    let ended = workplace.run("run tiny.toml --plot", 0);
    let (again, plot) = ended.stdout.split_once("\ntiny: activation fraction\n").unwrap();
    assert_eq!(again.lines().next(), table.lines().next());
    assert!(plot.contains("D DAE, C CAE, S SAE; * several"), "{plot}");
    assert_eq!(plot.lines().filter(|line| line.contains(" |")).count(), 21, "{plot}");
}

#[test]
fn a_command_or_key_that_was_mistyped_is_answered_with_the_right_one() {
    let workplace = Workplace::new();
    workplace.run("reprot results", 2).says(&["reprot", "'report'"]);
    workplace.run("run tiny.toml --quite", 2).says(&["--quite", "'--quiet'"]);
    workplace.run("run tiny.toml -o training.epoch=1", 2).says(&["training.epoch", "epochs"]);
}

/// Every command shows how it is used.
#[test]
fn help_has_examples_for_each_command() {
    let workplace = Workplace::new();
    let help = workplace.run("help", 0).stdout;
    let commands = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names: Vec<&str> =
        commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| !["", "help", "data"].contains(name)).collect();
    assert!(names.len() >= 13, "{names:?}");
    for name in
        names.iter().copied().chain(["data list", "data verify", "data import", "data fetch", "data patches"])
    {
        let help = workplace.run(&format!("{name} --help"), 0).stdout;
        assert!(help.contains("Example"), "{name}\n{help}");
        assert!(help.contains(&format!("  aesparse {name}")), "{name}\n{help}");
    }
}
