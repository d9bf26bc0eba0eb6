//! Scripts for Slurm, and the commands that are printed beside them, in folders with signs that shells and Slurm read more into.

use super::{PROGRAM, Workplace};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder with signs of shells, of Slurm's lines and of its patterns.
const SIGNS: &str = r#"my project's 100% "new" #1 %j $HOME `x`"#;

/// The words of the `#SBATCH` lines of a script, as Slurm divides them (`get_argument` in its `src/sbatch/opt.c`).
fn options(script: &str) -> Vec<String> {
    let lines = script.lines().take_while(|line| line.starts_with('#') || line.is_empty());
    lines.filter_map(|line| line.strip_prefix("#SBATCH")).flat_map(words).collect()
}

fn words(line: &str) -> Vec<String> {
    let mut rest = line.chars().peekable();
    let mut words = Vec::new();
    while rest.next_if(|c| c.is_whitespace()).is_some() {}
    while rest.peek().is_some_and(|c| *c != '#') {
        let (mut word, mut quote) = (String::new(), None);
        while let Some(c) = rest.next_if(|c| quote.is_some() || !c.is_whitespace() && *c != '#') {
            match c {
                '\\' => word.extend(rest.next()),
                _ if quote == Some(c) => quote = None,
                '"' | '\'' if quote.is_none() => quote = Some(c),
                _ => word.push(c),
            }
        }
        assert_eq!(quote, None, "an unmatched quote ends sbatch: {line}");
        words.push(word);
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
    }
    words
}

/// Runs `line` in a shell that finds the program, and an `sbatch` that prints its argument.
fn shell(folder: &Path, line: &str) -> Output {
    let program = Path::new(PROGRAM).parent().unwrap();
    let path = std::env::join_paths([program, Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
    let line = format!("sbatch() {{ printf %s \"$@\"; }}; {line}");
    let mut command = Command::new("bash");
    command.current_dir(folder).env("PATH", path).env_remove("AESPARSE_DATA").args(["-c", &line]);
    command.output().unwrap()
}

#[test]
fn scripts_and_printed_commands_work_in_a_folder_with_signs() {
    let workplace = Workplace::new();
    let project = workplace.path(SIGNS);
    fs::create_dir(&project).unwrap();
    fs::rename(workplace.path("tiny.toml"), project.join("tiny.toml")).unwrap();
    let submit = "submit slurm tiny.toml --out shared --data-dir data --time 01:00:00 --sbatch=--partition=short --jobs 2 --threads 3";
    let submitted = workplace.command(submit).current_dir(&project).assert().success();
    let said = String::from_utf8(submitted.get_output().stdout.clone()).unwrap();

    let folder: PathBuf = fs::canonicalize(project.join("shared/tiny.slurm")).unwrap();
    let script = folder.join("array-1.sh");
    let words = options(&fs::read_to_string(&script).unwrap());
    let logs = folder.join("logs").to_str().unwrap().replace('%', "%%");
    for expected in [
        &*format!("--output={logs}/%A_%a.log"),
        "--array=1",
        "--time=01:00:00",
        "--partition=short",
        "--cpus-per-task=6",
    ] {
        assert!(words.iter().any(|word| word == expected), "{expected} is not among {words:#?}");
    }
    assert!(fs::read_to_string(&script).unwrap().contains(" --jobs 2 --patience 300 "));
    assert!(fs::read_to_string(&script).unwrap().contains(" --threads 3"));
    assert!(words.iter().all(|word| word.starts_with("--")), "{words:#?}");

    let line = |beginning: &str| said.lines().find_map(|line| Some(&line[line.find(beginning)?..])).unwrap();
    let elsewhere = workplace.path("");
    let handed = shell(&elsewhere, line("sbatch "));
    assert_eq!(fs::canonicalize(String::from_utf8(handed.stdout).unwrap()).unwrap(), script);
    let mut element = Command::new("bash");
    let trained = element.arg(&script).env("SLURM_ARRAY_TASK_ID", "1").output().unwrap();
    assert!(trained.status.success(), "{}", String::from_utf8_lossy(&trained.stderr));
    assert!(line("aesparse merge").contains(" --data-dir "), "{said}");
    let merged = shell(&elsewhere, line("aesparse merge"));
    assert!(merged.status.success(), "{}", String::from_utf8_lossy(&merged.stderr));
    assert!(project.join("shared/tiny/runs.csv").exists());
    // And where everything is finished.
    let again = workplace.command(submit).current_dir(&project).assert().success();
    let said = String::from_utf8(again.get_output().stdout.clone()).unwrap();
    let merge = &said[said.find("aesparse merge").expect(&said)..];
    assert!(shell(&elsewhere, merge).status.success());
}

#[test]
fn the_way_to_bring_results_together_can_be_pasted() {
    let workplace = Workplace::new();
    workplace.run("plan tiny.toml --write plan.json", 0);
    let out = "it's shared";
    let worker = ["worker", "--plan", "plan.json", "--shard", "1/1", "--quiet", "--out", out];
    workplace.command("").args(worker).assert().success();
    let refused = workplace.command("").args(["report", out]).assert().code(2);
    let said = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
    let merge = said[said.find("aesparse merge").expect(&said)..].replace("FILE", "plan.json");
    let merged = shell(&workplace.path(""), &merge);
    assert!(merged.status.success(), "{merge}\n{}", String::from_utf8_lossy(&merged.stderr));
    assert!(workplace.path(out).join("tiny/runs.csv").exists());
}

#[test]
fn what_no_line_of_a_script_can_say_is_refused() {
    let workplace = Workplace::new();
    for (option, value, accepted) in [
        ("--out", "two\nlines", "accepted: a path in UTF-8"),
        ("--out", "back\\slash", "accepted: a path in UTF-8"),
        ("--sbatch", "--partition=a\nrm -rf x", "accepted: one line"),
        ("--time", "1\n2", "accepted: one line"),
    ] {
        let line = format!("{option}={value}");
        let refused = workplace.command("submit slurm tiny.toml").arg(&line).assert().code(2);
        let said = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
        assert!(said.contains(option) && said.contains(accepted), "{said}");
    }
    let left: Vec<_> =
        fs::read_dir(workplace.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["tiny.toml"], "nothing is written before");
}
