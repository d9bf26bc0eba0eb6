//! The reference for people.

use super::{Accepts, Default, Setting, parts};
use crate::experiment::config::item::alternatives;
use serde_json::Value as Json;
use std::collections::HashSet;
use std::fmt::Write as _;

/// What stands above the settings.
const INTRODUCTION: &str = "\
# Configuration

Made by `aesparse schema --markdown`; not edited by hand.

A configuration is a TOML or JSON file with the same settings; only `data.source` must be given. Relative paths lead from the
file. `-o key.path=value` replaces a setting, as in `-o training.epochs=10`, and may be repeated. Every problem of a file is
reported at once, with line, key, what was found and what is accepted, before anything is trained.

`aesparse new sweep.toml` writes a configuration with every setting, its default and what it means. Editors check and complete
configurations by [configuration.schema.json](configuration.schema.json), which `aesparse schema` prints: a JSON file names it under
`\"$schema\"`, a TOML file in a first line `#:schema schema.json`.

Where one of several forms needs no settings of its own, its name stands for it: `\"cae\"` for `{ kind = \"cae\" }`. Names may be
written in upper or lower case, with `_`, `-`, a space or nothing between their words, and models also as in figures: `\"SAE\"` for
`\"kl_sae\"`. Results hold the names of this page. A whole number may be written as `10.0` or `1e1` too.
";

/// The reference as Markdown.
pub fn markdown() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut explained = HashSet::new();
    for part in parts() {
        if part.name.is_empty() {
            page.push_str("\n## At the top\n");
        } else {
            let _ = writeln!(page, "\n## `[{}]`\n\n{}", part.name, part.doc);
        }
        page.push_str("\n| key | accepted | default | meaning |\n|---|---|---|---|\n");
        for Setting { key, doc, accepts, default } in &part.settings {
            let _ = writeln!(page, "| `{key}` | {} | {} | {doc} |", accepted(accepts), words(default));
        }
        for setting in &part.settings {
            // The axes of a sweep come twice.
            if explained.insert(setting.key) {
                explain(&mut page, setting);
            }
        }
    }
    page
}

/// Appends what the forms of a setting mean and need, where there is something to say.
fn explain(page: &mut String, setting: &Setting) {
    if let Accepts::Table(settings) = &setting.accepts {
        let _ = writeln!(page, "\n`{}` is a table:\n", setting.key);
        settings.iter().for_each(|setting| one(page, "", setting));
    }
    let Some((tag, forms)) = setting.accepts.forms() else { return };
    let mut told = forms.iter().filter(|form| !form.doc.is_empty() || !form.settings.is_empty()).peekable();
    if told.peek().is_none() {
        return;
    }
    let _ = writeln!(page, "\n`{}` by `{tag}`:\n", setting.key);
    for form in told {
        let _ = writeln!(page, "{}", format!("- `{}`: {}", form.name, form.doc).trim_end());
        form.settings.iter().for_each(|setting| one(page, "  ", setting));
    }
}

fn one(page: &mut String, margin: &str, Setting { key, doc, accepts, default }: &Setting) {
    let (accepted, default) = (accepted(accepts), words(default));
    let _ = writeln!(page, "{margin}- `{key}`: {doc} Accepted: {accepted}; default: {default}.");
}

fn words(default: &Default) -> String {
    match default {
        Default::Value(value) => format!("`{}`", toml(value)),
        Default::Words(words) => (*words).to_owned(),
        Default::Required => "none: it must be given".to_owned(),
    }
}

/// What is accepted, in Markdown.
fn accepted(accepts: &Accepts) -> String {
    match accepts {
        Accepts::Number(domain) => domain.to_string(),
        Accepts::Numbers(numbers) => alternatives(numbers),
        Accepts::NumberOr(domain, word) => format!("{domain}, or `\"{word}\"`"),
        Accepts::Boolean => "`true`, `false`".to_owned(),
        Accepts::Text(what) => (*what).to_owned(),
        Accepts::Forms { forms, .. } => {
            forms.iter().map(|form| format!("`{}`", form.name)).collect::<Vec<_>>().join(", ")
        }
        Accepts::Table(settings) => {
            let keys: Vec<_> = settings.iter().map(|setting| setting.key).collect();
            format!("`{{ {} }}`", keys.join(", "))
        }
        Accepts::List(of) => format!("a list, each entry once: {}", accepted(of)),
        Accepts::ListOrOne(of) => format!("one or a list, each entry once: {}", accepted(of)),
    }
}

/// `value` as TOML has it.
pub(super) fn toml(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}
