"""`/console/messages`: customers' messages, newest first, found by text, phone, name, id, channel, state and reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from nicegui import ui

from leadline.console.drawing import box, moment, text
from leadline.console.language import _, numeral, translated
from leadline.console.messages.shown import STATES, MessageShown, message_of, tone
from leadline.console.shell import Choice, Column, Search, Table, Visit, contact, filters
from leadline.console.shell.dates import day
from leadline.console.shell.spans import since, spans
from leadline.console.shell.table import PAGE
from leadline.console.shown import OUTCOMES
from leadline.identity.reasons import TITLES
from leadline.store.queries import queries

LOOKED = 20_000  # messages that one search looks at: a few tenths of a second
FILTERS = ("q", "channel", "state", "outcome", "code", "last", "since", "until", "before")
_DIGITS = re.compile(r"\+?[\d\s().-]{5,}")


class Listing:
    """One page of the list."""

    def __init__(self, visit: Visit, names: dict[int, str]) -> None:
        self._visit = visit
        self._names = names
        channels = {str(number): name for number, name in names.items()}
        filters(
            visit,
            [
                Search("q", _("Search"), _("words, a phone, a name, a number or an id")),
                Choice("channel", _("Channel"), channels),
                Choice("state", _("State"), translated(STATES)),
                Choice("outcome", _("Sender"), translated(OUTCOMES)),
                Choice("code", _("Decided by"), translated(TITLES)),
                Choice("last", _("Time"), spans()),
                Search("since", _("From day"), kind="date"),
                Search("until", _("To day"), kind="date"),
            ],
        )
        self._table: Table[MessageShown] = Table(
            [
                Column(_("Message"), _draw_message, "38%"),
                Column(_("From"), _draw_sender, "20%"),
                Column(_("Contact"), self._draw_contact, "26%"),
                Column(_("State"), _draw_state),
            ],
            lambda one: one.arrival_id,
            empty=self._empty(),
            testid="messages",
            row="message-row",
        )

    async def refresh(self) -> None:
        """New ones on top; a page of older ones stays as it is."""
        await self._show(await self._read())

    async def first(self) -> None:
        """The page, and the way on."""
        rows = await self._read()
        await self._show(rows)
        await self._draw_pages(rows)

    async def _show(self, rows: Sequence[dict[str, Any]]) -> None:
        """A decision names those it chose among; who was known before is named as the directory knows them."""
        wanted = {row["contact_id"] for row in rows[:PAGE] if row["contact_id"]}
        entries = await self._visit.leadline.directory.find.entries(self._visit.workspace_id, wanted)
        people = {entry.contact_id: entry.shown for entry in entries}
        self._table.show([message_of(row, self._names, people) for row in rows[:PAGE]])

    def _empty(self) -> str:
        if any(self._visit.param(name) for name in FILTERS):
            return _(
                "Nothing among the last {looked} messages fits. Look further back below, or show all.",
                looked=numeral(LOOKED),
            )
        return _("No message has arrived yet. Connect a channel, and write to it from your own phone.")

    async def _read(self) -> list[dict[str, Any]]:
        visit = self._visit
        words = visit.param("q")
        return await visit.rows(
            queries.messages_found,
            before=visit.number("before"),
            looked=LOOKED,
            count=PAGE + 1,
            text=words or None,
            digits=re.sub(r"\D", "", words) if _DIGITS.fullmatch(words) else "",
            channel_id=visit.number("channel"),
            state=visit.param("state") or None,
            code=visit.param("code") or None,
            outcome=visit.param("outcome") or None,
            since=since(visit.param("last")) or day(visit.param("since")),
            until=day(visit.param("until"), after=1),
        )

    async def _draw_pages(self, rows: Sequence[dict[str, Any]]) -> None:
        visit = self._visit
        with box("ll-acts ll-pages", "nav", testid="pages") as nav:
            nav.props["aria-label"] = _("Pages")
            if visit.param("before"):
                ui.link(_("Newest"), visit.here(before=""))
            if len(rows) > PAGE:
                ui.link(_("Older"), visit.here(before=rows[PAGE - 1]["arrival_id"]))
            elif reached := await visit.row(queries.messages_reached, before=visit.number("before"), looked=LOOKED):
                ui.link(_("Look further back"), visit.here(before=reached["arrival_id"] + 1))

    def _draw_contact(self, one: MessageShown) -> None:
        with box("ll-acts"):
            if one.contact_id:
                contact(self._visit, one.contact_id, one.contact)
        with box("ll-acts"):
            if one.reason:
                text(one.reason, "ll-tag plain")
            if one.doubtful:
                text(_("in doubt"), "ll-tag warn")


def _draw_message(one: MessageShown) -> None:
    ui.link(one.content or _("[no text]"), f"/console/messages/{one.arrival_id}").classes("ll-text")
    with box("ll-acts ll-faint"):
        text(_("Number {number}", number=one.arrival_id))
        moment(one.at)


def _draw_sender(one: MessageShown) -> None:
    text(one.sender)
    text(", ".join(filter(None, (one.name, one.channel))), "ll-faint")


def _draw_state(one: MessageShown) -> None:
    text(_(STATES[one.state]), f"ll-tag {tone(one.state)}")
    text(one.explanation, "ll-faint ll-text")


async def draw(visit: Visit) -> None:
    """The page."""
    rows = await visit.leadline.channels.listed(visit.workspace_id)
    listing = Listing(visit, {row.channel_id: row.name for row in rows})
    visit.refresh = listing.refresh
    await listing.first()
