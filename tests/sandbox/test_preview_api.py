"""The Preview API over HTTP: only where it is switched on; its dry run, users into users, the feed of activities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from .conftest import Api

PREVIEW = {"Intercom_Version": "Preview"}
ANA = {"role": "user", "external_id": "u1", "email": "ana@one.example", "phone": "+353861111111", "name": "Ana Kelly"}


@pytest.fixture
def described() -> dict[str, Any] | None:
    """The description of the dry run, where the shared folder has it."""
    file = Path(__file__).parents[3] / "shared" / "specs" / "intercom" / "intercom-preview-merge.yaml"
    return dict(yaml.safe_load(file.read_text("utf-8"))) if file.exists() else None


async def switched_on(api: Api) -> None:
    await api.ok("PUT", "/_sandbox/control", {"preview": True})


async def dry(api: Api, source: Any, into: Any, **more: Any) -> Any:
    body = {"from": source["id"], "into": into["id"], **more}
    return await api.call("POST", "/contacts/merge/preview", body, **PREVIEW)


async def test_without_the_switch_there_is_none(api: Api) -> None:
    user, lead = await api.contact(**ANA), await api.contact(role="lead")
    assert (await dry(api, lead, user)).status == 400
    await switched_on(api)
    body = {"from": lead["id"], "into": user["id"]}
    assert (await api.call("POST", "/contacts/merge/preview", body, Intercom_Version="2.15")).status == 404
    assert (await api.call("GET", "/contacts/activities", Intercom_Version="2.15")).status == 404


async def test_a_dry_run_says_what_the_merge_then_does(api: Api, described: dict[str, Any] | None) -> None:
    await switched_on(api)
    await api.ok("POST", "/data_attributes", {"name": "tier", "model": "contact", "data_type": "string"})
    user = await api.contact(**ANA, custom_attributes={"tier": "gold"})
    lead = await api.contact(role="lead", name="Ana", phone="+353862222222", custom_attributes={"tier": "new"})
    await api.conversation(lead)
    answer = await dry(api, lead, user, skip_duplicate_validation=True)
    assert answer.status == 200
    if described:
        schema = {"components": described["components"], "$ref": "#/components/schemas/merge_preview_allowed"}
        Draft202012Validator(schema).validate(answer.body)
    told = {one["field"]: (one["outcome"], one["new_into_value"]) for one in
            answer.body["summary"]["attribute_changes"]["attributes"]}  # fmt: skip
    assert told.pop("last_replied_at")[0] == "adopted"
    assert told == {
        "name": ("discarded", "Ana Kelly"),
        "phone": ("discarded", "+353861111111"),
        "custom_attributes.tier": ("discarded", "gold"),
    }
    assert answer.body["summary"]["reassignments"] == {"conversations": {"from": 1, "into": 0}}
    body = {"from": lead["id"], "into": user["id"], "skip_duplicate_validation": True}
    merged = await api.ok("POST", "/contacts/merge", body)
    assert (merged["name"], merged["phone"], merged["custom_attributes"]["tier"]) == ("Ana Kelly", ANA["phone"], "gold")


@pytest.mark.parametrize(
    ("source", "into", "skip", "code"),
    [
        ({"role": "lead"}, {}, False, "no_shared_identifier"),
        ({"role": "lead", "phone": ANA["phone"]}, {}, False, ""),
        ({"role": "user", "external_id": "u2"}, {}, False, "u2u_no_shared_identifier"),
        ({"role": "user", "external_id": "u2", "phone": ANA["phone"]}, {}, False, ""),
        ({"role": "lead"}, {"role": "lead"}, True, "invalid_merge_role_pair"),
    ],
)
async def test_the_preview_api_says_which_contacts_may_be_merged(
    api: Api, source: dict[str, Any], into: dict[str, Any], skip: bool, code: str
) -> None:
    await switched_on(api)
    target = await api.contact(**(into or ANA))
    contact = await api.contact(**source)
    answer = await dry(api, contact, target, **({"skip_duplicate_validation": True} if skip else {}))
    assert answer.body["allowed"] is not bool(code)
    assert [one["code"] for one in answer.body.get("reasons", ())] == ([code] if code else [])


async def test_a_user_goes_into_a_user_only_by_the_preview_api_and_only_as_a_duplicate(api: Api) -> None:
    await switched_on(api)
    stays = await api.contact(role="user", external_id="u1", phone=ANA["phone"])
    twin = await api.contact(role="user", external_id="u2", phone=ANA["phone"], email="ana@two.example")
    other = await api.contact(role="user", external_id="u3")
    body = {"from": twin["id"], "into": stays["id"]}
    assert (await api.call("POST", "/contacts/merge", body)).status == 400
    skipped = await api.call("POST", "/contacts/merge", body | {"skip_duplicate_validation": True}, **PREVIEW)
    assert (skipped.status, skipped.code) == (400, "parameter_not_allowed")
    unlike = await api.call("POST", "/contacts/merge", {"from": other["id"], "into": stays["id"]}, **PREVIEW)
    assert (unlike.status, unlike.code) == (422, "unprocessable_entity")
    merged = await api.ok("POST", "/contacts/merge", body, **PREVIEW)
    assert (merged["id"], merged["email"]) == (stays["id"], "ana@two.example")
    assert (await api.call("GET", f"/contacts/{twin['id']}")).status == 410


async def test_the_feed_tells_what_happened_oldest_first_page_by_page(api: Api) -> None:
    await switched_on(api)
    user, lead = await api.contact(**ANA), await api.contact(role="lead")
    gone = await api.contact(role="lead")
    body = {"from": lead["id"], "into": user["id"], "skip_duplicate_validation": True}
    await api.ok("POST", "/contacts/merge", body)
    await api.ok("DELETE", f"/contacts/{gone['id']}")
    first = await api.ok("GET", "/contacts/activities?per_page=3", **PREVIEW)
    cursor = first["pages"]["next"]["starting_after"]
    second = await api.ok("GET", f"/contacts/activities?per_page=3&starting_after={cursor}", **PREVIEW)
    assert [one["activity_type"] for one in (*first["data"], *second["data"])] == [
        "contact.created", "contact.created", "contact.created", "contact.merged", "contact.deleted",
    ]  # fmt: skip
    merged, deleted = second["data"]
    assert (merged["merge_source_id"], merged["merge_target_id"]) == (lead["id"], user["id"])
    assert deleted["contact_id"] == gone["id"]
    assert "next" not in second["pages"]
