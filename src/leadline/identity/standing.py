"""What people say about a handle, as values: detach, attach, share.

`people/corrections.py` stores what comes out. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from leadline.model import Role, Struct


class Tie(Struct, frozen=True, kw_only=True):
    """The contact a handle is linked to. `doubt`: reason codes of the doubt it was made with, comma separated."""

    contact_id: str
    role: Role
    evidence: str
    doubt: str = ""


class Standing(Struct, frozen=True, kw_only=True):
    """Everything people can correct about one handle.

    different: contacts it surely is not. own_lead: its next message makes a lead, whoever else has its phone.
    shared: several persons use it, so it proves nobody.
    """

    handle: str
    tie: Tie | None = None
    different: frozenset[str] = frozenset()
    own_lead: bool = False
    shared: bool = False


def detach(standing: Standing) -> Standing:
    """ "Not this person": the handle gets a lead of its own, and is remembered as different from its contact."""
    if standing.tie is None:
        return standing
    different = standing.different | {standing.tie.contact_id}
    return msgspec.structs.replace(standing, tie=None, different=different, own_lead=True)


def attach(standing: Standing, contact_id: str, role: Role) -> Standing:
    """ "It is that person": linked by an operator's word, which takes back an earlier "not this person"."""
    tie = Tie(contact_id=contact_id, role=role, evidence="operator")
    return msgspec.structs.replace(standing, tie=tie, different=standing.different - {contact_id}, own_lead=False)


def share(standing: Standing, shared: bool) -> Standing:
    """Several persons use this handle; or one alone, and then its link is no longer in doubt because of that."""
    tie = standing.tie
    if tie is not None and not shared:
        left = (code for code in tie.doubt.split(",") if code != "shared_number")
        tie = msgspec.structs.replace(tie, doubt=",".join(left))
    return msgspec.structs.replace(standing, shared=shared, tie=tie)


def together(standings: Iterable[Standing], handle: str) -> tuple[Standing, ...]:
    """Of one sender's handles those that a correction of `handle` is about: they are linked to the same contact."""
    known = {standing.handle: standing for standing in standings}
    named = known[handle]
    contact_id = named.tie.contact_id if named.tie else None
    same = (one for one in known.values() if one.tie and one.tie.contact_id == contact_id and one != named)
    return (named, *sorted(same, key=lambda one: one.handle))
