"""Opening hours as a picture: a line for each day, from midnight to midnight. For the settings page."""

from __future__ import annotations

from leadline.console.drawing import box, text
from leadline.console.language import _, weekdays
from leadline.errors import SettingError
from leadline.spaces import hours

WEEKS = ("opening_hours",)
"""Settings that hold a week."""


def draw_week(written: str) -> None:
    """Nothing written: always open, and nothing to draw."""
    try:
        week = hours.read(written)
    except SettingError:
        return
    if not any(week):
        return
    with box("ll-week", testid="week"):
        for (name, short), blocks in zip(weekdays(), week, strict=True):
            spoken = hours.shown((blocks, *((),) * 6)).removeprefix("mon ") or _("closed")
            with box("ll-day") as line:
                line.props["title"] = f"{name}: {spoken}"
                text(short, "ll-faint")
                with box("ll-hours") as track:
                    track.props.update({"role": "img", "aria-label": f"{name}: {spoken}"})
                    for block in blocks:
                        left, width = block.start / hours.FULL, (block.end - block.start) / hours.FULL
                        box("ll-open").style(f"inset-inline-start: {left:.2%}; width: {width:.2%}")
