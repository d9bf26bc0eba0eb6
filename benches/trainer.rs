//! Times steps of the real trainer for the comparison with other programs and prints one number, µs a step.
//!
//! `cargo bench --bench trainer -- MODEL ACTIVATION INPUTS STEPS ACTIVE [THREADS [HIDDEN BATCH]]`, for instance
//! `none relu 784 1000 0.5` or `none sigmoid 1024 20 1 2 8192 512`.

#![allow(clippy::print_stdout)]

mod case;

use aesparse::linalg::Team;
use aesparse::training::{Run, Samples};
use std::time::Instant;

fn main() {
    // `cargo bench` adds `--bench` to the arguments, and runs every bench target when none is named.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [model, activation, inputs, steps, active, more @ ..] = &arguments[..] else {
        println!("trainer: MODEL ACTIVATION INPUTS STEPS ACTIVE were not given, nothing was timed");
        return;
    };
    let number = |text: &String| -> usize { text.parse().expect("a whole number") };
    let (inputs, steps) = (number(inputs), number(steps));
    let active = active.parse().expect("ACTIVE is a fraction");
    let mut spec = case::spec(model, activation, inputs);
    if let [_, hidden, batch] = more {
        (spec.hidden, spec.batch) = (number(hidden), number(batch));
    }
    let spec = spec.classified();
    let samples = case::samples(inputs);
    let data = Samples { train: samples.view(), held_out: None };
    let run = Run::new(&spec, data, Some(&case::start(&spec, active)));
    let seconds = Team::assemble(more.first().map_or(1, number), |team| {
        let mut run = run.with_team(team);
        for _ in 0..steps.min(100) {
            run.step().expect("finite");
        }
        let start = Instant::now();
        for _ in 0..steps {
            run.step().expect("finite");
        }
        start.elapsed().as_secs_f64()
    });
    println!("{:.1}", seconds * 1e6 / steps as f64);
}
