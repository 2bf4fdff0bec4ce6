"""Why a message did not go to a certain contact: how its phone is stored, how that reads, why it was left out. Pure.

`leadline explain --why-not` asks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leadline.identity import phone_fields, variants
from leadline.identity.evidence import Evidence
from leadline.identity.words import addresses, phone
from leadline.model import Candidate, Decision

TIES = {
    "tie_latest_updated": "the contact that was updated last was taken",
    "tie_name": "the contact with the name of the sender's profile was taken",
    "tie_prefer_user": "a user was preferred",
    "tie_prefer_lead": "a lead was preferred",
    "ask_agent": "a teammate is to choose, and the message went to a new lead",
}


def why_not(contact: Candidate, fields: Sequence[str], evidence: Evidence, decision: Decision) -> tuple[str, ...]:
    """Sentences for people, from what is stored to what follows.

    fields: the texts of the contact that hold phones, as they are now. evidence, decision: of the message, on record.
    """
    return (*_stored(fields, evidence.region), *_sender(evidence), _verdict(contact, fields, evidence, decision))


def _stored(fields: Sequence[str], region: str) -> Iterator[str]:
    if not fields:
        yield "Intercom has no phone number for this contact."
    for field in fields:
        lines = phone_fields.read(field, region=region)
        if lines:
            country = f", read as a number of {region}" if region and not phone_fields.read(field) else ""
            yield f"Stored as “{field}”, which is {' and '.join(map(phone, lines))}{country}."
        elif phone_fields.bare(field) and not region:
            yield f"Stored as “{field}”, without a country code, and no country is known: set default_region."
        else:
            yield f"Stored as “{field}”, which Leadline cannot read as a phone number."


def _sender(evidence: Evidence) -> Iterator[str]:
    own = addresses([str(handle) for handle in evidence.handles])
    yield f"The message came from {own}."
    for handle in evidence.handles:
        others = variants.lines(handle.value, whatsapp=True)[1:] if handle.is_phone else ()
        if others:
            yield f"Other forms of that number are {', '.join(map(phone, others))}."


def _verdict(contact: Candidate, fields: Sequence[str], evidence: Evidence, decision: Decision) -> str:
    contact_id = contact.contact_id
    if decision.contact_id == contact_id:
        return "The message did go to this contact."
    if contact_id in evidence.excluded:
        return "A teammate said that this contact is not the sender, so it was left out."
    if contact_id in evidence.departed:
        return "The provider announced that this contact has another number, so it was left out."
    if contact_id in {one.contact_id for one in (*evidence.candidates, *evidence.attribute_hits)}:
        return _beaten(decision)
    if decision.code in {"known_link", "changed_number", "attested_phone"}:
        return "The sender was known already, and belonged to another contact, so nobody else was looked for."
    if decision.code == "blocked_number":
        return "The sender's number is on the list of numbers that identify nobody, so nobody was looked for."
    return _not_found(fields, evidence)


def _beaten(decision: Decision) -> str:
    if decision.code in TIES:
        return f"It was found, but several contacts have the number, and {TIES[decision.code]}."
    if decision.code in {"known_link", "changed_number", "attested_phone"}:
        return "It was found, but another address of the sender already belonged to another contact."
    if decision.code == "shared_number":
        return "It was found, but so many contacts have the number that it identifies nobody."
    if decision.code == "recycled_number":
        return "It was found, but after a long silence the name is different, so the number may have a new owner."
    return "It was found, but another contact was created for exactly this sender."


def _not_found(fields: Sequence[str], evidence: Evidence) -> str:
    phones = [handle.value for handle in evidence.handles if handle.is_phone]
    fits = any(
        variants.same_line(field, number, region=evidence.region, whatsapp=True)
        for field in fields
        for number in phones
    )
    if fits:
        return "Its number is the sender's now. When the message came it was not, or Leadline had not learnt of it yet."
    return "None of its numbers is the sender's, so it was not found."
