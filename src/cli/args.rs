//! The command-line arguments of all commands. Parsing them reads neither configurations nor files.
#![allow(
    rustdoc::invalid_html_tags,
    rustdoc::broken_intra_doc_links,
    reason = "the doc comments are the text of --help"
)]

mod cores;
mod data;
mod export;
mod home;
mod number;
mod stored;
mod tools;

pub(crate) use cores::{idle_cores, or_cores};
#[cfg(feature = "fetch")]
pub(crate) use data::FetchArguments;
pub(crate) use data::{DataArguments, DataCommand, PatchesArguments};
pub(crate) use export::{EncodeArguments, ExportArguments, ExportFormat};
pub(crate) use stored::{CompareArguments, InspectArguments};
pub(crate) use tools::{CompletionsArguments, ManArguments, NewArguments, SchemaArguments};

use super::estimate::CoreUse;
use super::examples;
use super::screen;
use super::shard::{MAX_SHARDS, Shard};
use super::usage;
use crate::error::Error;
use crate::report::PaperFigure;
use crate::report::figure::SigmaScale;
use crate::store::{LEASE_TIMEOUT, MIN_LEASE_TIMEOUT};
use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use number::{count, threads, whole};
use std::env;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::path::PathBuf;

/// Train sweeps of regularized auto-encoders and measure how sparse their representations are
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// Parses the arguments of this process. Wrong usage ends the process with code 2: clap prints the error, with a suggestion
    /// where one is known.
    pub(crate) fn from_process() -> Self {
        let mut command = examples::folded(Self::command(), screen::stdout_width());
        let matches = command
            .try_get_matches_from_mut(env::args_os())
            .unwrap_or_else(|error| usage::with_tips(error, &command, env::args_os().skip(1)).exit());
        if let Some(error) = home::unexpanded(&command, &matches) {
            error.exit();
        }
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit())
    }
}

const EXIT_CODES: &str = "\
Exit codes:
  0    all runs completed
  1    a run diverged, failed or is missing (merge), numbers differ (--recompute, --tolerance), or the outcome of --fail-on was found
  2    wrong usage, configuration, data or results folder, found before any training
  130  interrupted; the same command resumes";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train the sweep of a configuration, resume unfinished runs, and write the results
    Run(RunArguments),
    /// List cells and trainings, their state and the predicted time; train nothing
    Plan(PlanArguments),
    /// Train one shard of a plan, in parallel with workers on this machine or others
    Worker(WorkerArguments),
    /// Merge the runs of a plan's workers and write the results; train nothing
    Merge(MergeArguments),
    /// Write a plan's job array for a batch system, and submit it on request
    #[command(subcommand)]
    Submit(BatchSystem),
    /// Train the built-in configurations of the paper's figures and render the figures
    Figures(FiguresArguments),
    /// Render stored results as figures and as a report, one HTML file
    Report(ReportArguments),
    /// Judge the paper's claims by stored results, and train some of them again on request
    Verify(VerifyArguments),
    /// Encode samples with a stored run and write their hidden codes
    Encode(EncodeArguments),
    /// Write measurements for other programs, or trained encoders as .npz or safetensors
    Export(ExportArguments),
    /// Train a sweep and measure the quantities of the paper's lemma, theorems and corollaries
    Theory(TheoryArguments),
    /// Show one trained model: filters, reconstructions, activity of its units, training curves
    Inspect(InspectArguments),
    /// Compare the settings and results of two runs, or of two results folders
    Compare(CompareArguments),
    /// List, verify, import and download data sets, and cut patches
    Data(DataArguments),
    /// Write a first configuration: every setting with its default and its meaning, or with --data settings for your samples
    New(NewArguments),
    /// Print the JSON schema with which editors check and complete configurations
    Schema(SchemaArguments),
    /// Print a shell's completion script
    Completions(CompletionsArguments),
    /// Write manual pages
    Man(ManArguments),
}

