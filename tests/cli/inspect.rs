//! `inspect`: pictures of one run, and the same in the report.

use super::figures::needs_nothing_else;
use super::{Json, Workplace};
use std::fs;
use std::path::PathBuf;

/// 120 images of 4 × 4 pixels, standardised; 9 cells, 7 trainings.
const IMAGES: &str =
    "-o data.source={kind=\"images\",path=\"pictures\",height=4,width=4} -o data.standardize=feature";

/// What is drawn of a run whose weights were kept.
const PICTURES: [&str; 17] = [
    "activation_histogram.csv",
    "activation_histogram.png",
    "activation_histogram.svg",
    "active_units.csv",
    "active_units.png",
    "active_units.svg",
    "curves.csv",
    "curves.png",
    "curves.svg",
    "density_spectrum.csv",
    "density_spectrum.png",
    "density_spectrum.svg",
    "features.csv",
    "features.html",
    "filters.png",
    "reconstructions.png",
    "top_images.png",
];

fn trained(overrides: &str) -> Workplace {
    let workplace = Workplace::new();
    fs::create_dir(workplace.path("pictures")).unwrap();
    (0..120).for_each(|number| put(&workplace, number, number));
    workplace.run(&format!("run tiny.toml --quiet {overrides}"), 0);
    workplace
}

/// Puts a picture of 4 × 4 pixels, drawn from `seed`, in the place `number`.
fn put(workplace: &Workplace, number: u32, seed: u32) {
    let pixel = |x: u32, y: u32| {
        image::Luma([((seed * 37 + x * 41 + y * 23 * (seed % 7) + x * y * seed) % 256) as u8])
    };
    let path = workplace.path(&format!("pictures/{number:03}.png"));
    image::GrayImage::from_fn(4, 4, pixel).save(path).unwrap();
}

/// The key of the run of `regularizer` at `sigma_squared`.
fn key(workplace: &Workplace, regularizer: &str, sigma_squared: &str) -> String {
    let table = workplace.read("results/tiny/runs.csv");
    let mut lines = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let place = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let (model, sigma, key) = (place("regularizer"), place("sigma_squared"), place("run_key"));
    let line = lines.find(|line| line[model] == regularizer && line[sigma] == sigma_squared);
    line.unwrap()[key].to_owned()
}

