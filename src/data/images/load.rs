//! Reads a folder's pictures as samples.

use super::listing::{self, PictureFile};
use super::{ImageFolder, MAX_SIDE, OnError, picture};
use crate::data::digest::Digest;
use crate::data::raw::{Raw, Remark, SampleMatrix, Stored};
use crate::data::{SampleIds, count, matrix, size};
use crate::error::{Error, Result};
use std::fs;
use std::path::Path;

impl ImageFolder {
    /// A digest that begins with the shape of the samples.
    fn start_digest(&self) -> Digest {
        let mut digest = Digest::new();
        for number in [self.height, self.width, self.channels.count()] {
            digest.update(&(number as u64).to_le_bytes());
        }
        digest
    }

    fn check(&self) -> Result<()> {
        let sides = [self.height, self.width];
        if sides.iter().all(|side| (1..=MAX_SIDE).contains(side)) {
            return Ok(());
        }
        let [height, width] = sides;
        Err(Error::data(
            &self.path,
            format!("samples of {height} × {width} pixels are asked for"),
            format!("set height and width to 1 to {MAX_SIDE}"),
        ))
    }
}

/// The first `samples` pictures (`None`: all), not standardised. All pictures are decoded, because the digest covers all of them.
pub(in crate::data) fn load(folder: &ImageFolder, samples: Option<usize>) -> Result<Raw> {
    folder.check()?;
    let listing = listing::list(&folder.path)?;
    let inputs = folder.inputs();
    let most = count(&folder.path, samples, listing.files.len())?;
    let (mut values, mut ids) = (size::reserve(&folder.path, most, inputs)?, Vec::new());
    let mut digest = folder.start_digest();
    let (mut available, mut own, mut refused) = (0, 0, Vec::new());
    for PictureFile { path, id } in &listing.files {
        let sample = match picture::sample(path, folder) {
            Ok(Some(sample)) => sample,
            Ok(None) => {
                own += 1;
                continue;
            }
            // An error of the system or a lack of memory stops the program, because it may not happen the next time.
            Err(error @ Error::Data { .. }) if folder.on_error == OnError::Skip => {
                refused.push(error);
                continue;
            }
            Err(error) => return Err(error),
        };
        digest.update(&sample);
        if available < most {
            values.extend(sample.iter().map(|&value| f32::from(value) / 255.0));
            ids.push(id.clone());
        }
        available += 1;
    }
    if available == 0 {
        return Err(Error::data(
            &folder.path,
            format!(
                "none of its {} pictures is a sample: {own} were drawn by this program, {} can't be used",
                listing.files.len(),
                refused.len()
            ),
            "put pictures there, or correct the path",
        ));
    }
    let count = count(&folder.path, samples, available)?;
    let mut remarks = listing.remarks(&folder.path, own);
    remarks.extend(skip_warnings(&folder.path, &refused));
    let train = SampleMatrix::Single(matrix(count, inputs, values));
    let raw = Raw::new(name(&folder.path), digest.finish(), available, train, Stored::Bytes);
    Ok(Raw { ids: SampleIds::Names(ids), remarks, ..raw })
}

/// Warnings about the skipped files: the first ones with the reason, then the number of the rest.
fn skip_warnings(folder: &Path, refused: &[Error]) -> Vec<Remark> {
    /// Number of files that are named.
    const NAMED: usize = 10;
    let mut warnings: Vec<String> =
        refused.iter().take(NAMED).map(|error| format!("passed over: {error}")).collect();
    if refused.len() > NAMED {
        warnings.push(format!(
            "{}: {} more pictures are passed over",
            folder.display(),
            refused.len() - NAMED
        ));
    }
    warnings.into_iter().map(Remark::Warning).collect()
}

/// The folder's own name, also if the path ends in `.` or `..`.
fn name(folder: &Path) -> String {
    let written = folder.file_name().map(ToOwned::to_owned);
    let found = || fs::canonicalize(folder).ok()?.file_name().map(ToOwned::to_owned);
    // The root folder has no name.
    written.or_else(found).map_or_else(|| "images".to_owned(), |name| name.to_string_lossy().into_owned())
}
