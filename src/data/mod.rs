//! Data sets: where samples come from, how they are checked and standardised, and their digests.

mod choice;
pub mod cifar10;
mod csv;
mod dataset;
pub mod digest;
mod dtype;
mod file;
mod held_out;
mod ids;
pub mod idx;
pub mod images;
pub mod import;
pub mod inventory;
mod known;
pub mod locate;
pub mod mnist;
mod npy;
mod npy_header;
mod npz;
pub mod patches;
mod preparation;
mod raw;
mod reading;
mod rows;
mod safetensors;
mod size;
mod standardize;
mod stored_matrix;
mod summary;
mod synthetic;
mod units;

use std::path::{Path, PathBuf};

use ndarray::Array2;
use serde::{Deserialize, Serialize};

pub use dataset::Dataset;
pub(crate) use dtype::Dtype;
pub use held_out::HeldOut;
pub use ids::{SampleIds, SplitRows};
pub use known::KnownFile;
pub use locate::{Hints, Locations};
pub(crate) use npy_header::{ArrayHeader, fill_from, start_of_file as npy_start, start_of_weights};
pub use preparation::Preparation;
pub use raw::{HeldOutIdentity, Precision, Raw, Remark, SampleMatrix, Scale, Stored};
pub use reading::ReadingWatch;
pub use rows::SampleRows;
pub use size::MAX_BYTES;
pub use standardize::{Statistics, standardize, standardize_like};
pub use summary::SampleSummary;
pub use units::Units;

use crate::error::{Error, Result};
use images::ImageFolder;

/// Where samples come from.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Source {
    /// MNIST's training images; its test images are held out.
    Mnist,
    /// The committed 8 × 8 patches of CIFAR-10's training images; patches of its test images are held out.
    Cifar10Patches,
    /// The rows of a `.npy` file: \[N, n\], f16, f32, f64 or u8.
    Npy {
        /// The file.
        path: PathBuf,
    },
    /// The rows of an array of an `.npz` archive, like those of a `.npy` file.
    Npz {
        /// The file.
        path: PathBuf,
        /// The array's name; `None`: the file has one only.
        array: Option<String>,
    },
    /// The rows of a tensor of a `.safetensors` file: \[N, n\], F16, BF16, F32, F64 or U8.
    Safetensors {
        /// The file.
        path: PathBuf,
        /// The tensor's name; `None`: the file has one only.
        tensor: Option<String>,
    },
    /// The lines of a table of numbers as text.
    Csv {
        /// The file.
        path: PathBuf,
    },
    /// The pictures in a folder.
    Images(ImageFolder),
    /// Sparse linear codes of known structure.
    Synthetic(Synthetic),
}

