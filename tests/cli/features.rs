//! The features of units, which `inspect` writes for any data: against codes that `encode` has written and the weights.

use super::Workplace;
use super::figures::needs_nothing_else;
use aesparse::store::Weights;
use ndarray::Array2;
use ndarray_npy::{read_npy, write_npy};
use std::collections::BTreeMap;
use std::fs;

/// Embeddings of 16 dimensions, a square number.
const CONFIG: &str = r#"
name = "own"
data = { source = { kind = "npy", path = "embeddings.npy" }, standardize = "feature" }
model.hidden = 24
training = { epochs = 3, batch = 20 }
sweep = { sigma_squared = [0.1], regularizer = ["dae"] }
output.weights = "final"
"#;

const SAMPLES: usize = 150;

/// A trained workplace with `ids.txt`, and the run's key.
fn trained() -> (Workplace, String) {
    let workplace = Workplace::new();
    let value = |(i, j): (usize, usize)| ((i * 31 + j * 17 + i * j * 7) % 97) as f32 / 20.0 - (i % 5) as f32;
    write_npy(workplace.path("embeddings.npy"), &Array2::from_shape_fn((SAMPLES, 16), value)).unwrap();
    let ids: Vec<String> = (0..SAMPLES).map(|row| format!("word, {row}")).collect();
    workplace.write("ids.txt", &ids.join("\r\n"));
    workplace.write("own.toml", CONFIG);
    workplace.run("run own.toml --quiet", 0);
    let key = workplace.table("results/own/runs.csv")[0]["run_key"].clone();
    (workplace, key)
}

fn number(line: &BTreeMap<String, String>, column: &str) -> Option<f64> {
    let cell = &line[column];
    (!cell.is_empty()).then(|| cell.parse().unwrap_or_else(|_| panic!("{column}: {cell}")))
}

