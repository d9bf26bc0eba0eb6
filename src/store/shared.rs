//! Opening a results folder that workers share, and acquiring the leases of its runs.

use super::files;
use super::folder::{Access, Store, make_writable};
use super::leases::{Acquisition, Leases};
use super::lock::Lock;
use super::record::Record;
use super::sessions;
use super::side::SideRecords;
use crate::error::{Error, Result};
use crate::guard::lock;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

impl Store {
    /// Opens `<root>/<name>/` for this worker, beside others that may be on other machines, and reads which of `run_keys` are finished.
    /// `worker` names this worker's manifest: letters, digits and `-`. `lease_timeout` is the age from which it takes over leases of
    /// others; its own heartbeat follows from it.
    ///
    /// # Errors
    /// Where nothing can be written there, or a process works on it alone.
    pub fn share<'a>(
        root: &Path,
        name: &str,
        run_keys: impl IntoIterator<Item = &'a str>,
        worker: &str,
        lease_timeout: Duration,
    ) -> Result<Self> {
        let folder = root.join(name);
        let lock = make_writable(&folder, Lock::share)?;
        let store = Self {
            records: Mutex::default(),
            theory: SideRecords::default(),
            distributions: SideRecords::default(),
            lost: Mutex::default(),
            damaged: Mutex::default(),
            session: Mutex::default(),
            access: Access::Shared { leases: Leases::new(&folder, worker, lease_timeout)?, _lock: lock },
            manifest_path: sessions::path(&folder, worker),
            folder,
        };
        run_keys.into_iter().for_each(|key| drop(store.look_for(key)));
        Ok(store)
    }

    /// Reads the files of the run `run_key` that another worker may have written meanwhile. A damaged file counts as missing; returns an
    /// error for each.
    fn look_for(&self, run_key: &str) -> Vec<Error> {
        let record = Record::load(&Record::path(&self.folder, run_key));
        let record =
            record.map(|record| drop(lock(&self.records).insert(run_key.to_owned(), Arc::new(record))));
        let read = [
            record,
            self.theory.look_for(&self.folder, run_key),
            self.distributions.look_for(&self.folder, run_key),
        ];
        self.look_for_weights(run_key);
        read.into_iter().filter_map(Result::err).collect()
    }

    /// Acquires the lease of the run `run_key`, in a folder that workers share. Afterwards [`Store::record`] has the run's record if
    /// another worker has finished it. Damaged files of a run whose lease is granted are set aside ([`Store::take_damaged`]).
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn acquire(&self, run_key: &str) -> Result<Acquisition> {
        let Access::Shared { leases, .. } = &self.access else { return Ok(Acquisition::Granted(None)) };
        self.check_place()?;
        let acquisition = leases.acquire(run_key)?;
        // Read after the lease is acquired, because a worker stores a run before it releases the lease.
        let errors = self.look_for(run_key);
        // Not before, because another worker may have just replaced a damaged file.
        if matches!(acquisition, Acquisition::Granted(_)) {
            errors.into_iter().try_for_each(|error| self.set_damaged_aside(error))?;
        }
        Ok(acquisition)
    }

    /// Sets the file of `error` aside, if it is damaged and not just missing.
    fn set_damaged_aside(&self, error: Error) -> Result<()> {
        let Error::Store { path, problem, .. } = error else { return Ok(()) };
        match files::set_aside(&path, problem) {
            // A worker that has lost its lease without knowing has set it aside.
            Err(_) if !path.exists() => {}
            aside => lock(&self.damaged).push(aside?),
        }
        Ok(())
    }
}
