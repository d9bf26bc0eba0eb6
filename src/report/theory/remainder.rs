//! Theorem 3's remainder as a picture: its share of the second-order terms against σ², both logarithmic.

use super::measured::{Cell, Runs, grouped};
use super::panels::{Facet, Frame, columns, settings};
use super::theorem3::{Entry, Groups};
use crate::report::Drawing;
use crate::report::chart::{Axis, Curve};
use crate::report::numbers::{Numbers, RUN_KEYS, run_keys};
use crate::report::statistics::Estimate;
use crate::report::text::{integer, of};
use crate::store::number;

/// The ledgers of a model at a σ².
struct Ledgers<'e, 'a> {
    cell: Cell<'e>,
    entries: Vec<&'e Entry<'a>>,
}

/// The plain auto-encoder, and each model at its smallest and largest σ²; `None` where no remainder is seen.
pub(super) fn picture(runs: &Runs<'_>, groups: &Groups<'_>) -> Option<Drawing> {
    let facets: Vec<(String, Vec<Ledgers<'_, '_>>)> =
        groups.iter().map(|(setting, entries)| (setting.clone(), shown(setting, entries))).collect();
    let entries = || facets.iter().flat_map(|(_, ledgers)| ledgers).flat_map(|ledgers| &ledgers.entries);
    let seen = || entries().filter(|entry| entry.is_left(0.0)).map(|entry| entry.share().abs());
    let sigmas = || entries().map(|entry| entry.sigma_squared).filter(|sigma| *sigma > 0.0);
    // 1 is on the axis: there the remainder is as large as all that Eq. 7 has.
    let (least, greatest) = (seen().fold(1.0, f64::min), seen().fold(1.0, f64::max));
    let frame = Frame {
        id: "theorem3",
        title: "Theorem 3's remainder",
        caption: caption(&facets),
        x: ("σ²", Axis::logarithmic(sigmas().fold(f64::INFINITY, f64::min), sigmas().fold(0.0, f64::max))),
        rows: vec![("|remainder| / second order", Axis::logarithmic(least, greatest))],
    };
    let table = Numbers {
        columns: columns(COLUMNS.into_iter().map(str::to_owned)).collect(),
        rows: entries().map(|entry| row(entry)).collect(),
    };
    let facet = |(setting, ledgers): &(String, Vec<Ledgers<'_, '_>>)| Facet {
        setting: setting.clone(),
        rows: vec![ledgers.iter().map(Ledgers::curve).collect()],
    };
    frame.picture(runs, &facets.iter().map(facet).collect::<Vec<_>>(), table)
}

/// Which ledgers of a setting are drawn: of many σ² the curves would hide each other.
fn shown<'e, 'a>(setting: &str, entries: &'e [Entry<'a>]) -> Vec<Ledgers<'e, 'a>> {
    let mut shown = Vec::new();
    for (model, of_model) in grouped(entries.iter(), |entry| entry.run.model()) {
        let sigmas = || of_model.iter().map(|entry| entry.run.sigma_squared());
        // The largest first: it has the model's own look, as in the other pictures.
        let mut ends = vec![sigmas().fold(0.0, f64::max), sigmas().fold(f64::INFINITY, f64::min)];
        ends.dedup();
        for sigma_squared in ends {
            let at_end = |entry: &&&Entry<'_>| entry.run.sigma_squared() == sigma_squared;
            let entries: Vec<&Entry<'a>> = of_model.iter().filter(at_end).copied().collect();
            let mut runs: Vec<_> = entries.iter().map(|entry| entry.run).collect();
            runs.dedup_by_key(|run| &run.stored.record.run_key);
            let cell = Cell { setting: setting.to_owned(), model: model.clone(), sigma_squared, runs };
            shown.push(Ledgers { cell, entries });
        }
    }
    shown
}

impl Ledgers<'_, '_> {
    /// Means over the seeds, where the remainder is seen with each of them; a gap where one can't be told from 0.
    fn curve(&self) -> Curve {
        let point = |(sigma, entries): (f64, Vec<&&Entry<'_>>)| {
            let shares: Vec<f64> = entries.iter().map(|entry| entry.share().abs()).collect();
            let is_seen = entries.iter().all(|entry| entry.is_left(0.0));
            (sigma, if is_seen { Estimate::of(&shares) } else { Some(Estimate::GAP) })
        };
        let mut points: Vec<_> = grouped(self.entries.iter(), |entry| entry.sigma_squared)
            .into_iter()
            .filter(|(sigma, _)| *sigma > 0.0)
            .map(point)
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Curve { label: self.cell.runs[0].label().to_owned(), legend: self.cell.name(), points }
    }
}

fn caption(facets: &[(String, Vec<Ledgers<'_, '_>>)]) -> String {
    let mut text = "What Eq. 7 leaves out, |J_DAE − J_AE − second order|, over the size of the second-order terms of Eq. 7, \
                    against the σ² of the corruption, after the last epoch; both axes are logarithmic. Eq. 7 is good where a \
                    curve is low. A curve that rises with σ² at the slope 1 is a remainder O(σ⁴), which vanishes beside the second \
                    order; one that stays level towards σ² → 0 is itself of order σ². At 1 the remainder is as large as all \
                    that Eq. 7 has. Signs are in the numbers."
        .to_owned();
    let mut all = 0;
    let mut unseen = Vec::new();
    for (setting, ledgers) in facets {
        for Ledgers { cell, entries } in ledgers {
            let lost = entries.iter().filter(|entry| !entry.is_left(0.0)).count();
            all += entries.len();
            if lost > 0 {
                let name = cell.name();
                unseen.push((lost, format!("{setting}, {name}: {}", of(lost as f64, entries.len() as f64))));
            }
        }
    }
    if !unseen.is_empty() {
        let lost: usize = unseen.iter().map(|(lost, _)| lost).sum();
        let each: Vec<&str> = unseen.iter().map(|(_, text)| text.as_str()).collect();
        text.push_str(&format!(
            " Left out are {} of {} values, within rounding or two standard errors of 0 ({}).",
            integer(lost as f64),
            integer(all as f64),
            each.join("; ")
        ));
    }
    text
}

/// The columns behind the settings; `second_order_terms` are own + cross + curvature.
const COLUMNS: [&str; 8] = [
    "seed",
    "ledger_sigma_squared",
    "second_order_terms",
    "remainder",
    "remainder_error",
    "remainder_share",
    "beyond_noise",
    RUN_KEYS,
];

fn row(entry: &Entry<'_>) -> Vec<String> {
    let mut row = settings(entry.run);
    row.push(entry.run.spec.seed.to_string());
    row.extend([entry.sigma_squared, entry.second()].map(number));
    row.extend(entry.remainder.map(number));
    row.extend([number(entry.share()), u8::from(entry.is_left(0.0)).to_string()]);
    row.push(run_keys([entry.run.stored].into_iter()));
    row
}
