"""Stops 4, 5 and half of 6: whose message is it? Evidence from links and Intercom, the decision, the new lead.

`receive.py` asks `People.whose`; links and decisions are recorded here, in one transaction.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import msgspec
import structlog
from psycopg.types.json import Jsonb

from leadline.engine.lanes import Arrival
from leadline.errors import Park, Waiting
from leadline.identity import handles as handle_rules
from leadline.identity import variants
from leadline.identity.decide import decide, enforce, link_evidence
from leadline.identity.evidence import Evidence, Link
from leadline.identity.policy import Policy
from leadline.intercom import contacts, merges
from leadline.intercom.conversations import get_conversation
from leadline.links import Person, link, move_contact, unlink_contact
from leadline.merge_journal import merge_of, noticed
from leadline.model import Candidate, Decision, Handle, Inbound, Role
from leadline.store.database import Database
from leadline.store.queries import queries
from leadline.switchboard import Connected
from leadline.workspaces import Workspace, Workspaces

__all__ = [
    "CHANNEL_ATTRIBUTE",
    "UNATTRIBUTED",
    "People",
    "Person",
    "attribute_of",
    "email_attribute_of",
    "move_contact",
]

CHANNEL_ATTRIBUTE = "leadline_channel"
LEAD_IDS = 3
UNATTRIBUTED = {"tel", "sender"}  # a phone has its own field; a short code identifies nobody
log = structlog.get_logger(__name__)


def attribute_of(scheme: str) -> str:
    """Name of the contact attribute that holds the id of a customer on channels of this scheme."""
    return f"{scheme}_id"


def email_attribute_of(scheme: str) -> str:
    """Name of the contact attribute for the e-mail address a channel's provider names; suggestions read it."""
    return f"{scheme}_email"


