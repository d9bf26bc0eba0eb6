"""Holds the Rust program against `reference.py`: same data, same start, no shuffling, every model.

    python compare.py --aesparse target/release/aesparse

Each case is one training of five epochs, with a ragged last batch. Compared are the trained arrays (relative
Frobenius error at most 1e-4) and the measurements in runs.csv. The program computes in single precision, the reference
in double; see README.md for why the scales below keep the two within the limit.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from reference import PAPER_THRESHOLD, Constraint, Model, Parameters, Regularizer, Trained, Training
from reference import count_active, measure, train

LIMIT = 1e-4
# The weights must move at least this far, relative to their length, or the comparison of the end shows nothing.
LEAST_MOVE = 100 * LIMIT
# Activations are counted as if every pre-activation were off by this much either way.
COUNT_MARGIN = 2e-4
SAMPLES, INPUTS, HIDDEN = 1030, 36, 24
SIGMA_SQUARED = [0.3, 1.0]
REGULARIZERS: list[dict[str, float | str]] = [
    {"kind": "none"},
    {"kind": "cae"},
    {"kind": "mdae"},
    {"kind": "kl_sae"},
    {"kind": "kl_sae", "rho": 0.05},
    {"kind": "l1"},
    {"kind": "corollary1"},
    {"kind": "corollary1", "f": "square"},
    {"kind": "corollary1", "f": "exp"},
    {"kind": "corollary2"},
    {"kind": "corollary2", "q": 3, "p": 3},
]
# 1 for `none`, which has no coefficient, and one for each coefficient of every other.
CELLS = 1 + (len(REGULARIZERS) - 1) * len(SIGMA_SQUARED)
CONSTRAINTS = [
    Constraint(),
    Constraint("unit_norm"),
    Constraint("max_norm", 0.8),
    Constraint("unit_norm", update="tangent"),
]
# What may go wrong with one configuration without an end to the others.
PROBLEMS = (ArithmeticError, LookupError, OSError, RuntimeError, ValueError, subprocess.TimeoutExpired)


@dataclass(frozen=True)
class Group:
    """The cases of one configuration file."""

    activation: str
    constraint: Constraint
    decoder_bias: bool = False

    @property
    def training(self) -> Training:
        """Five epochs; the last batch of each has 30 samples. README.md says why the rates differ."""
        rate = 0.001 if self.activation in ("sigmoid", "softplus") else 0.0002
        return Training(epochs=5, batch=50, learning_rate=rate, momentum=0.9)

    @property
    def name(self) -> str:
        """Of the configuration and its folder of results."""
        update = "" if self.constraint.update == "project" else f"_{self.constraint.update}"
        return f"{self.activation}_{self.constraint.kind}{update}{'_decoder_bias' if self.decoder_bias else ''}"

    @property
    def threshold(self) -> float:
        """The paper's, and 0.1 where it gives none."""
        return PAPER_THRESHOLD.get(self.activation, 0.1)


GROUPS = [Group(s, constraint) for s in ("relu", "sigmoid", "softplus") for constraint in CONSTRAINTS] + [
    Group("tanh", CONSTRAINTS[0]),
    Group("identity", CONSTRAINTS[1]),
    Group("elu", CONSTRAINTS[2]),
    Group("leaky_relu", CONSTRAINTS[0]),
    Group("gelu", CONSTRAINTS[1]),
    Group("silu", CONSTRAINTS[2]),
    Group("relu", CONSTRAINTS[1], decoder_bias=True),
    Group("softplus", CONSTRAINTS[2], decoder_bias=True),
]


@dataclass
class Report:
    """Counts of what was compared."""

    passed: int = 0
    failed: int = 0
    worst: float = 0.0

    def case(self, name: str, numbers: str, complaints: list[str]) -> None:
        """One compared training."""
        self.passed, self.failed = self.passed + (not complaints), self.failed + bool(complaints)
        print(f"{'FAILED' if complaints else 'ok    '} {name:<58} {numbers}", flush=True)
        for complaint in complaints:
            print(f"         {complaint}", flush=True)


