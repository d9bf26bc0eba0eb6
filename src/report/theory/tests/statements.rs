//! The cells of each statement of the paper.

use super::*;

#[test]
fn assumption1_is_compared_with_chance() {
    let made = |data: [f64; 2], variances: [f64; 2], kurtosis: f64, correlation: f64| {
        study(DAE, |_| Measured {
            epochs: vec![EpochRow {
                measured_samples: Some(1600.0),
                residual_deviation_within: Some(0.5),
                residual_root_mean_square: Some(0.6),
                residual_dimension_deviation: Quantiles { max: Some(2.0), ..median(0.5) },
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
                data_variance: Quantiles::of(variances),
                ..RunRow::default()
            },
            ..Measured::default()
        })
    };
    // By chance √(64 / 1600) = 0.2 and √(65 / 1600) = 0.2016.
    let far = made([0.1, 2.0], [0.0, 1.5], 3.0, 0.05);
    let [data, residual] = tables(&far, "assumption1") else { panic!("two tables") };
    let expected = [
        ("‖E[x]‖", "0.100"),
        ("E[x] over chance", "✓ 0.500"),
        ("largest |E[x_i]|", "0.0100"),
        ("‖Cov − I‖_F / √n", "2.00"),
        ("Cov over chance", "✗ 9.92"),
        ("largest |Cov_ik|", "0.900"),
        ("least Cov_ii", "0"),
        ("largest Cov_ii", "1.50"),
    ];
    check_cells(data, &["MNIST"], &expected);
    let expected = [
        ("mean", "✗ 20 %"),
        ("width", "✗ 4.00"),
        ("skewness", "0.100"),
        ("excess kurtosis", "3.00"),
        ("Gaussian", "✗ none of 2"),
        ("|correlation|", "0.0500"),
        ("over chance", "✗ 2.50"),
    ];
    check_cells(residual, &["ReLU"], &expected);
    let near = made([0.1, 0.2], [0.999_999_9, 1.000_000_1], 0.2, 0.02);
    let [data, residual] = tables(&near, "assumption1") else { panic!("two tables") };
    let expected = [("Cov over chance", "✓ 0.992"), ("least Cov_ii", "1.00"), ("largest Cov_ii", "1.00")];
    check_cells(data, &["MNIST"], &expected);
    check_cells(residual, &["ReLU"], &[("Gaussian", "✓ 2 of 2"), ("over chance", "✓ 1.00")]);
}

#[test]
fn lemma1_counts_over_runs_epochs_and_units() {
    let made = |beyond: f64, independent: f64, identity: f64| {
        study(DAE, |run| {
            let row = |typical: f64| EpochRow {
                lemma1_tightness: Quantiles { max: Some(0.1), ..median(typical) },
                lemma1_violations: Some(beyond),
                lemma1_independent_violations: Some(independent),
                lemma1_root_mean_square_violations: Some(identity),
                batches: Some(20.0),
                batch_lemma1_violations: Some(beyond),
                batch_lemma1_independent_violations: Some(independent),
                batch_lemma1_root_mean_square_violations: Some(0.0),
                batch_lemma1_tightness: Quantiles { max: Some(0.4), ..median(0.03) },
                ..EpochRow::default()
            };
            let epochs = if is_plain(run) { vec![row(0.01), row(0.02)] } else { vec![row(0.03), row(0.04)] };
            Measured { epochs, ..Measured::default() }
        })
    };
    let holds = made(0.0, 0.0, 0.0);
    let [samples, batches] = tables(&holds, "lemma1") else { panic!("two tables") };
    let expected = [
        ("|g_j| / bound", "2.5 %"),
        ("largest", "10 %"),
        ("beyond the bound", "✓ none of 40"),
        ("beyond 2 σ_r ‖W_j‖", "none of 40"),
        // 0.1 √64.
        ("largest multiple", "0.800"),
        ("beyond, rms", "✓ none of 40"),
    ];
    check_cells(samples, &["ReLU"], &expected);
    let expected = [
        ("|g_j| / bound", "3 %"),
        ("largest", "40 %"),
        ("beyond the bound", "✓ none of 800"),
        ("beyond 2 σ_r ‖W_j‖", "none of 800"),
        ("beyond, rms", "✓ none of 800"),
    ];
    check_cells(batches, &["ReLU"], &expected);
    let fails = made(1.0, 2.0, 1.0);
    let [samples, batches] = tables(&fails, "lemma1") else { panic!("two tables") };
    let expected =
        [("beyond the bound", "✗ 4 of 40"), ("beyond 2 σ_r ‖W_j‖", "8 of 40"), ("beyond, rms", "✗ 4 of 40")];
    check_cells(samples, &["ReLU"], &expected);
    check_cells(
        batches,
        &["ReLU"],
        &[("beyond the bound", "✗ 4 of 800"), ("beyond 2 σ_r ‖W_j‖", "8 of 800")],
    );
}

#[test]
fn theorem1_marks_the_models_that_go_the_other_way() {
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
        Measured { epochs: vec![row], ..Measured::default() }
    });
    let effect = &tables(&made, "theorem1")[1];
    let expected = [("Pr(off) − AE's", "✗ -0.250"), ("above 0.02", "none of 1"), ("next step", "✗ 25 %")];
    check_cells(effect, &["ReLU", "DAE"], &expected);
    check_cells(effect, &["ReLU", "AE"], &[("Pr(off) − AE's", "–"), ("next step", "✓ 75 %")]);
}

