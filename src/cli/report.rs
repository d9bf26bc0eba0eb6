//! `aesparse report`: stored results → figures and one HTML file.

use super::args::ReportArguments;
use super::messages::Messages;
use super::{Ending, figures, output, stored};
use aesparse::error::Result;
use aesparse::report::inspect::Album;
use aesparse::report::theory::{self, Study};
use aesparse::report::{Drawing, claims, controls, html, markdown};
use aesparse::store::write_atomic;
use std::path::Path;

/// Draws everything in a results root or folder and writes the report beside it.
///
/// # Errors
/// Where there are no results, they are damaged, or a file lies among those of a training, or can't be written.
pub(crate) fn report(arguments: &ReportArguments, messages: &Messages) -> Result<Ending> {
    if let Some(path) = &arguments.markdown {
        check_place(path, &arguments.directory)?;
    }
    let results = stored::read_all(&arguments.directory, messages)?;
    let albums = Album::all(&results, &arguments.directory)?;
    let (controls, studies) = (controls::Page::all(&results), Study::all(&results));
    figures::draw(&Drawing::all(&results, &controls, &studies), &arguments.directory, messages)?;
    if !studies.is_empty() {
        let path = arguments.directory.join("figures").join(theory::FILE);
        write_atomic(&path, &theory::csv(&studies))?;
        messages.note(format_args!("written: {}", path.display()));
    }
    let folder = arguments.directory.join("figures");
    for picture in controls.iter().map(|page| &page.picture).chain(studies.iter().flat_map(Study::pictures)) {
        picture.write(&folder)?;
        let files = folder.join(format!("{}.{{csv,svg,png}}", picture.stem));
        messages.note(format_args!("drawn: {}", files.display()));
    }
    let claims = claims::judge(&results);
    let path = arguments.directory.join("report.html");
    write_atomic(&path, html::page(&results, &claims, &albums).as_bytes())?;
    let mut text = format!("written: {}\n", path.display());
    if let Some(path) = &arguments.markdown {
        let command =
            format!("aesparse report {} --markdown {}", arguments.directory.display(), path.display());
        write_atomic(path, markdown::page(&results, &claims, &albums, &command).as_bytes())?;
        text.push_str(&format!("written: {}\n", path.display()));
    }
    Ok(messages.print(&text))
}

/// Refuses to write Markdown to `path` in a results folder, unless that is the one in `directory` that is reported on, beside its
/// report.
fn check_place(path: &Path, directory: &Path) -> Result<()> {
    let place = output::resolved(path);
    let is_beside_report = place.parent() == Some(output::resolved(directory).as_path());
    if is_beside_report && place.extension().is_some_and(|extension| extension == "md") {
        return Ok(());
    }
    output::outside_results("--markdown", path)
}
