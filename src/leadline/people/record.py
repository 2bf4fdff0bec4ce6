"""What is on record once it is decided whose a message is, in the caller's transaction. `whose.py` calls it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from psycopg.types.json import Jsonb

from leadline.engine.lanes import Arrival
from leadline.engine.ledger import Statement
from leadline.errors import LeadlineError
from leadline.identity import handles as handle_rules
from leadline.identity import phone_fields, variants
from leadline.identity.evidence import Evidence
from leadline.identity.verdict import doubt, link_evidence
from leadline.model import Decision, Handle, Inbound, Role, Struct
from leadline.people.links import Linked, Person, link, owners
from leadline.people.recall import by_name
from leadline.store.database import Connection
from leadline.store.queries import queries


class Settled(Struct, frozen=True, kw_only=True):
    """Whose a message is, and what that was decided from. named: whether the name it told needs no further try.

    wrote: whether the customer wrote it; a message to them does not show that the line is in use. final: recorded
    whatever anybody has said since the evidence was read.
    """

    evidence: Evidence
    decision: Decision
    person: Person
    whatsapp: bool = False
    named: bool = True
    wrote: bool = True
    final: bool = False


class Overtaken(LeadlineError):
    """The evidence is old: somebody has linked an address of the sender since. Nothing was recorded; decide again."""


class Seen(Struct, frozen=True, kw_only=True):
    """A message of a known sender, for SEE. handles, document, evidence: JSON; at: unix seconds."""

    workspace_id: str
    arrival_id: int
    handles: str
    name: str
    at: float
    contact_id: str
    code: str
    policy: str
    document: str
    evidence: str


SEE = Statement[Seen, bool](queries.see_senders.sql, bool, rank=3)


def only_seen(message: Inbound, settled: Settled) -> bool:
    """Whether nothing is to be linked: then `seen` says all that goes on record."""
    decision, told = settled.decision, message.former or message.attested
    if told or decision.code in {"own_lead", "recycled_number"} or doubt(decision):
        return False
    return not _kept_out(message, settled.evidence, settled.person) and not _missing(_names(message, settled), settled)


def seen(arrival: Arrival, message: Inbound, settled: Settled) -> Seen:
    """The entry of a message after which nothing is to be linked."""
    decision = msgspec.structs.replace(settled.decision, contact_id=settled.person.contact_id)
    return Seen(
        workspace_id=arrival.workspace_id,
        arrival_id=arrival.arrival_id,
        handles=_json([*by_name(message.handles)]),
        name=message.profile.name if settled.named else "",
        at=arrival.arrived_at,
        contact_id=settled.person.contact_id,
        code=decision.code,
        policy=decision.policy,
        document=_json(decision),
        evidence=_json(settled.evidence),
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def record(connection: Connection, arrival: Arrival, message: Inbound, settled: Settled) -> None:
    """Links, what the message told of its sender, and the decision with everything it was made from.

    Raises Overtaken, where all of it is to be undone.
    """
    workspace_id, decision = arrival.workspace_id, settled.decision
    names = [*by_name(message.handles)]
    # First, as corrections lock them: from here on nobody else says whose these addresses are.
    await queries.handles_seen(
        connection,
        workspace_id=workspace_id,
        handles=names,
        name=message.profile.name if settled.named else "",
        at=arrival.arrived_at if settled.wrote else None,
    )
    await _link_all(connection, arrival, message, settled)
    if decision.contact_id is not None:
        await _leave_former(connection, workspace_id, message, settled)
    if decision.code == "recycled_number":
        await queries.keep_pairs_apart(
            connection,
            workspace_id=workspace_id,
            handles=names,
            contact_ids=[decision.reasons[0].detail],
            author="leadline",
        )
    await queries.record_decision(
        connection,
        workspace_id=workspace_id,
        arrival_id=arrival.arrival_id,
        contact_id=settled.person.contact_id,
        code=decision.code,
        policy=decision.policy,
        document=Jsonb(msgspec.to_builtins(msgspec.structs.replace(decision, contact_id=settled.person.contact_id))),
        evidence=Jsonb(msgspec.to_builtins(settled.evidence)),
    )


def free_phones(message: Inbound, evidence: Evidence, person: Person) -> tuple[Handle, ...]:
    """Phones that this message showed for the first time, and that nobody else has: they are the person's."""
    if not any(link.contact_id == person.contact_id for link in evidence.links):
        claimed = message.attested
    else:
        claimed = (*evidence.handles, *message.attested)
    taken = {link.handle for link in evidence.links} | {*evidence.shown}
    fresh = [handle for handle in claimed if handle.is_phone and handle not in taken]
    return tuple(handle for handle in fresh if not _elsewhere(handle, evidence, person))


def _elsewhere(phone: Handle, evidence: Evidence, person: Person) -> bool:
    """Whether somebody else in Intercom has this phone, and the person has not.

    A candidate of which only an attribute holds a phone has all phones of the message: which one, nobody can tell.
    """
    owners = {
        one.contact_id
        for one in evidence.candidates
        if variants.same_line(one.phone, phone.value, region=evidence.region, whatsapp=True)
        or not phone_fields.read(one.phone, region=evidence.region)
    }
    return bool(owners) and person.contact_id not in owners


