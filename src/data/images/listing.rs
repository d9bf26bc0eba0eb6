//! Lists the pictures below a folder, in an order that is the same on every machine.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::data::raw::Remark;
use crate::error::{Error, Result};
use crate::regular;

/// File extensions of pictures, in lower case.
const PICTURES: [&str; 3] = ["png", "jpg", "jpeg"];

/// File extensions of pictures in formats that aren't read, in lower case.
const OTHER_FORMATS: [&str; 27] = [
    "apng", "arw", "avif", "bmp", "cr2", "dng", "exr", "gif", "hdr", "heic", "heif", "ico", "jfif", "jp2",
    "jpe", "jxl", "nef", "pbm", "pgm", "pnm", "ppm", "psd", "svg", "tga", "tif", "tiff", "webp",
];

/// The name of the figures' folder in a results root.
const FIGURES: &str = "figures";

/// A file that is named like a picture.
#[derive(Debug)]
pub(super) struct PictureFile {
    /// The path relative to the folder, with `/` between names; bytes that are not UTF-8 are replaced.
    pub(super) id: String,
    pub(super) path: PathBuf,
}

/// The pictures below a folder, and what was skipped.
#[derive(Debug, Default)]
pub(super) struct PictureListing {
    /// The files named like pictures, at least one, in byte order of their paths relative to the folder.
    pub(super) files: Vec<PictureFile>,
    /// Number of files in other formats, by extension.
    others: BTreeMap<&'static str, usize>,
    /// Folders that this program wrote.
    own: Vec<PathBuf>,
}

impl PictureListing {
    /// Notes about everything that was skipped in `folder`, including `marked` PNGs that this program drew.
    pub(super) fn remarks(&self, folder: &Path, marked: usize) -> Vec<Remark> {
        let folder = folder.display();
        let mut notes = Vec::new();
        if !self.others.is_empty() {
            notes.push(format!("{folder}: {}: passed over, only PNG and JPEG files are read", self.counts()));
        }
        notes.extend(
            self.own.iter().map(|own| {
                format!("{folder}: {} holds what this program wrote, and no samples", own.display())
            }),
        );
        if marked > 0 {
            let noun = if marked == 1 { "picture" } else { "pictures" };
            notes.push(format!("{folder}: {marked} {noun} that this program drew: passed over"));
        }
        notes.into_iter().map(Remark::Note).collect()
    }

    /// Number of files in other formats, as in `2 .gif, 1 .tif`.
    fn counts(&self) -> String {
        let counts: Vec<String> = self.others.iter().map(|(end, count)| format!("{count} .{end}")).collect();
        counts.join(", ")
    }
}

/// Lists the pictures below `folder`.
///
/// # Errors
/// [`Error::Data`] when `folder` is no folder or has no pictures, [`Error::Io`] when the system refuses to list it.
pub(super) fn list(folder: &Path) -> Result<PictureListing> {
    check(folder)?;
    let mut listing = PictureListing::default();
    let mut files = Vec::new();
    // Folders still to be listed, with their relative paths as bytes.
    let mut folders = vec![(folder.to_owned(), Vec::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let mut inside = Vec::new();
        for entry in fs::read_dir(&folder).map_err(Error::io("read", &folder))? {
            let entry = entry.map_err(Error::io("read", &folder))?;
            let name = entry.file_name();
            let name = name.as_encoded_bytes();
            if name.starts_with(b".") {
                continue;
            }
            let path = entry.path();
            if entry.file_type().map_err(Error::io("read", &path))?.is_dir() {
                inside.push((path, [&prefix, name, b"/"].concat()));
            } else if is_picture(&entry) {
                files.push(([&prefix, name].concat(), path));
            } else if let Some(end) = extension(&path, &OTHER_FORMATS) {
                *listing.others.entry(end).or_default() += 1;
            }
        }
        let is_own: Vec<bool> = inside.iter().map(|(path, _)| holds_our_results(path)).collect();
        let has_results = is_own.contains(&true);
        for ((path, prefix), is_own) in inside.into_iter().zip(is_own) {
            if is_own || has_results && path.ends_with(FIGURES) {
                listing.own.push(path);
            } else {
                folders.push((path, prefix));
            }
        }
    }
    if files.is_empty() {
        let others =
            if listing.others.is_empty() { String::new() } else { format!("; found {}", listing.counts()) };
        return Err(Error::data(
            folder,
            format!(
                "no file in this folder or below it ends in .png, .jpg or .jpeg; hidden ones and those behind links to folders \
                 don't count{others}"
            ),
            "put pictures there, or correct the path",
        ));
    }
    files.sort_unstable();
    listing.own.sort_unstable();
    let file =
        |(id, path): (Vec<u8>, PathBuf)| PictureFile { id: String::from_utf8_lossy(&id).into_owned(), path };
    listing.files = files.into_iter().map(file).collect();
    Ok(listing)
}

/// Whether `folder` holds results of this program: it has records and a manifest with our keys. The manifest's type is in
/// `store`, which this layer can't import.
fn holds_our_results(folder: &Path) -> bool {
    if !folder.join("records").is_dir() {
        return false;
    }
    let Ok(text) = regular::read(&folder.join("manifest.json")) else { return false };
    let manifest: Json = serde_json::from_slice(&text).unwrap_or_default();
    ["version", "numerics", "config"].iter().all(|key| manifest.get(key).is_some())
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

/// Whether an entry that is not a folder is named like one of the [`PICTURES`] and is a file or a link to a file. A broken link
/// counts, too: the error comes when it is read.
fn is_picture(entry: &DirEntry) -> bool {
    let path = entry.path();
    let leads_to_file = || match fs::metadata(&path) {
        Ok(metadata) => metadata.is_file(),
        Err(_) => true,
    };
    extension(&path, &PICTURES).is_some() && leads_to_file()
}

/// The one of the `known` extensions that the file `path` has, in any case.
fn extension(path: &Path, known: &[&'static str]) -> Option<&'static str> {
    let extension = path.extension()?;
    known.iter().find(|known| extension.eq_ignore_ascii_case(known)).copied()
}
