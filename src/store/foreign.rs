//! Foreign files in a results folder: files that this program has not written.

use super::columns::{epoch_columns, run_columns};
use super::csv::has_header;
use super::distribution::DistributionRecord;
use super::files::{entries, is_hidden, name_after_key, read_if_there};
use super::layout::{is_ours, is_results_folder};
use super::manifest::Manifest;
use super::record::Record;
use super::sessions;
use super::side::SideRecord;
use super::theory::TheoryRecord;
use crate::error::{Error, Result};
use std::fmt;
use std::path::{Path, PathBuf};

/// Whether a file has a name that this program gives to files of runs, including files set aside.
fn is_of_a_run(path: &Path) -> bool {
    let end = name_after_key(path).and_then(|end| end.split(".damaged").next());
    end.is_some_and(|end| [".json", ".csv"].contains(&end))
}

/// Files in the folders of a results folder whose names this program doesn't use, such as copies made by a synchroniser. They are passed
/// over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignFiles {
    first: PathBuf,
    others: usize,
}

impl fmt::Display for ForeignFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, others } = self;
        write!(f, "{}: no file of this program has such a name; it is passed over", first.display())?;
        if *others > 0 {
            write!(f, ", and so {} {others} more like it", if *others == 1 { "is" } else { "are" })?;
        }
        f.write_str("; move it away where it is not wanted")
    }
}

/// The foreign files of the results folder `folder`, if there are any. Hidden files don't count.
///
/// # Errors
/// Where a folder can't be listed.
pub fn foreign_files(folder: &Path) -> Result<Option<ForeignFiles>> {
    let in_folder = |inside: &str, is_ours: fn(&Path) -> bool| {
        let entries = entries(&folder.join(inside))?.into_iter();
        Result::Ok(entries.filter(move |path| !is_hidden(path) && !is_ours(path)))
    };
    let of_runs = in_folder(Record::FOLDER, is_of_a_run)?
        .chain(in_folder(TheoryRecord::FOLDER, is_of_a_run)?)
        .chain(in_folder(DistributionRecord::FOLDER, is_of_a_run)?);
    let mut foreign = of_runs.chain(in_folder(sessions::FOLDER, sessions::is_session)?);
    Ok(foreign.next().map(|first| ForeignFiles { first, others: foreign.count() }))
}

/// Checks that results may go to `folder`: that it has results, or no folder that a results folder doesn't have. Files beside them do no
/// harm: a log may be written there.
///
/// # Errors
/// [`Error::Store`] with the name of the folder in it.
pub fn refuse_other_folder(folder: &Path) -> Result<()> {
    refuse_with(folder, Path::is_dir, "choose another folder with --out")
}

/// Checks that `folder` may be moved away: that it has results, or nothing that a results folder doesn't have.
pub(super) fn refuse_to_move(folder: &Path) -> Result<()> {
    refuse_with(folder, |_| true, "leave out --fresh, or choose another folder with --out")
}

/// Refuses a `folder` that has no results, but something that `is_other` and is not hidden.
fn refuse_with(folder: &Path, is_other: fn(&Path) -> bool, fix: &str) -> Result<()> {
    let is_other = |path: &PathBuf| !is_hidden(path) && !is_ours(path) && is_other(path);
    let Some(other) = entries(folder)?.into_iter().find(is_other) else { return Ok(()) };
    if is_results_folder(folder) {
        return Ok(());
    }
    let name = other.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Err(Error::store(folder, format!("it has no results, but {name}, which is not ours"), fix))
}

/// Checks that no foreign file would be overwritten.
pub(super) fn refuse_foreign(folder: &Path) -> Result<()> {
    Manifest::of(folder)?;
    let fix = "move it away, or choose another folder with --out";
    let columns: [(_, Vec<_>); 2] =
        [("runs.csv", run_columns().collect()), ("epochs.csv", epoch_columns().collect())];
    for (name, columns) in columns {
        let path = folder.join(name);
        if read_if_there(&path)?.is_some_and(|bytes| !has_header(&bytes, columns.into_iter())) {
            return Err(Error::store(path, "not a table of this program: its columns are others", fix));
        }
    }
    Ok(())
}
