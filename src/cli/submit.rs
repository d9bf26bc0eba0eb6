//! `aesparse submit slurm`: writes the script of a job array whose elements are workers, and hands it to Slurm on request.
//!
//! Slurm decides when and where an element runs.

use super::args::SlurmArguments;
use super::estimate::CoreUse;
use super::messages::Messages;
use super::plan::PlanStatus;
use super::written_plan::WrittenPlan;
use super::{ExitStatus, count, estimate, prepare, shard};
use crate::error::{Error, Result, shell_word};
use crate::experiment::{Plan, Prepared, divide};
use crate::store::write_atomic;
use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Slurm's default for `MaxArraySize`.
const DEFAULT_MAX_ARRAY_SIZE: usize = 1001;
/// Memory of the program without samples and runs, in bytes.
const PROGRAM_BYTES: u64 = 256 << 20;

/// Writes scripts for the missing runs of a configuration's plan, and submits them with `--submit`.
///
/// # Errors
/// Where the configuration, its data or earlier results can't be used, or Slurm refuses a script.
pub(crate) fn slurm(arguments: &SlurmArguments, messages: &Messages) -> Result<ExitStatus> {
    let prepared = prepare::from_file(&arguments.config, &arguments.options, messages)?;
    let plan = &prepared.plan;
    let out = absolute(&arguments.options.out)?;
    // Names of results have no dot, so this folder is not a results folder.
    let folder = out.join(format!("{}.slurm", plan.name));
    let file = folder.join("plan.json");
    let logs = folder.join("logs");
    let log = log_pattern(&logs)?;
    let mut status =
        PlanStatus::new(plan, &out.join(&plan.name), false, CoreUse { jobs: 1, threads: 1 }, messages)?;
    status.check_settings(&prepared, &out.join(&plan.name))?;
    if !arguments.options.retrain {
        status.lacking().refuse(&out.join(&plan.name))?;
    }
    if let Some(seconds) = earlier_predictions(plan, &file)? {
        status.seconds = seconds;
    }
    // The file is always written, because settings that are not part of run keys may have changed.
    write_atomic(&file, format!("{:#}\n", status.to_json(&prepared)).as_bytes())?;
    let sharded = ShardedPlan::new(&status, arguments);
    let mut merge = format!("aesparse merge --plan {} --out {}", shell_word(&file), shell_word(&out));
    let data_dir = arguments.options.data_dir.as_deref().map(absolute).transpose()?;
    if let Some(folder) = &data_dir {
        let _ = write!(merge, " --data-dir {}", shell_word(folder));
    }
    if sharded.unfinished.is_empty() {
        let text = format!("{}: every training is finished; {merge}\n", plan.name);
        return Ok(messages.print(&text));
    }
    fs::create_dir_all(&logs).map_err(Error::io("create", &logs))?;
    let paths = JobPaths { out: &out, log: &log, plan: &file, data_dir: data_dir.as_deref() };
    let mut text = sharded.summary(&plan.name, &status.seconds);
    let max_array_size = arguments.max_array_size.map_or_else(max_array_size, Into::into);
    for (index, array) in sharded.job_arrays(max_array_size).enumerate() {
        let path = folder.join(format!("array-{}.sh", index + 1));
        write_atomic(&path, sharded.script(&array, &paths, &prepared, arguments)?.as_bytes())?;
        let line = match arguments.submit.then(|| submit(&path)) {
            None => format!("sbatch {}", shell_word(&path)),
            Some(Ok(line)) => line,
            Some(Err(error)) => {
                // Arrays that were submitted before have numbers, which must not be lost.
                messages.print(&text);
                return Err(error);
            }
        };
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, "when it has ended: {merge}");
    Ok(messages.print(&text))
}

/// The predictions in the file of an earlier submission, with which shards stay the same; `None` if there is no file, or one of
/// another plan.
fn earlier_predictions(plan: &Plan, file: &Path) -> Result<Option<Vec<f64>>> {
    if !file.exists() {
        return Ok(None);
    }
    let WrittenPlan { trainings, .. } = WrittenPlan::read(file)?;
    let same = plan.keys().eq(trainings.iter().map(|written| written.run_key.as_str()));
    Ok(same.then(|| trainings.into_iter().map(|written| written.predicted_seconds).collect()))
}

/// The absolute paths in a script.
struct JobPaths<'a> {
    out: &'a Path,
    /// Slurm's pattern for the paths of the elements' logs.
    log: &'a str,
    plan: &'a Path,
    data_dir: Option<&'a Path>,
}

/// The job array of one script. An element's number is its shard's number minus `offset`.
struct JobArray {
    offset: usize,
    shards: Vec<usize>,
}

/// A plan that is divided into shards.
struct ShardedPlan {
    shards: usize,
    jobs: usize,
    /// The numbers, from 1, of shards with unfinished trainings, and the indices of these trainings.
    unfinished: Vec<(usize, Vec<usize>)>,
}

