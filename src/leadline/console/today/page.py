"""`/console`: numbers that each lead to their list, messages over time, why replies failed, windows about to close."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from urllib.parse import urlencode

from nicegui import ui

from leadline.channels import reasons
from leadline.console.drawing import box, mark, moment, outside, text
from leadline.console.language import _, marked, numeral, plural, translated
from leadline.console.shell import Column, Section, Table, Visit
from leadline.console.shell.spans import SPANS, spans
from leadline.console.shown import OUTCOMES
from leadline.console.today.chart import OUT, Bar, picture, totals
from leadline.console.today.figures import MOST, MOST_COUNTED, SOON, Flow, Needs, Window, flow, needs
from leadline.console.waiting.away import draw_away
from leadline.engine.breaker import outages

AGAIN = 30.0  # seconds after which all messages of the span are counted again
PATIENCE = 0.4  # seconds that the first look, and each later one, waits for the count
SHOWN = 10  # windows
COUNTING = {
    "24h": marked("Counting the messages of the last 24 hours …"),
    "7d": marked("Counting the messages of the last 7 days …"),
}
FAILED = {
    "24h": marked("Replies that failed, last 24 hours"),
    "7d": marked("Replies that failed, last 7 days"),
}
SPOKEN = {
    "24h": marked("{came} messages came in and {went} went out, last 24 hours. A table follows."),
    "7d": marked("{came} messages came in and {went} went out, last 7 days. A table follows."),
}
"""Each by the name of a span."""


class Today:
    """The page. What counts every message of the span may take a while at first: the page does not wait for it."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._name = visit.param("last") if visit.param("last") in SPANS else next(iter(SPANS))
        self._span = SPANS[self._name]
        self._counted_at = 0.0
        self._counting: asyncio.Task[Flow] | None = None
        self._needs = Section(_("Needs attention"), _draw_needs, testid="needs")
        self._away = Section("", draw_away, testid="away")
        _draw_spans(visit, self._name)
        self._counted: Counted | None = None
        with box("ll-stack ll-apart") as self._place:
            text(_(COUNTING[self._name]), "ll-soft")

    async def refresh(self) -> None:
        """What waits at each look; all the rest, which counts every message of the span, now and then."""
        visit = self._visit
        self._needs.show(await needs(visit))
        self._away.show(await outages(visit.database, visit.workspace_id))
        if self._counting is None and time.monotonic() - self._counted_at > AGAIN:
            self._counting = asyncio.create_task(flow(visit, self._span))
        if self._counting:
            await self._count(self._counting)

    async def _count(self, counting: asyncio.Task[Flow]) -> None:
        """Show what was counted; what takes longer than PATIENCE is shown at a later look."""
        done = (await asyncio.wait([counting], timeout=PATIENCE))[0]
        if not done:
            return
        self._counting, self._counted_at = None, time.monotonic()
        found = counting.result()
        if self._counted is None:
            self._place.clear()
            with self._place:
                self._counted = Counted(self._visit, self._name)
        self._counted.show(found)


