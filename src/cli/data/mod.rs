//! `aesparse data`: lists, verifies, imports and downloads data sets, and cuts patches.

#[cfg(feature = "fetch")]
mod download;
mod inventory;
mod size;

use super::args::{DataArguments, DataCommand, PatchesArguments};
use super::messages::Messages;
use super::prepare::{check_data_dir, data_folders};
use super::{ExitStatus, count, output};
use crate::data::Locations;
use crate::data::cifar10::Cifar10;
use crate::data::import::{self, ImportOutcome};
use crate::data::patches::{self, Recipe};
#[cfg(not(feature = "fetch"))]
use crate::error::Error;
use crate::error::Result;
use std::path::{Path, PathBuf};

/// Runs the subcommand of `data`.
///
/// # Errors
/// Where files can't be used or written.
pub(crate) fn data(arguments: &DataArguments, messages: &Messages) -> Result<ExitStatus> {
    let data_dir = arguments.data_dir.as_deref();
    let target = || target_folder(&data_folders(data_dir, None, None));
    match &arguments.command {
        DataCommand::List => Ok(inventory::list(&search_folders(data_dir, messages)?, messages)),
        DataCommand::Verify { names } => {
            Ok(inventory::verify(names, &search_folders(data_dir, messages)?, messages))
        }
        DataCommand::Import { path } => import(path, &target(), messages),
        #[cfg(feature = "fetch")]
        DataCommand::Fetch(arguments) => download::fetch(arguments, &target(), messages),
        #[cfg(not(feature = "fetch"))]
        DataCommand::Fetch(_) => Err(Error::Feature { what: "downloads", feature: "fetch" }),
        DataCommand::Patches(arguments) => patches(arguments, &search_folders(data_dir, messages)?, messages),
    }
}

/// The folders to search for data sets. Warns of a folder that doesn't exist.
fn search_folders(data_dir: Option<&Path>, messages: &Messages) -> Result<Locations> {
    check_data_dir(data_dir)?;
    let locations = data_folders(data_dir, None, None);
    locations.missing().for_each(|missing| messages.warning(missing));
    Ok(locations)
}

/// The folder for new files: the first one that is searched.
fn target_folder(locations: &Locations) -> PathBuf {
    locations.candidates.first().map_or_else(|| PathBuf::from("data"), |(_, dir)| dir.clone())
}

fn import(path: &Path, data: &Path, messages: &Messages) -> Result<ExitStatus> {
    let imported = import::import(path, data)?;
    let (mut refused, mut status) = (0, ExitStatus::Complete);
    for file in &imported {
        let from = file.from.display();
        let line = match &file.outcome {
            ImportOutcome::Placed(to) => format!("{from} → {}", to.display()),
            ImportOutcome::Replaced(to) => {
                format!("{from} → {}, in the place of a damaged file", to.display())
            }
            ImportOutcome::Kept(there) => format!("{from}: not needed, {} is intact", there.display()),
            ImportOutcome::Refused(error) => {
                refused += 1;
                messages.warning(error);
                continue;
            }
        };
        status = status.and(messages.print(&(line + "\n")));
    }
    if refused > 0 {
        messages.warning(format_args!("{} not imported", count(refused, "file")));
        return Ok(ExitStatus::Refused);
    }
    Ok(status)
}

fn patches(arguments: &PatchesArguments, locations: &Locations, messages: &Messages) -> Result<ExitStatus> {
    if let Some(out) = &arguments.out {
        output::check_outside_results("--out", out)?;
    }
    let (cifar10, folder) = Cifar10::load(locations)?;
    let out = arguments.out.as_ref().unwrap_or(&folder);
    let [train, test] = [arguments.train, arguments.test].map(|count| count as usize);
    let mut status = ExitStatus::Complete;
    for made in patches::make(&cifar10, Recipe { seed: arguments.seed, train, test }, out)? {
        let what = if made.written { "written" } else { "there already" };
        let (path, sha256) = (made.path.display(), &made.sha256);
        status = status.and(messages.print(&format!("{path}: {what}, SHA-256 {sha256} decompressed\n")));
    }
    Ok(status)
}
