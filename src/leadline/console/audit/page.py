"""`/console/audit`: every act of a person, newest first."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from leadline.console.audit.found import Wanted
from leadline.console.drawing import box, moment, text
from leadline.console.language import _, plural, translated
from leadline.console.retold import retold
from leadline.console.shell import Choice, Column, Search, Table, Visit, button, filters, older_link
from leadline.console.shell.table import PAGE
from leadline.identity.acts import ACTS, SOURCES, STATED, about, act, details
from leadline.merging.records import STATES
from leadline.store.queries import queries

Row = dict[str, Any]


def fields() -> list[Search | Choice]:
    """What the list is narrowed by."""
    acts = sorted(translated(ACTS).items(), key=lambda each: each[1])
    return [
        Search("who", _("Who"), _("an e-mail address or a name")),
        Choice("act", _("What"), dict(acts)),
        Choice("source", _("From"), translated(SOURCES)),
        Search("about", _("About"), _("a number, address or id"), kind="text"),
        Search("since", _("From day"), kind="date"),
        Search("until", _("To day"), kind="date"),
    ]


class Audit:
    """The page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        filters(visit, fields())
        with box("ll-acts"):
            query = urlencode({name: value for name, value in visit.request.query_params.items() if name != "before"})
            ui.link(_("Export all of these"), f"/console/audit/export?{query}")
            button(visit, _("Check the chain"), "audit", self._check, testid="check")
        self._table: Table[Row] = Table(
            [
                Column(_("When"), lambda row: moment(row["at"]), "140px"),
                Column(_("Who"), _who, "22%"),
                Column(_("What"), _what, "26%"),
                Column(_("Details"), _details),
            ],
            lambda row: row["audit_id"],
            empty=_("Nothing matches. Whatever people change from now on is recorded here."),
            testid="audit",
        )

    async def refresh(self) -> None:
        """The newest stand on top; a page of older ones stays as it is."""
        rows = await self._read()
        self._table.show(rows[:PAGE])

    async def first(self) -> None:
        """The page, and the way to older ones."""
        rows = await self._read()
        self._table.show(rows[:PAGE])
        older_link(self._visit, rows, lambda row: row["audit_id"])

    async def _read(self) -> list[Row]:
        visit = self._visit
        wanted = Wanted(visit.request.query_params)
        return await wanted.read(visit.database, visit.workspace_id, before=visit.number("before"), count=PAGE + 1)

    async def _check(self) -> str:
        state = await self._visit.row(queries.audit_state) or {}
        if state["broken"] is not None:
            return _(
                "The audit was changed: number {number} is not what was recorded. Compare it with a backup.",
                number=state["broken"],
            )
        return plural("{count} act, and the chain holds.", "{count} acts, and the chain holds.", state["count"])


def _who(row: Row) -> None:
    text(row["actor"])
    if row["source"]:
        text(_("from {where}", where=_(SOURCES.get(row["source"]) or row["source"])), "ll-faint")


def _what(row: Row) -> None:
    text(_(act(row["act"])))
    text(about(row["subject"]), "ll-faint ll-text")


def _details(row: Row) -> None:
    for name, value in details(row["detail"]):
        with box("ll-acts"):
            text(retold(name), "ll-faint")
            text(retold(STATES.get(value, value)) if name in STATED else value, "ll-text")


async def draw(visit: Visit) -> None:
    """The page."""
    audit = Audit(visit)
    visit.refresh = audit.refresh
    await audit.first()
