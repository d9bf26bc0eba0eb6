//! docs/python.md for readers who work in Python: its program, and the wheel that it installs.
#![cfg(unix)]

use aesparse::experiment::config;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

/// The Python program of the page; `None` in a packaged crate, which has no data either.
fn program() -> Option<String> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    if !repository.join("data").exists() {
        return None;
    }
    let page = fs::read_to_string(repository.join("docs/python.md")).unwrap();
    let (_, rest) = page.split_once("```python\n").expect("the page has a program");
    Some(rest.split("\n```").next().unwrap().to_owned())
}

/// The interpreter: the variable PYTHON, or `python3`.
fn python() -> Command {
    Command::new(env::var_os("PYTHON").unwrap_or_else(|| "python3".into()))
}

fn assert_success(what: &str, output: &Output) -> String {
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{what}: {}\n{}", said(&output.stdout), said(&output.stderr));
    said(&output.stdout)
}

/// PATH with `folder` first.
fn path_with(folder: &Path) -> OsString {
    let rest = env::var_os("PATH").unwrap_or_default();
    env::join_paths([folder.to_owned()].into_iter().chain(env::split_paths(&rest))).unwrap()
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped check says so")]
fn the_program_of_the_page_does_what_it_says() {
    let Some(program) = program() else { return };
    let lines = program.lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 45, "{lines} lines");
    // What needs no Python: its configuration is accepted.
    let (_, text) = program.split_once("write_text(\"\"\"\n").expect("the program writes a configuration");
    let text = text.split("\"\"\"").next().unwrap();
    config::parse(text, Path::new("embeddings.toml"), &[]).unwrap_or_else(|error| panic!("{error}"));
    let packages = python().args(["-c", "import matplotlib, numpy, pandas"]).output();
    if !packages.is_ok_and(|output| output.status.success()) {
        eprintln!(
            "Python has no matplotlib, numpy or pandas: the program of docs/python.md is not run; set PYTHON"
        );
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    symlink(env!("CARGO_BIN_EXE_aesparse"), bin.join("aesparse")).unwrap();
    let output = python()
        .args(["-c", &program])
        .current_dir(folder.path())
        .env_remove("AESPARSE_DATA")
        .env("PATH", path_with(&bin))
        .output()
        .unwrap();
    let said = assert_success("the program of docs/python.md", &output);
    assert!(
        said.contains("density") && said.contains("word") && said.contains("largest difference: "),
        "{said}"
    );
    assert!(fs::read(folder.path().join("activation.png")).unwrap().starts_with(b"\x89PNG"));
}

/// Builds the wheel with maturin, installs it in an environment of its own, and calls the program.
#[test]
#[ignore = "some minutes: builds the program; needs maturin: cargo test --test suite python -- --ignored"]
fn the_wheel_brings_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let wheels = folder.path().join("wheels");
    let mut build = Command::new("maturin");
    build.args(["build", "--locked", "--out"]).arg(&wheels).current_dir(env!("CARGO_MANIFEST_DIR"));
    assert_success("maturin build", &build.output().expect("maturin is installed"));
    let mut built = fs::read_dir(&wheels).unwrap();
    let wheel = built.next().expect("a wheel").unwrap().path();
    assert!(
        built.next().is_none()
            && wheel.to_string_lossy().contains(concat!("aesparse-", env!("CARGO_PKG_VERSION")))
    );
    let environment = folder.path().join("venv");
    assert_success("venv", &python().args(["-m", "venv"]).arg(&environment).output().unwrap());
    let call = |program: &str, arguments: &[&str]| {
        let output = Command::new(environment.join("bin").join(program)).args(arguments).output().unwrap();
        assert_success(program, &output)
    };
    call("pip", &["install", "--no-index", wheel.to_str().unwrap()]);
    assert_eq!(call("aesparse", &["--version"]).trim(), concat!("aesparse ", env!("CARGO_PKG_VERSION")));
    assert!(call("aesparse", &["new"]).contains("[model]"));
}
