//! A results folder that workers share.

use super::claims::Claims;
use super::claims::Turn;
use super::folder::{Access, Store, make_writable};
use super::guard::lock;
use super::lock::Lock;
use super::record::Record;
use super::sessions;
use super::theory::TheoryRecord;
use crate::error::Result;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

impl Store {
    /// Opens `<root>/<name>/` beside other workers, which may be on other machines, and reads what is finished of `run_keys`.
    /// `worker` is the name under which this one's times are kept: letters, digits and `-`. It takes over the runs of others that it
    /// hasn't heard of for `patience`, and renews its own claims often enough for others with as much patience.
    ///
    /// # Errors
    /// Where nothing can be written there, or a process works on it alone.
    pub fn share<'a>(
        root: &Path,
        name: &str,
        run_keys: impl IntoIterator<Item = &'a str>,
        worker: &str,
        patience: Duration,
    ) -> Result<Self> {
        let folder = root.join(name);
        let lock = make_writable(&folder, Lock::share)?;
        let store = Self {
            records: Mutex::default(),
            theory: Mutex::default(),
            lost: Mutex::default(),
            damaged: Vec::new(),
            session: Mutex::default(),
            access: Access::Shared { claims: Claims::new(&folder, worker, patience)?, _lock: lock },
            manifest_path: sessions::path(&folder, worker),
            folder,
        };
        run_keys.into_iter().for_each(|key| store.look_for(key));
        Ok(store)
    }

    /// Reads what another worker may have finished of the run `run_key` meanwhile. What is damaged counts as missing: its run
    /// is trained again, and its file replaced.
    fn look_for(&self, run_key: &str) {
        let file = |folder: &str| self.folder.join(folder).join(format!("{run_key}.json"));
        if self.record(run_key).is_none()
            && let Ok(record) = Record::load(&file("records"))
        {
            lock(&self.records).insert(run_key.to_owned(), Arc::new(record));
        }
        // Each time: it may have been measured anew, as another plan asked.
        if let Ok(theory) = TheoryRecord::load(&file("theory")) {
            lock(&self.theory).insert(run_key.to_owned(), Arc::new(theory));
        }
        self.look_for_weights(run_key);
    }

    /// Asks whether to train the run `run_key` now. Afterwards [`Store::record`] knows what other workers have finished of it.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn turn(&self, run_key: &str) -> Result<Turn> {
        let Access::Shared { claims, .. } = &self.access else { return Ok(Turn::Ours(None)) };
        self.check_place()?;
        let turn = claims.claim(run_key)?;
        // After the claim: who had it before has stored the run before releasing it.
        self.look_for(run_key);
        Ok(turn)
    }
}
