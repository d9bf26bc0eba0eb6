//! Checks of output paths: a command writes neither into results folders, which hold the trainings' files, nor over its own inputs.

use crate::error::{Error, Result};
use crate::store::{destination, is_results_folder};
use std::path::{Path, PathBuf};

/// Whether `path` means stdout: `-`, or one of the system's names. Opened by such a name, the file to which stdout is redirected
/// would be opened a second time, and the program's own output would overwrite it.
pub(super) fn is_stdout(path: &Path) -> bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path == Path::new(name))
}

/// Refuses `out`, the value of `option`, if it is a results folder or lies in one. A results root is accepted.
///
/// # Errors
/// [`Error::Usage`] that names the folder.
pub(super) fn check_outside_results(option: &str, out: &Path) -> Result<()> {
    let whole = resolved(out);
    match whole.ancestors().find(|folder| is_results_folder(folder)) {
        None => Ok(()),
        Some(folder) => Err(Error::usage(format_args!(
            "{option} {}: it lies in the results folder {}, which holds what trainings write; accepted: a path outside of it",
            out.display(),
            folder.display()
        ))),
    }
}

/// Refuses `root`, the value of `option`, if it is a results folder or lies in one instead of being a results root.
///
/// # Errors
/// [`Error::Usage`] that names the root which was probably meant.
pub(super) fn check_root(option: &str, root: &Path) -> Result<()> {
    let whole = resolved(root);
    let Some(folder) = whole.ancestors().find(|folder| is_results_folder(folder)) else { return Ok(()) };
    let found = if folder == whole { "it is a results folder" } else { "it lies in a results folder" };
    let meant = folder.parent().unwrap_or(folder);
    let is_meant = |typed: &&Path| !typed.as_os_str().is_empty() && resolved(typed) == meant;
    let meant = root.ancestors().find(is_meant).unwrap_or(meant).display();
    Err(Error::usage(format_args!(
        "{option} {}: {found}; accepted: the root in which results have folders of their own, probably {option} {meant}",
        root.display()
    )))
}

/// Refuses `out`, the value of `option`, if it is the same file or folder as one of `inputs`.
///
/// # Errors
/// [`Error::Usage`] that names it.
pub(super) fn check_not_an_input<'a>(
    option: &str,
    out: &Path,
    inputs: impl IntoIterator<Item = &'a Path>,
) -> Result<()> {
    // A path that doesn't exist is no input.
    let Ok(whole) = out.canonicalize() else { return Ok(()) };
    let mut inputs = inputs.into_iter();
    if inputs.any(|input| input.canonicalize().is_ok_and(|input| input == whole)) {
        let problem = "it is an input, which would be lost; accepted: another path";
        return Err(Error::usage(format_args!("{option} {}: {problem}", out.display())));
    }
    Ok(())
}

/// The absolute path to which a file written to `path` would go. Links and `..` are resolved in the part that exists.
pub(super) fn resolved(path: &Path) -> PathBuf {
    let whole = destination(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    let real = whole.ancestors().find_map(|there| {
        let rest = whole.strip_prefix(there).ok()?;
        let real = there.canonicalize().ok()?;
        // Joined with an empty path, it would end in a separator.
        Some(if rest == Path::new("") { real } else { real.join(rest) })
    });
    real.unwrap_or(whole)
}
