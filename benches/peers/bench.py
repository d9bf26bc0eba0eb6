"""Times one training step of the same models in PyTorch, in JAX and, on request, in our trainer, on the same cores.

    python bench.py --check                the peers compute the same training
    python bench.py                        the peers alone
    python bench.py --against-ours         the peers and ours in alternation, with the ratios of their times

A step is what `benches/trainer.rs` does in one: gather a batch by index, draw the noise (dae, edae), forward,
backward, read the loss, SGD with momentum, scale every row of W to length 1. README.md has the details.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import numpy as np

from case import ACTIVATIONS, MODELS, Case, Trainer

PEERS = ("torch-autograd", "torch-in-place", "jax")
SHAPES = ("784x1000x50", "192x1000x50", "512x4096x256", "1024x8192x512")
REPOSITORY = Path(__file__).resolve().parents[2]


def trainer(peer: str, case: Case) -> Trainer:
    """Imports the program on demand, because its threads depend on the cores of the process at the import."""
    if peer == "jax":
        os.environ["JAX_PLATFORMS"] = "cpu"
        from jax_peer import Jax

        return Jax(case)
    from torch_peer import Autograd, InPlace

    return Autograd(case) if peer == "torch-autograd" else InPlace(case)


def peer_time(peer: str, case: Case, steps: int) -> float:
    """Microseconds a step, with one thread for each core of this process; one epoch warms up."""
    if peer.startswith("torch"):
        import torch

        torch.set_num_threads(len(os.sched_getaffinity(0)))
    training, batches = trainer(peer, case), case.batches()
    for indices in islice(batches, case.steps_per_epoch):
        training.step(indices)
    start = time.perf_counter()
    for indices in islice(batches, steps):
        training.step(indices)
    return (time.perf_counter() - start) / steps * 1e6


def our_command(case: Case, steps: int, threads: int, ours: Path | None) -> list[str]:
    """The command that prints our microseconds a step; with `build_ours` the only place that knows it."""
    program = [str(ours.resolve())] if ours else ["cargo", "bench", "--quiet", "--bench", "trainer", "--"]
    sizes = [threads, case.m, case.batch]
    return [*program, case.model, case.activation, *map(str, [case.n, steps, case.active, *sizes])]


def build_ours() -> None:
    """Builds the program that `our_command` runs, on all cores."""
    subprocess.run(["cargo", "bench", "--bench", "trainer", "--no-run"], cwd=REPOSITORY, check=True)


def our_time(command: list[str]) -> float:
    """Microseconds a step of our trainer."""
    done = subprocess.run(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout.split()[-1])


def alone(cores: list[int], timing: Callable[..., float], *arguments: object) -> float:
    """Runs `timing` in a process of its own, pinned to `cores` before it imports PyTorch or JAX or starts ours."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn, initializer=os.sched_setaffinity, initargs=(0, cores)) as process:
        return process.submit(timing, *arguments).result()


def sittings(cases: list[Case], options: argparse.Namespace) -> dict[tuple[Case, int], dict[str, list[float]]]:
    """Microseconds a step of every program by case and number of threads, one value a sitting."""
    seen: dict[tuple[Case, int], dict[str, list[float]]] = {}
    for sitting, case, threads in itertools.product(range(options.sittings), cases, options.threads):
        cores, steps = options.cores[:threads], case.timed_steps(options.steps)
        times = {peer: alone(cores, peer_time, peer, case, steps) for peer in options.peers}
        if options.against_ours:
            times["ours"] = alone(cores, our_time, our_command(case, steps, threads, options.ours))
        told = ", ".join(f"{program} {microseconds:.0f}" for program, microseconds in times.items())
        print(f"sitting {sitting + 1}: {case} threads {threads}, {steps} steps: {told}", file=sys.stderr)
        for program, microseconds in times.items():
            seen.setdefault((case, threads), {}).setdefault(program, []).append(microseconds)
    return seen


