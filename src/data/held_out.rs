//! Held-out samples of the user's own sources: a share of the source's samples, or another file or folder.
//!
//! A share is drawn first: of the N samples of the source, round(share · N), at least one, are held out, by a random stream of its
//! own ([`held_out_order`]) that depends on N and the seed of the draw alone, so that all runs have the same. The other samples are the
//! source's training samples: they keep their order, `available` counts them, and `data.samples` takes the first of them. With the
//! same seed, a larger share holds out the same samples and more.

use std::path::{Path, PathBuf};

use ndarray::Array2;

use super::raw::{HeldOutIdentity, Raw, Remark, SampleMatrix};
use super::{Locations, Source, SplitRows, count, matrix, size};
use crate::error::{Error, Result};
use crate::random::held_out_order;
use crate::real::Real;

/// Which samples are held out of training, for a source of the user's own.
#[derive(Debug, Clone, PartialEq)]
pub enum HeldOut {
    /// Samples of the source.
    Share {
        /// Their share of all samples, in (0, 1).
        share: f64,
        /// Seed of the draw, independent of the replicates' seeds.
        seed: u64,
    },
    /// All samples of another file or folder, which is read like the source.
    Other {
        /// The file or folder.
        path: PathBuf,
        /// The array or tensor in the file; `None`: the one with the name of the source's, or the only one.
        array: Option<String>,
    },
}

impl HeldOut {
    /// The source of held-out samples beside `source`; `None`: they are samples of `source` itself.
    fn source(&self, source: &Source) -> Result<Option<Source>> {
        let Self::Other { path, array: wanted } = self else { return Ok(None) };
        let mut other = source.with_path(path);
        match (wanted, &mut other) {
            (Some(_), Some(Source::Npz { array, .. } | Source::Safetensors { tensor: array, .. })) => {
                array.clone_from(wanted);
            }
            (Some(wanted), _) => {
                let problem = format!(
                    "is read as the samples are, from files without named arrays, so it has no array {wanted:?}"
                );
                let fix =
                    "use one format for both, such as an .npz file, or remove `array` from data.held_out";
                return Err(Error::data(path, problem, fix));
            }
            (None, _) => {}
        }
        Ok(other)
    }

    /// The file or folder with the held-out samples, if they are not in the source.
    pub fn path(&self) -> Option<&Path> {
        if let Self::Other { path, .. } = self { Some(path) } else { None }
    }

    /// The same held-out samples in a file or folder at `path`.
    #[must_use]
    pub fn with_path(&self, path: PathBuf) -> Self {
        match self {
            Self::Other { array, .. } => Self::Other { path, array: array.clone() },
            share @ Self::Share { .. } => share.clone(),
        }
    }

    /// The first `samples` training samples of `source` (`None`: all), without the held-out samples, and the held-out samples.
    pub(super) fn read(&self, source: &Source, samples: Option<usize>, locations: &Locations) -> Result<Raw> {
        if let Self::Share { share, seed } = *self {
            let raw = super::read(source, None, locations).map_err(read_whole)?;
            return split(raw, source.path().unwrap_or(Path::new("")), (share, seed), samples);
        }
        let raw = super::read(source, samples, locations)?;
        let Some(other) = self.source(source)? else { return Ok(raw) };
        let held_out = super::read(&other, None, locations)?;
        let path = other.path().unwrap_or(Path::new(""));
        let (inputs, expected) = (held_out.train.dim().1, raw.train.dim().1);
        if inputs != expected {
            let problem =
                format!("its samples have {inputs} inputs, but the training samples have {expected}");
            return Err(Error::data(path, problem, "name samples of the same kind in data.held_out"));
        }
        let mut remarks = [raw.remarks, held_out.remarks.clone()].concat();
        if held_out.stored != raw.stored {
            let path = path.display();
            remarks.push(Remark::Warning(format!(
                "{path}: one of the training and held-out samples is stored as bytes, which are divided by 255, and the other as \
                 floating-point numbers, which are not"
            )));
        }
        let identity = HeldOutIdentity::Other { sha256: held_out.sha256 };
        let (samples, ids) = (Some(held_out.train), held_out.ids);
        Ok(Raw { held_out: samples, held_out_ids: ids, held_out_from: Some(identity), remarks, ..raw })
    }
}

