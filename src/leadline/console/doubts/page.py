"""`/console/doubts`: what Leadline was not sure of, newest first, with what speaks for it and against it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from nicegui import ui

from leadline.console.doubts.card import draw_card
from leadline.console.doubts.deciding import Deciding
from leadline.console.doubts.doubt import Doubt, doubt_of
from leadline.console.drawing import box, mark, moment, text
from leadline.console.language import _, marked, numeral
from leadline.console.live import Live
from leadline.console.retold import retold
from leadline.console.shell import Column, Table, Visit, button
from leadline.identity.words import address
from leadline.people import Correction
from leadline.people.wording import outcome_of, title_of
from leadline.store.queries import queries

PAGE = 20  # each is a card
MOST = 1000  # doubts that are counted
LATEST = 5
EMPTY = marked("Nothing is in doubt. When Leadline is not sure whose a message is, it chooses, and asks you here.")


class Doubts:
    """The page."""

    def __init__(self, visit: Visit, channels: dict[int, str]) -> None:
        self._visit = visit
        self._corrections = visit.leadline.corrections
        self._channels = channels
        self._shown: dict[int, Doubt] = {}
        self._deciding = Deciding(visit)
        self._left = ui.label().classes("ll-soft")
        mark(self._left, testid="left")
        self._empty = text(_(EMPTY), "ll-empty", testid="no-doubts")
        self._list = box("ll-cards", testid="doubts")
        self._live: Live[Doubt] = Live(self._list, lambda one: one.link_id, partial(draw_card, self._deciding))
        self._last: Table[Correction] = Table(
            [
                Column(_("When"), lambda one: moment(one.at), "140px"),
                Column(_("What"), lambda one: text(retold(title_of(one)))),
                Column(_("Who"), lambda one: text(one.author), "26%"),
                Column("", self._draw_undo, "160px"),
            ],
            lambda one: one.correction_id,
            title=_("Decided last"),
            empty=_("Nobody has decided anything yet."),
            testid="decided",
        )

    async def refresh(self) -> None:
        """Read them again, and say what somebody else decided meanwhile."""
        found = [doubt_of(row, self._channels) for row in await self._read(PAGE)]
        await self._tell_gone({one.link_id for one in found})
        self._shown = {one.link_id: one for one in found}
        self._live.show(found)
        await self._count(found)
        done = await self._corrections.listed(self._visit.workspace_id, count=LATEST)
        self._last.show([one for one in done if one.kind != "undo"])

    async def _read(self, count: int) -> list[dict[str, object]]:
        return await self._visit.rows(queries.doubted_links, before=self._visit.number("before"), count=count)

    async def _count(self, found: Sequence[Doubt]) -> None:
        row = await self._visit.row(queries.doubts_left, before=self._visit.number("before"), most=MOST + 1)
        count = int(row["doubts"]) if row else 0
        words = (
            _("More than {count} in doubt", count=numeral(MOST))
            if count > MOST
            else _("{count} in doubt", count=numeral(count))
        )
        more = _("the newest {count} are shown here", count=len(found)) if count > len(found) == PAGE else ""
        self._left.text = "; ".join(filter(None, (words, more)))
        self._left.set_visibility(bool(count))
        self._empty.set_visibility(not found)

    async def _tell_gone(self, now: set[int]) -> None:
        """What vanished without an act of this page was decided by somebody else, or made room for newer ones."""
        for link_id in [key for key in self._shown if key not in now and key not in self._deciding.decided]:
            row = await self._visit.row(queries.doubt_now, link_id=link_id)
            if row and not row["open"] and row["author"]:
                self._visit.say(
                    _(
                        "{author} decided about {address}",
                        author=row["author"],
                        address=address(self._shown[link_id].handle),
                    )
                )

    def _draw_undo(self, one: Correction) -> None:
        if one.undone:
            text(_("undone"), "ll-tag plain")
            return
        ask = _(
            "Undo this? {what}. Links, marks and conversations are as they were before it.", what=retold(title_of(one))
        )
        button(self._visit, _("Undo"), "undo", partial(self._undo, one), ask=ask, testid="undo")

    async def _undo(self, one: Correction) -> str:
        made = await self._corrections.undo(self._visit.workspace_id, one.correction_id, author=self._visit.seat.email)
        return retold(outcome_of(made))

    async def pages(self) -> None:
        """The way to older ones."""
        visit, rows = self._visit, await self._read(PAGE + 1)
        with box("ll-acts ll-pages", "nav", testid="pages") as nav:
            nav.props["aria-label"] = _("Pages")
            if visit.param("before"):
                ui.link(_("Newest"), visit.here(before=""))
            if len(rows) > PAGE:
                ui.link(_("Older"), visit.here(before=rows[PAGE - 1]["link_id"]))


async def draw(visit: Visit) -> None:
    """The page."""
    rows = await visit.leadline.channels.listed(visit.workspace_id)
    doubts = Doubts(visit, {row.channel_id: row.name for row in rows})
    visit.refresh = doubts.refresh
    await doubts.refresh()
    await doubts.pages()
