//! Hidden codes as files: h = s_e(W x + b_e) of N samples, \[N, m\] in f32, written as they are computed.

use super::sparse::SparseCodes;
use crate::atomic;
use crate::data::{SampleIds, npy_start};
use crate::error::{Error, Result};
use ndarray::{ArrayView1, ArrayView2};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The format of a file of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodesFormat {
    /// `.npy`: an array \[N, m\] of little-endian f32.
    Npy,
    /// `.npz`: a sparse matrix \[N, m\] as `scipy.sparse.load_npz` reads it, of the active units alone, those with h > δ_min.
    Npz,
    /// `.csv`: a header `h0,h1,…` and a line of m numbers for each sample; with ids the first column is `id`.
    Csv,
    /// `.jsonl`: a line with an object for each sample, which lists only the active units, those with h > δ_min:
    /// `{"sample":0,"units":[3,17],"values":[0.25,1.5]}`. Samples and units are counted from 0, in order. `l0` is the mean number of
    /// units in a line. Where δ_min is not 0, as for sigmoid and softplus, activations up to δ_min are missing. With ids, `id` follows `sample`.
    JsonLines,
}

impl CodesFormat {
    /// The format of the file `path`, by its extension.
    ///
    /// # Errors
    /// [`Error::Usage`] for another extension.
    pub fn of(path: &Path) -> Result<Self> {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("npy") => Ok(Self::Npy),
            Some("npz") => Ok(Self::Npz),
            Some("csv") => Ok(Self::Csv),
            Some("jsonl") => Ok(Self::JsonLines),
            _ => Err(Error::Usage {
                problem: format!(
                    "{}: its end does not say in which format; accepted: .npy, .npz, .csv or .jsonl",
                    path.display()
                ),
            }),
        }
    }
}

/// What is written of the codes beside the numbers themselves.
#[derive(Debug, Clone, Copy)]
pub struct CodesLayout<'a> {
    /// N, the number of samples.
    pub samples: usize,
    /// m, the number of units.
    pub units: usize,
    /// δ_min: a unit is active where h > δ_min.
    pub threshold: f32,
    /// The ids of the samples. Row numbers are not written.
    pub ids: &'a SampleIds,
}

impl CodesLayout<'_> {
    /// The id of the sample in row `row`; `None` if it is just that number.
    fn id(&self, row: usize) -> Option<Cow<'_, str>> {
        (*self.ids != SampleIds::Rows).then(|| self.ids.get(row))
    }

    /// The lines of the file of ids for formats that hold numbers alone: the first N ids. `None` if the ids are row numbers, or `format` has
    /// them in the file of codes.
    ///
    /// # Errors
    /// [`Error::Usage`] where an id has a line break.
    pub fn lines_of_ids(&self, format: CodesFormat) -> Result<Option<String>> {
        if !matches!(format, CodesFormat::Npy | CodesFormat::Npz) || *self.ids == SampleIds::Rows {
            return Ok(None);
        }
        let ids: Vec<_> = (0..self.samples).map(|row| self.ids.get(row)).collect();
        match ids.iter().find(|id| id.contains(['\n', '\r'])) {
            None => Ok(Some(ids.join("\n") + "\n")),
            Some(id) => Err(Error::usage(format_args!(
                "the id {id:?} has a line break, which a file of ids can't hold; accepted: --out FILE.csv or FILE.jsonl, or another name"
            ))),
        }
    }
}

/// Receives the next codes, a block \[B, m\].
pub type Sink<'s> = dyn FnMut(ArrayView2<'_, f32>) -> Result<()> + 's;

