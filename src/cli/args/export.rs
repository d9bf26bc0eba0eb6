//! The arguments of `aesparse encode` and `aesparse export`.

use super::number::count;
use super::stored::StoredRunArguments;
use crate::store::Condition;
use clap::{Args, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// The arguments of `encode`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse encode examples/weights_cifar10 --where sigma_squared=0.25 --out codes.npz     trained weights of the repository
  aesparse encode results/quickstart --where regularizer=dae --where sigma_squared=0.25 --out codes.npy
  aesparse encode results/quickstart/dccd270b --held-out --out codes.csv
  aesparse encode results/quickstart/dccd270b --input own.npy --samples 100 --out codes.jsonl
  aesparse encode dae.npz --input own.npy --ids names.txt --out codes.csv
  aesparse encode results/quickstart/dccd270b --input own.npz --array embeddings --out codes.npy
The extension of FILE selects the format:
  .npy    an array [N, m] of f32
  .npz    a sparse matrix [N, m] of f32 in compressed rows, for scipy.sparse.load_npz, with only the
          active units of each sample (h above the run's threshold)
  .csv    a header h0,h1,... and a line for each sample; with ids id,h0,h1,...
  .jsonl  a line of JSON for each sample, with only its active units:
          {\"sample\":0,\"units\":[3,17],\"values\":[0.25,1.5]}, counted from 0
The run needs its final weights: train its configuration with -o output.weights=final. Own samples need the results folder alone, \
or one file of weights: weights/KEY/final.npz, or what aesparse export --format npz or safetensors writes. The training samples, and \
own samples for weights of earlier versions, need the run's data: encode looks at --data, or else below --data-dir, where the run \
found the data, and at the path in its configuration. The data must have the digest in the run's record.")]
pub(crate) struct EncodeArguments {
    #[command(flatten)]
    pub(crate) stored: StoredRunArguments,

    /// File to write, which ends in .npy, .npz, .csv or .jsonl and is outside of results folders
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// Encode the held-out samples instead of the training samples
    #[arg(long, conflicts_with = "input")]
    pub(crate) held_out: bool,

    /// Encode your own samples: the array [N, n] of a .npy, .npz or .safetensors file, in f16, bf16, f32, f64 or u8 (divided by
    /// 255), a .csv file of numbers, or a folder of images if the run was trained on images; they are standardised with the mean and
    /// deviation of the training samples
    #[arg(long, value_name = "PATH")]
    pub(crate) input: Option<PathBuf>,

    /// Array of the .npz file, or tensor of the .safetensors file, in --input [default: the only one]
    #[arg(long, value_name = "NAME", requires = "input")]
    pub(crate) array: Option<String>,

    /// Text file with the ids of the samples, a line for each sample of the data, in their order; the ids of images are the names of
    /// their files. Codes have them in the first column (.csv), the field `id` (.jsonl), or `codes.ids.txt` beside `codes.npy` or `codes.npz`
    #[arg(long, value_name = "FILE")]
    pub(crate) ids: Option<PathBuf>,

    /// Encode only the first N samples
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    pub(crate) samples: Option<NonZeroUsize>,

    /// Print only warnings and errors
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// The arguments of `export`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse export results/quickstart --format jsonl --out quickstart.jsonl
  aesparse export results --format tensorboard --out logs          then: tensorboard --logdir logs
  aesparse export results/quickstart --where seed=1 --format safetensors --out weights
  aesparse export results/quickstart/dccd270b --format npz --out dae.npz      then: aesparse encode dae.npz --input own.npy --out codes.npy
Names: measurements have the names of epochs.csv. Three are written a second time, under the names of sparse-autoencoder tools:
l0 = avg_activation_fraction * hidden, the mean number of active units of a sample; dead_features = dead_units; \
explained_variance = 1 - fraction_variance_unexplained. A unit is active above the run's threshold (in those tools above 0), and \
dead if it is inactive on every training sample (in those tools often: in the last steps). \
A run's name has its regularizer, sigma_squared, seed and the other settings in which the runs differ. At sigma_squared = 0 all \
models are one run, named none.")]
pub(crate) struct ExportArguments {
    /// Results root, results folder, file in records/ or weights/ of a results folder, or FOLDER/KEY with a run key or its
    /// beginning
    #[arg(value_name = "DIR_OR_RUN")]
    pub(crate) path: PathBuf,

    /// Export only runs with this setting, named by its column of runs.csv, as in sigma_squared=0.25; repeatable
    #[arg(long = "where", value_name = "COLUMN=VALUE")]
    pub(crate) conditions: Vec<Condition>,

    /// Format to write
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: ExportFormat,

    /// File or folder to write; files of the same names are replaced
    #[arg(long, value_name = "PATH")]
    pub(crate) out: PathBuf,

    /// The runs' data file or folder of images, if it was moved after training; only for weights of earlier versions, which the
    /// data complete
    #[arg(long, value_name = "PATH")]
    pub(crate) data: Option<PathBuf>,

    /// Folder of the data sets, as in encode; only for weights of earlier versions
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Print only warnings and errors
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// The formats of `export`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Measurements: the file PATH (`-`: stdout) with a line of JSON for each line of epochs.csv, with all settings
    Jsonl,
    /// Measurements: PATH/<results>/<run>/ with an event file of scalars by epoch; step and wall time are the epoch, so the same
    /// results give the same bytes
    Tensorboard,
    /// Trained encoders: PATH/<results>/<run>.npz, or PATH itself if it ends in .npz and one run is selected; arrays W [m, n], b [m]
    /// and b_d [n], mean and sd [n], and the JSON encoder.json, enough for encode and for numpy
    Npz,
    /// Trained encoders: PATH/<results>/<run>.safetensors, or PATH itself if it ends in .safetensors and one run is selected; the
    /// tensors of npz, with encoder.json, settings, digests and the last measurements as metadata
    Safetensors,
}
