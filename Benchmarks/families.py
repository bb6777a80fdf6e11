#!/usr/bin/env python3
"""Times whole training steps of adversarial families in graphc and in PyTorch, interleaved in one run.

    families.py [--models MODEL …] [--graphc FILE] [--rounds N] [--steps N]
    families.py --check

A step is all that the model's file says: so many discriminator's updates, one of the generator's, and penalties on
the steps that are due; where those are not every step, the mean of a period. PyTorch's modes that are far from its
fastest in the first round are not timed again. Prints a Markdown table and keeps it in
`families.json` and `families.md` of the output folder, where models that are not run keep their rows.

Needs a release build of graphc, PyTorch, PyYAML, and for `torch.compile` a C++ compiler.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import yaml
from comparison.candidates import GRAPHC
from comparison.environment import describe_environment
from comparison.rounds import run_rounds
from comparison.tables import Table, load_tables, save_tables, summarize
from families.candidates import make_candidates
from families.catalog import FAMILIES
from families.check import check_model
from families.report import best_rival, fill_families, render_families

FOLDER = Path(__file__).resolve().parent
REPOSITORY = FOLDER.parent

# A mode so many times slower than PyTorch's fastest will not be its best.
SLACK = 1.3


def spec_path(model: str) -> Path:
    return REPOSITORY / "models" / f"{model}.yaml"


def time_model(model: str, arguments: argparse.Namespace, scratch: Path) -> Table:
    """Times one model at its file's batch size."""
    print(model, file=sys.stderr)
    batch_size = yaml.safe_load(spec_path(model).read_text())["train"]["batch_size"]
    candidates = make_candidates(
        model, spec_path(model), batch_size, arguments.graphc, arguments.threads, scratch
    )
    measurements, unavailable = run_rounds(candidates, arguments.rounds, arguments.steps, slack=SLACK)
    rows, _ = summarize(measurements, batch_size)
    return Table(
        model=model,
        task="family",
        batch_size=batch_size,
        steps=arguments.steps,
        rounds=arguments.rounds,
        environment=describe_environment(arguments.threads, REPOSITORY),
        rows=rows,
        unavailable=unavailable,
    )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--models", nargs="+", choices=list(FAMILIES), default=list(FAMILIES), metavar="MODEL",
        help=f"of {', '.join(FAMILIES)}; default: all",
    )
    parser.add_argument(
        "--graphc", type=Path, default=REPOSITORY / ".build/release/graphc", help="the executable"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=3, help="timed steps of each kind a round")
    parser.add_argument("--output", type=Path, default=FOLDER / "results", help="a folder")
    parser.add_argument(
        "--document", type=Path, help="a Markdown file between whose markers the table is put"
    )
    parser.add_argument(
        "--check", action="store_true", help="time nothing: compare the networks with graphc's and run a step"
    )
    arguments = parser.parse_args()
    for name in ("threads", "rounds", "steps"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name} must be at least 1")
    if not (arguments.graphc.is_file() and os.access(arguments.graphc, os.X_OK)):
        parser.error(f"{arguments.graphc} is no program: run `swift build -c release`, or name one with --graphc")
    return arguments


def main() -> int:
    arguments = parse_arguments()
    if arguments.check:
        results = [check_model(model, arguments.graphc, spec_path(model)) for model in arguments.models]
        return 0 if all(results) else 1
    arguments.output.mkdir(parents=True, exist_ok=True)
    stored = arguments.output / "families.json"
    tables = load_tables(stored)
    if arguments.document:
        # A file without the markers is found out before anything is timed.
        fill_families(arguments.document.read_text(), {})
    failed = False
    with tempfile.TemporaryDirectory(prefix="graphc-families-") as scratch:
        for model in arguments.models:
            table = time_model(model, arguments, Path(scratch))
            if table.row(GRAPHC) is None or best_rival(table) is None:
                failed = True
                print(f"{model}: nothing was compared; its last row stays", file=sys.stderr)
                continue
            tables[model] = table
            # After every model: the next one may be interrupted.
            save_tables(stored, tables)
            (arguments.output / "families.md").write_text(render_families(tables))
            if arguments.document:
                arguments.document.write_text(fill_families(arguments.document.read_text(), tables))
    print(render_families(tables))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
