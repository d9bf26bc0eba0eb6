//! The whole way of own data in a folder without the repository: `new`, `run`, `inspect`, `encode`, and codes by other means.

use super::Workplace;
use super::portable::{assert_codes, codes_of_archive, samples};
use image::{Rgb, RgbImage};
use ndarray::Array2;
use ndarray_npy::{read_npy, write_npy};
use std::fs;

/// Selects the run of the DAE at σ² = 0.1, which the configurations of `new` have.
const DAE: &str = "--where regularizer=dae --where sigma_squared=0.1";

/// The run key of the DAE at σ² = 0.1 in `results/own`.
fn key_of_dae(workplace: &Workplace) -> String {
    let rows = workplace.table("results/own/runs.csv");
    let cell = rows.iter().find(|row| row["regularizer"] == "dae" && row["sigma_squared"] == "0.1");
    cell.expect("the sweep has the cell")["run_key"].clone()
}

#[test]
fn from_embeddings_to_codes_of_new_rows() {
    let workplace = Workplace::new();
    write_npy(workplace.path("embeddings.npy"), &samples(120)).unwrap();
    let new = samples(40) * 0.7 - 0.1;
    write_npy(workplace.path("new.npy"), &new).unwrap();
    workplace.run("new own.toml --data embeddings.npy", 0).says(&["120", "12 inputs"]);
    workplace.run("run own.toml -o training.epochs=2 --quiet", 0);
    let key = key_of_dae(&workplace);

    workplace.run(&format!("inspect results/own {DAE}"), 0);
    let units = workplace.table(&format!("results/own/inspect/{key}/features.csv"));
    let active = units.iter().filter(|unit| !unit["top_1"].is_empty() && !unit["nearest_1"].is_empty());
    assert!(active.count() > 0);

    // The training samples are not needed any more.
    fs::remove_file(workplace.path("embeddings.npy")).unwrap();
    workplace.run(&format!("encode results/own {DAE} --input new.npy --out codes.npy"), 0);
    let codes: Array2<f32> = read_npy(workplace.path("codes.npy")).unwrap();
    let weights = workplace.path(&format!("results/own/weights/{key}/final.npz"));
    assert_codes(&codes, &codes_of_archive(&weights, &new));
    workplace.run("report results", 0);
}

#[test]
fn from_photographs_to_contact_sheets() {
    let workplace = Workplace::new();
    fs::create_dir(workplace.path("photos")).unwrap();
    for number in 0..40_u8 {
        let pixel =
            |x: u32, y: u32| Rgb([6 * number, (9 * x) as u8, ((x * y * u32::from(number)) % 251) as u8]);
        RgbImage::from_fn(24, 20, pixel).save(workplace.path(&format!("photos/{number:02}.png"))).unwrap();
    }
    workplace.run("new own.toml --data photos", 0).says(&["40"]);
    workplace.run("run own.toml -o training.epochs=1 -o model.hidden=20 --quiet", 0);
    let key = key_of_dae(&workplace);
    workplace.run(&format!("inspect results/own {DAE}"), 0);
    let folder = format!("results/own/inspect/{key}");
    let sheet = image::open(workplace.path(&format!("{folder}/top_images.png"))).unwrap();
    assert!(sheet.width() > sheet.height() / 4, "{} × {}", sheet.width(), sheet.height());
    let units = workplace.table(&format!("{folder}/features.csv"));
    let named = units.iter().filter(|unit| workplace.path("photos").join(&unit["top_1"]).is_file());
    assert!(named.count() > 0, "units name the photographs that activate them most");
}
