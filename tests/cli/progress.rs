//! What is said while a sweep goes on.

use super::Workplace;
use ndarray::Array2;
use ndarray_npy::write_npy;
use serde_json::Value as Json;

#[test]
fn json_lines_tell_every_event() {
    let workplace = Workplace::new();
    let ended = workplace.run("run tiny.toml --log-format json --jobs 2", 0);
    let events: Vec<Json> =
        ended.stderr.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let named = |name: &str| events.iter().filter(|event| event["event"] == name).collect::<Vec<_>>();
    assert_eq!([named("begin").len(), named("started").len(), named("finished").len()], [1, 7, 7]);
    // A line for each of four epochs.
    assert_eq!(named("epoch").len(), 7 * 4);
    assert_eq!(events[0]["trainings"], 7);
    // Each has its time in UTC, and the seconds since the program began, which never decrease.
    let seconds: Vec<f64> = events.iter().map(|event| event["seconds"].as_f64().unwrap()).collect();
    assert!(
        seconds.is_sorted() && seconds[0] >= 0.0 && seconds[seconds.len() - 1] > seconds[0],
        "{seconds:?}"
    );
    for time in events.iter().map(|event| event["time"].as_str().unwrap()) {
        let shape: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(shape, "0000-00-00T00:00:00Z", "{time}");
    }
    let last = events.last().unwrap();
    assert_eq!((&last["event"], &last["completed"]), (&Json::from("end"), &Json::from(7)));
    for event in named("finished") {
        assert_eq!(event["status"], "completed");
        assert_eq!(event["measurement"]["epoch"], 4);
        assert!(event["measurement"]["avg_activation_fraction"].is_f64());
    }
    assert!(named("started").iter().all(|event| event["threads"] == 1), "a small run has one thread");
    // Messages and errors are events too.
    for (line, code, name) in [
        ("run tiny.toml --log-format json", 0, "note"),
        ("run tiny.toml --log-format json -o training.epochs=x", 2, "error"),
    ] {
        let ended = workplace.run(line, code);
        let first: Json = serde_json::from_str(ended.stderr.lines().next().unwrap()).unwrap();
        assert_eq!(first["event"], name);
        assert!(first["message"].is_string() && first["time"].is_string() && first["seconds"].is_f64());
    }
}

/// A file of 34 MB, of which ten rows are trained on; MNIST's and other small files are read without a word.
#[test]
fn the_reading_of_a_large_file_is_told() {
    let workplace = Workplace::new();
    let rows = Array2::from_shape_fn((34_000, 1000), |(row, column)| (row * 7 + column * 3) as u8);
    write_npy(workplace.path("large.npy"), &rows).unwrap();
    let large = "run tiny.toml -o data.samples=10 -o training.epochs=1 --log-format json \
                 -o data.source={kind=\"npy\",path=\"large.npy\"}";
    let told = |line: &str| workplace.run(line, 0).events("reading");
    let events = told(large);
    assert!((20..40).contains(&events.len()), "{events:?}");
    let bytes = |event: &Json| event["bytes"].as_u64().unwrap();
    assert!(events.windows(2).all(|pair| bytes(&pair[0]) < bytes(&pair[1])));
    let last = events.last().unwrap();
    assert_eq!([bytes(last), last["of"].as_u64().unwrap()], [34_000_128; 2]);
    assert!(last["file"].as_str().unwrap().ends_with("large.npy"));
    assert!(told("run tiny.toml --log-format json --out small").is_empty());
}

#[test]
fn quiet_says_nothing_but_what_is_wrong() {
    let workplace = Workplace::new();
    for line in
        ["run tiny.toml --quiet", "plan tiny.toml --quiet", "run tiny.toml --quiet --log-format json --fresh"]
    {
        let ended = workplace.run(line, 0);
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("", ""), "{line}");
    }
    let diverging =
        "run tiny.toml --quiet -o name=div -o model.constraint=none -o training.learning_rate=1e3";
    let ended = workplace.run(diverging, 1);
    assert!(ended.stdout.is_empty());
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert!(
        lines.len() == 1 && lines[0].starts_with("warning: 7 of 7 trainings diverged"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_pipe_gets_lines_and_no_control_characters() {
    let workplace = Workplace::new();
    let ended = workplace.run("run tiny.toml --jobs 1", 0);
    assert!(!ended.stderr.contains(['\u{1b}', '\r']), "{}", ended.stderr);
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(lines[0], "tiny: 7 of 7 trainings to do, 1 at a time");
    assert!(lines[1].starts_with("[1/7] all models σ²=0: activation fraction 0."), "{}", lines[1]);
    assert!(lines[7].starts_with("[7/7] kl_sae σ²=0.5: "), "{}", lines[7]);
    assert_eq!(lines.len(), 8, "{}", ended.stderr);
}
