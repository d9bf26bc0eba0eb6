//! Tests of the findings of each control.

use super::*;
use crate::constraint::Constraint;
use crate::data::Standardize;
use crate::optimizer::EncoderBias;
use crate::regularizer::RegularizerSpec;

#[test]
fn constraints_are_compared_with_unit_norm_seed_by_seed() {
    let text = format!("seeds = [1, 2, 3]\n{CONSTRAINTS}");
    let page = page("control_constraint_mnist", runs(&text, constrained));
    assert_eq!((page.drawing.stem.as_str(), page.dataset.as_str()), ("control_constraint_mnist", "MNIST"));
    let heads = ["σ²", "seeds", "mean row length", "change", "difference from unit norm", "mark"];
    let cae = |under: &str| found(&page, 0, [under, "CAE"], &heads);
    let length = "1.0000 [1.0000, 1.0000]";
    // t of two degrees times 0.001 / √3.
    assert_eq!(cae("unit norm"), ["1", "3", length, "0.0020 [-0.0005, 0.0045]", "–", ""]);
    let of_max_norm = cae("max norm (radius=1)");
    assert_eq!(of_max_norm[4..], ["-0.0100 [-0.0100, -0.0100]", "within"]);
    assert_eq!(cae("no constraint")[4..], ["-0.3000 [-0.3000, -0.3000]", "beyond"]);
    assert_eq!(page.tables[0].rows.len(), 3 * 2);
    let panels = &page.drawing.multiples().stacks[0].titles;
    assert_eq!(*panels, ["unit norm", "max norm (radius=1)", "no constraint"]);
    assert_eq!(page.drawing.numbers.rows.len(), 2 * 3 * 2);
    for end in ["low", "high"] {
        let bounds = cells(&page, &format!("dead_fraction_{end}"));
        let bounds: Vec<f64> = bounds.iter().filter_map(|cell| cell.parse().ok()).collect();
        assert!(!bounds.is_empty() && bounds.iter().all(|bound| (0.0..=1.0).contains(bound)), "{bounds:?}");
    }
    assert_eq!(cells(&page, "seeds")[0], "3");
    assert_eq!(cells(&page, "run_keys")[0].split(' ').count(), 3);
    // The highlight: the case farthest beyond the margin, and the number of cases within.
    let [study, dataset, _, highlight]: [Text; 4] = glance(&[page]).remove(0).try_into().unwrap();
    assert_eq!((study.words(), dataset.words()), (ALL[0].title.to_owned(), "MNIST".to_owned()));
    let expected = "no constraint, CAE, σ² = 1: -0.3000 [-0.3000, -0.3000] beyond (3 of 4 as expected)";
    assert_eq!(highlight.words(), expected);
}

#[test]
fn each_line_of_a_csv_names_the_runs_that_completed() {
    let ends = |spec: &RunSpec| {
        let diverges = spec.sigma_squared > 0.0 && spec.seed == 2;
        if diverges { None } else { constrained(spec) }
    };
    let all = runs(&format!("seeds = [3, 1, 2]\n{CONSTRAINTS}"), ends);
    let page = page("control_constraint_mnist", all.clone());
    assert_eq!(page.drawing.numbers.columns.last().unwrap(), "run_keys");
    let places = ["sigma_squared", "constraint", "regularizer"].map(|column| cells(&page, column));
    for (line, keys) in cells(&page, "run_keys").iter().enumerate() {
        let is_there = |run: &&StoredRun| {
            let spec = &run.spec;
            let names = [spec.sigma_squared.to_string(), spec.constraint.label(), spec.regularizer.label()];
            names.iter().zip(&places).all(|(name, cells)| name == cells[line])
        };
        let key = |seed: u64| {
            let run = all.iter().filter(is_there).find(|run| run.spec.seed == seed).unwrap();
            run.record.run_key.clone()
        };
        let seeds: &[u64] = if places[0][line] == "0" { &[1, 2, 3] } else { &[1, 3] };
        let expected: Vec<String> = seeds.iter().map(|seed| key(*seed)).collect();
        assert_eq!(*keys, expected.join(" "), "{line}");
    }
}

