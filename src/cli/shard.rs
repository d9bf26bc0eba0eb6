//! The shard of a plan that a worker trains, from the command line or from a batch system.

use std::ffi::OsString;
use std::fmt;
use std::str::FromStr;

/// The shard `index` of `count`, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    index: usize,
    count: usize,
}

/// Environment variables in which batch systems number the elements of an array, with the number of the first element.
const ARRAY_VARIABLES: [(&str, usize); 9] = [
    ("SLURM_ARRAY_TASK_ID", 1),
    ("HQ_TASK_ID", 1),
    ("PBS_ARRAY_INDEX", 1),
    ("PBS_ARRAYID", 1),
    ("LSB_JOBINDEX", 1),
    ("SGE_TASK_ID", 1),
    ("CI_NODE_INDEX", 1),
    ("JOB_COMPLETION_INDEX", 0),
    ("AWS_BATCH_JOB_ARRAY_INDEX", 0),
];

/// Largest number of shards. Each takes memory while a plan is divided, and no batch system has arrays as large.
pub(super) const MAX_SHARDS: usize = 1_000_000;

impl Shard {
    /// The shard of `count` that a batch system assigned to this process. `variable` looks up an environment variable.
    ///
    /// # Errors
    /// A sentence, where no variable of a batch system is set, or its number is out of range.
    pub(crate) fn from_batch_system(
        count: usize,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Self, String> {
        let found = ARRAY_VARIABLES.iter().find_map(|(name, first)| Some((name, first, variable(name)?)));
        let Some((name, first, value)) = found else {
            let names = ARRAY_VARIABLES.map(|(name, _)| name).join(", ");
            return Err(format!(
                "--shards {count} needs the number of this worker in one of {names}; or name the shard with --shard i/{count}"
            ));
        };
        let number: Option<usize> = value.to_str().and_then(|text| text.parse().ok());
        let index = number.and_then(|number| number.checked_add(1)?.checked_sub(*first));
        match index.filter(|index| (1..=count).contains(index)) {
            Some(index) => Ok(Self { index, count }),
            None => {
                let last = count - 1 + first;
                Err(format!(
                    "found {name}={}; accepted: {first} to {last} for --shards {count}",
                    value.display()
                ))
            }
        }
    }

    /// The shard's index, from 0.
    pub(crate) fn zero_based_index(self) -> usize {
        self.index - 1
    }

    /// Number of shards.
    pub(crate) fn count(self) -> usize {
        self.count
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        match parts {
            Some((index, count)) if (1..=count).contains(&index) && count <= MAX_SHARDS => {
                Ok(Self { index, count })
            }
            _ => Err(format!("accepted: i/n with i from 1 to n, as in 3/8, and n at most {MAX_SHARDS}")),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_parsed_from_index_and_count() {
        let shard: Shard = "3/8".parse().unwrap();
        assert_eq!((shard.zero_based_index(), shard.count(), shard.to_string()), (2, 8, "3/8".to_owned()));
        for wrong in ["0/8", "9/8", "3", "3/", "/8", "a/b", "-1/2", "1/0", ""] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
        // Dividing a plan takes memory for each shard.
        for most in ["1/1000000", "1000000/1000000"] {
            assert!(most.parse::<Shard>().is_ok(), "{most}");
        }
        for absurd in ["1/1000001", "1/100000000000", "1/18446744073709551615", "1/18446744073709551616"] {
            assert!(absurd.parse::<Shard>().unwrap_err().contains("at most 1000000"), "{absurd}");
        }
    }

    #[test]
    fn shards_come_from_the_variables_of_batch_systems() {
        let numbered = |name: &'static str, value: &'static str| {
            Shard::from_batch_system(4, move |asked| (asked == name).then(|| value.into()))
                .map(|shard| shard.to_string())
        };
        assert_eq!(numbered("SLURM_ARRAY_TASK_ID", "1").unwrap(), "1/4");
        assert_eq!(numbered("HQ_TASK_ID", "4").unwrap(), "4/4");
        assert_eq!(numbered("JOB_COMPLETION_INDEX", "0").unwrap(), "1/4");
        assert_eq!(numbered("AWS_BATCH_JOB_ARRAY_INDEX", "3").unwrap(), "4/4");
        let refused = numbered("SLURM_ARRAY_TASK_ID", "0").unwrap_err();
        assert_eq!(refused, "found SLURM_ARRAY_TASK_ID=0; accepted: 1 to 4 for --shards 4");
        assert!(numbered("SLURM_ARRAY_TASK_ID", "5").is_err() && numbered("HQ_TASK_ID", "x").is_err());
        assert!(numbered("JOB_COMPLETION_INDEX", "4").unwrap_err().contains("0 to 3"));
        assert!(numbered("SLURM_ARRAY_TASK_ID", "18446744073709551615").unwrap_err().contains("1 to 4"));
        assert!(numbered("OTHER", "1").unwrap_err().contains("SLURM_ARRAY_TASK_ID"));
    }
}
