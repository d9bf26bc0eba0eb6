//! Experiments: from a configuration to a plan, and from the plan to results.

pub mod config;
mod cores;
mod execute;
mod finished;
mod folder;
mod plan;
mod prepared;
mod recompute;
mod reporter;
mod shard;
mod sweep;
mod trainer;
mod unlisted;
mod weights;

pub use config::Config;
pub use execute::{ExecutionOptions, Executor, Summary, Supervisor, SweepFailure, assemble, execute};
pub use finished::{
    Finished, MissingCounts, MissingOutputs, count_measured_seldom, find_finished, is_finished,
};
pub use folder::FolderPlan;
pub use plan::{Cell, Plan, Training};
pub use prepared::Prepared;
pub use recompute::{Repeated, Repetition, plan_repetitions, repeat};
pub use reporter::Reporter;
pub use shard::divide;
pub use sweep::{Notice, OpenSweep, ReusePolicy, adopt_and_notify, set_aside_damaged};
pub use trainer::Trainer;
pub use unlisted::unlisted_cells;
pub use weights::WeightsOutput;