def table(seen: dict[tuple[Case, int], dict[str, list[float]]]) -> None:
    """Prints the medians and, if ours was timed, the ratios."""
    header = f"{'model':<5} {'activation':<10} {'n x m x B':<14} threads {'peer':<14} {'peer, us':>9}"
    if any("ours" in times for times in seen.values()):
        header += f" {'ours, us':>9} {'peer/ours: min':>14} {'median':>6} {'max':>6}"
    print(header)
    for (case, threads), times in seen.items():
        ours = times.pop("ours", [])
        for peer, theirs in times.items():
            line = f"{case} {threads:>7} {peer:<14} {statistics.median(theirs):>9.0f}"
            if ours:
                ratios = [one / other for one, other in zip(theirs, ours)]
                line += f" {statistics.median(ours):>9.0f} {min(ratios):>14.2f}"
                line += f" {statistics.median(ratios):>6.2f} {max(ratios):>6.2f}"
            print(line)


def processor() -> str:
    """The processor's name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def check() -> int:
    """All peers train the same as the first, in double precision, from the same start with the same batches and noise.

    The rate moves the weights, and the last batch of an epoch is short.
    """
    os.environ["JAX_ENABLE_X64"] = "1"
    failed = 0
    for model, activation in itertools.product(MODELS, ACTIVATIONS):
        case = Case(model, activation, 12, 20, 10, 0.2, samples=47, learning_rate=1e-3, dtype="float64")
        first: list[np.ndarray] = []
        for peer in PEERS:
            training, random = trainer(peer, case), np.random.default_rng(3)
            losses = [
                training.step(indices, random.standard_normal((len(indices), case.n)))
                for indices in islice(case.batches(), 25)
            ]
            end = [np.array(losses), *training.parameters()]
            if not first:
                first = end
                continue
            error = max(np.linalg.norm(one - other) / np.linalg.norm(other) for one, other in zip(end, first))
            moved = np.linalg.norm(end[1] - case.start()[1])
            good = error < 1e-12 and moved > 0.01
            failed += not good
            print(f"{'ok' if good else 'FAILED':<6} {case} {peer:<14} difference {error:.1e}  moved {moved:.2f}")
    return 1 if failed else 0


def shape(text: str) -> tuple[int, int, int]:
    """Parses n x m x B."""
    n, m, batch = map(int, text.split("x"))
    return n, m, batch


def main() -> int:
    """Parses the arguments."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare the trainings of all peers and exit")
    parser.add_argument("--against-ours", action="store_true", help="alternate with our trainer")
    parser.add_argument("--ours", type=Path, help="built trainer to run instead of `cargo bench`")
    parser.add_argument("--sittings", type=int, default=5, help="timings of every program in every case")
    parser.add_argument("--threads", nargs="+", type=int, default=[1], help="numbers of threads, one core each")
    parser.add_argument("--cores", nargs="+", type=int, default=sorted(os.sched_getaffinity(0)), help="cores to run on")
    parser.add_argument("--steps", type=int, help="timed steps, rounded up to whole epochs; default: about 200 GFLOP")
    parser.add_argument("--active", type=float, default=0.2, help="fraction of positive pre-activations")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--activations", nargs="+", choices=ACTIVATIONS, default=ACTIVATIONS)
    parser.add_argument("--shapes", nargs="+", type=shape, default=list(map(shape, SHAPES)), metavar="NxMxB")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=PEERS)
    options = parser.parse_args()
    if options.check:
        return check()
    if max(options.threads) > len(options.cores):
        parser.error(f"{max(options.threads)} threads need as many cores; --cores names {options.cores}")
    if options.against_ours and not options.ours:
        build_ours()
    combinations = itertools.product(options.shapes, options.models, options.activations)
    cases = [Case(model, act, n, m, batch, options.active) for (n, m, batch), model, act in combinations]
    seen = sittings(cases, options)
    print(f"{processor()}, cores {options.cores}, PyTorch {version('torch')}, JAX {version('jax')},", end=" ")
    print(f"sittings: {options.sittings}, active {options.active:g}; medians in microseconds a step")
    table(seen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
