//! The catalogue of controls: the question of each, its runs, and how its cases are judged.

use super::control::{Control, RunSource};
use super::evidence::{ControlRun, Evidence, estimate, minus};
use super::findings::{ControlCase, FindingsTable, Judgement, mark};
use super::quantity::*;
use super::sweep::{stack, table};
use super::{explanation, protocol, threshold};
use crate::activation::ActivationKind::{Relu, Sigmoid, Softplus};
use crate::constraint::{Constraint, ConstraintKind};
use crate::optimizer::EncoderBias;
use crate::regularizer::RegularizerKind as Kind;
use crate::report::corollary::Corollary;
use crate::report::document::Mark::{Bad, Good, Open};
use crate::report::figure::{activation, constraint};
use crate::report::statistics::Estimate;
use crate::report::theory::LARGEST_COPY_ERROR;
use crate::theory::Properties;
use crate::training::RunSpec;

/// Every control, in the order of the report.
pub(super) const ALL: &[Control] = &[
    CONSTRAINT,
    protocol::CONTROL,
    BIAS,
    CORRUPTION,
    explanation::CONTROL,
    threshold::CONTROL,
    IDENTITY,
    PENALTY,
    ACTIVATIONS,
];

const CONSTRAINT: Control = Control {
    id: "constraint",
    title: "Constraint on the weights",
    question: "How much of Figure 1's flatness does unit norm build in?",
    setup: "CAE and mDAE stay flat in Figure 1, and under ReLU the bias gradient of their penalty is missing (section 2.1.2). \
            Their penalty is a sum of powers of row lengths over active pairs: it has no gradient in the bias, and its gradient \
            in W points along each row, which a projection to length 1 takes back in every step. With max-norm of radius 1 rows \
            may shrink, without a constraint they are free. Same seeds, so that initial weights, batches and noise are shared.",
    source: RunSource::Own(constraint_asks),
    facet: ("constraint", |spec| constraint(&spec.constraint.label())),
    x_name: "σ²",
    stacks: |facets| vec![stack(facets, &[ACTIVATION, WEIGHT_LENGTH, DEAD])],
    numbers: |runs| table(runs, &[ACTIVATION, WEIGHT_LENGTH, DEAD]),
    findings: &[FindingsTable {
        caption: "each model under each constraint, at the largest σ²: the mean length of a row of W, the change of the activation \
                  fraction since σ² = 0, and how it differs from the change under unit norm. Beyond: the difference is beyond \
                  ±0.02, so that unit norm builds a part of the curve in; within: it isn't; open: the interval holds both.",
        is_compared: |own, other| {
            let is_unit = |spec: &RunSpec| spec.constraint == Constraint::UnitNorm;
            other.regularizer == own.regularizer && is_unit(other) && !is_unit(own)
        },
        means: &[
            ("mean row length", |case| case.mean(WEIGHT_LENGTH)),
            ("change", |case| estimate(&case.change())),
            ("difference from unit norm", |case| estimate(&case.difference())),
        ],
        judge: Some(|_, difference| mark(difference, [(Bad, "beyond"), (Good, "within"), (Bad, "beyond")])),
        ..FindingsTable::BASE
    }],
};

/// Unit norm and other constraints, each with a regularizer.
fn constraint_asks(runs: &Evidence<'_>) -> bool {
    let constraints = runs.distinct(|spec| spec.constraint.kind());
    let is_regularized = runs.distinct(|spec| spec.regularizer.kind() != Kind::None) == [true];
    is_regularized && constraints.len() > 1 && constraints.contains(&ConstraintKind::UnitNorm)
}

