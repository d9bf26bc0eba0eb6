//! The arguments of `aesparse data`.

use crate::data::inventory::SETS;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to do with which data sets.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  everything is as it should be
  2  something is damaged, missing though it was named, or could not be brought; there are no data; wrong usage")]
pub(crate) struct DataArguments {
    #[command(subcommand)]
    pub(crate) command: DataCommand,

    /// The folder of the data sets, as in DIR/mnist/ [default: the environment's `AESPARSE_DATA`, or data/]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) data_dir: Option<PathBuf>,

    /// Print nothing but warnings and errors
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
}

/// What to do with the data sets.
#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// List the known data sets: what is there, where, its size, origin and licence
    #[command(after_help = "Example:\n  aesparse data list --data-dir shared/data")]
    List,
    /// Check every byte of the files that are there; of sets that are named, all must be
    #[command(after_help = "\
Examples:
  aesparse data verify
  aesparse data verify mnist cifar10_patches      refused where one of them is missing")]
    Verify {
        /// Data sets that must be there and whole [default: what is there of all of them, and something must be]
        #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(SETS.iter().map(|set| set.name)))]
        names: Vec<String>,
    },
    /// Bring files that you have to their places, whatever their names
    #[command(after_help = "\
Examples:
  aesparse data import Downloads/cifar-10-binary.tar.gz
  aesparse data import /mnt/datasets --data-dir data
Files are recognised by what is in them. An intact file is never replaced.")]
    Import {
        /// A file, an archive, or a folder that is searched for files of MNIST, CIFAR-10 and its patches
        path: PathBuf,
    },
    /// Download data sets, resuming what was interrupted
    Fetch(FetchArguments),
    /// Cut patches of 8 × 8 pixels out of CIFAR-10's images
    Patches(PatchesArguments),
}

/// The arguments of `data fetch`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse data fetch mnist
  aesparse data fetch cifar10 --from https://mirror.example.org/datasets
Every file is verified by its published SHA-256 before it is put in its place.")]
pub(crate) struct FetchArguments {
    /// Data sets to download [default: both, some 180 MB]
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(["mnist", "cifar10"]))]
    pub(crate) names: Vec<String>,

    /// Download from this folder of a server instead of the usual ones
    #[arg(long, value_name = "URL", value_parser = address)]
    pub(crate) from: Option<String>,
}

/// An address of a folder, which ends in a slash.
fn address(text: &str) -> Result<String, String> {
    let host = ["http://", "https://"].iter().find_map(|scheme| text.strip_prefix(scheme));
    match host {
        Some(host) if !host.starts_with('/') && !host.is_empty() => {
            Ok(format!("{}/", text.trim_end_matches('/')))
        }
        _ => Err("expected an address that begins with http:// or https://".to_owned()),
    }
}

/// The arguments of `data patches`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse data patches                              the committed patches
  aesparse data patches --seed 2 --out mine          others, for a .npy source
The images are CIFAR-10's binary version, in DIR/cifar10/.")]
pub(crate) struct PatchesArguments {
    /// The seed of the draws
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,

    /// Where the files go [default: the folder of the images, cifar10/]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Number of patches of the training images
    #[arg(long, value_name = "N", default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) train: u32,

    /// Number of patches of the test images
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) test: u32,
}
