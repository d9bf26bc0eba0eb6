//! Trained encoders that are portable: a results folder alone, or one file, encodes other samples, and so does numpy.

use super::Workplace;
use super::formats::{assert_close, codes};
use aesparse::store::{Weights, read_encoder};
use ndarray::{Array1, Array2, array};
use ndarray_npy::{NpzReader, read_npy, write_npy};
use serde_json::Value as Json;
use std::env;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

/// A sweep on `x.npy` whose samples are standardised.
const OWN: &str = r#"
name = "own"
data = { source = { kind = "npy", path = "x.npy" }, standardize = { scope = "feature", epsilon = 0.01 } }
model = { hidden = 20, activation = "relu" }
training = { epochs = 3, batch = 25 }
sweep = { sigma_squared = [0.1], regularizer = ["dae"] }
output.weights = "initial_and_final"
"#;

/// Samples whose inputs have means and scales of their own.
pub(super) fn samples(rows: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, 12), |(i, j)| {
        ((i * i + 7 * i * j + 3 * j) % 23) as f64 * (j + 1) as f64 / 23.0
    })
}

/// A workplace with a trained sweep and without its data, other samples in `new.npy`, and the run key.
fn without_data() -> (Workplace, String) {
    let workplace = Workplace::new();
    workplace.write("own.toml", OWN);
    write_npy(workplace.path("x.npy"), &samples(90)).unwrap();
    write_npy(workplace.path("new.npy"), &(samples(40) * 0.7 - 0.1)).unwrap();
    workplace.run("run own.toml --quiet", 0);
    fs::rename(workplace.path("x.npy"), workplace.path("gone.npy")).unwrap();
    let key = workplace.table("results/own/runs.csv")[0]["run_key"].clone();
    (workplace, key)
}

/// A file of weights as an earlier version wrote it.
fn make_old(workplace: &Workplace, key: &str) {
    let file = workplace.path(&format!("results/own/weights/{key}/final.npz"));
    let weights = Weights::decode(&fs::read(&file).unwrap(), (20, 12)).unwrap();
    fs::write(&file, weights.encode().unwrap()).unwrap();
    fs::remove_file(file.with_extension("json")).unwrap();
}

/// The codes of `samples` by the arrays and the description in an archive, read without this program's reader, in double precision.
pub(super) fn codes_of_archive(path: &Path, samples: &Array2<f64>) -> Array2<f64> {
    let mut archive = NpzReader::new(File::open(path).unwrap()).unwrap();
    let (w, b): (Array2<f32>, Array1<f32>) = (archive.by_name("W").unwrap(), archive.by_name("b").unwrap());
    let (mean, sd): (Array1<f64>, Array1<f64>) =
        (archive.by_name("mean").unwrap(), archive.by_name("sd").unwrap());
    let mut description = String::new();
    let mut zip = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
    zip.by_name("encoder.json").unwrap().read_to_string(&mut description).unwrap();
    let description: Json = serde_json::from_str(&description).unwrap();
    assert_eq!(description["format"], "aesparse encoder 1");
    assert_eq!(
        (&description["identity"]["activation"], &description["identity"]["threshold"]),
        (&"relu".into(), &0.0.into())
    );
    assert_eq!(
        (&description["input"]["scale"], &description["input"]["images"]),
        (&"floats_up_to_255".into(), &Json::Null)
    );
    let standardize = &description["identity"]["standardize"];
    assert_eq!(standardize["scope"], "feature");
    let scaled = (samples - &mean) / (sd + standardize["epsilon"].as_f64().unwrap());
    codes(&Weights { w, b, b_d: None }, scaled.mapv(|x| x as f32).view(), |a| a.max(0.0))
}

/// Compares within 1e-5 of the largest code.
pub(super) fn assert_codes(found: &Array2<f32>, expected: &Array2<f64>) {
    assert_eq!(found.dim(), expected.dim());
    let largest = expected.iter().copied().fold(0.0, f64::max);
    assert!(largest > 0.1, "the codes are not all 0");
    for (found, expected) in found.iter().zip(expected) {
        assert!((f64::from(*found) - expected).abs() <= 1e-5 * largest, "{found} {expected}");
    }
}