const BIAS: Control = Control {
    id: "bias",
    title: "Frozen encoder bias",
    question: "Do activation fractions stay where they are when the encoder bias is frozen?",
    setup: "Section 2.1.1 argues that the encoder bias is necessary for sparsity: without it E[a_j] stays 0 on data with mean 0. \
            The same runs, once with a trained encoder bias and once with one that keeps its initial value, 0. Same seeds.",
    source: RunSource::Own(|runs| runs.distinct(|spec| spec.encoder_bias).len() > 1),
    facet: ("encoder bias", |spec| format!("{} encoder bias", spec.encoder_bias.name())),
    x_name: "σ²",
    stacks: |facets| vec![stack(facets, &[ACTIVATION, DEAD])],
    numbers: |runs| table(runs, &[ACTIVATION, DEAD, PRE_ACTIVATION, VARIANCE]),
    findings: &[FindingsTable {
        caption: "each model with a frozen bias, at each σ²: E[a_j], mean over the units, and the change of the activation \
                  fraction since σ² = 0, beside that with a trained bias. Stays: the change with a frozen bias is within ±0.02; \
                  sparser, denser: it is beyond; open: the interval holds both.",
        has_row: |spec| spec.encoder_bias == EncoderBias::Frozen,
        by_sigma: true,
        is_compared: |own, other| {
            other.regularizer == own.regularizer && other.encoder_bias == EncoderBias::Trained
        },
        means: &[
            ("E[a_j], frozen", |case| case.mean(PRE_ACTIVATION)),
            ("change, trained", |case| estimate(&case.other_change())),
            ("frozen − trained", |case| estimate(&case.difference())),
            ("change, frozen", |case| estimate(&case.change())),
        ],
        judge: Some(|_, change| mark(change, [(Bad, "sparser"), (Good, "stays"), (Bad, "denser")])),
        ..FindingsTable::BASE
    }],
};

const CORRUPTION: Control = Control {
    id: "corruption",
    title: "Other corruptions of the DAE",
    question: "Do other corruptions than fresh Gaussian noise make a DAE sparse?",
    setup: "Theorem 3 derives a DAE's sparsity from fresh Gaussian noise of variance σ². With fresh noise every presentation of a \
            sample has its own, with fixed noise each sample keeps the one that was drawn first. Masking sets inputs to 0, salt \
            and pepper to their smallest or largest value; for these two the value that the tables call σ² is the probability \
            with which each input is corrupted, and no variance, so their curves have a panel of their own and can't be compared \
            with Gaussian noise at the same number.",
    source: RunSource::Own(corruption_asks),
    facet: ("σ² is", |spec| {
        let replaced = spec.regularizer.label().contains("corruption=");
        if replaced { "Replaced inputs: probability" } else { "Gaussian: variance" }.to_owned()
    }),
    x_name: "σ²: variance or probability",
    stacks: |facets| vec![stack(facets, &[ACTIVATION, DEAD])],
    numbers: |runs| table(runs, &[ACTIVATION, DEAD, RECONSTRUCTION]),
    findings: &[FindingsTable {
        caption: "each corruption at each σ²: how the activation fraction under noise that is drawn once differs from that under \
                  fresh noise, and its change since σ² = 0. Sparser: the change is below -0.02; stays, denser: it isn't; open: \
                  the interval holds both.",
        by_sigma: true,
        is_compared: |own, other| {
            other.regularizer.label() == fresh(own) && own.regularizer.label() != fresh(own)
        },
        means: &[
            ("fixed − fresh noise", |case| {
                let fresh = case.other.values_at(case.sigma, ACTIVATION.value);
                estimate(&minus(&case.values(ACTIVATION), &fresh))
            }),
            ("change", |case| estimate(&case.change())),
        ],
        judge: Some(|_, change| mark(change, [(Good, "sparser"), (Bad, "stays"), (Bad, "denser")])),
        ..FindingsTable::BASE
    }],
};

/// Nothing but DAEs and eDAEs with one draw of each sample, with several variants of at least one of them.
fn corruption_asks(runs: &Evidence<'_>) -> bool {
    let kinds = runs.distinct(|spec| spec.regularizer.kind());
    let are_corrupted = kinds.iter().all(|kind| [Kind::Dae, Kind::Edae].contains(kind));
    are_corrupted && !explanation::draws_several(runs) && runs.by_model().len() > kinds.len()
}

/// The label of the same model with fresh noise.
fn fresh(spec: &RunSpec) -> String {
    spec.regularizer.label().replace(",noise=fixed", "").replace("(noise=fixed)", "")
}

