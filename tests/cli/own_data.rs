//! Own data from a file to codes: held-out samples, formats, and a configuration that suits the data.

use super::Workplace;
use aesparse::data::{self, DataSpec, HeldOut, Locations, Source, Standardize};
use ndarray::{Array2, Axis, s};
use ndarray_npy::{read_npy, write_npy};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;

/// A sweep on `x.npy`, without a section `[data]`.
const SWEEP: &str = r#"
name = "own"
model.hidden = 20
training = { epochs = 2, batch = 25 }
sweep = { sigma_squared = [0.1], regularizer = ["dae"] }
output.weights = "final"
"#;

/// 90 samples of 6 inputs, each input on a scale of its own.
fn samples() -> Array2<f32> {
    Array2::from_shape_fn((90, 6), |(row, column)| {
        ((row * 37 + column * 11) % 23) as f32 * (column + 1) as f32 + row as f32 / 10.0
    })
}

/// A workplace with `x.npy` and the configuration `own.toml` with `data` as its section `[data]`.
fn workplace(data: &str) -> Workplace {
    let workplace = Workplace::new();
    write_npy(workplace.path("x.npy"), &samples()).unwrap();
    configure(&workplace, data);
    workplace
}

fn configure(workplace: &Workplace, data: &str) {
    let source = r#"source = { kind = "npy", path = "x.npy" }"#;
    workplace.write("own.toml", &format!("{SWEEP}[data]\n{source}\nstandardize = \"feature\"\n{data}\n"));
}

/// The one row of `runs.csv` by its columns.
fn row(workplace: &Workplace) -> BTreeMap<String, String> {
    let mut rows = workplace.table("results/own/runs.csv");
    let row = rows.remove(0);
    assert!(rows.is_empty(), "{rows:?}");
    row
}

fn record(workplace: &Workplace) -> Json {
    let key = &row(workplace)["run_key"];
    serde_json::from_str(&workplace.read(&format!("results/own/records/{key}.json"))).unwrap()
}

fn held_out_error(workplace: &Workplace) -> f64 {
    row(workplace)["held_out_reconstruction"].parse().unwrap()
}

/// The data of `own.toml`, as the library loads them.
fn loaded(workplace: &Workplace, held_out: HeldOut, samples: Option<usize>) -> data::Dataset {
    let source = Source::Npy { path: workplace.path("x.npy") };
    let standardize = Standardize::Feature { epsilon: 0.0 };
    let spec = DataSpec { source, samples, held_out: Some(held_out), standardize };
    data::load(&spec, &Locations::default()).unwrap()
}

