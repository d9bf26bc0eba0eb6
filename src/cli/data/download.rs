//! `aesparse data fetch`: downloads data sets, with a progress bar for each file on a terminal and a line elsewhere.

use super::super::ExitStatus;
use super::super::args::FetchArguments;
use super::super::messages::Messages;
use super::super::progress::bar;
use super::size::format_size;
use crate::error::Result;
use crate::fetch::{self, DownloadLimits, Fetched, Remote, Watcher};
use crate::guard::lock;
use indicatif::ProgressBar;
use std::path::Path;
use std::sync::Mutex;

/// Downloads the missing files of the named data sets to the data folder `data`. A failed download is reported, and the next file
/// follows.
///
/// # Errors
/// Where a file can't be read or written.
pub(super) fn fetch(arguments: &FetchArguments, data: &Path, messages: &Messages) -> Result<ExitStatus> {
    let wants = |name: &str| arguments.names.is_empty() || arguments.names.iter().any(|given| given == name);
    let mut files = Vec::new();
    files.extend(wants("mnist").then(fetch::mnist_files));
    files.extend(wants("cifar10").then(fetch::cifar10_files));
    let watcher = DownloadProgress { messages, bar: Mutex::new(ProgressBar::hidden()) };
    let mut status = ExitStatus::Complete;
    for mut remote in files.into_iter().flatten() {
        if let Some(base) = &arguments.from {
            remote.bases = vec![base.clone()];
        }
        match fetch_one(&remote, data, &watcher, messages) {
            Ok(()) => {}
            Err(error @ crate::error::Error::Download { .. }) => {
                messages.error(&error);
                status = ExitStatus::Refused;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(status)
}

fn fetch_one(
    remote: &Remote,
    data: &Path,
    watcher: &DownloadProgress<'_>,
    messages: &Messages,
) -> Result<()> {
    let fetched = fetch::fetch(remote, data, &DownloadLimits::default(), watcher);
    watcher.replace_bar(ProgressBar::hidden());
    let (folder, name) = (remote.folder, remote.name);
    match fetched? {
        Fetched::Kept => messages.note(format_args!("{folder}/{name}: there already, intact")),
        Fetched::Placed(path) => messages.note(format_args!("{}: ok", path.display())),
    }
    Ok(())
}

/// Shows the progress of downloads, one after the other.
struct DownloadProgress<'m> {
    messages: &'m Messages,
    bar: Mutex<ProgressBar>,
}

impl DownloadProgress<'_> {
    /// Removes the bar of the last file and shows `next`.
    fn replace_bar(&self, next: ProgressBar) {
        let mut bar = lock(&self.bar);
        bar.finish_and_clear();
        *bar = next;
    }
}

impl Watcher for DownloadProgress<'_> {
    fn begin(&self, name: &str, url: &str, from: u64, total: Option<u64>) {
        let bars = self.messages.bars();
        if !bars.is_hidden() {
            let rest = "{decimal_bytes}/{decimal_total_bytes}, {decimal_bytes_per_sec}, {wide_msg}";
            let bar = bars.add(bar(total.unwrap_or_default(), rest));
            bar.set_position(from);
            bar.reset_eta();
            bar.set_message(name.to_owned());
            self.replace_bar(bar);
            return;
        }
        let bytes = total.map_or_else(String::new, |total| format!(", {}", format_size(total)));
        let resumed = if from > 0 { format!(", from {} on", format_size(from)) } else { String::new() };
        self.messages.note(format_args!("{url}{bytes}{resumed}"));
    }

    fn received(&self, bytes: u64) {
        lock(&self.bar).set_position(bytes);
    }

    fn problem(&self, url: &str, problem: &str) {
        self.messages.note(format_args!("{url}: {problem}; trying again"));
    }
}
