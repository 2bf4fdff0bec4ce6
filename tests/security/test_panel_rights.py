"""Who may merge, undo, correct and begin messages from the panel is a setting; whoever may not is told so."""

from __future__ import annotations

import pytest

from leadline.intercom.inbox_requests import PanelRequest
from leadline.panel.desk import Panel
from leadline.panel.rights import CORRECTS, MERGES, SENDS, NotAllowed, check, needed
from leadline.sandbox.seed import KNOWN_USER
from leadline.spaces import WorkspaceSettings
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.panel.teammate import Teammate
from tests.panel.test_merges import lead_wrote


def pressed(name: str, **stored: str) -> PanelRequest:
    return PanelRequest(workspace_id="w", admin_id="7", component_id=name, stored=dict(stored))


@pytest.mark.parametrize(
    ("request_", "act"),
    [
        (pressed("merge"), "merge"),
        (pressed("confirm", screen="preview"), "merge"),
        (pressed("undo:3"), "undo"),
        (pressed("confirm", screen="undo", undo="undo:3"), "undo"),
        (pressed("confirm", screen="undo", undo="uncorrect:3"), "correct"),
        (pressed("confirm", screen="detach"), "correct"),
        (pressed("send"), "send"),
        (pressed("template:x"), "send"),
        (pressed("home"), ""),
        (pressed("history"), ""),
        (pressed("confirm", screen="something else"), ""),
    ],
)
def test_a_press_needs_the_right_to_what_it_does(request_: PanelRequest, act: str) -> None:
    assert needed(request_) == act
    rights = {each: frozenset({"8"}) for each in ("merge", "undo", "correct", "send")}
    if act:
        with pytest.raises(NotAllowed, match=f"the setting is may_{act}, and your teammate id is 7"):
            check(request_, rights)
    else:
        check(request_, rights)
    check(request_, {"merge": frozenset(), "send": frozenset({"7", "8"})})


def test_the_settings_name_teammates() -> None:
    rights = WorkspaceSettings(may_merge="7, 8 ,").rights
    assert rights == {"merge": frozenset({"7", "8"}), "undo": frozenset(), "correct": frozenset(), "send": frozenset()}


async def test_every_press_that_changes_something_needs_a_right(open_town: Open) -> None:
    """A new handler of the panel must be put under a right, or be known to show only."""
    shows = {"home", "find", "pick", "restore", "history", "sent", "confirm", "undo"}
    async with open_town() as town:
        assert town.leadline.panel._handlers.keys() <= MERGES | CORRECTS | SENDS | shows
        assert isinstance(town.leadline.panel, Panel)


async def test_who_may_not_merge_is_told_and_nothing_is_asked(open_town: Open) -> None:
    async with open_town(may_merge="nobody") as town:
        conversation_id, _ = await lead_wrote(town)
        maya = Teammate(town)
        await maya.opens(conversation_id)
        said = await maya.presses("merge")
        assert "You may not merge contacts here" in said
        await maya.opens(conversation_id)
        await maya.sends("confirm")
        assert KNOWN_USER not in str(maya.answers[-1])
        calls = (await town.intercom("GET", "/_sandbox/calls"))["routes"]
        assert "POST /contacts/merge" not in calls
