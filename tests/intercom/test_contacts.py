"""What is asked of Intercom for contacts, and what its odd answers lead to; every request is checked."""

from __future__ import annotations

from typing import Any

import pytest

from leadline.intercom import contacts
from leadline.intercom.client import Client
from leadline.intercom.outcomes import Conflict, IntercomError, Merged, NotFound
from leadline.model import Role

from .conftest import Script, contact, refusal

GONE = (404, refusal("not_found", "Contact Not Found"))
NO_RESTORE = (400, refusal("bad_request", "User has been merged and is not restorable."))


def merged_into(contact_id: str) -> tuple[Any, ...]:
    link = {"Link": f'</contacts/{contact_id}>; rel="canonical"'}
    return (410, refusal("contact_merged", "This contact has been merged."), link)


def exists(contact_id: str, archived: bool = False) -> tuple[Any, ...]:
    kind = "An archived contact" if archived else "A contact"
    return (409, refusal("conflict", f"{kind} matching those details already exists with id={contact_id}"))


async def test_get_reads_the_record(script: Script, client: Client) -> None:
    raw = contact(
        "c1",
        "user",
        name="Cara",
        phone="+353 88 888 8999",
        external_id="e1",
        updated_at="2026-01-10T06:29:21.953+00:00",
        last_seen_at=1_700_000_001,
        custom_attributes={"telegram_id": "77"},
        archived=True,
    )
    script.will((200, raw))
    found = await contacts.get(client, "c1")
    assert found is not None
    assert (found.contact_id, found.role, found.name, found.email) == ("c1", Role.USER, "Cara", "")
    assert (found.phone, found.external_id, found.updated_at) == ("+353 88 888 8999", "e1", 1768026561)
    assert (found.last_seen_at, found.archived, found.custom_attributes) == (1_700_000_001, True, {"telegram_id": "77"})
    assert found.raw == raw


@pytest.mark.parametrize(
    ("answers", "survivor"),
    [
        ([merged_into("b"), merged_into("c"), (200, contact("c", "user"))], "c"),
        ([merged_into("b"), GONE], None),
        ([merged_into("a")], None),
        ([(410, refusal("contact_merged", "merged"))], None),
        ([merged_into(name) for name in "babab"], None),
        ([GONE], None),
    ],
    ids=["two hops", "survivor gone", "points at itself", "no link", "circle", "gone"],
)
async def test_get_follows_merges(script: Script, client: Client, answers: list[Any], survivor: str | None) -> None:
    script.will(*answers)
    found = await contacts.get(client, "a")
    assert (found and found.contact_id) == survivor


async def test_get_of_no_contact_is_an_error(script: Script, client: Client) -> None:
    script.will((200, {"type": "contact", "id": "c1", "role": "visitor"}))
    with pytest.raises(IntercomError, match="visitor"):
        await contacts.get(client, "c1")


async def _lead(client: Client, **more: Any) -> contacts.Created:
    return await contacts.create_lead(client, external_id="leadline:1", name="Cara", phone="+1", **more)


async def test_lead_is_created_with_what_is_known(script: Script, client: Client) -> None:
    script.will((200, contact("new", external_id="leadline:1")))
    created = await _lead(client, avatar_url="https://a.b/c.png", language="de", attributes={"telegram_id": "77"})
    assert created.contact is not None
    assert (created.contact.contact_id, created.contact.role, created.existed) == ("new", Role.LEAD, False)
    assert script.asked[0].body == {
        "role": "lead",
        "external_id": "leadline:1",
        "name": "Cara",
        "phone": "+1",
        "avatar": "https://a.b/c.png",
        "language_override": "de",
        "custom_attributes": {"telegram_id": "77"},
    }


async def test_lead_without_profile_sends_no_empty_fields(script: Script, client: Client) -> None:
    script.will((200, contact("new")))
    await contacts.create_lead(client, external_id="e")
    assert script.asked[0].body == {"role": "lead", "external_id": "e"}


@pytest.mark.parametrize(
    ("answers", "contact_id", "routes"),
    [
        ([exists("old"), (200, contact("old", "user"))], "old", ["POST /contacts", "GET /contacts/old"]),
        ([exists("old"), merged_into("u"), (200, contact("u", "user"))], "u", None),
        ([exists("old"), GONE], None, None),
        (
            [exists("old", archived=True), (200, {"id": "old", "archived": False}), (200, contact("old"))],
            "old",
            ["POST /contacts", "POST /contacts/old/unarchive", "GET /contacts/old"],
        ),
        ([exists("old", archived=True), NO_RESTORE, merged_into("u"), (200, contact("u", "user"))], "u", None),
        ([exists("old", archived=True), merged_into("u"), (200, contact("u", "user"))], "u", None),
        ([exists("old", archived=True), NO_RESTORE, GONE], None, None),
        ([exists("old", archived=True), NO_RESTORE, (200, contact("old"))], None, None),
        ([exists("old", archived=True), GONE, GONE], None, None),
    ],
    ids=[
        "exists",
        "merged",
        "deleted",
        "archived",
        "archived and merged",
        "archived and merged, told by 410",
        "merged by an older version",
        "will not be restored",
        "archived and deleted",
    ],
)
async def test_external_id_that_exists_leads_to_its_contact(
    script: Script, client: Client, answers: list[Any], contact_id: str | None, routes: list[str] | None
) -> None:
    script.will(*answers)
    created = await _lead(client)
    assert created.existed
    assert (created.contact and created.contact.contact_id) == contact_id
    assert routes is None or script.routes() == routes


