//! Settings on the command line: where their paths start, and what a results folder says to other settings.

use super::Workplace;
use ndarray::Array2;
use ndarray_npy::write_npy;
use std::fs;

/// `rows.npy` in the shell's folder has 30 rows, the one beside the configuration 20.
fn with_two_files() -> Workplace {
    let workplace = Workplace::new();
    fs::create_dir(workplace.path("configs")).unwrap();
    for (path, rows) in [("rows.npy", 30), ("configs/rows.npy", 20)] {
        let values = Array2::from_shape_fn((rows, 12), |(row, column)| ((row * 7 + column * 5) % 11) as f32);
        write_npy(workplace.path(path), &values).unwrap();
    }
    let text = workplace.read("tiny.toml").replace(
        r#"{ kind = "synthetic", samples = 120, inputs = 12, atoms = 8, active = 2 }"#,
        r#"{ kind = "npy", path = "rows.npy" }"#,
    );
    workplace.write("configs/own.toml", &text);
    workplace
}

/// The number of samples in the only line of a folder's table.
fn samples(workplace: &Workplace, name: &str) -> String {
    let table = workplace.read(&format!("results/{name}/runs.csv"));
    let mut lines = table.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let place = lines.next().unwrap().iter().position(|column| column == "samples").unwrap();
    lines.next().unwrap()[place].clone()
}

#[test]
fn a_path_in_an_override_starts_from_the_shells_folder() {
    let workplace = with_two_files();
    let run = "run configs/own.toml --quiet -o training.epochs=1";
    workplace.run(&format!("{run} -o name=file"), 0);
    workplace.run(&format!("{run} -o name=path -o data.source.path=rows.npy"), 0);
    workplace.run(&format!(r#"{run} -o name=source -o data.source={{kind="npy",path="rows.npy"}}"#), 0);
    workplace.run(&format!("{run} -o name=up -o data.source.path=configs/../configs/rows.npy"), 0);
    assert_eq!(
        ["file", "path", "source", "up"].map(|name| samples(&workplace, name)),
        ["20", "30", "30", "20"]
    );
    // The results know where their data are, and the same command finds all finished.
    let again = format!("{} -o name=path -o data.source.path=rows.npy", run.replace(" --quiet", ""));
    workplace.run(&again, 0).says(&["7 of 7 trainings are finished already", "unchanged in results/path"]);
    workplace.run("verify results/path --recompute 1", 0);
    // A plan for other processes names the same file.
    workplace.run(
        &format!(
            "{} -o name=planned -o data.source.path=rows.npy --write plan.json",
            run.replacen("run", "plan", 1)
        ),
        0,
    );
    workplace.run("worker --plan plan.json --shard 1/1 --quiet", 0);
    workplace.run("merge --plan plan.json --quiet", 0);
    assert_eq!(samples(&workplace, "planned"), "30");
    // Held-out samples of a file that is in the shell's folder alone.
    fs::rename(workplace.path("rows.npy"), workplace.path("held.npy")).unwrap();
    workplace.run(&format!("{run} -o name=held -o data.held_out=held.npy"), 0);
    assert_eq!(samples(&workplace, "held"), "20");
    // A missing file is named as it was written.
    workplace.run(&format!("{run} -o data.source.path=nowhere/rows.npy"), 2).says(&["nowhere/rows.npy"]);
}

#[test]
fn a_warm_start_in_an_override_starts_from_the_shells_folder() {
    let workplace = with_two_files();
    workplace.run(r#"run configs/own.toml --quiet -o training.epochs=1 -o sweep.regularizer=["dae"]"#, 0);
    let files = workplace.results("results/tiny");
    let (_, weights) =
        files.iter().find(|(path, _)| path.extension().is_some_and(|end| end == "npz")).unwrap();
    fs::write(workplace.path("start.npz"), weights).unwrap();
    let run = "run configs/own.toml --quiet -o training.epochs=1 -o name=warm -o model.init.from=start.npz";
    workplace.run(run, 0);
}

/// Runs of another length can't be in the same table: the error has the command that trains them.
#[test]
fn another_number_of_epochs_gets_a_name_of_its_own() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    let longer = "run tiny.toml -o training.epochs=8";
    let refused = workplace.run(longer, 2);
    refused.says(&["training.epochs", "a name of its own, as in -o name=tiny_8", "--out", "--fresh"]);
    let command =
        refused.stderr.lines().find_map(|line| line.strip_prefix("for example: ")).expect("a command");
    let (_, arguments) = command.split_once(' ').unwrap();
    assert_eq!(arguments, format!("{longer} -o name=tiny_8"));
    workplace.run(arguments, 0).says(&["written to results/tiny_8"]);
    // Several settings, and one that is no part of a name.
    workplace.run("run tiny.toml -o training.epochs=8 -o model.hidden=30", 2).says(&["-o name=tiny_2"]);
    workplace.run("run tiny.toml -o model.hidden=30", 2).says(&["-o name=tiny_hidden_30"]);
    workplace.run("run tiny.toml -o training.momentum=0.5", 2).says(&["-o name=tiny_2"]);
}
