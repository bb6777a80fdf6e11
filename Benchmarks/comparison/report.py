"""Tables as Markdown, and the difference between two runs as text."""

import re

from .candidates import GRAPHC
from .tables import Row, Table

# What stands around the tables of a document that is kept up to date.
FIRST_MARKER = "<!-- table -->"
LAST_MARKER = "<!-- end of table -->"


def render_table(table: Table) -> str:
    """One workload's section: fastest candidate first, ratios against graphc in fp32."""
    reference = table.row(GRAPHC)

    def ratio(row: Row) -> str:
        return f"{row.median_ms / reference.median_ms:.2f}" if reference else "–"

    lines = [
        f"## {table.model}, {table.task}, batch {table.batch_size}",
        "",
        "| candidate | ms | spread | time over graphc's | images/s | of the FMA peak | peak memory, MB |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]

    def share_of_peak(row: Row) -> str:
        known = row.gflops and table.peak_gflops
        return f"{row.gflops / table.peak_gflops:.0%}" if known else "–"

    for row in sorted(table.rows, key=lambda row: row.median_ms):
        lines.append(
            f"| {row.candidate} | {row.median_ms:.2f} | {row.low_ms:.2f}–{row.high_ms:.2f} "
            f"| {ratio(row)} | {row.images_per_second:,.0f} | {share_of_peak(row)} "
            f"| {row.peak_rss_bytes / 1e6:,.0f} |"
        )
    lines.append("")
    lines += [f"- {name}: not run ({reason})" for name, reason in table.unavailable.items()]
    if table.unavailable:
        lines.append("")
    environment = ", ".join(f"{name} {value}" for name, value in table.environment.items())
    peak = f", FMA peak {table.peak_gflops:.0f} GFLOP/s" if table.peak_gflops else ""
    lines.append(f"Interleaved rounds: {table.rounds}, of {table.steps} steps; {environment}{peak}.")
    return "\n".join(lines) + "\n"


def render_report(tables: dict[str, Table]) -> str:
    """All workloads in one document."""
    introduction = (
        "# graphc beside PyTorch and onnxruntime\n\n"
        "Milliseconds are the median of the rounds' medians, the spread their fastest and slowest. "
        "The share of the FMA peak counts a direct computation of what graphc's plan computes: fewer "
        "multiplications can exceed it. "
        "Peak memory is the process's resident set, libraries included.\n"
    )
    return "\n".join([introduction, *(render_table(table) for table in tables.values())])


def fill_document(document: str, tables: list[Table]) -> str:
    """The Markdown text with these tables' sections between its markers, new ones last; all others stay.

    Raises:
        ValueError: where the text lacks the markers.
    """
    before, inside, after = parts_of(document, FIRST_MARKER, LAST_MARKER)
    kept = (text.strip() for text in re.split(r"^(?=## )", inside, flags=re.MULTILINE))
    rendered = (render_table(table).strip() for table in tables)
    sections = {text.partition("\n")[0]: text for text in (*kept, *rendered) if text}
    return before + "\n\n" + "\n\n".join(sections.values()) + "\n\n" + after


def parts_of(document: str, first: str, last: str) -> tuple[str, str, str]:
    """The text up to the first marker, between both, and from the last one on.

    Raises:
        ValueError: where the text lacks the markers.
    """
    before, begin, rest = document.partition(first)
    inside, end, after = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"has no {first} with a {last} behind it")
    return before + begin, inside, end + after


def render_difference(old: Table, new: Table) -> str:
    """A line a candidate: how its time moved since the last table.

    A change is called one only where the two runs' rounds do not overlap.
    """
    lines = [f"{new.model}, {new.task}, batch {new.batch_size}, since the last run:"]
    for name in sorted(old.environment.keys() | new.environment.keys()):
        before, after = old.environment.get(name, "–"), new.environment.get(name, "–")
        if before != after:
            lines.append(f"  {name}: {before} → {after}")
    for row in new.rows:
        before = old.row(row.candidate)
        if before is None:
            lines.append(f"  {row.candidate:32} new, {row.median_ms:.2f} ms")
            continue
        change = row.median_ms / before.median_ms - 1
        overlaps = row.low_ms <= before.high_ms and before.low_ms <= row.high_ms
        verdict = "within the spread" if overlaps else ("slower" if change > 0 else "faster")
        lines.append(
            f"  {row.candidate:32} {before.median_ms:9.2f} → {row.median_ms:9.2f} ms "
            f"{change:+7.1%}  {verdict}"
        )
        lines += op_differences(before, row)
    for row in old.rows:
        if row.candidate in new.unavailable:
            lines.append(f"  {row.candidate:32} no longer runs, was {row.median_ms:.2f} ms")
    return "\n".join(lines)


def op_differences(old: Row, new: Row) -> list[str]:
    """A line for each op whose time moved by more than a tenth, all rounds of one run beyond the other's."""
    lines = []
    for name, (median, low, high) in (new.ops or {}).items():
        before = (old.ops or {}).get(name)
        if before is None or (low <= before[2] and before[1] <= high):
            continue
        change = median / before[0] - 1
        if abs(change) > 0.1:
            verdict = "slower" if change > 0 else "faster"
            lines.append(
                f"    {name:44} {before[0]:9.3f} → {median:9.3f} ms {change:+7.1%}  {verdict}"
            )
    return lines
