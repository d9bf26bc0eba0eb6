//! Tests of tables of made-up records: 10 units on 64 inputs, so that every number can be checked by hand.

use super::*;
use crate::activation::ActivationSpec;
use crate::regularizer::RegularizerSpec;
use crate::report::document::Document;
use crate::report::figure::SigmaScale;
use crate::report::figure::tests::runs;
use crate::report::render::{html, markdown};
use crate::report::{Prose, Report};
use crate::store::{DistributionRecords, Listing, StoredRun, TheoryRecord};
use crate::theory::{
    Agreement, Columns, EpochRow, IdentityErrors, LedgerRow, Quantiles, Rises, RunRow, TheoryTable,
};
use crate::training::{TheoryOutcome, TheorySpec};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

mod pictures;
mod statements;

/// The measurements of a run that a test needs.
#[derive(Default)]
struct Measured {
    epochs: Vec<EpochRow>,
    whole: RunRow,
    ledger: Vec<LedgerRow>,
}

/// A measured epoch without numbers.
fn epoch(epoch: f64) -> EpochRow {
    EpochRow { epoch: Some(epoch), ..EpochRow::default() }
}

fn table<R: Columns>(rows: &[R]) -> TheoryTable<R> {
    let mut table = TheoryTable::default();
    rows.iter().for_each(|row| table.push(row));
    table
}

/// A folder with the cells of `sweep`, with the measurements that `measure` gives; runs with σ² = 1 and seed 9 diverge.
fn results(sweep: &str, measure: impl Fn(&StoredRun) -> Option<Measured>) -> Results {
    let manifest = json!({
        "format": "aesparse manifest 1", "version": "0.1.0", "numerics": 2, "config": {}, "data_sha256": {},
        "processor": {"cpu_model": null, "instruction_set": "baseline"}, "cores": 1,
        "operating_system": "linux", "architecture": "x86_64", "started": "", "finished": null, "seconds": {},
    });
    let runs = runs(&format!("training.batch = 5\n{sweep}"), |spec| {
        (spec.sigma_squared != 1.0 || spec.seed != 9).then_some((0.5, 0.0))
    });
    let record = |run: &StoredRun| {
        let Measured { epochs, whole, ledger } = measure(run)?;
        let outcome = TheoryOutcome {
            epochs: table(&epochs),
            run: table(&[whole]),
            ledger: table(&ledger),
            units: None,
        };
        let spec = TheorySpec { every: 1, samples: 100, units: false };
        Some((
            run.record.run_key.clone(),
            Arc::new(TheoryRecord::new(&run.record.run_key, spec, &outcome, Vec::new())),
        ))
    };
    Results {
        name: "made_up".to_owned(),
        folder: PathBuf::from("made_up"),
        manifest: serde_json::from_value(manifest).unwrap(),
        theory: runs.iter().filter_map(record).collect(),
        distributions: DistributionRecords::new(),
        listing: Listing::default(),
        runs,
    }
}

fn study(sweep: &str, measure: impl Fn(&StoredRun) -> Measured) -> Study {
    Study::of(&results(sweep, |run| Some(measure(run)))).unwrap()
}

/// The tables of the statement `id`; empty where it has no section.
fn tables<'s>(study: &'s Study, id: &str) -> &'s [Table] {
    let found = study.found.iter().find(|found| found.statement.id == id);
    found.map_or(&[], |found| found.tables.as_slice())
}

/// A text with the signs of its marks.
fn words(text: &Text) -> String {
    let span = |span: &Span| match span {
        Span::Mark(mark, words) => format!("{} {words}", mark.sign()),
        other => other.words().to_owned(),
    };
    text.0.iter().map(span).collect()
}

/// The cell under `head` in the row that begins with `names`.
fn cell(table: &Table, names: &[&str], head: &str) -> String {
    let place = table.columns.iter().position(|column| column.head == head);
    let place = place.unwrap_or_else(|| panic!("no column {head} in {:?}", table.columns));
    let is_named = |row: &&Vec<Text>| names.iter().zip(row.iter()).all(|(name, cell)| words(cell) == *name);
    let row = table.rows.iter().find(is_named);
    words(&row.unwrap_or_else(|| panic!("no row {names:?} in {:?}", table.rows))[place])
}