const IDENTITY: Control = Control {
    id: "identity",
    title: "Learning the identity",
    question: "Does an overcomplete auto-encoder learn the identity without a regularizer, and with one?",
    setup: "The usual reason for a regularizer is that an overcomplete auto-encoder without one learns the identity. Relative \
            errors of reconstruction, E‖x − y‖² / E‖x‖², of held-out samples, of Gaussian noise with each input's mean and \
            variance, and of the samples with their values shuffled among the inputs. What copies everything has an error near 0 \
            on all three; what has learnt the data alone reconstructs samples much better than the others, and an error of 1 is \
            that of no reconstruction at all.",
    source: RunSource::Own(identity_asks),
    facet: ("constraint", |spec| constraint(&spec.constraint.label())),
    x_name: "σ²",
    stacks: |facets| vec![stack(facets, &[HELD_OUT, NOISE, SHUFFLED])],
    numbers: |runs| table(runs, &[HELD_OUT, NOISE, SHUFFLED]),
    findings: &[FindingsTable {
        caption: "each model under each constraint, at the largest σ²: its errors, how many times that on held-out samples noise \
                  costs, and what the regularizer adds to the error on noise (AE: none). Copies: the error on noise is below 0.1; \
                  doesn't: it isn't.",
        is_compared: |own, other| {
            has_no_regularizer(other) && !has_no_regularizer(own) && other.constraint == own.constraint
        },
        words: &[("noise / held out", |case| ratio(case).unwrap_or_default())],
        means: &[
            ("held out", |case| case.mean(HELD_OUT)),
            ("shuffled", |case| case.mean(SHUFFLED)),
            ("added on noise", |case| {
                let plain = case.other.values_at(case.other.last_sigma(), NOISE.value);
                estimate(&minus(&case.values(NOISE), &plain))
            }),
            ("noise", |case| case.mean(NOISE)),
        ],
        judge: Some(|_, noise| {
            Some(if noise.mean < LARGEST_COPY_ERROR { (Bad, "copies") } else { (Good, "doesn't") })
        }),
        margins: &[LARGEST_COPY_ERROR],
        ..FindingsTable::BASE
    }],
};

/// The plain auto-encoder and others, with measured errors.
fn identity_asks(runs: &Evidence<'_>) -> bool {
    let is_measured = runs.runs.iter().any(|run| (NOISE.value)(run).is_some());
    is_measured && runs.distinct(has_no_regularizer).len() > 1
}

/// Whether a run is of the model without a regularizer, which has no σ².
fn has_no_regularizer(spec: &RunSpec) -> bool {
    spec.regularizer.kind() == Kind::None
}

/// The error on noise as a multiple of the error on held-out samples.
fn ratio(case: &ControlCase<'_>) -> Option<String> {
    let (held_out, noise) = (case.mean(HELD_OUT)?.mean, case.mean(NOISE)?.mean);
    (held_out > 0.0).then(|| format!("{:.1}", noise / held_out))
}

const PENALTY: Control = Control {
    id: "penalty",
    title: "Targets above 0, and L1",
    question: "Does the mean activation settle at ρ > 0, and does L1 do what Eq. 13 does?",
    setup: "The paper sets ρ = 0 in the SAE (Eq. 13), so that its penalty falls under Corollary 1. With ρ > 0 (Eq. 12) it rises \
            with E[h_j] only above ρ. L1 is the usual penalty for sparsity. E[h], mean over the units, is the integral of \
            Pr(h > δ) over δ from 0 on, here by trapezoids between the 24 thresholds at which activations are counted; it lies \
            between the lower and the upper sum, as far as h is at most 10. Same seeds.",
    source: RunSource::Own(penalty_asks),
    facet: ("activation", |spec| activation(&spec.activation.label())),
    x_name: "σ²",
    stacks: |facets| vec![stack(facets, &[MEAN_HIDDEN, ACTIVATION, DEAD])],
    numbers: |runs| {
        table(runs, &[MEAN_HIDDEN, LEAST_HIDDEN, MOST_HIDDEN, ACTIVATION, DEAD, PRE_ACTIVATION, VARIANCE])
    },
    findings: &[FindingsTable {
        caption: "each penalty at the largest σ²: E[h], that at σ² = 0, the sums that it lies between, and its distance from ρ. \
                  Settled: the distance is within ±0.02; off: it is beyond; open: the interval holds both.",
        words: &[("ρ", |case| target(case.spec()).map(|rho| rho.to_string()).unwrap_or_default())],
        means: &[
            ("E[h] at σ² = 0", |case| case.mean_at_zero(MEAN_HIDDEN)),
            ("E[h]", |case| case.mean(MEAN_HIDDEN)),
            ("at least", |case| case.mean(LEAST_HIDDEN)),
            ("at most", |case| case.mean(MOST_HIDDEN)),
            ("E[h] − ρ", |case| {
                let distance =
                    |run: &ControlRun<'_>| Some((MEAN_HIDDEN.value)(run)? - target(&run.stored.spec)?);
                estimate(&case.runs.values_at(case.sigma, distance))
            }),
        ],
        judge: Some(|_, distance| mark(distance, [(Bad, "off"), (Good, "settled"), (Bad, "off")])),
        ..FindingsTable::BASE
    }],
};

