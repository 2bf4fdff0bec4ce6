"""Opening hours as a picture: a line for each day, from midnight to midnight. For the settings page."""

from __future__ import annotations

from leadline.console.drawing import box, text
from leadline.errors import SettingError
from leadline.spaces import hours

WEEKS = ("opening_hours",)
"""Settings that hold a week."""
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def draw_week(written: str) -> None:
    """Nothing written: always open, and nothing to draw."""
    try:
        week = hours.read(written)
    except SettingError:
        return
    if not any(week):
        return
    with box("ll-week", testid="week"):
        for name, blocks in zip(NAMES, week, strict=True):
            spoken = hours.shown((blocks, *((),) * 6)).removeprefix("mon ") or "closed"
            with box("ll-day") as line:
                line.props["title"] = f"{name}: {spoken}"
                text(name[:3], "ll-faint")
                with box("ll-hours") as track:
                    track.props.update({"role": "img", "aria-label": f"{name}: {spoken}"})
                    for block in blocks:
                        left, width = block.start / hours.FULL, (block.end - block.start) / hours.FULL
                        box("ll-open").style(f"inset-inline-start: {left:.2%}; width: {width:.2%}")
