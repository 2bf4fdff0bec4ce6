"""Stops 4, 5 and half of 6: whose message is it? Evidence from links and Intercom, the decision, the new lead.

`inbound/receive.py` asks `People.whose`. What is on record comes from `recall.py`, what Intercom has from `look_up.py`,
a new lead from `leads.py`; what was decided goes on record in one transaction (`record.py`).
"""

from __future__ import annotations

import time

import msgspec
import structlog

from leadline.connections.switchboard import Connected
from leadline.connections.workspaces import Workspace, Workspaces
from leadline.directory import Directory
from leadline.engine.lanes import Arrival
from leadline.engine.shared import Engine
from leadline.identity import handles as handle_rules
from leadline.identity.decide import decide
from leadline.identity.evidence import Evidence
from leadline.identity.verdict import enforce
from leadline.intercom import contacts
from leadline.model import Candidate, Decision, Handle, Inbound, Move, Profile, Role
from leadline.people.leads import Leads
from leadline.people.links import Person
from leadline.people.look_up import LookUp
from leadline.people.recall import Known, recall
from leadline.people.record import SEE, Overtaken, Settled, free_phones, link_moved, only_seen, record, seen
from leadline.people.showing import named_by_address, show
from leadline.spaces import Book
from leadline.store.queries import queries

log = structlog.get_logger(__name__)


