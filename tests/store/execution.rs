//! The sweep: the same bytes whatever the jobs and interruptions, and no result lost to another's failure.

use super::{Mock, SWEEP, control, files, plan};
use aesparse::experiment::{
    ExecutionOptions, Executor, MissingCounts, Plan, Reporter, Summary, Supervisor, SweepFailure, Training,
    WeightsOutput, assemble, execute,
};
use aesparse::linalg::Team;
use aesparse::store::{
    DistributionRecord, LEASE_TIMEOUT, Moment, Record, SideRecord as _, Store, TheoryRecord, Weights,
    load_records, weights_path,
};
use aesparse::training::{Checkpoint, Measurement, Outcome, Status, TheoryOutcome, TheorySpec, Trained};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

fn sweep(root: &Path, plan: &Plan, executor: &impl Executor, jobs: usize) -> Summary {
    let store = Store::open(root, &plan.name).unwrap();
    execute(plan, plan, &store, executor, control(jobs), &()).unwrap()
}

fn uninterrupted(plan: &Plan) -> BTreeMap<String, Vec<u8>> {
    let root = tempfile::tempdir().unwrap();
    sweep(root.path(), plan, &Mock::default(), 1);
    files(&root.path().join("sweep"))
}

#[test]
fn every_run_is_trained_once_and_every_cell_has_its_row() {
    let root = tempfile::tempdir().unwrap();
    let plan = plan(SWEEP);
    assert_eq!((plan.cells.len(), plan.trainings.len()), (12, 10));
    let summary = sweep(root.path(), &plan, &Mock::default(), 2);
    assert_eq!((summary.completed, summary.diverged, summary.reused, summary.unfinished), (9, 1, 0, 0));
    assert!(summary.failures.is_empty() && summary.warnings.is_empty(), "{summary:?}");
    assert!(summary.rows.iter().map(|row| &row.spec).eq(plan.cells.iter().map(|cell| &cell.spec)));
    let runs = fs::read_to_string(root.path().join("sweep/runs.csv")).unwrap();
    assert_eq!(runs.lines().count(), 1 + 12);
    let shared: Vec<_> = runs.lines().filter(|line| line.contains(&plan.trainings[0].key)).collect();
    assert_eq!(shared.len(), 3, "one run at σ² = 0 under three names");
    assert!(shared[2].contains("kl_sae(rho=0.05),0,"), "{}", shared[2]);
}

#[test]
fn the_files_are_the_same_for_any_number_of_jobs() {
    let plan = plan(SWEEP);
    let expected = uninterrupted(&plan);
    assert_eq!(expected.len(), 2 + 10, "two tables and ten records, nothing else");
    for jobs in [0, 2, 4] {
        let root = tempfile::tempdir().unwrap();
        sweep(root.path(), &plan, &Mock::default(), jobs);
        assert_eq!(files(&root.path().join("sweep")), expected, "{jobs} jobs");
    }
}

/// A kill may come at any moment: after some records, with a file half written, with tables of any age.
#[test]
fn a_sweep_that_was_killed_and_resumed_leaves_the_same_files() {
    let plan = plan(SWEEP);
    let expected = uninterrupted(&plan);
    for kept in 0..=plan.trainings.len() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("sweep");
        fs::create_dir_all(folder.join("records")).unwrap();
        // Runs end in any order: keep every other record first.
        let order = plan.trainings.iter().step_by(2).chain(plan.trainings.iter().skip(1).step_by(2));
        for training in order.take(kept) {
            let name = format!("records/{}.json", training.key);
            fs::write(folder.join(&name), &expected[&name]).unwrap();
        }
        fs::write(folder.join("records/.partial-a1b2c3"), &expected["runs.csv"][..20]).unwrap();
        fs::write(folder.join(".partial-d4e5f6"), b"name,data").unwrap();
        if kept > 3 {
            fs::write(folder.join("runs.csv"), &expected["runs.csv"]).unwrap();
        }
        let summary = sweep(root.path(), &plan, &Mock::default(), 2);
        assert_eq!((summary.reused, summary.completed, summary.diverged), (kept, 9, 1));
        assert_eq!(files(&folder), expected, "{kept} runs were kept");
    }
}

/// Ends its process in the middle of the sixth run, without unwinding or cleaning up.
struct Killed(AtomicUsize);

