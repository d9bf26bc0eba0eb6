//! Suggestions for wrong usage, for instance where a setting is given as an option or an option has another program's name.

use crate::error::shell_word;
use crate::experiment::config::reference::overrides_for;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};
use std::env;
use std::ffi::OsString;

/// The command that started this process, with the override `setting` added.
pub(super) fn command_again(setting: &str) -> String {
    let mut given = env::args_os();
    let program = given.next().map(shell_word).unwrap_or_default();
    let words = given.chain(["-o".into(), setting.into()]).map(argument_word);
    std::iter::once(program).chain(words).collect::<Vec<_>>().join(" ")
}

/// `word` as an argument of a shell command: unlike the command itself, it may have `=` without quotes.
fn argument_word(word: OsString) -> String {
    let text = word.to_string_lossy();
    let without = text.replace('=', "");
    let is_plain = !text.starts_with('=') && shell_word(&without) == without;
    if is_plain { text.into_owned() } else { shell_word(&word) }
}

/// Adds suggestions to `error`. `given` are the arguments after the name of the program `program`.
pub(super) fn with_tips(mut error: Error, program: &Command, given: impl Iterator<Item = OsString>) -> Error {
    // Arguments that are not UTF-8 are no settings.
    let given: Vec<String> = given.map(|word| word.to_string_lossy().into_owned()).collect();
    let tips = tips(&error, program, &given);
    if !tips.is_empty() {
        error.remove(ContextKind::SuggestedArg);
        error.remove(ContextKind::SuggestedSubcommand);
        let tips = tips.into_iter().map(StyledStr::from).collect();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
    }
    error
}

/// Suggestions for `error`, empty if there is none.
fn tips(error: &Error, program: &Command, given: &[String]) -> Vec<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let argument = text(ContextKind::InvalidArg);
            argument.zip(command_of(program, given)).map_or_else(Vec::new, |(found, command)| {
                UnknownOption::find(found, given).map_or_else(Vec::new, |option| option.tips(command))
            })
        }
        ErrorKind::InvalidSubcommand => {
            let found = text(ContextKind::InvalidSubcommand).unwrap_or_default();
            let is_file = [".toml", ".json"].iter().any(|end| found.ends_with(end));
            let trains = ["train", "fit", "sweep"].contains(&found);
            match (is_file, trains) {
                (true, _) => vec![format!("aesparse run {}", shell_word(found))],
                (_, true) => vec!["aesparse run CONFIG".to_owned()],
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// The command among the arguments `given`. For a command with subcommands, the subcommand.
fn command_of<'c>(program: &'c Command, given: &[String]) -> Option<&'c Command> {
    let mut command = program;
    let mut words = given.iter().filter(|word| !word.starts_with('-'));
    while command.get_subcommands().any(|below| below.get_name() != "help") {
        command = command.find_subcommand(words.next()?)?;
    }
    Some(command)
}

/// An unknown option on the command line.
struct UnknownOption {
    /// Its name without dashes.
    name: String,
    /// Its values. Several numbers, or words between commas, are a list.
    values: Vec<String>,
}

impl UnknownOption {
    /// Finds the argument that clap calls `found` among the arguments `given`.
    fn find(found: &str, given: &[String]) -> Option<Self> {
        // For `-lr`, clap's message has only `-l`.
        let is_it = |argument: &&String| {
            let name = argument.split('=').next().unwrap_or_default();
            // `key=value` can also be an argument without an option.
            [name, argument.as_str()].contains(&found) || (found.len() == 2 && argument.starts_with(found))
        };
        let position = given.iter().position(|argument| is_it(&argument))?;
        let argument = given[position].trim_start_matches('-');
        let (name, values) = match argument.split_once('=') {
            Some((name, value)) => (name, vec![value.to_owned()]),
            None => (argument, leading_values(&given[position + 1..])),
        };
        let split = |value: &String| value.split(',').map(str::to_owned).collect::<Vec<_>>();
        let values = values.iter().flat_map(split).filter(|value| !value.is_empty()).collect();
        Some(Self { name: name.to_owned(), values })
    }

    /// Suggestions for the option of `command`.
    fn tips(&self, command: &Command) -> Vec<String> {
        let has = |id: &str| command.get_arguments().any(|argument| argument.get_id() == id);
        let name = self.name.to_lowercase().replace('_', "-");
        // Names of other programs come first, because `data` is also a section, which can't have a value.
        match self.foreign_name(&name, command.get_name()) {
            Some((option, tip)) if has(option) => return vec![tip],
            _ if !has("overrides") => return Vec::new(),
            _ => {}
        }
        let mut tips: Vec<String> = (overrides_for(&self.name, &self.values).iter())
            .map(|setting| format!("settings are given with -o: -o {}", argument_word(setting.into())))
            .collect();
        let standard_deviation = ["sigma", "sigmas", "std", "noise-std"].contains(&name.as_str());
        if standard_deviation && !tips.is_empty() {
            tips.push("sigma_squared is the variance: the square of a standard deviation".to_owned());
        }
        tips
    }

