//! The samples that `encode` encodes: those of the training, or the user's own, which are read in blocks.

use super::super::args::EncodeArguments;
use super::super::messages::Messages;
use super::super::output;
use super::network::Network;
use crate::data::{Locations, Preparation, SampleIds, SampleMatrix, SampleRows, Scale, Standardize};
use crate::error::{Error, Result};
use crate::training::Encoder;
use ndarray::{Array2, ArrayView2};
use std::path::{Path, PathBuf};

/// The largest root mean square of standardised samples that gets no warning. That of the training samples is 1 or less; an input that hardly
/// varies among them can raise it for samples of the same kind, another unit or scale raises it further.
const MOST_RMS: f64 = 10.0;

/// The samples to encode.
pub(super) enum SamplesToEncode<'a> {
    /// Samples of the training data.
    OfTraining(DataSamples),
    /// The user's own.
    Own(Box<OwnSamples<'a>>),
}

/// Samples of the training data.
pub(super) struct DataSamples {
    /// \[N, n\], standardised.
    samples: Array2<f32>,
    ids: SampleIds,
    /// The word for the samples in the output.
    kind: &'static str,
}

/// The user's own samples, opened.
pub(super) struct OwnSamples<'a> {
    path: &'a Path,
    rows: SampleRows,
    /// How the samples are standardised, by the preparation of the training samples.
    standardize: Standardize,
    preparation: Preparation,
    messages: &'a Messages,
}

impl<'a> SamplesToEncode<'a> {
    /// Loads the samples of the training, or opens the user's own.
    ///
    /// # Errors
    /// Where they can't be found or used.
    pub(super) fn open(
        arguments: &'a EncodeArguments,
        network: &Network,
        messages: &'a Messages,
    ) -> Result<Self> {
        let own = network.own_data(arguments);
        let given =
            [Some(arguments.stored.run.as_path()), arguments.input.as_deref(), arguments.ids.as_deref()];
        let inputs: Vec<_> = given.into_iter().flatten().chain(own.iter().map(PathBuf::as_path)).collect();
        for out in [arguments.out.clone(), path_of_ids(&arguments.out)] {
            output::check_not_an_input("--out", &out, inputs.iter().copied())?;
        }
        if let Some(path) = &arguments.input {
            return OwnSamples::open(path, arguments, network, messages).map(|own| Self::Own(Box::new(own)));
        }
        let dataset = network.training_data(arguments)?.standardize(network.spec.standardize)?;
        let named = arguments.ids.as_deref();
        if !arguments.held_out {
            let ids = named.map_or_else(|| Ok(dataset.ids.clone()), |path| dataset.read_ids(path))?;
            return Ok(Self::OfTraining(DataSamples { samples: dataset.train, ids, kind: "training" }));
        }
        let ids =
            named.map_or_else(|| Ok(dataset.held_out_ids.clone()), |path| dataset.read_held_out_ids(path))?;
        match (dataset.held_out, network.held_out_path()) {
            (Some(samples), _) => Ok(Self::OfTraining(DataSamples { samples, ids, kind: "held-out" })),
            (None, Some(missing)) => {
                let problem = "there is no such file or folder with the run's held-out samples";
                Err(Error::data(missing, problem, "put it there, or below the folder that --data-dir names"))
            }
            (None, None) => Err(Error::usage(format_args!(
                "--held-out: the data set {} has no held-out samples; accepted: --input PATH with samples of your own",
                dataset.name
            ))),
        }
    }

    /// The number of samples.
    pub(super) fn available(&self) -> usize {
        match self {
            Self::OfTraining(data) => data.samples.nrows(),
            Self::Own(own) => own.rows.dim().0,
        }
    }

    /// The ids of the samples: those of the file that the arguments name, or else of the samples themselves.
    ///
    /// # Errors
    /// Where the file can't be read or has not a line for each sample.
    pub(super) fn ids(&self, arguments: &EncodeArguments) -> Result<SampleIds> {
        match (self, &arguments.ids) {
            (Self::OfTraining(data), _) => Ok(data.ids.clone()),
            (Self::Own(own), None) => Ok(own.rows.ids().clone()),
            (Self::Own(own), Some(path)) => SampleIds::read(path, own.rows.dim().0),
        }
    }

