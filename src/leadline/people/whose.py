"""Stops 4, 5 and half of 6: whose message is it? Evidence from links and Intercom, the decision, the new lead.

`inbound/receive.py` asks `People.whose`; links and decisions are recorded here, in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import structlog
from psycopg.types.json import Jsonb

from leadline.connections.switchboard import Connected
from leadline.connections.workspaces import Workspace, Workspaces
from leadline.engine.lanes import Arrival
from leadline.errors import Park, Retry
from leadline.identity import handles as handle_rules
from leadline.identity import variants
from leadline.identity.decide import decide, doubt, enforce, link_evidence
from leadline.identity.evidence import Evidence
from leadline.identity.policy import Policy
from leadline.intercom import contacts
from leadline.intercom.client import IntercomError
from leadline.model import Decision, Handle, Inbound, Role
from leadline.people.links import Person, link, move_contact
from leadline.people.profiles import Profiles
from leadline.people.recall import Known, named, recall
from leadline.store.database import Connection, Database
from leadline.store.queries import queries

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
LEAD_IDS = 20
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

    def __init__(self, database: Database, workspaces: Workspaces, policy: Policy, profiles: Profiles) -> None:
        self._database = database
        self._workspaces = workspaces
        self._policy = policy
        self._profiles = profiles

    async def whose(self, arrival: Arrival, message: Inbound, connected: Connected) -> Person:
        """The contact of a message: linked, found or newly made; the decision is on record when this returns."""
        async with self._database.connection() as connection:
            known = await recall(connection, arrival, message)
        if known.decided is not None and known.decided in known.roles:
            return Person(contact_id=known.decided, role=known.roles[known.decided])
        workspace = await self._workspaces.get(arrival.workspace_id)
        evidence = await self._search(workspace, known.evidence, connected)
        decision = enforce(decide(evidence, self._policy))
        person = await self._person(workspace, known, evidence, decision, message, connected)
        proven = await self._record(arrival, message, evidence, decision, person)
        if proven and decision.contact_id is not None:
            await _show_phone(workspace, person, proven)
        return person

    async def _search(self, workspace: Workspace, evidence: Evidence, connected: Connected) -> Evidence:
        """One search, only for what no link tells: Intercom's index lags by minutes, and known senders cost none."""
        phones, accounts = _unknown(evidence, self._policy)
        if not (phones or accounts):
            return evidence
        region, whatsapp = self._policy.region, connected.adapter.scheme == "whatsapp"
        attributes = {attribute_of(handle.scheme): id_of(handle) for handle in accounts}
        hits = await contacts.search_sender(
            workspace.client,
            [text for phone in phones for text in variants.spellings(phone, region=region, whatsapp=whatsapp)],
            [number for phone in phones for number in variants.lines(phone, whatsapp=whatsapp)],
            attributes,
            formatted=workspace.formatted_phone,
        )
        found, attributed = [], []
        for hit in hits:
            if any(variants.same_line(hit.phone, phone, region=region, whatsapp=whatsapp) for phone in phones):
                found.append(contacts.plain(hit))
            if any(hit.custom_attributes.get(name) == value for name, value in attributes.items()):
                attributed.append(contacts.plain(hit))
        return msgspec.structs.replace(evidence, candidates=tuple(found), attribute_hits=tuple(attributed))

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
            taken = await self._taken(workspace.workspace_id, message, rejected)
            return await self._new_lead(workspace, message, connected, rejected, taken)
        roles = dict(known.roles) | {
            one.contact_id: one.role for one in (*evidence.candidates, *evidence.attribute_hits)
        }
        return Person(contact_id=decision.contact_id, role=roles[decision.contact_id])

    async def _taken(self, workspace_id: str, message: Inbound, rejected: frozenset[str]) -> int:
        """How many leads were made of this address for somebody else: their ids need not be tried."""
        if not rejected:
            return 0
        name = handle_rules.name(_leading(message.handles))
        async with self._database.connection() as connection:
            row = await queries.leads_made(connection, workspace_id=workspace_id, handle=name, contact_ids=[*rejected])
        return int(row["leads"])

    async def _new_lead(
        self, workspace: Workspace, message: Inbound, connected: Connected, rejected: frozenset[str], taken: int
    ) -> Person:
        """A lead of its own; the same sender asked for twice answers with the first one, unless that is not him."""
        first = _leading(message.handles)
        number = next((handle.value for handle in (first, *message.attested) if handle.is_phone), "")
        profile = await self._profiles.of(message, connected)
        attributes = {CHANNEL_ATTRIBUTE: connected.row.provider}
        attributes |= {attribute_of(h.scheme): id_of(h) for h in message.handles if h.scheme not in UNATTRIBUTED}
        if profile.email:
            # Not the e-mail field: there it would look like something the customer said to us.
            attributes[email_attribute_of(first.scheme)] = profile.email
        for attempt in range(taken, taken + LEAD_IDS):
            created = await contacts.create_lead(
                workspace.client,
                external_id=handle_rules.external_id(first, attempt),
                name=profile.name or profile.username or number or first.value,
                phone=number,
                avatar_url=profile.avatar_url,
                language=profile.language,
                attributes=attributes,
            )
            if created.contact is not None and created.contact.contact_id not in rejected:
                log.info("lead", contact=created.contact.contact_id, existed=created.existed)
                return Person(contact_id=created.contact.contact_id, role=created.contact.role)
        raise Park("lead_id_taken", f"{LEAD_IDS} ids of leads for {first} belong to contacts that are gone for good")

    async def _record(
        self, arrival: Arrival, message: Inbound, evidence: Evidence, decision: Decision, person: Person
    ) -> str:
        """Links, what the message told of its sender, and the decision with everything it was made from.

        Returns the phone that the sender proved and that is now linked; empty where there is none.
        """
        key = {"workspace_id": arrival.workspace_id, "arrival_id": arrival.arrival_id}
        names = [*named(message.handles)]
        async with self._database.connection() as connection:
            linked = await _link_all(connection, arrival, message, evidence, decision, person)
            await queries.handles_seen(
                connection,
                workspace_id=arrival.workspace_id,
                handles=names,
                name=message.profile.name,
                at=arrival.arrived_at,
            )
            if decision.code == "recycled_number":
                await queries.keep_pairs_apart(
                    connection,
                    workspace_id=arrival.workspace_id,
                    handles=names,
                    contact_ids=[decision.reasons[0].detail],
                    author="leadline",
                )
            await queries.record_decision(
                connection,
                **key,
                contact_id=person.contact_id,
                code=decision.code,
                policy=decision.policy,
                document=Jsonb(msgspec.to_builtins(msgspec.structs.replace(decision, contact_id=person.contact_id))),
                evidence=Jsonb(msgspec.to_builtins(evidence)),
            )
        return next((handle.value for handle in linked if handle in message.attested), "")


