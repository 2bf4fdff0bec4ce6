"""Every reason of a decision: a title and one sentence for people. See docs/reference/reasons.md."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from leadline.identity.words import address, addresses, ended
from leadline.model import Reason

SENTENCES = MappingProxyType(
    {
        "known_link": "This sender already belongs to this contact",
        "imported_link": "Octopods had this sender on this contact, and an import took that over",
        "changed_number": "The provider says that a known sender has changed to this number",
        "attested_phone": "The customer has proved that this contact's phone number is theirs",
        "exact_handle": "Leadline created this contact for this sender",
        "unique_phone": "This is the only contact with the sender's phone number",
        "tie_latest_updated": "Several contacts fit, and Leadline took the one that was updated last",
        "tie_name": "Several contacts have the number, and only this one has the name in the sender's profile",
        "tie_prefer_user": "Several contacts fit, and Leadline preferred a user to a lead",
        "tie_prefer_lead": "Several contacts fit, and Leadline preferred a lead to a user",
        "ask_agent": "Several contacts fit, so the message went to a new lead until a teammate chooses",
        "phone_moved": "The number moved here from the contact that this sender belonged to",
        "phone_left": "The number was taken off this contact, so its owner may have changed",
        "other_form": "This sender wrote before under another form of the same number",
        "several_numbers": "The phone field of this contact holds several numbers",
        "former_owner": "This contact has changed to another number, so its old one belongs to somebody else",
        "attribute_match": "This contact has the sender's id on this channel",
        "own_lead": "A teammate said that the sender is none of the known contacts, so Leadline created a new lead",
        "new_lead": "No contact in Intercom is known to be this sender, so Leadline created a new lead",
        "blocked_number": "This phone number is on the list of numbers that identify nobody, so it was not looked up",
        "shared_number": "Several people use this phone number, so it does not show who wrote",
        "recycled_number": "After a long silence this phone number has a different name, so it may have a new owner",
        "handle_conflict": "The sender's addresses belong to different contacts, so a person must decide",
        "long_silence": "This phone number was silent for a long time, so it may have a new owner",
        "name_changed": "The name in the sender's profile has changed",
        "account_changed": "This phone number used to come with a different account, so it may have a new owner",
        "unconfirmed_link": "Leadline was not sure when it chose this contact, and nobody has confirmed it yet",
        "name_differs": "The sender's profile and the contact have different names",
        "points_elsewhere": "Another address of the sender belongs to a different contact",
        "not_this_person": "A teammate said that this contact is not the sender, so it was left out",
    }
)
"""Reason code → sentence without its full stop. Codes are stable: they are stored, counted and filtered by."""

TITLES = MappingProxyType(
    {
        "known_link": "Known sender",
        "imported_link": "Imported from Octopods",
        "changed_number": "Changed number",
        "attested_phone": "Proven phone number",
        "exact_handle": "Created for this sender",
        "unique_phone": "Only contact with this phone number",
        "tie_latest_updated": "Updated last of several",
        "tie_name": "Same name and number",
        "tie_prefer_user": "User preferred",
        "tie_prefer_lead": "Lead preferred",
        "ask_agent": "A teammate must choose",
        "phone_moved": "Number moved",
        "phone_left": "Number taken off",
        "other_form": "Other form of the number",
        "several_numbers": "Several numbers in one field",
        "former_owner": "Former owner",
        "attribute_match": "Same id on this channel",
        "own_lead": "New lead, as a teammate said",
        "new_lead": "New lead",
        "blocked_number": "Number that identifies nobody",
        "shared_number": "Shared phone number",
        "recycled_number": "Possible new owner",
        "handle_conflict": "Addresses of different contacts",
        "long_silence": "Long silence",
        "name_changed": "Changed name",
        "account_changed": "Changed account",
        "unconfirmed_link": "Not confirmed yet",
        "name_differs": "Different name",
        "points_elsewhere": "Another contact fits as well",
        "not_this_person": "Ruled out by a teammate",
    }
)
"""Reason code → what it is called where there is room for a few words only."""

EVIDENCE = MappingProxyType(
    {
        "known_link": "known sender",
        "attested": "proven phone number",
        "exact": "created for this sender",
        "phone": "phone number",
        "attribute": "id on this channel",
        "created": "new lead",
        "begun": "a teammate wrote first",
        "imported": "id that Octopods left",
        "imported_phone": "phone number that Octopods used",
        "merge": "merge",
        "reroute": "merge, messages only",
        "operator": "a teammate's word",
        "undo": "undo",
    }
)
"""`Link.evidence` → on what a link rests."""

ADDRESSES = {
    "known_link", "changed_number", "attested_phone", "unique_phone", "blocked_number", "other_form",
}  # fmt: skip
CONTACTS = {"recycled_number", "points_elsewhere", "not_this_person", "phone_moved", "former_owner"}


def title(code: str) -> str:
    """The reason in a few words; an unknown code (from a newer version's record) is shown as it is."""
    return TITLES.get(code, code)


def titles(codes: str) -> str:
    """Reasons of a doubt, as links keep them comma separated, in words."""
    return ", ".join(title(code).lower() for code in codes.split(",") if code)


def sentence(reason: Reason, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """The reason as one sentence; an unknown code is shown as it is. names: of contacts, by their id."""
    text = SENTENCES.get(reason.code, reason.code)
    detail = _detail(reason, names)
    return ended(f"{text}: {detail}" if detail else text)


def _detail(reason: Reason, names: Mapping[str, str]) -> str:
    """The detail, which is on record with codes, handles and ids, as people read it."""
    code, detail = reason.code, reason.detail
    if code in ADDRESSES:
        return addresses(detail.split(", ")) if detail else ""
    if code in CONTACTS:
        return _contact(detail, names)
    if code == "exact_handle":
        return address(detail.partition(":")[2])
    if code == "unconfirmed_link":
        return titles(detail)
    if code == "handle_conflict":
        pairs = (part.rpartition(" is ") for part in detail.split(", "))
        return ", ".join(f"{address(handle)} belongs to {_contact(contact, names)}" for handle, _, contact in pairs)
    return detail


def _contact(contact_id: str, names: Mapping[str, str]) -> str:
    """A contact by its name, with the id it is found by in Intercom."""
    name = names.get(contact_id, "")
    return f"{name} ({contact_id})" if name else contact_id and f"contact {contact_id}"
