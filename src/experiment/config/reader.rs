//! Reads the tables of a tree and notes every problem on the way.
//!
//! A [`Section`] hands out the keys of a table as [`Item`]s and at the end reports those that nobody asked for. A
//! reading that fails notes its problem and gives `None`; the caller goes on with a default, so that one reading
//! finds all problems.

use super::item::Item;
use super::spelling::{did_you_mean, suggest};
use super::synonyms;
use super::tree::{Entry, Finding, Node, Place, Tree, dotted};
use crate::parameter::{Domain, Parameter, Value};
use std::cell::RefCell;
use std::fmt;

/// The problems that were found so far, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Report {
    findings: RefCell<Vec<Finding>>,
    /// The paths of all keys that sections were asked for.
    asked: RefCell<Vec<String>>,
    /// Unknown keys with nothing near in their section: the index of the finding and the key.
    strays: RefCell<Vec<(usize, String)>>,
}

impl Report {
    /// Notes a problem.
    pub(super) fn note(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    /// The problems. Keys that stand in the wrong section, or have another name here, are told the right one.
    pub(super) fn into_findings(self) -> Vec<Finding> {
        let (mut findings, asked) = (self.findings.into_inner(), self.asked.into_inner());
        for (index, key) in self.strays.into_inner() {
            let same = asked.iter().find(|path| path.rsplit('.').next() == Some(&key)).cloned();
            // The tables of models and sources have settings of their own, by words that mean others elsewhere.
            let in_section = findings[index].key.matches('.').count() < 2;
            if let Some(path) =
                same.or_else(|| synonyms::setting(&key).filter(|_| in_section).map(str::to_owned))
            {
                findings[index].message.push_str(&suggest(path));
            }
        }
        findings
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
    /// A key that is accepted and not told of.
    untold: Option<&'static str>,
    /// Whether something else stood in its place: that is the problem then, and not what it lacks.
    replaced: bool,
}

impl<'r> Section<'r> {
    /// The whole configuration.
    pub(super) fn root(report: &'r Report, root: &'r Node) -> Self {
        let entries = match &root.value {
            Tree::Table(entries) => entries.as_slice(),
            _ => &[],
        };
        Self::new(report, String::new(), root.place, entries)
    }

    /// The table of `entries` at `path`.
    pub(super) fn new(report: &'r Report, path: String, place: Place, entries: &'r [Entry]) -> Self {
        Self { report, path, place, entries, asked: Vec::new(), untold: None, replaced: false }
    }

    /// The value of `key`, where there is one.
    pub(super) fn take(&mut self, key: &'static str) -> Option<Item<'r>> {
        self.asked.push(key);
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(Item::new(self.report, &entry.node, dotted(&self.path, key)))
    }

    /// Accepts `key`, which means nothing here.
    pub(super) fn ignore(&mut self, key: &'static str) {
        self.untold = Some(key);
    }

    /// The table `key`; an empty one where it is missing or is no table.
    pub(super) fn section(&mut self, key: &'static str) -> Self {
        let item = self.take(key);
        if let Some(section) = item.as_ref().and_then(|item| item.table("a table of settings")) {
            return section;
        }
        let absent = Self::new(self.report, dotted(&self.path, key), Place::Absent, &[]);
        Self { replaced: item.is_some(), ..absent }
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
        if self.replaced {
            return;
        }
        let message = format!("is missing; accepted: {accepted}");
        self.report.note(Finding::new(self.place, dotted(&self.path, key), message));
    }

    /// Notes a problem of `key` that no value alone has, where the key stands or else at `elsewhere` or the table.
    pub(super) fn refuse(&self, key: &str, elsewhere: Option<Place>, message: impl Into<String>) {
        let place = self.place_of(key).or(elsewhere).unwrap_or(self.place);
        self.report.note(Finding::new(place, dotted(&self.path, key), message));
    }

    /// Where the value of `key` stands.
    pub(super) fn place_of(&self, key: &str) -> Option<Place> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.node.place)
    }

    /// Notes the keys that were not asked for.
    pub(super) fn finish(self) {
        // No key moves into a list's tables or out of them.
        let in_list = self.path.contains('[');
        let is_known = |key: &str| self.asked.contains(&key) || self.untold == Some(key);
        let unknown = self.entries.iter().filter(|entry| !is_known(&entry.key));
        for entry in unknown {
            let hint = did_you_mean(&entry.key, &self.asked);
            if hint.is_empty() && !in_list {
                let index = self.report.findings.borrow().len();
                self.report.strays.borrow_mut().push((index, entry.key.clone()));
            }
            let message = format!("found an unknown key; accepted: {}{hint}", self.asked.join(", "));
            self.report.note(Finding::new(entry.place, dotted(&self.path, &entry.key), message));
        }
        if !in_list {
            self.report.asked.borrow_mut().extend(self.asked.iter().map(|key| dotted(&self.path, key)));
        }
    }
}
