//! Commands that help to write commands and configurations: `new`, `schema`, `completions`, `man`.

use super::Ending;
use super::args::{Arguments, CompletionsArguments, ManArguments, NewArguments, SchemaArguments};
use super::messages::Messages;
use crate::error::{Error, Result, shell_word};
use crate::experiment::config;
use crate::experiment::config::reference::{SOURCES, commented, json_schema, markdown};
use crate::store::write_atomic;
use clap::CommandFactory;
use std::fs;

/// Writes or prints a configuration to begin with.
///
/// # Errors
/// Where the file is there already, is no .toml file, can't be written, or would have to be renamed before it is run.
pub(crate) fn new(arguments: &NewArguments, messages: &Messages) -> Result<Ending> {
    let source = SOURCES.iter().find(|(name, _)| *name == arguments.source).map_or("", |(_, source)| source);
    let text = commented(source);
    let Some(path) = &arguments.file else {
        return Ok(messages.print(&text));
    };
    if path.extension().is_none_or(|extension| extension != "toml") {
        return Err(Error::store(
            path,
            "a configuration in TOML is written",
            "give the file a name that ends in .toml",
        ));
    }
    // Without a name of its own, which it doesn't have, a configuration is called as its file.
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
    Ok(Ending::Complete)
}

/// Prints the configuration's schema, or the page on its settings.
///
/// # Errors
/// Never.
pub(crate) fn schema(arguments: &SchemaArguments, messages: &Messages) -> Result<Ending> {
    let text = if arguments.markdown { markdown() } else { format!("{:#}\n", json_schema()) };
    Ok(messages.print(&text))
}

/// Prints a shell's completions.
///
/// # Errors
/// Never.
pub(crate) fn completions(arguments: &CompletionsArguments, messages: &Messages) -> Result<Ending> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), NAME, &mut script);
    Ok(messages.print(&String::from_utf8_lossy(&script)))
}

/// Writes a manual page for each command.
///
/// # Errors
/// Where one can't be written.
pub(crate) fn man(arguments: &ManArguments, messages: &Messages) -> Result<Ending> {
    let folder = &arguments.folder;
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    clap_mangen::generate_to(Arguments::command(), folder).map_err(Error::io("write to", folder))?;
    messages.note(format_args!("written: {}", folder.join("aesparse*.1").display()));
    Ok(Ending::Complete)
}

/// The program's name.
const NAME: &str = env!("CARGO_PKG_NAME");
