//! Other δ_min than the paper's, from the counts in the records of figures: does what they show depend on it?

use super::contrast::{Contrast, Size, basis};
use super::evidence::{BySeed, Evidence, Run, less};
use super::sweep::{Facet, facets, fraction};
use super::{Control, Findings, Source};
use crate::report::chart::{Axis, Curve, Row, Small, greatest_value};
use crate::report::claims::margins::MARGIN;
use crate::report::figure::{activation, legend};
use crate::report::numbers::{Numbers, RUN_KEYS, bounds, cells_of, run_keys};
use crate::report::text::{list, number};
use crate::store::number as shortest;
use crate::training::THRESHOLDS;

pub(super) const CONTROL: Control = Control {
    id: "threshold",
    title: "Other δ_min",
    question: "A unit is active where h > δ_min, and the paper takes 0 for ReLU and 0.1 for sigmoid. Do the order of the models \
               and the fall with σ² depend on this choice?",
    setup: "The runs of Figures 1 and 4, counted at 24 thresholds; nothing is trained for it. The axis of δ_min is logarithmic, \
            with 0 apart at its start. A difference counts where its interval, or with one seed its value, is beyond the \
            margin.",
    source: Source::Figures(&["1", "4"]),
    examine,
};

/// The σ² that are drawn, where they are there.
const SHOWN: [f64; 3] = [0.01, 0.25, 1.0];
/// The δ_min at which dead units are named.
const NAMED: [f32; 3] = [0.0, 0.1, 0.5];

/// The share of pairs with h > `THRESHOLDS[place]`.
fn active(place: usize) -> impl Fn(&Run<'_>) -> Option<f64> {
    move |run| {
        let activity = run.stored.record.activity.as_ref()?;
        let pairs = run.spec().samples as f64 * run.spec().hidden as f64;
        Some(*activity.pairs_above.get(place)? as f64 / pairs)
    }
}

/// The share of units with h > `THRESHOLDS[place]` on no sample.
fn dead(place: usize) -> impl Fn(&Run<'_>) -> Option<f64> {
    move |run| {
        let activity = run.stored.record.activity.as_ref()?;
        Some(*activity.units_never_above.get(place)? as f64 / run.spec().hidden as f64)
    }
}

fn examine(evidence: &Evidence<'_>) -> Option<Findings> {
    let runs = evidence.runs.iter().filter(|run| run.stored.record.activity.is_some()).copied();
    let counted = Evidence { runs: runs.collect() };
    let facets = facets(&counted, |spec| spec.activation.label(), activation);
    let sentences: Vec<String> = facets.iter().flat_map(sentences).collect();
    (!sentences.is_empty()).then(|| Findings {
        x_name: "δ_min",
        rows: facets.iter().flat_map(rows).collect(),
        table: table(&counted),
        sentences,
    })
}

/// Activation fraction and dead units of one activation's models against δ_min, a panel for each σ².
fn rows(facet: &Facet<'_>) -> Vec<Row> {
    let sigmas = facet.evidence.sigmas();
    let mut shown: Vec<f64> = SHOWN.into_iter().filter(|sigma| sigmas.contains(sigma)).collect();
    if shown.is_empty() {
        shown.extend(sigmas.last());
    }
    let end = end(&facet.evidence);
    let x = Axis::decades(f64::from(THRESHOLDS[1]), f64::from(THRESHOLDS[end]));
    let row = |name: &str, value: fn(&Evidence<'_>, f64, usize) -> BySeed, titled: bool| {
        let panel = |sigma: &f64| Small {
            title: if titled { format!("{}, σ² = {sigma}", facet.title) } else { String::new() },
            curves: curves(&facet.evidence, end, |runs, place| value(runs, *sigma, place)),
        };
        let panels: Vec<Small> = shown.iter().map(panel).collect();
        let y = Axis::covering(greatest_value(&panels).max(0.1));
        Row { name: name.to_owned(), x: x.clone(), y, panels }
    };
    vec![
        row("Activation fraction", |runs, sigma, place| runs.at(sigma, active(place)), true),
        row("Fraction of dead units", |runs, sigma, place| runs.at(sigma, dead(place)), false),
    ]
}

