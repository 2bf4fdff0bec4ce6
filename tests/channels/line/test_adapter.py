"""LINE: both directions against its own description, replies before pushes, retry keys, contents, profiles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from openapi_schema_validator import OAS30Validator

from leadline.channels import channel
from leadline.channels.exchange import Call, Response
from leadline.channels.line.events import LEFT_ALONE
from leadline.connections.media import Media, NotFetched
from leadline.connections.switchboard import Connected
from leadline.errors import ProviderTrouble, Refused
from leadline.model import Attachment, Handle, Inbound, Outbound, Profile
from leadline.sandbox.providers import LineFake
from leadline.sandbox.providers.line import fake as line
from leadline.store.channels import ChannelRow

from ..conftest import Town
from ..wire import folder_of, request_of, settings_of

CUSTOMER = LineFake.customer(7)
PICTURE = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
SHEET = Attachment(content_type="text/csv", url="https://files.example.com/3.csv", name="3.csv")
ADAPTER = channel("line")


class Described:
    """One of LINE's OpenAPI descriptions. What it says by discriminator is looked up, for validators do not."""

    def __init__(self, path: Path) -> None:
        whole = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
        self.schemas: dict[str, Any] = whole["components"]["schemas"]
        self.mappings = {
            name: s.pop("discriminator")["mapping"] for name, s in self.schemas.items() if "discriminator" in s
        }

    def check(self, name: str, value: Any) -> None:
        mapping = self.mappings.get(name)
        chosen = mapping[value["type"]].rpartition("/")[2] if mapping else name
        OAS30Validator({**self.schemas[chosen], "components": {"schemas": self.schemas}}).validate(value)


@pytest.fixture(scope="module")
def webhooks(shared: Path) -> Described:
    return Described(shared / "specs/line/webhook.yml")


@pytest.fixture(scope="module")
def api(shared: Path) -> Described:
    return Described(shared / "specs/line/messaging-api.yml")


def check_webhook(webhooks: Described, body: bytes) -> None:
    value = json.loads(body)
    webhooks.check("CallbackRequest", value)
    for event in value["events"]:
        webhooks.check("Event", event)
        webhooks.check("Source", event["source"])
        if "message" in event:
            webhooks.check("MessageContent", event["message"])


def sent_body(message: Outbound) -> dict[str, Any]:
    return dict(msgspec.json.decode(ADAPTER.build(message, settings_of("line")).body))


def test_payload_files_are_what_line_describes(webhooks: Described) -> None:
    odd = ("future", "broken", "no_json", "stranger")
    for path in sorted(folder_of("line").glob("*.request.json")):
        if not any(word in path.name for word in odd):
            check_webhook(webhooks, path.read_bytes())


def test_every_event_that_line_describes_is_known(webhooks: Described) -> None:
    """Nothing that LINE describes is shown as an event that nobody knows."""
    read = {"message", "postback", "follow", "unfollow", "unsend"}
    assert set(webhooks.mappings["Event"]) == read | set(LEFT_ALONE)


def test_requests_fit_lines_description(api: Described) -> None:
    whole = Outbound(id="0194a.1", to=CUSTOMER, text="Hi", attachments=(PICTURE, SHEET))
    push, reply = sent_body(whole), sent_body(msgspec.structs.replace(whole, reply_ref="a-token"))
    api.check("PushMessageRequest", push)
    api.check("ReplyMessageRequest", reply)
    for message in (*push["messages"], *reply["messages"]):
        api.check("Message", message)
    assert [message["type"] for message in push["messages"]] == ["text", "image", "text"]
    assert push["messages"][2]["text"] == "3.csv\nhttps://files.example.com/3.csv"
    assert (push["to"], reply["replyToken"]) == (CUSTOMER, "a-token")
    assert "to" not in reply


async def test_the_fake_answers_and_calls_as_line_describes(town: Town, api: Described, webhooks: Described) -> None:
    fake, settings = town.providers.of(LineFake), town.settings("line")
    await fake.write(CUSTOMER, "Hi", [("image/jpeg", b"\xff\xd8"), ("application/pdf", b"%PDF")], name="Aiko")
    await fake.block(CUSTOMER)
    await fake.follow(CUSTOMER)
    for request in town.requests:
        check_webhook(webhooks, request.body)
    push = ADAPTER.build(Outbound(id="1.1", to=CUSTOMER, text="Hi"), settings)
    profile = Call(method="GET", url=f"{settings.api_url}/v2/bot/profile/{CUSTOMER}", secrets=push.secrets)
    probe = ADAPTER.probe(settings)
    assert probe is not None
    stranger = msgspec.structs.replace(push, secrets={})
    expected = [
        (push, 200, "PushMessageResponse"),
        (push, 409, "ErrorResponse"),
        (profile, 200, "UserProfileResponse"),
        (probe, 200, "BotInfoResponse"),
        (stranger, 401, "ErrorResponse"),
    ]
    for call, status, schema in expected:
        answer = await town.calls.send(call)
        assert answer.status == status
        api.check(schema, json.loads(answer.body))


