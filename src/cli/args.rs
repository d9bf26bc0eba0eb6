//! The arguments as they are given; nothing here looks at the configuration or the file system.

mod data;
mod formats;
mod home;
mod look;
mod tools;

#[cfg(feature = "fetch")]
pub(crate) use data::FetchArguments;
pub(crate) use data::{DataArguments, DataCommand, PatchesArguments};
pub(crate) use formats::{EncodeArguments, ExportArguments, ExportFormat};
pub(crate) use look::{CompareArguments, InspectArguments};
pub(crate) use tools::{CompletionsArguments, ManArguments, NewArguments, SchemaArguments};

use super::shard::{Shard, shards};
use super::usage;
use crate::report::PaperFigure;
use crate::report::figure::SigmaScale;
use crate::store::{LEAST_PATIENCE, PATIENCE};
use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::env;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::path::PathBuf;

/// Why do regularized auto-encoders learn sparse representations? Trains sweeps of them and measures.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// The arguments of this process. Wrong usage ends it here: clap prints what is wrong, with what would have been right where
    /// that is known, and leaves with 2.
    pub(crate) fn of_process() -> Self {
        let mut command = Self::command();
        let matches = command
            .try_get_matches_from_mut(env::args_os())
            .unwrap_or_else(|error| usage::advised(error, &command, env::args_os().skip(1)).exit());
        if let Some(error) = home::left_as_it_is(&command, &matches) {
            error.exit();
        }
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit())
    }
}

const EXIT_CODES: &str = "\
Exit codes:
  0    all runs completed
  1    some run diverged or failed, or what --fail-on names was found
  2    wrong usage, configuration, data or results folder, found before any training
  130  interrupted; the same command resumes";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train the sweep of a configuration, resuming what is there, and write the results
    Run(RunArguments),
    /// List cells and trainings, which are finished, and the predicted time; trains nothing
    Plan(PlanArguments),
    /// Train one part of a plan, beside other workers on this machine or others
    Worker(WorkerArguments),
    /// Bring the parts of a plan together and write the results; trains nothing
    Merge(MergeArguments),
    /// Write a plan's job array for a batch system, and submit it on request
    #[command(subcommand)]
    Submit(System),
    /// Train the paper's figures, whose configurations are built in, and draw them
    Figures(FiguresArguments),
    /// Draw stored results and write them up as one HTML file
    Report(ReportArguments),
    /// Put the paper's claims to stored results: supported, contradicted or undecided, with the numbers
    Verify(VerifyArguments),
    /// Write the hidden codes that a stored run gives samples, as .npy, CSV or JSON Lines
    Encode(EncodeArguments),
    /// Write measurements as JSON Lines or for TensorBoard, or weights as safetensors
    Export(ExportArguments),
    /// Train a sweep while measuring what the paper's lemma, theorems and corollaries say of it
    Theory(TheoryArguments),
    /// Look at one trained model: filters, reconstructions, how active its units are, how it was trained
    Inspect(InspectArguments),
    /// Say what differs between two runs, or two results folders, in settings and in results
    Compare(CompareArguments),
    /// Look after the data sets
    Data(DataArguments),
    /// Write a configuration to begin with: every setting, its default and what it means
    New(NewArguments),
    /// Print the schema that editors check and complete configurations by
    Schema(SchemaArguments),
    /// Print what makes a shell complete commands
    Completions(CompletionsArguments),
    /// Write manual pages
    Man(ManArguments),
}

impl Command {
    /// Whether only warnings and errors are printed, and the form of messages.
    pub(crate) fn speech(&self) -> (bool, LogFormat) {
        let of = |options: &WorkOptions| (options.quiet, options.log_format);
        match self {
            Self::Run(arguments) => of(&arguments.options),
            Self::Plan(arguments) => of(&arguments.options),
            Self::Worker(arguments) => of(&arguments.options),
            Self::Submit(System::Slurm(arguments)) => of(&arguments.options),
            Self::Figures(arguments) => of(&arguments.options),
            Self::Theory(arguments) => of(&arguments.options),
            Self::Merge(arguments) => (arguments.quiet, LogFormat::Text),
            Self::Report(arguments) => (arguments.quiet, LogFormat::Text),
            Self::Encode(arguments) => (arguments.quiet, LogFormat::Text),
            Self::Export(arguments) => (arguments.quiet, LogFormat::Text),
            Self::Inspect(arguments) => (arguments.quiet, LogFormat::Text),
            Self::Data(arguments) => (arguments.quiet, LogFormat::Text),
            // These have no such options; of one that is never read the compiler warns.
            _ => (false, LogFormat::Text),
        }
    }
}

