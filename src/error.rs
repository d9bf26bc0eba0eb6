//! The crate's error type, with a variant for each kind of failure outside the numeric core.
//!
//! Every message names the cause, and ends with what to do unless the system's own reason says it. The command line prints the message unchanged.
//! Shape mismatches are programming errors, so they panic instead.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The crate's result type.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error, with all that its message names.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A configuration with problems, all of them listed.
    #[error("{0}")]
    Config(Problems),
    /// A command line that can't be carried out.
    #[error("{problem}")]
    Usage {
        /// What was found, and what is accepted.
        problem: String,
    },
    /// A data file that is missing, damaged or of the wrong kind.
    #[error("{}: {problem}; {fix}", path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// What was found, and what was expected.
        problem: String,
        /// What to do about it.
        fix: String,
    },
    /// A failed download.
    #[error("cannot download {file}: {problem}; {fix}")]
    Download {
        /// The file's name.
        file: String,
        /// The problem at each address.
        problem: String,
        /// What to do about it.
        fix: String,
    },
    /// A stored file or a results folder that can't be used.
    #[error("{}: {problem}; {fix}", path.display())]
    Store {
        /// The file or folder.
        path: PathBuf,
        /// What was found, and what was expected.
        problem: String,
        /// What to do about it.
        fix: String,
    },
    /// A results folder whose finished runs have other settings than the plan.
    #[error(
        "{}: {problem}; give this plan a name of its own, as in -o name={name}, choose another folder with --out, or set the old \
         results aside with --fresh",
        path.display()
    )]
    OtherSettings {
        /// The folder.
        path: PathBuf,
        /// Which settings differ.
        problem: String,
        /// A name that says what is different.
        name: String,
    },
    /// Trainings that need more memory than is available.
    #[error(
        "{} about {} of memory, and {} are available; {fix}",
        if *jobs == 1 { "a training needs".to_owned() } else { format!("{jobs} trainings at a time need") },
        format_bytes(*needed),
        format_bytes(*available)
    )]
    Memory {
        /// Bytes that the trainings need, estimated from above.
        needed: u64,
        /// Number of trainings at a time.
        jobs: usize,
        /// Available bytes.
        available: u64,
        /// What to do about it.
        fix: String,
    },
    /// A picture that can't be rendered as PNG.
    #[error("the picture can't be drawn as PNG: {problem}; the SVG holds the same picture")]
    Picture {
        /// What is wrong with the picture.
        problem: String,
    },
    /// A call of a cargo feature that the library was built without.
    #[error(
        "{what} need the feature `{feature}`, which this program was built without; build it with --features {feature}"
    )]
    Feature {
        /// The requested function, in the plural.
        what: &'static str,
        /// The missing feature.
        feature: &'static str,
    },
    /// The operating system refused an action on a file.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// The verb: read, write, create, rename.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// `1.5 GB` or `320 MB`.
fn format_bytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000_000 => format!("{} MB", bytes.div_ceil(1_000_000)),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// A number with its noun: `1 training`, `2 trainings`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Quotes `path` as one word of a shell command, for a message or a script.
///
/// A word without special characters stays unquoted. Other words get the single quotes of `sh`. A word with control characters or
/// bytes that are not UTF-8 gets the quotes of bash, zsh and ksh (`$'…'`).
pub fn shell_word(path: impl AsRef<Path>) -> String {
    let path = path.as_ref().as_os_str();
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:,@%+".contains(c);
    match path.to_str() {
        Some(text) if !text.is_empty() && text.chars().all(is_plain) => text.to_owned(),
        Some(text) if !text.contains(char::is_control) => format!("'{}'", text.replace('\'', r"'\''")),
        _ => {
            let byte = |byte: &u8| match byte {
                b'\'' | b'\\' => format!("\\{}", char::from(*byte)),
                b' '..=b'~' => char::from(*byte).to_string(),
                _ => format!("\\x{byte:02x}"),
            };
            format!("$'{}'", path.as_encoded_bytes().iter().map(byte).collect::<String>())
        }
    }
}

impl Error {
    /// An [`Error::Usage`].
    pub fn usage(problem: impl fmt::Display) -> Self {
        Self::Usage { problem: problem.to_string() }
    }

    /// An [`Error::Data`].
    pub fn data(path: impl AsRef<Path>, problem: impl fmt::Display, fix: impl fmt::Display) -> Self {
        Self::Data { path: path.as_ref().to_owned(), problem: problem.to_string(), fix: fix.to_string() }
    }

    /// An [`Error::Store`].
    pub fn store(path: impl AsRef<Path>, problem: impl fmt::Display, fix: impl fmt::Display) -> Self {
        Self::Store { path: path.as_ref().to_owned(), problem: problem.to_string(), fix: fix.to_string() }
    }

    /// A constructor of [`Error::Io`] for `map_err`: `.map_err(Error::io("read", path))`.
    pub fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Self {
        let path = path.as_ref().to_owned();
        move |source| Self::Io { action, path, source }
    }
}

/// One problem of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file, `-o` for an override, or the command-line option.
    pub origin: String,
    /// Line and column in the file, both from 1; `None` for a problem without a position.
    pub position: Option<(usize, usize)>,
    /// The dotted key; empty for a problem of the whole file.
    pub key: String,
    /// What was found and what is accepted.
    pub message: String,
}

impl Problem {
    /// The origin of a problem in an override.
    pub const OVERRIDE: &'static str = "-o";
}

impl fmt::Display for Problem {
    /// `file:line:column: key: message`, and `-o key: message` for an override.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.origin)?;
        if self.origin == Self::OVERRIDE && !self.key.is_empty() {
            return write!(f, " {}: {}", self.key, self.message);
        }
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// All problems of one configuration, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_special_characters_are_quoted() {
        for (path, expected) in [
            ("results/relu_mnist", "results/relu_mnist"),
            ("/data/größe/100%", "/data/größe/100%"),
            ("/a b/it's", r"'/a b/it'\''s'"),
            ("$HOME/x", "'$HOME/x'"),
            ("~/x", "'~/x'"),
            ("a\nb'\\", r"$'a\x0ab\'\\'"),
            ("", "''"),
        ] {
            assert_eq!(shell_word(path), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn bash_reads_a_quoted_word_as_the_original_path() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        use std::process::Command;
        for bytes in
            [&b"a b"[..], b"it's 100% \"new\" #1 $x `y` \\", b"two\nlines\t'", b"\xff\xfe x", b"*?[a]{b,c}!"]
        {
            let path = OsStr::from_bytes(bytes);
            let line = format!("printf %s {}", shell_word(path));
            let output = Command::new("bash").args(["-c", &line]).output().unwrap();
            assert_eq!(output.stdout, bytes, "{line}");
        }
    }
}
