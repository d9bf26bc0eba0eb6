//! Samples, their corrupted versions, and the reconstructions of both.

use super::geometry::Geometry;
use super::names::{heading, words};
use super::raster::ImageSheet;
use crate::data::{Dataset, Raw, Standardize, Units};
use crate::error::Result;
use crate::objective::reconstruct;
use crate::random::Noise;
use crate::regularizer::{RegularizerKind, Shape, Step};
use crate::report::figure::legend;
use crate::report::text::decimal;
use crate::state::Parameters;
use crate::store::StoredRun;
use crate::training::RunSpec;
use ndarray::{Array2, ArrayView1, ArrayView2, s};

/// Number of samples that are shown.
const SHOWN: usize = 12;

/// Approximate length of a sample's longer side, in pixels.
const TARGET: usize = 112;

/// Variance of the noise for a model that doesn't corrupt its input: the middle of the paper's σ².
pub const DEFAULT_SIGMA_SQUARED: f64 = 0.25;

/// The number of the noise, which no step of a training has.
const NOISE: u64 = u64::MAX;

/// The samples that are shown.
#[derive(Debug, Clone)]
pub struct ShownSamples {
    /// The standardised samples \[K, n\], as the model sees them.
    standardized: Array2<f32>,
    /// The units in which they are shown.
    units: Units,
    /// Whether they were held out of training.
    held_out: bool,
}

impl ShownSamples {
    /// The first 12 samples of `raw`, or all of fewer, and the data set of `raw`, standardised as `how` says. The samples are
    /// held-out ones, or training samples where none are held out. Both come from one call, because per-sample standardisation
    /// can't be undone later.
    ///
    /// # Errors
    /// Those of [`Raw::standardize`].
    ///
    /// # Panics
    /// If there are no training samples.
    pub fn of(raw: Raw, how: Standardize) -> Result<(Self, Dataset)> {
        let (original, held_out) = raw.first_samples(SHOWN);
        let dataset = raw.standardize(how)?;
        let units = Units::of(how, &original.view(), dataset.statistics.as_ref());
        let samples = dataset.held_out.as_ref().filter(|_| held_out).unwrap_or(&dataset.train);
        let standardized = samples.slice(s![..original.nrows(), ..]).to_owned();
        Ok((Self { standardized, units, held_out }, dataset))
    }
}