#[test]
fn features_of_embeddings_are_those_of_their_codes_and_weights() {
    let (workplace, key) = trained();
    workplace.run("inspect results/own --ids ids.txt", 0).says(&[
        "top_images.png are left out: the 16 inputs are no images",
        &format!("written: results/own/inspect/{key}/features.csv"),
        "active units (L0)",
    ]);
    let folder = format!("results/own/inspect/{key}");
    for picture in ["filters.png", "reconstructions.png", "top_images.png"] {
        assert!(!workplace.path(&folder).join(picture).exists(), "{picture}");
    }
    let units = workplace.table(&format!("{folder}/features.csv"));
    workplace.run("encode results/own --out codes.npy --quiet", 0);
    let codes: Array2<f32> = read_npy(workplace.path("codes.npy")).unwrap();
    let path = workplace.path(&format!("results/own/weights/{key}/final.npz"));
    let w = Weights::read(&path, (24, 16)).unwrap().weights.w;
    assert_eq!((units.len(), codes.dim()), (24, (SAMPLES, 24)));
    let close = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-6;
    let mut alive = 0;
    for (j, unit) in units.iter().enumerate() {
        assert_eq!(unit["unit"], j.to_string());
        let h: Vec<f64> = codes.column(j).iter().map(|h| f64::from(*h)).collect();
        let mut active: Vec<(usize, f64)> = h.iter().copied().enumerate().filter(|(_, h)| *h > 0.0).collect();
        let sum: f64 = h.iter().sum();
        assert_eq!(number(unit, "active_samples"), Some(active.len() as f64));
        assert!(close(number(unit, "density"), active.len() as f64 / SAMPLES as f64));
        assert!(close(number(unit, "mean_activation"), sum / SAMPLES as f64));
        assert!(close(number(unit, "max_activation"), h.iter().copied().fold(f64::MIN, f64::max)));
        if active.is_empty() {
            assert_eq!((&unit["mean_when_active"], &unit["top_1"]), (&String::new(), &String::new()));
            continue;
        }
        alive += 1;
        assert!(close(number(unit, "mean_when_active"), sum / active.len() as f64));
        active.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        for place in 0..10 {
            let expected = active.get(place);
            let id = expected.map(|(row, _)| format!("word, {row}")).unwrap_or_default();
            assert_eq!(unit[&format!("top_{}", place + 1)], id, "unit {j}");
            assert_eq!(
                number(unit, &format!("top_{}_activation", place + 1)).map(|h| h as f32),
                expected.map(|(_, h)| *h as f32)
            );
        }
        let cosine = |k: usize| {
            let dot = |a: usize, b: usize| -> f64 {
                w.row(a).iter().zip(w.row(b)).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
            };
            dot(j, k) / (dot(j, j) * dot(k, k)).sqrt()
        };
        let mut others: Vec<(usize, f64)> = (0..24).filter(|k| *k != j).map(|k| (k, cosine(k))).collect();
        others.sort_by(|a, b| b.1.total_cmp(&a.1));
        for (place, (other, cosine)) in (1..=5).zip(others) {
            assert_eq!(unit[&format!("nearest_{place}")], other.to_string(), "unit {j}");
            assert!(close(number(unit, &format!("nearest_{place}_cosine")), cosine));
        }
    }
    assert!(alive > 0);

    // The page has the same, the most active unit first, and so has the report.
    let page = workplace.read(&format!("{folder}/features.html"));
    needs_nothing_else(&page.replace("./features.csv", "./figures/"));
    assert!(page.contains("24 units, the most active first.") && page.contains("word, "));
    workplace.run("report --quiet", 0);
    let report = workplace.read("results/report.html");
    needs_nothing_else(&report);
    assert!(report.contains("The 20 most active of 24 units") && report.contains("word, "));
    // Threads change no byte, and without a file of ids there are row numbers.
    let bytes = fs::read(workplace.path(&format!("{folder}/features.csv"))).unwrap();
    for threads in [1, 3] {
        workplace
            .run(&format!("inspect results/own --ids ids.txt --threads {threads} --out again --quiet"), 0);
        assert!(fs::read(workplace.path("again/features.csv")).unwrap() == bytes);
    }
    workplace.run("inspect results/own --out rows --quiet", 0);
    for (named, unit) in units.iter().zip(workplace.table("rows/features.csv")) {
        assert_eq!(unit["top_1"], named["top_1"].replace("word, ", ""));
    }
    // A table that is another one is no part of the report.
    workplace.write(&format!("{folder}/features.csv"), "unit,density\n0,1\n");
    workplace.run("report", 2).says(&["features.csv", "no column active_samples", "aesparse inspect"]);
}

#[test]
fn ids_that_do_not_fit_are_refused_with_their_line() {
    let (workplace, _) = trained();
    let ids = workplace.read("ids.txt");
    workplace.write("short.txt", &ids.replace("\r\nword, 149", ""));
    workplace.write("long.txt", &format!("{ids}\nmore"));
    workplace.write("header.txt", &format!("id\n{ids}"));
    workplace.write("gap.txt", &ids.replace("word, 3\r", "\r"));
    for (file, parts) in [
        ("short.txt", ["line 150: the file ends", "found 149 ids, expected 150"]),
        ("long.txt", ["line 151: found one more id", "found 151 ids, expected 150"]),
        ("gap.txt", ["line 4: found an empty line", "one id on each line"]),
        ("header.txt", ["found 151 ids, expected 150", "the first line, \"id\", may be a header: remove it"]),
        ("none.txt", ["none.txt: cannot be read: No such file", "one id on each line"]),
    ] {
        let ended = workplace.run(&format!("inspect results/own --ids {file}"), 2);
        ended.says(&[&[file], &parts[..]].concat());
    }
    assert!(!workplace.path("results/own/inspect").exists(), "ids are checked before anything is drawn");
    workplace.run("inspect results/own --ids ids.txt --out ids.txt", 2).says(&["--out", "ids.txt"]);
}
