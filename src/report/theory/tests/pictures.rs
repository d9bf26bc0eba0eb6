//! Tests of pictures of made-up records.

use super::*;
use crate::regularizer::RegularizerSpec;
use crate::report::Drawing;
use crate::report::chart::{PanelCurve, Stack};

/// The picture of the statement `id`, if it has one.
fn picture<'s>(study: &'s Study, id: &str) -> Option<&'s Drawing> {
    study.found.iter().find(|found| found.statement.id == id)?.drawing.as_ref()
}

fn legends(curves: &[PanelCurve]) -> Vec<&str> {
    curves.iter().map(|curve| curve.legend.as_str()).collect()
}

/// Means of the points that are drawn, by place.
fn drawn(curve: &PanelCurve) -> Vec<(f64, f64)> {
    panels::values(curve).collect()
}

/// The cells of a picture's table in the column `column`.
fn cells<'p>(picture: &'p Drawing, column: &str) -> Vec<&'p str> {
    let place = picture.numbers.columns.iter().position(|name| name == column).unwrap();
    picture.numbers.rows.iter().map(|row| row[place].as_str()).collect()
}

const SWEEP: &str = "seeds = [1, 2]\nsweep = { regularizer = ['dae', 'cae'], sigma_squared = [0, 0.25, 0.5], \
                     activation = ['relu', 'sigmoid'] }";

/// Bound and truth grow with σ² and the seed; signs are measured up to the epoch before the last.
fn trained(run: &StoredRun) -> Measured {
    let row = |(at, sign): (f64, Option<f64>)| {
        let off = 0.125 * at + 0.25 * run.spec.sigma_squared + 0.0625 * run.spec.seed as f64;
        EpochRow {
            theorem2_bound: mean(off / 2.0),
            inactive_fraction: mean(off),
            theorem1_step: Agreement { sign, ..Agreement::default() },
            theorem1_interval: Agreement { sign: sign.map(|sign| sign / 2.0), ..Agreement::default() },
            ..epoch(at)
        }
    };
    let epochs = [(0.0, Some(1.0)), (2.0, Some(0.75)), (4.0, None)].map(row).into();
    Measured { epochs, ..Measured::default() }
}

#[test]
fn theorem2_is_drawn_over_the_epochs_beside_the_truth() {
    let study = study(SWEEP, trained);
    let picture = picture(&study, "theorem2").unwrap();
    assert_eq!(picture.stem, "made_up_theorem2");
    let [stack] = picture.multiples().stacks.as_slice() else { panic!("{:?}", picture.multiples()) };
    let [bound, truth] = stack.rows.as_slice() else { panic!("{stack:?}") };
    assert_eq!((bound.name, truth.name), ("p_j", "Pr(h_j ≤ δ_min)"));
    assert_eq!(bound.y, truth.y, "they can be compared by eye");
    assert_eq!(stack.titles, ["ReLU", "sigmoid"]);
    for panel in bound.panels.iter().chain(&truth.panels) {
        assert_eq!(legends(panel), ["AE", "DAE, σ² = 0.5", "CAE, σ² = 0.5"]);
    }
    // Means over the seeds 1 and 2.
    let dae = &truth.panels[1][1];
    assert_eq!(dae.label, "dae");
    assert_eq!(drawn(dae), [(0.0, 0.21875), (2.0, 0.46875), (4.0, 0.71875)]);
    assert!(dae.points.iter().all(|(_, estimate)| estimate.unwrap().interval.is_some()));
    assert_eq!(drawn(&bound.panels[0][0])[2], (4.0, 0.296875));

    check(&picture.multiples().description, &["above the bound p_j, below the probability that it bounds"]);
    assert_eq!(picture.numbers.rows.len(), 2 * 3 * 3);
    assert_eq!(cells(picture, "theorem2_bound_mean")[..3], ["0.046875", "0.171875", "0.296875"]);
    assert_eq!(cells(picture, "inactive_fraction_mean")[..3], ["0.09375", "0.34375", "0.59375"]);
    assert_eq!((cells(picture, "regularizer")[0], cells(picture, "regularizer")[3]), ("none", "dae"));
    assert_eq!(cells(picture, "seeds")[0], "2");
    let keys = cells(picture, "run_keys");
    assert!(keys.iter().all(|keys| keys.split(' ').count() == 2), "both seeds: {keys:?}");
    assert!(keys[0] == keys[1] && keys[0] != keys[3], "the epochs of a run, and another model: {keys:?}");
}