async def _link_all(
    connection: Connection,
    arrival: Arrival,
    message: Inbound,
    evidence: Evidence,
    decision: Decision,
    person: Person,
) -> list[Handle]:
    """The message's handles go to the person, an attested phone only where nobody else has it: those are returned."""
    key = {"workspace_id": arrival.workspace_id}
    names, made = [*named(message.handles)], doubt(decision)
    if decision.code == "own_lead":
        rows = queries.detached_together(connection, **key, handle=names[0])
        names += [row["handle"] async for row in rows]
    # What is linked there already stays untouched: a teammate may have re-routed it since the evidence was read.
    there = named(one.handle for one in evidence.links if one.contact_id == person.contact_id)
    missing = [name for name in names if name not in there]
    if missing:
        await _link(connection, arrival, missing, person, link_evidence(decision), made)
    if made:
        await queries.doubt_links(connection, **key, handles=names, doubt=made)
    proven = named(handle for handle in message.attested if handle.is_phone)
    if proven:
        await queries.attest(connection, **key, phones=[*proven], handles=names, arrival_id=arrival.arrival_id)
    taken = {link.handle for link in evidence.links}
    elsewhere = {one.contact_id for one in evidence.candidates} - {person.contact_id}
    free = {name: handle for name, handle in (proven | named(message.former)).items() if handle not in taken}
    if not free or elsewhere:
        return []
    await _link(connection, arrival, [*free], person, "attested")
    return [*free.values()]


async def _show_phone(workspace: Workspace, person: Person, phone: str) -> None:
    """The teammates see a phone that a lead proved. A refusal must not hold the message up."""
    if person.role is not Role.LEAD:
        return
    try:
        contact = await contacts.get(workspace.client, person.contact_id)
        if contact is not None and contact.role is Role.LEAD and not contact.phone:
            await contacts.update(workspace.client, contact.contact_id, phone=phone)
    except (IntercomError, Retry) as error:
        log.warning("phone_not_shown", contact=person.contact_id, why=str(error))


async def _link(
    connection: Connection, arrival: Arrival, names: Sequence[str], person: Person, evidence: str, doubt: str = ""
) -> None:
    await link(
        connection,
        arrival.workspace_id,
        names,
        person,
        evidence=evidence,
        author="leadline",
        arrival_id=arrival.arrival_id,
        doubt=doubt,
        at=arrival.arrived_at,
    )


def _unknown(evidence: Evidence, policy: Policy) -> tuple[list[str], list[Handle]]:
    """Phones and channel ids that only Intercom could tell whose they are; none where people have spoken."""
    linked = {link.handle for link in evidence.links}
    if evidence.own_lead and not linked:
        return [], []
    known = not linked.isdisjoint((*evidence.handles, *evidence.former))
    claimed = evidence.attested if known else (*evidence.handles, *evidence.former, *evidence.attested)
    phones = [one.value for one in dict.fromkeys(claimed) if one.is_phone and one not in linked]
    allowed = [phone for phone in phones if variants.line_key(phone) not in policy.blocked]
    return allowed, [one for one in claimed if one.scheme not in UNATTRIBUTED]


def _leading(handles: tuple[Handle, ...]) -> Handle:
    """The handle a lead is named after: the phone where there is one."""
    return next((handle for handle in handles if handle.is_phone), handles[0])


def id_of(handle: Handle) -> str:
    """A handle as the contact attribute of its scheme holds it."""
    return f"{handle.scope}/{handle.value}" if handle.scope else handle.value
