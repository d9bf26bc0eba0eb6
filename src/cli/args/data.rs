//! The arguments of `aesparse data`.

use super::number::whole;
use crate::data::inventory::SETS;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The arguments of `data`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0  every file that was asked for is intact
  2  a file is damaged, missing in a named set, or could not be imported or downloaded; no data found; wrong usage")]
pub(crate) struct DataArguments {
    #[command(subcommand)]
    pub(crate) command: DataCommand,

    /// Folder of the data sets, as in DIR/mnist/ [default: the environment variable AESPARSE_DATA, or data/]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) data_dir: Option<PathBuf>,

    /// Print only warnings and errors
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
}

/// The commands of `data`.
#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// List the known data sets with their files, sizes, origin and licence
    #[command(after_help = "Example:\n  aesparse data list --data-dir shared/data")]
    List,
    /// Check every byte of the data files; named sets must be complete
    #[command(after_help = "\
Examples:
  aesparse data verify
  aesparse data verify mnist cifar10_patches      refused where one of them is missing")]
    Verify {
        /// Data sets that must be complete and intact [default: all files that are there; refused if there are none]
        #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(SETS.iter().map(|set| set.name)))]
        names: Vec<String>,
    },
    /// Copy your files of these data sets to the data folder, whatever their names
    #[command(after_help = "\
Examples:
  aesparse data import Downloads/cifar-10-binary.tar.gz
  aesparse data import /mnt/datasets --data-dir data
Files are recognised by their content. An intact file is never replaced.")]
    Import {
        /// File, archive, or folder to search for files of MNIST, CIFAR-10 and its patches
        path: PathBuf,
    },
    /// Download data sets, and resume interrupted downloads
    Fetch(FetchArguments),
    /// Cut patches of 8 × 8 pixels from CIFAR-10's images
    Patches(PatchesArguments),
}

/// The arguments of `data fetch`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse data fetch mnist
  aesparse data fetch cifar10 --from https://mirror.example.org/datasets
A file gets its final name only after its published SHA-256 is verified.")]
pub(crate) struct FetchArguments {
    /// Data sets to download [default: both, about 180 MB]
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(["mnist", "cifar10"]))]
    pub(crate) names: Vec<String>,

    /// Address of a folder to download from, instead of the usual servers
    #[arg(long, value_name = "URL", value_parser = parse_address)]
    pub(crate) from: Option<String>,
}

/// Parses the address of a folder, and ends it in a slash.
fn parse_address(text: &str) -> Result<String, String> {
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
  aesparse data patches --seed 2 --out mine          other patches, for a .npy source
The images are the binary version of CIFAR-10, in DIR/cifar10/.")]
pub(crate) struct PatchesArguments {
    /// Seed of the random positions
    #[arg(long, value_name = "S", default_value_t = 1, value_parser = whole(0_u64..), allow_negative_numbers = true)]
    pub(crate) seed: u64,

    /// Folder for the files [default: the folder of the images, cifar10/]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Number of patches from the training images
    #[arg(long, value_name = "N", default_value_t = 50_000, value_parser = whole(1..=1_000_000_u32), allow_negative_numbers = true)]
    pub(crate) train: u32,

    /// Number of patches from the test images
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = whole(1..=1_000_000_u32), allow_negative_numbers = true)]
    pub(crate) test: u32,
}