class People:
    """Decides for each message which contact it belongs to, and remembers why."""

    def __init__(self, database: Database, workspaces: Workspaces, policy: Policy) -> None:
        self._database = database
        self._workspaces = workspaces
        self._policy = policy

    async def whose(self, arrival: Arrival, message: Inbound, connected: Connected) -> Person:
        """The contact of a message: linked, found or newly made; the decision is on record when this returns."""
        linked = await self._linked(arrival.workspace_id, message.handles)
        if decided := await self._decided(arrival, linked):
            return decided
        workspace = await self._workspaces.get(arrival.workspace_id)
        evidence = await self._evidence(workspace, message, linked)
        decision = enforce(decide(evidence, self._policy))
        person = await self._person(workspace, evidence, decision, message, connected, linked)
        await self._record(arrival, message, decision, person)
        return person

    async def _linked(self, workspace_id: str, handles: Sequence[Handle]) -> dict[Handle, tuple[Link, Role]]:
        """The current links of these handles, each with the role its contact had."""
        names = {handle_rules.name(handle): handle for handle in handles}
        async with self._database.connection() as connection:
            rows = [row async for row in queries.links_of(connection, workspace_id=workspace_id, handles=list(names))]
        return {
            names[row["handle"]]: (
                Link(
                    handle=names[row["handle"]],
                    contact_id=row["contact_id"],
                    evidence=row["evidence"],
                    at=row["linked_at"],
                ),
                Role(row["role"]),
            )
            for row in rows
        }

    async def _decided(self, arrival: Arrival, linked: Mapping[Handle, tuple[Link, Role]]) -> Person | None:
        """The decision an interrupted try has already recorded, as long as its contact is still linked."""
        async with self._database.connection() as connection:
            row = await queries.decision_of(
                connection, workspace_id=arrival.workspace_id, arrival_id=arrival.arrival_id
            )
        for known, role in linked.values():
            if row and known.contact_id == row["contact_id"]:
                return Person(contact_id=known.contact_id, role=role)
        return None

    async def _evidence(
        self, workspace: Workspace, message: Inbound, linked: Mapping[Handle, tuple[Link, Role]]
    ) -> Evidence:
        evidence = Evidence(
            handles=message.handles,
            links=tuple(link for link, _ in linked.values()),
            profile_name=message.profile.name,
            now=time.time(),
        )
        return evidence if linked else await self._search(workspace, evidence)

    async def _search(self, workspace: Workspace, evidence: Evidence) -> Evidence:
        """Only a handle nobody knows yet is searched for: the index of Intercom lags by minutes."""
        client = workspace.client
        numbers = [handle.value for handle in evidence.handles if handle.is_phone]
        region = self._policy.region
        found: list[Candidate] = []
        for number in numbers:
            hits = await contacts.search_phone(
                client,
                variants.spellings(number, region=region),
                variants.lines(number),
                formatted=workspace.formatted_phone,
            )
            found += [hit for hit in hits if variants.same_line(hit.phone, number, region=region)]
        attributed: list[Candidate] = []
        for handle in evidence.handles:
            if handle.scheme not in UNATTRIBUTED:
                attributed += await contacts.search_attribute(client, attribute_of(handle.scheme), _id_of(handle))
        return msgspec.structs.replace(evidence, candidates=_unique(found), attribute_hits=_unique(attributed))

    async def _person(
        self,
        workspace: Workspace,
        evidence: Evidence,
        decision: Decision,
        message: Inbound,
        connected: Connected,
        linked: Mapping[Handle, tuple[Link, Role]],
    ) -> Person:
        if decision.contact_id is None:
            return await self._new_lead(workspace, message, connected)
        roles = {link.contact_id: role for link, role in linked.values()}
        roles |= {found.contact_id: found.role for found in (*evidence.candidates, *evidence.attribute_hits)}
        return Person(contact_id=decision.contact_id, role=roles[decision.contact_id])

    async def _new_lead(self, workspace: Workspace, message: Inbound, connected: Connected) -> Person:
        """A lead of its own; the same sender asked for twice answers with the first one."""
        first = _leading(message.handles)
        number = first.value if first.is_phone else ""
        attributes = {CHANNEL_ATTRIBUTE: connected.row.provider}
        attributes |= {attribute_of(h.scheme): _id_of(h) for h in message.handles if h.scheme not in UNATTRIBUTED}
        if message.profile.email:
            # Not the e-mail field: there it would look like something the customer said to us.
            attributes[email_attribute_of(first.scheme)] = message.profile.email
        for attempt in range(LEAD_IDS):
            created = await contacts.create_lead(
                workspace.client,
                external_id=handle_rules.external_id(first, attempt),
                name=message.profile.name or message.profile.username or number or first.value,
                phone=number,
                language=message.profile.language,
                attributes=attributes,
            )
            if created.contact is not None:
                log.info("lead", contact=created.contact.contact_id, existed=created.existed)
                return Person(contact_id=created.contact.contact_id, role=created.contact.role)
        raise Park("lead_id_taken", f"{LEAD_IDS} ids of leads for {first} belong to contacts that are gone for good")

    async def _record(self, arrival: Arrival, message: Inbound, decision: Decision, person: Person) -> None:
        document = msgspec.structs.replace(decision, contact_id=person.contact_id)
        async with self._database.connection() as connection:
            await link(
                connection,
                arrival.workspace_id,
                [*map(handle_rules.name, message.handles)],
                person,
                evidence=link_evidence(decision),
                author="leadline",
                arrival_id=arrival.arrival_id,
            )
            await queries.record_decision(
                connection,
                workspace_id=arrival.workspace_id,
                arrival_id=arrival.arrival_id,
                contact_id=person.contact_id,
                code=decision.code,
                policy=decision.policy,
                document=Jsonb(msgspec.to_builtins(document)),
            )

    async def moved(self, workspace_id: str, old_id: str, survivor: Person | None) -> None:
        """A contact was merged into `survivor`, or is gone: links and conversations follow in one transaction."""
        async with self._database.connection() as connection:
            if survivor is not None:
                await noticed(connection, workspace_id, old_id, survivor)
                return
            await unlink_contact(connection, workspace_id, old_id)
            await queries.end_conversations_of(connection, workspace_id=workspace_id, contact_id=old_id)

    async def find_again(self, workspace: Workspace, contact_id: str, *, told: str = "") -> bool:
        """A contact Intercom does not take any more: follow it where it went. True when something changed.

        told: the survivor as a webhook named it.
        """
        contact = await contacts.get(workspace.client, contact_id)
        if contact is not None and contact.contact_id == contact_id and not contact.archived:
            return False
        if contact is None:
            contact = await self._traced(workspace, contact_id, told)
        survivor = None
        if contact is not None and contact.contact_id != contact_id:
            survivor = Person(contact_id=contact.contact_id, role=contact.role)
        log.info("contact_moved", contact=contact_id, into=survivor and survivor.contact_id)
        await self.moved(workspace.workspace_id, contact_id, survivor)
        return True

    async def _traced(self, workspace: Workspace, contact_id: str, told: str) -> contacts.Contact | None:
        """Up to API 2.15 a merged contact answers 404 like a deleted one: our journal, the webhook and the owner of
        its last conversation tell more. Raises Waiting while a merge of ours has no outcome yet.
        """
        key = {"workspace_id": workspace.workspace_id}
        async with self._database.connection() as connection:
            merge = await merge_of(connection, workspace.workspace_id, contact_id)
            last = await queries.last_conversation_of(connection, **key, contact_id=contact_id)
        if merge and merge["state"] == "calling":
            raise Waiting("merge_under_way", f"Merge {merge['merge_id']} of this contact has no outcome yet", 2.0)
        survivor = told or (merge["into_id"] if merge and merge["way"] != "reroute" else "")
        if last and not survivor:
            found = await get_conversation(workspace.client, last["conversation_id"])
            owners = [owner for owner in (found.contact_ids if found else ()) if owner != contact_id]
            survivor = owners[0] if len(owners) == 1 else ""
        return await contacts.get(workspace.client, survivor) if survivor else None

    async def merged_into(self, workspace: Workspace, survivor_id: str) -> None:
        """A merge in Intercom whose webhook does not say who was merged: ours are in the survivor's history."""
        gone = await merges.merged_into(workspace.client, survivor_id)
        async with self._database.connection() as connection:
            rows = queries.linked_contacts(connection, workspace_id=workspace.workspace_id, contact_ids=list(gone))
            ours = [row["contact_id"] async for row in rows]
        for contact_id in ours:
            await self.find_again(workspace, contact_id, told=survivor_id)


def _leading(handles: Sequence[Handle]) -> Handle:
    """The handle a lead is named after: the phone where there is one."""
    return next((handle for handle in handles if handle.is_phone), handles[0])


def _id_of(handle: Handle) -> str:
    return f"{handle.scope}/{handle.value}" if handle.scope else handle.value


def _unique(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    return tuple({candidate.contact_id: candidate for candidate in candidates}.values())
