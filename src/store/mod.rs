//! Results on disk: `<root>/<name>/` with one record per finished run, two tables, a manifest and weights.
//!
//! ```text
//! records/<run_key>.json              one finished run; a run is complete when its record is there
//! theory/<run_key>.json               what it measured of the theory, where asked for
//! checkpoints/<run_key>.safetensors   a run in progress, until its record is there
//! claims/<run_key>                    which of several workers trains it
//! sessions/<worker>.json              a worker's manifest, until the folder is opened by one process alone
//! weights/<run_key>/initial.npz       before the first step, where asked for
//! weights/<run_key>/final.npz         after the last epoch, where asked for
//! inspect/<run_key>/                  pictures of a run, where they were asked for; nothing depends on them
//! runs.csv, epochs.csv                the finished runs of the folder's plan, made from the records
//! theory.csv, theory_runs.csv, theory_ledger.csv    the same of what they measured of the theory
//! manifest.json                       configuration, data, machine and times
//! .local/data.json                    where the data are on this machine; ignored by git, never copied
//! ```
//!
//! Every file is written whole or not at all. What isn't ours is named and left as it is; a run's file that is damaged is named and
//! kept under another name, and its run is trained again.
//! Nothing here trains, prints or knows about plans: a plan's runs are known by their keys.

mod checkpoint;
mod claims;
mod columns;
mod csv;
mod derived;
pub mod export;
mod files;
mod folder;
mod foreign;
mod guard;
mod kept;
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
mod tables;
mod text;
mod theory;
mod warning;
mod weights;

pub use self::csv::{TheoryPart, epochs_csv, runs_csv, theory_csv};
pub use crate::atomic::{destination, write_output as write_atomic};
pub use crate::regular::read as read_regular;
pub use checkpoint::StoredCheckpoint;
pub use claims::{Claim, Holder, LEAST_PATIENCE, PATIENCE, Turn};
pub use columns::{
    AXES, Column, TableCell, epoch_columns, run_columns, setting_column, setting_columns, varied,
};
pub use folder::{Store, check_writable};
pub use foreign::{ForeignFiles, foreign_files};
pub(crate) use guard::lock;
pub use kept::has_lost_weights;
pub use lookup::Condition;
pub use machine::{Processor, instruction_set};
pub use manifest::Manifest;
pub(crate) use manifest::last_part;
pub use merge::{Merged, load_from_neighbours};
pub use places::DataPlaces;
pub use record::Record;
pub use records::{Records, TheoryRecords, has_damaged_theory, load_records, load_theory};
pub use results::{Listing, Results, is_results_folder};
pub use run::StoredRun;
pub(crate) use text::{cell, csv_lines};
pub use theory::TheoryRecord;
pub use warning::Warning;
pub use weights::{Moment, Weights, WeightsFile, weights_path};
