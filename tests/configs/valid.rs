//! What sound configurations resolve to.

use super::{lines, read, write};
use aesparse::activation::ActivationKind;
use aesparse::data::images::{Channels, Fit};
use aesparse::data::{Source, Standardize};
use aesparse::experiment::{Config, Plan, Training, WeightsOutput, config};
use aesparse::store::{Results, StoredRun, load_records};
use serde_json::json;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

fn config(name: &str, content: &str, overrides: &[&str]) -> Config {
    read(&write(name, content).path, overrides).unwrap_or_else(|problems| panic!("{content}\n{problems}"))
}

fn toml(content: &str) -> Config {
    config("test.toml", &format!("data.source = \"synthetic\"\n{content}"), &[])
}

fn plan(config: &Config) -> Plan {
    let warm_start = config.warm_start().map(|_| "w".repeat(64));
    Plan::new(config, "synthetic", "d".repeat(64), 100, 20, warm_start).unwrap()
}

#[test]
fn every_committed_configuration_resolves_to_its_cells_and_trainings() {
    let known = [
        ("control_activations_mnist.toml", 36, 28),
        ("control_bias_cifar10.toml", 32, 26),
        ("control_bias_mnist.toml", 32, 26),
        ("control_constraint_cifar10.toml", 108, 90),
        ("control_constraint_mnist.toml", 36, 30),
        ("control_corruption_cifar10.toml", 16, 13),
        ("control_corruption_mnist.toml", 16, 13),
        ("control_explanation_cifar10.toml", 120, 96),
        ("control_explanation_mnist.toml", 120, 96),
        ("control_identity_mnist.toml", 14, 14),
        ("control_penalty_cifar10.toml", 32, 26),
        ("control_penalty_mnist.toml", 32, 26),
        ("control_protocol_feature_cifar10.toml", 68, 52),
        ("control_protocol_feature_mnist.toml", 68, 52),
        ("control_protocol_global_cifar10.toml", 68, 52),
        ("control_protocol_global_mnist.toml", 68, 52),
        ("control_protocol_sample_cifar10.toml", 68, 52),
        ("control_protocol_sample_mnist.toml", 68, 52),
        ("fig1_cifar10.toml", 48, 45),
        ("fig1_mnist.toml", 48, 45),
        ("fig2_cifar10.toml", 48, 45),
        ("fig2_mnist.toml", 48, 45),
        ("fig3_cifar10.toml", 24, 24),
        ("fig3_mnist.toml", 24, 24),
        ("fig4_cifar10.toml", 48, 45),
        ("fig4_mnist.toml", 48, 45),
        ("fig5_cifar10.toml", 48, 45),
        ("fig5_mnist.toml", 48, 45),
        ("quickstart.toml", 16, 13),
        ("relu_mnist.toml", 48, 45),
        ("replicates_cifar10.toml", 240, 230),
        ("replicates_mnist.toml", 240, 230),
        ("sensitivity_cifar10.toml", 64, 52),
        ("sensitivity_mnist.toml", 64, 52),
        ("smoke.json", 25, 17),
        ("softplus_cifar10.toml", 48, 45),
        ("softplus_mnist.toml", 48, 45),
        ("synthetic_recovery.toml", 90, 78),
        ("theory_cifar10.toml", 45, 33),
        ("theory_mnist.toml", 45, 33),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    let names: Vec<_> = known.iter().map(|(name, _, _)| *name).collect();
    assert_eq!(files, names, "a configuration without its numbers here");
    for (name, cells, trainings) in known {
        let config = read(&folder.join(name), &[]).unwrap_or_else(|problems| panic!("{problems}"));
        let plan = plan(&config);
        assert_eq!((plan.cells.len(), plan.trainings.len()), (cells, trainings), "{name}");
        assert_eq!(plan.name, name.split('.').next().unwrap());
    }
}

#[test]
fn figure_1_on_mnist_is_relu_mnist_by_identity() {
    let plan_of = |name: &str| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs").join(name);
        plan(&read(&file, &[]).unwrap())
    };
    let (figure, sweep) = (plan_of("fig1_mnist.toml"), plan_of("relu_mnist.toml"));
    assert_eq!((figure.cells, figure.trainings), (sweep.cells, sweep.trainings));
    assert_eq!((figure.evaluate_every, figure.data), (sweep.evaluate_every, sweep.data));
}

