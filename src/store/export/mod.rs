//! Stored results in formats that other programs read.
//!
//! | format | holds | read by |
//! |---|---|---|
//! | [`json_lines()`] | an object for each cell and measured epoch | pandas, jq, anything that reads JSON |
//! | [`event_file`] | the measurements of a run by epoch | TensorBoard |
//! | [`safetensors()`] | a run's weights, with where they come from | PyTorch, JAX, NumPy by `safetensors` |
//! | [`write_codes`] | hidden codes of samples, as `.npy`, sparse `.npz`, CSV or JSON Lines | NumPy, SciPy, pandas |
//!
//! Measurements have their names of `epochs.csv`, and additionally the names of [`SaeNames`]. No export holds a time, a host or a path,
//! and the same results give the same bytes.

mod codes;
mod json_lines;
mod names;
mod runs;
mod sparse;
mod tensorboard;
mod tensors;

pub use codes::{CodesFormat, CodesLayout, Sink, write_codes};
pub use json_lines::json_lines;
pub use names::SaeNames;
pub use runs::{NamedRun, named_runs};
pub use tensorboard::{EVENT_FILE, event_file, is_event_file};
pub use tensors::safetensors;
