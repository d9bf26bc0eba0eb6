"""Times one training step of the same models in PyTorch, on one thread, against our trainer on the same core.

    python bench.py                        PyTorch alone: one JSON line a case
    python bench.py --against-ours         alternating sittings, and the ratio of the two a case
    python bench.py --check                the two PyTorch variants compute the same training

A step is what `benches/trainer.rs` does in one: gather a batch by index, draw the noise (dae, edae), forward,
backward, read the loss, SGD with momentum, scale every row of W to length 1. README.md has the details.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import softplus

MODELS = ("none", "dae", "cae", "edae")
ACTIVATIONS = ("relu", "sigmoid", "softplus")
INPUTS = (784, 192)
VARIANTS = ("autograd", "in_place")
# As in benches/case: coefficient or noise variance, units, samples, batch, momentum, steps before timing.
SIGMA_SQUARED, HIDDEN, SAMPLES, BATCH, MOMENTUM, WARM_UP = 0.25, 1000, 5000, 50, 0.9, 100


@dataclass(frozen=True)
class Case:
    """What is timed; the rate is so small that the activation fraction stays where the biases put it."""

    model: str
    activation: str
    n: int
    m: int = HIDDEN
    batch: int = BATCH
    samples: int = SAMPLES
    active: float = 0.2
    learning_rate: float = 1e-9
    dtype: torch.dtype = torch.float32

    def start(self) -> tuple[Tensor, Tensor, Tensor]:
        """Standard normal samples, unit rows, and biases at which a > 0 on a fraction `active` of what is encoded."""
        torch.manual_seed(1)
        data = torch.randn(self.samples, self.n, dtype=self.dtype)
        weights = torch.nn.functional.normalize(torch.randn(self.m, self.n, dtype=self.dtype), dim=1)
        spread = (1 + SIGMA_SQUARED) ** 0.5 if self.model == "dae" else 1
        bias = -statistics.NormalDist().inv_cdf(1 - self.active) * spread
        return data, weights, torch.full((self.m,), bias, dtype=self.dtype)

    def batches(self) -> Iterator[Tensor]:
        """Indices of one batch after the other, each epoch in a fresh order."""
        while True:
            yield from torch.randperm(self.samples).split(self.batch)


class Autograd:
    """As a user of PyTorch would write it: autograd, torch.optim.SGD."""

    def __init__(self, case: Case) -> None:
        self.case, self.indices = case, case.batches()
        self.data, weights, bias = case.start()
        self.W, self.b = weights.requires_grad_(), bias.requires_grad_()
        self.optimizer = torch.optim.SGD([self.W, self.b], lr=case.learning_rate, momentum=MOMENTUM)

    def hidden(self, a: Tensor) -> tuple[Tensor, Tensor | None]:
        """h = s_e(a) and, for cae, s'(a) as an expression that autograd differentiates again."""
        cae = self.case.model == "cae"
        if self.case.activation == "relu":
            return torch.relu(a), (a > 0).to(a.dtype) if cae else None
        if self.case.activation == "sigmoid":
            h = torch.sigmoid(a)
            return h, h * (1 - h) if cae else None
        return softplus(a), torch.sigmoid(a) if cae else None

    def objective(self, x: Tensor) -> Tensor:
        """J of one batch."""
        model, batch = self.case.model, len(x)
        fed = x
        if model == "dae":
            fed = x + SIGMA_SQUARED**0.5 * torch.randn_like(x)
        elif model == "edae":
            fed = x.clone().requires_grad_()
        h, slope = self.hidden(torch.addmm(self.b, fed, self.W.t()))
        loss = (h @ self.W - x).square().sum()
        if slope is not None:
            loss = loss + SIGMA_SQUARED * (slope.square().sum(dim=0) @ self.W.square().sum(dim=1))
        elif model == "edae":
            (gradient,) = torch.autograd.grad(loss, fed, create_graph=True)
            loss = loss + SIGMA_SQUARED**0.5 * (torch.randn_like(x) * gradient).sum()
        return loss / batch

    def step(self) -> float:
        """One step; returns the loss."""
        x = self.data[next(self.indices)]
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.objective(x)
        loss.backward()
        self.optimizer.step()
        with torch.no_grad():
            self.W.div_(torch.linalg.vector_norm(self.W, dim=1, keepdim=True))
        return loss.item()


