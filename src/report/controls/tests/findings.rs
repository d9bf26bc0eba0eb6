//! What each control says.

use super::*;
use crate::optimizer::EncoderBias;
use crate::regularizer::RegularizerSpec;

#[test]
fn constraints_are_compared_with_unit_norm_seed_by_seed() {
    let text = format!("seeds = [1, 2, 3]\n{CONSTRAINTS}");
    let page = page("control_constraint_mnist", runs(&text, constrained));
    assert_eq!((page.picture.stem.as_str(), page.dataset.as_str()), ("control_constraint_mnist", "MNIST"));
    assert_eq!(page.sentences.len(), 2);
    let cae = &page.sentences[1];
    for part in [
        // t of two degrees times 0.001 / √3.
        "CAE: from σ² = 0 to 1 the activation fraction changes by 0.0020 [-0.0005, 0.0045] under unit norm",
        "under no constraint (3 seeds, 95 % intervals)",
        "From the change under unit norm this differs by -0.0100 [-0.0100, -0.0100] under max norm (radius=1) (within the \
         margin of 0.02) and -0.3000 [-0.3000, -0.3000] under no constraint (beyond the margin of 0.02): unit norm builds a \
         part of its shape in.",
    ] {
        assert!(cae.contains(part), "{part}\n{cae}");
    }
    let panels: Vec<&str> =
        page.picture.chart.rows[0].panels.iter().map(|panel| panel.title.as_str()).collect();
    assert_eq!(panels, ["unit norm", "max norm (radius=1)", "no constraint"]);
    assert_eq!(page.picture.table.rows.len(), 2 * 3 * 2);
    for end in ["low", "high"] {
        let bounds = cells(&page, &format!("dead_fraction_{end}"));
        let bounds: Vec<f64> = bounds.iter().filter_map(|cell| cell.parse().ok()).collect();
        assert!(!bounds.is_empty() && bounds.iter().all(|bound| (0.0..=1.0).contains(bound)), "{bounds:?}");
    }
    assert_eq!(cells(&page, "seeds")[0], "3");
    assert_eq!(cells(&page, "run_keys")[0].split(' ').count(), 3);
}

