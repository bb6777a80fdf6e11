"""Whoever can run a workload: PyTorch's variants, onnxruntime, graphc."""

import json
import os
import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from .environment import has_bfloat16
from .variants import torch_variants
from .workloads import INFERENCE, Workload

BENCHMARKS = Path(__file__).resolve().parent.parent
FIXTURES = BENCHMARKS.parent / "Tests" / "Fixtures"

GRAPHC = "graphc"


class Unavailable(Exception):
    """A candidate cannot run the workload here; the message says why, in one line."""


@dataclass(frozen=True)
class Measurement:
    """One round of one candidate."""

    median_ms: float
    peak_rss_bytes: int
    graphc: "GraphcFigures | None" = None
    """What graphc alone counts."""


@dataclass(frozen=True)
class GraphcFigures:
    """What `graphc bench` says besides times.

    Attributes:
        gflops: the arithmetic of a direct computation, by the time that it took.
        peak_gflops: what the processor's multiply-add units reach, measured in the same process;
            None without vectors.
        ops: milliseconds of each op of the plan, by its kind, layer and number among its like.
    """

    gflops: float
    peak_gflops: float | None
    ops: dict[str, float]


class Candidate(Protocol):
    """Runs rounds of one workload, from `start` to `stop`."""

    name: str

    def start(self) -> None:
        """Raises Unavailable where it cannot run."""

    def measure(self, steps: int) -> Measurement:
        """Times one round. Raises Unavailable where it ended before an answer."""

    def stop(self) -> None:
        """Ends its process; harmless without one."""


def worker_environment() -> dict[str, str]:
    """For a Python process that imports `comparison` and `pytorch_reference`."""
    return os.environ | {
        "PYTHONPATH": os.pathsep.join([str(BENCHMARKS), str(FIXTURES)]),
        # A pool of compiler processes would outlive the warm-up and share the cores.
        "TORCHINDUCTOR_COMPILE_THREADS": "1",
    }


def last_line(text: str) -> str:
    """The last line that says something; in a Python traceback, the exception."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # PyTorch's compiler adds advice behind it.
    exceptions = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b", line)]
    return (exceptions or lines or ["no message"])[-1]


class WorkerCandidate:
    """PyTorch or onnxruntime in a worker process that stays warm between the rounds."""

    module = "comparison.worker"
    """What the process runs."""

    def __init__(self, name: str, setup: dict, log_path: Path):
        self.name = name
        self.setup = setup
        self.log_path = log_path
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        # PyTorch computes it in emulation there, and takes minutes for a step.
        if self.setup.get("variant", {}).get("is_bfloat16") and not has_bfloat16():
            raise Unavailable("the processor has no bf16 instructions")
        with self.log_path.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module, json.dumps(self.setup)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=worker_environment(),
            )
        self._read_reply()

    def measure(self, steps: int) -> Measurement:
        try:
            print(json.dumps({"steps": steps}), file=self.process.stdin, flush=True)
        except BrokenPipeError:
            raise self._ended() from None
        return Measurement(**self._read_reply())

    def stop(self) -> None:
        if self.process is None:
            return
        # The end of its input ends the worker; one that never read it is still warming up.
        try:
            self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _read_reply(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise self._ended()
        return json.loads(line)

    def _ended(self) -> Unavailable:
        exit_code = self.process.wait()
        return Unavailable(f"exit code {exit_code}: {last_line(self.log_path.read_text())}")


class GraphcCandidate:
    """`graphc bench`, a process a round: it warms up by itself and reports its own medians."""

    def __init__(self, name: str, executable: Path, workload: Workload, options: list[str]):
        self.name = name
        self.command = [str(executable), "bench", str(workload.spec_path), "--format", "json"]
        self.command += ["--batch-size", str(workload.batch_size), *options]

    def start(self) -> None:
        if not Path(self.command[0]).is_file():
            raise Unavailable(f"no executable at {self.command[0]}")

    def measure(self, steps: int) -> Measurement:
        result = subprocess.run(
            [*self.command, "--steps", str(steps)], capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            raise Unavailable(f"exit code {result.returncode}: {last_line(result.stderr)}")
        try:
            reply = json.loads(result.stdout)
            figures = GraphcFigures(reply["gflops"], reply["peak_gflops"], op_times(reply["ops"]))
            return Measurement(reply["median_ms"], reply["peak_rss_bytes"], figures)
        except (json.JSONDecodeError, KeyError) as error:
            raise Unavailable(f"its JSON cannot be read: {error!r}") from None

    def stop(self) -> None:
        pass


def op_times(rows: list[dict]) -> dict[str, float]:
    """The rows' milliseconds by name; an op that a layer has several of is numbered."""
    times: dict[str, float] = {}
    for row in rows:
        name = " ".join(part for part in (row["op"], row["layer"]) if part)
        number = 1
        while f"{name} {number}" in times:
            number += 1
        times[f"{name} {number}"] = row["ms"]
    return times


def export_onnx(workload: Workload, scratch: Path) -> Path:
    """The workload's generator as an ONNX file in `scratch`.

    Raises:
        Unavailable: where PyTorch cannot export it.
    """
    path = scratch / f"{workload.model}.onnx"
    if not path.exists():
        result = subprocess.run(
            [sys.executable, "-m", "comparison.onnx_export", str(workload.spec_path), str(path)],
            capture_output=True,
            text=True,
            check=False,
            env=worker_environment(),
        )
        if result.returncode != 0:
            raise Unavailable(last_line(result.stderr))
    return path


class OnnxruntimeCandidate(WorkerCandidate):
    """onnxruntime on the generator that PyTorch exports."""

    def __init__(self, workload: Workload, setup: dict, scratch: Path):
        super().__init__("onnxruntime", setup, scratch / "worker-onnxruntime.log")
        self.workload = workload
        self.scratch = scratch

    def start(self) -> None:
        onnx = export_onnx(self.workload, self.scratch)
        self.setup = self.setup | {"engine": "onnxruntime", "onnx": str(onnx)}
        super().start()


def make_candidates(
    workload: Workload, graphc: Path, threads: int, scratch: Path
) -> list[Candidate]:
    """All candidates of a workload, graphc's first. `scratch` holds their logs and ONNX files."""
    options = ["--threads", str(threads)]
    if workload.task == INFERENCE:
        options += ["--function", "generator"]
    candidates: list[Candidate] = [
        GraphcCandidate(GRAPHC, graphc, workload, options),
        GraphcCandidate(f"{GRAPHC} bf16", graphc, workload, [*options, "--precision", "bf16"]),
    ]
    setup = {
        "spec": str(workload.spec_path),
        "task": workload.task,
        "batch_size": workload.batch_size,
        "threads": threads,
    }
    for index, (name, variant) in enumerate(torch_variants(workload.task).items()):
        candidates.append(
            WorkerCandidate(
                name,
                setup | {"engine": "torch", "variant": asdict(variant)},
                scratch / f"worker-{index}.log",
            )
        )
    if workload.task == INFERENCE:
        candidates.append(OnnxruntimeCandidate(workload, setup, scratch))
    return candidates
