//! Parameters of models as data: name, meaning, accepted values and default.
//!
//! A regularizer, activation or constraint declares its parameters once, as [`Parameter`]s. The configuration reader, the
//! error messages, the CSV labels and the run's identity all follow from that declaration.

use crate::registry::{check_name, interned};
use serde_json::{Map, Value as Json};
use std::fmt;

mod spec;

pub(crate) use spec::open_catalogue;
pub use spec::{Kind, Spec};

/// A name without the differences of spelling: in lower case, without `_`, `-` and spaces.
pub(crate) fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '-', ' '], "")
}

/// Gives the variants of an enum their names in configurations and results, so that the list of names and the lookup by name
/// always agree.
macro_rules! named {
    ($type:ident { $($variant:ident => $name:literal),+ $(,)? }) => {
        #[allow(dead_code, unreachable_pub, reason = "the enum may be private, and not everything asked for")]
        impl $type {
            /// All variants, in the order of messages.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The names of all variants.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The name in configurations and results.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The variant of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use named;

/// A parameter's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A finite real number.
    Real(f64),
    /// A whole number.
    Integer(u64),
    /// One of a list of names.
    Choice(&'static str),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real(x) => write!(f, "{x}"),
            Self::Integer(k) => write!(f, "{k}"),
            Self::Choice(name) => f.write_str(name),
        }
    }
}

/// The values that a parameter accepts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Domain {
    /// Finite numbers between the bounds. An open bound is excluded; an infinite bound is no limit.
    Real {
        /// Lower bound.
        min: f64,
        /// Whether `min` itself is refused.
        min_open: bool,
        /// Upper bound.
        max: f64,
        /// Whether `max` itself is refused.
        max_open: bool,
    },
    /// Whole numbers from `min` to `max`, both included.
    Integer {
        /// Smallest accepted value.
        min: u64,
        /// Largest accepted value.
        max: u64,
    },
    /// One of these names.
    Choice(&'static [&'static str]),
}

impl Domain {
    /// Reals in the half-open interval [min, max).
    pub const fn half_open(min: f64, max: f64) -> Self {
        Self::Real { min, min_open: false, max, max_open: true }
    }

    /// Reals in the open interval (min, max).
    pub const fn open(min: f64, max: f64) -> Self {
        Self::Real { min, min_open: true, max, max_open: true }
    }

    /// Reals in the closed interval [min, max].
    pub const fn closed(min: f64, max: f64) -> Self {
        Self::Real { min, min_open: false, max, max_open: false }
    }

    /// Whether the domain holds `value`. NaN and infinities are in no domain.
    pub fn contains(&self, value: Value) -> bool {
        match (*self, value) {
            (Self::Real { min, min_open, max, max_open }, Value::Real(x)) => {
                x.is_finite() && (x > min || (!min_open && x == min)) && (x < max || (!max_open && x == max))
            }
            (Self::Integer { min, max }, Value::Integer(k)) => (min..=max).contains(&k),
            (Self::Choice(names), Value::Choice(name)) => names.contains(&name),
            _ => false,
        }
    }
}

impl fmt::Display for Domain {
    /// The accepted values as in error messages: "a number in [0, 1)".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Real { min, min_open, max, max_open } => {
                let left = if min_open || min == f64::NEG_INFINITY { '(' } else { '[' };
                let right = if max_open || max == f64::INFINITY { ')' } else { ']' };
                write!(f, "a number in {left}{min}, {max}{right}")
            }
            Self::Integer { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::Choice(names) => write!(f, "one of {}", names.join(", ")),
        }
    }
}

/// A parameter of a model.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// The key in the configuration.
    pub name: &'static str,
    /// Its meaning in one sentence.
    pub doc: &'static str,
    /// The accepted values.
    pub domain: Domain,
    /// Its value if the configuration gives none; `None`: the configuration must give it.
    pub default: Option<Value>,
    /// Whether the parameter was added after runs of its model had been recorded. At its default an identity omits it, so that
    /// those runs keep their keys.
    pub later: bool,
}

/// Checks that a model can declare `parameters`.
///
/// # Errors
/// A sentence that names a parameter whose name is taken, whose default is not an accepted value, or that a label could not show, because its
/// name or a choice is no name.
pub(crate) fn check(parameters: &[Parameter]) -> Result<(), String> {
    for (index, Parameter { name, domain, default, .. }) in parameters.iter().enumerate() {
        check_name(name)?;
        if let Domain::Choice(choices) = domain {
            choices.iter().try_for_each(|choice| check_name(choice))?;
        }
        if *name == "kind" || parameters[..index].iter().any(|other| other.name == *name) {
            return Err(format!("the name of the parameter `{name}` is taken"));
        }
        if let Some(default) = default.filter(|default| !domain.contains(*default)) {
            return Err(format!("the default of `{name}` is {default}; accepted: {domain}"));
        }
    }
    Ok(())
}

/// Checked values of a model's parameters, in the order of their declaration.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Values(Vec<(&'static str, Value)>);

