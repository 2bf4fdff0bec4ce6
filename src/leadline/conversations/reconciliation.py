"""What webhooks missed: Intercom's conversations are compared with what is on record, at start and every few minutes.

Intercom tries a webhook twice and then gives up. `process.py` runs `keep_up`; `leadline reconcile` calls `look`.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Container, Mapping
from typing import Any

import msgspec
import structlog
from prometheus_client import Counter

from leadline.connections.shared import Connections
from leadline.connections.workspaces import Workspace
from leadline.conversations.openings import Openings
from leadline.conversations.replies import LONGEST, arrivals, authors_heard, is_reply
from leadline.engine.arrival import Raw
from leadline.engine.breaker import INTERCOM
from leadline.engine.keep import Keeper
from leadline.errors import LeadlineError
from leadline.intercom import conversations
from leadline.intercom.client import Client
from leadline.intercom.conversation_changes import changed_since, deleted_since
from leadline.intercom.conversations import Conversation
from leadline.intercom.parts import Part
from leadline.intercom.webhooks import Notification
from leadline.model import Struct
from leadline.people.following import Following
from leadline.store.database import Database
from leadline.store.queries import queries

OVERLAP = 900.0
"""Seconds before the last complete look that are looked at again: Intercom's search learns of changes minutes later."""
FOUND = Counter("leadline_replies_found_total", "Teammates' replies that a look found and no webhook had brought")
log = structlog.get_logger(__name__)


class Missed(Struct, frozen=True, kw_only=True):
    """A teammate's reply that no webhook had brought."""

    conversation_id: str
    part_id: str
    author: str
    text: str
    written_at: float


class Look(Struct, frozen=True, kw_only=True):
    """What a look found: conversations that changed, replies that were missed, conversations that were deleted."""

    changed: int = 0
    missed: tuple[Missed, ...] = ()
    deleted: int = 0


