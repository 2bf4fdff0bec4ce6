"""What Intercom does to contacts is followed: by webhook, by the nightly walk, and when a write is refused."""

from __future__ import annotations

import itertools

import psycopg
import pytest
from psycopg.types.json import Jsonb

from leadline.errors import Retry
from tests.people.conftest import WORKSPACE, Desk, OpenDesk

PHONE = "tel:+353861234567"
SKIP = {"skip_duplicate_validation": True}


async def user(desk: Desk, number: int = 1) -> str:
    return await desk.contact({"role": "user", "external_id": f"u{number}", "name": f"User {number}"})


async def merge(desk: Desk, lead: str, into: str, version: str = "2.16") -> None:
    status, answer = await desk.call("POST", "/contacts/merge", {"from": lead, "into": into} | SKIP, version)
    assert status == 200, answer


@pytest.mark.parametrize("version", ["2.16", "2.14"])
@pytest.mark.parametrize("told", [True, False])
async def test_a_merge_is_followed_whether_or_not_the_webhook_says_who(
    open_desk: OpenDesk, told: bool, version: str
) -> None:
    async with open_desk(intercom_version=version) as desk:
        lead, into = await desk.write(PHONE, text="one"), await user(desk)
        stranger = await desk.contact({"role": "lead", "external_id": "x"})
        await merge(desk, lead, into, version)
        await merge(desk, stranger, into, version)
        await desk.leadline.following.notified(WORKSPACE, "contact.merged", into, lead if told else None)
        assert await desk.owner(PHONE) == into
        assert await desk.write(PHONE, text="two") == into
        assert await desk.threads(into) == [["one", "two"]]


async def test_a_merge_that_no_webhook_told_is_followed_at_the_next_message(desk: Desk) -> None:
    lead, into = await desk.write(PHONE, text="one"), await user(desk)
    await merge(desk, lead, into)
    await desk.write(PHONE, text="two")
    assert await desk.owner(PHONE) == into
    assert await desk.threads(into) == [["one", "two"]]
    assert await desk.write(PHONE, text="three") == into


@pytest.mark.parametrize("hops", [3, 5])
async def test_a_contact_merged_on_and_on_is_followed_to_the_last_one(desk: Desk, database_url: str, hops: int) -> None:
    """Intercom's Link leads over three merges; behind longer chains the owner of the conversation tells."""
    lead, users = await desk.write(PHONE, text="one"), [await user(desk, number) for number in range(hops)]
    await merge(desk, lead, users[0])
    async with await psycopg.AsyncConnection.connect(database_url) as sandbox:
        for one, into in itertools.pairwise(users):  # only Intercom itself can merge users
            await sandbox.execute("update contact set merged_into = %s, merged_at = 1 where id = %s", [into, one])
        await sandbox.execute("update conversation set contact_ids = %s", [Jsonb(users[-1:])])
    assert (await desk.call("GET", f"/contacts/{lead}"))[0] == (410 if hops == 3 else 404)
    assert await desk.write(PHONE, text="two") == users[-1]
    assert await desk.threads(users[-1]) == [["one", "two"]]
    assert await desk.owner(PHONE) == users[-1]


async def test_a_deleted_contact_gives_way_to_a_new_lead(desk: Desk) -> None:
    lead = await desk.write(PHONE)
    await desk.ok("DELETE", f"/contacts/{lead}")
    await desk.leadline.following.notified(WORKSPACE, "contact.deleted", lead, None)
    assert not await desk.rows("select 1 from link where superseded_at is null")
    assert await desk.write(PHONE) not in {"", lead}


async def test_an_archived_contact_is_left_alone_until_its_customer_writes_again(desk: Desk) -> None:
    contact = await user(desk)
    await desk.write(PHONE)
    await desk.leadline.corrections.attach(WORKSPACE, PHONE, contact, author="Ann")
    await desk.write(PHONE, text="one")
    await desk.ok("POST", f"/contacts/{contact}/archive")
    await desk.leadline.directory.walk(desk.leadline.workspace)
    assert (await desk.call("GET", f"/contacts/{contact}"))[0] == 404, "still archived"
    assert await desk.write(PHONE, text="two") == contact
    assert await desk.threads(contact) == [["one", "two"]]


async def test_a_lead_that_became_a_user_stays_and_writes_as_one(desk: Desk) -> None:
    lead = await desk.write(PHONE)
    await desk.ok("PUT", f"/contacts/{lead}", {"role": "user", "external_id": "cust-9"})
    await desk.leadline.following.notified(WORKSPACE, "contact.lead.signed_up", lead, None)
    [row] = await desk.rows("select role from link where superseded_at is null")
    assert row["role"] == "user"
    await desk.rows("update conversation set ended_at = now() returning 1")
    assert await desk.write(PHONE, text="as a user") == lead


async def test_the_walk_heals_what_webhooks_missed(desk: Desk) -> None:
    senders = [f"tel:+35386123450{number}" for number in range(4)]
    merged, deleted, converted, same = [await desk.write(sender) for sender in senders]
    into = await user(desk)
    await merge(desk, merged, into)
    await desk.ok("DELETE", f"/contacts/{deleted}")
    await desk.ok("PUT", f"/contacts/{converted}", {"role": "user", "external_id": "cust-9"})
    await desk.calls()
    walked = await desk.leadline.directory.walk(desk.leadline.workspace)
    assert walked is not None
    assert (walked.met, walked.failed) == (7, 0)
    calls = await desk.calls()
    assert calls["GET /contacts"] == 1
    assert calls["GET /contacts/{id}"] == 3, "only the two that the list does not show, and the survivor of one"
    links = {r["handle"]: r for r in await desk.rows("select * from link where superseded_at is null")}
    assert links[senders[0]]["contact_id"] == into
    assert links[senders[1]]["contact_id"] == deleted, "archived or deleted: its next message tells"
    assert (links[senders[2]]["contact_id"], links[senders[2]]["role"]) == (converted, "user")
    assert links[senders[3]]["contact_id"] == same
    assert await desk.write(senders[1]) not in {"", deleted}


async def test_a_walk_passes_over_what_intercom_will_not_show_and_goes_on_after_its_absence(desk: Desk) -> None:
    senders, into = [f"tel:+35386123450{number}" for number in range(2)], await user(desk)
    for sender in senders:
        await merge(desk, await desk.write(sender), into)
    walk, workspace = desk.leadline.directory.walk, desk.leadline.workspace
    await desk.fault(method="GET", path="/contacts", status=503)
    with pytest.raises(Retry):
        await walk(workspace)
    await desk.fault(method="GET", path="/contacts/[^/]+", status=503)
    walked = await walk(workspace)
    assert walked is not None, "the one before broke off, and does not stand in the way"
    assert walked.failed == 1
    walked = await walk(workspace)
    assert walked is not None
    assert walked.failed == 0
    assert {await desk.owner(sender) for sender in senders} == {into}
