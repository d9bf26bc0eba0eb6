//! The models that programs add to this crate's catalogues, by name.
//!
//! Readers of configurations and of stored results look up names, far from where a program registers its models. So a process
//! has one registry for each catalogue.

use crate::guard::lock;
use std::any::TypeId;
use std::collections::BTreeSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, PoisonError, RwLock};

/// `name` with the lifetime of the process, for names in stored results of models that this program doesn't know.
pub(crate) fn interned(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = lock(&NAMES);
    match names.get(name) {
        Some(known) => known,
        None => {
            let leaked: &'static str = Box::leak(name.into());
            names.insert(leaked);
            leaked
        }
    }
}

/// Checks that labels and configurations can have `name`.
///
/// # Errors
/// A sentence with the accepted names.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let accepted = "lower-case letters, digits and `_`, a letter first";
    if is_name { Ok(()) } else { Err(format!("the name `{name}`: accepted: {accepted}")) }
}

/// A definition with a name.
pub(crate) trait NamedDefinition {
    fn name(&self) -> &'static str;
}

/// The definitions added to one catalogue and the types that gave them, in the order of registration.
pub(crate) struct Registry<D: 'static>(RwLock<Vec<(TypeId, Registered<D>)>>);

impl<D: NamedDefinition> Registry<D> {
    pub(crate) const fn new() -> Self {
        Self(RwLock::new(Vec::new()))
    }

    pub(crate) fn all(&self) -> Vec<Registered<D>> {
        let added = self.0.read().unwrap_or_else(PoisonError::into_inner);
        added.iter().map(|(_, registered)| *registered).collect()
    }

    /// Adds the definition of the type `T`; adding it again changes nothing. `taken` are the names of the catalogue itself.
    ///
    /// # Errors
    /// When another type has the name, or the name can't be used in configurations and file names.
    pub(crate) fn add<T: 'static>(
        &self,
        definition: &'static D,
        mut taken: impl Iterator<Item = &'static str>,
    ) -> Result<Registered<D>, String> {
        let name = definition.name();
        check_name(name)?;
        let mut added = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = added.iter().find(|(id, _)| *id == TypeId::of::<T>()) {
            return Ok(*known);
        }
        if taken.any(|other| other == name) || added.iter().any(|(_, other)| other.get().name() == name) {
            return Err(format!("the name `{name}` is taken"));
        }
        let registered = Registered(definition);
        added.push((TypeId::of::<T>(), registered));
        Ok(registered)
    }
}

/// A registered definition. Two are equal if their names are equal, because names are unique in a registry.
pub struct Registered<D: 'static>(&'static D);

impl<D> Registered<D> {
    pub(crate) const fn get(self) -> &'static D {
        self.0
    }
}

impl<D> Clone for Registered<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D> Copy for Registered<D> {}

impl<D: NamedDefinition> PartialEq for Registered<D> {
    fn eq(&self, other: &Self) -> bool {
        self.0.name() == other.0.name()
    }
}

impl<D: NamedDefinition> Eq for Registered<D> {}

impl<D: NamedDefinition> Hash for Registered<D> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name().hash(state);
    }
}

impl<D: NamedDefinition> fmt::Debug for Registered<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}