/// A PNG with four rows: samples x, their reconstructions y by the `parameters` of `run`, the same samples x̃ after corruption,
/// and the reconstructions of these. All are shown in the units of the source, with the standardisation undone. Black is 0 and
/// white is 1 where the samples lie between these, as bytes of images do; otherwise black and white are the least and the
/// greatest value of the samples. Values beyond are clamped.
///
/// A model that corrupts its input does so as in training, at the run's σ², with noise that no training step had. eDAE, which
/// expands the noise, gets Gaussian noise of the run's σ². Other models, and models that this program doesn't know, get Gaussian
/// noise of the variance `sigma_squared`, or else [`DEFAULT_SIGMA_SQUARED`]. A given `sigma_squared` takes precedence for all
/// models. Gaussian noise is added after standardisation. `train` \[N, n\] are the standardised training samples.
///
/// # Errors
/// [`crate::error::Error::Picture`] where the picture can't be rendered.
///
/// # Panics
/// If the shapes don't fit.
pub fn reconstructions(
    run: &StoredRun,
    parameters: &Parameters<f32>,
    (train, shown): (ArrayView2<'_, f32>, &ShownSamples),
    geometry: Geometry,
    sigma_squared: Option<f64>,
) -> Result<Vec<u8>> {
    // The record's spec, because in a table the plain auto-encoder has the name of the model that it serves at σ² = 0.
    let spec = &run.record.spec;
    let clean = shown.standardized.view();
    let (corrupted, how) = corrupt(spec, train, clean, sigma_squared);
    let outputs = [clean, corrupted.view()].map(|input| reconstruct(&spec.activation, parameters, input));
    let errors = outputs.each_ref().map(|output| error(output, &shown.standardized));
    let rows = [clean, outputs[0].view(), corrupted.view(), outputs[1].view()]
        .map(|samples| shown.units.restore(&samples));
    let range = range(&rows[0]);
    let from = if shown.held_out { "held-out" } else { "training" };
    let about = format!("{} {from} samples; corrupted {how}", clean.nrows());
    let units = if spec.standardize == Standardize::None { "" } else { " in standardised units" };
    let errors =
        format!("squared error{units}: {:.2} of the clean, {:.2} of the corrupted", errors[0], errors[1]);
    let shades = format!("in the units of the data: black {}, white {}", decimal(range.0), decimal(range.1));
    let layout = ImageSheet {
        title: &heading("Reconstructions", run),
        remarks: &[&words(run), &about, &errors, &shades],
        labels: &["original", "reconstruction", "corrupted", "reconstruction"],
        columns: clean.nrows(),
        target: TARGET,
    };
    let image =
        |sample: ArrayView1<'_, f64>| (geometry.tile(&sample.to_vec(), |value| shade(value, range)), false);
    layout.png(&rows.iter().flat_map(|row| row.rows()).map(image).collect::<Vec<_>>())
}

/// The corrupted samples, and the corruption in words: `by Gaussian noise, σ² = 0.25`.
fn corrupt(
    spec: &RunSpec,
    train: ArrayView2<'_, f32>,
    clean: ArrayView2<'_, f32>,
    sigma_squared: Option<f64>,
) -> (Array2<f32>, String) {
    let noise = Noise::new(spec.seed);
    let mut samples = Array2::zeros(clean.dim());
    let is_known = !matches!(spec.regularizer.kind(), RegularizerKind::Unknown(_));
    if sigma_squared.is_none() && is_known {
        let (batch, inputs) = clean.dim();
        let shape = Shape { batch, inputs, hidden: spec.hidden };
        let mut regularizer = spec.regularizer.build::<f32>(spec.sigma_squared, shape);
        regularizer.prepare(train);
        let mut drawn = Array2::zeros((regularizer.draws() * batch, inputs));
        let places: Vec<u32> = (0..).take(batch).collect();
        let step = Step { noise: &noise, number: NOISE, samples: &places };
        if regularizer.corrupt(clean, step, drawn.view_mut()) {
            // The first draw of each sample.
            samples.assign(&drawn.slice(s![..batch, ..]));
            let model = legend(&spec.regularizer.label());
            return (samples, format!("as in training ({model} at {})", spec.sigma_squared));
        }
    }
    let own = (spec.regularizer.kind() == RegularizerKind::Edae).then_some(spec.sigma_squared);
    let variance = sigma_squared.or(own).unwrap_or(DEFAULT_SIGMA_SQUARED);
    let mut drawn = vec![0.0; clean.len()];
    noise.fill_scaled(NOISE, variance.sqrt() as f32, &mut drawn);
    for ((sample, clean), noise) in samples.iter_mut().zip(clean).zip(drawn) {
        *sample = clean + noise;
    }
    (samples, format!("by Gaussian noise, σ² = {variance}"))
}

/// Σ_i (y_i − x_i)², mean over the samples.
fn error(output: &Array2<f32>, clean: &Array2<f32>) -> f64 {
    let squares = output.iter().zip(clean).map(|(y, x)| f64::from(y - x).powi(2));
    squares.sum::<f64>() / clean.nrows().max(1) as f64
}

/// The values of black and white.
fn range(originals: &Array2<f64>) -> (f64, f64) {
    /// Largest rounding error of standardisation and its inverse.
    const ROUNDING: f64 = 1e-5;
    let least = originals.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = originals.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if least >= -ROUNDING && greatest <= 1.0 + ROUNDING { (0.0, 1.0) } else { (least, greatest) }
}

/// 255 (value − black) / (white − black), rounded and clamped to 0 … 255.
pub(super) fn shade(value: f64, (black, white): (f64, f64)) -> u8 {
    let share = if white > black { (value - black) / (white - black) } else { 0.5 };
    // NaN becomes 0.
    (255.0 * share).round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::super::raster::tests::pixels;
    use super::*;
    use crate::activation::ActivationKind;
    use crate::constraint::Constraint;
    use crate::data::{SampleIds, SampleMatrix, Source, Stored};
    use crate::parameter::Value;
    use crate::regularizer::RegularizerSpec;
    use crate::report::figure::tests::runs;
    use crate::store::Record;
    use ndarray::array;
    use std::sync::Arc;

    fn spec(kind: RegularizerKind, given: &[(&str, Value)], sigma_squared: f64) -> RunSpec {
        RunSpec {
            data_sha256: "0".repeat(64),
            standardize: Standardize::Feature { epsilon: 0.1 },
            hidden: 4,
            activation: ActivationKind::Identity.into(),
            constraint: Constraint::None,
            regularizer: RegularizerSpec::new(kind, given).unwrap(),
            sigma_squared,
            batch: 10,
            epochs: 1,
            ..RunSpec::new(3, 4)
        }
    }

    fn raw(held_out: Option<Array2<f32>>) -> Raw {
        Raw {
            name: "mine".to_owned(),
            sha256: "0".repeat(64),
            available: 3,
            train: SampleMatrix::Single(array![
                [0.0, 0.2, 0.4, 1.0],
                [1.0, 0.4, 0.4, 0.0],
                [0.5, 0.6, 0.4, 0.5]
            ]),
            ids: SampleIds::Rows,
            held_out: held_out.map(SampleMatrix::Single),
            held_out_ids: SampleIds::Rows,
            held_out_from: None,
            split: None,
            stored: Stored::Bytes,
            remarks: Vec::new(),
        }
    }

    #[test]
    fn held_out_samples_are_shown_where_there_are_some_and_in_their_own_units() {
        let with = raw(Some(array![[0.1, 0.9, 0.4, 0.3]]));
        let how = Standardize::Feature { epsilon: 0.1 };
        let (shown, with) = ShownSamples::of(with, how).unwrap();
        assert!(shown.held_out && shown.standardized.nrows() == 1);
        assert_eq!(shown.standardized, with.held_out.unwrap(), "standardised like the others");
        let restored = shown.units.restore(&shown.standardized.view());
        for (found, expected) in restored.iter().zip([0.1, 0.9, 0.4, 0.3]) {
            assert!((found - expected).abs() < 1e-6, "{restored}");
        }
        let (shown, _) = ShownSamples::of(raw(None), Standardize::Sample { epsilon: 0.0 }).unwrap();
        assert!(!shown.held_out && shown.standardized.nrows() == 3);
        assert!((shown.units.restore(&shown.standardized.view())[[1, 0]] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn corruption_is_the_models_own_or_gaussian() {
        let train = raw(None).train.standardize_like(Standardize::None, None).unwrap();
        let of =
            |kind, given: &[_], at, asked| corrupt(&spec(kind, given, at), train.view(), train.view(), asked);
        let masked = of(RegularizerKind::Dae, &[("corruption", Value::Choice("masking"))], 1.0, None);
        assert_eq!(masked.0, Array2::<f32>::zeros((3, 4)));
        assert_eq!(masked.1, "as in training (DAE (corruption=masking) at 1)");
        // The noise is the same for all models: DAE's at σ² = 0.04 equals eDAE's, and is half of the noise at 0.16.
        let own = of(RegularizerKind::Dae, &[], 0.04, None);
        let expanded = of(RegularizerKind::Edae, &[], 0.04, None);
        assert_eq!(expanded.1, "by Gaussian noise, σ² = 0.04");
        let asked = of(RegularizerKind::Dae, &[], 0.04, Some(0.16));
        let plain = of(RegularizerKind::Cae, &[], 0.04, None);
        assert_eq!(plain.1, "by Gaussian noise, σ² = 0.25");
        for (index, clean) in train.indexed_iter() {
            let noise = own.0[index] - clean;
            assert!((expanded.0[index] - clean - noise).abs() < 1e-6);
            assert!((asked.0[index] - clean - 2.0 * noise).abs() < 1e-6);
            assert!((plain.0[index] - clean - 2.5 * noise).abs() < 1e-5);
        }
    }

    #[test]
    fn shades_span_the_data() {
        assert_eq!(range(&array![[0.0, 1.0 + 1e-7]]), (0.0, 1.0));
        assert_eq!(range(&array![[0.25, 0.5]]), (0.0, 1.0));
        assert_eq!(range(&array![[-2.0, 0.5]]), (-2.0, 0.5));
        assert_eq!([-1.0, 0.0, 0.5, 1.0, 9.0].map(|value| shade(value, (0.0, 1.0))), [0, 0, 128, 255, 255]);
        assert_eq!([shade(3.0, (3.0, 3.0)), shade(f64::NAN, (0.0, 1.0))], [128, 0]);
    }

    /// With W = I, no bias and the identity, y = x.
    #[test]
    fn a_perfect_model_shows_every_sample_twice() {
        let mut run = runs("sweep = { sigma_squared = [1], regularizer = ['dae'] }", |_| Some((0.5, 0.0)))
            .pop()
            .unwrap();
        let spec = spec(RegularizerKind::Dae, &[], 0.04);
        run.record = Arc::new(Record { spec, ..(*run.record).clone() });
        let how = Standardize::Feature { epsilon: 0.1 };
        let (shown, data) = ShownSamples::of(raw(None), how).unwrap();
        let parameters = Parameters::new(Array2::eye(4).view(), vec![0.0; 4], Vec::new());
        let geometry = Geometry::of(&Source::Mnist, 4).unwrap();
        let png = reconstructions(&run, &parameters, (data.train.view(), &shown), geometry, None).unwrap();
        let image = pixels(&png);
        // Tiles of 2 × 2 squares of 32 pixels; rows are 74 apart, below a heading of 114 units.
        let at = |row: u32, sample: u32, pixel: u32| {
            let (x, y) = (300 + sample * 66 + (pixel % 2) * 32, 228 + row * 74 + (pixel / 2) * 32);
            image.get_pixel(x + 8, y + 8).0[0]
        };
        assert_eq!([0, 1, 2, 3].map(|pixel| at(0, 0, pixel)), [0, 51, 102, 255]);
        assert_eq!([0, 1, 2, 3].map(|pixel| at(0, 1, pixel)), [255, 102, 102, 0]);
        let every = || (0..3).flat_map(|sample| (0..4).map(move |pixel| (sample, pixel)));
        assert!(every().all(|(sample, pixel)| at(0, sample, pixel) == at(1, sample, pixel)));
        assert!(every().all(|(sample, pixel)| at(2, sample, pixel) == at(3, sample, pixel)));
        assert!(every().any(|(sample, pixel)| at(0, sample, pixel) != at(2, sample, pixel)));
    }
}
