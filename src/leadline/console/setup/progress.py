"""How far the set-up is. Nothing is kept of it: each step is done when what it leads to is really there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from leadline.console.channels.standing import Standing, standings
from leadline.console.language import _
from leadline.console.messages.shown import MessageShown, message_of
from leadline.console.records import Records
from leadline.console.shell import Visit
from leadline.engine.breaker import INTERCOM, breakers
from leadline.model import Struct
from leadline.outbound.topics import PANEL, REFUSED
from leadline.store.queries import queries


class Progress(Struct, frozen=True, kw_only=True):
    """What is there. workspace: name and region where Intercom is connected. refused: why it does not let Leadline in.

    heard: topics of webhooks that came, and when last. message: the last one that a customer wrote, and the number of
    its conversation.
    """

    workspace: str = ""
    refused: str = ""
    heard: Mapping[str, datetime] = {}
    panel_at: datetime | None = None
    channels: tuple[Standing, ...] = ()
    message: MessageShown | None = None
    conversation_id: str = ""

    @property
    def done(self) -> tuple[bool, bool, bool, bool]:
        """Of each step, in order: Intercom, what it sends, a channel, a message."""
        return bool(self.workspace) and not self.refused, bool(self.heard), bool(self.channels), bool(self.message)

    @property
    def next(self) -> int:
        """The number of the first step that is not done; 5 when all are."""
        return next((number for number, done in enumerate(self.done, 1) if not done), 5)


async def progress(visit: Visit) -> Progress:
    """Look."""
    if not visit.knows_workspace:
        return Progress()
    heard = {row["topic"]: row["heard_at"] for row in await visit.rows(queries.topics_heard)}
    heard.pop(REFUSED, None)
    channels = tuple(await standings(visit))
    message, conversation_id = await _message(visit, {one.channel_id: one.name for one in channels})
    return Progress(
        workspace=_workspace(visit),
        refused=await _refused(visit),
        panel_at=heard.pop(PANEL, None),
        heard=heard,
        channels=channels,
        message=message,
        conversation_id=conversation_id,
    )


async def is_unfinished(visit: Visit) -> bool:
    """Whether the menu names the set-up: until every step is done."""
    if visit.workspace is None:
        return True
    row = await visit.row(queries.set_up)
    return row is None or not all(row.values())


def _workspace(visit: Visit) -> str:
    workspace = visit.workspace
    if workspace is None:
        return ""
    name = workspace.name or workspace.workspace_id
    return _("{workspace}, region {region}", workspace=name, region=workspace.region) if workspace.region else name


async def _refused(visit: Visit) -> str:
    away = await breakers(visit.database, visit.workspace_id)
    return next((str(row["explanation"]) for row in away if row["breaker"] == INTERCOM), "")


async def _message(visit: Visit, names: Mapping[int, str]) -> tuple[MessageShown | None, str]:
    recent = await Records(visit.database, visit.workspace_id).recent(1)
    if not recent:
        return None, ""
    owner = f"arrival:{recent[0]['arrival_id']}"
    place = await visit.row(queries.conversation_of_arrival, owner=owner)
    return message_of(recent[0], names), place["conversation_id"] if place else ""
