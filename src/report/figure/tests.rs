//! Tests of figures of made-up runs.

use super::*;
use crate::experiment::{Plan, config};
use crate::report::statistics::Interval;
use crate::store::Record;
use crate::store::StoredRun;
use crate::training::Measurement;
use crate::training::{Outcome, RunSpec, Status};
use std::path::Path;
use std::sync::Arc;

/// The runs of the plan of `text`. `ends` gives each run's activation fraction and fraction of dead units; `None` is a
/// divergence.
pub(in crate::report) fn runs(text: &str, ends: impl Fn(&RunSpec) -> Option<(f64, f64)>) -> Vec<StoredRun> {
    let text = format!("name = 'made_up'\ndata.source = 'synthetic'\nmodel.hidden = 10\n{text}");
    let config = config::parse(&text, Path::new("x.toml"), &[]).unwrap();
    let plan = Plan::new(&config, "mnist", "0".repeat(64), 2000, 64, None).unwrap();
    let run = |spec: &RunSpec, trained: &RunSpec| {
        let outcome = match ends(spec) {
            Some((active, dead)) => Outcome {
                status: Status::Completed,
                measurements: vec![measurement(active, dead)],
                activity: None,
            },
            None => Outcome {
                status: Status::Diverged { epoch: 1, step: 3 },
                measurements: Vec::new(),
                activity: None,
            },
        };
        StoredRun {
            name: plan.name.clone(),
            dataset: plan.dataset.clone(),
            spec: spec.clone(),
            record: Arc::new(Record::new(trained, outcome)),
        }
    };
    plan.cells.iter().map(|cell| run(&cell.spec, &plan.trainings[cell.training].spec)).collect()
}

/// Sets the fraction of variance unexplained of completed `runs`.
pub(in crate::report) fn set_unexplained(runs: &mut [StoredRun], unexplained: impl Fn(&RunSpec) -> f64) {
    for run in runs {
        let value = unexplained(&run.spec);
        for measurement in &mut Arc::make_mut(&mut run.record).measurements {
            measurement.fraction_variance_unexplained = Some(value);
        }
    }
}

fn measurement(active: f64, dead: f64) -> Measurement {
    Measurement {
        epoch: 1,
        training_loss: Some(1.0),
        avg_activation_fraction: active,
        alive_activation_fraction: (dead < 1.0).then(|| active / (1.0 - dead)),
        dead_units: (dead * 10.0) as u64,
        dead_fraction: dead,
        mean_weight_norm: 1.0,
        reconstruction: 1.0,
        ..Measurement::default()
    }
}

fn legends(figure: &Figure) -> Vec<&str> {
    figure.series.iter().map(|series| series.legend.as_str()).collect()
}

const UNIT: &str =
    "model.constraint = 'unit_norm'\nmodel.activation = 'relu'\ntraining.learning_rate = 0.001\n";

#[test]
fn seeds_give_means_and_bounds() {
    let sweep = "seeds = [1, 2, 3]\nsweep = { regularizer = ['kl_sae'], sigma_squared = [0.25] }";
    let figure = Figure::from_runs(
        "1",
        "One",
        &runs(&format!("{UNIT}{sweep}"), |spec| Some(([0.0, 0.25, 0.375][spec.seed as usize - 1], 0.5))),
    );
    // Mean 5/24, sd 0.190941, t of two degrees 4.30265: ± 0.47432, so the lower bound is clamped at 0.
    let point = &figure.series[0].points[0];
    let estimate = point.avg_activation_fraction.unwrap();
    assert_eq!((point.completed.len(), point.diverged.len()), (3, 0));
    assert!((estimate.mean - 5.0 / 24.0).abs() < 1e-15);
    let interval = estimate.interval.unwrap();
    assert_eq!(interval.low, 0.0);
    assert!((interval.high - 0.682_65).abs() < 1e-4, "{interval:?}");
    assert_eq!(point.dead_fraction.unwrap().interval, Some(Interval { low: 0.5, high: 0.5 }));
    assert_eq!(figure.subtitle, "MNIST · ReLU · unit norm · learning rate 0.001 · 50 epochs · 3 seeds");

    // A figure whose models have different numbers of seeds.
    let sweep = "seeds = [1, 2, 3]\nsweep = { regularizer = ['dae', 'kl_sae'], sigma_squared = [0.25] }";
    let mut runs = runs(&format!("{UNIT}{sweep}"), |_| Some((0.5, 0.0)));
    runs.retain(|run| run.spec.regularizer.label() == "dae" || run.spec.seed == 2);
    let subtitle = Figure::from_runs("1", "One", &runs).subtitle;
    assert!(subtitle.ends_with(" · 1 to 3 seeds"), "{subtitle}");
}

