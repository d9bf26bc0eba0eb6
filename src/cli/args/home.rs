//! Paths in which a shell has left `~` as it is: not behind `=`, as in `--out=~/x`, nor in quotes.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Command, Error};
use std::path::{Component, Path, PathBuf};

/// The error for a path among `matches` of `command`, of whichever option, that begins with a home folder's sign; `None` where there
/// is none. A folder that is called so would be made otherwise, and nobody look for results in it.
pub(super) fn left_as_it_is(command: &Command, matches: &ArgMatches) -> Option<Error> {
    if let Some((name, matches)) = matches.subcommand() {
        return left_as_it_is(command.find_subcommand(name)?, matches);
    }
    command.get_arguments().find_map(|argument| {
        let paths = matches.try_get_many::<PathBuf>(argument.get_id().as_str()).ok()??;
        let path = paths.into_iter().find(|path| begins_at_home(path))?.display().to_string();
        let mut error = Error::new(ErrorKind::ValueValidation).with_cmd(command);
        error.insert(ContextKind::InvalidArg, ContextValue::String(argument.to_string()));
        error.insert(ContextKind::InvalidValue, ContextValue::String(path.clone()));
        let option = argument.get_long().map_or_else(String::new, |long| format!("--{long} "));
        let advice = format!(
            "the shell has left `~` as it is; accepted: {option}{path} without `=` and quotes, a path from / on, or ./{path} for a \
             folder that is called so"
        );
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(advice)]));
        Some(error)
    })
}

/// `~`, `~/x` or `~name/x`.
fn begins_at_home(path: &Path) -> bool {
    let mut parts = path.components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(first)), rest) => {
            first == "~" || rest.is_some() && first.as_encoded_bytes().starts_with(b"~")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_folder_begins_with_its_sign() {
        for (path, expected) in [
            ("~", true),
            ("~/x", true),
            ("~ada/x", true),
            ("~x", false),
            ("./~/x", false),
            ("a/~", false),
            ("", false),
        ] {
            assert_eq!(begins_at_home(Path::new(path)), expected, "{path}");
        }
    }
}
