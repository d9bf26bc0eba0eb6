//! Tests of the summary tables with made-up runs.

use super::*;
use crate::experiment::config;
use crate::report::render::{FULL_WIDTH, terminal};
use crate::store::{Record, StoredRun};
use crate::training::{Outcome, Status};
use std::path::Path;
use std::sync::Arc;

fn plan(text: &str) -> Plan {
    let text = format!("name = 'made_up'\ndata.source = 'synthetic'\ntraining.epochs = 1\n{text}");
    let config = config::parse(&text, Path::new("x.toml"), &[]).unwrap();
    Plan::new(&config, "synthetic", "0".repeat(64), 2000, 64, None).unwrap()
}

/// The rows of all cells. `ends` gives the activation fraction of a run, or `None` for a diverged run.
fn rows(plan: &Plan, ends: impl Fn(&RunSpec) -> Option<f64>) -> Vec<StoredRun> {
    let row = |spec: &RunSpec, run: &RunSpec| {
        let measurement = |fraction| Measurement {
            epoch: 1,
            avg_activation_fraction: fraction,
            alive_activation_fraction: Some(fraction),
            dead_units: (fraction * 1000.0) as u64,
            dead_fraction: fraction,
            fraction_variance_unexplained: Some(fraction / 4.0),
            ..Measurement::default()
        };
        let outcome = match ends(spec) {
            Some(fraction) => Outcome {
                status: Status::Completed,
                measurements: vec![measurement(fraction)],
                activity: None,
            },
            None => Outcome {
                status: Status::Diverged { epoch: 1, step: 3 },
                measurements: Vec::new(),
                activity: None,
            },
        };
        let (name, dataset) = (plan.name.clone(), plan.dataset.clone());
        StoredRun { name, dataset, spec: spec.clone(), record: Arc::new(Record::new(run, outcome)) }
    };
    plan.cells.iter().map(|cell| row(&cell.spec, &plan.trainings[cell.training].spec)).collect()
}

/// The summary as a terminal shows it.
fn text_of(plan: &Plan, rows: &[StoredRun]) -> String {
    terminal(&summary(plan, rows).into(), FULL_WIDTH)
}

const TWELVE: &str =
    "sweep.sigma_squared = [0, 0.001, 0.01, 0.04, 0.09, 0.16, 0.25, 0.36, 0.49, 0.64, 0.81, 1]";

/// The number of σ² in each line that names them.
fn headers(text: &str) -> Vec<usize> {
    let lines = text.lines().filter(|line| line.starts_with("σ²"));
    lines.map(|line| line.split_whitespace().count() - 1).collect()
}

#[test]
fn the_papers_twelve_values_fit_the_width() {
    let plan = plan(&format!("{TWELVE}\nsweep.regularizer = ['dae', 'cae', 'mdae', 'kl_sae']"));
    let text = text_of(&plan, &rows(&plan, |spec| Some(spec.sigma_squared / 2.0)));
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert_eq!(headers(&text), [12, 12, 12], "{text}");
}

#[test]
fn wide_sweeps_are_wrapped_into_parts_of_equal_length() {
    let plan =
        plan(&format!("{TWELVE}\nsweep.regularizer = ['none', 'dae', {{ kind = 'kl_sae', rho = 0.055 }}]"));
    let text = text_of(&plan, &rows(&plan, |spec| Some(spec.sigma_squared / 2.0)));
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert_eq!(headers(&text), [6, 6, 12, 6, 6], "{text}");
    // Every value appears once in its table, and so does the only cell of `none`.
    let fractions = text.split("dead units").next().unwrap_or_default();
    assert_eq!(fractions.matches("0.5000").count(), 2, "{text}");
    assert_eq!(fractions.matches("none").count(), 1, "{text}");
}

#[test]
fn seeds_are_averaged_over_those_that_completed() {
    let plan = plan("seeds = [1, 2, 3]\nsweep.sigma_squared = [0.1, 0.2, 0.3]\nsweep.regularizer = ['dae']");
    let ends = |spec: &RunSpec| match (spec.sigma_squared, spec.seed) {
        (0.1, seed) => Some(seed as f64 / 10.0),
        (0.2, 3) | (0.3, _) => None,
        _ => Some(0.25),
    };
    let text = text_of(&plan, &rows(&plan, ends));
    assert!(
        text.starts_with(
            "made_up: relu, unit_norm, learning rate 0.001, after 1 epoch, means over 3 seeds\n"
        )
    );
    let words = |start: &str| -> Vec<Vec<&str>> {
        text.lines()
            .filter(|line| line.starts_with(start))
            .map(|line| line.split_whitespace().collect())
            .collect()
    };
    assert_eq!(
        words("dae"),
        [
            ["dae", "0.2000", "0.2500*", "div."],
            ["dae", "200.0", "250.0*", "div."],
            ["dae", "0.0500", "0.0625*", "div."]
        ],
        "{text}"
    );
    assert!(text.contains("\n*: without the seeds that diverged or are not finished\n"), "{text}");
    assert!(text.contains("\ndiv.: diverged"), "{text}");
}

