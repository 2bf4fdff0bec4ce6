"""Who refuses messages: heard from the customer's word or the provider's, kept for each address, shown in Intercom.

`receive.py` asks it about every message; the worker calls `receive` for a provider's own word. `outbound/reach.py`
reads what is on record before anything is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import structlog

from leadline.channels import opt_out
from leadline.connections.switchboard import Connected, Switchboard
from leadline.connections.workspaces import Workspaces
from leadline.conversations import Threads
from leadline.engine.lanes import Arrival
from leadline.errors import Retry
from leadline.identity import handles as handle_rules
from leadline.intercom import contacts
from leadline.intercom.outcomes import IntercomError
from leadline.model import Consent, Handle, Inbound, Struct
from leadline.people import owners
from leadline.people.forgotten import names_of
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

ATTRIBUTE = "leadline_opted_out"
DESCRIPTION = "Channels on which the customer refuses messages, set by Leadline"
TRIES = 3
log = structlog.get_logger(__name__)


class Said(Struct, frozen=True, kw_only=True):
    """What was said about further messages, and how. source: `word`, `message`, `provider`, `teammate` or `api`."""

    state: Literal["out", "in"]
    source: str
    arrival_id: int | None = None
    about: str = "everything"
    word: str = ""


class Consents:
    """Keeps what customers want, and tells the teammates."""

    def __init__(self, database: Database, switchboard: Switchboard, workspaces: Workspaces, threads: Threads) -> None:
        self._database = database
        self._switchboard = switchboard
        self._workspaces = workspaces
        self._threads = threads

    async def hear(self, arrival: Arrival, message: Inbound, connected: Connected) -> bool:
        """Keep what a message says about further ones, before anything else is done with it.

        False where it says nothing, so that there is nothing to `show` either.
        """
        if state := meaning(message.text, connected):
            await self._keep(arrival, message.handles, state, source="word", word=message.text.strip())
        elif not connected.adapter.phone_based:
            # A customer who is said to have blocked the account, and writes all the same, takes answers.
            names = addresses_of(arrival, message.handles)
            async with self._database.connection() as connection:
                rows = queries.refusals_of(
                    connection, workspace_id=arrival.workspace_id, channel_id=arrival.channel_id, handles=names
                )
                blocked = [row async for row in rows if row["source"] == "provider"]
            if blocked:
                await self._keep(arrival, message.handles, "in", source="message")
        else:
            return False
        return True

    async def show(self, arrival: Arrival, connected: Connected, handles: Sequence[Handle]) -> None:
        """Tell the teammates what this arrival changed, if anything: a note, and the contact's attribute."""
        async with self._database.connection() as connection:
            rows = [
                row
                async for row in queries.consent_of_arrival(
                    connection, workspace_id=arrival.workspace_id, arrival_id=arrival.arrival_id
                )
                if row["about"] == "everything"
            ]
        if not rows:
            return
        row = rows[-1]
        text = (refused if row["state"] == "out" else agreed)(connected.row.name, row["word"], row["source"])
        if conversation := await self._conversation(arrival, handles):
            owner = f"consent:{arrival.arrival_id}"
            await self._threads.note(arrival.workspace_id, conversation["conversation_id"], owner, text)
        await self._mark(arrival, conversation, handles)

    async def noted(self, workspace_id: str, channel_id: int, handle: str, state: Literal["out", "in"]) -> bool:
        """A teammate notes what a customer told them elsewhere; False where it is on record already.

        What they sign for is noted in the audit. The contact's attribute follows.
        """
        async with self._database.connection() as connection:
            said = Said(state=state, source="teammate")
            if not await record(connection, workspace_id, channel_id, [handle], said):
                return False
            detail = msgspec.json.encode({"channel": channel_id}).decode()
            await queries.note_act(
                connection, workspace_id=workspace_id, act=f"consent.{state}", subject=handle, detail=detail
            )
        await self._write(workspace_id, await self._linked(workspace_id, [handle]), is_last=True)
        return True

    async def receive(self, arrival: Arrival) -> str:
        """A provider's own word on a customer, or another system's, in the lane of the customer's messages.

        Says what is on record now.
        """
        consent = msgspec.convert(arrival.content, Consent)
        connected = await self._switchboard.of_message(arrival.workspace_id, arrival.channel_id or 0)
        if not consent.recorded:
            await self._keep(arrival, consent.handles, consent.state, source="provider", about=consent.about)
        await self.show(arrival, connected, consent.handles)
        return f"on record: opted {consent.state} ({consent.about})"

    async def _keep(
        self,
        arrival: Arrival,
        handles: Sequence[Handle],
        state: Literal["out", "in"],
        *,
        source: str,
        word: str = "",
        about: str = "everything",
    ) -> None:
        async with self._database.connection() as connection:
            changed = await record(
                connection,
                arrival.workspace_id,
                arrival.channel_id or 0,
                addresses_of(arrival, handles),
                Said(state=state, source=source, word=word, about=about, arrival_id=arrival.arrival_id),
            )
        log.info("consent", arrival=arrival.arrival_id, state=state, source=source, about=about, changed=changed)

    async def _conversation(self, arrival: Arrival, handles: Sequence[Handle]) -> dict[str, Any] | None:
        async with self._database.connection() as connection:
            row: dict[str, Any] | None = await queries.open_conversation_of(
                connection,
                workspace_id=arrival.workspace_id,
                handles=addresses_of(arrival, handles),
                channel_id=arrival.channel_id,
            )
        return row

    async def _mark(self, arrival: Arrival, conversation: dict[str, Any] | None, handles: Sequence[Handle]) -> None:
        """Write the channels on which the contact refuses messages to its attribute; nobody's message waits for it."""
        workspace_id = arrival.workspace_id
        ids = await self._linked(workspace_id, addresses_of(arrival, handles))
        ids |= {conversation["contact_id"]} if conversation else set()
        await self._write(workspace_id, ids, is_last=arrival.attempts + 1 >= TRIES)

    async def _linked(self, workspace_id: str, names: Sequence[str]) -> set[str]:
        async with self._database.connection() as connection:
            return await owners(connection, workspace_id, names)

    async def _write(self, workspace_id: str, contact_ids: set[str], *, is_last: bool) -> None:
        """is_last: whether nobody tries again, so that Intercom's absence only leaves the attribute as it is."""
        client = (await self._workspaces.get(workspace_id)).client
        for contact_id in sorted(contact_ids):
            async with self._database.connection() as connection:
                rows = queries.refused_channels(connection, workspace_id=workspace_id, contact_id=contact_id)
                names = ", ".join([row["name"] async for row in rows])
            try:
                await contacts.update(client, contact_id, custom_attributes={ATTRIBUTE: names or None})
            except IntercomError as error:
                log.warning("consent_not_marked", contact=contact_id, why=str(error))
            except Retry:
                if not is_last:
                    raise


