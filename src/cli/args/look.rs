//! The arguments of `aesparse inspect` and `aesparse compare`.

use crate::store::Condition;
use clap::Args;
use std::path::{Path, PathBuf};

/// A run that was trained and stored, and where the data are that it was trained on.
#[derive(Debug, Args)]
pub(crate) struct StoredRunArguments {
    /// A results folder, one of its files in records/ or weights/, or FOLDER/KEY with a run's key or its beginning
    pub(crate) run: PathBuf,

    /// The run with this setting, by its column of runs.csv, as in sigma_squared=0.25; repeatable
    #[arg(long = "where", value_name = "COLUMN=VALUE")]
    pub(crate) conditions: Vec<Condition>,

    /// The .npy file or the folder of images that the run was trained on, where it has moved since
    #[arg(long, value_name = "PATH")]
    pub(crate) data: Option<PathBuf>,

    /// Where the data sets are, as in DIR/mnist/; the path of a .npy file or a folder of images is relative to it too
    /// [default: the environment's `AESPARSE_DATA`, the configuration's data.dir, or the nearest data/]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

impl StoredRunArguments {
    /// The path of the data and the folder of data sets, where they are given.
    pub(crate) fn places(&self) -> (Option<&Path>, Option<&Path>) {
        (self.data.as_deref(), self.data_dir.as_deref())
    }
}

/// The arguments of `inspect`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse run configs/quickstart.toml -o output.weights=final --fresh
  aesparse inspect results/quickstart --where regularizer=dae --where sigma_squared=0.25
  aesparse inspect results/quickstart/1f0c9a77b2d35e48 --out pictures
A run is named by its key or the beginning of it, by one of its files, or by its settings as in runs.csv. Pictures of filters and
reconstructions need its weights. `aesparse report` shows what is drawn into the results folder.")]
pub(crate) struct InspectArguments {
    #[command(flatten)]
    pub(crate) stored: StoredRunArguments,

    /// Corrupt the pictured samples by Gaussian noise of this variance [default: as the run's model does; 0.25 for
    /// models that don't corrupt]
    #[arg(long, value_name = "VARIANCE", value_parser = variance)]
    pub(crate) sigma_squared: Option<f64>,

    /// Where pictures go: outside of results folders [default: inspect/KEY/ in the run's]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Print nothing but warnings and errors
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// A variance of noise.
fn variance(text: &str) -> Result<f64, String> {
    let variance = text.parse().ok().filter(|variance| (0.0..=1e6).contains(variance));
    variance.ok_or_else(|| "accepted: a number in [0, 1000000]".to_owned())
}

/// The arguments of `compare`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse compare results/fig1_mnist results/fig2_mnist
  aesparse compare results/quickstart/1f0c results/quickstart/9be2
  aesparse compare results/a results/b --json - > differences.json
The exit code is 0 whether or not they differ.")]
pub(crate) struct CompareArguments {
    /// A results folder, or a run as FOLDER/KEY
    pub(crate) a: PathBuf,

    /// Another one of the same kind
    pub(crate) b: PathBuf,

    /// Write what differs to this file, outside of results folders, as JSON; `-`: to stdout, instead of the table
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}
