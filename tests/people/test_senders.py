"""Senders with several addresses, with new owners, with others' phones: one person, one contact, in order."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.people.conftest import WORKSPACE, Desk, OpenDesk

DAY = 86_400.0
PHONE, ACCOUNT, BOT = "tel:+353861234567", "whatsapp:222/IE.1349", "telegram:9/77"
OTHER = "tel:+353879999999"
TIE = "tel:+447700900123"


async def test_a_known_sender_costs_intercom_one_call_and_a_new_one_a_single_search(desk: Desk) -> None:
    await desk.write(PHONE, ACCOUNT, channel="whatsapp")
    first = await desk.calls()
    assert (first["POST /contacts/search"], first["POST /contacts"]) == (1, 1)
    for handles in ([PHONE, ACCOUNT], [ACCOUNT], [PHONE]):
        await desk.write(*handles, channel="whatsapp")
        assert await desk.calls() == {"POST /conversations/{id}/reply": 1}


async def test_id_first_then_both_then_phone_is_one_person_in_one_conversation(desk: Desk) -> None:
    lead = await desk.write(ACCOUNT, channel="whatsapp", text="1")
    assert await desk.write(PHONE, ACCOUNT, channel="whatsapp", text="2") == lead
    assert await desk.write(ACCOUNT, channel="whatsapp", text="3") == lead
    assert await desk.write(PHONE, channel="whatsapp", text="4") == lead
    assert await desk.write(PHONE, channel="sms", text="5") == lead
    assert await desk.threads(lead) == [["1", "2", "3", "4"], ["5"]]


async def test_order_holds_across_the_lanes_of_two_addresses(desk: Desk) -> None:
    """The phone's lane sorts first, and is drained first: it must wait for what came on the id alone."""
    for number, handles in enumerate([[ACCOUNT], [PHONE, ACCOUNT], [ACCOUNT], [PHONE]], 1):
        await desk.keep(*handles, channel="whatsapp", text=str(number))
    lanes = {row["lane"] for row in await desk.rows("select lane from arrival")}
    assert lanes == {ACCOUNT, PHONE}, "after both came together, all go on in one lane"
    await desk.drain()
    [lead] = {row["contact_id"] for row in await desk.rows("select contact_id from decision")}
    assert await desk.threads(lead) == [["1", "2", "3", "4"]]


async def test_parallel_first_messages_on_id_and_phone_make_one_lead(open_desk: OpenDesk) -> None:
    async with open_desk(sandbox={"search_lag": 600.0}) as desk:
        ways = [[ACCOUNT], [PHONE, ACCOUNT], [ACCOUNT], [PHONE, ACCOUNT], [ACCOUNT], [PHONE, ACCOUNT]]
        numbers = await asyncio.gather(*(desk.keep(*way, channel="whatsapp") for way in ways))
        lanes = {row["lane"] for row in await desk.rows("select lane from arrival")}

        async def work(lane: str) -> None:
            for _ in range(40):
                try:
                    await desk.leadline.lanes.drain(WORKSPACE, lane)
                    return
                except Exception:  # busy or behind: the worker would come again
                    await asyncio.sleep(0.05)

        await asyncio.gather(*map(work, lanes))
        await desk.drain()
        rows = await desk.rows("select contact_id from decision")
        assert len(rows) == len(numbers)
        assert len({row["contact_id"] for row in rows}) == 1
        assert len(await desk.rows("select 1 from conversation")) == 1


async def test_two_addresses_of_two_people_park_the_message_and_one_correction_frees_it(desk: Desk) -> None:
    one, other = await desk.write(ACCOUNT, channel="whatsapp"), await desk.write(PHONE)
    number = await desk.keep(PHONE, ACCOUNT, channel="whatsapp", text="Whose?")
    await desk.drain()
    [row] = await desk.rows("select state, reason, explanation from arrival where arrival_id = %s", number)
    assert (row["state"], row["reason"]) == ("parked", "handle_conflict")
    assert one in row["explanation"]
    assert other in row["explanation"]
    await desk.leadline.corrections.attach(WORKSPACE, PHONE, one, author="Ann")
    await desk.rows("update arrival set state = 'waiting' where arrival_id = %s returning 1", number)
    await desk.rows("update lane set ready = true returning 1")
    await desk.drain()
    assert await desk.threads(one) == [["Hello", "Whose?"]]


async def test_a_number_the_provider_says_was_changed_goes_on_with_its_contact(desk: Desk) -> None:
    lead = await desk.write(PHONE, channel="whatsapp", text="old")
    assert await desk.write(OTHER, channel="whatsapp", former=[PHONE], text="changed") == lead
    assert await desk.told() == (["changed_number"], False)
    assert await desk.write(OTHER, channel="whatsapp", text="new") == lead
    assert await desk.threads(lead) == [["old", "changed", "new"]]
    evidence = {row["handle"]: row["evidence"] for row in await desk.rows("select handle, evidence from link")}
    assert evidence == {PHONE: "created", OTHER: "attested"}