def test_signature_vector(shared: Path) -> None:
    vector = json.loads((shared / "specs/vectors/social-signatures.json").read_text("utf-8"))["line"]
    settings = settings_of("line", channel_secret=vector["channel_secret"])
    request = request_of("line", vector["body"].encode())
    signed = msgspec.structs.replace(request, headers={"x-line-signature": vector["x-line-signature"]})
    ADAPTER.verify(signed, settings)
    with pytest.raises(Refused, match="does not fit"):
        ADAPTER.verify(msgspec.structs.replace(signed, body=signed.body + b" "), settings)
    with pytest.raises(Refused):
        ADAPTER.verify(signed, settings_of("line", channel_secret=""))


@pytest.mark.parametrize(
    ("text", "files", "pieces"),
    [
        ("See", 2, [("See", 2, "token")]),
        ("x" * 5001, 5, [("x" * 5000, 0, "token"), ("x", 4, ""), ("", 1, "")]),
        ("😀" * 2501, 0, [("😀" * 2500, 0, "token"), ("😀", 0, "")]),
        ("", 0, []),
    ],
)
def test_pieces(text: str, files: int, pieces: list[tuple[str, int, str]]) -> None:
    message = Outbound(id="0194a", to=CUSTOMER, text=text, attachments=(PICTURE,) * files, reply_ref="token")
    cut = ADAPTER.pieces(message, settings_of("line"))
    assert [(piece.text, len(piece.attachments), piece.reply_ref) for piece in cut] == pieces


async def test_the_same_id_twice_is_one_message(town: Town) -> None:
    """Also where the first answer was lost."""
    town.providers.faults.plan("line", line.FAULTS["lost_answer"])
    lost = await town.send("line", to=CUSTOMER, id="1.1")
    again = await town.send("line", to=CUSTOMER, id="1.1")
    other = await town.send("line", to=CUSTOMER, id="1.2")
    assert [sent.outcome for sent in (lost, again, other)] == ["unknown", "accepted", "accepted"]
    deliveries = town.providers.phones.received(CUSTOMER)
    assert [again.provider_ids, other.provider_ids] == [(delivery.message_id,) for delivery in deliveries]


async def test_a_fresh_reply_token_is_used_once_and_a_push_follows(town: Town) -> None:
    await town.providers.of(LineFake).write(CUSTOMER, "Hi")
    (message,) = town.believed("line")
    assert isinstance(message, Inbound)
    calls: list[str] = []

    async def remember(call: Call) -> None:
        calls.append(call.url.rpartition("/")[2])

    for number in (1, 2):
        outbound = Outbound(id=f"{number}.1", to=CUSTOMER, text=f"{number}", reply_ref=message.reply_ref)
        steps = ADAPTER.send(outbound, town.settings("line"))
        assert (await town.calls.perform(steps, before=remember)).outcome == "accepted"
    assert calls == ["reply", "reply", "push"]
    assert [delivery.text for delivery in town.providers.phones.received(CUSTOMER)] == ["1", "2"]


OUTCOMES = {
    "quota_exceeded": ("refused", "quota_exceeded"),
    "rate_limited": ("retry", "rate_limited"),
    "auth_failed": ("retry", "auth_failed"),
    "not_in_plan": ("refused", "sender_rejected"),
    "failed_to_send": ("refused", "invalid_recipient"),
    "server_error": ("unknown", "no_answer"),
    "lost_answer": ("unknown", "no_answer"),
}


async def test_every_failure(town: Town) -> None:
    for name, fault in line.FAULTS.items():
        town.providers.faults.plan("line", fault)
        sent = await town.send("line", to=CUSTOMER, id=name)
        assert (sent.outcome, sent.reason) == OUTCOMES[name], name
        assert bool(town.providers.phones.received()) == (fault.how == "drop")
    assert (await town.send("line", to=CUSTOMER)).outcome == "accepted"
    for changes, reason in (({"to": "+353888888999"}, "invalid_recipient"), ({"text": "x" * 5001}, "provider_error")):
        refused = await town.send("line", **({"to": CUSTOMER, "id": reason} | changes))
        assert (refused.outcome, refused.reason) == ("refused", reason)


