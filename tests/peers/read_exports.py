"""Reads what `aesparse encode` and `aesparse export` write with the programs that it is written for, and compares.

    pip install numpy scipy safetensors tensorboard
    cargo build --release
    python tests/peers/read_exports.py --aesparse target/release/aesparse

It trains a small sweep in a temporary folder (seconds), exports it in every format, and checks that

- TensorBoard's EventAccumulator finds each run under its name, with a scalar for each number of `epochs.csv` at its epoch, equal to
  it in single precision, and the names of sparse-autoencoder tools equal to what they are documented to be; TensorBoard's own
  server serves the same runs and scalars over HTTP,
- `safetensors` reads the tensors of `final.npz`, bit for bit, and the metadata of the line of `runs.csv`,
- numpy reads the codes, which are s(W x + b) in double precision within 1e-6; CSV, JSON Lines and scipy's sparse matrix hold the same codes,
- the JSON Lines of measurements are the lines of `epochs.csv`.

Exit code: 1 if anything differs.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open
from scipy.sparse import load_npz
from tensorboard import program
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

CONFIG = """
name = "peers"
seeds = [1, 2]
data = { source = { kind = "npy", path = "x.npy" }, standardize = "feature" }
model = { hidden = 24, activation = "sigmoid", decoder_bias = true }
training = { epochs = 6, batch = 25 }
sweep = { sigma_squared = [0, 0.25], regularizer = ["dae", { kind = "kl_sae", rho = 0.1 }] }
evaluation.every = 2
output.weights = "final"
"""
FOLDER = "results/peers"
SETTINGS = ["regularizer", "sigma_squared", "seed"]
# A column of epochs.csv is one of these or was measured.
NOT_MEASURED = {
    "name", "dataset", "activation", "constraint", "regularizer", "sigma_squared", "seed", "learning_rate",
    "run_key", "epoch", "version", "encoder_bias",
}  # fmt: skip

Row = dict[str, str]


class Failure(Exception):
    """Something differs."""


def require(holds: bool, what: str) -> None:
    if not holds:
        raise Failure(what)


class Program:
    """The program in a folder with a trained sweep."""

    def __init__(self, aesparse: Path, folder: Path) -> None:
        self.aesparse, self.folder = aesparse, folder
        generator = np.random.default_rng(7)
        self.raw = generator.normal(size=(330, 16)) @ generator.normal(size=(16, 16))
        np.save(folder / "x.npy", self.raw.astype("f4"))
        (folder / "peers.toml").write_text(CONFIG)
        self.run("run", "peers.toml", "--quiet")
        self.epochs = self.table("epochs.csv")
        self.runs = self.table("runs.csv")

    def run(self, *arguments: str) -> None:
        command = [str(self.aesparse), *arguments]
        ended = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        require(ended.returncode == 0, f"{' '.join(command)}: {ended.stderr}")

    def table(self, name: str) -> list[Row]:
        with open(self.folder / FOLDER / name, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def weights(self, key: str) -> dict[str, np.ndarray]:
        with np.load(self.folder / FOLDER / "weights" / key / "final.npz") as archive:
            return {name: archive[name] for name in archive.files if name != "encoder.json"}


def run_name(row: Row) -> str:
    """The name that is documented, written anew."""
    model = row["regularizer"].replace("(", "_").replace(")", "")
    model = "none" if float(row["sigma_squared"]) == 0 else model
    return f"{model}_sigma_squared={row['sigma_squared']}_seed={row['seed']}"


def expected_scalars(row: Row) -> dict[str, float]:
    """What was measured, under both names."""
    measured = {name: float(cell) for name, cell in row.items() if name not in NOT_MEASURED and cell}
    return measured | {
        "l0": measured["avg_activation_fraction"] * 24,
        "dead_features": measured["dead_units"],
        "explained_variance": 1 - measured["fraction_variance_unexplained"],
    }


def by_run(rows: list[Row]) -> dict[str, list[Row]]:
    """Rows by run; of cells that share one, the first."""
    first = {row["run_key"]: {name: row[name] for name in SETTINGS} for row in reversed(rows)}
    runs: dict[str, list[Row]] = {}
    for row in rows:
        if first[row["run_key"]] == {name: row[name] for name in SETTINGS}:
            runs.setdefault(run_name(row), []).append(row)
    return runs


def check_tensorboard(program_: Program) -> str:
    program_.run("export", FOLDER, "--format", "tensorboard", "--out", "logs")
    logs = program_.folder / "logs"
    expected = by_run(program_.epochs)
    found = sorted(path.name for path in (logs / "peers").iterdir())
    require(found == sorted(expected), f"runs {found}, expected {sorted(expected)}")
    scalars = 0
    for name, rows in expected.items():
        accumulator = EventAccumulator(str(logs / "peers" / name), size_guidance={"scalars": 0})
        accumulator.Reload()
        require(accumulator.FirstEventTimestamp() == 0, f"{name}: first event")
        wanted: dict[str, list[tuple[int, float]]] = {}
        for row in rows:
            for tag, value in expected_scalars(row).items():
                wanted.setdefault(tag, []).append((int(row["epoch"]), value))
        tags = accumulator.Tags()["scalars"]
        require(sorted(tags) == sorted(wanted), f"{name}: tags {sorted(tags)}, expected {sorted(wanted)}")
        for tag, points in wanted.items():
            events = accumulator.Scalars(tag)
            require([event.step for event in events] == [step for step, _ in points], f"{name} {tag}: steps")
            require([event.wall_time for event in events] == [step for step, _ in points], f"{name} {tag}: times")
            same = [event.value == float(np.float32(value)) for event, (_, value) in zip(events, points)]
            require(all(same), f"{name} {tag}: {events}, expected {points}")
            scalars += len(points)
    served = check_server(logs, expected)
    return f"{len(expected)} runs, {scalars} scalars by EventAccumulator, {served} by the server"


def check_server(logs: Path, expected: dict[str, list[Row]]) -> int:
    """What TensorBoard's server says of the same files."""
    board = program.TensorBoard()
    # Without load_fast, the runs are read before the server answers.
    board.configure(argv=[None, "--logdir", str(logs), "--port", "0", "--load_fast", "false"])
    address = board.launch().rstrip("/")

    def ask(path: str, **parameters: str) -> Any:
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{address}/data/{path}?{query}", timeout=60) as answer:
            return json.load(answer)

    tags: dict[str, dict[str, Any]] = {}
    for _ in range(100):
        tags = ask("plugin/scalars/tags")
        if len(tags) == len(expected):
            break
        time.sleep(0.1)
    require(sorted(tags) == sorted(f"peers/{name}" for name in expected), f"served: {sorted(tags)}")
    served = 0
    for name, rows in expected.items():
        for tag in tags[f"peers/{name}"]:
            points = ask("plugin/scalars/scalars", run=f"peers/{name}", tag=tag)
            wanted = [(int(row["epoch"]), expected_scalars(row)[tag]) for row in rows if tag in expected_scalars(row)]
            same = [step == epoch and value == float(np.float32(x)) for (_, step, value), (epoch, x) in zip(points, wanted)]
            require(len(points) == len(wanted) and all(same), f"served: {name} {tag} {points}, expected {wanted}")
            served += len(points)
    return served


