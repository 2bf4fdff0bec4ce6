"""Every reason of a decision or a suggestion, with its one sentence for people, as in docs/reference/reasons.md."""

from __future__ import annotations

from types import MappingProxyType

from leadline.model import Reason

SENTENCES = MappingProxyType(
    {
        "known_link": "This sender's messages already go to this contact",
        "changed_number": "The provider says that the number of a known sender changed to this one",
        "attested_phone": "The customer proved that this contact's phone number is theirs",
        "exact_handle": "Leadline made this contact for exactly this sender",
        "unique_phone": "This is the only contact with the sender's phone number",
        "tie_latest_updated": "Several contacts fit, and the one updated last was taken",
        "tie_prefer_user": "Several contacts fit, and a user was preferred to a lead",
        "tie_prefer_lead": "Several contacts fit, and a lead was preferred to a user",
        "ask_agent": "Several contacts fit, so the message went to a new lead until somebody chooses",
        "attribute_match": "This contact carries the sender's id on this channel",
        "own_lead": "Somebody said that this sender is nobody known, so a lead of their own is made",
        "new_lead": "Nobody in Intercom is known to be this sender, so a new lead is made",
        "blocked_number": "This phone number is on the list of numbers that identify nobody, so it was not looked up",
        "shared_number": "Several people use this phone number, so it does not tell who wrote",
        "recycled_number": "This phone number was silent for long and now has another name, so it may have a new owner",
        "handle_conflict": "The sender's addresses are known as different contacts, so a person must decide",
        "long_silence": "This phone number was silent for long, so its owner may have changed",
        "name_changed": "The sender's profile has another name than before",
        "account_changed": "This phone number came with another account before, so its owner may have changed",
        "unconfirmed_link": "The contact was chosen in doubt, and nobody has confirmed it yet",
        "name_differs": "The sender's profile has another name than the contact",
        "points_elsewhere": "Another address of the sender belongs to somebody else in Intercom",
        "not_this_person": "Somebody said that this contact is not the sender, so it was left out",
        "same_email": "Both have the same e-mail address",
        "same_phone": "Both have the same phone number",
        "same_rare_name": "Nobody else in Intercom has this name",
    }
)
"""Reason code → sentence without its full stop. Codes are stable: they are stored, counted and filtered by."""


def sentence(reason: Reason) -> str:
    """The reason as one sentence; an unknown code (from a newer version's record) is shown as it is."""
    text = SENTENCES.get(reason.code, reason.code)
    return f"{text}: {reason.detail}." if reason.detail else f"{text}."