/// The columns that name runs: the last ones.
const RUNS: [&str; 3] = ["seed_list", "run_keys", "diverged_run_keys"];

/// The table without the columns [`RUNS`], and the cells of these columns by line.
fn table(figure: &Figure) -> (String, Vec<[String; 3]>) {
    let csv = String::from_utf8(numbers(figure).csv()).unwrap();
    let parts = |line: &str| {
        let mut cells: Vec<String> = line.rsplitn(4, ',').map(str::to_owned).collect();
        let before = cells.pop().unwrap() + "\n";
        cells.reverse();
        (before, cells.try_into().unwrap())
    };
    let (before, mut runs): (String, Vec<[String; 3]>) = csv.lines().map(parts).unzip();
    assert_eq!(runs.remove(0), RUNS);
    (before, runs)
}

#[test]
fn every_point_names_its_runs() {
    let sweep = "seeds = [3, 1, 2, 10]\nsweep = { regularizer = ['cae', 'dae'], sigma_squared = [0, 0.5] }";
    let diverges = |spec: &RunSpec| spec.sigma_squared > 0.0 && [1, 10].contains(&spec.seed);
    let ends = |spec: &RunSpec| (!diverges(spec)).then_some((0.1 * spec.seed as f64, 0.0));
    let all = runs(&format!("{UNIT}{sweep}"), ends);
    let figure = Figure::from_runs("1", "", &all);
    let key = |label: &str, sigma: f64, seed: u64| {
        let is_it = |run: &&StoredRun| {
            let spec = &run.spec;
            spec.regularizer.label() == label && spec.sigma_squared == sigma && spec.seed == seed
        };
        all.iter().find(is_it).unwrap().record.run_key.clone()
    };
    let (_, rows) = table(&figure);
    let cells = |row: usize| rows[row].clone();
    let keys = |label: &str, sigma: f64, seeds: &[u64]| {
        seeds.iter().map(|seed| key(label, sigma, *seed)).collect::<Vec<_>>().join(" ")
    };
    for (row, label) in [(0, "cae"), (2, "dae")] {
        assert_eq!(cells(row), ["1 2 3 10".to_owned(), keys(label, 0.0, &[1, 2, 3, 10]), String::new()]);
        let [seeds, completed, diverged] = cells(row + 1);
        assert_eq!(seeds, "2 3");
        assert_eq!((completed, diverged), (keys(label, 0.5, &[2, 3]), keys(label, 0.5, &[1, 10])));
    }
    assert_eq!(cells(0)[1], cells(2)[1], "at σ² = 0 one training stands for both");
    let values: Vec<f64> = figure.series[0].points[1]
        .completed
        .iter()
        .map(|run| run.result().unwrap().avg_activation_fraction)
        .collect();
    assert_eq!(values, [0.2, 0.1 * 3.0]);
}

#[test]
fn the_table_has_empty_cells_for_what_is_absent() {
    let sweep = "sweep = { regularizer = ['none', 'dae', 'kl_sae'], sigma_squared = [1.0, 0] }";
    let diverges = |spec: &RunSpec| spec.regularizer.label() == "dae" && spec.sigma_squared == 1.0;
    let dies = |spec: &RunSpec| spec.regularizer.label() == "kl_sae" && spec.sigma_squared == 1.0;
    let ends = |spec: &RunSpec| (!diverges(spec)).then_some(if dies(spec) { (0.0, 1.0) } else { (0.5, 0.2) });
    let figure = Figure::from_runs("softplus", "", &runs(&format!("{UNIT}{sweep}"), ends));
    let expected = "\
figure,dataset,regularizer,sigma_squared,seeds,avg_activation_fraction,avg_activation_fraction_low,\
avg_activation_fraction_high,alive_activation_fraction,dead_fraction,dead_fraction_low,dead_fraction_high,\
constraint,learning_rate,encoder_bias
softplus,mnist,none,0,1,0.5,,,0.625,0.2,,,unit_norm,0.001,trained
softplus,mnist,dae,0,1,0.5,,,0.625,0.2,,,unit_norm,0.001,trained
softplus,mnist,dae,1,0,,,,,,,,unit_norm,0.001,trained
softplus,mnist,kl_sae,0,1,0.5,,,0.625,0.2,,,unit_norm,0.001,trained
softplus,mnist,kl_sae,1,1,0,,,,1,,,unit_norm,0.001,trained
";
    let (before, after) = table(&figure);
    assert_eq!(before, expected);
    assert!(after[2][..2].iter().all(String::is_empty) && after[2][2].len() == 16, "{after:?}");
    assert!(figure.series[0].is_level() && !figure.series[1].is_level());
}

