//! The header of a `.npy` file: magic number, version, size, and a Python dictionary with the keys `descr`, `fortran_order` and `shape`.

use super::dtype::{ArrayProblem, Dtype};
use std::fmt;
use std::io::{self, Read};

/// How a `.npy` file begins.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// Limit on the dictionary's bytes; that of a matrix takes 118.
const MOST_BYTES: u32 = 1 << 16;

/// The header of an array, with values of any type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WrittenHeader {
    /// The type of the values as numpy writes it.
    descr: String,
    fortran_order: bool,
    shape: Vec<usize>,
}

/// The header of an array that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArrayHeader {
    /// Type of the values.
    pub(crate) dtype: Dtype,
    /// `true`: the first index runs fastest in the file.
    pub(crate) fortran_order: bool,
    /// The lengths of the axes.
    pub(crate) shape: Vec<usize>,
}

/// Reads from `file` in the manner that [`WrittenHeader::read`] asks for.
pub(crate) fn fill_from(file: &mut impl Read) -> impl FnMut(&mut [u8]) -> io::Result<usize> {
    |buffer| {
        let (wanted, mut rest) = (buffer.len() as u64, &mut *buffer);
        Ok(io::copy(&mut file.by_ref().take(wanted), &mut rest)? as usize)
    }
}

impl ArrayHeader {
    /// Reads the header at the beginning of a file like [`WrittenHeader::read`].
    pub(crate) fn read<E>(
        fill: impl FnMut(&mut [u8]) -> Result<usize, E>,
    ) -> Result<Result<Self, ArrayProblem>, E> {
        Ok(WrittenHeader::read(fill)?.and_then(WrittenHeader::typed))
    }
}

impl WrittenHeader {
    /// Reads the header at the beginning of a file. `fill` reads as many bytes as it is given, or fewer at the file's end, and returns
    /// their number.
    pub(super) fn read<E>(
        mut fill: impl FnMut(&mut [u8]) -> Result<usize, E>,
    ) -> Result<Result<Self, ArrayProblem>, E> {
        let damaged = |problem: String| Ok(Err((problem, None)));
        let mut start = [0; 8];
        let got = fill(&mut start)?;
        let magic = &start[..got.min(MAGIC.len())];
        if !MAGIC.starts_with(magic) {
            return damaged(format!(
                "begins with the bytes {magic:02x?}, expected a .npy file, which begins with \\x93NUMPY"
            ));
        }
        if got < start.len() {
            return damaged(format!("is truncated in its magic number: it has {got} bytes"));
        }
        let mut size = [0; 4];
        let size = match start[6] {
            1 => &mut size[..2],
            2 | 3 => &mut size[..],
            major => {
                let minor = start[7];
                return damaged(format!("has .npy version {major}.{minor}, expected 1.0, 2.0 or 3.0"));
            }
        };
        if fill(size)? < size.len() {
            return damaged("is truncated in its header: the header's size is missing".to_owned());
        }
        let size = size.iter().rev().fold(0_u32, |number, &byte| number << 8 | u32::from(byte));
        if size > MOST_BYTES {
            return damaged(format!("declares a header of {size} bytes, the limit is {MOST_BYTES}"));
        }
        let mut text = vec![0; size as usize];
        let got = fill(&mut text)?;
        if got < text.len() {
            return damaged(format!("is truncated in its header: it has {got} of its {size} bytes"));
        }
        let Ok(text) = String::from_utf8(text) else {
            return damaged("has a header that is not UTF-8 text".to_owned());
        };
        Ok(Self::parse(&text))
    }

    /// Parses the header's dictionary.
    fn parse(text: &str) -> Result<Self, ArrayProblem> {
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        for (key, value) in entries(text).map_err(|problem| (format!("has a bad header: {problem}"), None))? {
            let slot = match key.as_str() {
                "descr" => &mut descr,
                "fortran_order" => &mut fortran_order,
                "shape" => &mut shape,
                _ => return Err((format!("has a bad header: unknown key '{key}'"), None)),
            };
            if slot.replace(value).is_some() {
                return Err((format!("has a bad header: the key '{key}' occurs twice"), None));
            }
        }
        let missing = |key: &str| (format!("has a bad header: the key '{key}' is missing"), None);
        let descr = descr.ok_or_else(|| missing("descr"))?;
        let fortran_order = match fortran_order.ok_or_else(|| missing("fortran_order"))?.as_str() {
            "True" => true,
            "False" => false,
            other => return Err((format!("has a bad header: fortran_order is {other}"), None)),
        };
        let shape = sizes(&shape.ok_or_else(|| missing("shape"))?)?;
        Ok(Self { descr, fortran_order, shape })
    }

