//! `encode` and `export`: what others read is what was trained, and the results stay as they are.

use super::Workplace;
use aesparse::data::Precision;
use aesparse::data::{self, Locations};
use aesparse::experiment::config;
use aesparse::store::{Record, Weights};
use ndarray::{Array1, Array2, ArrayView2, s};
use ndarray_npy::{NpzReader, read_npy, write_npy};
use serde_json::Value as Json;
use std::fs;
use std::path::Path;

/// A sweep with standardised samples, so that own ones must be standardised too.
const STANDARDISED: &str = r#"
name = "scaled"
data = { source = { kind = "synthetic", samples = 250, inputs = 12, atoms = 8, active = 2 }, standardize = "feature" }
model = { hidden = 20, activation = "sigmoid", decoder_bias = true }
training = { epochs = 3, batch = 25 }
sweep = { sigma_squared = [0.1], regularizer = ["dae"] }
output.weights = "final"
"#;

const DAE: &str = "results/tiny --where regularizer=dae --where sigma_squared=0.5";

/// A workplace with the results of `tiny.toml`.
fn trained() -> Workplace {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet", 0);
    workplace
}

fn weights(workplace: &Workplace, folder: &str, key: &str) -> Weights {
    Weights::read(&workplace.path(&format!("{folder}/weights/{key}/final.npz")), (20, 12)).unwrap().weights
}

/// s(W x + b) in scalar loops and double precision.
pub(super) fn codes(
    weights: &Weights,
    samples: ArrayView2<'_, f32>,
    activation: fn(f64) -> f64,
) -> Array2<f64> {
    Array2::from_shape_fn((samples.nrows(), weights.b.len()), |(i, j)| {
        let mut a = f64::from(weights.b[j]);
        for k in 0..samples.ncols() {
            a += f64::from(weights.w[[j, k]]) * f64::from(samples[[i, k]]);
        }
        activation(a)
    })
}

pub(super) fn assert_close(found: &Array2<f32>, expected: &Array2<f64>) {
    assert_eq!(found.dim(), expected.dim());
    for (place, found) in found.indexed_iter() {
        // Rounding of a sum of twelve products in single precision.
        assert!((f64::from(*found) - expected[place]).abs() < 1e-6, "{found} {} {place:?}", expected[place]);
    }
}

/// The training and held-out samples of `text`, as the library loads them.
fn samples(text: &str) -> (Array2<f32>, Array2<f32>) {
    let config = config::parse(text, Path::new("test.toml"), &[]).unwrap();
    let dataset = data::load(config.data(), &Locations::default()).unwrap();
    (dataset.train, dataset.held_out.unwrap())
}

#[test]
fn codes_are_those_of_the_definition_and_of_what_was_measured() {
    let workplace = trained();
    let before = workplace.results("results/tiny");
    workplace.run(&format!("encode {DAE} --out codes.npy"), 0).says(&[
        "relu, unit_norm, dae, σ² = 0.5, seed 1",
        "120 training samples, 20 units",
        "written: codes.npy",
    ]);
    workplace
        .run(&format!("encode {DAE} --held-out --out deep/held_out.npy"), 0)
        .says(&["12 held-out samples"]);
    let row = workplace.table("results/tiny/runs.csv");
    let row = row.iter().find(|row| row["regularizer"] == "dae" && row["sigma_squared"] == "0.5").unwrap();
    let weights = weights(&workplace, "results/tiny", &row["run_key"]);
    let (train, held_out) = samples(super::TINY);
    let relu = |a: f64| a.max(0.0);
    let found: Array2<f32> = read_npy(workplace.path("codes.npy")).unwrap();
    assert_close(&found, &codes(&weights, train.view(), relu));
    let found_held_out: Array2<f32> = read_npy(workplace.path("deep/held_out.npy")).unwrap();
    assert_close(&found_held_out, &codes(&weights, held_out.view(), relu));
    // Counted by the training itself, exactly.
    for (codes, column) in
        [(&found, "avg_activation_fraction"), (&found_held_out, "held_out_activation_fraction")]
    {
        let active = codes.iter().filter(|h| **h > 0.0).count();
        assert_eq!(active as f64 / codes.len() as f64, row[column].parse::<f64>().unwrap());
    }
    // The first samples are the first rows, bit for bit, whatever the blocks.
    for count in [1, 99, 101] {
        workplace.run(&format!("encode {DAE} --samples {count} --out first.npy --quiet"), 0);
        let first: Array2<f32> = read_npy(workplace.path("first.npy")).unwrap();
        assert_eq!(first, found.slice(s![..count, ..]));
    }
    assert_eq!(workplace.results("results/tiny"), before, "nothing is written there");
}