#[test]
fn one_seed_has_no_interval_and_a_diverged_run_has_no_number() {
    let ends = |spec: &RunSpec| {
        let diverges = spec.constraint.label() == "none" && spec.sigma_squared > 0.0;
        if diverges { None } else { constrained(spec) }
    };
    let page = page("control_constraint_cifar10", runs(CONSTRAINTS, ends));
    let heads = ["seeds", "change", "difference from unit norm", "mark"];
    let cae = |under: &str| found(&page, 0, [under, "CAE"], &heads);
    assert_eq!(cae("unit norm"), ["1", "0.0010", "–", ""]);
    assert_eq!(cae("max norm (radius=1)"), ["1", "-0.0090", "-0.0100", "within"]);
    assert_eq!(cae("no constraint"), ["0", "–", "–", ""]);
    assert!(page.drawing.svg().contains("l7 7m0 -7l-7 7"), "a cross where it diverged");
    assert_eq!(cells(&page, "diverged").iter().filter(|count| **count == "1").count(), 2);
    assert!(cells(&page, "avg_activation_fraction_low").iter().all(|cell| cell.is_empty()));
}

#[test]
fn each_learning_rate_has_a_page() {
    let text = CONSTRAINTS.replace("sweep = {", "sweep = { learning_rate = [0.001, 0.002],");
    let pages = ControlPage::all(&[folder("control_constraint_mnist", runs(&text, constrained))]);
    let stems: Vec<&str> = pages.iter().map(|page| page.drawing.stem.as_str()).collect();
    assert_eq!(stems, ["control_constraint_mnist_0.001", "control_constraint_mnist_0.002"]);
}

/// The runs of `configs/control_protocol_<scope>_mnist.toml`, but for the size.
fn protocol(scope: &str, ends: impl Fn(&RunSpec) -> Option<(f64, f64)>) -> Results {
    let text = format!(
        "data.standardize = '{scope}'\ntraining.epochs = 1\n[sweep]\nsigma_squared = [0, 0.25, 1]\n\
         regularizer = ['none', 'dae', 'cae', 'mdae', 'kl_sae']\nlearning_rate = [0.001, 0.003]\n\
         constraint = ['unit_norm', {{ kind = 'unit_norm', update = 'tangent' }}]"
    );
    folder(&format!("control_protocol_{scope}_mnist"), runs(&text, ends))
}

/// DAE falls always, SAE but for the global scope, where it rises; CAE falls with projected updates at the higher rate; everything is
/// inactive with tangent updates by sample at the higher rate, and mDAE diverges there.
fn read_otherwise(spec: &RunSpec) -> Option<(f64, f64)> {
    let (is_tangent, is_fast) = (spec.constraint.is_tangent(), spec.learning_rate > 0.002);
    let is_inactive = is_tangent && is_fast && spec.standardize.scope() == "sample";
    let slope = match spec.regularizer.label().as_str() {
        "dae" => -0.5,
        "kl_sae" if spec.standardize.scope() == "global" => 0.1,
        "kl_sae" => -0.4,
        // From 0.6 up to 0.85 at 0.25, and down to 0.3.
        "cae" if !is_tangent && is_fast && spec.sigma_squared == 0.25 => 1.0,
        "cae" if !is_tangent && is_fast => -0.3,
        "mdae" if is_inactive && spec.sigma_squared > 0.0 => return None,
        _ => 0.01,
    };
    if is_inactive {
        return Some((0.01, 0.9));
    }
    Some((0.6 + slope * spec.sigma_squared, 0.0))
}

