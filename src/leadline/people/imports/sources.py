"""What an import reads: which attributes of contacts, and which channels are connected. `work.py` asks."""

from __future__ import annotations

from collections.abc import Sequence

from leadline.connections.switchboard import Connected, usable
from leadline.connections.workspaces import Workspaces
from leadline.errors import SettingError, meant
from leadline.intercom.attributes import names_of_contacts
from leadline.model import Handle, Struct
from leadline.people.imports import octopods
from leadline.people.imports.reading import Source, Way
from leadline.store.channels import ChannelStore
from leadline.store.database import Database
from leadline.store.queries import queries


class Asked(Struct, frozen=True, kw_only=True):
    """What an import reads: the attribute that marks contacts, and those that hold ids."""

    mark: str = octopods.MARK
    sources: tuple[Source, ...] = ()


class Sources:
    """Looks them up, for every workspace."""

    def __init__(self, database: Database, workspaces: Workspaces, channels: ChannelStore) -> None:
        self._database = database
        self._workspaces = workspaces
        self._channels = channels

    async def resolve(self, workspace_id: str, mark: str, named: Sequence[Source]) -> Asked:
        """What is to be read, checked against the attributes that contacts have here. Raises SettingError.

        Attributes of Octopods that nobody named come along where their name says of which channel they are.
        """
        known = await names_of_contacts((await self._workspaces.get(workspace_id)).client)
        for name in (mark, *(source.attribute for source in named)):
            if name not in known:
                raise SettingError(f"Contacts have no attribute '{name}' in Intercom. {meant(name, known)}")
        ways = await self.ways(workspace_id)
        more = []
        for name in octopods.likely(sorted(known - {source.attribute for source in named})):
            found = [way.channel_id for way in ways if way.scheme == octopods.scheme_of(name)]
            more += [Source(attribute=name, channel_id=found[0])] if len(found) == 1 else []
        return Asked(mark=mark, sources=(*named, *more))

    async def ways(self, workspace_id: str) -> list[Way]:
        """The channels that are connected."""
        return [await self._way(each) for each in usable(await self._channels.listed(workspace_id))]

    async def _way(self, connected: Connected) -> Way:
        adapter, row = connected.adapter, connected.row
        if adapter.phone_based:
            return Way(channel_id=row.channel_id, name=row.name, scheme=octopods.TEL)
        return Way(
            channel_id=row.channel_id,
            name=row.name,
            scheme=adapter.scheme,
            scope=adapter.scope(connected.settings) or await self._scope_heard(connected),
            ids=adapter.customer_ids,
        )

    async def _scope_heard(self, connected: Connected) -> str:
        """As the channel's own messages told it; empty before the first one came."""
        key = {"workspace_id": connected.workspace_id, "channel_id": connected.channel_id}
        async with self._database.connection() as connection:
            row = await queries.scope_heard(connection, **key, scheme=connected.adapter.scheme)
        return Handle.parse(row["handle"]).scope if row else ""