def check_safetensors(program_: Program) -> str:
    program_.run("export", FOLDER, "--format", "safetensors", "--out", "weights")
    expected = by_run(program_.runs)
    files = {path.stem: path for path in (program_.folder / "weights" / "peers").iterdir()}
    require(sorted(files) == sorted(expected), f"weights of {sorted(files)}")
    for name, [row] in expected.items():
        with safe_open(files[name], framework="numpy") as file:
            weights = program_.weights(row["run_key"])
            require(sorted(file.keys()) == sorted(weights), f"{name}: tensors {file.keys()}")
            for tensor in weights:
                found = file.get_tensor(tensor)
                same = found.dtype == weights[tensor].dtype and np.array_equal(found, weights[tensor])
                require(same, f"{name}: {tensor} differs")
            metadata = file.metadata()
        for column, cell in row.items():
            stated = metadata.get(column, "")
            require(stated == cell or column == "status", f"{name}: {column} is {stated}, expected {cell}")
        for tag, value in expected_scalars({k: v for k, v in row.items() if k in program_.epochs[0]}).items():
            require(float(metadata[tag]) == value, f"{name}: {tag} is {metadata[tag]}, expected {value}")
        identity = json.loads(metadata["identity"])
        require(identity["standardize"] == {"scope": "feature", "epsilon": 0.0}, f"{name}: {identity}")
    return f"{len(files)} files"