/// Fewer samples are no way out where there are too many, because a share is drawn among all of them.
fn read_whole(error: Error) -> Error {
    match error {
        Error::Data { path, problem, fix } if fix.contains("data.samples") => Error::data(
            path,
            problem,
            "name a file or folder of its own in data.held_out; a share needs all samples",
        ),
        other => other,
    }
}

/// Splits `raw`, all samples of the source at `path`, into the first `samples` training samples (`None`: all) and the held-out samples.
fn split(raw: Raw, path: &Path, (share, seed): (f64, u64), samples: Option<usize>) -> Result<Raw> {
    let all = raw.available;
    let held_out = ((share * all as f64).round() as usize).max(1);
    if held_out >= all {
        let problem =
            format!("has {all} samples, of which a share of {share} is {held_out}: none is left to train on");
        return Err(Error::data(path, problem, "use more samples, or a smaller share in data.held_out"));
    }
    let available = all - held_out;
    let kept = count(path, samples, available)?;
    let Ok(most) = u32::try_from(all) else {
        let problem = format!("has {all} samples, too many to draw from");
        return Err(Error::data(
            path,
            problem,
            "name the held-out samples by a file of their own in data.held_out",
        ));
    };
    let mut order = vec![0; most as usize];
    held_out_order(seed, &mut order);
    let mut is_held_out = vec![false; all];
    order[..held_out].iter().for_each(|&sample| is_held_out[sample as usize] = true);
    drop(order);
    let (held_out_rows, mut train_rows): (Vec<u32>, Vec<u32>) =
        (0..most).partition(|row| is_held_out[*row as usize]);
    train_rows.truncate(kept);
    let ids = raw.ids.select(&train_rows);
    let held_out_ids = raw.ids.select(&held_out_rows);
    let split = Some(SplitRows { all, train: train_rows, held_out: held_out_rows });
    let (train, held_out) = match raw.train {
        SampleMatrix::Single(all) => {
            let (train, held_out) = parted(path, all, &is_held_out, (kept, held_out))?;
            (SampleMatrix::Single(train), SampleMatrix::Single(held_out))
        }
        SampleMatrix::Double(all) => {
            let (train, held_out) = parted(path, all, &is_held_out, (kept, held_out))?;
            (SampleMatrix::Double(train), SampleMatrix::Double(held_out))
        }
    };
    let held_out_from = Some(HeldOutIdentity::Share { share, seed });
    Ok(Raw { available, train, ids, split, held_out: Some(held_out), held_out_ids, held_out_from, ..raw })
}

/// The first `kept` rows of `all` that are not held out, in place, and a copy of the `held_out` rows that are.
fn parted<F: Real>(
    path: &Path,
    all: Array2<F>,
    is_held_out: &[bool],
    (kept, held_out): (usize, usize),
) -> Result<(Array2<F>, Array2<F>)> {
    let columns = all.ncols();
    let (mut values, _) = all.into_raw_vec_and_offset();
    let mut copied = size::reserve(path, held_out, columns)?;
    let mut end = 0;
    for (row, &is_held_out) in is_held_out.iter().enumerate() {
        let place = row * columns..(row + 1) * columns;
        if is_held_out {
            copied.extend_from_slice(&values[place]);
        } else {
            values.copy_within(place, end);
            end += columns;
        }
    }
    values.truncate(kept * columns);
    values.shrink_to_fit();
    Ok((matrix(kept, columns, values), matrix(held_out, columns, copied)))
}
