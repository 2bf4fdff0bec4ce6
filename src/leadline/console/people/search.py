"""`/console/people`: find a person by whatever is at hand."""

from __future__ import annotations

from nicegui import ui

from leadline.console.drawing import box, text
from leadline.console.language import _, marked, numeral, plural
from leadline.console.shell import Column, Search, Table, Visit, contact, filters
from leadline.identity.words import address, phone
from leadline.people.finding import LOOKED, Finding, Found, Page

HINT = marked("a name, phone, e-mail, address or id")
NOBODY = marked(
    "Nobody on record fits. Try another spelling, a phone with its country code, an e-mail or an id. Names are found "
    "by the beginnings of their words, once the directory is filled."
)
NEW = marked("Nobody has written yet. You will find everybody here who writes to you, and every contact in Intercom.")


class People:
    """The page."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._finding = Finding(visit.database, visit.leadline.directory.find)
        filters(visit, [Search("q", _("Find a person"), _(HINT))])
        self._cut = box("ll-soft", testid="cut")
        self._table: Table[Found] = Table(
            [
                Column(_("Name"), self._draw_name, "30%"),
                Column(_("Phone and e-mail"), _draw_keys, "30%"),
                Column(_("Writes from"), _draw_addresses),
            ],
            lambda one: one.contact_id,
            title="" if visit.param("q") else _("Linked last"),
            empty=_(NOBODY if visit.param("q") else NEW),
            testid="people",
            row="person-row",
        )

    async def refresh(self) -> None:
        """Read the same page again."""
        self._table.show((await self._read()).people)

    async def first(self) -> None:
        """The page, and the way on."""
        page = await self._read()
        self._table.show(page.people)
        self._cut.set_visibility(page.cut)
        if page.cut:
            with self._cut:
                text(
                    _(
                        "More than {count} names fit, and {count} of them are listed. Add a word to find fewer.",
                        count=numeral(LOOKED),
                    )
                )
        with box("ll-acts ll-pages", "nav", testid="pages") as nav:
            nav.props["aria-label"] = _("Pages")
            if self._visit.param("after"):
                ui.link(_("First page"), self._visit.here(after=""))
            if page.after:
                ui.link(_("More"), self._visit.here(after=page.after))

    async def _read(self) -> Page:
        visit = self._visit
        return await self._finding.page(visit.workspace_id, visit.param("q"), after=visit.param("after"))

    def _draw_name(self, one: Found) -> None:
        with box("ll-acts"):
            contact(self._visit, one.contact_id, one.name, one.role.value)


def _draw_keys(one: Found) -> None:
    for line in (*map(phone, one.phones), one.email):
        if line:
            text(line, "ll-text")


def _draw_addresses(one: Found) -> None:
    for each in one.addresses:
        with box("ll-acts"):
            text(address(each.handle), "ll-text")
            if each.in_doubt:
                text(_("in doubt"), "ll-tag warn")
    if one.more:
        text(plural("and {count} more", "and {count} more", one.more), "ll-faint")
    if not one.addresses:
        text(_("has not written"), "ll-faint")


async def draw(visit: Visit) -> None:
    """The page."""
    people = People(visit)
    visit.refresh = people.refresh
    await people.first()
