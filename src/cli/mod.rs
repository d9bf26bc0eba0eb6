//! The command line: arguments, progress and messages. Only this module prints.
//!
//! Results go to stdout, progress and messages to stderr.
//!
//! A program with its own models registers them and calls [`main`]. It then has every command of `aesparse`, and its configurations
//! can name the models.
//!
//! ```no_run
//! use aesparse::activation::{Activation, ActivationKind, Jet};
//! use aesparse::parameter::Values;
//! use aesparse::real::Real;
//! use std::process::ExitCode;
//!
//! /// s(a) = max(0, a)².
//! struct SquaredRelu;
//!
//! impl Activation for SquaredRelu {
//!     const NAME: &'static str = "squared_relu";
//!     const THRESHOLD: Option<f64> = Some(0.0);
//!
//!     fn build(_: &Values) -> Self {
//!         Self
//!     }
//!
//!     fn jet<F: Real>(&self, a: F) -> Jet<F> {
//!         let (two, a) = (F::from_f64(2.0), a.max(F::zero()));
//!         let curvature = if a > F::zero() { two } else { F::zero() };
//!         Jet { value: a * a, slope: two * a, curvature }
//!     }
//! }
//!
//! fn main() -> ExitCode {
//!     ActivationKind::register::<SquaredRelu>().expect("the name is free");
//!     aesparse::cli::main()
//! }
//! ```

mod args;
mod cgroup;
mod compare;
mod data;
mod document;
mod effects;
mod encode;
mod estimate;
mod examples;
mod exit_status;
mod export;
mod figures;
mod inspect;
mod interrupt;
mod legend;
mod memory;
mod merge;
mod messages;
mod output;
mod plan;
mod plot;
mod prepare;
mod progress;
mod recompute;
mod report;
mod run;
mod screen;
mod shard;
mod stored;
mod submit;
mod table;
mod theory;
mod theory_table;
mod tools;
mod usage;
mod verify;
mod worker;
mod written_plan;

use crate::error::{Error, count};
use args::{Arguments, BatchSystem, Command};
use exit_status::ExitStatus;
use messages::Messages;
use std::process::ExitCode;

/// Runs the command given by the arguments of this process, and returns its exit code. Wrong usage ends the process here.
pub fn main() -> ExitCode {
    interrupt::survive_file_size_limit();
    let Arguments { command } = Arguments::from_process();
    let (quiet, format) = command.verbosity();
    let messages = Messages::new(quiet, format);
    let result = match &command {
        Command::Run(arguments) => run::run(arguments, &messages),
        Command::Plan(arguments) => plan::plan(arguments, &messages),
        Command::Worker(arguments) => worker::worker(arguments, &messages),
        Command::Merge(arguments) => merge::merge(arguments, &messages),
        Command::Submit(BatchSystem::Slurm(arguments)) => submit::slurm(arguments, &messages),
        Command::Figures(arguments) => figures::figures(arguments, &messages),
        Command::Report(arguments) => report::report(arguments, &messages),
        Command::Verify(arguments) => verify::verify(arguments, &messages),
        Command::Encode(arguments) => encode::encode(arguments, &messages),
        Command::Export(arguments) => export::export(arguments, &messages),
        Command::Theory(arguments) => theory::theory(arguments, &messages),
        Command::Inspect(arguments) => inspect::inspect(arguments, &messages),
        Command::Compare(arguments) => compare::compare(arguments, &messages),
        Command::Data(arguments) => data::data(arguments, &messages),
        Command::New(arguments) => tools::new(arguments, &messages),
        Command::Schema(arguments) => tools::schema(arguments, &messages),
        Command::Completions(arguments) => tools::completions(arguments, &messages),
        Command::Man(arguments) => tools::man(arguments, &messages),
    };
    // An error means that nothing was trained. Failures after the first training are part of the status.
    let status = result.unwrap_or_else(|error| {
        let error = command.without_naming(error);
        messages.error(&error);
        if let Error::OtherSettings { name, .. } = &error {
            messages.note(format_args!("for example: {}", usage::command_again(&format!("name={name}"))));
        }
        ExitStatus::Refused
    });
    status.into()
}