def make_data() -> np.ndarray:
    """Correlated samples [N, n] in f32: seven sources of unequal strength, one of them skewed, plus noise."""
    generator = np.random.default_rng(20160619)
    sources = generator.standard_normal((SAMPLES, 7)) * np.linspace(1.0, 0.4, 7)
    sources[:, 0] = sources[:, 0] ** 2 - 1.0
    mixed = sources @ generator.standard_normal((7, INPUTS)) / math.sqrt(7)
    return (0.5 * mixed + 0.15 * generator.standard_normal((SAMPLES, INPUTS))).astype(np.float32)


def make_start(activation: str) -> dict[str, np.ndarray]:
    """W [m, n], b [m], b_d [n] in f32.

    Rows 0 and 2 are zero: with ReLU unit 0 is dead and unit 2 sits on the kink. Unit 1 is mostly on, so that its mean
    reaches rho_max.
    """
    generator = np.random.default_rng(784)
    bound = math.sqrt(6 / (INPUTS + HIDDEN))
    weights = generator.uniform(-bound, bound, (HIDDEN, INPUTS))
    # Sigmoid and softplus pass their threshold of 0.1 near a = -2.2.
    centre = {"sigmoid": -2.0, "softplus": -2.0}.get(activation, -0.2)
    biases = centre + 0.5 * generator.standard_normal(HIDDEN)
    weights[[0, 2]], biases[:3] = 0.0, (-0.1, 1.5, 0.0)
    decoder_bias = 0.1 * generator.standard_normal(INPUTS)
    return {name: a.astype(np.float32) for name, a in (("W", weights), ("b", biases), ("b_d", decoder_bias))}


