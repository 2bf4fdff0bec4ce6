"""What repetitions are known by where a provider names no message."""

from __future__ import annotations

from leadline.channels.exchange import Parsed
from leadline.inbound.arrivals import Sorter
from leadline.model import DeliveryState, StatusUpdate
from tests.acceptance.conftest import Open


async def test_reports_without_any_id_are_repetitions_only_where_they_say_the_same(open_town: Open) -> None:
    async with open_town() as town:
        switchboard = town.leadline.connections.switchboard
        connected = await switchboard.by_id("sandbox", 1)
        assert connected
        one, other = (StatusUpdate(state=DeliveryState.FAILED, sender=sender, code="30003") for sender in ("1", "2"))
        first, second, again = await Sorter(switchboard).sort(connected, Parsed(statuses=(one, other, one)))
        assert first.dedupe == again.dedupe != second.dedupe
        assert first.lane != second.lane