async def test_an_attested_phone_that_nobody_has_is_linked_and_one_that_somebody_has_is_only_shown(desk: Desk) -> None:
    lead = await desk.write(BOT, channel="telegram", text="Hi")
    assert await desk.write(BOT, channel="telegram", attested=[PHONE]) == lead
    assert await desk.owner(PHONE) == lead
    assert (await desk.ok("GET", f"/contacts/{lead}"))["phone"] == PHONE[4:], "the teammates see it"
    assert await desk.write(PHONE) == lead, "his SMS joins him"

    other = await desk.write("telegram:9/78", channel="telegram")
    assert await desk.write("telegram:9/78", channel="telegram", attested=["tel:+353888888999"]) == other
    assert await desk.told() == (["known_link", "points_elsewhere"], True)
    assert not await desk.rows("select 1 from link where handle = 'tel:+353888888999'")
    [suggestion] = await desk.leadline.suggestions.of(WORKSPACE, other)
    assert [each.code for each in suggestion.likely.score.evidence] == ["attested_phone"]
    assert suggestion.contact.name == "Aoife Byrne"


async def test_an_attested_phone_finds_the_contact_of_an_unknown_account(desk: Desk) -> None:
    contact = await desk.write(BOT, channel="telegram", attested=["tel:+353888888999"])
    assert contact == "65a0000000000000000000a1"
    assert await desk.told() == (["unique_phone"], False)


async def test_losing_all_links_does_not_duplicate_people(desk: Desk) -> None:
    people = [
        await desk.write(BOT, channel="telegram"),
        await desk.write(ACCOUNT, channel="whatsapp"),
        await desk.write(PHONE),
    ]
    await desk.rows("delete from link returning 1")
    again = [
        await desk.write(BOT, channel="telegram"),
        await desk.write(ACCOUNT, channel="whatsapp"),
        await desk.write(PHONE),
    ]
    assert again == people


async def test_losing_all_links_with_a_blind_search_still_finds_the_own_lead(open_desk: OpenDesk) -> None:
    async with open_desk(sandbox={"search_lag": 600.0}) as desk:
        lead = await desk.write(BOT, channel="telegram")
        await desk.rows("delete from link returning 1")
        assert await desk.write(BOT, channel="telegram") == lead


async def test_a_tie_stays_in_doubt_and_a_new_name_is_shown(desk: Desk) -> None:
    first = await desk.write(TIE)
    assert await desk.told() == (["tie_latest_updated"], True)
    assert await desk.write(TIE) == first
    assert await desk.told() == (["known_link", "unconfirmed_link"], True)
    await desk.write(PHONE, name="Ana")
    await desk.write(PHONE, name="Ben")
    assert (await desk.told())[0] == ["known_link", "name_changed"]
    await desk.write(PHONE, name="Ben")
    assert (await desk.told())[0] == ["known_link", "unconfirmed_link"], "until somebody looks"


async def test_a_number_that_was_silent_for_long_and_has_another_name_is_somebody_else(desk: Desk) -> None:
    start = time.time() - 400 * DAY
    old = await desk.write(PHONE, name="Ana", text="old owner", at=start)
    assert await desk.write(PHONE, name="Ana Maria", at=start + 200 * DAY) == old, "the same name: the same person"
    new = await desk.write(PHONE, name="Ben", text="new owner", at=start + 300 * DAY)
    assert new not in {"", old}
    assert await desk.told() == (["recycled_number"], True)
    assert await desk.threads(new) == [["new owner"]], "nobody sees the old history"
    third = await desk.write(PHONE, name="Cleo", at=start + 395 * DAY)
    assert third not in {"", old, new}


async def test_long_silence_without_names_is_shown(desk: Desk) -> None:
    start = time.time() - 200 * DAY
    old = await desk.write(PHONE, at=start)
    assert await desk.write(PHONE, at=start + 199 * DAY) == old
    assert await desk.told() == (["known_link", "long_silence"], True)


@pytest.mark.parametrize("first", [[PHONE, ACCOUNT], [ACCOUNT]])
async def test_another_account_under_the_same_phone_and_another_name_is_a_new_owner(
    desk: Desk, first: list[str]
) -> None:
    await desk.write(*first, channel="whatsapp", name="Ana")
    old = await desk.write(PHONE, ACCOUNT, channel="whatsapp", name="Ana")
    assert await desk.write(PHONE, "whatsapp:222/IE.7", channel="whatsapp", name="Ben") != old
    assert await desk.told() == (["recycled_number"], True)


async def test_a_shared_phone_names_nobody_new_and_a_blocked_one_is_not_looked_up(open_desk: OpenDesk) -> None:
    async with open_desk(blocked_numbers="+353 88 888 8999, 00353861234567", shared_limit=2) as desk:
        assert await desk.write("tel:+353888888999") != "65a0000000000000000000a1"
        assert await desk.told() == (["blocked_number"], False)
        assert "POST /contacts/search" not in await desk.calls()
        assert not (await desk.write(TIE)).startswith("65a")
        assert await desk.told() == (["shared_number"], True), "three contacts have it"
        lead = await desk.write(OTHER)
        await desk.leadline.corrections.share(WORKSPACE, OTHER, author="Ann")
        assert await desk.write(OTHER) == lead
        assert await desk.told() == (["known_link", "shared_number"], True)
        await desk.leadline.corrections.share(WORKSPACE, OTHER, False, author="Ann")
        assert await desk.write(OTHER) == lead
        assert await desk.told() == (["known_link"], False), "one person's own again"
