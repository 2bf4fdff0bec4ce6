"""`GET /resolve` and `GET /contacts/…/addresses`: whose an address is and why, and how a contact is reached."""

from __future__ import annotations

import re
from typing import Any

from leadline.api.endpoint import Call
from leadline.api.problems import Problem
from leadline.api.shapes import (
    Addresses,
    AddressShape,
    CandidateShape,
    LinkShape,
    ReasonShape,
    Resolution,
    Resolve,
)
from leadline.identity.reasons import sentence
from leadline.model import Candidate, Decision, Handle
from leadline.outbound import Reach, Reaches
from leadline.people import Corrections, People
from leadline.store.database import Database
from leadline.store.queries import queries

ID = re.compile(r"[0-9A-Za-z_-]{1,100}")


class ContactDesk:
    """Answers about contacts of the workspace that asks; changes nothing."""

    def __init__(self, database: Database, people: People, corrections: Corrections, reaches: Reaches) -> None:
        self._database = database
        self._people = people
        self._corrections = corrections
        self._reaches = reaches

    async def resolve(self, call: Call) -> Resolution:
        """Whose a message from an address would be, with the reasons. Raises BadHandle."""
        query: Resolve = call.query
        name = await self._corrections.read_handle(call.workspace_id, query.address)
        decision = await self._people.would_be(call.workspace_id, Handle.parse(name), query.name)
        return _resolution(name, decision)

    async def addresses(self, call: Call) -> Addresses:
        """A contact's addresses."""
        contact_id = call.path["contact_id"]
        if not ID.fullmatch(contact_id):
            raise Problem(404, "no_contact", f"'{contact_id}' is no id of a contact.")
        async with self._database.connection() as connection:
            rows = queries.links_to_contact(connection, workspace_id=call.workspace_id, contact_id=contact_id)
            links = tuple([_link(row) async for row in rows])
        reaches = await self._reaches.of_contact(call.workspace_id, contact_id)
        return Addresses(contact_id=contact_id, links=links, reached_on=tuple(map(_address, reaches)))


def _resolution(address: str, decision: Decision) -> Resolution:
    names = {one.contact_id: one.name for one in decision.candidates}
    return Resolution(
        address=address,
        contact_id=decision.contact_id,
        doubtful=decision.doubtful,
        policy=decision.policy,
        reasons=tuple(ReasonShape(code=each.code, sentence=sentence(each, names)) for each in decision.reasons),
        candidates=tuple(map(_candidate, decision.candidates)),
    )


def _candidate(one: Candidate) -> CandidateShape:
    return CandidateShape(
        contact_id=one.contact_id, role=one.role.value, name=one.name, email=one.email, phone=one.phone
    )


def _link(row: dict[str, Any]) -> LinkShape:
    return LinkShape(address=row["handle"], evidence=row["evidence"], author=row["author"], linked_at=row["linked_at"])


def _address(reach: Reach) -> AddressShape:
    return AddressShape(
        channel_id=reach.channel_id,
        channel=reach.channel_name,
        provider=reach.provider,
        address=reach.handle,
        opted_out=reach.opted_out,
        window_seconds=reach.window_left,
        conversation_id=reach.conversation_id,
    )