fn theorem1(met: f64, falling: f64, required: Option<[f64; 2]>) -> Study {
    study(DAE, |run| {
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
            theorem1_required: Quantiles {
                min: required.map(|[least, _]| least),
                median: required.map(|[_, median]| median),
                ..Quantiles::default()
            },
            inactive_fraction: mean(of(0.25, 0.75)),
            pre_activation_variance_ratio: Quantiles {
                min: Some(0.5),
                max: Some(4.0),
                ..median(of(1.5, 3.0))
            },
            theorem1_step: agreement(0.9, 0.5),
            theorem1_interval: agreement(0.6, -0.25),
            penalty_value: (!is_plain).then_some(7.0),
            ..EpochRow::default()
        };
        Measured { epochs: vec![row, row], ..Measured::default() }
    })
}

#[test]
fn theorem1_shows_that_its_condition_is_never_met_though_the_effect_exists() {
    let study = theorem1(0.0, 0.9, Some([12.0, 40.0]));
    let [condition, effect] = tables(&study, "theorem1") else { panic!("two tables") };
    let expected = [
        ("λ", "0.5"),
        ("met", "? none of 20"),
        ("in runs", "none of 1"),
        ("without √n", "4 of 20"),
        ("∂R/∂b_j > 0", "10 of 20"),
        ("λ needed by one", "12.0"),
        ("λ needed by half", "40.0"),
        ("falls, never met", "1 of 1"),
    ];
    check_cells(condition, &["ReLU", "DAE"], &expected);
    assert_eq!(condition.rows.len(), 1, "the plain auto-encoder has no λ R");
    let expected = [
        ("falls", "90 %"),
        ("Pr(off) − AE's", "✓ 0.500"),
        ("above 0.02", "1 of 1"),
        ("next step", "✓ 90 %"),
        ("correlation", "0.500"),
        ("all steps", "✓ 60 %"),
        ("their correlation", "-0.250"),
        ("Var[a_j] / ‖W_j‖²", "3.00"),
        ("within 2", "✗ none of 1"),
        ("least", "0.500"),
        ("largest", "4.00"),
    ];
    check_cells(effect, &["ReLU", "DAE"], &expected);
    let expected = [("falls", "10 %"), ("Var[a_j] / ‖W_j‖²", "1.50"), ("within 2", "✓ 1 of 1")];
    check_cells(effect, &["ReLU", "AE"], &expected);
}

#[test]
fn theorem1_counts_where_its_condition_is_met_and_where_no_coefficient_would_do() {
    let met = theorem1(0.3, 0.9, Some([0.1, 2.0]));
    let expected = [("met", "✓ 6 of 20"), ("in runs", "1 of 1"), ("falls, never met", "none of 1")];
    check_cells(&tables(&met, "theorem1")[0], &["ReLU", "DAE"], &expected);
    let never = theorem1(0.0, 0.2, None);
    check_cells(&tables(&never, "theorem1")[0], &["ReLU", "DAE"], &[("∂R/∂b_j > 0", "none of 20")]);
    let heads = tables(&never, "theorem1")[0].columns.iter();
    assert!(heads.into_iter().all(|column| !column.head.starts_with("λ needed")), "no λ would do");
    let plain = study("sweep = { regularizer = ['dae'], sigma_squared = [0] }", |_| Measured {
        epochs: vec![EpochRow {
            theorem1_met: Some(0.0),
            theorem1_falling: Some(0.5),
            ..EpochRow::default()
        }],
        ..Measured::default()
    });
    let [effect] = tables(&plain, "theorem1") else { panic!("there is no condition to meet") };
    check_cells(effect, &["ReLU", "AE"], &[("falls", "50 %")]);
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
fn corollaries_are_compared_with_predictions_from_the_activation() {
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
        Measured { epochs: vec![signs(found, off)], ..Measured::default() }
    });
    let table = &tables(&study, "corollaries")[0];
    assert_eq!(table.rows.len(), 12, "each model with a bias gradient");
    let names = ["predicted", "found", "against", "> 0", "= 0", "< 0"];
    let row = |setting: &str, model: &str| names.map(|head| cell(table, &[setting, model], head)).join(" | ");
    assert_eq!(row("ReLU", "DAE"), "0 exactly | ✓ holds | none of 10 | 0 % | 100 % | 0 %");
    assert_eq!(row("ReLU", "SAE"), "≥ 0 | ✓ holds | none of 10 | 70 % | 30 % | 0 %");
    assert_eq!(row("softplus", "CAE"), "≥ 0 | ✓ holds | none of 10 | 90 % | 0 % | 10 %", "but for rounding");
    assert_eq!(row("softplus", "DAE"), "≥ 0 | ✗ fails | 1 of 10 | 80 % | 0 % | 20 %");
    assert_eq!(row("softplus", "SAE"), "≥ 0 | ✗ fails | 6 of 10 | 40 % | 0 % | 60 %");
    assert_eq!(row("sigmoid", "SAE"), "≥ 0 | ✗ fails | 6 of 10 | 40 % | 0 % | 60 %");
    assert_eq!(row("sigmoid", "CAE"), "nothing | ? open | – | 40 % | 0 % | 60 %");
    assert_eq!(row("ReLU", "SAE (rho=0.05)"), "nothing | ? open | – | 40 % | 0 % | 60 %");
    assert_eq!(cell(table, &["ReLU", "DAE"], "corollary"), "2, Eq. 7's first term");
    let answer = &study.found.iter().find(|found| found.statement.id == "corollaries").unwrap().answer;
    assert_eq!(words(answer), "✗ 4 of 7", "covered models");
    // §3.1: without a gradient, σ² should not change the sparsity.
    let effect = &tables(&study, "theorem1")[1];
    assert_eq!(cell(effect, &["ReLU", "DAE"], "Pr(off) − AE's"), "✓ 0.250");
    assert_eq!(cell(effect, &["ReLU", "CAE"], "Pr(off) − AE's"), "? 0");
}