/// The place of the first threshold that nothing is above, or of the last one.
fn end(evidence: &Evidence<'_>) -> usize {
    let activities = || evidence.runs.iter().filter_map(|run| run.stored.record.activity.as_ref());
    let is_empty = |place: &usize| activities().all(|activity| activity.pairs_above[*place] == 0);
    let last = THRESHOLDS.len() - 1;
    (1..last).find(is_empty).unwrap_or(last)
}

/// A curve for each model over the thresholds up to the place `end`.
fn curves(evidence: &Evidence<'_>, end: usize, value: impl Fn(&Evidence<'_>, usize) -> BySeed) -> Vec<Curve> {
    let places = || THRESHOLDS[..=end].iter().enumerate();
    let curve = |label: &str| {
        let runs = evidence.filter(|spec| spec.regularizer.label() == label);
        let points =
            places().map(|(place, threshold)| (f64::from(*threshold), fraction(&value(&runs, place))));
        Curve { label: label.to_owned(), legend: legend(label), points: points.collect() }
    };
    evidence.models().iter().map(|label| curve(label)).collect()
}

fn sentences(facet: &Facet<'_>) -> Vec<String> {
    let Facet { title, evidence } = facet;
    let sigma = evidence.last_sigma();
    let Some(own) = evidence.runs.first().map(|run| run.spec().threshold) else { return Vec::new() };
    let Some(paper) = THRESHOLDS.iter().position(|threshold| f64::from(*threshold) as f32 == own as f32)
    else {
        return Vec::new();
    };
    let said = [order(evidence, sigma, paper), falls(evidence, sigma), dead_units(evidence, sigma)];
    said.into_iter().flatten().map(|sentence| format!("{title}, {sentence}")).collect()
}

/// Which pairs of models change their order.
fn order(evidence: &Evidence<'_>, sigma: f64, paper: usize) -> Option<String> {
    let models = evidence.models();
    let pairs = models.iter().enumerate().flat_map(|(i, a)| models[..i].iter().map(move |b| (&**b, &**a)));
    let pairs: Vec<(&str, &str)> = pairs.collect();
    let of = |label: &str, place: usize| {
        evidence.filter(|spec| spec.regularizer.label() == label).at(sigma, active(place))
    };
    let difference = |(a, b): (&str, &str), place: usize| Contrast::of(&less(&of(a, place), &of(b, place)));
    let counts = |contrast: &Contrast| contrast.size() == Size::Beyond;
    let (mut differing, mut reversed) = (Vec::new(), Vec::new());
    for pair in &pairs {
        let Some(usual) = difference(*pair, paper).filter(counts) else { continue };
        differing.push(Some(usual));
        let other = |place: &usize| {
            difference(*pair, *place).filter(counts).is_some_and(|other| other.mean * usual.mean < 0.0)
        };
        let places: Vec<usize> = (0..THRESHOLDS.len()).filter(other).collect();
        if let (Some(first), Some(last)) = (places.first(), places.last()) {
            let (a, b) = (legend(pair.0), legend(pair.1));
            reversed
                .push(format!("{a} and {b} for δ_min from {} to {}", THRESHOLDS[*first], THRESHOLDS[*last]));
        }
    }
    let turned = if reversed.is_empty() {
        "none of them is the other way round at another δ_min".to_owned()
    } else {
        format!("the other way round are {}", reversed.join("; "))
    };
    (!pairs.is_empty()).then(|| {
        format!(
            "σ² = {sigma}: {} of {} pairs of models differ by more than {MARGIN} at the paper's δ_min = {}{}; {turned}.",
            differing.len(),
            pairs.len(),
            THRESHOLDS[paper],
            if differing.is_empty() { String::new() } else { format!(" ({})", basis(&differing)) }
        )
    })
}