/// Checks cells of the row that begins with `names`.
fn check_cells(table: &Table, names: &[&str], expected: &[(&str, &str)]) {
    for (head, text) in expected {
        assert_eq!(cell(table, names, head), *text, "{names:?}, {head}");
    }
}

fn check(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "not found: {part}\nin: {text}");
    }
}

const DAE: &str = "sweep = { regularizer = ['dae'], sigma_squared = [0, 0.5] }";

/// Whether the run is the plain auto-encoder; other runs have a penalty term.
fn is_plain(run: &StoredRun) -> bool {
    run.spec.sigma_squared == 0.0
}

fn ledger(sigma_squared: f64, remainder: f64, error: f64) -> LedgerRow {
    LedgerRow {
        ledger_sigma_squared: Some(sigma_squared),
        plain: Some(100.0),
        corrupted: Some(100.0 + 10.0 * sigma_squared),
        first_order: Some(0.01),
        first_order_error: Some(0.01),
        own: Some(8.0 * sigma_squared),
        cross: Some(2.0 * sigma_squared),
        curvature: Some(0.0),
        remainder: Some(remainder),
        remainder_error: Some(error),
        first_order_batch_gradient_deviation: Some(0.3),
        second_order_gradient: Some(0.0),
        ..LedgerRow::default()
    }
}

/// A summary with a mean alone.
fn mean(mean: f64) -> Quantiles {
    Quantiles { mean: Some(mean), ..Quantiles::default() }
}

/// A summary with a median alone.
fn median(median: f64) -> Quantiles {
    Quantiles { median: Some(median), ..Quantiles::default() }
}

#[test]
fn the_summary_has_each_model_once_at_zero_and_pools_seeds() {
    let sweep = "seeds = [1, 2]\nsweep = { regularizer = ['dae', 'cae'], sigma_squared = [0, 0.5] }";
    let study = study(sweep, |run| {
        let seed = run.spec.seed as f64;
        let row = EpochRow {
            measured_samples: Some(100.0),
            lemma1_violations: Some(seed),
            theorem1_met: Some(0.25 * seed),
            inactive_fraction: mean(0.5),
            ..epoch(3.0)
        };
        Measured { epochs: vec![row], ..Measured::default() }
    });
    let names = |row: &Vec<Text>| row[..3].iter().map(words).collect::<Vec<_>>();
    let first: Vec<_> = study.summary.rows.iter().map(names).collect();
    assert_eq!(first, [["ReLU", "AE", "0"], ["ReLU", "DAE", "0.5"], ["ReLU", "CAE", "0.5"]]);
    // A sum of units and a mean of shares.
    let expected = [("above", "3"), ("λR'>bound", "37.5 %"), ("Pr(off)", "0.500"), ("p_j", "–")];
    check_cells(&study.summary, &["ReLU", "DAE", "0.5"], &expected);
    check(&study.summary.caption.words(), &["Over seeds: means, and sums of numbers of units."]);
    let expected = [
        ("runs", "6"),
        ("diverged, left out", "0"),
        ("hidden units", "10"),
        ("mini-batch", "5"),
        ("samples measured", "100"),
        ("measured epochs", "1"),
        ("first", "3"),
        ("last", "3"),
    ];
    check_cells(&study.about, &["MNIST"], &expected);
    let table = String::from_utf8(csv(&[study])).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with(
        "name,dataset,activation,constraint,learning_rate,regularizer,sigma_squared,seeds,hidden,epoch,"
    ));
    assert_eq!(lines[1], "made_up,mnist,relu,unit_norm,0.001,none,0,2,10,3,100,,3,0.375,,,,,,,,0.5,");
    assert_eq!(lines.len(), 4);
}

#[test]
fn diverged_runs_are_counted_and_left_out() {
    let sweep = "seeds = [9]\nsweep = { regularizer = ['dae'], sigma_squared = [0, 1] }";
    let study = study(sweep, |_| Measured { epochs: vec![epoch(0.0)], ..Measured::default() });
    check_cells(&study.about, &["MNIST"], &[("runs", "1"), ("diverged, left out", "1")]);
    assert_eq!(study.summary.rows.len(), 1);
}

