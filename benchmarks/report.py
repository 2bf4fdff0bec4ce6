"""What a benchmark leaves behind: a table on the terminal, a JSON file, and bars as SVG. Used by all that measure."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

LEFT, WIDE, HIGH = 250, 380, 16
STYLE = "text{font:12px system-ui,sans-serif;fill:#333}@media(prefers-color-scheme:dark){text{fill:#ddd}}"
Row = Mapping[str, Any]


def median(rows: Sequence[Row]) -> dict[str, Any]:
    """One row of several runs: the median of every number; what is no number is taken from the first."""
    numbers = {name for name, value in rows[0].items() if isinstance(value, (int, float))}
    return {
        name: statistics.median(row[name] for row in rows) if name in numbers else rows[0][name] for name in rows[0]
    }


def table(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """The rows as a Markdown table."""
    lines = [columns, ["---"] * len(columns), *([_cell(row.get(column, "")) for column in columns] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def bars(title: str, rows: Sequence[tuple[str, float]], unit: str) -> str:
    """One SVG document with a bar for each row; the longest takes all the room."""
    most = max((value for _, value in rows), default=0.0) or 1.0
    lines = [f'<text x="10" y="18" font-weight="600">{escape(title)}</text>']
    for number, (label, value) in enumerate(rows):
        y = 32 + number * (HIGH + 8)
        wide = max(1.0, value / most * WIDE)
        lines.append(f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(label)}</text>')
        lines.append(f'<rect x="{LEFT}" y="{y}" width="{wide:.1f}" height="{HIGH}" rx="2" fill="#2e86ab"/>')
        lines.append(f'<text x="{LEFT + wide + 6:.1f}" y="{y + 12}">{_cell(value)} {escape(unit)}</text>')
    height = 44 + len(rows) * (HIGH + 8)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {height}" role="img" aria-label="{escape(title)}">'
    )
    return "\n".join([head, f"<style>{STYLE}</style>", *lines, "</svg>", ""])


def leave(folder: Path, name: str, results: Mapping[str, Any], picture: str) -> None:
    """Write `name.json` and `name.svg` into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(results, indent=1) + "\n")
    (folder / f"{name}.svg").write_text(picture)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
    return str(value)