#[test]
fn a_folder_or_one_file_encodes_without_the_training_data() {
    let (workplace, key) = without_data();
    let read = |name: &str| -> Array2<f32> { read_npy(workplace.path(name)).unwrap() };
    workplace
        .run("encode results/own --input new.npy --out folder.npy", 0)
        .says(&[key.as_str(), "40 own samples"]);
    let found = read("folder.npy");
    let weights = workplace.path(&format!("results/own/weights/{key}/final.npz"));
    assert_codes(&found, &codes_of_archive(&weights, &(samples(40) * 0.7 - 0.1)));
    // One file, in another place.
    fs::create_dir(workplace.path("elsewhere")).unwrap();
    fs::copy(&weights, workplace.path("elsewhere/final.npz")).unwrap();
    for format in ["npz", "safetensors"] {
        workplace.run(&format!("export results/own --format {format} --out elsewhere/dae.{format}"), 0);
    }
    assert_eq!(fs::read(workplace.path("elsewhere/dae.npz")).unwrap(), fs::read(&weights).unwrap());
    let before = fs::read(workplace.path("folder.npy")).unwrap();
    for file in ["final.npz", "dae.npz", "dae.safetensors"] {
        workplace
            .run(&format!("encode elsewhere/{file} --input new.npy --out one.npy"), 0)
            .says(&[key.as_str(), "relu, "]);
        assert!(fs::read(workplace.path("one.npy")).unwrap() == before, "{file}");
    }
    // From inside the results folder, whose name is then not in the path.
    let inside = |line: &str| {
        let output = workplace.command(line).current_dir(workplace.path("results/own")).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    inside("encode ../../elsewhere/dae.npz --input ../../new.npy --out ../../two.npy");
    assert!(fs::read(workplace.path("two.npy")).unwrap() == before);
    assert!(inside("export . --format jsonl --out -").contains("\"name\":\"own\""));
    // The weights before training are another encoder.
    workplace
        .run(&format!("encode results/own/weights/{key}/initial.npz --input new.npy --out initial.npy"), 0);
    // Other commands take the trained weights alone.
    let initial = format!("results/own/weights/{key}/initial.npz");
    for line in [
        format!("export {initial} --format npz --out one.npz"),
        format!("inspect {initial}"),
        format!("compare {initial} results/own/{key}"),
    ] {
        workplace.run(&line, 2).says(&["these are the weights before training", "final.npz"]);
    }
    assert_ne!(read("initial.npy"), found);
    // What the folder lacks is said.
    workplace
        .run("encode results/own --out codes.npy", 2)
        .says(&["x.npy: there is no such file", "--data PATH"]);
}

#[test]
fn every_scope_and_scale_is_described() {
    let workplace = Workplace::new();
    let bytes = Array2::from_shape_fn((30, 12), |(i, j)| ((40 * i + 17 * j) % 256) as u8);
    write_npy(workplace.path("bytes.npy"), &bytes).unwrap();
    write_npy(workplace.path("levels.npy"), &bytes.mapv(f32::from)).unwrap();
    write_npy(workplace.path("new.npy"), &bytes.slice(ndarray::s![3..9, ..]).to_owned()).unwrap();
    for scope in ["none", "feature", "sample", "global"] {
        workplace.write("own.toml", &OWN.replace("x.npy", "bytes.npy"));
        let set = format!("-o data.standardize={scope}");
        workplace.run(&format!("run own.toml --quiet --fresh -o model.activation=sigmoid {set}"), 0);
        workplace.run("encode results/own --out trained.npy", 0);
        workplace.run("export results/own --format npz --out encoder.npz", 0);
        let said = workplace.run("encode encoder.npz --input new.npy --out one.npy --quiet", 0);
        assert_eq!(said.stderr, "");
        let [trained, found]: [Array2<f32>; 2] =
            ["trained.npy", "one.npy"].map(|name| read_npy(workplace.path(name)).unwrap());
        assert_close(&found, &trained.slice(ndarray::s![3..9, ..]).mapv(f64::from));
        // The scale of the training samples is known without them; standardisation by sample removes it.
        let said = workplace.run("encode encoder.npz --input levels.npy --out levels.codes.npy", 0);
        assert_eq!(said.stderr.contains("its floating-point numbers go up to 255"), scope != "sample");
        let (_, encoder) = read_encoder(&workplace.path("encoder.npz")).unwrap();
        assert_eq!(encoder.spec.standardize.scope(), scope);
        assert_eq!(encoder.input.statistics.is_some(), ["feature", "global"].contains(&scope));
    }
}

#[test]
fn weights_of_earlier_versions_are_completed_where_the_data_are() {
    let (workplace, key) = without_data();
    workplace.run("encode results/own --input new.npy --out expected.npy", 0);
    let complete = workplace.path(&format!("results/own/weights/{key}/final.npz"));
    let complete = fs::read(complete).unwrap();
    make_old(&workplace, &key);
    let old = format!("results/own/weights/{key}/final.npz");
    fs::copy(workplace.path(&old), workplace.path("old.npz")).unwrap();
    // Alone it says too little, and without the data so does the folder.
    workplace.run("encode old.npz --input new.npy --out c.npy", 2).says(&[
        "old.npz: it has weights but no `encoder.json`",
        "aesparse export FOLDER/KEY --format npz --out encoder.npz",
    ]);
    workplace
        .run("encode results/own --input new.npy --out c.npy", 2)
        .says(&["x.npy: there is no such file"]);
    for format in ["npz", "safetensors"] {
        let said = workplace.run(&format!("export results/own --format {format} --out bare.{format}"), 0);
        said.says(&["warning: 1 of 1 files have weights of an earlier version", "x.npy", "--data PATH"]);
        workplace
            .run(&format!("encode bare.{format} --input new.npy --out c.npy"), 2)
            .says(&["no `encoder.json`"]);
        // With the data the files are those of today.
        workplace
            .run(&format!("export results/own --data gone.npy --format {format} --out whole.{format}"), 0);
        workplace.run(&format!("encode whole.{format} --input new.npy --out c.npy"), 0);
        assert!(
            fs::read(workplace.path("c.npy")).unwrap() == fs::read(workplace.path("expected.npy")).unwrap()
        );
    }
    assert!(fs::read(workplace.path("whole.npz")).unwrap() == complete);
    workplace.run("encode results/own --data gone.npy --input new.npy --out c.npy", 0);
    assert!(fs::read(workplace.path("c.npy")).unwrap() == fs::read(workplace.path("expected.npy")).unwrap());
    // A run that starts from either file has the same key.
    fs::rename(workplace.path("gone.npy"), workplace.path("x.npy")).unwrap();
    for start in ["old", "whole"] {
        let line = format!(
            "run own.toml --quiet --out {start} -o model.init.from={start}.npz -o sweep.sigma_squared=[0.3]"
        );
        workplace.run(&line, 0);
    }
    assert_eq!(workplace.results("old/own"), workplace.results("whole/own"));
}

#[test]
fn one_file_is_refused_with_what_is_wrong() {
    let (workplace, key) = without_data();
    workplace.run("export results/own --format safetensors --out dae.safetensors", 0);
    let bytes = fs::read(workplace.path("dae.safetensors")).unwrap();
    let changed = |from: &str, to: &str| {
        let at = bytes.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
        [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
    };
    fs::write(workplace.path("other.safetensors"), changed("\\\"relu\\\"", "\\\"tanh\\\"")).unwrap();
    fs::write(workplace.path("short.safetensors"), &bytes[..bytes.len() - 9]).unwrap();
    fs::write(workplace.path("text.npz"), "no archive").unwrap();
    let mut archive = ndarray_npy::NpzWriter::new(File::create(workplace.path("numpy.npz")).unwrap());
    archive.add_array("W", &array![[1.0_f32]]).unwrap();
    archive.finish().unwrap();
    for (line, parts) in [
        ("encode other.safetensors --input new.npy", ["`encoder.json` in it can't be used", "digest"]),
        ("encode short.safetensors --input new.npy", ["neither an .npz archive nor a safetensors file", ""]),
        ("encode text.npz --input new.npy", ["text.npz", "neither an .npz archive"]),
        ("encode numpy.npz --input new.npy", ["no `encoder.json`", "aesparse export"]),
        ("encode dae.safetensors", ["no training samples", "--input PATH"]),
        ("encode dae.safetensors --held-out", ["--held-out", "--input PATH"]),
        ("encode dae.safetensors --where seed=1 --input new.npy", ["--where", "no results folder"]),
        ("encode dae.safetensors --data x.npy --input new.npy", ["--data", "no results folder"]),
        ("encode nowhere.npz --input new.npy", ["nowhere.npz", "no such file"]),
    ] {
        workplace.run(&format!("{line} --out codes.npy"), 2).says(&parts);
    }
    workplace
        .run("encode dae.safetensors --input new.npy --out dae.safetensors", 2)
        .says(&["accepted: .npy"]);
    workplace
        .run("export results/own --format npz --out dae.safetensors", 2)
        .says(&["another format than --format npz", "FILE.npz"]);
    assert!(!workplace.path("codes.npy").exists());
    // The description of another run beside a run's weights.
    let file = workplace.path(&format!("results/own/weights/{key}/final.npz"));
    workplace.run("run own.toml --quiet --out second -o data.source.path=gone.npy -o training.epochs=4", 0);
    let second = &workplace.table("second/own/runs.csv")[0]["run_key"];
    fs::copy(workplace.path(&format!("second/own/weights/{second}/final.npz")), &file).unwrap();
    fs::remove_file(file.with_extension("json")).unwrap();
    workplace
        .run("encode results/own --input new.npy --out c.npy", 2)
        .says(&["the weights of another run", second]);
}

#[test]
fn ids_stand_beside_the_codes_of_named_samples() {
    let (workplace, _) = without_data();
    let ids: String = (0..40).map(|row| format!("word {row}, ü\n")).collect();
    workplace.write("names.txt", &ids);
    let encode = "encode results/own --input new.npy --ids names.txt --samples 3";
    for (end, written) in
        [("npy", "codes.npy, codes.ids.txt"), ("npz", "codes.npz, codes.ids.txt"), ("csv", "codes.csv")]
    {
        let ended = workplace.run(&format!("{encode} --out codes.{end}"), 0);
        assert!(ended.stdout.ends_with(&format!("written: {written}\n")), "{}", ended.stdout);
    }
    assert_eq!(workplace.read("codes.ids.txt"), "word 0, ü\nword 1, ü\nword 2, ü\n");
    let csv = workplace.read("codes.csv");
    let (header, first) = csv.split_once('\n').unwrap();
    assert!(header.starts_with("id,h0,h1") && first.starts_with("\"word 0, ü\","), "{csv}");
    workplace.run(&format!("{encode} --out codes.jsonl"), 0);
    assert!(workplace.read("codes.jsonl").starts_with("{\"sample\":0,\"id\":\"word 0, ü\",\"units\":["));
    // Without ids there is no file of them, and an earlier one is said not to belong to the codes.
    let said = workplace.run("encode results/own --input new.npy --out codes.npy", 0);
    said.says(&["warning: codes.ids.txt: it is not of these codes", "written: codes.npy\n"]);
    assert!(
        !workplace.run("encode results/own --input new.npy --out codes.csv", 0).stderr.contains("warning")
    );
    assert!(workplace.read("codes.csv").starts_with("h0,"));
    // A line for each sample of the data.
    workplace.write("short.txt", "a\nb\n");
    workplace
        .run("encode results/own --input new.npy --ids short.txt --out c.npy", 2)
        .says(&["short.txt: line 3", "expected 40, one for each sample"]);
    workplace.write("c.ids.txt", &ids);
    workplace
        .run("encode results/own --input new.npy --ids c.ids.txt --out c.npy", 2)
        .says(&["c.ids.txt: it is an input, which would be lost"]);
    assert!(!workplace.path("c.npy").exists());
}

/// Own samples are read in blocks: more of them than a block has, in every way to store them, and the first of them.
#[test]
fn samples_in_blocks_have_the_codes_of_a_whole_matrix() {
    let (workplace, _) = without_data();
    let many = Array2::from_shape_fn((333, 12), |(i, j)| ((i * i + 7 * i * j + 3 * j) % 23) as f64 / 3.0);
    let read = |name: &str| -> Array2<f32> { read_npy(workplace.path(name)).unwrap() };
    write_npy(workplace.path("many.npy"), &many).unwrap();
    let fortran = many.t().as_standard_layout().into_owned().reversed_axes();
    write_npy(workplace.path("fortran.npy"), &fortran).unwrap();
    workplace.run("encode results/own --input many.npy --out many.codes.npy", 0).says(&["333 own samples"]);
    let whole = read("many.codes.npy");
    workplace.run("encode results/own --input fortran.npy --out fortran.codes.npy", 0);
    assert_eq!(read("fortran.codes.npy"), whole);
    for count in [1, 99, 101, 300, 333] {
        workplace.run(&format!("encode results/own --input many.npy --samples {count} --out first.npy"), 0);
        assert_eq!(read("first.npy"), whole.slice(ndarray::s![..count, ..]), "{count}");
    }
    // What is wrong in a later block is named by its row, and no file is left.
    let mut broken = many;
    broken[[222, 5]] = f64::NAN;
    write_npy(workplace.path("broken.npy"), &broken).unwrap();
    workplace
        .run("encode results/own --input broken.npy --out c.npy", 2)
        .says(&["broken.npy", "row 222, column 5"]);
    broken[[222, 5]] = 0.0;
    broken[[222, 0]] = 3e38;
    write_npy(workplace.path("broken.npy"), &broken).unwrap();
    let ended = workplace.run("encode results/own --input broken.npy --out c.npy", 2);
    ended.says(&["broken.npy: the sample 222 (from 0) is not finite after standardisation"]);
    assert!(!workplace.path("c.npy").exists());
}

/// The interpreter: the variable PYTHON, or `python3`.
fn python() -> Command {
    Command::new(env::var_os("PYTHON").unwrap_or_else(|| "python3".into()))
}

/// The first block of python behind the heading `## Weights` of docs/results.md.
fn lines_of_the_page() -> String {
    let page = include_str!("../../docs/results.md").replace("\r\n", "\n");
    let (_, section) = page.split_once("\n## Weights\n").unwrap();
    let (_, code) = section.split_once("```python\n").unwrap();
    code.split_once("```").unwrap().0.to_owned()
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped check says so")]
fn the_lines_of_numpy_in_the_docs_give_the_same_codes() {
    let has_numpy = python().args(["-c", "import numpy"]).output();
    if !has_numpy.is_ok_and(|output| output.status.success()) {
        eprintln!("Python has no numpy: the lines of docs/results.md are not run; set PYTHON");
        return;
    }
    let (workplace, _) = without_data();
    workplace.run("export results/own --format npz --out encoder.npz", 0);
    workplace.run("encode encoder.npz --input new.npy --out codes.npy", 0);
    let end = "\nassert h.max() > 0.1 and abs(h - numpy.load('codes.npy')).max() <= 1e-5 * h.max()\n";
    let lines = lines_of_the_page() + end;
    let output = python().args(["-c", &lines]).current_dir(workplace.path("")).output().unwrap();
    assert!(output.status.success(), "{lines}\n{}", String::from_utf8_lossy(&output.stderr));
}
