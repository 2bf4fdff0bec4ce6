"""A contact that was deleted in Intercom is erased here too, where the setting says so. The worker calls `work`.

Not at once: Intercom deletes a lead that was merged as well, and a deleted contact may be put back.
"""

from __future__ import annotations

from datetime import UTC, datetime

from leadline.connections.workspaces import Workspace, Workspaces
from leadline.engine.lanes import Arrival
from leadline.errors import Park, Waiting
from leadline.intercom import contacts
from leadline.merging.journal import survivor_of
from leadline.privacy.person import Persons
from leadline.privacy.whom import Whom
from leadline.store.acting import acting
from leadline.store.database import Database
from leadline.store.queries import queries

AFTER = 3600.0  # seconds: merges are heard of until then
LOOK = 60.0  # seconds until the next look whether the person's messages are through


class Deletions:
    """Erases whom Intercom no longer knows."""

    def __init__(self, database: Database, workspaces: Workspaces) -> None:
        self._database = database
        self._workspaces = workspaces
        self._persons = Persons(database)

    async def work(self, arrival: Arrival) -> str:
        """Erase the contact of one webhook; says what came of it. Raises Waiting, and Park where a person must look."""
        contact_id = str(arrival.content["contact_id"])
        left = AFTER - arrival.waited
        if left > 0:
            raise Waiting("erasure_later", f"Contact {contact_id} was deleted in Intercom and is erased later", left)
        workspace = await self._workspaces.get(arrival.workspace_id)
        if await self._lives_on(workspace, contact_id):
            return "the contact is there again, or went into another one, so nothing was erased"
        person = await self._persons.find(arrival.workspace_id, contacts={contact_id}, handles=())
        if not person.known:
            return "nothing was on record about this contact"
        await self._check_alone(workspace, person, contact_id)
        with acting("Intercom", "contact deleted"):
            receipt = await self._persons.erase(person, now=datetime.now(UTC))
        return f"erased {sum(receipt.erased.values())} records; the audit has the receipt"

    async def _lives_on(self, workspace: Workspace, contact_id: str) -> bool:
        """Whether it is there, or what a merge left of it; up to API 2.15 Intercom does not tell of merges itself."""
        async with self._database.connection() as connection:
            survivor = await survivor_of(connection, workspace.workspace_id, contact_id)
        return bool(survivor) or await contacts.get(workspace.client, contact_id) is not None

    async def _check_alone(self, workspace: Workspace, person: Whom, contact_id: str) -> None:
        """Raise Waiting while their messages are on the way, Park where a contact that is still there is reached."""
        async with self._database.connection() as connection:
            waits = await queries.person_waits(
                connection, workspace_id=person.workspace_id, arrivals=list(person.arrivals)
            )
        if waits:
            raise Waiting("erasure_later", f"Messages of contact {contact_id} are not through yet", LOOK)
        for other in person.contacts:
            found = await contacts.get(workspace.client, other) if other != contact_id else None
            if found is not None:
                raise Park(
                    "erasure_unclear",
                    f"Contact {contact_id} was deleted in Intercom. Its addresses or merges lead to contact "
                    f"{found.contact_id}, which is still there, so nothing was erased. If that is the same person, "
                    f"erase both: leadline person erase {contact_id}. If not, drop this.",
                )
