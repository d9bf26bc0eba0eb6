//! The settings as data: what each means, accepts and is where a configuration doesn't give it.
//!
//! From here come the reference for people ([`markdown()`]), the schema for editors ([`json_schema()`]) and the commented
//! configuration to begin with ([`commented()`]). The reader of configurations doesn't use it, for it checks what no list can
//! say; the tests of this module hold both against each other, key by key and bound by bound.

mod commented;
mod json_schema;
mod markdown;
mod options;
#[cfg(test)]
mod tests;

pub use commented::{SOURCES, commented};
pub use json_schema::json_schema;
pub use markdown::markdown;
pub use options::overrides_for;

use super::schema::{
    COUNT, DEFAULT_SECONDS, LEARNING_RATE, MOMENTUM, PAPER_REGULARIZERS, PAPER_SIGMA_SQUARED, SAMPLES,
    SECONDS, SEED, THRESHOLD,
};
use super::sources::{CHANNELS, EPSILON, IMAGE_FOLDER, MOST_SAMPLES, SIDE, SYNTHETIC};
use super::{DEFAULT_THEORY, WeightsOutput};
use crate::activation::ActivationKind;
use crate::constraint::ConstraintKind;
use crate::data::images::{Fit, OnError};
use crate::optimizer::EncoderBias;
use crate::parameter::{Domain, Kind, Parameter, Value};
use crate::regularizer::{COEFFICIENTS, RegularizerKind};
use serde_json::Value as Json;

/// A table of settings; the one without a name is the configuration itself.
struct Part {
    name: &'static str,
    doc: &'static str,
    settings: Vec<Setting>,
}

/// A setting.
struct Setting {
    key: &'static str,
    doc: String,
    accepts: Accepts,
    default: Default,
}

