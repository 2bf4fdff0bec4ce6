"""A contact's record shows ten of each list: a merge reads, moves and gives back all of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import WORKSPACE, House

MANY = 52
"""More than the ten of the record, and more than a page of fifty."""


async def companies(house: House, contact_id: str, count: int = MANY) -> list[dict[str, Any]]:
    """So many companies, which this contact has."""
    made = [await house.ok("POST", "/companies", {"company_id": f"c-{n}", "name": f"Firm {n}"}) for n in range(count)]
    for company in made:
        await house.ok("POST", f"/contacts/{contact_id}/companies", {"id": company["id"]})
    return made


async def test_all_companies_of_a_lead_are_previewed_and_come_back(house: House) -> None:
    from_id, into_id = await house.pair()
    names = [company["name"] for company in await companies(house, from_id)]
    plan = await house.merging.preview(WORKSPACE, from_id, into_id)
    assert sorted(plan.options[0].moves.companies) == sorted(names)
    await house.merging.merge(WORKSPACE, from_id, into_id, author="Maya")
    [record] = await house.merging.history(WORKSPACE)
    undone = await house.merging.undo(WORKSPACE, record.merge_id, author="Maya", wait=120.0)
    assert undone.state == "undone"
    again = await house.merging.preview(WORKSPACE, undone.contact_id, into_id)
    assert sorted(again.options[0].moves.companies) == sorted(names)


@pytest.mark.parametrize("name", ["companies", "data"])
async def test_companies_are_found_under_either_name_of_the_list(house: House, name: str) -> None:
    """Intercom's schema and its example differ."""
    from_id, into_id = await house.pair()
    await companies(house, from_id, 1)
    answer = {"type": "list", name: [{"type": "company", "id": "c1", "name": "Acme"}], "total_count": 1}
    await house.fault(method="GET", path=f"/contacts/{from_id}/companies", times=1, answer=json.dumps(answer))
    plan = await house.merging.preview(WORKSPACE, from_id, into_id)
    assert plan.options[0].moves.companies == ("Acme",)


async def test_a_refusal_beyond_the_ten_of_the_record_is_one_too(house: House) -> None:
    from_id, into_id = await house.pair()
    first = (await house.ok("GET", "/subscription_types"))["data"][0]["id"]
    await house.ok("POST", f"/contacts/{from_id}/subscriptions", {"id": first, "consent_type": "opt_out"})
    types = [
        {"id": str(900 + n), "consent_type": "opt_out", "default_translation": {"name": f"News {n}"}} for n in range(12)
    ]
    answer = json.dumps({"type": "list", "data": types})
    await house.fault(method="GET", path=f"/contacts/{from_id}/subscriptions", times=1, answer=answer)
    plan = await house.merging.preview(WORKSPACE, from_id, into_id)
    assert plan.options[0].moves.refusals == tuple(f"News {n}" for n in range(12))


async def test_notes_are_read_to_the_last_page(house: House) -> None:
    from_id, into_id = await house.pair()
    for n in range(MANY):
        await house.ok("POST", f"/contacts/{from_id}/notes", {"body": f"Note {n}"})
    plan = await house.merging.preview(WORKSPACE, from_id, into_id)
    assert plan.options[0].moves.notes == MANY