/// A network whose products are large enough to be shared.
#[test]
fn the_number_of_threads_changes_no_byte_of_codes_or_their_distribution() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml -o model.hidden=3000 -o training.epochs=1 --quiet", 0);
    let results = |threads: usize| {
        workplace.run(&format!("encode {DAE} --threads {threads} --out codes.npy --quiet"), 0);
        workplace.run(&format!("inspect {DAE} --threads {threads} --out pictures --quiet"), 0);
        let files =
            ["codes.npy", "pictures/active_units.csv", "pictures/features.csv", "pictures/features.html"];
        files.map(|name| fs::read(workplace.path(name)).unwrap())
    };
    let alone = results(1);
    assert!(alone == results(2) && alone == results(3));
    workplace.run(&format!("encode {DAE} --threads 0 --out codes.npy"), 2);
}

/// The dense matrix of a sparse one, by the layout of compressed rows.
fn dense(path: &Path) -> Array2<f32> {
    let mut archive = NpzReader::new(fs::File::open(path).unwrap()).unwrap();
    let mut names = archive.names().unwrap();
    names.sort();
    assert_eq!(names, ["data", "format", "indices", "indptr", "shape"]);
    let shape: Array1<i64> = archive.by_name("shape").unwrap();
    let (indptr, indices): (Array1<i32>, Array1<i32>) =
        (archive.by_name("indptr").unwrap(), archive.by_name("indices").unwrap());
    let data: Array1<f32> = archive.by_name("data").unwrap();
    assert_eq!((indptr.len() as i64, indices.len()), (shape[0] + 1, data.len()));
    let mut dense = Array2::zeros((shape[0] as usize, shape[1] as usize));
    for row in 0..dense.nrows() {
        for at in indptr[row] as usize..indptr[row + 1] as usize {
            dense[[row, indices[at] as usize]] = data[at];
        }
    }
    dense
}

#[test]
fn sparse_codes_have_the_units_above_the_threshold() {
    let workplace = Workplace::new();
    workplace.write("scaled.toml", STANDARDISED);
    workplace.run("run scaled.toml --quiet -o evaluation.threshold=0.5", 0);
    for end in ["npy", "npz"] {
        workplace.run(&format!("encode results/scaled --out codes.{end} --quiet"), 0);
    }
    let npy: Array2<f32> = read_npy(workplace.path("codes.npy")).unwrap();
    let active = npy.mapv(|h| if h > 0.5 { h } else { 0.0 });
    assert!(active != npy && active.iter().any(|h| *h > 0.0));
    assert_eq!(dense(&workplace.path("codes.npz")), active);
}

#[test]
fn the_formats_agree() {
    let workplace = trained();
    for end in ["npy", "npz", "csv", "jsonl"] {
        workplace.run(&format!("encode {DAE} --out codes.{end} --quiet"), 0);
    }
    let npy: Array2<f32> = read_npy(workplace.path("codes.npy")).unwrap();
    assert_eq!(dense(&workplace.path("codes.npz")), npy, "under ReLU, what isn't active is 0");
    let (csv, lines) = (workplace.read("codes.csv"), workplace.read("codes.jsonl"));
    assert!(csv.starts_with("h0,h1,h2,"));
    assert_eq!((csv.lines().count(), lines.lines().count()), (1 + npy.nrows(), npy.nrows()));
    for (sample, (codes, (line, object))) in
        npy.rows().into_iter().zip(csv.lines().skip(1).zip(lines.lines())).enumerate()
    {
        let numbers: Vec<f32> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        assert_eq!(numbers, codes.to_vec());
        let object: Json = serde_json::from_str(object).unwrap();
        assert_eq!(object["sample"], sample);
        let mut sparse = vec![0.0; codes.len()];
        let values = object["values"].as_array().unwrap();
        for (unit, value) in object["units"].as_array().unwrap().iter().zip(values) {
            sparse[unit.as_u64().unwrap() as usize] = value.to_string().parse::<f32>().unwrap();
        }
        // Under ReLU, what isn't active is 0.
        assert_eq!(sparse, codes.to_vec());
    }
}