/// What a setting accepts.
enum Accepts {
    Number(Domain),
    /// One of these numbers.
    Numbers(&'static [u64]),
    /// A number, or this word.
    NumberOr(Domain, &'static str),
    Boolean,
    /// A text; what it must be.
    Text(&'static str),
    /// One of several, by name, or as a table with that name under `kind` (`scope`) and what else is to be said.
    Forms {
        tag: &'static str,
        forms: Vec<Form>,
    },
    /// A table with these keys.
    Table(Vec<Setting>),
    /// A list without repetitions.
    List(Box<Accepts>),
    /// The same, or an entry that stands for the list that has no other.
    ListOrOne(Box<Accepts>),
}

impl Accepts {
    /// What it chooses among, itself or for the entries of a list, and the key that says which.
    fn forms(&self) -> Option<(&'static str, &[Form])> {
        match self {
            Self::Forms { tag, forms } => Some((tag, forms)),
            Self::List(of) | Self::ListOrOne(of) => of.forms(),
            _ => None,
        }
    }
}

/// One of several that a setting may be.
struct Form {
    name: &'static str,
    /// What else it's called in figures, and may be in a configuration.
    legend: Option<&'static str>,
    doc: String,
    settings: Vec<Setting>,
}

impl Form {
    /// What it may be called: other spellings of these are understood too.
    fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.legend)
    }

    /// Whether the bare name may stand for the table.
    fn may_be_bare(&self) -> bool {
        self.settings.iter().all(|setting| !matches!(setting.default, Default::Required))
    }
}

/// What a setting is where it isn't given.
enum Default {
    Value(Json),
    /// It depends, or is nothing that could be written.
    Words(&'static str),
    /// It must be given.
    Required,
}

fn setting(key: &'static str, accepts: Accepts, default: Default, doc: impl Into<String>) -> Setting {
    Setting { key, doc: doc.into(), accepts, default }
}

fn value(value: impl Into<Json>) -> Default {
    Default::Value(value.into())
}

fn form(name: &'static str, doc: impl Into<String>, settings: Vec<Setting>) -> Form {
    Form { name, legend: None, doc: doc.into(), settings }
}

/// Settings of a model, as it declares them.
fn of(parameters: &[Parameter]) -> Vec<Setting> {
    let one = |parameter: &Parameter| {
        let accepts = match parameter.domain {
            Domain::Choice(names) => choice(names.iter().map(|name| (*name, ""))),
            domain => Accepts::Number(domain),
        };
        let default = match parameter.default {
            Some(Value::Real(number)) => value(number),
            Some(Value::Integer(number)) => value(number),
            Some(Value::Choice(name)) => value(name),
            None => Default::Required,
        };
        setting(parameter.name, accepts, default, parameter.doc)
    };
    parameters.iter().map(one).collect()
}

/// One of these names, with what they mean.
fn choice<'d>(names: impl IntoIterator<Item = (&'static str, &'d str)>) -> Accepts {
    let forms = names.into_iter().map(|(name, doc)| form(name, doc, Vec::new())).collect();
    Accepts::Forms { tag: "", forms }
}

fn axis(accepts: Accepts) -> Accepts {
    Accepts::ListOrOne(Box::new(accepts))
}

fn activations() -> Accepts {
    let one = |kind: &ActivationKind| form(kind.name(), "", of(kind.parameters()));
    Accepts::Forms { tag: "kind", forms: ActivationKind::known().iter().map(one).collect() }
}

fn constraints() -> Accepts {
    let one = |kind: &ConstraintKind| form(kind.name(), kind.doc(), of(kind.parameters()));
    Accepts::Forms { tag: "kind", forms: ConstraintKind::ALL.iter().map(one).collect() }
}

fn encoder_biases() -> Accepts {
    choice(EncoderBias::ALL.iter().map(|bias| (bias.name(), "")))
}

fn regularizers() -> Accepts {
    let one = |kind: &RegularizerKind| {
        let (legend, source) = (kind.legend(), kind.source());
        let doc = if legend == source { format!("{source}.") } else { format!("{legend}: {source}.") };
        Form { legend: Some(legend), ..form(kind.name(), doc, of(kind.parameters())) }
    };
    Accepts::Forms { tag: "kind", forms: RegularizerKind::known().iter().map(one).collect() }
}

/// Every setting, in the order in which people write them.
fn parts() -> Vec<Part> {
    vec![root(), data(), model(), training(), sweep(), evaluation(), output(), theory()]
}

fn root() -> Part {
    let name = "1 to 100 letters, digits, `_` and `-`, not `figures` or a device of Windows";
    let settings = vec![
        setting(
            "name",
            Accepts::Text(name),
            Default::Words("the file's name without its end"),
            "The results folder.",
        ),
        setting(
            "seeds",
            Accepts::List(Box::new(Accepts::Number(SEED))),
            value(vec![1]),
            "The replicates. A seed determines initial weights, the order of the samples, and noise, the same for every model and σ².",
        ),
    ];
    Part { name: "", doc: "", settings }
}

fn data() -> Part {
    let npy = vec![setting(
        "path",
        Accepts::Text("the path of a .npy file"),
        Default::Required,
        "f32, f64 or u8 [N, n], a sample a row, plain or gzip; u8 is divided by 255; f64 is standardised as f64 and becomes f32 \
         afterwards. The rows that are read take at most 16 GiB, 4 bytes a value, 8 where they are f64; the file may be larger. Relative \
         paths lead from this file.",
    )];
    let forms = vec![
        form("mnist", "MNIST's training images, n = 784; its test images are held out.", Vec::new()),
        form(
            "cifar10_patches",
            "8 × 8 patches of CIFAR-10's training images, n = 192; patches of its test images are held out.",
            Vec::new(),
        ),
        form("npy", "Samples of one's own.", npy),
        form(
            "images",
            "One's own pictures, n = height · width · channels: rows from above, the channels of a pixel side by side, divided \
             by 255. Laid over white where they are transparent, turned by their EXIF orientation; nothing is held out.",
            images(),
        ),
        form(
            "synthetic",
            "Sparse linear codes x = Σ_k c_k d_k + noise · ε of known structure.",
            of(SYNTHETIC),
        ),
    ];
    let epsilon = || {
        let default = Default::Words("0.1 for MNIST, as in footnote 2, otherwise 0");
        vec![setting("epsilon", Accepts::Number(EPSILON), default, "Added to the standard deviation.")]
    };
    let scopes = vec![
        form(
            "feature",
            "(x − mean) / (sd + epsilon), each input by the training samples' mean and sd.",
            epsilon(),
        ),
        form("sample", "The same, each sample by its own mean and sd.", epsilon()),
        form("none", "The samples as they are.", Vec::new()),
    ];
    let samples = Accepts::Number(Domain::Integer { min: 1, max: MOST_SAMPLES });
    let settings = vec![
        setting("source", Accepts::Forms { tag: "kind", forms }, Default::Required, "What is learnt."),
        setting(
            "samples",
            samples,
            Default::Words("50000 of MNIST and the patches, otherwise all"),
            "The first so many training samples, at most those that the source has.",
        ),
        setting(
            "standardize",
            Accepts::Forms { tag: "scope", forms: scopes },
            Default::Words("feature for MNIST and the patches, otherwise none"),
            "What is done to the samples beforehand.",
        ),
        setting(
            "dir",
            Accepts::Text("the path of a folder"),
            Default::Words("the environment's AESPARSE_DATA, or the nearest data/"),
            "Where the data sets are, as in dir/mnist/; --data-dir goes before it.",
        ),
    ];
    Part { name: "data", doc: "What is learnt.", settings }
}

/// What `images` needs and accepts.
fn images() -> Vec<Setting> {
    let fits = Fit::ALL.map(|fit| (fit.name(), ""));
    vec![
        setting(
            "path",
            Accepts::Text(IMAGE_FOLDER),
            Default::Required,
            "Every .png, .jpg and .jpeg file below it, by the order of their paths; hidden ones, folders behind links, results \
             folders and pictures that this program drew are left out. Relative paths lead from this file.",
        ),
        setting(
            "height",
            Accepts::Number(SIDE),
            Default::Words("the width, or 28 without it"),
            "Rows of a sample.",
        ),
        setting(
            "width",
            Accepts::Number(SIDE),
            Default::Words("the height, or 28 without it"),
            "Columns of a sample.",
        ),
        setting(
            "channels",
            Accepts::Numbers(CHANNELS),
            value(CHANNELS[0]),
            "1: grey, the luma of Rec. 709; 3: red, green and blue.",
        ),
        setting(
            "fit",
            choice(fits),
            value(Fit::Cover.name()),
            "How pictures come to this size, scaled by a triangle filter: \"cover\" scales the largest part about the centre with \
             the sample's aspect ratio, \"stretch\" the whole picture in both directions on its own; \"crop\" cuts the centre out \
             as it is.",
        ),
        setting(
            "on_error",
            choice(OnError::ALL.map(|way| (way.name(), ""))),
            value(OnError::Refuse.name()),
            "What is done about a file that is no intact picture, or too small for \"crop\": \"error\" refuses the folder, \"skip\" \
             passes the file over and names it.",
        ),
    ]
}

fn model() -> Part {
    let from = setting(
        "from",
        Accepts::Text("the path of an .npz file"),
        Default::Required,
        "Arrays W [m, n], b [m] and, with a decoder bias, b_d [n], in f32 or f64.",
    );
    let settings = vec![
        setting("hidden", Accepts::Number(COUNT), value(1000), "m, the number of hidden units."),
        setting(
            "activation",
            activations(),
            value("relu"),
            "The encoder's activation s_e: h = s_e(W x + b_e).",
        ),
        setting(
            "constraint",
            constraints(),
            value("unit_norm"),
            "What becomes of the rows W_j of the weights.",
        ),
        setting(
            "decoder_bias",
            Accepts::Boolean,
            value(false),
            "Whether the reconstruction is Wᵀ h + b_d; the paper's is Wᵀ h.",
        ),
        setting(
            "encoder_bias",
            encoder_biases(),
            value("trained"),
            "Whether b_e is trained or stays as it begins.",
        ),
        setting(
            "init",
            Accepts::Table(vec![from]),
            Default::Words("Glorot's uniform weights, biases 0"),
            "A file to start from.",
        ),
    ];
    Part { name: "model", doc: "The auto-encoder: one hidden layer, tied weights, linear decoder.", settings }
}

fn training() -> Part {
    let settings = vec![
        setting("epochs", Accepts::Number(COUNT), value(50), "Passes over the samples."),
        setting("batch", Accepts::Number(COUNT), value(50), "Samples in a mini-batch."),
        setting(
            "learning_rate",
            Accepts::Number(LEARNING_RATE),
            value(0.001),
            "η of stochastic gradient descent.",
        ),
        setting("momentum", Accepts::Number(MOMENTUM), value(0.9), "μ: V ← μ V − η ∇J."),
        setting("shuffle", Accepts::Boolean, value(true), "Whether every epoch has an order of its own."),
    ];
    Part { name: "training", doc: "Stochastic gradient descent with momentum.", settings }
}

fn sweep() -> Part {
    let regularizer: Vec<&str> = PAPER_REGULARIZERS.iter().map(|kind| kind.name()).collect();
    let instead = |section: &str| format!("Several, instead of the one of [{section}].");
    let one = || Default::Words("the one value above");
    let settings = vec![
        setting(
            "sigma_squared",
            axis(Accepts::Number(COEFFICIENTS)),
            value(PAPER_SIGMA_SQUARED.to_vec()),
            "σ² of the corruption for DAE and eDAE (a probability, at most 1, for masking and salt and pepper), the penalty's \
             coefficient λ for the others.",
        ),
        setting("regularizer", axis(regularizers()), value(regularizer), "The models."),
        setting("activation", axis(activations()), one(), instead("model")),
        setting("constraint", axis(constraints()), one(), instead("model")),
        setting("learning_rate", axis(Accepts::Number(LEARNING_RATE)), one(), instead("training")),
        setting("encoder_bias", axis(encoder_biases()), one(), instead("model")),
    ];
    Part { name: "sweep", doc: "What varies: one training for each combination and seed.", settings }
}

fn evaluation() -> Part {
    let threshold = "δ_min of Eq. 14: a unit is active where h > δ_min. The paper's is 0 for relu, 0.1 for sigmoid and softplus; \
                     for the others a number must be given.";
    let settings = vec![
        setting(
            "every",
            Accepts::Number(COUNT),
            value(10),
            "Epochs between two measurements; epoch 0 and the last one are measured too.",
        ),
        setting("threshold", Accepts::NumberOr(THRESHOLD, "paper"), value("paper"), threshold),
    ];
    Part { name: "evaluation", doc: "What is measured, over all clean training samples.", settings }
}

fn output() -> Part {
    let weights = WeightsOutput::NAMES.iter().map(|name| (*name, ""));
    let settings = vec![
        setting("weights", choice(weights), value("none"), "Which weights of each run are kept in weights/."),
        setting(
            "checkpoint",
            Accepts::NumberOr(SECONDS, "none"),
            value(DEFAULT_SECONDS),
            "Seconds between two checkpoints of a run; \"none\": only when it is stopped.",
        ),
    ];
    Part { name: "output", doc: "What is kept beside the tables.", settings }
}

fn theory() -> Part {
    let theory = DEFAULT_THEORY;
    let settings = vec![
        setting(
            "every",
            Accepts::Number(COUNT),
            value(theory.every),
            "Epochs between two measurements of the theory.",
        ),
        setting(
            "samples",
            Accepts::Number(SAMPLES),
            value(theory.samples),
            "Measured on the first so many training samples.",
        ),
        setting(
            "units",
            Accepts::Boolean,
            value(theory.units),
            "Whether the numbers of each unit are kept too.",
        ),
    ];
    let doc = "Measures what the paper's lemma, theorems and corollaries say; nothing where the section is missing.";
    Part { name: "theory", doc, settings }
}