class Reconciliation:
    """Looks for replies without an arrival, and keeps them as if their webhook had come."""

    def __init__(
        self,
        database: Database,
        keeper: Keeper,
        connections: Connections,
        openings: Openings,
        following: Following,
        *,
        every: float,
    ) -> None:
        self._database = database
        self._keeper = keeper
        self._connections = connections
        self._openings = openings
        self._following = following
        self._every = every

    async def keep_up(self) -> None:
        """Look at once, every few minutes, and when Intercom is back after an outage; until cancelled."""
        while self._every:
            for workspace in self._connections.workspaces:
                with contextlib.suppress(LeadlineError):  # on record; the next look begins where this one did
                    await self.look(workspace)
            await self._pause()

    async def _pause(self) -> None:
        until, was_away = time.monotonic() + self._every, False
        while (is_away := self._is_away()) or (not was_away and time.monotonic() < until):
            was_away = is_away
            await asyncio.sleep(min(1.0, self._every))

    def _is_away(self) -> bool:
        return any(
            self._connections.breakers.of(each.workspace_id, INTERCOM).is_open for each in self._connections.workspaces
        )

    async def look(self, workspace: Workspace, *, since: float | None = None, dry_run: bool = False) -> Look | None:
        """Look at all that changed since the last complete look; None while another process does.

        since: look further back, to these unix seconds. dry_run: only tell what would be kept. Raises as Client.call.
        """
        async with self._database.if_alone(f"reconciliation {workspace.workspace_id}") as alone:
            if not alone:
                return None
            try:
                return await self._looked(workspace, since, dry_run=dry_run)
            except LeadlineError as error:
                log.warning("not_reconciled", workspace=workspace.workspace_id, why=str(error))
                async with self._database.connection() as connection:
                    await queries.not_reconciled(connection, workspace_id=workspace.workspace_id, trouble=str(error))
                raise

    async def _looked(self, workspace: Workspace, since: float | None, *, dry_run: bool) -> Look:
        client, key = workspace.client.in_background(), {"workspace_id": workspace.workspace_id}
        now = await client.time()
        after = await self._after(workspace, now) if since is None else since
        looking = _Looking(client, after, again=since is not None, dry_run=dry_run)
        changed, missed = await self._compared(workspace, looking) if after < now else (0, [])
        deleted = await deleted_since(client, after)
        look = Look(changed=changed, missed=tuple(missed), deleted=len(deleted))
        if not dry_run:
            async with self._database.connection() as connection:
                await queries.end_conversations(connection, **key, conversation_ids=deleted)
                await queries.reconciled(
                    connection, **key, position=now if since is None else after, found=len(missed), after=after
                )
            log.info("reconciled", workspace=workspace.workspace_id, changed=changed, found=len(missed))
        return look

    async def _after(self, workspace: Workspace, now: float) -> float:
        """Where this look begins: a little before the last complete one, and the first one now.

        What is older than a day, or was written after the backup that the database was restored from, may have been
        sent, or be of no use any more: a person decides.
        """
        key = {"workspace_id": workspace.workspace_id}
        async with self._database.connection() as connection:
            row = await queries.reconciliation_of(connection, **key)
            if row is None or row["position"] is None:
                return now
            if row["same_database"] and now - row["position"] < LONGEST:
                return float(row["position"]) - OVERLAP
            log.warning("not_looked_back", workspace=workspace.workspace_id, seconds=round(now - row["position"]))
            await queries.skip_reconciliation(connection, **key, until=now)
        return now

    async def _compared(self, workspace: Workspace, looking: _Looking) -> tuple[int, list[Missed]]:
        """How many conversations changed, and the replies in ours that are not on record."""
        changed, missed = 0, list[Missed]()
        async for page in changed_since(looking.client, looking.after):
            changed += len(page)
            known = await self._known(workspace.workspace_id, page)
            for conversation in page:
                row = known.get(conversation.conversation_id)
                if row is None and not looking.dry_run and await self._recognised(workspace, conversation):
                    row = (await self._known(workspace.workspace_id, [conversation]))[conversation.conversation_id]
                if row and (looking.again or conversation.updated_at > row["seen_at"]):
                    missed += await self._missed(workspace, row, looking)
        return changed, missed

    async def _known(self, workspace_id: str, page: list[Conversation]) -> dict[str, Mapping[str, Any]]:
        ids = [each.conversation_id for each in page]
        async with self._database.connection() as connection:
            rows = queries.conversations_known(connection, workspace_id=workspace_id, conversation_ids=ids)
            return {row["conversation_id"]: row async for row in rows}

    async def _recognised(self, workspace: Workspace, conversation: Conversation) -> bool:
        """Whether it is one that a message of Leadline was opening; then it is on record now."""
        return await self._openings.recognise(workspace.workspace_id, conversation) == "ours"

    async def _missed(self, workspace: Workspace, row: Mapping[str, Any], looking: _Looking) -> list[Missed]:
        """Read one conversation, and keep its replies that are not on record."""
        key = {"workspace_id": workspace.workspace_id, "conversation_id": row["conversation_id"]}
        whole = await conversations.get_conversation(looking.client, row["conversation_id"])
        if whole is None:
            return []  # it is among the deleted ones
        parts = await self._unknown(key, [p for p in whole.parts if p.created_at >= int(looking.after)])
        if not looking.dry_run:
            if whole.contact_ids and row["contact_id"] not in whole.contact_ids:
                await self._following.find_again(workspace, row["contact_id"])
            if parts:
                await self._keep(workspace.workspace_id, whole, parts)
            async with self._database.connection() as connection:
                await queries.conversation_seen(connection, **key, at=_seen(whole, looking.client.clock.now()))
        return [
            Missed(
                conversation_id=whole.conversation_id,
                part_id=part.part_id,
                author=part.author_name,
                text=part.text,
                written_at=part.created_at,
            )
            for part in parts
        ]

    async def _unknown(self, key: Mapping[str, str], parts: list[Part]) -> list[Part]:
        replies = [part for part in parts if is_reply(part, self._authors(key["workspace_id"]))]
        async with self._database.connection() as connection:
            rows = queries.parts_known(connection, **key, part_ids=[part.part_id for part in replies])
            known = {row["part_id"] async for row in rows}
        return [part for part in replies if part.part_id not in known]

    def _authors(self, workspace_id: str) -> Container[str]:
        return authors_heard(self._connections.book, workspace_id)

    async def _keep(self, workspace_id: str, whole: Conversation, parts: list[Part]) -> None:
        notification = Notification(
            id="",
            topic="conversation.admin.replied",
            app_id=workspace_id,
            created_at=whole.updated_at,
            conversation_id=whole.conversation_id,
            contact_ids=whole.contact_ids,
            replies=tuple(parts),
            state=whole.state,
        )
        url, body = f"/conversations/{whole.conversation_id}", msgspec.json.encode(parts)
        raw = Raw(channel_id=None, method="GET", url=url, headers={}, body=body)
        FOUND.inc(await self._keeper.keep(workspace_id, raw, arrivals(notification, self._authors(workspace_id))))


class _Looking(Struct, frozen=True, kw_only=False):
    """One look: with this client, back to this moment, also at what was looked at before, changing nothing."""

    client: Client
    after: float
    again: bool = False
    dry_run: bool = False


def _seen(whole: Conversation, now: float) -> float:
    """Until when its parts are known: another one may still come in a second that is not over."""
    return min(whole.updated_at, int(now) - 1.0)