#[test]
fn readings_of_the_protocol_share_a_page_and_are_counted() {
    let all = ["feature", "global", "sample"].map(|scope| protocol(scope, read_otherwise));
    assert!(all.iter().all(is_control) && all.iter().all(|folder| figures::of(folder).is_empty()));
    let page = only(ControlPage::all(&all));
    assert_eq!((page.control.id, page.drawing.stem.as_str()), ("protocol", "control_protocol_mnist"));
    let heads = ["falls", "stays", "rises", "inactive", "open or diverged", "change"];
    let model = |name| found(&page, 0, ["feature, project, 0.001", name], &heads);
    assert_eq!(page.tables[0].rows.len(), 4);
    let inactive = "1 of 12: sample, tangent, 0.003";
    assert_eq!(model("DAE"), ["11 of 12", "–", "–", inactive, "–", "-0.5000"]);
    assert_eq!(model("SAE"), ["7 of 12", "–", "4 of 12", inactive, "–", "-0.4000"]);
    let fast = "3 of 12: feature, project, 0.003; global, project, 0.003; sample, project, 0.003";
    assert_eq!(model("CAE"), [fast, "8 of 12", "–", inactive, "–", "0.0100"]);
    assert_eq!(model("mDAE"), ["–", "11 of 12", "–", inactive, "–", "0.0100"]);

    let heads = ["mark", "dead units", "at σ² = 0", "largest rise", "change"];
    let row = |reading, name| found(&page, 1, [reading, name], &heads);
    assert_eq!(page.tables[1].rows.len(), 12 * 4, "the model without a regularizer has no curve");
    assert_eq!(row("global, tangent, 0.001", "DAE"), ["falls", "0.0000", "0.6000", "0.0000", "-0.5000"]);
    assert_eq!(row("feature, project, 0.003", "CAE"), ["falls", "0.0000", "0.6000", "0.2500", "-0.3000"]);
    assert_eq!(row("sample, tangent, 0.003", "DAE"), ["inactive", "0.9000", "0.0100", "0.0000", "0.0000"]);
    assert_eq!(row("sample, tangent, 0.003", "mDAE"), ["", "–", "0.0100", "–", "–"]);
    // As the paper expects: 11 of DAE, 7 of SAE, 8 of CAE and 11 of mDAE; a diverged curve is not judged.
    let highlight = glance(std::slice::from_ref(&page)).remove(0)[3].words();
    assert!(
        highlight.starts_with("sample, project, 0.003, CAE, σ² = 1: -0.3000 with one seed falls"),
        "{highlight}"
    );
    assert!(highlight.ends_with(" (37 of 47 as expected, 3 open)"), "{highlight}");

    let stacks = &page.drawing.multiples().stacks;
    assert_eq!((stacks.len(), stacks[1].rows.len(), stacks[1].rows[0].panels.len()), (3, 1, 4));
    assert_eq!(stacks[1].titles[3], "global, tangent, 0.003");
    assert_eq!(page.drawing.numbers.rows.len(), 12 * (1 + 4 * 3));
    let (scopes, rates) = (cells(&page, "standardize"), cells(&page, "learning_rate"));
    assert_eq!([scopes[0], scopes[155], rates[0], rates[155]], ["feature", "sample", "0.001", "0.003"]);
    assert!(cells(&page, "run_keys").iter().all(|keys| keys.len() <= 16), "readings are not replicates");
}

#[test]
fn readings_with_another_epsilon_or_other_settings_are_kept_apart() {
    let feature = || protocol("feature", read_otherwise);
    let mut other = protocol("sample", read_otherwise);
    for run in &mut other.runs {
        run.spec.standardize = Standardize::Sample { epsilon: 0.1 };
        Arc::make_mut(&mut run.record).spec.standardize = run.spec.standardize;
    }
    let alone = other.clone();
    let pages = ControlPage::all(&[feature(), other]);
    assert_eq!(pages.iter().map(|page| page.tables.len()).collect::<Vec<_>>(), [2, 1]);
    // Without the reading of the figures there is nothing to hold the others against, but each has its row.
    let page = only(ControlPage::all(&[alone]));
    assert_eq!(page.tables[0].rows.len(), 4 * 4);
    // A third constraint, or one update alone, is another question.
    let mut free = feature();
    free.runs[0].spec.constraint = Constraint::None;
    let mut projected = feature();
    projected.runs.retain(|run| !run.spec.constraint.is_tangent());
    for results in [free, projected] {
        assert!(!ControlPage::all(&[results]).iter().any(|page| page.control.id == "protocol"));
    }
}

