//! What is said of each statement of the paper.

use super::*;

#[test]
fn assumption1_is_held_against_chance() {
    let made = |data: [f64; 2], variances: [f64; 2], kurtosis: f64, correlation: f64| {
        study(DAE, |_| Told {
            epochs: vec![EpochRow {
                measured_samples: Some(1600.0),
                residual_deviation_within: Some(0.5),
                residual_root_mean_square: Some(0.6),
                residual_dimension_deviation: Summary { max: Some(2.0), ..median(0.5) },
                residual_skewness: Some(0.1),
                residual_excess_kurtosis: Some(kurtosis),
                residual_mean_absolute_correlation: Some(correlation),
                residual_correlation_by_chance: Some(0.02),
                ..EpochRow::default()
            }],
            whole: RunRow {
                data_mean_length: Some(data[0]),
                data_largest_mean: Some(0.01),
                data_covariance_distance: Some(data[1]),
                data_largest_covariance: Some(0.9),
                data_variance: Summary::of(variances),
                ..RunRow::default()
            },
            ..Told::default()
        })
    };
    // By chance √(64 / 1600) = 0.2 and √(65 / 1600) = 0.2016.
    let far = findings(&made([0.1, 2.0], [0.0, 1.5], 3.0, 0.05), "assumption1");
    check(
        &far,
        &[
            "‖E[x]‖ = 0.100, the largest |E[x_i]| = 0.0100 (as assumed: N samples of N(0, I) would give about 0.200)",
            "‖Cov − I‖_F / √n = 2.00 from I, 9.92 times what chance would give (not as assumed); its variances go from 0 to \
             1.50, and the largest |Cov_ik| is 0.900.",
            "differ by at most 20 %: the residual's mean is not 0.",
            "are not one distribution: the largest standard deviation of one is up to 4.00 times the median.",
            "about Gaussian at the end in none of 2 runs (within ±0.5 of a Gaussian's 0): skewness 0.100, excess kurtosis 3.00.",
            "correlated in every run: the mean |correlation| of two is 0.0500 at the end, 2.50 times",
        ],
    );
    let near = findings(&made([0.1, 0.2], [0.999_999_9, 1.000_000_1], 0.2, 0.02), "assumption1");
    check(
        &near,
        &[
            "0.992 times what chance would give (as assumed); its variances are all 1.00, and the largest |Cov_ik| is 0.900.",
            "about Gaussian at the end in 2 of 2 runs",
            "no more correlated than",
        ],
    );
}

#[test]
fn lemma1_counts_over_runs_epochs_and_units() {
    let made = |beyond: f64, independent: f64, identity: f64| {
        study(DAE, |run| {
            let row = |typical: f64| EpochRow {
                lemma1_tightness: Summary { max: Some(0.1), ..median(typical) },
                lemma1_violations: Some(beyond),
                lemma1_independent_violations: Some(independent),
                lemma1_root_mean_square_violations: Some(identity),
                batches: Some(20.0),
                batch_lemma1_violations: Some(beyond),
                batch_lemma1_independent_violations: Some(independent),
                batch_lemma1_root_mean_square_violations: Some(0.0),
                batch_lemma1_tightness: Summary { max: Some(0.4), ..median(0.03) },
                ..EpochRow::default()
            };
            let epochs = if is_plain(run) { vec![row(0.01), row(0.02)] } else { vec![row(0.03), row(0.04)] };
            Told { epochs, ..Told::default() }
        })
    };
    let holds = findings(&made(0.0, 0.0, 0.0), "lemma1");
    check(
        &holds,
        &[
            "On all measured samples none of 40 triples of run, epoch and unit are beyond the bound: it holds everywhere. |g_j| \
             takes 2.5 % of it in the median and 10 % at most.",
            "In single mini-batches of 5, with their own means and σ_r: none of 800 beyond it; 3 % of the bound in the median, \
             40 % at most.",
            "Cauchy–Schwarz inequality and needs no assumption: none was found beyond it",
            // 0.1 √64.
            "exceeded by none of 40 (in mini-batches none of 800), at most by a factor of 0.800: the stricter bound holds too",
        ],
    );
    let fails = made(1.0, 2.0, 1.0);
    check(
        &findings(&fails, "lemma1"),
        &[
            "4 of 40 triples",
            "it fails there",
            "8 of 40 (in mini-batches 8 of 800)",
            "against Assumption 1",
            "4 were found beyond it, which is a fault",
        ],
    );
    let sheet = fails.blocks.iter().find(|block| block.id == "lemma1").unwrap().sheet.clone().unwrap();
    assert_eq!(
        sheet.rows,
        [["ReLU", "0.0100 to 0.0400", "0.100", "4 of 40", "8 of 40", "0.400", "4 of 800"].map(str::to_owned)]
    );
}