class People:
    """Decides for each message which contact it belongs to, and remembers why."""

    def __init__(self, engine: Engine, workspaces: Workspaces, book: Book, leads: Leads, directory: Directory) -> None:
        self._database = engine.database
        self._ledger = engine.ledger
        self._workspaces = workspaces
        self._book = book
        self._leads = leads
        self._directory = directory
        self._look_up = LookUp(directory)

    async def whose(self, arrival: Arrival, message: Inbound, connected: Connected) -> Person:
        """The contact of a message: linked, found or newly made; the decision is on record when this returns."""
        return await self._decided(arrival, message, message, connected)

    async def written_to(self, arrival: Arrival, message: Inbound, connected: Connected) -> Person:
        """The contact to whom a message is to go first: as `whose`, though nobody wrote.

        Its name is only for a new lead: the customer did not say it, so it makes no link doubtful.
        """
        unnamed = msgspec.structs.replace(message, profile=Profile())
        return await self._decided(arrival, unnamed, message, connected, wrote=False)

    async def _decided(
        self, arrival: Arrival, message: Inbound, lead: Inbound, connected: Connected, *, wrote: bool = True
    ) -> Person:
        """Once more where somebody says meanwhile whose the sender's address is: that counts."""
        try:
            return await self._decided_once(arrival, message, lead, connected, wrote=wrote, final=False)
        except Overtaken as overtaken:
            log.info("decided_again", arrival=arrival.arrival_id, why=str(overtaken))
        return await self._decided_once(arrival, message, lead, connected, wrote=wrote, final=True)

    async def _decided_once(
        self, arrival: Arrival, message: Inbound, lead: Inbound, connected: Connected, *, wrote: bool, final: bool
    ) -> Person:
        known = await recall(self._ledger, arrival, message, whatsapp=connected.whatsapp)
        if known.decided is not None and known.decided in known.roles:
            return Person(contact_id=known.decided, role=known.roles[known.decided])
        workspace = await self._workspaces.get(arrival.workspace_id)
        policy = self._book.of(arrival.workspace_id).rules
        evidence = await self._look_up.of(workspace, known.evidence, policy, whatsapp=connected.whatsapp)
        decision = enforce(decide(evidence, policy))
        person = await self._person(workspace, known, evidence, decision, lead, connected)
        named = await self._show(workspace, evidence, decision, person, message)
        settled = Settled(
            evidence=evidence,
            decision=decision,
            person=person,
            whatsapp=connected.whatsapp,
            named=named,
            wrote=wrote,
            final=final,
        )
        if wrote and only_seen(message, settled):
            await self._ledger.write(SEE, seen(arrival, message, settled))
        else:
            async with self._database.connection() as connection:
                await record(connection, arrival, message, settled)
        return person

    async def current(self, workspace_id: str, contact_id: str) -> Candidate | None:
        """A contact as Intercom has it now, or who it was merged into; None where it is gone."""
        return await contacts.get((await self._workspaces.get(workspace_id)).client, contact_id)

    async def would_be(self, workspace_id: str, handle: Handle, name: str = "") -> Decision:
        """Whose a message from this address would be, by what is known now: nothing is linked, made or recorded.

        name: what the sender is called, where that is known. Raises what Intercom's client raises.
        """
        message = Inbound(provider_id="", sender=handle.value, handles=(handle,), profile=Profile(name=name))
        whatsapp = handle.scheme == "whatsapp"
        asked = Arrival(
            workspace_id=workspace_id,
            arrival_id=0,
            channel_id=None,
            kind="message",
            lane=handle_rules.lane(message.handles),
            content=None,
            attempts=0,
            arrived_at=time.time(),
        )
        known = await recall(self._ledger, asked, message, whatsapp=whatsapp)
        policy = self._book.of(workspace_id).rules
        workspace = await self._workspaces.get(workspace_id)
        return decide(await self._look_up.of(workspace, known.evidence, policy, whatsapp=whatsapp), policy)

    async def moved(self, arrival: Arrival) -> str:
        """A provider's word that ids are others from now on: the new ones go where the old ones went; says where.

        A number is not taken from it: it is learnt, and looked up, with the next message that shows it. Old ids that
        are nobody's, or several contacts', tell nothing.
        """
        move = msgspec.convert(arrival.content, Move)
        new = [handle for handle in move.handles if not handle.is_phone]
        async with self._database.connection() as connection:
            return await link_moved(connection, arrival, new, move.former)

    async def lane(self, arrival: Arrival, message: Inbound) -> str:
        """The lane of a kept message's sender now: a message without a phone may have waited for another number."""
        own = handle_rules.names(message.handles)
        if arrival.lane in own or any(handle.is_phone for handle in message.handles):
            return arrival.lane
        async with self._database.connection() as connection:
            workspaces = [arrival.workspace_id] * len(own)
            joined = [
                row["lane"] async for row in queries.lanes_joined(connection, workspaces=workspaces, names=[*own])
            ]
        return arrival.lane if arrival.lane in joined or not joined else str(joined[0])

    async def _show(
        self, workspace: Workspace, evidence: Evidence, decision: Decision, person: Person, message: Inbound
    ) -> bool:
        """A lead that was there before shows what this message told for the first time; True unless that failed.

        What the directory knows to be there already costs no call, and a lead that it surely knows is not read first.
        """
        if decision.contact_id is None:
            return True
        found = {one.contact_id: one.name for one in evidence.candidates}
        unnamed = named_by_address(found.get(person.contact_id, ""), message.handles)
        name = message.profile.name if unnamed and not evidence.previous_name else ""
        phone = next((handle.value for handle in free_phones(message, evidence, person)), "")
        if not (phone or name):
            return True
        known, sure = await self._directory.find.contact(workspace.workspace_id, person.contact_id)
        if known is not None:
            name = "" if known.has_name else name
            phone = "" if known.phoned and not message.former else phone
        sure = sure and known is not None and known.role is Role.LEAD and not message.former
        return await show(workspace, person, message, phone=phone, name=name, sure=sure)

    async def _person(
        self,
        workspace: Workspace,
        known: Known,
        evidence: Evidence,
        decision: Decision,
        message: Inbound,
        connected: Connected,
    ) -> Person:
        if decision.contact_id is None:
            rejected = known.rejected | {one.detail for one in decision.reasons if one.code == "recycled_number"}
            return await self._leads.new(workspace, message, connected, rejected)
        roles = dict(known.roles) | {
            one.contact_id: one.role for one in (*evidence.candidates, *evidence.attribute_hits)
        }
        return Person(contact_id=decision.contact_id, role=roles[decision.contact_id])
