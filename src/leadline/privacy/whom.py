"""Everything by which a person is on record: contacts, addresses, conversations, messages. Read by `person.py`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from leadline.engine.arrival import bounded
from leadline.model import Struct
from leadline.store.database import Connection
from leadline.store.queries import queries

ROUNDS = 8  # a lead that was merged into a user whose other lead … : more hops than anybody has


class Whom(Struct, frozen=True, kw_only=True):
    """One person in the workspace, in the words of each table. senders: as providers write the addresses."""

    workspace_id: str
    contacts: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    conversations: tuple[str, ...] = ()
    lanes: tuple[str, ...] = ()
    arrivals: tuple[int, ...] = ()
    raws: tuple[str, ...] = ()
    outbound: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    merges: tuple[int, ...] = ()
    senders: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether anything is on record."""
        return bool(self.arrivals or self.conversations or self.lanes or self.outbound or self.names or self.merges)

    def values(self) -> dict[str, Any]:
        """What the conditions of `traces.py` name."""
        lists = {name: list(getattr(self, name)) for name in self.__struct_fields__ if name != "workspace_id"}
        return {"workspace_id": self.workspace_id, **lists}


async def whom(connection: Connection, workspace_id: str, *, contacts: Iterable[str], handles: Iterable[str]) -> Whom:
    """The person these contacts and addresses are, with every contact that went into theirs."""
    found, spoken = set(contacts), set(handles)
    for _ in range(ROUNDS):
        row = await queries.person_reaches(connection, workspace_id=workspace_id, contacts=[*found], handles=[*spoken])
        if found >= {*row["contacts"]} and spoken >= {*row["handles"]}:
            break
        found |= {*row["contacts"]}
        spoken |= {*row["handles"]}
    return await _gathered(connection, workspace_id, sorted(found), sorted(spoken))


async def _gathered(connection: Connection, workspace_id: str, contacts: list[str], handles: list[str]) -> Whom:
    reached: dict[str, Any] = {"workspace_id": workspace_id, "contacts": contacts, "handles": handles}
    row = await queries.person_talks(connection, **reached)
    reached |= {"conversations": row["conversations"], "outbound": row["outbound"], "merges": row["merges"]}
    lanes = {*row["lanes"], *map(bounded, handles)}
    lanes |= {f"conversation:{each}" for each in row["conversations"]}
    lanes |= {f"contact:{each}" for each in contacts} | {f"begun:{each}" for each in handles}
    arrived = await queries.person_arrivals(
        connection, **reached, lanes=[*lanes], senders=row["senders"], provider_ids=row["provider_ids"]
    )
    owners = await queries.person_owners(connection, **reached, arrivals=arrived["arrivals"])
    told = await queries.person_names(connection, **reached, arrivals=arrived["arrivals"])
    return Whom(
        workspace_id=workspace_id,
        contacts=tuple(contacts),
        handles=tuple(handles),
        conversations=tuple(row["conversations"]),
        lanes=tuple(sorted(lanes | {*arrived["lanes"]})),
        arrivals=tuple(arrived["arrivals"]),
        raws=tuple(map(str, arrived["raws"])),
        outbound=tuple(row["outbound"]),
        owners=tuple(owners["owners"]),
        merges=tuple(row["merges"]),
        senders=tuple(sorted(filter(None, {*row["senders"], *arrived["senders"]}))),
        names=tuple(sorted(filter(None, {*told["names"]}))),
    )
