//! Who hears how much of a large file has been read.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Bytes of a file from which on its reading is told; smaller ones are read at once.
const LARGE: u64 = 32 << 20;
/// How often the reading of a file is told.
const PARTS: u64 = 32;

type Listener = dyn Fn(&Path, u64, u64) + Send + Sync;

/// Hears how much of a large data file has been read and digested: the file, the bytes so far, and all bytes.
#[derive(Clone, Default)]
pub struct ReadingWatch(Option<Arc<Listener>>);

impl ReadingWatch {
    /// Calls `listener` while a file is read. The last call has as many bytes as the file, unless the file can't be used.
    pub fn new(listener: impl Fn(&Path, u64, u64) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(listener)))
    }

    /// Tells that `read` of the `total` bytes of `file` have been read, of which `before` had been at the last call.
    pub(super) fn tell(&self, file: &Path, before: u64, read: u64, total: u64) {
        let part = (total / PARTS).max(1);
        if let Some(listener) = &self.0
            && total >= LARGE
            && (read / part > before / part || read == total)
        {
            listener(file, read, total);
        }
    }
}

impl fmt::Debug for ReadingWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReadingWatch").field(&self.0.is_some()).finish()
    }
}