def toml(value: object) -> str:
    """A value as TOML: tables inline, strings quoted as JSON does."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def write_config(group: Group, folder: Path) -> Path:
    """The configuration of one group, with its start, next to data.npy."""
    start = make_start(group.activation)
    if not group.decoder_bias:
        del start["b_d"]
    np.savez(folder / f"{group.name}.npz", **start)
    training = group.training
    constraint: dict[str, object] = {"kind": group.constraint.kind}
    if group.constraint.radius is not None:
        constraint["radius"] = group.constraint.radius
    if group.constraint.kind == "unit_norm":
        constraint["update"] = group.constraint.update
    sections: dict[str, dict[str, object]] = {
        "data": {"source": {"kind": "npy", "path": "data.npy"}, "samples": SAMPLES, "standardize": "none"},
        "model": {
            "hidden": HIDDEN,
            "activation": group.activation,
            "constraint": constraint,
            "decoder_bias": group.decoder_bias,
            "init": {"from": f"{group.name}.npz"},
        },
        "training": {
            "epochs": training.epochs,
            "batch": training.batch,
            "learning_rate": training.learning_rate,
            "momentum": training.momentum,
            "shuffle": False,
        },
        "sweep": {"sigma_squared": SIGMA_SQUARED, "regularizer": REGULARIZERS},
        "evaluation": {"every": training.epochs, "threshold": group.threshold},
        "output": {"weights": "initial_and_final"},
    }
    lines = [f"name = {toml(group.name)}", "seeds = [1]"]
    for title, entries in sections.items():
        lines += ["", f"[{title}]", *(f"{key} = {toml(value)}" for key, value in entries.items())]
    path = folder / f"{group.name}.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


def run_program(program: Path, config: Path, results: Path) -> list[dict[str, str]]:
    """Trains one configuration and returns the rows of runs.csv."""
    command = [str(program), "run", str(config), "--out", str(results), "--jobs", "1", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    table = results / config.stem / "runs.csv"
    if done.returncode not in (0, 1) or not table.is_file():  # 1: some run diverged, which its row says
        raise RuntimeError(f"`{' '.join(command)}` ended with {done.returncode}:\n{done.stderr.strip()}")
    with table.open(newline="") as file:
        return list(csv.DictReader(file))


def regularizer_of(label: str) -> Regularizer:
    """`kl_sae(rho=0.05)` as a regularizer without coefficient."""
    kind, _, inside = label.partition("(")
    pairs = (item.split("=") for item in inside.removesuffix(")").split(",") if item)
    return Regularizer.new(kind, **{key: value if key == "f" else float(value) for key, value in pairs})


def find_row(rows: list[dict[str, str]], wanted: Regularizer) -> dict[str, str]:
    """The one row of a case; `none` has one row whatever the coefficients are."""

    def fits(row: dict[str, str]) -> bool:
        found = regularizer_of(row["regularizer"])
        if (found.kind, found.parameters) != (wanted.kind, wanted.parameters):
            return False
        return wanted.kind == "none" or float(row["sigma_squared"]) == wanted.sigma_squared

    found = [row for row in rows if fits(row)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} rows of runs.csv stand for {wanted}, not 1")
    return found[0]


def relative(found: Tensor, expected: Tensor) -> float:
    """Frobenius length of the difference, relative to the expected length."""
    if found.shape != expected.shape:
        return math.inf
    return ((found - expected).norm() / expected.norm()).item()


def check_arrays(found: Trained, expected: Trained) -> tuple[dict[str, float], list[str]]:
    """Relative errors of the final arrays and how far W moved; complaints."""
    complaints = []
    names = ("W", "b", "b_d")[: len(expected.final.tensors())]
    for name, ours, theirs in zip(names, found.initial.tensors(), expected.initial.tensors()):
        if not relative(ours, theirs) <= 1e-6:
            complaints.append(f"initial {name} is not the projected start: {relative(ours, theirs):.1e}")
    errors = {n: relative(o, t) for n, o, t in zip(names, found.final.tensors(), expected.final.tensors())}
    complaints += [f"{name} is off by {error:.1e}" for name, error in errors.items() if not error <= LIMIT]
    for name, before, after in zip(names, found.initial.tensors(), found.final.tensors()):
        if not relative(after, before) >= LEAST_MOVE:
            complaints.append(f"{name} moved by {relative(after, before):.1e} only")
    errors["moved"] = relative(found.final.W, found.initial.W)
    return errors, complaints


def penalty_bounds(model: Model, parameters: Parameters, data: Tensor) -> tuple[float, float]:
    """The penalty, with the margin of the counts where it counts too: ReLU's slope is 0 or 1."""
    counts = model.activation == "relu" and model.regularizer.kind in ("cae", "mdae", "corollary2")
    margin = COUNT_MARGIN if counts else 0.0
    ends = (replace(parameters, W=parameters.W.clone().requires_grad_(), b=parameters.b + s) for s in (-margin, margin))
    low, high = sorted(model.regularizer.sigma_squared * model.penalty(end, data).item() for end in ends)
    return low, high


def check_row(row: dict[str, str], model: Model, group: Group, expected: Trained, data: Tensor) -> list[str]:
    """Complaints about the measurements in one row of runs.csv."""
    complaints: list[str] = []

    def number(column: str) -> float:
        return float(row[column]) if row[column] else math.nan

    def within(column: str, low: float, high: float) -> None:
        slack = 1e-12 * max(abs(low), abs(high))
        if not low - slack <= number(column) <= high + slack:
            complaints.append(f"{column} is {row[column] or 'absent'}, expected {low:.9g} to {high:.9g}")

    reference = measure(model, expected.final, data, group.threshold)
    total = SAMPLES * HIDDEN
    shifts = (-COUNT_MARGIN, COUNT_MARGIN)
    fewest, most = (count_active(model, expected.final, data, group.threshold, shift) for shift in shifts)
    within("avg_activation_fraction", fewest.sum().item() / total, most.sum().item() / total)
    dead = (most == 0).sum().item(), (fewest == 0).sum().item()
    within("dead_units", *dead)
    within("dead_fraction", dead[0] / HIDDEN, dead[1] / HIDDEN)
    if number("avg_activation_fraction") > 0:
        alive = HIDDEN - number("dead_units")
        counted = number("avg_activation_fraction") * HIDDEN / alive
        within("alive_activation_fraction", counted * (1 - 1e-9), counted * (1 + 1e-9))
    within("zero_rows", reference.zero_rows, reference.zero_rows)
    for column in ("reconstruction", "penalty", "fraction_variance_unexplained", "variance_pre_activation",
                   "mean_weight_norm", "mean_pre_activation"):  # fmt: skip
        value = getattr(reference, column)
        if value is None:
            if row[column]:
                complaints.append(f"{column} is {row[column]}, expected to be absent")
            continue
        # A mean of signed numbers is compared on the scale of what it is a mean of.
        scale = math.sqrt(reference.variance_pre_activation) if column == "mean_pre_activation" else 0.0
        slack = LIMIT * max(abs(value), scale)
        low, high = penalty_bounds(model, expected.final, data) if column == "penalty" else (value, value)
        within(column, low - slack, high + slack)
    if model.regularizer.kind == "kl_sae":
        # Hits are counted over some hundred steps; a mean that grazes the bound may round to either side.
        within("rho_max_hits", expected.rho_max_hits - 2, expected.rho_max_hits + 2)
        if model.regularizer.parameters["rho"]:
            within("rho_min_hits", expected.rho_min_hits - 2, expected.rho_min_hits + 2)
    return complaints


