"""What is done with a conversation once a customer's message is in it: its tag, its assignee, that it counts as seen.

`threads.py` calls it. The message has arrived by then, so what Intercom refuses here is logged and parks nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable

import structlog

from leadline.connections.switchboard import Connected
from leadline.connections.workspaces import Workspace
from leadline.errors import Retry
from leadline.intercom import conversation_state, conversations
from leadline.intercom.conversation_state import Assignee
from leadline.intercom.outcomes import IntercomError
from leadline.spaces import Book, WorkspaceSettings

OCTOPODS = {
    "twilio_sms": "twilio",
    "vonage_sms": "nexmo",
    "messagebird_sms": "messagebird",
    "africastalking": "africas",
    "vk": "vkontakte",
    "whatsapp_cloud": "whatsapp",
    "whatsapp_360dialog": "whatsapp",
}
"""Where Octopods' tags are not the provider's key (its page on automatic tags, read November 2026)."""
log = structlog.get_logger(__name__)


class Upkeep:
    """Does what the settings of the channel say."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def do(self, workspace: Workspace, conversation_id: str, connected: Connected, *, opened: bool) -> None:
        """opened: the message has begun the conversation. Safe to repeat."""
        space = self._book.of(workspace.workspace_id, connected.channel_id)
        client = workspace.client
        if opened and space.channel_tag:
            name = tag_name(space, connected.row.provider)
            tagged = conversations.tag(client, conversation_id, name, workspace.admin_id)
            await _quietly("not_tagged", conversation_id, tagged)
        if opened and (assignee := assignee_of(space.assign_new_to)):
            assigned = conversation_state.assign(client, conversation_id, assignee, admin_id=workspace.admin_id)
            await _quietly("not_assigned", conversation_id, assigned)
        if space.mark_as_seen:
            await _quietly("not_marked_as_seen", conversation_id, conversation_state.mark_seen(client, conversation_id))


def tag_name(space: WorkspaceSettings, provider: str) -> str:
    """The name of a channel's tag, by its settings and its provider's key."""
    if space.channel_tag_name:
        return space.channel_tag_name
    return OCTOPODS.get(provider, provider) if space.channel_tag_words == "octopods" else provider


def assignee_of(text: str) -> Assignee | None:
    """Who a setting like `teammate 991267001` or `team 5` means; None for an empty one."""
    kind, _, number = text.partition(" ")
    return Assignee("team" if kind == "team" else "admin", number) if number else None


async def _quietly(what: str, conversation_id: str, write: Awaitable[None]) -> None:
    try:
        await write
    except (IntercomError, Retry) as error:
        log.warning(what, conversation=conversation_id, why=str(error))
