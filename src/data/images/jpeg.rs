//! Checks that a JPEG file holds one whole picture, because decoders fill missing parts with grey or with the bytes that follow.

/// Checks that the JPEG picture in `bytes` has its end marker (EOI) before another picture's start marker (SOI). Segments are
/// skipped, because a thumbnail in one has such markers, too. Bytes after the end are ignored: some files hold several pictures.
///
/// # Errors
/// The problem, as the predicate of a sentence about the file.
pub(super) fn check(bytes: &[u8]) -> Result<(), &'static str> {
    const NO_END: &str = "is truncated: the JPEG marker of the end is missing";
    // The bytes after the picture's own SOI.
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        let Some(at) = rest.iter().position(|&byte| byte == 0xff) else { return Err(NO_END) };
        rest = &rest[at + 1..];
        match *rest {
            [0xd9, ..] => return Ok(()),
            [0xd8, ..] => return Err("is cut off: another JPEG picture begins before its end"),
            // An escaped byte 0xff of the compressed data, a fill byte, or a marker without a segment.
            [0x00 | 0x01 | 0xd0..=0xd7 | 0xff, ..] => {}
            [_, high, low, ..] => {
                let length = 1 + usize::from(u16::from_be_bytes([high, low]));
                rest = rest.get(length..).unwrap_or_default();
            }
            _ => return Err(NO_END),
        }
    }
}
