"""`/console/people/<contact>/template`: choose a template and where it goes, fill it in, see it filled in, send it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from nicegui import ui

from leadline.console.drawing import box, shorten, text
from leadline.console.language import _
from leadline.console.retold import retold
from leadline.console.shell import Column, Entry, Section, Table, Visit, button
from leadline.console.shell.acts import plain_button
from leadline.errors import LeadlineError
from leadline.identity.words import address
from leadline.model import Candidate, Template, TemplateUse
from leadline.outbound import Reach
from leadline.outbound.filling import label, proposed

SHOWN = 200  # characters of a template in the list
Way = tuple[Reach, Template]


class Writing:
    """One template on its way to one contact."""

    def __init__(self, visit: Visit, contact: Candidate, reach: Reach, template: Template) -> None:
        self._visit = visit
        self._contact = contact
        self._reach = reach
        self._template = template
        self._once = secrets.token_hex(12)
        values = proposed(template, contact)
        self._look: Section[str] = Section(_("What the customer will read"), _draw_look, testid="look")
        with box("ll-pane ll-padded ll-stack ll-gap", "section", testid="fill"):
            where = {"address": address(reach.handle), "channel": reach.channel_name}
            text(_("{template} to {address} on {channel}", template=template.name, **where), "ll-text")
            self._fields = [
                Entry(retold(label(name)), testid=f"variable-{at}", value=value)
                for at, (name, value) in enumerate(zip(template.variables, values, strict=True))
            ]
            with box("ll-acts"):
                if self._fields:
                    plain_button(_("Show it filled in"), self._show, testid="show")
                button(visit, _("Send"), "send", self._send, kind="strong", testid="send")
        self._done: Section[str] = Section("", _draw_done, testid="done")
        self._look.show(template.filled(values))

    def _values(self) -> tuple[str, ...]:
        return tuple(field.value.strip() for field in self._fields)

    async def _show(self) -> None:
        self._look.show(self._template.filled(self._values()))

    async def _send(self) -> str:
        """Keep it for sending; pressed again it is the same message. Raises NotSent, NoTemplate."""
        visit, template = self._visit, self._template
        use = TemplateUse(name=template.name, language=template.language, ref=template.ref, values=self._values())
        await self._show()
        conversation_id = await visit.leadline.proactive.begin(
            visit.workspace_id,
            self._reach,
            template=use,
            author=visit.seat.email,
            contact_id=self._contact.contact_id,
            once=self._once,
        )
        self._done.show(visit.conversation_link(conversation_id) if conversation_id else "")
        return _("It is on its way. The page Replies shows whether it arrives.")


async def draw(visit: Visit) -> None:
    """The page: the templates to choose from, or the one that was chosen."""
    contact_id = visit.param("contact")
    ui.link(_("← The person"), f"/console/people/{contact_id}")
    try:
        contact = await visit.leadline.people.current(visit.workspace_id, contact_id)
    except LeadlineError as trouble:
        text(_("Intercom could not be asked: {why}", why=retold(str(trouble))), "ll-empty", testid="not-asked")
        return
    if contact is None:
        text(_("Intercom no longer has a contact with this ID."), "ll-empty", testid="gone")
        return
    ways = await _ways(visit, contact)
    chosen = next((way for way in ways if _key(way) == visit.param("use")), None)
    if chosen is None:
        _draw_choice(visit, ways)
        return
    ui.link(_("Choose another template"), visit.request.url.path)
    Writing(visit, contact, *chosen)


async def _ways(visit: Visit, contact: Candidate) -> list[Way]:
    """Every approved template on every channel that reaches the contact and has templates."""
    reaches = await visit.leadline.reaches.of_contact(visit.workspace_id, contact.contact_id)
    found: list[Way] = []
    for reach in reaches:
        if reach.has_templates and not reach.opted_out:
            approved = await visit.leadline.reaches.templates(visit.workspace_id, reach.channel_id)
            found += [(reach, template) for template in approved]
    return found


def _draw_choice(visit: Visit, ways: Sequence[Way]) -> None:
    table: Table[Way] = Table(
        [
            Column(_("Template"), lambda way: _draw_name(visit, way), "26%"),
            Column(_("Text"), lambda way: text(shorten(way[1].body, SHOWN), "ll-text")),
            Column(_("To"), lambda way: _draw_way(way[0]), "24%"),
        ],
        _key,
        title=_("Templates that can be sent to this person"),
        empty=_("No channel with approved templates reaches this person."),
        testid="templates",
        row="template",
    )
    table.show(list(ways))


def _draw_name(visit: Visit, way: Way) -> None:
    ui.link(way[1].name, visit.here(use=_key(way)))
    text(way[1].language, "ll-tag plain")


def _draw_way(reach: Reach) -> None:
    text(_("{address} on {channel}", address=address(reach.handle), channel=reach.channel_name))


def _key(way: Way) -> str:
    reach, template = way
    return "|".join((str(reach.channel_id), reach.handle, template.name, template.language, template.ref))


def _draw_look(shown: str) -> None:
    with box("ll-padded"):
        text(shown or _("This template has no text."), "ll-text", testid="shown")


def _draw_done(link: str) -> None:
    with box("ll-acts ll-padded"):
        text(_("It is on its way."))
        ui.link(_("See the replies"), "/console/replies")
        if link:
            ui.link(_("The conversation"), link, new_tab=True)
