//! Whether a JPEG file holds one whole picture. Decoders fill what is missing with grey, or with what follows.

/// Checks that the JPEG picture in `bytes` reaches its marker of the end (EOI) before another one begins (SOI). Segments are stepped
/// over, for the thumbnail in one has such markers too; what stands behind the end, as in files of several pictures, isn't looked at.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(bytes: &[u8]) -> Result<(), &'static str> {
    const NO_END: &str = "is truncated: the JPEG marker of the end is missing";
    // Behind the picture's own SOI.
    let mut rest = bytes.get(2..).unwrap_or_default();
    loop {
        let Some(at) = rest.iter().position(|&byte| byte == 0xff) else { return Err(NO_END) };
        rest = &rest[at + 1..];
        match *rest {
            [0xd9, ..] => return Ok(()),
            [0xd8, ..] => return Err("is cut off: another JPEG picture begins before its end"),
            // A byte 0xff of the compressed data, a fill byte, and markers without a segment.
            [0x00 | 0x01 | 0xd0..=0xd7 | 0xff, ..] => {}
            [_, high, low, ..] => {
                let length = 1 + usize::from(u16::from_be_bytes([high, low]));
                rest = rest.get(length..).unwrap_or_default();
            }
            _ => return Err(NO_END),
        }
    }
}
