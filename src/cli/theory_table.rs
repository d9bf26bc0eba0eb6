//! The table of theory measurements in a sweep's summary.

use super::legend;
use crate::experiment::Plan;
use crate::report::document::{Block, Table, Text};
use crate::report::theory::{EXPLANATION, SummaryColumn};
use crate::store::{Store, StoredRun};

/// The last theory measurements of the finished cells `runs` of `plan`; empty if there are none.
pub(super) fn summary(plan: &Plan, runs: &[StoredRun], store: &Store) -> Vec<Block> {
    let varied = legend::varied(plan);
    let records = runs.iter().filter_map(|run| Some((run, store.theory(&run.record.run_key)?)));
    let records: Vec<_> = records.collect();
    let Some((run, record)) = records.last() else { return Vec::new() };
    let caption = format!(
        "theory, on {} of {} samples, at the last measured epoch, {} units",
        record.samples, run.spec.samples, run.spec.hidden
    );
    let rows = records.iter().map(|(run, record)| -> Vec<Text> {
        let last = record.epochs.read().next_back().unwrap_or_default();
        let mut model = vec![run.spec.regularizer.label()];
        model.extend(legend::setting_words(&run.spec, &varied));
        let names = [model.join(" "), run.spec.sigma_squared.to_string()];
        names
            .into_iter()
            .chain(SummaryColumn::shown().map(|column| column.cell(&last)))
            .map(Text::from)
            .collect()
    });
    let heads: Vec<&str> = SummaryColumn::shown().map(|column| column.head).collect();
    let table = Table::new(caption, &["model", "σ²"], &heads).with(rows);
    vec![Block::Table(table), Block::note(EXPLANATION)]
}
