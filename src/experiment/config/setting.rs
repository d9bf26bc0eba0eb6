//! Settings as data: key, meaning, accepted values and default. The reader, the resolved configuration, the reference, the schema and
//! `aesparse new` follow from them.

use super::names::Names;
use super::spelling::NAMES;
use super::tree::Tree;
use crate::parameter::{Domain, Parameter, Value};
use serde_json::Value as Json;
use std::fmt;

/// A section of the configuration; the one without a name is the top level.
pub(super) struct SettingsTable {
    pub(super) name: &'static str,
    pub(super) doc: &'static str,
    pub(super) settings: Vec<Setting>,
}

/// A setting.
#[derive(Clone)]
pub(super) struct Setting {
    pub(super) key: &'static str,
    pub(super) doc: String,
    pub(super) accepts: Accepts,
    pub(super) default: DefaultValue,
    /// Its synonyms in other programs and papers, in lower case, without `_`, `-` and spaces; only for suggestions.
    pub(super) also: &'static str,
    /// For a setting with several values in `[sweep]`: its place among the axes, outermost first.
    pub(super) axis: Option<u8>,
}

/// The values that a setting accepts.
#[derive(Clone)]
pub(super) enum Accepts {
    Number(Domain),
    /// One of these numbers.
    Numbers(&'static [u64]),
    /// A number, or this word.
    NumberOr(Domain, &'static str),
    Boolean,
    /// The name of a results folder, with a description.
    Name(&'static str),
    /// A path, with a description of what it leads to.
    Path(&'static str),
    /// A text that is not empty, with a description.
    Text(&'static str),
    /// One of several forms: its name, or a table with its name under `tag` and with its settings. Without a tag, only names.
    Forms {
        tag: &'static str,
        forms: Vec<Form>,
    },
    /// A table with these keys.
    Table(Vec<Setting>),
    /// One of these, told apart by its type: a number, a text, or a table, of which each has a required key of its own.
    OneOf(Vec<Accepts>),
    /// A list without repetitions.
    List(Box<Accepts>),
    /// A list without repetitions, or an entry, which counts as a list with one entry.
    ListOrOne(Box<Accepts>),
}

/// One of several forms of a setting's value, such as a model or a data source.
#[derive(Clone)]
pub(super) struct Form {
    pub(super) name: &'static str,
    /// Its legend in figures, which configurations may use too.
    pub(super) legend: Option<&'static str>,
    pub(super) doc: String,
    pub(super) settings: Vec<Setting>,
    /// Whether it is a model or a data set, so that a similar word may be the name of another one.
    pub(super) is_model_or_data: bool,
    /// Checks a table whose settings are accepted one by one. Returns problems: a key, empty for the table, and a message.
    pub(super) check: fn(&Json) -> Vec<(&'static str, String)>,
}

/// The default of a setting.
#[derive(Clone)]
pub(super) enum DefaultValue {
    Value(Json),
    /// A description of a default that depends on other settings or has no form in a file.
    Words(&'static str),
    /// No default: the setting must be given.
    Required,
}

impl Setting {
    /// The default value, if it does not depend on other settings.
    pub(super) fn default(&self) -> Option<Json> {
        match &self.default {
            DefaultValue::Value(value) if self.axis.is_some() => Some(Json::Array(vec![value.clone()])),
            DefaultValue::Value(value) => Some(value.clone()),
            DefaultValue::Words(_) | DefaultValue::Required => None,
        }
    }

    /// Whether it has no default and must be given.
    pub(super) fn is_required(&self) -> bool {
        matches!(self.default, DefaultValue::Required)
    }

    /// The values that `[sweep]` accepts for an axis.
    pub(super) fn several(&self) -> Accepts {
        Accepts::ListOrOne(Box::new(self.accepts.clone()))
    }
}

impl Accepts {
    /// The forms of the value or of a list's entries, with the key of a form's name.
    pub(super) fn forms(&self) -> Option<(&'static str, &[Form])> {
        match self {
            Self::Forms { tag, forms } => Some((tag, forms)),
            Self::List(of) | Self::ListOrOne(of) => of.forms(),
            _ => None,
        }
    }

    /// Whether `value` is meant as this one of [`Accepts::OneOf`].
    pub(super) fn is_meant(&self, value: &Tree) -> bool {
        match (self, value) {
            (Self::Number(_), Tree::Integer(_) | Tree::Float(_)) => true,
            (Self::Path(_) | Self::Text(_), Tree::String(_)) => true,
            (Self::Table(settings), Tree::Table(entries)) => settings
                .iter()
                .filter(|setting| setting.is_required())
                .all(|setting| entries.iter().any(|entry| entry.key == setting.key)),
            _ => false,
        }
    }

    /// Examples of the value for the message that it is missing.
    pub(super) fn examples(&self) -> String {
        match self {
            Self::Forms { tag, forms } if !tag.is_empty() => {
                let bare =
                    forms.iter().filter(|form| form.may_be_bare()).map(|form| format!("\"{}\"", form.name));
                let tables = forms.iter().filter_map(|form| form.table(tag, "…"));
                let all: Vec<String> = bare.chain(tables).collect();
                all.split_last()
                    .map_or_else(String::new, |(last, others)| format!("{} or {last}", others.join(", ")))
            }
            other => other.to_string(),
        }
    }
}

/// The accepted values, as error messages list them.
impl fmt::Display for Accepts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(domain) => domain.fmt(f),
            Self::Numbers(numbers) => f.write_str(&alternatives(numbers)),
            Self::NumberOr(domain, word) => write!(f, "{word:?} or {domain}"),
            Self::Boolean => f.write_str("true or false"),
            Self::Name(_) => f.write_str(NAMES),
            Self::Path(what) | Self::Text(what) => f.write_str(what),
            Self::Forms { forms, .. } => names(forms).fmt(f),
            Self::Table(settings) => {
                let one = |setting: &Setting| format!("{} = {}", setting.key, setting.accepts);
                write!(f, "{{ {} }}", settings.iter().map(one).collect::<Vec<_>>().join(", "))
            }
            Self::OneOf(all) => {
                f.write_str(&all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", or "))
            }
            Self::List(of) => write!(f, "a list, each entry {of}"),
            Self::ListOrOne(of) => of.fmt(f),
        }
    }
}

impl Form {
    /// Its name and its legend; other spellings of both are accepted too.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.legend)
    }

    /// An example of its table, with `value` as the first setting's; `None` if it has no settings.
    pub(super) fn table(&self, tag: &str, value: &str) -> Option<String> {
        let rest = if self.settings.len() > 1 { ", …" } else { "" };
        let first = self.settings.first()?.key;
        Some(format!("{{ {tag} = \"{}\", {first} = {value}{rest} }}", self.name))
    }

    /// The settings without a default.
    pub(super) fn required(&self) -> impl Iterator<Item = &Setting> {
        self.settings.iter().filter(|setting| setting.is_required())
    }

    /// Whether the name alone is accepted, without a table.
    pub(super) fn may_be_bare(&self) -> bool {
        self.required().next().is_none()
    }
}

/// The names of `forms`.
pub(super) fn names(forms: &[Form]) -> Names {
    let names: Vec<&'static str> = forms.iter().map(|form| form.name).collect();
    if !forms.iter().any(|form| form.is_model_or_data) {
        return Names::of_choices(&names);
    }
    let legends = forms.iter().filter_map(|form| Some((form.legend?, form.name)));
    Names::of_models_or_data(names, legends.collect())
}

/// "1 or 3".
pub(super) fn alternatives(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(" or ")
}

pub(super) fn value(value: impl Into<Json>) -> DefaultValue {
    DefaultValue::Value(value.into())
}

pub(super) fn form(name: &'static str, doc: impl Into<String>, settings: Vec<Setting>) -> Form {
    Form { name, legend: None, doc: doc.into(), settings, is_model_or_data: false, check: |_| Vec::new() }
}

/// The form of a model or a data set.
pub(super) fn model_or_data(name: &'static str, doc: impl Into<String>, settings: Vec<Setting>) -> Form {
    Form { is_model_or_data: true, ..form(name, doc, settings) }
}

/// A choice among `names`.
pub(super) fn choice(names: impl IntoIterator<Item = &'static str>) -> Accepts {
    Accepts::Forms { tag: "", forms: names.into_iter().map(|name| form(name, "", Vec::new())).collect() }
}

/// The settings for the declared parameters of a model.
pub(super) fn settings_of(parameters: &[Parameter]) -> Vec<Setting> {
    let one = |parameter: &Parameter| {
        let accepts = match parameter.domain {
            Domain::Choice(names) => choice(names.iter().copied()),
            domain => Accepts::Number(domain),
        };
        let default = match parameter.default {
            Some(Value::Real(number)) => value(number),
            Some(Value::Integer(number)) => value(number),
            Some(Value::Choice(name)) => value(name),
            None => DefaultValue::Required,
        };
        Setting { key: parameter.name, doc: parameter.doc.to_owned(), accepts, default, also: "", axis: None }
    };
    parameters.iter().map(one).collect()
}

/// Declares a struct as a table of settings, with a row for each field: `/// meaning`, then
/// `key: type = accepted, default, "synonyms"(, axis place);`. With `impl`, only implements the table for an existing struct.
macro_rules! settings {
    (
        $(#[$meta:meta])* struct $name:ident {
            $($(#[doc = $doc:literal])+ $key:ident: $type:ty = $accepts:expr, $default:expr, $also:literal $(, axis $place:literal)?;)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub(in crate::experiment) struct $name { $(pub(in crate::experiment) $key: $type,)* }

        settings! {
            impl $name { $($(#[doc = $doc])+ $key: $type = $accepts, $default, $also $(, axis $place)?;)* }
        }
    };
    (
        impl $name:ident {
            $($(#[doc = $doc:literal])+ $key:ident: $type:ty = $accepts:expr, $default:expr, $also:literal $(, axis $place:literal)?;)*
        }
    ) => {
        impl $name {
            /// The rows of this table, in the order of the reference.
            pub(in crate::experiment::config) fn settings() -> Vec<Setting> {
                vec![$(Setting {
                    key: stringify!($key),
                    doc: concat!($($doc),+).trim_start().to_owned(),
                    accepts: $accepts,
                    default: $default,
                    also: $also,
                    axis: None::<u8>$(.or(Some($place)))?,
                }),*]
            }
        }

        impl SettingValue for $name {
            fn read(json: &Json, folder: &Path) -> Result<Self, String> {
                let named = |key: &str, problem: String| format!("`{key}`: {problem}");
                Ok(Self {
                    $($key: <$type>::read(&json[stringify!($key)], folder).map_err(|problem| named(stringify!($key), problem))?,)*
                })
            }
        }
    };
}
pub(super) use settings;