#[test]
fn eq5_is_drawn_where_it_was_compared() {
    let study = study(SWEEP, trained);
    let picture = picture(&study, "theorem1").unwrap();
    let rows = &picture.multiples().stacks[0].rows;
    let [step, interval] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(drawn(&step.panels[0][0]), [(0.0, 1.0), (2.0, 0.75)], "nothing follows the last epoch");
    assert_eq!(drawn(&interval.panels[0][0]), [(0.0, 0.5), (2.0, 0.375)]);
    assert!(
        rows.iter()
            .flat_map(|row| row.panels.iter().flatten())
            .all(|curve| curve.points.iter().all(|(_, estimate)| estimate.is_some())),
        "no cross where nothing diverged"
    );
    assert_eq!(cells(picture, "theorem1_step_sign")[..3], ["1", "0.75", ""]);
}

#[test]
fn an_epoch_without_a_value_is_a_gap() {
    let study = study(SWEEP, |run| {
        let mut measured = trained(run);
        for (row, sign) in measured.epochs.iter_mut().zip([Some(1.0), None, Some(0.5)]) {
            row.theorem1_step.sign = sign;
            row.theorem1_interval.sign = None;
        }
        measured
    });
    let picture = picture(&study, "theorem1").unwrap();
    let [step, interval] = picture.multiples().stacks[0].rows.as_slice() else { panic!() };
    let curve = &step.panels[0][0];
    assert_eq!(drawn(curve), [(0.0, 1.0), (4.0, 0.5)]);
    let places: Vec<f64> = curve.points.iter().map(|(place, _)| *place).collect();
    assert_eq!(places, [0.0, 2.0, 4.0], "the line doesn't run across");
    assert!(curve.points.iter().all(|(_, estimate)| estimate.is_some()), "a gap and no cross");
    assert!(interval.panels.iter().all(Vec::is_empty), "nothing was compared");
}

#[test]
fn one_measured_epoch_is_no_course() {
    let once = study(SWEEP, |run| {
        let mut measured = trained(run);
        measured.epochs.truncate(1);
        measured
    });
    assert_eq!(once.drawings().count(), 0);
    let without = study(SWEEP, |_| Measured { epochs: vec![epoch(0.0), epoch(1.0)], ..Measured::default() });
    assert_eq!(without.drawings().count(), 0, "records that lack the columns");
}

#[test]
fn many_settings_take_several_rows() {
    let sweep = "evaluation.threshold = 0\nsweep = { regularizer = ['dae'], sigma_squared = [0, 0.5], \
                 activation = ['relu', 'sigmoid', 'softplus', 'tanh', 'elu'] }";
    let study = study(sweep, trained);
    let stacks = &picture(&study, "theorem2").unwrap().multiples().stacks;
    let size = |stack: &Stack| stack.rows.iter().map(|row| row.panels.len()).collect::<Vec<_>>();
    let sizes: Vec<_> = stacks.iter().map(|stack| (size(stack), stack.titles[0].as_str())).collect();
    assert_eq!(sizes, [(vec![4, 4], "ReLU"), (vec![1, 1], "ELU")]);
}

#[test]
fn treatments_of_the_bias_are_kept_apart() {
    let sweep =
        "sweep = { regularizer = ['dae'], sigma_squared = [0, 0.5], encoder_bias = ['trained', 'frozen'] }";
    let study = study(sweep, trained);
    let titles = &picture(&study, "theorem2").unwrap().multiples().stacks[0].titles;
    assert_eq!(*titles, ["ReLU, encoder bias trained", "ReLU, encoder bias frozen"]);
}

