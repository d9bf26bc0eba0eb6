//! Compares the reference, the schema and the commented configuration with the reader of configurations.

use super::{SOURCES, commented, json_schema, markdown};
use crate::experiment::config::parse;
use crate::experiment::config::setting::{Accepts, DefaultValue, Form, Setting, form};
use crate::experiment::config::table::parts;
use crate::parameter::Domain;
use serde_json::{Map, Value as Json, json};
use std::path::Path;

/// The problems of a configuration in JSON; none where it is accepted.
fn problems(config: &Json) -> Option<String> {
    parse(&config.to_string(), Path::new("c.json"), &[]).err().map(|error| error.to_string())
}

/// A small configuration that accepts any activation and any number of samples.
fn base() -> Json {
    json!({"data": {"source": {"kind": "npy", "path": "x.npy"}}, "evaluation": {"threshold": 0}})
}

/// [`base`] with `value` under `key` of the part `part`.
fn with(part: &str, key: &str, value: Json) -> Json {
    let mut config = base();
    let table = if part.is_empty() { &mut config } else { &mut config[part] };
    if table.is_null() {
        *table = Json::Object(Map::new());
    }
    table[key] = value;
    config
}

/// Every number next to a bound of `domain`, and whether it is inside.
fn around(domain: Domain) -> Vec<(Json, bool)> {
    match domain {
        Domain::Real { min, min_open, max, max_open } => {
            let mut numbers = vec![(json!("nonsense"), false), (json!(min.max(max.min(2.0) / 2.0)), true)];
            let bounds =
                [(min, !min_open), (min.next_down(), false), (max, !max_open), (max.next_up(), false)];
            // Other bounds can't be written in JSON.
            let bounds = bounds.into_iter().filter(|(bound, _)| bound.is_finite());
            numbers.extend(bounds.map(|(bound, accepted)| (json!(bound), accepted)));
            numbers
        }
        Domain::Integer { min, max } => {
            let mut numbers = vec![(json!(min), true), (json!(max), true), (json!(true), false)];
            numbers.extend([(json!(min as f64), true), (json!(min as f64 + 0.5), false)]);
            numbers.extend(min.checked_sub(1).map(|below| (json!(below), false)));
            numbers.extend(max.checked_add(1).map(|above| (json!(above), false)));
            numbers
        }
        Domain::Choice(names) => names.iter().map(|name| (json!(name), true)).collect(),
    }
}

/// A form as a table with its required settings and `more`.
fn table(tag: &str, form: &Form, more: Option<(&str, Json)>) -> Json {
    let mut table = json!({tag: form.name});
    for needed in form.required() {
        table[needed.key] = samples(&needed.accepts).into_iter().find(|(_, accepted)| *accepted).unwrap().0;
    }
    if let Some((key, value)) = more {
        table[key] = value;
    }
    table
}

