//! What a setting is, as data. The reader, the resolved form, the reference, the schema and `aesparse new` follow from it.

use super::names::Names;
use super::spelling::NAMES;
use crate::parameter::{Domain, Parameter, Value};
use serde_json::Value as Json;
use std::fmt;

/// A table of settings; the one without a name is the configuration itself.
pub(super) struct Part {
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
    pub(super) default: Default,
    /// What other programs and papers call it, without case, `_`, `-` and spaces: for suggestions alone.
    pub(super) also: &'static str,
    /// The place among the axes, outermost first, where `[sweep]` may give several values.
    pub(super) axis: Option<u8>,
}

/// What a setting accepts.
#[derive(Clone)]
pub(super) enum Accepts {
    Number(Domain),
    /// One of these numbers.
    Numbers(&'static [u64]),
    /// A number, or this word.
    NumberOr(Domain, &'static str),
    Boolean,
    /// The name of a results folder, described.
    Name(&'static str),
    /// A path; what it must lead to.
    Path(&'static str),
    /// One of several, by name, or as a table with that name under `kind` (`scope`) and what else is to be said.
    Forms {
        tag: &'static str,
        forms: Vec<Form>,
    },
    /// A table with these keys.
    Table(Vec<Setting>),
    /// A list without repetitions.
    List(Box<Accepts>),
    /// The same, or an entry that stands for the list that has no other.
    ListOrOne(Box<Accepts>),
}

/// One of several that a setting may be.
#[derive(Clone)]
pub(super) struct Form {
    pub(super) name: &'static str,
    /// What else it's called in figures, and may be in a configuration.
    pub(super) legend: Option<&'static str>,
    pub(super) doc: String,
    pub(super) settings: Vec<Setting>,
    /// Whether it is a model or data, so that a word near to its name may be the name of another thing.
    pub(super) is_thing: bool,
    /// What is wrong with a table whose settings are accepted one by one: keys, empty for the table, and messages.
    pub(super) check: fn(&Json) -> Vec<(&'static str, String)>,
}

/// What a setting is where it isn't given.
#[derive(Clone)]
pub(super) enum Default {
    Value(Json),
    /// It depends, or is nothing that could be written.
    Words(&'static str),
    /// It must be given.
    Required,
}

impl Setting {
    /// The value where none is given and none needs to be known for it.
    pub(super) fn default(&self) -> Option<Json> {
        match &self.default {
            Default::Value(value) if self.axis.is_some() => Some(Json::Array(vec![value.clone()])),
            Default::Value(value) => Some(value.clone()),
            Default::Words(_) | Default::Required => None,
        }
    }

    /// What `[sweep]` accepts for an axis.
    pub(super) fn several(&self) -> Accepts {
        Accepts::ListOrOne(Box::new(self.accepts.clone()))
    }
}

impl Accepts {
    /// What it chooses among, itself or for the entries of a list, and the key that says which.
    pub(super) fn forms(&self) -> Option<(&'static str, &[Form])> {
        match self {
            Self::Forms { tag, forms } => Some((tag, forms)),
            Self::List(of) | Self::ListOrOne(of) => of.forms(),
            _ => None,
        }
    }

    /// What it may be, as it is written: where it is missing, a name alone doesn't say enough.
    pub(super) fn examples(&self) -> String {
        match self {
            Self::Forms { tag, forms } if !tag.is_empty() => {
                let bare =
                    forms.iter().filter(|form| form.may_be_bare()).map(|form| format!("\"{}\"", form.name));
                let tables = forms.iter().filter_map(|form| {
                    let rest = if form.settings.len() > 1 { ", …" } else { "" };
                    let first = form.settings.first()?.key;
                    Some(format!("{{ {tag} = \"{}\", {first} = …{rest} }}", form.name))
                });
                let all: Vec<String> = bare.chain(tables).collect();
                all.split_last()
                    .map_or_else(String::new, |(last, others)| format!("{} or {last}", others.join(", ")))
            }
            other => other.to_string(),
        }
    }
}

/// What is accepted, as an error message says it.
impl fmt::Display for Accepts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(domain) => domain.fmt(f),
            Self::Numbers(numbers) => f.write_str(&alternatives(numbers)),
            Self::NumberOr(domain, word) => write!(f, "{word:?} or {domain}"),
            Self::Boolean => f.write_str("true or false"),
            Self::Name(_) => f.write_str(NAMES),
            Self::Path(what) => f.write_str(what),
            Self::Forms { forms, .. } => names(forms).fmt(f),
            Self::Table(settings) => {
                let one = |setting: &Setting| format!("{} = {}", setting.key, setting.accepts);
                write!(f, "{{ {} }}", settings.iter().map(one).collect::<Vec<_>>().join(", "))
            }
            Self::List(of) => write!(f, "a list, each entry {of}"),
            Self::ListOrOne(of) => of.fmt(f),
        }
    }
}

impl Form {
    /// What it may be called: other spellings of these are understood too.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.legend)
    }

    /// Whether the bare name may stand for the table.
    pub(super) fn may_be_bare(&self) -> bool {
        self.settings.iter().all(|setting| !matches!(setting.default, Default::Required))
    }
}

/// The names of `forms`.
pub(super) fn names(forms: &[Form]) -> Names {
    let names: Vec<&'static str> = forms.iter().map(|form| form.name).collect();
    if !forms.iter().any(|form| form.is_thing) {
        return Names::words(&names);
    }
    let legends = forms.iter().filter_map(|form| Some((form.legend?, form.name)));
    Names::things(names, legends.collect())
}

/// "1 or 3".
pub(super) fn alternatives(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(" or ")
}

pub(super) fn value(value: impl Into<Json>) -> Default {
    Default::Value(value.into())
}

pub(super) fn form(name: &'static str, doc: impl Into<String>, settings: Vec<Setting>) -> Form {
    Form { name, legend: None, doc: doc.into(), settings, is_thing: false, check: |_| Vec::new() }
}

/// A model or data.
pub(super) fn thing(name: &'static str, doc: impl Into<String>, settings: Vec<Setting>) -> Form {
    Form { is_thing: true, ..form(name, doc, settings) }
}

/// One of these names.
pub(super) fn choice(names: impl IntoIterator<Item = &'static str>) -> Accepts {
    Accepts::Forms { tag: "", forms: names.into_iter().map(|name| form(name, "", Vec::new())).collect() }
}

/// Settings of a model, as it declares them.
pub(super) fn of(parameters: &[Parameter]) -> Vec<Setting> {
    let one = |parameter: &Parameter| {
        let accepts = match parameter.domain {
            Domain::Choice(names) => choice(names.iter().copied()),
            domain => Accepts::Number(domain),
        };
        let default = match parameter.default {
            Some(Value::Real(number)) => value(number),
            Some(Value::Integer(number)) => value(number),
            Some(Value::Choice(name)) => value(name),
            None => Default::Required,
        };
        Setting { key: parameter.name, doc: parameter.doc.to_owned(), accepts, default, also: "", axis: None }
    };
    parameters.iter().map(one).collect()
}

/// Makes a struct a table of settings, a row a field: `/// meaning`, then
/// `key: type = accepted, default, "what others call it"(, axis place);`. With `impl` the struct is there already.
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

        impl Field for $name {
            fn read(json: &Json, folder: &Path) -> Result<Self, String> {
                let of = |key: &str, problem: String| format!("`{key}`: {problem}");
                Ok(Self {
                    $($key: <$type>::read(&json[stringify!($key)], folder).map_err(|problem| of(stringify!($key), problem))?,)*
                })
            }
        }
    };
}
pub(super) use settings;
