//! Sweeps that are repeated, interrupted, started over.

use super::Workplace;

#[test]
fn a_finished_sweep_is_not_trained_again() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml", 0);
    let (before, seconds) =
        (workplace.results("results/tiny"), workplace.manifest("results/tiny")["seconds"].clone());
    let again = workplace.run("run tiny.toml", 0);
    again.says(&[
        "7 of 7 trainings are finished already in results/tiny; --fresh trains them again",
        "7 trainings: 0 trained now, 7 finished before",
        "dead units of 20",
    ]);
    assert_eq!(workplace.results("results/tiny"), before);
    assert_eq!(workplace.manifest("results/tiny")["seconds"], seconds);
}

#[test]
fn a_sweep_grows_by_what_is_new() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml", 0);
    let ended = workplace.run("run tiny.toml -o seeds=[1,2]", 0);
    ended.says(&[
        "7 of 14 trainings are finished already",
        "14 trainings: 7 trained now",
        "means over 2 seeds",
    ]);
    assert!(!ended.stderr.contains("not in this plan"), "{}", ended.stderr);
}

#[test]
fn a_smaller_plan_says_what_the_tables_have_beside_it_and_shrinks_none() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml", 0);
    workplace.run("run tiny.toml -o seeds=[1,2]", 0);
    let both = workplace.results("results/tiny");
    workplace.run("run tiny.toml", 0).says(&[
        "7 of 7 trainings are finished already",
        "7 finished runs of earlier plans are in the tables of results/tiny too",
    ]);
    assert_eq!(workplace.results("results/tiny"), both);
    // Without manifest and table nothing tells of the other plan.
    for name in ["manifest.json", "runs.csv"] {
        std::fs::remove_file(workplace.path(&format!("results/tiny/{name}"))).unwrap();
    }
    workplace.run("run tiny.toml", 0).says(&[
        "7 finished runs in results/tiny are not in its plan: kept in records/, left out of its tables",
    ]);
    workplace
        .run("run tiny.toml -o seeds=[1,2]", 0)
        .says(&["14 trainings: 0 trained now, 14 finished before"]);
    assert_eq!(workplace.results("results/tiny"), both);
}

#[test]
fn fresh_sets_the_old_results_aside() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml", 0);
    let first = workplace.results("results/tiny");
    let ended = workplace.run("run tiny.toml --fresh -o training.epochs=2", 0);
    ended.says(&["the earlier results are now in results/tiny.1", "7 trainings: 7 trained now"]);
    assert_eq!(workplace.results("results/tiny.1"), first);
    workplace.run("run tiny.toml --fresh", 0).says(&["results/tiny.2"]);
    assert_eq!(workplace.results("results/tiny"), first);
    // Where there is nothing, there is nothing to set aside.
    let ended = workplace.run("run tiny.toml --fresh --out other", 0);
    assert!(!ended.stderr.contains("earlier"), "{}", ended.stderr);
}