#[test]
fn own_samples_are_standardised_as_the_training_samples() {
    let workplace = Workplace::new();
    workplace.write("scaled.toml", STANDARDISED);
    workplace.run("run scaled.toml --quiet", 0);
    let key = &workplace.table("results/scaled/runs.csv")[0]["run_key"];
    let weights = weights(&workplace, "results/scaled", key);
    let (raw, _) = samples(&STANDARDISED.replace("\"feature\"", "\"none\""));
    // The definition, in double precision.
    let raw64 = raw.mapv(f64::from);
    let mean = raw64.mean_axis(ndarray::Axis(0)).unwrap();
    let sd = raw64.std_axis(ndarray::Axis(0), 0.0);
    let own = Array2::from_shape_fn((3, 12), |(i, j)| 0.1 * (i * 12 + j) as f32 - 1.0);
    let scaled = Array2::from_shape_fn((3, 12), |(i, j)| ((f64::from(own[[i, j]]) - mean[j]) / sd[j]) as f32);
    write_npy(workplace.path("own.npy"), &own).unwrap();
    workplace.run("encode results/scaled --input own.npy --out codes.npy", 0).says(&["3 own samples"]);
    let sigmoid = |a: f64| 1.0 / (1.0 + (-a).exp());
    let found = read_npy(workplace.path("codes.npy")).unwrap();
    assert_close(&found, &codes(&weights, scaled.view(), sigmoid));
    // Global scope has the training samples' one mean and one standard deviation.
    workplace.run("run scaled.toml --quiet --out global -o data.standardize=global", 0);
    let key = &workplace.table("global/scaled/runs.csv")[0]["run_key"];
    let trained = self::weights(&workplace, "global/scaled", key);
    let (mean, sd) = (raw64.mean().unwrap(), raw64.std(0.0));
    let global = own.mapv(|x| ((f64::from(x) - mean) / sd) as f32);
    workplace.run("encode global/scaled --input own.npy --out global.npy", 0);
    assert_close(&read_npy(workplace.path("global.npy")).unwrap(), &codes(&trained, global.view(), sigmoid));
    workplace.run(&format!("inspect global/scaled/{key}"), 0).says(&["over all values"]);
    // The training samples as a file of one's own give the codes of the training samples.
    write_npy(workplace.path("raw.npy"), &raw).unwrap();
    workplace.run("encode results/scaled --input raw.npy --out codes.npy --quiet", 0);
    workplace.run("encode results/scaled --out trained.npy --quiet", 0);
    assert!(
        fs::read(workplace.path("codes.npy")).unwrap() == fs::read(workplace.path("trained.npy")).unwrap()
    );
}

#[test]
fn the_data_of_a_file_are_found_and_checked() {
    let workplace = Workplace::new();
    let one = Array2::from_shape_fn((60, 12), |(i, j)| ((i * i + 3 * j) % 17) as f32 / 17.0);
    fs::create_dir(workplace.path("elsewhere")).unwrap();
    write_npy(workplace.path("x.npy"), &one).unwrap();
    write_npy(workplace.path("elsewhere/other.npy"), &(&one * 2.0)).unwrap();
    let source = super::TINY.lines().find(|line| line.starts_with("data.source")).unwrap();
    let text = super::TINY.replace(source, "data.source = { kind = \"npy\", path = \"x.npy\" }");
    workplace.write("tiny.toml", &text);
    workplace.run("run tiny.toml --quiet", 0);
    workplace.run(&format!("encode {DAE} --out a.npy"), 0);
    fs::rename(workplace.path("x.npy"), workplace.path("elsewhere/x.npy")).unwrap();
    workplace.run(&format!("encode {DAE} --out b.npy"), 2).says(&["x.npy"]);
    workplace.run(&format!("encode {DAE} --data elsewhere/x.npy --out b.npy"), 0);
    assert_eq!(fs::read(workplace.path("a.npy")).unwrap(), fs::read(workplace.path("b.npy")).unwrap());
    let refused = workplace.run(&format!("encode {DAE} --data elsewhere/other.npy --out c.npy"), 2);
    refused.says(&["other.npy: not the data that the run", "expected 60 of 12", "--data PATH"]);
    workplace
        .run(&format!("encode {DAE} --held-out --data elsewhere/x.npy --out c.npy"), 2)
        .says(&["no held-out"]);
    assert!(!workplace.path("c.npy").exists());
}

/// A sweep on a file, with the identity as weights: codes are the samples as the program has them.
fn echo(path: &str, standardize: &str) -> String {
    format!(
        r#"
name = "echo"
data = {{ source = {{ kind = "npy", path = "{path}" }}, standardize = "{standardize}" }}
model = {{ hidden = 3, activation = "identity", constraint = "none", init.from = "start.npz" }}
training = {{ epochs = 1, learning_rate = 1e-30 }}
sweep = {{ sigma_squared = [0], regularizer = ["none"] }}
evaluation.threshold = 0
output.weights = "final"
"#
    )
}

/// A workplace with the file of weights that [`echo`] starts from.
fn echoing() -> Workplace {
    let workplace = Workplace::new();
    let start = Weights { w: Array2::eye(3), b: vec![0.0; 3].into(), b_d: None };
    fs::write(workplace.path("start.npz"), start.encode().unwrap()).unwrap();
    workplace
}

