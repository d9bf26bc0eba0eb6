//! `aesparse data`: looks after the data sets.

mod download;
mod inventory;

use super::args::{DataArguments, DataCommand, ImportArguments, PatchesArguments};
use super::messages::Messages;
use super::prepare::data_folders;
use super::{Ending, count};
use aesparse::data::Locations;
use aesparse::data::cifar10::Cifar10;
use aesparse::data::import::{self, Outcome};
use aesparse::data::patches::{self, Recipe};
use aesparse::error::Result;
use std::path::{Path, PathBuf};

/// Does what is asked for with the data sets.
///
/// # Errors
/// Whatever is wrong with the files.
pub(crate) fn data(arguments: &DataArguments, messages: &Messages) -> Result<Ending> {
    let locations = data_folders(arguments.data_dir.as_deref(), None, None);
    match &arguments.command {
        DataCommand::List => Ok(inventory::list(&locations, messages)),
        DataCommand::Verify(arguments) => Ok(inventory::verify(arguments, &locations, messages)),
        DataCommand::Import(arguments) => import(arguments, &home(&locations), messages),
        DataCommand::Fetch(arguments) => download::fetch(arguments, &home(&locations), messages),
        DataCommand::Patches(arguments) => patches(arguments, &locations, messages),
    }
}

/// The folder that new files go to: the first that is looked in.
fn home(locations: &Locations) -> PathBuf {
    locations.candidates.first().map_or_else(|| PathBuf::from("data"), |(_, dir)| dir.clone())
}

fn import(arguments: &ImportArguments, data: &Path, messages: &Messages) -> Result<Ending> {
    let imported = import::import(&arguments.path, data)?;
    let mut refused = 0;
    for file in &imported {
        let from = file.from.display();
        let line = match &file.outcome {
            Outcome::Placed(to) => format!("{from} → {}", to.display()),
            Outcome::Replaced(to) => format!("{from} → {}, in the place of a damaged file", to.display()),
            Outcome::Kept(there) => format!("{from}: not needed, {} is intact", there.display()),
            Outcome::Refused(error) => {
                refused += 1;
                messages.warning(error);
                continue;
            }
        };
        messages.print(&(line + "\n"));
    }
    if refused > 0 {
        messages.warning(format_args!("{} not imported", count(refused, "file")));
    }
    Ok(if refused > 0 { Ending::Refused } else { Ending::Complete })
}

fn patches(arguments: &PatchesArguments, locations: &Locations, messages: &Messages) -> Result<Ending> {
    let (cifar10, folder) = Cifar10::load(locations)?;
    let out = arguments.out.as_ref().unwrap_or(&folder);
    let [train, test] = [arguments.train, arguments.test].map(|count| count as usize);
    for made in patches::make(&cifar10, Recipe { seed: arguments.seed, train, test }, out)? {
        let what = if made.written { "written" } else { "there already" };
        let (path, sha256) = (made.path.display(), &made.sha256);
        messages.print(&format!("{path}: {what}, SHA-256 {sha256} decompressed\n"));
    }
    Ok(Ending::Complete)
}

/// A size in the unit that suits it.
fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
