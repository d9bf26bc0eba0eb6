//! Checkpoints: what is accepted is gone on from, to the end.

#![no_main]

use aesparse::experiment::{Executor, Supervisor, Trainer};
use aesparse::linalg::Team;
use aesparse::training::{Checkpoint, Measurement, Next, Observer};
use aesparse_fuzz::{Sweep, file, sweep};
use libfuzzer_sys::fuzz_target;

struct Patient;

impl Observer for Patient {
    fn epoch(&mut self, _: u32, _: f64, _: &Measurement) {}
}

impl Supervisor for Patient {
    fn restarts(&mut self) {}
    fn next(&mut self) -> Next {
        Next::Continue
    }
    fn save(&mut self, _: &Checkpoint<f32>) {}
}

fuzz_target!(|bytes: &[u8]| {
    let Sweep { plan, dataset, store } = sweep();
    for training in &plan.trainings {
        file(&format!("results/sweep/checkpoints/{}.safetensors", training.key), bytes);
        if let Ok(Some(stored)) = store.checkpoint(&training.key, true) {
            Trainer::new(plan, dataset, None).train(training, Some(stored.checkpoint), &Team::alone(), &mut Patient);
        }
    }
});
