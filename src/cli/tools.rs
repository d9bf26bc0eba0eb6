//! The commands that help to write configurations and command lines: `new`, `schema`, `completions` and `man`.

use super::ExitStatus;
use super::args::{Arguments, CompletionsArguments, ManArguments, NewArguments, SchemaArguments};
use super::messages::Messages;
use crate::error::{Error, Result, shell_word};
use crate::experiment::config;
use crate::experiment::config::reference::{SOURCES, commented, json_schema, markdown};
use crate::store::write_atomic;
use clap::CommandFactory;
use std::fs;

/// Writes or prints a first configuration.
///
/// # Errors
/// Where the file exists, is no .toml file, has a name that results can't have, or can't be written.
pub(crate) fn new(arguments: &NewArguments, messages: &Messages) -> Result<ExitStatus> {
    let source = SOURCES.iter().find(|(name, _)| *name == arguments.source).map_or("", |(_, source)| source);
    let text = commented(source);
    let Some(path) = &arguments.file else {
        return Ok(messages.print(&text));
    };
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
    write_atomic(path, text.as_bytes())?;
    messages.note(format_args!(
        "written: {}; train it with: aesparse run {}",
        path.display(),
        shell_word(path)
    ));
    Ok(ExitStatus::Complete)
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
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    clap_mangen::generate_to(Arguments::command(), folder).map_err(Error::io("write to", folder))?;
    messages.note(format_args!("written: {}", folder.join("aesparse*.1").display()));
    Ok(ExitStatus::Complete)
}

/// The program's name.
const NAME: &str = env!("CARGO_PKG_NAME");
