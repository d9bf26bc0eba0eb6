//! What makes two runs the same run.

use super::{ANTITHETIC, DRAWS, dae, dae_with, with};
use aesparse::activation::{ActivationKind, ActivationSpec};
use aesparse::constraint::Constraint;
use aesparse::data::{HeldOutIdentity, Precision, Standardize};
use aesparse::linalg::ShapeClass;
use aesparse::optimizer::EncoderBias;
use aesparse::parameter::Value;
use aesparse::regularizer::{RegularizerKind, RegularizerSpec};
use aesparse::training::RunSpec;
use serde_json::{Value as Json, json};

#[test]
fn the_run_key_follows_from_everything_that_changes_numbers() {
    let base = with("cae", 0.1);
    let changes: [fn(&mut RunSpec); 30] = [
        |s| s.data_sha256.push('x'),
        |s| s.samples += 1,
        |s| s.inputs += 1,
        |s| s.standardize = Standardize::Feature { epsilon: 0.1 },
        |s| s.standardize = Standardize::Global { epsilon: 0.1 },
        |s| s.standardized_from = Precision::Double,
        |s| s.held_out = Some(HeldOutIdentity::Share { share: 0.1, seed: 1 }),
        |s| s.held_out = Some(HeldOutIdentity::Share { share: 0.1, seed: 2 }),
        |s| s.held_out = Some(HeldOutIdentity::Other { sha256: "digest".to_owned() }),
        |s| s.hidden += 1,
        |s| s.activation = ActivationKind::Relu.into(),
        |s| s.threshold = 0.2,
        |s| s.constraint = Constraint::MaxNorm { radius: 2.0 },
        |s| s.constraint = Constraint::UnitNormTangent,
        |s| s.decoder_bias = true,
        |s| s.encoder_bias = EncoderBias::Frozen,
        |s| s.warm_start = Some("digest".to_owned()),
        |s| s.regularizer = RegularizerSpec::new(RegularizerKind::Mdae, &[]).unwrap(),
        |s| s.regularizer = dae(&[], 0.1).regularizer,
        |s| s.regularizer = dae(&[("corruption", "masking")], 0.1).regularizer,
        |s| s.regularizer = dae(&[("corruption", "masking"), ("noise", "fixed")], 0.1).regularizer,
        |s| s.regularizer = dae_with(&[DRAWS], 0.1).regularizer,
        |s| s.regularizer = dae_with(&[DRAWS, ANTITHETIC], 0.1).regularizer,
        |s| s.sigma_squared = 0.2,
        |s| s.seed += 1,
        |s| s.learning_rate = 0.02,
        |s| s.momentum = 0.8,
        |s| s.batch += 1,
        |s| s.shape_class = ShapeClass::LargeBatch,
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

/// What was recorded before there were corruptions, noise drawn once, several draws, a frozen bias, tangent updates and samples in
/// double precision is found as before.
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
        (
            dae_with(&[("draws", Value::Integer(1)), ("pairing", Value::Choice("independent"))], 0.1),
            r#"{"kind":"dae"}"#,
        ),
        (with("edae", 0.1), r#"{"kind":"edae"}"#),
        (with("corollary1", 0.1), r#"{"f":"identity","kind":"corollary1"}"#),
        (with("kl_sae", 0.1), r#"{"kind":"kl_sae","rho":0.0,"rho_max":0.99,"rho_min":0.001}"#),
    ] {
        assert_eq!(spec.identity().to_string(), identity(regularizer));
        assert_eq!(spec.settings()["encoder_bias"], "trained");
        assert_eq!(spec.settings()["standardized_from"], "f32");
    }
    let tangent = RunSpec { constraint: Constraint::UnitNormTangent, ..with("dae", 0.1) };
    assert_eq!(tangent.identity()["constraint"].to_string(), r#"{"kind":"unit_norm","update":"tangent"}"#);
    let fixed = dae(&[("noise", "fixed")], 0.1);
    let frozen = RunSpec { encoder_bias: EncoderBias::Frozen, ..fixed.clone() };
    assert_eq!(fixed.identity()["regularizer"].to_string(), r#"{"kind":"dae","noise":"fixed"}"#);
    assert_eq!(frozen.identity()["encoder_bias"], "frozen");
    assert_eq!(frozen.settings()["encoder_bias"], "frozen");
    let identity = |given: &[_]| dae_with(given, 0.1).identity()["regularizer"].to_string();
    assert_eq!(identity(&[DRAWS]), r#"{"draws":4,"kind":"dae"}"#);
    assert_eq!(identity(&[DRAWS, ANTITHETIC]), r#"{"draws":4,"kind":"dae","pairing":"antithetic"}"#);
    let double = RunSpec { standardized_from: Precision::Double, ..fixed };
    assert_eq!(double.settings()["standardized_from"], "f64");
}

/// The class of a shape is part of the identity where it decides which products are computed, and only there.
#[test]
fn the_shape_class_of_large_batches_is_part_of_the_identity_under_relu() {
    let with_batch = |batch: usize, activation: ActivationKind| {
        let spec = RunSpec { samples: 1000, batch, activation: activation.into(), ..with("dae", 0.1) };
        spec.classified()
    };
    let class = |spec: &RunSpec| spec.identity().get("shape_class").cloned();
    let large = with_batch(128, ActivationKind::Relu);
    assert_eq!(class(&large), Some("large_batch".into()));
    assert_eq!(class(&with_batch(127, ActivationKind::Relu)), None);
    assert_eq!(class(&with_batch(128, ActivationKind::Sigmoid)), None);
    // A batch has at most all samples.
    assert_eq!(class(&RunSpec { samples: 100, ..large.clone() }.classified()), None);
    let protocols =
        [large, with_batch(128, ActivationKind::Sigmoid)].map(|spec| spec.protocol(&["activation"]));
    assert_eq!(protocols[0], protocols[1]);
}

#[test]
fn an_identity_reads_back_as_the_same_run() {
    let with_all = RunSpec {
        encoder_bias: EncoderBias::Frozen,
        standardized_from: Precision::Double,
        standardize: Standardize::Sample { epsilon: 0.1 },
        constraint: Constraint::MaxNorm { radius: 2.0 },
        warm_start: Some("digest".to_owned()),
        held_out: Some(HeldOutIdentity::Share { share: 0.1 + 0.2, seed: u64::MAX }),
        seed: u64::MAX,
        learning_rate: 0.1 + 0.2,
        shape_class: ShapeClass::BeyondCaches,
        ..dae(&[("noise", "fixed")], 1.0)
    };
    let tangent = RunSpec {
        standardize: Standardize::Global { epsilon: 0.1 },
        held_out: Some(HeldOutIdentity::Other { sha256: "digest".to_owned() }),
        constraint: Constraint::UnitNormTangent,
        ..with("cae", 0.1)
    };
    let masking = dae(&[("corruption", "masking")], 0.1);
    let paired = dae_with(&[DRAWS, ANTITHETIC], 0.1);
    for spec in [with("cae", 0.1), with("kl_sae", 1.0), masking, paired, with_all, tangent] {
        let read: RunSpec = serde_json::from_str(&spec.identity().to_string()).unwrap();
        assert_eq!(read, spec);
        assert_eq!(read.key(), spec.key());
    }
}

/// Records of a later version, or of a program with its own models, keep their keys here.
#[test]
fn what_this_program_does_not_know_stays_in_an_identity() {
    let mut identity = with("cae", 0.1).identity();
    let own = json!({"kind": "smooth_l1", "weight": 0.5, "power": 2, "form": "soft"});
    let later = json!({"kind": "dae", "colour": "pink"});
    for (key, value) in [("regularizer", own), ("regularizer", later), ("dropout", json!({"share": [0.5]}))] {
        identity[key] = value.clone();
        let spec: RunSpec = serde_json::from_value(identity.clone()).unwrap();
        assert_eq!(spec.identity(), identity);
        let kind = value["kind"].as_str().unwrap_or("dae");
        assert_eq!(spec.regularizer.kind().name(), kind);
        assert!(matches!(spec.regularizer.kind(), RegularizerKind::Unknown(_)), "not the model of that name");
    }
    let read =
        |identity: &Json| serde_json::from_value::<RunSpec>(identity.clone()).map_err(|e| e.to_string());
    identity["constraint"] = json!({"kind": "cube"});
    assert_eq!(read(&identity).unwrap_err(), "unknown constraint `cube`");
    identity["constraint"] = json!({"kind": "unit_norm"});
    identity["seed"] = json!(-1);
    assert!(read(&identity).is_err());
}

/// A run of results/control_activations_mnist, whose key was made before activations had parameters.
#[test]
fn a_slope_is_part_of_a_key_only_off_its_default() {
    const RECORDED: &str = r#"{"activation":"leaky_relu","batch":50,"constraint":{"kind":"unit_norm"},
        "data_sha256":"ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db","decoder_bias":false,"epochs":10,
        "hidden":1000,"inputs":784,"learning_rate":0.001,"momentum":0.9,"numerics":2,"regularizer":{"kind":"cae"},
        "samples":50000,"seed":1,"shuffle":true,"sigma_squared":1.0,"standardize":{"epsilon":0.1,"scope":"feature"},
        "threshold":0.0,"warm_start":null}"#;
    let recorded: RunSpec = serde_json::from_str(RECORDED).unwrap();
    let slope =
        |slope| ActivationSpec::new(ActivationKind::LeakyRelu, &[("slope", Value::Real(slope))]).unwrap();
    assert_eq!(recorded.key(), "0626b6dc00500bb9");
    assert_eq!(RunSpec { activation: slope(0.01), ..recorded.clone() }.key(), recorded.key());
    let steep = RunSpec { activation: slope(0.2), ..recorded.clone() };
    assert_ne!(steep.key(), recorded.key());
    assert_eq!(steep.identity()["activation"], json!({"kind": "leaky_relu", "slope": 0.2}));
    assert_eq!(serde_json::from_value::<RunSpec>(steep.identity()).unwrap(), steep);
}

/// Results of a program with its own activations are read and keep their keys, but nothing can be computed with them.
#[test]
fn an_activation_of_another_program_stays_in_an_identity() {
    let mut identity = with("cae", 0.1).identity();
    for (value, label) in [
        (json!("squared_relu"), "squared_relu"),
        (json!({"kind": "power_relu", "power": 3}), "power_relu(power=3)"),
        (json!({"kind": "leaky_relu", "slope": 2.0}), "leaky_relu(slope=2)"),
    ] {
        identity["activation"] = value;
        let spec: RunSpec = serde_json::from_value(identity.clone()).unwrap();
        assert_eq!(spec.identity(), identity);
        assert_eq!((spec.activation.label().as_str(), spec.activation.known()), (label, None));
    }
}

#[test]
fn a_label_reads_back_as_the_same_model() {
    let masking = dae(&[("corruption", "masking"), ("noise", "fixed")], 0.1).regularizer;
    for spec in [with("cae", 0.1).regularizer, masking] {
        assert_eq!(RegularizerSpec::from_label(&spec.label()), Some(spec));
    }
    for label in ["smooth_l1", "smooth_l1(form=soft,power=2,weight=0.5)"] {
        let spec = RegularizerSpec::from_label(label).unwrap();
        assert_eq!((spec.label().as_str(), spec.kind().name()), (label, "smooth_l1"));
    }
    for bad in ["kl_sae(rho=2)", "kl_sae(rho=x)", "kl_sae(colour=1)", "dae(noise=loud)"] {
        assert_eq!(RegularizerSpec::from_label(bad), None, "{bad}");
    }
}
