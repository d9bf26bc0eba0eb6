//! Parameters of models as data: name, meaning, accepted range and default.
//!
//! A regularizer, activation or constraint declares its parameters once, here; the configuration reader, the error
//! messages, the CSV labels and the run's identity all follow from that declaration.

use crate::registry::interned;
use serde_json::{Map, Value as Json};
use std::fmt;

mod spec;

pub(crate) use spec::open_catalogue;
pub use spec::{Kind, Spec};

/// Gives the variants of an enum their names in configurations and results, so that the list of names and the choice by name can't
/// drift apart.
macro_rules! named {
    ($type:ident { $($variant:ident => $name:literal),+ $(,)? }) => {
        #[allow(dead_code, unreachable_pub, reason = "the enum may be private, and not everything asked for")]
        impl $type {
            /// Every one, in the order of messages.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Their names.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The name in configurations and results.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The one of that name.
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
    /// Finite numbers between the bounds; an open bound is itself excluded, an infinite one is no bound.
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
    /// What is accepted, as it stands in an error message: "a number in [0, 1)".
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
    /// What it means, in one sentence.
    pub doc: &'static str,
    /// What it accepts.
    pub domain: Domain,
    /// Its value where the configuration gives none; `None`: it must be given.
    pub default: Option<Value>,
    /// Whether it came after runs of its model were recorded: at its default an identity leaves it out, so that those
    /// runs keep their keys.
    pub later: bool,
}

/// Whether a model can declare `parameters`.
///
/// # Errors
/// A sentence that names one that can't be told from another, or whose default is none of its values.
pub(crate) fn check(parameters: &[Parameter]) -> Result<(), String> {
    for (index, Parameter { name, domain, default, .. }) in parameters.iter().enumerate() {
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
    /// The values of `parameters`: those of `given`, defaults elsewhere.
    ///
    /// # Errors
    /// A sentence that names the parameter, where one is unknown, out of its domain or missing.
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

    /// The choice `name`, as the type whose names it has.
    ///
    /// # Panics
    /// If the model declared no choice of that name, or one that has other names.
    pub(crate) fn one_of<T>(&self, name: &str, from_name: impl Fn(&str) -> Option<T>) -> T {
        let choice = self.choice(name);
        from_name(choice).unwrap_or_else(|| panic!("parameter `{name}` is none of its type: {choice}"))
    }

    fn value(&self, name: &str) -> Value {
        let found = self.0.iter().find(|(key, _)| *key == name);
        found.unwrap_or_else(|| panic!("no parameter `{name}` was declared")).1
    }

    /// Whether each has the default of its parameter.
    pub(crate) fn are_defaults(&self, parameters: &[Parameter]) -> bool {
        self.0.iter().all(|value| is_default(parameters, value))
    }

    /// `kind(a=1,b=2)` with the values that differ from their defaults; just `kind` where none does.
    pub fn label(&self, kind: &str, parameters: &[Parameter]) -> String {
        let is_shown = |value: &&(&str, Value)| !is_default(parameters, value);
        let shown = self.0.iter().filter(is_shown).map(|(name, value)| format!("{name}={value}"));
        let shown: Vec<String> = shown.collect();
        if shown.is_empty() { kind.to_owned() } else { format!("{kind}({})", shown.join(",")) }
    }

    /// A JSON object `{"kind": kind, …}` with every value, defaults included: what a configuration would say.
    pub fn to_json(&self, kind: &str) -> Json {
        object(kind, &self.0)
    }

    /// The same as part of a run's identity: without the [`Parameter::later`] ones that are at their defaults.
    pub fn identity(&self, kind: &str, parameters: &[Parameter]) -> Json {
        let counts = |(name, value): &&(&str, Value)| {
            parameters.iter().all(|p| p.name != *name || !p.later || p.default != Some(*value))
        };
        object(kind, self.0.iter().filter(counts))
    }

    /// The values in a JSON object that [`Values::identity`] made, of a model whose parameters this program doesn't know.
    ///
    /// # Errors
    /// A sentence, where a value is none of a model's.
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

/// Whether a value is the default of its parameter; a parameter that isn't known has none.
fn is_default(parameters: &[Parameter], (name, value): &(&str, Value)) -> bool {
    parameters.iter().any(|p| p.name == *name && p.default == Some(*value))
}

/// The object that [`Values::label`] abbreviates to its values `a=1,b=2`: numbers and names by the parameters' names.
pub(crate) fn in_label(values: &str) -> Json {
    let parts = values.split(',').filter(|part| !part.is_empty());
    let pairs = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
    let number = |text: &str| serde_json::from_str(text).ok().filter(Json::is_number);
    pairs.map(|(name, text)| (name.to_owned(), number(text).unwrap_or_else(|| text.into()))).collect()
}

/// The values of `parameters` that a JSON object has, such as one that [`Values::identity`] made.
pub(crate) fn stored(parameters: &[Parameter], object: &Json) -> Vec<(&'static str, Value)> {
    let value = |parameter: &Parameter| {
        let stored = object.get(parameter.name)?;
        let value = match parameter.domain {
            Domain::Real { .. } => Value::Real(stored.as_f64()?),
            Domain::Integer { .. } => Value::Integer(stored.as_u64()?),
            Domain::Choice(names) => {
                Value::Choice(names.iter().copied().find(|name| stored.as_str() == Some(name))?)
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
    fn a_domain_refuses_its_open_bounds_and_everything_not_finite() {
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
    fn identities_leave_out_what_came_later_while_it_is_at_its_default() {
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
