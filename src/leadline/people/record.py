"""What is on record once it is decided whose a message is, in the caller's transaction. `whose.py` calls it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from psycopg.types.json import Jsonb

from leadline.engine.lanes import Arrival
from leadline.identity.decide import doubt, link_evidence
from leadline.identity.evidence import Evidence
from leadline.model import Decision, Handle, Inbound
from leadline.people.links import Person, link
from leadline.people.recall import named
from leadline.store.database import Connection
from leadline.store.queries import queries


async def record(
    connection: Connection,
    arrival: Arrival,
    message: Inbound,
    evidence: Evidence,
    decision: Decision,
    person: Person,
) -> str:
    """Links, what the message told of its sender, and the decision with everything it was made from.

    Returns the phone that the sender proved and that is now linked; empty where there is none.
    """
    key = {"workspace_id": arrival.workspace_id, "arrival_id": arrival.arrival_id}
    names = [*named(message.handles)]
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
