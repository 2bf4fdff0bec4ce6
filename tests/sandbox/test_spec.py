"""The check against Intercom's description sees a wrong answer."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api
from .spec import Spec


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": 5},
        {"created_at": "2026-01-10T06:29:21.953+00:00"},
        {"owner_id": 7},
        {"tags": []},
        {"has_hard_bounced": None},
        {"location": {"type": "location", "country": 1}},
    ],
)
async def test_a_wrong_contact_is_seen(api: Api, spec: Spec | None, shared: object, wrong: dict[str, Any]) -> None:
    assert spec is not None
    lead = await api.contact(role="lead")
    spec.check("GET", f"/contacts/{lead['id']}", 200, lead)
    with pytest.raises(AssertionError):
        spec.check("GET", f"/contacts/{lead['id']}", 200, lead | wrong)


async def test_a_wrong_part_deep_in_a_conversation_is_seen(api: Api, spec: Spec | None, shared: object) -> None:
    assert spec is not None
    lead = await api.contact(role="lead")
    shown = await api.reply(await api.conversation(lead), lead)
    spec.check("GET", f"/conversations/{shown['id']}", 200, shown)
    shown["conversation_parts"]["conversation_parts"][0]["author"]["id"] = 7
    with pytest.raises(AssertionError):
        spec.check("GET", f"/conversations/{shown['id']}", 200, shown)
