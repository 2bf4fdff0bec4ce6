"""What the database knows about the sender of a message. `whose.py` asks here before it asks Intercom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from leadline.engine.lanes import Arrival
from leadline.engine.ledger import Ledger, Rows, Statement
from leadline.identity import handles as handle_rules
from leadline.identity.evidence import Evidence, Link
from leadline.model import Handle, Inbound, Role, Struct
from leadline.store.queries import queries


class Known(Struct, frozen=True, kw_only=True):
    """One sender, as far as it is on record.

    evidence: all of it but what Intercom has. roles: of the contacts linked. rejected: contacts that a new lead of
    this sender must not be. decided: the contact an interrupted try chose, None where there was none.
    """

    evidence: Evidence
    roles: Mapping[str, Role]
    rejected: frozenset[str] = frozenset()
    decided: str | None = None


class Asked(Struct, frozen=True, kw_only=True):
    """One sender, for RECALL; all but the first two are JSON lists of names."""

    workspace_id: str
    arrival_id: int
    wanted: str
    claimed: str
    phones: str
    accounts: str
    scoped: str
    prefixes: str


def _row(rows: Rows) -> Mapping[str, Any]:
    return rows[0]


RECALL = Statement[Asked, Mapping[str, Any]](queries.recall_senders.sql, _row, rank=6)


async def recall(ledger: Ledger, arrival: Arrival, message: Inbound, *, whatsapp: bool) -> Known:
    """Links, what people said, when the sender last wrote and under which name; none of it asked in Intercom.

    whatsapp: the message came by WhatsApp, whose accounts keep the form of the number they were opened with.
    """
    claimed = by_name((*message.attested, *message.former, *message.handles))
    forms = handle_rules.forms((*message.former, *message.handles), whatsapp=whatsapp)
    row = await ledger.write(RECALL, _asked(arrival, message, [*claimed, *forms], [*claimed]))
    exact = {claimed[link["handle"]] for link in row["links"] if link["handle"] in claimed}
    linked = [one for one in row["links"] if one["handle"] in claimed or forms[one["handle"]] not in exact]
    shown = tuple(handle for name, handle in by_name(message.handles).items() if name in row["shown"])
    handles = {known["handle"]: known for known in row["known"]}
    own = [handles[name] for name in by_name((*message.former, *message.handles))]
    pairs = [(contact, author) for known in own for contact, author in known["pairs"]]
    # Whose number it was before counts until the same customer comes back to it.
    departed = {contact for contact, author in pairs if author == "provider"} if not message.former else set()
    return Known(
        evidence=Evidence(
            handles=tuple(handle for handle in message.handles if handle not in shown),
            former=message.former,
            attested=message.attested,
            shown=shown,
            links=tuple(_link(one, claimed | forms, claimed) for one in linked),
            excluded=frozenset(contact for contact, author in pairs if author not in {"leadline", "provider"}),
            departed=frozenset(departed),
            profile_name=message.profile.name,
            previous_name=_latest_name(own),
            last_seen_at=_last_seen(own, message),
            now=arrival.arrived_at,
            shared_flag=any(known["shared"] for known in handles.values()),
            own_lead=any(handles[name]["own_lead"] for name in by_name(message.handles)),
            account_changed=row["others"],
        ),
        roles={one["contact_id"]: Role(one["role"]) for one in linked},
        rejected=frozenset(contact for contact, _ in pairs),
        decided=row["decided"],
    )


def _asked(arrival: Arrival, message: Inbound, wanted: Sequence[str], claimed: Sequence[str]) -> Asked:
    """scoped, prefixes: accounts by which it is told whether the phone of this message was known with another id on
    the same channel, and never with this one.
    """
    phones = [name for name, handle in by_name(message.handles).items() if handle.is_phone]
    scoped = by_name(handle for handle in message.handles if handle.scope) if phones else {}
    return Asked(
        workspace_id=arrival.workspace_id,
        arrival_id=arrival.arrival_id,
        wanted=_json(wanted),
        claimed=_json(claimed),
        phones=_json(phones),
        accounts=_json([name for name in by_name(message.handles) if name not in phones]),
        scoped=_json([*scoped]),
        prefixes=_json([f"{handle.scheme}:{handle.scope}/" for handle in scoped.values()]),
    )


def _json(names: Sequence[str]) -> str:
    return msgspec.json.encode(names).decode()


def by_name(handles: Iterable[Handle]) -> dict[str, Handle]:
    """The handles by the names links have for them."""
    return {handle_rules.name(handle): handle for handle in handles}


def _link(row: Mapping[str, Any], asked: Mapping[str, Handle], claimed: Mapping[str, Handle]) -> Link:
    return Link(
        handle=asked[row["handle"]],
        under="" if row["handle"] in claimed else row["handle"],
        contact_id=row["contact_id"],
        evidence=row["evidence"],
        at=row["linked_at"],
        doubt=row["doubt"],
    )


def _latest_name(rows: Iterable[Mapping[str, Any]]) -> str:
    told = [(row["last_at"], row["name"]) for row in rows if row["name"]]
    return str(max(told)[1]) if told else ""


def _last_seen(rows: Iterable[Mapping[str, Any]], message: Inbound) -> float | None:
    """When the line last wrote: the phone where there is one, since only phones get new owners."""
    phones = {handle_rules.name(handle) for handle in message.handles if handle.is_phone}
    seen = [row["last_at"] for row in rows if row["last_at"] and (row["handle"] in phones or not phones)]
    return max(seen, default=None)
