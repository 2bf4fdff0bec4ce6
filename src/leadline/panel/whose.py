"""Whose an address is, through the panel: "not this person", "another person", why not somebody, and taking it back.

`desk.py` calls it.
"""

from __future__ import annotations

from leadline.errors import BadHandle
from leadline.identity.words import address
from leadline.intercom import inbox_app, inbox_merge
from leadline.intercom.canvas import Canvas
from leadline.intercom.inbox_requests import PanelRequest
from leadline.intercom.inbox_views import Outcome, Record
from leadline.panel.facts import Facts
from leadline.panel.records import correction_record, hit_of, number_of
from leadline.panel.sources import Sources
from leadline.people import Correction, CorrectionRefused

NO_ADDRESS = "Leadline does not know the address of this conversation, so there is nothing to correct."
BACK = ("The next messages go where they went before.",)


class Whose:
    """Corrects whose an address is; nothing in Intercom is changed by it."""

    def __init__(self, sources: Sources, facts: Facts) -> None:
        self._corrections = sources.corrections
        self._merging = sources.merging
        self._left_out = sources.left_out
        self._facts = facts

    async def why_not(self, request: PanelRequest, contact_id: str) -> Canvas:
        """Why the sender was not linked to this contact."""
        deciding = await self._facts.deciding(request)
        if deciding is None:
            return inbox_app.trouble("Nothing is on record of why this contact was chosen.")
        told = await self._left_out.why(request.workspace_id, deciding, contact_id)
        return inbox_app.outcome(Outcome(title="Why not this contact?", sentences=told))

    async def ask_detach(self, request: PanelRequest) -> Canvas:
        """What "not this person" would do."""
        line = await self._facts.line(request)
        if line is None:
            return inbox_app.trouble(NO_ADDRESS)
        name = inbox_app.clip(request.contact.name if request.contact else "", 80) or "this contact"
        return inbox_merge.confirm_detach(line.address, name, {"handle": line.handle})

    async def detach(self, request: PanelRequest) -> Canvas:
        """Take the address from its contact."""
        try:
            done = await self._corrections.detach(request.workspace_id, request.kept("handle"), author=request.author)
        except (CorrectionRefused, BadHandle) as refusal:
            return inbox_app.trouble(str(refusal))
        sentence = f"The next message from {address(done.handle)} creates a new lead, in a conversation of its own."
        return _done(done, sentence)

    async def ask_attach(self, request: PanelRequest, contact_id: str) -> Canvas:
        """What giving the address to this contact would do."""
        line = await self._facts.line(request)
        found = await self._merging.find(request.workspace_id, contact_id)
        if line is None or not found:
            return inbox_app.trouble("This contact is no longer in Intercom." if line else NO_ADDRESS)
        stored = {"handle": line.handle, "into": found[0].contact_id}
        return inbox_merge.confirm_attach(line.address, hit_of(found[0]), stored)

    async def attach(self, request: PanelRequest) -> Canvas:
        """Give the address to the chosen contact."""
        return await self._attached(
            request,
            request.kept("handle"),
            request.kept("into"),
            "The next messages from {} go to the contact you chose.",
        )

    async def approve(self, request: PanelRequest) -> Canvas:
        """The contact that was in doubt is the right one."""
        line = await self._facts.line(request)
        if line is None or request.contact is None:
            return inbox_app.trouble(NO_ADDRESS)
        return await self._attached(
            request,
            line.handle,
            request.contact.contact_id,
            "{} belongs to this contact. Leadline will not ask again.",
        )

    async def _attached(self, request: PanelRequest, handle: str, contact_id: str, sentence: str) -> Canvas:
        try:
            done = await self._corrections.attach(request.workspace_id, handle, contact_id, author=request.author)
        except (CorrectionRefused, BadHandle) as refusal:
            return inbox_app.trouble(str(refusal))
        return _done(done, sentence.format(address(done.handle)))

    async def ask_undo(self, request: PanelRequest) -> Canvas:
        """What taking a correction back would do."""
        number = number_of(request.component_id)
        contact_id = request.contact.contact_id if request.contact else ""
        listed = await self._corrections.listed(request.workspace_id, contact_id=contact_id)
        found = next((one for one in listed if one.correction_id == number), None)
        title = correction_record(found, contact_id).title if found else f"Correction {number}"
        record = Record(key=f"uncorrect:{number}", title=title, author="", at=0)
        return inbox_merge.confirm_undo(record, BACK, {"undo": record.key})

    async def undo(self, request: PanelRequest) -> Canvas:
        """Take a correction back."""
        try:
            await self._corrections.undo(request.workspace_id, number_of(request.kept("undo")), author=request.author)
        except CorrectionRefused as refusal:
            return inbox_app.trouble(str(refusal), title="Not undone")
        return inbox_app.outcome(Outcome(title="Undone", sentences=BACK))


def _done(done: Correction, sentence: str) -> Canvas:
    return inbox_app.outcome(Outcome(title="Done", sentences=(sentence,), undo=f"uncorrect:{done.correction_id}"))
