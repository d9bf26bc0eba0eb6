//! `aesparse submit slurm`: writes the script of a job array whose elements are workers, and hands it to Slurm on request.
//!
//! When and where an element runs, how many at a time and what comes first is Slurm's business.

use super::args::SlurmArguments;
use super::messages::Messages;
use super::plan::Outlook;
use super::written_plan::WrittenPlan;
use super::{Ending, count, estimate, prepare, shard};
use crate::error::{Error, Result, shell_word};
use crate::experiment::{Plan, Prepared, divide};
use crate::store::write_atomic;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Slurm's own default of its `MaxArraySize`.
const LARGEST_ARRAY: usize = 1001;
/// What the program takes beside samples and runs, in bytes.
const PROGRAM_BYTES: u64 = 256 << 20;

/// Writes scripts for what is missing of a configuration's plan, and submits them where asked to.
///
/// # Errors
/// Whatever is wrong with the configuration, its data or the results so far, and where Slurm refuses.
pub(crate) fn slurm(arguments: &SlurmArguments, messages: &Messages) -> Result<Ending> {
    let prepared = prepare::of_file(&arguments.config, &arguments.options, messages)?;
    let plan = &prepared.plan;
    let out = absolute(&arguments.options.out)?;
    // Results have no dot in their name: this is none of them.
    let folder = out.join(format!("{}.slurm", plan.name));
    let file = folder.join("plan.json");
    let logs = folder.join("logs");
    let log = log_pattern(&logs)?;
    let mut outlook = Outlook::new(plan, &out.join(&plan.name), false, 1, messages)?;
    if !arguments.options.retrain {
        outlook.lacking().refuse(&out.join(&plan.name))?;
    }
    if let Some(seconds) = kept_predictions(plan, &file)? {
        outlook.seconds = seconds;
    }
    // Each time: what no run's key depends on may be set otherwise now.
    write_atomic(&file, outlook.document(&prepared).as_bytes())?;
    let array = Array::new(&outlook, arguments);
    let mut merge = format!("aesparse merge --plan {} --out {}", shell_word(&file), shell_word(&out));
    let data_dir = arguments.options.data_dir.as_deref().map(absolute).transpose()?;
    if let Some(folder) = &data_dir {
        let _ = write!(merge, " --data-dir {}", shell_word(folder));
    }
    if array.left.is_empty() {
        let text = format!("{}: every training is finished; {merge}\n", plan.name);
        return Ok(messages.print(&text));
    }
    fs::create_dir_all(&logs).map_err(Error::io("create", &logs))?;
    let place = Place { out: &out, log: &log, plan: &file, data_dir: data_dir.as_deref() };
    let mut text = array.about(&plan.name, &outlook.seconds);
    for (index, part) in
        array.parts(arguments.max_array_size.map_or_else(largest_array, Into::into)).enumerate()
    {
        let path = folder.join(format!("array-{}.sh", index + 1));
        write_atomic(&path, array.script(&part, &place, &prepared, arguments)?.as_bytes())?;
        let line = if arguments.submit { sbatch(&path)? } else { format!("sbatch {}", shell_word(&path)) };
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, "when it has ended: {merge}");
    Ok(messages.print(&text))
}

/// The predictions of an earlier submission, so that shards stay what they were; `None` where it was of another plan, or none.
fn kept_predictions(plan: &Plan, file: &Path) -> Result<Option<Vec<f64>>> {
    if !file.exists() {
        return Ok(None);
    }
    let WrittenPlan { trainings, .. } = WrittenPlan::read(file)?;
    let same = plan.keys().eq(trainings.iter().map(|written| written.run_key.as_str()));
    Ok(same.then(|| trainings.into_iter().map(|written| written.predicted_seconds).collect()))
}

/// Where everything is, as absolute paths.
struct Place<'a> {
    out: &'a Path,
    /// Slurm's pattern for the elements' logs.
    log: &'a str,
    plan: &'a Path,
    data_dir: Option<&'a Path>,
}

/// Elements of one script: their numbers are those of the shards less `offset`.
struct Part {
    offset: usize,
    shards: Vec<usize>,
}

/// The shards of a plan.
struct Array {
    shards: usize,
    jobs: usize,
    /// Those with something left to train, from 1, and the indices of these trainings.
    left: Vec<(usize, Vec<usize>)>,
}

impl Array {
    fn new(outlook: &Outlook<'_>, arguments: &SlurmArguments) -> Self {
        let (trainings, seconds) = (&outlook.plan.trainings, &outlook.seconds);
        let jobs = arguments.options.requested_jobs().unwrap_or(1);
        let of_an_element = arguments.minutes * 60.0 * jobs as f64;
        let shards = (seconds.iter().sum::<f64>() / of_an_element).ceil() as usize;
        let shards = shards.clamp(1, trainings.len().clamp(1, shard::MOST));
        let left = divide(seconds, shards).into_iter().enumerate().filter_map(|(shard, mut part)| {
            part.retain(|index| !outlook.is_finished(&trainings[*index]));
            (!part.is_empty()).then_some((shard + 1, part))
        });
        Self { shards, jobs, left: left.collect() }
    }