    /// The word for the samples in the output.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::OfTraining(data) => data.kind,
            Self::Own(_) => "own",
        }
    }

    /// Encodes the first `count` samples and passes the codes to `each`, as [`Encoder::encode`] does. Warns if the user's samples have another
    /// scale than the training samples.
    ///
    /// # Errors
    /// Where samples can't be read or used, and the errors of `each`.
    pub(super) fn encode(
        self,
        encoder: &mut Encoder<'_, f32>,
        count: usize,
        each: impl FnMut(ArrayView2<'_, f32>) -> Result<()>,
    ) -> Result<()> {
        match self {
            Self::OfTraining(data) => encoder.encode(data.samples.view(), count, each),
            Self::Own(own) => own.encode(encoder, count, each),
        }
    }
}

/// The file of ids beside the codes in the file `out`: `codes.ids.txt` for `codes.npy`.
pub(super) fn path_of_ids(out: &Path) -> PathBuf {
    out.with_extension("ids.txt")
}

impl<'a> OwnSamples<'a> {
    /// Opens the samples at `path`.
    fn open(
        path: &'a Path,
        arguments: &EncodeArguments,
        network: &Network,
        messages: &'a Messages,
    ) -> Result<Self> {
        let preparation = network.preparation(arguments)?;
        let source = preparation.source(path, arguments.array.as_deref())?;
        let rows = SampleRows::open(&source, &Locations::default())?;
        messages.remarks(rows.remarks());
        let (inputs, expected) = (rows.dim().1, network.spec.inputs);
        if inputs != expected {
            let problem = format!("its samples have {inputs} inputs, but the run was trained on {expected}");
            let fix = format!("use samples of the shape [N, {expected}]");
            return Err(Error::data(path, problem, fix));
        }
        Ok(Self { path, rows, standardize: network.spec.standardize, preparation, messages })
    }

    fn encode(
        self,
        encoder: &mut Encoder<'_, f32>,
        count: usize,
        mut each: impl FnMut(ArrayView2<'_, f32>) -> Result<()>,
    ) -> Result<()> {
        let Self { path, rows, standardize, preparation, messages } = self;
        let height = encoder.height();
        // A whole block, even where `count` needs fewer samples, because the bits of a dense product depend on their number.
        let read = count.next_multiple_of(height).min(rows.dim().0);
        let (stored, mut left) = (rows.stored(), count);
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut squares = 0.0;
        rows.blocks(read, height, |block: SampleMatrix| {
            let range = block.range();
            (least, most) = (least.min(range.0), most.max(range.1));
            let block = block.standardize_like(standardize, preparation.statistics.as_ref())?;
            let used = left.min(block.nrows());
            for row in block.rows().into_iter().take(used) {
                // Squares of finite f32 are finite in f64.
                let of_row = row.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
                if !of_row.is_finite() {
                    let problem = format!(
                        "the sample {} (from 0) is not finite after standardisation: an input hardly varies in the run's training samples",
                        count - left
                    );
                    let fix = "use samples of the kind that the run was trained on";
                    return Err(Error::data(path, problem, fix));
                }
                squares += of_row;
                left -= 1;
            }
            encoder.encode(block.view(), used, &mut each)
        })?;
        let scale = Scale::of(stored, || (least, most));
        // Standardisation by sample removes the scale.
        if standardize != (Standardize::Sample { epsilon: 0.0 })
            && let Some(mismatch) = scale_mismatch(scale, preparation.scale)
        {
            messages.warning(format_args!("{}: {mismatch}", path.display()));
        } else if let Some(statistics) = &preparation.statistics {
            let rms = (squares / (count * statistics.mean.len()) as f64).sqrt();
            if rms > MOST_RMS {
                messages.warning(format_args!(
                    "{}: standardised with the run's mean and sd, its values have the root mean square {rms:.1}, those of the training samples \
                     1 at most; compare the scale of both",
                    path.display()
                ));
            }
        }
        Ok(())
    }
}

/// A warning if samples of the scale `own` don't match a run that was trained on samples of the scale `trained`.
fn scale_mismatch(own: Scale, trained: Scale) -> Option<&'static str> {
    match (own, trained) {
        (Scale::Unit, Scale::Levels) => Some(
            "its bytes are divided by 255, but the run was trained on floating-point numbers up to 255; store the samples like the \
             training samples, for instance with x.astype('float32')",
        ),
        (Scale::Levels, Scale::Unit) => Some(
            "its floating-point numbers go up to 255, but the run was trained on bytes, which are divided by 255; store the \
             samples as bytes, for instance with x.astype('uint8'), or divide them by 255",
        ),
        _ => None,
    }
}
