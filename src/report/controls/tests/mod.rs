//! Tests of controls with made-up runs.

mod findings;

use super::*;
use crate::experiment::{Plan, config};
use crate::report::document::Document;
use crate::report::figure::tests::runs;
use crate::report::{figures, render};
use crate::store::Record;
use crate::store::StoredRun;
use crate::store::{DistributionRecords, Listing, TheoryRecord, TheoryRecords};
use crate::theory::{EpochRow, IdentityErrors, RunRow, TheoryTable};
use crate::training::{
    Activity, Measurement, Outcome, RunSpec, Status, THRESHOLDS, TheoryOutcome, TheorySpec,
};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A results folder with these runs.
pub(in crate::report) fn folder(name: &str, runs: Vec<StoredRun>) -> Results {
    let manifest = json!({
        "format": "aesparse manifest 1", "version": "0.1.0", "numerics": 2, "config": {}, "data_sha256": {},
        "processor": {"cpu_model": null, "instruction_set": "baseline"}, "cores": 1,
        "operating_system": "linux", "architecture": "x86_64", "started": "", "finished": null, "seconds": {},
    });
    Results {
        name: name.to_owned(),
        folder: PathBuf::from(name),
        manifest: serde_json::from_value(manifest).unwrap(),
        runs,
        theory: TheoryRecords::new(),
        distributions: DistributionRecords::new(),
        listing: Listing::default(),
    }
}

/// The only page of the folder `name` with these runs.
fn page(name: &str, runs: Vec<StoredRun>) -> ControlPage {
    only(ControlPage::all(&[folder(name, runs)]))
}

fn only(mut pages: Vec<ControlPage>) -> ControlPage {
    assert_eq!(pages.len(), 1);
    pages.remove(0)
}

/// The cells of a page's CSV in the column `column`.
fn cells<'p>(page: &'p ControlPage, column: &str) -> Vec<&'p str> {
    let numbers = &page.drawing.numbers;
    let place = numbers.columns.iter().position(|name| name == column).expect(column);
    numbers.rows.iter().map(|row| row[place].as_str()).collect()
}

/// The cells below `heads` of the rows of a page's table `index` that begin with `row` and are at the largest σ².
fn found(page: &ControlPage, index: usize, row: [&str; 2], heads: &[&str]) -> Vec<String> {
    at(page, index, row, None, heads)
}

/// [`found`] at `sigma`; `None` for the last row.
fn at(page: &ControlPage, index: usize, row: [&str; 2], sigma: Option<&str>, heads: &[&str]) -> Vec<String> {
    let table = &page.tables[index];
    let place = |head: &str| table.columns.iter().position(|column| column.head == head).expect(head);
    let is_it = |cells: &&Vec<Text>| {
        [0, 1].map(|place| cells[place].words()) == row
            && sigma.is_none_or(|sigma| cells[place("σ²")].words() == sigma)
    };
    let cells = table.rows.iter().rfind(is_it).unwrap_or_else(|| panic!("{row:?} {sigma:?}: {table:?}"));
    heads.iter().map(|head| cells[place(head)].words()).collect()
}

/// The measurements of a run: the rows of its epochs, and its one row.
fn theory(run: &StoredRun, epochs: &[EpochRow], whole: RunRow) -> (String, Arc<TheoryRecord>) {
    let mut outcome = TheoryOutcome {
        epochs: TheoryTable::default(),
        run: TheoryTable::default(),
        ledger: TheoryTable::default(),
        units: None,
    };
    epochs.iter().for_each(|row| outcome.epochs.push(row));
    outcome.run.push(&whole);
    let key = &run.record.run_key;
    let spec = TheorySpec { every: 1, samples: 5, units: false };
    (key.clone(), Arc::new(TheoryRecord::new(key, spec, &outcome, Vec::new())))
}

fn change(run: &mut StoredRun, change: impl FnOnce(&mut crate::store::Record)) {
    let mut record = (*run.record).clone();
    change(&mut record);
    run.record = Arc::new(record);
}

const CONSTRAINTS: &str = "sweep = { sigma_squared = [0, 1], regularizer = ['dae', 'cae'],
    constraint = ['unit_norm', { kind = 'max_norm', radius = 1 }, 'none'] }
    training.epochs = 1";

/// CAE falls by 0.3 without a constraint and not at all under unit norm; seeds differ by nearly the same amount in all runs.
fn constrained(spec: &RunSpec) -> Option<(f64, f64)> {
    let slope = match (spec.regularizer.label().as_str(), spec.constraint.label().as_str()) {
        ("dae", _) => -0.5,
        (_, "unit_norm") => 0.0,
        (_, "none") => -0.3,
        _ => -0.01,
    };
    let wobble = if spec.sigma_squared > 0.0 { 0.001 * spec.seed as f64 } else { 0.0 };
    // Few dead units, and many between seeds: an interval that ends at 0.
    let dead = 0.02 * spec.seed as f64;
    Some((0.9 + 0.01 * spec.seed as f64 + (slope + wobble) * spec.sigma_squared, dead))
}

