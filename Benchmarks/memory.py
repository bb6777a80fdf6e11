#!/usr/bin/env python3
"""Compares the memory that graphc predicts with what training takes, for each model of models/.

    memory.py PATH/TO/graphc [--models NAME …] [--threads N] [--batch N] [--limit SHARE]

Each model makes a few steps with samples and checkpoints after each, through all of its stages, over data whose last
batch is smaller. Use a release build: a debug build's own code is larger. Ends with 1 where a prediction is farther
off than --limit.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

MODELS = Path(__file__).resolve().parent.parent / "models"
STEPS = 3


def run(command: list[str]) -> str:
    finished = subprocess.run(command, capture_output=True, text=True)
    if finished.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{finished.stderr}")
    return finished.stdout + finished.stderr


def settings(model: Path, batch: int | None) -> list[str]:
    """Stages of few steps, and two batches and a half of drawn data."""
    text = model.read_text()
    size = batch or int(re.search(r"^  batch_size: (\d+)", text, re.M).group(1))
    values = [] if batch is None else [f"train.batch_size={batch}"]
    if "{synthetic:" in text:
        values.append(f"train.data.synthetic.count={size * 5 // 2}")
    for stage in range(len(re.findall(r"^    - .*images: \d+", text, re.M))):
        values.append(f"train.stages.{stage}.images={size * STEPS}")
        if re.findall(r"^    - .*images: \d+.*", text, re.M)[stage].count("fade"):
            values.append(f"train.stages.{stage}.fade={size}")
    return [argument for value in values for argument in ("--set", value)]


def measure(graphc: str, model: Path, threads: int, batch: int | None) -> tuple[int, int]:
    """Bytes predicted and taken above the process's start."""
    options = [*settings(model, batch), "--threads", str(threads)]
    report = json.loads(run([graphc, "check", str(model), "--format", "json", *options]))
    # Of a training in stages, that of the largest.
    predicted = report["step"]["peak_memory_bytes"]
    stages = max(1, sum(value.startswith("train.stages.") and value.count("images") for value in options))
    with tempfile.TemporaryDirectory() as folder:
        every = ["--set", "train.sample_every=1", "--set", "train.checkpoint_every=1"]
        steps = STEPS * stages
        output = run(
            [graphc, "train", str(model), "--out", f"{folder}/run", "--max-steps", str(steps), *every, *options]
        )
    return predicted, int(re.findall(r"peak_memory_bytes=(\d+)", output)[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graphc")
    parser.add_argument("--models", nargs="*", help="all of them where none is named")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, help="in place of each model's own")
    parser.add_argument("--limit", type=float, default=0.05)
    arguments = parser.parse_args()
    names = arguments.models or sorted(path.stem for path in MODELS.glob("*.yaml"))
    isWithin = True
    for name in names:
        predicted, taken = measure(arguments.graphc, MODELS / f"{name}.yaml", arguments.threads, arguments.batch)
        error = predicted / taken - 1
        isWithin = isWithin and abs(error) <= arguments.limit
        print(f"{name:20} {predicted / 1e6:8.1f} MB predicted {taken / 1e6:8.1f} MB taken {error:+7.1%}", flush=True)
    sys.exit(0 if isWithin else 1)


if __name__ == "__main__":
    main()
