//! Reads the tables and values of a tree by what their settings accept, and collects every problem.
//!
//! A [`TableReader`] returns the values of a table as [`ValueReader`]s. A method that fails adds its problem to the list and returns `None`;
//! the caller continues with the next key, so one reading finds all problems. The check and its message come from the same [`Accepts`].

use super::names::Names;
use super::setting::{Accepts, Form, Setting, alternatives, names};
use super::spelling::{did_you_mean, is_name, seeds_for, suggest, written_list};
use super::tree::{ConfigPlace, ConfigProblem, Entry, Node, Tree, dotted};
use crate::parameter::{Domain, Value};
use serde_json::{Map, Value as Json};
use std::cell::RefCell;
use std::fmt;
use std::path::Path;

/// The longest accepted list.
pub(super) const LONGEST_LIST: usize = 10_000;

/// 2⁵³: from here on, a number with a point or an exponent may have been rounded.
const ROUNDED: f64 = 9_007_199_254_740_992.0;

/// A key that every configuration may have and this program ignores: editors find the schema there.
const SCHEMA: &str = "$schema";

/// The problems found so far, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct ProblemList {
    problems: RefCell<Vec<ConfigProblem>>,
    /// The paths of all keys that the tables of the file may have.
    known: RefCell<Vec<String>>,
    /// Unknown keys without a similar key in their table: the index of the problem and the key.
    strays: RefCell<Vec<(usize, String)>>,
}

impl ProblemList {
    /// Adds a problem.
    pub(super) fn note(&self, problem: ConfigProblem) {
        self.problems.borrow_mut().push(problem);
    }

    /// The number of problems.
    fn count(&self) -> usize {
        self.problems.borrow().len()
    }

    /// The problems. A key in the wrong table, or a synonym that `called` knows, gets a suggestion.
    pub(super) fn into_problems(self, called: impl Fn(&str) -> Option<String>) -> Vec<ConfigProblem> {
        let (mut problems, known) = (self.problems.into_inner(), self.known.into_inner());
        for (index, key) in self.strays.into_inner() {
            let same = known.iter().find(|path| path.rsplit('.').next() == Some(&key)).cloned();
            // Not in the tables of models and sources, where the same words mean other settings.
            let in_section = problems[index].key.matches('.').count() < 2;
            if let Some(path) = same.or_else(|| called(&key).filter(|_| in_section)) {
                let place = if path.contains('.') {
                    ""
                } else {
                    " It belongs to the top level, before any [section]."
                };
                problems[index].message.push_str(&format!("{}{place}", suggest(path)));
            }
        }
        problems
    }
}

/// Reads a table.
#[derive(Debug)]
pub(super) struct TableReader<'r> {
    problems: &'r ProblemList,
    path: String,
    place: ConfigPlace,
    entries: &'r [Entry],
    /// Whether another value is in the place of the table. That is a problem of its own, so missing keys are not reported.
    replaced: bool,
}

impl<'r> TableReader<'r> {
    /// The whole configuration.
    pub(super) fn root(problems: &'r ProblemList, root: &'r Node) -> Self {
        let entries = match &root.value {
            Tree::Table(entries) => entries.as_slice(),
            _ => &[],
        };
        Self { problems, path: String::new(), place: root.place, entries, replaced: false }
    }