#[test]
fn theorem1_names_the_models_that_go_the_other_way() {
    let made = study(DAE, |run| {
        let is_plain = is_plain(run);
        let row = EpochRow {
            theorem1_step: Agreement {
                sign: Some(if is_plain { 0.75 } else { 0.25 }),
                ..Agreement::default()
            },
            inactive_fraction: mean(if is_plain { 0.5 } else { 0.25 }),
            penalty_value: (!is_plain).then_some(7.0),
            ..EpochRow::default()
        };
        Told { epochs: vec![row], ..Told::default() }
    });
    check(
        &findings(&made, "theorem1"),
        &[
            "in 0 of 1 run; the difference is -0.250",
            "It ends below, in the median, for DAE under ReLU.",
            "Most units move against Eq. 5 in the next step, in the median over epochs and σ², with: DAE under ReLU (25 %).",
        ],
    );
}

fn theorem1(met: f64, falling: f64, required: Option<[f64; 2]>) -> String {
    let made = study(DAE, |run| {
        let is_plain = is_plain(run);
        let of = |plain: f64, other: f64| if is_plain { plain } else { other };
        let agreement = |sign, correlation| Agreement {
            sign: Some(sign),
            correlation: Some(correlation),
            ..Agreement::default()
        };
        let row = EpochRow {
            theorem1_met: Some(of(0.0, met)),
            theorem1_met_independent: Some(of(0.0, 0.2)),
            theorem1_falling: Some(of(0.1, falling)),
            theorem1_reachable: Some(if required.is_some() { 0.5 } else { 0.0 }),
            theorem1_required: Summary {
                min: required.map(|[least, _]| least),
                median: required.map(|[_, median]| median),
                ..Summary::default()
            },
            inactive_fraction: mean(of(0.25, 0.75)),
            pre_activation_variance_ratio: Summary { min: Some(0.5), max: Some(4.0), ..median(of(1.5, 3.0)) },
            theorem1_step: agreement(0.9, 0.5),
            theorem1_interval: agreement(0.6, -0.25),
            penalty_value: (!is_plain).then_some(7.0),
            ..EpochRow::default()
        };
        Told { epochs: vec![row, row], ..Told::default() }
    });
    findings(&made, "theorem1")
}

#[test]
fn theorem1_says_so_where_its_condition_is_never_met_though_the_effect_is_there() {
    check(
        &theorem1(0.0, 0.9, Some([12.0, 40.0])),
        &[
            "never met: by none of 20 triples of run, epoch and unit in 1 run with λ > 0. Without the √n, which independent \
             dimensions would make superfluous, it would be met by 4 of 20.",
            "∂R/∂b_j > 0, 50 % of the triples. It would have to be above 12.0 for the first of them, and 40.0 for half of them \
             (by run and epoch); the largest λ here is 0.5.",
            "for 90 % of the units at the last measured epoch (the plain auto-encoder: 10 %). In 1 of 1 run E[a_j] falls for \
             more than half of the units although none ever meets the condition",
            "ends more than 0.02 above the plain auto-encoder's in 1 of 1 run; the difference is 0.500 (0.500 in the median).",
            "moves E[a_j] the way Eq. 5 says for 90 % of the units in the median of runs and epochs (90 %), with a correlation \
             over units of 0.500 (0.500). All that",
            "for 60 % of the units in the median of runs and epochs (60 %), with a correlation over units of -0.250",
            "off by more than a factor of 2 in 1 of 2 runs, for E[x xᵀ] is not I. It is 1.50 to 3.00 at the last measured epoch in the \
             median unit, 0.500 to 4.00 over all units.",
        ],
    );
}

