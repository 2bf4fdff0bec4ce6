"""Customer → Intercom over real HTTP: who is chosen, once, in order, whatever breaks."""

from __future__ import annotations

import asyncio
import re

import psycopg
import pytest

from leadline import process
from leadline.alerts import Alerts
from leadline.conversations import Reconciliation
from leadline.engine import worker
from leadline.outbound.late import LateReplies
from leadline.privacy import Retention
from tests.acceptance.conftest import Open
from tests.acceptance.town import until


async def test_known_user_tie_and_unknown_number_land_where_the_rules_say(open_town: Open) -> None:
    async with open_town() as town:
        for number, sender in enumerate(["+353888888999", "+447700900123", "+353861234567"], 1):
            assert await town.sms_in(sender, f"Hello from {sender}", number) == 200

        async def three() -> bool:
            return len(await town.threads()) == 3

        await until(three)
        listed = (await town.intercom("GET", "/conversations"))["conversations"]
        chosen = {c["source"]["body"]: c["contacts"]["contacts"][0]["id"] for c in listed}
        people = {c["id"]: c for c in await town.contacts()}
        names = {body.rpartition(" ")[2].rstrip("</p>"): people[key]["name"] for body, key in chosen.items()}
        assert names["+353888888999"] == "Aoife Byrne"
        assert names["+447700900123"] == "Liam M."
        lead = next(people[key] for body, key in chosen.items() if "+353861234567" in body)
        assert (lead["role"], lead["phone"]) == ("lead", "+353861234567")


@pytest.mark.parametrize("nothing", ["", "{}", '{"type":"list","data":null}'])
async def test_a_search_that_is_answered_with_nothing_makes_no_stranger_of_a_customer(
    open_town: Open, nothing: str
) -> None:
    async with open_town(directory_every=0) as town:
        await town.fault(method="POST", path="/contacts/search", answer=nothing, times=2)
        assert await town.sms_in("+353888888999", "Hello", 1) == 200

        async def there() -> bool:
            return list((await town.threads()).values()) == [["Hello"]]

        await until(there)
        assert [one["name"] for one in await town.people_with("+353888888999")] == ["Aoife Byrne"]


async def test_a_redelivery_and_a_wrong_signature_change_nothing(open_town: Open) -> None:
    async with open_town() as town:
        for _ in range(3):
            assert await town.sms_in("+353861234567", "Hello", 1) == 200
        assert await town.sms_in("+353861234567", "Hello again", 2) == 200

        async def two() -> bool:
            return [len(texts) for texts in (await town.threads()).values()] == [2]

        await until(two)
        url = f"{town.places.leadline}/in/{town.sms.key}"
        async with town.http.post(url, data={"MessageSid": "SM1"}, headers={"X-Twilio-Signature": "no"}) as answer:
            assert answer.status == 403
        async with town.http.post(f"{town.places.leadline}/in/{'0' * 32}") as answer:
            assert answer.status == 404
        await town.at_rest()
        assert list((await town.threads()).values()) == [["Hello", "Hello again"]]


async def test_a_revoked_token_makes_messages_wait_and_a_valid_one_lets_them_through(open_town: Open) -> None:
    from leadline.engine import parked
    from leadline.store.database import Database

    async with open_town() as town, Database.open(town.settings.database_url) as database:
        await town.intercom("POST", "/_sandbox/token/revoke")
        assert await town.sms_in("+353861234567", "Hello", 1) == 200

        async def waiting() -> list[dict[str, object]]:
            return await parked.postponed(database, "sandbox")

        [row] = await until(waiting)
        assert row["reason"] == "intercom_token_refused"
        assert "LEADLINE_INTERCOM_TOKEN" in str(row["explanation"])
        await town.intercom("PUT", "/_sandbox/control", {"token": town.settings.intercom_token})

        async def through() -> bool:
            return list((await town.threads()).values()) == [["Hello"]]

        await until(through)


async def test_a_signed_batch_of_three_from_two_senders_sent_twice_doubles_nothing(open_town: Open) -> None:
    batch = [("353861111111", "one", "wamid.1"), ("353862222222", "uno", "wamid.2"), ("353861111111", "two", "wamid.3")]
    async with open_town() as town:
        assert await town.whatsapp_in(*batch) == 200
        assert await town.whatsapp_in(*batch) == 200

        async def settled() -> bool:
            return sorted((await town.threads()).values()) == [["one", "two"], ["uno"]]

        await town.at_rest()
        assert await settled()
        leads = await town.people_with("+353861111111", "+353862222222")
        assert sorted((lead["role"], lead["name"]) for lead in leads) == [
            ("lead", "Name 353861111111"),
            ("lead", "Name 353862222222"),
        ]