#[test]
fn the_papers_protocol_is_the_default() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/relu_mnist.toml");
    let committed = read(&committed, &[]).unwrap();
    assert_eq!(config("relu_mnist.toml", "data.source = \"mnist\"", &[]), committed);
    assert_eq!(
        committed.resolved(),
        json!({
            "name": "relu_mnist",
            "seeds": [1],
            "data": {
                "source": {"kind": "mnist"},
                "samples": 50000,
                "standardize": {"scope": "feature", "epsilon": 0.1},
            },
            "model": {
                "hidden": 1000,
                "activation": "relu",
                "constraint": {"kind": "unit_norm"},
                "decoder_bias": false,
                "encoder_bias": "trained",
            },
            "training": {
                "epochs": 50, "batch": 50, "learning_rate": 0.001, "momentum": 0.9, "shuffle": true,
            },
            "sweep": {
                "sigma_squared": [0.0, 0.001, 0.01, 0.04, 0.09, 0.16, 0.25, 0.36, 0.49, 0.64, 0.81, 1.0],
                "regularizer": [
                    {"kind": "dae", "corruption": "gaussian", "noise": "fresh", "draws": 1, "pairing": "independent"},
                    {"kind": "cae"},
                    {"kind": "mdae"},
                    {"kind": "kl_sae", "rho": 0.0, "rho_max": 0.99, "rho_min": 0.001},
                ],
            },
            "evaluation": {"every": 10, "threshold": "paper", "distribution": false},
            "output": {"weights": "none", "checkpoint": 30.0},
        })
    );
}

/// Uses every key away from its default.
const EVERYTHING: &str = r#"
name = "everything"
seeds = [3, 18446744073709551615]
[data]
source = { kind = "npy", path = "sub/x.npy" }
samples = 10
standardize = { scope = "sample", epsilon = 0.5 }
dir = "sets"
[model]
hidden = 7
decoder_bias = true
init = { from = "w.npz" }
[training]
epochs = 2
batch = 3
momentum = 0
shuffle = false
[sweep]
sigma_squared = [0, 0.5]
regularizer = ["none", { kind = "edae", noise = "fixed" }, { kind = "kl_sae", rho = 0.05 }]
activation = ["tanh", "relu"]
constraint = ["none", { kind = "max_norm", radius = 2 }]
learning_rate = [0.1, 1]
encoder_bias = ["frozen", "trained"]
[evaluation]
every = 1
threshold = -0.25
[output]
weights = "initial_and_final"
checkpoint = "none"
"#;

#[test]
fn a_resolved_configuration_reads_as_itself() {
    let contents = [
        EVERYTHING,
        "data.source = \"mnist\"",
        "data.source = \"cifar10_patches\"",
        "data.source = { kind = \"synthetic\", samples = 9 }",
        "data.source = { kind = \"images\", path = \"p\", height = 3, width = 5, channels = 3, fit = \"crop\" }",
        "data.source = { kind = \"images\", path = \"p\", fit = \"stretch\" }",
        "data = { source = \"mnist\", standardize = \"global\" }\nmodel.constraint = { kind = \"unit_norm\", update = \"tangent\" }",
    ];
    for content in contents {
        let written = write("test.toml", content);
        let config = read(&written.path, &[]).unwrap_or_else(|problems| panic!("{problems}"));
        let again = written.path.with_file_name("again.json");
        fs::write(&again, config.resolved().to_string()).unwrap();
        assert_eq!(read(&again, &[]).unwrap_or_else(|problems| panic!("{problems}")), config);
    }
}

