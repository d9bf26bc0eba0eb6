//! `aesparse report`: renders stored results as figures and as a report in HTML and Markdown.

use super::args::ReportArguments;
use super::messages::Messages;
use super::{ExitStatus, figures, output, stored};
use crate::error::{Error, Result, shell_word};
use crate::report::document::{Block, Span, Text};
use crate::report::figure::SigmaScale;
use crate::report::inspect::albums;
use crate::report::{FIGURES, Prose, Report, render, theory};
use crate::store::{read_regular, relative_path, write_atomic};
use clap::ValueEnum as _;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// Renders the figures and the report of a results root or folder, and writes them there or to `--out`.
///
/// # Errors
/// Where there are no results, they are damaged, an output path lies in another results folder, or a file can't be written.
pub(crate) fn report(arguments: &ReportArguments, messages: &Messages) -> Result<ExitStatus> {
    let paths = ReportPaths::new(arguments)?;
    if let Some(path) = &arguments.markdown {
        check_markdown(path, &arguments.directory)?;
        output::check_not_an_input("--markdown", path, arguments.blocks.iter().map(PathBuf::as_path))?;
    }
    let results = stored::read_all(&arguments.directory, messages)?;
    let report = Report::new(&results, albums(&results, paths.folder)?, arguments.sigma_axis.into());
    let mut document = report.document(&prose(arguments, &paths)?);
    let pages = refresh(&arguments.blocks, &report)?;
    let written = draw(&report, paths.folder, messages)
        .and_then(|()| write_atomic(&paths.page, render::html(&document).as_bytes()));
    written.map_err(|error| if arguments.out.is_none() { advise_out(error) } else { error })?;
    let mut text = format!("written: {}\n", paths.page.display());
    if let Some(path) = &arguments.markdown {
        document.blocks.insert(0, made_by(arguments));
        write_atomic(path, render::markdown(&document).as_bytes())?;
        text.push_str(&format!("written: {}\n", path.display()));
        let folder = output::resolved(paths.folder);
        if output::resolved(path).parent() != Some(folder.as_path()) {
            messages.warning(format_args!(
                "{}: its pictures and links start from {}; write the page there",
                path.display(),
                folder.display()
            ));
        }
    }
    for (path, page) in pages {
        let verb = if let Some(page) = page {
            write_atomic(path, page.as_bytes())?;
            "written"
        } else {
            "unchanged"
        };
        text.push_str(&format!("{verb}: {}\n", path.display()));
    }
    Ok(messages.print(&text))
}

/// Makes the marked blocks of the pages `paths` anew. Returns each page that changes with its text, and the others without.
///
/// # Errors
/// [`Error::Usage`] where a page can't be read, or a block can't be made.
fn refresh<'a>(paths: &'a [PathBuf], report: &Report<'_>) -> Result<Vec<(&'a Path, Option<String>)>> {
    let refreshed = |path: &'a PathBuf| {
        let refuse = |problem: String| Error::usage(format_args!("--blocks {}: {problem}", path.display()));
        output::check_outside_results("--blocks", path)?;
        let bytes = read_regular(path)
            .map_err(|error| refuse(format!("cannot read it: {error}; accepted: a Markdown page")))?;
        let page = String::from_utf8(bytes)
            .map_err(|_| refuse("it is not text in UTF-8; accepted: a Markdown page".to_owned()))?;
        let fresh = report.with_blocks(&page).map_err(|problem| refuse(problem.to_string()))?;
        Ok((path.as_path(), (fresh != page).then_some(fresh)))
    };
    paths.iter().map(refreshed).collect()
}

/// The line in a Markdown report that gives the command it was made by.
fn made_by(arguments: &ReportArguments) -> Block {
    let mut command = format!("aesparse report {}", shell_word(&arguments.directory));
    let options =
        [("--out", &arguments.out), ("--markdown", &arguments.markdown), ("--findings", &arguments.findings)];
    for (option, path) in options {
        if let Some(path) = path {
            command.push_str(&format!(" {option} {}", shell_word(path)));
        }
    }
    let axis = arguments.sigma_axis.to_possible_value();
    if let Some(axis) = axis.filter(|_| SigmaScale::from(arguments.sigma_axis) != SigmaScale::Auto) {
        command.push_str(&format!(" --sigma-axis {}", axis.get_name()));
    }
    Block::Paragraph(Text::from("Made by ").then(Span::Code(command)).then("; not edited by hand."))
}

