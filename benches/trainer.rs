//! Times steps of the real trainer for the comparison with other programs and prints one number, µs a step.
//!
//! `cargo bench --bench trainer -- MODEL ACTIVATION INPUTS STEPS ACTIVE`, for instance `none relu 784 1000 0.5`.

#![allow(clippy::print_stdout)]

mod case;

use aesparse::training::{Run, Samples};
use std::time::Instant;

fn main() {
    // `cargo bench` adds `--bench` to the arguments, and runs every bench target when none is named.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [model, activation, inputs, steps, active] = &arguments[..] else {
        println!("trainer: MODEL ACTIVATION INPUTS STEPS ACTIVE were not given, nothing was timed");
        return;
    };
    let inputs = inputs.parse().expect("INPUTS is a whole number");
    let steps: u32 = steps.parse().expect("STEPS is a whole number");
    let active = active.parse().expect("ACTIVE is a fraction");
    let spec = case::spec(model, activation, inputs);
    let samples = case::samples(inputs);
    let data = Samples { train: samples.view(), held_out: None };
    let mut run = Run::new(&spec, data, Some(&case::start(&spec, active)));
    for _ in 0..100 {
        run.step().expect("finite");
    }
    let start = Instant::now();
    for _ in 0..steps {
        run.step().expect("finite");
    }
    println!("{:.1}", start.elapsed().as_secs_f64() * 1e6 / f64::from(steps));
}
