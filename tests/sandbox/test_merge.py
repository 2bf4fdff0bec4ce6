"""Merging over HTTP: which roles, which versions, what moves, what is left of the lead."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from .conftest import MAYA, Api

ROLES = "Merging can only be performed on a lead into a user"


def _merge(source: Any, into: Any, **more: Any) -> dict[str, Any]:
    return {"from": source["id"], "into": into["id"], **more}


async def _pair(api: Api, **lead: Any) -> tuple[Any, Any]:
    user = await api.contact(role="user", external_id="u1", email="u@one.example", phone="+353 86 111 1111")
    return await api.contact(role="lead", **lead), user


@pytest.mark.parametrize(
    ("lead", "skip", "version", "status"),
    [
        ({}, False, "2.16", 400),
        ({}, True, "2.16", 200),
        ({}, False, "2.15", 200),
        ({"phone": "+353861111111"}, False, "2.16", 200),
        ({"email": "U@one.example"}, False, "2.16", 200),
        ({"phone": "+353862222222"}, False, "2.16", 400),
    ],
)
async def test_only_duplicates_merge_from_2_16_on_unless_told(
    api: Api, lead: dict[str, Any], skip: bool, version: str, status: int
) -> None:
    source, user = await _pair(api, **lead)
    body = _merge(source, user, skip_duplicate_validation=skip)
    answer = await api.call("POST", "/contacts/merge", body, Intercom_Version=version)
    assert answer.status == status
    if status == 200:
        assert answer.body["id"] == user["id"]
    else:
        assert answer.code == "invalid_merge"
        assert "skip_duplicate_validation=true" in answer.message
        assert (await api.ok("GET", f"/contacts/{source['id']}"))["role"] == "lead"


@pytest.mark.parametrize(("source", "into"), [("user", "user"), ("user", "lead"), ("lead", "lead")])
@pytest.mark.parametrize("version", ["2.15", "2.16"])
async def test_other_roles_never_merge(api: Api, source: str, into: str, version: str) -> None:
    one = await api.contact(role=source, external_id="one")
    two = await api.contact(role=into, external_id="two")
    body = _merge(one, two, skip_duplicate_validation=True)
    answer = await api.call("POST", "/contacts/merge", body, Intercom_Version=version)
    assert (answer.status, answer.code, answer.message) == (400, "invalid_merge", ROLES)


@pytest.mark.parametrize("origin", ["facebook", "external_channel", "mailing_list"])
@pytest.mark.parametrize("version", ["2.15", "2.16"])
async def test_leads_of_intercoms_own_channels_never_merge(api: Api, origin: str, version: str) -> None:
    lead, user = await _pair(api)
    await api.ok("POST", f"/_sandbox/contacts/{lead['id']}/origin", {"origin": origin})
    body = _merge(lead, user, skip_duplicate_validation=True)
    answer = await api.call("POST", "/contacts/merge", body, Intercom_Version=version)
    assert (answer.status, answer.code) == (422, "unprocessable_entity")
    assert (await api.ok("GET", f"/contacts/{lead['id']}"))["role"] == "lead"


@pytest.mark.parametrize("version", ["2.15", "2.16"])
async def test_a_contact_does_not_merge_with_itself(api: Api, version: str) -> None:
    lead, user = await _pair(api)
    for one in (lead, user):
        answer = await api.call("POST", "/contacts/merge", _merge(one, one), Intercom_Version=version)
        assert (answer.status, answer.code) == (400, "invalid_merge")


async def test_companies_and_subscriptions_become_one(api: Api) -> None:
    lead, user = await _pair(api, phone="+353861111111")
    acme, beta = [await api.ok("POST", "/companies", {"company_id": name, "name": name}) for name in ("acme", "beta")]
    for contact, company in ((lead, acme), (lead, beta), (user, beta)):
        await api.ok("POST", f"/contacts/{contact['id']}/companies", {"id": company["id"]})
    [news, letter] = (await api.ok("GET", "/subscription_types"))["data"]
    for contact, kind, consent in (
        (lead, news, "opt_out"),
        (user, news, "opt_in"),
        (lead, letter, "opt_in"),
    ):
        body = {"id": kind["id"], "consent_type": consent}
        await api.ok("POST", f"/contacts/{contact['id']}/subscriptions", body)
    merged = await api.ok("POST", "/contacts/merge", _merge(lead, user))
    assert {each["id"] for each in merged["companies"]["data"]} == {acme["id"], beta["id"]}
    assert [each["id"] for each in merged["opted_in_subscription_types"]["data"]] == [news["id"], letter["id"]]
    assert merged["opted_out_subscription_types"]["total_count"] == 0
    shown = await api.ok("GET", f"/contacts/{user['id']}/companies")
    assert {each["name"] for each in shown["companies"]} == {"acme", "beta"}
    await api.ok("DELETE", f"/contacts/{user['id']}/companies/{acme['id']}")
    await api.ok("DELETE", f"/contacts/{user['id']}/subscriptions/{letter['id']}")
    assert (await api.ok("GET", f"/contacts/{user['id']}/companies"))["total_count"] == 1
    assert len((await api.ok("GET", f"/contacts/{user['id']}/subscriptions"))["data"]) == 1


async def test_missing_contacts_are_not_found(api: Api) -> None:
    lead, user = await _pair(api)
    for body in (_merge(lead, {"id": "0" * 24}), _merge({"id": "0" * 24}, user)):
        answer = await api.call("POST", "/contacts/merge", body)
        assert (answer.status, answer.code, answer.message) == (404, "not_found", "Contact Not Found")
    await api.ok("POST", f"/contacts/{lead['id']}/archive")
    assert (await api.call("POST", "/contacts/merge", _merge(lead, user))).status == 404


async def test_everything_moves_and_what_the_user_has_stays(api: Api) -> None:
    for name in ("telegram_id", "plan"):
        await api.ok("POST", "/data_attributes", {"name": name, "model": "contact", "data_type": "string"})
    lead, user = await _pair(
        api,
        phone="+353861111111",
        name="From WhatsApp",
        external_id="bridge:1",
        language_override="ga",
        custom_attributes={"telegram_id": "77", "plan": "none"},
    )
    await api.ok("PUT", f"/contacts/{user['id']}", {"custom_attributes": {"plan": "pro"}})
    tag = await api.ok("POST", "/tags", {"name": "vip"})
    await api.ok("POST", f"/contacts/{lead['id']}/tags", {"id": tag["id"]})
    await api.ok("POST", f"/contacts/{lead['id']}/notes", {"body": "met in Cork", "admin_id": MAYA})
    conversation = await api.conversation(lead)
    await api.reply(conversation, lead)

    merged = await api.ok("POST", "/contacts/merge?include_merge_history=true", _merge(lead, user))
    assert (merged["phone"], merged["name"]) == ("+353 86 111 1111", "From WhatsApp")
    assert (merged["external_id"], merged["email"]) == ("u1", "u@one.example")
    assert merged["language_override"] == "ga"
    assert merged["custom_attributes"] == {"telegram_id": "77", "plan": "pro"}
    assert (merged["tags"]["total_count"], merged["notes"]["total_count"]) == (1, 1)
    assert [(item["source_contact_id"], item["source_contact_role"]) for item in merged["merge_history"]] == [
        (lead["id"], "lead")
    ]
    shown = await api.ok("GET", f"/conversations/{conversation}")
    assert [contact["id"] for contact in shown["contacts"]["contacts"]] == [user["id"]]
    part = shown["conversation_parts"]["conversation_parts"][0]
    for author in (shown["source"]["author"], part["author"]):
        assert (author["type"], author["id"]) == ("user", user["id"])
    found = await api.search(
        {"field": "contact_ids", "operator": "=", "value": user["id"]}, path="/conversations/search"
    )
    assert [each["id"] for each in found["conversations"]] == [conversation]
    await api.reply(conversation, user, "after the merge")
    history = await api.ok("GET", f"/contacts/{user['id']}/merge_history")
    assert [item["source_contact_id"] for item in history["data"]] == [lead["id"]]


async def test_a_merged_lead_is_gone_for_reads_writes_lists_and_searches(api: Api) -> None:
    lead, user = await _pair(api, phone="+353861111111", external_id="bridge:1")
    conversation = await api.conversation(lead)
    await api.ok("POST", "/contacts/merge", _merge(lead, user))
    gone = await api.call("GET", f"/contacts/{lead['id']}")
    assert (gone.status, gone.code) == (410, "contact_merged")
    assert gone.headers["Link"] == f'</contacts/{user["id"]}>; rel="canonical"'
    assert (await api.call("GET", "/contacts/find_by_external_id/bridge:1")).status == 410
    assert (await api.call("GET", f"/contacts/{lead['id']}", Intercom_Version="2.15")).status == 404
    assert (await api.call("PUT", f"/contacts/{lead['id']}", {"name": "x"})).status == 404
    answer = await api.call("POST", f"/contacts/{lead['id']}/unarchive")
    assert (answer.status, answer.message) == (400, "User has been merged and is not restorable.")
    answer = await api.call("POST", "/contacts", {"role": "lead", "external_id": "bridge:1"})
    assert answer.message == f"An archived contact matching those details already exists with id={lead['id']}"
    said = {"message_type": "comment", "type": "user", "intercom_user_id": lead["id"], "body": "x"}
    answer = await api.call("POST", f"/conversations/{conversation}/reply", said)
    assert (answer.status, answer.message) == (404, "User Not Found")
    started = {"from": {"type": "lead", "id": lead["id"]}, "body": "x"}
    assert (await api.call("POST", "/conversations", started)).message == "User Not Found"
    assert [contact["id"] for contact in (await api.ok("GET", "/contacts"))["data"]] == [user["id"]]
    found = await api.search({"field": "phone", "operator": "=", "value": "+353861111111"})
    assert found["total_count"] == 0


async def test_parallel_merges_of_one_lead_make_one_merge(api: Api) -> None:
    lead, user = await _pair(api, phone="+353861111111")
    other = await api.contact(role="user", external_id="u2", phone="+353861111111")
    answers = await asyncio.gather(
        *(api.call("POST", "/contacts/merge", _merge(lead, each)) for each in (user, other, user, other))
    )
    assert sorted(answer.status for answer in answers) == [200, 404, 404, 404]


async def test_a_conversation_started_during_the_merge_is_the_users_or_refused(api: Api) -> None:
    for attempt in range(8):
        user = await api.contact(role="user", external_id=f"user{attempt}")
        lead = await api.contact(role="lead")
        start = {"from": {"type": "lead", "id": lead["id"]}, "body": "hello"}
        _, started = await asyncio.gather(
            api.ok("POST", "/contacts/merge", _merge(lead, user, skip_duplicate_validation=True)),
            api.call("POST", "/conversations", start),
        )
        if started.status == 200:
            shown = await api.ok("GET", f"/conversations/{started.body['conversation_id']}")
            assert [contact["id"] for contact in shown["contacts"]["contacts"]] == [user["id"]]
        else:
            assert started.message == "User Not Found"
