//! The pictures of a folder, in an order that is the same on every machine.

use std::ffi::OsStr;
use std::fs::{self, DirEntry};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The ends of names, in lower case.
const ENDINGS: [&str; 3] = ["png", "jpg", "jpeg"];

/// The files below `folder` that are called pictures, in byte order of their paths relative to it, at least one.
pub(super) fn find(folder: &Path) -> Result<Vec<PathBuf>> {
    check(folder)?;
    let mut found = Vec::new();
    // Folders to look into, with what stands before the names in them.
    let mut folders = vec![(folder.to_owned(), Vec::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(Error::io("read", &folder))? {
            let entry = entry.map_err(Error::io("read", &folder))?;
            let name = entry.file_name();
            let name = name.as_encoded_bytes();
            if name.starts_with(b".") {
                continue;
            }
            let path = entry.path();
            if entry.file_type().map_err(Error::io("read", &path))?.is_dir() {
                folders.push((path, [&prefix, name, b"/"].concat()));
            } else if is_picture(&entry) {
                found.push(([&prefix, name].concat(), path));
            }
        }
    }
    if found.is_empty() {
        return Err(Error::data(
            folder,
            "no file in this folder or below it ends in .png, .jpg or .jpeg; hidden ones and those behind links to folders \
             don't count",
            "put pictures there, or correct the path",
        ));
    }
    found.sort_unstable();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

fn check(folder: &Path) -> Result<()> {
    match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => {
            Err(Error::data(folder, "is a file, expected a folder of pictures", "give the folder's path"))
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(Error::data(folder, "there is no such folder", "check the path, or put the folder there"))
        }
        Err(error) => Err(Error::io("read", folder)(error)),
    }
}

/// Whether an entry that is no folder is a file with one of the [`ENDINGS`], or a link to a file. A link that leads nowhere counts:
/// reading it says so.
fn is_picture(entry: &DirEntry) -> bool {
    let path = entry.path();
    let has = |extension: &OsStr| ENDINGS.iter().any(|ending| extension.eq_ignore_ascii_case(ending));
    let leads_to_file = || match fs::metadata(&path) {
        Ok(metadata) => metadata.is_file(),
        Err(_) => true,
    };
    path.extension().is_some_and(has) && leads_to_file()
}
