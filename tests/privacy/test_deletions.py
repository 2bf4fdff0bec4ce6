"""A contact that Intercom deleted is erased here an hour later. One that was merged, put back or wrote again is not."""

from __future__ import annotations

import hashlib
import hmac
import json
from contextlib import suppress

import pytest

from leadline.app import Leadline
from leadline.engine import parked
from leadline.errors import Retry
from leadline.privacy import deletions
from leadline.privacy.needles import needles
from leadline.stage.town import CLIENT_SECRET
from tests.clocks import clock
from tests.people.conftest import Desk, OpenDesk
from tests.people.conftest import desk as desk
from tests.people.conftest import open_desk as open_desk
from tests.people.conftest import open_house as open_house
from tests.privacy.test_person import dump

PHONE, TEXT, NAME = "+447700900777", "My secret is a blue giraffe", "Zoe Quux-Mueller"
HANDLE = f"tel:{PHONE}"
TOPIC = "contact.deleted"


async def told(leadline: Leadline, contact_id: str, topic: str = TOPIC, number: int = 1) -> None:
    """Intercom's webhook about a contact."""
    item = {"type": "contact", "id": contact_id, "external_id": None, "email": "zoe.quux@example.org"}
    hook = {"type": "notification_event", "id": f"notif_{topic}_{number}", "app_id": "sandbox", "topic": topic}
    body = json.dumps(hook | {"created_at": 1790000000, "data": {"item": item}}).encode()
    signature = "sha1=" + hmac.new(CLIENT_SECRET.encode(), body, hashlib.sha1).hexdigest()
    await leadline.notifications.notified(body, {"x-hub-signature": signature}, "/intercom/webhook")


async def erasures(desk: Desk) -> list[dict[str, str]]:
    return await desk.rows("select state, reason, explanation from arrival where kind = 'erasure'")


async def drained(desk: Desk) -> None:
    """Until all that can be done now is done; what waits for its hour stays."""
    for row in await desk.rows("select lane from lane where ready order by lane"):
        with suppress(Retry):
            await desk.leadline.lanes.drain("sandbox", row["lane"])


async def found(desk: Desk) -> set[str]:
    """The tables in which anything of the person is left."""
    tables = await dump(desk.database)
    sought = needles([PHONE, TEXT, NAME, "zoe.quux@example.org"])
    return {table for table, content in tables.items() if any(needle in content for needle in sought)}


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletions, "AFTER", 0.0)


async def test_whom_intercom_deleted_is_in_no_table_any_more_and_the_audit_has_the_receipt(
    open_desk: OpenDesk, at_once: None
) -> None:
    async with open_desk() as desk:
        await desk.leadline.book.set("sandbox", "erase_deleted", "on")
        other = await desk.write("tel:+447700900888", text="I stay", name="Ann")
        lead = await desk.write(HANDLE, text=TEXT, name=NAME)
        await desk.write(HANDLE, text="Second")
        assert await found(desk)
        await desk.ok("DELETE", f"/contacts/{lead}")
        for number in range(2):
            await told(desk.leadline, lead, number=number)
        await drained(desk)
        assert await found(desk) == set()
        [row] = await erasures(desk)
        assert row["state"] == "done"
        [receipt] = await desk.rows("select actor, source, subject, detail from audit where act = 'person.erased'")
        assert (receipt["actor"], receipt["source"], receipt["subject"]) == ("Intercom", "contact deleted", None)
        assert receipt["detail"]["erased"]["link"] == 1
        assert receipt["detail"]["erased"]["arrival"] >= 2
        assert await desk.owner("tel:+447700900888") == other


@pytest.mark.parametrize("wrong", [0, 7200, -7200])
async def test_it_waits_an_hour_whatever_the_workers_clock_shows(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch, wrong: float
) -> None:
    clock(monkeypatch, wrong)
    async with open_desk() as desk:
        await desk.leadline.book.set("sandbox", "erase_deleted", "on")
        lead = await desk.write(HANDLE, text=TEXT)
        await desk.ok("DELETE", f"/contacts/{lead}")
        await told(desk.leadline, lead)
        await drained(desk)
        [row] = await erasures(desk)
        assert (row["state"], row["reason"]) == ("waiting", "erasure_later")
        [lane] = await desk.rows(
            "select extract(epoch from due_at - now()) as left from lane where lane like 'erasure:%%'"
        )
        assert 3500 < lane["left"] <= 3600
        assert "arrival" in await found(desk)