async def record(
    connection: Connection, workspace_id: str, channel_id: int, addresses: Sequence[str], said: Said
) -> int:
    """Put it on record for all addresses of a customer, in the caller's transaction; returns how many it changed.

    Consent is on record only where it ends a refusal. Whoever was erased may have refused before, under a hash.
    """
    values: dict[str, Any] = {
        "workspace_id": workspace_id, "channel_id": channel_id, "about": said.about, "state": said.state
    }  # fmt: skip
    known = await names_of(connection, workspace_id, addresses)
    former = [row["handle"] async for row in queries.supersede_consents(connection, **values, handles=known)]
    names = [*addresses] if said.state == "out" else former
    changed: int = await queries.record_consents(
        connection, **values, handles=names, source=said.source, word=said.word, arrival_id=said.arrival_id
    )
    return changed


def meaning(text: str, connected: Connected) -> Literal["out", "in"] | None:
    """What a text says about further messages on this channel. Only phone channels have such words: elsewhere people
    chat, block the account, and the provider tells.
    """
    if not connected.adapter.phone_based:
        return None
    return opt_out.meaning(text, sms=connected.is_sms)


def refused(channel_name: str, word: str, source: str = "") -> str:
    """The customer wants no messages any more."""
    if source == "api":
        return (
            f"Another system says that the customer opted out of {channel_name}. Leadline sends nothing there until "
            "they opt in again."
        )
    how = f"wrote “{word}”" if word else "blocked or left this account"
    return (
        f"The customer {how}: they opted out of {channel_name}. Leadline sends nothing there until they opt in again."
    )


def agreed(channel_name: str, word: str, source: str = "") -> str:
    """The customer takes messages again."""
    if source == "api":
        return f"Another system says that the customer opted in to {channel_name} again. You can reply."
    how = f"wrote “{word}”" if word else "came back"
    return f"The customer {how}: they opted in to {channel_name} again. You can reply."


def addresses_of(arrival: Arrival, handles: Sequence[Handle]) -> list[str]:
    """All addresses of the customer, as conversations and links know them."""
    return [*dict.fromkeys((arrival.lane, *arrival.others, *map(handle_rules.name, handles)))]
