//! Reads the tables of a tree and their values, by what settings accept, and notes every problem on the way.
//!
//! A [`Section`] hands out the keys of a table as [`Item`]s. A reading that fails notes its problem and returns
//! `None`; the caller reads the next key, so that one reading finds all problems. A message names what was checked: both come
//! from one [`Accepts`].

use super::names::Names;
use super::setting::{Accepts, Default, Form, Setting, alternatives, names};
use super::spelling::{did_you_mean, is_name, seeds_for, suggest, written_list};
use super::tree::{Entry, Finding, Node, Place, Tree, dotted};
use crate::parameter::{Domain, Value};
use serde_json::{Map, Value as Json};
use std::cell::RefCell;
use std::fmt;

/// The longest accepted list.
pub(super) const LONGEST_LIST: usize = 10_000;

/// From here on a number with a point or an exponent may have been rounded to a whole one: 2⁵³.
const ROUNDED: f64 = 9_007_199_254_740_992.0;

/// A key that every configuration may have and that means nothing to this program: editors look there for the schema.
const SCHEMA: &str = "$schema";

/// The problems that were found so far, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Report {
    findings: RefCell<Vec<Finding>>,
    /// The paths of all keys that the tables of the file may have.
    known: RefCell<Vec<String>>,
    /// Unknown keys with nothing near in their table: the index of the finding and the key.
    strays: RefCell<Vec<(usize, String)>>,
}