/// At how many δ_min each model's activation fraction falls, and at how many it rises.
fn falls(evidence: &Evidence<'_>, sigma: f64) -> Option<String> {
    let (mut falling, mut rising) = (Vec::new(), Vec::new());
    for label in evidence.models() {
        let runs = evidence.filter(|spec| spec.regularizer.label() == label);
        // Where hardly anything is active at σ² = 0, nothing can fall by more than the margin.
        let can_fall =
            |place: &usize| Contrast::of(&runs.at(0.0, active(*place))).is_some_and(|c| c.mean > MARGIN);
        let places: Vec<usize> = (0..THRESHOLDS.len()).filter(can_fall).collect();
        let beyond = |place: usize| {
            let change = Contrast::of(&runs.change(sigma, active(place)));
            change.filter(|change| change.size() == Size::Beyond).map_or(0.0, |change| change.mean)
        };
        let falls = places.iter().filter(|place| beyond(**place) < 0.0).count();
        falling.push(format!("{} at {falls} of {}", legend(&label), places.len()));
        let places: Vec<usize> = (0..THRESHOLDS.len()).filter(|place| beyond(*place) > 0.0).collect();
        if let (Some(first), Some(last)) = (places.first(), places.last()) {
            let between = match THRESHOLDS[*first..=*last] {
                [only] => format!("for δ_min = {only}"),
                [first, .., last] => format!("for {} δ_min from {first} to {last}", places.len()),
                [] => continue,
            };
            rising.push(format!("{} {between}", legend(&label)));
        }
    }
    let rising = if rising.is_empty() { "at none for any model".to_owned() } else { list(rising) };
    (!falling.is_empty()).then(|| {
        format!(
            "the fraction falls by more than {MARGIN} from σ² = 0 to {sigma}: {} δ_min at which more than {MARGIN} are active \
             at σ² = 0. It rises by more than that: {rising}.",
            list(falling)
        )
    })
}

/// The share of dead units at some δ_min.
fn dead_units(evidence: &Evidence<'_>, sigma: f64) -> Option<String> {
    let places = NAMED.map(|named| THRESHOLDS.iter().position(|threshold| *threshold == named).unwrap_or(0));
    let said = evidence.models().into_iter().filter_map(|label| {
        let runs = evidence.filter(|spec| spec.regularizer.label() == label);
        let shares = places.iter().map(|place| Contrast::of(&runs.at(sigma, dead(*place))));
        let shares: Option<Vec<String>> = shares.map(|share| Some(number(share?.mean))).collect();
        Some(format!("{} {}", legend(&label), shares?.join(", ")))
    });
    let said: Vec<String> = said.collect();
    (!said.is_empty()).then(|| {
        format!("share of dead units at σ² = {sigma} for δ_min = {}: {}.", list(NAMED), said.join("; "))
    })
}

/// A line for each model, σ² and δ_min.
fn table(evidence: &Evidence<'_>) -> Numbers {
    let settings =
        ["dataset", "activation", "constraint", "regularizer", "sigma_squared", "threshold", "seeds"];
    let columns = settings.map(str::to_owned).into_iter();
    let columns = columns.chain(bounds("avg_activation_fraction")).chain(bounds("dead_fraction"));
    let columns = columns.chain([RUN_KEYS.to_owned()]);
    let mut table = Numbers { columns: columns.collect(), rows: Vec::new() };
    for facet in facets(evidence, |spec| spec.activation.label(), str::to_owned) {
        for label in facet.evidence.models() {
            let runs = facet.evidence.filter(|spec| spec.regularizer.label() == label);
            for sigma in runs.sigmas() {
                table.rows.extend((0..THRESHOLDS.len()).filter_map(|place| line(&runs, sigma, place)));
            }
        }
    }
    table
}

fn line(runs: &Evidence<'_>, sigma: f64, place: usize) -> Option<Vec<String>> {
    let first = runs.runs.first()?;
    let fractions = runs.at(sigma, active(place));
    let mut line = vec![
        first.stored.dataset.clone(),
        first.spec().activation.label(),
        first.spec().constraint.label(),
        first.spec().regularizer.label(),
        shortest(sigma),
        THRESHOLDS[place].to_string(),
        fractions.len().to_string(),
    ];
    line.extend(cells_of(fraction(&fractions)));
    line.extend(cells_of(fraction(&runs.at(sigma, dead(place)))));
    let counted = runs.runs.iter().filter(|run| run.spec().sigma_squared == sigma);
    line.push(run_keys(counted.map(|run| run.stored)));
    Some(line)
}
