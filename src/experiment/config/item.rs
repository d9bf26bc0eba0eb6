//! Reads one value of a tree as what it should be.
//!
//! What stands in a message is what was checked: both come from one [`Domain`] or one list of names.

use super::reader::{Report, Section};
use super::tree::{Entry, Finding, Node, Place, Tree, quoted};
use crate::parameter::{Domain, Value};
use std::fmt;

/// The longest accepted list.
pub(super) const LONGEST_LIST: usize = 10_000;

/// A value in the course of being read.
#[derive(Debug)]
pub(super) struct Item<'r> {
    report: &'r Report,
    node: &'r Node,
    key: String,
}

impl<'r> Item<'r> {
    /// The value `node` of `key`.
    pub(super) fn new(report: &'r Report, node: &'r Node, key: String) -> Self {
        Self { report, node, key }
    }

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

    /// A number in `domain` or `word`, which gives `Some(None)`.
    pub(super) fn number_or(&self, word: &'static str, domain: Domain) -> Option<Option<f64>> {
        let accepted = format!("{} or {domain}", quoted(word));
        match &self.node.value {
            Tree::String(text) if text == word => Some(None),
            Tree::String(text) => self.refuse(format!("{accepted}{}", did_you_mean(text, &[word]))),
            Tree::Integer(_) | Tree::Float(_) => self.real(domain).map(Some),
            _ => self.refuse(accepted),
        }
    }

    /// A whole number in `domain`, written as one.
    pub(super) fn whole(&self, domain: Domain) -> Option<u64> {
        let Tree::Integer(k) = self.node.value else { return self.refuse(domain) };
        let number = u64::try_from(k).ok().filter(|k| domain.contains(Value::Integer(*k)));
        if number.is_none() { self.refuse(domain) } else { number }
    }

    /// One of `numbers`.
    pub(super) fn one_of_numbers(&self, numbers: &[u64]) -> Option<u64> {
        let Tree::Integer(k) = self.node.value else { return self.refuse(alternatives(numbers)) };
        let number = numbers.iter().copied().find(|number| i128::from(*number) == k);
        number.or_else(|| self.refuse(alternatives(numbers)))
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
        let accepted = format!("{}, or a table whose `{tag}` is one of them", one_of(names));
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
            let item = Item::new(self.report, node, format!("{}[{i}]", self.key));
            match read(&item) {
                Some(value) if values.contains(&value) => {
                    let found = format!("found {node}, which equals an earlier entry");
                    item.note::<()>(format!("{found}; accepted: each entry once"));
                }
                Some(value) => values.push(value),
                None => {}
            }
        }
        Some(values).filter(|values| !values.is_empty())
    }

    fn with_entries(&self, entries: &'r [Entry]) -> Section<'r> {
        Section::new(self.report, self.key.clone(), self.node.place, entries)
    }
}

/// "one of a, b, c"; a single name stands alone.
pub(super) fn one_of(names: &[&str]) -> String {
    match names {
        [name] => (*name).to_owned(),
        names => format!("one of {}", names.join(", ")),
    }
}

/// "1 or 3".
pub(super) fn alternatives(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(" or ")
}

/// "; did you mean `x`?" for the name that is near to what was found; empty where none is.
pub(super) fn did_you_mean(found: &str, names: &[&str]) -> String {
    nearest(found, names).map_or_else(String::new, |index| suggest(names[index]))
}

/// "; did you mean `name`?"
pub(super) fn suggest(name: &str) -> String {
    format!("; did you mean {}?", quoted(name).replace('"', "`"))
}

/// The index of the name that is near to what was found, if one is.
pub(super) fn nearest(found: &str, names: &[&str]) -> Option<usize> {
    /// Nobody misspells a name at this length.
    const LONGEST: usize = 64;
    let plain = |name: &str| name.to_lowercase().replace(['_', '-', ' '], "");
    if found.len() > LONGEST {
        return None;
    }
    let distance = |index: &usize| strsim::damerau_levenshtein(&plain(found), &plain(names[*index]));
    let near = |index: &usize| distance(index) <= (names[*index].len() / 3).max(1);
    (0..names.len()).filter(near).min_by_key(distance)
}