/// Values of a setting, and whether they are accepted.
fn samples(accepts: &Accepts) -> Vec<(Json, bool)> {
    match accepts {
        Accepts::Number(domain) => around(*domain),
        Accepts::Numbers(numbers) => {
            let others = [json!(0), json!(2), json!(-1), json!(1.5), json!("1")].map(|value| (value, false));
            numbers.iter().map(|number| (json!(number), true)).chain(others).collect()
        }
        Accepts::NumberOr(domain, word) => {
            let mut samples = around(*domain);
            samples.push((json!(word), true));
            samples
        }
        Accepts::Boolean => vec![(json!(true), true), (json!(false), true), (json!(1), false)],
        Accepts::Name(_) | Accepts::Path(_) | Accepts::Text(_) => {
            vec![(json!("text"), true), (json!(""), false), (json!(1), false)]
        }
        Accepts::Forms { tag, forms } => {
            let mut samples = vec![(json!("nonsense"), false)];
            for form in forms {
                samples.extend(form.names().map(|name| (json!(name), form.may_be_bare())));
                if tag.is_empty() {
                    continue;
                }
                let called = |name| table(tag, form, Some((tag, json!(name))));
                samples.extend(form.names().map(|name| (called(name), true)));
                samples.push((table(tag, form, Some(("nonsense", json!(1)))), false));
                for setting in &form.settings {
                    // These forms and this setting are checked together with others, so accepted values are skipped.
                    let alone = !matches!(form.name, "kl_sae" | "synthetic" | "corollary2")
                        && setting.key != "pairing";
                    let of = self::samples(&setting.accepts).into_iter();
                    let of = of.filter(|(_, accepted)| alone || !accepted);
                    samples.extend(of.map(|(value, ok)| (table(tag, form, Some((setting.key, value))), ok)));
                }
            }
            samples
        }
        Accepts::Table(settings) => {
            let mut samples = vec![(json!({}), false), (json!({"nonsense": 1}), false)];
            for setting in settings {
                let of = self::samples(&setting.accepts).into_iter();
                samples.extend(of.map(|(value, accepted)| (json!({setting.key: value}), accepted)));
            }
            samples
        }
        Accepts::OneOf(all) => {
            let mut samples = vec![(json!(true), false), (json!({}), false), (json!({"nonsense": 1}), false)];
            for one in all {
                let Accepts::Table(settings) = one else {
                    // A text that is no number is a path.
                    let of = self::samples(one).into_iter();
                    let is_number = matches!(one, Accepts::Number(_));
                    samples.extend(of.filter(|(value, _)| value.is_number() == is_number));
                    continue;
                };
                let form = form("", "", settings.clone());
                let with = |key, value| {
                    let mut table = table("", &form, Some((key, value)));
                    table.as_object_mut().unwrap().remove("");
                    table
                };
                for setting in settings {
                    let of = self::samples(&setting.accepts).into_iter();
                    samples.extend(of.map(|(value, accepted)| (with(setting.key, value), accepted)));
                }
                samples.push((with("nonsense", json!(1)), false));
            }
            samples
        }
        Accepts::List(of) | Accepts::ListOrOne(of) => {
            let one = self::samples(of).into_iter().map(|(value, accepted)| (json!([value]), accepted));
            let mut samples: Vec<_> = one.collect();
            let first = samples.iter().find(|(_, accepted)| *accepted).unwrap().0[0].clone();
            let may_be_alone = matches!(accepts, Accepts::ListOrOne(_));
            samples.extend([(json!([]), false), (json!([first, first]), false), (first, may_be_alone)]);
            samples
        }
    }
}

#[test]
fn reader_and_schema_accept_the_documented_values_and_no_others() {
    let schema = json_schema();
    for part in parts() {
        for setting in &part.settings {
            for (value, accepted) in samples(&setting.accepts) {
                let config = with(part.name, setting.key, value);
                let problems = problems(&config);
                assert_eq!(problems.is_none(), accepted, "{config}: {problems:?}");
                assert_eq!(satisfies(&config, &schema), accepted, "{config} by the schema");
            }
        }
    }
}

/// The reader names the keys that it would have accepted.
#[test]
fn every_key_is_documented() {
    for part in parts() {
        let problems = problems(&with(part.name, "nonsense_key", json!(1))).unwrap();
        let accepted = problems.split_once("accepted: ").unwrap().1;
        let accepted = accepted.split_once(';').map_or(accepted, |(list, _)| list);
        let mut found: Vec<&str> = accepted.trim().split(", ").collect();
        let mut documented: Vec<&str> = part.settings.iter().map(|setting| setting.key).collect();
        if part.name.is_empty() {
            documented.extend(parts().iter().map(|part| part.name).filter(|name| !name.is_empty()));
        }
        found.sort_unstable();
        documented.sort_unstable();
        assert_eq!(found, documented, "{}", part.name);
    }
}

#[test]
fn the_documented_defaults_are_the_readers() {
    let config = parse("data.source = \"mnist\"\n[theory]", Path::new("c.toml"), &[]).unwrap();
    let resolved = config.resolved();
    for part in parts() {
        let table = if part.name.is_empty() { &resolved } else { &resolved[part.name] };
        for Setting { key, default, .. } in &part.settings {
            let DefaultValue::Value(documented) = default else { continue };
            let bare = |value: &Json| value.get("kind").unwrap_or(value).clone();
            let found = match &table[*key] {
                Json::Array(items) => items.iter().map(bare).collect(),
                value => bare(value),
            };
            assert!(same(&found, documented), "{}.{key}: {found}, documented {documented}", part.name);
        }
    }
}

