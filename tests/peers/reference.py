"""Independent reference of the models in double precision, differentiated by torch.autograd.

The objectives are written from the equations of "Why Regularized Auto-Encoders Learn Sparse Representation?"
(ICML 2016), and no derivative is written by hand: even s'(a) in Eq. 9 and 11 comes from autograd. Nothing here is
derived from the Rust program; `compare.py` holds the two against each other.

    python reference.py --self-check
    python reference.py --data x.npy --start start.npz --activation relu --constraint unit_norm \
        --regularizer '{"kind": "kl_sae", "rho": 0.05}' --sigma-squared 0.3 --out final.npz
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.autograd import grad

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    # Above its threshold torch returns `a` itself; at 40 that is exact in double precision.
    "softplus": lambda a: torch.nn.functional.softplus(a, threshold=40.0),
    "tanh": torch.tanh,
    "identity": lambda a: a,
    "elu": torch.nn.functional.elu,
    "leaky_relu": torch.nn.functional.leaky_relu,
    "gelu": torch.nn.functional.gelu,
    "silu": torch.nn.functional.silu,
}

# Activation threshold of Eq. 14; the paper gives none for the others.
PAPER_THRESHOLD: dict[str, float] = {"relu": 0.0, "sigmoid": 0.1, "softplus": 0.1}

# Every regularizer with its parameters and their defaults.
REGULARIZERS: dict[str, dict[str, float | str]] = {
    "none": {},
    "dae": {},
    "edae": {},
    "cae": {},
    "mdae": {},
    "kl_sae": {"rho": 0.0, "rho_max": 0.99, "rho_min": 1e-3},
    "l1": {},
    "corollary1": {"f": "identity"},
    "corollary2": {"q": 2, "p": 2},
}

COROLLARY1_FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "identity": lambda t: t,
    "square": torch.square,
    "exp": torch.exp,
}

# Standard normal noise of one presentation, given (step from 0, shape [B, n]).
Noise = Callable[[int, torch.Size], Tensor]


@dataclass(frozen=True)
class Regularizer:
    """A regularizer, its parameters, and its coefficient or noise variance sigma squared."""

    kind: str
    sigma_squared: float
    parameters: Mapping[str, float | str]

    @staticmethod
    def new(kind: str, sigma_squared: float = 0.0, **given: float | str) -> Regularizer:
        """The regularizer `kind`, with defaults for the parameters that are not `given`."""
        defaults = REGULARIZERS[kind]
        unknown = given.keys() - defaults.keys()
        if unknown:
            raise ValueError(f"{kind} has no parameter {', '.join(sorted(unknown))}")
        return Regularizer(kind, sigma_squared, {**defaults, **given})


@dataclass(frozen=True)
class Constraint:
    """A constraint on the rows of W: `none`, `unit_norm` with its update, or `max_norm` with its radius."""

    kind: str = "none"
    radius: float | None = None
    update: str = "project"

    def project(self, weights: Tensor) -> Tensor:
        """The rows after projection. A zero row stays zero."""
        if self.kind == "none":
            return weights
        length = torch.linalg.vector_norm(weights, dim=1, keepdim=True)
        nonzero = torch.where(length > 0, length, torch.ones_like(length))
        if self.kind == "unit_norm":
            return weights / nonzero
        if self.kind == "max_norm" and self.radius is not None:
            return torch.where(length > self.radius, weights * (self.radius / nonzero), weights)
        raise ValueError(f"not a constraint: {self}")

    def direct(self, velocity: Tensor, weights: Tensor) -> Tensor:
        """The velocity that moves the rows: with tangent updates without its part along each row, and 0 for a zero row."""
        if self.update == "project":
            return velocity
        squared = weights.square().sum(dim=1, keepdim=True)
        along = (velocity * weights).sum(dim=1, keepdim=True) / torch.where(squared > 0, squared, 1.0)
        return torch.where(squared > 0, velocity - along * weights, 0.0)


@dataclass(frozen=True)
class Parameters:
    """W [m, n], b [m], and the decoder bias b_d [n] where the model has one."""

    W: Tensor
    b: Tensor
    b_d: Tensor | None = None

    def tensors(self) -> list[Tensor]:
        """The trained arrays."""
        return [self.W, self.b] if self.b_d is None else [self.W, self.b, self.b_d]

    @staticmethod
    def load(path: Path, decoder_bias: bool = False, dtype: torch.dtype = torch.float64) -> Parameters:
        """Reads the arrays W, b and, for a model with decoder bias, b_d (zero where the file has none)."""
        with np.load(path) as file:
            arrays = {name: torch.from_numpy(file[name]).to(dtype) for name in file.files}
        b_d = arrays.get("b_d", torch.zeros(arrays["W"].shape[1], dtype=dtype)) if decoder_bias else None
        return Parameters(arrays["W"], arrays["b"], b_d)

    def save(self, path: Path) -> None:
        """Writes the arrays under the names W, b and b_d."""
        arrays = dict(zip(("W", "b", "b_d"), self.tensors()))
        np.savez(path, **{name: tensor.numpy() for name, tensor in arrays.items()})


@dataclass(frozen=True)
class Model:
    """What is trained: activation, regularizer and constraint."""

    activation: str
    regularizer: Regularizer
    constraint: Constraint = Constraint()

    def decode(self, parameters: Parameters, hidden: Tensor) -> Tensor:
        """y = W^T h + b_d for a batch [B, m]."""
        y = hidden @ parameters.W
        return y if parameters.b_d is None else y + parameters.b_d

    def encode(self, parameters: Parameters, x: Tensor) -> tuple[Tensor, Tensor]:
        """a = W x + b and h = s_e(a) for a batch [B, n]."""
        a = x @ parameters.W.T + parameters.b
        return a, ACTIVATIONS[self.activation](a)

    def losses(self, parameters: Parameters, target: Tensor, x: Tensor) -> Tensor:
        """l(target, f(x)), the sum of squares over the inputs, of each sample."""
        _, hidden = self.encode(parameters, x)
        return (target - self.decode(parameters, hidden)).square().sum(dim=1)

    def objective(self, parameters: Parameters, x: Tensor, noise: Tensor | None = None) -> Tensor:
        """J of one batch; `noise` is standard normal and needed by dae and edae."""
        kind, sigma_squared = self.regularizer.kind, self.regularizer.sigma_squared
        if kind not in ("dae", "edae"):
            loss = self.losses(parameters, x, x).mean()
            return loss if kind == "none" else loss + sigma_squared * self.penalty(parameters, x)
        if noise is None:
            raise ValueError(f"{kind} needs noise")
        corrupted = x + sigma_squared**0.5 * noise
        if kind == "dae":  # Eq. 6
            return self.losses(parameters, x, corrupted).mean()
        at = x.clone().requires_grad_()  # section 3.1.1: the gradient in the corrupted argument, taken at x
        losses = self.losses(parameters, x, at)
        (gradient,) = grad(losses.sum(), at, create_graph=True)
        return (losses + ((corrupted - x) * gradient).sum(dim=1)).mean()

    def penalty(self, parameters: Parameters, x: Tensor) -> Tensor:
        """R of one batch, without its coefficient."""
        kind, settings = self.regularizer.kind, self.regularizer.parameters
        a, hidden = self.encode(parameters, x)
        if kind == "kl_sae":
            rho, rho_max, rho_min = (float(settings[key]) for key in ("rho", "rho_max", "rho_min"))
            return kl_penalty(hidden.mean(dim=0), rho, rho_max, rho_min).sum()
        if kind == "l1":
            return hidden.abs().sum(dim=1).mean()
        if kind == "corollary1":
            return COROLLARY1_FUNCTIONS[str(settings["f"])](hidden.mean(dim=0)).sum()
        exponents = {"cae": (2, 2), "mdae": (2, 4)}  # Eq. 9 and Eq. 11
        q, p = exponents.get(kind) or (float(settings["q"]), float(settings["p"]))
        (slope,) = grad(hidden.sum(), a, create_graph=True)
        length = torch.linalg.vector_norm(parameters.W, dim=1)
        return (slope**q * length**p).sum(dim=1).mean()


def kl_penalty(mean: Tensor, rho: float, rho_max: float, rho_min: float) -> Tensor:
    """KL(rho || rho_j) of Eq. 12 for each unit; Eq. 13 at rho = 0.

    Continued along its tangent from `rho_max` up and, for rho > 0, from `rho_min` down.
    """

    def divergence(rho_j: Tensor) -> Tensor:
        value = (1 - rho) * torch.log((1 - rho) / (1 - rho_j))
        return value + rho * torch.log(rho / rho_j) if rho > 0 else value

    def tangent(at: float) -> Tensor:
        point = torch.tensor(at, dtype=mean.dtype, requires_grad=True)
        value = divergence(point)
        (slope,) = grad(value, point)
        return value.detach() + slope * (mean - at)

    # Clamped where the tangent replaces it, so that no NaN of the branch not taken enters the gradient.
    inside = divergence(mean.clamp(min=rho_min if rho > 0 else None, max=rho_max))
    result = torch.where(mean >= rho_max, tangent(rho_max), inside)
    return torch.where(mean <= rho_min, tangent(rho_min), result) if rho > 0 else result


@dataclass(frozen=True)
class Training:
    """Mini-batch SGD with heavy-ball momentum, without shuffling."""

    epochs: int
    batch: int
    learning_rate: float
    momentum: float = 0.9


@dataclass(frozen=True)
class Trained:
    """A finished training."""

    initial: Parameters
    final: Parameters
    rho_max_hits: int
    rho_min_hits: int


def train(model: Model, start: Parameters, data: Tensor, training: Training, noise: Noise | None = None) -> Trained:
    """V <- mu V - eta grad J, of which a tangent update takes a part; W <- W + V; then W is projected, as the start is.

    The last batch of an epoch may be smaller and is averaged over its own size.
    """
    initial = replace(start, W=model.constraint.project(start.W))
    parameters = initial
    velocities = [torch.zeros_like(tensor) for tensor in parameters.tensors()]
    step = rho_max_hits = rho_min_hits = 0
    for _ in range(training.epochs):
        for x in data.split(training.batch):
            if model.regularizer.kind == "kl_sae":
                above, below = kl_hits(model, parameters, x)
                rho_max_hits, rho_min_hits = rho_max_hits + above, rho_min_hits + below
            tensors = [tensor.clone().requires_grad_() for tensor in parameters.tensors()]
            epsilon = noise(step, x.shape) if noise else None
            gradients = grad(model.objective(Parameters(*tensors), x, epsilon), tensors)
            velocities = [training.momentum * v - training.learning_rate * g for v, g in zip(velocities, gradients)]
            velocities[0] = model.constraint.direct(velocities[0], parameters.W)
            moved = Parameters(*(t.detach() + v for t, v in zip(tensors, velocities)))
            parameters = replace(moved, W=model.constraint.project(moved.W))
            step += 1
    if not all(bool(tensor.isfinite().all()) for tensor in parameters.tensors()):
        raise FloatingPointError("the training diverged")
    return Trained(initial, parameters, rho_max_hits, rho_min_hits)


def kl_hits(model: Model, parameters: Parameters, x: Tensor) -> tuple[int, int]:
    """Units whose mean activation lies at or beyond rho_max, and at or below rho_min where rho > 0."""
    settings = model.regularizer.parameters
    mean = model.encode(parameters, x)[1].mean(dim=0)
    above = int((mean >= float(settings["rho_max"])).sum())
    below = int((mean <= float(settings["rho_min"])).sum()) if float(settings["rho"]) > 0 else 0
    return above, below


@dataclass(frozen=True)
class Measurement:
    """What is measured on all clean samples, under the names of the columns of runs.csv."""

    avg_activation_fraction: float
    alive_activation_fraction: float | None
    dead_units: int
    dead_fraction: float
    mean_pre_activation: float
    variance_pre_activation: float
    mean_weight_norm: float
    zero_rows: int
    reconstruction: float
    penalty: float | None
    fraction_variance_unexplained: float | None


def count_active(model: Model, parameters: Parameters, data: Tensor, threshold: float, shift: float = 0.0) -> Tensor:
    """For each unit, the number of samples with h > threshold, had its pre-activations been larger by `shift`.

    A unit whose weights and bias are zero has pre-activations of exactly zero and is not shifted.
    """
    a, _ = model.encode(parameters, data)
    zero = (parameters.W == 0).all(dim=1) & (parameters.b == 0)
    return (ACTIVATIONS[model.activation](torch.where(zero, a, a + shift)) > threshold).sum(dim=0)


def measure(model: Model, parameters: Parameters, data: Tensor, threshold: float) -> Measurement:
    """Eq. 14 and its companions."""
    a, hidden = model.encode(parameters, data)
    active = count_active(model, parameters, data, threshold)
    alive = active > 0
    units, samples = len(active), len(data)
    reconstruction = (data - model.decode(parameters, hidden)).square().sum(dim=1).mean().item()
    variance = (data - data.mean(dim=0)).square().sum(dim=1).mean().item()
    coefficient = model.regularizer.sigma_squared
    penalised = coefficient != 0 and model.regularizer.kind not in ("none", "dae", "edae")
    penalty = None
    if penalised:
        # s'(a) comes from autograd, which needs a graph to walk.
        leaf = replace(parameters, W=parameters.W.clone().requires_grad_())
        penalty = coefficient * model.penalty(leaf, data).item()
    return Measurement(
        avg_activation_fraction=active.sum().item() / (samples * units),
        alive_activation_fraction=active[alive].sum().item() / (samples * int(alive.sum())) if alive.any() else None,
        dead_units=units - int(alive.sum()),
        dead_fraction=1 - int(alive.sum()) / units,
        mean_pre_activation=a.mean().item(),
        variance_pre_activation=a.var(dim=0, correction=0).mean().item(),
        mean_weight_norm=torch.linalg.vector_norm(parameters.W, dim=1).mean().item(),
        zero_rows=int((parameters.W == 0).all(dim=1).sum()),
        reconstruction=reconstruction,
        penalty=penalty,
        fraction_variance_unexplained=reconstruction / variance if variance > 0 else None,
    )


def main() -> int:
    """Trains one model, or checks this reference against finite differences and closed forms."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--self-check", action="store_true", help="check this reference itself and leave")
    parser.add_argument("--data", type=Path, help=".npy file [N, n]")
    parser.add_argument("--start", type=Path, help=".npz file with W [m, n], b [m] and perhaps b_d [n]")
    parser.add_argument("--out", type=Path, help=".npz file for the trained arrays")
    parser.add_argument("--activation", choices=ACTIVATIONS, default="relu")
    parser.add_argument("--constraint", choices=("none", "unit_norm", "max_norm"), default="none")
    parser.add_argument("--radius", type=float, help="of max_norm")
    parser.add_argument("--decoder-bias", action="store_true")
    parser.add_argument("--regularizer", type=json.loads, default={"kind": "none"}, help="a JSON object")
    parser.add_argument("--sigma-squared", type=float, default=0.0)
    parser.add_argument("--threshold", type=float, help="default: the paper's, where it gives one")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--learning-rate", type=float, default=0.001)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument("--noise-seed", type=int, default=0, help="of dae and edae; this noise is PyTorch's")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.self_check:
        import self_check  # it imports this module

        return self_check.run()
    if options.data is None or options.start is None:
        parser.error("--data and --start are needed, or --self-check")

    threshold = options.threshold if options.threshold is not None else PAPER_THRESHOLD.get(options.activation)
    if threshold is None:
        parser.error(f"the paper gives no threshold for {options.activation}: --threshold is needed")
    regularizer = Regularizer.new(sigma_squared=options.sigma_squared, **options.regularizer)
    model = Model(options.activation, regularizer, Constraint(options.constraint, options.radius))
    data = torch.from_numpy(np.load(options.data)).double()
    start = Parameters.load(options.start, options.decoder_bias)
    training = Training(options.epochs, options.batch, options.learning_rate, options.momentum)
    generator = torch.Generator().manual_seed(options.noise_seed)
    trained = train(
        model, start, data, training, lambda _, shape: torch.randn(shape, generator=generator, dtype=data.dtype)
    )
    if options.out:
        trained.final.save(options.out)
    print(json.dumps(asdict(measure(model, trained.final, data, threshold)), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