#[test]
fn the_table_has_bounds_where_there_are_seeds() {
    let sweep = "seeds = [1, 2]\nsweep = { regularizer = ['cae'], sigma_squared = [0.5] }";
    let text = format!("{UNIT}{sweep}");
    let figure = Figure::from_runs("1", "", &runs(&text, |_| Some((0.5, 0.25))));
    let (csv, _) = table(&figure);
    let alive = 0.5 / 0.75;
    assert_eq!(
        csv.lines().nth(1),
        Some(&*format!("1,mnist,cae,0.5,2,0.5,0.5,0.5,{alive},0.25,0.25,0.25,unit_norm,0.001,trained"))
    );
    // One of two replicates diverged: a mean over one, without bounds.
    let figure = Figure::from_runs("1", "", &runs(&text, |spec| (spec.seed == 1).then_some((0.5, 0.0))));
    let (csv, _) = table(&figure);
    assert_eq!(csv.lines().nth(1), Some("1,mnist,cae,0.5,1,0.5,,,0.5,0,,,unit_norm,0.001,trained"));
    assert_eq!(figure.series[0].points[0].diverged.len(), 1);
}

#[test]
fn runs_that_come_twice_count_once() {
    let sweep = "sweep = { regularizer = ['cae', 'dae'], sigma_squared = [0, 0.5] }";
    let once = runs(&format!("{UNIT}{sweep}"), |_| Some((0.5, 0.0)));
    let twice = [once.clone(), once.clone()].concat();
    assert_eq!(Figure::from_runs("1", "", &twice), Figure::from_runs("1", "", &once));
}

#[test]
fn legends_name_the_papers_models_and_what_differs_between_curves() {
    let sweep = "sweep = { regularizer = ['edae', { kind = 'kl_sae', rho = 0.05 }], sigma_squared = [0, 0.5], \
                 constraint = ['unit_norm', 'none', { kind = 'max_norm', radius = 2 }] }";
    let figure = Figure::from_runs("3", "", &runs(sweep, |_| Some((0.5, 0.0))));
    assert_eq!(
        legends(&figure),
        [
            "eDAE, unit norm",
            "SAE (rho=0.05), unit norm",
            "eDAE, no constraint",
            "SAE (rho=0.05), no constraint",
            "eDAE, max norm (radius=2)",
            "SAE (rho=0.05), max norm (radius=2)",
        ]
    );
    assert!(!figure.subtitle.contains("norm"), "{}", figure.subtitle);
    let sigmas: Vec<f64> = figure.series[0].points.iter().map(|point| point.sigma_squared).collect();
    assert_eq!(sigmas, [0.0, 0.5]);
}

#[test]
fn replicates_are_never_pooled_over_protocols() {
    let sweep = "sweep = { regularizer = ['cae'], sigma_squared = [0.5] }\n";
    let mut all = runs(&format!("{UNIT}{sweep}"), |_| Some((0.5, 0.0)));
    all.extend(runs(&format!("{UNIT}{sweep}model.decoder_bias = true"), |_| Some((0.25, 0.0))));
    all.extend(runs(&format!("{UNIT}{sweep}training.epochs = 3"), |_| Some((0.125, 0.0))));
    let figure = Figure::from_runs("x", "", &all);
    assert_eq!(
        legends(&figure),
        [
            "CAE, decoder bias false, 50 epochs",
            "CAE, decoder bias true, 50 epochs",
            "CAE, decoder bias false, 3 epochs",
        ]
    );
    assert!(figure.series.iter().all(|series| series.points[0].completed.len() == 1));
}

