//! Broken settings: each is named by file, line, column and key, with what was found and what is accepted.

use crate::lines;

/// What every TOML case begins with: two lines that are a whole configuration.
const SOUND: &str = "[data]\nsource = \"synthetic\"\n";

/// A case: what follows [`SOUND`], and what its one line of message is, up to the end of the file's name.
type Case = (&'static str, &'static str);

const NUMBERS: &[Case] = &[
    ("[model]\nhidden = 0", ":4:10: "),
    ("[model]\nhidden = -5", ":4:10: "),
    ("[model]\nhidden = 1000001", ":4:10: "),
    ("[model]\nhidden = 99999999999999999999999999999999999999999", ":4:10: "),
    ("[model]\nhidden = 12.0", ":4:10: "),
    ("[model]\nhidden = \"many\"", ":4:10: "),
    ("[model]\nhidden = [1, 2]", ":4:10: "),
    ("[training]\nepochs = 0", ""),
    ("[training]\nepochs = true", ""),
    ("[training]\nepochs = 1979-05-27", ""),
    ("[training]\nbatch = 0x1000000", ""),
    ("[training]\nlearning_rate = 0", ""),
    ("[training]\nlearning_rate = nan", ""),
    ("[training]\nlearning_rate = -inf", ""),
    ("[training]\nlearning_rate = 1e9", ""),
    ("[training]\nlearning_rate = { rate = 1 }", ""),
    ("[training]\nmomentum = 1", ""),
    ("[training]\nmomentum = -0.5", ""),
    ("[training]\nshuffle = \"yes\"", ""),
    ("[training]\nshuffle = 1", ""),
    ("[evaluation]\nevery = 0", ""),
    ("[evaluation]\nthreshold = \"papier\"", ""),
    ("[evaluation]\nthreshold = inf", ""),
    ("[evaluation]\nthreshold = false", ""),
    ("[model]\ndecoder_bias = 0", ""),
];

const NAMES: &[Case] = &[
    ("[model]\nactivation = \"ReLU\"", ""),
    ("[model]\nactivation = \"swish\"", ""),
    ("[model]\nactivation = 1", ""),
    ("[model]\nactivation = [\"relu\"]", ""),
    ("[model]\nactivation = \"tanh\"", ""),
    ("[model]\nactivation = \"tanh\"\n[evaluation]\nthreshold = \"paper\"", ""),
    ("[model]\nconstraint = \"unit-norm\"", ""),
    ("[model]\nconstraint = \"max_norm\"", ""),
    ("[model]\nconstraint = { kind = \"max_norm\", radius = 0 }", ""),
    ("[model]\nconstraint = { kind = \"max_norm\", radius = 1, radios = 2 }", ""),
    ("[model]\nconstraint = { radius = 1 }", ""),
    ("[model]\nconstraint = { kind = \"unit_norm\", radius = 1 }", ""),
    ("[model]\nconstraint = true", ""),
    ("[model]\ninit = \"weights.npz\"", ""),
    ("[model]\ninit = {}", ""),
    ("[model]\ninit = { from = \"\" }", ""),
    ("[model]\ninit = { form = \"w.npz\", from = \"w.npz\" }", ""),
    ("[output]\nweights = \"all\"", ""),
    ("[output]\nweights = \"finale\"", ""),
    ("[output]\nweights = 3", ""),
];

const UNKNOWN: &[Case] = &[
    ("[modle]\nhidden = 3", ""),
    ("[model]\nhiden = 3", ""),
    ("[training]\nepoch = 3", ""),
    ("[training]\nlearning-rate = 0.1", ""),
    ("[sweep]\nsigma_sqared = [0]", ""),
    ("[evaluation]\nthrehsold = 0", ""),
    ("[output]\nwieghts = \"none\"", ""),
    ("[output]\nnothing_like_it = \"none\"", ""),
    ("[output]\n\"two\\nlines\" = 1", ""),
];

