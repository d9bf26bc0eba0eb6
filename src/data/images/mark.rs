//! Marks the PNGs that this program writes, so that its own pictures never become samples.
//!
//! The mark is a text chunk after the header: `Software`, `aesparse`.

/// The first bytes of every PNG.
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Keyword and text of the mark.
const TEXT: &[u8] = b"Software\0aesparse";

/// The PNG `png` with the mark.
///
/// # Panics
/// If it doesn't begin like a PNG.
pub(crate) fn mark(png: &[u8]) -> Vec<u8> {
    let header = chunk(&png[SIGNATURE.len()..]).expect("a PNG begins with its header");
    let (before, behind) = png.split_at(SIGNATURE.len() + header.size());
    let body = [b"tEXt", TEXT].concat();
    let mut crc = flate2::Crc::new();
    crc.update(&body);
    let length = (TEXT.len() as u32).to_be_bytes();
    [before, &length, &body, &crc.sum().to_be_bytes(), behind].concat()
}

/// Whether `bytes` are a PNG with the mark.
pub(super) fn is_marked(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(SIGNATURE) else { return false };
    while let Some(chunk) = chunk(rest) {
        match chunk.kind {
            b"tEXt" if chunk.data == TEXT => return true,
            // This program writes its mark before the pixels.
            b"IDAT" => return false,
            _ => rest = &rest[chunk.size()..],
        }
    }
    false
}

struct Chunk<'a> {
    kind: &'a [u8],
    data: &'a [u8],
}

impl Chunk<'_> {
    /// Its bytes with length, kind and checksum.
    fn size(&self) -> usize {
        12 + self.data.len()
    }
}

/// The chunk at the start of `bytes`, if it is complete.
fn chunk(bytes: &[u8]) -> Option<Chunk<'_>> {
    let length = bytes.first_chunk().map(|length| u32::from_be_bytes(*length))? as usize;
    let (kind, data) = (bytes.get(4..8)?, bytes.get(8..8_usize.checked_add(length)?)?);
    bytes.get(8 + length..12 + length)?;
    Some(Chunk { kind, data })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{GrayImage, ImageFormat, Luma};

    use super::*;

    #[test]
    fn a_marked_picture_is_the_same_picture() {
        let picture = GrayImage::from_fn(5, 3, |x, y| Luma([(40 * x + y) as u8]));
        let mut plain = Vec::new();
        picture.write_to(&mut Cursor::new(&mut plain), ImageFormat::Png).unwrap();
        let marked = mark(&plain);
        assert_eq!((is_marked(&plain), is_marked(&marked)), (false, true));
        assert_eq!(image::load_from_memory(&marked).unwrap().to_luma8(), picture);
        // A file cut anywhere either has the whole mark or has none, and never panics.
        for end in 0..marked.len() {
            assert_eq!(is_marked(&marked[..end]), end >= 33 + 12 + TEXT.len(), "{end}");
        }
        assert!(!is_marked(&[SIGNATURE, &[0xff; 40]].concat()));
    }
}