class InPlace:
    """Written by hand: every buffer allocated once, products accumulated straight into the velocities."""

    def __init__(self, case: Case) -> None:
        self.case, self.indices = case, case.batches()
        self.data, self.W, self.b = case.start()
        self.V, self.v = torch.zeros_like(self.W), torch.zeros_like(self.b)

        def buffer(*shape: int) -> Tensor:
            return torch.empty(*shape, dtype=case.dtype)

        wide, deep = (case.batch, case.n), (case.batch, case.m)
        self.x, self.fed, self.residual, self.along, self.noise = (buffer(*wide) for _ in range(5))
        self.a, self.h, self.slope, self.curve, self.adjoint, self.u, self.side = (buffer(*deep) for _ in range(7))
        self.norm, self.squares, self.total = buffer(case.m, 1), buffer(case.m), buffer(case.m)

    def activate(self) -> None:
        """h, s'(a) and, where the model needs it, s''(a)."""
        a, h, slope, curve = self.a, self.h, self.slope, self.curve
        second = self.case.model in ("cae", "edae")
        if self.case.activation == "relu":
            torch.clamp_min(a, 0, out=h)
            torch.gt(a, 0, out=slope)
            return
        if self.case.activation == "sigmoid":
            torch.sigmoid(a, out=h)
            torch.addcmul(h, h, h, value=-1, out=slope)
            if second:  # s'' = s' (1 - 2 h)
                torch.addcmul(slope, slope, h, value=-2, out=curve)
            return
        torch.ops.aten.softplus.out(a, out=h)
        torch.sigmoid(a, out=slope)
        if second:
            torch.addcmul(slope, slope, slope, value=-1, out=curve)

    def step(self) -> float:
        """One step; returns the loss."""
        model, rate, batch = self.case.model, self.case.learning_rate, self.case.batch
        curved = self.case.activation != "relu"
        torch.index_select(self.data, 0, next(self.indices), out=self.x)
        fed = self.x
        if model in ("dae", "edae"):
            self.noise.normal_()
        if model == "dae":
            fed = torch.add(self.x, self.noise, alpha=SIGMA_SQUARED**0.5, out=self.fed)

        torch.addmm(self.b, fed, self.W.t(), out=self.a)
        self.activate()
        torch.mm(self.h, self.W, out=self.residual).sub_(self.x)
        loss = torch.dot(self.residual.view(-1), self.residual.view(-1))
        self.residual.mul_(2 / batch)  # dJ/dy
        self.V.mul_(MOMENTUM)
        self.v.mul_(MOMENTUM)
        if model == "edae":
            loss += self.first_order_term(batch)
        else:
            self.V.addmm_(self.h.t(), self.residual, alpha=-rate)
            torch.mm(self.residual, self.W.t(), out=self.adjoint)
            self.adjoint.mul_(self.slope)
        if model == "cae":
            loss += self.contraction(batch, curved)
        self.V.addmm_(self.adjoint.t(), fed, alpha=-rate)
        torch.sum(self.adjoint, dim=0, out=self.total)
        self.v.add_(self.total, alpha=-rate)

        self.W.add_(self.V)
        self.b.add_(self.v)
        torch.linalg.vector_norm(self.W, dim=1, keepdim=True, out=self.norm)
        self.W.div_(self.norm)
        return loss.item() / batch

    def contraction(self, batch: int, curved: bool) -> Tensor:
        """Adds the terms of CAE to the velocity and the adjoint of a; its value times the batch."""
        torch.linalg.vector_norm(self.W, dim=1, keepdim=True, out=self.norm)
        torch.square(self.norm.view(-1), out=self.squares)
        torch.square(self.slope, out=self.side)
        torch.sum(self.side, dim=0, out=self.total)
        value = SIGMA_SQUARED * torch.dot(self.total, self.squares)
        scale = -2 * SIGMA_SQUARED * self.case.learning_rate / batch
        self.V.addcmul_(self.total.view(-1, 1), self.W, value=scale)
        if curved:
            torch.mul(self.slope, self.curve, out=self.side).mul_(self.squares)
            self.adjoint.add_(self.side, alpha=2 * SIGMA_SQUARED / batch)
        return value

    def first_order_term(self, batch: int) -> Tensor:
        """eDAE: with d the noise, u = W d and y' = W^T (s' u), the term is 2 (y - x) . y'; its value times the batch.

        Adds every term of the velocity but the one of a, whose adjoint it leaves.
        """
        rate, curved = self.case.learning_rate, self.case.activation != "relu"
        self.noise.mul_(SIGMA_SQUARED**0.5)
        torch.mm(self.noise, self.W.t(), out=self.u)
        torch.mul(self.slope, self.u, out=self.side)
        torch.mm(self.side, self.W, out=self.along)
        value = batch * torch.dot(self.residual.view(-1), self.along.view(-1))
        self.V.addmm_(self.side.t(), self.residual, alpha=-rate)
        torch.mm(self.residual, self.W.t(), out=self.side)  # the adjoint of s' u
        self.along.mul_(2 / batch).add_(self.residual)  # the adjoint of y
        self.V.addmm_(self.h.t(), self.along, alpha=-rate)
        torch.mm(self.along, self.W.t(), out=self.adjoint)
        self.adjoint.mul_(self.slope)
        if curved:
            self.u.mul_(self.curve).mul_(self.side)
            self.adjoint.add_(self.u)
        self.side.mul_(self.slope)
        self.V.addmm_(self.side.t(), self.noise, alpha=-rate)
        return value


