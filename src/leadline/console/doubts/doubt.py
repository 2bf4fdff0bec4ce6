"""What the page shows of a doubt, as values: two equal ones need no new drawing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from leadline.console.drawing import shorten
from leadline.console.language import _
from leadline.identity.reasons import title
from leadline.identity.weighing import Step, steps
from leadline.identity.words import phone
from leadline.model import Candidate, Decision, Struct

LONGEST = 240  # letters of a text


class Other(Struct, frozen=True, kw_only=True):
    """A contact that the sender may be as well."""

    contact_id: str
    name: str
    role: str
    known_by: str


class Doubt(Struct, frozen=True, kw_only=True):
    """One link in doubt. arrival_id: the sender's last message, 0 where none is on record; others: who else fits."""

    link_id: int
    handle: str
    handles: tuple[str, ...]
    contact_id: str
    contact: str
    role: str
    name: str
    channel: str
    text: str
    arrival_id: int
    at: datetime
    why: tuple[str, ...]
    steps: tuple[Step, ...]
    others: tuple[Other, ...]


def doubt_of(row: Mapping[str, Any], channels: Mapping[int, str]) -> Doubt:
    """Of a row of `doubted_links`; channels: their names."""
    decision = _decision(row)
    known = {one.contact_id: one for one in decision.candidates}
    chosen = known.get(row["contact_id"])
    return Doubt(
        link_id=row["link_id"],
        handle=row["handle"],
        handles=tuple(row["handles"]),
        contact_id=row["contact_id"],
        contact=(chosen.name if chosen else "") or row["name"],
        role=row["role"],
        name=row["name"],
        channel=channels.get(row["channel_id"], ""),
        text=shorten(row["text"], LONGEST),
        arrival_id=row["last_id"] or 0,
        at=row["linked_at"],
        why=tuple(_(title(code)) for code in row["doubt"].split(",") if code),
        steps=steps(decision, row["doubt"]),
        others=tuple(_other(one) for key, one in known.items() if key != row["contact_id"]),
    )


def _decision(row: Mapping[str, Any]) -> Decision:
    """That which made the doubt: the one that linked, or the sender's last one where the doubt came up later."""
    found = [msgspec.convert(row[name], Decision) for name in ("made", "last") if row[name]]
    doubt = {*row["doubt"].split(",")}
    whole = (one for one in found if doubt <= {reason.code for reason in one.reasons})
    nothing = Decision(contact_id=row["contact_id"], reasons=(), policy="")
    return next(whole, found[0] if found else nothing)


def _other(one: Candidate) -> Other:
    known_by = ", ".join(filter(None, (phone(one.phone), one.email, one.external_id)))
    return Other(contact_id=one.contact_id, name=one.name or _("No name"), role=one.role.value, known_by=known_by)