    /// The value of `key`, if it is given.
    pub(super) fn get(&self, key: &str) -> Option<ValueReader<'r>> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(ValueReader { problems: self.problems, node: &entry.node, key: dotted(&self.path, key) })
    }

    /// The table under `key`; an empty one if it is missing or is no table.
    pub(super) fn section(&self, key: &str) -> Self {
        let item = self.get(key);
        if let Some(section) = item.as_ref().and_then(|item| item.table("a table of settings")) {
            return section;
        }
        let (path, replaced) = (dotted(&self.path, key), item.is_some());
        Self { problems: self.problems, path, place: ConfigPlace::Absent, entries: &[], replaced }
    }

    /// The value of `setting`, if it is given. A missing value without a default is a problem.
    pub(super) fn read(&self, setting: &Setting) -> Option<Json> {
        let item = self.get(setting.key);
        if item.is_none() && setting.is_required() {
            self.missing(setting.key, setting.accepts.examples());
        }
        item.and_then(|item| item.read(&setting.accepts))
    }

    /// The values of `settings` or their defaults; `None` if one has a problem. `tag` is a key that was read before.
    fn read_all(&self, tag: Option<&'static str>, settings: &[Setting]) -> Option<Map<String, Json>> {
        let before = self.problems.count();
        let value = |setting: &Setting| {
            let default = || setting.default().filter(|_| self.place_of(setting.key).is_none());
            Some((setting.key.to_owned(), self.read(setting).or_else(default)?))
        };
        let table = settings.iter().filter_map(value).collect();
        let is_sound = self.problems.count() == before;
        self.finish(tag.into_iter().chain(settings.iter().map(|setting| setting.key)));
        is_sound.then_some(table)
    }

    fn missing(&self, key: &str, accepted: impl fmt::Display) {
        if self.replaced {
            return;
        }
        let message = format!("is missing; accepted: {accepted}");
        self.problems.note(ConfigProblem::new(self.place, dotted(&self.path, key), message));
    }

    /// Adds a problem of `key` that depends on other settings. Its place is the key's, or else `elsewhere`, or else the table's.
    pub(super) fn refuse(&self, key: &str, elsewhere: Option<ConfigPlace>, message: impl Into<String>) {
        let place = self.place_of(key).or(elsewhere).unwrap_or(self.place);
        self.problems.note(ConfigProblem::new(place, dotted(&self.path, key), message));
    }

    /// The place of the value of `key`, if it is given.
    pub(super) fn place_of(&self, key: &str) -> Option<ConfigPlace> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.node.place)
    }

    /// Adds a problem for each key that is not among `known`.
    pub(super) fn finish(&self, known: impl IntoIterator<Item = &'static str>) {
        let known: Vec<&str> = known.into_iter().collect();
        // No key is suggested into or out of a table in a list.
        let in_list = self.path.contains('[');
        let is_known = |key: &str| known.contains(&key) || (self.path.is_empty() && key == SCHEMA);
        for entry in self.entries.iter().filter(|entry| !is_known(&entry.key)) {
            let hint = did_you_mean(&entry.key, &known);
            if hint.is_empty() && !in_list {
                self.problems.strays.borrow_mut().push((self.problems.count(), entry.key.clone()));
            }
            let message = format!("found an unknown key; accepted: {}{hint}", known.join(", "));
            self.problems.note(ConfigProblem::new(entry.place, dotted(&self.path, &entry.key), message));
        }
        if !in_list {
            self.problems.known.borrow_mut().extend(known.iter().map(|key| dotted(&self.path, key)));
        }
    }
}

/// Reads a value.
#[derive(Debug)]
pub(super) struct ValueReader<'r> {
    problems: &'r ProblemList,
    node: &'r Node,
    key: String,
}

impl<'r> ValueReader<'r> {
    /// Its dotted key.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Its place.
    pub(super) fn place(&self) -> ConfigPlace {
        self.node.place
    }

    /// Whether it is a list.
    pub(super) fn is_list(&self) -> bool {
        matches!(self.node.value, Tree::List(_))
    }

    /// The entries of a list; any other value counts as a list with one entry.
    pub(super) fn entries(&self) -> Vec<Self> {
        let one = |node, key| Self { problems: self.problems, node, key };
        match &self.node.value {
            Tree::List(nodes) => {
                nodes.iter().enumerate().map(|(i, node)| one(node, format!("{}[{i}]", self.key))).collect()
            }
            _ => vec![one(self.node, self.key.clone())],
        }
    }

    /// The value as a real number, if it is a number. Negative zero becomes zero.
    pub(super) fn real(&self) -> Option<f64> {
        match self.node.value {
            Tree::Integer(k) => Some(k as f64),
            Tree::Float(x) => Some(x + 0.0),
            _ => None,
        }
    }

    /// Adds a problem with the value found and what is accepted.
    pub(super) fn refuse<T>(&self, accepted: impl fmt::Display) -> Option<T> {
        self.note(format!("found {}; accepted: {accepted}", self.node))
    }

    /// Adds a problem of this value.
    pub(super) fn note<T>(&self, message: impl Into<String>) -> Option<T> {
        self.problems.note(ConfigProblem::new(self.node.place, self.key.as_str(), message));
        None
    }

