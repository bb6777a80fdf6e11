"""The families' times as one Markdown table, kept from run to run."""

from comparison.candidates import GRAPHC
from comparison.report import parts_of
from comparison.tables import Row, Table

from .candidates import MODES

# What stands around the table of a document that is kept up to date.
FIRST_MARKER = "<!-- families -->"
LAST_MARKER = "<!-- end of families -->"


def best_rival(table: Table) -> Row | None:
    """PyTorch's fastest mode."""
    return min((row for row in table.rows if row.candidate != GRAPHC), key=lambda row: row.median_ms, default=None)


def render_families(tables: dict[str, Table]) -> str:
    """A row a model, and below the table what did not run and where all was measured."""
    names = [GRAPHC, *MODES]
    lines = [
        "| model | batch | " + " | ".join(f"{name}, ms" for name in names) + " | PyTorch's best over graphc |",
        "|---|--:|" + "--:|" * (len(names) + 1),
    ]
    notes = []
    for table in tables.values():
        cells = []
        for name in names:
            row = table.row(name)
            cells.append(f"{row.median_ms:.1f} ({row.low_ms:.1f}–{row.high_ms:.1f})" if row else "–")
        own, rival = table.row(GRAPHC), best_rival(table)
        ratio = f"{rival.median_ms / own.median_ms:.2f}" if own and rival else "–"
        lines.append(f"| {table.model} | {table.batch_size} | {' | '.join(cells)} | {ratio} |")
        notes += [f"- {table.model}, {name}: not run ({reason})" for name, reason in table.unavailable.items()]
    sittings: dict[str, list[str]] = {}
    for table in tables.values():
        environment = ", ".join(f"{name} {value}" for name, value in table.environment.items() if name != "onnxruntime")
        sitting = f"interleaved rounds: {table.rounds}, of {table.steps} steps of each kind; {environment}"
        sittings.setdefault(sitting, []).append(table.model)
    notes += [f"- {', '.join(models)}: {sitting}" for sitting, models in sittings.items()]
    return "\n".join([*lines, "", *notes]) + "\n"


def fill_families(document: str, tables: dict[str, Table]) -> str:
    """The Markdown text with the table between its markers.

    Raises:
        ValueError: where the text lacks the markers.
    """
    before, _, after = parts_of(document, FIRST_MARKER, LAST_MARKER)
    return f"{before}\n\n{render_families(tables)}\n{after}"
