//! The tables' bytes.

use super::{measurement, spec};
use aesparse::store::{Record, StoredRun, epochs_csv, run_columns, runs_csv};
use aesparse::training::{Outcome, Status};
use std::sync::Arc;

const VERSION: &str = env!("CARGO_PKG_VERSION");
const DATA: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A completed run with a penalty, the shared run at σ² = 0 under two names, and one that diverged.
fn rows() -> Vec<StoredRun> {
    let completed = |sigma_squared| Outcome {
        status: Status::Completed,
        measurements: vec![measurement(0, sigma_squared), measurement(2, sigma_squared)],
        activity: None,
    };
    let shared = Arc::new(Record::new(&spec("dae", 0.0).canonical(), completed(0.0)));
    let kl_sae = spec("kl_sae", 0.01);
    let status = Status::Diverged { epoch: 2, step: 5 };
    let dae = spec("dae", 1.0);
    let cell =
        |spec, record| StoredRun { name: "demo".to_owned(), dataset: "mnist".to_owned(), spec, record };
    vec![
        cell(spec("dae", 0.0), Arc::clone(&shared)),
        cell(
            dae.clone(),
            Arc::new(Record::new(
                &dae,
                Outcome {
                    status,
                    measurements: vec![measurement(0, 1.0), measurement(1, 1.0)],
                    activity: None,
                },
            )),
        ),
        cell(spec("kl_sae", 0.0), shared),
        cell(kl_sae.clone(), Arc::new(Record::new(&kl_sae, completed(0.01)))),
    ]
}

#[test]
fn runs_have_the_columns_of_the_contract_in_its_order() {
    let names: Vec<_> = run_columns().map(|column| column.name).collect();
    let contract = "name, dataset, data_sha256, samples, inputs, hidden, activation, threshold, constraint, \
        regularizer, sigma_squared, seed, learning_rate, momentum, batch, epochs, status, diverged_epoch, \
        diverged_step, avg_activation_fraction, alive_activation_fraction, dead_units, dead_fraction, \
        mean_pre_activation, variance_pre_activation, mean_weight_norm, zero_rows, reconstruction, penalty, \
        fraction_variance_unexplained, held_out_activation_fraction, held_out_reconstruction, rho_max_hits, \
        rho_min_hits, run_key, version, encoder_bias";
    assert_eq!(names.join(", "), contract);
}

#[test]
fn runs_are_written_as_expected_to_the_byte() {
    let rows = rows();
    let key = |i: usize| rows[i].record.run_key.clone();
    assert_eq!(key(0), key(2), "one run stands for both cells at σ² = 0");
    let (shared, diverged, kl_sae) = (key(0), key(1), key(3));
    let header: Vec<_> = run_columns().map(|column| column.name).collect();
    let expected = format!(
        "{}\n\
         demo,mnist,{DATA},30,4,3,relu,0,unit_norm,dae,0,1,0.001,0.9,10,2,completed,,,\
         0.3333333333333333,,0,0,-1e-7,2,1,0,1e16,,0.25,,,,,{shared},{VERSION},trained\n\
         demo,mnist,{DATA},30,4,3,relu,0,unit_norm,dae,1,1,0.001,0.9,10,2,diverged,2,5,\
         ,,,,,,,,,,,,,,,{diverged},{VERSION},trained\n\
         demo,mnist,{DATA},30,4,3,relu,0,unit_norm,kl_sae(rho=0.05),0,1,0.001,0.9,10,2,completed,,,\
         0.3333333333333333,,0,0,-1e-7,2,1,0,1e16,,0.25,,,,,{shared},{VERSION},trained\n\
         demo,mnist,{DATA},30,4,3,relu,0,unit_norm,kl_sae(rho=0.05),0.01,1,0.001,0.9,10,2,completed,,,\
         0.33222591362126247,,0,0,-1e-7,2,1,0,1e16,0.005,0.25,,,7,,{kl_sae},{VERSION},trained\n",
        header.join(",")
    );
    assert_eq!(String::from_utf8(runs_csv(&rows)).unwrap(), expected);
}

#[test]
fn epochs_are_written_as_expected_to_the_byte() {
    let rows = &rows()[1..2];
    let key = &rows[0].record.run_key;
    let line = |epoch: u32, loss: &str| {
        format!(
            "demo,mnist,relu,unit_norm,dae,1,1,0.001,{key},{epoch},\
             0.25,,0,0,-1e-7,2,1,0,1e16,0.5,0.25,,,7,,{loss},{VERSION},trained\n"
        )
    };
    let header = "name,dataset,activation,constraint,regularizer,sigma_squared,seed,learning_rate,run_key,epoch,\
        avg_activation_fraction,alive_activation_fraction,dead_units,dead_fraction,mean_pre_activation,\
        variance_pre_activation,mean_weight_norm,zero_rows,reconstruction,penalty,fraction_variance_unexplained,\
        held_out_activation_fraction,held_out_reconstruction,rho_max_hits,rho_min_hits,training_loss,version,\
        encoder_bias\n";
    let expected = [header, &line(0, ""), &line(1, "0.30000000000000004")].concat();
    assert_eq!(String::from_utf8(epochs_csv(rows)).unwrap(), expected);
}

#[test]
fn names_with_commas_and_quotes_are_quoted() {
    let run = StoredRun { dataset: "my \"own\", data".to_owned(), ..rows().remove(0) };
    let table = runs_csv(&[run]);
    let mut reader = csv::Reader::from_reader(table.as_slice());
    assert_eq!(&reader.records().next().unwrap().unwrap()[1], "my \"own\", data");
}

#[test]
fn without_rows_a_table_is_its_header() {
    assert_eq!(runs_csv(&[]).iter().filter(|byte| **byte == b'\n').count(), 1);
}