#[test]
fn a_share_is_drawn_once_standardised_like_the_training_samples_and_measured() {
    let place = workplace("held_out = 0.1");
    let said = place.run("run own.toml", 0);
    // Both errors are in the summary, so that one can choose σ² and model by them.
    for (samples, column) in [("training", "reconstruction"), ("held-out", "held_out_reconstruction")] {
        let (_, table) = said.stdout.split_once(&format!("mean over {samples} samples\n")).unwrap();
        let error: f64 = row(&place)[column].parse().unwrap();
        let line: Vec<&str> = table.lines().nth(1).unwrap().split_whitespace().collect();
        assert_eq!(line, ["dae", &format!("{error:.4}")], "{}", said.stdout);
    }
    let identity = record(&place)["identity"].clone();
    assert_eq!(identity["held_out"], serde_json::json!({"share": 0.1, "seed": 1}));
    assert_eq!(identity["samples"], 81);
    let first = (row(&place)["run_key"].clone(), held_out_error(&place));
    assert!(first.1 > 0.0);

    let dataset = loaded(&place, HeldOut::Share { share: 0.1, seed: 1 }, None);
    let held_out = dataset.held_out.unwrap();
    assert_eq!((dataset.available, dataset.train.dim(), held_out.dim()), (81, (81, 6), (9, 6)));
    // Together they are the samples, in their order, by the statistics of the training samples.
    let statistics = dataset.statistics.unwrap();
    let mut expected = samples();
    statistics.apply(expected.view_mut(), 0.0);
    let (mut train, mut out) = (dataset.train.rows().into_iter(), held_out.rows().into_iter());
    let (mut next, mut next_out) = (train.next(), out.next());
    for row in expected.rows() {
        if Some(row) == next {
            next = train.next();
        } else {
            assert_eq!(Some(row), next_out);
            next_out = out.next();
        }
    }
    assert!(next.is_none() && next_out.is_none());
    let mean = dataset.train.mapv(f64::from).mean_axis(Axis(0)).unwrap();
    assert!(mean.iter().all(|mean| mean.abs() < 1e-5), "{mean}");
    // `data.samples` takes the first of the training samples.
    let fewer = loaded(&place, HeldOut::Share { share: 0.1, seed: 1 }, Some(10));
    assert_eq!((fewer.train.nrows(), fewer.available), (10, 81));
    let more = loaded(&place, HeldOut::Share { share: 0.5, seed: 1 }, None);
    assert_eq!(more.available, 45);

    place.run("encode results/own --held-out --out codes.npy", 0).says(&["9 held-out samples"]);
    let codes: Array2<f32> = read_npy(place.path("codes.npy")).unwrap();
    assert_eq!(codes.nrows(), 9);
    // Ids are those of the source: its rows, or the lines of a file with a line for each of its samples.
    place.run("encode results/own --held-out --out codes.csv", 0);
    place.run("encode results/own --out train.csv", 0);
    let ids = |name: &str| -> Vec<String> {
        place.read(name).lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect()
    };
    let mut all: Vec<usize> =
        [ids("codes.csv"), ids("train.csv")].concat().iter().map(|id| id.parse().unwrap()).collect();
    all.sort_unstable();
    assert!(all.into_iter().eq(0..90));
    place.write("ids.txt", &(0..90).map(|row| format!("w{row}\n")).collect::<String>());
    place.run("encode results/own --held-out --ids ids.txt --out named.csv", 0);
    let expected: Vec<String> = ids("codes.csv").iter().map(|row| format!("w{row}")).collect();
    assert_eq!(ids("named.csv"), expected);
    place.run("inspect results/own --ids ids.txt", 0);

    // Sparse codes are no input; the error says how to make them dense.
    place.run("encode results/own --out sparse.npz", 0);
    for array in ["", " --array data"] {
        let refused = place.run(&format!("new second.toml --data sparse.npz{array}"), 2);
        refused.says(&["sparse.npz: is a sparse matrix of scipy, expected a dense array"]);
        refused.says(&[
            r#"numpy.save("sparse.npy", scipy.sparse.load_npz("sparse.npz").toarray().astype("float32"))"#,
        ]);
    }

    // The seed of the draw chooses other samples; seeds of replicates don't.
    configure(&place, "held_out = { share = 0.1, seed = 2 }");
    place.run("run own.toml --quiet --fresh", 0);
    assert_ne!(held_out_error(&place).to_bits(), first.1.to_bits());
    configure(&place, "held_out = { share = 0.1 }");
    place.run("run own.toml --quiet --fresh", 0);
    assert_eq!((row(&place)["run_key"].clone(), held_out_error(&place)), first);
    // Without it, as before.
    configure(&place, "");
    let said = place.run("run own.toml --fresh", 0);
    assert!(!said.stdout.contains("reconstruction error"), "{}", said.stdout);
    assert_eq!(row(&place)["held_out_reconstruction"], "");
    assert!(record(&place)["identity"].get("held_out").is_none());
    place.run("encode results/own --held-out --out codes.npy", 2).says(&["has no held-out samples"]);
}

#[test]
fn a_file_of_its_own_holds_the_held_out_samples() {
    let place = workplace("held_out = \"test.npy\"");
    let test = samples().slice(s![..7, ..]).to_owned();
    write_npy(place.path("test.npy"), &test).unwrap();
    place.run("run own.toml --quiet", 0);
    let (key, error) = (row(&place)["run_key"].clone(), held_out_error(&place));
    let spec = record(&place)["identity"].clone();
    assert_eq!((&spec["samples"], spec["held_out"]["sha256"].as_str().unwrap().len()), (&90.into(), 64));
    place.run("encode results/own --held-out --out codes.npy", 0).says(&["7 held-out samples"]);
    place.run("encode results/own --out all.npy", 0);
    let codes: Array2<f32> = read_npy(place.path("codes.npy")).unwrap();
    let all: Array2<f32> = read_npy(place.path("all.npy")).unwrap();
    assert_eq!(codes, all.slice(s![..7, ..]), "the same samples have the same codes");
    // Another file is another run: its numbers are in the record.
    write_npy(place.path("test.npy"), &(&test * 2.0)).unwrap();
    place
        .run("encode results/own --held-out --out codes.npy", 2)
        .says(&["test.npy", "not the held-out samples"]);
    place.run("run own.toml --quiet --fresh", 0);
    assert!(row(&place)["run_key"] != key && held_out_error(&place).to_bits() != error.to_bits());
    // Most commands need the training samples alone.
    fs::rename(place.path("test.npy"), place.path("moved.npy")).unwrap();
    place.run("encode results/own --out codes.npy", 0);
    place.run("encode results/own --held-out --out codes.npy", 2).says(&["test.npy", "held-out samples"]);
    place.run("run own.toml", 2).says(&["test.npy", "there is no such file"]);
}