#[test]
fn each_line_of_a_table_names_the_runs_that_completed() {
    let ends = |spec: &RunSpec| {
        let diverges = spec.sigma_squared > 0.0 && spec.seed == 2;
        if diverges { None } else { constrained(spec) }
    };
    let all = runs(&format!("seeds = [3, 1, 2]\n{CONSTRAINTS}"), ends);
    let page = page("control_constraint_mnist", all.clone());
    assert_eq!(page.picture.table.columns.last().unwrap(), "run_keys");
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
fn one_seed_has_no_interval_and_what_diverged_is_said() {
    let ends = |spec: &RunSpec| {
        let diverges = spec.constraint.label() == "none" && spec.sigma_squared > 0.0;
        if diverges { None } else { constrained(spec) }
    };
    let page = page("control_constraint_cifar10", runs(CONSTRAINTS, ends));
    let cae = &page.sentences[1];
    assert!(cae.contains("0.0010 under unit norm") && cae.contains("(one seed, no interval)"), "{cae}");
    assert!(cae.contains("no completed run under no constraint"), "{cae}");
    assert!(cae.ends_with("margin of 0.02): its shape is not built in by unit norm."), "{cae}");
    assert!(page.picture.chart.svg().contains("l7 7m0 -7l-7 7"), "a cross where it diverged");
    assert_eq!(cells(&page, "diverged").iter().filter(|count| **count == "1").count(), 2);
    assert!(cells(&page, "avg_activation_fraction_low").iter().all(|cell| cell.is_empty()));
}

#[test]
fn each_learning_rate_has_a_page() {
    let text = CONSTRAINTS.replace("sweep = {", "sweep = { learning_rate = [0.001, 0.002],");
    let pages = Page::all(&[folder("control_constraint_mnist", runs(&text, constrained))]);
    let stems: Vec<&str> = pages.iter().map(|page| page.picture.stem.as_str()).collect();
    assert_eq!(stems, ["control_constraint_mnist_0.001", "control_constraint_mnist_0.002"]);
}

#[test]
fn a_frozen_bias_is_held_against_a_trained_one() {
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
    let expected = "DAE: from σ² = 0 to 1 the activation fraction changes by -0.0100 [-0.0100, -0.0100] with a frozen bias and \
                    by -0.5000 [-0.5000, -0.5000] with a trained one, a difference of 0.4900 [0.4900, 0.4900] (2 seeds, 95 % \
                    intervals). By the margin of 0.02 it stays as it is at every σ² without the bias; there E[a_j]";
    assert!(page.sentences[0].starts_with(expected), "{}", page.sentences[0]);
    assert_eq!(page.picture.chart.rows[0].panels[1].title, "frozen encoder bias");
    assert!(cells(&page, "encoder_bias").contains(&"frozen"));
    // The ends of a curve hide what is between them.
    let back = &frozen_at(&|sigma| if sigma == 0.1 { 0.3 } else { 0.5 + 0.1 * sigma }).sentences[0];
    for part in [
        "changes by 0.1000 [0.1000, 0.1000] with a frozen bias (at σ² = 0.1 by -0.2000 [-0.2000, -0.2000]) and by",
        "it is sparser than at 0 without the bias too at σ² = 0.1, and denser at σ² = 1; there",
    ] {
        assert!(back.contains(part), "{back}");
    }
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
    assert_eq!(
        page.sentences,
        [
            "Change of the activation fraction from 0: DAE -0.5000 to σ² = 1; DAE (noise=fixed) -0.4000 to σ² = 1; DAE \
             (corruption=masking) -0.0500 to a probability of 0.25 (one seed, no interval).",
            "Noise drawn once leaves an activation fraction that differs from that under fresh noise by 0.0250 at σ² = 0.25; \
             0.1000 at σ² = 1 (one seed, no interval).",
        ]
    );
    let back = runs(sweep, |spec| {
        Some((if spec.sigma_squared == 0.25 { 0.3 } else { 0.9 - 0.2 * spec.sigma_squared }, 0.0))
    });
    let there_and_back = self::page("control_corruption_mnist", back);
    assert_eq!(
        there_and_back.sentences[0],
        "Change of the activation fraction from 0: DAE -0.2000 to σ² = 1, with -0.6000 at 0.25 on the way (one seed, no \
         interval)."
    );
    // Where the last run diverged, what came before is on the way and not the end.
    let diverged = runs(sweep, |spec| (spec.sigma_squared < 1.0).then_some((0.9 - spec.sigma_squared, 0.0)));
    assert_eq!(
        self::page("control_corruption_mnist", diverged).sentences[0],
        "Change of the activation fraction from 0: DAE no completed run at σ² = 1, with -0.2500 at 0.25 on the way (one \
         seed, no interval)."
    );
    assert!(page.control.setup.contains("probability"));
    assert_eq!(page.picture.chart.rows[0].panels.len(), 2);
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

#[test]
fn thresholds_are_counted_anew_from_the_figures_records() {
    let sweep = "sweep = { sigma_squared = [0, 1], regularizer = ['dae', 'cae'] }\ntraining.epochs = 1";
    // Half of all pairs: CAE's are above 1, DAE's at σ² = 1 above 0.01 only.
    let level = |label: &str, sigma: f64| if label == "dae" && sigma > 0.0 { 5 } else { 20 };
    let relu = folder("fig1_mnist", counted(sweep, level));
    let twice = [relu.clone(), Results { name: "relu_mnist".to_owned(), ..relu.clone() }];
    let page = only(Page::all(&twice));
    assert_eq!(page.picture.stem, "control_threshold_mnist");
    let keys = cells(&page, "run_keys");
    assert!(keys.iter().all(|keys| keys.split(' ').count() == 1 && keys.len() == 16), "{keys:?}");
    let of_relu = [
        "ReLU, σ² = 1: 0 of 1 pairs of models differ by more than 0.02 at the paper's δ_min = 0; none of them",
        "ReLU, the fraction falls by more than 0.02 from σ² = 0 to 1: DAE at 15 of 21 and CAE at 0 of 21 δ_min",
        "ReLU, share of dead units at σ² = 1 for δ_min = 0, 0.1 and 0.5: DAE 0.0000, 1.0000, 1.0000; CAE 0.0000",
    ];
    for (sentence, expected) in page.sentences.iter().zip(of_relu) {
        assert!(sentence.starts_with(expected), "{sentence}");
    }
    assert!(
        page.sentences[1].ends_with("It rises by more than that: at none for any model."),
        "{}",
        page.sentences[1]
    );
    // The other way round, DAE's rises where it was not counted at σ² = 0.
    let rising = |label: &str, sigma: f64| level(label, 1.0 - sigma);
    let rising = only(Page::all(&[folder("fig1_mnist", counted(sweep, rising))]));
    assert!(
        rising.sentences[1].contains("It rises by more than that: DAE for 15 δ_min from "),
        "{}",
        rising.sentences[1]
    );
    // What was trained otherwise is no replicate.
    let faster = counted(&format!("{sweep}\ntraining.learning_rate = 0.3"), level);
    let apart = Page::all(&[relu.clone(), folder("relu_mnist", faster)]);
    let stems: Vec<&str> = apart.iter().map(|page| page.picture.stem.as_str()).collect();
    assert_eq!(stems, ["control_threshold_mnist", "control_threshold_mnist_relu_mnist"]);
    assert_eq!(apart[0].picture.table, page.picture.table);
    // Runs that are in two folders count once; 4 cells at 24 thresholds.
    assert_eq!(page.picture.table.rows.len(), 4 * 24);
    assert_eq!(cells(&page, "seeds")[0], "1");

    let sigmoid = folder("fig4_mnist", counted(&format!("model.activation = 'sigmoid'\n{sweep}"), level));
    let page = only(Page::all(&[relu, sigmoid]));
    assert_eq!((page.picture.chart.rows.len(), page.sentences.len()), (4, 6));
    let order = &page.sentences[3];
    assert!(
        order.contains("1 of 1 pairs") && order.contains("δ_min = 0.1 (one seed, no interval)"),
        "{order}"
    );
}

#[test]
fn an_order_that_turns_is_named() {
    let sweep = "sweep = { sigma_squared = [0, 1], regularizer = ['dae', 'cae'] }\ntraining.epochs = 1";
    let mut runs = counted(sweep, |_, _| 20);
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
    let order = &page.sentences[0];
    assert!(order.contains("the other way round are DAE and CAE for δ_min from 0.2 to 10"), "{order}");
}

#[test]
fn figures_without_counts_have_no_page() {
    let sweep = "sweep = { sigma_squared = [0, 1], regularizer = ['dae'] }\ntraining.epochs = 1";
    let of_figure = folder("fig1_mnist", runs(sweep, |_| Some((0.5, 0.0))));
    let of_another = folder("fig2_mnist", counted(sweep, |_, _| 3));
    assert!(Page::all(&[of_figure, of_another]).is_empty());
}

/// What a run measured: the rows of its epochs and its one row.
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
    (key.clone(), Arc::new(TheoryRecord::new(key, spec, &outcome)))
}

#[test]
fn the_identity_is_looked_for_in_noise() {
    let sweep = "sweep = { sigma_squared = [0.25, 1], regularizer = ['none', 'dae'] }\ntraining.epochs = 1";
    let mut folder = folder("control_identity_mnist", runs(sweep, |_| Some((0.5, 0.0))));
    assert!(Page::all(&[folder.clone()]).is_empty(), "nothing was measured");
    let measured = |run: &StoredRun| {
        let noise = if run.spec.regularizer.label() == "none" { 0.03 } else { 0.8 };
        let [samples, noise, shuffled] = [0.01, noise, 0.5].map(Some);
        let errors = IdentityErrors { samples, noise, shuffled };
        theory(run, &[], RunRow { identity_error: errors, ..RunRow::default() })
    };
    folder.theory = folder.runs.iter().map(measured).collect();
    let page = only(Page::all(&[folder]));
    assert_eq!(
        page.sentences,
        [
            "unit norm, AE: the error is 0.0100 on held-out samples, 0.0300 on noise, 0.5000 on shuffled ones (one seed, no \
             interval); noise costs 3.0 times as much as samples.",
            "unit norm, DAE at σ² = 1: the error is 0.0100 on held-out samples, 0.8000 on noise, 0.5000 on shuffled ones (one \
             seed, no interval); noise costs 80.0 times as much as samples, and a regularizer adds 0.7700 to the error on noise.",
        ]
    );
    // A panel for each σ², the plain auto-encoder in both.
    let panels = &page.picture.chart.rows[0].panels;
    assert_eq!((panels.len(), panels[0].curves.len(), panels[1].curves.len()), (2, 2, 2));
    assert_eq!(cells(&page, "identity_error_noise"), ["0.03", "0.8", "0.8"]);
}

#[test]
fn the_mean_activation_follows_from_the_counts() {
    let sweep = "model.activation = 'sigmoid'\nsweep = { sigma_squared = [0, 1], regularizer = [{ kind = 'kl_sae', rho = \
                 0.2 }, 'l1'] }\ntraining.epochs = 1";
    // Half of all pairs lie between 0.4 and 0.5 at σ² = 1, the others at 0: E[h] is between 0.2 and 0.25.
    let page = page("control_penalty_mnist", counted(sweep, |_, sigma| if sigma > 0.0 { 13 } else { 19 }));
    let (sae, l1) = (&page.sentences[0], &page.sentences[1]);
    assert!(
        sae.starts_with(
            "sigmoid, SAE (rho=0.2): E[h] is 0.2250 at σ² = 1 (one seed, no interval; between 0.2000 \
                         and 0.2500), after 0.4875 at 0; not within 0.02 of ρ = 0.2, at a distance of 0.0250"
        ),
        "{sae}"
    );
    assert!(l1.starts_with("sigmoid, L1: E[h] is") && !l1.contains('ρ'), "{l1}");
    let bounds = [cells(&page, "mean_hidden_least")[1], cells(&page, "mean_hidden_most")[1]];
    let bounds = bounds.map(|cell| cell.parse::<f64>().unwrap());
    assert!((bounds[0] - 0.2).abs() < 1e-6 && (bounds[1] - 0.25).abs() < 1e-6, "{bounds:?}");
}

#[test]
fn predictions_of_activations_are_held_against_measured_signs() {
    let sweep = "model.activation = 'tanh'\nevaluation.threshold = 0\ntraining.epochs = 1\n\
                 sweep = { sigma_squared = [0, 1], regularizer = ['cae', { kind = 'corollary1', f = 'exp' }] }";
    let mut folder =
        folder("control_activations_mnist", runs(sweep, |spec| Some((0.5 - 0.1 * spec.sigma_squared, 0.0))));
    let without = only(Page::all(&[folder.clone()]));
    assert!(
        !without.sentences[0].contains("∂R") && without.picture.chart.rows.len() == 1,
        "{:?}",
        without.sentences
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
    let page = only(Page::all(&[folder]));
    assert_eq!(
        page.sentences,
        [
            "tanh: Corollary 1 applies and Corollary 2 doesn't; sparsity isn't promised. At σ² = 1 the share of units with \
             ∂R/∂b_j < 0 is 0.4000 for CAE (nothing predicted) and 0.0000 for Corollary 1 (f=exp) (as predicted). From σ² = 0 \
             to 1 the activation fraction changes by -0.1000 for CAE and -0.1000 for Corollary 1 (f=exp) (one seed, no interval; \
             0.02 counts as an effect)."
        ]
    );
    assert_eq!(cells(&page, "predicted_corollary2")[0], "0");
    assert!(page.picture.chart.rows[1].panels[0].curves.iter().all(|curve| curve.points.len() == 1));
}