/// The arguments of `theory`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse theory configs/quickstart.toml --out measured
  aesparse theory configs/quickstart.toml -o theory.every=5 -o theory.samples=50000 -o theory.units=true
  aesparse theory --activations                which activations the theory covers; trains nothing
It is `run` with the [theory] section of a configuration, or with its defaults where there is none.")]
pub(crate) struct TheoryArguments {
    /// The configuration, a .toml or .json file
    #[arg(required_unless_present = "activations")]
    pub(crate) config: Option<PathBuf>,

    /// Print which of the theory's conditions (§2.1.2 of the paper) each activation meets, and train nothing
    #[arg(long, conflicts_with = "config")]
    pub(crate) activations: bool,

    #[command(flatten)]
    pub(crate) options: TrainOptions,
}

/// The arguments of `run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse run configs/quickstart.toml
  aesparse run configs/relu_mnist.toml --jobs 8 -o training.epochs=10 -o name=short
Interrupted, it goes on where it was when the same command is given again.")]
pub(crate) struct RunArguments {
    /// The configuration, a .toml or .json file
    pub(crate) config: PathBuf,

    #[command(flatten)]
    pub(crate) options: TrainOptions,
}

/// The arguments of `figures`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse figures                              the paper's Figures 1 to 5 at its full protocol: hours
  aesparse figures 1 --out mine -o training.epochs=2
  aesparse figures softplus sensitivity
What is trained already, by whichever command in the same results folder, is not trained again.")]
pub(crate) struct FiguresArguments {
    /// Which figures [default: 1 2 3 4 5]
    #[arg(value_name = "FIGURE", value_parser = PossibleValuesParser::new(PaperFigure::ALL.iter().map(|figure| figure.id)))]
    pub(crate) figures: Vec<String>,

    /// Spacing of the axis of σ² in pictures
    #[arg(long, value_name = "SCALE", default_value = "auto")]
    pub(crate) sigma_axis: SigmaAxis,

    #[command(flatten)]
    pub(crate) options: TrainOptions,
}

/// Spacing of the axis of σ².
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SigmaAxis {
    /// By σ where every σ² is one of the paper's twelve, linear otherwise
    Auto,
    /// By σ²
    Linear,
    /// By σ, with σ² as labels
    Sigma,
}

impl From<SigmaAxis> for SigmaScale {
    fn from(axis: SigmaAxis) -> Self {
        match axis {
            SigmaAxis::Auto => Self::Auto,
            SigmaAxis::Linear => Self::Linear,
            SigmaAxis::Sigma => Self::Sigma,
        }
    }
}

/// The arguments of `report`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse report results                      results/report.html and results/figures/
  aesparse report results/relu_mnist           one sweep
  aesparse report results --markdown results/README.md
  aesparse report results --out out/page       where results/ can't be written: out/page/report.html and out/page/figures/")]
pub(crate) struct ReportArguments {
    /// A results root, or one <name> folder in it; report.html and figures/ are written there, or to --out
    #[arg(value_name = "DIR", default_value = "results")]
    pub(crate) directory: PathBuf,

    /// Write report.html and figures/ to this folder and nothing to DIR; or to a file that ends in .html, with figures/ beside it
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,

    /// Write the report as Markdown too, with the pictures in figures/ beside it; in a <name> folder only its own, as .md
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,

    /// Link the sections of the report to what findings.md, theory.md and controls.md in this folder say of these results
    #[arg(long, value_name = "FOLDER")]
    pub(crate) findings: Option<PathBuf>,

    /// Spacing of the axis of σ² in pictures
    #[arg(long, value_name = "SCALE", default_value = "auto")]
    pub(crate) sigma_axis: SigmaAxis,

    /// Print nothing but warnings and errors
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// What to do with a sweep.
#[derive(Debug, Args)]
pub(crate) struct TrainOptions {
    #[command(flatten)]
    pub(crate) sweep: SweepOptions,

    /// List what would be trained, as `plan` does, and train nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Draw the activation fraction against σ² on the terminal too
    #[arg(long)]
    pub(crate) plot: bool,

    /// Leave with exit code 1 where a run ended like this; that one diverged always does
    #[arg(long, value_name = "OUTCOME")]
    pub(crate) fail_on: Option<FailOnRun>,
}

/// Ends of a run that a script may want to stop at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOnRun {
    /// It completed with at least 99 % of its units dead, or of the variance unexplained
    Collapsed,
}

impl Deref for TrainOptions {
    type Target = SweepOptions;

    fn deref(&self) -> &SweepOptions {
        &self.sweep
    }
}