impl Values {
    /// The values of `parameters`: the `given` values and the defaults of all other parameters.
    ///
    /// # Errors
    /// A sentence that names the parameter that is unknown, missing or out of its domain.
    pub fn resolve(parameters: &'static [Parameter], given: &[(&str, Value)]) -> Result<Self, String> {
        if let Some((name, _)) = given.iter().find(|(name, _)| parameters.iter().all(|p| p.name != *name)) {
            return Err(format!("unknown parameter `{name}`"));
        }
        let value_of = |p: &Parameter| {
            let value = given.iter().find(|(name, _)| *name == p.name).map(|(_, value)| *value);
            match value.or(p.default) {
                Some(value) if p.domain.contains(value) => Ok((p.name, value)),
                Some(value) => Err(format!("`{}` is {value}; accepted: {}", p.name, p.domain)),
                None => Err(format!("`{}` is missing; accepted: {}", p.name, p.domain)),
            }
        };
        parameters.iter().map(value_of).collect::<Result<_, _>>().map(Self)
    }

    /// The real parameter `name`.
    ///
    /// # Panics
    /// If the model declared no real parameter of that name.
    pub fn real(&self, name: &str) -> f64 {
        match self.value(name) {
            Value::Real(x) => x,
            other => panic!("parameter `{name}` is {other:?}, not a real number"),
        }
    }

    /// The integer parameter `name`.
    ///
    /// # Panics
    /// If the model declared no integer parameter of that name.
    pub fn integer(&self, name: &str) -> u64 {
        match self.value(name) {
            Value::Integer(k) => k,
            other => panic!("parameter `{name}` is {other:?}, not an integer"),
        }
    }

    /// The choice `name`.
    ///
    /// # Panics
    /// If the model declared no choice of that name.
    pub fn choice(&self, name: &str) -> &'static str {
        match self.value(name) {
            Value::Choice(choice) => choice,
            other => panic!("parameter `{name}` is {other:?}, not a choice"),
        }
    }

    /// The choice `name`, converted by `from_name`.
    ///
    /// # Panics
    /// If the model declared no choice of that name, or `from_name` doesn't know the chosen name.
    pub(crate) fn one_of<T>(&self, name: &str, from_name: impl Fn(&str) -> Option<T>) -> T {
        let choice = self.choice(name);
        from_name(choice).unwrap_or_else(|| panic!("parameter `{name}` is none of its type: {choice}"))
    }

    fn value(&self, name: &str) -> Value {
        let found = self.0.iter().find(|(key, _)| *key == name);
        found.unwrap_or_else(|| panic!("no parameter `{name}` was declared")).1
    }

    /// Whether every value is the default of its parameter.
    pub(crate) fn are_defaults(&self, parameters: &[Parameter]) -> bool {
        self.0.iter().all(|value| is_default(parameters, value))
    }

    /// `kind(a=1,b=2)` with the values that differ from their defaults; just `kind` if none does.
    pub fn label(&self, kind: &str, parameters: &[Parameter]) -> String {
        let is_shown = |value: &&(&str, Value)| !is_default(parameters, value);
        let shown = self.0.iter().filter(is_shown).map(|(name, value)| format!("{name}={value}"));
        let shown: Vec<String> = shown.collect();
        if shown.is_empty() { kind.to_owned() } else { format!("{kind}({})", shown.join(",")) }
    }

    /// A JSON object `{"kind": kind, …}` with every value, defaults included, as in a configuration.
    pub fn to_json(&self, kind: &str) -> Json {
        object(kind, &self.0)
    }

    /// The values' part of a run's identity: like [`Values::to_json`] without [`Parameter::later`] parameters at their defaults.
    pub fn identity(&self, kind: &str, parameters: &[Parameter]) -> Json {
        let is_included = |(name, value): &&(&str, Value)| {
            parameters.iter().all(|p| p.name != *name || !p.later || p.default != Some(*value))
        };
        object(kind, self.0.iter().filter(is_included))
    }

    /// The values in a JSON object that [`Values::identity`] made, for a model whose parameters this program doesn't know.
    ///
    /// # Errors
    /// A sentence that names a value that is neither a number nor a name.
    pub(crate) fn of_unknown(object: &Json) -> Result<Self, String> {
        let fields = object.as_object().into_iter().flatten().filter(|(name, _)| *name != "kind");
        let value = |(name, value): (&String, &Json)| {
            let value = match value {
                Json::Number(number) => {
                    number.as_u64().map(Value::Integer).or(number.as_f64().map(Value::Real))
                }
                Json::String(choice) => Some(Value::Choice(interned(choice))),
                _ => None,
            };
            let value = value.ok_or_else(|| format!("`{name}` is no number and no name"))?;
            Ok((interned(name), value))
        };
        fields.map(value).collect::<Result<_, String>>().map(Self)
    }
}

