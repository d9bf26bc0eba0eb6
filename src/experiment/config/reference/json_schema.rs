//! The JSON schema with which editors check configurations.

use crate::experiment::config::reader::LONGEST_LIST;
use crate::experiment::config::setting::{Accepts, DefaultValue, Form, Setting};
use crate::experiment::config::table::parts;
use crate::parameter::Domain;
use serde_json::{Map, Value as Json, json};

/// A JSON schema (draft 2020-12) of a configuration. The reader may refuse a configuration that the schema accepts, because some settings
/// depend on each other.
pub fn json_schema() -> Json {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for part in parts() {
        let mut table = table(&part.settings, None);
        if part.name.is_empty() {
            properties.extend(table["properties"].as_object().cloned().unwrap_or_default());
            continue;
        }
        table["description"] = part.doc.into();
        if table.get("required").is_some() {
            required.push(part.name);
        }
        properties.insert(part.name.to_owned(), table);
    }
    // A configuration in JSON names its schema under this key.
    properties.insert("$schema".to_owned(), json!({"type": "string"}));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A sweep of aesparse",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The schema of a table of `settings`; `tag` is the key of the form's name, with the accepted names.
fn table(settings: &[Setting], tag: Option<(&str, &[&str])>) -> Json {
    let mut properties = Map::new();
    let mut required = Vec::new();
    if let Some((key, names)) = tag {
        properties.insert(key.to_owned(), named(names));
        required.push(key);
    }
    for setting in settings {
        let mut schema = accepts(&setting.accepts);
        schema["description"] = setting.doc.as_str().into();
        match &setting.default {
            DefaultValue::Value(value) => schema["default"] = value.clone(),
            DefaultValue::Required => required.push(setting.key),
            DefaultValue::Words(_) => {}
        }
        properties.insert(setting.key.to_owned(), schema);
    }
    let mut schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema
}

fn accepts(accepts: &Accepts) -> Json {
    match accepts {
        Accepts::Number(domain) => number(*domain),
        Accepts::Numbers(numbers) => json!({"enum": numbers}),
        Accepts::NumberOr(domain, word) => json!({"anyOf": [number(*domain), {"const": word}]}),
        Accepts::Boolean => json!({"type": "boolean"}),
        Accepts::Name(_) | Accepts::Path(_) | Accepts::Text(_) => json!({"type": "string", "minLength": 1}),
        Accepts::Forms { tag, forms } => one_of(tag, forms),
        Accepts::Table(settings) => table(settings, None),
        Accepts::OneOf(all) => json!({"anyOf": all.iter().map(self::accepts).collect::<Vec<_>>()}),
        Accepts::List(of) => list(of),
        Accepts::ListOrOne(of) => json!({"anyOf": [list(of), self::accepts(of)]}),
    }
}

fn list(of: &Accepts) -> Json {
    json!({"type": "array", "items": accepts(of), "minItems": 1, "maxItems": LONGEST_LIST, "uniqueItems": true})
}

fn named(names: &[&str]) -> Json {
    if let [name] = names { json!({"const": name}) } else { json!({"enum": names}) }
}

fn one_of(tag: &str, forms: &[Form]) -> Json {
    let bare: Vec<_> = forms.iter().filter(|form| form.may_be_bare()).flat_map(Form::names).collect();
    if tag.is_empty() {
        return json!({"enum": bare});
    }
    let described = |form: &Form| {
        let names: Vec<_> = form.names().collect();
        let mut schema = table(&form.settings, Some((tag, &names)));
        if !form.doc.is_empty() {
            schema["description"] = form.doc.as_str().into();
        }
        schema
    };
    let tables = forms.iter().map(described);
    json!({"anyOf": std::iter::once(json!({"enum": bare})).chain(tables).collect::<Vec<_>>()})
}

fn number(domain: Domain) -> Json {
    match domain {
        Domain::Real { min, min_open, max, max_open } => {
            let lower = if min_open { "exclusiveMinimum" } else { "minimum" };
            let upper = if max_open { "exclusiveMaximum" } else { "maximum" };
            let mut schema = json!({"type": "number"});
            for (key, bound) in
                [(lower, min), (upper, max)].into_iter().filter(|(_, bound)| bound.is_finite())
            {
                schema[key] = bound.into();
            }
            schema
        }
        Domain::Integer { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Domain::Choice(names) => json!({"enum": names}),
    }
}
