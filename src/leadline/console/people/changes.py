"""What happened to a person: links over time, merges with their undo, corrections with theirs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from nicegui import ui

from leadline.console.drawing import box, moment, text
from leadline.console.language import _, forms
from leadline.console.people.addresses import draw_doubt, draw_evidence
from leadline.console.people.more import Cut, apart
from leadline.console.retold import retold
from leadline.console.shell import Column, Table, Visit, button
from leadline.console.shell.contact import ROLES
from leadline.identity.words import address
from leadline.merging import MergeRecord
from leadline.merging.foretold import title_of as merge_title
from leadline.merging.foretold import undo_foretold
from leadline.merging.records import STATES
from leadline.people import Correction
from leadline.people.wording import outcome_of, title_of
from leadline.store.queries import queries

Row = dict[str, Any]
SHOWN = 50
MERGES = forms("And {count} more merge.", "And {count} more merges.")
CORRECTIONS = forms("And {count} more correction.", "And {count} more corrections.")
LINKS = forms("And {count} more link.", "And {count} more links.")


class Changes:
    """Three tables."""

    def __init__(self, visit: Visit, contact_id: str) -> None:
        self._visit = visit
        self._contact_id = contact_id
        self._merges = Cut(self._merges_table(), MERGES, testid="more-merges")
        self._corrections = Cut(self._corrections_table(), CORRECTIONS, testid="more-corrections")
        self._links = Cut(self._links_table(), LINKS, testid="more-links")

    def _merges_table(self) -> Table[MergeRecord]:
        return Table(
            [
                Column(_("Merge"), self._draw_merge),
                Column(_("State"), _draw_state, "30%"),
                Column("", self._draw_undo_merge, "160px"),
            ],
            lambda one: one.merge_id,
            title=_("Merges"),
            empty=_("This contact was never merged with another one."),
            testid="merges",
            row="merge",
        )

    def _corrections_table(self) -> Table[Correction]:
        return Table(
            [
                Column(_("When"), lambda one: moment(one.at), "140px"),
                Column(_("Correction"), lambda one: text(retold(title_of(one, self._contact_id)), "ll-text")),
                Column(_("Who"), lambda one: text(one.author), "26%"),
                Column("", self._draw_undo, "160px"),
            ],
            lambda one: one.correction_id,
            title=_("Corrections"),
            empty=_("Nobody has corrected whose these addresses are."),
            testid="corrections",
            row="correction",
        )

    def _links_table(self) -> Table[Row]:
        return Table(
            [
                Column(_("Address"), lambda row: text(address(row["handle"])), "24%"),
                Column(_("Belonged to"), self._draw_owner, "26%"),
                Column(_("Because"), _draw_because),
                Column(_("Until"), _draw_until, "140px"),
            ],
            lambda row: row["link_id"],
            title=_("Links over time"),
            empty=_("No address was ever linked to this contact."),
            testid="links",
            row="link",
        )

    async def refresh(self, handles: Sequence[str]) -> None:
        """Read them again. handles: all addresses the contact ever had."""
        visit, leadline = self._visit, self._visit.leadline
        key, whose = visit.workspace_id, self._contact_id
        counts = await visit.row(queries.changes_counted, contact_id=whose) or {}
        merges = await leadline.merging.history(key, contact_id=whose, count=SHOWN)
        self._merges.show(merges, counts["merges"])
        made = await leadline.corrections.listed(key, contact_id=whose, count=SHOWN)
        self._corrections.show([one for one in made if one.kind != "undo"], counts["corrections"])
        self._links.show(*apart(await visit.rows(queries.links_over_time, handles=[*handles], count=SHOWN)))

    def _draw_owner(self, row: Row) -> None:
        if row["contact_id"] == self._contact_id:
            text(_("this contact"))
        else:
            words = _("contact {number}", number=row["contact_id"])
            ui.link(words, f"/console/people/{row['contact_id']}").classes("ll-text")
        text(_(ROLES.get(row["role"]) or row["role"]), f"ll-tag {row['role']}")

    def _draw_merge(self, one: MergeRecord) -> None:
        text(retold(merge_title(one)), "ll-text")
        with box("ll-acts ll-faint"):
            text(_("by {who}", who=one.author))
            moment(one.planned_at)
            other = one.into_id if one.into_id != self._contact_id else one.from_id
            ui.link(_("the other contact"), f"/console/people/{other}")
        for line in one.differences:
            text(_("Not as previewed: {what}", what=retold(line)), "ll-faint ll-text")

    def _draw_undo_merge(self, one: MergeRecord) -> None:
        if not one.undoable:
            return
        ask = "\n".join((_("Undo this? {what}.", what=retold(merge_title(one))), *map(retold, undo_foretold(one))))
        undo = partial(self._undo_merge, one)
        button(self._visit, _("Undo"), "undo", undo, ask=ask, kind="danger", testid="undo-merge")

    async def _undo_merge(self, one: MergeRecord) -> str:
        visit = self._visit
        undone = await visit.leadline.merging.undo(visit.workspace_id, one.merge_id, author=visit.seat.email)
        if undone.state == "undoing":
            return _("It is being undone. Look again in a moment.")
        lost = [_("Not restored: {what}", what=" ".join(map(retold, undone.lost)))] if undone.lost else []
        return " ".join([*map(retold, undone.returned), *lost]) or _("It is undone.")

    def _draw_undo(self, one: Correction) -> None:
        if one.undone:
            text(_("undone"), "ll-tag plain")
            return
        ask = _(
            "Undo this? {what}. Links, marks and conversations are as they were before it.",
            what=retold(title_of(one, self._contact_id)),
        )
        button(self._visit, _("Undo"), "undo", partial(self._undo, one), ask=ask, testid="undo-correction")

    async def _undo(self, one: Correction) -> str:
        visit = self._visit
        made = await visit.leadline.corrections.undo(visit.workspace_id, one.correction_id, author=visit.seat.email)
        return retold(outcome_of(made))


def _draw_state(one: MergeRecord) -> None:
    text(_(STATES.get(one.state, one.state)), "ll-tag plain")
    for line in filter(None, (one.explanation, *one.returned)):
        text(retold(line), "ll-faint ll-text")
    for line in one.lost:
        text(_("Not restored: {what}", what=retold(line)), "ll-faint ll-text")
    if one.undo_contact_id:
        ui.link(_("the contact it made"), f"/console/people/{one.undo_contact_id}")


def _draw_because(row: Row) -> None:
    draw_evidence(row)
    if row["doubt"]:
        draw_doubt(row)


def _draw_until(row: Row) -> None:
    if row["superseded_at"]:
        moment(row["superseded_at"])
    else:
        text(_("now"), "ll-tag good")