#[test]
fn theorem2_shows_rises_and_a_bound_of_zero() {
    let made = |rising: f64, violations: f64, bound: f64| {
        study(&format!("{DAE}\nmodel.constraint = 'none'"), |_| Measured {
            epochs: vec![EpochRow {
                theorem2_violations: Some(violations),
                theorem2_bound: Quantiles { max: Some(bound), ..mean(bound) },
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
            ..Measured::default()
        })
    };
    let rising = made(0.4, 3.0, 0.25);
    let expected = [
        ("p_j", "0.250"),
        ("Pr(h_j ≤ δ_min)", "0.500"),
        ("p_j above it", "✗ 3 of 10"),
        ("p_j = 0", "none of 1"),
        ("units that rise", "40 %"),
        ("T_min", "1"),
        ("T_max + 1", "3"),
        ("p_j by", "0.200"),
        ("Pr by", "0.300"),
        ("Pr follows", "90 %"),
        ("‖W_j‖ bounded", "✗ none of 1"),
    ];
    check_cells(&tables(&rising, "theorem2")[0], &["ReLU", "DAE"], &expected);
    let expected = [("p_j above it", "✓ none of 10"), ("p_j = 0", "1 of 1"), ("units that rise", "0 %")];
    check_cells(&tables(&made(0.0, 0.0, 0.0), "theorem2")[0], &["ReLU", "DAE"], &expected);
}

#[test]
fn theorem3_distinguishes_kinks_from_rounding_and_noise() {
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
        Measured { epochs: vec![epoch(0.0)], ledger, ..Measured::default() }
    });
    let [table] = tables(&study, "theorem3") else { panic!("one table") };
    assert_eq!(table.rows.len(), 5);
    let expected = [
        ("s''", "kinks"),
        ("first order 0", "✓ 1 of 1"),
        ("remainder", "-20.0 %"),
        ("seen", "1 of 1"),
        ("beyond 10 %", "✗ 1 of 1"),
    ];
    check_cells(table, &["ReLU", "0.0625"], &expected);
    let expected = [
        ("J_AE", "100"),
        ("Σ s'² ‖W‖⁴", "4.00"),
        ("Σ_{j≠k}", "1.00"),
        ("s'' term", "0"),
        ("remainder", "-20.0 %"),
        ("J_DAE", "105"),
        ("sd of ∂first/∂b", "0.300"),
        ("∂second/∂b", "0"),
    ];
    check_cells(table, &["ReLU", "0.5"], &expected);
    let expected =
        [("s''", "smooth"), ("remainder", "–"), ("seen", "none of 1"), ("beyond 10 %", "✓ none of 1")];
    check_cells(table, &["softplus", "0.000001"], &expected);
    check_cells(
        table,
        &["softplus", "0.125"],
        &[("remainder", "24.0 %"), ("seen", "1 of 1"), ("beyond 10 %", "✓ none of 1")],
    );
    check_cells(table, &["softplus", "0.5"], &[("remainder", "-15.0 %"), ("beyond 10 %", "✗ 1 of 1")]);
    let answer = &study.found.iter().find(|found| found.statement.id == "theorem3").unwrap().answer;
    assert_eq!(words(answer), "✗ 1 of 2", "with kinks it does not vanish");
}
