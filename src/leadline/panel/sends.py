"""Messages that a teammate begins in the panel: a template, or a text to another address. `desk.py` calls it.

Each form has a name of its own in its stored data, so that a form that is sent twice is one message.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from leadline.intercom import inbox_app, inbox_send
from leadline.intercom.canvas import Canvas
from leadline.intercom.inbox_requests import PanelRequest
from leadline.intercom.inbox_views import Form, Outcome
from leadline.intercom.wire import text
from leadline.model import Template, TemplateUse
from leadline.outbound import NoTemplate, NotSent, Proactive, Reach
from leadline.outbound.filling import label, proposed
from leadline.panel.facts import Facts, line_of

GONE = "This address is no longer connected. Go back and choose another one."
OPENED = "It is in a new conversation in the Inbox."
OPENED_LATER = "A new conversation in the Inbox shows it as soon as Intercom takes it."
ON_ITS_WAY = "The message is on its way. “Sent messages” shows whether it arrives. If it fails, a note says why."


class Sends:
    """The screens of sending."""

    def __init__(self, proactive: Proactive, facts: Facts) -> None:
        self._proactive = proactive
        self._facts = facts

    async def addresses(self, request: PanelRequest) -> Canvas:
        """Where else this contact can be reached."""
        others = await self._facts.others(request)
        if not others:
            return inbox_app.trouble("This contact has no other address on a channel of Leadline.")
        return inbox_send.addresses([line_of(reach) for reach in others])

    async def compose(self, request: PanelRequest) -> Canvas:
        """A message to the address that was pressed."""
        reach = await self._reach(request, request.component_id.partition(":")[2])
        return inbox_send.compose(line_of(reach), _named(reach)) if reach else inbox_app.trouble(GONE)

    async def templates(self, request: PanelRequest) -> Canvas:
        """Approved templates of the address in hand, or of this conversation's."""
        reach = await self._reach(request, request.kept("to"))
        if reach is None:
            return inbox_app.trouble(GONE)
        approved = await self._facts.templates(request, reach)
        wanted = request.value("wanted").casefold()
        shown = [each for each in approved if wanted in f"{each.name} {each.body}".casefold()][: inbox_send.SHOWN]
        stored = {"to": line_of(reach).key, "shown": [[each.name, each.language, each.ref] for each in shown]}
        rows = [(each.name, each.language, each.body) for each in shown]
        return inbox_send.templates(rows, stored, wanted=request.value("wanted"), total=len(approved))

    async def template(self, request: PanelRequest) -> Canvas:
        """The form of the template that was pressed."""
        shown, number = request.stored.get("shown"), request.component_id.partition(":")[2]
        keys = shown if isinstance(shown, list) else []
        if not number.isdecimal() or int(number) >= len(keys):
            return await self.templates(request)
        reach = await self._reach(request, request.kept("to"))
        found = await self._template(request, reach, keys[int(number)])
        if reach is None or found is None:
            return inbox_app.trouble("This template is no longer approved.", again="templates")
        values = proposed(found, request.contact)
        return inbox_send.fill(_form(found, values), _named(reach) | {"template": keys[int(number)]})

    async def look(self, request: PanelRequest) -> Canvas:
        """The template with what was typed so far."""
        reach = await self._reach(request, request.kept("to"))
        found = await self._template(request, reach, request.stored.get("template"))
        if found is None:
            return inbox_app.trouble("This template is no longer approved.", again="templates")
        return inbox_send.fill(_form(found, _typed(request, found)), request.stored)

    async def send(self, request: PanelRequest) -> Canvas:
        """Send what is filled in or typed, with a conversation of its own where that was pressed."""
        reach = await self._reach(request, request.kept("to"))
        if reach is None:
            return inbox_app.trouble(GONE)
        if request.kept("screen") == "fill":
            return await self._send_template(request, reach)
        typed = request.value("text")
        if not typed:
            return inbox_send.compose(line_of(reach), request.stored, complaint="Write a message first.")
        try:
            return await self._sent(request, reach, text=typed)
        except NotSent as refusal:
            return inbox_send.compose(line_of(reach), _named(reach), typed=typed, complaint=str(refusal))

    async def _send_template(self, request: PanelRequest, reach: Reach) -> Canvas:
        found = await self._template(request, reach, request.stored.get("template"))
        if found is None:
            return inbox_app.trouble("This template is no longer approved.", again="templates")
        values = _typed(request, found)
        stored = _named(reach) | {"template": request.stored.get("template")}
        if not all(values):
            return inbox_send.fill(_form(found, values), stored, complaint="Fill in every variable.")
        use = TemplateUse(
            name=found.name, language=found.language, ref=found.ref, variables=found.variables, values=values
        )
        try:
            return await self._sent(request, reach, template=use)
        except (NotSent, NoTemplate) as refusal:
            return inbox_send.fill(_form(found, values), stored, complaint=str(refusal))

    async def _sent(
        self, request: PanelRequest, reach: Reach, *, text: str = "", template: TemplateUse | None = None
    ) -> Canvas:
        opens = request.component_id == "send_open"
        conversation = await self._proactive.begin(
            request.workspace_id,
            reach,
            text=text,
            template=template,
            author=request.author,
            author_id=request.admin_id,
            open_conversation=opens,
            contact_id=request.contact.contact_id if request.contact else "",
            once=request.kept("once"),
        )
        opened = (OPENED if conversation else OPENED_LATER,) if opens else ()
        return inbox_app.outcome(Outcome(title="Message sent", sentences=(ON_ITS_WAY, *opened), more="sent"))

    async def _reach(self, request: PanelRequest, key: str) -> Reach | None:
        """The address of this key; without a key, that of this conversation."""
        own = await self._facts.reach(request)
        if own and key in ("", line_of(own).key):
            return own
        return next((reach for reach in await self._facts.others(request) if line_of(reach).key == key), None)

    async def _template(self, request: PanelRequest, reach: Reach | None, key: object) -> Template | None:
        """The template of this name, language and provider's id."""
        if reach is None or not isinstance(key, list):
            return None
        wanted = tuple(map(text, key))
        approved = await self._facts.templates(request, reach)
        return next((each for each in approved if (each.name, each.language, each.ref) == wanted), None)


def _named(reach: Reach) -> dict[str, Any]:
    """What a form stores: where it goes, and its own name."""
    return {"to": line_of(reach).key, "once": secrets.token_hex(12)}


def _typed(request: PanelRequest, template: Template) -> tuple[str, ...]:
    return tuple(request.value(f"variable:{number}") for number in range(len(template.variables)))


def _form(template: Template, values: Sequence[str] = ()) -> Form:
    return Form(
        name=template.name,
        language=template.language,
        body=template.filled(tuple(values)),
        labels=tuple(map(label, template.variables)),
        values=tuple(values),
    )