/// How sweeps are trained, and where their data and results are.
#[derive(Debug, Args)]
pub(crate) struct SweepOptions {
    #[command(flatten)]
    work: WorkOptions,

    /// Set earlier results aside as <name>.1, <name>.2, … and start over
    #[arg(long, conflicts_with = "retrain")]
    pub(crate) fresh: bool,
}

impl Deref for SweepOptions {
    type Target = WorkOptions;

    fn deref(&self) -> &WorkOptions {
        &self.work
    }
}

/// How trainings are done, and where their data and results are.
#[derive(Debug, Args)]
pub(crate) struct WorkOptions {
    /// Replace a setting of the configuration, as in `-o training.epochs=10`; repeatable
    #[arg(short = 'o', long = "override", value_name = "KEY.PATH=VALUE")]
    pub(crate) overrides: Vec<String>,

    /// Number of trainings at a time, one thread each [default: the available cores]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// Resume runs from checkpoints of other instruction sets too, whose last digits differ; the records name both processors
    #[arg(long)]
    pub(crate) resume_anywhere: bool,

    /// Where results go: to the folder DIR/<name>/
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(crate) out: PathBuf,

    /// Where the data sets are, as in DIR/mnist/ [default: the environment's `AESPARSE_DATA`, the
    /// configuration's data.dir, or the nearest data/]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Train finished runs again that lack weights or measurements of the theory that are asked for now; numbers stay
    #[arg(long)]
    pub(crate) retrain: bool,

    /// Print nothing but warnings and errors
    #[arg(long)]
    pub(crate) quiet: bool,

    /// How progress and messages are written to stderr
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
}

impl WorkOptions {
    /// The number of trainings at a time that was asked for.
    pub(crate) fn requested_jobs(&self) -> Option<usize> {
        self.jobs.map(NonZeroUsize::get)
    }

    /// That number, or one for each core.
    pub(crate) fn jobs(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        self.requested_jobs().unwrap_or_else(cores)
    }
}

/// The arguments of `worker`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("part").required(true))]
#[command(after_help = "\
Examples:
  aesparse plan configs/relu_mnist.toml --write plan.json
  aesparse worker --plan plan.json --shard 1/4 --out shared     on four machines, 1/4 to 4/4
  aesparse worker --plan plan.json --shards 4 --out shared      numbered by a batch system's array
  aesparse merge --plan plan.json --out shared
Workers share a folder, or have one each that merge brings together. Whichever ends and starts again, no run is trained twice
that was finished, and the results are those of one machine.")]
pub(crate) struct WorkerArguments {
    /// The plan, written by `aesparse plan CONFIG --write FILE`
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: PathBuf,

    /// Which of how many parts of the plan, from 1, as in 3/8; parts take about equally long; at most 1000000 parts
    #[arg(long, value_name = "I/N", group = "part")]
    pub(crate) shard: Option<Shard>,

    /// How many parts there are; which of them says a batch system: SLURM_ARRAY_TASK_ID, HQ_TASK_ID, JOB_COMPLETION_INDEX and
    /// their kin
    #[arg(long, value_name = "N", group = "part", value_parser = shards)]
    pub(crate) shards: Option<usize>,

    /// Take over the runs of a worker that hasn't renewed its claim for so long; a worker renews its claims ten times in that
    /// time, and at least every 30 s
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE.as_secs_f64(), value_parser = patience)]
    pub(crate) patience: f64,

    /// Leave with exit code 1 where a run ended like this; that one diverged always does
    #[arg(long, value_name = "OUTCOME")]
    pub(crate) fail_on: Option<FailOnRun>,

    #[command(flatten)]
    pub(crate) options: WorkOptions,
}

/// A patience that a worker can have.
fn patience(text: &str) -> Result<f64, String> {
    let least = LEAST_PATIENCE.as_secs_f64();
    match text.parse() {
        Ok(seconds) if (least..=1e6).contains(&seconds) => Ok(seconds),
        Ok(seconds) if seconds < least => Err(format!(
            "accepted: a number of seconds from {least} to 1000000; a worker renews its claims ten times in that time, between two \
             steps of training: with less, workers that live would be taken for dead"
        )),
        _ => Err(format!("accepted: a number of seconds from {least} to 1000000")),
    }
}

/// The arguments of `merge`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse merge --plan plan.json --out shared
  aesparse merge --plan plan.json --from part1 --from part2 --out results")]
pub(crate) struct MergeArguments {
    /// The plan, written by `aesparse plan CONFIG --write FILE`
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: PathBuf,

    /// A results root that workers wrote to, to be brought into --out; repeatable
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Vec<PathBuf>,

