"""Consents: read, and set by another system. What is set holds at once; the worker tells the teammates."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from leadline.api.channels import ChannelDesk
from leadline.api.endpoint import Call
from leadline.api.shapes import ConsentQuery, Consents, SetConsent
from leadline.connections.switchboard import Connected
from leadline.engine.arrival import NewArrival, Raw
from leadline.engine.keep import Keeper
from leadline.identity import handles
from leadline.inbound.consents import Said, record
from leadline.model import Consent, Handle
from leadline.people import Corrections
from leadline.people.forgotten import names_of
from leadline.store.database import Database
from leadline.store.queries import queries
from leadline.tracing import new_id

Row = dict[str, Any]


class ConsentDesk:
    """Who takes messages, in the workspace that asks."""

    def __init__(self, database: Database, keeper: Keeper, channels: ChannelDesk, corrections: Corrections) -> None:
        self._database = database
        self._keeper = keeper
        self._channels = channels
        self._corrections = corrections

    async def read(self, call: Call) -> Consents:
        """What is on record of an address on a channel. Raises Problem, BadHandle."""
        query: ConsentQuery = call.query
        connected = await self._channels.by_name(call.workspace_id, query.channel)
        return await self._of(connected, await self._corrections.read_handle(call.workspace_id, query.address))

    async def set(self, call: Call) -> Consents:
        """Put it on record, and keep the work of telling the teammates, in one commit. Raises Problem, BadHandle."""
        asked: SetConsent = call.body
        connected = await self._channels.by_name(call.workspace_id, asked.channel)
        name = await self._corrections.read_handle(call.workspace_id, asked.address)
        handle, dedupe = Handle.parse(name), f"consent:{new_id().hex}"
        kept = Consent(provider_id=dedupe, handles=(handle,), state=asked.state, about=asked.about, recorded=True)
        content = msgspec.json.encode(kept)
        raw = Raw(channel_id=connected.channel_id, method="LEADLINE", url=dedupe, headers={}, body=content)
        arrival = NewArrival(
            source="leadline",
            dedupe=dedupe,
            kind="consent",
            lane=handles.lane([handle], whatsapp=connected.whatsapp),
            content=content.decode(),
            channel_id=connected.channel_id,
        )
        async with self._database.connection() as connection:
            await self._keeper.keep_in(connection, call.workspace_id, raw, [arrival])
            row = await queries.api_arrival(connection, workspace_id=call.workspace_id, dedupe=dedupe)
            said = Said(state=asked.state, source="api", about=asked.about, arrival_id=row["arrival_id"])
            await record(connection, call.workspace_id, connected.channel_id, [name, *_lane(arrival, name)], said)
            await queries.note_act(
                connection,
                workspace_id=call.workspace_id,
                act=f"consent.{asked.state}",
                subject=name,
                detail=msgspec.json.encode({"channel": connected.channel_id, "about": asked.about}).decode(),
            )
        return await self._of(connected, name)

    async def _of(self, connected: Connected, name: str) -> Consents:
        workspace_id, channel_id = connected.workspace_id, connected.channel_id
        async with self._database.connection() as connection:
            names = await names_of(connection, workspace_id, [name])
            found = queries.api_consents(connection, workspace_id=workspace_id, channel_id=channel_id, handles=names)
            rows = {row["about"]: row async for row in found}
        last = max(rows.values(), key=lambda row: row["since"], default=None)
        everything = _state(rows, "everything")
        return Consents(
            address=name,
            channel_id=channel_id,
            everything=everything,
            marketing="out" if everything == "out" else _state(rows, "marketing"),
            source=last["source"] if last else "",
            since=last["since"] if last else None,
        )


def _state(rows: dict[str, Row], about: str) -> Literal["in", "out"]:
    row = rows.get(about)
    return "out" if row and row["state"] == "out" else "in"


def _lane(arrival: NewArrival, name: str) -> list[str]:
    """The address under which the customer's conversations stand, where it is another one."""
    return [arrival.lane] if arrival.lane != name else []
