"""VK: its test of the address, the exact `ok`, one message for one id, uploads in steps, errors in the body."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest

from leadline.channels import channel
from leadline.channels.exchange import Call, Response
from leadline.channels.reasons import REASONS
from leadline.channels.vk.codes import NOBODY_KNOWS, REASON_OF_CODE, WAITS
from leadline.channels.vk.sending import random_id
from leadline.errors import Refused
from leadline.model import Attachment, DeliveryState, Inbound, Outbound, Profile, StatusUpdate
from leadline.sandbox.providers import Floor, VKFake
from leadline.sandbox.providers.vk import fake as vk

from ..conftest import Town
from ..wire import folder_of, request_of, settings_of

CUSTOMER = VKFake.customer(7)
PICTURE = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
SHEET = Attachment(content_type="text/csv", url="https://files.example.com/3.csv", name="3.csv")
GONE = Attachment(content_type="image/png", url="https://gone.example.com/4.png", name="4.png")
ADAPTER = channel("vk")


def confirmation(**changes: Any) -> bytes:
    return json.dumps({"type": "confirmation", "group_id": 225123456, "event_id": "e", "v": "5.199"} | changes).encode()


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (confirmation(), "f1e2d3c4"),
        (confirmation(secret="made-up-secret-key"), "f1e2d3c4"),
        (confirmation(group_id=7), None),
        (confirmation(secret="somebody-elses"), None),
    ],
)
def test_the_confirmation_is_answered_for_this_community_only(body: bytes, answer: str | None) -> None:
    request, settings = request_of("vk", body), settings_of("vk")
    if answer is None:
        with pytest.raises(Refused):
            ADAPTER.handshake(request, settings)
        return
    found = ADAPTER.handshake(request, settings)
    assert found is not None
    assert found.body == answer


def test_the_word_confirmation_in_a_message_is_no_handshake() -> None:
    body = (folder_of("vk") / "text.request.json").read_bytes()
    for said in (body, body.replace("Привет".encode(), b"confirmation"), b'"confirmation'):
        assert ADAPTER.handshake(request_of("vk", said), settings_of("vk")) is None
    for said, key in ((body, ""), (b"type=message_new", "made-up-secret-key")):
        with pytest.raises(Refused):
            ADAPTER.verify(request_of("vk", said), settings_of("vk", secret_key=key))
    assert ADAPTER.answer.body == "ok"


async def test_vk_repeats_until_the_answer_is_exactly_ok(town: Town) -> None:
    fake = town.providers.of(VKFake)
    town.body = "OK"
    await fake.write(CUSTOMER, "Hi")
    assert len(town.requests) == vk.TRIES
    assert len({message.provider_id for message in town.believed("vk") if isinstance(message, Inbound)}) == 1
    town.requests.clear()
    town.body = "ok"
    await fake.write(CUSTOMER, "Hi")
    assert len(town.requests) == 1
    assert not await fake.confirm()
    town.body = "f1e2d3c4"
    assert await fake.confirm()


def test_the_request_fits_vks_schema(shared: Path) -> None:
    methods = json.loads((shared / "specs/vk/messages_methods.json").read_text("utf-8"))["methods"]
    send = next(method for method in methods if method["name"] == "messages.send")
    kinds = {parameter["name"]: parameter["type"] for parameter in send["parameters"]}
    message = Outbound(id="0194a.1", to=CUSTOMER, text="Hi & bye", attachments=(PICTURE,))
    call = ADAPTER.build(message, settings_of("vk"))
    fields = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
    assert (call.url, call.harmless) == ("https://api.vk.com/method/messages.send", False)
    assert (fields.pop("access_token"), fields.pop("v")) == ("made-up-access-token", "5.199")
    assert fields["message"] == "Hi & bye\n1.png\nhttps://files.example.com/1.png"
    assert set(fields) <= set(kinds)
    assert all(value.lstrip("-").isdigit() for name, value in fields.items() if kinds[name] == "integer")


def test_errors_and_events_are_those_of_vks_schema(shared: Path) -> None:
    errors = json.loads((shared / "specs/vk/errors.json").read_text("utf-8"))["errors"]
    known = {error["code"] for error in errors.values()}
    planned = {fault.code for fault in vk.FAULTS.values() if fault.how == "refuse"}
    assert (set(REASON_OF_CODE) | NOBODY_KNOWS | WAITS | planned) <= known
    objects = json.loads((shared / "specs/vk/callback_objects.json").read_text("utf-8"))["definitions"]
    fake = VKFake(settings_of("vk"), Floor(0.0))
    head = json.loads(fake.event("message_allow", {"user_id": 1, "key": "k"}))
    assert set(head) - {"object"} <= set(objects["callback_base"]["properties"])
    assert set(head["object"]) == set(objects["callback_message_allow"]["properties"])


def test_random_ids_are_numbers_vk_takes_and_stay_the_same() -> None:
    ids = [random_id(f"{number}.1") for number in range(1000)]
    assert len(set(ids)) == 1000
    assert all(0 < number < 2**31 for number in ids)
    assert random_id("0194a.1") == random_id("0194a.1")


async def test_the_same_id_twice_is_one_message(town: Town) -> None:
    town.providers.faults.plan("vk", vk.FAULTS["lost_answer"])
    sent = [await town.send("vk", to=CUSTOMER, id=message) for message in ("1.1", "1.1", "1.2")]
    await town.providers.courier.settle()
    assert [one.outcome for one in sent] == ["unknown", "accepted", "accepted"]
    assert len(town.providers.phones.received(CUSTOMER)) == 2


async def test_files_are_uploaded_in_steps_and_the_rest_goes_as_links(town: Town) -> None:
    town.body = "ok"
    town.files = {
        PICTURE.url: Response(status=200, body=b"\x89PNG", headers={"content-type": "image/png"}),
        SHEET.url: Response(status=200, body=b"a;b"),
    }
    seen: list[Call] = []

    async def remember(call: Call) -> None:
        seen.append(call)

    message = Outbound(id="1.1", to=CUSTOMER, text="See", attachments=(PICTURE, SHEET, GONE))
    steps = ADAPTER.send(message, town.settings("vk"))
    sent = await town.calls.perform(steps, fetch=town.teammates_file, before=remember)
    await town.providers.courier.settle()
    assert sent.outcome == "accepted"
    assert [call.harmless for call in seen] == [True] * 6 + [False]
    (delivery,) = town.providers.phones.received()
    assert delivery.text == "See\n4.png\nhttps://gone.example.com/4.png"
    assert [(await town.fetch(Call(method="GET", url=url))).body for url in delivery.media] == [b"\x89PNG", b"a;b"]
    (read,) = town.believed("vk")
    assert isinstance(read, StatusUpdate)
    assert (read.state, read.provider_id) == (DeliveryState.READ, sent.provider_ids[0])


async def test_every_failure(town: Town) -> None:
    town.body = "ok"
    for name, fault in vk.FAULTS.items():
        town.providers.faults.plan("vk", fault)
        sent = await town.send("vk", to=CUSTOMER, id=name)
        taken = bool(town.providers.phones.received())
        assert taken == (fault.how == "drop"), name
        if fault.how == "refuse" and fault.code not in NOBODY_KNOWS:
            outcome = "retry" if fault.code in WAITS else "refused"
            reason = REASON_OF_CODE.get(fault.code, "provider_error")
            assert (sent.outcome, sent.reason, sent.code) == (outcome, reason, str(fault.code))
        else:
            assert (sent.outcome, sent.reason) == ("unknown", "no_answer"), name
    assert set(REASON_OF_CODE.values()) <= set(REASONS)
    for changes, code in (({"to": "AMAZON"}, "100"), ({"text": ""}, "100"), ({"text": "x" * 9001}, "914")):
        assert (await town.send("vk", **({"to": CUSTOMER} | changes))).code == code


async def test_a_customer_forbids_messages_and_their_profile_is_read(town: Town) -> None:
    town.body = "ok"
    fake, settings = town.providers.of(VKFake), town.settings("vk")
    await fake.deny(CUSTOMER)
    assert (await town.send("vk", to=CUSTOMER)).reason == "not_on_channel"
    await fake.allow(CUSTOMER)
    await fake.deny(CUSTOMER)
    await fake.write(CUSTOMER, "Hi", [("image/jpeg", b"\xff\xd8"), ("application/pdf", b"%PDF")], name="Анна К")
    parsed = [ADAPTER.parse(request, settings) for request in town.requests]
    assert [consent.state for found in parsed for consent in found.consents] == ["out", "in", "out"]
    (message,) = parsed[-1].messages
    contents = [(await town.fetch(ADAPTER.media(file, settings))).body for file in message.attachments]
    assert contents == [b"\xff\xd8", b"%PDF"]
    assert await town.calls.perform(ADAPTER.look_up(message, settings)) == Profile(
        name="Анна К", username=f"id{CUSTOMER}", avatar_url=f"{settings.api_url}/files/face", language="ru"
    )
    nobody = msgspec.structs.replace(message, sender=VKFake.customer(8))
    assert await town.calls.perform(ADAPTER.look_up(nobody, settings)) == message.profile


async def test_a_confirmation_that_vk_has_changed_is_told(town: Town) -> None:
    fake, settings = town.providers.of(VKFake), town.settings("vk")
    assert await town.calls.perform(ADAPTER.register(f"{town.url}/in", settings)) == ""
    fake.confirmation = "0fbb3c1a"
    told = await town.calls.perform(ADAPTER.register(f"{town.url}/in", settings))
    assert f"VK names 0fbb3c1a as the string to return, but this channel has {settings.confirmation}." in told
    assert "--set confirmation=0fbb3c1a" in told
    wrong = msgspec.structs.replace(settings, access_token="wrong")
    assert await town.calls.perform(ADAPTER.register(f"{town.url}/in", wrong)) == ""


async def test_wrong_credentials_are_told_by_the_body(town: Town) -> None:
    """Of VK and of Viber: both answer 200 to everything."""
    for key, name in (("vk", "access_token"), ("viber", "auth_token")):
        for settings, trouble in (
            (town.settings(key), False),
            (msgspec.structs.replace(town.settings(key), **{name: "wrong"}), True),
        ):
            probe = channel(key).probe(settings)
            assert probe is not None
            answer = await town.calls.send(probe)
            assert (answer.status, bool(channel(key).probed(answer, settings))) == (200, trouble)
    wrong = msgspec.structs.replace(town.settings("vk"), access_token="wrong")
    sent = await town.calls.perform(ADAPTER.send(Outbound(id="1", to=CUSTOMER, text="Hi"), wrong))
    assert (sent.outcome, sent.reason) == ("retry", "auth_failed")