#[test]
fn doubles_with_an_offset_keep_their_digits() {
    let workplace = echoing();
    let signal = Array2::from_shape_fn((40, 3), |(i, j)| ((7 * i + 5 * j) % 40) as f64 / 20.0 - 1.0);
    // Seconds since 1970, pressures, and something plain.
    let columns = ndarray::array![[1.0, 0.01, 1.0]];
    let measured = &signal * &columns + ndarray::array![[1.7e9, 1e5, 0.0]];
    write_npy(workplace.path("x.npy"), &measured).unwrap();
    write_npy(workplace.path("single.npy"), &measured.mapv(|x| x as f32)).unwrap();
    workplace.write("echo.toml", &echo("x.npy", "feature"));
    let said = workplace.run("run echo.toml --quiet", 0);
    assert!(said.stderr.is_empty(), "{}", said.stderr);
    workplace.run("encode results/echo --out codes.npy", 0);
    let codes = |name: &str| -> Array2<f32> { read_npy(workplace.path(name)).unwrap() };
    let scaled = (&measured - &measured.mean_axis(ndarray::Axis(0)).unwrap())
        / measured.std_axis(ndarray::Axis(0), 0.0);
    assert_close(&codes("codes.npy"), &scaled);
    // So do samples of one's own; and what the run is looked at with is what it was trained on.
    write_npy(workplace.path("two.npy"), &measured.slice(s![3..5, ..])).unwrap();
    workplace.run("encode results/echo --input two.npy --out two_codes.npy", 0);
    assert_eq!(codes("two_codes.npy"), codes("codes.npy").slice(s![3..5, ..]));
    workplace.run("inspect results/echo", 0);

    // Another seed comes to the first one's rows, as with other data.
    workplace.run("run echo.toml --quiet --out seeds", 0);
    workplace.run("run echo.toml --quiet --out seeds -o seeds=[1,2]", 0);
    workplace.run("run echo.toml --quiet --out seeds", 0);
    assert_eq!(workplace.table("seeds/echo/runs.csv").len(), 2);

    // The identity says so, and a run of an earlier version isn't taken for one of these.
    let key = &workplace.table("results/echo/runs.csv")[0]["run_key"];
    let path = format!("results/echo/records/{key}.json");
    let mut record = Record::load(&workplace.path(&path)).unwrap();
    assert_eq!(record.spec.standardized_from, Precision::Double);
    workplace
        .run("run echo.toml --quiet --out plain -o data.standardize=none", 0)
        .says(&["warning: x: columns 0, 1 (from 0)"]);
    let said = workplace.run("run echo.toml --out single -o data.source.path=single.npy", 0);
    // Column 0 has but one value there.
    said.says(&["warning: single: column 1 (from 0) loses digits in f32"]);
    let single = &workplace.table("single/echo/runs.csv")[0]["run_key"];
    assert!(!workplace.read(&format!("single/echo/records/{single}.json")).contains("standardized_from"));

    // The first run as an earlier version would have left it.
    record.spec.standardized_from = Precision::Single;
    record.run_key = record.spec.key();
    let earlier = record.run_key.as_str();
    fs::remove_file(workplace.path(&path)).unwrap();
    fs::write(workplace.path(&format!("results/echo/records/{earlier}.json")), record.encode().unwrap())
        .unwrap();
    for table in ["runs.csv", "epochs.csv"] {
        let table = format!("results/echo/{table}");
        workplace.write(&table, &workplace.read(&table).replace(key.as_str(), earlier));
    }
    let weights = |key: &str| workplace.path(&format!("results/echo/weights/{key}"));
    fs::rename(weights(key), weights(earlier)).unwrap();
    fs::remove_file(weights(earlier).join("final.json")).unwrap();
    let file = weights(earlier).join("final.npz");
    let alone = Weights::read(&file, (3, 3)).unwrap().weights;
    fs::write(&file, alone.encode().unwrap()).unwrap();
    let refused = workplace.run("encode results/echo --out c.npy", 2);
    refused.says(&["x.npy: the run", "rounded f64 samples to f32", "--fresh"]);
    workplace.run("run echo.toml", 2).says(&["none of them is in this plan", "--fresh"]);
}

/// No result depends on the note of where the data are.
#[test]
fn a_note_that_cant_be_written_costs_nothing() {
    let workplace = echoing();
    let samples = Array2::from_shape_fn((30, 3), |(i, j)| ((i * i + 3 * j) % 17) as f32 / 17.0);
    write_npy(workplace.path("x.npy"), &samples).unwrap();
    workplace.write("echo.toml", &echo("x.npy", "none"));
    workplace.run("plan echo.toml --write plan.json", 0);
    for folder in ["results/echo", "merged/echo"] {
        fs::create_dir_all(workplace.path(folder)).unwrap();
        workplace.write(&format!("{folder}/.local"), "no folder");
    }
    workplace.run("run echo.toml --quiet", 0);
    workplace.run("merge --plan plan.json --from results --out merged", 0);
    for table in ["runs.csv", "epochs.csv"] {
        assert_eq!(
            workplace.read(&format!("merged/echo/{table}")),
            workplace.read(&format!("results/echo/{table}"))
        );
    }
    assert_eq!(workplace.read("merged/echo/.local"), "no folder");
}