/// Whether a value is the default of its parameter; unknown parameters have no default.
fn is_default(parameters: &[Parameter], (name, value): &(&str, Value)) -> bool {
    parameters.iter().any(|p| p.name == *name && p.default == Some(*value))
}

/// The values `a=1,b=2` of a [`Values::label`] as a JSON object of numbers and names.
fn values_of_label(values: &str) -> Json {
    let parts = values.split(',').filter(|part| !part.is_empty());
    let pairs = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
    let number = |text: &str| serde_json::from_str(text).ok().filter(Json::is_number);
    pairs.map(|(name, text)| (name.to_owned(), number(text).unwrap_or_else(|| text.into()))).collect()
}

/// The values of `parameters` in a JSON object such as [`Values::identity`]; fields of another type are left out.
pub(crate) fn values_of_json(parameters: &[Parameter], object: &Json) -> Vec<(&'static str, Value)> {
    let value = |parameter: &Parameter| {
        let field = object.get(parameter.name)?;
        let value = match parameter.domain {
            Domain::Real { .. } => Value::Real(field.as_f64()?),
            Domain::Integer { .. } => Value::Integer(field.as_u64()?),
            Domain::Choice(names) => {
                Value::Choice(names.iter().copied().find(|name| field.as_str() == Some(name))?)
            }
        };
        Some((parameter.name, value))
    };
    parameters.iter().filter_map(value).collect()
}

fn object<'v>(kind: &str, values: impl IntoIterator<Item = &'v (&'static str, Value)>) -> Json {
    let mut object = Map::from_iter([("kind".to_owned(), Json::from(kind))]);
    object.extend(values.into_iter().map(|(name, value)| {
        let value = match *value {
            Value::Real(x) => Json::from(x),
            Value::Integer(k) => Json::from(k),
            Value::Choice(choice) => Json::from(choice),
        };
        ((*name).to_owned(), value)
    }));
    Json::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RHO: Parameter = Parameter {
        name: "rho",
        doc: "",
        domain: Domain::half_open(0.0, 1.0),
        default: Some(Value::Real(0.0)),
        later: false,
    };
    const RADIUS: Parameter = Parameter {
        name: "radius",
        doc: "",
        domain: Domain::open(0.0, f64::INFINITY),
        default: None,
        later: false,
    };

    #[test]
    fn a_domain_refuses_its_open_bounds_and_numbers_that_are_not_finite() {
        let domain = RHO.domain;
        assert!(domain.contains(Value::Real(0.0)) && domain.contains(Value::Real(0.5)));
        for x in [-0.1, 1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(!domain.contains(Value::Real(x)), "{x}");
        }
        assert!(!RADIUS.domain.contains(Value::Real(0.0)));
        assert!(!RADIUS.domain.contains(Value::Real(f64::INFINITY)));
        assert!(!domain.contains(Value::Integer(0)));
    }

    #[test]
    fn labels_show_only_what_differs_from_the_default() {
        static PARAMETERS: [Parameter; 1] = [RHO];
        let default = Values::resolve(&PARAMETERS, &[]).unwrap();
        let set = Values::resolve(&PARAMETERS, &[("rho", Value::Real(0.05))]).unwrap();
        assert_eq!(default.label("kl_sae", &PARAMETERS), "kl_sae");
        assert_eq!(set.label("kl_sae", &PARAMETERS), "kl_sae(rho=0.05)");
        assert_eq!(set.to_json("kl_sae").to_string(), r#"{"kind":"kl_sae","rho":0.05}"#);
    }

    #[test]
    fn identities_omit_later_parameters_at_their_defaults() {
        static PARAMETERS: [Parameter; 2] = [
            RHO,
            Parameter {
                name: "noise",
                doc: "",
                domain: Domain::Choice(&["fresh", "fixed"]),
                default: Some(Value::Choice("fresh")),
                later: true,
            },
        ];
        let default = Values::resolve(&PARAMETERS, &[]).unwrap();
        let set = Values::resolve(&PARAMETERS, &[("noise", Value::Choice("fixed"))]).unwrap();
        let text = |values: &Values| values.identity("x", &PARAMETERS).to_string();
        assert_eq!(text(&default), r#"{"kind":"x","rho":0.0}"#);
        assert_eq!(text(&set), r#"{"kind":"x","noise":"fixed","rho":0.0}"#);
        assert_eq!(default.to_json("x").to_string(), r#"{"kind":"x","noise":"fresh","rho":0.0}"#);
    }

    #[test]
    fn missing_unknown_and_out_of_range_values_name_the_parameter() {
        static PARAMETERS: [Parameter; 1] = [RADIUS];
        for (given, word) in [
            (&[][..], "`radius` is missing"),
            (&[("radius", Value::Real(-1.0))][..], "`radius` is -1"),
            (&[("radios", Value::Real(1.0))][..], "unknown parameter `radios`"),
        ] {
            let message = Values::resolve(&PARAMETERS, given).unwrap_err();
            assert!(message.contains(word), "{message}");
        }
    }
}
