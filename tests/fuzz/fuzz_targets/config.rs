//! Configurations in TOML and JSON: what is accepted makes a plan, and its resolved settings mean the same.

#![no_main]

use aesparse::experiment::{Plan, config};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

/// The run keys of the plan; none where it has too many cells to be fuzzed, or is refused.
fn keys(config: &config::Config) -> Vec<String> {
    if config.resolved().to_string().len() > 20_000 {
        return Vec::new();
    }
    let warm_start = config.warm_start().map(|_| "0123456789abcdef".to_owned());
    Plan::new(config, "data", "0".repeat(64), 100, 5, warm_start)
        .map(|plan| plan.trainings.into_iter().map(|training| training.key).collect())
        .unwrap_or_default()
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for name in ["c.toml", "c.json"] {
        let Ok(read) = config::parse(text, Path::new(name), &[]) else { continue };
        let resolved = read.located().to_string();
        let again = config::parse(&resolved, Path::new("c.json"), &[]);
        let again = again.unwrap_or_else(|error| panic!("{resolved} is refused: {error}"));
        assert_eq!(again.located().to_string(), resolved);
        assert_eq!(keys(&read), keys(&again));
    }
});
