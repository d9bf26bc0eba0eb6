//! The `aesparse` program: arguments, a command, an exit code.

mod cli;

use cli::args::{Arguments, Command, System};
use cli::{Ending, messages::Messages};
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::interrupt::outlive_the_limit_of_a_file();
    let Arguments { command } = Arguments::of_process();
    let (quiet, format) = command.speech();
    let messages = Messages::new(quiet, format);
    let ended = match &command {
        Command::Run(arguments) => cli::run::run(arguments, &messages),
        Command::Plan(arguments) => cli::plan::plan(arguments, &messages),
        Command::Worker(arguments) => cli::worker::worker(arguments, &messages),
        Command::Merge(arguments) => cli::merge::merge(arguments, &messages),
        Command::Submit(System::Slurm(arguments)) => cli::submit::slurm(arguments, &messages),
        Command::Figures(arguments) => cli::figures::figures(arguments, &messages),
        Command::Report(arguments) => cli::report::report(arguments, &messages),
        Command::Verify(arguments) => cli::verify::verify(arguments, &messages),
        Command::Encode(arguments) => cli::encode::encode(arguments, &messages),
        Command::Export(arguments) => cli::export::export(arguments, &messages),
        Command::Theory(arguments) => cli::theory::theory(arguments, &messages),
        Command::Inspect(arguments) => cli::inspect::inspect(arguments, &messages),
        Command::Compare(arguments) => cli::compare::compare(arguments, &messages),
        Command::Data(arguments) => cli::data::data(arguments, &messages),
        Command::New(arguments) => cli::tools::new(arguments, &messages),
        Command::Schema(arguments) => cli::tools::schema(arguments, &messages),
        Command::Completions(arguments) => cli::tools::completions(arguments, &messages),
        Command::Man(arguments) => cli::tools::man(arguments, &messages),
    };
    // Every error is found before anything is trained; what goes wrong later is an ending.
    let ending = ended.unwrap_or_else(|error| {
        messages.error(&error);
        Ending::Refused
    });
    ending.into()
}
