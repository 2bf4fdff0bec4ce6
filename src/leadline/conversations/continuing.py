"""Whether a customer's message goes on in the conversation there is, or begins another one. Pure; `threads.py` asks."""

from __future__ import annotations

from leadline.intercom.conversations import Conversation
from leadline.spaces import WorkspaceSettings


def asks(space: WorkspaceSettings) -> bool:
    """Whether the settings make it depend on the conversation, so that it must be read."""
    return bool(space.new_conversation_after) or space.closed_conversation != "reopen"


def goes_on(found: Conversation, space: WorkspaceSettings, at: float) -> bool:
    """Whether a message that came at `at` (unix seconds, Intercom's clock) belongs into this conversation."""
    if space.new_conversation_after and at - _last_word(found) >= space.new_conversation_after:
        return False
    if found.state != "closed" or space.closed_conversation == "reopen":
        return True
    return space.closed_conversation == "new_after" and at - _closed_at(found) < space.closed_longer_than


def _last_word(found: Conversation) -> float:
    """When customer or teammate last wrote; notes, tags and assignments are no words."""
    written = [part.created_at for part in found.parts if part.has_content and not part.is_note]
    return max([found.created_at, *written])


def _closed_at(found: Conversation) -> float:
    closings = [part.created_at for part in found.parts if part.part_type == "close"]
    return closings[-1] if closings else found.updated_at
