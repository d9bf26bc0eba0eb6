//! The ids of samples, by which tables of codes and features name them.

use crate::error::{Error, Result};
use crate::regular;
use std::borrow::Cow;
use std::path::Path;

/// The ids of samples, in the samples' order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SampleIds {
    /// Row numbers from 0.
    Rows,
    /// Row numbers in the source, from 0, where a share of its samples is held out.
    Numbers(Vec<u32>),
    /// A name for each sample: the lines of a file of ids, or the paths of images relative to their folder.
    Names(Vec<String>),
}

/// The rows of a source whose samples were split into training samples and held-out samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitRows {
    /// Number of samples of the source.
    pub all: usize,
    /// The rows of the training samples that are used, ascending.
    pub train: Vec<u32>,
    /// The rows of the held-out samples, ascending.
    pub held_out: Vec<u32>,
}

impl SampleIds {
    /// Reads the file of ids at `path`: UTF-8, one id on each line, a line for each of the `samples` samples. Lines end in `\n` or `\r\n`;
    /// the last line may lack it. A byte order mark is skipped. An id may occur more than once.
    ///
    /// # Errors
    /// [`Error::Data`] where the file can't be read, and with the line where the text is not UTF-8, a line is empty, or the number of lines
    /// is not `samples`.
    pub fn read(path: &Path, samples: usize) -> Result<Self> {
        const FIX: &str = "write one id on each line, in the order of the samples";
        let bytes = regular::read(path).map_err(|error| {
            let expected =
                "expected a text file with one id on each line, a line for each sample of the data";
            Error::data(path, format!("cannot be read: {error}"), expected)
        })?;
        let text = str::from_utf8(&bytes).map_err(|error| {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            Error::data(path, format!("line {line}: the text is not UTF-8"), "save the file as UTF-8")
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let ids: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
        if let Some(empty) = ids.iter().position(|id| id.trim().is_empty()) {
            return Err(Error::data(
                path,
                format!("line {}: found an empty line, expected an id", empty + 1),
                FIX,
            ));
        }
        if ids.len() != samples {
            let (found, line) = (ids.len(), ids.len().min(samples) + 1);
            let problem = if found < samples { "the file ends" } else { "found one more id" };
            let problem =
                format!("line {line}: {problem}; found {found} ids, expected {samples}, one for each sample");
            let fix = if found == samples + 1 && is_header(&ids) {
                format!("the first line, {:?}, may be a header: remove it", ids[0])
            } else {
                FIX.to_owned()
            };
            return Err(Error::data(path, problem, fix));
        }
        Ok(Self::Names(ids))
    }

    /// The ids of the samples in `rows`.
    ///
    /// # Panics
    /// If there is no such sample.
    #[must_use]
    pub fn select(&self, rows: &[u32]) -> Self {
        let rows = rows.iter().map(|row| *row as usize);
        match self {
            Self::Rows => Self::Numbers(rows.map(|row| row as u32).collect()),
            Self::Numbers(numbers) => Self::Numbers(rows.map(|row| numbers[row]).collect()),
            Self::Names(names) => Self::Names(rows.map(|row| names[row].clone()).collect()),
        }
    }

    /// The id of the sample in row `row`, counted from 0.
    ///
    /// # Panics
    /// If there is no such sample.
    pub fn get(&self, row: usize) -> Cow<'_, str> {
        match self {
            Self::Rows => Cow::Owned(row.to_string()),
            Self::Numbers(numbers) => Cow::Owned(numbers[row].to_string()),
            Self::Names(names) => Cow::Borrowed(&names[row]),
        }
    }
}

/// Whether the first of `lines` looks like the header of a column of ids: it is a usual one, or the only line without a digit.
fn is_header(lines: &[String]) -> bool {
    const USUAL: [&str; 12] = [
        "id", "ids", "index", "key", "name", "names", "file", "filename", "label", "sample", "word", "title",
    ];
    let has_digit = |line: &String| line.contains(|c: char| c.is_ascii_digit());
    let Some((first, others)) = lines.split_first() else { return false };
    let word = first.trim().trim_matches('"').to_lowercase();
    USUAL.contains(&word.as_str()) || !has_digit(first) && others.iter().all(has_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn read(bytes: impl AsRef<[u8]>, samples: usize) -> Result<SampleIds, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ids.txt");
        fs::write(&path, bytes).unwrap();
        SampleIds::read(&path, samples).map_err(|error| error.to_string())
    }

    #[test]
    fn a_line_is_an_id_whatever_ends_it() {
        let names = |names: &[&str]| Ok(SampleIds::Names(names.iter().map(ToString::to_string).collect()));
        assert_eq!(read("a\nb c\nü,\"x\"\n", 3), names(&["a", "b c", "ü,\"x\""]));
        assert_eq!(read("\u{feff}a\r\na\r\n 7", 3), names(&["a", "a", " 7"]));
        assert_eq!(
            read("a\nb\nc", 3).unwrap().select(&[0, 2]),
            SampleIds::Names(vec!["a".to_owned(), "c".to_owned()])
        );
        assert_eq!(SampleIds::Rows.select(&[1, 5]).get(1), "5");
        let ids = read("x\ny", 2).unwrap();
        assert_eq!([ids.get(1), SampleIds::Rows.get(1)], ["y", "1"]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (bytes, samples, parts) in [
            (&b"a\nb\n"[..], 3, ["line 3: the file ends", "found 2 ids, expected 3"]),
            (b"a\nb\nc\nd\n", 2, ["line 3: found one more id", "found 4 ids, expected 2"]),
            (
                b"Word\na\nb\n",
                2,
                ["found one more id", "the first line, \"Word\", may be a header: remove it"],
            ),
            (b"which\nw0\nw1\n", 2, ["found 3 ids", "may be a header"]),
            (b"a\nb\nc\n", 2, ["found one more id", "write one id on each line"]),
            (b"", 1, ["line 1: the file ends", "found 0 ids, expected 1"]),
            (b"a\n\nb\n", 3, ["line 2: found an empty line", "one id on each line"]),
            (b"a\nb\xff\n", 2, ["line 2: the text is not UTF-8", "save the file as UTF-8"]),
        ] {
            let message = read(bytes, samples).unwrap_err();
            for part in [&["ids.txt"], &parts[..]].concat() {
                assert!(message.contains(part), "{part}: {message}");
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let message = SampleIds::read(&folder.path().join("none"), 1).unwrap_err().to_string();
        assert!(
            message.contains("none: cannot be read") && message.contains("one id on each line"),
            "{message}"
        );
    }
}
