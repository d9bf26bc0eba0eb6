//! Findings of records that are made up: 10 units on 64 inputs, so that every number can be checked by hand.

use super::*;
use crate::activation::ActivationSpec;
use crate::regularizer::RegularizerSpec;
use crate::report::figure::SigmaScale;
use crate::report::figure::tests::runs;
use crate::report::{html, markdown};
use crate::store::{Listing, StoredRun, TheoryRecord};
use crate::theory::{Agreement, Cells, EpochRow, IdentityErrors, LedgerRow, Rises, RunRow, Summary, Table};
use crate::training::{TheoryOutcome, TheorySpec};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

mod pictures;
mod statements;

/// What a run measured, as far as a test needs it.
#[derive(Default)]
struct Told {
    epochs: Vec<EpochRow>,
    whole: RunRow,
    ledger: Vec<LedgerRow>,
}

/// A measured epoch without numbers.
fn epoch(epoch: f64) -> EpochRow {
    EpochRow { epoch: Some(epoch), ..EpochRow::default() }
}

fn table<R: Cells>(rows: &[R]) -> Table<R> {
    let mut table = Table::default();
    rows.iter().for_each(|row| table.push(row));
    table
}

/// A folder with the cells of `sweep`, of which those measured what `tell` says; at σ² = 1 and seed 9 runs diverge.
fn results(sweep: &str, tell: impl Fn(&StoredRun) -> Option<Told>) -> Results {
    let manifest = json!({
        "format": "aesparse manifest 1", "version": "0.1.0", "numerics": 2, "config": {}, "data_sha256": {},
        "processor": {"cpu_model": null, "instruction_set": "baseline"}, "cores": 1,
        "operating_system": "linux", "architecture": "x86_64", "started": "", "finished": null, "seconds": {},
    });
    let runs = runs(&format!("training.batch = 5\n{sweep}"), |spec| {
        (spec.sigma_squared != 1.0 || spec.seed != 9).then_some((0.5, 0.0))
    });
    let record = |run: &StoredRun| {
        let Told { epochs, whole, ledger } = tell(run)?;
        let outcome = TheoryOutcome {
            epochs: table(&epochs),
            run: table(&[whole]),
            ledger: table(&ledger),
            units: None,
        };
        let spec = TheorySpec { every: 1, samples: 100, units: false };
        Some((run.record.run_key.clone(), Arc::new(TheoryRecord::new(&run.record.run_key, spec, &outcome))))
    };
    Results {
        name: "made_up".to_owned(),
        folder: PathBuf::from("made_up"),
        manifest: serde_json::from_value(manifest).unwrap(),
        theory: runs.iter().filter_map(record).collect(),
        listing: Listing::default(),
        runs,
    }
}

fn study(sweep: &str, tell: impl Fn(&StoredRun) -> Told) -> Study {
    Study::of(&results(sweep, |run| Some(tell(run)))).unwrap()
}

/// The findings of the statement `id`, in one text.
fn findings(study: &Study, id: &str) -> String {
    study.blocks.iter().find(|block| block.id == id).unwrap().findings.join("\n")
}

fn check(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "not found: {part}\nin: {text}");
    }
}

const DAE: &str = "sweep = { regularizer = ['dae'], sigma_squared = [0, 0.5] }";

/// Plain at σ² = 0, and a run with a term.
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

/// A summary of which only the mean is looked at.
fn mean(mean: f64) -> Summary {
    Summary { mean: Some(mean), ..Summary::default() }
}

/// The same of the median.
fn median(median: f64) -> Summary {
    Summary { median: Some(median), ..Summary::default() }
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
        Told { epochs: vec![row], ..Told::default() }
    });
    let first: Vec<&[String]> = study.summary.rows.iter().map(|row| &row[..3]).collect();
    assert_eq!(first, [["ReLU", "AE", "0"], ["ReLU", "DAE", "0.5"], ["ReLU", "CAE", "0.5"]]);
    assert_eq!(study.summary.rows[1][4..6], ["3", "37.5 %"], "a sum of units and a mean of shares");
    assert!(study.summary.caption.ends_with("sums of numbers of units."));
    check(&study.about, &["6 runs of 10 hidden units, measured once from epoch 3 to 3 on 100 samples."]);
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
    let study = study(sweep, |_| Told { epochs: vec![epoch(0.0)], ..Told::default() });
    check(&study.about, &["1 run of", "1 run diverged and left out."]);
    assert_eq!(study.summary.rows.len(), 1);
}

#[test]
fn without_theory_there_is_no_section() {
    let none = [results(DAE, |_| None)];
    assert_eq!(Study::all(&none), []);
    assert!(!html::page(&none, &[], &[], SigmaScale::Auto).contains("The theory, measured"));
    assert!(!markdown::page(&none, &[], &[], "").contains("The theory, measured"));
    let some = [results(DAE, |_| Some(Told { epochs: vec![epoch(0.0)], ..Told::default() }))];
    assert!(html::page(&some, &[], &[], SigmaScale::Auto).contains("<a href=\"#theory\">"));
    assert!(markdown::page(&some, &[], &[], "").contains("\n## The theory, measured\n"));
}

#[test]
fn names_from_files_stay_text() {
    let mut hostile = results(DAE, |_| Some(Told { epochs: vec![epoch(0.0)], ..Told::default() }));
    for run in &mut hostile.runs {
        run.dataset = "<svg onload=x>|".to_owned();
        run.spec.activation = ActivationSpec::from_label("<i>|").unwrap();
        run.spec.regularizer = RegularizerSpec::from_label("<b>").unwrap();
    }
    let studies = Study::all(&[hostile]);
    let page = section(&studies).into_string();
    let mut text = String::new();
    super::markdown(&mut text, &studies);
    for page in [&page, &text] {
        assert!(
            page.contains("&lt;svg onload") && page.contains("&lt;b>") || page.contains("&lt;b&gt;"),
            "{page}"
        );
        assert!(!page.contains("<svg") && !page.contains("<b>") && !page.contains("<i>"), "{page}");
    }
    assert!(text.contains("&lt;i>\\|"), "{text}");
}