#[test]
fn a_frozen_encoder_bias_is_said_wherever_it_is() {
    let sweep = "sweep = { regularizer = [{ kind = 'dae', corruption = 'masking', noise = 'fixed' }, 'dae'], \
                 sigma_squared = [0.5], encoder_bias = ['trained', 'frozen'] }";
    let all = runs(&format!("{UNIT}{sweep}"), |_| Some((0.5, 0.0)));
    let figure = Figure::from_runs("x", "", &all);
    assert_eq!(
        legends(&figure),
        [
            "DAE (corruption=masking, noise=fixed), encoder bias trained",
            "DAE, encoder bias trained",
            "DAE (corruption=masking, noise=fixed), encoder bias frozen",
            "DAE, encoder bias frozen",
        ]
    );
    let (csv, _) = table(&figure);
    assert!(csv.lines().nth(3).unwrap().ends_with(",frozen"), "{csv}");
    let [trained, frozen] = Figure::split(&all).try_into().unwrap();
    assert_eq!(frozen.title, "made_up: encoder bias frozen");
    assert!(frozen.subtitle.contains(" · encoder bias frozen · "), "{}", frozen.subtitle);
    assert!(!trained.subtitle.contains("bias"), "{}", trained.subtitle);
}

#[test]
fn a_folder_is_split_into_figures_of_one_protocol_each() {
    let sweep = "sweep = { regularizer = ['cae', 'edae'], sigma_squared = [0, 0.5], \
                 activation = ['relu', 'sigmoid'], constraint = ['unit_norm', 'none'], \
                 learning_rate = [0.001, 0.01] }";
    let all = runs(sweep, |_| Some((0.5, 0.0)));
    let figures = Figure::split(&all);
    assert_eq!(figures.len(), 8);
    assert_eq!(figures[0].id, "made_up-1");
    assert_eq!(figures[7].title, "made_up: sigmoid, no constraint, learning rate 0.01");
    assert!(figures.iter().all(|figure| legends(figure) == ["CAE", "eDAE"]));

    // In one figure, the legends name the settings that differ between the curves.
    let mixed = Figure::from_runs("x", "x", &all);
    assert_eq!(mixed.series.len(), 16);
    assert!(
        legends(&mixed).contains(&"eDAE, sigmoid, no constraint, learning rate 0.01"),
        "{:?}",
        legends(&mixed)
    );

    let one = Figure::split(&all[..4]);
    assert_eq!((one.len(), one[0].id.as_str(), one[0].title.as_str()), (1, "made_up", "made_up"));
    assert!(Figure::split(&[]).is_empty());
    assert_eq!(Figure::from_runs("1", "One", &[]).series, []);
}

#[test]
fn l0_is_the_activation_fraction_times_the_units_and_fidelity_has_a_table() {
    let sweep = "seeds = [1, 2]\nsweep = { regularizer = ['dae'], sigma_squared = [0.25, 1] }";
    let ends =
        |spec: &RunSpec| (spec.sigma_squared < 1.0).then_some(([0.25, 0.75][spec.seed as usize - 1], 0.0));
    let mut runs = runs(&format!("{UNIT}{sweep}"), ends);
    set_unexplained(&mut runs, |spec| [1.0, 1.5][spec.seed as usize - 1]);
    let figure = Figure::from_runs("1", "One", &runs);
    let [point, diverged] = figure.series[0].points.as_slice() else { panic!("{figure:?}") };
    assert_eq!((figure.hidden(), point.active_units().unwrap().mean), (Some(10), 5.0));
    // Mean 1.25, sd 0.353553, t of one degree 12.7062: ± 3.176552. The upper bound may exceed 1, the lower one is not below 0.
    let interval = point.fraction_variance_unexplained.unwrap().interval.unwrap();
    assert!(interval.low == 0.0 && (interval.high - 4.426_55).abs() < 1e-4, "{interval:?}");
    assert_eq!((diverged.hidden(), diverged.active_units()), (None, None));
    let csv = String::from_utf8(fidelity_numbers(&figure).csv()).unwrap();
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let cell =
        |line: usize, name: &str| lines[line][lines[0].iter().position(|found| *found == name).unwrap()];
    assert_eq!((cell(1, "l0"), cell(1, "l0_low"), cell(1, "l0_high")), ("5", "0", "10"));
    assert_eq!((cell(1, "fraction_variance_unexplained"), cell(1, "seeds")), ("1.25", "2"));
    assert_eq!((cell(2, "l0"), cell(2, "fraction_variance_unexplained"), cell(2, "seeds")), ("", "", "0"));
}
