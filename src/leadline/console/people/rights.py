"""What a person may ask for: to see what is on record, a copy, to be forgotten. The same code as `leadline person`."""

from __future__ import annotations

from datetime import UTC, datetime

from nicegui import ui

from leadline.console.drawing import box, text
from leadline.console.language import _, marked, numeral, translated
from leadline.console.people.profile import Profiles
from leadline.console.retold import retold
from leadline.console.shell import Entry, Pick, Section, Visit, button
from leadline.errors import SettingError
from leadline.intercom import contacts
from leadline.model import Struct
from leadline.privacy import Persons
from leadline.privacy.meant import meant
from leadline.privacy.whom import Whom
from leadline.privacy.words import records, sentences

ALSO = {"here": marked("here alone"), "intercom": marked("here, and their contacts in Intercom")}


class Shown(Struct, frozen=True, kw_only=True):
    """counts: records by table, None while nobody asked. receipt: what was erased, in sentences."""

    counts: tuple[tuple[str, int], ...] | None = None
    receipt: tuple[str, ...] = ()


class Rights:
    """The last part of the page, for those whose role has the right."""

    def __init__(self, visit: Visit, contact_id: str, profiles: Profiles) -> None:
        self._visit = visit
        self._contact_id = contact_id
        self._profiles = profiles
        self._persons = Persons(visit.database)
        self._shown = Shown()
        self._section: Section[Shown] | None = None
        if visit.seat.may("person"):
            self._section = Section(_("What they may ask for"), self._draw, testid="rights")

    def show(self) -> None:
        """Draw it where it changed."""
        if self._section:
            self._section.show(self._shown)

    def _draw(self, shown: Shown) -> None:
        with box("ll-padded ll-stack ll-gap"):
            for line in shown.receipt:
                text(line, "ll-text", testid="receipt")
            if shown.receipt:
                return
            with box("ll-acts"):
                button(self._visit, _("Show what is on record"), "person", self._count, testid="count-records")
                place = f"/console/people/{self._contact_id}/export"
                ui.link(_("Export everything"), place).classes("ll-button").props["download"] = "person.json"
            self._draw_counts(shown)
            with box("", "details"):
                with box("", "summary"):
                    text(_("Erase this person"))
                self._draw_erase()

    def _draw_counts(self, shown: Shown) -> None:
        if shown.counts is None:
            return
        with box("ll-facts", "dl", testid="counts"):
            for table, count in shown.counts:
                with box("", "dt"):
                    text(_(records(table)))
                with box("", "dd"):
                    text(numeral(count))
        if not shown.counts:
            text(_("Nothing is on record."), "ll-soft")

    def _draw_erase(self) -> None:
        text(
            _(
                "Erases this person's messages, webhooks, links, decisions, files and merges for "
                "good, including those that wait. An opt-out stays on record, as a hash."
            ),
            "ll-text ll-soft",
        )
        with box("ll-acts ll-bottom"):
            self._typed = Entry(_("Type their name as shown at the top"), testid="typed-person")
            self._also = Pick(_("Erase them"), translated(ALSO), testid="erase-where")
            button(self._visit, _("Erase for good"), "person", self._erase, kind="danger", testid="erase")

    async def _person(self) -> Whom:
        visit = self._visit
        return await meant(visit.database, visit.leadline.directory.find, visit.workspace_id, self._contact_id)

    async def _count(self) -> None:
        counts = await self._persons.counts(await self._person())
        self._shown = Shown(counts=tuple((table, count) for table, count in counts.items() if count))

    async def _erase(self) -> str:
        profile = await self._profiles.now()
        if self._typed.value.strip() != profile.title:
            raise SettingError(
                _("Type the name, {name}, to erase this person. Nothing was erased.", name=profile.title)
            )
        person = await self._person()
        receipt = await self._persons.erase(person, now=datetime.now(UTC))
        deleted = await self._deleted(person) if self._also.value == "intercom" else None
        left = _("Intercom's own records were not touched.") if deleted is None else _gone(deleted)
        self._shown = Shown(receipt=(*map(retold, sentences(receipt)), left))
        self._profiles.again()
        return _("This person has been erased.")

    async def _deleted(self, person: Whom) -> list[str]:
        workspace = await self._visit.leadline.connections.workspaces.get(self._visit.workspace_id)
        return [one for one in person.contacts if await contacts.delete(workspace.client, one)]


def _gone(deleted: list[str]) -> str:
    return _("Deleted in Intercom: {what}.", what=", ".join(deleted) or _("nothing"))
