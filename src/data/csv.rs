//! The `csv` source: a table of numbers as text, plain or gzip, with one sample a line.
//!
//! Cells are separated by commas, tabs or semicolons: by one that comes as often in the second line as in the first, by the most
//! frequent one of several. The first line is a header if its first cell is empty, or a cell is neither empty nor a number. Every other
//! line has as many cells as the first one, each a number that is finite in f32. Numbers are parsed in double precision and rounded to
//! f32 after standardisation, like f64 of a `.npy` file. Empty lines are skipped. The digest covers the decompressed bytes of the file.
//! All lines are read and checked; the rows that are used must stay within [`MAX_BYTES`](super::size::MAX_BYTES).

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use csv::{ByteRecord, ErrorKind, ReaderBuilder, Terminator, Trim};

use super::file::{DataFile, recognise};
use super::npy::stem;
use super::raw::{Raw, Remark, SampleMatrix, Stored};
use super::reading::ReadingWatch;
use super::size;
use super::stored_matrix::finite_in_f32;
use crate::error::{Error, Result};

const FIX: &str = "write it again, for instance with numpy.savetxt(path, x, delimiter=',')";

/// Endings of the names of such files.
pub(super) const ENDINGS: [&str; 2] = [".csv", ".tsv"];

/// Limit on the bytes of a line.
const LONGEST_LINE: usize = 1 << 28;

/// Bytes at the beginning of the file by which the separator is chosen.
const HEAD: usize = 1 << 16;

/// The first `samples` lines (`None`: all), not standardised; `watch` hears of the reading.
pub(super) fn load(path: &Path, samples: Option<usize>, watch: &ReadingWatch) -> Result<Raw> {
    let file = DataFile::open(path, FIX)?.watched(watch);
    if let Some(name) = recognise(file.head()).filter(|name| *name != "a text file") {
        return Err(file.damaged(format!("looks like {name}, expected a table as text")));
    }
    let mut bytes = BufReader::with_capacity(HEAD, FileBytes { file, line: 1 });
    let separator = separator(bytes.fill_buf().map_err(|error| unread(path, error))?);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        // A carriage return before the end of a line is trimmed like a space.
        .terminator(Terminator::Any(b'\n'))
        .trim(Trim::All)
        .from_reader(bytes);
    let most = samples.unwrap_or(usize::MAX);
    let mut table = CsvTable { path, separator, header: None, columns: 0, rows: 0, most, values: Vec::new() };
    let mut line = ByteRecord::new();
    while reader.read_byte_record(&mut line).map_err(|error| unreadable(path, error))? {
        let is_empty = line.len() == 1 && line[0].is_empty();
        if !is_empty {
            // The reader is at the beginning of the next line.
            table.add(&line, reader.position().line() - 1)?;
        }
    }
    if table.rows == 0 {
        return Err(Error::data(path, "has no line of numbers", FIX));
    }
    let count = super::count(path, samples, table.rows)?;
    let (name, sha256, remarks) =
        (stem(path, &ENDINGS), reader.into_inner().into_inner().file.digest()?, table.remarks());
    let train = SampleMatrix::Double(super::matrix(count, table.columns, table.values));
    Ok(Raw { remarks, ..Raw::new(name, sha256, table.rows, train, Stored::Floats) })
}

/// The separator of cells in a table that begins with `head`.
fn separator(head: &[u8]) -> u8 {
    let mut lines = head.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let [first, second] = [(); 2].map(|()| lines.next().unwrap_or_default());
    let count = |line: &[u8], separator| line.iter().filter(|byte| **byte == separator).count();
    let rank = |separator: &u8| {
        let found = count(first, *separator);
        (found > 0 && found == count(second, *separator), found)
    };
    // Of equal ranks the last one is taken.
    *[b';', b'\t', b','].iter().max_by_key(|separator| rank(separator)).unwrap_or(&b',')
}

/// Whether the cells, several ones, are 0, 1, 2 and so on.
fn is_count<'c>(cells: impl ExactSizeIterator<Item = &'c f64>) -> bool {
    cells.len() > 1 && cells.enumerate().all(|(place, cell)| *cell == place as f64)
}

/// The lines read so far.
struct CsvTable<'a> {
    path: &'a Path,
    separator: u8,
    /// The cells of the header, if there is one.
    header: Option<Vec<String>>,
    /// Number of cells of each line; 0 before the first line.
    columns: usize,
    rows: usize,
    /// Number of rows to keep.
    most: usize,
    values: Vec<f64>,
}

