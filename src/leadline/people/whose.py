"""Stops 4, 5 and half of 6: whose message is it? Evidence from links and Intercom, the decision, the new lead.

`inbound/receive.py` asks `People.whose`. What is known comes from `recall.py`, a new lead from `leads.py`; what was
decided goes on record in one transaction (`record.py`).
"""

from __future__ import annotations

import msgspec
import structlog

from leadline.connections.switchboard import Connected
from leadline.connections.workspaces import Workspace, Workspaces
from leadline.engine.lanes import Arrival
from leadline.errors import Retry
from leadline.identity import variants
from leadline.identity.decide import decide, enforce
from leadline.identity.evidence import Evidence
from leadline.identity.policy import Policy
from leadline.intercom import contacts
from leadline.intercom.client import IntercomError
from leadline.model import Decision, Handle, Inbound, Role
from leadline.people.leads import UNATTRIBUTED, Leads, attribute_of, id_of
from leadline.people.links import Person
from leadline.people.recall import Known, recall
from leadline.people.record import record
from leadline.store.database import Database

log = structlog.get_logger(__name__)


class People:
    """Decides for each message which contact it belongs to, and remembers why."""

    def __init__(self, database: Database, workspaces: Workspaces, policy: Policy, leads: Leads) -> None:
        self._database = database
        self._workspaces = workspaces
        self._policy = policy
        self._leads = leads

    async def whose(self, arrival: Arrival, message: Inbound, connected: Connected) -> Person:
        """The contact of a message: linked, found or newly made; the decision is on record when this returns.

        An earlier try that was cut off may have decided already: then it stays at that. Otherwise what links and people
        have said is evidence, and what they do not tell is searched for in Intercom. `decide` chooses, a lead is made
        where it chose nobody. Raises Park where only a person may choose, and Retry.
        """
        async with self._database.connection() as connection:
            known = await recall(connection, arrival, message)
        if known.decided is not None and known.decided in known.roles:
            return Person(contact_id=known.decided, role=known.roles[known.decided])
        workspace = await self._workspaces.get(arrival.workspace_id)
        evidence = await self._search(workspace, known.evidence, connected)
        decision = enforce(decide(evidence, self._policy))
        person = await self._person(workspace, known, evidence, decision, message, connected)
        async with self._database.connection() as connection:
            proven = await record(connection, arrival, message, evidence, decision, person)
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
            return await self._leads.new(workspace, message, connected, rejected)
        roles = dict(known.roles) | {
            one.contact_id: one.role for one in (*evidence.candidates, *evidence.attribute_hits)
        }
        return Person(contact_id=decision.contact_id, role=roles[decision.contact_id])


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
