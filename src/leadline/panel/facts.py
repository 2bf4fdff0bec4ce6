"""What the panel's home shows of a conversation, read from Leadline's records and from Intercom, side by side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from leadline.channels import reasons
from leadline.corrections import Corrections
from leadline.identity.decide import explain
from leadline.intercom.inbox_requests import PanelRequest
from leadline.intercom.inbox_views import Home, Line, Record, SentLine
from leadline.merging import Merging
from leadline.model import Decision, DeliveryState, Outbound
from leadline.panel.bounds import Bounds, Work
from leadline.panel.records import correction_record, merge_record
from leadline.store.database import Database
from leadline.store.queries import queries
from leadline.switchboard import Switchboard

LIMIT = 0.6  # seconds for all look-ups of the home together: the answer has to be there within one second
SETTLING = 10.0  # seconds after its last change in which a conversation may not be on record yet
TRIES, PATIENCE = 4, 0.1
HOME_MESSAGES = 2
HOME_RECORDS = 5
NEW = 600.0  # seconds for which a merge is news
UNDER_WAY = ("about to happen", "under way", "being undone")
STATES = {
    DeliveryState.QUEUED: "waiting to be sent",
    DeliveryState.SENDING: "being sent",
    DeliveryState.UNKNOWN: "nobody knows whether it arrived",
    DeliveryState.SENT: "sent",
    DeliveryState.DELIVERED: "delivered",
    DeliveryState.READ: "read",
    DeliveryState.FAILED: "not delivered",
}

Row = Mapping[str, Any]


class Facts:
    """Reads; nothing here changes anything."""

    def __init__(
        self, database: Database, switchboard: Switchboard, merging: Merging, corrections: Corrections, bounds: Bounds
    ) -> None:
        self._database = database
        self._switchboard = switchboard
        self._merging = merging
        self._corrections = corrections
        self._bounds = bounds

    async def home(self, request: PanelRequest) -> Home:
        """The first screen, with whatever is there in time."""
        works: dict[str, Work] = {
            "reach": lambda: self.line(request),
            "decision": lambda: self._decision(request),
            "sent": lambda: self.sent(request, HOME_MESSAGES),
            "history": lambda: self.history(request, HOME_RECORDS),
        }
        looked = await self._bounds.side_by_side(_key(request), LIMIT, works)
        found, contact = looked.found, request.contact
        sentences, doubtful, decided = found.get("decision") or ((), False, 0.0)
        records: Sequence[Record] = found.get("history", ())
        settled = any(record.at > decided and not record.state for record in records)
        return Home(
            name=contact.name or contact.phone or contact.email if contact else "",
            role=contact.role.value if contact else "nobody",
            can=_can(request, found),
            line=found.get("reach"),
            sentences=sentences,
            doubtful=doubtful and not settled,
            sent=found.get("sent", ()),
            last=next((one for one in records if one.undo), None),
            news=tuple(_news(records)),
            late=tuple(looked.late),
            failed=tuple(looked.failed),
        )

    async def _conversation(self, request: PanelRequest) -> Row | None:
        """The conversation as kept; one that Intercom shows already may be on record only in a moment."""
        tries = TRIES if time.time() - request.conversation_at < SETTLING else 1
        for left in range(tries - 1, -1, -1):
            row = await self._kept(request)
            if row is not None or not left:
                return row
            await asyncio.sleep(PATIENCE)
        return None

    async def _kept(self, request: PanelRequest) -> Row | None:
        async with self._database.connection() as connection:
            row: Row | None = await queries.conversation_by_id(
                connection, workspace_id=request.workspace_id, conversation_id=request.conversation_id
            )
        return row

    async def line(self, request: PanelRequest) -> Line | None:
        """How the customer writes here; None where the conversation is none of Leadline's."""
        row = await self._conversation(request)
        if row is None:
            return None
        connected = await self._switchboard.by_id(request.workspace_id, row["channel_id"])
        channel = connected.row.name if connected else "A channel that was removed"
        return Line(
            key=f"{row['channel_id']}:{row['handle']}",
            handle=row["handle"],
            channel=channel,
            address=shown_address(row["handle"], row["sender"]),
        )

    async def _decision(self, request: PanelRequest) -> tuple[tuple[str, ...], bool, float] | None:
        """Why the last message went to this contact, in sentences; whether a person should look; when that was."""
        row = await self._conversation(request)
        if row is None:
            return None
        async with self._database.connection() as connection:
            last = await queries.last_decision(
                connection, workspace_id=request.workspace_id, channel_id=row["channel_id"], lane=row["handle"]
            )
        if last is None:
            return None
        decision = msgspec.convert(last["document"], Decision)
        return tuple(explain(decision)), decision.doubtful, last["decided"]

    async def history(self, request: PanelRequest, count: int) -> list[Record]:
        """Merges and corrections of this contact, newest first."""
        if request.contact is None:
            return []
        contact_id = request.contact.contact_id
        merges = await self._merging.history(request.workspace_id, contact_id=contact_id, count=count)
        corrections = await self._corrections.listed(request.workspace_id, contact_id=contact_id, count=count)
        records = [merge_record(one) for one in merges]
        records += [correction_record(one, contact_id) for one in corrections if one.kind != "undo"]
        return sorted(records, key=lambda record: -record.at)[:count]

    async def sent(self, request: PanelRequest, count: int) -> tuple[SentLine, ...]:
        """The last messages to the customer, newest first."""
        async with self._database.connection() as connection:
            rows = [
                row
                async for row in queries.outbound_of_conversation(
                    connection,
                    workspace_id=request.workspace_id,
                    conversation_id=request.conversation_id,
                    count=count,
                )
            ]
        return tuple(map(sent_line, rows))


def shown_address(handle: str, sender: str) -> str:
    """A phone in its international form, any other address as the provider gives it."""
    return handle.removeprefix("tel:") if handle.startswith("tel:") else sender


def sent_line(row: Row) -> SentLine:
    """A message on record, in words."""
    message = msgspec.convert(row["message"], Outbound)
    state = DeliveryState(row["state"])
    wrong = state in (DeliveryState.FAILED, DeliveryState.UNKNOWN)
    return SentLine(
        outbound_id=row["outbound_id"],
        text=message.text,
        state=STATES[state],
        at=row["created_at"].timestamp(),
        author=row["author"],
        trouble=reasons.sentence(row["reason"]) if wrong else "",
        code=row["code"],
        detail=row["detail"],
    )


def _can(request: PanelRequest, found: Mapping[str, Any]) -> frozenset[str]:
    """What is offered: only what would work here."""
    line = found.get("reach")
    offered = {
        "merge": request.contact,
        "detach": line,
        "attach": line,
        "sent": line,
        "history": found.get("history"),
    }
    return frozenset(name for name, possible in offered.items() if possible)


def _news(records: Sequence[Record]) -> Iterable[str]:
    """What happened here just now, whoever did it: a colleague may look at an older panel."""
    for record in records[:1]:
        if record.state in UNDER_WAY:
            yield f"{record.title}: {record.state}"
        elif not record.state and time.time() - record.at < NEW:
            yield f"{record.title}, by {record.author}"


def _key(request: PanelRequest) -> str:
    contact_id = request.contact.contact_id if request.contact else ""
    return f"home:{request.workspace_id}:{request.conversation_id}:{contact_id}"