async def _link_all(connection: Connection, arrival: Arrival, message: Inbound, settled: Settled) -> None:
    """The message's handles go to the person, but no phone that somebody else has and a known sender only shows."""
    key = {"workspace_id": arrival.workspace_id}
    evidence, person, decision = settled.evidence, settled.person, settled.decision
    names, made = _names(message, settled), doubt(decision)
    if decision.code == "own_lead":
        rows = queries.detached_together(connection, **key, handle=names[0])
        names += [row["handle"] async for row in rows]
    if missing := _missing(names, settled):
        linked = await _link(connection, arrival, missing, person, link_evidence(decision), made)
        await _check_links(connection, arrival.workspace_id, message, settled, linked)
    if made:
        await queries.doubt_links(connection, **key, handles=names, doubt=made)
    await _attest(connection, arrival, message, settled, [*_kept_out(message, evidence, person)])


async def _check_links(
    connection: Connection, workspace_id: str, message: Inbound, settled: Settled, linked: Linked
) -> None:
    """Raise Overtaken where an address of the message is somebody else's by now, of whom the evidence did not know."""
    if settled.final:
        return
    own = by_name(message.handles)
    known = {(one.under or handle_rules.name(one.handle), one.contact_id) for one in settled.evidence.links}
    news = {pair for pair in linked.ousted - known if pair[0] in own}
    theirs = await owners(connection, workspace_id, linked.left) if linked.left else set()
    if news or theirs - {settled.person.contact_id}:
        raise Overtaken("Somebody said whose this is while it was being decided")


def _names(message: Inbound, settled: Settled) -> list[str]:
    """What is to be linked to the person."""
    kept = _kept_out(message, settled.evidence, settled.person)
    names = [name for name, handle in by_name(message.handles).items() if handle not in kept]
    lane = handle_rules.lane(message.handles, whatsapp=settled.whatsapp)
    # The lane's own form of the number, too: the conversation is known under it.
    return names + ([lane] if lane.startswith("tel:") and not any(handle.is_phone for handle in kept) else [])


def _missing(names: Sequence[str], settled: Settled) -> list[str]:
    """What is linked already stays untouched: a teammate may have re-routed it since the evidence was read."""
    links, contact_id = settled.evidence.links, settled.person.contact_id
    there = by_name(one.handle for one in links if one.contact_id == contact_id and not one.under)
    return [name for name in dict.fromkeys(names) if name not in there]


def _kept_out(message: Inbound, evidence: Evidence, person: Person) -> set[Handle]:
    """Phones of the message that are not linked to the person: they came with a known account and are others'."""
    known = {link.handle for link in evidence.links if link.contact_id == person.contact_id}
    if not any(not handle.is_phone or handle in message.former for handle in known):
        return set()
    fresh = {handle for handle in evidence.handles if handle.is_phone and handle not in known}
    return {*evidence.shown, *(handle for handle in fresh if _elsewhere(handle, evidence, person))}


async def _attest(
    connection: Connection, arrival: Arrival, message: Inbound, settled: Settled, kept: Sequence[Handle]
) -> None:
    """Phones that the sender proved or showed are remembered with his other addresses; free ones are linked."""
    names = [name for name, handle in by_name(message.handles).items() if handle not in kept]
    proven = by_name(handle for handle in (*message.attested, *kept) if handle.is_phone)
    if proven and names:
        await queries.attest(
            connection,
            workspace_id=arrival.workspace_id,
            phones=[*proven],
            handles=names,
            arrival_id=arrival.arrival_id,
        )
    evidence = settled.evidence
    free = [one for one in free_phones(message, evidence, settled.person) if one not in evidence.handles]
    taken = {link.handle for link in evidence.links}
    free += [one for one in message.former if not one.is_phone and one not in taken]
    if free:
        await _link(connection, arrival, [*by_name(free)], settled.person, "attested")


async def _leave_former(connection: Connection, workspace_id: str, message: Inbound, settled: Settled) -> None:
    """The provider announced another number: the old one is nobody's now, and its next writer is a stranger."""
    former = [*by_name(handle for handle in message.former if handle.is_phone)]
    if not former:
        return
    key = {"workspace_id": workspace_id, "contact_id": settled.person.contact_id}
    pair = {"workspace_id": workspace_id, "contact_ids": [settled.person.contact_id]}
    await queries.leave_handles(connection, **key, handles=former)
    await queries.keep_pairs_apart(connection, **pair, handles=former, author="provider")
    await queries.lift_departure(connection, **pair, handles=[*by_name(message.handles)])
    lane = handle_rules.lane(message.handles, whatsapp=settled.whatsapp)
    await queries.leave_lanes(connection, workspace_id=workspace_id, former=former, lane=lane)


async def link_moved(connection: Connection, arrival: Arrival, new: Sequence[Handle], former: Sequence[Handle]) -> str:
    """New addresses of a customer go to the contact of the former ones, where that is one and they are nobody's.

    Says what became of them.
    """
    names, key = [*by_name(new)], {"workspace_id": arrival.workspace_id}
    rows = [row async for row in queries.links_of(connection, **key, handles=[*names, *by_name(former)])]
    owners = {(row["contact_id"], row["role"]) for row in rows if row["handle"] not in names}
    taken = {row["handle"] for row in rows}
    free = [name for name in names if name not in taken]
    if len(owners) == 1 and free:
        [(contact_id, role)] = owners
        await _link(connection, arrival, free, Person(contact_id=contact_id, role=Role(role)), "attested")
        return f"linked to {contact_id}"
    return "nothing to link: the former addresses are not one contact's, or the new ones are somebody's"


async def _link(
    connection: Connection, arrival: Arrival, names: Sequence[str], person: Person, evidence: str, doubt: str = ""
) -> Linked:
    return await link(
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
