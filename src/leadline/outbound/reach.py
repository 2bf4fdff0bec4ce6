"""How a customer can be reached: on which channels, for how long still with free text, and whether they want it.

`sending.py` asks for a barrier before it sends; the Inbox app and the CLI show reaches.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from leadline.channels.base import Capabilities
from leadline.connections.switchboard import Connected, usable
from leadline.connections.workspaces import Workspaces
from leadline.directory.find import Find
from leadline.errors import LeadlineError
from leadline.identity import handles, phone_fields
from leadline.intercom import contacts
from leadline.model import Handle, Struct, Template, TemplateUse
from leadline.outbound.outbox import Target
from leadline.outbound.templates import Templates
from leadline.people.forgotten import names_of
from leadline.store.channels import ChannelStore
from leadline.store.database import Database
from leadline.store.queries import queries

log = structlog.get_logger(__name__)


class Reach(Struct, frozen=True, kw_only=True):
    """One way to one customer.

    handle: as conversations are kept by it. sender: the raw form the provider takes. window_left: seconds in which free
    text may still be sent, 0 when it is too late, None where the channel has no window.
    replies: how many messages the channel takes after each of the customer's, None where it does not count.
    replies_left: how many of them are left.
    conversation_id: the current or last one there; empty where they never wrote on this channel.
    """

    channel_id: int
    channel_name: str
    provider: str
    handle: str
    sender: str
    window_left: float | None = None
    replies: int | None = None
    replies_left: int | None = None
    opted_out: bool = False
    has_templates: bool = False
    conversation_id: str = ""


class Reaches:
    """Answers where a contact or a conversation can be reached."""

    def __init__(
        self, database: Database, channels: ChannelStore, workspaces: Workspaces, templates: Templates, find: Find
    ) -> None:
        self._database = database
        self._channels = channels
        self._workspaces = workspaces
        self._templates = templates
        self._find = find

    async def of_conversation(self, workspace_id: str, conversation_id: str) -> Reach | None:
        """Where replies in this conversation go; None when it is none of Leadline's or its channel was removed."""
        async with self._database.connection() as connection:
            row = await queries.conversation_by_id(
                connection, workspace_id=workspace_id, conversation_id=conversation_id
            )
        connected = await self._connected(workspace_id)
        if row is None or row["channel_id"] not in connected:
            return None
        return await self._reach(connected[row["channel_id"]], row["handle"], row["sender"], conversation_id)

    async def of_contact(self, workspace_id: str, contact_id: str) -> list[Reach]:
        """Every address the contact has written from, and the contact's phone on each channel of phones."""
        connected = await self._connected(workspace_id)
        async with self._database.connection() as connection:
            rows = [
                row
                async for row in queries.conversations_of_contact(
                    connection, workspace_id=workspace_id, contact_id=contact_id
                )
            ]
        found = [
            await self._reach(connected[row["channel_id"]], row["handle"], row["sender"], row["conversation_id"])
            for row in rows
            if row["channel_id"] in connected
        ]
        known = {(reach.channel_id, reach.handle) for reach in found}
        return found + await self._by_phone(workspace_id, contact_id, connected, known)

    async def of_address(self, connected: Connected, handle: Handle) -> Reach | None:
        """The way to one address on one channel; None where it can be written to there only after it wrote itself."""
        name, workspace_id = handles.name(handle), connected.workspace_id
        async with self._database.connection() as connection:
            row = await queries.latest_conversation(
                connection, workspace_id=workspace_id, channel_id=connected.channel_id, handle=name
            )
        if row is not None:
            conversation_id = row["conversation_id"] if row["ended_at"] is None else ""
            return await self._reach(connected, name, row["sender"], conversation_id)
        if not (handle.is_phone and connected.adapter.phone_based and connected.can.outbound):
            return None
        return await self._reach(connected, name, connected.adapter.recipient(handle.value), "")

    async def templates(self, workspace_id: str, channel_id: int) -> tuple[Template, ...]:
        """The approved templates of a channel; asked of the provider where none is kept yet."""
        approved = await self._templates.approved(workspace_id, channel_id)
        connected = (await self._connected(workspace_id)).get(channel_id)
        if approved or connected is None:
            return approved
        try:
            await self._templates.fetch(connected)
        except LeadlineError as error:
            log.warning("templates_not_synced", channel=connected.row.name, why=str(error))
        return await self._templates.approved(workspace_id, channel_id)

    async def barrier(self, connected: Connected, target: Target, *, template: TemplateUse | None) -> str:
        """Why nothing may be sent there now, as a reason code; empty when it may."""
        row = await self._standing(target.workspace_id, target.channel_id, target.handle)
        if row["refused_by"]:
            by_words = connected.adapter.phone_based or row["refused_by"] in ("word", "teammate", "api")
            return "opted_out" if by_words else "blocked_by_customer"
        if template is not None:
            return "opted_out" if row["no_marketing"] and await self._is_marketing(target, template) else ""
        left = window_left(connected.can, row["last_inbound"], row["now"])
        return "window_closed" if left == 0 else ""

    async def refused(self, workspace_id: str, channel_id: int, handle: str, about: str) -> None:
        """The provider says that this customer takes no messages: kept until they opt in again."""
        values = {"workspace_id": workspace_id, "channel_id": channel_id, "handles": [handle], "about": about}
        async with self._database.connection() as connection:
            superseded = queries.supersede_consents(connection, **values, state="out")
            changed = [row async for row in superseded]
            await queries.record_consents(
                connection, **values, state="out", source="provider", word="", arrival_id=None
            )
        log.info("refused_by_provider", channel=channel_id, about=about, opted_in_before=bool(changed))

    async def _is_marketing(self, target: Target, template: TemplateUse) -> bool:
        known = await self._templates.listed(target.workspace_id, target.channel_id)
        same = [each for each in known if (each.name, each.language) == (template.name, template.language)]
        return any(each.category.casefold() == "marketing" for each in same)

    async def _by_phone(
        self,
        workspace_id: str,
        contact_id: str,
        connected: Mapping[int, Connected],
        known: set[tuple[int, str]],
    ) -> list[Reach]:
        """The phones on the contact from which nobody wrote yet."""
        channels = [each for each in connected.values() if each.adapter.phone_based and each.can.outbound]
        if not channels:
            return []
        contact = await contacts.get((await self._workspaces.get(workspace_id)).client, contact_id)
        if contact is None or not contact.phone:
            return []
        numbers = phone_fields.read(contact.phone, region=await self._find.region(workspace_id))
        named = {handles.name(Handle("tel", number)): number for number in numbers}
        return [
            await self._reach(each, name, each.adapter.recipient(number), "")
            for name, number in named.items()
            for each in channels
            if (each.channel_id, name) not in known
        ]

    async def _reach(self, connected: Connected, handle: str, sender: str, conversation_id: str) -> Reach:
        row = await self._standing(connected.workspace_id, connected.channel_id, handle)
        can = connected.adapter.abilities(connected.settings)
        return Reach(
            channel_id=connected.channel_id,
            channel_name=connected.row.name,
            provider=connected.row.provider,
            handle=handle,
            sender=sender,
            window_left=window_left(can, row["last_inbound"], row["now"]),
            replies=can.replies,
            replies_left=await self._replies_left(connected, sender, row["last_inbound"]),
            opted_out=bool(row["refused_by"]),
            has_templates=can.templates,
            conversation_id=conversation_id,
        )

    async def _replies_left(self, connected: Connected, sender: str, last_inbound: float | None) -> int | None:
        """Where the channel counts replies: all it takes, less what it got since the customer's last message."""
        if (allowed := connected.can.replies) is None:
            return None
        async with self._database.connection() as connection:
            row = await queries.given_since(
                connection,
                workspace_id=connected.workspace_id,
                channel_id=connected.channel_id,
                sender=sender,
                since=last_inbound or 0.0,
            )
        return max(0, allowed - int(row["given"]))

    async def _standing(self, workspace_id: str, channel_id: int, handle: str) -> Mapping[str, Any]:
        async with self._database.connection() as connection:
            names = await names_of(connection, workspace_id, [handle])
            row: Mapping[str, Any] = await queries.standing(
                connection, workspace_id=workspace_id, channel_id=channel_id, handle=handle, names=names
            )
        return row

    async def _connected(self, workspace_id: str) -> dict[int, Connected]:
        return {each.channel_id: each for each in usable(await self._channels.listed(workspace_id))}


def window_left(can: Capabilities, last_inbound: float | None, now: float) -> float | None:
    """Seconds in which free text may still be sent; None where there is no window, 0 where nobody ever wrote."""
    if can.window is None:
        return None
    return 0.0 if last_inbound is None else max(0.0, last_inbound + can.window - now)