impl Source {
    /// The samples at `path`, by what stands there: the format of a file by its ending, `.npz`, `.safetensors`, `.csv` or `.tsv`, otherwise
    /// `.npy`; `.gz` may stand behind the last three. `array` names an array or tensor of the file.
    ///
    /// # Errors
    /// [`Error::Usage`] if `array` is given for a file that has no named arrays.
    pub fn of_file(path: &Path, array: Option<&str>) -> Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let format = match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some(format @ ("npz" | "safetensors")) => format,
            Some("csv" | "tsv") => "csv",
            _ => "npy",
        };
        Self::of_format(format, path, array)
    }

    /// The samples in the file at `path` of the format `npz`, `safetensors`, `csv` or `npy`. `array` names an array or tensor of the file.
    ///
    /// # Errors
    /// [`Error::Usage`] if `array` is given for a file that has no named arrays, or for `images`.
    ///
    /// # Panics
    /// If there is no such format.
    pub(crate) fn of_format(format: &str, path: &Path, array: Option<&str>) -> Result<Self> {
        let (path, array) = (path.to_owned(), array.map(str::to_owned));
        match (format, array) {
            ("npz", array) => Ok(Self::Npz { path, array }),
            ("safetensors", tensor) => Ok(Self::Safetensors { path, tensor }),
            ("csv", None) => Ok(Self::Csv { path }),
            ("npy", None) => Ok(Self::Npy { path }),
            ("csv" | "npy" | "images", Some(array)) => Err(Error::usage(format_args!(
                "--array {array}: only .npz and .safetensors files have named arrays; accepted: no --array"
            ))),
            (format, _) => unreachable!("no format of a file of samples: {format}"),
        }
    }

    /// The default of `data.samples`: 50,000 for MNIST and CIFAR-10's patches as in the paper's protocol, all
    /// samples (`None`) otherwise.
    pub fn default_samples(&self) -> Option<usize> {
        match self {
            Self::Mnist => Some(mnist::PAPER_SAMPLES),
            Self::Cifar10Patches => Some(patches::FILES[0].samples()),
            _ => None,
        }
    }

    /// The user's own file or folder; `None` for data sets that the program knows or draws.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Npy { path }
            | Self::Npz { path, .. }
            | Self::Safetensors { path, .. }
            | Self::Csv { path }
            | Self::Images(ImageFolder { path, .. }) => Some(path),
            Self::Mnist | Self::Cifar10Patches | Self::Synthetic(_) => None,
        }
    }

    /// The same source with the user's own data at `path`; `None` for data sets that the program knows or draws.
    #[must_use]
    pub fn with_path(&self, path: &Path) -> Option<Self> {
        let new = path.to_owned();
        let mut source = self.clone();
        match &mut source {
            Self::Npy { path }
            | Self::Npz { path, .. }
            | Self::Safetensors { path, .. }
            | Self::Csv { path }
            | Self::Images(ImageFolder { path, .. }) => *path = new,
            Self::Mnist | Self::Cifar10Patches | Self::Synthetic(_) => return None,
        }
        Some(source)
    }
}

/// The `synthetic` source: `x = Σ_k c_k d_k + noise · ε` with `active` of `atoms` codes `c_k > 0` in each
/// sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Synthetic {
    /// N, the number of training samples; a tenth as many (at least one) are held out.
    pub samples: usize,
    /// n, the number of inputs.
    pub inputs: usize,
    /// Number of dictionary atoms `d_k`, each of length 1.
    pub atoms: usize,
    /// Number of atoms in a sample, 1 ≤ active ≤ atoms.
    pub active: usize,
    /// Standard deviation of the Gaussian noise on each input, ≥ 0.
    pub noise: f64,
    /// Seed of dictionary, codes and noise, independent of the replicates' seeds.
    pub seed: u64,
}

/// Standardisation of the samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "snake_case", deny_unknown_fields)]
pub enum Standardize {
    /// The samples stay as they are.
    None,
    /// Each input: (x − mean) / (sd + epsilon), mean and population sd over the training samples.
    Feature {
        /// Added to the standard deviation, ≥ 0; with 0, a constant input becomes 0.
        epsilon: f64,
    },
    /// Each sample: (x − mean) / (sd + epsilon), mean and population sd over its own inputs.
    Sample {
        /// Added to the standard deviation, ≥ 0; with 0, a constant sample becomes 0.
        epsilon: f64,
    },
    /// Every value: (x − mean) / (sd + epsilon), one mean and one population sd over all values of all training samples.
    Global {
        /// Added to the standard deviation, ≥ 0.
        epsilon: f64,
    },
}

impl Standardize {
    /// The scope's name in configurations.
    pub const fn scope(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Feature { .. } => "feature",
            Self::Sample { .. } => "sample",
            Self::Global { .. } => "global",
        }
    }

    /// The number that is added to a standard deviation; 0 without standardisation.
    pub const fn epsilon(self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Feature { epsilon } | Self::Sample { epsilon } | Self::Global { epsilon } => epsilon,
        }
    }

    /// Whether samples are standardised by numbers of the training samples, so that samples that came later need these numbers.
    pub fn needs_statistics(self) -> bool {
        matches!(self, Self::Feature { .. } | Self::Global { .. })
    }
}

/// The data of a configuration, resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct DataSpec {
    /// Where the samples come from.
    pub source: Source,
    /// Number of training samples to use, the first ones; `None`: all.
    pub samples: Option<usize>,
    /// The held-out samples of a source of the user's own; `None`: a source of the user's own has none, and the data sets that the program
    /// knows or draws have theirs.
    pub held_out: Option<HeldOut>,
    /// Standardisation.
    pub standardize: Standardize,
}

