//! The program as a user meets it: each test has a folder of its own and runs the program inside it.

mod compare;
mod data;
mod distribution;
mod faults;
mod features;
mod figures;
mod finished;
mod formats;
mod hostile;
mod images;
mod inspect;
mod overrides;
mod own_data;
mod portable;
mod progress;
mod recompute;
mod refusals;
mod resume;
mod retrain;
mod run;
#[cfg(unix)]
mod submit;
mod theory;
mod tools;
mod trust;
mod union;
mod verify;
mod whole_way;
mod workers;

use assert_cmd::Command;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_aesparse");

/// Three models at three σ², which share the training at σ² = 0: 9 cells, 7 trainings.
const TINY: &str = r#"
name = "tiny"
seeds = [1]
data.source = { kind = "synthetic", samples = 120, inputs = 12, atoms = 8, active = 2 }
model.hidden = 20
training = { epochs = 4, batch = 25 }
sweep = { sigma_squared = [0, 0.1, 0.5], regularizer = ["dae", "cae", "kl_sae"] }
evaluation.every = 2
output.weights = "final"
"#;

/// A folder with a configuration.
struct Workplace(TempDir);

impl Workplace {
    /// A folder with `tiny.toml`.
    fn new() -> Self {
        let workplace = Self(TempDir::new().unwrap());
        workplace.write("tiny.toml", TINY);
        workplace
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.0.path().join(relative)
    }

    fn write(&self, relative: &str, text: &str) {
        fs::write(self.path(relative), text).unwrap();
    }

    fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
    }

    /// The lines of a CSV file by their columns.
    fn table(&self, relative: &str) -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_path(self.path(relative)).unwrap();
        reader.deserialize().map(Result::unwrap).collect()
    }

    /// The program with the words of `line` as arguments, inside the folder and free of the user's settings.
    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(PROGRAM);
        command.current_dir(&self.0).args(line.split_whitespace());
        command.env_remove("AESPARSE_DATA").env_remove("NO_COLOR");
        command
    }

    /// Runs the program and checks its exit code.
    fn run(&self, line: &str, expected: i32) -> Ended {
        let output = self.command(line).output().unwrap();
        let ended = Ended {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert_eq!(output.status.code(), Some(expected), "{line}\n{}\n{}", ended.stdout, ended.stderr);
        ended
    }

    /// Every file below the folder `relative` that must not depend on jobs, interruptions and the time.
    fn results(&self, relative: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.path(relative), Path::new(""), &mut files);
        files.remove(Path::new("manifest.json")).expect("there is a manifest");
        files
    }

    fn manifest(&self, relative: &str) -> Json {
        serde_json::from_str(&self.read(&format!("{relative}/manifest.json"))).unwrap()
    }
}

/// What a command left.
struct Ended {
    stdout: String,
    stderr: String,
}

impl Ended {
    /// Checks that stdout or stderr has each of `parts`.
    fn says(&self, parts: &[&str]) -> &Self {
        for part in parts {
            let found = self.stdout.contains(part) || self.stderr.contains(part);
            assert!(found, "not said: {part}\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        }
        self
    }

    /// The events with this name, of a command with `--log-format json`.
    fn events(&self, name: &str) -> Vec<Json> {
        let events = self.stderr.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        events.filter(|event| event["event"] == name).collect()
    }
}

fn collect(folder: &Path, inside: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder.join(inside)).unwrap() {
        let entry = entry.unwrap();
        let relative = inside.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            collect(folder, &relative, files);
        } else {
            files.insert(relative, fs::read(entry.path()).unwrap());
        }
    }
}