/// Where data were read from is on this machine alone, and found from anywhere on it.
#[test]
fn data_are_found_where_they_were_read() {
    let workplace = echoing();
    for folder in ["project/configs", "project/data", "elsewhere"] {
        fs::create_dir_all(workplace.path(folder)).unwrap();
    }
    let samples = Array2::from_shape_fn((30, 3), |(i, j)| ((i * i + 3 * j) % 17) as f32 / 17.0);
    let absolute = workplace.path("elsewhere/x.npy");
    for path in ["project/data/x.npy", "elsewhere/x.npy"] {
        write_npy(workplace.path(path), &samples).unwrap();
    }
    fs::copy(workplace.path("start.npz"), workplace.path("project/configs/start.npz")).unwrap();
    for (name, path) in [("absolute", absolute.to_str().unwrap()), ("relative", "../data/x.npy")] {
        workplace.write("project/configs/echo.toml", &echo(path, "none"));
        workplace.run(&format!("run project/configs/echo.toml --quiet --out {name}"), 0);
        assert!(!workplace.read(&format!("{name}/echo/manifest.json")).contains("elsewhere"));
        assert_eq!(
            workplace.read(&format!("{name}/echo/.local/.gitignore")),
            "*
"
        );
        workplace.run(&format!("encode {name}/echo --out codes.npy"), 0);
        workplace.run(&format!("inspect {name}/echo"), 0);
    }
    // Moved together; and a file of the same name that is another is passed over.
    fs::create_dir(workplace.path("moved")).unwrap();
    for folder in ["relative", "project", "elsewhere"] {
        fs::rename(workplace.path(folder), workplace.path("moved").join(folder)).unwrap();
    }
    write_npy(workplace.path("x.npy"), &(&samples * 2.0)).unwrap();
    workplace.run("encode moved/relative/echo --out codes.npy", 0);
    // Where they are gone, the message says how to name them.
    workplace
        .run("encode absolute/echo --out codes.npy", 2)
        .says(&["not the data that the run", "--data PATH"]);
    fs::remove_file(workplace.path("x.npy")).unwrap();
    let elsewhere = "elsewhere/x.npy";
    workplace.run("encode absolute/echo --out codes.npy", 2).says(&[
        "x.npy: there is no such file",
        elsewhere,
        "--data PATH",
    ]);
    workplace.run("inspect absolute/echo --data moved/elsewhere/x.npy", 0);
    // A merge takes no paths along.
    workplace.write("echo.toml", &echo("moved/elsewhere/x.npy", "none"));
    workplace.run("plan echo.toml --write plan.json --out merged", 0);
    let merged = workplace.run("merge --plan plan.json --from absolute --out merged", 0);
    drop(merged);
    assert!(!workplace.read("merged/echo/manifest.json").contains("elsewhere"));
}

/// 255 is white for bytes and for numbers as they are.
#[test]
fn samples_of_another_scale_are_warned_of() {
    let workplace = echoing();
    let bytes = Array2::from_shape_fn((30, 3), |(i, j)| ((40 * i + 90 * j) % 256) as u8);
    write_npy(workplace.path("bytes.npy"), &bytes).unwrap();
    write_npy(workplace.path("levels.npy"), &bytes.mapv(f32::from)).unwrap();
    write_npy(workplace.path("unit.npy"), &bytes.mapv(|byte| f32::from(byte) / 255.0)).unwrap();
    for standardize in ["none", "feature"] {
        for (trained, quiet, warned, part) in [
            ("bytes", ["bytes", "unit"], "levels", "levels.npy: its floating-point numbers go up to 255"),
            ("levels", ["levels", "unit"], "bytes", "bytes.npy: its bytes are divided by 255"),
        ] {
            workplace.write("echo.toml", &echo(&format!("{trained}.npy"), standardize));
            workplace.run("run echo.toml --quiet --fresh", 0);
            let encode = |own: &str| {
                workplace.run(&format!("encode results/echo --input {own}.npy --out c.npy --quiet"), 0)
            };
            for own in quiet {
                assert_eq!(encode(own).stderr, "", "{trained} {own}");
            }
            encode(warned).says(&["warning: ", part, "x.astype"]);
        }
    }
    // Numbers as they are have no scale of their own; after standardisation they should be like the training samples.
    workplace.write("echo.toml", &echo("unit.npy", "feature"));
    workplace.run("run echo.toml --quiet --fresh", 0);
    let encode = |own: &str| {
        workplace.run(&format!("encode results/echo --input {own}.npy --samples 7 --out c.npy --quiet"), 0)
    };
    assert_eq!(encode("unit").stderr, "");
    encode("levels").says(&["warning: levels.npy: standardised", "root mean square", "compare the scale"]);
}

/// Runs of any age can be encoded as long as their configuration is still understood.
#[test]
fn committed_configurations_lead_to_their_data() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    // A packaged crate has none.
    let Ok(folders) = fs::read_dir(&root) else { return };
    for folder in folders {
        let path = folder.unwrap().path().join("manifest.json");
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let manifest: Json = serde_json::from_str(&text).unwrap();
        let config = config::parse(&manifest["config"].to_string(), &path, &[]);
        let config = config.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(config.resolved()["data"], manifest["config"]["data"], "{}", path.display());
    }
}

