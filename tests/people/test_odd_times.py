"""Times that no message can have: a provider's clock in milliseconds, before 1970, after 2038, or no time at all."""

from __future__ import annotations

import pytest

from tests.people.conftest import Desk

PHONE = "tel:+353861234567"
TIMES = [0.0, -1.0, -1e15, -1e300, 2.0**31 + 1, 1_763_961_600_123.0, 1e15, 1e300]


@pytest.mark.parametrize("sent_at", TIMES)
async def test_a_message_of_an_impossible_time_is_delivered_like_any_other(desk: Desk, sent_at: float) -> None:
    first = await desk.write(PHONE, text="one")
    number = await desk.keep(PHONE, text="two")
    await desk.rows(
        "update arrival set content = jsonb_set(content, '{sent_at}', to_jsonb(%s::float8)) where arrival_id = %s"
        " returning 1",
        sent_at,
        number,
    )
    await desk.drain()
    assert await desk.write(PHONE, text="three") == first
    assert await desk.threads(first) == [["one", "two", "three"]]