#[test]
fn a_frozen_bias_is_compared_with_a_trained_one() {
    let frozen_at = |frozen: &dyn Fn(f64) -> f64| {
        let sweep = "seeds = [1, 2]\nsweep = { sigma_squared = [0, 0.1, 1], regularizer = ['dae'] }\ntraining.epochs = 1";
        let mut all = runs(sweep, |spec| Some((0.9 - 0.5 * spec.sigma_squared, 0.0)));
        let frozen = runs(sweep, |spec| Some((frozen(spec.sigma_squared), 0.0)));
        all.extend(frozen.into_iter().map(|mut run| {
            run.spec.encoder_bias = EncoderBias::Frozen;
            Arc::make_mut(&mut run.record).run_key.push('f');
            run
        }));
        page("control_bias_mnist", all)
    };
    let page = frozen_at(&|sigma| 0.5 - 0.01 * sigma);
    let heads = ["seeds", "E[a_j], frozen", "change, trained", "frozen − trained", "change, frozen", "mark"];
    let dae =
        |page: &ControlPage, sigma: &str| at(page, 0, ["frozen encoder bias", "DAE"], Some(sigma), &heads);
    let at_1 = dae(&page, "1");
    assert_eq!(at_1[..2], ["2", "0.0000 [0.0000, 0.0000]"]);
    assert_eq!(at_1[2..4], ["-0.5000 [-0.5000, -0.5000]", "0.4900 [0.4900, 0.4900]"]);
    assert_eq!(at_1[4..], ["-0.0100 [-0.0100, -0.0100]", "stays"]);
    assert_eq!(page.tables[0].rows.len(), 2, "a row for each σ² > 0 with a frozen bias");
    assert_eq!(page.drawing.multiples().stacks[0].titles[1], "frozen encoder bias");
    assert!(cells(&page, "encoder_bias").contains(&"frozen"));
    // The ends of a curve hide the values between them.
    let back = frozen_at(&|sigma| if sigma == 0.1 { 0.3 } else { 0.5 + 0.1 * sigma });
    assert_eq!(dae(&back, "0.1")[4..], ["-0.2000 [-0.2000, -0.2000]", "sparser"]);
    assert_eq!(dae(&back, "1")[4..], ["0.1000 [0.1000, 0.1000]", "denser"]);
    // Seeds that disagree leave it open.
    let mut open = frozen_at(&|_| 0.5);
    assert_eq!(dae(&open, "1")[5], "stays");
    open = {
        let sweep = "seeds = [1, 2]\nsweep = { sigma_squared = [0, 1], regularizer = ['dae'], \
                     encoder_bias = ['trained', 'frozen'] }\ntraining.epochs = 1";
        let wobble = |spec: &RunSpec| 0.03 * (spec.seed as f64 - 1.0) * spec.sigma_squared;
        self::page("control_bias_mnist", runs(sweep, |spec| Some((0.5 + wobble(spec), 0.0))))
    };
    assert_eq!(dae(&open, "1")[5], "open");
}