#[test]
fn a_side_of_an_image_stands_for_the_other() {
    let source = |keys: &str| {
        let text = format!("data.source = {{ kind = \"images\", path = \"photos\"{keys} }}");
        let written = write("test.toml", text);
        let config = read(&written.path, &[]).unwrap();
        // As a folder of one's own: all of them, as they are.
        assert_eq!((config.data().samples, config.data().standardize), (None, Standardize::None));
        let Source::Images(images) = &config.data().source else { panic!("{keys}") };
        assert_eq!(images.path, written.path.with_file_name("photos"));
        (images.height, images.width, images.channels, images.fit)
    };
    let grey = |height, width| (height, width, Channels::Grey, Fit::Cover);
    assert_eq!(source(""), grey(28, 28));
    assert_eq!(source(", height = 3"), grey(3, 3));
    assert_eq!(source(", width = 1024"), grey(1024, 1024));
    assert_eq!(source(", width = 5, height = 3"), grey(3, 5));
    assert_eq!(source(", channels = 3, fit = \"stretch\""), (28, 28, Channels::Rgb, Fit::Stretch));
    assert_eq!(source(", channels = 1, fit = \"crop\""), (28, 28, Channels::Grey, Fit::Crop));
}

#[test]
fn paths_lead_from_the_file_and_stand_in_results_as_written() {
    let written = write("test.toml", EVERYTHING);
    let config = read(&written.path, &[]).unwrap();
    let folder = written.path.parent().unwrap();
    assert_eq!(config.data().source, Source::Npy { path: folder.join("sub/x.npy") });
    assert_eq!(config.data_dir(), Some(folder.join("sets").as_path()));
    assert_eq!(config.warm_start(), Some(folder.join("w.npz").as_path()));
    let resolved = config.resolved().to_string();
    assert!(resolved.contains("\"sub/x.npy\"") && !resolved.contains(folder.to_str().unwrap()), "{resolved}");
    let absolute = format!("data.source={{kind=\"npy\",path=\"{}/x.npy\"}}", folder.display());
    let resolved = read(&written.path, &[&absolute]).unwrap().resolved().to_string();
    assert!(resolved.contains("\"x.npy\"") && !resolved.contains(folder.to_str().unwrap()), "{resolved}");
}

#[test]
fn the_plan_is_the_product_with_the_plain_auto_encoder_once() {
    let plan = plan(&config("test.toml", EVERYTHING, &[]));
    // activation × constraint × rate × encoder bias × (none + 2 models × 2 σ²) × seed
    assert_eq!(plan.cells.len(), 2 * 2 * 2 * 2 * (1 + 2 * 2) * 2);
    // Of each five, none and both models at σ² = 0 are one training.
    assert_eq!(plan.trainings.len(), 2 * 2 * 2 * 2 * (1 + 2) * 2);
    let axes: Vec<String> = (plan.cells.iter())
        .map(|cell| {
            let spec = &cell.spec;
            let model = format!("{} {}", spec.regularizer.label(), spec.sigma_squared);
            let (rate, bias, seed) = (spec.learning_rate, spec.encoder_bias.name(), spec.seed);
            format!("{} {} {rate} {bias} {model} {seed}", spec.activation.label(), spec.constraint.label())
        })
        .collect();
    assert_eq!(axes[0], "tanh none 0.1 frozen none 0 3");
    assert_eq!(axes[1], "tanh none 0.1 frozen none 0 18446744073709551615");
    assert_eq!(axes[2], "tanh none 0.1 frozen edae(noise=fixed) 0 3");
    assert_eq!(axes[4], "tanh none 0.1 frozen edae(noise=fixed) 0.5 3");
    assert_eq!(axes[8], "tanh none 0.1 frozen kl_sae(rho=0.05) 0.5 3");
    assert_eq!(axes[10], "tanh none 0.1 trained none 0 3");
    assert_eq!(axes[20], "tanh none 1 frozen none 0 3");
    assert_eq!(axes[40], "tanh max_norm(radius=2) 0.1 frozen none 0 3");
    assert_eq!(axes[80], "relu none 0.1 frozen none 0 3");
    assert_eq!(plan.cells[0].training, plan.cells[2].training);
    assert_eq!(plan.cells[0].training, plan.cells[6].training);
    assert_eq!(axes.iter().collect::<HashSet<_>>().len(), axes.len());
    for training in &plan.trainings {
        assert_eq!(training.key, training.spec.key());
        assert_eq!(training.spec, training.spec.clone().canonical());
    }
    for cell in &plan.cells {
        assert_eq!(plan.trainings[cell.training].spec, cell.spec.clone().canonical());
        assert_eq!(cell.spec.threshold, -0.25);
    }
    assert_eq!((plan.evaluate_every, plan.weights), (1, WeightsOutput::InitialAndFinal));
}

