"""What every channel can do, as the Markdown table of the README. tests/test_docs.py compares the two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leadline.channels.base import Capabilities, Channel

COLUMNS = (
    "channel",
    "key",
    "messages in",
    "replies out",
    "files in",
    "files out",
    "delivery reports",
    "templates",
    "names and pictures",
    "missed messages found",
    "reply window",
    "webhooks signed",
    "limits",
)


def capability_table(channels: Mapping[str, Channel[Any]]) -> str:
    """A Markdown table with one row for each channel, by key; each key links to the channel's own page."""
    rows = [_row(key, channels[key]) for key in sorted(channels)]
    return "\n".join([_line(COLUMNS), _line("---" for _ in COLUMNS), *map(_line, rows)])


def _row(key: str, channel: Channel[Any]) -> tuple[str, ...]:
    can = channel.capabilities
    answers = (can.inbound, can.outbound, can.media_in, can.media_out, can.statuses)
    more = (can.templates, can.profiles, can.polls)
    return (
        channel.title,
        f"[`{key}`](docs/channels/{key}.md)",
        *("yes" if able else "no" for able in (*answers, *more)),
        "none" if can.window is None else f"{can.window / 3600:g} hours",
        "no" if can.signature == "none" else "yes",
        _limits(can),
    )


def _limits(can: Capabilities) -> str:
    limits = can.limits
    parts = [f"{limits['text_length']:,} characters a message"] if "text_length" in limits else []
    if can.media_out and "media_per_message" in limits:
        parts.append(_files(limits["media_per_message"]))
    if can.media_out and "media_bytes" in limits:
        parts.append(f"{limits['media_bytes'] / 1_000_000:g} MB a file")
    if can.replies is not None:
        parts.append(f"{can.replies} replies to a message")
    return ", ".join(parts) or "none"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _files(count: int) -> str:
    return "1 file a message" if count == 1 else f"{count} files a message"
