"""What the first page counts, in one workspace; each count is bounded by a span of time or by an index."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from leadline.connections.switchboard import usable
from leadline.console.shell import Visit
from leadline.console.shell.spans import Span
from leadline.console.today.chart import Bar, bars
from leadline.engine import parked
from leadline.identity.words import address
from leadline.model import Struct
from leadline.store.queries import queries

SOON = 4 * 3600  # seconds before an answer window closes in which the page speaks of it
MOST = 100  # windows that are counted
MOST_COUNTED = 1_000
"""Doubts and groups of duplicates that are counted; where there are more, the page says so."""


class Needs(Struct, frozen=True, kw_only=True):
    """What waits for a person now. Of doubts and duplicates no more than MOST_COUNTED and one are counted."""

    parked: int
    waiting: int
    doubts: int
    duplicates: int


class Window(Struct, frozen=True, kw_only=True):
    """A conversation that nobody has answered yet, and when only a template may still be sent."""

    conversation_id: str
    customer: str
    name: str
    channel: str
    closes_at: datetime


class Flow(Struct, frozen=True, kw_only=True):
    """What came and went in a span, why what failed did, and at most MOST windows that close soon."""

    bars: tuple[Bar, ...]
    failures: tuple[tuple[str, int], ...]
    windows: tuple[Window, ...]


async def needs(visit: Visit) -> Needs:
    """Cheap enough for every look."""
    counts = await parked.stuck_counts(visit.database, visit.workspace_id)
    doubts = await visit.row(queries.doubts_left, before=None, most=MOST_COUNTED + 1) or {}
    groups = await visit.row(queries.duplicate_groups_left, most=MOST_COUNTED + 1) or {}
    return Needs(
        parked=counts["parked"], waiting=counts["waiting"], doubts=doubts["doubts"], duplicates=groups["groups"]
    )


async def flow(visit: Visit, span: Span) -> Flow:
    """Counts all messages of the span: for now and then."""
    since = span.since
    values = {"since": since, "step": span.step}
    into = [{**row, "name": row["outcome"]} for row in await visit.rows(queries.messages_over_time, **values)]
    out = [
        {**row, "name": "failed" if row["failed"] else "sent"}
        for row in await visit.rows(queries.replies_over_time, **values)
    ]
    failures = await visit.rows(queries.failures_since, since=since)
    return Flow(
        bars=tuple(bars(since, span, into, out)),
        failures=tuple((row["reason"], row["count"]) for row in failures),
        windows=tuple(await _windows(visit)),
    )


async def _windows(visit: Visit) -> list[Window]:
    rows = await visit.leadline.channels.listed(visit.workspace_id)
    names = {row.channel_id: row.name for row in rows}
    closing: Mapping[int, int] = {each.channel_id: each.can.window for each in usable(rows) if each.can.window}
    found = await visit.rows(
        queries.windows_closing,
        channel_ids=list(closing),
        windows=[float(seconds) for seconds in closing.values()],
        soon=SOON,
        count=MOST,
    )
    return [
        Window(
            conversation_id=row["conversation_id"],
            customer=address(row["handle"]),
            name=row["name"],
            channel=names[row["channel_id"]],
            closes_at=row["closes_at"],
        )
        for row in found
    ]