    /// Scripts of arrays whose numbers stay below `largest`.
    fn parts(&self, largest: usize) -> impl Iterator<Item = Part> {
        let size = largest.saturating_sub(1).max(1);
        (0..self.shards.div_ceil(size)).filter_map(move |part| {
            let offset = part * size;
            let shards = self.left.iter().map(|(shard, _)| *shard);
            let shards: Vec<usize> =
                shards.filter(|shard| (offset + 1..=offset + size).contains(shard)).collect();
            (!shards.is_empty()).then_some(Part { offset, shards })
        })
    }

    fn about(&self, name: &str, seconds: &[f64]) -> String {
        let longest = self.left.iter().map(|(_, trainings)| {
            let times = trainings.iter().map(|index| seconds[*index]);
            let longest = times.clone().fold(0.0, f64::max);
            longest.max(times.sum::<f64>() / self.jobs as f64)
        });
        let longest = Duration::try_from_secs_f64(longest.fold(0.0, f64::max)).unwrap_or(Duration::MAX);
        let left: usize = self.left.iter().map(|(_, trainings)| trainings.len()).sum();
        format!(
            "{name}: {} left, in {} of {} of at most {} each\n",
            count(left, "training"),
            self.left.len(),
            count(self.shards, "element"),
            estimate::readable(longest)
        )
    }

    fn script(
        &self,
        part: &Part,
        place: &Place<'_>,
        prepared: &Prepared,
        arguments: &SlurmArguments,
    ) -> Result<String> {
        let Self { shards, jobs, .. } = self;
        let Place { out, log, plan, data_dir } = place;
        let name = &prepared.plan.name;
        let running = arguments.max_running.map_or_else(String::new, |most| format!("%{most}"));
        let elements: Vec<usize> = part.shards.iter().map(|shard| shard - part.offset).collect();
        let samples = 2 * 4 * prepared.dataset.train.len() as u64;
        let trainings = prepared.plan.memory().saturating_mul(self.jobs as u64);
        let megabytes = trainings.saturating_add(PROGRAM_BYTES + samples).div_ceil(1 << 20);
        let mut script = format!(
            "#!/bin/bash\n\
             # {name}: elements of {shards} parts of one plan, written by `aesparse submit slurm`.\n\
             #SBATCH --job-name=aesparse-{name}\n\
             #SBATCH --array={array}{running}\n\
             #SBATCH --cpus-per-task={jobs}\n\
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
            offset = part.offset,
            patience = arguments.patience,
            out = shell_word(out),
        );
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
             # Slurm signals this shell: before the time is over, or the element has to make room. The worker then leaves\n\
             # checkpoints, and the element goes on when its turn comes again.\n\
             asked=0\n\
             trap 'asked=1; kill -USR1 \"$worker\" 2>/dev/null' USR1 TERM\n\
             {command} &\n\
             worker=$!\n\
             while true; do\n    \
                 wait \"$worker\"\n    \
                 status=$?\n    \
                 # A signal ends `wait` too: then the worker is still there.\n    \
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

/// `1,3-5`
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

/// `text` as a part of one word in a `#SBATCH` line, which Slurm divides at spaces and ends at `#`. Within its quotes a backslash
/// takes the next character as it is.
fn sbatch_word(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Slurm's pattern for a log of each element in the folder `logs`: `%` begins a field, and twice it is itself.
///
/// # Errors
/// [`Error::Usage`] where no pattern has the folder's name: a backslash turns fields off, and a line break ends the line.
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

/// Slurm's `MaxArraySize`, as it says, or its default.
fn largest_array() -> usize {
    let said = Command::new("scontrol").args(["show", "config"]).output().ok();
    let text = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let line = text.lines().find_map(|line| line.trim().strip_prefix("MaxArraySize"));
    line.and_then(|line| line.trim_start_matches([' ', '=']).trim().parse().ok()).unwrap_or(LARGEST_ARRAY)
}

/// Submits a script; what Slurm answers.
fn sbatch(script: &Path) -> Result<String> {
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
    fn a_log_is_named_by_words_and_patterns_of_slurm() {
        let pattern = |path: &str| log_pattern(Path::new(path));
        assert_eq!(pattern("/a b/100% %j").unwrap(), "/a b/100%% %%j/%A_%a.log");
        for path in ["/a\nb", r"/a\b"] {
            let refused = pattern(path).unwrap_err().to_string();
            assert!(refused.contains("accepted: a path in UTF-8"), "{refused}");
        }
        assert_eq!(sbatch_word("/it's \"new\" #1 $x"), r#""/it's \"new\" #1 $x""#);
    }

    #[test]
    fn arrays_stay_below_the_largest_size() {
        let array = |left: &[usize]| Array {
            shards: 10,
            jobs: 1,
            left: left.iter().map(|shard| (*shard, vec![0])).collect(),
        };
        let parts = |left: &[usize], largest| -> Vec<(usize, String)> {
            let numbers =
                |part: &Part| part.shards.iter().map(|shard| shard - part.offset).collect::<Vec<_>>();
            array(left).parts(largest).map(|part| (part.offset, ranges(&numbers(&part)))).collect()
        };
        let all: Vec<usize> = (1..=10).collect();
        assert_eq!(parts(&all, 1001), [(0, "1-10".to_owned())]);
        assert_eq!(parts(&all, 5), [(0, "1-4".into()), (4, "1-4".into()), (8, "1-2".into())]);
        assert_eq!(parts(&[3, 10], 5), [(0, "3".into()), (8, "2".into())]);
    }
}
