//! Reads checked values out of a tree and notes every problem on the way.
//!
//! A [`Section`] hands out the keys of a table and at the end reports those that nobody asked for; an [`Item`] is
//! one value, to be read as what it should be. A reading that fails notes its problem and gives `None`; the caller
//! goes on with a default, so that one reading finds all problems. What stands in a message is what was checked:
//! both come from one [`Domain`] or one list of names.

use super::tree::{Entry, Finding, Node, Place, Tree, dotted, quoted};
use crate::parameter::{Domain, Parameter, Value};
use std::cell::RefCell;
use std::fmt;

/// The longest accepted list.
const LONGEST_LIST: usize = 10_000;

/// The problems that were found so far, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Report(RefCell<Vec<Finding>>);

impl Report {
    /// Notes a problem.
    pub(super) fn note(&self, finding: Finding) {
        self.0.borrow_mut().push(finding);
    }

    /// The problems.
    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.0.into_inner()
    }
}

/// A table in the course of being read.
#[derive(Debug)]
pub(super) struct Section<'r> {
    report: &'r Report,
    path: String,
    place: Place,
    entries: &'r [Entry],
    asked: Vec<&'static str>,
}

impl<'r> Section<'r> {
    /// The whole configuration.
    pub(super) fn root(report: &'r Report, root: &'r Node) -> Self {
        let entries = match &root.value {
            Tree::Table(entries) => entries.as_slice(),
            _ => &[],
        };
        Self { report, path: String::new(), place: root.place, entries, asked: Vec::new() }
    }

    /// The value of `key`, where there is one.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Item<'r>> {
        self.asked.push(key);
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(Item { report: self.report, node: &entry.node, key: dotted(&self.path, key) })
    }

    /// The table `key`; an empty one where it is missing or is no table.
    pub(super) fn section(&mut self, key: &'static str) -> Self {
        let section = self.take(key).and_then(|item| item.table("a table of settings"));
        let (report, path) = (self.report, dotted(&self.path, key));
        section.unwrap_or(Self { report, path, place: Place::Absent, entries: &[], asked: Vec::new() })
    }

    /// The whole number `key` in `domain`, or `default`.
    pub(super) fn whole(&mut self, key: &'static str, domain: Domain, default: u64) -> u64 {
        self.take(key).and_then(|item| item.whole(domain)).unwrap_or(default)
    }

    /// The number `key` in `domain`, or `default`.
    pub(super) fn real(&mut self, key: &'static str, domain: Domain, default: f64) -> f64 {
        self.take(key).and_then(|item| item.real(domain)).unwrap_or(default)
    }

    /// The flag `key`, or `default`.
    pub(super) fn boolean(&mut self, key: &'static str, default: bool) -> bool {
        self.take(key).and_then(|item| item.boolean()).unwrap_or(default)
    }

    /// The values that are given for `parameters`; `None` where one has a problem or is missing.
    pub(super) fn parameters(
        &mut self,
        parameters: &'static [Parameter],
    ) -> Option<Vec<(&'static str, Value)>> {
        let mut given = Some(Vec::with_capacity(parameters.len()));
        for parameter in parameters {
            let value = match self.take(parameter.name) {
                Some(item) => item.parameter(parameter.domain),
                None if parameter.default.is_some() => continue,
                None => {
                    self.missing(parameter.name, parameter.domain);
                    None
                }
            };
            given = given.zip(value).map(|(mut given, value)| {
                given.push((parameter.name, value));
                given
            });
        }
        given
    }

    /// Notes that `key` is missing.
    pub(super) fn missing(&self, key: &str, accepted: impl fmt::Display) {
        let message = format!("is missing; accepted: {accepted}");
        self.report.note(Finding::new(self.place, dotted(&self.path, key), message));
    }

    /// Notes a problem of `key` that no value alone has, where the key stands or else where the table does.
    pub(super) fn refuse(&self, key: &str, message: impl Into<String>) {
        let place = self.place_of(key).unwrap_or(self.place);
        self.report.note(Finding::new(place, dotted(&self.path, key), message));
    }

    /// Where the value of `key` stands.
    pub(super) fn place_of(&self, key: &str) -> Option<Place> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.node.place)
    }

    /// Notes the keys that were not asked for.
    pub(super) fn finish(self) {
        let unknown = self.entries.iter().filter(|entry| !self.asked.contains(&entry.key.as_str()));
        for entry in unknown {
            let hint = did_you_mean(&entry.key, &self.asked);
            let message = format!("found an unknown key; accepted: {}{hint}", self.asked.join(", "));
            self.report.note(Finding::new(entry.place, dotted(&self.path, &entry.key), message));
        }
    }
}

/// A value in the course of being read.
#[derive(Debug)]
pub(super) struct Item<'r> {
    report: &'r Report,
    node: &'r Node,
    key: String,
}

impl<'r> Item<'r> {
    /// The dotted key.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Where it stands.
    pub(super) fn place(&self) -> Place {
        self.node.place
    }

