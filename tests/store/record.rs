//! Records: bit for bit there and back, and no damage goes unseen.

use super::{measurement, spec};
use aesparse::store::Record;
use aesparse::training::{Activity, Measurement, Outcome, Status, THRESHOLDS};
use proptest::prelude::*;
use std::fs;

fn record() -> Record {
    let mut measurements: Vec<_> = (0..=2).map(|epoch| measurement(epoch, 0.01)).collect();
    measurements[2].avg_activation_fraction = 30.0 / 90.0;
    let activity = Some(Activity {
        active_samples: vec![10, 5, 15],
        pairs_above: vec![30; THRESHOLDS.len()],
        units_never_above: vec![0; THRESHOLDS.len()],
    });
    Record::new(&spec("kl_sae", 0.01), Outcome { status: Status::Completed, measurements, activity })
}

fn bits(measured: &Measurement) -> Vec<Option<u64>> {
    let m = measured;
    let numbers = [
        m.training_loss,
        Some(m.avg_activation_fraction),
        m.alive_activation_fraction,
        Some(m.dead_fraction),
        Some(m.mean_pre_activation),
        Some(m.variance_pre_activation),
        Some(m.mean_weight_norm),
        Some(m.reconstruction),
        m.penalty,
        m.fraction_variance_unexplained,
        m.held_out_activation_fraction,
        m.held_out_reconstruction,
    ];
    numbers.into_iter().map(|number| number.map(f64::to_bits)).collect()
}

fn finite() -> impl Strategy<Value = f64> {
    let awkward = prop::sample::select(vec![
        0.0,
        -0.0,
        0.1 + 0.2,
        f64::MIN_POSITIVE,
        5e-324,
        f64::MAX,
        1.0 / 3.0,
        9_007_199_254_740_993.0,
        2.225_073_858_507_201e-308,
    ]);
    prop_oneof![awkward, any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |x| x.is_finite())]
}

proptest! {
    #[test]
    fn numbers_come_back_bit_for_bit(
        numbers in prop::array::uniform6(finite()), absent: bool, hits: u64, step: u64,
    ) {
        let mut record = record();
        let [a, b, c, d, e, f] = numbers;
        record.measurements[1] = Measurement {
            training_loss: Some(a),
            avg_activation_fraction: b,
            alive_activation_fraction: (!absent).then_some(c),
            variance_pre_activation: d,
            reconstruction: e,
            penalty: absent.then_some(f),
            rho_max_hits: Some(hits),
            ..record.measurements[1].clone()
        };
        (record.status, record.activity) = (Status::Diverged { epoch: 2, step }, None);
        let back = Record::decode(&record.encode().unwrap()).unwrap();
        prop_assert_eq!(bits(&back.measurements[1]), bits(&record.measurements[1]));
        prop_assert_eq!(&back, &record);
        prop_assert_eq!(back.encode().unwrap(), record.encode().unwrap());
    }

    #[test]
    fn a_changed_byte_is_seen_or_changes_nothing(at: prop::sample::Index, change in 1_u8..) {
        let record = record();
        let mut bytes = record.encode().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= change;
        // Between the values, one kind of white space may stand for another.
        if let Ok(read) = Record::decode(&bytes) {
            prop_assert_eq!(read, record);
        }
    }

    #[test]
    fn a_cut_record_is_seen(length: prop::sample::Index) {
        let bytes = record().encode().unwrap();
        // All but the newline at the end.
        let cut = &bytes[..length.index(bytes.len() - 1)];
        prop_assert!(Record::decode(cut).is_err());
    }
}

#[test]
fn what_is_wrong_is_said_with_the_file_and_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let record = record();
    let whole = String::from_utf8(record.encode().unwrap()).unwrap();
    let path = folder.path().join(format!("{}.json", record.run_key));
    fs::write(&path, &whole).unwrap();
    assert_eq!(Record::load(&path).unwrap(), record);

    let other_name = folder.path().join("0000000000000000.json");
    fs::write(&other_name, &whole).unwrap();
    let message = Record::load(&other_name).unwrap_err().to_string();
    assert!(message.contains("0000000000000000.json") && message.contains(&record.run_key), "{message}");

    for (content, problem) in [
        ("{\"a\": 1}".to_owned(), "no format marker"),
        ("not JSON".to_owned(), "not a record"),
        (whole.replace("record 1", "record 9"), "its format is `aesparse record 9`"),
        (whole.replace("\"dead_units\": 0", "\"dead_units\": 1"), "does not match its digest"),
        (whole.replace("\"seed\": 1", "\"seed\": 2"), "does not match its digest"),
        (whole.replace("\"sha256\"", "\"digest\""), "its digest is missing"),
    ] {
        fs::write(&path, &content).unwrap();
        let message = Record::load(&path).unwrap_err().to_string();
        for part in [path.to_str().unwrap(), problem, "move it away", "sets it aside"] {
            assert!(message.contains(part), "{message} lacks {part}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), content, "it is left as it is");
    }
}

#[test]
fn what_cant_be_stored_is_refused() {
    for (change, problem) in [
        ((|r| r.measurements[1].penalty = Some(f64::INFINITY)) as fn(&mut Record), "`penalty` of epoch 1"),
        (|r| r.measurements.swap(0, 1), "not in the order"),
        (|r| r.measurements.truncate(2), "its last epoch was not measured"),
        (|r| r.measurements[2].dead_units = 1, "its `activity` and its last measurement do not agree"),
        (|r| r.activity.as_mut().unwrap().active_samples[0] = 11, "do not agree"),
        (|r| r.activity.as_mut().unwrap().active_samples.truncate(2), "for each unit and threshold"),
        (|r| r.activity.as_mut().unwrap().pairs_above.truncate(2), "for each unit and threshold"),
        (|r| r.status = Status::Diverged { epoch: 2, step: 3 }, "but it diverged"),
        (|r| r.run_key = "0000000000000000".to_owned(), "its settings have the key"),
    ] {
        let mut record = record();
        change(&mut record);
        let message = record.encode().unwrap_err();
        assert!(message.contains(problem), "{message}");
    }
}

#[test]
fn of_a_diverged_run_the_finite_measurements_are_kept() {
    let mut measurements: Vec<_> = (0..=2).map(|epoch| measurement(epoch, 1.0)).collect();
    measurements[1].reconstruction = f64::INFINITY;
    let status = Status::Diverged { epoch: 2, step: 5 };
    let record = Record::new(&spec("dae", 1.0), Outcome { status, measurements, activity: None });
    assert_eq!(record.measurements, [measurement(0, 1.0)]);
    assert_eq!(record.result(), None);
    assert_eq!(Record::decode(&record.encode().unwrap()).unwrap(), record);
}