/// The pages in the folder of `--findings`, as paths relative to the report.
///
/// # Errors
/// [`Error::Usage`] where it has no such page.
fn prose(arguments: &ReportArguments, paths: &ReportPaths<'_>) -> Result<Prose> {
    let Some(folder) = &arguments.findings else { return Ok(Prose::default()) };
    let [from, to] = [paths.folder, folder.as_path()].map(output::resolved);
    let path = relative_path(&from, &to).unwrap_or(to);
    let parts = path.components().filter(|part| *part != Component::CurDir);
    let path: Vec<String> = parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    let page = |name: &str| {
        folder.join(name).is_file().then(|| [path.clone(), vec![name.to_owned()]].concat().join("/"))
    };
    let prose =
        Prose { findings: page("findings.md"), theory: page("theory.md"), controls: page("controls.md") };
    if prose == Prose::default() {
        let problem = "it has no findings.md, theory.md or controls.md; accepted: a folder with one of these";
        return Err(Error::Usage { problem: format!("--findings {}: {problem}", folder.display()) });
    }
    Ok(prose)
}

/// Writes all figures of `report`, with their CSV files, to `figures/` in `folder`.
fn draw(report: &Report<'_>, folder: &Path, messages: &Messages) -> Result<()> {
    let folder = folder.join(FIGURES);
    if !report.studies.is_empty() {
        let path = folder.join(theory::FILE);
        write_atomic(&path, &theory::csv(&report.studies))?;
        messages.note(format_args!("written: {}", path.display()));
    }
    figures::draw(report.drawings(), &folder, messages)
}

/// Where a report is written.
struct ReportPaths<'a> {
    /// The HTML file.
    page: PathBuf,
    /// The folder in which `figures/` is written.
    folder: &'a Path,
}

impl<'a> ReportPaths<'a> {
    /// The paths inside the reported directory, or those given by `--out`.
    ///
    /// # Errors
    /// [`Error::Usage`] where `--out` lies in another results folder, or is a file that isn't HTML.
    fn new(arguments: &'a ReportArguments) -> Result<Self> {
        let of_folder = |folder: &'a Path| Self { page: folder.join(PAGE), folder };
        let Some(out) = &arguments.out else { return Ok(of_folder(&arguments.directory)) };
        let is_page = out.extension().is_some_and(|end| end.eq_ignore_ascii_case("html"));
        let paths = if is_page {
            Self { page: out.clone(), folder: out.parent().unwrap_or(Path::new("")) }
        } else {
            of_folder(out)
        };
        if !is_page && out.is_file() {
            let problem = "it is a file; accepted: a folder, or a file that ends in .html";
            return Err(Error::Usage { problem: format!("--out {}: {problem}", out.display()) });
        }
        if output::resolved(paths.folder) != output::resolved(&arguments.directory) {
            output::check_outside_results("--out", out)?;
        }
        Ok(paths)
    }
}

/// The name of the HTML file.
const PAGE: &str = "report.html";

/// Adds the advice to use `--out` to the error of a folder that can't be written.
fn advise_out(error: Error) -> Error {
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

/// Refuses to write Markdown to `path` where it is a folder or in a results folder, except to a `.md` file beside the report of
/// `directory`.
fn check_markdown(path: &Path, directory: &Path) -> Result<()> {
    if path.is_dir() {
        return Err(Error::usage(format_args!(
            "--markdown {}: it is a folder; accepted: a file",
            path.display()
        )));
    }
    let path_in_full = output::resolved(path);
    let is_beside_report = path_in_full.parent() == Some(output::resolved(directory).as_path());
    if is_beside_report && path_in_full.extension().is_some_and(|extension| extension == "md") {
        return Ok(());
    }
    output::check_outside_results("--markdown", path)
}