def compare_group(program: Path, group: Group, folder: Path, report: Report) -> None:
    """Runs one configuration and compares every training in it."""
    config = write_config(group, folder)
    rows = run_program(program, config, folder / "results")
    if len(rows) != CELLS:
        raise LookupError(f"runs.csv has {len(rows)} rows, not {CELLS}")
    data = torch.from_numpy(np.load(folder / "data.npy")).double()
    start = Parameters.load(folder / f"{group.name}.npz", group.decoder_bias)
    for given in REGULARIZERS:
        for sigma_squared in SIGMA_SQUARED if given["kind"] != "none" else [0.0]:
            regularizer = Regularizer.new(sigma_squared=sigma_squared, **given)
            model = Model(group.activation, regularizer, group.constraint)
            row = find_row(rows, regularizer)
            name = f"{group.name} {row['regularizer']} {sigma_squared:g}"
            if row["status"] != "completed":
                report.case(name, "", [f"status is {row['status']}"])
                continue
            expected = train(model, start, data, group.training)
            weights = folder / "results" / group.name / "weights" / row["run_key"]
            ends = (Parameters.load(weights / f"{end}.npz", group.decoder_bias) for end in ("initial", "final"))
            errors, complaints = check_arrays(Trained(*ends, 0, 0), expected)
            complaints += check_row(row, model, group, expected, data)
            report.worst = max(report.worst, *(error for key, error in errors.items() if key != "moved"))
            numbers = "  ".join(f"{key} {error:.1e}" for key, error in errors.items())
            report.case(name, f"{numbers}  active {float(row['avg_activation_fraction'] or 'nan'):.3f}", complaints)


def main() -> int:
    """Compares every case; 1 if any fails or is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aesparse", type=Path, required=True, help="the program")
    parser.add_argument("--work", type=Path, help="an empty folder to keep inputs and results in")
    parser.add_argument("--only", metavar="NAME", help="only this group, such as relu_unit_norm")
    options = parser.parse_args()
    groups = [group for group in GROUPS if options.only in (None, group.name)]
    if not groups:
        parser.error(f"no group is called {options.only}; there are {', '.join(group.name for group in GROUPS)}")
    torch.set_num_threads(1)
    report = Report()
    with tempfile.TemporaryDirectory(prefix="aesparse-peers-") as temporary:
        folder = options.work or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            parser.error(f"{folder} is not empty: old results would be resumed, not computed")
        np.save(folder / "data.npy", make_data())
        for group in groups:
            try:
                compare_group(options.aesparse.resolve(), group, folder, report)
            except PROBLEMS as error:
                report.case(group.name, "", [f"{type(error).__name__}: {error}"])
    compared, wanted = report.passed + report.failed, CELLS * len(groups)
    if compared != wanted:
        print(f"{compared} cases were compared, not {wanted}")
    print(f"largest relative error of an array: {report.worst:.1e}")
    print(f"{report.passed} passed, {report.failed} failed")
    return 0 if report.failed == 0 and compared == wanted else 1


if __name__ == "__main__":
    sys.exit(main())
