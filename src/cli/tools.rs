//! The commands that help to write configurations and command lines: `new`, `schema`, `completions` and `man`.

use super::args::{Arguments, CompletionsArguments, ManArguments, NewArguments, SchemaArguments};
use super::messages::Messages;
use super::{ExitStatus, output, progress};
use crate::data::images::{Channels, Fit, ImageFolder, OnError};
use crate::data::{Locations, SampleSummary, Source};
use crate::error::{Error, Result, shell_word};
use crate::experiment::config;
use crate::experiment::config::reference::{SOURCES, commented, described, json_schema, markdown, suited};
use crate::store::{relative_path, write_atomic};
use clap::CommandFactory;
use std::fs;
use std::path::Path;

/// Writes or prints a first configuration.
///
/// # Errors
/// Where the file exists, is no .toml file, has a name that results can't have, or can't be written, or the data can't be read.
pub(crate) fn new(arguments: &NewArguments, messages: &Messages) -> Result<ExitStatus> {
    if let Some(path) = &arguments.file {
        check_new_file(path)?;
    }
    let text = if let Some(data) = &arguments.data {
        for_data(arguments, data, messages)?
    } else {
        let named =
            |(name, _): &&(&str, &str)| arguments.source.as_deref().is_none_or(|source| source == *name);
        commented(SOURCES.iter().find(named).map_or("", |(_, source)| source))
    };
    let Some(path) = &arguments.file else {
        return Ok(messages.print(&text));
    };
    write_atomic(path, text.as_bytes())?;
    messages.note(format_args!(
        "written: {}; train it with: aesparse run {}",
        path.display(),
        shell_word(path)
    ));
    Ok(ExitStatus::Complete)
}

/// Checks that a configuration can be written to `path` and run from there.
fn check_new_file(path: &Path) -> Result<()> {
    if path.extension().is_none_or(|extension| extension != "toml") {
        return Err(Error::store(
            path,
            "the configuration is written in TOML",
            "give the file a name that ends in .toml",
        ));
    }
    // The configuration has no `name`, so its results get the name of the file.
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    if !config::is_name(&stem) {
        let problem = format!("its results would be called {stem:?}, as the file");
        return Err(Error::store(path, problem, format!("accepted: {}", config::NAMES)));
    }
    if path.exists() {
        return Err(Error::store(path, "the file is there already", "choose another name, or remove it"));
    }
    Ok(())
}

/// A configuration that suits the samples at `data`; says what they look like.
fn for_data(arguments: &NewArguments, data: &Path, messages: &Messages) -> Result<String> {
    let mut source = own_source(arguments, data)?;
    let locations = Locations { reading: progress::reading(messages), ..Locations::default() };
    let (mut seen, mut remarks) = SampleSummary::of(&source, &locations)?;
    if let Source::Images(folder) = &mut source
        && seen.is_grey
    {
        (folder.height, folder.width, folder.channels) = (GREY_SIDE, GREY_SIDE, Channels::Grey);
        (seen, remarks) = SampleSummary::of(&source, &locations)?;
    }
    for line in described(&seen) {
        messages.note(format_args!("{}: {line}", data.display()));
    }
    messages.remarks(&remarks);
    if seen.input_sd.is_none() {
        let problem = "every input is constant over the samples, so there is nothing to learn";
        messages.warning(format_args!("{}: {problem}", data.display()));
    }
    // Relative paths in a configuration start from its folder.
    let folder = arguments.file.as_deref().and_then(Path::parent).filter(|folder| *folder != Path::new(""));
    let place = match folder.filter(|_| data.is_relative()) {
        None => data.to_owned(),
        Some(folder) => {
            // The folder may not exist yet.
            let data_at = data.canonicalize().map_err(Error::io("find", data))?;
            relative_path(&output::resolved(folder), &data_at).unwrap_or_else(|| data.to_owned())
        }
    };
    let Some(place) = place.to_str() else {
        return Err(Error::data(data, "has a name that is not UTF-8", "rename it"));
    };
    Ok(suited(&in_toml(&source, place), &seen))
}

/// Rows and columns of samples in colour, and of samples in grey.
const COLOUR_SIDE: usize = 16;
const GREY_SIDE: usize = 28;

/// The source at `data` that the arguments name, or that its ending says.
fn own_source(arguments: &NewArguments, data: &Path) -> Result<Source> {
    let array = arguments.array.as_deref();
    match (arguments.source.as_deref(), array) {
        (Some("images"), None) => Ok(images(data)),
        (None, None) if data.is_dir() => Ok(images(data)),
        (None, _) => Source::of_file(data, array),
        (Some(format @ ("npy" | "npz" | "safetensors" | "csv" | "images")), _) => {
            Source::of_format(format, data, array)
        }
        (Some(other), _) => Err(Error::usage(format_args!(
            "--source {other}: it has data of its own; accepted with --data: npy, npz, safetensors, csv, images"
        ))),
    }
}

/// The images in the folder at `path`.
fn images(path: &Path) -> Source {
    let (height, width, channels) = (COLOUR_SIDE, COLOUR_SIDE, Channels::Rgb);
    let (fit, on_error) = (Fit::Cover, OnError::Refuse);
    Source::Images(ImageFolder { path: path.to_owned(), height, width, channels, fit, on_error })
}

/// The value of `data.source` in TOML for the user's own `source` at `place`.
fn in_toml(source: &Source, place: &str) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let with = |kind: &str, more: String| format!("{{ kind = \"{kind}\", path = {}{more} }}", text(place));
    let named = |key: &str, array: &Option<String>| {
        array.as_ref().map_or_else(String::new, |array| format!(", {key} = {}", text(array)))
    };
    match source {
        Source::Npz { array, .. } => with("npz", named("array", array)),
        Source::Safetensors { tensor, .. } => with("safetensors", named("tensor", tensor)),
        Source::Csv { .. } => with("csv", String::new()),
        Source::Images(ImageFolder { height, width, channels, .. }) => {
            with("images", format!(", height = {height}, width = {width}, channels = {}", channels.count()))
        }
        _ => with("npy", String::new()),
    }
}

/// Prints the JSON schema of configurations, or the Markdown page on all settings.
///
/// # Errors
/// Never.
pub(crate) fn schema(arguments: &SchemaArguments, messages: &Messages) -> Result<ExitStatus> {
    let text = if arguments.markdown { markdown() } else { format!("{:#}\n", json_schema()) };
    Ok(messages.print(&text))
}

/// Prints a shell's completion script.
///
/// # Errors
/// Never.
pub(crate) fn completions(arguments: &CompletionsArguments, messages: &Messages) -> Result<ExitStatus> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), NAME, &mut script);
    Ok(messages.print(&String::from_utf8_lossy(&script)))
}

/// Writes a manual page for each command.
///
/// # Errors
/// Where one can't be written.
pub(crate) fn man(arguments: &ManArguments, messages: &Messages) -> Result<ExitStatus> {
    let folder = &arguments.folder;
    output::check_outside_results("FOLDER", folder)?;
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    clap_mangen::generate_to(Arguments::command(), folder).map_err(Error::io("write to", folder))?;
    messages.note(format_args!("written: {}", folder.join("aesparse*.1").display()));
    Ok(ExitStatus::Complete)
}

/// The program's name.
const NAME: &str = env!("CARGO_PKG_NAME");
