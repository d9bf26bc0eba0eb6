//! `aesparse data`: looks after the data sets.

use super::Ending;
use super::args::{DataArguments, DataCommand, PatchesArguments};
use super::messages::Messages;
use super::prepare::data_folders;
use aesparse::data::Locations;
use aesparse::data::cifar10::Cifar10;
use aesparse::data::patches::{self, Recipe};
use aesparse::error::Result;

/// Does what is asked for with the data sets.
///
/// # Errors
/// Whatever is wrong with the files.
pub(crate) fn data(arguments: &DataArguments, messages: &Messages) -> Result<Ending> {
    let locations = data_folders(arguments.data_dir.as_deref(), None);
    match &arguments.command {
        DataCommand::Patches(arguments) => patches(arguments, &locations, messages),
    }
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