async def test_without_the_setting_nothing_is_erased(desk: Desk, at_once: None) -> None:
    lead = await desk.write(HANDLE, text=TEXT)
    await desk.ok("DELETE", f"/contacts/{lead}")
    await told(desk.leadline, lead)
    await drained(desk)
    assert await erasures(desk) == []
    assert "arrival" in await found(desk)


@pytest.mark.parametrize("topic", ["contact.archived", "contact.merged", "contact.unarchive"])
async def test_no_other_news_of_a_contact_erases_it(open_desk: OpenDesk, at_once: None, topic: str) -> None:
    async with open_desk() as desk:
        await desk.leadline.book.set("sandbox", "erase_deleted", "on")
        lead = await desk.write(HANDLE, text=TEXT)
        await told(desk.leadline, lead, topic)
        await drained(desk)
        assert await erasures(desk) == []


@pytest.mark.parametrize("version", ["2.16", "2.14"])
async def test_a_lead_that_was_merged_lives_on_in_the_survivor(
    open_desk: OpenDesk, at_once: None, version: str
) -> None:
    async with open_desk(intercom_version=version) as desk:
        await desk.leadline.book.set("sandbox", "erase_deleted", "on")
        lead = await desk.write(HANDLE, text=TEXT)
        into = await desk.contact({"role": "user", "external_id": "u1", "name": "User"})
        merge = {"from": lead, "into": into, "skip_duplicate_validation": True}
        assert (await desk.call("POST", "/contacts/merge", merge, version))[0] == 200
        await desk.leadline.following.notified("sandbox", "contact.merged", into, lead)
        await told(desk.leadline, lead)
        await drained(desk)
        [row] = await erasures(desk)
        assert row["state"] == "done"
        assert await desk.owner(HANDLE) == into
        assert "arrival" in await found(desk)
        assert await desk.rows("select 1 from audit where act = 'person.erased'") == []


async def test_a_contact_that_is_back_is_not_erased(open_desk: OpenDesk, at_once: None) -> None:
    async with open_desk() as desk:
        await desk.leadline.book.set("sandbox", "erase_deleted", "on")
        lead = await desk.write(HANDLE, text=TEXT)
        await told(desk.leadline, lead)  # the webhook comes, and the contact is there
        await drained(desk)
        [row] = await erasures(desk)
        assert (row["state"], "there again" in row["explanation"]) == ("done", True)
        assert await desk.owner(HANDLE) == lead


async def test_a_deleted_contact_who_wrote_again_as_a_new_lead_is_shown_to_a_person(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_desk() as desk:
        await desk.leadline.book.set("sandbox", "erase_deleted", "on")
        lead = await desk.write(HANDLE, text=TEXT)
        await desk.ok("DELETE", f"/contacts/{lead}")
        await told(desk.leadline, lead)
        await drained(desk)
        await desk.keep(HANDLE, text="Hello again")
        await drained(desk)
        new = await desk.owner(HANDLE)
        assert new not in ("", lead)
        monkeypatch.setattr(deletions, "AFTER", 0.0)
        await desk.rows("update lane set due_at = now() where lane like 'erasure:%%' returning 1")
        await drained(desk)
        [row] = await erasures(desk)
        assert (row["state"], row["reason"]) == ("parked", "erasure_unclear")
        assert new in row["explanation"]
        assert f"leadline person erase {lead}" in row["explanation"]
        [shown] = await parked.parked(desk.database, "sandbox")
        assert parked.title(shown) == "Erasure of a deleted contact"
        assert await desk.rows("select 1 from arrival where content ->> 'text' = 'Hello again' and state = 'done'")


async def test_messages_that_wait_are_delivered_first(open_desk: OpenDesk, at_once: None) -> None:
    async with open_desk() as desk:
        await desk.leadline.book.set("sandbox", "erase_deleted", "on")
        lead = await desk.write(HANDLE, text=TEXT)
        await desk.ok("DELETE", f"/contacts/{lead}")
        await told(desk.leadline, lead)
        number = await desk.keep(HANDLE, text="Still on my way")
        with pytest.raises(Retry, match="not through yet"):
            await desk.leadline.lanes.drain("sandbox", f"erasure:{lead}")
        [row] = await desk.rows("select state from arrival where arrival_id = %s", number)
        assert row["state"] == "waiting"
