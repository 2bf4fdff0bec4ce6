"""What teammates see of a lead that Leadline made: its phone once it is known, its real name once it is told.

`whose.py` calls it once it is decided whose a message is. No message waits for it, and no word of a person is changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import structlog

from leadline.connections.workspaces import Workspace
from leadline.errors import Retry
from leadline.identity import phone_fields, variants
from leadline.intercom import contacts
from leadline.intercom.contacts import Contact
from leadline.intercom.outcomes import IntercomError
from leadline.model import Handle, Inbound, Role
from leadline.people.leads import id_of
from leadline.people.links import Person

log = structlog.get_logger(__name__)


async def show(
    workspace: Workspace, person: Person, message: Inbound, *, phone: str, name: str, sure: bool = False
) -> bool:
    """Write a phone that was learnt and a name that was told on a lead, where there is none from a person.

    sure: it is known that there is none, so the lead is not read before. False where Intercom would not, so that the
    name may be tried again with the next message.
    """
    if person.role is not Role.LEAD or not (phone or name):
        return True
    try:
        contact_id, changes = person.contact_id, {"phone": phone, "name": name}
        if not sure:
            contact = await contacts.get(workspace.client, contact_id)
            contact_id = contact.contact_id if contact else ""
            changes = _changes(contact, message, phone, name) if contact else {}
        if changes := {field: value for field, value in changes.items() if value}:
            await contacts.update(workspace.client, contact_id, **changes)
    except (IntercomError, Retry) as error:
        log.warning("lead_not_updated", contact=person.contact_id, why=str(error))
        return False
    return True


def _changes(contact: Contact, message: Inbound, phone: str, name: str) -> dict[str, str]:
    if contact.role is not Role.LEAD:
        return {}
    changes = {}
    former = [handle.value for handle in message.former if handle.is_phone]
    if phone and (not contact.phone or any(variants.same_line(contact.phone, old) for old in former)):
        changes["phone"] = phone
    if name and named_by_address(contact.name, (*message.handles, *message.former), {message.profile.username}):
        changes["name"] = name
    return changes


def named_by_address(name: str, handles: Iterable[Handle], others: Collection[str] = ()) -> bool:
    """Whether a contact's name is none, or only an address of the sender that Leadline put there."""
    if not name or name in others:
        return True
    for handle in handles:
        if name in {handle.value, id_of(handle)}:
            return True
        if handle.is_phone and phone_fields.read(name) and not any(map(str.isalpha, name)):
            return variants.same_line(name, handle.value, whatsapp=True)
    return False