const SWEEPS: &[Case] = &[
    ("[sweep]\nsigma_squared = []", ""),
    ("[sweep]\nsigma_squared = 0.1", ""),
    ("[sweep]\nsigma_squared = [0, -0.1]", ""),
    ("[sweep]\nsigma_squared = [0, nan]", ""),
    ("[sweep]\nsigma_squared = [1e7]", ""),
    ("[sweep]\nsigma_squared = [0, 0.1, 1e-1]", ""),
    ("[sweep]\nsigma_squared = [0, -0.0]", ""),
    ("[sweep]\nsigma_squared = [\"0\"]", ""),
    ("[sweep]\nregularizer = []", ""),
    ("[sweep]\nregularizer = \"dae\"", ""),
    ("[sweep]\nregularizer = [\"dea\"]", ""),
    ("[sweep]\nregularizer = [\"KL-SAE\"]", ""),
    ("[sweep]\nregularizer = [3]", ""),
    ("[sweep]\nregularizer = [\"dae\", \"dae\"]", ""),
    ("[sweep]\nregularizer = [\"kl_sae\", { kind = \"kl_sae\", rho = 0 }]", ""),
    ("[sweep]\nregularizer = [{ kind = \"kl_sae\", roh = 0.05 }]", ""),
    ("[sweep]\nregularizer = [{ kind = \"kl_sae\", rho = 1 }]", ""),
    ("[sweep]\nregularizer = [{ kind = \"kl_sae\", rho = 0.5, rho_max = 0.4 }]", ""),
    ("[sweep]\nregularizer = [{ kind = \"dae\", rho = 0.5 }]", ""),
    ("[sweep]\nregularizer = [{ kind = \"corollary1\", f = \"cube\" }]", ""),
    ("[sweep]\nregularizer = [{ kind = \"corollary2\", q = 2.5 }]", ""),
    ("[sweep]\nregularizer = [{ rho = 0.5 }]", ""),
    ("[sweep]\nactivation = []", ""),
    ("[sweep]\nactivation = [\"relu\", \"relu\"]", ""),
    ("[sweep]\nlearning_rate = [0.1, 0]", ""),
    ("[model]\nactivation = \"relu\"\n[sweep]\nactivation = [\"sigmoid\"]", ""),
    ("[sweep]\nlearning_rate = [0.1]\n[training]\nlearning_rate = 0.1", ""),
];

const WHOLE: &[Case] = &[
    ("name = \"a b\"", ""),
    ("name = \"figures\"", ""),
    ("name = 3", ""),
    ("seeds = []", ""),
    ("seeds = 1", ""),
    ("seeds = [1, 1]", ""),
    ("seeds = [-1]", ""),
    ("seeds = [1.5]", ""),
    ("seeds = [18446744073709551616]", ""),
    ("data = 3", ""),
    ("data.source = \"minst\"", ""),
    ("data.source = \"npy\"", ""),
    ("data.source = { kind = \"npy\", path = 3 }", ""),
    ("data.source = { path = \"x.npy\" }", ""),
    ("data.source = \"cifar10_patches\"", ""),
    ("data.source = { kind = \"synthetic\", sample = 3 }", ""),
    ("data.source = { kind = \"synthetic\", active = 5, atoms = 4 }", ""),
    ("data.source = { kind = \"synthetic\", samples = 10000000, inputs = 1000 }", ""),
    ("data = { source = \"mnist\", samples = 60001 }", ""),
    ("data = { source = \"mnist\", sampels = 3 }", ""),
    ("data = { source = \"synthetic\", samples = 2001 }", ""),
    ("data = { source = \"mnist\", standardize = \"features\" }", ""),
    ("data = { source = \"mnist\", standardize = { scope = \"feature\", epsilon = -1 } }", ""),
    ("data = { source = \"mnist\", standardize = { scope = \"none\", epsilon = 1 } }", ""),
    ("data = { source = \"mnist\", standardize = { epsilon = 1 } }", ""),
    ("data = { source = \"mnist\", dir = \"\" }", ""),
    ("model = { hidden = 3 }", ""),
    ("data.samples = 10", ""),
];

#[test]
fn dump() {
    for (text, _) in [NUMBERS, NAMES, UNKNOWN, SWEEPS].concat() {
        println!("{text}\n{:#?}", lines("broken.toml", &format!("{SOUND}{text}\n"), &[]));
    }
    for (text, _) in WHOLE {
        println!("{text}\n{:#?}", lines("broken.toml", text, &[]));
    }
}
