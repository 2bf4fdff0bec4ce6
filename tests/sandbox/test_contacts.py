"""Contacts over HTTP: identifiers, conflicts, roles, lists, leaving."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from .conftest import MAYA, Api, Start


async def test_a_lead_needs_no_identifier_and_is_read_back_as_created(api: Api) -> None:
    lead = await api.contact(role="lead", phone="+353 88 888 8999", name="Ann")
    assert (lead["role"], lead["external_id"], lead["email"], len(lead["id"])) == ("lead", None, None, 24)
    assert lead["phone"] == "+353 88 888 8999", "Intercom stores the phone as given"
    assert "formatted_phone" not in lead, "a response field of the Preview version only"
    assert await api.ok("GET", f"/contacts/{lead['id']}") == lead


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": "nobody"},
        {"role": "user"},
        {"role": "visitor"},
        {"role": "lead", "email_verified": True},
        {"email": "no-address"},
        {"role": "lead", "owner_id": 4},
        {"role": "lead", "custom_attributes": {"never_made": "x"}},
        {"role": "lead", "phone": 353888888999},
        {"role": "lead", "name": "a\u0000b"},
    ],
)
async def test_wrong_contacts_are_refused_in_the_error_envelope(api: Api, wrong: dict[str, Any]) -> None:
    answer = await api.call("POST", "/contacts", wrong)
    assert answer.status == 400
    assert answer.body["type"] == "error.list"
    assert answer.body["request_id"]
    assert answer.message
    assert (await api.ok("GET", "/contacts"))["total_count"] == 0


@pytest.mark.parametrize(
    ("first", "second", "conflict"),
    [
        ({"role": "lead", "external_id": "a"}, {"role": "lead", "external_id": "a"}, True),
        ({"role": "lead", "external_id": "a"}, {"role": "user", "external_id": "a"}, True),
        ({"role": "user", "email": "A@b.example"}, {"role": "user", "email": "a@B.example"}, True),
        ({"role": "user", "email": "a@b.example"}, {"role": "lead", "email": "a@b.example"}, False),
        ({"role": "lead", "email": "a@b.example"}, {"role": "lead", "email": "a@b.example"}, False),
        ({"role": "lead", "phone": "+353861111111"}, {"role": "lead", "phone": "+353861111111"}, False),
    ],
)
async def test_external_id_and_user_email_are_unique_and_phones_are_not(
    api: Api, first: dict[str, Any], second: dict[str, Any], conflict: bool
) -> None:
    one = await api.contact(**first)
    answer = await api.call("POST", "/contacts", second)
    if conflict:
        assert (answer.status, answer.code) == (409, "conflict")
        assert answer.message == f"A contact matching those details already exists with id={one['id']}"
    else:
        assert answer.status == 200
        assert answer.body["id"] != one["id"]


async def test_parallel_creates_with_one_external_id_make_one_contact(api: Api) -> None:
    lead = {"role": "lead", "external_id": "bridge:1"}
    answers = await asyncio.gather(*(api.call("POST", "/contacts", lead) for _ in range(12)))
    made = [answer.body["id"] for answer in answers if answer.status == 200]
    assert len(made) == 1
    assert all(answer.message.endswith(f"id={made[0]}") for answer in answers if answer.status == 409)


async def test_an_archived_twin_is_named_and_can_be_taken_back(api: Api) -> None:
    lead = await api.contact(role="lead", external_id="bridge:2")
    await api.ok("POST", f"/contacts/{lead['id']}/archive")
    assert (await api.call("GET", f"/contacts/{lead['id']}")).status == 404
    answer = await api.call("POST", "/contacts", {"role": "lead", "external_id": "bridge:2"})
    assert answer.message == f"An archived contact matching those details already exists with id={lead['id']}"
    assert (await api.ok("POST", f"/contacts/{lead['id']}/unarchive"))["archived"] is False
    assert (await api.ok("PUT", f"/contacts/{lead['id']}", {"name": "Back"}))["name"] == "Back"


async def test_a_lead_becomes_a_user_and_never_the_other_way(api: Api) -> None:
    lead = await api.contact(role="lead", phone="+353861111111")
    user = await api.ok("PUT", f"/contacts/{lead['id']}", {"role": "user", "external_id": "u1"})
    assert (user["id"], user["role"], user["phone"]) == (lead["id"], "user", "+353861111111")
    answer = await api.call("PUT", f"/contacts/{lead['id']}", {"role": "lead"})
    assert (answer.status, answer.code) == (400, "client_error")
    assert answer.message == "Contact with user role can't be converted to a lead"


async def test_an_update_changes_only_what_it_says_and_names_a_conflict(api: Api) -> None:
    await api.ok("POST", "/data_attributes", {"name": "telegram_id", "model": "contact", "data_type": "string"})
    one = await api.contact(role="user", email="one@b.example", name="One", custom_attributes={"telegram_id": "77"})
    two = await api.contact(role="user", email="two@b.example", owner_id=int(MAYA))
    assert two["owner_id"] == MAYA
    changed = await api.ok("PUT", f"/contacts/{one['id']}", {"phone": "+353861111111", "name": None})
    assert (changed["phone"], changed["name"], changed["email"]) == ("+353861111111", None, "one@b.example")
    assert changed["custom_attributes"] == {"telegram_id": "77"}
    answer = await api.call("PUT", f"/contacts/{two['id']}", {"email": "one@b.example"})
    assert (answer.status, answer.message) == (
        409,
        f"A contact matching those details already exists with id={one['id']}",
    )
    assert (await api.ok("GET", f"/contacts/{two['id']}"))["email"] == "two@b.example"


async def test_find_by_external_id_ignores_leads(api: Api) -> None:
    user = await api.contact(role="user", external_id="a/b c")
    await api.contact(role="lead", external_id="of-a-lead")
    assert (await api.ok("GET", "/contacts/find_by_external_id/a%2Fb%20c"))["id"] == user["id"]
    assert (await api.call("GET", "/contacts/find_by_external_id/of-a-lead")).status == 404


async def test_the_list_goes_through_every_contact_once(api: Api) -> None:
    made = {(await api.contact(role="lead", name=str(n)))["id"] for n in range(7)}
    seen: list[str] = []
    cursor = ""
    while True:
        page = await api.ok("GET", f"/contacts?per_page=3{cursor}")
        seen += [contact["id"] for contact in page["data"]]
        assert (page["total_count"], page["pages"]["total_pages"]) == (7, 3)
        if "next" not in page["pages"]:
            break
        cursor = f"&starting_after={page['pages']['next']['starting_after']}"
    assert len(seen) == 7
    assert set(seen) == made


@pytest.mark.parametrize("query", ["per_page=0", "per_page=151", "per_page=x", "starting_after=nonsense"])
async def test_wrong_pages_are_refused(api: Api, query: str) -> None:
    assert (await api.call("GET", f"/contacts?{query}")).status == 400


async def test_delete_and_block(api: Api) -> None:
    lead, other = await api.contact(role="lead", external_id="gone"), await api.contact(role="lead")
    assert await api.ok("DELETE", f"/contacts/{lead['id']}") == {
        "type": "contact",
        "id": lead["id"],
        "external_id": "gone",
        "deleted": True,
    }
    assert (await api.call("GET", f"/contacts/{lead['id']}")).status == 404
    assert (await api.contact(role="lead", external_id="gone"))["id"] != lead["id"]
    assert (await api.ok("POST", f"/contacts/{other['id']}/block"))["blocked"] is True
    assert (await api.call("POST", f"/contacts/{other['id']}/archive")).status == 404


async def test_tags_and_notes_of_a_contact(api: Api) -> None:
    lead = await api.contact(role="lead")
    tag = await api.ok("POST", "/tags", {"name": "From WhatsApp"})
    assert (await api.ok("POST", "/tags", {"name": "from whatsapp"}))["id"] == tag["id"], "names ignore case"
    applied = await api.ok("POST", f"/contacts/{lead['id']}/tags", {"id": tag["id"]})
    assert applied["name"] == "From WhatsApp"
    note = await api.ok("POST", f"/contacts/{lead['id']}/notes", {"body": "Called <b>twice</b>", "admin_id": MAYA})
    assert note["body"] == "<p>Called <b>twice</b></p>"
    shown = await api.ok("GET", f"/contacts/{lead['id']}")
    assert [each["id"] for each in shown["tags"]["data"]] == [tag["id"]]
    assert shown["notes"]["total_count"] == 1
    assert (await api.ok("GET", f"/contacts/{lead['id']}/notes"))["data"][0]["author"]["id"] == MAYA
    await api.ok("DELETE", f"/contacts/{lead['id']}/tags/{tag['id']}")
    assert (await api.ok("GET", f"/contacts/{lead['id']}/tags"))["data"] == []
    for path, body in (("tags", {"id": "999999"}), ("notes", {"body": "x", "admin_id": "1"})):
        assert (await api.call("POST", f"/contacts/{lead['id']}/{path}", body)).message == "Resource Not Found"
        assert (await api.call("POST", f"/contacts/nobody/{path}", body)).message == "User Not Found"


async def test_the_owner_is_a_number_before_2_16(api: Api) -> None:
    lead = await api.contact(role="lead", owner_id=int(MAYA))
    old = await api.ok("GET", f"/contacts/{lead['id']}", Intercom_Version="2.15")
    assert (old["owner_id"], lead["owner_id"]) == (int(MAYA), MAYA)


async def test_contacts_survive_a_restart(start: Start) -> None:
    async with start() as api:
        lead = await api.contact(role="lead", external_id="stays", phone="+353861111111")
    async with start() as api:
        assert await api.ok("GET", f"/contacts/{lead['id']}") == lead
        found = await api.search({"field": "phone", "operator": "=", "value": "+353861111111"})
        assert found["total_count"] == 1