TRAINERS = {"autograd": Autograd, "in_place": InPlace}


def time_case(case: Case, variant: str, steps: int) -> float:
    """Microseconds a step, mean over `steps` after the warm-up."""
    trainer = TRAINERS[variant](case)
    for _ in range(WARM_UP):
        trainer.step()
    start = time.perf_counter()
    for _ in range(steps):
        trainer.step()
    return (time.perf_counter() - start) / steps * 1e6


def check() -> int:
    """Both variants train the same, in double precision, from the same seeds, at a rate that moves the weights."""
    failed = 0
    for model, activation in itertools.product(MODELS, ACTIVATIONS):
        small = Case(model, activation, 12, m=20, batch=10, samples=50, learning_rate=1e-3, dtype=torch.float64)
        ends = []
        for variant in VARIANTS:
            trainer = TRAINERS[variant](small)
            before = trainer.W.detach().clone()
            torch.manual_seed(2)
            losses = torch.tensor([trainer.step() for _ in range(25)], dtype=torch.float64)
            ends.append((losses, trainer.W.detach(), trainer.b.detach()))
            moved = (trainer.W.detach() - before).norm().item()
        error = max(((one - other).norm() / other.norm()).item() for one, other in zip(*ends))
        good = error < 1e-12 and moved > 0.01
        failed += not good
        print(f"{'ok    ' if good else 'FAILED'} {model:<5} {activation:<9} difference {error:.1e}  moved {moved:.2f}")
    return 1 if failed else 0


def our_command(case: Case, steps: int) -> list[str]:
    """The command that prints our microseconds a step; with `build_ours` the only place that knows it."""
    what = [case.model, case.activation, str(case.n), str(steps), str(case.active)]
    return ["cargo", "bench", "--quiet", "--bench", "trainer", "--", *what]


def build_ours() -> None:
    """Builds what `our_command` runs, before this process is pinned to one core."""
    subprocess.run(["cargo", "bench", "--bench", "trainer", "--no-run"], cwd=repository(), check=True)


