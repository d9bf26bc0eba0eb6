//! `evaluation.distribution`: the distribution of a run's codes in a file beside its record, which stays as it is.

use super::{Json, Workplace, fs};
use std::path::Path;

const ASKED: &str = "-o evaluation.distribution=true";

/// The content of the file `<kind>/<key>.json` of the results folder `results/tiny`.
fn file(workplace: &Workplace, kind: &str, key: &str) -> Json {
    serde_json::from_str(&workplace.read(&format!("results/tiny/{kind}/{key}.json"))).unwrap()
}

/// The keys of all runs of `results/tiny` that have a file of this kind.
fn keys(workplace: &Workplace, kind: &str) -> Vec<String> {
    let entries = fs::read_dir(workplace.path("results/tiny").join(kind)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.map(|name| name.trim_end_matches(".json").to_owned()).collect()
}

fn numbers(values: &Json) -> Vec<u64> {
    values.as_array().unwrap().iter().map(|value| value.as_u64().unwrap()).collect()
}

#[test]
fn records_and_tables_are_the_same_and_the_file_agrees_with_them() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet --out plain", 0);
    workplace.run(&format!("run tiny.toml {ASKED}"), 0).says(&["records/, weights/, distribution/"]);
    let (plain, mut asked) = (workplace.results("plain/tiny"), workplace.results("results/tiny"));
    asked.retain(|path, _| !path.starts_with("distribution"));
    assert!(plain == asked, "not a byte of the others has changed");
    // What decides on the keys is the same too, so that the same runs are finished with and without.
    workplace.run("run tiny.toml", 0).says(&["0 trained now, 7 finished before"]);
    let keys = keys(&workplace, "distribution");
    assert_eq!(keys.len(), 7);
    for key in keys {
        let (record, file) = (file(&workplace, "records", &key), file(&workplace, "distribution", &key));
        let (measured, epochs) =
            (record["measurements"].as_array().unwrap(), file["epochs"].as_array().unwrap());
        assert_eq!((measured.len(), epochs.len()), (3, 3));
        let mut dead_before = None;
        for (measured, at) in measured.iter().zip(epochs) {
            assert_eq!(measured["epoch"], at["epoch"]);
            let samples: Vec<Vec<u64>> =
                at["codes"]["samples_by_l0"].as_array().unwrap().iter().map(numbers).collect();
            assert_eq!(samples.iter().map(|pair| pair[1]).sum::<u64>(), 120);
            let pairs: u64 = samples.iter().map(|pair| pair[0] * pair[1]).sum();
            let fraction = measured["avg_activation_fraction"].as_f64().unwrap();
            assert!((pairs as f64 / (120.0 * 20.0) - fraction).abs() < 1e-12, "{key}");
            let dead = measured["dead_units"].as_u64().unwrap();
            assert_eq!(numbers(&at["units_by_decade"]).iter().sum::<u64>() + dead, 20);
            let changes = ["died", "came_back"].map(|change| at[change].as_u64());
            assert_eq!(changes.iter().all(Option::is_some), at["epoch"] != 0);
            if let (Some(before), [Some(died), Some(came_back)]) = (dead_before, changes) {
                assert_eq!(before + died, dead + came_back, "{key}");
            }
            dead_before = Some(dead);
            for index in ["hoyer", "gini"] {
                assert!((0.0..=1.0).contains(&at["codes"][index].as_f64().unwrap()), "{key}");
            }
        }
        // The units that are active on more than a tenth of the 120 samples.
        let active = numbers(&record["activity"]["active_samples"]);
        let often = active.iter().filter(|count| **count > 12).count() as u64;
        assert_eq!(numbers(&epochs[2]["units_by_decade"])[0], often, "{key}");
    }
}

#[test]
fn workers_and_merges_take_it_along_and_neighbours_have_none() {
    let workplace = Workplace::new();
    workplace.run(&format!("run tiny.toml {ASKED} --out asked --quiet"), 0);
    workplace.run("run tiny.toml --quiet", 0);
    workplace.run(&format!("plan tiny.toml {ASKED} --write plan.json"), 0).says(&["lacks distribution"]);
    workplace
        .run("merge --plan plan.json --from asked", 0)
        .says(&["7 runs from asked/tiny", "distribution/"]);
    let complete = workplace.results("asked/tiny");
    assert!(workplace.results("results/tiny") == complete);
    fs::remove_dir_all(workplace.path("results/tiny/distribution")).unwrap();
    let worker = "worker --plan plan.json --shard 1/1";
    workplace.run(worker, 2).says(&["7 the distribution of codes", "--retrain"]);
    workplace.run(&format!("{worker} --retrain --quiet"), 0);
    workplace.run("merge --plan plan.json", 0);
    assert!(workplace.results("results/tiny") == complete);
    // Only records are taken over from other results beside these.
    let other = "plan tiny.toml -o name=other -o output.weights=none";
    workplace.run(other, 0).says(&["nothing is left to train"]);
    workplace.run(&format!("{other} {ASKED}"), 0).says(&["7 trainings left"]);
}