impl Executor for Killed {
    fn train(
        &self,
        training: &Training,
        from: Option<Checkpoint<f32>>,
        team: &Team,
        supervisor: &mut dyn Supervisor,
    ) -> Option<Trained<f32>> {
        if self.0.fetch_add(1, Ordering::SeqCst) == 5 {
            std::process::abort();
        }
        Mock::default().train(training, from, team, supervisor)
    }
}

const ROOT: &str = "AESPARSE_TEST_ROOT";

#[test]
#[ignore = "a process of its own, started by `a_killed_process_is_resumed_by_the_next`"]
fn the_process_that_is_killed() {
    if let Some(root) = std::env::var_os(ROOT) {
        sweep(Path::new(&root), &plan(SWEEP), &Killed(AtomicUsize::new(0)), 2);
    }
}

#[test]
fn a_killed_process_is_resumed_by_the_next() {
    let root = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", "store::execution::the_process_that_is_killed", "--ignored"])
        .env(ROOT, root.path());
    assert!(!child.output().unwrap().status.success(), "it should have been killed");
    let folder = root.path().join("sweep");
    let kept = load_records(&folder).unwrap().len();
    assert!((4..=5).contains(&kept), "{kept} runs had ended");
    let summary = sweep(root.path(), &plan(SWEEP), &Mock::default(), 2);
    assert_eq!((summary.reused, summary.unfinished), (kept, 0));
    assert_eq!(files(&folder), uninterrupted(&plan(SWEEP)));
}

#[test]
fn another_plan_reuses_what_is_there_and_the_tables_hold_the_plan_of_the_folder() {
    let root = tempfile::tempdir().unwrap();
    sweep(root.path(), &plan(SWEEP), &Mock::default(), 1);
    let changed = plan(&[0.0, 0.01, 0.36]);
    let summary = sweep(root.path(), &changed, &Mock::default(), 1);
    assert_eq!((summary.reused, summary.completed), (4, 7));
    let found = files(&root.path().join("sweep"));
    let expected = uninterrupted(&changed);
    assert_eq!(found["runs.csv"], expected["runs.csv"]);
    assert_eq!(found["epochs.csv"], expected["epochs.csv"]);
    assert_eq!(
        load_records(&root.path().join("sweep")).unwrap().len(),
        13,
        "the other runs stay in the store"
    );
}

#[test]
fn other_settings_over_the_same_folder_are_refused_before_anything_changes() {
    let root = tempfile::tempdir().unwrap();
    sweep(root.path(), &plan(&[0.01]), &Mock::default(), 1);
    let before = files(root.path());
    let store = Store::open(root.path(), "sweep").unwrap();
    let refused = execute(&plan(&[0.02]), &plan(&[0.02]), &store, &Mock::default(), control(1), &())
        .unwrap_err()
        .to_string();
    assert!(refused.contains("--fresh"), "{refused}");
    assert_eq!(files(root.path()), before);
}

#[test]
fn a_panic_in_one_training_costs_none_of_the_others() {
    for jobs in [1, 3] {
        let root = tempfile::tempdir().unwrap();
        let plan = plan(SWEEP);
        let faulty = Mock { panics_at: Some(0.25), ..Mock::default() };
        let summary = sweep(root.path(), &plan, &faulty, jobs);
        assert_eq!((summary.completed, summary.diverged, summary.unfinished), (6, 1, 3));
        assert_eq!((summary.failures.len(), summary.rows.len()), (3, 9));
        let message = summary.failures[0].to_string();
        assert!(message.contains("a fault at 0.25"), "{message}");
        sweep(root.path(), &plan, &Mock::default(), jobs);
        assert_eq!(files(&root.path().join("sweep")), uninterrupted(&plan));
    }
}

#[test]
fn a_completed_run_that_isnt_finite_is_a_failure_of_its_own() {
    let root = tempfile::tempdir().unwrap();
    let faulty = Mock { not_finite_at: Some(0.25), ..Mock::default() };
    let summary = sweep(root.path(), &plan(SWEEP), &faulty, 2);
    assert_eq!((summary.unfinished, summary.rows.len()), (3, 9));
    let message = summary.failures[0].to_string();
    assert!(message.contains("`reconstruction` of epoch 1 is not a finite number"), "{message}");
}