#[test]
fn held_out_samples_that_cannot_be_are_refused_before_training() {
    let place = workplace("held_out = 0.1");
    write_npy(place.path("wide.npy"), &Array2::<f32>::zeros((3, 7))).unwrap();
    // A share is drawn among all samples, so that fewer of them don't help where they are too many.
    place.write("huge.npy", "");
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (5000000000, 4)}";
    let start =
        [b"\x93NUMPY\x01\x00", &118_u16.to_le_bytes()[..], format!("{header:<117}\n").as_bytes()].concat();
    fs::write(place.path("huge.npy"), start).unwrap();
    for (override_, parts) in [
        (
            "data.source.path=huge.npy",
            &["the limit is 17179869184; name a file or folder of its own in data.held_out"][..],
        ),
        ("data.held_out=1", &["data.held_out: found the number 1", "a number in (0, 1)"]),
        ("data.held_out=0", &["data.held_out: found the number 0"]),
        ("data.held_out={share=0.1,path=\"x.npy\"}", &["data.held_out.path: found an unknown key"]),
        ("data.held_out={seed=1}", &["data.held_out", "accepted: a number in (0, 1)"]),
        ("data.held_out=wide.npy", &["wide.npy: its samples have 7 inputs, but the training samples have 6"]),
        ("data.held_out=none.npy", &["none.npy: there is no such file"]),
        (
            "data.held_out={path=\"x.npy\",array=\"x\"}",
            &["x.npy: is read as the samples are", "no array \"x\"", "remove `array`"],
        ),
        ("data.held_out=0.999", &["has 90 samples, of which a share of 0.999 is 90: none is left"]),
        ("data.samples=82", &["82 samples are asked for, but there are 81"]),
        ("data.source=mnist", &["data.held_out: found for a data set with held-out samples of its own"]),
    ] {
        let ended = place.command("run own.toml -o").arg(override_).assert().code(2);
        let said = String::from_utf8(ended.get_output().stderr.clone()).unwrap();
        for part in parts {
            assert!(said.contains(part), "{override_}: no `{part}` in: {said}");
        }
    }
}

#[test]
fn a_new_configuration_suits_the_data_and_runs_as_it_is() {
    let place = Workplace::new();
    write_npy(place.path("x.npy"), &samples()).unwrap();
    fs::create_dir(place.path("configs")).unwrap();
    let ended = place.run("new configs/own.toml --data x.npy", 0);
    ended.says(&[
        "x.npy: 90 samples of 6 inputs",
        "from 0 to 1",
        "of the values are 0",
        "written: configs/own.toml; train it with: aesparse run configs/own.toml",
    ]);
    let text = place.read("configs/own.toml");
    for line in [
        "source = { kind = \"npy\", path = \"../x.npy\" }",
        "held_out = 0.1",
        "standardize = \"feature\"",
        "hidden = 20",
        "batch = 10",
        "sigma_squared = [0, 0.01, 0.1, 0.5, 1]",
        "weights = \"final\"",
    ] {
        assert!(text.lines().any(|found| found == line), "no {line} in:\n{text}");
    }
    place.run("plan configs/own.toml", 0).says(&["9 trainings"]);
    place.run("run configs/own.toml -o training.epochs=1 --quiet", 0);
    let runs = place.read("results/own/runs.csv");
    assert_eq!(runs.lines().count(), 1 + 10);
    place.run(
        "encode results/own --where regularizer=dae --where sigma_squared=0.1 --held-out --out c.npy",
        0,
    );
    // Missing folders are created.
    place.run("new out/far/own.toml --data x.npy", 0);
    assert_eq!(place.read("out/far/own.toml"), text.replace("../x.npy", "../../x.npy"));
    place.run("plan out/far/own.toml --out elsewhere", 0).says(&["9 trainings"]);
    // Without a file, the configuration is printed with the path as it was given.
    let printed = place.run("new --data x.npy", 0).stdout;
    assert_eq!(printed, text.replace("../x.npy", "x.npy"));
    place.write("t.csv", "a,b\n1,2\n3,4\n");
    let printed = place.run("new --data t.csv", 0).stdout;
    assert!(
        printed.contains("{ kind = \"csv\", path = \"t.csv\" }") && printed.contains("# held_out"),
        "{printed}"
    );
}