    /// The id of the argument that other programs call `name`, and the tip for it. `command` is the name of the command.
    fn foreign_name(&self, name: &str, command: &str) -> Option<(&'static str, String)> {
        let value = |default: &str| self.values.first().map_or_else(|| default.to_owned(), shell_word);
        Some(match name {
            "output" | "output-dir" | "out-dir" | "outdir" | "results" | "save-dir" | "logdir"
            | "log-dir" => ("out", format!("--out {}", value("DIR"))),
            "data" | "data-root" | "datadir" | "root" => ("data_dir", format!("--data-dir {}", value("DIR"))),
            "num-threads" | "n-threads" => ("threads", format!("--threads {}", value("T"))),
            "workers" | "num-workers" | "n-jobs" | "cores" | "cpus" | "parallel" => {
                ("jobs", format!("--jobs {}", value("N")))
            }
            "device" | "gpu" | "gpus" | "cuda" | "accelerator" => {
                ("jobs", "trainings run on the processor; --jobs N says how many at a time".to_owned())
            }
            "force" | "overwrite" | "restart" => {
                ("fresh", "--fresh sets earlier results aside and starts over".to_owned())
            }
            "resume" | "continue" => ("fresh", "the same command without it resumes".to_owned()),
            "config" | "config-file" | "cfg" => {
                ("config", format!("the configuration has no option: {command} {}", value("CONFIG")))
            }
            _ => return None,
        })
    }
}

/// The values at the beginning of `words`: one word, or several numbers.
fn leading_values(words: &[String]) -> Vec<String> {
    let is_number = |word: &&String| word.parse::<f64>().is_ok();
    match words.first() {
        Some(first) if is_number(&first) => words.iter().take_while(is_number).cloned().collect(),
        Some(first) if !first.starts_with('-') => vec![first.clone()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Arguments;
    use clap::CommandFactory;

    /// The suggestions for the command line `line`.
    fn advised(line: &str) -> Vec<String> {
        let given: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let mut program = Arguments::command();
        let words = ["aesparse"].into_iter().chain(line.split_whitespace());
        let error = program.try_get_matches_from_mut(words).unwrap_err();
        tips(&error, &program, &given)
    }

    #[test]
    fn overrides_are_suggested_for_settings_given_as_options() {
        let set = |line: &str| {
            let tips = advised(line);
            tips.iter()
                .map(|tip| tip.trim_start_matches("settings are given with -o: ").to_owned())
                .collect::<Vec<_>>()
        };
        for (line, overrides) in [
            ("run c.toml --epochs 2", &["-o training.epochs=2"][..]),
            ("run c.toml --epochs=2", &["-o training.epochs=2"]),
            ("run --epochs 2 c.toml", &["-o training.epochs=2"]),
            ("run c.toml --epochs", &["-o training.epochs=VALUE"]),
            ("run c.toml --training.epochs 2", &["-o training.epochs=2"]),
            ("run c.toml training.epochs=2", &["-o training.epochs=2"]),
            ("run c.toml -epochs 2", &["-o training.epochs=2"]),
            ("run c.toml --seed 3", &["-o 'seeds=[3]'", "-o 'seeds=[1, 2, 3]'"]),
            ("run c.toml --seeds 1 2 5", &["-o 'seeds=[1, 2, 5]'"]),
            ("run c.toml --seeds 1,2,5", &["-o 'seeds=[1, 2, 5]'"]),
            ("run c.toml --lr 0.1", &["-o training.learning_rate=0.1"]),
            ("run c.toml --learning-rate 0.1,0.2", &["-o 'sweep.learning_rate=[0.1, 0.2]'"]),
            ("theory c.toml --batch-size 100", &["-o training.batch=100"]),
            ("figures 1 --hidden 50", &["-o model.hidden=50"]),
            ("plan c.toml --model dae", &["-o sweep.regularizer=dae"]),
            ("run c.toml --activation relu,tanh", &["-o 'sweep.activation=[\"relu\", \"tanh\"]'"]),
            ("worker --plan p.json --shard 1/2 --dataset mnist", &["-o data.source=mnist"]),
            ("submit slurm c.toml --noise 0.1", &["-o sweep.sigma_squared=0.1"]),
        ] {
            assert_eq!(set(line), overrides, "{line}");
        }
        assert!(advised("run c.toml --sigma 0.5").concat().contains("sigma_squared=0.5"));
        assert!(advised("run c.toml --sigma 0.5").concat().contains("the square of"));
    }

    #[test]
    fn options_are_suggested_for_names_of_other_programs() {
        for (line, tip) in [
            ("run c.toml --output there", "--out there"),
            ("run c.toml --data-root=sets", "--data-dir sets"),
            ("run c.toml --num-threads 4", "--threads 4"),
            ("run c.toml --workers 4", "--jobs 4"),
            ("run c.toml --device cuda", "on the processor"),
            ("run c.toml --overwrite", "--fresh"),
            ("run --config c.toml", "run c.toml"),
            ("train c.toml", "aesparse run CONFIG"),
            ("my.toml", "aesparse run my.toml"),
        ] {
            assert!(advised(line).concat().contains(tip), "{line}: {:?}", advised(line));
        }
    }

    #[test]
    fn unknown_words_and_commands_without_settings_get_no_suggestion() {
        for line in ["run c.toml --frobnicate 2", "verify --epochs 2", "report --threads 2", "frobnicate"] {
            assert_eq!(advised(line), Vec::<String>::new(), "{line}");
        }
    }
}
