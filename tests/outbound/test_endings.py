"""Nothing ends without its effect or a word to a person: every kind of arrival says what came of it."""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.engine import parked
from leadline.engine.arrival import NewArrival, Raw
from leadline.model import Consent, DeliveryState, Handle, Move, StatusUpdate
from leadline.outbound.planning import Planning
from leadline.outbound.reach import Reach
from leadline.sandbox.providers import Fault
from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until
from tests.outbound.test_reply import ANN, conversation_of, notes, on_the_phone

KINDS = {"message", "status", "notification", "merge", "opening", "begun", "consent", "move"}


async def ended(town: Town) -> list[dict[str, Any]]:
    async with town.leadline.database.connection() as connection:
        rows = await connection.execute("select kind, state, explanation from arrival order by arrival_id")
        return await rows.fetchall()


async def is_parked(town: Town) -> list[dict[str, Any]]:
    return await parked.parked(town.leadline.database, "sandbox")


async def keep(town: Town, kind: str, content: object, lane: str) -> None:
    raw = Raw(channel_id=town.sms.channel_id, method="POST", url="", headers={}, body=b"")
    arrival = NewArrival(
        source=f"channel:{town.sms.channel_id}",
        dedupe=kind,
        kind=kind,
        lane=lane,
        content=msgspec.json.encode(content).decode(),
        channel_id=town.sms.channel_id,
    )
    await town.leadline.keeper.keep("sandbox", raw, [arrival])


async def aoife(town: Town) -> tuple[str, Reach]:
    """A user who has a phone and no conversation yet."""
    user = next(each for each in await town.contacts() if each["name"] == "Aoife Byrne")
    reaches = await town.leadline.reaches.of_contact("sandbox", user["id"])
    return user["id"], next(each for each in reaches if each.provider == "twilio_sms")


async def test_every_kind_of_arrival_says_what_came_of_it(open_town: Open) -> None:
    async with open_town() as town:
        conversation = await conversation_of(town, "sms")
        await town.teammate("reply", conversation, "Hello back")
        await on_the_phone(town, state=DeliveryState.DELIVERED)
        user_id, reach = await aoife(town)
        await town.teammate("start", "", "In the Messenger", contact_id=user_id)
        await town.leadline.proactive.begin(
            "sandbox", reach, text="Good morning", author="Ann", contact_id=user_id, open_conversation=True
        )
        await keep(town, "status", StatusUpdate(state=DeliveryState.DELIVERED, until=1, sender="+1"), "status:x")
        consent = Consent(provider_id="c1", handles=(Handle("tel", ANN),), state="out")
        await keep(town, "consent", consent, f"tel:{ANN}")
        move = Move(provider_id="m1", handles=(Handle("sender", "b"),), former=(Handle("sender", "a"),))
        await keep(town, "move", move, "sender:a")
        [lead] = await town.people_with(ANN)
        await town.leadline.merging.merge("sandbox", lead["id"], user_id, author="Ann", way="merge")
        await town.intercom("DELETE", f"/conversations/{conversation}")
        wanted = {
            f"in conversation {conversation}",
            "sent",
            "not a conversation of Leadline's",
            "the customer's next message opens another one",
            "merge 1: merged",
            "on record: opted out (everything)",
            "no message waits for this report",
        }

        async def over() -> bool:
            rows = await ended(town)
            return wanted <= {row["explanation"] for row in rows} and all(row["state"] == "done" for row in rows)

        await until(over)
        rows = await ended(town)
        assert {row["kind"] for row in rows} == KINDS
        assert [row for row in rows if not row["explanation"]] == []


async def test_a_failure_that_no_conversation_can_hold_is_parked_with_its_text(open_town: Open) -> None:
    async with open_town() as town:
        user_id, reach = await aoife(town)
        town.providers.faults.plan("twilio_sms", Fault(how="refuse", code=21610, message="Unsubscribed"))
        await town.leadline.proactive.begin("sandbox", reach, text="Are you there?", author="Ann", contact_id=user_id)
        [row] = await until(lambda: is_parked(town))
        assert row["reason"] == "not_reached"
        assert "Are you there?" in row["explanation"]


async def test_a_reply_that_leadline_fails_on_is_told_after_the_last_try(open_town: Open, monkeypatch: Any) -> None:
    async with open_town(max_attempts=3) as town:
        conversation = await conversation_of(town, "sms")

        def broken(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(Planning, "pieces", broken)
        await town.teammate("reply", conversation, "Hello back")
        [note] = await until(lambda: notes(town, conversation))
        assert "Hello back" in note
        await until(lambda: is_parked(town))
        await town.at_rest()
        assert len(await notes(town, conversation)) == 1