/// Under ReLU a fifth of the second order at every σ², under softplus σ² / 10 of it; at `noisy` within the errors.
fn ledgers(noisy: impl Fn(&StoredRun, f64) -> bool) -> Study {
    let sweep = "seeds = [1, 2]\nsweep = { regularizer = ['dae', 'cae'], sigma_squared = [0, 0.25, 0.5, 0.75], \
                 activation = ['relu', 'softplus'] }";
    study(sweep, |run| {
        let line = |sigma: f64| {
            let share = if run.spec.activation.label() == "relu" { -0.25 } else { 0.125 * sigma };
            let remainder = share * 10.0 * sigma;
            ledger(sigma, remainder, if noisy(run, sigma) { remainder.abs() } else { 0.0 })
        };
        let has_ledger = run.spec.regularizer.label() == "dae" || is_plain(run);
        let ledger = if has_ledger { [0.125, 0.5, 1.0].map(line).into() } else { vec![] };
        Measured { epochs: vec![epoch(0.0)], ledger, ..Measured::default() }
    })
}

#[test]
fn the_remainder_is_level_with_kinks_and_falls_without() {
    let study = ledgers(|_, _| false);
    let picture = picture(&study, "theorem3").unwrap();
    let rows = &picture.multiples().stacks[0].rows;
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    for panel in &row.panels {
        assert_eq!(legends(panel), ["AE", "DAE, σ² = 0.75", "DAE, σ² = 0.25"], "the ends of many σ²");
    }
    let points = |panel: usize| drawn(&row.panels[panel][1]);
    assert_eq!(points(0), [(0.125, 0.25), (0.5, 0.25), (1.0, 0.25)]);
    assert_eq!(points(1), [(0.125, 0.015625), (0.5, 0.0625), (1.0, 0.125)]);
    check(&picture.multiples().description, &["both axes are logarithmic"]);
    // Two activations, three curves, two seeds, three σ².
    assert_eq!(picture.numbers.rows.len(), 2 * 3 * 2 * 3);
    assert_eq!(cells(picture, "remainder_share")[0], "-0.25", "with its sign");
    assert!(cells(picture, "beyond_noise").iter().all(|cell| *cell == "1"));
}

#[test]
fn remainders_within_the_noise_are_left_out() {
    let study = ledgers(|run, sigma| {
        run.spec.activation.label() == "softplus"
            && run.spec.sigma_squared == 0.75
            && sigma < 1.0
            && run.spec.seed == 2
    });
    let picture = picture(&study, "theorem3").unwrap();
    let dae = &picture.multiples().stacks[0].rows[0].panels[1][1];
    assert_eq!(drawn(dae), [(1.0, 0.125)], "one seed that can't be distinguished from 0 is enough");
    assert!(
        dae.points.iter().all(|(_, estimate)| estimate.is_some()),
        "a gap and no cross: nothing diverged"
    );
    check(&picture.caption, &["left out", "beyond_noise = 0 in the numbers"]);
    let table = &tables(&study, "theorem3")[0];
    assert_eq!(
        cell(table, &["softplus", "0.125"], "seen"),
        "7 of 8",
        "two seeds of AE and of DAE at three σ²"
    );
    assert_eq!(cells(picture, "beyond_noise").iter().filter(|cell| **cell == "0").count(), 2);
    assert!(self::picture(&ledgers(|_, _| true), "theorem3").is_none(), "nothing is seen");
}

#[test]
fn pictures_stand_on_both_pages_and_have_three_files() {
    let results = [results(SWEEP, |run| Some(trained(run)))];
    let document = super::page(&results);
    let (page, text) = (html(&document), markdown(&document));
    for id in ["theorem1", "theorem2"] {
        let figure = page
            .split(&format!("id=\"picture:made_up_{id}\""))
            .nth(1)
            .unwrap()
            .split("</figure>")
            .next()
            .unwrap();
        check(figure, &["<svg", "<desc>", "var(--ink)", "DAE, σ² = 0.5", "<figcaption>", "beside the plain"]);
        assert!(!figure.contains("#1a1a1a"), "a colour that doesn't follow the theme");
        check(
            &text,
            &[&format!("](figures/made_up_{id}.png)"), &format!("[Numbers](figures/made_up_{id}.csv)")],
        );
    }
    assert!(!page.contains("made_up_theorem3") && !text.contains("made_up_theorem3"), "no ledger was kept");
    let folder = tempfile::tempdir().unwrap();
    let studies = Study::all(&results);
    studies.iter().flat_map(Study::drawings).for_each(|picture| {
        assert!(picture.write(folder.path()).unwrap().is_none(), "{} has a PNG", picture.stem);
    });
    for end in ["csv", "svg", "png"] {
        assert!(folder.path().join(format!("made_up_theorem2.{end}")).exists(), "{end}");
    }
}