#[test]
fn probabilities_of_corruption_are_kept_apart_from_variances() {
    let sweep = "sweep = { sigma_squared = [0, 0.25, 1], regularizer = ['dae'] }\ntraining.epochs = 1";
    let of = |label: &str, slope: f64| {
        let mut runs = runs(sweep, |spec| Some((0.9 - slope * spec.sigma_squared, 0.0)));
        runs.iter_mut().for_each(|run| run.spec.regularizer = RegularizerSpec::from_label(label).unwrap());
        runs
    };
    let mut all = [of("dae", 0.5), of("dae(noise=fixed)", 0.4), of("dae(corruption=masking)", 0.2)].concat();
    // A probability of 1 leaves nothing to learn from; the sweep may end before it.
    all.retain(|run| !run.spec.regularizer.label().contains("masking") || run.spec.sigma_squared < 1.0);
    let page = page("control_corruption_mnist", all);
    let [gaussian, probability] = ["Gaussian: variance", "Replaced inputs: probability"];
    let heads = ["change", "mark", "fixed − fresh noise"];
    let row = |facet, model, sigma| at(&page, 0, [facet, model], Some(sigma), &heads);
    assert_eq!(row(gaussian, "DAE", "1"), ["-0.5000", "sparser", "–"]);
    assert_eq!(row(gaussian, "DAE (noise=fixed)", "0.25"), ["-0.1000", "sparser", "0.0250"]);
    assert_eq!(row(gaussian, "DAE (noise=fixed)", "1"), ["-0.4000", "sparser", "0.1000"]);
    assert_eq!(row(probability, "DAE (corruption=masking)", "0.25"), ["-0.0500", "sparser", "–"]);
    assert_eq!(page.tables[0].rows.len(), 2 + 2 + 1);
    assert!(page.control.setup.contains("probability"));
    assert_eq!(page.drawing.multiples().stacks[0].rows[0].panels.len(), 2);
    // A curve that falls and rises again: every σ² has a row, and a diverged run has no number.
    let sweep = sweep.replace("['dae']", "['dae', { kind = 'dae', noise = 'fixed' }]");
    let back = runs(&sweep, |spec| {
        let is_last = spec.sigma_squared == 1.0;
        let is_fixed = spec.regularizer.label() != "dae";
        (!(is_last && is_fixed)).then_some(if is_last {
            (0.91, 0.0)
        } else {
            (0.9 - 2.4 * spec.sigma_squared, 0.0)
        })
    });
    let back = self::page("control_corruption_mnist", back);
    let row = |model, sigma| at(&back, 0, [gaussian, model], Some(sigma), &heads);
    assert_eq!(row("DAE", "0.25")[..2], ["-0.6000", "sparser"]);
    assert_eq!(row("DAE", "1")[..2], ["0.0100", "stays"]);
    assert_eq!(row("DAE (noise=fixed)", "1"), ["–", "", "–"]);
}

#[test]
fn antithetic_pairs_are_compared_with_independent_ones_seed_by_seed() {
    let sweep = "seeds = [1, 2, 3]\ntraining.epochs = 1\nmodel.constraint = 'unit_norm'\n\
                 sweep = { activation = ['relu', 'sigmoid'], sigma_squared = [0, 0.25, 1], regularizer = ['dae', \
                 { kind = 'dae', draws = 2 }, { kind = 'dae', draws = 2, pairing = 'antithetic' }] }";
    let fall = |spec: &RunSpec| match (spec.activation.label().as_str(), spec.regularizer.label().as_str()) {
        // Next to nothing at σ² = 0.25, of which any share is left.
        (_, "dae") => 0.5 * spec.sigma_squared,
        ("sigmoid", _) if spec.sigma_squared == 0.25 => 0.01,
        ("relu", "dae(draws=2,pairing=antithetic)") => 0.1 * spec.sigma_squared,
        _ => 0.4 * spec.sigma_squared,
    };
    // The level of a seed cancels, and so does what changes a whole fall.
    let level = |spec: &RunSpec| 0.9 + 0.01 * spec.seed as f64;
    let page = page(
        "control_explanation_mnist",
        runs(sweep, |spec| Some((level(spec) - fall(spec) * (1.0 + 0.01 * spec.seed as f64), 0.0))),
    );
    let heads = ["seeds", "fall", "fall, independent", "share", "mark"];
    let row = |activation, model, sigma| at(&page, 0, [activation, model], Some(sigma), &heads);
    let antithetic = "DAE (draws=2, pairing=antithetic)";
    // 1.02 ± t of two degrees times 0.01 / √3.
    let relu = row("ReLU", antithetic, "1");
    assert_eq!(relu[..2], ["3", "0.1020 [0.0995, 0.1045]"]);
    assert_eq!(relu[2..], ["0.4080 [0.3981, 0.4179]", "0.2500 [0.2500, 0.2500]", "explained"]);
    assert_eq!(row("sigmoid", antithetic, "1")[3..], ["1.0000 [1.0000, 1.0000]", "unexplained"]);
    assert_eq!(row("sigmoid", antithetic, "0.25")[3..], ["–", ""], "no fall to have a share of");
    assert_eq!(row("ReLU", "DAE (draws=2)", "1")[2..], ["–", "–", ""]);
    assert_eq!(page.tables[0].rows.len(), 2 * 3 * 2);
    assert_eq!(page.drawing.multiples().stacks[0].titles, ["ReLU", "sigmoid"]);
    let highlight = glance(&[page]).remove(0)[3].words();
    assert!(
        highlight.contains("sigmoid") && highlight.ends_with("unexplained (2 of 3 as expected)"),
        "{highlight}"
    );
}

