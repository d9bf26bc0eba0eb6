//! The arguments that name a stored run, and those of `aesparse inspect` and `aesparse compare`.

use super::cores::or_cores;
use super::number::threads;
use crate::store::Condition;
use clap::Args;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// A stored run, and where its data are.
#[derive(Debug, Args)]
pub(crate) struct StoredRunArguments {
    /// Results folder, file in records/ or weights/ of a results folder, or FOLDER/KEY with a run key or its beginning; `encode` also
    /// takes an exported file of weights
    pub(crate) run: PathBuf,

    /// Select the run with this setting, named by its column of runs.csv, as in sigma_squared=0.25; repeatable
    #[arg(long = "where", value_name = "COLUMN=VALUE")]
    pub(crate) conditions: Vec<Condition>,

    /// The run's data file or folder of images, if it was moved after training
    #[arg(long, value_name = "PATH")]
    pub(crate) data: Option<PathBuf>,

    /// Folder of the data sets, as in DIR/mnist/, and of relative paths of data files and image folders
    /// [default: the environment variable AESPARSE_DATA, the configuration's data.dir, or the nearest data/]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Threads that share a matrix product; the results don't depend on it [default: the number of available cores]
    #[arg(long, value_name = "T", value_parser = threads, allow_negative_numbers = true)]
    threads: Option<NonZeroUsize>,
}

impl StoredRunArguments {
    /// The value of `--threads`, or one for each core.
    pub(crate) fn threads(&self) -> usize {
        or_cores(self.threads)
    }

    /// The values of `--data` and `--data-dir`.
    pub(crate) fn data_paths(&self) -> (Option<&Path>, Option<&Path>) {
        (self.data.as_deref(), self.data_dir.as_deref())
    }
}

/// The arguments of `inspect`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse inspect examples/weights_cifar10 --where sigma_squared=0.25     trained weights of the repository
  aesparse run configs/quickstart.toml -o output.weights=final --fresh
  aesparse inspect results/quickstart --where regularizer=dae --where sigma_squared=0.25
  aesparse inspect results/quickstart/dccd270b --out pictures
  aesparse inspect results/quickstart/dccd270b --ids names.txt
Name a run by its key or the beginning of its key, by one of its files, or by its settings as in runs.csv. Filters need its \
weights; reconstructions, top images and the features of units (features.csv, features.html) also its data. Only images have \
pictures of filters, reconstructions and top images. `aesparse report` shows what is in the results folder.")]
pub(crate) struct InspectArguments {
    #[command(flatten)]
    pub(crate) stored: StoredRunArguments,

    /// Variance of the Gaussian noise on the pictured samples [default: the corruption of the run's model, or 0.25 for
    /// models without corruption]
    #[arg(long, value_name = "VARIANCE", value_parser = parse_variance, allow_negative_numbers = true)]
    pub(crate) sigma_squared: Option<f64>,

    /// Text file with the ids of the samples, which features.csv and features.html then show: a line for each sample of the data,
    /// in their order [default: the paths of images in their folder, otherwise row numbers from 0]
    #[arg(long, value_name = "FILE")]
    pub(crate) ids: Option<PathBuf>,

    /// Folder for the pictures, outside of results folders [default: inspect/KEY/ in the run's results folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Print only warnings and errors
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// Parses a variance of noise.
fn parse_variance(text: &str) -> Result<f64, String> {
    let variance = text.parse().ok().filter(|variance| (0.0..=1e6).contains(variance));
    variance.ok_or_else(|| "accepted: a number in [0, 1000000]".to_owned())
}

/// The arguments of `compare`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse compare results/fig1_mnist results/fig2_mnist
  aesparse compare results/quickstart/dccd270b results/quickstart/a66c969f
  aesparse compare results/a results/b --json - > differences.json
  aesparse compare expected/sweep results/sweep --tolerance 0.03     exit code 1 if a fraction differs by more
Cells of two folders are matched by activation, constraint, learning rate, encoder bias, regularizer, σ² and seed. A setting \
with one value in all of A and another in all of B is left out of the matching. Several common seeds give mean differences, with \
95 % intervals (Student's t) of the differences between equal seeds.")]
pub(crate) struct CompareArguments {
    /// Results folder, or a run as FOLDER/KEY
    pub(crate) a: PathBuf,

    /// Results folder or run to compare with
    pub(crate) b: PathBuf,

    /// Write the differences to this JSON file, outside of results folders; `-` prints the JSON to stdout instead of the table
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Exit with code 1 if avg_activation_fraction or dead_fraction (the dead units' share of all units) of two matched runs differs
    /// by more than X, if only one of them diverged, or if a cell of either folder has no match; other settings and results may
    /// differ
    #[arg(long, value_name = "X", value_parser = parse_tolerance, allow_negative_numbers = true)]
    pub(crate) tolerance: Option<f64>,
}

/// Parses a difference of fractions.
fn parse_tolerance(text: &str) -> Result<f64, String> {
    let tolerance = text.parse().ok().filter(|tolerance| (0.0..=1.0).contains(tolerance));
    tolerance.ok_or_else(|| "accepted: a difference of fractions in [0, 1], such as 0.03".to_owned())
}