fn files(workplace: &Workplace, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(workplace.path(folder)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_run_is_named_by_its_settings_and_drawn_without_changing_the_results() {
    let workplace = trained(IMAGES);
    let (before, manifest) =
        (workplace.results("results/tiny"), workplace.read("results/tiny/manifest.json"));
    let ended = workplace.run("inspect results/tiny --where regularizer=dae --where sigma_squared=0.10", 0);
    let key = key(&workplace, "dae", "0.1");
    let folder = format!("results/tiny/inspect/{key}");
    ended.says(&[
        &format!("drawn: {folder}/curves.{{csv,svg,png}}"),
        &format!("drawn: {folder}/activation_histogram.{{csv,svg,png}}"),
        &format!("written: {folder}/filters.png"),
        &format!("written: {folder}/reconstructions.png"),
        &format!("written: {folder}/top_images.png"),
        &format!("written: {folder}/features.csv"),
        &format!("written: {folder}/features.html"),
    ]);
    for part in [&format!("tiny, run {key}"), "120 samples of 16 inputs", "by feature", "dead units"] {
        assert!(ended.stdout.contains(part), "{part}\n{}", ended.stdout);
    }
    assert_eq!(files(&workplace, &folder), PICTURES);
    // One line an evaluated epoch: 0, 2 and 4.
    assert_eq!(workplace.read(&format!("{folder}/curves.csv")).lines().count(), 1 + 3);
    let histogram = workplace.read(&format!("{folder}/activation_histogram.csv"));
    let units: u64 =
        histogram.lines().skip(1).map(|line| line.rsplit(',').next().unwrap().parse::<u64>().unwrap()).sum();
    assert_eq!(units, 20, "{histogram}");
    // All 120 samples have between 0 and 20 active units, and as many in the mean as the activation fraction says.
    let active = workplace.read(&format!("{folder}/active_units.csv"));
    let counts: Vec<(f64, f64)> = active
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|cell| cell.parse().unwrap_or(0.0)).collect::<Vec<f64>>())
        .map(|cells| (cells[1], cells[2]))
        .collect();
    assert_eq!(counts.iter().map(|(_, samples)| samples).sum::<f64>(), 120.0, "{active}");
    let mean = counts.iter().map(|(units, samples)| units * samples).sum::<f64>() / 120.0;
    let line = ended.stdout.lines().find(|line| line.starts_with("activation fraction")).unwrap();
    let fraction: f64 = line.split_whitespace().nth(2).unwrap().parse().unwrap();
    assert!((mean - 20.0 * fraction).abs() < 2e-3, "{mean} {line}");
    for name in ["active units (L0)", "Hoyer sparseness", "Gini index", "died and came back"] {
        assert!(ended.stdout.contains(name), "{name}\n{}", ended.stdout);
    }

    // By one of its files, and by its key and elsewhere: the same bytes.
    workplace.run(&format!("inspect {folder}/filters.png --quiet"), 0);
    let ended = workplace.run(&format!("inspect results/tiny/{} --out mine --quiet", &key[..8]), 0);
    assert!(ended.stdout.is_empty() && ended.stderr.is_empty());
    for name in PICTURES {
        let bytes = |folder: &str| fs::read(workplace.path(folder).join(name)).unwrap();
        assert_eq!(bytes("mine"), bytes(&folder), "{name}");
    }
    let mut after = workplace.results("results/tiny");
    after.retain(|path, _| !path.starts_with("inspect"));
    assert!(after == before, "the results are as they were");
    assert_eq!(workplace.read("results/tiny/manifest.json"), manifest);
    // The sweep doesn't mind the pictures.
    workplace.run(&format!("run tiny.toml {IMAGES}"), 0).says(&["0 trained now"]);
    assert_eq!(files(&workplace, &folder), PICTURES);
}

#[test]
fn recovery_of_the_atoms_is_shown_where_they_are_known() {
    let workplace = trained("");
    let line = "inspect results/tiny --where regularizer=dae --where sigma_squared=0.1";
    let text = workplace.run(line, 0).stdout;
    let value = |name: &str| {
        let line =
            text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}\n{text}"));
        line[name.len()..].trim().to_owned()
    };
    assert!(value("atoms recovered").contains(" of 8, one-to-one, with a cosine above 0.9"), "{text}");
    let number = |name: &str| -> f64 { value(name).split(',').next().unwrap().parse().unwrap() };
    let (largest, matched) = (number("mean max. cosine"), number("mean matched cosine"));
    // The best unit of an atom is at least as similar as its matched one; 20 units are enough for 8 atoms.
    assert!(0.0 < matched && matched <= largest && largest < 1.0, "{text}");
    assert!(value("repeated units").contains(" used, with another unit above 0.9"), "{text}");
    // The report has the same numbers.
    workplace.run("report --quiet", 0);
    let csv = workplace.read("results/figures/tiny_recovery.csv");
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let place = |name: &str| lines[0].iter().position(|column| *column == name).unwrap();
    let dae = lines
        .iter()
        .find(|line| line[place("regularizer")] == "dae" && line[place("sigma_squared")] == "0.1");
    let cell = |name: &str| -> f64 { dae.unwrap()[place(name)].parse().unwrap() };
    assert!((cell("mean_max_cosine") - largest).abs() < 1e-4, "{csv}\n{text}");
    assert!((cell("mean_matched_cosine") - matched).abs() < 1e-4, "{csv}\n{text}");
    assert!(workplace.read("results/report.html").contains("Recovery of the atoms: tiny"));
    // Without weights there is nothing to compare; other data have no known atoms.
    let workplace = trained("-o output.weights=none");
    assert!(!workplace.run(line, 0).stdout.contains("atoms recovered"));
    workplace.run("report --quiet", 0);
    assert!(!workplace.path("results/figures/tiny_recovery.csv").exists());
}

