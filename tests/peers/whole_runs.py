"""Trains short whole runs with the program and in PyTorch, with unrelated random numbers, and compares their sparsity.

    python whole_runs.py --aesparse target/release/aesparse --data data
    python whole_runs.py --aesparse target/release/aesparse --data data --only tangent

For models that no stored figure has, as `spot_check.py` is for the figures. A case is compared by its activation
fraction after 20 epochs on the first 10,000 digits of MNIST, mean over three seeds on each side, at a variance of the
noise and at 0. The means must agree within 0.02, and the program's plain DAE must have fallen by 0.2 or more: where
nothing falls, agreement shows nothing.

About a minute a run in PyTorch on a free core, six runs a case. Exit code: 1 if a case differs or nothing has fallen.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

import torch
from torch import Tensor

from compare import toml
from reference import Constraint, Model, Parameters, Regularizer
from spot_check import ACTIVATION_LIMIT, Objective, Outcome, cells, end, load, one_draw, train

SEEDS = [1, 2, 3]
# Of MNIST, as the paper standardises it.
EPSILON = 0.1
LEAST_FALL = 0.2


def antithetic_pair(model: Model, parameters: Parameters, batch: Tensor, generator: torch.Generator) -> Tensor:
    """The mean of Eq. 6 with the noise epsilon and with -epsilon."""
    noise = torch.randn(batch.shape, generator=generator)
    return (model.objective(parameters, batch, noise) + model.objective(parameters, batch, -noise)) / 2


@dataclass(frozen=True)
class Case:
    """A model and its constraint, in the program's words and in PyTorch."""

    sigma_squared: float
    regularizer: dict[str, float | str] = field(default_factory=lambda: {"kind": "dae"})
    constraint: Constraint = Constraint("unit_norm")
    # What PyTorch minimises, of the regularizer of that kind without further parameters.
    objective: Objective = one_draw

    def config(self, name: str, data: Path) -> str:
        """The sweep of the case's model and of the plain DAE, at 0 and at the case's variance."""
        models = [{"kind": "dae"}]
        if self.regularizer not in models:
            models.append(self.regularizer)
        constraint: dict[str, object] = {"kind": self.constraint.kind}
        if self.constraint.update != "project":
            constraint["update"] = self.constraint.update
        sections: dict[str, dict[str, object]] = {
            "data": {
                "source": "mnist",
                "samples": 10_000,
                "standardize": {"scope": "feature", "epsilon": EPSILON},
                "dir": str(data.resolve()),
            },
            "model": {"hidden": 1000, "activation": "relu", "constraint": constraint},
            "training": {"epochs": 20, "batch": 50, "learning_rate": 0.001, "momentum": 0.9},
            "sweep": {"sigma_squared": [0, self.sigma_squared], "regularizer": models},
        }
        lines = [f"name = {toml(name)}", f"seeds = {SEEDS}"]
        for title, entries in sections.items():
            lines += ["", f"[{title}]", *(f"{key} = {toml(value)}" for key, value in entries.items())]
        return "\n".join(lines) + "\n"

    def is_own(self, row: dict[str, str]) -> bool:
        """Whether a row is of the case's model, and not of the plain DAE beside it."""
        return (row["regularizer"] == "dae") == (self.regularizer == {"kind": "dae"})


# By name.
CASES = {
    "tangent": Case(0.25, constraint=Constraint("unit_norm", update="tangent")),
    "antithetic": Case(0.25, {"kind": "dae", "draws": 2, "pairing": "antithetic"}, objective=antithetic_pair),
}


def run_program(program: Path, case: Case, name: str, data: Path, folder: Path) -> list[dict[str, str]]:
    """The rows of runs.csv of a case's sweep."""
    config = folder / f"{name}.toml"
    config.write_text(case.config(name, data))
    command = [str(program.resolve()), "run", str(config), "--out", str(folder / "results"), "--jobs", "1", "--quiet"]
    subprocess.run(command, check=True)
    with (folder / "results" / name / "runs.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def mean(rows: list[dict[str, str]], sigma_squared: float) -> float:
    """The mean activation fraction of the seeds at a variance."""
    chosen = [row for row in rows if float(row["sigma_squared"]) == sigma_squared]
    if [int(row["seed"]) for row in chosen] != SEEDS or any(row["status"] != "completed" for row in chosen):
        raise ValueError(f"the program has no three completed runs at {sigma_squared}")
    return fmean(float(row["avg_activation_fraction"]) for row in chosen)


def retrain(case: Case, row: dict[str, str], data: Path) -> float:
    """The mean activation fraction of the case's model in PyTorch, at the protocol and variance of a row."""
    x = load(data, row, EPSILON)
    model = Model(row["activation"], Regularizer.new("dae", float(row["sigma_squared"])), case.constraint)
    threshold = float(row["threshold"])
    ends: list[Outcome] = [end(model, train(model, x, row, seed, case.objective), x, threshold) for seed in SEEDS]
    if any(outcome.activation is None for outcome in ends):
        raise ValueError("a run diverged in PyTorch")
    return fmean(outcome.activation for outcome in ends if outcome.activation is not None)


def compare_case(name: str, case: Case, program: Path, data: Path) -> bool:
    """Prints both means at each variance, and whether they agree."""
    with tempfile.TemporaryDirectory(prefix="aesparse-peers-") as folder:
        rows = run_program(program, case, name, data, Path(folder))
    plain = [row for row in rows if row["regularizer"] == "dae"]
    own = [row for row in rows if case.is_own(row)]
    fall = mean(plain, 0.0) - mean(plain, case.sigma_squared)
    agree = fall >= LEAST_FALL
    print(f"{name}: the plain DAE falls by {fall:.3f}{'' if agree else ', too little to show anything'}", flush=True)
    for sigma_squared in (0.0, case.sigma_squared):
        theirs = mean(own, sigma_squared)
        ours = retrain(case, next(row for row in own if float(row["sigma_squared"]) == sigma_squared), data)
        wrong = abs(ours - theirs) > ACTIVATION_LIMIT
        agree &= not wrong
        line = f"  {name} at {sigma_squared:g}"
        print(f"{line:<28}{cells(ours, theirs)}  {'DIFFERS' if wrong else 'ok'}", flush=True)
    return agree


def main() -> int:
    """Compares the cases, or one of them; 1 if one differs or shows nothing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aesparse", type=Path, required=True, help="the program")
    parser.add_argument("--data", type=Path, required=True, help="the project's data folder")
    parser.add_argument("--only", choices=CASES, help="this case")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # the velocities of dead units decay to nothing, slowly
    chosen = {name: case for name, case in CASES.items() if options.only in (None, name)}
    print(f"{'':28}{'PyTorch':>8}{'program':>8}{'diff':>8}", flush=True)
    agreed = [compare_case(name, case, options.aesparse, options.data) for name, case in chosen.items()]
    print(f"{sum(agreed)} of {len(agreed)} agree")
    return 0 if all(agreed) else 1


if __name__ == "__main__":
    sys.exit(main())
