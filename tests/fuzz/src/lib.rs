//! What the targets have in common: files in memory, and a small finished sweep.

use aesparse::data::{self, Dataset, Hints, Locations};
use aesparse::experiment::{ExecutionOptions, Plan, Trainer, config, execute};
use aesparse::store::Store;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

/// A folder of this process, in memory where there is such a place.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let make = || {
        let memory = Path::new("/dev/shm");
        let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        made.expect("a folder for the inputs")
    };
    FOLDER.get_or_init(make).path()
}

/// The file `name` in that folder, with the content `bytes`.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder().join(name);
    let parent = path.parent().expect("it is in the folder");
    fs::create_dir_all(parent).expect("its folder can be made");
    fs::write(&path, bytes).expect("it can be written");
    path
}

const CONFIG: &str = r#"
data.source = { kind = "synthetic", samples = 20, inputs = 5, atoms = 4, active = 2 }
model = { hidden = 6, decoder_bias = true }
training = { epochs = 3, batch = 8 }
sweep = { sigma_squared = [0, 0.4], regularizer = ["dae", "kl_sae"], activation = ["relu", "sigmoid"] }
theory = { every = 1, samples = 10 }
evaluation.distribution = true
"#;

/// A finished sweep and the folder with its results, `results/sweep` of [`folder`].
pub struct Sweep {
    pub plan: Plan,
    pub dataset: Dataset,
    pub store: Store,
}

/// The sweep, trained by the first call.
pub fn sweep() -> &'static Sweep {
    static SWEEP: OnceLock<Sweep> = OnceLock::new();
    SWEEP.get_or_init(|| {
        let config = config::parse(CONFIG, Path::new("sweep.toml"), &[]).expect("the configuration is right");
        let dataset = data::load(config.data(), &Locations::new(&Hints::default())).expect("the data are made");
        let plan = Plan::of(&config, &dataset, None).expect("it fits");
        let store = Store::open(&folder().join("results"), &plan.name).expect("the folder can be made");
        let digests = BTreeMap::from([("data".to_owned(), dataset.sha256.clone())]);
        let keys = plan.keys();
        store.begin_session(keys, config.resolved(), digests, true, |_| true).expect("the session begins");
        let control = ExecutionOptions { jobs: 1, threads: Some(1), checkpoint_every: None, resume_anywhere: false, stop: &AtomicBool::new(false) };
        let summary = execute(&plan, &plan, &store, &Trainer::new(&plan, &dataset, None), control, &());
        assert!(summary.expect("it can be trained").failures.is_empty());
        store.end_session(true).expect("the session ends");
        // A run that was looked at: the report draws its charts from the record.
        for name in ["curves.svg", "activation_histogram.svg", "distribution.svg"] {
            file(&format!("results/sweep/inspect/{}/{name}", plan.trainings[1].key), b"");
        }
        Sweep { plan, dataset, store }
    })
}

/// Each kind of file in the sweep's results, by its path in their folder.
pub fn results_files() -> Vec<PathBuf> {
    let Sweep { plan, .. } = sweep();
    let key = &plan.trainings[1].key;
    let mut files = vec!["runs.csv".into(), "manifest.json".into()];
    files.extend(["records", "theory", "distribution"].map(|kind| Path::new(kind).join(format!("{key}.json"))));
    files
}