#[test]
fn atoms_are_standardised_like_the_samples() {
    let workplace = trained("-o data.standardize=feature");
    let line = "inspect results/tiny --where regularizer=dae --where sigma_squared=0.1";
    workplace.run(line, 0).says(&["atoms recovered", "mean matched cosine"]);
    // The report draws no samples, whose statistics it would need.
    workplace.run("report --quiet", 0);
    assert!(!workplace.path("results/figures/tiny_recovery.csv").exists());
}

#[test]
fn noise_can_be_asked_for() {
    let workplace = trained(IMAGES);
    let draw = |model: &str, options: &str| {
        let line = format!("inspect results/tiny --where regularizer={model} --where sigma_squared=0.1");
        workplace.run(&format!("{line} --out out --quiet {options}"), 0);
        fs::read(workplace.path("out/reconstructions.png")).unwrap()
    };
    // DAE corrupts by itself; CAE doesn't, and has 0.25 where nothing is asked for.
    assert!(draw("dae", "") != draw("dae", "--sigma-squared 4"));
    assert!(draw("cae", "") == draw("cae", "--sigma-squared 0.25"));
    workplace
        .run("inspect results/tiny --sigma-squared=-1", 2)
        .says(&["--sigma-squared", "accepted: a number"]);
}

#[test]
fn without_weights_the_rest_is_drawn_and_how_to_keep_them_is_said() {
    let workplace = trained(&format!("{IMAGES} -o output.weights=none"));
    let ended = workplace.run(&format!("inspect results/tiny/{}", key(&workplace, "cae", "0.5")), 0);
    let all =
        "filters.png, reconstructions.png and top_images.png, features.csv and features.html are left out";
    ended.says(&[all, "final.npz", "output.weights=final"]);
    let folder = |workplace: &Workplace| format!("results/tiny/inspect/{}", key(workplace, "cae", "0.5"));
    assert_eq!(files(&workplace, &folder(&workplace)), [&PICTURES[..3], &PICTURES[6..12]].concat());
    // The same where the inputs are no images.
    let workplace = trained("");
    let ended = workplace.run("inspect results/tiny --where regularizer=cae --where sigma_squared=0.5", 0);
    ended.says(&["top_images.png are left out: the 12 inputs are no images"]);
    assert_eq!(files(&workplace, &folder(&workplace)), PICTURES[..14]);
}

#[test]
fn a_diverged_run_has_what_was_measured_of_it() {
    let workplace = trained(IMAGES);
    let diverging = "-o training.learning_rate=1000 -o model.constraint=none -o sweep.sigma_squared=[0]";
    workplace.run(&format!("run tiny.toml --quiet {IMAGES} {diverging} -o name=diverging"), 1);
    let ended = workplace.run("inspect results/diverging", 0);
    ended.says(&[
        "diverged",
        "activation_histogram and density_spectrum are left out",
        "filters.png",
        "left no final weights",
    ]);
}

