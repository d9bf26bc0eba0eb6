//! Reading regular files only. Reading a pipe without a writer, or a device, would block forever.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::Path;

/// The source of an [`io::Error`] for a path that leads to a folder, pipe, socket or device; holds its name for messages.
#[derive(Debug)]
struct NotRegular(&'static str);

impl fmt::Display for NotRegular {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {}, expected a regular file", self.0)
    }
}

impl std::error::Error for NotRegular {}

/// Opens the file at `path` for reading. Follows links.
///
/// # Errors
/// The errors of the system; at once, without blocking, where `path` does not lead to a regular file.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    // Checked before the file is opened, because opening a pipe waits for its other end.
    check(&fs::metadata(path)?)?;
    File::open(path)
}

/// The content of the file at `path`.
///
/// # Errors
/// The errors of the system; at once, without blocking, where `path` does not lead to a regular file.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = open(path)?;
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default().min(1 << 30));
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The content of the file at `path` as text.
///
/// # Errors
/// The errors of [`read`], and where the content is not UTF-8.
pub(crate) fn read_to_string(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Checks that `path` leads to a regular file or does not exist.
///
/// # Errors
/// As for [`open`], where something else is there.
pub(crate) fn refuse_special(path: &Path) -> io::Result<()> {
    fs::metadata(path).map_or(Ok(()), |metadata| check(&metadata))
}

/// Whether `error` says that a path does not lead to a regular file.
pub(crate) fn is_refusal(error: &io::Error) -> bool {
    matches!(error.get_ref(), Some(source) if source.is::<NotRegular>())
}

fn check(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, NotRegular(kind(metadata))))
}

fn kind(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() {
        return "a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return "a named pipe (FIFO)";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    "no file"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_and_a_folder_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        assert_eq!(read(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
        refuse_special(&path).unwrap();
        fs::write(&path, "text").unwrap();
        assert_eq!(read(&path).unwrap(), b"text");
        assert_eq!(read_to_string(&path).unwrap(), "text");
        fs::write(&path, b"\xff").unwrap();
        assert_eq!(read_to_string(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
        let error = read(folder.path()).unwrap_err();
        assert!(is_refusal(&error) && error.to_string().contains("found a folder"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_without_a_writer_is_refused_without_blocking() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, link) = (folder.path().join("pipe"), folder.path().join("link"));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        for path in [&pipe, &link] {
            let error = read(path).unwrap_err();
            assert!(error.to_string().contains("a named pipe"), "{error}");
            assert!(is_refusal(&refuse_special(path).unwrap_err()));
        }
        assert!(read(Path::new("/dev/zero")).unwrap_err().to_string().contains("a device"));
    }
}