    /// The same header with the type of its values, if it can be read.
    fn typed(self) -> Result<ArrayHeader, ArrayProblem> {
        let Self { descr, fortran_order, shape } = self;
        Ok(ArrayHeader { dtype: Dtype::of_descr(&descr)?, fortran_order, shape })
    }
}

/// As in `[10, 3] <f4`.
impl fmt::Display for WrittenHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.shape, self.descr.trim_matches(['\'', '"']))
    }
}

/// The header of a matrix that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) dtype: Dtype,
    /// `true`: the row index runs fastest in the file.
    pub(super) fortran_order: bool,
    /// N ≥ 1.
    pub(super) rows: usize,
    /// n ≥ 1.
    pub(super) columns: usize,
}

impl Header {
    /// The header of an array that is a matrix.
    pub(super) fn of(array: ArrayHeader) -> Result<Self, ArrayProblem> {
        let ArrayHeader { dtype, fortran_order, shape } = array;
        let tuple = tuple(&shape);
        match shape[..] {
            [rows, columns] if rows >= 1 && columns >= 1 => Ok(Self { dtype, fortran_order, rows, columns }),
            [_, _] => Err((
                format!("has shape {tuple}, expected at least one sample and one input"),
                Some("save a matrix that is not empty".to_owned()),
            )),
            ref sizes => {
                let how = match sizes {
                    [] | [_] => {
                        "x.reshape(1, -1) makes one sample of all values, x.reshape(-1, 1) samples of one value each"
                    }
                    _ => "for instance with x.reshape(len(x), -1)",
                };
                Err((
                    format!("has shape {tuple}, {} dimensions, expected two: [samples, inputs]", sizes.len()),
                    Some(format!("reshape it, and save it again: {how}")),
                ))
            }
        }
    }
}

/// `sizes` as a Python tuple.
fn tuple(sizes: &[usize]) -> String {
    let sizes: Vec<String> = sizes.iter().map(ToString::to_string).collect();
    if let [size] = &sizes[..] { format!("({size},)") } else { format!("({})", sizes.join(", ")) }
}

impl fmt::Display for Header {
    /// As in `[10, 3] u8`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = if self.fortran_order { " in Fortran order" } else { "" };
        write!(f, "[{}, {}] {}{order}", self.rows, self.columns, self.dtype.name())
    }
}

/// A whole `.npy` file of version 1.0 with \[rows, columns\] u8 values, as `numpy.save` writes it.
pub(super) fn file_of_bytes(rows: usize, columns: usize, values: &[u8]) -> Vec<u8> {
    let mut file = start_of_file("|u1", &[rows, columns]);
    file.extend(values);
    file
}

/// The bytes before the values in a `.npy` file of version 1.0, as `numpy.save` writes them: for an array of this shape in C order with
/// values of the type `descr`.
pub(crate) fn start_of_file(descr: &str, shape: &[usize]) -> Vec<u8> {
    start(&format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {}, }}", tuple(shape)))
}

/// [`start_of_file`] of f32 without numpy's last comma, as the files of weights have always been: their digest is part of the key of a run
/// that starts from them.
pub(crate) fn start_of_weights(shape: &[usize]) -> Vec<u8> {
    start(&format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {}}}", tuple(shape)))
}

/// Everything before the values, with the dictionary `header`.
fn start(header: &str) -> Vec<u8> {
    // Magic number, version and size take 10 bytes; the whole is padded to a multiple of 64 and ends with a line break.
    let size = (10 + header.len() + 1).next_multiple_of(64) - 10;
    let mut start = b"\x93NUMPY\x01\x00".to_vec();
    start.extend((size as u16).to_le_bytes());
    start.extend(format!("{header:<width$}\n", width = size - 1).bytes());
    start
}

/// The lengths of the axes in the tuple `shape`.
fn sizes(shape: &str) -> Result<Vec<usize>, ArrayProblem> {
    let bad = || (format!("has a bad header: shape {shape} is not a tuple of whole numbers"), None);
    let inner = shape.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).ok_or_else(bad)?.trim();
    let inner = inner.strip_suffix(',').unwrap_or(inner);
    let mut sizes = Vec::new();
    for size in inner.split(',').map(str::trim).filter(|_| !inner.is_empty()) {
        // Python 2 wrote long integers with an L.
        let digits = size.strip_suffix('L').unwrap_or(size);
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(bad());
        }
        let size = digits.parse().map_err(|_| (format!("declares an absurd size: shape {shape}"), None))?;
        sizes.push(size);
    }
    Ok(sizes)
}

