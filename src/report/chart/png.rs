//! PNG rendered from SVG.
//!
//! The only font is compiled in: DejaVu Sans 2.35, free to use and to change (its licence is beside it), reduced with fontTools
//! to Latin, Greek and the signs of figures. Other characters can't be drawn here; the SVG has them.
//!
//! ```text
//! pyftsubset DejaVuSans.ttf --no-hinting --layout-features=kern --name-IDs='*' --unicodes=U+0020-007E,U+00A0-00FF,\
//! U+0100-017F,U+0370-03FF,U+2010-2015,U+2018-201E,U+2022,U+2026,U+2032,U+2070-208E,U+20AC,U+2190-2193,U+2200-2213,\
//! U+221A,U+221E,U+2248,U+2260-2265,U+2713,U+FFFD
//! ```

use super::sheet::FAMILY;
use crate::data::images::mark;
use crate::error::{Error, Result};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::fmt::Display;
use std::sync::Arc;

const FONT: &[u8] = include_bytes!("DejaVuSans-subset.ttf");

/// Greatest number of pixels of a side.
const LONGEST: f32 = 16_384.0;

/// Renders `svg` as PNG, marked as written by this program, with `scale` > 0 pixels for each unit; 2 is sharp on screens and in
/// print. Only the embedded font is used, so the same picture gives the same bytes everywhere.
///
/// # Errors
/// [`Error::Picture`] where `svg` is not an SVG, or a side would have no pixel or more than 16,384.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>> {
    let tree = Tree::from_str(svg, &options()).map_err(refuse)?;
    let (width, height) = sides(&tree, scale)?;
    let mut pixels = Pixmap::new(width, height).ok_or_else(|| refuse("not enough memory"))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map(|png| mark(&png)).map_err(refuse)
}

/// Whether [`png`] can render `svg` at this scale.
pub(in crate::report) fn has_png(svg: &str, scale: f32) -> bool {
    Tree::from_str(svg, &options()).is_ok_and(|tree| sides(&tree, scale).is_ok())
}

/// Width and height in pixels.
fn sides(tree: &Tree, scale: f32) -> Result<(u32, u32)> {
    let side = |length: f32| {
        let pixels = (length * scale).round();
        let fits = (1.0..=LONGEST).contains(&pixels);
        let problem = || refuse(format!("a side of {pixels} pixels; accepted: 1 to {LONGEST}"));
        fits.then_some(pixels as u32).ok_or_else(problem)
    };
    Ok((side(tree.size().width())?, side(tree.size().height())?))
}

pub(super) fn options() -> Options<'static> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(FONT.to_vec());
    Options { font_family: FAMILY.to_owned(), fontdb: Arc::new(fonts), ..Options::default() }
}

pub(in crate::report) fn refuse(problem: impl Display) -> Error {
    Error::Picture { problem: problem.to_string() }
}
