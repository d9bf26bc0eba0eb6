//! Sweeps that are repeated, interrupted, started over.

use super::Workplace;
use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

#[test]
fn a_finished_sweep_is_not_trained_again() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml", 0);
    let (before, seconds) =
        (workplace.results("results/tiny"), workplace.manifest("results/tiny")["seconds"].clone());
    let again = workplace.run("run tiny.toml", 0);
    again.says(&[
        "7 of 7 trainings are finished already in results/tiny; --fresh trains them again",
        "7 trainings: 0 trained now, 7 finished before",
        "dead units of 20",
    ]);
    assert_eq!(workplace.results("results/tiny"), before);
    assert_eq!(workplace.manifest("results/tiny")["seconds"], seconds);
}

#[test]
fn a_sweep_grows_by_what_is_new() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml", 0);
    let ended = workplace.run("run tiny.toml -o seeds=[1,2]", 0);
    ended.says(&[
        "7 of 14 trainings are finished already",
        "14 trainings: 7 trained now",
        "means over 2 seeds",
    ]);
}

#[test]
fn fresh_sets_the_old_results_aside() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml", 0);
    let first = workplace.results("results/tiny");
    let ended = workplace.run("run tiny.toml --fresh -o training.epochs=2", 0);
    ended.says(&["the earlier results are now in results/tiny.1", "7 trainings: 7 trained now"]);
    assert_eq!(workplace.results("results/tiny.1"), first);
    workplace.run("run tiny.toml --fresh", 0).says(&["results/tiny.2"]);
    assert_eq!(workplace.results("results/tiny"), first);
    // Where there is nothing, there is nothing to set aside.
    let ended = workplace.run("run tiny.toml --fresh --out other", 0);
    assert!(!ended.stderr.contains("earlier"), "{}", ended.stderr);
}

/// Some seconds of training: long enough to be killed in the middle.
const LONG: &str = r#"
data.source = { kind = "synthetic", samples = 2000, inputs = 64, atoms = 32, active = 4 }
model.hidden = 100
training.epochs = 12
sweep = { sigma_squared = [0, 0.1, 0.2, 0.3, 0.4], regularizer = ["dae", "cae", "kl_sae"] }
evaluation.every = 4
output.weights = "initial_and_final"
"#;

#[test]
fn a_killed_sweep_is_resumed_to_the_same_bytes() {
    let workplace = Workplace::new();
    workplace.write("long.toml", LONG);
    workplace.run("run long.toml --out undisturbed --quiet", 0);
    let trainings = 13;
    let mut interruptions = 0;
    // The more is stored when it is killed, the later.
    for stored in [1, 4] {
        let mut command = Command::new(super::PROGRAM);
        command.current_dir(workplace.path("")).args(["run", "long.toml", "--jobs", "2", "--quiet"]);
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while records(&workplace) < stored && begun.elapsed() < Duration::from_secs(60) {
            sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(records(&workplace) >= stored, "nothing was stored in a minute");
        interruptions += usize::from(records(&workplace) < trainings);
    }
    assert!(interruptions > 0, "the sweep was finished before it could be killed");
    workplace.run("run long.toml --jobs 1", 0).says(&["are finished already", "finished before"]);
    let (resumed, undisturbed) = (workplace.results("results/long"), workplace.results("undisturbed/long"));
    assert!(resumed.keys().eq(undisturbed.keys()), "{:#?}\n{:#?}", resumed.keys(), undisturbed.keys());
    for (name, bytes) in resumed {
        assert!(bytes == undisturbed[&name], "{} differs", name.display());
    }
}

fn records(workplace: &Workplace) -> usize {
    let Ok(entries) = fs::read_dir(workplace.path("results/long/records")) else { return 0 };
    entries.flatten().filter(|entry| entry.path().extension().is_some_and(|end| end == "json")).count()
}