@pytest.mark.parametrize("answer", [(403, refusal("api_plan_restricted", "no")), (404, refusal("not_found", "no"))])
async def test_a_lead_refused_because_of_the_token_is_not_repaired(
    script: Script, client: Client, answer: tuple[Any, ...]
) -> None:
    script.will(answer)
    with pytest.raises(IntercomError):
        await _lead(client, avatar_url="https://a.b/c", attributes={"telegram_id": "77"})
    assert script.routes() == ["POST /contacts"]


async def test_a_conflict_without_a_contact_id_is_raised(script: Script, client: Client) -> None:
    script.will((409, refusal("conflict", "A contact matching those details already exists")))
    with pytest.raises(Conflict):
        await _lead(client)


async def test_plan_that_forbids_unarchiving_is_raised(script: Script, client: Client) -> None:
    script.will(exists("old", archived=True), (403, refusal("api_plan_restricted", "no")))
    with pytest.raises(IntercomError, match="403"):
        await _lead(client)


async def test_missing_attribute_is_created_and_the_lead_tried_again(script: Script, client: Client) -> None:
    unknown = (400, refusal("parameter_invalid", "Custom attribute 'telegram_id' does not exist"))
    script.will(unknown, (200, {"data": []}), (200, {"id": 9}), (200, contact("new")))
    created = await _lead(client, attributes={"telegram_id": "77"})
    assert created.contact is not None
    assert not created.existed
    assert script.routes() == ["POST /contacts", "GET /data_attributes", "POST /data_attributes", "POST /contacts"]
    assert script.asked[3].body == script.asked[0].body


async def test_bad_avatar_does_not_stop_a_lead(script: Script, client: Client) -> None:
    script.will((422, refusal("data_invalid", "avatar is no image")), (200, contact("new")))
    assert (await _lead(client, avatar_url="https://a.b/c", language="xx")).contact is not None
    assert script.asked[1].body == {"role": "lead", "external_id": "leadline:1", "name": "Cara", "phone": "+1"}


async def test_lead_refused_for_good_is_raised_after_the_repairs(script: Script, client: Client) -> None:
    present = (200, {"data": [{"id": 1, "name": "telegram_id", "data_type": "string"}]})
    refused = (422, refusal("data_invalid", "phone is no phone"))
    script.will(refused, present, refused, present)
    with pytest.raises(IntercomError, match="phone is no phone"):
        await _lead(client, avatar_url="https://a.b/c", attributes={"telegram_id": "77"})


async def test_update_sends_only_what_changes(script: Script, client: Client) -> None:
    script.will((200, contact("c1", "user")), merged_into("u"), GONE)
    changed = await contacts.update(client, "c1", role="user", external_id="x")
    assert changed.role is Role.USER
    assert (script.asked[0].method, script.asked[0].body) == ("PUT", {"role": "user", "external_id": "x"})
    with pytest.raises(Merged):
        await contacts.update(client, "c1", name="x")
    with pytest.raises(NotFound):
        await contacts.update(client, "c1", name="x")


async def test_attributes_missing_are_created_and_archived_ones_revived(script: Script, client: Client) -> None:
    listed = [
        {"id": 1, "name": "here", "data_type": "string", "custom": True, "archived": False},
        {"id": 2, "name": "asleep", "data_type": "string", "custom": True, "archived": True},
        {"name": "new", "data_type": "string", "custom": False},
    ]
    script.will((200, {"data": listed}), (200, {"id": 2}), (200, {"id": 3}))
    touched = await contacts.ensure_attributes(client, {"here": "h", "asleep": "a", "new": "n"})
    assert touched == ("asleep", "new")
    assert script.asked[0].query == {"model": "contact", "include_archived": "true"}
    assert (script.asked[1].path, script.asked[1].body) == ("/data_attributes/2", {"archived": False})
    assert script.asked[2].body == {
        "name": "new",
        "model": "contact",
        "data_type": "string",
        "description": "n",
        "messenger_writable": False,
    }


async def test_attribute_that_another_worker_made_meanwhile_is_fine(script: Script, client: Client) -> None:
    script.will((200, {"data": []}), (400, refusal("parameter_invalid", "You already have 'x' in your people data.")))
    assert await contacts.ensure_attributes(client, {"x": "d"}) == ("x",)


@pytest.mark.parametrize("message", ["must only contain alphanumeric characters", "limit reached"])
async def test_attribute_refused_is_raised(script: Script, client: Client, message: str) -> None:
    script.will((200, {"data": []}), (400, refusal("parameter_invalid", message)))
    with pytest.raises(IntercomError, match=message):
        await contacts.ensure_attributes(client, {"x.y": "d"})


async def test_attribute_of_another_type_says_what_to_do(script: Script, client: Client) -> None:
    script.will((200, {"data": [{"id": 1, "name": "x", "data_type": "integer", "custom": True}]}))
    with pytest.raises(IntercomError, match="Archive it in Intercom"):
        await contacts.ensure_attributes(client, {"x": "d"})
