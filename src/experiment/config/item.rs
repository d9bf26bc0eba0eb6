//! Reads one value of a tree as what it should be.
//!
//! What stands in a message is what was checked: both come from one [`Domain`] or one list of names.

use super::names::Names;
use super::reader::{Report, Section};
use super::spelling::{did_you_mean, suggest, written_list};
use super::tree::{Entry, Finding, Node, Place, Tree, quoted};
use crate::parameter::{Domain, Value};
use std::fmt;

/// The longest accepted list.
pub(super) const LONGEST_LIST: usize = 10_000;

/// From here on a number with a point or an exponent may have been rounded to a whole one: 2⁵³.
const ROUNDED: f64 = 9_007_199_254_740_992.0;

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
            Tree::String(text) if Names::words(&[word]).find(text).is_some() => Some(None),
            Tree::String(text) => self.refuse(format!("{accepted}{}", did_you_mean(text, &[word]))),
            Tree::Integer(_) | Tree::Float(_) => self.real(domain).map(Some),
            _ => self.refuse(accepted),
        }
    }

    /// A whole number in `domain`. Many programs write 10 as 10.0 or 1e1, and both mean 10.
    pub(super) fn whole(&self, domain: Domain) -> Option<u64> {
        let number = self.integer().filter(|number| domain.contains(Value::Integer(*number)));
        match self.node.value {
            _ if number.is_some() => number,
            Tree::Float(x) if x >= ROUNDED && domain.contains(Value::Integer(ROUNDED as u64)) => {
                self.refuse(format!("{domain}, from {ROUNDED} on in digits alone"))
            }
            _ => self.refuse(domain),
        }
    }

    /// One of `numbers`.
    pub(super) fn one_of_numbers(&self, numbers: &[u64]) -> Option<u64> {
        let number = self.integer().filter(|number| numbers.contains(number));
        number.or_else(|| self.refuse(alternatives(numbers)))
    }

    /// The number, where it is whole, not negative, and certainly the one that was written.
    pub(super) fn integer(&self) -> Option<u64> {
        match self.node.value {
            Tree::Integer(number) => u64::try_from(number).ok(),
            Tree::Float(x) => ((0.0..ROUNDED).contains(&x) && x.fract() == 0.0).then_some(x as u64),
            _ => None,
        }
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

    /// One of `names`, by whichever of its spellings.
    pub(super) fn choice(&self, names: &Names) -> Option<&'static str> {
        let found = self.string(names)?;
        names.find(found).or_else(|| self.refuse(format!("{names}{}", names.suggestion(found))))
    }

    /// The value of a model's parameter.
    pub(super) fn parameter(&self, domain: Domain) -> Option<Value> {
        match domain {
            Domain::Real { .. } => self.real(domain).map(Value::Real),
            Domain::Integer { .. } => self.whole(domain).map(Value::Integer),
            Domain::Choice(names) => self.choice(&Names::words(names)).map(Value::Choice),
        }
    }

    /// A table; `accepted` says of what.
    pub(super) fn table(&self, accepted: impl fmt::Display) -> Option<Section<'r>> {
        let Tree::Table(entries) = &self.node.value else { return self.refuse(accepted) };
        Some(self.with_entries(entries))
    }

    /// A table that `tag` names one of `names`, with the rest of its keys; the bare name stands for the table
    /// that has no other key.
    pub(super) fn tagged(&self, tag: &'static str, names: &Names) -> Option<(&'static str, Section<'r>)> {
        if self.is_string() {
            return Some((self.choice(names)?, self.with_entries(&[])));
        }
        let accepted = format!("{names}, or a table whose `{tag}` is one of them");
        let mut section = self.table(accepted)?;
        match section.take(tag) {
            Some(item) => Some((item.choice(names)?, section)),
            None => {
                section.missing(tag, names);
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
            let meant = match &self.node.value {
                Tree::String(text) if text.contains(',') => suggest(written_list(text.split(','))),
                _ => String::new(),
            };
            return self.refuse(format!("a list, each entry {described}{meant}"));
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

    /// What [`Item::list`] reads; an entry alone stands for the list that has no other.
    pub(super) fn list_or_one<T: PartialEq>(
        &self,
        described: impl fmt::Display,
        read: impl Fn(&Item<'r>) -> Option<T>,
    ) -> Option<Vec<T>> {
        match &self.node.value {
            Tree::List(_) => self.list(described, read),
            Tree::String(text) if text.contains(',') => self.list(described, read),
            _ => read(self).map(|value| vec![value]),
        }
    }

    fn with_entries(&self, entries: &'r [Entry]) -> Section<'r> {
        Section::new(self.report, self.key.clone(), self.node.place, entries)
    }
}

/// "1 or 3".
pub(super) fn alternatives(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(" or ")
}