#[test]
fn the_report_has_a_section_for_each_control_with_runs() {
    let control = folder("any_name", runs(CONSTRAINTS, constrained));
    assert!(figures::of(&control).is_empty(), "it has a section of its own");
    let results = [control];
    let document = Document::from(sections(&ControlPage::all(&results), |_| None));
    assert_eq!(document.check(), Ok(()));
    let (page, text) = (render::html(&document), render::markdown(&document));
    for part in ["id=\"control:constraint\"", "id=\"picture:any_name\"", "unit norm"] {
        assert!(page.contains(part), "{part}");
    }
    for part in ["<a id=\"control:constraint\">", "(figures/any_name.png)", "| no constraint |"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!page.contains("control:bias") && !text.contains("control:bias"));
    let results = [folder("control_constraint_mnist", figure_runs("sweep = { regularizer = ['cae'] }"))];
    assert!(
        sections(&ControlPage::all(&results), |_| None).is_empty() && !figures::of(&results[0]).is_empty()
    );
}

fn figure_runs(sweep: &str) -> Vec<StoredRun> {
    runs(sweep, |_| Some((0.5, 0.0)))
}

/// The folder that the configuration `name` would make, with a measurement of the theory where it asks for it.
fn made_by(name: &str) -> Results {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs").join(name);
    let config = config::parse(&std::fs::read_to_string(&path).unwrap(), &path, &[]).unwrap();
    let source = config.resolved()["data"]["source"].to_string();
    let source =
        source.split(|c: char| !c.is_alphanumeric()).find(|word| ["mnist", "cifar10"].contains(word));
    let plan = Plan::new(&config, source.unwrap_or("synthetic"), "0".repeat(64), 2000, 64, None).unwrap();
    let outcome =
        Outcome { status: Status::Completed, measurements: vec![Measurement::default()], activity: None };
    let run = |cell: &crate::experiment::Cell| StoredRun {
        name: plan.name.clone(),
        dataset: plan.dataset.clone(),
        spec: cell.spec.clone(),
        record: Arc::new(Record::new(&plan.trainings[cell.training].spec, outcome.clone())),
    };
    let mut folder = folder(&plan.name, plan.cells.iter().map(run).collect());
    if plan.theory.is_some() {
        let errors = IdentityErrors { noise: Some(0.5), ..IdentityErrors::default() };
        let epoch = EpochRow { penalty_gradient_negative: Some(0.0), ..EpochRow::default() };
        let whole = || RunRow { identity_error: errors, ..RunRow::default() };
        folder.theory = folder.runs.iter().map(|run| theory(run, &[epoch], whole())).collect();
    }
    folder
}

/// Every configuration, and so every committed results folder, is what its name says, but because of its settings.
#[test]
fn settings_decide_what_is_a_control() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    assert!(names.iter().filter(|name| name.starts_with("control_")).count() >= 10);
    for name in names {
        let results = made_by(&name);
        let owners: Vec<&str> =
            ALL.iter().filter(|control| control.is_about(&results)).map(|control| control.id).collect();
        let expected = name.strip_prefix("control_").and_then(|rest| rest.split('_').next());
        // `quickstart` is a short Figure 1, and `relu_mnist` the figure's first seed.
        let is_counted = ["fig1_", "fig4_", "quickstart", "relu_"].iter().any(|stem| name.starts_with(stem));
        let counted = is_counted.then_some("threshold");
        assert_eq!(owners, expected.into_iter().chain(counted).collect::<Vec<_>>(), "{name}");
        let renamed = Results { name: "x".to_owned(), ..results };
        assert_eq!(is_control(&renamed), expected.is_some(), "{name}");
        // These runs have no counted activity.
        assert!(ControlPage::all(&[renamed]).iter().all(|page| page.control.id != "threshold"));
    }
}

#[test]
fn runs_on_other_data_or_that_differ_in_more_are_no_control() {
    let mut others = folder("control_constraint_mnist", runs(CONSTRAINTS, constrained));
    assert!(is_control(&others));
    others.runs.iter_mut().for_each(|run| run.dataset = "digits".to_owned());
    assert!(!is_control(&others) && ControlPage::all(&[others]).is_empty());
    let both = CONSTRAINTS.replace("sweep = {", "sweep = { encoder_bias = ['trained', 'frozen'],");
    assert!(!is_control(&folder("x", runs(&both, constrained))));
    let only = CONSTRAINTS.replace("'unit_norm', ", "");
    assert!(!is_control(&folder("x", runs(&only, constrained))), "nothing to hold the others against");
}

#[test]
fn mnist_comes_first() {
    let of = |name: &str, dataset: &str| {
        let mut runs = runs(CONSTRAINTS, constrained);
        runs.iter_mut().for_each(|run| run.dataset = dataset.to_owned());
        folder(name, runs)
    };
    let pages = ControlPage::all(&[of("a", "cifar10"), of("b", "mnist"), of("c", "mnist")]);
    let datasets: Vec<&str> = pages.iter().map(|page| page.dataset.as_str()).collect();
    assert_eq!(datasets, ["MNIST", "MNIST", "CIFAR-10"]);
    let glance: Vec<String> = glance(&pages).iter().map(|row| row[1].words()).collect();
    assert_eq!(glance, ["MNIST", "CIFAR-10"], "a row for each data set");
}

#[test]
fn names_of_controls_are_their_own() {
    for (index, control) in ALL.iter().enumerate() {
        assert!(ALL[..index].iter().all(|other| other.id != control.id));
        assert!(control.question.ends_with('?') && control.setup.ends_with('.'), "{}", control.id);
        for findings in control.findings {
            assert!(findings.caption.ends_with('.') && !findings.means.is_empty(), "{}", control.id);
        }
    }
    assert!(ControlPage::all(&[]).is_empty());
}
