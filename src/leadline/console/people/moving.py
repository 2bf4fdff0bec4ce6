"""`/console/people/<contact>/move?address=`: this address belongs to another contact, or to nobody known."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from leadline.console.drawing import box, text
from leadline.console.language import _
from leadline.console.people.choosing import Hit, choose
from leadline.console.retold import retold
from leadline.console.shell import Section, Visit, button
from leadline.identity.words import address
from leadline.people import Correction
from leadline.people.wording import outcome_of


class Moving:
    """One address. doubt: the number of the doubt that led here; None where none did."""

    def __init__(self, visit: Visit, handle: str) -> None:
        self._visit = visit
        self._handle = handle
        self._doubt = visit.number("doubt")
        self._done: Section[Correction | None] = Section("", self._draw_done, testid="done")

    async def draw(self) -> None:
        """Whom to choose from."""
        visit, contact_id = self._visit, self._visit.param("contact")
        entry = (await visit.leadline.directory.find.contact(visit.workspace_id, contact_id))[0]
        name = (entry.shown if entry else "") or _("this contact")
        with box("ll-acts"):
            words = _("Messages from {address} go to {name} now.", address=address(self._handle), name=name)
            ui.link(words, f"/console/people/{contact_id}").classes("ll-text")
            text(_("Whose are they?"))
        await choose(visit, contact_id, self._draw_take, keep=("address", "doubt"))
        with box("ll-acts"):
            ask = _("Is {address} nobody known? The next message creates a new lead.", address=address(self._handle))
            button(visit, _("Nobody known"), "correct", self._detach, ask=ask, testid="nobody")
            text(_("A new lead is made with the next message."), "ll-soft")

    def _draw_take(self, hit: Hit) -> None:
        name = hit.contact.name or _("this contact")
        ask = _(
            "Do messages from {address} belong to {name}? They go there from now on.",
            address=address(self._handle),
            name=name,
        )
        take = partial(self._attach, hit.contact.contact_id)
        button(self._visit, _("It is this one"), "correct", take, ask=ask, kind="strong", testid="take")

    async def _attach(self, contact_id: str) -> str:
        visit = self._visit
        made = await visit.leadline.corrections.attach(
            visit.workspace_id, self._handle, contact_id, author=visit.seat.email, doubted=self._doubt
        )
        return self._told(made)

    async def _detach(self) -> str:
        visit = self._visit
        made = await visit.leadline.corrections.detach(
            visit.workspace_id, self._handle, author=visit.seat.email, doubted=self._doubt
        )
        return self._told(made)

    def _told(self, made: Correction) -> str:
        self._doubt = None  # it is decided; whoever corrects once more means it
        self._done.show(made)
        return retold(outcome_of(made))

    def _draw_done(self, made: Correction | None) -> None:
        if made is None:
            return
        with box("ll-acts ll-padded"):
            text(retold(outcome_of(made)), "ll-text")
            if self._visit.param("doubt"):
                ui.link(_("Back to the doubts"), "/console/doubts")
            ui.link(_("The contact"), f"/console/people/{made.into_id or made.from_id}")


async def draw(visit: Visit) -> None:
    """The page."""
    handle = visit.param("address")
    if not handle:
        text(_("This page is opened from an address of a person."), "ll-empty")
        return
    await Moving(visit, handle).draw()