/// Whether two values are equal, where 0 and 0.0 are the same number.
fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

#[test]
fn the_commented_configuration_equals_the_defaults() {
    for (name, source) in SOURCES {
        let text = commented(source);
        let written =
            parse(&text, Path::new("c.toml"), &[]).unwrap_or_else(|error| panic!("{name}: {error}"));
        let least = parse(&format!("data.source = {source}"), Path::new("c.toml"), &[]).unwrap();
        assert_eq!(written, least, "{name}");
        assert!(text.lines().all(|line| line.chars().count() <= 150), "{name}");
        for part in parts() {
            for setting in &part.settings {
                let key = setting.key;
                let starts = [format!("{key} = "), format!("# {key} = ")];
                assert!(text.lines().any(|line| starts.iter().any(|start| line.starts_with(start))), "{key}");
            }
        }
    }
}

#[test]
fn the_committed_reference_and_schema_are_up_to_date() {
    let path = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let pretty = serde_json::to_string_pretty(&json_schema()).unwrap() + "\n";
    for (name, content) in [("docs/configuration.schema.json", pretty), ("docs/configuration.md", markdown())]
    {
        let committed = std::fs::read_to_string(path(name)).unwrap_or_default();
        assert!(committed == content, "{name} is not what `aesparse schema` prints: write it anew");
    }
}

#[test]
fn every_committed_configuration_satisfies_the_schema() {
    let schema = json_schema();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let config: toml::Table = text.parse().unwrap();
            assert!(satisfies(&serde_json::to_value(config).unwrap(), &schema), "{}", path.display());
            count += 1;
        }
    }
    assert!(count > 20, "{count} were checked");
}

/// Whether `value` satisfies `schema`. Knows only the keywords of this program's schemas and panics on others.
fn satisfies(value: &Json, schema: &Json) -> bool {
    let keyword = |(keyword, argument): (&String, &Json)| match keyword.as_str() {
        "$schema" | "title" | "description" | "default" => true,
        "type" => match argument.as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "number" => value.is_number(),
            "integer" => value.is_u64() || value.is_i64() || value.as_f64().is_some_and(|x| x.fract() == 0.0),
            other => panic!("{other}"),
        },
        "const" => value == argument,
        "enum" => argument.as_array().unwrap().contains(value),
        "anyOf" => argument.as_array().unwrap().iter().any(|schema| satisfies(value, schema)),
        "minimum" => value.as_f64() >= argument.as_f64(),
        "exclusiveMinimum" => value.as_f64() > argument.as_f64(),
        "maximum" => match (value.as_u64(), argument.as_u64()) {
            (Some(value), Some(most)) => value <= most,
            _ => value.as_f64() <= argument.as_f64(),
        },
        "exclusiveMaximum" => value.as_f64() < argument.as_f64(),
        "minLength" => value.as_str().is_some_and(|text| text.len() as u64 >= argument.as_u64().unwrap()),
        "minItems" => value.as_array().is_some_and(|items| items.len() as u64 >= argument.as_u64().unwrap()),
        "maxItems" => value.as_array().is_some_and(|items| items.len() as u64 <= argument.as_u64().unwrap()),
        "uniqueItems" => value.as_array().is_some_and(|items| {
            items.iter().enumerate().all(|(place, item)| !items[..place].contains(item))
        }),
        "items" => value.as_array().is_some_and(|items| items.iter().all(|item| satisfies(item, argument))),
        "required" => {
            argument.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some())
        }
        "properties" => argument
            .as_object()
            .unwrap()
            .iter()
            .all(|(key, schema)| value.get(key).is_none_or(|value| satisfies(value, schema))),
        "additionalProperties" => {
            let known = schema["properties"].as_object().unwrap();
            value.as_object().is_some_and(|table| table.keys().all(|key| known.contains_key(key)))
        }
        other => panic!("{other}"),
    };
    schema.as_object().unwrap().iter().all(keyword)
}
