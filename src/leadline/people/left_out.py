"""Why a message did not go to a certain contact, from the evidence on record and the contact as it is now.

`leadline explain --why-not` and the panel ask; the sentences are `identity/why_not.py`.
"""

from __future__ import annotations

import msgspec

from leadline.connections.workspaces import Workspaces
from leadline.directory.keys import Filing, fields
from leadline.errors import LeadlineError
from leadline.identity.evidence import Evidence
from leadline.identity.why_not import why_not
from leadline.identity.words import phone
from leadline.intercom import contacts
from leadline.model import Decision
from leadline.store.database import Database
from leadline.store.queries import queries


class NotTold(LeadlineError):
    """It cannot be told why: nothing is on record of the message, or Intercom does not have the contact."""


class LeftOut:
    """Asks for one message and one contact. filing: which attributes of a contact hold phones."""

    def __init__(self, database: Database, workspaces: Workspaces, filing: Filing) -> None:
        self._database = database
        self._workspaces = workspaces
        self._filing = filing

    async def why(self, workspace_id: str, arrival_id: int, contact_id: str) -> tuple[str, ...]:
        """Sentences, from what is stored to what follows. Raises NotTold, and what Client.call raises."""
        evidence, decision = await self._decided(workspace_id, arrival_id)
        contact = await contacts.get((await self._workspaces.get(workspace_id)).client, contact_id)
        if contact is None:
            raise NotTold(f"Intercom has no contact {contact_id}. It may be archived or deleted, or the id is wrong.")
        merged = (f"{contact_id} was merged into {contact.contact_id}.",) if contact.contact_id != contact_id else ()
        name = contact.name or contact.email or phone(contact.phone) or contact.contact_id
        who = f"{name} is a {contact.role.value} in Intercom."
        texts = [*fields(contact, self._filing.phones)]
        return (*merged, who, *why_not(contacts.plain(contact), texts, evidence, decision))

    async def _decided(self, workspace_id: str, arrival_id: int) -> tuple[Evidence, Decision]:
        async with self._database.connection() as connection:
            row = await queries.decision_of(connection, workspace_id=workspace_id, arrival_id=arrival_id)
        if row is None or row["evidence"] is None:
            raise NotTold(f"Message {arrival_id} has no decision with evidence on record.")
        return msgspec.convert(row["evidence"], Evidence), msgspec.convert(row["document"], Decision)