/// Replaces the records' folder by a file while the third run trains, as if the disk had gone.
struct Saboteur<'a> {
    folder: &'a Path,
    begun: Mutex<usize>,
}

impl Executor for Saboteur<'_> {
    fn train(
        &self,
        training: &Training,
        from: Option<Checkpoint<f32>>,
        team: &Team,
        supervisor: &mut dyn Supervisor,
    ) -> Option<Trained<f32>> {
        let mut begun = self.begun.lock().unwrap();
        *begun += 1;
        if *begun == 3 {
            fs::rename(self.folder.join("records"), self.folder.join("gone")).unwrap();
            fs::write(self.folder.join("records"), b"").unwrap();
        }
        Mock::default().train(training, from, team, supervisor)
    }
}

#[test]
fn when_results_cant_be_stored_the_sweep_stops_with_what_it_has() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("sweep");
    let saboteur = Saboteur { folder: &folder, begun: Mutex::new(0) };
    let summary = sweep(root.path(), &plan(SWEEP), &saboteur, 1);
    assert_eq!(*saboteur.begun.lock().unwrap(), 3, "nothing more is begun");
    assert_eq!((summary.completed, summary.unfinished), (0, 10), "the first two are gone too");
    let failures = summary.failures.as_slice();
    assert!(
        matches!(
            failures,
            [SweepFailure::NotStored { .. }, SweepFailure::Lost { .. }, SweepFailure::NotWritten { .. }]
        ),
        "{failures:?}"
    );
    let said: String = failures.iter().map(ToString::to_string).collect();
    assert!(said.contains("2 of 2 finished runs are lost"), "{said}");
    assert!(said.contains("records/ is gone") && !said.contains("is stored"), "{said}");
    fs::remove_file(folder.join("records")).unwrap();
    fs::rename(folder.join("gone"), folder.join("records")).unwrap();
    let summary = sweep(root.path(), &plan(SWEEP), &Mock::default(), 1);
    assert_eq!((summary.reused, summary.unfinished), (2, 0));
    assert_eq!(files(&folder), uninterrupted(&plan(SWEEP)));
}

#[test]
fn weights_are_kept_where_asked_for_and_missed_where_they_lack() {
    for (asked, moments) in [
        (WeightsOutput::Final, &[Moment::Final][..]),
        (WeightsOutput::InitialAndFinal, &[Moment::Initial, Moment::Final]),
    ] {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("sweep");
        let plan = Plan { weights: asked, ..plan(&[0.0, 1.0]) };
        let summary = sweep(root.path(), &plan, &Mock::default(), 2);
        assert_eq!((summary.warnings.len(), summary.diverged), (0, 1));
        for training in &plan.trainings {
            let diverged = summary.rows.iter().find(|row| row.record.run_key == training.key).unwrap();
            let diverged = diverged.record.status != Status::Completed;
            for moment in [Moment::Initial, Moment::Final] {
                let path = weights_path(&folder, &training.key, moment);
                let expected = moments.contains(&moment) && !(diverged && moment == Moment::Final);
                assert_eq!(path.exists(), expected, "{moment:?} of {training:?}");
            }
        }
        let path = weights_path(&folder, &plan.trainings[0].key, Moment::Final);
        assert_eq!(Weights::read(&path, (3, 4)).unwrap().weights, super::weights(3, 4));
        let complete = files(&folder);
        fs::remove_dir_all(folder.join("weights")).unwrap();
        let before = files(&folder);
        let store = Store::open(root.path(), "sweep").unwrap();
        let lacking = MissingCounts::of(&plan, &store);
        // The run that diverged never had final ones.
        let runs = if asked == WeightsOutput::Final { 3 } else { 4 };
        let problem = format!("{runs} finished runs lack what is asked for now: {runs} the weights");
        assert_eq!((lacking.runs, lacking.to_string()), (runs, problem));
        let refused = lacking.refuse(&folder).unwrap_err().to_string();
        assert!(refused.contains("--retrain") && refused.contains("--fresh"), "{refused}");
        assert_eq!(assemble(&plan, &plan, &store).unwrap().unfinished, runs);
        assert_eq!(files(&folder), before);
        drop(store);
        let summary = sweep(root.path(), &plan, &Mock::default(), 1);
        assert_eq!((summary.unfinished, summary.reused), (0, plan.trainings.len() - runs));
        assert_eq!(files(&folder), complete, "the records are the same, and so are the weights");
    }
}