#[test]
fn wrong_runs_are_refused() {
    let workplace = trained(IMAGES);
    for (line, parts) in [
        ("inspect results/tiny", ["7 runs may be meant", "--where sigma_squared=0.25:\n  "]),
        ("inspect results/tiny --where regularizer=dae", ["3 runs may be meant", "dae, σ² = 0.5"]),
        // The paper's name of another model than in the results; of 9 cells 8 are listed.
        (
            "inspect results/tiny --where regularizer=mDAE",
            ["there is no such run", "\n  and 1 more; runs.csv has all"],
        ),
        ("inspect results/tiny --where model=SAE", ["3 runs may be meant", "kl_sae, σ² = 0.5"]),
        ("inspect results/tiny --where seed=9", ["there is no such run", "FOLDER/KEY:\n  "]),
        ("inspect results/tiny --where color=red", ["no settings called color", "sigma_squared"]),
        ("inspect results/tiny --where red", ["COLUMN=VALUE", "--where"]),
        ("inspect results/nowhere", ["results/nowhere: there is no such file or folder", "DIR/<name>"]),
        ("inspect results", ["results: it is no results folder, but a root with 1 of them", "results/tiny"]),
        ("inspect tiny.toml", ["tiny.toml: it is no folder", "DIR/<name>"]),
    ] {
        workplace.run(line, 2).says(&parts);
    }
    assert!(!workplace.path("results/tiny/inspect").exists());
}

#[test]
fn damaged_weights_and_other_data_are_refused() {
    let workplace = trained(IMAGES);
    let key = key(&workplace, "dae", "0.1");
    let inspect = format!("inspect results/tiny/{key}");
    let path = workplace.path(&format!("results/tiny/weights/{key}/final.npz"));
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let problem = "not the weights that the run has left";
    workplace.run(&inspect, 2).says(&["final.npz", problem, "output.weights=final"]);
    assert!(!workplace.path("results/tiny/inspect").exists());
    fs::write(&path, &whole).unwrap();
    // Weights of another run.
    workplace.run(&format!("run tiny.toml --quiet {IMAGES} -o model.hidden=7 -o name=other"), 0);
    let other = fs::read_dir(workplace.path("results/other/weights")).unwrap().next().unwrap().unwrap();
    fs::copy(other.path().join("final.npz"), &path).unwrap();
    workplace.run(&inspect, 2).says(&[problem]);
    // As a version left it that tied no weights to their runs.
    fs::remove_file(path.with_extension("json")).unwrap();
    workplace.run(&inspect, 2).says(&["the shape [7, 16]", "expected [20, 16]"]);
    fs::write(&path, &whole).unwrap();
    // One of the images is another one.
    put(&workplace, 7, 99);
    workplace.run(&inspect, 2).says(&["not the data that the run", "SHA-256", "--data-dir"]);
    put(&workplace, 7, 7);
    // The manifest says something else than what the run was trained on.
    let manifest = workplace.manifest("results/tiny");
    let change = |pointer: &str, value: Json| {
        let mut changed = manifest.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        workplace.write("results/tiny/manifest.json", &changed.to_string());
    };
    change("/config/data/source/height", "many".into());
    workplace.run(&inspect, 2).says(&["manifest.json", "can't be used", "data.source.height"]);
    // Its other settings aren't asked for: the record has those of the run.
    change("/config/training/momentum", 0.5.into());
    workplace.run(&inspect, 0);
    workplace.write("results/tiny/manifest.json", &manifest.to_string());
    workplace.run(&inspect, 0);
}