/// Loads the data that `spec` describes, checks and standardises them.
///
/// MNIST's files and CIFAR-10's patches are searched in `locations`; the path of the user's own file or folder of pictures is taken as
/// it is. u8 values and pixels are divided by 255. The matrices are filled while reading and standardised in place, so memory holds
/// each of them once. Two kinds of arrays need a second copy: one in Fortran order, which is transposed, and one of f64, which is
/// rounded to f32.
///
/// # Errors
/// [`Error::Data`] when a file is missing, damaged or of the wrong kind, when more samples are asked for than there
/// are, when the matrices would exceed [`MAX_BYTES`] or memory, or when a setting is out of its range;
/// [`Error::Io`] when the system refuses to read a file.
pub fn load(spec: &DataSpec, locations: &Locations) -> Result<Dataset> {
    check(spec.standardize)?;
    spec.read(locations)?.standardize(spec.standardize)
}

impl DataSpec {
    /// Reads the training samples and the held-out samples like [`load`], without standardising them.
    ///
    /// # Errors
    /// As for [`load`].
    pub fn read(&self, locations: &Locations) -> Result<Raw> {
        match &self.held_out {
            None => read(&self.source, self.samples, locations),
            Some(held_out) => held_out.read(&self.source, self.samples, locations),
        }
    }
}

/// Reads the first `samples` samples of `source` (`None`: all), and the held-out samples of a data set that the program knows or draws,
/// like [`load`], without standardising them.
///
/// # Errors
/// As for [`load`].
pub fn read(source: &Source, samples: Option<usize>, locations: &Locations) -> Result<Raw> {
    let mut raw = match source {
        Source::Mnist => mnist::load(samples, locations)?,
        Source::Cifar10Patches => patches::load(samples, locations)?,
        Source::Csv { path } => csv::load(path, samples, &locations.reading)?,
        #[cfg(feature = "images")]
        Source::Images(folder) => images::load(folder, samples)?,
        #[cfg(not(feature = "images"))]
        Source::Images(_) => return Err(Error::Feature { what: "folders of pictures", feature: "images" }),
        Source::Synthetic(synthetic) => synthetic::load(synthetic, samples)?,
        Source::Npy { .. } | Source::Npz { .. } | Source::Safetensors { .. } => {
            let (matrix, name) = rows::stored(source, &locations.reading)?;
            matrix.load(name, samples)?
        }
    };
    // A reader of results would take these names for the known data sets.
    if source.path().is_some() && ["mnist", "cifar10", "synthetic"].contains(&raw.name.as_str()) {
        raw.name.insert_str(0, "own-");
    }
    if matches!(source, Source::Mnist | Source::Cifar10Patches) {
        raw.remarks.extend(locations.missing().map(Remark::Warning));
    }
    Ok(raw)
}

fn check(standardize: Standardize) -> Result<()> {
    let epsilon = standardize.epsilon();
    if epsilon.is_finite() && epsilon >= 0.0 {
        return Ok(());
    }
    Err(Error::data(
        "data.standardize",
        format!("epsilon is {epsilon}, expected a finite number ≥ 0"),
        "correct it in the config",
    ))
}

/// Whether a file that begins with `head` is an HTML page: servers send one in place of a missing file.
#[cfg(feature = "fetch")]
pub(crate) fn is_html(head: &[u8]) -> bool {
    file::recognise(head) == Some("an HTML page")
}

/// Number of training samples to use: `samples`, or all `available` ones.
fn count(path: &Path, samples: Option<usize>, available: usize) -> Result<usize> {
    match samples {
        None => Ok(available),
        Some(0) => Err(Error::data(path, "no samples are asked for", "set data.samples to 1 or more")),
        Some(samples) if samples > available => Err(Error::data(
            path,
            format!("{samples} samples are asked for, but there are {available}"),
            format!("set data.samples to {available} or less"),
        )),
        Some(samples) => Ok(samples),
    }
}

/// The matrix with the rows `values`.
fn matrix<F>(rows: usize, columns: usize, values: Vec<F>) -> Array2<F> {
    match Array2::from_shape_vec((rows, columns), values) {
        Ok(matrix) => matrix,
        Err(error) => unreachable!("sources fill matrices completely: {error}"),
    }
}
