//! Refuses paths with a `~` that the shell did not expand, as behind `=` (`--out=~/x`) or in quotes.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Command, Error};
use std::path::{Component, Path, PathBuf};

/// The error for the first path among `matches` of `command` that begins with `~`, if there is one. Without it the program would
/// create a folder named `~`, where nobody looks for results.
pub(super) fn unexpanded(command: &Command, matches: &ArgMatches) -> Option<Error> {
    if let Some((name, matches)) = matches.subcommand() {
        return unexpanded(command.find_subcommand(name)?, matches);
    }
    command.get_arguments().find_map(|argument| {
        let paths = matches.try_get_many::<PathBuf>(argument.get_id().as_str()).ok()??;
        let path = paths.into_iter().find(|path| begins_at_home(path))?.display().to_string();
        let mut error = Error::new(ErrorKind::ValueValidation).with_cmd(command);
        error.insert(ContextKind::InvalidArg, ContextValue::String(argument.to_string()));
        error.insert(ContextKind::InvalidValue, ContextValue::String(path.clone()));
        let option = argument.get_long().map_or_else(String::new, |long| format!("--{long} "));
        let advice = format!(
            "the shell did not expand `~`; accepted: {option}{path} without `=` and quotes, an absolute path, or ./{path} for a \
             folder of that name"
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
    fn home_folders_begin_with_a_tilde() {
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