#[test]
fn names_from_files_stay_text_in_pictures() {
    let mut hostile = results(SWEEP, |run| Some(trained(run)));
    for run in &mut hostile.runs {
        run.dataset = "<b>|".to_owned();
        run.spec.regularizer = RegularizerSpec::from_label("<i>").unwrap();
    }
    let hostile = [hostile];
    let (studies, document) = (Study::all(&hostile), super::page(&hostile));
    let svg = picture(&studies[0], "theorem2").unwrap().svg();
    for page in [svg, &html(&document), &markdown(&document)] {
        assert!(page.contains("&lt;b"), "{page}");
        assert!(!page.contains("<b>") && !page.contains("<i>") && !page.contains("<u>"), "{page}");
    }
}

/// Errors on samples, noise and shuffled samples.
fn errors(errors: [f64; 3]) -> RunRow {
    let [samples, noise, shuffled] = errors.map(Some);
    RunRow { identity_error: IdentityErrors { samples, noise, shuffled }, ..RunRow::default() }
}

#[test]
fn the_identity_is_recognised_by_the_error_on_noise() {
    let sweep = "sweep = { regularizer = ['dae', 'cae'], sigma_squared = [0, 0.25, 0.5], activation = ['relu', 'sigmoid'] }";
    let study = study(sweep, |run| {
        let whole = match (run.spec.activation.label().as_str(), run.spec.regularizer.label().as_str()) {
            ("relu", _) if is_plain(run) => errors([0.25, 4.0, 2.0]),
            (_, _) if is_plain(run) => errors([0.01, 0.0625, 0.03]),
            ("relu", "dae") => errors([0.5, 1.0, 0.75]),
            ("sigmoid", "dae") => errors([0.1, 0.9, 0.5]),
            _ => errors([0.01, 0.05, 0.02]),
        };
        Measured { epochs: vec![epoch(0.0)], whole, ..Measured::default() }
    });
    let table = &tables(&study, "identity")[0];
    assert_eq!(table.rows.len(), 2 * 3, "each model at its largest σ²");
    let names = ["held out", "noise", "shuffled", "noise / held out", "copies noise", "noise above AE's"];
    let row = |setting: &str, model: &str| names.map(|head| cell(table, &[setting, model], head));
    assert_eq!(row("ReLU", "AE"), ["0.250", "4.00", "2.00", "16.0", "✓ none of 1", "–"]);
    assert_eq!(row("sigmoid", "AE"), ["0.0100", "0.0625", "0.0300", "6.25", "✗ 1 of 1", "–"]);
    assert_eq!(row("sigmoid", "DAE"), ["0.100", "0.900", "0.500", "9.00", "✓ none of 1", "1 of 1"]);
    assert_eq!(row("ReLU", "CAE"), ["0.0100", "0.0500", "0.0200", "5.00", "✗ 1 of 1", "none of 1"]);
    // All runs of the folder: the plain one under sigmoid, and CAE at both σ² under both.
    let answer = &study.found.iter().find(|found| found.statement.id == "identity").unwrap().answer;
    assert_eq!(words(answer), "✗ 5 of 10");
}

#[test]
fn without_errors_on_noise_there_is_no_table_of_the_identity() {
    let study = study(DAE, |_| Measured { epochs: vec![epoch(0.0)], ..Measured::default() });
    assert!(tables(&study, "identity").is_empty());
}
