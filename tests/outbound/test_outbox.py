"""What reports and answers make of a message, whatever order they come in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any, cast

import msgspec
import pytest

from leadline.connections.provider_calls import LONGEST
from leadline.engine.lanes import Arrival
from leadline.errors import Retry
from leadline.model import DeliveryState, Outbound, Sent, StatusUpdate
from leadline.outbound.outbox import Outbox, Target, advanced, settled
from leadline.outbound.reply import ReplyDesk
from leadline.outbound.sending import Sending
from leadline.store.database import Database

TOLD = dict.fromkeys(("reason", "code", "detail", "quote_ref"), "")
NEW: dict[str, Any] = {"state": "sending", "provider_ids": [], "parts": {}, **TOLD}


def report(number: str, state: DeliveryState) -> StatusUpdate:
    failed = state is DeliveryState.FAILED
    return StatusUpdate(state=state, provider_id=number, reason="unreachable" if failed else "", code="3" * failed)


def after(events: Sequence[Sent | StatusUpdate]) -> dict[str, Any]:
    row = dict(NEW)
    for event in events:
        row |= settled(row, event) if isinstance(event, Sent) else advanced(row, event)
    return row


@pytest.mark.parametrize(
    ("events", "state", "reason"),
    [
        ([("A", DeliveryState.DELIVERED), ("B", DeliveryState.FAILED), ("C", DeliveryState.DELIVERED)], "failed", True),
        ([("A", DeliveryState.DELIVERED), ("B", DeliveryState.DELIVERED)], "sent", False),
        ([(part, DeliveryState.DELIVERED) for part in "ABC"], "delivered", False),
        ([("A", DeliveryState.SENT), ("B", DeliveryState.DELIVERED), ("A", DeliveryState.DELIVERED)], "sent", False),
    ],
)
def test_parts_with_reports_of_their_own_are_delivered_together(
    events: list[tuple[str, DeliveryState]], state: str, reason: bool
) -> None:
    taken = Sent(outcome="accepted", provider_ids=("A", "B", "C"))
    told: list[Sent | StatusUpdate] = [taken, *(report(*event) for event in events)]
    for order in permutations(told):
        row = after(order)
        assert (row["state"], bool(row["reason"]), sorted(row["provider_ids"])) == (state, reason, ["A", "B", "C"])


def test_a_part_that_arrived_after_all_makes_the_message_whole() -> None:
    taken = Sent(outcome="accepted", provider_ids=("A", "B"))
    lost: list[Sent | StatusUpdate] = [taken, report("B", DeliveryState.FAILED), report("A", DeliveryState.DELIVERED)]
    row = after([*lost, report("B", DeliveryState.DELIVERED)])
    assert (after(lost)["state"], row["state"], row["reason"]) == ("failed", "delivered", "")


def test_a_report_that_is_quicker_than_the_answer_keeps_its_reason() -> None:
    taken, silent = Sent(outcome="accepted", provider_ids=("A",)), Sent(outcome="unknown", reason="no_answer")
    for answer in (taken, silent):
        row = after([report("A", DeliveryState.FAILED), answer])
        assert (row["state"], row["reason"], row["code"]) == ("failed", "unreachable", "3")
    assert after([taken, report("A", DeliveryState.FAILED), report("A", DeliveryState.READ)])["state"] == "read"
    assert after([silent])["reason"] == "no_answer"


def test_a_message_of_which_a_part_was_refused_has_failed_whatever_becomes_of_the_others() -> None:
    answer = Sent(outcome="refused", provider_ids=("A", "B"), reason="rate_limited", code="1")
    told: list[Sent | StatusUpdate] = [answer, *(report(part, DeliveryState.DELIVERED) for part in "AB")]
    for order in permutations(told):
        row = after(order)
        assert (row["state"], row["reason"], row["code"]) == ("failed", "rate_limited", "1")
    assert after([Sent(outcome="refused", reason="rate_limited")])["parts"] == {}


async def test_a_try_that_began_before_a_report_does_not_undo_it(store: Database) -> None:
    outbox, target = Outbox(store), Target(workspace_id="w", channel_id=1, handle="tel:+1", sender="+1")
    [row] = await outbox.plan(target, "part", (Outbound(id="o.1", to="+1", text="Hi"),), "Ann")
    await outbox.advance("w", 1, StatusUpdate(state=DeliveryState.DELIVERED, outbound_id="o.1", provider_id="A"))
    with pytest.raises(Retry):
        await outbox.begin(row, again=True)
    await outbox.requeue(row)
    changed = await outbox.settle(row, Sent(outcome="accepted", provider_ids=("A",)))
    assert (changed["state"], changed["provider_ids"]) == ("delivered", ["A"])


async def test_a_report_waits_for_the_answer_to_its_send_and_no_longer(store: Database) -> None:
    nobody = cast("Any", None)
    sending = Sending(Outbox(store), nobody, nobody, nobody, nobody, public_url="", max_attempts=1)
    desk = ReplyDesk(store, nobody, sending, nobody, nobody, book=nobody, max_attempts=9)
    strange = msgspec.to_builtins(StatusUpdate(state=DeliveryState.FAILED, provider_id="A"))
    arrival = Arrival(
        workspace_id="w", arrival_id=1, channel_id=1, kind="status", lane="", content=strange, attempts=0, arrived_at=0
    )
    waited = 0.0
    for attempts in range(3):
        with pytest.raises(Retry) as later:
            await desk.status(msgspec.structs.replace(arrival, attempts=attempts))
        waited += later.value.delay or 0
    await desk.status(msgspec.structs.replace(arrival, attempts=3))
    assert waited > LONGEST