/// As another processor might have left it, which sums in another order.
fn of_another_processor(folder: &Path, key: &str) -> Record {
    let path = folder.join(format!("records/{key}.json"));
    let mut record = Record::load(&path).unwrap();
    record.processor.instruction_set = "other".to_owned();
    record.measurements[1].reconstruction *= 1.0 + f64::EPSILON;
    fs::write(path, record.encode().unwrap()).unwrap();
    record
}

/// Weights must be those of the record's numbers.
#[test]
fn other_numbers_replace_record_and_weights_and_are_told() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("sweep");
    let plan = Plan { weights: WeightsOutput::InitialAndFinal, ..plan(&[0.0, 0.01]) };
    sweep(root.path(), &plan, &Mock::default(), 1);
    let complete = files(&folder);
    let [lost, kept] = [0, 1].map(|i| plan.trainings[i].key.as_str());
    for key in [lost, kept] {
        of_another_processor(&folder, key);
    }
    fs::remove_file(weights_path(&folder, lost, Moment::Final)).unwrap();
    fs::write(weights_path(&folder, lost, Moment::Initial), b"of other numbers").unwrap();
    let final_alone = Plan { weights: WeightsOutput::Final, ..plan.clone() };
    let summary = sweep(root.path(), &final_alone, &Mock::default(), 1);
    let [failure @ SweepFailure::OtherNumbers { run_key, .. }] = summary.failures.as_slice() else {
        panic!("{:?}", summary.failures)
    };
    assert!(
        run_key == lost && !failure.costs_results() && failure.to_string().contains("other"),
        "{failure}"
    );
    let differing: Vec<_> =
        files(&folder).into_iter().filter(|(name, bytes)| complete[name] != *bytes).collect();
    assert!(differing.iter().all(|(name, _)| name.ends_with(".csv") || name.contains(kept)), "{differing:?}");
}

/// Writes down what it hears.
#[derive(Default)]
struct Listener(Mutex<Vec<String>>);

impl Listener {
    fn hear(&self, what: String) {
        self.0.lock().unwrap().push(what);
    }
}

impl Reporter for Listener {
    fn begin(&self, plan: &Plan, finished: usize) {
        self.hear(format!("begin {}/{finished}", plan.trainings.len()));
    }
    fn started(&self, training: &Training, _: usize, _: Option<u64>) {
        self.hear(format!("start {}", training.key));
    }
    fn epoch(&self, training: &Training, epoch: u32, _: f64, _: &Measurement) {
        self.hear(format!("epoch {} {epoch}", training.key));
    }
    fn finished(&self, training: &Training, _: &Outcome) {
        self.hear(format!("end {}", training.key));
    }
}

#[test]
fn with_one_job_the_runs_follow_the_plan() {
    let root = tempfile::tempdir().unwrap();
    let plan = plan(SWEEP);
    let store = Store::open(root.path(), "sweep").unwrap();
    let listener = Listener::default();
    execute(&plan, &plan, &store, &Mock::default(), control(1), &listener).unwrap();
    let mut expected = vec!["begin 10/0".to_owned()];
    for Training { key, .. } in &plan.trainings {
        expected.push(format!("start {key}"));
        expected.extend((1..=2).map(|epoch| format!("epoch {key} {epoch}")));
        expected.push(format!("end {key}"));
    }
    assert_eq!(listener.0.into_inner().unwrap(), expected);
}

/// [`plan`] with the theory measured each `every` epochs, and the distribution of codes.
fn measuring(every: u32) -> Plan {
    let theory = Some(TheorySpec { every, samples: 30, units: false });
    Plan { theory, distribution: true, ..plan(SWEEP) }
}

/// [`measuring`] without side records.
fn measuring_nothing(plan: &Plan) -> Plan {
    Plan { theory: None, distribution: false, ..plan.clone() }
}

/// Measures nothing of the theory and no distribution, and says so.
struct Measurer;

