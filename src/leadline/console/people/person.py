"""`/console/people/<contact>`: everything about one person, and what can be done."""

from __future__ import annotations

from nicegui import ui

from leadline.console.drawing import box, outside, text
from leadline.console.language import _
from leadline.console.people.addresses import Addresses
from leadline.console.people.changes import Changes
from leadline.console.people.profile import Profile, Profiles
from leadline.console.people.rights import Rights
from leadline.console.people.talks import Talks
from leadline.console.shell import Section, Visit
from leadline.console.shell.contact import ROLES
from leadline.console.shown import reasons_shown
from leadline.store.queries import queries

SHOWN = 100  # addresses


class Person:
    """The page."""

    def __init__(self, visit: Visit, contact_id: str, channels: dict[int, str]) -> None:
        self._visit = visit
        self._contact_id = contact_id
        self._profiles = Profiles(visit, contact_id)
        self._who: Section[tuple[Profile, str]] = Section(_("Who it is"), self._draw_who, testid="who-it-is")
        self._addresses = Addresses(visit, contact_id)
        self._talks = Talks(visit, contact_id, channels)
        self._changes = Changes(visit, contact_id)
        self._rights = Rights(visit, contact_id, self._profiles)

    async def refresh(self) -> None:
        """Show what changed."""
        visit = self._visit
        linked = await visit.rows(queries.addresses_of_contacts, contact_ids=[self._contact_id], most=SHOWN)
        ever = [row["handle"] for row in await visit.rows(queries.handles_ever_of, contact_id=self._contact_id)]
        doubts = ",".join(dict.fromkeys(code for row in linked for code in row["doubt"].split(",") if code))
        self._who.show((await self._profiles.now(), reasons_shown(doubts)))
        self._addresses.show(linked)
        await self._talks.refresh(ever)
        await self._changes.refresh(ever)
        self._rights.show()

    def _draw_who(self, shown: tuple[Profile, str]) -> None:
        profile, doubts = shown
        with box("ll-padded ll-stack ll-gap"):
            if not profile.role:
                text(_("Neither Intercom nor the directory knows a contact of this id."), testid="nobody-known")
                return
            self._draw_name(profile)
            if profile.contact_id != self._contact_id:
                with box("ll-acts", testid="merged-into"):
                    text(_("This contact was merged. It goes on as"))
                    ui.link(profile.title, f"/console/people/{profile.contact_id}")
            if doubts:
                with box("ll-acts"):
                    text(_("in doubt"), "ll-tag warn")
                    text(doubts, "ll-soft ll-text")
                    ui.link(_("Decide under Doubts"), "/console/doubts")
        self._draw_facts(profile)

    def _draw_name(self, profile: Profile) -> None:
        with box("ll-acts"):
            text(profile.title, "ll-big", testid="name")
            text(_(ROLES.get(profile.role, profile.role)), f"ll-tag {profile.role}")
            if profile.archived:
                text(_("archived"), "ll-tag bad")
            if page := self._visit.contact_link(profile.contact_id):
                outside(_("Open in Intercom"), page)
            if self._visit.seat.may("merge"):
                merge = ui.link(_("Merge with…"), f"/console/people/{profile.contact_id}/merge").classes("ll-button")
                merge.props.update({"data-key": "m", "data-testid": "merge-with"})
            if self._visit.seat.may("send"):
                send = ui.link(_("Send a template…"), f"/console/people/{profile.contact_id}/template")
                send.classes("ll-button").props["data-testid"] = "send-template"

    def _draw_facts(self, profile: Profile) -> None:
        facts = [(_("E-mail"), profile.email), *((_("Phone"), one) for one in profile.phones)]
        facts += [
            (_("User id"), profile.external_id),
            (_("Intercom's id"), profile.contact_id),
            (_("Known from"), profile.source),
        ]
        with box("ll-facts", "dl"):
            for name, value in facts:
                if value:
                    with box("", "dt"):
                        text(name)
                    with box("", "dd"):
                        text(value, "ll-text")


async def draw(visit: Visit) -> None:
    """The page."""
    rows = await visit.leadline.channels.listed(visit.workspace_id)
    ui.link(_("← All people"), "/console/people")
    person = Person(visit, visit.param("contact"), {row.channel_id: row.name for row in rows})
    visit.refresh = person.refresh
    await person.refresh()