#[test]
fn an_activation_is_a_name_or_a_table_with_its_parameters() {
    let labels = |content: &str| -> Vec<String> {
        let config = config("test.toml", &format!("{content}\n{LEAST}"), &[]);
        let text = config.resolved().to_string();
        assert_eq!(self::config("test.json", &text, &[]).resolved().to_string(), text);
        let mut labels: Vec<_> =
            plan(&config).cells.iter().map(|cell| cell.spec.activation.label()).collect();
        labels.dedup();
        labels
    };
    const LEAST: &str = "data.source = \"synthetic\"\nevaluation.threshold = 0\nsweep.sigma_squared = 0";
    let slope = "{ kind = \"leaky_relu\", slope = 0.2 }";
    assert_eq!(labels("model.activation = \"leaky_relu\""), ["leaky_relu"]);
    assert_eq!(labels("model.activation = { kind = \"leaky_relu\", slope = 0.01 }"), ["leaky_relu"]);
    assert_eq!(labels(&format!("model.activation = {slope}")), ["leaky_relu(slope=0.2)"]);
    assert_eq!(
        labels("model.activation.kind = \"leaky_relu\"\nmodel.activation.slope = 0.5"),
        ["leaky_relu(slope=0.5)"]
    );
    let several = labels(&format!("sweep.activation = [\"relu\", \"leaky_relu\", {slope}]"));
    assert_eq!(several, ["relu", "leaky_relu", "leaky_relu(slope=0.2)"]);
    for (activation, said) in [
        (
            "{ kind = \"leaky_relu\", slope = 1 }",
            "model.activation.slope: found the number 1; accepted: a number in (0, 1)",
        ),
        ("{ kind = \"relu\", slope = 0.5 }", "model.activation.slope"),
    ] {
        let said_here =
            lines("test.toml", &format!("model.activation = {activation}\n{LEAST}"), &[]).concat();
        assert!(said_here.contains(said), "{said_here}");
    }
}

#[test]
fn none_is_one_cell_whatever_the_sigma_squared() {
    let plan = plan(&toml("sweep.sigma_squared = [0.5, 1]\nsweep.regularizer = [\"none\", \"dae\"]"));
    let models: Vec<_> =
        plan.cells.iter().map(|cell| (cell.spec.regularizer.label(), cell.spec.sigma_squared)).collect();
    assert_eq!(models, [("none".to_owned(), 0.0), ("dae".to_owned(), 0.5), ("dae".to_owned(), 1.0)]);
    assert_eq!(plan.trainings.len(), 3);
}

#[test]
fn the_papers_threshold_follows_the_activation() {
    let plan = plan(&toml("sweep.activation = [\"relu\", \"sigmoid\"]\nsweep.sigma_squared = [0]"));
    let thresholds: HashSet<String> = plan
        .cells
        .iter()
        .map(|cell| format!("{} {}", cell.spec.activation.label(), cell.spec.threshold))
        .collect();
    assert_eq!(thresholds, HashSet::from(["relu 0".to_owned(), "sigmoid 0.1".to_owned()]));
}