impl ShardedPlan {
    fn new(status: &PlanStatus<'_>, arguments: &SlurmArguments) -> Self {
        let (trainings, seconds) = (&status.plan.trainings, &status.seconds);
        let jobs = arguments.options.jobs.map_or(1, NonZeroUsize::get);
        let element_seconds = arguments.minutes * 60.0 * jobs as f64;
        let shards = (seconds.iter().sum::<f64>() / element_seconds).ceil() as usize;
        let shards = shards.clamp(1, trainings.len().clamp(1, shard::MAX_SHARDS));
        let unfinished = divide(seconds, shards).into_iter().enumerate().filter_map(|(shard, mut part)| {
            part.retain(|index| !status.is_finished(&trainings[*index]));
            (!part.is_empty()).then_some((shard + 1, part))
        });
        Self { shards, jobs, unfinished: unfinished.collect() }
    }

    /// The job arrays, whose element numbers are below `max_array_size`.
    fn job_arrays(&self, max_array_size: usize) -> impl Iterator<Item = JobArray> {
        let size = max_array_size.saturating_sub(1).max(1);
        (0..self.shards.div_ceil(size)).filter_map(move |index| {
            let offset = index * size;
            let shards = self.unfinished.iter().map(|(shard, _)| *shard);
            let shards: Vec<usize> =
                shards.filter(|shard| (offset + 1..=offset + size).contains(shard)).collect();
            (!shards.is_empty()).then_some(JobArray { offset, shards })
        })
    }

    /// One line with the numbers of trainings and elements, and the longest predicted time of an element.
    fn summary(&self, name: &str, seconds: &[f64]) -> String {
        let element_seconds = self.unfinished.iter().map(|(_, trainings)| {
            let times = trainings.iter().map(|index| seconds[*index]);
            let longest_training = times.clone().fold(0.0, f64::max);
            longest_training.max(times.sum::<f64>() / self.jobs as f64)
        });
        let longest =
            Duration::try_from_secs_f64(element_seconds.fold(0.0, f64::max)).unwrap_or(Duration::MAX);
        let trainings: usize = self.unfinished.iter().map(|(_, trainings)| trainings.len()).sum();
        format!(
            "{name}: {} left, in {} of {} of at most {} each\n",
            count(trainings, "training"),
            self.unfinished.len(),
            count(self.shards, "element"),
            estimate::format_duration(longest)
        )
    }

    /// The script of one job array.
    fn script(
        &self,
        array: &JobArray,
        paths: &JobPaths<'_>,
        prepared: &Prepared,
        arguments: &SlurmArguments,
    ) -> Result<String> {
        let Self { shards, jobs, .. } = self;
        let threads = arguments.options.threads;
        let cores = jobs.saturating_mul(threads.map_or(1, NonZeroUsize::get));
        let JobPaths { out, log, plan, data_dir } = paths;
        let name = &prepared.plan.name;
        let running = arguments.max_running.map_or_else(String::new, |most| format!("%{most}"));
        let elements: Vec<usize> = array.shards.iter().map(|shard| shard - array.offset).collect();
        let samples = 2 * 4 * prepared.dataset.train.len() as u64;
        let trainings = prepared.plan.memory().saturating_mul(self.jobs as u64);
        let megabytes = trainings.saturating_add(PROGRAM_BYTES + samples).div_ceil(1 << 20);
        let mut script = format!(
            "#!/bin/bash\n\
             # {name}: elements of {shards} shards of one plan, written by `aesparse submit slurm`.\n\
             #SBATCH --job-name=aesparse-{name}\n\
             #SBATCH --array={array}{running}\n\
             #SBATCH --cpus-per-task={cores}\n\
             #SBATCH --mem={megabytes}M\n\
             #SBATCH --requeue\n\
             #SBATCH --open-mode=append\n\
             #SBATCH --output={log}\n\
             #SBATCH --signal=B:USR1@60\n",
            array = ranges(&elements),
            log = sbatch_word(log),
        );
        if let Some(time) = &arguments.time {
            let _ = writeln!(script, "#SBATCH --time={}", sbatch_word(time));
        }
        for option in &arguments.sbatch {
            let _ = writeln!(script, "#SBATCH {option}");
        }
        let mut command = format!(
            "{program} worker --plan {plan} --shard \"$((SLURM_ARRAY_TASK_ID + {offset}))/{shards}\" --jobs {jobs} \
             --patience {patience} --out {out}",
            program = shell_word(std::env::current_exe().map_err(Error::io("find", "the program"))?),
            plan = shell_word(plan),
            offset = array.offset,
            patience = arguments.patience,
            out = shell_word(out),
        );
        if let Some(threads) = threads {
            let _ = write!(command, " --threads {threads}");
        }
        if arguments.options.retrain {
            command.push_str(" --retrain");
        }
        if let Some(folder) = data_dir {
            let _ = write!(command, " --data-dir {}", shell_word(folder));
        }
        if arguments.options.resume_anywhere {
            command.push_str(" --resume-anywhere");
        }
        let _ = write!(
            script,
            "\n\
             # Slurm signals this shell before the time limit, or when the element is preempted. The worker then writes\n\
             # checkpoints, and the element resumes when Slurm starts it again.\n\
             asked=0\n\
             trap 'asked=1; kill -USR1 \"$worker\" 2>/dev/null' USR1 TERM\n\
             {command} &\n\
             worker=$!\n\
             while true; do\n    \
                 wait \"$worker\"\n    \
                 status=$?\n    \
                 # A signal ends `wait` too: then the worker is still running.\n    \
                 kill -0 \"$worker\" 2>/dev/null || break\n\
             done\n\
             if [ \"$asked\" -eq 1 ] && [ \"$status\" -ne 0 ]; then\n    \
                 scontrol requeue \"${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}\"\n\
             fi\n\
             exit \"$status\"\n"
        );
        Ok(script)
    }
}