/// Several models, all of them SAEs or L1.
fn penalty_asks(runs: &Evidence<'_>) -> bool {
    let is_penalty = |spec: &RunSpec| [Kind::KlSae, Kind::L1].contains(&spec.regularizer.kind());
    runs.distinct(is_penalty) == [true] && runs.by_model().len() > 1
}

/// The ρ > 0 of an SAE.
fn target(spec: &RunSpec) -> Option<f64> {
    let is_sae = spec.regularizer.kind() == Kind::KlSae;
    is_sae.then(|| spec.regularizer.values().real("rho")).filter(|rho| *rho > 0.0)
}

const ACTIVATIONS: Control = Control {
    id: "activations",
    title: "New activations",
    question: "Does what the theory predicts of later activations come true?",
    setup: "Of activations that came later than the paper or that it leaves out. Corollary 1 applies to non-decreasing activations \
            with slopes in [0, 1], Corollary 2 if they are convex too; then no unit's ∂R/∂b_j is negative. Sparsity is promised \
            where Corollary 1 applies and s(a) goes to 0 for a → −∞. The properties are checked numerically; ∂R/∂b_j is the \
            penalty's, for a DAE that of Eq. 7's second-order terms, after the last epoch. What the theory doesn't cover it \
            doesn't forbid.",
    source: RunSource::Own(activations_asks),
    facet: ("activation", |spec| activation(&spec.activation.label())),
    x_name: "σ²",
    stacks: |facets| vec![stack(facets, &[ACTIVATION, NEGATIVE])],
    numbers: |runs| table(runs, &[&[ACTIVATION, DEAD, NEGATIVE], &PREDICTED[..]].concat()),
    findings: &[FindingsTable {
        caption: "each model under each activation, at the largest σ²: which corollaries apply to the activation, whether it is \
                  promised to be sparse, the change of the activation fraction since σ² = 0 (±0.02 counts as an effect), and the \
                  share of units with ∂R/∂b_j < 0. Predicted: there is none, as the model's corollary says; contradicted: there \
                  are some; expected, unexpected: the same of a DAE, whose last term of Eq. 7 section 2.2 takes to become small \
                  and no corollary covers; without a mark nothing is predicted.",
        words: &[
            ("δ_min", |case| case.spec().threshold.to_string()),
            ("Corollary 1", |case| applies(case, Properties::corollary1)),
            ("Corollary 2", |case| applies(case, Properties::corollary2)),
            ("sparsity promised", |case| applies(case, Properties::encourages_sparsity)),
        ],
        means: &[
            ("change", |case| estimate(&case.change())),
            ("share of ∂R/∂b_j < 0", |case| case.mean(NEGATIVE)),
        ],
        judge: Some(judge),
        margins: &[0.0],
        ..FindingsTable::BASE
    }],
};

/// Activations that the paper's figures don't have, with measured signs.
fn activations_asks(runs: &Evidence<'_>) -> bool {
    let is_new =
        |spec: &RunSpec| [Relu, Sigmoid, Softplus].iter().all(|k| spec.activation.label() != k.name());
    runs.distinct(is_new) == [true] && runs.runs.iter().any(|run| (NEGATIVE.value)(run).is_some())
}

fn applies(case: &ControlCase<'_>, what: fn(Properties) -> bool) -> String {
    let predicted = predicted(case.spec(), what);
    predicted.map(|yes| if yes > 0.0 { "yes" } else { "no" }).unwrap_or_default().to_owned()
}

fn judge(case: &ControlCase<'_>, share: Estimate) -> Option<Judgement> {
    let spec = case.spec();
    match (spec.regularizer.kind(), share.mean == 0.0) {
        _ if !Corollary::covers(spec) => None,
        (Kind::Dae, _) if spec.regularizer.label() != "dae" => None,
        (Kind::Dae, true) => Some((Good, "expected")),
        (Kind::Dae, false) => Some((Open, "unexpected")),
        (_, true) => Some((Good, "predicted")),
        (_, false) => Some((Bad, "contradicted")),
    }
}
