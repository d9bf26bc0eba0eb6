//! Files that others have made to do harm: what stands in them stays text, and archives write nowhere.

use super::{Workplace, collect};
use aesparse::data::digest::sha256;
use flate2::{Compression, write::GzEncoder};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tar::{Builder, EntryType, Header};

/// HTML, Markdown, a path, and what makes a terminal clear its screen.
const HARM: &str = "<img src=x onerror=alert(1)>&\"'`|[a](b)/../../../harm\u{1b}[2J";

/// Puts [`HARM`] in the place of every text of `content`, but for those under a key in `kept`.
fn spoil(content: &mut Json, kept: &[&str]) {
    match content {
        Json::String(text) => HARM.clone_into(text),
        Json::Array(items) => items.iter_mut().for_each(|item| spoil(item, kept)),
        Json::Object(fields) => {
            fields
                .iter_mut()
                .filter(|(key, _)| !kept.contains(&key.as_str()))
                .for_each(|(_, v)| spoil(v, kept));
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn change(path: &Path, change: impl FnOnce(&mut Json)) {
    let mut content: Json = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    change(&mut content);
    fs::write(path, content.to_string()).unwrap();
}

/// Changes a file with a digest of its content, and writes the digest anew.
fn change_sealed(path: &Path, kept: &[&str]) {
    change(path, |content| {
        content.as_object_mut().unwrap().remove("sha256").unwrap();
        spoil(content, kept);
        content["sha256"] = sha256(content.to_string().as_bytes()).into();
    });
}

#[test]
fn what_stands_in_results_of_others_stays_text() {
    let workplace = Workplace::new();
    workplace.run("run tiny.toml --quiet -o theory.samples=40", 0);
    let folder = workplace.path("results/tiny");
    for entry in fs::read_dir(folder.join("records")).unwrap() {
        change_sealed(&entry.unwrap().path(), &["format", "run_key", "identity", "status"]);
    }
    for entry in fs::read_dir(folder.join("theory")).unwrap() {
        change_sealed(&entry.unwrap().path(), &["format", "run_key", "epochs"]);
    }
    change(&folder.join("manifest.json"), |content| spoil(content, &["format", "started", "finished"]));
    let quoted = format!("\"{}\"", HARM.replace('"', "\"\""));
    let runs = workplace.read("results/tiny/runs.csv");
    let mut lines = runs.lines();
    let columns: Vec<&str> = lines.next().unwrap().split(',').collect();
    let lines: Vec<&str> = lines.collect();
    let spoiled = |harmful: &[&str]| {
        let mut table = columns.join(",") + "\n";
        for line in &lines {
            // At σ² = 0 one run stands for all models, and its record tells of none.
            let sigma = line.split(',').zip(&columns).find(|(_, column)| **column == "sigma_squared");
            let is_plain = sigma.is_some_and(|(cell, _)| cell == "0");
            let is_harmful = |column: &str| harmful.contains(&column) || column == "regularizer" && is_plain;
            let cells = line.split(',').zip(&columns);
            // The cells that share a run stay apart by their regularizers.
            let spoiled = |cell: &str, column: &str| match column {
                "regularizer" => quoted.replacen('"', &format!("\"{cell}"), 1),
                _ => quoted.clone(),
            };
            let cells = cells.map(
                |(cell, column)| if is_harmful(column) { spoiled(cell, column) } else { cell.to_owned() },
            );
            table += &(cells.collect::<Vec<_>>().join(",") + "\n");
        }
        workplace.write("results/tiny/runs.csv", &table);
    };
    for column in ["data_sha256", "activation", "constraint", "encoder_bias"] {
        spoiled(&["name", "dataset", column]);
        let refused = workplace.run("report", 2);
        refused.says(&[&format!("has another {column} than the record")]);
        assert!(!refused.stderr.contains('\u{1b}'), "{:?}", refused.stderr);
    }
    spoiled(&["name", "dataset"]);

    let before = everything(&workplace);
    let said = workplace.run("report --markdown results/page.md", 0);
    let judged = workplace.run("verify results", 0);
    for text in [&said.stdout, &said.stderr, &judged.stdout, &judged.stderr] {
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }
    let written: Vec<_> = everything(&workplace).into_iter().filter(|path| !before.contains(path)).collect();
    let ours = ["results/figures", "results/report.html", "results/page.md"];
    assert!(written.iter().all(|path| ours.iter().any(|ours| path.starts_with(ours))), "{written:?}");
    let is_page =
        |path: &&PathBuf| ["html", "md", "svg"].iter().any(|end| path.extension() == Some(end.as_ref()));
    let pages =
        written.iter().filter(is_page).map(|path| fs::read_to_string(workplace.path("").join(path)).unwrap());
    let pages: Vec<String> = pages.collect();
    assert!(pages.len() > 2, "a picture was drawn");
    for page in pages {
        assert!(page.contains("&lt;img src=x onerror"), "the harm is shown");
        assert!(!page.contains("<img") && !page.contains('\u{1b}'), "{page}");
    }
}

#[test]
fn archives_write_nothing_but_known_files_to_their_places() {
    let workplace = Workplace::new();
    let mut archive = Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    let mut evil = |kind: EntryType, name: &str, target: Option<&str>| {
        let mut header = Header::new_ustar();
        // Not by `set_path`, which would refuse it.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        let content = if target.is_none() { &b"evil"[..] } else { b"" };
        header.set_size(content.len() as u64);
        if let Some(target) = target {
            header.set_link_name(target).unwrap();
        }
        header.set_cksum();
        archive.append(&header, content).unwrap();
    };
    let inside = "cifar-10-batches-bin";
    let outside = workplace.path("outside").to_str().unwrap().to_owned();
    evil(EntryType::Regular, &format!("{inside}/../../evil"), None);
    evil(EntryType::Regular, "../evil", None);
    evil(EntryType::Regular, &outside, None);
    evil(EntryType::Symlink, &format!("{inside}/link"), Some("../.."));
    evil(EntryType::Regular, &format!("{inside}/link/evil"), None);
    evil(EntryType::Symlink, &format!("{inside}/data_batch_1.bin"), Some("/etc/passwd"));
    let bytes = archive.into_inner().unwrap().finish().unwrap();
    fs::create_dir_all(workplace.path("in")).unwrap();
    fs::write(workplace.path("in/cifar-10-binary.tar.gz"), bytes).unwrap();
    let before = everything(&workplace);
    for path in ["in", "in/cifar-10-binary.tar.gz"] {
        workplace
            .run(&format!("data import {path} --data-dir data"), 2)
            .says(&["data_batch_1.bin is a link"]);
    }
    assert_eq!(everything(&workplace), before);
}

fn everything(workplace: &Workplace) -> Vec<PathBuf> {
    let mut files = BTreeMap::new();
    collect(&workplace.path(""), Path::new(""), &mut files);
    files.into_keys().collect()
}