/// Writes the file `path`, whole or not at all, with codes \[N, m\]. `encode` passes the codes to its sink in
/// order, in blocks of any height; only one block is in memory at a time. Numbers as text are in shortest round-trip form, in single
/// precision.
///
/// # Errors
/// Where the system refuses or a code isn't finite, and the errors of `encode`; the old file is then still whole.
///
/// # Panics
/// If `encode` does not pass N rows of m codes.
pub fn write_codes(
    path: &Path,
    format: CodesFormat,
    layout: CodesLayout<'_>,
    encode: impl FnOnce(&mut Sink<'_>) -> Result<()>,
) -> Result<()> {
    let CodesLayout { samples, units, threshold, .. } = layout;
    let mut failed = None;
    let written = atomic::write_with(path, |file| {
        let mut out = BufWriter::with_capacity(1 << 20, file);
        match format {
            CodesFormat::Npy => out.write_all(&npy_start("<f4", &[samples, units]))?,
            CodesFormat::Csv => {
                let names: Vec<_> = (0..units).map(|unit| format!("h{unit}")).collect();
                let id = if *layout.ids == SampleIds::Rows { "" } else { "id," };
                writeln!(out, "{id}{}", names.join(","))?;
            }
            CodesFormat::Npz | CodesFormat::JsonLines => {}
        }
        let mut sparse = match format {
            CodesFormat::Npz => Some(SparseCodes::new(atomic::folder_of(path))?),
            _ => None,
        };
        let (mut sample, mut line) = (0, String::new());
        let mut write = |block: ArrayView2<'_, f32>| {
            assert_eq!(block.ncols(), units, "codes of {} units, expected {units}", block.ncols());
            for codes in block.rows() {
                if let Some((unit, h)) = codes.iter().enumerate().find(|(_, h)| !h.is_finite()) {
                    let problem = format!("the code of sample {sample} has {h} at unit {unit}");
                    return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
                }
                match format {
                    CodesFormat::Npy => codes.iter().try_for_each(|h| out.write_all(&h.to_le_bytes()))?,
                    CodesFormat::Npz => {
                        sparse.iter_mut().try_for_each(|sparse| sparse.push(codes, threshold))?;
                    }
                    CodesFormat::Csv => csv_line(&mut line, layout.id(sample), codes),
                    CodesFormat::JsonLines => json_line(&mut line, sample, &layout, codes),
                }
                out.write_all(line.as_bytes())?;
                sample += 1;
            }
            io::Result::Ok(())
        };
        let encoded = encode(&mut |block| write(block).map_err(Error::io("write", path)));
        if let Err(error) = encoded {
            failed = Some(error);
            return Err(io::ErrorKind::Other.into());
        }
        assert_eq!(sample, samples, "codes of {sample} samples, expected {samples}");
        if let Some(sparse) = sparse {
            sparse.finish(&mut out, samples, units)?;
        }
        out.flush()
    });
    failed.map_or(written, Err)
}

fn csv_line(line: &mut String, id: Option<Cow<'_, str>>, codes: ArrayView1<'_, f32>) {
    line.clear();
    match id {
        Some(id) if id.contains([',', '"', '\n', '\r']) => {
            let _ = write!(line, "\"{}\",", id.replace('"', "\"\""));
        }
        Some(id) => line.extend([&id, ","]),
        None => {}
    }
    for (unit, h) in codes.iter().enumerate() {
        separate(line, unit > 0);
        number(line, *h);
    }
    line.push('\n');
}

fn json_line(line: &mut String, sample: usize, layout: &CodesLayout<'_>, codes: ArrayView1<'_, f32>) {
    let active = || codes.iter().enumerate().filter(|(_, h)| **h > layout.threshold);
    line.clear();
    let _ = write!(line, "{{\"sample\":{sample},");
    if let Some(id) = layout.id(sample) {
        let _ = write!(line, "\"id\":{},", Json::from(&*id));
    }
    line.push_str("\"units\":[");
    for (place, (unit, _)) in active().enumerate() {
        separate(line, place > 0);
        let _ = write!(line, "{unit}");
    }
    line.push_str("],\"values\":[");
    for (place, (_, h)) in active().enumerate() {
        separate(line, place > 0);
        number(line, *h);
    }
    line.push_str("]}\n");
}

fn separate(line: &mut String, is_later: bool) {
    if is_later {
        line.push(',');
    }
}