impl Executor for Measurer {
    fn train(
        &self,
        training: &Training,
        from: Option<Checkpoint<f32>>,
        team: &Team,
        supervisor: &mut dyn Supervisor,
    ) -> Option<Trained<f32>> {
        let (epochs, run, ledger) = Default::default();
        let theory = Some(TheoryOutcome { epochs, run, ledger, units: None });
        Mock::default().train(training, from, team, supervisor).map(|trained| Trained {
            theory,
            distribution: Some(Vec::new()),
            ..trained
        })
    }
}

#[test]
fn runs_without_the_theory_that_is_asked_for_are_unfinished() {
    let root = tempfile::tempdir().unwrap();
    sweep(root.path(), &plan(SWEEP), &Mock::default(), 1);
    let plan = measuring(1);
    let store = Store::open(root.path(), "sweep").unwrap();
    let stop = AtomicBool::new(true);
    let stopped = ExecutionOptions { stop: &stop, ..control(1) };
    let interrupted = execute(&plan, &plan, &store, &Measurer, stopped, &()).unwrap();
    assert!(interrupted.stopped);
    for summary in [interrupted, assemble(&plan, &plan, &store).unwrap()] {
        let counts = (summary.completed, summary.diverged, summary.reused, summary.unfinished);
        assert_eq!(counts, (0, 0, 0, 10));
        assert_eq!(summary.rows.len(), 12, "their numbers stay in the tables");
    }
    let summary = execute(&plan, &plan, &store, &Measurer, control(1), &()).unwrap();
    let counts = (summary.completed, summary.diverged, summary.reused, summary.unfinished);
    assert_eq!(counts, (9, 1, 0, 0));
}

#[test]
fn a_worker_sees_what_another_has_measured_anew() {
    let root = tempfile::tempdir().unwrap();
    sweep(root.path(), &measuring(2), &Measurer, 1);
    let plan = measuring(1);
    let keys = || plan.keys();
    let [first, second] =
        ["1", "2"].map(|worker| Store::share(root.path(), "sweep", keys(), worker, LEASE_TIMEOUT).unwrap());
    execute(&plan, &plan, &first, &Measurer, control(1), &()).unwrap();
    let listener = Listener::default();
    let summary = execute(&plan, &plan, &second, &Measurer, control(1), &listener).unwrap();
    assert_eq!((summary.completed, summary.diverged, summary.unfinished), (9, 1, 0));
    assert_eq!(listener.0.into_inner().unwrap(), ["begin 10/0"], "nothing is trained twice");
}

/// What is left of a run's earlier numbers.
fn left(folder: &Path, key: &str) -> Vec<String> {
    let is_derived = |name: &String| name.contains(key) && !name.starts_with("records/");
    files(folder).into_keys().filter(is_derived).collect()
}

fn measuring_with_weights(weights: WeightsOutput) -> Plan {
    Plan { weights, ..measuring(1) }
}

#[test]
fn nothing_of_the_earlier_numbers_is_left_beside_the_new_record() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("sweep");
    let plan = measuring_with_weights(WeightsOutput::Final);
    sweep(root.path(), &plan, &Measurer, 1);
    let [first, killed, kept] = [0, 1, 2].map(|i| plan.trainings[i].key.as_str());
    for key in [first, killed] {
        of_another_processor(&folder, key);
        fs::write(folder.join(format!("theory/{key}.csv")), "of other numbers").unwrap();
        assert_eq!(left(&folder, key).len(), 5);
    }
    fs::write(folder.join("theory_runs.csv"), "of other numbers").unwrap();
    // Trained again for its weights alone.
    fs::remove_file(weights_path(&folder, first, Moment::Final)).unwrap();
    let new = Record::load(&folder.join(format!("records/{killed}.json"))).unwrap();
    let summary = sweep(root.path(), &measuring_nothing(&plan), &Mock::default(), 1);
    assert_eq!(summary.failures.len(), 1, "{:?}", summary.failures);
    let weights = ["json", "npz"].map(|end| format!("weights/{first}/final.{end}"));
    assert_eq!(left(&folder, first), weights);
    assert!(!folder.join("theory_runs.csv").exists());
    assert_eq!(left(&folder, killed).len(), 5);
    assert_eq!(left(&folder, kept).len(), 4, "another run's stay");
    // Killed as soon as the record is there: nothing that vouches for itself is of the earlier numbers.
    let store = Store::open(root.path(), "sweep").unwrap();
    store.remove_other_numbers(&new).unwrap();
    store.save(new).unwrap();
    assert!(left(&folder, killed).is_empty());
    assert!(store.theory(killed).is_none() && store.distribution(killed).is_none());
    assert_eq!(MissingCounts::of(&plan, &store).runs, 2);
}

