//! What `aesparse inspect` has left in a results folder, for the report.
//!
//! Charts are drawn anew from the record, so nothing that stands in a file can become part of the page; pixels are read, and
//! stand in the page as images, which can't do anything.

use super::{CURVES, FILTERS, HISTOGRAM, Histogram, RECONSTRUCTIONS, curves, words};
use crate::error::{Error, Result};
use crate::regular;
use crate::report::html::themed;
use crate::report::markdown::plain;
use crate::store::{Results, StoredRun};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use maud::{Markup, PreEscaped, html};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The folder in a results folder that has a folder of pictures for each run.
const FOLDER: &str = "inspect";

/// The bytes that every PNG begins with.
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The largest picture that is put into a page.
const MOST_BYTES: u64 = 32 << 20;

/// The pictures of one run.
#[derive(Debug, Clone)]
pub struct Album {
    /// `quickstart: DAE at σ² = 0.1 · …`
    heading: String,
    run_key: String,
    /// The folder of the pictures, from where the report is, as it stands in a link.
    link: String,
    /// Names of the files without their ends, what they show, and the PNG.
    images: Vec<(&'static str, &'static str, Vec<u8>)>,
    /// The same with the SVG.
    charts: Vec<(&'static str, &'static str, String)>,
}

impl Album {
    /// Those of all `results`, in the order of their runs, for a report in the folder `root`: of the runs that have a folder
    /// `inspect/<run_key>/` in their results folder, what of the known pictures is in it.
    ///
    /// # Errors
    /// [`Error::Store`] where a picture is no PNG, or larger than 32 MiB; [`Error::Io`] where one can't be read.
    pub fn all(results: &[Results], root: &Path) -> Result<Vec<Self>> {
        let mut albums = Vec::new();
        for folder in results {
            let mut seen = BTreeSet::new();
            // Cells at σ² = 0 may share a run.
            for run in folder.runs.iter().filter(|run| seen.insert(&run.record.run_key)) {
                albums.extend(Self::of(folder, run, root)?);
            }
        }
        Ok(albums)
    }

    fn of(results: &Results, run: &StoredRun, root: &Path) -> Result<Option<Self>> {
        let key = &run.record.run_key;
        let folder = results.folder.join(FOLDER).join(key);
        let mut images = Vec::new();
        for (stem, shows) in [(FILTERS, "The filters"), (RECONSTRUCTIONS, "Samples and reconstructions")] {
            images.extend(read(&folder.join(format!("{stem}.png")))?.map(|png| (stem, shows, png)));
        }
        let is_there = |stem: &str| folder.join(format!("{stem}.svg")).is_file();
        let histogram = is_there(HISTOGRAM).then(|| Histogram::of(run)).flatten();
        let training = is_there(CURVES).then(|| curves(run)).flatten();
        let charts: Vec<_> = histogram
            .map(|histogram| (HISTOGRAM, "Units by activation fraction", histogram.svg()))
            .into_iter()
            .chain(training.map(|picture| (CURVES, "Training", picture.chart.svg())))
            .collect();
        if images.is_empty() && charts.is_empty() {
            return Ok(None);
        }
        let inside = folder.strip_prefix(root).map(Path::to_owned);
        // A report elsewhere finds them by their absolute path.
        let inside = inside.or_else(|_| std::path::absolute(&folder)).unwrap_or_else(|_| folder.clone());
        Ok(Some(Self {
            heading: format!("{}: {}", results.name, words(run)),
            run_key: key.clone(),
            link: link(&inside),
            images,
            charts,
        }))
    }

    fn html(&self) -> Markup {
        html! {
            h3 id={ "inspect-" (self.run_key) } { (self.heading) }
            p.muted { "Run " (self.run_key) }
            @for (_, shows, png) in &self.images {
                figure.image {
                    img alt={ (shows) " of run " (self.run_key) }
                        src={ "data:image/png;base64," (BASE64_STANDARD.encode(png)) };
                }
            }
            div.pair { @for (_, _, svg) in &self.charts { figure { (PreEscaped(themed(svg))) } } }
        }
    }

    fn markdown(&self, page: &mut String) {
        let _ = writeln!(page, "\n### {}\n\nRun {}\n", plain(&self.heading), plain(&self.run_key));
        let images = self.images.iter().map(|(stem, shows, _)| (stem, shows));
        for (stem, shows) in images.chain(self.charts.iter().map(|(stem, shows, _)| (stem, shows))) {
            let _ = writeln!(page, "![{shows}]({}/{stem}.png)\n", self.link);
        }
    }
}

/// All `albums` on the report's page.
pub(in crate::report) fn section(albums: &[Album]) -> Markup {
    html! {
        p {
            "Single runs looked at by aesparse inspect. Filters are the rows of W, the most active unit first and dead units \
             crossed out, each with a contrast of its own: black is −max |W_j|, white max |W_j|. Samples and reconstructions \
             are in the units of the data."
        }
        @for album in albums { (album.html()) }
    }
}

/// Appends the section on `albums` to the Markdown `page`; nothing without any.
pub(in crate::report) fn write(page: &mut String, albums: &[Album]) {
    if !albums.is_empty() {
        page.push_str("\n## Runs looked at\n");
        albums.iter().for_each(|album| album.markdown(page));
    }
}

/// The PNG at `path`, if there is one.
fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    let refuse = |problem: String| {
        Err(Error::store(path, problem, "remove it, or draw it again with aesparse inspect"))
    };
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() > MOST_BYTES => {
            return refuse(format!("found {} bytes; accepted: at most {MOST_BYTES}", metadata.len()));
        }
        Ok(_) => {}
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(Error::io("read", path)(error)),
    }
    let bytes = regular::read(path).map_err(Error::io("read", path))?;
    if bytes.starts_with(SIGNATURE) { Ok(Some(bytes)) } else { refuse("not a PNG".to_owned()) }
}

/// A path as the target of a link in Markdown: names apart by `/`, all but letters, digits, `.`, `_` and `-` as `%XX`.
fn link(path: &Path) -> String {
    let name = |name: std::borrow::Cow<'_, str>| -> String {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        };
        name.bytes().map(byte).collect()
    };
    let root = if path.is_absolute() { "/" } else { "" };
    let names = path.components().filter(|part| !matches!(part, std::path::Component::RootDir));
    let names: Vec<String> = names.map(|part| name(part.as_os_str().to_string_lossy())).collect();
    root.to_owned() + &names.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_folder_whatever_it_is_called() {
        assert_eq!(link(Path::new("a/inspect/0123")), "a/inspect/0123");
        assert_eq!(link(Path::new("a b](x)/é\"")), "a%20b%5D%28x%29/%C3%A9%22");
        assert_eq!(link(Path::new("/tmp/x")), "/tmp/x");
    }

    #[test]
    fn only_a_png_becomes_part_of_the_page() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("filters.png");
        assert!(read(&path).unwrap().is_none());
        assert!(read(&folder.path().join("filters.png/x")).unwrap().is_none());
        fs::write(&path, "<svg/>").unwrap();
        let message = read(&path).unwrap_err().to_string();
        assert!(message.contains("filters.png") && message.contains("not a PNG"), "{message}");
        fs::write(&path, [SIGNATURE, b"anything"].concat()).unwrap();
        assert_eq!(read(&path).unwrap().unwrap().len(), 16);
    }
}
