#!/usr/bin/env python3
"""Shows what Winograd's rounding does to training, beside the spread of the seeds.

    winograd_accuracy.py [--seeds N] [--steps N] [--graphc FILE]

Trains two models with direct convolutions, with Winograd's on 2×2 and on 4×4 tiles, and with the
cost model's choice; compares the loss curves and what the generators draw. Prints a Markdown report
and keeps it as `report.md`, with a chart of the curves a model, in the output folder. Runs that lie
there are not trained again.

Needs a release build of graphc, and numpy.
"""

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from accuracy.chart import render_chart
from accuracy.report import render_introduction, render_model
from accuracy.runs import DIRECT, Model, Run, Variant, algorithms_taken, narrower_vectors
from comparison.environment import processor_name

FOLDER = Path(__file__).resolve().parent
REPOSITORY = FOLDER.parent

MODELS = [
    Model("digits", REPOSITORY / "models/dcgan-digits.yaml", "digits"),
    Model(
        "shapes",
        REPOSITORY / "models/dcgan-32.yaml",
        "shapes",
        settings=("let.width=32", "train.batch_size=32"),
    ),
]

REFERENCE = Variant("direct", DIRECT)
# The same sums with narrower vectors, so in another order: what any fp32 rounding does.
CONTROL = Variant("direct, narrower", DIRECT, isa=narrower_vectors())
SMALL_TILES = Variant("winograd2", "winograd2")
LARGE_TILES = Variant("winograd4", "winograd4")
DEFAULT = Variant("default", None)
VARIANTS = [REFERENCE, CONTROL, SMALL_TILES, LARGE_TILES, DEFAULT]


def plan_runs(model: Model, arguments: argparse.Namespace) -> list[Run]:
    """The first seed in every way; the others directly and in the ways that are in question."""

    def run(variant: Variant, seed: int) -> Run:
        return Run(model, variant, seed, arguments.steps, arguments.output, arguments.graphc)

    others = range(1, arguments.seeds)
    return [run(variant, 0) for variant in VARIANTS] + [
        run(variant, seed) for seed in others for variant in (REFERENCE, LARGE_TILES, DEFAULT)
    ]


def train(runs: list[Run], jobs: int) -> None:
    """Trains `jobs` runs at a time with one thread each; the threads change no result."""

    def one(run: Run) -> None:
        run.train(threads=1)
        print(f"  {run.model.name}: {run.label}", file=sys.stderr)

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, runs))


def parse_arguments() -> argparse.Namespace:
    names = [model.name for model in MODELS]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", metavar="MODEL", help=f"of {', '.join(names)}")
    parser.add_argument(
        "--graphc", type=Path, default=REPOSITORY / ".build/release/graphc", help="the executable"
    )
    parser.add_argument("--seeds", type=int, default=6, help="at least 2, for their spread")
    parser.add_argument("--steps", type=int, default=1000, help="a multiple of 100")
    parser.add_argument("--images", type=int, default=1024, help="drawn by each generator")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at a time")
    parser.add_argument(
        "--output", type=Path, default=FOLDER / "results/winograd", help="a folder"
    )
    arguments = parser.parse_args()
    unknown = [name for name in arguments.models if name not in names]
    if unknown:
        parser.error(f"no such model: {', '.join(unknown)}")
    if arguments.seeds < 2:
        parser.error("--seeds must be at least 2")
    if arguments.steps < 100 or arguments.steps % 100:
        parser.error("--steps must be a multiple of 100")
    return arguments


def main() -> int:
    arguments = parse_arguments()
    arguments.output.mkdir(parents=True, exist_ok=True)
    models = [model for model in MODELS if not arguments.models or model.name in arguments.models]
    report = [render_introduction(processor_name())]
    for model in models:
        runs = plan_runs(model, arguments)
        train(runs, arguments.jobs)
        taken = {
            variant.label: algorithms_taken(model, variant, arguments.graphc) for variant in VARIANTS
        }
        report.append(render_model(model, runs, taken, arguments.images))
        chart = arguments.output / f"{model.name}.svg"
        chart.write_text(render_chart(model, runs))
    text = "\n".join(report)
    (arguments.output / "report.md").write_text(text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
