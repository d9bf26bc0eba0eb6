//! `aesparse report`: stored results → figures and one HTML file.

use super::args::ReportArguments;
use super::messages::Messages;
use super::{Ending, figures, output, stored};
use aesparse::error::{Error, Result, shell_word};
use aesparse::report::figure::SigmaScale;
use aesparse::report::inspect::Album;
use aesparse::report::theory::{self, Study};
use aesparse::report::{Drawing, claims, controls, html, markdown, set_sigma_scale};
use aesparse::store::{Results, write_atomic};
use clap::ValueEnum as _;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Draws everything in a results root or folder and writes the report beside it, or to another place.
///
/// # Errors
/// Where there are no results, they are damaged, or a file lies among those of a training, or can't be written.
pub(crate) fn report(arguments: &ReportArguments, messages: &Messages) -> Result<Ending> {
    let place = Place::of(arguments)?;
    if let Some(path) = &arguments.markdown {
        check_markdown(path, &arguments.directory)?;
    }
    let results = stored::read_all(&arguments.directory, messages)?;
    let albums = Album::all(&results, place.folder)?;
    let scale = SigmaScale::from(arguments.sigma_axis);
    let drawn = draw(&results, scale, place.folder, messages);
    let claims = claims::judge(&results);
    let page = || html::page(&results, &claims, &albums, scale);
    let written = drawn.and_then(|()| write_atomic(&place.page, page().as_bytes()));
    written.map_err(|error| if arguments.out.is_none() { or_elsewhere(error) } else { error })?;
    let mut text = format!("written: {}\n", place.page.display());
    if let Some(path) = &arguments.markdown {
        let mut command = format!("aesparse report {}", shell_word(&arguments.directory));
        if let Some(out) = &arguments.out {
            command.push_str(&format!(" --out {}", shell_word(out)));
        }
        if let Some(axis) = arguments.sigma_axis.to_possible_value().filter(|_| scale != SigmaScale::Auto) {
            command.push_str(&format!(" --sigma-axis {}", axis.get_name()));
        }
        command.push_str(&format!(" --markdown {}", shell_word(path)));
        write_atomic(path, markdown::page(&results, &claims, &albums, &command).as_bytes())?;
        text.push_str(&format!("written: {}\n", path.display()));
    }
    Ok(messages.print(&text))
}

/// Draws all pictures of `results` and writes their numbers to `figures/` in `folder`.
fn draw(results: &[Results], scale: SigmaScale, folder: &Path, messages: &Messages) -> Result<()> {
    let (mut controls, studies) = (controls::Page::all(results), Study::all(results));
    let mut drawings = Drawing::all(results, &controls, &studies);
    set_sigma_scale(&mut drawings, &mut controls, scale);
    figures::draw(&drawings, folder, messages)?;
    let folder = folder.join("figures");
    if !studies.is_empty() {
        let path = folder.join(theory::FILE);
        write_atomic(&path, &theory::csv(&studies))?;
        messages.note(format_args!("written: {}", path.display()));
    }
    for picture in controls.iter().map(|page| &page.picture).chain(studies.iter().flat_map(Study::pictures)) {
        messages.drawn(&folder, &picture.stem, picture.write(&folder)?);
    }
    Ok(())
}

/// Where a report goes.
struct Place<'a> {
    /// The HTML file.
    page: PathBuf,
    /// The folder with `figures/`.
    folder: &'a Path,
}

impl<'a> Place<'a> {
    /// The directory that is reported on, or the folder or the file of `--out`.
    ///
    /// # Errors
    /// [`Error::Usage`] where that lies in another results folder, or is a file of another kind.
    fn of(arguments: &'a ReportArguments) -> Result<Self> {
        let of_folder = |folder: &'a Path| Self { page: folder.join(PAGE), folder };
        let Some(out) = &arguments.out else { return Ok(of_folder(&arguments.directory)) };
        let is_page = out.extension().is_some_and(|end| end.eq_ignore_ascii_case("html"));
        let place = if is_page {
            Self { page: out.clone(), folder: out.parent().unwrap_or(Path::new("")) }
        } else {
            of_folder(out)
        };
        if !is_page && out.is_file() {
            let problem = "it is a file; accepted: a folder, or a file that ends in .html";
            return Err(Error::Usage { problem: format!("--out {}: {problem}", out.display()) });
        }
        if output::resolved(place.folder) != output::resolved(&arguments.directory) {
            output::outside_results("--out", out)?;
        }
        Ok(place)
    }
}

/// What the HTML file is called.
const PAGE: &str = "report.html";

/// The error of a place that can't be written, with the way out.
fn or_elsewhere(error: Error) -> Error {
    match error {
        Error::Io { action, path, source }
            if matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) =>
        {
            let problem = format!("cannot {action} it: {source}");
            Error::store(path, problem, "write the report elsewhere with --out FOLDER")
        }
        other => other,
    }
}

/// Refuses to write Markdown to `path` in a results folder, unless that is the one in `directory` that is reported on, beside its
/// report.
fn check_markdown(path: &Path, directory: &Path) -> Result<()> {
    let place = output::resolved(path);
    let is_beside_report = place.parent() == Some(output::resolved(directory).as_path());
    if is_beside_report && place.extension().is_some_and(|extension| extension == "md") {
        return Ok(());
    }
    output::outside_results("--markdown", path)
}