impl CsvTable<'_> {
    /// Adds the line `number`, from 1.
    fn add(&mut self, line: &ByteRecord, number: u64) -> Result<()> {
        if self.columns == 0 {
            self.columns = line.len();
            let is_name = |cell: &[u8]| !cell.is_empty() && parsed(cell).is_none();
            // An index often has no name.
            if line[0].is_empty() || line.iter().any(is_name) {
                self.header =
                    Some(line.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect());
                return Ok(());
            }
        }
        if line.len() != self.columns {
            self.refuse_breaks(line, number)?;
            let problem =
                format!("line {number} has {} cells, but the first line has {}", line.len(), self.columns);
            let fix =
                format!("separate cells by {:?}, the same number in every line", char::from(self.separator));
            return Err(Error::data(self.path, problem, fix));
        }
        let is_kept = self.rows < self.most;
        if is_kept {
            size::check::<f64>(self.path, self.rows + 1, self.columns)?;
            self.values.try_reserve(self.columns).map_err(|_| {
                Error::data(
                    self.path,
                    "no memory for its values",
                    "use fewer samples or inputs, or free memory",
                )
            })?;
        }
        for (column, cell) in line.iter().enumerate() {
            let found = parsed(cell)
                .ok_or_else(|| format!("found {:?}, expected a number", String::from_utf8_lossy(cell)));
            let value =
                found.and_then(|value| finite_in_f32(value).map_err(|problem| format!("has {problem}")));
            let value = value.map_err(|problem| self.refused(line, number, column, &problem))?;
            if is_kept {
                self.values.push(value);
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Refuses a `line` with a cell with line breaks, as a quote that isn't closed makes; `number` is its end.
    fn refuse_breaks(&self, line: &ByteRecord, number: u64) -> Result<()> {
        if !line.iter().any(|cell| cell.contains(&b'\n')) {
            return Ok(());
        }
        let problem = format!("a cell with line breaks ends in line {number}");
        Err(Error::data(self.path, problem, "close the quote that opens before, or remove it"))
    }

    /// The error for the cell in `column` (from 0) of the `line` with this `number` (from 1).
    fn refused(&self, line: &ByteRecord, number: u64, column: usize, problem: &str) -> Error {
        if let Err(error) = self.refuse_breaks(line, number) {
            return error;
        }
        let words = || line[column].split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        if self.columns == 1 && words().count() > 1 && words().all(|word| parsed(word).is_some()) {
            let problem = format!("line {number} has one cell, with spaces in it");
            let fix = "separate cells by commas, tabs or semicolons, for instance with numpy.savetxt(path, x, delimiter=',')";
            return Error::data(self.path, problem, fix);
        }
        let name = self.header.as_ref().map_or_else(String::new, |header| format!(" ({})", header[column]));
        let fix = "remove or replace such values; a file of samples has no columns of names or labels";
        Error::data(self.path, format!("line {number}, column {}{name}: {problem}", column + 1), fix)
    }

    fn remarks(&self) -> Vec<Remark> {
        /// Number of cells that are shown.
        const SHOWN: usize = 4;
        let path = self.path.display();
        let Some(header) = &self.header else {
            // Tables of numbers often have such names, as pandas gives them.
            let problem = format!(
                "{path}: the first line counts the columns from 0 and is taken as a sample; remove it if it is a header"
            );
            let is_count = is_count(self.values[..self.columns].iter());
            return is_count.then_some(Remark::Warning(problem)).into_iter().collect();
        };
        let more = if header.len() > SHOWN { ", …" } else { "" };
        let cells = header[..header.len().min(SHOWN)].join(", ");
        let mut remarks =
            vec![Remark::Note(format!("{path}: the first line is a header ({cells}{more}), not a sample"))];
        // No error, because names can be numbers, such as years. pandas gives columns their places as names, and its index none.
        let mut numbers = header.iter().filter_map(|cell| parsed(cell.as_bytes())).peekable();
        let has_numbers = numbers.peek().is_some();
        let are_places =
            header[0].is_empty() && numbers.enumerate().all(|(place, cell)| cell == place as f64);
        if has_numbers && !are_places {
            remarks.push(Remark::Warning(format!(
                "{path}: the first line has numbers beside other cells, and is taken as a header; if it is a sample, write numbers alone"
            )));
        }
        if header[0].is_empty() && is_count(self.values.iter().step_by(self.columns)) {
            remarks.push(Remark::Warning(format!(
                "{path}: the first column has no name and counts the lines, and is taken as an input; remove it if it is an index"
            )));
        }
        remarks
    }
}

fn parsed(cell: &[u8]) -> Option<f64> {
    str::from_utf8(cell).ok()?.parse().ok()
}

/// The bytes of the file for the reader of lines, the last one with an end.
struct FileBytes {
    file: DataFile,
    /// Bytes of the present line so far, with the line break before it.
    line: usize,
}

impl Read for FileBytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut got = self.file.fill_and_tell(buffer).map_err(io::Error::other)?;
        if got == 0 && self.line > 1 && !buffer.is_empty() {
            (buffer[0], got) = (b'\n', 1);
        }
        self.line = match buffer[..got].iter().rposition(|byte| *byte == b'\n') {
            Some(end) => got - end,
            None => self.line + got,
        };
        if self.line > LONGEST_LINE {
            let problem = format!("has a line of more than {LONGEST_LINE} bytes");
            return Err(io::Error::other(self.file.damaged(problem)));
        }
        Ok(got)
    }
}

fn unreadable(path: &Path, error: csv::Error) -> Error {
    let text = error.to_string();
    match error.into_kind() {
        ErrorKind::Io(error) => unread(path, error),
        _ => Error::data(path, text, FIX),
    }
}

fn unread(path: &Path, error: io::Error) -> Error {
    // The error of `FileBytes`.
    error.downcast::<Error>().unwrap_or_else(|error| Error::io("read", path)(error))
}
