//! A commented configuration to begin with, for `aesparse new`.

use super::markdown::toml;
use crate::experiment::config::setting::{Accepts, DefaultValue, Form, Setting, alternatives};
use crate::experiment::config::table::parts;
use std::fmt::Write as _;

/// The most characters in a line of comments.
const WIDTH: usize = 110;

/// The names of sources for [`commented`], each with its value of `data.source` in TOML.
pub const SOURCES: &[(&str, &str)] = &[
    ("mnist", "\"mnist\""),
    ("cifar10_patches", "\"cifar10_patches\""),
    ("npy", "{ kind = \"npy\", path = \"samples.npy\" }"),
    ("npz", "{ kind = \"npz\", path = \"samples.npz\" }"),
    ("safetensors", "{ kind = \"safetensors\", path = \"samples.safetensors\" }"),
    ("csv", "{ kind = \"csv\", path = \"samples.csv\" }"),
    ("images", "{ kind = \"images\", path = \"photos\" }"),
    ("synthetic", "\"synthetic\""),
];

/// A configuration in TOML with every setting at its default, its meaning and its accepted values. `source` is the value of
/// `data.source` in TOML.
pub fn commented(source: &str) -> String {
    let mut text = String::new();
    comment(
        &mut text,
        "A sweep: each model at each σ² is trained once for each seed. Every setting is listed with its default; the defaults of \
         settings that are commented out depend on others. Train it with: aesparse run THIS_FILE",
    );
    for part in parts() {
        // Commented out, because the presence of [theory] requests its measurements.
        let is_off = part.name == "theory";
        let off = if is_off { "# " } else { "" };
        if !part.name.is_empty() {
            text.push('\n');
            comment(&mut text, part.doc);
            let _ = writeln!(text, "{off}[{}]", part.name);
        }
        for setting in &part.settings {
            text.push('\n');
            let Setting { key, doc, accepts, default, .. } = setting;
            comment(&mut text, &format!("{doc} Accepted: {}.", accepted(accepts)));
            let _ = match default {
                DefaultValue::Value(value) => writeln!(text, "{off}{key} = {}", toml(value)),
                DefaultValue::Required => writeln!(text, "{off}{key} = {source}"),
                DefaultValue::Words(words) => {
                    writeln!(text, "# {key} = {}    # default: {words}", example(accepts))
                }
            };
        }
    }
    text
}

/// Appends `sentence` as comments with lines of at most [`WIDTH`] characters.
pub(super) fn comment(text: &mut String, sentence: &str) {
    let mut line = "#".to_owned();
    for word in sentence.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(text, "{line}");
            "#".clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
}

fn accepted(accepts: &Accepts) -> String {
    match accepts {
        Accepts::Number(domain) => domain.to_string(),
        Accepts::Numbers(numbers) => alternatives(numbers),
        Accepts::NumberOr(domain, word) => format!("{domain}, or \"{word}\""),
        Accepts::Boolean => "true or false".to_owned(),
        Accepts::Name(what) | Accepts::Path(what) | Accepts::Text(what) => (*what).to_owned(),
        Accepts::Forms { tag, forms } => {
            forms.iter().map(|form| written(tag, form)).collect::<Vec<_>>().join(", ")
        }
        Accepts::Table(settings) => format!("{{ {} }}", keys(settings)),
        Accepts::OneOf(all) => all.iter().map(accepted).collect::<Vec<_>>().join(", or "),
        Accepts::List(of) => format!("a list, each entry once: {}", accepted(of)),
        Accepts::ListOrOne(of) => format!("one or a list, each entry once: {}", accepted(of)),
    }
}

/// The syntax of a form: `"dae"`, or `{ kind = "npy", path = … }`.
fn written(tag: &str, form: &Form) -> String {
    let name = format!("\"{}\"", form.name);
    let table = || format!("{{ {tag} = {name}, {} }}", keys(&form.settings));
    match (form.may_be_bare(), form.settings.is_empty()) {
        (_, true) => name,
        (true, false) => format!("{name} or {}", table()),
        (false, false) => table(),
    }
}

fn keys(settings: &[Setting]) -> String {
    settings.iter().map(|setting| format!("{} = …", setting.key)).collect::<Vec<_>>().join(", ")
}

/// An accepted value.
fn example(accepts: &Accepts) -> String {
    match accepts {
        Accepts::Number(domain) => match domain {
            crate::parameter::Domain::Integer { .. } => "10000".to_owned(),
            _ => "0.1".to_owned(),
        },
        Accepts::Numbers(numbers) => numbers[0].to_string(),
        Accepts::NumberOr(_, word) => format!("\"{word}\""),
        Accepts::Boolean => "true".to_owned(),
        Accepts::Name(_) | Accepts::Path(_) | Accepts::Text(_) => "\"…\"".to_owned(),
        Accepts::Forms { forms, .. } => format!("\"{}\"", forms[0].name),
        Accepts::Table(settings) => {
            let one = |setting: &Setting| format!("{} = {}", setting.key, example(&setting.accepts));
            format!("{{ {} }}", settings.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        Accepts::OneOf(all) => example(&all[0]),
        Accepts::List(of) | Accepts::ListOrOne(of) => match &**of {
            Accepts::Forms { forms, .. } => {
                let bare = forms.iter().filter(|form| form.may_be_bare()).take(2);
                format!("[{}]", bare.map(|form| format!("\"{}\"", form.name)).collect::<Vec<_>>().join(", "))
            }
            other => format!("[{}]", example(other)),
        },
    }
}
