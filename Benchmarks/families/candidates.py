"""Whoever can train a family: graphc, and PyTorch's modes."""

import json
import subprocess
from dataclasses import asdict
from pathlib import Path

from comparison.candidates import GRAPHC, Candidate, Measurement, Unavailable, WorkerCandidate, last_line

from .catalog import FAMILIES
from .family import Mode
from .schedule import Schedule

MODES = {
    "PyTorch eager": Mode(),
    "PyTorch channels-last": Mode(is_channels_last=True),
    "PyTorch compile": Mode(is_compiled=True),
    "PyTorch compile, channels-last": Mode(is_channels_last=True, is_compiled=True),
}


class FamilyWorker(WorkerCandidate):
    """PyTorch in one mode."""

    module = "families.worker"


class GraphcFamily:
    """`graphc bench` of each graph of the step, a process each, added up as often as a period runs them."""

    name = GRAPHC

    def __init__(self, executable: Path, spec: Path, schedule: Schedule, threads: int):
        self.command = [str(executable), "bench", str(spec), "--threads", str(threads), "--format", "json"]
        self.schedule = schedule

    def start(self) -> None:
        if not Path(self.command[0]).is_file():
            raise Unavailable(f"no executable at {self.command[0]}")

    def measure(self, steps: int) -> Measurement:
        period = self.schedule.period
        total, peak = 0.0, 0
        for graph, runs in self.schedule.graphs.items():
            reply = self.bench(graph, steps)
            total += runs * reply["median_ms"]
            peak = max(peak, reply["peak_rss_bytes"])
        return Measurement(total / period, peak)

    def bench(self, graph: str, runs: int) -> dict:
        """What graphc says of so many runs of a graph."""
        command = [*self.command, "--function", graph, "--steps", str(runs)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise Unavailable(f"{graph}: exit code {result.returncode}: {last_line(result.stderr)}")
        return json.loads(result.stdout)

    def stop(self) -> None:
        pass


def make_candidates(
    model: str, spec: Path, batch_size: int, graphc: Path, threads: int, scratch: Path
) -> list[Candidate]:
    """All candidates of a model, graphc's first. `scratch` holds their logs."""
    setup = {"model": model, "batch_size": batch_size, "threads": threads}
    candidates: list[Candidate] = [GraphcFamily(graphc, spec, FAMILIES[model].schedule, threads)]
    for index, (name, mode) in enumerate(MODES.items()):
        log = scratch / f"{model}-{index}.log"
        candidates.append(FamilyWorker(name, setup | {"mode": asdict(mode)}, log))
    return candidates
