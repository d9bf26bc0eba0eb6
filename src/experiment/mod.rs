//! From a configuration as written to a resolved plan, and from the plan to results.

pub mod config;
mod execute;
mod finished;
mod folder;
mod plan;
mod prepared;
mod reporter;
mod shard;
mod sweep;
mod trainer;
mod unlisted;
mod weights;

pub use config::Config;
pub use execute::{Control, Executor, Failure, Summary, Supervisor, assemble, execute};
pub use finished::{Finished, Lacking, Lacks, adopt, find_finished, is_finished};
pub use folder::FolderPlan;
pub use plan::{Cell, Plan, Training};
pub use prepared::Prepared;
pub use reporter::Reporter;
pub use shard::divide;
pub use sweep::{Notice, Opened, Opening, tell_of_adoption, tell_of_damage};
pub use trainer::Trainer;
pub use unlisted::unlisted_cells;
pub use weights::WeightsOutput;