impl Report {
    /// Notes a problem.
    pub(super) fn note(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    /// The number of problems.
    fn count(&self) -> usize {
        self.findings.borrow().len()
    }

    /// The problems. Keys that stand in the wrong table, or that `called` knows by another name, are told the right one.
    pub(super) fn into_findings(self, called: impl Fn(&str) -> Option<String>) -> Vec<Finding> {
        let (mut findings, known) = (self.findings.into_inner(), self.known.into_inner());
        for (index, key) in self.strays.into_inner() {
            let same = known.iter().find(|path| path.rsplit('.').next() == Some(&key)).cloned();
            // The tables of models and sources have settings of their own, by words that mean others elsewhere.
            let in_section = findings[index].key.matches('.').count() < 2;
            if let Some(path) = same.or_else(|| called(&key).filter(|_| in_section)) {
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
        Self { report, path: String::new(), place: root.place, entries, replaced: false }
    }

    /// The value of `key`, where there is one.
    pub(super) fn get(&self, key: &str) -> Option<Item<'r>> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(Item { report: self.report, node: &entry.node, key: dotted(&self.path, key) })
    }

    /// The table `key`; an empty one where it is missing or is no table.
    pub(super) fn section(&self, key: &str) -> Self {
        let item = self.get(key);
        if let Some(section) = item.as_ref().and_then(|item| item.table("a table of settings")) {
            return section;
        }
        let (path, replaced) = (dotted(&self.path, key), item.is_some());
        Self { report: self.report, path, place: Place::Absent, entries: &[], replaced }
    }

    /// The value of `setting` where it is given; one that is missing and has no default is noted.
    pub(super) fn read(&self, setting: &Setting) -> Option<Json> {
        let item = self.get(setting.key);
        if item.is_none() && matches!(setting.default, Default::Required) {
            self.missing(setting.key, setting.accepts.examples());
        }
        item.and_then(|item| item.read(&setting.accepts))
    }

    /// The values of `settings`, with the defaults of those that are not given; `None` where one has a problem. `tag` is a
    /// key that is read already.
    fn read_all(&self, tag: Option<&'static str>, settings: &[Setting]) -> Option<Map<String, Json>> {
        let problems = self.report.count();
        let value = |setting: &Setting| {
            let default = || setting.default().filter(|_| self.place_of(setting.key).is_none());
            Some((setting.key.to_owned(), self.read(setting).or_else(default)?))
        };
        let table = settings.iter().filter_map(value).collect();
        let is_sound = self.report.count() == problems;
        self.finish(tag.into_iter().chain(settings.iter().map(|setting| setting.key)));
        is_sound.then_some(table)
    }

    fn missing(&self, key: &str, accepted: impl fmt::Display) {
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

    /// Notes the keys that are none of `known`.
    pub(super) fn finish(&self, known: impl IntoIterator<Item = &'static str>) {
        let known: Vec<&str> = known.into_iter().collect();
        // No key moves into a list's tables or out of them.
        let in_list = self.path.contains('[');
        let is_known = |key: &str| known.contains(&key) || (self.path.is_empty() && key == SCHEMA);
        for entry in self.entries.iter().filter(|entry| !is_known(&entry.key)) {
            let hint = did_you_mean(&entry.key, &known);
            if hint.is_empty() && !in_list {
                self.report.strays.borrow_mut().push((self.report.count(), entry.key.clone()));
            }
            let message = format!("found an unknown key; accepted: {}{hint}", known.join(", "));
            self.report.note(Finding::new(entry.place, dotted(&self.path, &entry.key), message));
        }
        if !in_list {
            self.report.known.borrow_mut().extend(known.iter().map(|key| dotted(&self.path, key)));
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

    /// The entries of a list; another value stands for the list that has no other.
    pub(super) fn entries(&self) -> Vec<Self> {
        let one = |node, key| Self { report: self.report, node, key };
        match &self.node.value {
            Tree::List(nodes) => {
                nodes.iter().enumerate().map(|(i, node)| one(node, format!("{}[{i}]", self.key))).collect()
            }
            _ => vec![one(self.node, self.key.clone())],
        }
    }

    /// The number, whole or not. Negative zero becomes zero.
    pub(super) fn real(&self) -> Option<f64> {
        match self.node.value {
            Tree::Integer(k) => Some(k as f64),
            Tree::Float(x) => Some(x + 0.0),
            _ => None,
        }
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

    /// The value as the resolved configuration has it: names as the reference has them, with every default.
    pub(super) fn read(&self, accepts: &Accepts) -> Option<Json> {
        match accepts {
            Accepts::Number(domain) => self.number(*domain),
            Accepts::Numbers(numbers) => {
                let number = self.integer().filter(|number| numbers.contains(number));
                number.map(Json::from).or_else(|| self.refuse(alternatives(numbers)))
            }
            Accepts::NumberOr(domain, word) => match &self.node.value {
                Tree::String(text) if Names::words(&[word]).find(text).is_some() => Some((*word).into()),
                Tree::String(text) => self.refuse(format!("{accepts}{}", did_you_mean(text, &[word]))),
                Tree::Integer(_) | Tree::Float(_) => self.number(*domain),
                _ => self.refuse(accepts),
            },
            Accepts::Boolean => match self.node.value {
                Tree::Boolean(flag) => Some(flag.into()),
                _ => self.refuse(accepts),
            },
            Accepts::Name(_) => self.text(accepts, is_name),
            Accepts::Path(_) => self.text(accepts, |path| !path.is_empty() && !path.contains('\0')),
            Accepts::Forms { tag: "", forms } => self.choice(&names(forms)).map(Json::from),
            Accepts::Forms { tag, forms } => self.form(tag, forms),
            Accepts::Table(settings) => self.table(accepts)?.read_all(None, settings).map(Json::Object),
            Accepts::List(of) => match self.integer() {
                // It may be meant as an entry or as how many there shall be.
                Some(number) => {
                    let [one, several] = seeds_for(number);
                    self.refuse(format!("{accepts}: `{one}` is the one seed, `{several}` are several"))
                }
                None => self.list(of),
            },
            Accepts::ListOrOne(of) => match &self.node.value {
                Tree::List(_) => self.list(of),
                Tree::String(text) if text.contains(',') => self.list(of),
                _ => self.read(of).map(|value| vec![value].into()),
            },
        }
    }

    /// A number in `domain`.
    fn number(&self, domain: Domain) -> Option<Json> {
        match domain {
            Domain::Real { .. } => {
                let number = self.real().filter(|number| domain.contains(Value::Real(*number)));
                number.map(Json::from).or_else(|| self.refuse(domain))
            }
            Domain::Integer { .. } => {
                let number = self.integer().filter(|number| domain.contains(Value::Integer(*number)));
                match self.node.value {
                    _ if number.is_some() => number.map(Json::from),
                    Tree::Float(x) if x >= ROUNDED && domain.contains(Value::Integer(ROUNDED as u64)) => {
                        self.refuse(format!("{domain}, from {ROUNDED} on in digits alone"))
                    }
                    _ => self.refuse(domain),
                }
            }
            Domain::Choice(names) => self.choice(&Names::words(names)).map(Json::from),
        }
    }

    /// The number, where it is whole, not negative, and certainly the one that was written. Many programs write 10 as 10.0 or
    /// 1e1, and both mean 10.
    fn integer(&self) -> Option<u64> {
        match self.node.value {
            Tree::Integer(number) => u64::try_from(number).ok(),
            Tree::Float(x) => ((0.0..ROUNDED).contains(&x) && x.fract() == 0.0).then_some(x as u64),
            _ => None,
        }
    }

    /// A string that `is_accepted`; `accepted` says which ones are.
    fn text(&self, accepted: &Accepts, is_accepted: impl Fn(&str) -> bool) -> Option<Json> {
        match &self.node.value {
            Tree::String(text) if is_accepted(text) => Some(text.as_str().into()),
            _ => self.refuse(accepted),
        }
    }

    /// One of `names`, by whichever of its spellings.
    fn choice(&self, names: &Names) -> Option<&'static str> {
        let Tree::String(found) = &self.node.value else { return self.refuse(names) };
        names.find(found).or_else(|| self.refuse(format!("{names}{}", names.suggestion(found))))
    }

    /// A table; `accepted` says of what.
    fn table(&self, accepted: impl fmt::Display) -> Option<Section<'r>> {
        let Tree::Table(entries) = &self.node.value else { return self.refuse(accepted) };
        Some(self.with_entries(entries))
    }

    fn with_entries(&self, entries: &'r [Entry]) -> Section<'r> {
        Section { report: self.report, path: self.key.clone(), place: self.place(), entries, replaced: false }
    }

    /// A table that `tag` names one of `forms`, with the settings of that one; the bare name stands for the table that has no
    /// other key.
    fn form(&self, tag: &'static str, forms: &[Form]) -> Option<Json> {
        let names = names(forms);
        let (name, section) = if matches!(self.node.value, Tree::String(_)) {
            (self.choice(&names)?, self.with_entries(&[]))
        } else {
            let section = self.table(format!("{names}, or a table whose `{tag}` is one of them"))?;
            let Some(item) = section.get(tag) else {
                section.missing(tag, names);
                return None;
            };
            (item.choice(&names)?, section)
        };
        let form = forms.iter().find(|form| form.name == name)?;
        let mut table = section.read_all(Some(tag), &form.settings)?;
        table.insert(tag.to_owned(), name.into());
        let table = Json::Object(table);
        let problems = (form.check)(&table);
        for (key, message) in &problems {
            match *key {
                "" => _ = self.note::<()>(message),
                key => section.refuse(key, None, message),
            }
        }
        problems.is_empty().then_some(table)
    }

    /// A list of what `of` accepts, with nothing in it twice: the entries without a problem.
    fn list(&self, of: &Accepts) -> Option<Json> {
        let Tree::List(nodes) = &self.node.value else {
            let meant = match &self.node.value {
                Tree::String(text) if text.contains(',') => suggest(written_list(text.split(','))),
                _ => String::new(),
            };
            return self.refuse(format!("a list, each entry {of}{meant}"));
        };
        if nodes.is_empty() {
            return self.refuse(format!("at least one entry, each {of}"));
        }
        if nodes.len() > LONGEST_LIST {
            return self.note(format!("found {} entries; accepted: at most {LONGEST_LIST}", nodes.len()));
        }
        let mut values: Vec<Json> = Vec::with_capacity(nodes.len());
        for item in self.entries() {
            match item.read(of) {
                Some(value) if values.contains(&value) => {
                    let found = format!("found {}, which equals an earlier entry", item.node);
                    item.note::<()>(format!("{found}; accepted: each entry once"));
                }
                Some(value) => values.push(value),
                None => {}
            }
        }
        (!values.is_empty()).then_some(Json::Array(values))
    }
}