/// Runs whose pairs are all above `THRESHOLDS[..=last]` of their cell and below the others.
fn counted(sweep: &str, last: impl Fn(&str, f64) -> usize) -> Vec<StoredRun> {
    let mut runs = runs(sweep, |_| Some((0.5, 0.0)));
    for run in &mut runs {
        let last = last(&run.spec.regularizer.label(), run.spec.sigma_squared);
        let count = |k: usize, above: u64, below: u64| if k <= last { above } else { below };
        let activity = Activity {
            active_samples: vec![1000; 10],
            pairs_above: (0..THRESHOLDS.len()).map(|k| count(k, 10_000, 0)).collect(),
            units_never_above: (0..THRESHOLDS.len()).map(|k| count(k, 0, 10)).collect(),
        };
        change(run, |record| record.activity = Some(activity));
    }
    runs
}

/// Figure 1, or Figure 4, with two σ².
fn figure(activation: &str) -> String {
    format!(
        "model.activation = '{activation}'\nmodel.constraint = 'unit_norm'\ntraining.epochs = 1\n\
         sweep = {{ sigma_squared = [0, 1], regularizer = ['dae', 'cae', 'mdae', 'kl_sae'] }}"
    )
}

#[test]
fn thresholds_are_counted_anew_from_the_figures_records() {
    // Half of all pairs: CAE's are above 1, DAE's at σ² = 1 above 0.01 only.
    let level = |label: &str, sigma: f64| if label == "dae" && sigma > 0.0 { 5 } else { 20 };
    let relu = folder("any_name", counted(&figure("relu"), level));
    let twice = [relu.clone(), Results { name: "relu_mnist".to_owned(), ..relu.clone() }];
    let page = only(ControlPage::all(&twice));
    assert_eq!(page.drawing.stem, "control_threshold_mnist");
    let keys = cells(&page, "run_keys");
    assert!(keys.iter().all(|keys| keys.split(' ').count() == 1 && keys.len() == 16), "{keys:?}");
    let heads = ["seeds", "difference", "the other way round at δ_min", "mark"];
    let pair = |page: &ControlPage, activation, pair| found(page, 0, [activation, pair], &heads);
    assert_eq!(pair(&page, "ReLU", "CAE − DAE"), ["1", "0.0000", "–", ""], "at δ_min = 0");
    assert_eq!(page.tables[0].rows.len(), 6, "pairs of four models");
    let heads = ["falls at", "rises at δ_min", "dead at 0", "dead at 0.1", "dead at 0.5"];
    let model = |page: &ControlPage, model| found(page, 1, ["ReLU", model], &heads);
    assert_eq!(model(&page, "DAE"), ["15 of 21", "–", "0.0000", "1.0000", "1.0000"]);
    assert_eq!(model(&page, "CAE"), ["0 of 21", "–", "0.0000", "0.0000", "0.0000"]);
    // In reverse, DAE's fraction rises at the thresholds that it did not exceed at σ² = 0.
    let rising = |label: &str, sigma: f64| level(label, 1.0 - sigma);
    let rising = only(ControlPage::all(&[folder("x", counted(&figure("relu"), rising))]));
    let rising = model(&rising, "DAE");
    assert_eq!(rising[0], "0 of 6");
    assert!(rising[1].ends_with(" (15)"), "{rising:?}");
    // A run that was trained otherwise is no replicate.
    let faster = counted(&format!("{}\ntraining.learning_rate = 0.3", figure("relu")), level);
    let apart = ControlPage::all(&[relu.clone(), folder("relu_mnist", faster)]);
    let stems: Vec<&str> = apart.iter().map(|page| page.drawing.stem.as_str()).collect();
    assert_eq!(stems, ["control_threshold_mnist", "control_threshold_mnist"]);
    assert_eq!(apart[0].drawing.numbers, page.drawing.numbers);
    // Runs that are in two folders count once; 8 cells at 24 thresholds.
    assert_eq!(page.drawing.numbers.rows.len(), 8 * 24);
    assert_eq!(cells(&page, "seeds")[0], "1");

    let sigmoid = folder("fig4_mnist", counted(&figure("sigmoid"), level));
    let page = only(ControlPage::all(&[relu, sigmoid]));
    let rows: Vec<usize> = page.drawing.multiples().stacks.iter().map(|stack| stack.rows.len()).collect();
    assert_eq!((rows, page.tables[0].rows.len()), (vec![2, 2], 12));
    assert_eq!(pair(&page, "sigmoid", "CAE − DAE"), ["1", "0.5000", "–", "kept"], "at δ_min = 0.1");
}