fn page(results: &[Results]) -> Document {
    Report::new(results, vec![], SigmaScale::Auto).document(&Prose::default())
}

#[test]
fn without_theory_there_is_no_section() {
    let none = [results(DAE, |_| None)];
    assert!(Study::all(&none).is_empty());
    let document = page(&none);
    assert!(!html(&document).contains("The theory, measured"));
    assert!(!markdown(&document).contains("The theory, measured"));
    let document =
        page(&[results(DAE, |_| Some(Measured { epochs: vec![epoch(0.0)], ..Measured::default() }))]);
    assert!(html(&document).contains("<a href=\"#theory\">"));
    assert!(markdown(&document).contains("\n## The theory, measured"));
}

/// The results folder `name` on `dataset` with `models`.
fn folder(name: &str, dataset: &str, models: &str) -> Results {
    let sweep = format!("sweep = {{ regularizer = [{models}], sigma_squared = [0, 0.5] }}");
    let row = EpochRow {
        lemma1_violations: Some(0.0),
        theorem1_falling: Some(0.5),
        theorem2_violations: Some(0.0),
        ..epoch(0.0)
    };
    let measured = |_: &StoredRun| Some(Measured { epochs: vec![row], ..Measured::default() });
    let mut results = results(&sweep, measured);
    results.name = name.to_owned();
    results.runs.iter_mut().for_each(|run| run.dataset = dataset.to_owned());
    results
}

#[test]
fn studies_and_statements_come_in_the_papers_order() {
    let results = [
        folder("a_side", "mnist", "'dae'"),
        folder("b_cifar", "cifar10", "'dae', 'cae'"),
        folder("c_own", "own", "'dae', 'cae'"),
        folder("d_mnist", "mnist", "'dae', 'cae', 'mdae'"),
    ];
    let studies = Study::all(&results);
    let titles: Vec<String> = sections(&studies, |_| None)
        .iter()
        .map(|block| match block {
            Block::Section(section) => section.title.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(titles, ["d_mnist: MNIST", "b_cifar: CIFAR-10", "c_own: own", "a_side: MNIST"]);
    let ids: Vec<&str> = studies[0].found.iter().map(|found| found.statement.id).collect();
    assert_eq!(ids, ["lemma1", "theorem1", "theorem2"], "nothing is said of what wasn't measured");
    let glance = glance(&studies);
    let datasets: Vec<String> = glance.iter().map(|row| words(&row[1])).collect();
    assert_eq!(
        datasets,
        vec!["MNIST\nCIFAR-10\nown"; 3],
        "a row for a statement, without what was measured on the side"
    );
    let link = glance[0][1].0.iter().find(|span| span.words() == "MNIST");
    assert_eq!(link, Some(&Span::link_to("theory:d_mnist:lemma1", "MNIST")));
    let lines = String::from_utf8(csv(&studies)).unwrap();
    let names: Vec<&str> = lines.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert!(names.is_sorted(), "the file keeps the folders' order");
}

#[test]
fn names_from_files_stay_text() {
    let mut hostile = results(DAE, |_| Some(Measured { epochs: vec![epoch(0.0)], ..Measured::default() }));
    for run in &mut hostile.runs {
        run.dataset = "<svg onload=x>|".to_owned();
        run.spec.activation = ActivationSpec::from_label("<i>|").unwrap();
        run.spec.regularizer = RegularizerSpec::from_label("<b>").unwrap();
    }
    let document = page(&[hostile]);
    let text = markdown(&document);
    for page in [&html(&document), &text] {
        assert!(page.contains("&lt;b>") || page.contains("&lt;b&gt;"), "{page}");
        assert!(page.contains("&lt;svg onload"), "{page}");
        assert!(!page.contains("<svg onload") && !page.contains("<b>") && !page.contains("<i>"), "{page}");
    }
    assert!(text.contains("&lt;i>\\|"), "{text}");
}
