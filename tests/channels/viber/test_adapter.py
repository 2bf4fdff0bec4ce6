"""Viber: success and failure by the status in the body, files by size, receipts, who left and who came back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from leadline.channels import channel
from leadline.channels.exchange import Response
from leadline.channels.http import json_call
from leadline.channels.reasons import REASONS
from leadline.channels.viber.adapter import BYTES, REASON_OF_CODE
from leadline.errors import ProviderTrouble, Refused
from leadline.model import Attachment, DeliveryState, Inbound, Outbound, StatusUpdate
from leadline.sandbox.providers import ViberFake
from leadline.sandbox.providers.viber import fake as viber

from ..conftest import Town
from ..wire import request_of, settings_of

CUSTOMER = ViberFake.customer(7)
PICTURE = Attachment(content_type="image/png", url="https://files.example.com/1.png?x=1", name="1.png")
NAMELESS = Attachment(content_type="image/png", url="https://files.example.com/1", name="1.png")
VIDEO = Attachment(content_type="video/mp4", url="https://files.example.com/2.mp4", name="2.mp4")
SHEET = Attachment(content_type="text/csv", url="https://files.example.com/3.csv", name="3.csv")
ADAPTER = channel("viber")


def sent_body(message: Outbound) -> dict[str, Any]:
    return dict(msgspec.json.decode(ADAPTER.build(message, settings_of("viber")).body))


def test_the_request() -> None:
    message = Outbound(id="0194a.1", to=CUSTOMER, text="Hi")
    call = ADAPTER.build(message, settings_of("viber"))
    assert (call.method, call.url) == ("POST", "https://chatapi.viber.com/pa/send_message")
    assert call.secrets == {"x-viber-auth-token": "made-up-auth-token"}
    assert sent_body(message) == {
        "receiver": CUSTOMER,
        "min_api_version": 1,
        "sender": {"name": "Acme"},
        "tracking_data": "0194a.1",
        "type": "text",
        "text": "Hi",
    }


def test_replies_that_cost_money_wait_for_the_operators_word() -> None:
    assert ADAPTER.abilities(settings_of("viber")).window == 86_400
    assert ADAPTER.abilities(settings_of("viber", paid_messages=True)).window is None


@pytest.mark.parametrize(
    ("text", "files", "pieces"),
    [
        ("See", (PICTURE, SHEET), [("See", 1), ("", 1)]),
        ("x" * 513, (PICTURE,), [("x" * 513, 0), ("", 1)]),
        ("See", (SHEET, PICTURE), [("See", 0), ("", 1), ("", 1)]),
        ("x" * 7001, (), [("x" * 7000, 0), ("x", 0)]),
        ("", (), []),
    ],
)
def test_pieces(text: str, files: tuple[Attachment, ...], pieces: list[tuple[str, int]]) -> None:
    cut = ADAPTER.pieces(Outbound(id="a", to=CUSTOMER, text=text, attachments=files), settings_of("viber"))
    assert [(piece.text, len(piece.attachments)) for piece in cut] == pieces


def test_no_request_is_larger_than_viber_takes() -> None:
    """Characters of four bytes and escapes count as what they become."""
    for char in ("😀", '"', "\x01"):
        message = Outbound(id="a", to=CUSTOMER, text=char * 7000)
        pieces = ADAPTER.pieces(message, settings_of("viber"))
        assert sum(len(piece.text) for piece in pieces) == 7000
        assert all(len(ADAPTER.build(piece, settings_of("viber")).body) < viber.LARGEST for piece in pieces)
    assert BYTES < viber.LARGEST


async def test_files_go_out_as_what_they_are(town: Town) -> None:
    town.files = {VIDEO.url: Response(status=200, body=b"v" * 9), SHEET.url: Response(status=200, body=b"a;b")}
    seen = []
    for file in (PICTURE, NAMELESS, VIDEO, SHEET, msgspec.structs.replace(SHEET, url="https://gone.example.com/4.csv")):
        sent = await town.send("viber", to=CUSTOMER, text="", attachments=(file,))
        assert sent.outcome == "accepted"
        delivery = town.providers.phones.received()[-1]
        seen.append((delivery.text, delivery.media))
    assert seen == [
        ("", (PICTURE.url,)),
        ("1.png\nhttps://files.example.com/1", ()),  # an address that does not end in a picture's name
        ("", (VIDEO.url,)),
        ("", (SHEET.url,)),
        ("3.csv\nhttps://gone.example.com/4.csv", ()),
    ]


async def test_receipts_come_back(town: Town) -> None:
    sent = await town.send("viber", to=CUSTOMER)
    await town.providers.courier.settle()
    updates = town.believed("viber")
    assert [(u.state, u.provider_id) for u in updates if isinstance(u, StatusUpdate)] == [
        (state, sent.provider_ids[0]) for state in (DeliveryState.DELIVERED, DeliveryState.READ)
    ]


async def test_every_failure(town: Town) -> None:
    for name, fault in viber.FAULTS.items():
        town.requests.clear()
        before = len(town.providers.phones.received())
        town.providers.faults.plan("viber", fault)
        sent = await town.send("viber", to=CUSTOMER)
        await town.providers.courier.settle()
        taken = len(town.providers.phones.received()) > before
        assert taken == (fault.how in ("late", "drop")), name
        if fault.how == "refuse":
            reason = REASON_OF_CODE.get(fault.code, "provider_error")
            waits = reason in ("auth_failed", "rate_limited")
            assert (sent.outcome, sent.reason, sent.code) == ("retry" if waits else "refused", reason, str(fault.code))
        elif fault.how == "late":
            (update,) = town.believed("viber")
            assert isinstance(update, StatusUpdate)
            assert (update.state, update.detail) == (DeliveryState.FAILED, fault.message)
        else:
            assert (sent.outcome, sent.reason) == ("unknown", "no_answer"), name
    assert set(REASON_OF_CODE.values()) <= set(REASONS)
    assert (await town.send("viber", to=CUSTOMER, text="x" * 7001)).code == "3"
    assert (await town.send("viber", to="")).outcome == "refused"


async def test_a_customer_leaves_and_comes_back(town: Town) -> None:
    fake, settings = town.providers.of(ViberFake), town.settings("viber")
    await fake.leave(CUSTOMER)
    assert (await town.send("viber", to=CUSTOMER)).reason == "not_on_channel"
    await fake.subscribe(CUSTOMER)
    await fake.leave(CUSTOMER)
    await fake.write(CUSTOMER, "Hi again")
    parsed = [ADAPTER.parse(request, settings) for request in town.requests]
    assert [consent.state for found in parsed for consent in found.consents] == ["out", "in", "out"]
    assert [len(found.messages) for found in parsed] == [0, 0, 0, 1]
    assert (await town.send("viber", to=CUSTOMER)).outcome == "accepted"


async def test_names_need_to_be_asked_for_and_files_lie_on_vibers_hosts(town: Town) -> None:
    fake, settings = town.providers.of(ViberFake), town.settings("viber")
    await fake.write(CUSTOMER, "Broken!", [("image/jpeg", b"\xff\xd8"), ("application/pdf", b"%PDF")], name="Олена")
    first, second = (message for message in town.believed("viber") if isinstance(message, Inbound))
    assert (first.text, first.profile.name, first.profile.language) == ("Broken!", "Олена", "uk")
    for message, content in ((first, b"\xff\xd8"), (second, b"%PDF")):
        assert (await town.fetch(ADAPTER.media(message.attachments[0], settings))).body == content
    assert ADAPTER.media_hosts(settings)[0] == ".viber.com"
    assert "has reached it" in await town.calls.perform(ADAPTER.register(f"{town.url}/in", settings))
    assert fake.with_names
    town.answer = 500
    with pytest.raises(ProviderTrouble, match="invalidUrl"):
        await town.calls.perform(ADAPTER.register(f"{town.url}/in", settings))
    town.answer = 200
    url = f"{settings.api_url}/pa/set_webhook"
    asked = json_call(url, {"url": f"{town.url}/in"}, secrets={"x-viber-auth-token": settings.auth_token})
    assert msgspec.json.decode((await town.calls.send(asked)).body)["status"] == 0
    town.requests.clear()
    await fake.write(CUSTOMER, "Hi", name="Олена")
    (nameless,) = town.believed("viber")
    assert isinstance(nameless, Inbound)
    assert (nameless.profile.name, nameless.profile.avatar_url) == ("Subscriber", "")


async def test_wrong_credentials_wait_for_an_operator(town: Town) -> None:
    for token, status in (("wrong", 2), (town.settings("viber").auth_token, 0)):
        settings = msgspec.structs.replace(town.settings("viber"), auth_token=token)
        probe = ADAPTER.probe(settings)
        assert probe is not None
        answer = await town.calls.send(probe)
        assert (answer.status, msgspec.json.decode(answer.body)["status"]) == (200, status)
    probe = ADAPTER.probe(town.settings("viber"))
    assert probe is not None
    answer = await town.calls.send(probe)
    assert ADAPTER.probed(answer, town.settings("viber")) == ""
    assert "acme, not bot_uri" in ADAPTER.probed(answer, settings_of("viber", bot_uri="another"))
    wrong = msgspec.structs.replace(town.settings("viber"), auth_token="wrong")
    sent = await town.calls.perform(ADAPTER.send(Outbound(id="1", to=CUSTOMER, text="Hi"), wrong))
    assert (sent.outcome, sent.reason) == ("retry", "auth_failed")


def test_signature_vector(shared: Path) -> None:
    vector = json.loads((shared / "specs/vectors/social-signatures.json").read_text("utf-8"))["viber"]
    settings = settings_of("viber", auth_token=vector["auth_token"])
    headers = {"x-viber-content-signature": vector["X-Viber-Content-Signature"]}
    signed = msgspec.structs.replace(request_of("viber", vector["body"].encode()), headers=headers)
    ADAPTER.verify(signed, settings)
    with pytest.raises(Refused):
        ADAPTER.verify(msgspec.structs.replace(signed, body=signed.body + b" "), settings)
    with pytest.raises(Refused):
        ADAPTER.verify(signed, settings_of("viber", auth_token=""))


@pytest.mark.parametrize("name", ["", "x" * 29])
def test_a_name_viber_would_refuse(name: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        settings_of("viber", sender_name=name)