def our_time(case: Case, steps: int) -> float:
    """Microseconds a step of our trainer, in a process of its own."""
    done = subprocess.run(our_command(case, steps), cwd=repository(), stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout.split()[-1])


def torch_times(case: Case, options: argparse.Namespace) -> dict[str, float]:
    """Microseconds a step of each PyTorch variant, in a process of its own."""
    command = [sys.executable, str(Path(__file__).resolve()), "--steps", str(options.steps)]
    command += ["--core", str(options.core), "--active", str(case.active), "--models", case.model]
    command += ["--activations", case.activation, "--inputs", str(case.n), "--variants", *options.variants]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    return {line["variant"]: line["us_per_step"] for line in map(json.loads, done.stdout.splitlines())}


def repository() -> Path:
    """The root of the repository."""
    return Path(__file__).resolve().parents[2]


def processor() -> str:
    """The processor's name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def against_ours(cases: list[Case], options: argparse.Namespace) -> None:
    """In every sitting, for every case: PyTorch, then ours, on the same core; then the ratios of the sittings."""
    build_ours()
    os.sched_setaffinity(0, {options.core})  # both children inherit it
    seen: dict[tuple[Case, str], list[tuple[float, float]]] = {}
    for sitting, case in itertools.product(range(options.sittings), cases):
        theirs = torch_times(case, options)
        ours = our_time(case, options.steps)
        for variant, microseconds in theirs.items():
            seen.setdefault((case, variant), []).append((microseconds, ours))
        print(f"sitting {sitting + 1}: {case.model} {case.activation} {case.n}: {theirs}, ours {ours}", file=sys.stderr)

    print(f"{processor()}, core {options.core}, PyTorch {torch.__version__}, {options.sittings} sittings,", end=" ")
    print(f"{options.steps} steps, active {options.active:g}; medians in microseconds a step, ratio PyTorch/ours")
    print(f"{'model':<6}{'activation':<11}{'n':>4}  {'variant':<9}{'PyTorch':>9}{'ours':>9}", end="")
    print(f"{'min':>8}{'median':>8}{'max':>8}")
    for (case, variant), pairs in seen.items():
        theirs, ours = (statistics.median(side) for side in zip(*pairs))
        ratios = sorted(one / other for one, other in pairs)
        print(f"{case.model:<6}{case.activation:<11}{case.n:>4}  {variant:<9}{theirs:>9.0f}{ours:>9.0f}", end="")
        print(f"{ratios[0]:>8.2f}{statistics.median(ratios):>8.2f}{ratios[-1]:>8.2f}")


def main() -> int:
    """Reads the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare the two PyTorch variants and leave")
    parser.add_argument("--against-ours", action="store_true", help="alternate with our trainer")
    parser.add_argument("--sittings", type=int, default=5)
    parser.add_argument("--steps", type=int, default=500, help="timed steps, after a warm-up of 100")
    parser.add_argument("--core", type=int, default=0, help="the core to run on")
    parser.add_argument("--active", type=float, default=0.2, help="fraction of positive pre-activations")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--activations", nargs="+", choices=ACTIVATIONS, default=ACTIVATIONS)
    parser.add_argument("--inputs", nargs="+", type=int, default=INPUTS)
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=VARIANTS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.check:
        return check()
    combinations = itertools.product(options.inputs, options.models, options.activations)
    cases = [Case(model, activation, n, active=options.active) for n, model, activation in combinations]
    if options.against_ours:
        against_ours(cases, options)
        return 0
    os.sched_setaffinity(0, {options.core})
    print(f"{processor()}, core {options.core}, PyTorch {torch.__version__}", file=sys.stderr)
    for case, variant in itertools.product(cases, options.variants):
        line = {"model": case.model, "activation": case.activation, "n": case.n, "variant": variant}
        print(json.dumps({**line, "us_per_step": round(time_case(case, variant, options.steps), 1)}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