    /// The value as in the resolved configuration: with the reference's spelling of names and with every default.
    pub(super) fn read(&self, accepts: &Accepts) -> Option<Json> {
        match accepts {
            Accepts::Number(domain) => self.number(*domain),
            Accepts::Numbers(numbers) => {
                let number = self.integer().filter(|number| numbers.contains(number));
                number.map(Json::from).or_else(|| self.refuse(alternatives(numbers)))
            }
            Accepts::NumberOr(domain, word) => match &self.node.value {
                Tree::String(text) if Names::of_choices(&[word]).find(text).is_some() => Some((*word).into()),
                Tree::String(text) => self.refuse(format!("{accepts}{}", did_you_mean(text, &[word]))),
                Tree::Integer(_) | Tree::Float(_) => self.number(*domain),
                _ => self.refuse(accepts),
            },
            Accepts::Boolean => match self.node.value {
                Tree::Boolean(flag) => Some(flag.into()),
                _ => self.refuse(accepts),
            },
            Accepts::Name(_) => self.text(accepts, is_name),
            Accepts::Path(_) | Accepts::Text(_) => {
                self.text(accepts, |path| !path.is_empty() && !path.contains('\0'))
            }
            Accepts::Forms { tag: "", forms } => self.choice(&names(forms)).map(Json::from),
            Accepts::Forms { tag, forms } => self.form(tag, forms),
            Accepts::Table(settings) => self.table(accepts)?.read_all(None, settings).map(Json::Object),
            Accepts::OneOf(all) => match all.iter().find(|one| one.is_meant(&self.node.value)) {
                Some(one) => self.read(one),
                None => self.refuse(accepts),
            },
            Accepts::List(of) => match self.integer() {
                // The number may be meant as the one entry or as the number of entries.
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
            Domain::Choice(names) => self.choice(&Names::of_choices(names)).map(Json::from),
        }
    }

    /// The value as an integer, if it is whole, not negative, and small enough to be exact. 10.0 and 1e1 are accepted as 10, because many
    /// programs write it so.
    fn integer(&self) -> Option<u64> {
        match self.node.value {
            Tree::Integer(number) => u64::try_from(number).ok(),
            Tree::Float(x) => ((0.0..ROUNDED).contains(&x) && x.fract() == 0.0).then_some(x as u64),
            _ => None,
        }
    }

    /// A string that `is_accepted`; `accepted` describes such strings.
    fn text(&self, accepted: &Accepts, is_accepted: impl Fn(&str) -> bool) -> Option<Json> {
        match &self.node.value {
            Tree::String(text) if is_accepted(text) => Some(text.as_str().into()),
            _ => self.refuse(accepted),
        }
    }

    /// One of `names`, in any of its spellings.
    fn choice(&self, names: &Names) -> Option<&'static str> {
        let Tree::String(found) = &self.node.value else { return self.refuse(names) };
        names.find(found).or_else(|| self.refuse(format!("{names}{}", names.suggestion(found))))
    }

    /// A table; `accepted` describes it.
    fn table(&self, accepted: impl fmt::Display) -> Option<TableReader<'r>> {
        let Tree::Table(entries) = &self.node.value else { return self.refuse(accepted) };
        Some(self.with_entries(entries))
    }

    fn with_entries(&self, entries: &'r [Entry]) -> TableReader<'r> {
        TableReader {
            problems: self.problems,
            path: self.key.clone(),
            place: self.place(),
            entries,
            replaced: false,
        }
    }

    /// One of `forms`: a table with the form's name under `tag` and with its settings, or only the name.
    fn form(&self, tag: &'static str, forms: &[Form]) -> Option<Json> {
        let names = names(forms);
        let named = |name| forms.iter().find(|form| form.name == name);
        let (form, section) = if let Tree::String(found) = &self.node.value {
            if let Some(table) = own_file(found, tag, forms) {
                return self.refuse(format!("{names}{}", suggest(table)));
            }
            let form = named(self.choice(&names)?)?;
            if let Some(setting) = form.required().next() {
                let example = form.table(tag, "…").map(|table| format!(", as in {table}"));
                let accepted = setting.accepts.examples() + &example.unwrap_or_default();
                self.with_entries(&[]).missing(setting.key, accepted);
                return None;
            }
            (form, self.with_entries(&[]))
        } else {
            let section = self.table(format!("{names}, or a table whose `{tag}` is one of them"))?;
            let Some(item) = section.get(tag) else {
                section.missing(tag, names);
                return None;
            };
            (named(item.choice(&names)?)?, section)
        };
        let mut table = section.read_all(Some(tag), &form.settings)?;
        table.insert(tag.to_owned(), form.name.into());
        let table = Json::Object(table);
        let refusals = (form.check)(&table);
        for (key, message) in &refusals {
            match *key {
                "" => _ = self.note::<()>(message),
                key => section.refuse(key, None, message),
            }
        }
        refusals.is_empty().then_some(table)
    }

    /// A list whose entries `of` accepts, each once. Returns the entries without a problem.
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

/// The table for a file of the user, where `found` is its path: `{ kind = "npy", path = "own.npy" }`.
fn own_file(found: &str, tag: &str, forms: &[Form]) -> Option<String> {
    let name = found.to_lowercase();
    let unpacked = name.strip_suffix(".gz");
    let ending = match Path::new(unpacked.unwrap_or(&name)).extension()?.to_str()? {
        "tsv" => "csv",
        // They are compressed themselves, or read at any place.
        "npz" | "safetensors" if unpacked.is_some() => return None,
        ending => ending,
    };
    let has_path = |form: &&Form| form.settings.first().is_some_and(|setting| setting.key == "path");
    let form = forms.iter().filter(has_path).find(|form| form.name == ending)?;
    form.table(tag, &Json::from(found).to_string())
}
