"""Goes the whole way of own data with the program, numpy and scikit-learn.

    pip install numpy scipy scikit-learn
    cargo build --release
    python tests/peers/own_data.py --aesparse target/release/aesparse

In a temporary folder (seconds): clusters in 64 dimensions as embeddings; `aesparse new`, `run`, `inspect` and `encode` on new rows. Checks that

- numpy computes the same codes from `final.npz`, within 1e-5 of the largest code,
- a classifier of scikit-learn on the codes finds the cluster of new rows,
- the sparse matrix for scipy holds the same codes.

Exit code: 1 if anything differs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy.sparse import load_npz
from sklearn.linear_model import LogisticRegression

CLUSTERS, INPUTS = 5, 64
DAE = ["--where", "regularizer=dae", "--where", "sigma_squared=0.1"]


def draw(rng: np.random.Generator, centres: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Samples around the centres, and the number of each sample's centre."""
    labels = rng.integers(CLUSTERS, size=rows)
    return (centres[labels] + rng.normal(size=(rows, INPUTS))).astype("f4"), labels


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--aesparse", type=Path, required=True, help="the program")
    program = parser.parse_args().aesparse.resolve()
    rng = np.random.default_rng(0)
    centres = 1.5 * rng.normal(size=(CLUSTERS, INPUTS))
    train, train_labels = draw(rng, centres, 2000)
    new, new_labels = draw(rng, centres, 500)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def aesparse(*arguments: str) -> None:
            subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True)

        np.save(folder / "embeddings.npy", train)
        np.save(folder / "new.npy", new)
        aesparse("new", "own.toml", "--data", "embeddings.npy")
        aesparse("run", "own.toml", "-o", "training.epochs=10")
        aesparse("inspect", "results/own", *DAE)
        aesparse("encode", "results/own", *DAE, "--out", "train.csv")
        aesparse("encode", "results/own", *DAE, "--input", "new.npy", "--out", "codes.npy")
        aesparse("encode", "results/own", *DAE, "--input", "new.npy", "--out", "codes.npz")
        codes = np.load(folder / "codes.npy")
        # A tenth is held out, so the first column has the rows of the training samples.
        table = np.loadtxt(folder / "train.csv", delimiter=",", skiprows=1)
        rows, train_codes = table[:, 0].astype(int), table[:, 1:]
        sparse = load_npz(folder / "codes.npz").toarray()
        [inspected] = (folder / "results/own/inspect").iterdir()
        weights = np.load(folder / f"results/own/weights/{inspected.name}/final.npz")

        settings = json.loads(weights["encoder.json"])["identity"]
        scaled = (new - weights["mean"]) / (weights["sd"] + settings["standardize"]["epsilon"])
        own = np.maximum(scaled @ weights["W"].T + weights["b"], 0)
        difference = np.abs(own - codes).max() / np.abs(codes).max()
        accuracy = LogisticRegression(max_iter=2000).fit(train_codes, train_labels[rows]).score(codes, new_labels)

    print(f"numpy's codes: largest difference {difference:.1e} of the largest code")
    print(f"scikit-learn on the codes: {accuracy:.3f} of 500 new rows in the right one of {CLUSTERS} clusters")
    print(f"scipy's matrix: {'the same codes' if np.array_equal(sparse, codes) else 'other codes'}")
    return 0 if difference < 1e-5 and accuracy > 0.9 and np.array_equal(sparse, codes) else 1


if __name__ == "__main__":
    sys.exit(main())
