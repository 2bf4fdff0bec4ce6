"""The demo people: there once, and each shows its rule."""

from __future__ import annotations

from leadline.sandbox.seed import KNOWN_USER, LEAD_TWIN, NEWER_TWIN, OLDER_TWIN, UNKNOWN_PHONE, seed

from .conftest import Api


async def test_seeding_twice_makes_each_person_once(api: Api) -> None:
    await seed(api.database)
    await seed(api.database)
    assert (await api.ok("GET", "/contacts"))["total_count"] == 4
    assert len((await api.ok("GET", "/admins"))["admins"]) == 2


async def test_each_person_shows_a_rule(api: Api) -> None:
    await seed(api.database)
    cases = {"+353888888999": [KNOWN_USER], "+447700900123": [LEAD_TWIN, NEWER_TWIN, OLDER_TWIN], UNKNOWN_PHONE: []}
    for phone, expected in cases.items():
        query = {"field": "formatted_phone", "operator": "=", "value": phone}
        found = await api.search(query, sort={"field": "updated_at", "order": "descending"})
        assert [contact["id"] for contact in found["data"]] == expected
