//! Broken settings: each is named by file, line, column and key, with what was found and what is accepted.
//!
//! `broken.toml.txt` and `broken.json.txt` hold the cases, separated by empty lines: a configuration, its
//! overrides (`$ key=value`) and every line that is said of it (`> …`, less the file's name). A `~` stands for
//! anything, where a list of names may grow.

use super::lines;

#[test]
fn every_broken_toml_file_is_explained() {
    explain("broken.toml", include_str!("broken.toml.txt"), 120);
}

#[test]
fn every_broken_json_file_is_explained() {
    explain("broken.json", include_str!("broken.json.txt"), 15);
}

fn explain(file: &str, cases: &str, at_least: usize) {
    let cases: Vec<&str> = cases.split("\n\n").collect();
    assert!(cases.len() >= at_least, "only {} cases were read", cases.len());
    for case in &cases {
        let is_override = |line: &&str| line.starts_with("$ ");
        let (mut content, mut overrides, mut expected) = (String::new(), Vec::new(), Vec::new());
        for line in case.trim_matches('\n').lines() {
            if let Some(line) = line.strip_prefix("> ") {
                expected.push(if line.starts_with("-o") { line.to_owned() } else { format!("{file}{line}") });
            } else if is_override(&line) {
                overrides.push(&line[2..]);
            } else {
                content.push_str(line);
                content.push('\n');
            }
        }
        let found = lines(file, &content, &overrides);
        let same = found.len() == expected.len() && found.iter().zip(&expected).all(|(a, b)| fits(a, b));
        assert!(same, "{content}{overrides:?}\nfound    {found:#?}\nexpected {expected:#?}");
    }
}

/// Whether `line` is `pattern`, in which `~` stands for anything.
fn fits(line: &str, pattern: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('~') else { return line == pattern };
    let Some(mut line) = line.strip_prefix(start) else { return false };
    let mut pieces = rest.split('~').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return line.ends_with(piece);
        }
        let Some(at) = line.find(piece) else { return false };
        line = &line[at + piece.len()..];
    }
    true
}
