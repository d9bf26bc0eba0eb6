//! Text in pictures: escaping for XML, and widths in the embedded font.

/// Advance widths of the characters from space to ~ in DejaVu Sans, in thousandths of the font size.
const ADVANCES: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636,
    636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295,
    295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838,
    500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521,
    392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
];

/// The assumed width of other characters; most letters are narrower, Han characters have this width.
const OTHER: u16 = 1000;

/// Width of a line of text at the font size `size`, in the same unit. For Latin and Greek it is never too small, except for a few
/// ligatures.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size / 1000.0
}

fn advance(character: char) -> f64 {
    let place = (character as usize).checked_sub(usize::from(b' '));
    match character {
        '·' => 318.0,
        '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' => 401.0,
        '⁻' => 528.0,
        '−' => 838.0,
        'σ' => 634.0,
        _ => f64::from(place.and_then(|place| ADVANCES.get(place)).copied().unwrap_or(OTHER)),
    }
}

/// `text`, shortened with an ellipsis to the width `limit`.
pub(super) fn fitted(text: &str, size: f64, limit: f64) -> String {
    if width(text, size) <= limit {
        return text.to_owned();
    }
    let fits = |end: &usize| width(&text[..*end], size) + width("…", size) <= limit;
    let end = text.char_indices().map(|(start, _)| start).take_while(fits).last().unwrap_or(0);
    format!("{}…", text[..end].trim_end())
}

/// `text` as XML content or attribute value; characters that XML can't hold become U+FFFD.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            c if c.is_control() || ['\u{FFFE}', '\u{FFFF}'].contains(&c) => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}