/// The dictionary's keys, without quotes, and their values as text.
fn entries(text: &str) -> Result<Vec<(String, String)>, String> {
    let inner = text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let mut rest = inner.ok_or("expected a dictionary in braces")?.trim_start();
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let (key, after) = split_literal(rest)?;
        let quoted = |quote| key.strip_prefix(quote).and_then(|key: &str| key.strip_suffix(quote));
        let name = quoted('\'').or_else(|| quoted('"')).filter(|name| !name.contains(['\'', '"']));
        let key = name.ok_or_else(|| format!("{key} is no key in quotes"))?;
        let after = after.strip_prefix(':').ok_or(format!("expected a colon behind the key '{key}'"))?;
        let (value, after) = split_literal(after.trim_start())?;
        entries.push((key.to_owned(), value.to_owned()));
        rest = match after.strip_prefix(',') {
            Some(after) => after.trim_start(),
            None if after.is_empty() => after,
            None => return Err(format!("expected a comma behind the value of '{key}'")),
        };
    }
    Ok(entries)
}

/// Splits the first Python literal off `text`: it ends before the first colon or comma outside quotes and brackets.
fn split_literal(text: &str) -> Result<(&str, &str), String> {
    let (mut quote, mut depth) = (None, 0_usize);
    let mut end = text.len();
    for (place, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => {
                depth = depth.checked_sub(1).ok_or("a bracket closes that isn't open")?;
            }
            (None, ':' | ',') if depth == 0 => {
                end = place;
                break;
            }
            _ => {}
        }
    }
    if quote.is_some() || depth > 0 {
        return Err("a quote or bracket stays open".to_owned());
    }
    let (value, rest) = text.split_at(end);
    let value = value.trim_end();
    if value.is_empty() { Err("a key or value is missing".to_owned()) } else { Ok((value, rest)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_header_is_parsed() {
        for text in [
            "{'descr': '<f8', 'fortran_order': True, 'shape': (5, 7), }      \n",
            "{\"shape\":(5L,7L),\"descr\":\"<f8\",\"fortran_order\":True}",
            " { 'fortran_order' : True , 'shape' : ( 5 , 7 , ) , 'descr' : '<f8' } ",
        ] {
            let header = ArrayHeader { dtype: Dtype::F64, fortran_order: true, shape: vec![5, 7] };
            assert_eq!(WrittenHeader::parse(text).and_then(WrittenHeader::typed), Ok(header), "{text}");
        }
    }

    #[test]
    fn a_written_header_is_parsed_back() {
        let file = file_of_bytes(50_000, 192, &[7, 8]);
        assert_eq!(file[..10], *b"\x93NUMPY\x01\x00\x76\x00");
        assert_eq!(file[128..], [7, 8]);
        let mut rest = &file[..];
        let header = ArrayHeader::read(|buffer| rest.read(buffer)).unwrap().unwrap();
        let header = Header::of(header).unwrap();
        assert_eq!(header, Header { dtype: Dtype::U8, fortran_order: false, rows: 50_000, columns: 192 });
        assert_eq!(header.to_string(), "[50000, 192] u8");
    }

    #[test]
    fn broken_headers() {
        for (text, part) in [
            ("", "braces"),
            ("{", "braces"),
            ("{}", "'descr' is missing"),
            ("{'a' 'b'}", "no key in quotes"),
            ("{'a'}", "colon"),
            ("{a: 1}", "no key in quotes"),
            ("{'a': }", "is missing"),
            ("{'a': 1 :}", "expected a comma"),
            ("{,}", "is missing"),
            ("{'a': (1}", "stays open"),
            ("{'a': 1)}", "closes"),
            ("{': 1}", "stays open"),
            ("{'descr': '<f4', 'fortran_order': 0, 'shape': (1, 1)}", "fortran_order is 0"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, , 1)}", "whole numbers"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1.0)}", "whole numbers"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (+1, 1)}", "whole numbers"),
        ] {
            let (problem, _) = WrittenHeader::parse(text).unwrap_err();
            assert!(problem.contains(part), "{text}: {problem}");
        }
    }
}