#[test]
fn what_cannot_be_encoded_is_refused_with_the_reason() {
    let workplace = trained();
    let before = workplace.results("results/tiny");
    write_npy(workplace.path("narrow.npy"), &Array2::<f32>::zeros((2, 9))).unwrap();
    for (line, parts) in [
        (format!("encode {DAE} --out codes.txt"), ["codes.txt", ".npy, .npz, .csv or .jsonl"]),
        (format!("encode {DAE} --out results/tiny/codes.npy"), ["results folder", "outside of it"]),
        (format!("encode {DAE} --out c.npy --input narrow.npy"), ["9 inputs", "trained on 12"]),
        (format!("encode {DAE} --out c.npy --input nowhere.npy"), ["nowhere.npy", ""]),
        (format!("encode {DAE} --out c.npy --samples 121"), ["--samples 121", "1 to 120"]),
        (format!("encode {DAE} --out c.npy --samples 0"), ["--samples", "0"]),
        (format!("encode {DAE} --out c.npy --data narrow.npy"), ["narrow.npy", "not trained on a data file"]),
        (format!("encode {DAE} --out c.npy --input narrow.npy --held-out"), ["--held-out", "cannot be used"]),
        ("encode results/tiny --out c.npy".to_owned(), ["runs may be meant", "--where"]),
        ("encode results/tiny/zzzz --out c.npy".to_owned(), ["there is no such run", "dae"]),
        ("encode results/nowhere --out c.npy".to_owned(), ["results/nowhere", "no such file or folder"]),
    ] {
        workplace.run(&line, 2).says(&parts);
    }
    assert!(!workplace.path("c.npy").exists());
    assert_eq!(workplace.results("results/tiny"), before);
    workplace.run("run tiny.toml --quiet --out bare -o output.weights=none", 0);
    let bare = DAE.replace("results", "bare");
    workplace.run(&format!("encode {bare} --out c.npy"), 2).says(&["final.npz", "-o output.weights=final"]);
    let refused = workplace.run("export bare --format safetensors --out weights", 2);
    refused.says(&["final.npz", "-o output.weights=final"]);
    // Weights of another network.
    let key = &workplace.table("results/tiny/runs.csv")[1]["run_key"];
    let file = format!("results/tiny/weights/{key}/final.npz");
    let of_another = Weights { w: Array2::zeros((5, 12)), b: vec![0.0; 5].into(), b_d: None };
    fs::write(workplace.path(&file), of_another.encode().unwrap()).unwrap();
    let encode = format!("encode {file} --out c.npy");
    workplace.run(&encode, 2).says(&[&file, "not the weights that the run has left"]);
    // As a version left it that tied no weights to their runs.
    fs::remove_file(workplace.path(&file).with_extension("json")).unwrap();
    workplace.run(&encode, 2).says(&["[5, 12]", "[20, 12]"]);
}

/// What is written to a pipe, a link or stdout by its name arrives, and none of them is replaced by a file.
#[cfg(unix)]
#[test]
fn outputs_that_are_no_files_stay_what_they_are() {
    use std::os::unix::fs::{FileTypeExt as _, symlink};
    use std::process::Command;
    use std::thread;
    let workplace = trained();
    let expected = workplace.run("export results --format jsonl --out -", 0).stdout;
    for name in ["/dev/fd/1", "/proc/self/fd/1"].iter().filter(|name| Path::new(name).exists()) {
        let line = format!("export results --format jsonl --quiet --out {name}");
        assert_eq!(workplace.run(&line, 0).stdout, expected, "{name}");
        let verdicts = workplace.run(&format!("verify --json {name}"), 0).stdout;
        assert_eq!(verdicts, workplace.run("verify --json -", 0).stdout);
        let plan = workplace.run(&format!("plan tiny.toml --quiet --write {name}"), 0).stdout;
        assert_eq!(plan, workplace.run("plan tiny.toml --write -", 0).stdout);
    }
    // Redirected to a file, stderr takes JSON and messages one after the other.
    let said = fs::File::create(workplace.path("said")).unwrap();
    let mut command = Command::new(super::PROGRAM);
    command.current_dir(workplace.path("")).args(["verify", "--json", "/proc/self/fd/2"]).stderr(said);
    if cfg!(target_os = "linux") {
        assert!(command.output().unwrap().status.success());
        let (said, verdicts) = (workplace.read("said"), workplace.run("verify --json -", 0).stdout);
        assert!(said.contains(&verdicts) && said.ends_with("written: /proc/self/fd/2\n"), "{said}");
    }
    let pipe = workplace.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let read = thread::scope(|scope| {
        let reader = scope.spawn(|| fs::read_to_string(&pipe).unwrap());
        workplace.run("export results --format jsonl --out pipe", 0).says(&["written: pipe, 9 cells"]);
        reader.join().unwrap()
    });
    assert_eq!(read, expected);
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());

    fs::create_dir(workplace.path("elsewhere")).unwrap();
    symlink("elsewhere/all.jsonl", workplace.path("link")).unwrap();
    workplace.run("export results --format jsonl --out link", 0);
    assert_eq!(workplace.read("elsewhere/all.jsonl"), expected);
    assert!(fs::symlink_metadata(workplace.path("link")).unwrap().is_symlink());
    // Also where nothing is there yet, a link leads among results.
    symlink("results/tiny/new.jsonl", workplace.path("inside")).unwrap();
    let refused = workplace.run("export results --format jsonl --out inside", 2);
    refused.says(&["--out inside: it lies in the results folder"]);
    assert!(!workplace.path("results/tiny/new.jsonl").exists());
}

