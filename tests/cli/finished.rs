//! What is finished: the commands that train and those that only look agree on it.

use super::Workplace;

#[test]
fn a_merge_of_runs_without_the_theory_is_not_complete() {
    let workplace = Workplace::new();
    workplace.run("plan tiny.toml -o theory.every=1 --write plan.json", 0);
    workplace.run("run tiny.toml --quiet", 0);
    let ended = workplace.run("merge --plan plan.json", 1);
    ended.says(&["7 trainings: 0 trained now, 7 not finished", "start their workers again"]);
    assert!(!ended.stdout.contains("theory"), "nothing of it was written: {}", ended.stdout);
    workplace.run("worker --plan plan.json --shard 1/1 --quiet", 0);
    let ended = workplace.run("merge --plan plan.json", 0);
    ended.says(&["7 finished before", "theory.csv, theory_runs.csv, theory_ledger.csv, theory/"]);
}