#[test]
fn every_activation_is_known_by_its_name_and_needs_a_threshold_where_the_paper_gives_none() {
    for kind in ActivationKind::ALL {
        let content = format!("data.source = \"synthetic\"\nmodel.activation = {:?}", kind.name());
        let spec_of = |config: &Config| plan(config).cells[0].spec.clone();
        let given = spec_of(&config("test.toml", &content, &["evaluation.threshold=0.25"]));
        assert_eq!((given.activation.kind(), given.threshold), (*kind, 0.25));
        match kind.threshold() {
            Some(papers) => assert_eq!(spec_of(&config("test.toml", &content, &[])).threshold, papers),
            None => {
                let said = lines("test.toml", &content, &[]).concat();
                let expected = format!("the paper gives no threshold for {};", kind.name());
                assert!(said.contains(&expected), "{said}");
            }
        }
    }
}

#[test]
fn a_bare_name_is_its_table() {
    for (bare, table) in [
        ("model.constraint = \"none\"", "model.constraint = { kind = \"none\" }"),
        (
            "model.constraint = \"unit_norm\"",
            "model.constraint = { kind = \"unit_norm\", update = \"project\" }",
        ),
        ("sweep.regularizer = [\"kl_sae\"]", "sweep.regularizer = [{ kind = \"kl_sae\" }]"),
        ("data.standardize = \"feature\"", "data.standardize = { scope = \"feature\" }"),
        ("data.standardize = \"feature\"", "data.standardize = { scope = \"feature\", epsilon = 0 }"),
        ("", "data.standardize = \"none\""),
        ("sweep.encoder_bias = [\"frozen\"]", "model.encoder_bias = \"frozen\""),
        ("", "model.encoder_bias = \"trained\""),
        (
            "sweep.regularizer = [\"dae\"]",
            "sweep.regularizer = [{ kind = \"dae\", noise = \"fresh\", corruption = \"gaussian\" }]",
        ),
    ] {
        assert_eq!(toml(bare), toml(table), "{bare}");
    }
    for (alone, list) in [
        ("sweep.sigma_squared = 0.1", "sweep.sigma_squared = [0.1]"),
        ("sweep.regularizer = \"dae\"", "sweep.regularizer = [\"dae\"]"),
        (
            "sweep.regularizer = { kind = \"kl_sae\", rho = 0.05 }",
            "sweep.regularizer = [{ kind = \"kl_sae\", rho = 0.05 }]",
        ),
        ("sweep.learning_rate = 0.01", "sweep.learning_rate = [0.01]"),
        ("sweep.activation = \"sigmoid\"", "sweep.activation = [\"sigmoid\"]"),
        ("sweep.encoder_bias = \"frozen\"", "sweep.encoder_bias = [\"frozen\"]"),
        ("sweep.constraint = \"none\"", "sweep.constraint = [\"none\"]"),
    ] {
        assert_eq!(toml(alone), toml(list), "{alone}");
    }
    let source = |rest: &str| config("test.toml", &format!("[data]\nsource = {rest}"), &[]);
    assert_eq!(source("\"mnist\""), source("{ kind = \"mnist\" }"));
    assert_eq!(source("\"mnist\"\nstandardize = \"feature\""), source("\"mnist\""));
    assert_eq!(source("\"mnist\"").data().standardize, Standardize::Feature { epsilon: 0.1 });
    assert_eq!(source("\"mnist\"").data().samples, Some(50_000));
    assert_eq!(source("\"synthetic\"").data().samples, None);
    assert_eq!(source("\"cifar10_patches\"").data().samples, Some(50_000));
    assert_eq!(
        source("\"mnist\"\nstandardize = \"global\"").data().standardize,
        Standardize::Global { epsilon: 0.1 }
    );
    assert_eq!(source("\"cifar10_patches\"").data().standardize, Standardize::Feature { epsilon: 0.0 });
    assert_eq!(
        source("{ kind = \"cifar10_patches\" }\nstandardize = \"feature\""),
        source("\"cifar10_patches\"")
    );
}

