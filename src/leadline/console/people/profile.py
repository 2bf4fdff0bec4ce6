"""Who a contact is: what Intercom says now, else what the directory keeps. A page never waits long for Intercom."""

from __future__ import annotations

import asyncio

from leadline.console.language import _
from leadline.console.shell import Visit
from leadline.errors import LeadlineError
from leadline.identity.words import phone
from leadline.intercom import contacts
from leadline.model import Struct

PATIENCE = 0.6  # seconds the first drawing waits for Intercom


class Profile(Struct, frozen=True, kw_only=True):
    """What is known. contact_id: of the contact it was merged into, where it was. role: empty for nobody.

    source: whose word it is, for people; empty where nobody knows the contact.
    """

    contact_id: str
    name: str = ""
    role: str = ""
    email: str = ""
    phones: tuple[str, ...] = ()
    external_id: str = ""
    archived: bool = False
    source: str = ""

    @property
    def title(self) -> str:
        """What people call them."""
        return self.name or self.email or next(iter(self.phones), "") or _("No name")


class Profiles:
    """Of one contact: asked once, and again when told to."""

    def __init__(self, visit: Visit, contact_id: str) -> None:
        self._visit = visit
        self._contact_id = contact_id
        self._asking: asyncio.Task[contacts.Contact | None] | None = None

    async def now(self) -> Profile:
        """What Intercom said, where it answered by now."""
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(lambda task: task.cancelled() or task.exception())  # also if nobody waits
        await asyncio.wait({self._asking}, timeout=PATIENCE)
        if not self._asking.done():
            return await self._kept(_("the directory; Intercom has not answered yet"))
        try:
            found = self._asking.result()
        except LeadlineError:
            return await self._kept(_("the directory; Intercom could not be asked"))
        return _profile(found) if found else await self._kept(_("the directory; Intercom has no such contact"))

    def again(self) -> None:
        """Ask anew the next time."""
        self._asking = None

    async def _ask(self) -> contacts.Contact | None:
        workspace = await self._visit.leadline.connections.workspaces.get(self._visit.workspace_id)
        return await contacts.get(workspace.client, self._contact_id)

    async def _kept(self, source: str) -> Profile:
        find, workspace_id = self._visit.leadline.directory.find, self._visit.workspace_id
        entry = (await find.contact(workspace_id, self._contact_id))[0]
        if entry is None:
            return Profile(contact_id=self._contact_id)
        return Profile(
            contact_id=self._contact_id,
            name=entry.shown,
            role=entry.role.value,
            email=entry.email,
            phones=tuple(map(phone, entry.phones(await find.region(workspace_id)))),
            source=source,
        )


def _profile(contact: contacts.Contact) -> Profile:
    return Profile(
        contact_id=contact.contact_id,
        name=contact.name,
        role=contact.role.value,
        email=contact.email,
        phones=(phone(contact.phone),) if contact.phone else (),
        external_id=contact.external_id,
        archived=contact.archived,
        source="Intercom",
    )
