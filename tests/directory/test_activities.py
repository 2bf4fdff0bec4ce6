"""Intercom's feed of merges and deletions that no webhook told: followed from where it was read to."""

from __future__ import annotations

import pytest

from leadline.intercom import preview_api
from tests.people.conftest import WORKSPACE, Desk, OpenDesk

P, OTHER = "tel:+353861234567", "tel:+353879999999"
USER = {"role": "user", "external_id": "crm-7", "name": "Una Byrne"}


async def read(desk: Desk) -> int | None:
    return await desk.leadline.directory.feed.run(desk.leadline.workspace)


async def merged(desk: Desk, lead: str, user: str) -> None:
    body = {"from": lead, "into": user, "skip_duplicate_validation": True}
    await desk.ok("POST", "/contacts/merge", body)


async def test_a_merge_and_a_deletion_without_webhooks_are_followed_once(open_desk: OpenDesk) -> None:
    async with open_desk(intercom_preview=True, sandbox={"webhook_url": ""}) as desk:
        await desk.ok("PUT", "/_sandbox/control", {"preview": True})
        user = await desk.contact(USER)
        lead, other = await desk.write(P), await desk.write(OTHER)
        await desk.leadline.directory.walk(desk.leadline.workspace)
        assert await read(desk) == 0
        await merged(desk, lead, user)
        await desk.ok("DELETE", f"/contacts/{other}")
        assert await read(desk) == 2
        assert await desk.owner(P) == user
        assert await desk.rows("select 1 from link where contact_id = %s and superseded_at is null", other) == []
        assert await desk.rows("select 1 from directory_entry where contact_id = any(%s)", [lead, other]) == []
        [row] = await desk.leadline.merging.history(WORKSPACE)
        assert (row.from_id, row.into_id, row.author) == (lead, user, "Intercom")
        await desk.calls()
        assert await read(desk) == 0
        assert await desk.calls() == {"GET /contacts/activities": 1}, "what is done costs no second look"


async def test_many_pages_are_read_once_each_and_the_place_is_kept(open_desk: OpenDesk) -> None:
    async with open_desk(intercom_preview=True, sandbox={"webhook_url": ""}) as desk:
        await desk.ok("PUT", "/_sandbox/control", {"preview": True})
        for number in range(200):
            await desk.contact(USER | {"external_id": f"c-{number}"})
        assert await read(desk) == 0
        await desk.calls()
        user, lead = await desk.contact(USER), await desk.write(P)
        await merged(desk, lead, user)
        assert await read(desk) == 1
        assert (await desk.calls())["GET /contacts/activities"] == 1


@pytest.mark.parametrize("wanted", [False, True], ids=["not wanted", "not there"])
async def test_without_the_setting_or_the_api_nothing_is_read(open_desk: OpenDesk, wanted: bool) -> None:
    async with open_desk(intercom_preview=wanted) as desk:
        assert desk.leadline.directory.feed.wanted is wanted
        assert await read(desk) is None
        assert await read(desk) is None
        assert await desk.calls() == ({"GET /contacts/activities": 1} if wanted else {})


async def test_a_place_that_intercom_does_not_know_any_more_begins_anew(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_api, "ABSENT_FOR", 0.0)
    async with open_desk(intercom_preview=True, sandbox={"webhook_url": ""}) as desk:
        await desk.ok("PUT", "/_sandbox/control", {"preview": True})
        await desk.run("insert into activity_feed (workspace_id, cursor) values ('sandbox', 'from another time')")
        user, lead = await desk.contact(USER), await desk.write(P)
        await merged(desk, lead, user)
        assert await read(desk) is None
        assert await read(desk) == 1
        assert await desk.owner(P) == user