async def test_twenty_parallel_first_messages_on_two_channels_with_a_blind_search_make_one_lead(
    open_town: Open,
) -> None:
    async with open_town(sandbox={"search_lag": 600.0}) as town:
        await asyncio.gather(
            *(town.sms_in("+353861234567", f"sms {n}", n) for n in range(10)),
            *(town.whatsapp_in(("353861234567", f"wa {n}", f"wamid.{n}")) for n in range(10)),
        )

        async def settled() -> bool:
            return sum(map(len, (await town.threads()).values())) == 20

        await until(settled)
        threads = list((await town.threads()).values())
        assert len(threads) == 2, "one conversation per channel"
        assert len(await town.people_with("+353861234567")) == 1, "one lead"
        assert {text.split()[0] for text in threads[0]} != {text.split()[0] for text in threads[1]}
        for texts in threads:
            assert len(set(texts)) == 10


@pytest.mark.parametrize(
    ("place", "name"),
    [(Reconciliation, "keep_up"), (LateReplies, "keep_up"), (Retention, "run"), (Alerts, "keep_up")],
    ids=["reconciliation", "late replies", "retention", "alerts"],
)
async def test_what_breaks_beside_the_lanes_keeps_no_message_up(
    open_town: Open, monkeypatch: pytest.MonkeyPatch, place: type, name: str
) -> None:
    async def broken(*_: object) -> None:
        times.append(1)
        raise ZeroDivisionError("a bug, every time")

    times: list[int] = []
    monkeypatch.setattr(place, name, broken)
    monkeypatch.setattr(process, "BROKEN", 0.01)
    async with open_town() as town:
        await town.sms_in("+353861234567", "Still there?", 1)

        async def arrived() -> bool:
            return list((await town.threads()).values()) == [["Still there?"]]

        await until(arrived)
        assert len(times) > 1, "it begins again each time"


async def test_a_database_that_is_away_for_long_ends_no_worker(
    open_town: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wake_waiting(_: object) -> None:
        if not broken.is_set():
            broken.set()
            raise psycopg.OperationalError("the server is away")

    broken = asyncio.Event()
    monkeypatch.setattr(worker, "wake_waiting", wake_waiting)
    monkeypatch.setattr(process, "BROKEN", 0.1)
    async with open_town() as town:
        await broken.wait()
        await town.sms_in("+353861234567", "Still there?", 1)

        async def arrived() -> bool:
            return list((await town.threads()).values()) == [["Still there?"]]

        await until(arrived)


async def test_one_senders_messages_stay_in_order(open_town: Open) -> None:
    async with open_town() as town:
        for number in range(12):
            await town.sms_in("+353861234567", f"{number}", number)

        async def settled() -> bool:
            return list((await town.threads()).values()) == [[str(n) for n in range(12)]]

        await until(settled)


async def test_a_sender_that_is_no_phone_is_a_lead_without_one(open_town: Open) -> None:
    async with open_town() as town:
        await town.sms_in("AMAZON", "Your parcel", 1)
        await town.sms_in("20880", "Your code", 2)

        async def two() -> bool:
            return len(await town.threads()) == 2

        await until(two)
        leads = [person for person in await town.contacts() if person["name"] in ("AMAZON", "20880")]
        assert [lead["phone"] for lead in leads] == [None, None]


async def test_files_that_cannot_be_had_leave_a_line_each_and_take_no_text_with_them(open_town: Open) -> None:
    async with open_town() as town:
        gone = f"{town.places.providers}/twilio_sms/2010-04-01/Accounts/AC{'0' * 32}/Messages/MM1/Media/ME1"
        inside = "https://169.254.169.254/latest/meta-data"
        files = {"NumMedia": "2", "MediaUrl0": gone, "MediaContentType0": "image/png"}
        more = {"MediaUrl1": inside, "MediaContentType1": "image/jpeg"}
        assert await town.sms_in("+353861234567", "Look at these", 1, **files, **more) == 200

        async def there() -> list[str]:
            return [text for texts in (await town.threads()).values() for text in texts]

        [text] = await until(there)
        assert re.findall(r"^(Look at these)$|^\[(\S+) could not be fetched: .+\]$", text, re.MULTILINE) == [
            ("Look at these", ""),
            ("", "image/png"),
            ("", "image/jpeg"),
        ]