/// What figures and papers call them, in whichever case; results hold the names of the reference.
#[test]
fn names_of_figures_are_understood_and_results_hold_ours() {
    let of = |regularizer: &str| toml(&format!("sweep.regularizer = {regularizer}")).resolved().to_string();
    for (written, names) in [
        ("[\"SAE\", \"DAE\"]", "[\"kl_sae\", \"dae\"]"),
        ("[\"sae\", \"eDAE\", \"mDAE\"]", "[\"kl_sae\", \"edae\", \"mdae\"]"),
        ("\"KL-SAE\"", "\"kl_sae\""),
        ("[\"AE\", \"CAE\", \"L1\"]", "[\"none\", \"cae\", \"l1\"]"),
        ("\"Corollary 2\"", "\"corollary2\""),
        ("{ kind = \"SAE\", rho = 0.05 }", "{ kind = \"kl_sae\", rho = 0.05 }"),
    ] {
        assert_eq!(of(written), of(names), "{written}");
    }
    for (written, name) in [
        ("model.activation = \"ReLU\"", "model.activation = \"relu\""),
        ("model.constraint = \"unit norm\"", "model.constraint = \"unit_norm\""),
        ("output.weights = \"Final\"", "output.weights = \"final\""),
        ("evaluation.threshold = \"Paper\"", "evaluation.threshold = \"paper\""),
    ] {
        assert_eq!(toml(written), toml(name), "{written}");
    }
    let keys = |config: &Config| -> Vec<String> {
        plan(config).trainings.into_iter().map(|training| training.key).collect()
    };
    assert_eq!(keys(&toml("sweep.regularizer = \"SAE\"")), keys(&toml("sweep.regularizer = [\"kl_sae\"]")));
}

/// Many programs write every number with a point.
#[test]
fn whole_numbers_may_be_written_as_others_are() {
    let digits = r#"{"seeds": [3], "data": {"source": {"kind": "synthetic", "samples": 90}}, "model": {"hidden": 10},
        "training": {"epochs": 10, "batch": 5}, "evaluation": {"every": 2}, "theory": {"samples": 50}}"#;
    let points = r#"{"seeds": [3.0], "data": {"source": {"kind": "synthetic", "samples": 9e1}}, "model": {"hidden": 10.0},
        "training": {"epochs": 1e1, "batch": 50e-1}, "evaluation": {"every": 2.000}, "theory": {"samples": 5E+1}}"#;
    let expected = config("test.json", digits, &[]);
    assert_eq!(config("test.json", points, &[]), expected);
    assert_eq!(config("test.json", digits, &["training.epochs=10.0", "model.hidden=1e1"]), expected);
    let images = |channels: &str| {
        let source = format!("data.source = {{ kind = 'images', path = '/p', channels = {channels} }}");
        config("test.toml", &source, &[])
    };
    assert_eq!(images("3.0"), images("3"));
    assert_eq!(toml("training.epochs = 10.0"), toml("training.epochs = 10"));
}

#[test]
fn toml_and_json_of_the_same_content_are_equal() {
    let value: toml::Table = EVERYTHING.replace("18446744073709551615", "9").parse().unwrap();
    let json = serde_json::to_string_pretty(&value).unwrap();
    let written = write("test.toml", EVERYTHING.replace("18446744073709551615", "9"));
    let other = written.path.with_extension("json");
    fs::write(&other, json).unwrap();
    assert_eq!(read(&written.path, &[]).unwrap(), read(&other, &[]).unwrap());
}

#[test]
fn overrides_give_what_the_file_would() {
    let base = "model.constraint = \"none\"\nmodel.activation = \"relu\"";
    for (overrides, same) in [
        (&["model.activation=sigmoid"][..], "model.constraint = \"none\"\nmodel.activation = \"sigmoid\""),
        (&["model.activation = \"sigmoid\""], "model.constraint = \"none\"\nmodel.activation = \"sigmoid\""),
        (&["sweep.sigma_squared=[0,0.1]"], &format!("{base}\nsweep.sigma_squared = [0, 0.1]")),
        (
            &["model.constraint={kind=\"max_norm\",radius=2}"],
            "model.constraint = { kind = \"max_norm\", radius = 2 }",
        ),
        (&["training.epochs=3", "training.epochs=1_0"], &format!("{base}\ntraining.epochs = 10")),
        (
            &["output.weights=final", "name=a-b"],
            &format!("{base}\nname = \"a-b\"\noutput.weights = \"final\""),
        ),
        (&["name=2024-01-01"], &format!("{base}\nname = \"2024-01-01\"")),
        (&["model={}"], ""),
        // An override takes the place of the file's key for the same thing.
        (
            &["sweep.activation=[\"sigmoid\",\"relu\"]"],
            "model.constraint = \"none\"\nsweep.activation = [\"sigmoid\", \"relu\"]",
        ),
    ] {
        let content = format!("data.source = \"synthetic\"\n{base}");
        assert_eq!(config("test.toml", &content, overrides), toml(same), "{overrides:?}");
    }
}

