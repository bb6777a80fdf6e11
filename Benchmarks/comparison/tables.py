"""The results: one table a workload, kept as JSON from run to run."""

import json
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path

from .candidates import Measurement


@dataclass(frozen=True)
class Row:
    """One candidate's rounds in short: the median of their medians, the fastest and the slowest.

    Attributes:
        gflops: the step's arithmetic, counted as graphc's plan computed directly, by the median time.
        ops: of graphc's rows alone: the median, the least and the most milliseconds of each op.
    """

    candidate: str
    median_ms: float
    low_ms: float
    high_ms: float
    images_per_second: float
    peak_rss_bytes: int
    gflops: float | None = None
    ops: dict[str, tuple[float, float, float]] | None = None


@dataclass(frozen=True)
class Table:
    """What a workload's candidates did in one sitting.

    Attributes:
        environment: processor, threads, versions, date; timings of different ones do not compare.
        peak_gflops: what the processor's multiply-add units reach; None where graphc did not run.
        unavailable: why a candidate has no row, by its name.
    """

    model: str
    task: str
    batch_size: int
    steps: int
    rounds: int
    environment: dict[str, str]
    rows: list[Row]
    unavailable: dict[str, str]
    peak_gflops: float | None = None

    def row(self, candidate: str) -> Row | None:
        return next((row for row in self.rows if row.candidate == candidate), None)


def summarize(
    measurements: dict[str, list[Measurement]], batch_size: int
) -> tuple[list[Row], float | None]:
    """The rows of candidates that ran at least one round each, and the processor's peak in GFLOP/s."""
    figures = [
        (measurement.graphc, measurement.median_ms)
        for rounds in measurements.values()
        for measurement in rounds
        if measurement.graphc
    ]
    flops = statistics.median(it.gflops * ms for it, ms in figures) if figures else None
    peak = max((it.peak_gflops for it, _ in figures if it.peak_gflops), default=None)
    rows = [summarize_rounds(name, batch_size, rounds, flops) for name, rounds in measurements.items()]
    return rows, peak


def summarize_rounds(
    candidate: str, batch_size: int, rounds: list[Measurement], mflops: float | None
) -> Row:
    """The row of a candidate, where a step is so many MFLOP."""
    times = [measurement.median_ms for measurement in rounds]
    median = statistics.median(times)
    ops = [measurement.graphc.ops for measurement in rounds if measurement.graphc]
    return Row(
        candidate=candidate,
        median_ms=median,
        low_ms=min(times),
        high_ms=max(times),
        images_per_second=batch_size / median * 1e3,
        peak_rss_bytes=max(measurement.peak_rss_bytes for measurement in rounds),
        gflops=mflops / median if mflops else None,
        ops={
            name: (statistics.median(of_op), min(of_op), max(of_op))
            for name in ops[0]
            if (of_op := [it[name] for it in ops if name in it])
        }
        if ops
        else None,
    )


def load_tables(path: Path) -> dict[str, Table]:
    """The tables of earlier runs by their workload's key; none where there is no file."""
    if not path.exists():
        return {}
    return {
        key: Table(**{**table, "rows": [Row(**row) for row in table["rows"]]})
        for key, table in json.loads(path.read_text()).items()
    }


def save_tables(path: Path, tables: dict[str, Table]) -> None:
    """Replaces the file by one that holds `tables`."""
    text = json.dumps({key: asdict(table) for key, table in tables.items()}, indent=2)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text + "\n")
    temporary.replace(path)