#[test]
fn theorem1_counts_where_its_condition_is_met_and_where_no_coefficient_would_do() {
    let met = theorem1(0.3, 0.9, Some([0.1, 2.0]));
    check(&met, &["met by 6 of 20 triples of run, epoch and unit (30 %), in 1 of 1 run with λ > 0"]);
    assert!(!met.contains("never") && !met.contains("far from necessary"), "{met}");
    check(&theorem1(0.0, 0.2, None), &["No λ would do: no unit has ∂R/∂b_j > 0."]);
    let plain = study("sweep = { regularizer = ['dae'], sigma_squared = [0] }", |_| Told {
        epochs: vec![EpochRow { theorem1_met: Some(0.0), ..EpochRow::default() }],
        ..Told::default()
    });
    check(&findings(&plain, "theorem1"), &["No run has a term λ R with λ > 0"]);
}

/// Signs of ten units: positive, zero, negative, and how many are negligible.
fn signs(signs: [f64; 4], off: f64) -> EpochRow {
    let [positive, zero, negative, negligible] = signs.map(Some);
    EpochRow {
        penalty_value: Some(1.0),
        penalty_gradient_positive: positive,
        penalty_gradient_zero: zero,
        penalty_gradient_negative: negative,
        penalty_gradient_negligible: negligible,
        inactive_fraction: mean(off),
        ..EpochRow::default()
    }
}

#[test]
fn corollaries_are_held_against_what_the_activation_predicts() {
    let sweep = "sweep = { regularizer = ['dae', 'cae', 'kl_sae', { kind = 'kl_sae', rho = 0.05 }], sigma_squared = [0, 0.5], \
                 activation = ['relu', 'sigmoid', 'softplus'] }";
    let study = study(sweep, |run| {
        let found = match (run.spec.activation.label().as_str(), run.spec.regularizer.label().as_str()) {
            _ if is_plain(run) => [0.0, 10.0, 0.0, 10.0],
            ("relu", "dae" | "cae") => [0.0, 10.0, 0.0, 10.0],
            ("relu", "kl_sae") => [7.0, 3.0, 0.0, 3.0],
            ("softplus", "cae") => [9.0, 0.0, 1.0, 1.0],
            ("softplus", "dae") => [8.0, 0.0, 2.0, 1.0],
            _ => [4.0, 0.0, 6.0, 0.0],
        };
        let off = if run.spec.regularizer.label() == "dae" && !is_plain(run) { 0.75 } else { 0.5 };
        Told { epochs: vec![signs(found, off)], ..Told::default() }
    });
    let text = findings(&study, "corollaries");
    check(
        &text,
        &[
            "Of 12 models with a bias gradient, a corollary covers 7 (for a DAE, but for Eq. 7's last term, which §2.2 takes to become \
             small): the sign is not as predicted for SAE under sigmoid (6 of 10 are negative), DAE under softplus (1 of 10 are negative) and SAE under softplus (6 of 10 are negative).",
            "No corollary covers the others. There ∂R/∂b_j is positive for: SAE (rho=0.05) under ReLU 40 %",
            "CAE under sigmoid 40 %",
            "it changes for DAE under ReLU by 0.250 and CAE under ReLU by 0.",
        ],
    );
    let sheet = study.blocks.iter().find(|block| block.id == "corollaries").unwrap().sheet.clone().unwrap();
    let row = |setting: &str, model: &str| {
        let row = sheet.rows.iter().find(|row| row[0] == setting && row[1] == model).unwrap();
        row[3..].join(" | ")
    };
    assert_eq!(row("ReLU", "DAE"), "0 exactly | holds | 0 % | 100 % | 0 %");
    assert_eq!(row("ReLU", "SAE"), "≥ 0 | holds | 70 % | 30 % | 0 %");
    assert_eq!(row("softplus", "CAE"), "≥ 0 | holds, but for rounding | 90 % | 0 % | 10 %");
    assert_eq!(row("sigmoid", "CAE"), "none | not covered | 40 % | 0 % | 60 %");
}

