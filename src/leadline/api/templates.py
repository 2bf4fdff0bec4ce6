"""`GET /templates` and `POST /templates/preview`: what a channel's templates ask for, and one of them filled in."""

from __future__ import annotations

from leadline.api.channels import ChannelDesk
from leadline.api.endpoint import Call
from leadline.api.problems import Problem
from leadline.api.send_shapes import (
    FilledTemplate,
    TemplatePreview,
    TemplateQuery,
    Templates,
    TemplateShape,
    VariableShape,
)
from leadline.model import Candidate, Template
from leadline.outbound import Reaches
from leadline.outbound.filling import completed, label, unfit
from leadline.outbound.templates import template_by_name
from leadline.people import Corrections, People, owners
from leadline.store.database import Database


class TemplateDesk:
    """Shows templates to the workspace that asks; sends nothing."""

    def __init__(
        self, database: Database, channels: ChannelDesk, corrections: Corrections, reaches: Reaches, people: People
    ) -> None:
        self._database = database
        self._channels = channels
        self._corrections = corrections
        self._reaches = reaches
        self._people = people

    async def listed(self, call: Call) -> Templates:
        """The approved templates of a channel. Raises Problem."""
        query: TemplateQuery = call.query
        return Templates(templates=tuple(map(_shape, await self._approved(call.workspace_id, query.channel))))

    async def preview(self, call: Call) -> FilledTemplate:
        """One template with the given values, and the contact's where none is given. Raises Problem, NoTemplate."""
        asked: TemplatePreview = call.body
        approved = await self._approved(call.workspace_id, asked.channel)
        template = template_by_name(approved, asked.template.name, asked.template.language)
        values = completed(template, asked.template.values, await self._contact(call, asked.address))
        wanted = zip(template.variables, values, strict=True)
        missing = tuple(_variable(name) for name, value in wanted if unfit(name, value))
        return FilledTemplate(text=template.filled(values), values=values, missing=missing)

    async def _approved(self, workspace_id: str, channel: str) -> tuple[Template, ...]:
        connected = await self._channels.by_name(workspace_id, channel)
        return await self._reaches.templates(workspace_id, connected.channel_id)

    async def _contact(self, call: Call, address: str) -> Candidate | None:
        """Whom the address is linked to; a key that may not ask whose it is gets no name either."""
        if not address:
            return None
        if "contacts" not in call.key.scopes:
            raise Problem(
                403, "no_scope", "Values of a contact are for keys with the scope `contacts`. Leave `address` out."
            )
        name = await self._corrections.read_handle(call.workspace_id, address)
        async with self._database.connection() as connection:
            found = await owners(connection, call.workspace_id, [name])
        return await self._people.current(call.workspace_id, found.pop()) if found else None


def _shape(template: Template) -> TemplateShape:
    return TemplateShape(
        name=template.name,
        language=template.language,
        category=template.category,
        text=template.body,
        variables=tuple(map(_variable, template.variables)),
    )


def _variable(name: str) -> VariableShape:
    return VariableShape(name=name, asks=label(name))
