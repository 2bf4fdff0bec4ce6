"""What the panel's home shows of a conversation, read from Leadline's records and from Intercom, side by side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from leadline.channels import reasons
from leadline.identity.verdict import explain
from leadline.identity.words import address, phone
from leadline.intercom.inbox_requests import PanelRequest
from leadline.intercom.inbox_views import Hit, Home, Line, Record, SentLine
from leadline.model import Decision, DeliveryState, Outbound, Role, Template
from leadline.outbound import Reach
from leadline.panel.bounds import Bounds, Work
from leadline.panel.records import correction_record, hit_of, join_of, merge_record
from leadline.panel.sources import Sources
from leadline.store.database import Database
from leadline.store.queries import queries

LIMIT = 0.6  # seconds for all look-ups of the home together: the answer has to be there within one second
SOON = 0.4  # the same where they are not the only thing to wait for
SETTLING = 10.0  # seconds after its last change in which a conversation may not be on record yet
TRIES, PATIENCE = 4, 0.1
HOME_MESSAGES = 2
HOME_RECORDS = 5
NEW = 600.0  # seconds for which a merge is news
UNDER_WAY = ("planned", "under way", "being undone")
STATES = {
    DeliveryState.QUEUED: "waiting to be sent",
    DeliveryState.SENDING: "being sent",
    DeliveryState.UNKNOWN: "delivery unknown",
    DeliveryState.SENT: "sent",
    DeliveryState.DELIVERED: "delivered",
    DeliveryState.READ: "read",
    DeliveryState.FAILED: "not delivered",
}

Row = Mapping[str, Any]


class Facts:
    """Reads; nothing here changes anything."""

    def __init__(self, database: Database, sources: Sources, bounds: Bounds) -> None:
        self._database = database
        self._sources = sources
        self._bounds = bounds

    async def home(self, request: PanelRequest) -> Home:
        """The first screen, with whatever is there in time."""
        works: dict[str, Work] = {
            "reach": lambda: self.line(request),
            "decision": lambda: self._decision(request),
            "sent": lambda: self.sent(request, HOME_MESSAGES),
            "history": lambda: self.history(request, HOME_RECORDS),
            "others": lambda: self.others(request),
            "suggestions": lambda: self.suggestions(request),
            "joins": lambda: self.joins(request),
        }
        looked = await self._bounds.side_by_side(_key(request), LIMIT, works)
        found, contact = looked.found, request.contact
        sentences, doubtful, decided = found.get("decision") or ((), False, 0.0)
        records: Sequence[Record] = found.get("history", ())
        settled = any(record.at > decided and not record.state for record in records)
        return Home(
            name=phone(contact.name or contact.phone or contact.email) if contact else "",
            role=contact.role.value if contact else "",
            can=_can(request, found),
            line=found.get("reach"),
            others=len(found.get("others", ())),
            sentences=sentences,
            doubtful=doubtful and not settled,
            sent=found.get("sent", ()),
            suggestions=found.get("suggestions", ()),
            last=next((one for one in records if one.undo), None),
            joins=found.get("joins", ()),
            news=tuple(_news(records)),
            late=tuple(looked.late),
            failed=tuple(looked.failed),
        )

    async def reach(self, request: PanelRequest) -> Reach | None:
        """Where replies in this conversation go; one that Intercom shows already may be on record only in a moment."""
        tries = TRIES if time.time() - request.conversation_at < SETTLING else 1
        for left in range(tries - 1, -1, -1):
            found = await self._sources.reaches.of_conversation(request.workspace_id, request.conversation_id)
            if found is not None or not left:
                return found
            await asyncio.sleep(PATIENCE)
        return None

    async def line(self, request: PanelRequest) -> Line | None:
        """How the customer writes here, as it is shown."""
        reach = await self.reach(request)
        return line_of(reach) if reach else None

    async def others(self, request: PanelRequest) -> list[Reach]:
        """Where else the contact can be reached."""
        if request.contact is None:
            return []
        found = await self._sources.reaches.of_contact(request.workspace_id, request.contact.contact_id)
        own = await self._sources.reaches.of_conversation(request.workspace_id, request.conversation_id)
        ways = {line_of(each).key: each for each in reversed(found)}
        if own:
            ways.pop(line_of(own).key, None)
        return list(reversed(ways.values()))

    async def joins(self, request: PanelRequest) -> tuple[tuple[str, str], ...]:
        """Two open conversations of the contact on one channel, which can be merged."""
        if request.contact is None:
            return ()
        twins = await self._sources.open_twins.of(request.workspace_id, request.contact.contact_id)
        return tuple(map(join_of, twins))

    async def templates(self, request: PanelRequest, reach: Reach) -> tuple[Template, ...]:
        """The approved templates of a channel."""
        return await self._sources.reaches.templates(request.workspace_id, reach.channel_id)

    async def suggestions(self, request: PanelRequest) -> tuple[Hit, ...]:
        """Who it may be, scored, with the reasons; beside a user only leads, where nothing else can go into one."""
        if request.contact is None:
            return ()
        found = await self._sources.suggestions.of(request.workspace_id, request.contact.contact_id)
        leads_only = request.contact.role is Role.USER and not self._sources.merging.users_too
        roles = {Role.LEAD} if leads_only else {Role.LEAD, Role.USER}
        return tuple(hit_of(one.contact, one.likely.why) for one in found if one.contact.role in roles)

    async def suggested_soon(self, request: PanelRequest) -> tuple[tuple[Hit, ...], bool]:
        """The same within a limit, and whether it is still loading."""
        works: dict[str, Work] = {"suggestions": lambda: self.suggestions(request)}
        looked = await self._bounds.side_by_side(_key(request), SOON, works)
        return looked.found.get("suggestions", ()), bool(looked.late)

    async def deciding(self, request: PanelRequest) -> int | None:
        """The number of the message by which the sender was linked to its contact, else of its last one."""
        last = await self._last_decision(request)
        return (last["linked_by"] or last["arrival_id"]) if last else None

    async def _decision(self, request: PanelRequest) -> tuple[tuple[str, ...], bool, float] | None:
        """Why the last message went to this contact, in sentences; whether a person should look; when that was."""
        last = await self._last_decision(request)
        if last is None:
            return None
        decision = msgspec.convert(last["document"], Decision)
        return tuple(explain(decision)), decision.doubtful, last["decided"]

    async def _last_decision(self, request: PanelRequest) -> Row | None:
        reach = await self.reach(request)
        if reach is None:
            return None
        async with self._database.connection() as connection:
            last: Row | None = await queries.last_decision(
                connection, workspace_id=request.workspace_id, channel_id=reach.channel_id, lane=reach.handle
            )
        return last

    async def history(self, request: PanelRequest, count: int) -> list[Record]:
        """Merges and corrections of this contact, newest first."""
        if request.contact is None:
            return []
        contact_id = request.contact.contact_id
        merges = await self._sources.merging.history(request.workspace_id, contact_id=contact_id, count=count)
        corrections = await self._sources.corrections.listed(request.workspace_id, contact_id=contact_id, count=count)
        records = [merge_record(one) for one in merges]
        records += [correction_record(one, contact_id) for one in corrections if one.kind != "undo"]
        return sorted(records, key=lambda record: -record.at)[:count]

    async def sent(self, request: PanelRequest, count: int) -> tuple[SentLine, ...]:
        """The last messages in this conversation, newest first."""
        rows = await self._sources.sending.recent(request.workspace_id, request.conversation_id, count)
        return tuple(map(sent_line, rows))

    async def sent_anywhere(self, request: PanelRequest, count: int) -> tuple[SentLine, ...]:
        """The last messages in this conversation and to this contact on any channel, newest first."""
        rows = await self._sources.sending.recent(request.workspace_id, request.conversation_id, count)
        if request.contact is not None:
            contact_id = request.contact.contact_id
            rows += await self._sources.sending.recent(request.workspace_id, contact_id=contact_id, count=count)
        lines = {row["outbound_id"]: sent_line(row) for row in rows}
        return tuple(sorted(lines.values(), key=lambda line: -line.at)[:count])


def line_of(reach: Reach) -> Line:
    """A way to the customer, as it is shown."""
    return Line(
        key=f"{reach.channel_id}:{reach.handle}",
        handle=reach.handle,
        channel=reach.channel_name,
        address=address(reach.handle),
        window=reach.window_left,
        replies=reach.replies,
        replies_left=reach.replies_left,
        opted_out=reach.opted_out,
        templates=reach.has_templates,
    )


def sent_line(row: Row) -> SentLine:
    """A message on record, in words."""
    message = msgspec.convert(row["message"], Outbound)
    state = DeliveryState(row["state"])
    wrong = state in (DeliveryState.FAILED, DeliveryState.UNKNOWN)
    parts = row.get("segments") or 1  # what an SMS costs
    return SentLine(
        outbound_id=row["outbound_id"],
        text=message.text,
        state=STATES[state] if parts == 1 else f"{STATES[state]}, {parts} SMS parts",
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
        "why_not": found.get("decision"),
        "templates": line and line.templates and not line.opted_out,
        "write": found.get("others"),
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
