"""The results: one table a workload, kept as JSON from run to run."""

import json
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path

from .candidates import Measurement


@dataclass(frozen=True)
class Row:
    """One candidate's rounds in short: the median of their medians, the fastest and the slowest."""

    candidate: str
    median_ms: float
    low_ms: float
    high_ms: float
    images_per_second: float
    peak_rss_bytes: int
    gflops: float | None


@dataclass(frozen=True)
class Table:
    """What a workload's candidates did in one sitting.

    Attributes:
        environment: processor, threads, versions, date; timings of different ones do not compare.
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

    def row(self, candidate: str) -> Row | None:
        return next((row for row in self.rows if row.candidate == candidate), None)


def summarize(candidate: str, batch_size: int, rounds: list[Measurement]) -> Row:
    """The row of a candidate that ran at least one round."""
    times = [measurement.median_ms for measurement in rounds]
    rates = [measurement.gflops for measurement in rounds if measurement.gflops is not None]
    median = statistics.median(times)
    return Row(
        candidate=candidate,
        median_ms=median,
        low_ms=min(times),
        high_ms=max(times),
        images_per_second=batch_size / median * 1e3,
        peak_rss_bytes=max(measurement.peak_rss_bytes for measurement in rounds),
        gflops=statistics.median(rates) if rates else None,
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