/// The shortest decimal that reads back as `h` in single precision.
fn number(line: &mut String, h: f32) {
    let _ = write!(line, "{h:?}");
    if line.ends_with(".0") {
        line.truncate(line.len() - 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Array2, Ix1, OwnedRepr, array, s};
    use ndarray_npy::NpzReader;
    use std::fs;
    use std::io::{Cursor, Read as _};

    fn codes() -> Array2<f32> {
        array![[0.5, 0.0, -1e-7], [1.0, 2.0, 3.0], [0.1, 0.3, f32::MIN_POSITIVE]]
    }

    /// The file with [`codes`], written in blocks of `height` rows.
    fn written(name: &str, height: usize) -> Vec<u8> {
        written_with(name, height, &SampleIds::Rows)
    }

    fn written_with(name: &str, height: usize, ids: &SampleIds) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let format = CodesFormat::of(&path).unwrap();
        let all = codes();
        let blocks = || (0..3).step_by(height).map(|start| start..(start + height).min(3));
        let encode = |sink: &mut Sink<'_>| blocks().try_for_each(|rows| sink(all.slice(s![rows, ..])));
        let layout = CodesLayout { samples: 3, units: 3, threshold: 0.2, ids };
        write_codes(&path, format, layout, encode).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::read(path).unwrap()
    }

    #[test]
    fn each_format_has_the_same_codes_whatever_the_blocks() {
        for height in 1..=3 {
            let csv = String::from_utf8(written("codes.csv", height)).unwrap();
            assert_eq!(csv, "h0,h1,h2\n0.5,0,-1e-7\n1,2,3\n0.1,0.3,1.1754944e-38\n");
            let lines = String::from_utf8(written("codes.jsonl", height)).unwrap();
            let expected = [
                r#"{"sample":0,"units":[0],"values":[0.5]}"#,
                r#"{"sample":1,"units":[0,1,2],"values":[1,2,3]}"#,
                r#"{"sample":2,"units":[1],"values":[0.3]}"#,
            ];
            assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
            assert!(lines.ends_with('\n'));
            let mut npz = NpzReader::new(Cursor::new(written("codes.npz", height))).unwrap();
            let mut integers = |name: &str| npz.by_name::<OwnedRepr<i32>, Ix1>(name).unwrap().to_vec();
            assert_eq!((integers("indptr"), integers("indices")), (vec![0, 1, 4, 5], vec![0, 0, 1, 2, 1]));
            let data: Array1<f32> = npz.by_name("data").unwrap();
            let shape: Array1<i64> = npz.by_name("shape").unwrap();
            assert_eq!((data, shape), (array![0.5, 1.0, 2.0, 3.0, 0.3], array![3, 3]));
            let npy = written("codes.npy", height);
            let read: Array2<f32> = ndarray_npy::ReadNpyExt::read_npy(&npy[..]).unwrap();
            assert_eq!(read, codes());
        }
    }

    /// `numpy.save(file, numpy.array([[0.5, 0, -1e-7], [1, 2, 3]], dtype="f4"))`, numpy 2.4.
    #[test]
    fn a_matrix_begins_as_numpy_begins_it() {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 3), }";
        let npy = written("codes.npy", 2);
        assert_eq!(npy[..10], *b"\x93NUMPY\x01\x00\x76\x00");
        assert_eq!(npy[10..128], *format!("{header:<117}\n").as_bytes());
        assert_eq!(npy[128..144], *b"\x00\x00\x00?\x00\x00\x00\x00\x95\xbf\xd6\xb3\x00\x00\x80?");
    }

    #[test]
    fn ids_stand_beside_their_codes() {
        let ids = SampleIds::Names(["a,\"b\"", "c", "ü\n"].map(str::to_owned).to_vec());
        let csv = String::from_utf8(written_with("codes.csv", 2, &ids)).unwrap();
        assert_eq!(csv, "id,h0,h1,h2\n\"a,\"\"b\"\"\",0.5,0,-1e-7\nc,1,2,3\n\"ü\n\",0.1,0.3,1.1754944e-38\n");
        let lines = String::from_utf8(written_with("codes.jsonl", 2, &ids)).unwrap();
        let ids_of_lines: Vec<Json> =
            lines.lines().map(|line| serde_json::from_str::<Json>(line).unwrap()["id"].clone()).collect();
        assert_eq!(ids_of_lines, ["a,\"b\"", "c", "ü\n"]);
        assert!(lines.starts_with(r#"{"sample":0,"id":"a,\"b\"","units":[0]"#), "{lines}");
        // A file of ids has one on each line.
        let layout = |samples| CodesLayout { samples, units: 3, threshold: 0.2, ids: &ids };
        assert_eq!(layout(2).lines_of_ids(CodesFormat::Npz).unwrap().unwrap(), "a,\"b\"\nc\n");
        assert!(layout(3).lines_of_ids(CodesFormat::Npy).unwrap_err().to_string().contains("line break"));
        assert_eq!(layout(3).lines_of_ids(CodesFormat::Csv).unwrap(), None);
        let rows = CodesLayout { ids: &SampleIds::Rows, ..layout(3) };
        assert_eq!(rows.lines_of_ids(CodesFormat::Npy).unwrap(), None);
    }

    /// `format` as `scipy.sparse.save_npz` writes it, scipy 1.17: `numpy.array(b"csr")`.
    #[test]
    fn a_sparse_matrix_says_its_format_as_scipy_does() {
        let mut archive = zip::ZipArchive::new(Cursor::new(written("codes.npz", 2))).unwrap();
        assert_eq!(archive.len(), 5);
        let mut format = Vec::new();
        archive.by_name("format.npy").unwrap().read_to_end(&mut format).unwrap();
        let header = "{'descr': '|S3', 'fortran_order': False, 'shape': (), }";
        assert_eq!(format[10..128], *format!("{header:<117}\n").as_bytes());
        assert_eq!(format[128..], *b"csr");
    }

    #[test]
    fn a_code_that_is_not_finite_is_refused_and_the_old_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("codes.npy");
        fs::write(&path, "old").unwrap();
        let block = array![[1.0, f32::NAN]];
        let layout = CodesLayout { samples: 1, units: 2, threshold: 0.0, ids: &SampleIds::Rows };
        let refused = write_codes(&path, CodesFormat::Npy, layout, |sink| sink(block.view()));
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("codes.npy") && message.contains("NaN at unit 1"), "{message}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }

    #[test]
    fn other_extensions_are_refused() {
        for name in ["codes", "codes.txt", "codes.NPY", ".npy", "codes.npy.gz"] {
            let message = CodesFormat::of(Path::new(name)).unwrap_err().to_string();
            assert!(message.contains(name) && message.contains(".jsonl"), "{message}");
        }
    }
}
