//! The pictures that `aesparse inspect` has written to a results folder, for the report.
//!
//! Charts are rendered again from the record, so that no SVG file becomes part of the page. PNG files are read and embedded as
//! images, which can't run scripts, and `features.csv` becomes a table.

use super::feature_table::units_table;
use super::{
    ACTIVE_UNITS, CURVES, DENSITIES, DISTRIBUTION, FEATURES, FILTERS, HISTOGRAM, RECONSTRUCTIONS, TOP_IMAGES,
    active_units, curves, densities, distribution, histogram, words,
};
use crate::error::{Error, Result};
use crate::regular;
use crate::report::Drawing;
use crate::report::document::{Block, Details, Image, Picture, Section, anchor};
use crate::store::{DistributionRecord, INSPECT, Results, StoredRun};
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path};

/// The bytes that every PNG begins with.
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Greatest number of units of a run in the report.
const SHOWN_UNITS: usize = 20;

/// Greatest size of a file whose content becomes part of a page, in bytes.
const MOST_BYTES: u64 = 32 << 20;

/// The pictures of single runs in all `results`, in the order of the runs, for a report in the folder `root`. A run's section has
/// the known pictures in the folder `inspect/<run_key>/` of its results folder.
///
/// # Errors
/// [`Error::Store`] where a picture is no PNG, or larger than 32 MiB; [`Error::Io`] where one can't be read.
pub fn albums(results: &[Results], root: &Path) -> Result<Vec<Section>> {
    let mut albums = Vec::new();
    for folder in results {
        let mut seen = BTreeSet::new();
        // Cells at σ² = 0 may share a run.
        for run in folder.runs.iter().filter(|run| seen.insert(&run.record.run_key)) {
            albums.extend(album(folder, run, root)?);
        }
    }
    Ok(albums)
}

/// The section with the pictures of one run; `None` without pictures.
fn album(results: &Results, run: &StoredRun, root: &Path) -> Result<Option<Section>> {
    const IMAGES: [(&str, &str); 3] = [
        (FILTERS, "The filters"),
        (TOP_IMAGES, "The images that activate units most"),
        (RECONSTRUCTIONS, "Samples and reconstructions"),
    ];
    type Draw = fn(&StoredRun, Option<&DistributionRecord>) -> Option<Drawing>;
    const CHARTS: [(&str, &str, Draw); 5] = [
        (HISTOGRAM, "Units by activation fraction", |run, _| histogram(run)),
        (DENSITIES, "Units by firing density", |run, _| densities(run)),
        (ACTIVE_UNITS, "Samples by number of active units", |run, measured| {
            let last = measured?.after(run.record.result()?.epoch)?;
            Some(active_units(run, &last.codes))
        }),
        (CURVES, "Training", |run, _| curves(run)),
        (DISTRIBUTION, "Distribution of codes", |run, measured| distribution(run, measured?)),
    ];
    let key = &run.record.run_key;
    let folder = results.folder.join(INSPECT).join(key);
    let inside = folder.strip_prefix(root).map(Path::to_owned);
    // A report outside the results folder's root needs the absolute path.
    let inside = inside.or_else(|_| std::path::absolute(&folder)).unwrap_or_else(|_| folder.clone());
    let picture = |stem: &str, shows: &str, image| Picture {
        id: String::new(),
        title: format!("{shows} of run {key}"),
        image,
        file: format!("{}/{stem}.png", slashed(&inside)),
        caption: shows.into(),
        csv: None,
        command: None,
    };
    let mut pictures = Vec::new();
    for (stem, shows) in IMAGES {
        let png = png(&folder.join(format!("{stem}.png")))?;
        pictures.extend(png.map(|png| picture(stem, shows, Image::Png(png))));
    }
    for (stem, shows, draw) in CHARTS {
        let is_there = folder.join(format!("{stem}.svg")).is_file();
        let measured = results.distributions.get(key).map(|measured| &**measured);
        let drawing = is_there.then(|| draw(run, measured)).flatten();
        pictures.extend(drawing.map(|drawing| picture(stem, shows, Image::Svg(drawing.svg().to_owned()))));
    }
    let units = units(&folder.join(format!("{FEATURES}.csv")))?;
    let heading = format!("{}: {}", results.name, words(run));
    Ok((!pictures.is_empty()).then(|| {
        let mut blocks = vec![Block::note(format!("Run {key}"))];
        blocks.push(Block::Pictures(pictures));
        blocks.extend(units);
        Section::new(anchor(&["inspect", &results.name, key]), heading, blocks)
    }))
}

/// The most active units of the table of features at `path`, folded, if there is one.
fn units(path: &Path) -> Result<Option<Block>> {
    let Some(bytes) = read(path)? else { return Ok(None) };
    let table = units_table(&bytes, SHOWN_UNITS).map_err(|problem| refuse(path, problem))?;
    let summary = "Units, with the samples that activate them most".to_owned();
    Ok(Some(Block::Details(Details { summary, blocks: vec![Block::Table(table)] })))
}

/// The explanation of the pictures, for all runs.
pub(in crate::report) const ABOUT: &str = "Single runs shown by `aesparse inspect`. Filters are the rows of W, the most active unit first and dead units crossed out, each \
     with a contrast of its own: black is −max |W_j|, white max |W_j|. Top images are the training samples with the largest h. Samples and reconstructions are in the units of the data.";

/// The PNG at `path`, if there is one.
fn png(path: &Path) -> Result<Option<Vec<u8>>> {
    match read(path)? {
        Some(bytes) if !bytes.starts_with(SIGNATURE) => Err(refuse(path, "not a PNG".to_owned())),
        bytes => Ok(bytes),
    }
}

/// The content of the file at `path`, if there is one.
fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() > MOST_BYTES => {
            let problem = format!("found {} bytes; accepted: at most {MOST_BYTES}", metadata.len());
            return Err(refuse(path, problem));
        }
        Ok(_) => {}
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(Error::io("read", path)(error)),
    }
    regular::read(path).map(Some).map_err(Error::io("read", path))
}

fn refuse(path: &Path, problem: String) -> Error {
    Error::store(path, problem, "remove it, or draw it again with aesparse inspect")
}

/// A path with `/` between its names.
fn slashed(path: &Path) -> String {
    let names = path.components().filter(|part| !matches!(part, Component::RootDir));
    let names: Vec<_> = names.map(|part| part.as_os_str().to_string_lossy()).collect();
    let root = if path.is_absolute() { "/" } else { "" };
    format!("{root}{}", names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_png_becomes_part_of_the_page() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("filters.png");
        assert!(png(&path).unwrap().is_none());
        assert!(png(&folder.path().join("filters.png/x")).unwrap().is_none());
        fs::write(&path, "<svg/>").unwrap();
        let message = png(&path).unwrap_err().to_string();
        assert!(message.contains("filters.png") && message.contains("not a PNG"), "{message}");
        fs::write(&path, [SIGNATURE, b"anything"].concat()).unwrap();
        assert_eq!(png(&path).unwrap().unwrap().len(), 16);
    }
}
