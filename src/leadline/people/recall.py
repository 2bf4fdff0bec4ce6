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


async def recall(connection: Connection, arrival: Arrival, message: Inbound, *, whatsapp: bool) -> Known:
    """Links, what people said, when the sender last wrote and under which name; none of it asked in Intercom.

    whatsapp: the message came by WhatsApp, whose accounts keep the form of the number they were opened with.
    """
    workspace_id = arrival.workspace_id
    claimed = named((*message.attested, *message.former, *message.handles))
    forms = handle_rules.forms((*message.former, *message.handles), whatsapp=whatsapp)
    rows = queries.links_of(connection, workspace_id=workspace_id, handles=[*claimed, *forms])
    linked = [row async for row in rows]
    exact = {claimed[row["handle"]] for row in linked if row["handle"] in claimed}
    linked = [row for row in linked if row["handle"] in claimed or forms[row["handle"]] not in exact]
    shown = await _shown(connection, workspace_id, message)
    rows = queries.handles_known(connection, workspace_id=workspace_id, handles=[*claimed])
    handles = {row["handle"]: row async for row in rows}
    decided = await queries.decision_of(connection, workspace_id=workspace_id, arrival_id=arrival.arrival_id)
    own = [handles[name] for name in named((*message.former, *message.handles))]
    # Whose number it was before counts until the same customer comes back to it.
    departed = {contact for row in own for contact in row["departed"]} if not message.former else set()
    return Known(
        evidence=Evidence(
            handles=tuple(handle for handle in message.handles if handle not in shown),
            former=message.former,
            attested=message.attested,
            shown=shown,
            links=tuple(_link(row, claimed | forms, claimed) for row in linked),
            excluded=frozenset(contact for row in own for contact in row["denied"]),
            departed=frozenset(departed),
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


async def _shown(connection: Connection, workspace_id: str, message: Inbound) -> tuple[Handle, ...]:
    """Phones of the message that came with the same account before, and were found to be somebody else's."""
    phones = {name: handle for name, handle in named(message.handles).items() if handle.is_phone}
    accounts = [name for name in named(message.handles) if name not in phones]
    if not (phones and accounts):
        return ()
    rows = queries.phones_shown(connection, workspace_id=workspace_id, phones=[*phones], handles=accounts)
    return tuple([phones[row["phone"]] async for row in rows])


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