#[test]
fn a_model_that_fits_no_memory_is_refused_by_the_plan() {
    let config = toml("model.hidden = 1000000");
    let error = Plan::new(&config, "x", "d".repeat(64), 10, 100_000, None).unwrap_err();
    let expected =
        "model.hidden: found 1000000 hidden units on 100000 inputs; accepted: at most 10737 hidden units";
    assert_eq!(error.to_string(), expected);
}

/// The records that are in the repository, by the plans of their configurations: what a new setting must not change.
#[test]
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn every_committed_record_is_found_again() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["relu_mnist", "fig1_cifar10", "fig2_cifar10", "fig4_cifar10", "fig5_cifar10"] {
        let folder = root.join("results").join(name);
        if !folder.exists() {
            eprintln!("skipped: a packaged crate has no results");
            return;
        }
        let results = Results::read(&folder).unwrap();
        let StoredRun { dataset, spec, .. } = &results.runs[0];
        let config = read(&root.join(format!("configs/{name}.toml")), &[]).unwrap();
        let (data, samples, inputs) = (spec.data_sha256.clone(), spec.samples, spec.inputs);
        let plan = Plan::new(&config, dataset.clone(), data, samples, inputs, None).unwrap();
        let records = load_records(&folder).unwrap();
        let is_there = |training: &Training| records.contains_key(&training.key);
        assert_eq!(plan.trainings.iter().filter(|training| is_there(training)).count(), 45, "{name}");
    }
}

/// Every record in the repository: its key is what today's program makes of its settings, read as a configuration.
#[test]
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn every_committed_key_follows_from_its_record() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    let Ok(folders) = fs::read_dir(&root) else {
        eprintln!("skipped: a packaged crate has no results");
        return;
    };
    let mut count = 0;
    let folders = folders.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    for (key, record) in folders.flat_map(|folder| load_records(&folder).unwrap()) {
        let settings = record.spec.settings();
        let of = |name: &str| settings[name].clone();
        let warm_start = of("warm_start").as_str().map(str::to_owned);
        let mut model = json!({
            "hidden": of("hidden"),
            "activation": of("activation"),
            "constraint": of("constraint"),
            "decoder_bias": of("decoder_bias"),
            "encoder_bias": of("encoder_bias"),
        });
        if warm_start.is_some() {
            model["init"] = json!({"from": "start.npz"});
        }
        let text = json!({
            "data": {"source": "synthetic", "standardize": of("standardize")},
            "seeds": [of("seed")],
            "model": model,
            "training": {
                "epochs": of("epochs"), "batch": of("batch"), "learning_rate": of("learning_rate"),
                "momentum": of("momentum"), "shuffle": of("shuffle"),
            },
            "sweep": {"sigma_squared": [of("sigma_squared")], "regularizer": [of("regularizer")]},
            "evaluation": {"threshold": of("threshold")},
        });
        let config = config::parse(&text.to_string(), Path::new("record.json"), &[]).unwrap();
        let size = |name: &str| settings[name].as_u64().unwrap() as usize;
        let data = of("data_sha256").as_str().unwrap().to_owned();
        let plan = Plan::new(&config, "x", data, size("samples"), size("inputs"), warm_start).unwrap();
        assert_eq!(plan.trainings[0].key, key, "{}", record.spec.identity());
        assert_eq!(plan.trainings[0].spec, record.spec);
        count += 1;
    }
    assert!(count >= 1499, "{count} records");
}
