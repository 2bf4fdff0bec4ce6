"""Everything a decision may rest on, as one value.

`people/recall.py` and `people/whose.py` gather it, `decide.py` reads it.
"""

from __future__ import annotations

from leadline.model import Candidate, Handle, Struct

IMPORTED = frozenset({"imported", "imported_phone"})
"""`Link.evidence` of links that an import made."""
FROM_PHONE = frozenset({"phone", "imported_phone"})
"""`Link.evidence` of links that rest on a phone of the contact."""


class Link(Struct, frozen=True, kw_only=True):
    """A handle known to belong to a contact.

    evidence: `phone`, `attribute` or `exact` (found in Intercom by that), `created` (a lead made for it), `known_link`
    (came along with a linked handle), `attested` (its owner or the provider proved it), `imported` or `imported_phone`
    (another product left the id, or used the phone), `merge`, `operator`.
    at: unix seconds. doubt: reason codes of the doubt it was made with, comma separated; empty once confirmed.
    under: the other written form of the handle's line that is on record; empty where it is the handle itself.
    """

    handle: Handle
    contact_id: str
    evidence: str = ""
    at: float = 0.0
    doubt: str = ""
    under: str = ""


class Evidence(Struct, frozen=True, kw_only=True):
    """What is known about the sender of one message.

    handles: his addresses, phones in canonical form. former: those the provider says were his before. attested: phones
    that he proved to be his. shown: phones that came with him before and are somebody else's. links: the current ones
    of all these, merges followed.
    candidates: contacts Intercom has for his phones, each checked by `variants.same_line`.
    attribute_hits: contacts that carry his channel id. excluded: contacts people said are not this person. departed:
    contacts whose number this was until the provider announced another one. region: ISO country in which phones
    without a country code were read.
    profile_name, previous_name: what the provider calls him now, and called him in the message before.
    last_seen_at: unix seconds of the last message of this line, None where there was none. now: unix seconds.
    shared_flag: people said this line is used by several persons. own_lead: people said it is nobody known.
    account_changed: this phone came with another id of the same channel before.
    """

    handles: tuple[Handle, ...] = ()
    former: tuple[Handle, ...] = ()
    attested: tuple[Handle, ...] = ()
    links: tuple[Link, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    attribute_hits: tuple[Candidate, ...] = ()
    shown: tuple[Handle, ...] = ()
    excluded: frozenset[str] = frozenset()
    departed: frozenset[str] = frozenset()
    region: str = ""
    profile_name: str = ""
    previous_name: str = ""
    last_seen_at: float | None = None
    now: float = 0.0
    shared_flag: bool = False
    own_lead: bool = False
    account_changed: bool = False
