"""Every refusal of a merge, through HTTP, on both sides of version 2.16: a clear sentence, and nothing has changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from leadline.identity.merge import Way
from leadline.merging.desk import MergeRefused

from .conftest import LEAD, USER, WORKSPACE, House, Open

Arrange = Callable[[House], Awaitable[tuple[str, str]]]


async def user_to_user(house: House) -> tuple[str, str]:
    other = {"external_id": "cust-2", "email": "ben@two.example"}
    return await house.contact(USER), await house.contact(USER, **other)


async def user_to_lead(house: House) -> tuple[str, str]:
    return await house.contact(USER), await house.contact(LEAD)


async def lead_to_lead(house: House) -> tuple[str, str]:
    return await house.contact(LEAD), await house.contact(LEAD, external_id="leadline:tel:2")


async def itself(house: House) -> tuple[str, str]:
    from_id = await house.contact(LEAD)
    return from_id, from_id


async def deleted(house: House) -> tuple[str, str]:
    from_id, into_id = await house.pair()
    await house.ok("DELETE", f"/contacts/{from_id}")
    return from_id, into_id


async def archived_target(house: House) -> tuple[str, str]:
    from_id, into_id = await house.pair()
    await house.ok("POST", f"/contacts/{into_id}/archive")
    return from_id, into_id


async def merged_before(house: House) -> tuple[str, str]:
    from_id, into_id = await house.pair()
    body = {"from": from_id, "into": await house.contact(USER, external_id="cust-2", email="ben@two.example")}
    await house.ok("POST", "/contacts/merge", body | {"skip_duplicate_validation": True})
    return from_id, into_id


def of_origin(origin: str) -> Arrange:
    async def arrange(house: House) -> tuple[str, str]:
        from_id, into_id = await house.pair()
        await house.ok("POST", f"/_sandbox/contacts/{from_id}/origin", {"origin": origin})
        return from_id, into_id

    return arrange


def answered(status: int, code: str, message: str) -> Arrange:
    async def arrange(house: House) -> tuple[str, str]:
        pair = await house.pair()
        rule = {"status": status, "code": code, "message": message}
        await house.fault(method="POST", path="/contacts/merge", **rule)
        return pair

    return arrange


REFUSALS: dict[str, tuple[Arrange, Way, str, str]] = {
    "user into user": (user_to_user, "merge", "user_to_user", "merges only leads into others"),
    "user into lead": (user_to_lead, "merge", "user_to_lead", "never merges a user into a lead"),
    "lead into lead": (lead_to_lead, "merge", "needs_way", "make it a user first"),
    "user made a user": (user_to_user, "promote", "user_to_user", "merges only leads into others"),
    "itself": (itself, "merge", "same_contact", "with itself"),
    "deleted": (deleted, "merge", "not_found", "knows no contact"),
    "archived": (archived_target, "merge", "not_found", "deleted or archived"),
    "Facebook": (of_origin("facebook"), "merge", "facebook_lead", "Facebook channel"),
    "external lead": (of_origin("external_channel"), "merge", "external_lead", "one of Intercom's own channels"),
    "mailing list": (of_origin("mailing_list"), "merge", "mailing_list", "mailing list"),
    "no shared identifier": (
        answered(400, "invalid_merge", "Contacts can only be merged when they are duplicates (matching email)"),
        "merge",
        "not_duplicates",
        "same e-mail or phone",
    ),
    "role pair by code": (answered(400, "invalid_merge_role_pair", "no"), "merge", "lead_to_lead", "only into a user"),
    "WhatsApp data": (
        answered(422, "unprocessable_entity", "The source contact has WhatsApp data"),
        "merge",
        "whatsapp_source",
        "WhatsApp",
    ),
    "something new": (
        answered(422, "unprocessable_entity", "The moon is full"),
        "merge",
        "intercom_refused",
        "The moon is full",
    ),
}


@pytest.mark.parametrize("version", [pytest.param("2.15", marks=pytest.mark.long), "2.16"])
async def test_every_refusal_has_a_sentence_and_changes_nothing(open_house: Open, version: str) -> None:
    """One sandbox for all of them: each refusal leaves it as it was but for its own two contacts."""
    async with open_house(intercom_version=version, sandbox={"version": version}) as house:
        for name, (arrange, way, code, words) in REFUSALS.items():
            from_id, into_id = await arrange(house)
            before = await _state(house, from_id)
            with pytest.raises(MergeRefused) as refusal:
                await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya", way=way)
            assert (name, refusal.value.code) == (name, code)
            assert words in str(refusal.value), name
            assert await _state(house, from_id) == before
            journal = await house.rows("select state from merge")
            assert {row["state"] for row in journal} <= {"refused"}, name
            await _wipe(house, from_id, into_id)


@pytest.mark.parametrize("version", ["2.15", "2.16"])
async def test_a_merged_lead_is_not_merged_again(open_house: Open, version: str) -> None:
    async with open_house(intercom_version=version, sandbox={"version": version}) as house:
        from_id, into_id = await merged_before(house)
        with pytest.raises(MergeRefused) as refusal:
            await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya")
        assert refusal.value.code == ("already_merged" if version == "2.16" else "not_found")


async def test_roles_are_read_again_at_the_moment_of_merging(open_house: Open) -> None:
    """The lead became a user while the merge waited: user into user, refused, although the preview had allowed it."""
    async with open_house(merge_grace=1.0) as house:
        from_id, into_id = await house.pair()
        planned = await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya", wait=0.1)
        assert planned.state == "planned"
        await house.ok("PUT", f"/contacts/{from_id}", {"role": "user"})
        with pytest.raises(MergeRefused) as refusal:
            await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya", wait=5.0)
        assert refusal.value.code == "user_to_user"
        assert (await house.call("GET", f"/contacts/{from_id}"))[0] == 200


async def _state(house: House, from_id: str) -> object:
    status, found = await house.call("GET", f"/contacts/{from_id}")
    links = await house.rows("select handle, contact_id from link where superseded_at is null")
    return status, found.get("role"), found.get("updated_at"), links


async def _wipe(house: House, *contact_ids: str) -> None:
    async with house.database.connection() as connection:
        await connection.execute("truncate merge, link")
    for contact_id in dict.fromkeys(contact_ids):
        await house.call("DELETE", f"/contacts/{contact_id}")
    await house.ok("DELETE", "/_sandbox/faults")
