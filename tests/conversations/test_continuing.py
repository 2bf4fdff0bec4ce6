"""When a customer's message begins a new conversation: by silence, by closing, by both."""

from __future__ import annotations

from typing import Any

import pytest

from leadline.conversations.continuing import asks, goes_on
from leadline.intercom.conversations import Conversation
from leadline.intercom.parts import Part
from leadline.spaces import WorkspaceSettings

HOUR = 3_600.0


def conversation(state: str = "open", *parts: Part) -> Conversation:
    return Conversation(
        conversation_id="1", state=state, contact_ids=("a",), created_at=0.0, updated_at=0.0, source=None, parts=parts
    )


def word(at: float, **fields: Any) -> Part:
    return Part(part_id=str(at), text="Hello", created_at=at, author_type="user", **fields)


CLOSED = conversation("closed", word(HOUR), Part(part_id="9", part_type="close", created_at=2 * HOUR))


@pytest.mark.parametrize(
    ("space", "found", "hours", "expected"),
    [
        (WorkspaceSettings(), CLOSED, 10_000, True),
        (WorkspaceSettings(new_conversation_after=7200), conversation("open", word(HOUR)), 2.99, True),
        (WorkspaceSettings(new_conversation_after=7200), conversation("open", word(HOUR)), 3, False),
        (WorkspaceSettings(new_conversation_after=7200), conversation(), 2, False),
        (
            WorkspaceSettings(new_conversation_after=7200),
            conversation("open", word(HOUR), word(2 * HOUR, is_note=True)),
            3,
            False,
        ),
        (WorkspaceSettings(closed_conversation="new"), CLOSED, 2, False),
        (WorkspaceSettings(closed_conversation="new"), conversation("open", word(0)), 10_000, True),
        (WorkspaceSettings(closed_conversation="new"), conversation("snoozed", word(0)), 10_000, True),
        (WorkspaceSettings(closed_conversation="new_after", closed_longer_than=3600), CLOSED, 2.9, True),
        (WorkspaceSettings(closed_conversation="new_after", closed_longer_than=3600), CLOSED, 3, False),
        (WorkspaceSettings(closed_conversation="reopen", closed_longer_than=3600), CLOSED, 30, True),
    ],
)
def test_the_settings_decide(space: WorkspaceSettings, found: Conversation, hours: float, expected: bool) -> None:
    assert goes_on(found, space, hours * HOUR) is expected


def test_the_conversation_is_read_only_where_it_matters() -> None:
    assert not asks(WorkspaceSettings())
    assert asks(WorkspaceSettings(new_conversation_after=60))
    assert asks(WorkspaceSettings(closed_conversation="new"))