impl Command {
    /// `error` without the advice to give the plan a name of its own, for commands that accept no name.
    pub(crate) fn without_naming(&self, error: Error) -> Error {
        match (self, error) {
            (Self::Figures(_) | Self::Merge(_), Error::OtherSettings { path, problem, .. }) => {
                let fix = "choose another folder with --out, or set the old results aside";
                let how = if matches!(self, Self::Figures(_)) { " with --fresh" } else { "" };
                Error::store(path, problem, format_args!("{fix}{how}"))
            }
            (Self::Worker(_), Error::OtherSettings { path, problem, name }) => {
                let fix = format!(
                    "write the plan anew: aesparse plan CONFIG -o name={name} --write FILE; or choose another folder with --out"
                );
                Error::store(path, problem, fix)
            }
            (_, error) => error,
        }
    }

    /// Whether only warnings and errors are printed, and the format of messages.
    pub(crate) fn verbosity(&self) -> (bool, LogFormat) {
        let of = |options: &WorkOptions| (options.quiet, options.log_format);
        match self {
            Self::Run(arguments) => of(&arguments.options),
            Self::Plan(arguments) => of(&arguments.options),
            Self::Worker(arguments) => of(&arguments.options),
            Self::Submit(BatchSystem::Slurm(arguments)) => of(&arguments.options),
            Self::Figures(arguments) => of(&arguments.options),
            Self::Theory(arguments) => of(&arguments.options),
            Self::Merge(arguments) => (arguments.quiet, LogFormat::Text),
            Self::Report(arguments) => (arguments.quiet, LogFormat::Text),
            Self::Verify(arguments) => (arguments.quiet, arguments.log_format),
            Self::Encode(arguments) => (arguments.quiet, LogFormat::Text),
            Self::Export(arguments) => (arguments.quiet, LogFormat::Text),
            Self::Inspect(arguments) => (arguments.quiet, LogFormat::Text),
            Self::Data(arguments) => (arguments.quiet, LogFormat::Text),
            // The other commands have no such options. A new one can't be forgotten: the compiler warns of a field that is never
            // read.
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
`theory` is `run` with the [theory] section of the configuration, or with that section's defaults if it is missing.")]
pub(crate) struct TheoryArguments {
    /// Configuration, a .toml or .json file
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
After an interruption, the same command resumes the sweep. One folder holds runs of one length, data set and network: another \
number of epochs needs a name of its own, as above, and trains from the start.")]
pub(crate) struct RunArguments {
    /// Configuration, a .toml or .json file
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
  aesparse figures 1 2 --dataset mnist          the halves on one data set; no other data are read
Runs that any command has finished in the same results folder are not trained again.")]
pub(crate) struct FiguresArguments {
    /// Figures to train and render [default: 1 2 3 4 5]
    #[arg(value_name = "FIGURE", value_parser = PossibleValuesParser::new(PaperFigure::ALL.iter().map(|figure| figure.id)))]
    pub(crate) figures: Vec<String>,

    /// Train and render only the halves on this data set; repeatable [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = PossibleValuesParser::new(PaperFigure::ALL[0].configs.map(|half| half.dataset)))]
    pub(crate) dataset: Vec<String>,

    /// Spacing of the σ² axis in figures
    #[arg(long, value_name = "SCALE", default_value = "auto")]
    pub(crate) sigma_axis: SigmaAxis,

    #[command(flatten)]
    pub(crate) options: TrainOptions,
}

/// Spacing of the σ² axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SigmaAxis {
    /// As `sigma` if every σ² is one of the paper's twelve values, otherwise `linear`
    Auto,
    /// Linear in σ²
    Linear,
    /// Linear in σ, with σ² as labels
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
  aesparse report results --blocks README.md docs/*.md        tables in pages of your own, between marks
  aesparse report results --out out/page       where results/ can't be written: out/page/report.html and out/page/figures/")]
pub(crate) struct ReportArguments {
    /// Results root, or one results folder in it; report.html and figures/ are written there, or to --out
    #[arg(value_name = "DIR", default_value = "results")]
    pub(crate) directory: PathBuf,

    /// Write report.html and figures/ to this folder instead of DIR; a path that ends in .html names the report, with figures/
    /// beside it
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,

    /// Also write the report as Markdown, with links to pictures in figures/ beside it; in a results folder only as a .md file
    /// of DIR
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,

    /// Link the report's sections to findings.md, theory.md and controls.md in this folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) findings: Option<PathBuf>,

    /// Also regenerate the marked blocks of these Markdown pages, between the comments `<!-- begin NAME, by aesparse report
    /// --blocks -->` and `<!-- end NAME -->`; the rest of a page is unchanged
    #[arg(long, value_name = "PAGE", num_args = 1..)]
    pub(crate) blocks: Vec<PathBuf>,

    /// Spacing of the σ² axis in figures
    #[arg(long, value_name = "SCALE", default_value = "auto")]
    pub(crate) sigma_axis: SigmaAxis,

    /// Print only warnings and errors
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// Options of the commands that train a sweep: `run`, `theory` and `figures`.
#[derive(Debug, Args)]
pub(crate) struct TrainOptions {
    #[command(flatten)]
    pub(crate) sweep: SweepOptions,

    /// List the trainings, as `plan` does, and train nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Also plot the activation fraction against σ² on the terminal
    #[arg(long)]
    pub(crate) plot: bool,

    /// Exit with code 1 if a run ended like this; a diverged run always gives code 1
    #[arg(long, value_name = "OUTCOME")]
    pub(crate) fail_on: Option<FailOnRun>,
}

/// Outcomes of a run that `--fail-on` accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOnRun {
    /// The run completed with at least 99 % of its units dead, or of the variance unexplained
    Collapsed,
}

impl Deref for TrainOptions {
    type Target = SweepOptions;

    fn deref(&self) -> &SweepOptions {
        &self.sweep
    }
}

/// Options of the commands that plan or train a whole sweep.
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

/// Options on trainings, their data and their results.
#[derive(Debug, Args)]
pub(crate) struct WorkOptions {
    /// Replace a setting of the configuration, as in `-o training.epochs=10`; repeatable. A relative path in it starts from the
    /// current folder, not from the configuration's
    #[arg(short = 'o', long = "override", value_name = "KEY.PATH=VALUE")]
    pub(crate) overrides: Vec<String>,

    /// Number of trainings at a time [default: the number of available cores]
    #[arg(short, long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// Threads of each training, which change no number [default: the cores that other trainings leave idle when it begins]
    #[arg(long, value_name = "T", value_parser = threads, allow_negative_numbers = true)]
    pub(crate) threads: Option<NonZeroUsize>,

    /// Also resume from checkpoints of another instruction set, though last digits then differ; records name both processors
    #[arg(long)]
    pub(crate) resume_anywhere: bool,

    /// Results root; results are written to DIR/<name>/
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(crate) out: PathBuf,

    /// Folder of the data sets, as in DIR/mnist/ [default: the environment variable AESPARSE_DATA, the configuration's
    /// data.dir, or the nearest data/]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Train finished runs again if they lack requested weights, theory measurements or distributions; their results stay the same
    #[arg(long)]
    pub(crate) retrain: bool,

    /// Print only warnings and errors
    #[arg(long)]
    pub(crate) quiet: bool,

    /// Format of progress and messages on stderr
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
}

impl WorkOptions {
    /// The use of cores for so many trainings.
    pub(crate) fn core_use(&self, trainings: usize) -> CoreUse {
        let jobs = or_cores(self.jobs).min(trainings);
        CoreUse { jobs, threads: self.threads.map_or_else(|| idle_cores(jobs), NonZeroUsize::get) }
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
Workers share a results root, or have one each and `merge` combines them. Workers may stop and start at any time: no finished \
run is trained again, and the results are the same as on one machine.")]
pub(crate) struct WorkerArguments {
    /// Plan, written by `aesparse plan CONFIG --write FILE`
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: PathBuf,

    /// Shard of the plan and number of shards, as in 3/8; shards take about equally long; at most 1000000 shards
    #[arg(long, value_name = "I/N", group = "part")]
    pub(crate) shard: Option<Shard>,

    /// Number of shards; the shard comes from the batch system's variable: SLURM_ARRAY_TASK_ID, HQ_TASK_ID,
    /// JOB_COMPLETION_INDEX or a similar one
    #[arg(long, value_name = "N", group = "part", value_parser = whole(1..=MAX_SHARDS), allow_negative_numbers = true)]
    pub(crate) shards: Option<usize>,

    /// Lease timeout in seconds: another worker takes over a run whose lease was not renewed for this time; a worker renews its
    /// leases ten times in it, and at least every 30 s
    #[arg(long, value_name = "SECONDS", default_value_t = LEASE_TIMEOUT.as_secs_f64(), value_parser = parse_patience, allow_negative_numbers = true)]
    pub(crate) patience: f64,

    /// Exit with code 1 if a run ended like this; a diverged run always gives code 1
    #[arg(long, value_name = "OUTCOME")]
    pub(crate) fail_on: Option<FailOnRun>,

    #[command(flatten)]
    pub(crate) options: WorkOptions,
}

/// Parses the value of `--patience`.
fn parse_patience(text: &str) -> Result<f64, String> {
    let least = MIN_LEASE_TIMEOUT.as_secs_f64();
    match text.parse() {
        Ok(seconds) if (least..=1e6).contains(&seconds) => Ok(seconds),
        Ok(seconds) if seconds < least => Err(format!(
            "accepted: a number of seconds from {least} to 1000000; a worker renews its leases ten times in that time, between \
             two training steps, so a shorter time would take runs from workers that are alive"
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
    /// Plan, written by `aesparse plan CONFIG --write FILE`
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: PathBuf,

    /// Results root of workers, to merge into --out; repeatable
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Vec<PathBuf>,

    /// Exit with code 1 if a run ended like this; a diverged run always gives code 1
    #[arg(long, value_name = "OUTCOME")]
    pub(crate) fail_on: Option<FailOnRun>,

    /// Results root; results are written to DIR/<name>/
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(crate) out: PathBuf,

    /// Folder of the data sets, as in DIR/mnist/
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Print only warnings and errors
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// The batch systems that `submit` supports.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  aesparse submit slurm configs/relu_mnist.toml --out shared
  aesparse submit slurm configs/relu_mnist.toml --out shared --jobs 8 --max-running 20 --time 01:00:00 \\
      --sbatch=--partition=short --submit
A second submission contains only unfinished runs. Elements that are preempted or reach their time limit leave checkpoints \
and are queued again.")]
pub(crate) enum BatchSystem {
    /// Write a job array for Slurm, and submit it on request
    Slurm(SlurmArguments),
}

/// The arguments of `submit slurm`.
#[derive(Debug, Args)]
pub(crate) struct SlurmArguments {
    /// Configuration, a .toml or .json file
    pub(crate) config: PathBuf,

    /// Target duration of an array element; elements much shorter than the default cost Slurm more time than they train
    #[arg(long, value_name = "MINUTES", default_value = "20", value_parser = parse_minutes, allow_negative_numbers = true)]
    pub(crate) minutes: f64,

    /// Largest number of elements that run at a time
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    pub(crate) max_running: Option<NonZeroUsize>,

    /// Slurm's time limit for an element, as in 01:00:00
    #[arg(long, value_name = "TIME", value_parser = parse_line)]
    pub(crate) time: Option<String>,

    /// Lease timeout in seconds: another worker takes over a run whose lease was not renewed for this time; a worker renews its
    /// leases ten times in it, and at least every 30 s
    #[arg(long, value_name = "SECONDS", default_value_t = LEASE_TIMEOUT.as_secs_f64(), value_parser = parse_patience, allow_negative_numbers = true)]
    pub(crate) patience: f64,

    /// Additional sbatch option, as in --sbatch=--partition=short; written after #SBATCH unchanged, so a value with spaces needs
    /// its own quotes: --sbatch='--comment="my sweep"'; repeatable
    #[arg(long, value_name = "OPTION", value_parser = parse_line)]
    pub(crate) sbatch: Vec<String>,

    /// Slurm's MaxArraySize; longer arrays are split into several scripts [default: the value of scontrol, or 1001]
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    pub(crate) max_array_size: Option<NonZeroUsize>,

    /// Submit the scripts with sbatch
    #[arg(long)]
    pub(crate) submit: bool,

    #[command(flatten)]
    pub(crate) options: WorkOptions,
}

/// Parses a value that is written on one line of a script.
fn parse_line(text: &str) -> Result<String, String> {
    if text.contains(char::is_control) {
        return Err("accepted: one line without control characters".to_owned());
    }
    Ok(text.to_owned())
}

/// Parses the value of `--minutes`.
fn parse_minutes(text: &str) -> Result<f64, String> {
    let minutes = text.parse().ok().filter(|minutes| *minutes > 0.0 && *minutes <= 1e6);
    minutes.ok_or_else(|| "accepted: a number of minutes above 0, at most 1000000".to_owned())
}

/// The arguments of `plan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  aesparse plan configs/relu_mnist.toml --jobs 8 --write plan.json")]
pub(crate) struct PlanArguments {
    /// Configuration, a .toml or .json file
    pub(crate) config: PathBuf,

    #[command(flatten)]
    pub(crate) options: SweepOptions,

    /// Write cells and trainings with their run keys to this JSON file; `-` prints the JSON to stdout instead of the list
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
  aesparse verify results/quickstart --recompute 3        train three stored runs again and compare every number
`verify` reads stored results and writes nothing into them; without --recompute it trains nothing. More seeds make more claims \
decidable.")]
pub(crate) struct VerifyArguments {
    /// Results folder, or a results root whose folders are judged together
    #[arg(value_name = "DIR", default_value = "results")]
    pub(crate) dir: PathBuf,

    /// Write the verdicts to this JSON file, outside of results folders; `-` prints the JSON to stdout instead of the table
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// Exit with code 1 if a claim has this verdict; repetitions at other learning rates don't count
    #[arg(long, value_name = "VERDICT")]
    pub(crate) fail_on: Option<FailOnVerdict>,

    /// Train N completed runs again, drawn at random, and compare every stored number; exit with code 1 if one differs
    #[arg(long, value_name = "N", value_parser = count, allow_negative_numbers = true)]
    pub(crate) recompute: Option<NonZeroUsize>,

    /// Seed of the draw, to draw the same runs again [default: another one each time, which is printed]
    #[arg(long, value_name = "SEED", requires = "recompute", value_parser = whole(0_u64..), allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,

    /// Number of trainings at a time [default: the number of available cores]
    #[arg(short, long, value_name = "N", requires = "recompute", value_parser = count, allow_negative_numbers = true)]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// Folder of the data sets, as in DIR/mnist/, and of relative paths of data files and image folders [default: the environment
    /// variable AESPARSE_DATA, the configuration's data.dir, or the nearest data/]
    #[arg(long, value_name = "DIR", requires = "recompute")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Print only warnings and errors
    #[arg(long)]
    pub(crate) quiet: bool,

    /// Format of progress and messages on stderr
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
}

/// Verdicts that `--fail-on` accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOnVerdict {
    /// Results contradict a claim
    Contradicted,
    /// Results contradict a claim, or would if the spread between one seed's units were the spread between seeds
    WouldContradict,
}

/// The format of progress and messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Progress bars on a terminal, plain lines elsewhere
    Text,
    /// One line of JSON for each event
    Json,
}
