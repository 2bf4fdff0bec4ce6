"""A lead of its own for a sender who is nobody's contact yet. `whose.py` asks for it."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from leadline.connections.switchboard import Connected
from leadline.connections.workspaces import Workspace
from leadline.errors import Park
from leadline.identity import handles as handle_rules
from leadline.intercom import contacts
from leadline.intercom.outcomes import IntercomError
from leadline.model import Handle, Inbound
from leadline.people.links import Person
from leadline.people.profiles import Profiles
from leadline.spaces import Book
from leadline.store.database import Database
from leadline.store.queries import queries

CHANNEL_ATTRIBUTE = "leadline_channel"
CHANNEL_DESCRIPTION = "Channel on which the customer first wrote, set by Leadline"
LEAD_IDS = 20
UNATTRIBUTED = {"tel", "sender"}  # a phone has its own field; a short code identifies nobody
log = structlog.get_logger(__name__)


def attribute_of(scheme: str) -> str:
    """Name of the contact attribute that holds the id of a customer on channels of this scheme."""
    return f"{scheme}_id"


def email_attribute_of(scheme: str) -> str:
    """Name of the contact attribute for the e-mail address a channel's provider names; suggestions read it."""
    return f"{scheme}_email"


def id_of(handle: Handle) -> str:
    """A handle as the contact attribute of its scheme holds it."""
    return f"{handle.scope}/{handle.value}" if handle.scope else handle.value


def attributes_of(handles: Sequence[Handle]) -> dict[str, str]:
    """The attributes that hold these ids; of several on one kind of channel the first, which is the sender's own."""
    return {attribute_of(one.scheme): id_of(one) for one in reversed(handles) if one.scheme not in UNATTRIBUTED}


class Leads:
    """Makes leads, each under an id of its own, so that the same sender asked for twice is the same lead."""

    def __init__(self, database: Database, profiles: Profiles, book: Book) -> None:
        self._database = database
        self._profiles = profiles
        self._book = book
        self._made: set[tuple[str, str]] = set()

    async def new(
        self, workspace: Workspace, message: Inbound, connected: Connected, rejected: frozenset[str]
    ) -> Person:
        """The sender's lead, but none of the `rejected` contacts, which are somebody else. Raises Park."""
        taken = await self._taken(workspace.workspace_id, message, rejected)
        first = _leading(message.handles)
        number = next((handle.value for handle in (first, *message.attested) if handle.is_phone), "")
        profile = await self._profiles.of(message, connected)
        attributes = {await self._channel_attribute(workspace): connected.row.provider}
        attributes |= attributes_of(message.handles)
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
        raise Park(
            "lead_id_taken", f"All {LEAD_IDS} ids for leads of {first} belong to contacts that were deleted for good."
        )

    async def _channel_attribute(self, workspace: Workspace) -> str:
        """The attribute that the settings name, made where it is missing; our own where Intercom does not take it."""
        name = self._book.of(workspace.workspace_id).channel_attribute
        if name != CHANNEL_ATTRIBUTE and (workspace.workspace_id, name) not in self._made:
            try:
                await contacts.ensure_attributes(workspace.client, {name: CHANNEL_DESCRIPTION})
            except IntercomError as error:
                log.warning("channel_attribute_not_usable", attribute=name, why=str(error))
                return CHANNEL_ATTRIBUTE
            self._made.add((workspace.workspace_id, name))
        return name

    async def _taken(self, workspace_id: str, message: Inbound, rejected: frozenset[str]) -> int:
        """How many leads were made of this address for somebody else: their ids need not be tried."""
        if not rejected:
            return 0
        name = handle_rules.name(_leading(message.handles))
        async with self._database.connection() as connection:
            row = await queries.leads_made(connection, workspace_id=workspace_id, handle=name, contact_ids=[*rejected])
        return int(row["leads"])


def _leading(handles: tuple[Handle, ...]) -> Handle:
    """The handle a lead is named after: the phone where there is one."""
    return next((handle for handle in handles if handle.is_phone), handles[0])
