//! Files that can't be read as a configuration at all: a message each, never a panic or a full stack.

use super::{lines, lines_at, read, write};
use std::fs;

/// More levels than any stack has room for.
const DEEP: usize = 100_000;

#[test]
fn what_is_no_readable_file_is_named() {
    let written = write("bad.toml", b"[data]\nsource = \"\xff\"\n");
    let sibling = |name: &str| written.path.with_file_name(name);
    fs::create_dir(sibling("folder.toml")).unwrap();
    fs::create_dir(sibling("folder")).unwrap();
    fs::write(sibling("huge.json"), " ".repeat(2_000_000)).unwrap();
    for name in ["config.yaml", "samples.csv", "samples.npy"] {
        fs::write(sibling(name), "").unwrap();
    }
    fs::write(sibling("config.json"), "{}").unwrap();
    for (name, pieces) in [
        ("bad.toml", &["line 2", "not UTF-8", "accepted: text in UTF-8"][..]),
        (
            "folder.toml",
            &["a directory", "accepted: a .toml or .json file", "aesparse new FILE.toml --data "],
        ),
        ("folder", &["a directory", "accepted: a .toml or .json file", "aesparse new FILE.toml --data "]),
        ("samples.csv", &["the extension `.csv`", "aesparse new FILE.toml --data "]),
        ("samples.npy", &["the extension `.npy`", "aesparse new FILE.toml --data "]),
        ("missing.toml", &["cannot read it: No such file", "accepted: a .toml or .json file"]),
        ("bda.toml", &["cannot read it: No such file", "did you mean `bad.toml`?"]),
        ("bad.tml", &["the extension `.tml`", "did you mean `bad.toml`?"]),
        ("conf_ig", &["no file name extension", "did you mean `config.json`?"]),
        ("missing.json", &["cannot read it: No such file", "accepted: a .toml or .json file"]),
        ("huge.json", &["2000000 bytes", "accepted: at most 1048576 bytes"]),
        ("config.yaml", &["the extension `.yaml`", "accepted: .toml or .json"]),
        ("other", &["no file name extension", "accepted: .toml or .json"]),
    ] {
        let lines = lines_at(&sibling(name), &[]);
        let [line] = lines.as_slice() else { panic!("{name}: {lines:?}") };
        assert!(line.starts_with(&format!("{name}: ")), "{line}");
        assert!(pieces.iter().all(|piece| line.contains(piece)), "{line}");
        for advice in ["did you mean", "aesparse new"] {
            let due = pieces.iter().any(|piece| piece.contains(advice));
            assert_eq!(due, line.contains(advice), "{line}");
        }
    }
}

#[test]
fn an_empty_file_lacks_the_source() {
    for name in ["empty.toml", "empty.json"] {
        for content in ["", "\n  \n", "\u{feff}"] {
            let lines = lines(name, content, &[]);
            let [line] = lines.as_slice() else { panic!("{name}: {lines:?}") };
            assert!(
                line.starts_with(&format!("{name}: data.source: is missing; accepted: \"mnist\"")),
                "{line}"
            );
        }
    }
}

#[test]
fn a_stem_that_is_no_name_asks_for_one() {
    for stem in ["two words", "figures", "FIGURES", "v1.2", "größe", "NUL", "lpt9"] {
        let file = format!("{stem}.toml");
        let lines = lines(&file, "data.source = \"mnist\"", &[]);
        let start =
            format!("{file}: name: is missing, and the file's stem {stem:?} can't stand for it; accepted: ");
        assert!(matches!(lines.as_slice(), [line] if line.starts_with(&start)), "{lines:?}");
        assert!(read(&write(&file, "data.source = \"mnist\"").path, &["name=fine"]).is_ok());
    }
}

#[test]
fn deep_nesting_is_refused_and_never_overflows_the_stack() {
    let too_deep = "nested too deeply; accepted: the few levels of the settings";
    for (name, content, piece) in [
        ("deep.json", "[".repeat(DEEP), "invalid JSON: EOF"),
        ("deep.json", "{\"a\":".repeat(DEEP), "invalid JSON: EOF"),
        ("deep.json", format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP)), too_deep),
        ("deep.json", format!("{}1{}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP)), too_deep),
        ("deep.json", format!("{}{}", "[".repeat(300), "]".repeat(300)), "accepted: an object"),
        ("deep.toml", format!("a = {}", "[".repeat(DEEP)), too_deep),
        ("deep.toml", format!("a = {}{}", "[".repeat(DEEP), "]".repeat(DEEP)), too_deep),
        ("deep.toml", format!("a = {}1{}", "{ a = ".repeat(DEEP), "}".repeat(DEEP)), too_deep),
        ("deep.toml", format!("a{} = 1", ".a".repeat(DEEP)), too_deep),
        ("deep.toml", format!("[a{}]", ".a".repeat(DEEP)), too_deep),
    ] {
        let lines = lines(name, &content, &[]);
        assert!(lines[0].contains(piece), "{}: {}", &content[..20], lines[0]);
    }
    let long_path = format!("a{}=1", ".a".repeat(DEEP));
    let deep_list = format!("a={}{}", "[".repeat(DEEP), "]".repeat(DEEP));
    let lines = lines("sound.toml", "data.source = \"mnist\"", &[&long_path, &deep_list]);
    assert!(lines[0].starts_with("-o: found the key \"a.a."), "{}", lines[0]);
    assert!(lines[1].starts_with("-o a: found \"[[["), "{}", lines[1]);
}

#[test]
fn hundreds_of_problems_are_cut_short_and_counted() {
    let unknown: String = (0..50_000).map(|i| format!("a{i} = 1\n")).collect();
    let lines = lines("many.toml", &unknown, &[]);
    assert_eq!(lines.len(), 201);
    assert!(lines[0].starts_with("many.toml:1:1: a0: found an unknown key"), "{}", lines[0]);
    assert_eq!(lines[200], "many.toml: found 49801 more problems; accepted: none");
}

#[test]
fn a_plan_or_list_of_absurd_length_is_refused() {
    let list = |n: usize| (1..=n).map(|i| format!("{i},")).collect::<String>();
    let content = format!(
        "data.source = \"mnist\"\nsweep.sigma_squared = [{}]\nsweep.learning_rate = [{}]\n",
        list(1001),
        list(1000)
    );
    let lines_of_plan = lines("long.toml", &content, &[]);
    let expected =
        "long.toml:2:23: sweep.sigma_squared: found a plan of 4004000 cells; accepted: at most 1000000";
    assert_eq!(lines_of_plan, [expected]);
    // Without a regularizer there is one σ².
    let plain = format!("{content}sweep.regularizer = [\"none\"]\n");
    assert!(read(&write("plain.toml", &plain).path, &[]).is_ok());
    let content = format!("data.source = \"mnist\"\nsweep.sigma_squared = [{}]\n", list(10_001));
    let expected = "long.toml:2:23: sweep.sigma_squared: found 10001 entries; accepted: at most 10000";
    assert_eq!(lines("long.toml", &content, &[]), [expected]);
}