def test_a_repeated_retry_key_without_ids_is_still_taken() -> None:
    body = b'{"message":"The retry key is already accepted"}'
    sent = ADAPTER.read(Response(status=409, body=body), settings_of("line"))
    assert (sent.outcome, sent.provider_ids) == ("accepted", ())


async def test_files_names_and_pictures_of_customers(town: Town) -> None:
    fake, settings = town.providers.of(LineFake), town.settings("line")
    await fake.write(CUSTOMER, "", [("image/jpeg", b"\xff\xd8 picture")], name="Aiko")
    (message,) = town.believed("line")
    assert isinstance(message, Inbound)
    assert message.handles == (Handle("line", CUSTOMER, line.ACCOUNT),)
    call = ADAPTER.media(message.attachments[0], settings)
    assert (await town.fetch(call)).body == b"\xff\xd8 picture"
    assert (await town.fetch(msgspec.structs.replace(call, secrets={}))).status == 401
    profile = await town.calls.perform(ADAPTER.look_up(message, settings))
    picture = f"{settings.api_url}/picture/{CUSTOMER}"
    assert profile == Profile(name="Aiko", avatar_url=picture, language="ja")
    nobody = msgspec.structs.replace(message, sender=LineFake.customer(8))
    assert await town.calls.perform(ADAPTER.look_up(nobody, settings)) == Profile()


def test_contents_come_from_lines_own_server() -> None:
    call = ADAPTER.media(Attachment(ref="../1"), settings_of("line"))
    assert call.url == "https://api-data.line.me/v2/bot/message/..%2F1/content"
    assert ADAPTER.media_hosts(settings_of("line"))[0] == "api-data.line.me"


async def test_redelivery_says_so_and_keeps_its_ids(town: Town) -> None:
    town.answer = 500
    await town.providers.of(LineFake).write(CUSTOMER, "Hi")
    assert len(town.requests) == line.TRIES
    events = [json.loads(request.body)["events"][0] for request in town.requests]
    assert [event["deliveryContext"]["isRedelivery"] for event in events] == [False, True, True]
    assert len({event["webhookEventId"] for event in events}) == 1
    assert len({message.provider_id for message in town.believed("line") if isinstance(message, Inbound)}) == 1


async def test_a_video_that_line_still_prepares_is_fetched_later(town: Town) -> None:
    fake, settings = town.providers.of(LineFake), town.settings("line")
    await fake.write(CUSTOMER, "", [("video/mp4", b"a video")])
    (message,) = town.believed("line")
    assert isinstance(message, Inbound)
    row = ChannelRow(
        workspace_id="w", channel_id=1, provider="line", name="LINE", key="k", account="", address="", settings={}
    )
    connected = Connected(row=row, adapter=ADAPTER, settings=settings)
    media = Media(limit=1000, allowed=frozenset({"127.0.0.1"}))
    fake.preparing.add(message.attachments[0].ref)
    with pytest.raises(NotFetched) as not_yet:
        await media.fetch(connected, message.attachments[0], 1)
    assert not_yet.value.later
    fake.preparing.clear()
    assert (await media.fetch(connected, message.attachments[0], 1)).content == b"a video"
    await media.close()


async def test_line_is_told_the_address_and_tests_it(town: Town, api: Described) -> None:
    fake, settings = town.providers.of(LineFake), town.settings("line")
    fake.webhook_url = ""
    steps = ADAPTER.register(f"{town.url}/in", settings)
    setting = next(steps)
    assert isinstance(setting, Call)
    api.check("SetWebhookEndpointRequest", json.loads(setting.body))
    testing = steps.send(await town.calls.send(setting))
    assert isinstance(testing, Call)
    api.check("TestWebhookEndpointRequest", json.loads(testing.body))
    answer = await town.calls.send(testing)
    api.check("TestWebhookEndpointResponse", json.loads(answer.body))
    assert fake.webhook_url == f"{town.url}/in"
    assert town.believed("line") == []
    assert "has reached it" in await town.calls.perform(ADAPTER.register(f"{town.url}/in", settings))
    town.answer = 500
    assert "500" in await town.calls.perform(ADAPTER.register(f"{town.url}/in", settings))
    with pytest.raises(ProviderTrouble, match="Invalid webhook endpoint"):
        await town.calls.perform(ADAPTER.register("ftp://bridge.example.com", settings))