#[test]
fn measurements_as_json_lines_are_those_of_the_table() {
    let workplace = trained();
    let before = workplace.results("results/tiny");
    workplace
        .run("export results/tiny --format jsonl --out all.jsonl", 0)
        .says(&["written: all.jsonl, 9 cells"]);
    let text = workplace.read("all.jsonl");
    assert_eq!(workplace.run("export results --format jsonl --out -", 0).stdout, text);
    let table = workplace.table("results/tiny/epochs.csv");
    assert_eq!(text.lines().count(), table.len());
    for (line, row) in text.lines().zip(&table) {
        let object: Json = serde_json::from_str(line).unwrap();
        for (column, cell) in row {
            let found = match &object[column] {
                Json::Null => String::new(),
                Json::String(text) => text.clone(),
                number => number.to_string(),
            };
            let same = found == *cell || found.parse::<f64>().is_ok_and(|x| Ok(x) == cell.parse());
            assert!(same, "{column}: {found} instead of {cell}");
        }
        let number = |name: &str| object[name].as_f64().unwrap();
        assert_eq!(number("l0"), number("avg_activation_fraction") * 20.0);
        assert_eq!(object["dead_features"], object["dead_units"]);
        assert_eq!(number("explained_variance"), 1.0 - number("fraction_variance_unexplained"));
        assert_eq!((&object["status"], &object["hidden"]), (&"completed".into(), &20.into()));
    }
    workplace
        .run("export results/tiny --where regularizer=dae --where seed=1 --format jsonl --out dae.jsonl", 0);
    let chosen: Vec<_> = text.lines().filter(|line| line.contains("\"regularizer\":\"dae\"")).collect();
    assert_eq!(workplace.read("dae.jsonl").lines().collect::<Vec<_>>(), chosen);
    for (line, parts) in [
        ("export results/tiny --where regularizer=l1 --format jsonl --out x", ["no such run", "dae"]),
        ("export results/tiny --where sigma=1 --format jsonl --out x", ["sigma", "sigma_squared"]),
        ("export nowhere --format jsonl --out x", ["nowhere", "no results"]),
        ("export results --format xml --out x", ["xml", "tensorboard"]),
        ("export results --format jsonl --out results/tiny/runs.csv", ["results folder", "outside"]),
    ] {
        workplace.run(line, 2).says(&parts);
    }
    assert_eq!(workplace.results("results/tiny"), before);
}

#[test]
fn each_run_has_an_event_file_under_its_name_the_same_every_time() {
    let workplace = trained();
    workplace.run("export results --format tensorboard --out logs", 0).says(&["written: logs, 7 runs"]);
    let files = |folder: &str| {
        let mut files = std::collections::BTreeMap::new();
        super::collect(&workplace.path(folder), Path::new(""), &mut files);
        files
    };
    let written = files("logs");
    let names: Vec<_> = written.keys().map(|path| path.to_str().unwrap().to_owned()).collect();
    let event_file = "events.out.tfevents.0000000000.aesparse";
    let expected = [
        "cae_sigma_squared=0.1_seed=1",
        "cae_sigma_squared=0.5_seed=1",
        "dae_sigma_squared=0.1_seed=1",
        "dae_sigma_squared=0.5_seed=1",
        "kl_sae_sigma_squared=0.1_seed=1",
        "kl_sae_sigma_squared=0.5_seed=1",
        "none_sigma_squared=0_seed=1",
    ];
    assert_eq!(names, expected.map(|name| format!("tiny/{name}/{event_file}")));
    workplace.run("export results/tiny --format tensorboard --out again --quiet", 0);
    assert_eq!(files("again"), written);
    let one = &written[Path::new(&names[2])];
    let has = |part: &[u8]| one.windows(part.len()).any(|window| window == part);
    for tag in ["brain.Event:2", "avg_activation_fraction", "l0", "dead_features", "explained_variance"] {
        assert!(has(tag.as_bytes()), "{tag}");
    }
    // An absent measurement has no scalar: a DAE has no penalty.
    assert!(!has(b"penalty"));
}

