//! A configuration to begin with.

use super::markdown::toml;
use crate::experiment::config::setting::{Accepts, Default, Form, Setting, alternatives};
use crate::experiment::config::table::parts;
use std::fmt::Write as _;

/// The longest line of comments.
const WIDTH: usize = 110;

/// The sources that [`commented`] can be made for, as [`DataSpec`](crate::data::DataSpec) has them.
pub const SOURCES: &[(&str, &str)] = &[
    ("mnist", "\"mnist\""),
    ("cifar10_patches", "\"cifar10_patches\""),
    ("npy", "{ kind = \"npy\", path = \"samples.npy\" }"),
    ("images", "{ kind = \"images\", path = \"photos\" }"),
    ("synthetic", "\"synthetic\""),
];

/// A configuration in TOML with every setting at its default, what it means and what it accepts. `source` is the value of
/// `data.source` as TOML has it.
pub fn commented(source: &str) -> String {
    let mut text = String::new();
    comment(
        &mut text,
        "A sweep: each model at each σ² is trained once for each seed. Every setting stands here with its default; those that \
         are commented out depend on others. Train it with: aesparse run THIS_FILE",
    );
    for part in parts() {
        // There, measures; a configuration to begin with doesn't.
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
                Default::Value(value) => writeln!(text, "{off}{key} = {}", toml(value)),
                Default::Required => writeln!(text, "{off}{key} = {source}"),
                Default::Words(words) => {
                    writeln!(text, "# {key} = {}    # default: {words}", example(accepts))
                }
            };
        }
    }
    text
}

/// Appends `sentence` as comments of at most [`WIDTH`] columns.
fn comment(text: &mut String, sentence: &str) {
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
        Accepts::Name(what) | Accepts::Path(what) => (*what).to_owned(),
        Accepts::Forms { tag, forms } => {
            forms.iter().map(|form| written(tag, form)).collect::<Vec<_>>().join(", ")
        }
        Accepts::Table(settings) => format!("{{ {} }}", keys(settings)),
        Accepts::List(of) => format!("a list, each entry once: {}", accepted(of)),
        Accepts::ListOrOne(of) => format!("one or a list, each entry once: {}", accepted(of)),
    }
}

/// A form as it may be written: `"dae"`, or `{ kind = "npy", path = … }`.
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

/// A value that would be accepted.
fn example(accepts: &Accepts) -> String {
    match accepts {
        Accepts::Number(domain) => match domain {
            crate::parameter::Domain::Integer { .. } => "10000".to_owned(),
            _ => "0.1".to_owned(),
        },
        Accepts::Numbers(numbers) => numbers[0].to_string(),
        Accepts::NumberOr(_, word) => format!("\"{word}\""),
        Accepts::Boolean => "true".to_owned(),
        Accepts::Name(_) | Accepts::Path(_) => "\"…\"".to_owned(),
        Accepts::Forms { forms, .. } => format!("\"{}\"", forms[0].name),
        Accepts::Table(settings) => {
            let one = |setting: &Setting| format!("{} = {}", setting.key, example(&setting.accepts));
            format!("{{ {} }}", settings.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        Accepts::List(of) | Accepts::ListOrOne(of) => match &**of {
            Accepts::Forms { forms, .. } => {
                let bare = forms.iter().filter(|form| form.may_be_bare()).take(2);
                format!("[{}]", bare.map(|form| format!("\"{}\"", form.name)).collect::<Vec<_>>().join(", "))
            }
            other => format!("[{}]", example(other)),
        },
    }
}