#[test]
fn theorem2_tells_rises_and_where_the_bound_is_none() {
    let made = |rising: f64, violations: f64, bound: f64| {
        study(&format!("{DAE}\nmodel.constraint = 'none'"), |_| Told {
            epochs: vec![EpochRow {
                theorem2_violations: Some(violations),
                theorem2_bound: Summary { max: Some(bound), ..mean(bound) },
                inactive_fraction: mean(0.5),
                ..EpochRow::default()
            }],
            whole: RunRow {
                theorem2: Rises {
                    rising: Some(rising),
                    rise_first_epoch: median(1.0),
                    rise_last_epoch: median(3.0),
                    rise: median(0.2),
                    truth_rise: median(0.3),
                    truth_follows: Some(0.9),
                },
                ..RunRow::default()
            },
            ..Told::default()
        })
    };
    check(
        &findings(&made(0.4, 3.0, 0.25), "theorem2"),
        &[
            "for 40 % of the units (40 % in the median run; in 2 of 2 runs for some)",
            "from epoch 1 (T_min) to 3 (T_max + 1) by 0.200, and Pr(h_j ≤ δ_min) by 0.300 meanwhile; Pr does not fall for \
             90 % of them",
            "above the truth for 6 of 20 triples of run, epoch and unit: there Var[a_j] is not ‖W_j‖²",
            "its mean over the units is 0.250, that of Pr(h_j ≤ δ_min) 0.500.",
            "In 2 of 2 runs nothing bounds ‖W_j‖",
        ],
    );
    check(
        &findings(&made(0.0, 0.0, 0.0), "theorem2"),
        &[
            "for no unit of any run",
            "none of 20 triples",
            "a lower bound throughout",
            "In 2 of 2 runs it is 0 for every unit",
        ],
    );
}

#[test]
fn theorem3_tells_kinks_from_rounding_and_noise() {
    let sweep = "sweep = { regularizer = ['dae', 'cae'], sigma_squared = [0, 0.5], activation = ['relu', 'softplus'] }";
    let study = study(sweep, |run| {
        let ledger = match (run.spec.activation.label().as_str(), run.spec.regularizer.label().as_str()) {
            _ if is_plain(run) => vec![],
            ("relu", "dae") => vec![ledger(0.0625, -0.125, 0.001), ledger(0.5, -1.0, 0.01)],
            // Rounding of a loss of 100, less than two errors, and more than a tenth.
            ("softplus", "dae") => {
                vec![ledger(1e-6, 9e-5, 0.0), ledger(0.125, 0.3, 0.1), ledger(0.5, -0.75, 0.01)]
            }
            _ => vec![],
        };
        Told { epochs: vec![epoch(0.0)], ledger, ..Told::default() }
    });
    check(
        &findings(&study, "theorem3"),
        &[
            "within two standard errors of 0 for 2 of 2 runs",
            "more than 10 % of its second-order terms (beyond rounding and two standard errors) in so many lines of the ledgers: \
             ReLU 2 of 2, the smallest σ² being 0.0625 and softplus 1 of 3, the smallest σ² being 0.5.",
            "ReLU has s'' = 0 wherever it is defined, so its third term is 0. At σ² = 0.0625 the remainder is -20.0 % of the \
             second-order terms, beyond rounding and two standard errors for 1 of 1 runs: it does not vanish",
            "it was found for softplus: none of 1 runs at σ² = 0.000001, and at most 24 % of the second order at any σ².",
            "in a mini-batch of 5 a standard deviation of (root mean square over units, at the σ² trained with, beside the \
             gradient of the second-order terms): ReLU 0.300 beside 0 and softplus 0.300 beside 0.",
        ],
    );
    let sheet = study.blocks.iter().find(|block| block.id == "theorem3").unwrap().sheet.clone().unwrap();
    assert!(sheet.caption.contains("ReLU: DAE, trained with σ² = 0.5; softplus: DAE"), "{}", sheet.caption);
    assert_eq!(sheet.rows.len(), 5);
    assert_eq!(
        sheet.rows[1][1..].join(" | "),
        "0.5 | 100 | 0.0100 ± 0.0100 | 4.00 | 1.00 | 0 | -1.00 ± 0.0100 | -20.0 % | 105 | 0.300 | 0"
    );
}
