"""Who may merge, undo, correct and begin messages from the panel is a setting; whoever may not is told so."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.types.json import Jsonb

from leadline.intercom.inbox_requests import PanelRequest
from leadline.intercom.teams import Team
from leadline.panel import roster
from leadline.panel.desk import Panel
from leadline.panel.rights import CORRECTS, MERGES, NAMED, SENDS, NotAllowed, check, needed
from leadline.panel.roster import Roster, Rosters
from leadline.sandbox.seed import KNOWN_USER
from leadline.spaces import WorkspaceSettings
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.panel.teammate import Teammate
from tests.panel.test_merges import lead_wrote

MAYA, TOM, SUPPORT = "7", "9", "41"


class OnlyRoster(Rosters):
    """What Intercom would list."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster

    async def of(self, workspace_id: str) -> Roster:
        return self._roster


ROSTERS = OnlyRoster(
    Roster(
        {MAYA: "Maya Berg", TOM: "Tom Reed", **{str(number): f"Person {number}" for number in range(100, 120)}},
        {SUPPORT: Team(team_id=SUPPORT, name="Support", admin_ids=frozenset({TOM}))},
    )
)


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
async def test_a_press_needs_the_right_to_what_it_does(request_: PanelRequest, act: str) -> None:
    assert needed(request_) == act
    rights = {each: frozenset({"8"}) for each in ("merge", "undo", "correct", "send")}
    if act:
        with pytest.raises(NotAllowed, match=f"the setting may_{act}; your teammate id is 7"):
            await check(request_, rights, ROSTERS)
    else:
        await check(request_, rights, ROSTERS)
    await check(request_, {"merge": frozenset(), "send": frozenset({"7", "8"})}, ROSTERS)


async def may(admin_id: str, *allowed: str) -> str:
    """Empty where this teammate may merge, else what they are told."""
    request = PanelRequest(workspace_id="w", admin_id=admin_id, component_id="merge")
    try:
        await check(request, {"merge": frozenset(allowed)}, ROSTERS)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


async def test_the_members_of_a_team_may_and_others_read_who_may() -> None:
    assert await may(TOM, f"team:{SUPPORT}") == ""
    assert "Ask the team Support." in await may(MAYA, f"team:{SUPPORT}")
    assert "Ask Maya Berg or the team Support." in await may("8", f"team:{SUPPORT}", MAYA)
    assert "Ask Maya Berg, Tom Reed or the team Support." in await may("8", f"team:{SUPPORT}", MAYA, TOM)
    assert "Nobody who may do it is in this workspace any more." in await may(TOM, "gone", "team:gone")


async def test_a_refusal_names_a_few_and_says_how_many_more() -> None:
    told = await may(TOM, *(str(number) for number in range(100, 120)))
    assert told.count("Person") == NAMED
    assert "or 15 more." in told


async def test_a_teammate_without_an_id_is_in_no_team() -> None:
    assert "your teammate id is not known" in await may("", f"team:{SUPPORT}", MAYA)


def test_the_settings_name_teammates() -> None:
    rights = WorkspaceSettings(may_merge="7, 8 ,").rights
    assert rights == {"merge": frozenset({"7", "8"}), "undo": frozenset(), "correct": frozenset(), "send": frozenset()}


async def test_every_press_that_changes_something_needs_a_right(open_town: Open) -> None:
    """A new handler of the panel must be put under a right, or be known to show only."""
    shows = {"home", "find", "pick", "restore", "history", "sent", "confirm", "undo", "why_not"}
    async with open_town() as town:
        assert town.leadline.panel._handlers.keys() <= MERGES | CORRECTS | SENDS | shows
        assert isinstance(town.leadline.panel, Panel)


async def test_a_teammate_who_may_not_merge_reads_so_and_is_asked_nothing(open_town: Open) -> None:
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


async def test_a_teammate_who_joins_a_team_may_merge_and_the_last_list_counts_while_intercom_is_away(
    open_town: Open, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "HOLDS", 0.0)

    async def team(*members: int) -> None:
        """As an admin of the workspace would set it up in Intercom."""
        async with await psycopg.AsyncConnection.connect(database_url) as sandbox:
            await sandbox.execute(
                "insert into team (id, name, admin_ids) values (941, 'Merging', %(members)s)"
                " on conflict (id) do update set admin_ids = %(members)s",
                {"members": Jsonb(members)},
            )

    async with open_town(may_merge="team:941") as town:
        conversation_id, _ = await lead_wrote(town)
        maya = Teammate(town)
        await maya.opens(conversation_id)
        assert "Nobody who may do it" in await maya.presses("merge")
        await team()
        await maya.opens(conversation_id)
        assert "Ask the team Merging." in await maya.presses("merge")
        await team(*(int(admin["id"]) for admin in (await town.intercom("GET", "/admins"))["admins"]))
        await maya.opens(conversation_id)
        assert "You may not" not in await maya.presses("merge")
        fault = {"method": "GET", "path": "/teams", "status": 500, "times": 100}
        await town.intercom("POST", "/_sandbox/faults", fault)
        await maya.opens(conversation_id)
        assert "You may not" not in await maya.presses("merge")