#[test]
fn a_reversed_order_is_named() {
    let mut runs = counted(&figure("relu"), |_, _| 20);
    for run in
        runs.iter_mut().filter(|run| run.spec.regularizer.label() == "cae" && run.spec.sigma_squared > 0.0)
    {
        change(run, |record| {
            let counts = &mut record.activity.as_mut().unwrap().pairs_above;
            counts[..10].fill(8_000);
            counts[10..].fill(12_000);
        });
    }
    let page = page("fig1_cifar10", runs);
    let heads = ["difference", "the other way round at δ_min", "mark"];
    assert_eq!(found(&page, 0, ["ReLU", "CAE − DAE"], &heads), ["-0.1000", "0.2 to 10 (14)", "turned"]);
    assert_eq!(found(&page, 0, ["ReLU", "DAE − SAE"], &heads), ["0.0000", "–", ""]);
}

#[test]
fn figures_without_counts_have_no_page() {
    let of_figure = folder("fig1_mnist", runs(&figure("relu"), |_| Some((0.5, 0.0))));
    let of_another = folder("fig2_mnist", counted(&figure("softplus"), |_, _| 3));
    assert!(ControlPage::all(&[of_figure, of_another]).is_empty());
}

#[test]
fn the_identity_is_looked_for_in_noise() {
    let sweep = "sweep = { sigma_squared = [0.25, 1], regularizer = ['none', 'dae'] }\ntraining.epochs = 1";
    let mut folder = folder("control_identity_mnist", runs(sweep, |_| Some((0.5, 0.0))));
    assert!(ControlPage::all(&[folder.clone()]).is_empty(), "nothing was measured");
    let measured = |run: &StoredRun| {
        let noise = if run.spec.regularizer.label() == "none" { 0.03 } else { 0.8 };
        let [samples, noise, shuffled] = [0.01, noise, 0.5].map(Some);
        let errors = IdentityErrors { samples, noise, shuffled };
        theory(run, &[], RunRow { identity_error: errors, ..RunRow::default() })
    };
    folder.theory = folder.runs.iter().map(measured).collect();
    let page = only(ControlPage::all(&[folder]));
    let heads = ["held out", "shuffled", "noise", "noise / held out", "added on noise", "mark"];
    let errors = |model| found(&page, 0, ["unit norm", model], &heads);
    assert_eq!(errors("AE"), ["0.0100", "0.5000", "0.0300", "3.0", "–", "copies"]);
    assert_eq!(errors("DAE"), ["0.0100", "0.5000", "0.8000", "80.0", "0.7700", "doesn't"]);
    // A row for each error; the plain auto-encoder, which has no σ², is a point at 0.
    let rows = &page.drawing.multiples().stacks[0].rows;
    let points: Vec<usize> = rows[1].panels[0].iter().map(|curve| curve.points.len()).collect();
    assert_eq!((rows.len(), rows[1].panels.len(), points), (3, 1, vec![1, 2]));
    assert_eq!(rows[1].panels[0][0].points[0].0, 0.0);
    assert_eq!(cells(&page, "identity_error_noise"), ["0.03", "0.8", "0.8"]);
}

