//! The arguments of `aesparse data`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to do with which data sets.
#[derive(Debug, Args)]
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
    /// Cut patches of 8 × 8 pixels out of CIFAR-10's images
    #[command(after_help = PATCHES_EXAMPLES)]
    Patches(PatchesArguments),
}

const PATCHES_EXAMPLES: &str = "\
Examples:
  aesparse data patches                              the committed patches, byte for byte
  aesparse data patches --seed 2 --out mine          others, for a .npy source
The images are CIFAR-10's binary version, in DIR/cifar10/.";

/// The arguments of `data patches`.
#[derive(Debug, Args)]
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