def check_codes(program_: Program) -> str:
    raw = np.load(program_.folder / "x.npy").astype("f8")
    samples = ((raw - raw.mean(0)) / raw.std(0)).astype("f4").astype("f8")
    largest, runs = 0.0, by_run(program_.runs)
    for name, [row] in runs.items():
        run = f"{FOLDER}/{row['run_key']}"
        for end in ["npy", "npz", "csv", "jsonl"]:
            program_.run("encode", run, "--out", f"codes.{end}")
        weights = program_.weights(row["run_key"])
        pre_activation = samples @ weights["W"].astype("f8").T + weights["b"].astype("f8")
        hidden = 1 / (1 + np.exp(-pre_activation))
        codes = np.load(program_.folder / "codes.npy")
        require(codes.shape == hidden.shape and codes.dtype == np.float32, f"{name}: {codes.shape} {codes.dtype}")
        largest = max(largest, float(np.abs(codes - hidden).max()))
        require(largest < 1e-6, f"{name}: codes are off by {largest}")
        threshold = float(row["threshold"])
        fraction = float((codes > np.float32(threshold)).mean())
        require(math.isclose(fraction, float(row["avg_activation_fraction"]), rel_tol=1e-12), f"{name}: {fraction}")
        text = np.loadtxt(program_.folder / "codes.csv", delimiter=",", skiprows=1, dtype="f4")
        require(np.array_equal(text, codes), f"{name}: the CSV differs")
        for sample, line in enumerate(json_lines(program_.folder / "codes.jsonl")):
            units = np.flatnonzero(codes[sample] > np.float32(threshold))
            require(line["sample"] == sample and line["units"] == units.tolist(), f"{name}: sample {sample}")
            values = np.array(line["values"], dtype="f4")
            require(np.array_equal(values, codes[sample][units]), f"{name}: values of sample {sample}")
        active = np.where(codes > np.float32(threshold), codes, 0)
        require(np.array_equal(load_npz(program_.folder / "codes.npz").toarray(), active), f"{name}: sparse codes")
        program_.run("encode", run, "--input", "x.npy", "--samples", "150", "--out", "first.npy")
        first = np.load(program_.folder / "first.npy")
        require(np.array_equal(first, codes[:150]), f"{name}: own samples")
    return f"{len(runs)} runs, off by at most {largest:.1e}"


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    with open(path, encoding="utf-8") as file:
        yield from map(json.loads, file)


def check_json_lines(program_: Program) -> str:
    program_.run("export", FOLDER, "--format", "jsonl", "--out", "epochs.jsonl")
    lines = list(json_lines(program_.folder / "epochs.jsonl"))
    require(len(lines) == len(program_.epochs), f"{len(lines)} lines, expected {len(program_.epochs)}")
    for line, row in zip(lines, program_.epochs):
        for column, cell in row.items():
            value = line[column]
            same = cell == "" if value is None else value == (cell if isinstance(value, str) else float(cell))
            require(same, f"{column} is {value}, expected {cell}")
        for tag, value in expected_scalars(row).items():
            require(line[tag] == value, f"{tag} is {line[tag]}, expected {value}")
    return f"{len(lines)} lines"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aesparse", type=Path, required=True, help="the program")
    aesparse = parser.parse_args().aesparse.resolve()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        program_ = Program(aesparse, Path(folder))
        checks = {
            "TensorBoard": check_tensorboard,
            "safetensors": check_safetensors,
            "codes": check_codes,
            "JSON Lines": check_json_lines,
        }
        for name, check in checks.items():
            try:
                print(f"{name:12} as expected: {check(program_)}")
            except Failure as failure:
                failures += 1
                print(f"{name:12} DIFFERS: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
