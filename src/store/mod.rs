//! Results on disk: `<root>/<name>/` with one record per finished run, two tables, a manifest and weights.
//!
//! ```text
//! records/<run_key>.json              one finished run; a run is complete when its record is there
//! theory/<run_key>.json               the run's measurements of the theory, with `[theory]`
//! distribution/<run_key>.json         the distribution of the run's codes, with `evaluation.distribution`
//! checkpoints/<run_key>.safetensors   a run in progress, until its record is written
//! claims/<run_key>                    the lease of the worker that trains the run
//! sessions/<worker>.json              a worker's manifest, until one process alone opens the folder
//! weights/<run_key>/initial.npz       weights before the first step, with `output.weights`
//! weights/<run_key>/final.npz         weights after the last epoch, with `output.weights`
//! inspect/<run_key>/                  pictures of a run that `inspect` made; nothing depends on them
//! runs.csv, epochs.csv                the finished runs of the folder's plan, made from the records
//! theory.csv, theory_runs.csv, theory_ledger.csv    the measurements of the theory of these runs
//! manifest.json                       configuration, data, machine and times
//! .local/data.json                    where the data are on this machine; ignored by git, never copied
//! ```
//!
//! Every file is written whole or not at all. Foreign files are reported and left alone. A damaged file of a run is reported and renamed,
//! and its run is trained again.
//! Nothing here trains, prints or knows plans; runs are identified by their keys.

mod archive;
mod checkpoint;
mod columns;
mod csv;
mod derived;
mod distribution;
mod encoder;
mod encoder_file;
pub mod export;
mod files;
mod folder;
mod foreign;
mod layout;
mod leases;
mod lock;
mod lookup;
mod machine;
mod manifest;
mod merge;
mod places;
mod record;
mod records;
mod results;
mod run;
mod sealed;
mod sessions;
mod shared;
mod side;
mod stored_weights;
mod tables;
mod text;
mod theory;
mod warning;
mod weights;

pub(crate) use self::csv::distinct;
pub use self::csv::{TheoryPart, epochs_csv, runs_csv, theory_csv};
pub use crate::atomic::{destination, write_output as write_atomic};
pub use crate::regular::read as read_regular;
pub use checkpoint::StoredCheckpoint;
pub use columns::{
    AXES, Column, TableCell, epoch_columns, run_columns, setting_column, setting_columns, varied,
};
pub use distribution::DistributionRecord;
pub use encoder::EncoderSpec;
pub use encoder_file::read_encoder;
#[cfg(feature = "cli")]
pub(crate) use files::entries;
pub use folder::{Store, check_plan, check_writable};
pub use foreign::{ForeignFiles, foreign_files, refuse_other_folder};
pub use layout::{INSPECT, is_in_results, is_results_folder};
pub use leases::{Acquisition, LEASE_TIMEOUT, Lease, LeaseHolder, MIN_LEASE_TIMEOUT};
pub use lookup::Condition;
pub use machine::{Processor, available_cores, instruction_set};
pub(crate) use manifest::last_part;
pub use manifest::{Manifest, TrainingTime, rfc3339};
pub use merge::{Merged, load_from_neighbours};
pub use places::DataPlaces;
#[cfg(feature = "cli")]
pub(crate) use places::relative as relative_path;
pub use record::Record;
pub use records::{DistributionRecords, RunRecords, TheoryRecords, load_records};
#[cfg(feature = "cli")]
pub(crate) use results::RUN_AGAIN;
pub use results::{Listing, Results};
pub use run::StoredRun;
pub use side::SideRecord;
pub use stored_weights::has_lost_weights;
pub(crate) use text::{cell, csv_lines};
pub use theory::TheoryRecord;
pub use warning::Warning;
pub use weights::{FOLDER as WEIGHTS, Moment, Weights, WeightsFile, weights_path};