/// It had completed where the earlier numbers were computed.
#[test]
fn a_run_that_diverges_now_keeps_no_final_weights() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("sweep");
    let plan = Plan { weights: WeightsOutput::InitialAndFinal, ..plan(SWEEP) };
    sweep(root.path(), &plan, &Mock::default(), 1);
    let is_diverged = |key: &&str| {
        let record = Record::load(&folder.join(format!("records/{key}.json"))).unwrap();
        record.status != Status::Completed
    };
    let key = plan.keys().find(is_diverged).unwrap();
    let path = folder.join(format!("records/{key}.json"));
    let mut record = Record::load(&path).unwrap();
    record.status = Status::Completed;
    let latest = record.measurements.last().unwrap().clone();
    record.measurements.push(Measurement { epoch: latest.epoch + 1, ..latest });
    fs::write(&path, record.encode().unwrap()).unwrap();
    let weights = |moment| weights_path(&folder, key, moment);
    fs::rename(weights(Moment::Initial), weights(Moment::Final)).unwrap();
    let summary = sweep(root.path(), &plan, &Mock::default(), 1);
    assert_eq!((summary.diverged, summary.failures.len()), (1, 1), "{:?}", summary.failures);
    assert!(weights(Moment::Initial).exists() && !weights(Moment::Final).exists());
}

/// As the measurements of another processor.
fn measured_on_another_processor(folder: &Path, key: &str) {
    let path = TheoryRecord::path(folder, key);
    let mut theory = TheoryRecord::load(&path).unwrap();
    theory.computed_on.instruction_set = "other".to_owned();
    fs::write(path, theory.encode().unwrap()).unwrap();
    let path = DistributionRecord::path(folder, key);
    let mut distribution = DistributionRecord::load(&path).unwrap();
    distribution.computed_on.instruction_set = "other".to_owned();
    fs::write(path, distribution.encode().unwrap()).unwrap();
}

#[test]
fn side_records_whose_record_is_gone_stay_only_beside_the_same_numbers() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("sweep");
    let plan = measuring_with_weights(WeightsOutput::None);
    sweep(root.path(), &plan, &Measurer, 1);
    let complete = files(&folder);
    let [other, same] = [0, 1].map(|i| plan.trainings[i].key.as_str());
    let lose = || {
        measured_on_another_processor(&folder, other);
        for key in [other, same] {
            fs::rename(
                folder.join(format!("records/{key}.json")),
                folder.join(format!("records/{key}.json.damaged")),
            )
            .unwrap();
        }
    };
    // By training.
    lose();
    sweep(root.path(), &measuring_nothing(&plan), &Mock::default(), 1);
    assert!(left(&folder, other).is_empty());
    let kinds = [TheoryRecord::FOLDER, DistributionRecord::FOLDER];
    assert_eq!(left(&folder, same), [1, 0].map(|kind| format!("{}/{same}.json", kinds[kind])));
    // By a merge, from a folder that has measured nothing, and from one that has.
    sweep(&root.path().join("plain"), &measuring_nothing(&plan), &Mock::default(), 1);
    sweep(&root.path().join("measured"), &plan, &Measurer, 1);
    for (from, is_measured) in [("plain", false), ("measured", true)] {
        for (name, bytes) in &complete {
            fs::write(folder.join(name), bytes).unwrap();
        }
        lose();
        let store = Store::open(root.path(), "sweep").unwrap();
        let merged = store.merge(plan.keys(), &[], &root.path().join(from).join("sweep")).unwrap();
        assert_eq!((merged.runs, merged.left.len()), (2, 2), "{:?}", merged.left);
        for said in merged.left.iter().map(ToString::to_string) {
            assert!(said.contains(other) && said.contains("kept as"), "{said}");
        }
        assert_eq!([store.theory(other).is_some(), store.distribution(other).is_some()], [is_measured; 2]);
        assert!(store.theory(same).is_some() && store.distribution(same).is_some());
        for kind in kinds {
            let name = format!("{kind}/{other}.json");
            assert_eq!(files(&folder).get(&name), is_measured.then(|| &complete[&name]));
        }
    }
}
