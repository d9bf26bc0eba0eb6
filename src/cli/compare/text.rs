//! What tables of runs and of folders have in common.

use crate::report::compare::{Difference, differences};
use crate::report::document::{Block, Table, Text};
use crate::report::text::{ABSENT, or_absent};
use serde_json::Value as Json;

/// Number of characters after which the table cuts a setting's value. The JSON has the whole value.
const MAX_LENGTH: usize = 60;

/// The names of A and B.
pub(super) fn names(a: &str, b: &str) -> Block {
    let row = |letter: &str, name: &str| vec![letter.into(), name.into()];
    Block::Table(Table::new("", &["", ""], &[]).with([row("A", a), row("B", b)]))
}

/// The settings that differ. Of two lists, each shows what the other lacks: of long lists that begin alike, nothing else would be seen.
pub(super) fn settings(differences: &[Difference]) -> Block {
    if differences.is_empty() {
        return Block::paragraph("settings: none differ");
    }
    let row = |difference: &Difference| {
        let [a, b] = match (&difference.a, &difference.b) {
            (Some(Json::Array(a)), Some(Json::Array(b))) => only_in_one(a, b),
            (a, b) => [a, b].map(|value| or_absent(value.as_ref(), setting_text)),
        };
        [one_line(&difference.key), a, b].map(Text::from).to_vec()
    };
    let are_lists = |difference: &Difference| {
        [&difference.a, &difference.b].iter().all(|value| value.as_ref().is_some_and(Json::is_array))
    };
    let lists = if differences.iter().any(are_lists) { "; of two lists, what the other lacks" } else { "" };
    let caption = format!("settings that differ{lists}");
    Block::Table(Table::new(caption, &["", "A", "B"], &[]).with(differences.iter().map(row)))
}

/// What only one of the lists has, for each; both lists in full if that is nothing, because they differ in their order.
fn only_in_one(a: &[Json], b: &[Json]) -> [String; 2] {
    let lacks =
        |list: &[Json], element: &Json| !list.iter().any(|other| differences(element, other).is_empty());
    let only =
        [(a, b), (b, a)].map(|(list, other)| list.iter().filter(|x| lacks(other, x)).collect::<Vec<_>>());
    let shown = if only.iter().all(Vec::is_empty) { [a, b].map(|list| list.iter().collect()) } else { only };
    shown.map(|list| match list.as_slice() {
        [] => ABSENT.to_owned(),
        list => one_line(&list.iter().map(|element| element_text(element)).collect::<Vec<_>>().join(", ")),
    })
}

/// An element of a list: `kl_sae(rho=0.05)` for a model.
fn element_text(element: &Json) -> String {
    let (Some(fields), Some(kind)) = (element.as_object(), element["kind"].as_str()) else {
        return setting_text(element);
    };
    let others = fields.iter().filter(|(key, _)| *key != "kind");
    let settings: Vec<String> = others.map(|(key, value)| format!("{key}={}", setting_text(value))).collect();
    if settings.is_empty() { kind.to_owned() } else { format!("{kind}({})", settings.join(", ")) }
}

/// The value of a setting, as in a configuration.
pub(super) fn setting_text(value: &Json) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    one_line(&text)
}

/// The first [`MAX_LENGTH`] characters of `text`, without line breaks.
fn one_line(text: &str) -> String {
    let mut line: String =
        text.chars().take(MAX_LENGTH).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > MAX_LENGTH {
        line.push('…');
    }
    line
}

/// A whole number in full, another number with six significant digits.
pub(super) fn significant(x: f64) -> String {
    if x.fract() == 0.0 && x.abs() < 1e15 {
        return format!("{x}");
    }
    let rounded: f64 = format!("{x:.5e}").parse().unwrap_or(x);
    match rounded.abs() {
        size if (1e-4..1e9).contains(&size) => rounded.to_string(),
        _ => format!("{rounded:e}"),
    }
}

/// [`significant`] with a sign; the difference 0 has none.
pub(super) fn signed(x: f64) -> String {
    if x > 0.0 { format!("+{}", significant(x)) } else { significant(x + 0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_differences_have_signs() {
        let numbers = [0.0, 12.0, 0.123_456_789, 1_234.567_89, 1e-7, 2.5e20];
        assert_eq!(
            numbers.map(significant),
            ["0", "12", "0.123457", "1234.57", "1e-7", "2.5e20"].map(str::to_owned)
        );
        assert_eq!([-0.0, -1.5, 2.0].map(signed), ["0", "-1.5", "+2"].map(str::to_owned));
        assert_eq!(one_line(&"x".repeat(70)).chars().count(), MAX_LENGTH + 1);
    }

    #[test]
    fn of_lists_each_shows_what_the_other_lacks() {
        let list = |json: &str| serde_json::from_str::<Vec<Json>>(json).unwrap();
        let shown = |a: &str, b: &str| only_in_one(&list(a), &list(b));
        assert_eq!(shown("[0, 1.0, 2]", "[1, 0.0]"), ["2", "–"]);
        assert_eq!(shown("[1, 2]", "[2, 1]"), ["1, 2", "2, 1"], "they differ in their order alone");
        let models = shown(
            r#"[{"kind": "dae"}, {"kind": "kl_sae", "rho": 0.05}]"#,
            r#"[{"kind": "kl_sae", "rho": 0.2}, {"kind": "dae"}]"#,
        );
        assert_eq!(models, ["kl_sae(rho=0.05)", "kl_sae(rho=0.2)"]);
    }
}
