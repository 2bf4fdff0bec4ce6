"""The templates a provider has approved: listed from it, kept, found by name. Used by reach.py, sending.py, the CLI."""

from __future__ import annotations

import msgspec
from psycopg.types.json import Jsonb

from leadline.connections.provider_calls import ProviderCalls
from leadline.connections.rounds import Rounds
from leadline.connections.switchboard import Connected
from leadline.errors import LeadlineError
from leadline.model import Struct, Template, TemplateUse
from leadline.outbound.filling import unfit
from leadline.store.database import Database
from leadline.store.queries import queries

APPROVED = "approved"


class NoTemplate(LeadlineError):
    """No single approved template is meant; the text names those there are."""


class Templates:
    """Templates by channel, as the provider listed them last."""

    def __init__(self, database: Database, calls: ProviderCalls, rounds: Rounds) -> None:
        self._database = database
        self._calls = calls
        self._rounds = rounds

    async def sync(self, connected: Connected, *, every: float = 0.0) -> bool:
        """Ask the provider unless that was done within `every` seconds; raises ProviderTrouble or Retry."""

        async def ask(_: float | None) -> None:
            await self._keep(connected, await self._calls.perform(connected.adapter.templates(connected.settings)))

        if not connected.can.templates:
            return False
        return await self._rounds.take(connected, "templates", every, ask)

    async def fetch(self, connected: Connected) -> None:
        """Ask the provider unless that was just done; wait where another process is asking. Raises as `sync` does."""
        if connected.can.templates and not await self.sync(connected, every=60.0):
            await self._rounds.settled(connected, "templates")

    async def listed(self, workspace_id: str, channel_id: int) -> tuple[Template, ...]:
        """All templates, whatever their status."""
        async with self._database.connection() as connection:
            rows = queries.templates(connection, workspace_id=workspace_id, channel_id=channel_id)
            return tuple([msgspec.convert(row["document"], Template) async for row in rows])

    async def approved(self, workspace_id: str, channel_id: int) -> tuple[Template, ...]:
        """Those that can be sent."""
        return tuple(each for each in await self.listed(workspace_id, channel_id) if each.status == APPROVED)

    async def _keep(self, connected: Connected, found: tuple[Template, ...]) -> None:
        key = {"workspace_id": connected.workspace_id, "channel_id": connected.channel_id}
        async with self._database.connection() as connection:
            await queries.forget_templates(connection, **key)
            for each in found:
                await queries.keep_template(
                    connection,
                    **key,
                    name=each.name,
                    language=each.language,
                    ref=each.ref,
                    document=Jsonb(msgspec.to_builtins(each)),
                )


class Chosen(Struct, frozen=True):
    """A template and what it is filled with; `text` is what the customer will read."""

    template: Template
    use: TemplateUse

    @property
    def text(self) -> str:
        return self.template.filled(self.use.values)


def choose(
    templates: tuple[Template, ...], name: str, language: str = "", values: tuple[str, ...] | None = None
) -> Chosen:
    """The approved template of this name, filled in with these values; raises NoTemplate."""
    template, given = template_by_name(templates, name, language), values or ()
    if len(given) != len(template.variables):
        wanted = ", ".join(template.variables) or "none"
        raise NoTemplate(
            f"Template {template.name} has {len(template.variables)} variables ({wanted}), "
            f"but {len(given)} values are given"
        )
    if wrong := " ".join(filter(None, map(unfit, template.variables, given))):
        raise NoTemplate(f"Template {template.name} cannot be filled in. {wrong}")
    use = TemplateUse(
        name=template.name, language=template.language, ref=template.ref, variables=template.variables, values=given
    )
    return Chosen(template, use)


def template_by_name(templates: tuple[Template, ...], name: str, language: str = "") -> Template:
    """The one of this name (and language, where several have the name); raises NoTemplate."""
    found = [each for each in templates if name in (each.name, each.ref) and language in ("", each.language)]
    if len(found) != 1:
        known = ", ".join(shown(each) for each in templates) or "none"
        wanted = f"{name} ({language})" if language else name
        raise NoTemplate(f"{len(found) or 'No'} approved templates are called '{wanted}'. Approved: {known}")
    return found[0]


def shown(template: Template) -> str:
    """A template's name and language for people."""
    return f"{template.name} ({template.language})" if template.language else template.name
