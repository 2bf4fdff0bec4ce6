"""`/console/waiting`: parked ones on top, then those that wait; singly, or all that a filter leaves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from nicegui import ui

from leadline.console.drawing import box, moment, shorten, text
from leadline.console.shell import Choice, Column, Section, Table, Visit, button, filters
from leadline.engine import parked
from leadline.engine.breaker import breakers, told
from leadline.identity.words import counted, phone

Row = dict[str, Any]
SHOWN = 200
QUICKER = "Somebody else was quicker"


class Waiting:
    """The page."""

    def __init__(self, visit: Visit, rows: Sequence[Row]) -> None:
        self._visit = visit
        reasons = sorted({row["reason"] for row in rows if row["reason"]} | {visit.asked("reason")} - {""})
        names = {str(row["channel_id"]): row["channel"] for row in rows if row["channel_id"] and row["channel"]}
        filters(
            visit,
            [
                Choice("reason", "Why", {code: code.replace("_", " ") for code in reasons}),
                Choice("channel", "Channel", names),
            ],
        )
        self._away = Section("", _draw_away, testid="away")
        self._count = Section("", self._draw_count, testid="count")
        self._table: Table[Row] = Table(
            [
                Column("What", _draw_what, "32%"),
                Column("From", _draw_customer, "18%"),
                Column("Why", _draw_why),
                Column("", self._acts, "190px"),
            ],
            lambda row: row["arrival_id"],
            empty="Nothing is parked and nothing waits.",
            testid="stuck",
            row="stuck-row",
        )

    async def refresh(self) -> None:
        """Read them again."""
        visit = self._visit
        rows = await read(visit, reason=visit.asked("reason") or None, channel_id=visit.number("channel") or None)
        counts = await parked.stuck_counts(visit.database, visit.workspace_id)
        self._count.show((counts["parked"], counts["waiting"], len(rows)))
        self._away.show([told(row) for row in await breakers(visit.database, visit.workspace_id)])
        self._table.show(rows)

    def _draw_count(self, counts: tuple[int, int, int]) -> None:
        stuck, waiting, shown = counts
        if not stuck + waiting:
            return
        with box("ll-acts ll-padded"):
            more = f"; {shown:,} are shown here" if shown < stuck + waiting else ""
            text(f"{counted(stuck, 'parked', 'parked')}, {counted(waiting, 'waiting', 'waiting')}{more}", "ll-soft")
            if stuck:
                ask = "Try all parked ones again that this page is about, also those that it does not show?"
                button(self._visit, "Retry all of these", "retry", self._retry_all, ask=ask, testid="retry-all")

    def _acts(self, row: Row) -> None:
        number = row["arrival_id"]
        with box("ll-acts"):
            button(self._visit, "Retry", "retry", partial(self._retry, number), testid="retry")
            if row["state"] == "parked":
                ask = f"Give number {number} up for good? Its raw form stays on record."
                drop = partial(self._drop, number)
                button(self._visit, "Drop", "drop", drop, kind="danger", ask=ask, testid="drop")

    async def _retry(self, number: int) -> str:
        count = await parked.retry(self._visit.database, self._visit.workspace_id, ids=[number])
        return f"Trying number {number} again" if count else QUICKER

    async def _drop(self, number: int) -> str:
        count = await parked.drop(self._visit.database, self._visit.workspace_id, [number])
        return f"Number {number} is dropped" if count else QUICKER

    async def _retry_all(self) -> str:
        visit = self._visit
        reason, channel_id = visit.asked("reason") or None, visit.number("channel")
        count = await parked.retry(visit.database, visit.workspace_id, reason=reason, channel_id=channel_id)
        return f"Trying {count:,} again"


async def read(visit: Visit, *, reason: str | None = None, channel_id: int | None = None) -> list[Row]:
    """The oldest parked ones, then the oldest that wait."""
    database, workspace_id = visit.database, visit.workspace_id
    stuck = await parked.parked(database, workspace_id, count=SHOWN, reason=reason, channel_id=channel_id)
    return stuck + await parked.postponed(database, workspace_id, count=SHOWN, reason=reason, channel_id=channel_id)


def _draw_away(away: Sequence[tuple[str, str]]) -> None:
    for part, sentence in away:
        text(f"{part[:1].upper()}{part[1:]}: {sentence}.", "ll-text ll-padded")


def _draw_what(row: Row) -> None:
    words = shorten(row["text"], 140) or parked.what(row)
    if row["kind"] == "message":
        ui.link(words, f"/console/messages/{row['arrival_id']}").classes("ll-text")
    else:
        text(words, "ll-text")
    with box("ll-acts ll-faint"):
        text(f"{parked.what(row)}, number {row['arrival_id']}")
        moment(row["arrived_at"])


def _draw_customer(row: Row) -> None:
    text(phone(row["customer"]))
    text(", ".join(filter(None, (row["name"], row["channel"]))), "ll-faint")


def _draw_why(row: Row) -> None:
    text(row["state"], f"ll-tag {'bad' if row['state'] == 'parked' else 'plain'}")
    text(row["explanation"] or row["reason"], "ll-text")
    if row["state"] == "waiting" and row["next_at"]:
        with box("ll-acts ll-faint"):
            text(f"Tried {counted(row['attempts'], 'time')}, next")
            moment(row["next_at"])


async def draw(visit: Visit) -> None:
    """The page."""
    waiting = Waiting(visit, await read(visit))
    visit.refresh = waiting.refresh
    await waiting.refresh()