#[test]
fn a_damaged_file_is_set_aside_and_its_run_trained_again() {
    let workplace = Workplace::new();
    let run = format!("run tiny.toml {ASKED}");
    workplace.run(&format!("{run} --quiet"), 0);
    let before = workplace.results("results/tiny");
    let name = format!("distribution/{}.json", keys(&workplace, "distribution")[0]);
    let path = format!("results/tiny/{name}");
    let text = workplace.read(&path);
    workplace.write(&path, &text.replacen("\"epoch\": 2", "\"epoch\": 3", 1));
    for line in ["verify", &format!("plan tiny.toml {ASKED}")] {
        workplace.run(line, 2).says(&[&path, "its content does not match its digest"]);
    }
    workplace.run(&run, 0).says(&[&path, "kept as", "1 trained now, 6 finished before"]);
    let mut after = workplace.results("results/tiny");
    assert!(after.remove(Path::new(&format!("{name}.damaged"))).is_some());
    assert!(after == before);
}

#[test]
fn inspect_needs_no_weights_for_what_the_file_has() {
    let workplace = Workplace::new();
    let inspect = "inspect results/tiny --where regularizer=dae --where sigma_squared=0.1";
    let line = |text: &str, name: &str| -> String {
        let line =
            text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}\n{text}"));
        line[name.len()..].trim().to_owned()
    };
    let names = ["active units (L0)", "Hoyer sparseness", "Gini index"];
    // From the weights and the data.
    workplace.run("run tiny.toml --quiet", 0);
    let measured = workplace.run(inspect, 0).stdout;
    assert!(line(&measured, "died and came back").starts_with("at least "), "{measured}");
    let folder =
        fs::read_dir(workplace.path("results/tiny/inspect")).unwrap().next().unwrap().unwrap().path();
    let histogram = fs::read(folder.join("active_units.csv")).unwrap();
    assert!(!folder.join("distribution.csv").exists());
    fs::remove_dir_all(workplace.path("results")).unwrap();
    // From the file alone.
    workplace.run(&format!("run tiny.toml --quiet {ASKED} -o output.weights=none"), 0);
    let ended = workplace.run(inspect, 0);
    ended.says(&["distribution.{csv,svg,png}", "features.csv and features.html are left out"]);
    for name in names {
        assert_eq!(line(&ended.stdout, name), line(&measured, name));
    }
    assert_eq!(fs::read(folder.join("active_units.csv")).unwrap(), histogram);
    let found = line(&ended.stdout, "died and came back");
    assert!(found.ends_with(", between measured epochs") && !found.contains("at least"), "{found}");
    let table = fs::read_to_string(folder.join("distribution.csv")).unwrap();
    let mut rows = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = rows.next().unwrap();
    assert_eq!(&head[..5], ["epoch", "hoyer", "gini", "least_l0", "median_l0"]);
    assert_eq!(
        &head[5..],
        ["greatest_l0", "died", "came_back", "units_above_1e-1", "units_above_1e-2", "units_above_1e-3"]
    );
    let rows: Vec<_> = rows.collect();
    assert_eq!(rows.iter().map(|row| row[0]).collect::<Vec<_>>(), ["0", "2", "4"]);
    let gini: f64 = rows[2][2].parse().unwrap();
    assert!(line(&measured, "Gini index").starts_with(&format!("{gini:.4}")), "{table}");
    assert!(
        line(&measured, names[0])
            .starts_with(&format!("median {}, from {} to {}", rows[2][4], rows[2][3], rows[2][5]))
    );
    assert_eq!([rows[0][6], rows[0][7]], [""; 2], "nothing is before epoch 0");
    let picture = fs::read_to_string(folder.join("distribution.svg")).unwrap();
    for part in [">Gini index</text>", ">median L0</text>", ">units that came back</text>"] {
        assert!(picture.contains(part), "{part}");
    }
    // The report draws it again.
    workplace.run("report --quiet", 0);
    assert!(workplace.read("results/report.html").contains("Distribution of codes"));
}
