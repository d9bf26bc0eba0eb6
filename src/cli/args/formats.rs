//! The arguments of `aesparse encode` and `aesparse export`.

use super::look::StoredRunArguments;
use crate::store::Condition;
use clap::{Args, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// The arguments of `encode`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse encode results/mine --where regularizer=dae --where sigma_squared=0.25 --out codes.npy
  aesparse encode results/mine/3f0c --held-out --out codes.csv
  aesparse encode results/mine/3f0c --input own.npy --samples 100 --out codes.jsonl
FILE's end says the format:
  .npy    an array [N, m] of f32
  .csv    a header h0,h1,... and a line for each sample
  .jsonl  an object a line for each sample, with its active units (h above the run's threshold) alone:
          {\"sample\":0,\"units\":[3,17],\"values\":[0.25,1.5]}, counted from 0
The run must have kept its final weights: train its configuration with -o output.weights=final. Its data are found as its
configuration says, relative paths from the current directory, and must have the digest that the run was trained on.")]
pub(crate) struct EncodeArguments {
    #[command(flatten)]
    pub(crate) stored: StoredRunArguments,

    /// The file to write; it ends in .npy, .csv or .jsonl, and isn't in a results folder
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// Encode the held-out samples instead of the training samples
    #[arg(long, conflicts_with = "input")]
    pub(crate) held_out: bool,

    /// Encode samples of your own, a .npy file [N, n], f32, f64 or u8 (divided by 255), or a folder of images where the run was
    /// trained on images; they are standardised as the training samples were, with the mean and deviation of those
    #[arg(long, value_name = "PATH")]
    pub(crate) input: Option<PathBuf>,

    /// Encode the first N samples alone
    #[arg(long, value_name = "N")]
    pub(crate) samples: Option<NonZeroUsize>,

    /// Print nothing but warnings and errors
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// The arguments of `export`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse export results/mine --format jsonl --out mine.jsonl
  aesparse export results --format tensorboard --out logs          then: tensorboard --logdir logs
  aesparse export results/mine --where seed=1 --format safetensors --out weights
  aesparse export results/mine/3f0c --format safetensors --out dae.safetensors
Names: measurements are called as in epochs.csv, and once more as sparse-autoencoder tools call them, where the notion is the
same: l0 = avg_activation_fraction * hidden, the mean number of active units of a sample; dead_features = dead_units;
explained_variance = 1 - fraction_variance_unexplained. Active is what exceeds the run's threshold (those tools ask for more
than 0), and dead what is inactive on every training sample (those tools often look at the last steps).
Runs are named by regularizer, sigma_squared and seed, and what else differs among them; where sigma_squared is 0, all models
are one run, called none.")]
pub(crate) struct ExportArguments {
    /// A results root, a results folder, one of its files in records/ or weights/, or FOLDER/KEY with a run's key or its
    /// beginning
    #[arg(value_name = "DIR_OR_RUN")]
    pub(crate) path: PathBuf,

    /// Only runs with this setting, by its column of runs.csv, as in sigma_squared=0.25; repeatable
    #[arg(long = "where", value_name = "COLUMN=VALUE")]
    pub(crate) conditions: Vec<Condition>,

    /// What to write
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: ExportFormat,

    /// Where to; what is there under the same names is replaced
    #[arg(long, value_name = "PATH")]
    pub(crate) out: PathBuf,

    /// Print nothing but warnings and errors
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// What `export` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Measurements: the file PATH (`-`: stdout) with an object a line for each line of epochs.csv, with all settings
    Jsonl,
    /// Measurements: PATH/<results>/<run>/ with an event file of scalars by epoch; step and wall time are the epoch, so that the
    /// same results give the same bytes
    Tensorboard,
    /// Final weights: PATH/<results>/<run>.safetensors, or PATH itself where it has this end and one run is meant; tensors W [m,
    /// n], b [m] and b_d [n], and in the metadata settings, digests and what was measured last
    Safetensors,
}
