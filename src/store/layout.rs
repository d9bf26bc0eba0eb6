//! What a results folder holds by which name, and which folder is one.

use super::distribution::DistributionRecord;
use super::files::{entries, name_after_key};
use super::manifest::Manifest;
use super::record::Record;
use super::side::SideRecord;
use super::theory::TheoryRecord;
use super::{checkpoint, leases, sessions, weights};
use std::path::{Component, Path};

/// The folder in a results folder that has the folders `<run_key>/` of pictures.
pub const INSPECT: &str = "inspect";

/// The folders with files of single runs, whose names begin with a run key.
pub(super) const OF_RUNS: [&str; 7] = [
    Record::FOLDER,
    TheoryRecord::FOLDER,
    DistributionRecord::FOLDER,
    weights::FOLDER,
    checkpoint::FOLDER,
    leases::FOLDER,
    INSPECT,
];

/// Whether the last part of `path` is the name of something in a results folder.
pub(super) fn is_ours(path: &Path) -> bool {
    let others = [sessions::FOLDER, Manifest::FILE, "runs.csv", "epochs.csv"];
    OF_RUNS.iter().chain(&others).any(|name| path.ends_with(name))
}

/// Whether `folder` is a results folder: it has a folder of records, and in this a record, or beside it a table, sessions or a manifest of
/// this program. Other programs also have folders with records and a manifest.json.
pub fn is_results_folder(folder: &Path) -> bool {
    let records = folder.join(Record::FOLDER);
    let has = |name: &str| folder.join(name).exists();
    let has_record =
        || entries(&records).is_ok_and(|paths| paths.iter().any(|path| name_after_key(path).is_some()));
    records.is_dir()
        && (has("runs.csv")
            || has(sessions::FOLDER)
            || matches!(Manifest::of(folder), Ok(Some(_)))
            || has_record())
}

/// The results folder that `path` is or lies in.
pub(super) fn results_folder(path: &Path) -> Option<&Path> {
    // `..` can lead out of the folder again.
    let is_inside = |folder: &&Path| {
        let (mut depth, rest) = (0, path.strip_prefix(folder).unwrap_or(Path::new("")));
        rest.components().all(|component| {
            depth += if component == Component::ParentDir { -1 } else { 1 };
            depth >= 0
        })
    };
    path.ancestors().filter(is_inside).find(|folder| is_results_folder(folder))
}

/// Whether `path` is a results folder or lies in one.
pub fn is_in_results(path: &Path) -> bool {
    results_folder(path).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_record_makes_a_results_folder_and_a_foreign_manifest_does_not() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a");
        let records = folder.join(Record::FOLDER);
        fs::create_dir_all(&records).unwrap();
        fs::write(Manifest::path(&folder), "{\"name\": \"an app\"}").unwrap();
        assert!(!is_results_folder(&folder));
        fs::write(records.join("0123456789abcdef.json.damaged"), "").unwrap();
        assert!(is_results_folder(&folder), "beside a damaged manifest");
        for (inside, expected) in
            [("", true), ("0123", true), ("records/x", true), ("../b", false), ("records/../../b", false)]
        {
            let found = results_folder(&folder.join(inside)).is_some();
            assert_eq!(found, expected, "{inside}");
        }
        assert!(!is_in_results(root.path()));
    }
}