/// Writes ascending numbers as Slurm does: `1,3-5`.
fn ranges(numbers: &[usize]) -> String {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => parts.push((number, number)),
        }
    }
    let text = |&(first, last): &(usize, usize)| {
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    };
    parts.iter().map(text).collect::<Vec<_>>().join(",")
}

/// Quotes `text` for a `#SBATCH` line, which Slurm splits at spaces and ends at `#`. Inside quotes, a backslash escapes the next
/// character.
fn sbatch_word(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Slurm's pattern for the log of each element in the folder `logs`. In patterns `%` begins a field, and `%%` is a percent sign.
///
/// # Errors
/// [`Error::Usage`] where the path can't be part of a pattern: a backslash would disable fields, and a line break would end the
/// line.
fn log_pattern(logs: &Path) -> Result<String> {
    match logs.to_str().filter(|text| !text.contains(|c: char| c.is_control() || c == '\\')) {
        Some(text) => Ok(format!("{}/%A_%a.log", text.replace('%', "%%"))),
        None => Err(Error::usage(format_args!(
            "--out: Slurm can't write logs to {logs:?}; accepted: a path in UTF-8 without control characters and `\\`"
        ))),
    }
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(Error::io("find", path))
}

/// The `MaxArraySize` that `scontrol` reports, or Slurm's default.
fn max_array_size() -> usize {
    let output = Command::new("scontrol").args(["show", "config"]).output().ok();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let line = text.lines().find_map(|line| line.trim().strip_prefix("MaxArraySize"));
    line.and_then(|line| line.trim_start_matches([' ', '=']).trim().parse().ok())
        .unwrap_or(DEFAULT_MAX_ARRAY_SIZE)
}

/// Submits a script with `sbatch`, and returns Slurm's answer.
fn submit(script: &Path) -> Result<String> {
    let output =
        Command::new("sbatch").arg(script).output().map_err(Error::io("start sbatch with", script))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        return Ok(format!("{} ({})", text(&output.stdout), script.display()));
    }
    let problem = format!("sbatch refused it: {}", text(&output.stderr));
    Err(Error::store(script, problem, "change what it names with --sbatch, and submit again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_ranges() {
        for (numbers, expected) in
            [(&[1, 2, 3][..], "1-3"), (&[2], "2"), (&[1, 3, 4, 9], "1,3-4,9"), (&[1, 2, 4, 5], "1-2,4-5")]
        {
            assert_eq!(ranges(numbers), expected);
        }
    }

    #[test]
    fn paths_are_escaped_in_log_patterns() {
        let pattern = |path: &str| log_pattern(Path::new(path));
        assert_eq!(pattern("/a b/100% %j").unwrap(), "/a b/100%% %%j/%A_%a.log");
        for path in ["/a\nb", r"/a\b"] {
            let refused = pattern(path).unwrap_err().to_string();
            assert!(refused.contains("accepted: a path in UTF-8"), "{refused}");
        }
        assert_eq!(sbatch_word("/it's \"new\" #1 $x"), r#""/it's \"new\" #1 $x""#);
    }

    #[test]
    fn job_arrays_stay_below_the_maximum_size() {
        let plan = |unfinished: &[usize]| ShardedPlan {
            shards: 10,
            jobs: 1,
            unfinished: unfinished.iter().map(|shard| (*shard, vec![0])).collect(),
        };
        let arrays = |unfinished: &[usize], max_array_size| -> Vec<(usize, String)> {
            let numbers =
                |array: &JobArray| array.shards.iter().map(|shard| shard - array.offset).collect::<Vec<_>>();
            plan(unfinished)
                .job_arrays(max_array_size)
                .map(|array| (array.offset, ranges(&numbers(&array))))
                .collect()
        };
        let all: Vec<usize> = (1..=10).collect();
        assert_eq!(arrays(&all, 1001), [(0, "1-10".to_owned())]);
        assert_eq!(arrays(&all, 5), [(0, "1-4".into()), (4, "1-4".into()), (8, "1-2".into())]);
        assert_eq!(arrays(&[3, 10], 5), [(0, "3".into()), (8, "2".into())]);
    }
}
