"""What becomes of an address that another product left on contacts: linked, or left as it is, and why. Pure.

`people/imports/work.py` stores what comes out. A link that stands is never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from leadline.identity.standing import Standing
from leadline.model import Struct

LEFT = MappingProxyType(
    {
        "elsewhere": "belongs to another contact in Leadline already",
        "several": "stands on several contacts",
        "denied": "a teammate or the channel's provider said that it is not this contact's",
        "own_lead": "a teammate said that it is nobody's whom you know",
        "shared": "is marked as used by several people",
        "blocked": "is one of blocked_numbers",
        "unreadable": "is no address of a customer on this channel",
        "no_channel": "is of a channel that is not connected here, or of several",
        "no_account": "cannot be linked before a first message came on this channel: only that tells its account",
        "no_id": "has the mark of a channel, and neither a phone nor an attribute that was read holds an address",
        "changed": "was linked, and somebody has changed that since",
    }
)
"""Why an address was left as it is: a stable code → words behind the address."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What becomes of one contact's claim: `linked`, `already`, or a code of LEFT. other_id: whose it is instead."""

    code: str
    other_id: str = ""


def settle(contact_ids: Iterable[str], standings: Sequence[Standing], *, blocked: bool) -> Mapping[str, Outcome]:
    """Each contact that claims one address, with the outcome.

    standings: of the address first, then of the other written forms of its line. blocked: it identifies nobody.
    """
    owner = next((one.tie.contact_id for one in standings if one.tie is not None), "")
    claiming = sorted({*contact_ids})
    return {contact_id: _outcome(contact_id, claiming, owner, standings, blocked) for contact_id in claiming}


def _outcome(
    contact_id: str, claiming: Sequence[str], owner: str, standings: Sequence[Standing], blocked: bool
) -> Outcome:
    if owner:
        return Outcome(code="already") if owner == contact_id else Outcome(code="elsewhere", other_id=owner)
    if len(claiming) > 1:
        return Outcome(code="several", other_id=next(one for one in claiming if one != contact_id))
    if blocked:
        return Outcome(code="blocked")
    if any(one.shared for one in standings):
        return Outcome(code="shared")
    if any(contact_id in one.different for one in standings):
        return Outcome(code="denied")
    return Outcome(code="own_lead" if any(one.own_lead for one in standings) else "linked")
