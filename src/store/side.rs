//! Side records: measurements of a run in a file of their own beside its record, `<folder of their kind>/<run_key>.json`, with a digest that
//! shows damage.
//!
//! Like a record, such a file holds no times, hosts or paths. A damaged file is an error with its path, never trusted.

use super::machine::Processor;
use super::record::Record;
use super::{files, sealed};
use crate::error::Result;
use crate::guard::lock;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A kind of measurements that has a file of its own beside the record of a run.
pub trait SideRecord: Serialize + DeserializeOwned {
    /// The folder of these files in a results folder.
    const FOLDER: &'static str;
    /// The marker of the file format.
    const FORMAT: &'static str;
    /// The kind of file in messages.
    const KIND: &'static str;

    /// The key of the run.
    fn run_key(&self) -> &str;

    /// Every processor that the measurements were computed on.
    fn processors(&self) -> impl Iterator<Item = &Processor>;

    /// Checks what the types of the fields leave open.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    /// The path of a run's file in the results folder `folder`.
    fn path(folder: &Path, run_key: &str) -> PathBuf {
        folder.join(Self::FOLDER).join(format!("{run_key}.json"))
    }

    /// The file's content.
    ///
    /// # Errors
    /// A sentence that says what can't be stored.
    fn encode(&self) -> Result<Vec<u8>, String> {
        sealed::seal(Self::FORMAT, self)
    }

    /// The measurements in the file's content.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    fn decode(bytes: &[u8]) -> Result<Self, String> {
        let content = sealed::open(bytes, Self::FORMAT, Self::KIND)?;
        let record: Self =
            serde_json::from_value(content).map_err(|e| format!("not a {}: {e}", Self::KIND))?;
        record.check()?;
        Ok(record)
    }

    /// Reads `path`, which must be called `<run_key>.json`.
    ///
    /// # Errors
    /// [`Error::Store`](crate::error::Error::Store) with the path, what is wrong and what to do; [`Error::Io`](crate::error::Error::Io)
    /// where it can't be read.
    fn load(path: &Path) -> Result<Self> {
        files::load(path, Self::decode, Self::run_key)
    }

    /// Reads all such files of the results folder `folder`; none where it has none. Locks and changes nothing.
    ///
    /// # Errors
    /// Where a file is damaged, or can't be read.
    fn load_all(folder: &Path) -> Result<BTreeMap<String, Arc<Self>>> {
        files::load_all(&folder.join(Self::FOLDER), Self::load, |_, error| Err(error))
    }

    /// Whether the file of the run `run_key` in the results folder `folder` is damaged or was set aside as damaged. Ask only where none was
    /// read.
    fn is_damaged(folder: &Path, run_key: &str) -> bool {
        let path = Self::path(folder, run_key);
        path.exists() || files::was_set_aside(&path)
    }
}

/// The side records of one kind in a results folder that is open for training, by run key.
#[derive(Debug)]
pub(super) struct SideRecords<T>(Mutex<BTreeMap<String, Arc<T>>>);

impl<T> Default for SideRecords<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: SideRecord> SideRecords<T> {
    /// Reads those of the results folder `folder`. Damaged files are set aside, with an error for each in `damaged`.
    ///
    /// # Errors
    /// Where a file can't be read or renamed.
    pub(super) fn load_or_set_aside(folder: &Path, damaged: &mut Vec<crate::error::Error>) -> Result<Self> {
        let records = files::load_or_set_aside(&folder.join(T::FOLDER), T::load, damaged)?;
        Ok(Self(Mutex::new(records)))
    }

    /// All of them.
    pub(super) fn all(&self) -> BTreeMap<String, Arc<T>> {
        lock(&self.0).clone()
    }

    pub(super) fn get(&self, run_key: &str) -> Option<Arc<T>> {
        lock(&self.0).get(run_key).cloned()
    }

    pub(super) fn insert(&self, record: T) {
        lock(&self.0).insert(record.run_key().to_owned(), Arc::new(record));
    }

    /// Reads the file of the run `run_key` in the results folder `folder`, even where it was read before, because another worker may have
    /// measured again.
    ///
    /// # Errors
    /// Where it is missing, damaged, or can't be read.
    pub(super) fn look_for(&self, folder: &Path, run_key: &str) -> Result<()> {
        T::load(&T::path(folder, run_key)).map(|record| self.insert(record))
    }

    /// Whether there are measurements of the run of `record` that belong to its numbers: they were computed on the same instruction sets,
    /// and a run's numbers depend on nothing else of a machine.
    pub(super) fn belong_to(&self, record: &Record) -> bool {
        self.get(&record.run_key).is_some_and(|side| {
            let sets: BTreeSet<_> = side.processors().map(|processor| &processor.instruction_set).collect();
            sets == record.processors().map(|processor| &processor.instruction_set).collect()
        })
    }

    /// Forgets the measurements of the run `run_key`. Returns the paths of its files in the results folder `folder`: the JSON file comes
    /// first, because it says that a CSV file beside it is complete.
    pub(super) fn forget(&self, folder: &Path, run_key: &str) -> [PathBuf; 2] {
        lock(&self.0).remove(run_key);
        let path = T::path(folder, run_key);
        [path.clone(), path.with_extension("csv")]
    }
}
