"""Contacts in Intercom: reading them one by one or all, creating, changing and restoring them.

Called by `people`, `merging` and `directory`. All functions may raise what Client.call raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from leadline.intercom.attributes import DESCRIPTION, ensure_attributes
from leadline.intercom.client import Client
from leadline.intercom.outcomes import Conflict, IntercomError, Merged, NotFound, OutcomeUnknown, following, listed
from leadline.intercom.routes import path
from leadline.intercom.wire import mapping, seconds, text
from leadline.model import Candidate, Role, Struct

__all__ = [
    "Contact",
    "Created",
    "create_lead",
    "ensure_attributes",
    "get",
    "get_itself",
    "page",
    "plain",
    "read",
    "restore",
    "update",
]

_MAX_HOPS = 5
LARGEST_PAGE = 150
_NAME_LENGTH = 255
_COSMETIC = ("avatar", "language_override")


class Contact(Candidate, frozen=True, kw_only=True):
    """One contact as Intercom has it, times in unix seconds. `raw` is the whole record, for snapshots."""

    archived: bool = False
    created_at: int = 0
    raw: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def custom_attributes(self) -> dict[str, Any]:
        return mapping(self.raw.get("custom_attributes"))


class Created(Struct, frozen=True):
    """Outcome of `create_lead`. existed: somebody, perhaps an earlier attempt, had made it already.

    contact is None when the external id belongs for ever to a contact that is gone and that Intercom will not
    restore: create again with another external id.
    """

    contact: Candidate | None
    existed: bool


async def get(client: Client, contact_id: str) -> Contact | None:
    """The contact now, or the one it was merged into, whose id then differs from the one asked for; None when gone.

    Source: GET /contacts/{id}, 410 with a Link to the canonical contact, API 2.16 (earlier versions: 404).
    """
    for _ in range(_MAX_HOPS):
        try:
            return await get_itself(client, contact_id)
        except Merged as merged:
            if not merged.canonical_id or merged.canonical_id == contact_id:
                return None
            contact_id = merged.canonical_id
    return None


async def get_itself(client: Client, contact_id: str) -> Contact | None:
    """The contact now; None when it is gone. Raises Merged, which names the survivor, when it was merged away."""
    try:
        return _contact(await client.call("GET", path("/contacts/{}", contact_id)))
    except Merged:
        raise
    except NotFound:
        return None


class Page(Struct, frozen=True, kw_only=True):
    """One page of all contacts. after: the cursor of the next one, empty on the last; total: of all pages."""

    contacts: tuple[Contact, ...]
    after: str
    total: int


async def page(client: Client, after: str = "") -> Page:
    """At most 150 of the workspace's contacts (GET /contacts), without merged and archived ones.

    Source: list of contacts, API 2.16; the largest page from Intercom's page on pagination, read September 2026.
    """
    params = {"per_page": str(LARGEST_PAGE)} | ({"starting_after": after} if after else {})
    answer = await client.call("GET", "/contacts", params=params)
    return Page(
        contacts=tuple(filter(None, map(read, listed(answer, "data")))),
        after=following(answer, after),
        total=int(seconds(answer.get("total_count"))),
    )


async def create_lead(
    client: Client,
    *,
    external_id: str,
    name: str = "",
    phone: str = "",
    avatar_url: str = "",
    language: str = "",
    attributes: Mapping[str, str] | None = None,
) -> Created:
    """Make a lead, or find the one that has this external id already; safe to repeat.

    A missing custom attribute is created. An avatar or language that Intercom will not have is left out: no
    message waits for decoration. `language_override` is in Intercom's contact, yet not in its written create request.
    """
    fields: dict[str, Any] = {
        "role": Role.LEAD.value,
        "external_id": external_id,
        "name": name[:_NAME_LENGTH],
        "phone": phone,
        "avatar": avatar_url,
        "language_override": language,
        "custom_attributes": dict(attributes or {}),
    }
    try:
        return Created(await _create(client, {key: value for key, value in fields.items() if value}), existed=False)
    except Conflict as conflict:
        return Created(await _existing(client, conflict), existed=True)


async def restore(client: Client, contact_id: str) -> bool:
    """Take an archived contact out of the archive; False when it cannot be restored, because it was merged or deleted.

    Source: POST /contacts/{id}/unarchive, API 2.16; the refusal as Intercom's forum shows it.
    """
    try:
        await client.call("POST", path("/contacts/{}/unarchive", contact_id))
    except IntercomError as refused:
        if not (refused.invalid or isinstance(refused, NotFound)):
            raise
        return False
    return True


async def delete(client: Client, contact_id: str) -> bool:
    """Delete a contact for good (DELETE /contacts/{id}); False where it is gone already."""
    try:
        await client.call("DELETE", path("/contacts/{}", contact_id))
    except NotFound:
        return False
    return True


async def update(client: Client, contact_id: str, **fields: object) -> Contact:
    """Change fields of a contact (PUT /contacts/{id}); raises Merged or NotFound when it is gone."""
    return _contact(await client.call("PUT", path("/contacts/{}", contact_id), body=fields))


async def _create(client: Client, fields: dict[str, Any]) -> Candidate:
    try:
        return plain(_contact(await client.call("POST", "/contacts", body=fields)))
    except IntercomError as refused:
        names = dict.fromkeys(fields.get("custom_attributes", {}), DESCRIPTION)
        if not refused.invalid:
            raise
        if not names or not await ensure_attributes(client, names):
            bare = {key: value for key, value in fields.items() if key not in _COSMETIC}
            if bare == fields:
                raise
            fields = bare
    return await _create(client, fields)


async def _existing(client: Client, conflict: Conflict) -> Candidate | None:
    """The contact a 409 speaks of: restored when archived, its survivor when merged, None when it is lost."""
    if not conflict.contact_id:
        raise conflict
    if conflict.archived:
        try:
            await client.call("POST", path("/contacts/{}/unarchive", conflict.contact_id))
        except Merged as merged:
            return await _candidate(client, merged.canonical_id or conflict.contact_id)
        except IntercomError as refused:
            if not (refused.invalid or isinstance(refused, NotFound)):
                raise
            # Merged and not restorable: only a Link to the survivor helps, the archived record itself does not.
            survivor = await _candidate(client, conflict.contact_id)
            return survivor if survivor and survivor.contact_id != conflict.contact_id else None
    return await _candidate(client, conflict.contact_id)


async def _candidate(client: Client, contact_id: str) -> Candidate | None:
    contact = await get(client, contact_id)
    return plain(contact) if contact else None


def read(raw: dict[str, Any]) -> Contact | None:
    """A contact as the API or a webhook writes it; None when it has no id or is neither lead nor user."""
    contact_id, role = text(raw.get("id")), text(raw.get("role"))
    if not contact_id or role not in {"lead", "user"}:
        return None
    return Contact(
        contact_id=contact_id,
        role=Role(role),
        name=text(raw.get("name")),
        email=text(raw.get("email")),
        phone=text(raw.get("phone")),
        external_id=text(raw.get("external_id")),
        updated_at=int(seconds(raw.get("updated_at"))),
        last_seen_at=int(seconds(raw.get("last_seen_at"))),
        archived=raw.get("archived") is True,
        created_at=int(seconds(raw.get("created_at"))),
        raw=raw,
    )


def _contact(raw: dict[str, Any]) -> Contact:
    """Raises OutcomeUnknown where nothing came back: it may be done, and asking again does no harm."""
    contact = read(raw)
    if not text(raw.get("id")):
        raise OutcomeUnknown("Intercom answered without the contact; it is asked again")
    if not contact:
        raise IntercomError(200, "no_contact", f"the answer is no contact (role '{text(raw.get('role'))}')")
    return contact


def plain(contact: Contact) -> Candidate:
    """The contact without its record: what decisions are made of and stored with."""
    return Candidate(**{name: getattr(contact, name) for name in Candidate.__struct_fields__})
