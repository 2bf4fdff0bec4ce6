"""The results as a picture: for each policy bars of wrong, split and doubtful. SVG by hand; light and dark pages."""

from __future__ import annotations

from collections.abc import Mapping

BARS = (
    ("undeclared_rate", "wrong person and not said so, share of messages", "#7b241c"),
    ("wrong_rate", "wrong person in all, share of messages", "#e59866"),
    ("split_rate", "one person on two contacts, share of people", "#b7950b"),
    ("doubt_rate", "shown as doubtful, share of messages", "#5d6d7e"),
)
LEFT, WIDE, HIGH, GAP = 170, 420, 12, 20


def draw(results: Mapping[str, Mapping[str, float]]) -> str:
    """One SVG document; the longest bar is as wide as the picture allows."""
    most = max((values[name] for values in results.values() for name, _, _ in BARS), default=0.0) or 1.0
    lines, y = [], 24
    for policy, values in results.items():
        lines.append(f'<text x="{LEFT - 10}" y="{y + 24}" text-anchor="end" font-weight="600">{policy}</text>')
        for name, _, colour in BARS:
            wide = max(1.0, values[name] / most * WIDE)
            lines.append(f'<rect x="{LEFT}" y="{y}" width="{wide:.1f}" height="{HIGH}" rx="2" fill="{colour}"/>')
            lines.append(f'<text x="{LEFT + wide + 6:.1f}" y="{y + 10}">{values[name]:.2%}</text>')
            y += HIGH + 3
        y += GAP
    for number, (_, label, colour) in enumerate(BARS):
        lines.append(f'<rect x="{LEFT}" y="{y + number * 18}" width="12" height="12" rx="2" fill="{colour}"/>')
        lines.append(f'<text x="{LEFT + 18}" y="{y + 10 + number * 18}">{label}</text>')
    height = y + len(BARS) * 18 + 10
    style = "text{font:12px system-ui,sans-serif;fill:#333}@media(prefers-color-scheme:dark){text{fill:#ddd}}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 {height}" role="img" '
        f'aria-label="Wrong, split and doubtful messages by policy"><style>{style}</style>'
    )
    return "\n".join([head, *lines, "</svg>", ""])