#[test]
fn the_mean_activation_follows_from_the_counts() {
    let sweep = "model.activation = 'sigmoid'\nsweep = { sigma_squared = [0, 1], regularizer = [{ kind = 'kl_sae', rho = \
                 0.2 }, 'l1'] }\ntraining.epochs = 1";
    // Half of all pairs lie between 0.4 and 0.5 at σ² = 1, the others at 0: E[h] is between 0.2 and 0.25.
    let page = page("control_penalty_mnist", counted(sweep, |_, sigma| if sigma > 0.0 { 13 } else { 19 }));
    let heads = ["ρ", "E[h] at σ² = 0", "E[h]", "at least", "at most", "E[h] − ρ", "mark"];
    let found = |model| super::found(&page, 0, ["sigmoid", model], &heads);
    assert_eq!(found("SAE (rho=0.2)"), ["0.2", "0.4875", "0.2250", "0.2000", "0.2500", "0.0250", "off"]);
    assert_eq!(found("L1"), ["", "0.4875", "0.2250", "0.2000", "0.2500", "–", ""]);
    let bounds = [cells(&page, "mean_hidden_least")[1], cells(&page, "mean_hidden_most")[1]];
    let bounds = bounds.map(|cell| cell.parse::<f64>().unwrap());
    assert!((bounds[0] - 0.2).abs() < 1e-6 && (bounds[1] - 0.25).abs() < 1e-6, "{bounds:?}");
}

#[test]
fn predictions_of_activations_are_compared_with_measured_signs() {
    let sweep = "model.activation = 'tanh'\nevaluation.threshold = 0\ntraining.epochs = 1\n\
                 sweep = { sigma_squared = [0, 1], regularizer = ['cae', { kind = 'corollary1', f = 'exp' }] }";
    let mut folder =
        folder("control_activations_mnist", runs(sweep, |spec| Some((0.5 - 0.1 * spec.sigma_squared, 0.0))));
    assert!(
        ControlPage::all(&[folder.clone()]).is_empty(),
        "without measured signs it is a sweep like others"
    );
    let measured = |run: &StoredRun| {
        let negative = if run.spec.regularizer.label() == "cae" { 4.0 } else { 0.0 };
        let row = |(epoch, negative)| EpochRow {
            epoch: Some(epoch),
            penalty_gradient_negative: Some(negative),
            ..EpochRow::default()
        };
        theory(run, &[(0.0, 9.0), (1.0, negative)].map(row), RunRow::default())
    };
    folder.theory = folder.runs.iter().map(measured).collect();
    let page = only(ControlPage::all(&[folder]));
    let heads = ["Corollary 1", "Corollary 2", "sparsity promised", "change", "share of ∂R/∂b_j < 0", "mark"];
    let row = |model| found(&page, 0, ["tanh", model], &heads);
    assert_eq!(row("CAE"), ["yes", "no", "no", "-0.1000", "0.4000", ""]);
    assert_eq!(row("Corollary 1 (f=exp)"), ["yes", "no", "no", "-0.1000", "0.0000", "predicted"]);
    assert_eq!(cells(&page, "predicted_corollary2")[0], "0");
    assert!(page.drawing.multiples().stacks[0].rows[1].panels[0].iter().all(|curve| curve.points.len() == 1));
}