    /// Leave with exit code 1 where a run ended like this; that one diverged always does
    #[arg(long, value_name = "OUTCOME")]
    pub(crate) fail_on: Option<FailOnRun>,

    /// Where results go: to the folder DIR/<name>/
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(crate) out: PathBuf,

    /// Where the data sets are, as in DIR/mnist/
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Print nothing but warnings and errors
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// The batch systems that scripts are written for.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  aesparse submit slurm configs/relu_mnist.toml --out shared
  aesparse submit slurm configs/relu_mnist.toml --out shared --jobs 8 --max-running 20 --time 01:00:00 \\
      --sbatch=--partition=short --submit
Submitted a second time it takes what was not finished. Elements that are preempted, or run out of time, leave checkpoints and
are queued again.")]
pub(crate) enum System {
    /// An array of jobs for Slurm
    Slurm(SlurmArguments),
}

/// The arguments of `submit slurm`.
#[derive(Debug, Args)]
pub(crate) struct SlurmArguments {
    /// The configuration, a .toml or .json file
    pub(crate) config: PathBuf,

    /// About how long an element shall take; shorter ones cost Slurm more than they train
    #[arg(long, value_name = "MINUTES", default_value = "20", value_parser = minutes)]
    pub(crate) minutes: f64,

    /// The most elements that run at a time
    #[arg(long, value_name = "N")]
    pub(crate) max_running: Option<NonZeroUsize>,

    /// Slurm's time limit of an element, as in 01:00:00
    #[arg(long, value_name = "TIME", value_parser = line)]
    pub(crate) time: Option<String>,

    /// Take over the runs of a worker that hasn't renewed its claim for so long; a worker renews its claims ten times in that
    /// time, and at least every 30 s
    #[arg(long, value_name = "SECONDS", default_value_t = PATIENCE.as_secs_f64(), value_parser = patience)]
    pub(crate) patience: f64,

    /// One more option for sbatch, as in --sbatch=--partition=short; written behind #SBATCH as it is, so that a value with spaces
    /// needs quotes of its own: --sbatch='--comment="my sweep"'; repeatable
    #[arg(long, value_name = "OPTION", value_parser = line)]
    pub(crate) sbatch: Vec<String>,

    /// Slurm's MaxArraySize: longer arrays become several scripts [default: what scontrol says, or 1001]
    #[arg(long, value_name = "N")]
    pub(crate) max_array_size: Option<NonZeroUsize>,

    /// Hand the scripts to sbatch
    #[arg(long)]
    pub(crate) submit: bool,

    #[command(flatten)]
    pub(crate) options: WorkOptions,
}

/// What stands on a line of a script.
fn line(text: &str) -> Result<String, String> {
    if text.contains(char::is_control) {
        return Err("accepted: one line without control characters".to_owned());
    }
    Ok(text.to_owned())
}

/// The time of an element.
fn minutes(text: &str) -> Result<f64, String> {
    let minutes = text.parse().ok().filter(|minutes| *minutes > 0.0 && *minutes <= 1e6);
    minutes.ok_or_else(|| "accepted: a number of minutes above 0, at most 1000000".to_owned())
}

/// The arguments of `plan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  aesparse plan configs/relu_mnist.toml --jobs 8 --write plan.json")]
pub(crate) struct PlanArguments {
    /// The configuration, a .toml or .json file
    pub(crate) config: PathBuf,

    #[command(flatten)]
    pub(crate) options: SweepOptions,

    /// Write cells and trainings with their run keys to this file, as JSON; `-`: to stdout, instead of the list
    #[arg(long, value_name = "FILE")]
    pub(crate) write: Option<PathBuf>,
}

/// The arguments of `verify`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  aesparse verify
  aesparse verify results/relu_mnist --json verdicts.json
  aesparse verify --json - --fail-on contradicted > verdicts.json
It reads what is stored and trains nothing. More seeds make more claims decidable.")]
pub(crate) struct VerifyArguments {
    /// A results folder, or a root with such folders, whose runs are judged together
    #[arg(value_name = "DIR", default_value = "results")]
    pub(crate) dir: PathBuf,

    /// Write the verdicts to this file, outside of results folders, as JSON; `-`: to stdout, instead of the table
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Exit with code 1 where a claim has this verdict; repetitions at other learning rates don't count
    #[arg(long, value_name = "VERDICT")]
    pub(crate) fail_on: Option<FailOn>,
}

/// Verdicts that a script may want to stop at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Results contradict a claim
    Contradicted,
    /// Results contradict a claim, or would if the units of one seed told the spread between seeds
    WouldContradict,
}

/// The form of progress and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Bars on a terminal, plain lines elsewhere
    Text,
    /// One JSON object a line for each event
    Json,
}
