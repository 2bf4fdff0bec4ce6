"""What channels can do, as Markdown: a short table for the README, a whole one for each channel's page.

`tests/test_docs.py` compares both with the pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leadline.channels.base import Capabilities, Channel

COLUMNS = ("Channel", "Files", "Delivery reports", "Templates", "Replies allowed", "Signed webhooks")


def capability_table(channels: Mapping[str, Channel[Any]]) -> str:
    """One row for each channel, by title; each title links to the channel's own page."""
    rows = [_row(key, one) for key, one in sorted(channels.items(), key=lambda item: item[1].title.casefold())]
    return _table(COLUMNS, rows)


def ability_table(channel: Channel[Any]) -> str:
    """Everything one channel can do, a line each."""
    can = channel.capabilities
    answers = {
        "Messages from customers": can.inbound,
        "Replies to customers": can.outbound,
        "Files from customers": can.media_in,
        "Files to customers": can.media_out,
        "Delivery reports": can.statuses,
        "Templates": can.templates,
        "Names and pictures of senders": can.profiles,
        "Finds messages whose webhook was missed": can.polls,
        "Signed webhooks": can.signature != "none",
    }
    rows = [(name, "yes" if able else "no") for name, able in answers.items()]
    return _table(
        ("What it can do", channel.title), [*rows, ("Replies allowed", _window(can)), ("Limits", _limits(can))]
    )


def _row(key: str, channel: Channel[Any]) -> tuple[str, ...]:
    can = channel.capabilities
    ways = [way for way, able in (("in", can.media_in), ("out", can.media_out)) if able]
    answers = (can.statuses, can.templates)
    return (
        f"[{channel.title}](docs/channels/{key}.md)",
        " and ".join(ways) or "no",
        *("yes" if able else "no" for able in answers),
        _window(can),
        "no" if can.signature == "none" else "yes",
    )


def _window(can: Capabilities) -> str:
    """How long after the customer's last message free text may be sent."""
    return "always" if can.window is None else f"for {can.window / 3600:g} hours"


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


def _table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    return "\n".join([_line(titles), _line("---" for _ in titles), *map(_line, rows)])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _files(count: int) -> str:
    return "1 file a message" if count == 1 else f"{count} files a message"