/// A file's path stands in the manifest as the configuration has it, which may have been in another folder.
#[test]
fn a_data_file_is_found_beside_and_in_the_data_folder() {
    use ndarray::Array2;
    use ndarray_npy::WriteNpyExt as _;
    let workplace = Workplace::new();
    let name = "<svg onload=alert(1)>]('&.npy";
    let samples = Array2::from_shape_fn((40, 9), |(i, j)| ((i * 7 + j * 3) % 11) as f32 - 5.0);
    samples.write_npy(fs::File::create(workplace.path(name)).unwrap()).unwrap();
    let config = serde_json::json!({
        "data": {"source": {"kind": "npy", "path": name}, "standardize": "sample"},
        "model": {"hidden": 5},
        "training": {"epochs": 1, "batch": 10},
        "sweep": {"sigma_squared": [0.1], "regularizer": ["dae"]},
        "output": {"weights": "final"},
    });
    workplace.write("hostile.json", &config.to_string());
    workplace.run("run hostile.json", 0);
    workplace.run("inspect results/hostile", 0).says(&["features.csv"]);
    // It moved.
    fs::create_dir(workplace.path("elsewhere")).unwrap();
    fs::rename(workplace.path(name), workplace.path("elsewhere").join(name)).unwrap();
    let left_out =
        "warning: features.csv, features.html, active_units and the sparseness of codes are left out";
    let ended = workplace.run("inspect results/hostile --quiet", 0);
    ended.says(&[left_out, name, "there is no such file", "--data PATH"]);
    workplace.run("inspect results/hostile --data elsewhere/none.npy", 2).says(&["elsewhere/none.npy"]);
    workplace.run("inspect results/hostile --data-dir elsewhere", 0).says(&["features.csv"]);

    // Whatever it is called stays text, and the report takes nothing from files but pixels.
    let folder =
        fs::read_dir(workplace.path("results/hostile/inspect")).unwrap().next().unwrap().unwrap().path();
    fs::write(folder.join("curves.svg"), "<svg onclick='alert(1)'/>").unwrap();
    workplace.run("report --markdown results/page.md", 0);
    let page = workplace.read("results/report.html");
    needs_nothing_else(&page);
    assert!(page.contains("&lt;svg onload") && !page.contains("<svg onload") && !page.contains("onclick"));
    let markdown = workplace.read("results/page.md");
    assert!(!markdown.contains("<svg"), "{markdown}");
    let drawn = fs::read_to_string(folder.join("activation_histogram.svg")).unwrap();
    assert!(drawn.contains("&lt;svg onload") && !drawn.contains("<svg onload"), "{drawn}");
    fs::write(folder.join("filters.png"), "<script>").unwrap();
    workplace.run("report", 2).says(&["filters.png", "not a PNG"]);
}

#[test]
fn the_report_has_the_same_pictures() {
    let workplace = trained(IMAGES);
    workplace.run("report --markdown results/README.md", 0);
    assert!(!workplace.read("results/report.html").contains("Single runs"));
    assert!(!workplace.read("results/README.md").contains("Single runs"));
    let key = key(&workplace, "kl_sae", "0.5");
    workplace.run(&format!("inspect results/tiny/{key} --quiet"), 0);
    // What the report shows it has from stored files: the data are not asked for.
    workplace.run("report --markdown results/README.md", 0);
    let (page, markdown) = (workplace.read("results/report.html"), workplace.read("results/README.md"));
    needs_nothing_else(&page);
    assert_eq!(page.matches("<img ").count(), 3);
    assert_eq!(page.matches("src=\"data:image/png;base64,iVBORw0KGgo").count(), 3);
    assert_eq!(
        page.matches("<svg").count(),
        3 + 3,
        "the sweep's figure, large and small, and its fidelity; the run's two histograms and curves"
    );
    assert!(page.contains("<a href=\"#inspect\">") && page.contains(&format!("id=\"inspect:tiny:{key}\"")));
    assert!(!page.contains("#1a1a1a"), "a colour that doesn't follow the theme");
    assert!(page.contains("samples with the largest h") && page.contains("20 units, the most active first."));
    for stem in ["filters", "reconstructions", "top_images", "activation_histogram", "curves"] {
        let link = format!("(tiny/inspect/{key}/{stem}.png)");
        assert!(markdown.contains(&link), "{markdown}");
        let target: PathBuf = workplace.path("results").join(link.trim_matches(['(', ')']));
        assert!(target.is_file(), "{}", target.display());
    }
    // The report of one folder leads to the same pictures from there.
    workplace.run("report results/tiny --markdown results/tiny/README.md", 0);
    assert!(workplace.read("results/tiny/README.md").contains(&format!("(inspect/{key}/filters.png)")));
    assert_eq!(workplace.read("results/tiny/report.html"), page);
}
