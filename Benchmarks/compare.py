#!/usr/bin/env python3
"""Times graphc beside PyTorch and onnxruntime, interleaved in one run.

    compare.py [MODEL …] [--task training|inference] [--graphc FILE]

A round runs every candidate once, one after the other, so that whatever else the machine does meets
all of them alike; each round begins with another candidate. Prints a Markdown table a workload and
how it differs from the last run's. Keeps `latest.json` and `latest.md` in the output folder; a
workload that is not run, or with --candidates, or in which graphc or every rival failed, keeps its
last table.

Needs a release build of graphc, and PyTorch, onnxruntime, onnx, numpy and PyYAML.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from comparison.candidates import GRAPHC, make_candidates
from comparison.environment import describe_environment
from comparison.report import fill_document, render_difference, render_report, render_table
from comparison.rounds import run_rounds
from comparison.tables import Table, load_tables, save_tables, summarize
from comparison.workloads import INFERENCE, TRAINING, WORKLOADS, Workload

FOLDER = Path(__file__).resolve().parent
REPOSITORY = FOLDER.parent


def compare(workload: Workload, arguments: argparse.Namespace, scratch: Path) -> Table:
    """Times one workload."""
    steps = arguments.steps or workload.steps
    print(f"{workload.key}: {steps} steps a round", file=sys.stderr)
    candidates = make_candidates(workload, arguments.graphc, arguments.threads, scratch)
    if arguments.candidates:
        wanted = arguments.candidates
        candidates = [
            candidate for candidate in candidates if any(part in candidate.name for part in wanted)
        ]
    unwanted = arguments.without or []
    left_out = [it.name for it in candidates if any(part in it.name for part in unwanted)]
    candidates = [candidate for candidate in candidates if candidate.name not in left_out]
    measurements, unavailable = run_rounds(candidates, arguments.rounds, steps)
    unavailable |= {name: "left out" for name in left_out}
    rows, peak = summarize(measurements, workload.batch_size)
    return Table(
        model=workload.model,
        task=workload.task,
        batch_size=workload.batch_size,
        steps=steps,
        rounds=arguments.rounds,
        environment=describe_environment(arguments.threads, REPOSITORY),
        rows=rows,
        unavailable=unavailable,
        peak_gflops=peak,
    )


def select_workloads(arguments: argparse.Namespace) -> list[Workload]:
    """The workloads that the command line asks for."""
    selected = [
        workload
        for workload in WORKLOADS
        if (not arguments.models or workload.model in arguments.models)
        and (arguments.task is None or workload.task == arguments.task)
    ]
    if arguments.batch_size is None:
        return selected
    resized = [
        Workload(workload.model, workload.task, arguments.batch_size, workload.steps)
        for workload in selected
    ]
    return list(dict.fromkeys(resized))


def parse_arguments() -> argparse.Namespace:
    models = list(dict.fromkeys(workload.model for workload in WORKLOADS))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "models", nargs="*", metavar="MODEL", help=f"of {', '.join(models)}; default: all"
    )
    parser.add_argument("--task", choices=[TRAINING, INFERENCE], help="default: both")
    parser.add_argument(
        "--graphc", type=Path, default=REPOSITORY / ".build/release/graphc", help="the executable"
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="default: all cores")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, help="timed steps a round; default: the workload's")
    parser.add_argument("--batch-size", type=int, help="default: the workload's")
    parser.add_argument(
        "--candidates", nargs="+", metavar="PART", help="only those with one of these in their name"
    )
    parser.add_argument(
        "--without", nargs="+", metavar="PART", help="not those with one of these in their name; the table says so"
    )
    parser.add_argument("--output", type=Path, default=FOLDER / "results", help="a folder")
    parser.add_argument(
        "--document", type=Path, help="a Markdown file between whose markers the tables are put"
    )
    arguments = parser.parse_args()
    unknown = [model for model in arguments.models if model not in models]
    if unknown:
        parser.error(f"no such model: {', '.join(unknown)}")
    for name in ("threads", "rounds", "steps", "batch_size"):
        value = getattr(arguments, name)
        if value is not None and value < 1:
            parser.error(f"--{name.replace('_', '-')} must be at least 1")
    is_ours_wanted = not arguments.candidates or any(part in "graphc bf16" for part in arguments.candidates)
    if is_ours_wanted and not (arguments.graphc.is_file() and os.access(arguments.graphc, os.X_OK)):
        parser.error(f"{arguments.graphc} is no program: run `swift build -c release`, or name one with --graphc")
    return arguments


def is_comparison(table: Table) -> bool:
    """Whether both sides were timed."""
    names = [row.candidate for row in table.rows]
    return GRAPHC in names and not all(name.startswith(GRAPHC) for name in names)


def main() -> int:
    arguments = parse_arguments()
    arguments.output.mkdir(parents=True, exist_ok=True)
    stored = arguments.output / "latest.json"
    tables = load_tables(stored)
    if arguments.document:
        # A file without the markers is found out before anything is timed.
        fill_document(arguments.document.read_text(), [])
    failed = False
    with tempfile.TemporaryDirectory(prefix="graphc-compare-") as scratch:
        for workload in select_workloads(arguments):
            table = compare(workload, arguments, Path(scratch))
            print(render_table(table))
            if workload.key in tables:
                print(render_difference(tables[workload.key], table), end="\n\n")
            if arguments.candidates:
                continue
            if not is_comparison(table):
                failed = True
                print(f"{workload.key}: nothing was compared; the last table stays", file=sys.stderr)
                continue
            tables[workload.key] = table
            # After every workload: the next one may be interrupted.
            save_tables(stored, tables)
            (arguments.output / "latest.md").write_text(render_report(tables))
            if arguments.document:
                document = arguments.document.read_text()
                arguments.document.write_text(fill_document(document, [table]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
