"""The addresses a person writes from: why each is linked, and what can be corrected about it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from leadline.console.drawing import box, mark, moment, text
from leadline.console.language import _, forms
from leadline.console.people.more import Cut, apart
from leadline.console.retold import retold
from leadline.console.shell import Column, Table, Visit, button
from leadline.console.shown import reasons_shown
from leadline.identity.reasons import EVIDENCE, title
from leadline.identity.words import address
from leadline.people.wording import outcome_of

Row = dict[str, Any]
MORE = forms("And {count} more address.", "And {count} more addresses.")


class Addresses:
    """The table of one contact's current links."""

    def __init__(self, visit: Visit, contact_id: str) -> None:
        self._visit = visit
        self._contact_id = contact_id
        self._corrections = visit.leadline.corrections
        table: Table[Row] = Table(
            [
                Column(_("Address"), _draw_address, "28%"),
                Column(_("Why it is theirs"), _draw_why),
                Column("", self._draw_acts, "34%"),
            ],
            lambda row: row["link_id"],
            title=_("Addresses"),
            empty=_("No address belongs to this contact: they have not written to your channels."),
            testid="addresses",
            row="address",
        )
        self._table = Cut(table, MORE, testid="more-addresses")

    def show(self, rows: Sequence[Row]) -> None:
        """Draw what changed."""
        self._table.show(*apart(rows))

    def _draw_acts(self, row: Row) -> None:
        visit, handle = self._visit, row["handle"]
        who = address(handle)
        with box("ll-acts"):
            if row["doubt"]:
                button(visit, _("Confirm"), "confirm", partial(self._confirm, row), testid="confirm-address")
            ask = _("Does {who} not belong to this contact? The next message creates a new lead.", who=who)
            button(visit, _("Not theirs"), "correct", partial(self._detach, row), ask=ask, testid="detach")
            if visit.seat.may("correct"):
                place = f"/console/people/{self._contact_id}/move?{urlencode({'address': handle})}"
                mark(ui.link(_("Another contact's…"), place).classes("ll-button"), testid="move")
            self._draw_share(row, who)

    def _draw_share(self, row: Row, who: str) -> None:
        shared = not row["shared"]
        ask = (
            _("Do several people use {who}? Then it identifies nobody.", who=who)
            if shared
            else _("Does one person use {who}?", who=who)
        )
        label = _("Several people's") if shared else _("One person's")
        button(self._visit, label, "correct", partial(self._share, row, shared), ask=ask, testid="share")

    async def _confirm(self, row: Row) -> str:
        author, workspace_id = self._visit.seat.email, self._visit.workspace_id
        await self._corrections.attach(
            workspace_id, row["handle"], row["contact_id"], author=author, doubted=row["link_id"]
        )
        return _("{address} is confirmed.", address=address(row["handle"]))

    async def _detach(self, row: Row) -> str:
        visit = self._visit
        made = await self._corrections.detach(visit.workspace_id, row["handle"], author=visit.seat.email)
        return retold(outcome_of(made))

    async def _share(self, row: Row, shared: bool) -> str:
        visit = self._visit
        made = await self._corrections.share(visit.workspace_id, row["handle"], shared, author=visit.seat.email)
        return retold(outcome_of(made))


def _draw_address(row: Row) -> None:
    text(address(row["handle"]), "ll-name")
    if row["name"]:
        text(row["name"], "ll-faint")
    with box("ll-acts"):
        if row["doubt"]:
            text(_("in doubt"), "ll-tag warn")
        if row["shared"]:
            text(_("several people's"), "ll-tag plain")


def _draw_why(row: Row) -> None:
    draw_evidence(row)
    if row["doubt"]:
        draw_doubt(row)


def draw_doubt(row: Row) -> None:
    """What makes a link doubtful."""
    text(_("In doubt: {reasons}", reasons=reasons_shown(row["doubt"])), "ll-faint ll-text")


def draw_evidence(row: Row) -> None:
    """On what a link rests, who made it and when, and by which message."""
    evidence = _(EVIDENCE.get(row["evidence"], row["evidence"].replace("_", " ")))
    text(_(title(row["code"])) if row["code"] else evidence[:1].upper() + evidence[1:])
    with box("ll-acts ll-faint"):
        text(_("by {who}", who="Leadline" if row["author"] == "leadline" else row["author"] or _("somebody")))
        moment(row["linked_at"])
        if row["arrival_id"]:
            words = _("message {number}", number=row["arrival_id"])
            ui.link(words, f"/console/messages/{row['arrival_id']}")
