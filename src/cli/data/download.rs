//! `aesparse data fetch`: a bar for each file on a terminal, a line elsewhere.

use super::super::Ending;
use super::super::args::FetchArguments;
use super::super::messages::Messages;
use super::super::progress::bar;
use super::size::size;
use crate::error::Result;
use crate::fetch::{self, Fetched, Patience, Remote, Watcher};
use indicatif::ProgressBar;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Downloads what is missing of the sets that are named to the data folder `data`.
///
/// # Errors
/// Where the system refuses a file; a file that no address has is told and the others are still brought.
pub(super) fn fetch(arguments: &FetchArguments, data: &Path, messages: &Messages) -> Result<Ending> {
    let wants = |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|given| given == name);
    let mut files = Vec::new();
    files.extend(wants("mnist").then(fetch::mnist_files));
    files.extend(wants("cifar10").then(fetch::cifar10_files));
    let watcher = Progress { messages, bar: Mutex::new(ProgressBar::hidden()) };
    let mut ending = Ending::Complete;
    for mut remote in files.into_iter().flatten() {
        if let Some(base) = &arguments.from {
            remote.bases = vec![base.clone()];
        }
        match fetch_one(&remote, data, &watcher, messages) {
            Ok(()) => {}
            Err(error @ crate::error::Error::Download { .. }) => {
                messages.error(&error);
                ending = Ending::Refused;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(ending)
}

fn fetch_one(remote: &Remote, data: &Path, watcher: &Progress<'_>, messages: &Messages) -> Result<()> {
    let fetched = fetch::fetch(remote, data, &Patience::default(), watcher);
    watcher.replace(ProgressBar::hidden());
    let (folder, name) = (remote.folder, remote.name);
    match fetched? {
        Fetched::Kept => messages.note(format_args!("{folder}/{name}: there already, intact")),
        Fetched::Placed(path) => messages.note(format_args!("{}: ok", path.display())),
    }
    Ok(())
}

struct Progress<'m> {
    messages: &'m Messages,
    bar: Mutex<ProgressBar>,
}

impl Progress<'_> {
    fn replace(&self, next: ProgressBar) {
        let mut bar = self.bar.lock().unwrap_or_else(PoisonError::into_inner);
        bar.finish_and_clear();
        *bar = next;
    }
}

impl Watcher for Progress<'_> {
    fn begin(&self, name: &str, url: &str, from: u64, total: Option<u64>) {
        let bars = self.messages.bars();
        if !bars.is_hidden() {
            let rest = "{decimal_bytes}/{decimal_total_bytes}, {decimal_bytes_per_sec}, {wide_msg}";
            let bar = bars.add(bar(total.unwrap_or_default(), rest));
            bar.set_position(from);
            bar.reset_eta();
            bar.set_message(name.to_owned());
            self.replace(bar);
            return;
        }
        let bytes = total.map_or_else(String::new, |total| format!(", {}", size(total)));
        let resumed = if from > 0 { format!(", from {} on", size(from)) } else { String::new() };
        self.messages.note(format_args!("{url}{bytes}{resumed}"));
    }

    fn received(&self, bytes: u64) {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner).set_position(bytes);
    }

    fn problem(&self, url: &str, problem: &str) {
        self.messages.note(format_args!("{url}: {problem}; trying on"));
    }
}
