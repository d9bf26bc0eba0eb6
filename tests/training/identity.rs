//! What makes two runs the same run.

use super::{dae, with};
use aesparse::activation::ActivationKind;
use aesparse::constraint::Constraint;
use aesparse::data::{Precision, Standardize};
use aesparse::optimizer::EncoderBias;
use aesparse::regularizer::{RegularizerKind, RegularizerSpec};
use aesparse::training::{RunSpec, key_of, settings_of};

#[test]
fn the_run_key_follows_from_everything_that_changes_numbers() {
    let base = with("cae", 0.1);
    let changes: [fn(&mut RunSpec); 22] = [
        |s| s.data_sha256.push('x'),
        |s| s.samples += 1,
        |s| s.inputs += 1,
        |s| s.standardize = Standardize::Feature { epsilon: 0.1 },
        |s| s.standardized_from = Precision::Double,
        |s| s.hidden += 1,
        |s| s.activation = ActivationKind::Relu,
        |s| s.threshold = 0.2,
        |s| s.constraint = Constraint::MaxNorm { radius: 2.0 },
        |s| s.decoder_bias = true,
        |s| s.encoder_bias = EncoderBias::Frozen,
        |s| s.warm_start = Some("digest".to_owned()),
        |s| s.regularizer = RegularizerSpec::new(RegularizerKind::Mdae, &[]).unwrap(),
        |s| s.regularizer = dae(&[], 0.1).regularizer,
        |s| s.regularizer = dae(&[("corruption", "masking")], 0.1).regularizer,
        |s| s.regularizer = dae(&[("corruption", "masking"), ("noise", "fixed")], 0.1).regularizer,
        |s| s.sigma_squared = 0.2,
        |s| s.seed += 1,
        |s| s.learning_rate = 0.02,
        |s| s.momentum = 0.8,
        |s| s.batch += 1,
        |s| s.epochs += 1,
    ];
    let mut keys = vec![base.key()];
    for change in changes {
        let mut spec = base.clone();
        change(&mut spec);
        keys.push(spec.key());
    }
    keys.push(RunSpec { shuffle: false, ..base.clone() }.key());
    assert!(keys.iter().all(|key| key.len() == 16 && key.bytes().all(|b| b.is_ascii_hexdigit())));
    let count = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), count, "two different runs share a key");
    assert_eq!(base.key(), with("cae", 0.1).key());
}

/// What was recorded before there were corruptions, noise drawn once, a frozen bias and samples in double precision is found as
/// before.
#[test]
fn settings_that_came_later_change_no_identity_at_their_defaults() {
    const RECORDED: &str = r#"{"activation":"sigmoid","batch":10,"constraint":{"kind":"unit_norm"},"data_sha256":"test",
        "decoder_bias":false,"epochs":3,"hidden":9,"inputs":7,"learning_rate":0.01,"momentum":0.9,"numerics":2,
        "regularizer":~,"samples":43,"seed":3,"shuffle":true,"sigma_squared":0.1,"standardize":{"scope":"none"},
        "threshold":0.1,"warm_start":null}"#;
    let identity = |regularizer| RECORDED.replace("\n        ", "").replace('~', regularizer);
    for (spec, regularizer) in [
        (with("dae", 0.1), r#"{"kind":"dae"}"#),
        (dae(&[("corruption", "gaussian"), ("noise", "fresh")], 0.1), r#"{"kind":"dae"}"#),
        (with("edae", 0.1), r#"{"kind":"edae"}"#),
        (with("corollary1", 0.1), r#"{"f":"identity","kind":"corollary1"}"#),
        (with("kl_sae", 0.1), r#"{"kind":"kl_sae","rho":0.0,"rho_max":0.99,"rho_min":0.001}"#),
    ] {
        assert_eq!(spec.identity().to_string(), identity(regularizer));
        assert_eq!(settings_of(&spec.identity())["encoder_bias"], "trained");
        assert_eq!(settings_of(&spec.identity())["standardized_from"], "f32");
    }
    let fixed = dae(&[("noise", "fixed")], 0.1);
    let frozen = RunSpec { encoder_bias: EncoderBias::Frozen, ..fixed.clone() };
    assert_eq!(fixed.identity()["regularizer"].to_string(), r#"{"kind":"dae","noise":"fixed"}"#);
    assert_eq!(frozen.identity()["encoder_bias"], "frozen");
    assert_eq!(settings_of(&frozen.identity())["encoder_bias"], "frozen");
    assert_eq!(key_of(&frozen.identity()), frozen.key());
    let double = RunSpec { standardized_from: Precision::Double, ..fixed };
    assert_eq!(settings_of(&double.identity())["standardized_from"], "f64");
}
