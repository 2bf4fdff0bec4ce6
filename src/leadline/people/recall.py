"""What the database knows about the sender of a message. `whose.py` asks here before it asks Intercom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from leadline.engine.lanes import Arrival
from leadline.identity import handles as handle_rules
from leadline.identity.evidence import Evidence, Link
from leadline.model import Handle, Inbound, Role, Struct
from leadline.store.database import Connection
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


async def recall(connection: Connection, arrival: Arrival, message: Inbound) -> Known:
    """Links, what people said, when the sender last wrote and under which name; three look-ups, none in Intercom."""
    workspace_id = arrival.workspace_id
    claimed = named((*message.attested, *message.former, *message.handles))
    rows = queries.links_of(connection, workspace_id=workspace_id, handles=[*claimed])
    linked = [row async for row in rows]
    rows = queries.handles_known(connection, workspace_id=workspace_id, handles=[*claimed])
    handles = {row["handle"]: row async for row in rows}
    decided = await queries.decision_of(connection, workspace_id=workspace_id, arrival_id=arrival.arrival_id)
    own = [handles[name] for name in named((*message.former, *message.handles))]
    return Known(
        evidence=Evidence(
            handles=message.handles,
            former=message.former,
            attested=message.attested,
            links=tuple(_link(row, claimed) for row in linked),
            excluded=frozenset(contact for row in own for contact in row["denied"]),
            profile_name=message.profile.name,
            previous_name=_latest_name(own),
            last_seen_at=_last_seen(own, message),
            now=arrival.arrived_at,
            shared_flag=any(row["shared"] for row in handles.values()),
            own_lead=any(handles[name]["own_lead"] for name in named(message.handles)),
            account_changed=await _account_changed(connection, workspace_id, message),
        ),
        roles={row["contact_id"]: Role(row["role"]) for row in linked},
        rejected=frozenset(contact for row in own for contact in row["different"]),
        decided=decided["contact_id"] if decided else None,
    )


def named(handles: Iterable[Handle]) -> dict[str, Handle]:
    """The handles by the names links have for them."""
    return {handle_rules.name(handle): handle for handle in handles}


def _link(row: Mapping[str, Any], claimed: Mapping[str, Handle]) -> Link:
    return Link(
        handle=claimed[row["handle"]],
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


async def _account_changed(connection: Connection, workspace_id: str, message: Inbound) -> bool:
    """Whether the phone of this message was known with another id on the same channel, and never with this one."""
    phones = [handle for handle in message.handles if handle.is_phone]
    accounts = [handle for handle in message.handles if handle.scope]
    if not (phones and accounts):
        return False
    rows = queries.accounts_of_phone(
        connection,
        workspace_id=workspace_id,
        phone=handle_rules.name(phones[0]),
        prefixes=[f"{handle.scheme}:{handle.scope}/" for handle in accounts],
        handles=[*map(handle_rules.name, accounts)],
    )
    return bool([row async for row in rows])
