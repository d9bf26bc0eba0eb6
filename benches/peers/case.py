"""What is timed: models, shapes, data, start, batches. As in benches/case."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

MODELS = ("none", "dae", "cae", "edae")
ACTIVATIONS = ("relu", "sigmoid", "softplus")
# As in benches/case. SIGMA_SQUARED is the coefficient of cae and the noise variance of dae and edae.
SIGMA_SQUARED, SAMPLES, MOMENTUM = 0.25, 5000, 0.9
SIGMA = math.sqrt(SIGMA_SQUARED)


class Trainer(Protocol):
    """One program's training of one case."""

    def step(self, indices: np.ndarray, noise: np.ndarray | None = None) -> float:
        """One step on the samples `indices` [B]; returns the loss before it. `noise` [B, n] replaces its own draw."""
        ...

    def parameters(self) -> tuple[np.ndarray, np.ndarray]:
        """W [m, n] and b [m]."""
        ...


@dataclass(frozen=True)
class Case:
    """One training; the rate is so small that the activation fraction stays where the biases put it."""

    model: str
    activation: str
    n: int
    m: int
    batch: int
    active: float
    samples: int = SAMPLES
    learning_rate: float = 1e-9
    dtype: str = "float32"

    def __str__(self) -> str:
        return f"{self.model:<5} {self.activation:<10} {f'{self.n}x{self.m}x{self.batch}':<14}"

    def start(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Standard normal samples [N, n], unit rows W [m, n], and biases b [m] at which a share `active` has a > 0."""
        random = np.random.default_rng(1)
        data = random.standard_normal((self.samples, self.n), np.float32)
        weights = random.standard_normal((self.m, self.n), np.float32)
        weights /= np.linalg.norm(weights, axis=1, keepdims=True)
        spread = math.sqrt(1 + SIGMA_SQUARED) if self.model == "dae" else 1
        inactive = min(max(1 - self.active, 1e-5), 1 - 1e-5)  # no finite bias reaches 0 or 1
        bias = np.full(self.m, -statistics.NormalDist().inv_cdf(inactive) * spread)
        return data.astype(self.dtype), weights.astype(self.dtype), bias.astype(self.dtype)

    @property
    def noisy(self) -> bool:
        """A step draws noise [B, n]."""
        return self.model in ("dae", "edae")

    @property
    def steps_per_epoch(self) -> int:
        """⌈N / B⌉: the last batch of an epoch may be short, as in our trainer."""
        return math.ceil(self.samples / self.batch)

    def batches(self) -> Iterator[np.ndarray]:
        """Indices of one batch after the other, each epoch in a fresh order."""
        random = np.random.default_rng(2)
        while True:
            order = random.permutation(self.samples)
            for start in range(0, self.samples, self.batch):
                yield order[start : start + self.batch]

    def timed_steps(self, at_least: int | None) -> int:
        """Whole epochs, for the same share of short batches in every timing: `at_least` steps, or about 200 GFLOP."""
        if at_least is None:
            epochs = round(200e9 / (10 * self.samples * self.m * self.n))
        else:
            epochs = math.ceil(at_least / self.steps_per_epoch)
        return max(epochs, 1) * self.steps_per_epoch
