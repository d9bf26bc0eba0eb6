//! A run's weights as safetensors, with their provenance in the file's metadata.

use super::names::ExportedMeasurement;
use crate::store::columns::{Column, setting_columns};
use crate::store::encoder::{DESCRIPTION, EncoderSpec};
use crate::store::run::StoredRun;
use crate::store::text::number;
use crate::store::weights::{Weights, WeightsFile};
use serde_json::{Map, Value as Json, json};

/// The file's content: `W` \[m, n\], `b` \[m\] and, where the model has one, `b_d` \[n\], in f32; where the encoder is described, `mean` and
/// `sd` \[n\] in f64, under feature and global scope. The metadata are
///
/// - `encoder.json`: the description of the encoder ([`crate::store::EncoderSpec`]),
/// - `program`, the `version` that trained the run, and `weights_sha256`, the digest of the weights ([`WeightsFile::sha256`]),
/// - `identity`: everything that determined the run's numbers, as JSON; `run_key` is the beginning of its SHA-256,
/// - every setting under its column of `runs.csv` ([`crate::store::setting_columns`]), including `data_sha256`,
/// - the last `epoch` and its measurements, under the names of `epochs.csv` and of [`super::SaeNames`]; not for a run that diverged.
///
/// The format's metadata hold only text, so numbers are written in shortest round-trip form. Absent values have no entry.
pub fn safetensors(run: &StoredRun, weights: &WeightsFile) -> Vec<u8> {
    let Weights { w, b, b_d } = &weights.weights;
    let mut header = Map::new();
    header.insert("__metadata__".to_owned(), Json::Object(provenance(run, weights)));
    let mut data = Vec::new();
    let mut add = |name: &str, dtype: &str, shape: &[usize], bytes: Vec<u8>| {
        let start = data.len();
        data.extend(bytes);
        let info = json!({"dtype": dtype, "shape": shape, "data_offsets": [start, data.len()]});
        header.insert(name.to_owned(), info);
    };
    // The doubles come first, because a file has its tensors at multiples of the size of their values.
    for (name, values) in weights.encoder.iter().flat_map(EncoderSpec::arrays) {
        add(name, "F64", values.shape(), values.iter().flat_map(|value| value.to_le_bytes()).collect());
    }
    let mut tensors = vec![("W", w.view().into_dyn()), ("b", b.view().into_dyn())];
    tensors.extend(b_d.as_ref().map(|b_d| ("b_d", b_d.view().into_dyn())));
    for (name, tensor) in tensors {
        add(name, "F32", tensor.shape(), tensor.iter().flat_map(|value| value.to_le_bytes()).collect());
    }
    // Written by hand, because the `safetensors` crate writes metadata in a random order.
    let mut header = Json::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(data);
    file
}

/// The metadata about the origin of the weights, sorted by name.
fn provenance(run: &StoredRun, weights: &WeightsFile) -> Map<String, Json> {
    let mut entries = Map::new();
    let setting = |column: Column| (column.name.to_owned(), column.cell(run, None).to_text().into());
    entries.extend(setting_columns().map(setting));
    if let Some(last) = run.record.result() {
        entries.insert("epoch".to_owned(), last.epoch.to_string().into());
        let numbers = ExportedMeasurement::new(last, run.spec.hidden).numbers();
        entries.extend(numbers.into_iter().map(|(name, value)| (name, number(value).into())));
    }
    let rest = [
        ("program", "aesparse"),
        ("version", &run.record.version),
        ("weights_sha256", &weights.sha256),
        ("identity", &run.record.spec.identity().to_string()),
    ];
    entries.extend(rest.map(|(name, value)| (name.to_owned(), value.into())));
    if let Some(encoder) = &weights.encoder {
        let json = encoder.json().ok().and_then(|json| String::from_utf8(json).ok());
        entries.insert(
            DESCRIPTION.to_owned(),
            json.expect("settings are text, finite numbers and names").into(),
        );
    }
    entries
}