class Counted:
    """Messages over time, why replies failed, and windows about to close, of one span."""

    def __init__(self, visit: Visit, name: str) -> None:
        self._visit = visit
        self._name = name
        self._chart = Section(_("Messages"), self._draw_chart, testid="chart")
        self._failures: Table[tuple[str, int]] = Table(
            [Column(_("Why"), _draw_reason), Column(_("Messages"), self._draw_failed, "120px")],
            lambda row: row[0],
            title=_(FAILED[self._name]),
            empty=_("None failed."),
            testid="failures",
        )
        self._windows: Table[Window] = Table(
            [
                Column(_("Customer"), self._draw_customer),
                Column(_("Channel"), lambda one: text(one.channel), "30%"),
                Column(_("Closes"), lambda one: moment(one.closes_at), "130px"),
            ],
            lambda one: one.conversation_id,
            title=_("Not answered, and the answer window closes soon"),
            empty=plural("None closes within {count} hour.", "None closes within {count} hours.", SOON // 3600),
            testid="windows",
        )
        self._more = Section("", _draw_more, testid="more-windows")

    def show(self, found: Flow) -> None:
        """Draw what changed."""
        self._chart.show(found.bars)
        self._failures.show(found.failures)
        self._windows.show(found.windows[:SHOWN])
        self._more.show(len(found.windows) - SHOWN)

    def _draw_chart(self, bars: Sequence[Bar]) -> None:
        counts = totals(bars)
        came, went = sum(counts[name] for name in OUTCOMES), sum(counts[name] for name in OUT)
        spoken = _(SPOKEN[self._name], came=numeral(came), went=numeral(went))
        with box("ll-padded ll-stack"):
            with box("ll-legend"):
                _legend(_("{count} in", count=numeral(came)), "", f"/console/messages?last={self._name}")
                for name, words in OUTCOMES.items():
                    _legend(f"{_(words)}: {numeral(counts[name])}", name, self._listed("messages", outcome=name))
            ui.html(picture(bars, spoken), sanitize=False).classes("ll-fill")
            with box("ll-acts ll-between ll-faint"):
                for bar in (bars[0], bars[len(bars) // 2]):
                    moment(bar.begins)
                text(_("now"))
            with box("ll-legend"):
                _legend(_("{count} out", count=numeral(went)), "", self._listed("replies"))
                lost = _("{count} not sent", count=numeral(counts["failed"]))
                _legend(lost, "failed", self._listed("replies", state="failed"))
            with box("", "details", testid="as-table"):
                with box("", "summary"):
                    text(_("Show as a table"))
                _draw_table(bars)

    def _listed(self, page: str, **filters: str) -> str:
        return f"/console/{page}?{urlencode({'last': self._name, **filters})}"

    def _draw_failed(self, row: tuple[str, int]) -> None:
        ui.link(numeral(row[1]), self._listed("replies", state="failed", reason=row[0]))

    def _draw_customer(self, one: Window) -> None:
        outside(one.name or one.customer, self._visit.conversation_link(one.conversation_id))
        text(one.customer if one.name else "", "ll-faint")


def _draw_needs(found: Needs) -> None:
    with box("ll-tiles"):
        _tile(numeral(found.parked), _("parked"), "/console/waiting?state=parked", "parked")
        _tile(numeral(found.waiting), _("waiting for another try"), "/console/waiting?state=waiting", "waiting")
        _tile(_capped(found.doubts), _("senders in doubt"), "/console/doubts", "doubts")
        _tile(_capped(found.duplicates), _("groups of duplicates"), "/console/duplicates", "duplicates")


def _capped(count: int) -> str:
    return f"{numeral(MOST_COUNTED)}+" if count > MOST_COUNTED else numeral(count)


def _tile(count: str, words: str, address: str, testid: str) -> None:
    with mark(ui.link(target=address).classes(f"ll-tile {'quiet' if count == '0' else ''}".strip()), testid=testid):
        text(count, "ll-count")
        text(words, "ll-soft")


def _draw_spans(visit: Visit, name: str) -> None:
    with box("ll-acts", "nav", testid="spans") as nav:
        nav.props["aria-label"] = _("Time span of the numbers")
        for each, words in spans().items():
            link = ui.link(words, visit.here(last=each)).classes("ll-line")
            if each == name:
                link.props["aria-current"] = "true"
        text(_("up to now; times are in your time zone"), "ll-faint")


def _legend(words: str, name: str, address: str) -> None:
    with box("ll-acts"):
        if name:
            box(f"ll-dot {name}")
        ui.link(words, address)


def _draw_table(bars: Sequence[Bar]) -> None:
    names = translated({**OUTCOMES, **OUT})
    with box("ll-counts", "table"):
        with box("", "thead"), box("", "tr"):
            for words in (_("From"), *names.values()):
                with box("", "th") as head:
                    head.props["scope"] = "col"
                    text(words)
        with box("", "tbody"):
            for bar in bars:
                _draw_line(bar, list(names))


def _draw_line(bar: Bar, names: Sequence[str]) -> None:
    with box("", "tr"):
        with box("", "th") as head:
            head.props["scope"] = "row"
            moment(bar.begins)
        for name in names:
            with box("", "td"):
                text(numeral(bar.into.get(name, 0) + bar.out.get(name, 0)))


def _draw_reason(row: tuple[str, int]) -> None:
    text(_(reasons.sentence(row[0])), "ll-text")


def _draw_more(count: int) -> None:
    if count > 0:
        more = (
            plural("And {count} or more that closes later.", "And {count} or more that close later.", count)
            if count + SHOWN == MOST
            else plural("And {count} that closes later.", "And {count} that close later.", count)
        )
        text(more, "ll-soft ll-padded")


async def draw(visit: Visit) -> None:
    """The page."""
    today = Today(visit)
    visit.refresh = today.refresh
    await today.refresh()