    /// Whether it is a list.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.node.value, Tree::List(_))
    }

    /// Whether it is a string.
    pub(super) fn is_string(&self) -> bool {
        matches!(self.node.value, Tree::String(_))
    }

    /// Notes what was found and what is accepted.
    pub(super) fn refuse<T>(&self, accepted: impl fmt::Display) -> Option<T> {
        self.note(format!("found {}; accepted: {accepted}", self.node))
    }

    /// Notes a problem of this value.
    pub(super) fn note<T>(&self, message: impl Into<String>) -> Option<T> {
        self.report.note(Finding::new(self.node.place, self.key.as_str(), message));
        None
    }

    /// A number in `domain`, whole or not. Negative zero becomes zero.
    pub(super) fn real(&self, domain: Domain) -> Option<f64> {
        let number = match self.node.value {
            Tree::Integer(k) => k as f64,
            Tree::Float(x) => x + 0.0,
            _ => return self.refuse(domain),
        };
        if domain.contains(Value::Real(number)) { Some(number) } else { self.refuse(domain) }
    }

    /// A whole number in `domain`, written as one.
    pub(super) fn whole(&self, domain: Domain) -> Option<u64> {
        let Tree::Integer(k) = self.node.value else { return self.refuse(domain) };
        let number = u64::try_from(k).ok().filter(|k| domain.contains(Value::Integer(*k)));
        if number.is_none() { self.refuse(domain) } else { number }
    }

    /// A flag.
    pub(super) fn boolean(&self) -> Option<bool> {
        let Tree::Boolean(flag) = self.node.value else { return self.refuse("true or false") };
        Some(flag)
    }

    /// A string; `accepted` says which ones.
    pub(super) fn string(&self, accepted: impl fmt::Display) -> Option<&'r str> {
        let Tree::String(text) = &self.node.value else { return self.refuse(accepted) };
        Some(text)
    }

    /// One of `names`.
    pub(super) fn choice(&self, names: &[&'static str]) -> Option<&'static str> {
        let accepted = one_of(names);
        let found = self.string(&accepted)?;
        let name = names.iter().find(|name| **name == found);
        name.copied().or_else(|| self.refuse(format!("{accepted}{}", did_you_mean(found, names))))
    }

    /// The value of a model's parameter.
    pub(super) fn parameter(&self, domain: Domain) -> Option<Value> {
        match domain {
            Domain::Real { .. } => self.real(domain).map(Value::Real),
            Domain::Integer { .. } => self.whole(domain).map(Value::Integer),
            Domain::Choice(names) => self.choice(names).map(Value::Choice),
        }
    }

    /// A table; `accepted` says of what.
    pub(super) fn table(&self, accepted: impl fmt::Display) -> Option<Section<'r>> {
        let Tree::Table(entries) = &self.node.value else { return self.refuse(accepted) };
        Some(self.with_entries(entries))
    }

    /// A table that `tag` names one of `names`, with the rest of its keys; the bare name stands for the table
    /// that has no other key.
    pub(super) fn tagged(
        &self,
        tag: &'static str,
        names: &[&'static str],
    ) -> Option<(&'static str, Section<'r>)> {
        if self.is_string() {
            return Some((self.choice(names)?, self.with_entries(&[])));
        }
        let accepted = format!("{}, or a table whose `{tag}` is {}", one_of(names), one_of(names));
        let mut section = self.table(accepted)?;
        match section.take(tag) {
            Some(item) => Some((item.choice(names)?, section)),
            None => {
                section.missing(tag, one_of(names));
                None
            }
        }
    }

    /// A list of what `read` accepts, `described`, with nothing in it twice.
    pub(super) fn list<T: PartialEq>(
        &self,
        described: impl fmt::Display,
        read: impl Fn(&Item<'r>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Tree::List(nodes) = &self.node.value else {
            return self.refuse(format!("a list, each entry {described}"));
        };
        if nodes.is_empty() {
            return self.refuse(format!("at least one entry, each {described}"));
        }
        if nodes.len() > LONGEST_LIST {
            return self.note(format!("found {} entries; accepted: at most {LONGEST_LIST}", nodes.len()));
        }
        let mut values: Vec<T> = Vec::with_capacity(nodes.len());
        for (i, node) in nodes.iter().enumerate() {
            let item = Item { report: self.report, node, key: format!("{}[{i}]", self.key) };
            match read(&item) {
                Some(value) if values.contains(&value) => {
                    let found = format!("found {node}, which stands earlier in the list");
                    item.note::<()>(format!("{found}; accepted: each entry once"));
                }
                Some(value) => values.push(value),
                None => {}
            }
        }
        Some(values).filter(|values| !values.is_empty())
    }

    fn with_entries(&self, entries: &'r [Entry]) -> Section<'r> {
        let (report, path, place) = (self.report, self.key.clone(), self.node.place);
        Section { report, path, place, entries, asked: Vec::new() }
    }
}

/// "one of a, b, c"; a single name stands alone.
pub(super) fn one_of(names: &[&str]) -> String {
    match names {
        [name] => (*name).to_owned(),
        names => format!("one of {}", names.join(", ")),
    }
}

/// "; did you mean `x`?" for the name that is near to what was found; empty where none is.
pub(super) fn did_you_mean(found: &str, names: &[&str]) -> String {
    /// Nobody misspells a name at this length.
    const LONGEST: usize = 64;
    let plain = |name: &str| name.to_lowercase().replace(['_', '-', ' '], "");
    if found.len() > LONGEST {
        return String::new();
    }
    let distance = |name: &&&str| strsim::damerau_levenshtein(&plain(found), &plain(name));
    let near = |name: &&&str| distance(name) <= (name.len() / 3).max(1);
    let nearest = names.iter().filter(near).min_by_key(distance);
    nearest.map_or_else(String::new, |name| format!("; did you mean {}?", quoted(name).replace('"', "`")))
}