#[test]
fn groups_have_headings_and_unfinished_cells_are_marked() {
    let plan = plan(
        "sweep.activation = ['relu', 'sigmoid']\nsweep.sigma_squared = [0.5]\nsweep.regularizer = ['cae']",
    );
    let mut rows = rows(&plan, |_| Some(0.5));
    rows.truncate(1);
    let text = text_of(&plan, &rows);
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("made_up")).collect();
    assert_eq!(headings.len(), 2, "{text}");
    assert!(headings[0].contains(": relu,") && headings[1].contains(": sigmoid,"));
    // The second has no finished cell, and no table.
    assert_eq!(text.matches("activation fraction").count(), 1, "{text}");
    assert!(text.ends_with("\n\n1 of 1 cell not finished\n"), "{text}");
}

/// As after an interruption: what is finished is shown, without rows and columns that would have no number.
#[test]
fn rows_and_columns_without_a_finished_cell_are_left_out() {
    let plan = plan("sweep.sigma_squared = [0.1, 0.2, 0.3]\nsweep.regularizer = ['dae', 'cae', 'mdae']");
    let mut rows = rows(&plan, |_| Some(0.5));
    let is_finished = |row: &StoredRun| {
        let spec = &row.spec;
        let model = spec.regularizer.label();
        model == "dae" && spec.sigma_squared < 0.25 || model == "cae" && spec.sigma_squared == 0.2
    };
    rows.retain(is_finished);
    let text = text_of(&plan, &rows);
    assert_eq!(headers(&text), [2; 3], "{text}");
    let lines = |start: &str| text.lines().filter(|line| line.starts_with(start)).collect::<Vec<_>>();
    assert_eq!(lines("dae")[0].split_whitespace().collect::<Vec<_>>(), ["dae", "0.5000", "0.5000"]);
    assert_eq!(lines("cae")[0].split_whitespace().collect::<Vec<_>>(), ["cae", "?", "0.5000"]);
    assert!(lines("mdae").is_empty() && !text.contains("0.3"), "{text}");
    assert!(
        text.contains("\n6 of 9 cells not finished\n") && text.ends_with("\n?: not finished\n"),
        "{text}"
    );
    let text = text_of(&plan, &[]);
    assert!(!text.contains('?') && text.ends_with("\n9 of 9 cells not finished\n"), "{text}");
}

#[test]
fn a_frozen_encoder_bias_has_a_heading_of_its_own() {
    let plan = plan(
        "sweep.encoder_bias = ['trained', 'frozen']\nsweep.sigma_squared = [0.5]\nsweep.regularizer = ['dae']",
    );
    let text = text_of(&plan, &rows(&plan, |_| Some(0.5)));
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("made_up")).collect();
    assert_eq!(headings.len(), 2, "{text}");
    assert!(!headings[0].contains("bias") && headings[1].contains(", encoder bias frozen, after"), "{text}");
}

#[test]
fn a_mean_over_seeds_is_marked_where_one_of_them_collapsed() {
    let plan = plan("seeds = [1, 2]\nsweep.sigma_squared = [0.1, 0.2]\nsweep.regularizer = ['dae']");
    // As many units are dead as the fraction says.
    let ends = |spec: &RunSpec| Some(if spec.sigma_squared == 0.2 && spec.seed == 2 { 0.99 } else { 0.5 });
    let text = text_of(&plan, &rows(&plan, ends));
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let lines: Vec<Vec<String>> = text.lines().filter(|line| line.starts_with("dae")).map(words).collect();
    let expected = [["dae", "0.5000", "0.7450!"], ["dae", "500.0", "745.0!"], ["dae", "0.1250", "0.1862!"]];
    assert_eq!(lines, expected, "{text}");
    assert!(text.ends_with("\n!: collapsed, at least 99 % of the units dead, or of the variance unexplained, with one seed or more\n"), "{text}");
    assert!(!text_of(&plan, &rows(&plan, |_| Some(0.5))).contains('!'), "{text}");
}

#[test]
fn constant_data_have_no_table_of_unexplained_variance() {
    let plan = plan("sweep.sigma_squared = [0.5]\nsweep.regularizer = ['dae']");
    let mut rows = rows(&plan, |_| Some(0.5));
    assert!(text_of(&plan, &rows).contains("\nfraction of variance unexplained\n"));
    let record = Arc::make_mut(&mut rows[0].record);
    record.measurements.iter_mut().for_each(|m| m.fraction_variance_unexplained = None);
    assert!(!text_of(&plan, &rows).contains("unexplained"));
}