/// TensorBoard shows whatever is in a folder, so that runs of an earlier export would look like runs of the sweep.
#[test]
fn an_export_over_an_earlier_one_leaves_no_runs_of_that() {
    let workplace = trained();
    workplace.run("export results --format tensorboard --out logs", 0);
    workplace.run("export results --format safetensors --out weights", 0);
    let event_file = "events.out.tfevents.0000000000.aesparse";
    // Of other programs, or called as ours and not so: they stay.
    let foreign = [
        "logs/tiny/other/events.out.tfevents.1700000000.host".to_owned(),
        format!("logs/tiny/mine/{event_file}"),
        "logs/tiny/dae_sigma_squared=0.5_seed=1/notes.txt".to_owned(),
        format!("logs/another/dae/{event_file}"),
    ];
    for file in &foreign {
        fs::create_dir_all(workplace.path(file).parent().unwrap()).unwrap();
        workplace.write(file, "mine");
    }
    workplace.run("run tiny.toml --quiet --fresh -o sweep.sigma_squared=[0,0.1]", 0);
    let runs = || {
        let mut names: Vec<_> = fs::read_dir(workplace.path("logs/tiny"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| workplace.path(&format!("logs/tiny/{name}/{event_file}")).exists())
            .collect();
        names.sort();
        names
    };
    let before = runs();
    workplace
        .run("export results/tiny --where regularizer=dae --format tensorboard --out logs", 0)
        .says(&["5 runs of earlier exports stay in logs/tiny"]);
    assert_eq!(runs(), before, "a part of a sweep may be beside another");
    workplace
        .run("export results --format tensorboard --out logs", 0)
        .says(&["removed from logs/tiny: 3 runs of an earlier export", "written: logs, 4 runs"]);
    let expected = [
        "cae_sigma_squared=0.1_seed=1",
        "dae_sigma_squared=0.1_seed=1",
        "kl_sae_sigma_squared=0.1_seed=1",
        "mine",
        "none_sigma_squared=0_seed=1",
    ];
    assert_eq!(runs(), expected);
    assert!(!workplace.path("logs/tiny/cae_sigma_squared=0.5_seed=1").exists(), "no empty folder is left");
    for file in &foreign {
        assert_eq!(workplace.read(file), "mine", "{file}");
    }
    let ended = workplace.run("export results --format tensorboard --out logs", 0);
    assert!(!ended.stderr.contains("earlier"), "{}", ended.stderr);
    workplace
        .run("export results --format safetensors --out weights", 0)
        .says(&["3 files of weights in weights/tiny are not of this export, and stay"]);
    assert_eq!(fs::read_dir(workplace.path("weights/tiny")).unwrap().count(), 7);
}

#[test]
fn weights_as_safetensors_are_those_of_the_run_and_say_where_they_come_from() {
    let workplace = Workplace::new();
    workplace.write("scaled.toml", STANDARDISED);
    workplace.run("run scaled.toml --quiet", 0);
    workplace.run("run tiny.toml --quiet", 0);
    workplace.run("export results --format safetensors --out weights", 0).says(&["written: weights, 8 runs"]);
    let bytes = fs::read(workplace.path("weights/scaled/dae_sigma_squared=0.1_seed=1.safetensors")).unwrap();
    let row = &workplace.table("results/scaled/runs.csv")[0];
    let weights = weights(&workplace, "results/scaled", &row["run_key"]);
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let b_d = weights.b_d.unwrap();
    for (name, shape, values) in [
        ("W", vec![20, 12], weights.w.iter().copied().collect::<Vec<f32>>()),
        ("b", vec![20], weights.b.to_vec()),
        ("b_d", vec![12], b_d.to_vec()),
    ] {
        let tensor = tensors.tensor(name).unwrap();
        let expected: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!((tensor.shape(), tensor.data()), (&shape[..], &expected[..]), "{name}");
    }
    let (header, metadata) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    assert_eq!(header % 8, 0, "the tensors are aligned");
    let metadata = metadata.metadata().as_ref().unwrap();
    for (column, cell) in row {
        match metadata.get(column) {
            Some(entry) => assert_eq!(entry, cell, "{column}"),
            None => assert!(cell.is_empty() || column == "status", "{column}: {cell}"),
        }
    }
    assert_eq!((metadata["epoch"].as_str(), metadata["program"].as_str()), ("3", "aesparse"));
    assert_eq!(metadata["dead_features"], metadata["dead_units"]);
    let identity: Json = serde_json::from_str(&metadata["identity"]).unwrap();
    assert_eq!(identity["standardize"]["scope"], "feature");
    // One run goes to a file of any name, the same every time; several don't.
    workplace.run("export results/scaled --format safetensors --out one.safetensors", 0);
    assert_eq!(fs::read(workplace.path("one.safetensors")).unwrap(), bytes);
    let refused = workplace.run("export results/tiny --format safetensors --out all.safetensors", 2);
    refused.says(&["one file takes one run, and 7 are meant"]);
    // What has none is left out.
    let key = &workplace.table("results/tiny/runs.csv")[1]["run_key"];
    fs::remove_dir_all(workplace.path(&format!("results/tiny/weights/{key}"))).unwrap();
    let ended = workplace.run("export results/tiny --format safetensors --out some", 0);
    ended.says(&["warning: 1 of 7 runs have no final weights", "written: some, 6 runs"]);
}