#[test]
fn a_new_configuration_for_images_has_their_channels() {
    let place = Workplace::new();
    for (folder, is_grey) in [("grey", true), ("colour", false)] {
        fs::create_dir(place.path(folder)).unwrap();
        for k in 0..30_u8 {
            let shade = |x: u32, y: u32| (x * 9 + y * 5) as u8 ^ k;
            let other = if is_grey { 0 } else { 77 };
            let image = image::RgbImage::from_fn(20, 24, |x, y| {
                image::Rgb([shade(x, y), shade(x, y), shade(x, y).wrapping_add(other)])
            });
            image.save(place.path(&format!("{folder}/{k}.png"))).unwrap();
        }
    }
    for (folder, shape) in [
        ("grey", "height = 28, width = 28, channels = 1"),
        ("colour", "height = 16, width = 16, channels = 3"),
    ] {
        place
            .run(&format!("new {folder}.toml --data {folder}"), 0)
            .says(&["30 samples", "bytes, divided by 255"]);
        let line = format!("source = {{ kind = \"images\", path = \"{folder}\", {shape} }}");
        assert!(place.read(&format!("{folder}.toml")).contains(&line));
        place.run(&format!("run {folder}.toml -o training.epochs=1 -o sweep.sigma_squared=0.1 --quiet"), 0);
        assert!(place.read(&format!("results/{folder}/runs.csv")).contains(&format!("{folder},")));
        place.run(&format!("inspect results/{folder} --where regularizer=dae"), 0).says(&["reconstructions"]);
    }
}

#[test]
fn data_that_new_cannot_look_at_are_refused() {
    let place = workplace("");
    place.run("new a.toml --data none.npy", 2).says(&["none.npy", "there is no such file"]);
    place
        .run("new a.toml --data x.npy --source mnist", 2)
        .says(&["--source mnist", "npy, npz, safetensors, csv, images"]);
    place.run("new a.toml --data x.npy --array x", 2).says(&["--array x", ".npz"]);
    place.run("new a.toml --array x", 2).says(&["--data"]);
    place.run("new own.toml --data x.npy", 2).says(&["own.toml", "there already"]);
    // A table as text, under a name that doesn't say so.
    place.write("t.txt", "1,2\n3,4\n");
    place.run("new a.toml --data t.txt", 2).says(&["looks like a text file", "in `new` with --source csv"]);
    assert!(!place.path("a.toml").exists());
    place.run("new a.toml --data t.txt --source csv", 0).says(&["t.txt: 2 samples of 2 inputs"]);
    place.run("plan a.toml", 0);
    place.write("equal.csv", "1,2\n1,2\n");
    place
        .run("new b.toml --data equal.csv", 0)
        .says(&["warning: equal.csv: every input is constant", "nothing to learn"]);
}

#[test]
fn data_in_the_place_of_a_run_and_weights_without_data_are_refused() {
    let place = workplace("");
    place.run("run own.toml --quiet", 0);
    place.run("encode x.npy --out c.npy", 2).says(&["x.npy: RUN is no results folder", "--input x.npy"]);
    place.run("export results/own --format npz --out encoder.npz", 0);
    for (options, part) in [
        ("", "a weights file has no training samples: name samples with --input PATH"),
        (" --held-out", "--held-out: a weights file has no results folder"),
    ] {
        place.run(&format!("encode encoder.npz --out c.npy{options}"), 2).says(&[part]);
    }
    // Another program's manifest makes no results folder.
    place.write("manifest.json", r#"{"name": "a page on the web"}"#);
    place.run("encode encoder.npz --input x.npy --out c.npy", 0);
}

/// Its relative paths start from the configuration that was trained.
#[test]
fn a_manifest_finds_the_data_of_its_runs() {
    let place = workplace("held_out = \"held.npy\"");
    write_npy(place.path("held.npy"), &(samples() * 0.5)).unwrap();
    place.run("run own.toml --quiet", 0);
    place.run("run results/own/manifest.json --out again --quiet", 0);
    let rows = |root: &str| place.read(&format!("{root}/own/runs.csv"));
    assert_eq!(rows("again"), rows("results"));
    // Nearer data come first.
    write_npy(place.path("results/own/x.npy"), &(samples() * 2.0)).unwrap();
    place.run("plan results/own/manifest.json --out third", 0);
    place.run("run results/own/manifest.json --out third --quiet", 0);
    assert_ne!(rows("third"), rows("results"));
}

#[test]
fn constant_samples_leave_no_share_unexplained() {
    let place = workplace("");
    write_npy(place.path("x.npy"), &Array2::from_elem((90, 6), 0.1_f32)).unwrap();
    place.run("run own.toml --quiet -o data.standardize=none", 0);
    assert_eq!(row(&place)["fraction_variance_unexplained"], "");
}

#[test]
fn samples_beyond_those_that_are_asked_for_are_not_judged() {
    let place = workplace("");
    write_npy(place.path("x.npy"), &(samples() * 1e-3)).unwrap();
    place.run("run own.toml --quiet", 0);
    place.write("far.csv", "1,1,1,1,1,1\n2,2,2,2,2,2\n3,3,3,3,3,3e38\n");
    let encode = |options: &str| format!("encode results/own --input far.csv --out c.npy{options}");
    place.run(&encode(""), 2).says(&["the sample 2 (from 0) is not finite after standardisation"]);
    place.run(&encode(" --samples 2"), 0);
}
