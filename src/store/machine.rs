//! The processor that results were computed on, as far as numbers may depend on it; nothing that identifies a machine or a user.

use serde::{Deserialize, Serialize};
use std::sync::OnceLock;
use std::{fmt, fs};

/// Number of processor cores that this program can use.
pub fn available_cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A processor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Processor {
    /// The model by the system's name for it; absent where the system gives none.
    pub cpu_model: Option<String>,
    /// The instruction set, as [`instruction_set`] returns it.
    pub instruction_set: String,
}

impl Processor {
    /// The processor that this program runs on.
    pub fn detect() -> Self {
        // Detected once, because the text is long on many cores and each checkpoint needs the answer.
        static DETECTED: OnceLock<Processor> = OnceLock::new();
        let detect = || {
            let cpu_model = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| model_name(&text));
            Self { cpu_model, instruction_set: instruction_set().to_owned() }
        };
        DETECTED.get_or_init(detect).clone()
    }

    /// The model, or `unknown`.
    pub(super) fn model(&self) -> &str {
        self.cpu_model.as_deref().unwrap_or("unknown")
    }
}

impl fmt::Display for Processor {
    /// `AMD EPYC, avx2+fma`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.model(), self.instruction_set)
    }
}

/// The widest instruction set of this processor that the kernels use: `avx512f`, `avx2+fma` or `baseline`.
///
/// The width decides the order in which products are summed, and so the last bits of results.
pub fn instruction_set() -> &'static str {
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    {
        // Without these two, the kernels choose a narrower instruction set.
        let has_narrow =
            std::is_x86_feature_detected!("avx512dq") && std::is_x86_feature_detected!("avx512vl");
        if std::is_x86_feature_detected!("avx512f") && has_narrow {
            return "avx512f";
        }
        if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
            return "avx2+fma";
        }
    }
    "baseline"
}

/// The model of the first processor in the text of `/proc/cpuinfo`.
fn model_name(cpuinfo: &str) -> Option<String> {
    let value = |line: &str| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == "model name" && !value.trim().is_empty()).then(|| value.trim().to_owned())
    };
    cpuinfo.lines().find_map(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_the_first_processors_and_may_be_absent() {
        let text =
            "processor\t: 0\nmodel\t\t: 17\nmodel name\t: AMD EPYC 9354: 32-Core\nmodel name\t: other\n";
        assert_eq!(model_name(text).as_deref(), Some("AMD EPYC 9354: 32-Core"));
        assert_eq!(model_name("processor : 0\nmodel name :\n"), None);
        assert_eq!(model_name(""), None);
    }

    #[test]
    fn the_instruction_set_is_one_of_the_documented_names() {
        assert!(["avx512f", "avx2+fma", "baseline"].contains(&instruction_set()));
    }
}
