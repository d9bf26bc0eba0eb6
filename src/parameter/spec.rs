//! A member of a catalogue with the values of its parameters, as configurations, labels and identities have it.

use super::{Parameter, Value, Values, values_of_json, values_of_label};
use crate::registry::interned;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Json;

/// A member of a catalogue by its name: a regularizer, activation or constraint without the values of its parameters.
pub trait Kind: Copy + PartialEq + 'static {
    /// The noun for a member in messages.
    const NOUN: &'static str;
    /// Whether JSON has just the name of a member whose parameters are all at their defaults.
    const BARE: bool;
    /// Every member, in the order of messages.
    fn known() -> Vec<Self>;
    /// The name in configurations and results.
    fn name(self) -> &'static str;
    /// The parameters.
    fn parameters(self) -> &'static [Parameter];
    /// A condition between parameters that their domains can't express.
    ///
    /// # Errors
    /// A sentence that names the parameters.
    fn check(self, values: &Values) -> Result<(), String> {
        let _ = values;
        Ok(())
    }
    /// A placeholder for a member `name` of another program, found in its results; `None` if the catalogue can't be extended.
    fn unknown(name: &'static str) -> Option<Self> {
        let _ = name;
        None
    }
    /// The member of that name.
    fn from_name(name: &str) -> Option<Self> {
        Self::known().into_iter().find(|kind| kind.name() == name)
    }
}

/// Gives the enum of a catalogue that programs can extend the methods of [`Kind`], and implements `Kind` by them. The module has the
/// `REGISTRY` of what programs have added. The variant `Unknown` holds a name that is found in results alone.
macro_rules! open_catalogue {
    ($kind:ident, $noun:literal, bare: $bare:literal $(, $check:item)?) => {
        impl $kind {
            #[doc = concat!("Every known ", $noun, ": the catalogue, then those that the program has added.")]
            pub fn known() -> Vec<Self> {
                let added = REGISTRY.all().into_iter().map(Self::Registered);
                Self::ALL.iter().copied().chain(added).collect()
            }

            #[doc = concat!("The ", $noun, " of that name.")]
            pub fn from_name(name: &str) -> Option<Self> {
                <Self as $crate::parameter::Kind>::from_name(name)
            }

            /// The name in configurations and results.
            pub const fn name(self) -> &'static str {
                match self {
                    Self::Unknown(name) => name,
                    known => known.definition().name,
                }
            }

            /// Its parameters, of a regularizer besides σ².
            pub const fn parameters(self) -> &'static [$crate::parameter::Parameter] {
                self.definition().parameters
            }
        }

        impl $crate::parameter::Kind for $kind {
            const NOUN: &'static str = $noun;
            const BARE: bool = $bare;

            fn known() -> Vec<Self> {
                Self::known()
            }

            fn name(self) -> &'static str {
                self.name()
            }

            fn parameters(self) -> &'static [$crate::parameter::Parameter] {
                self.parameters()
            }

            fn unknown(name: &'static str) -> Option<Self> {
                Some(Self::Unknown(name))
            }

            $($check)?
        }
    };
}

pub(crate) use open_catalogue;

/// A member of a catalogue with checked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec<K> {
    kind: K,
    values: Values,
}

impl<K: Kind> Spec<K> {
    /// The member `kind` with the `given` parameters and the defaults of all others.
    ///
    /// ```
    /// use aesparse::parameter::Value;
    /// use aesparse::regularizer::{RegularizerKind, RegularizerSpec};
    ///
    /// let sae = RegularizerSpec::new(RegularizerKind::KlSae, &[("rho", Value::Real(0.05))])?;
    /// assert_eq!(sae.label(), "kl_sae(rho=0.05)");
    /// assert!(RegularizerSpec::new(RegularizerKind::KlSae, &[("rho", Value::Real(1.0))]).is_err());
    /// # Ok::<(), String>(())
    /// ```
    ///
    /// # Errors
    /// A sentence that names the parameter that is unknown, missing or out of its domain.
    pub fn new(kind: K, given: &[(&str, Value)]) -> Result<Self, String> {
        let values = Values::resolve(kind.parameters(), given)?;
        kind.check(&values)?;
        Ok(Self { kind, values })
    }

    /// The member `kind`, which has no parameters.
    pub(crate) fn without_parameters(kind: K) -> Self {
        debug_assert!(kind.parameters().is_empty(), "{} has parameters", kind.name());
        Self { kind, values: Values::default() }
    }

    /// The member without its values.
    pub const fn kind(&self) -> K {
        self.kind
    }

    /// The values of its parameters.
    pub const fn values(&self) -> &Values {
        &self.values
    }

    /// The name in results: `kl_sae(rho=0.05)`, without parameters at their defaults.
    pub fn label(&self) -> String {
        self.values.label(self.kind.name(), self.kind.parameters())
    }

    /// `{"kind": …}` with every parameter, or just the name ([`Kind::BARE`]), as in a configuration.
    pub fn to_json(&self) -> Json {
        self.bare_name().unwrap_or_else(|| self.values.to_json(self.kind.name()))
    }

    /// The member's part of a run's identity: like [`Spec::to_json`] without [`Parameter::later`] parameters at their defaults.
    pub fn identity(&self) -> Json {
        self.bare_name().unwrap_or_else(|| self.values.identity(self.kind.name(), self.kind.parameters()))
    }

    fn bare_name(&self) -> Option<Json> {
        (K::BARE && self.values.are_defaults(self.kind.parameters())).then(|| self.kind.name().into())
    }

    /// The member whose [`Spec::identity`] is `json`.
    ///
    /// # Errors
    /// A sentence, when `json` is not such an identity.
    pub fn from_identity(json: &Json) -> Result<Self, String> {
        let name = json.as_str().or_else(|| json["kind"].as_str());
        let name = name.ok_or_else(|| format!("a {} without a `kind`", K::NOUN))?;
        let known = K::from_name(name).ok_or_else(|| format!("unknown {} `{name}`", K::NOUN));
        let known = known.and_then(|kind| Self::new(kind, &values_of_json(kind.parameters(), json)));
        if known.as_ref().is_ok_and(|known| known.identity() == *json) {
            return known;
        }
        // A member of another program, or with parameters of a later version, is kept as it is, so that the run key stays.
        match K::unknown(interned(name)) {
            Some(kind) => Ok(Self { kind, values: Values::of_unknown(json)? }),
            None => known,
        }
    }

    /// The member whose [`Spec::label`] is `label`; `None` if a known member doesn't have these parameters.
    pub fn from_label(label: &str) -> Option<Self> {
        let (name, values) = label.split_once('(').unwrap_or((label, ""));
        let values = values_of_label(values.strip_suffix(')').unwrap_or(values));
        let has_label = |spec: &Self| spec.label() == label;
        if let Some(kind) = K::from_name(name) {
            return Self::new(kind, &values_of_json(kind.parameters(), &values)).ok().filter(has_label);
        }
        let unknown = |name, values| Some(Self { kind: K::unknown(interned(name))?, values });
        let spec = Values::of_unknown(&values).ok().and_then(|values| unknown(name, values));
        // A text that is not a label becomes the name of an unknown member.
        spec.filter(has_label).or_else(|| unknown(label, Values::default()))
    }
}

/// Serialised as in a run's identity: [`Spec::identity`].
impl<K: Kind> Serialize for Spec<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.identity().serialize(serializer)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Spec<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_identity(&Json::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
