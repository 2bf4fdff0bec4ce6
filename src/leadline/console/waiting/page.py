"""`/console/waiting`: what is parked on top, then what waits; singly, by reason, or all that a filter leaves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from nicegui import ui

from leadline.console.drawing import box, moment, shorten, text
from leadline.console.language import _, marked, numeral, plural, translated
from leadline.console.retold import retold
from leadline.console.shell import Choice, Column, Section, Table, Visit, button, filters
from leadline.console.shell.table import PAGE
from leadline.console.waiting.away import draw_away
from leadline.console.waiting.causes import cause
from leadline.console.waiting.groups import STATES as GROUPED
from leadline.console.waiting.groups import Groups, draw_acts, matching
from leadline.engine import parked
from leadline.engine.breaker import outages
from leadline.engine.stuck import Group, groups
from leadline.identity.words import phone
from leadline.store.numbers import is_number

Row = dict[str, Any]
STATES = {"parked": marked("parked"), "waiting": marked("waiting for another try")}
QUICKER = marked("Somebody else was quicker")
SHARED = 2  # things with one reason that are worth a line of their own


class Waiting:
    """The page."""

    def __init__(self, visit: Visit, found: Sequence[Group]) -> None:
        self._visit = visit
        _draw_filters(visit, found)
        self._away = Section("", draw_away, testid="away")
        self._count = Section("", self._draw_count, testid="count")
        self._progress = Section("", _draw_progress, testid="progress")
        self._groups = Groups(visit, self._progress.show)
        self._table: Table[Row] = Table(
            [
                Column(_("What"), _draw_what, "32%"),
                Column(_("From"), _draw_customer, "18%"),
                Column(_("Why"), _draw_why),
                Column("", self._acts, "190px"),
            ],
            lambda row: row["arrival_id"],
            title=_("One by one"),
            empty=_("Nothing is parked and nothing waits."),
            testid="stuck",
            row="stuck-row",
        )
        self._progress.show("")

    async def refresh(self) -> None:
        """Read them again."""
        self._show(await groups(self._visit.database, self._visit.workspace_id), await self._read())
        self._away.show(await outages(self._visit.database, self._visit.workspace_id))

    async def first(self, found: Sequence[Group]) -> None:
        """The page, and the way to the next one."""
        rows = await self._read()
        self._show(found, rows)
        self._away.show(await outages(self._visit.database, self._visit.workspace_id))
        self._draw_pages(rows)

    def _show(self, found: Sequence[Group], rows: Sequence[Row]) -> None:
        wanted = matching(found, self._asked | {"state": self._visit.param("state") or None})
        self._count.show((tuple(wanted), sum(one.count for one in found)))
        self._groups.show([one for one in wanted if one.count >= SHARED])
        self._table.show(rows[:PAGE])

    @property
    def _asked(self) -> dict[str, Any]:
        return {"reason": self._visit.param("reason") or None, "channel_id": self._visit.number("channel")}

    async def _read(self) -> list[Row]:
        """Parked ones before those that wait, each the oldest first; one more than a page where there is a next one."""
        visit = self._visit
        state, _dash, number = visit.param("after").partition("-")
        after = int(number) if state in STATES and is_number(number) else 0
        rows: list[Row] = []
        for each, read in (("parked", parked.parked), ("waiting", parked.postponed)):
            if visit.param("state") in ("", each) and not (after and state == "waiting" and each == "parked"):
                beyond, left = after if each == state else 0, PAGE + 1 - len(rows)
                rows += await read(visit.database, visit.workspace_id, count=left, after=beyond, **self._asked)
        return rows

    def _draw_pages(self, rows: Sequence[Row]) -> None:
        with box("ll-acts ll-pages", "nav", testid="pages") as nav:
            nav.props["aria-label"] = _("Pages")
            if self._visit.param("after"):
                ui.link(_("First page"), self._visit.here(after=""))
            if len(rows) > PAGE:
                last = rows[PAGE - 1]
                ui.link(_("Next page"), self._visit.here(after=f"{last['state']}-{last['arrival_id']}"))

    def _draw_count(self, shown: tuple[tuple[Group, ...], int]) -> None:
        wanted, everything = shown
        if not everything:
            return
        counts = {state: sum(one.count for one in wanted if one.state == state) for state in STATES}
        with box("ll-acts ll-padded"):
            here = {state: numeral(count) for state, count in counts.items()}
            words = (
                _("{parked} parked and {waiting} waiting here, of {all}", **here, all=numeral(everything))
                if sum(counts.values()) < everything
                else _("{parked} parked and {waiting} waiting here", **here)
            )
            text(words, "ll-soft")
            draw_acts(self._visit, wanted, self._progress.show)

    def _acts(self, row: Row) -> None:
        number = row["arrival_id"]
        with box("ll-acts"):
            button(self._visit, _("Retry"), "retry", partial(self._retry, number), testid="retry")
            if row["state"] == "parked":
                ask = _("Give number {number} up for good? Its raw form stays on record.", number=number)
                drop = partial(self._drop, number)
                button(self._visit, _("Drop"), "drop", drop, kind="danger", ask=ask, testid="drop")

    async def _retry(self, number: int) -> str:
        count = await parked.retry(self._visit.database, self._visit.workspace_id, ids=[number])
        return _("Trying number {number} again", number=number) if count else _(QUICKER)

    async def _drop(self, number: int) -> str:
        count = await parked.drop(self._visit.database, self._visit.workspace_id, [number])
        return _("Number {number} is dropped", number=number) if count else _(QUICKER)


def _draw_filters(visit: Visit, found: Sequence[Group]) -> None:
    reasons = sorted({one.reason for one in found if one.reason} | {visit.param("reason")} - {""})
    names = {str(one.channel_id): one.channel for one in found if one.channel_id and one.channel}
    filters(
        visit,
        [
            Choice("reason", _("Why"), {code: cause(code) for code in reasons}),
            Choice("channel", _("Channel"), names),
            Choice("state", _("State"), translated(STATES)),
        ],
    )


def _draw_progress(words: str) -> None:
    if words:
        text(words, "ll-padded").props["role"] = "status"


def _what(row: Row) -> str:
    kind = retold(parked.kind(row))
    return _("{what} by {teammate}", what=kind, teammate=row["teammate"]) if row["teammate"] else kind


def _draw_what(row: Row) -> None:
    words = shorten(row["text"], 140) or _what(row)
    if row["kind"] == "message":
        ui.link(words, f"/console/messages/{row['arrival_id']}").classes("ll-text")
    else:
        text(words, "ll-text")
    with box("ll-acts ll-faint"):
        text(_("{what}, number {number}", what=_what(row), number=row["arrival_id"]))
        moment(row["arrived_at"])


def _draw_customer(row: Row) -> None:
    text(phone(row["customer"]))
    text(", ".join(filter(None, (row["name"], row["channel"]))), "ll-faint")


def _draw_why(row: Row) -> None:
    text(_(GROUPED[row["state"]]), f"ll-tag {'bad' if row['state'] == 'parked' else 'plain'}")
    text(retold(row["explanation"]) or cause(row["reason"]), "ll-text")
    if row["state"] == "waiting" and row["next_at"]:
        with box("ll-acts ll-faint"):
            text(plural("Tried {count} time, next", "Tried {count} times, next", row["attempts"]))
            moment(row["next_at"])


async def draw(visit: Visit) -> None:
    """The page."""
    found = await groups(visit.database, visit.workspace_id)
    waiting = Waiting(visit, found)
    visit.refresh = waiting.refresh
    await waiting.first(found)
