"""Slack: its test of the address, threads, uploads in steps, people with their e-mail; its own SDK takes our fake."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from leadline.channels import channel
from leadline.channels.exchange import Call, Response
from leadline.channels.reasons import REASONS
from leadline.channels.slack.codes import NOBODY_KNOWS, REASON_OF_WORD, WAITS
from leadline.channels.slack.noise import LEFT_ALONE
from leadline.channels.slack.words import block_words, readable
from leadline.errors import ProviderTrouble, Refused
from leadline.model import Attachment, Handle, Inbound, Outbound, Profile
from leadline.sandbox.providers import SlackFake
from leadline.sandbox.providers.slack import fake as slack

from ..conftest import Town
from ..wire import NOW, request_of, settings_of

CUSTOMER = SlackFake.customer(7)
PERSON = SlackFake.person_of(CUSTOMER)
THREAD = "C024BE91L:1763950000.000001"
PICTURE = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
GONE = Attachment(content_type="image/png", url="https://gone.example.com/4.png", name="4.png")
ADAPTER = channel("slack")


def sent_body(message: Outbound) -> dict[str, Any]:
    return dict(msgspec.json.decode(ADAPTER.build(message, settings_of("slack")).body))


def test_the_challenge_is_answered_only_where_it_is_signed() -> None:
    settings = settings_of("slack")
    body = b'{"type":"url_verification","token":"legacy","challenge":"abc123"}'
    answer = ADAPTER.handshake(request_of("slack", body), settings)
    assert answer is not None
    assert answer.body == "abc123"
    for signature in ("wrong", "missing"):
        with pytest.raises(Refused):
            ADAPTER.handshake(request_of("slack", body, signature=signature), settings)
    for other in (b'{"type":"event_callback","text":"url_verification"}', b'"url_verification', b"{}"):
        assert ADAPTER.handshake(request_of("slack", other), settings) is None


def test_signature_vector_and_its_age(shared: Path) -> None:
    vector = json.loads((shared / "specs/vectors/social-signatures.json").read_text("utf-8"))["slack"]
    settings = settings_of("slack", signing_secret=vector["signing_secret"])
    moment = vector["X-Slack-Request-Timestamp"]
    headers = {"x-slack-request-timestamp": moment, "x-slack-signature": vector["X-Slack-Signature"]}
    request = msgspec.structs.replace(request_of("slack", vector["body"].encode()), headers=headers)
    for now in (float(moment) + 299, float(moment) - 299):
        ADAPTER.verify(msgspec.structs.replace(request, now=now), settings)
    for changes in (
        {"now": float(moment) + 301},
        {"now": float(moment), "body": request.body + b" "},
        {"now": NOW, "headers": headers | {"x-slack-request-timestamp": "soon"}},
    ):
        with pytest.raises(Refused):
            ADAPTER.verify(msgspec.structs.replace(request, **changes), settings)
    with pytest.raises(Refused):
        ADAPTER.verify(msgspec.structs.replace(request, now=float(moment)), settings_of("slack", signing_secret=""))


def test_the_request() -> None:
    assert sent_body(Outbound(id="1.1", to=THREAD, text="1 < 2 & *3*")) == {
        "channel": "C024BE91L",
        "thread_ts": "1763950000.000001",
        "text": "1 &lt; 2 &amp; *3*",
        "mrkdwn": False,
        "unfurl_links": False,
    }
    assert "thread_ts" not in sent_body(Outbound(id="1.1", to="D1", text="Hi"))


@given(st.text(max_size=60) | st.text(st.sampled_from("<>&|@#!;amplt "), max_size=30))
def test_what_is_sent_reads_as_it_was_written(text: str) -> None:
    sent = sent_body(Outbound(id="1.1", to="D1", text=text))["text"]
    assert readable(sent) == text


async def test_an_answer_goes_where_the_customer_wrote(town: Town) -> None:
    fake = town.providers.of(SlackFake)
    await fake.write("C024BE91L", "In the channel")
    await fake.write("C024BE91L", "In a thread & more", thread="1763950000.000001")
    await fake.write(CUSTOMER, "To the app")
    messages = [message for message in town.believed("slack") if isinstance(message, Inbound)]
    assert [message.text for message in messages] == ["In the channel", "In a thread & more", "To the app"]
    places = [message.sender for message in messages]
    assert places[0] == messages[0].provider_id
    assert places[1:] == [THREAD, CUSTOMER]
    assert messages[2].handles == (Handle("slack", PERSON, slack.TEAM),)
    for place in places:
        assert (await town.send("slack", to=place, text="1 < 2")).outcome == "accepted"
    assert [(delivery.to, delivery.text) for delivery in town.providers.phones.received()] == [
        (place, "1 < 2") for place in places
    ]


async def test_files_are_uploaded_in_steps_and_the_rest_goes_as_links(town: Town) -> None:
    town.files = {PICTURE.url: Response(status=200, body=b"\x89PNG")}
    seen: list[Call] = []

    async def remember(call: Call) -> None:
        seen.append(call)

    message = Outbound(id="1.1", to=THREAD, text="See", attachments=(PICTURE, GONE))
    steps = ADAPTER.send(message, town.settings("slack"))
    sent = await town.calls.perform(steps, fetch=town.teammates_file, before=remember)
    assert (sent.outcome, len(sent.provider_ids)) == ("accepted", 1)
    assert [call.harmless for call in seen] == [True, True, False]
    (delivery,) = town.providers.phones.received(THREAD)
    assert delivery.text == "See\n4.png\nhttps://gone.example.com/4.png"
    fetched = await town.fetch(Call(method="GET", url=delivery.media[0], secrets=seen[0].secrets))
    assert fetched.body == b"\x89PNG"
    assert (await town.send("slack", to=CUSTOMER, text="", attachments=(GONE,))).outcome == "accepted"


async def test_every_failure(town: Town) -> None:
    for name, fault in slack.FAULTS.items():
        town.providers.faults.plan("slack", fault, to=CUSTOMER)
        sent = await town.send("slack", to=CUSTOMER)
        assert bool(town.providers.phones.received()) == (fault.how == "drop"), name
        if fault.how == "refuse" and fault.message not in NOBODY_KNOWS:
            outcome = "retry" if fault.message in WAITS else "refused"
            assert (sent.outcome, sent.reason) == (outcome, REASON_OF_WORD[fault.message])
        else:
            assert (sent.outcome, sent.reason) == ("unknown", "no_answer"), name
    town.providers.faults.plan("slack", slack.FAULTS["rate_limited"])
    assert (await town.send("slack", to=CUSTOMER)).retry_after == 1.0
    assert set(REASON_OF_WORD.values()) <= set(REASONS)
    for changes, reason in (({"to": "AMAZON"}, "invalid_recipient"), ({"text": ""}, "content_rejected")):
        assert (await town.send("slack", **({"to": CUSTOMER} | changes))).reason == reason


async def test_files_of_customers_need_the_token_and_the_scope(town: Town) -> None:
    fake, settings = town.providers.of(SlackFake), town.settings("slack")
    await fake.write(CUSTOMER, "Broken!", [("image/jpeg", b"\xff\xd8"), ("application/pdf", b"%PDF")])
    (message,) = (found for found in town.believed("slack") if isinstance(found, Inbound))
    assert message.text == "Broken!"
    for file, content in zip(message.attachments, (b"\xff\xd8", b"%PDF"), strict=True):
        assert (await town.fetch(ADAPTER.media(file, settings))).body == content
        unplaced = msgspec.structs.replace(file, url="")  # as in channels shared with another workspace
        place = await town.calls.send(ADAPTER.media(unplaced, settings))
        second = ADAPTER.media_next(place, unplaced, settings)
        assert second == ADAPTER.media(file, settings)
        fake.may_read_files = False
        page = await town.calls.send(second)
        fake.may_read_files = True
        with pytest.raises(ProviderTrouble, match="files:read"):
            ADAPTER.media_next(page, unplaced, settings)
    stranger = ADAPTER.media(Attachment(url="https://files.slack.com.example.com/x"), settings)
    assert not stranger.secrets
    assert ADAPTER.media(Attachment(url="https://files.slack.com/x"), settings).secrets
    lost = await town.calls.send(ADAPTER.media(Attachment(ref="F0"), settings))
    with pytest.raises(ProviderTrouble):
        ADAPTER.media_next(lost, Attachment(ref="F0"), settings)


async def test_people_come_with_name_language_and_email(town: Town) -> None:
    fake, settings = town.providers.of(SlackFake), town.settings("slack")
    await fake.write(CUSTOMER, "Hi", name="Aoife Byrne")
    fake.people[PERSON]["email"] = "aoife@example.com"
    (message,) = town.believed("slack")
    assert isinstance(message, Inbound)
    profile = await town.calls.perform(ADAPTER.look_up(message, settings))
    assert profile == Profile(
        name="Aoife Byrne",
        username=PERSON.lower(),
        avatar_url=f"{settings.api_url}/faces/{PERSON}",
        language="en",
        email="aoife@example.com",
    )
    fake.people.clear()
    assert await town.calls.perform(ADAPTER.look_up(message, settings)) == Profile()


async def test_wrong_credentials_are_told_by_the_body(town: Town) -> None:
    right = town.settings("slack")
    for settings, trouble in ((right, ""), (msgspec.structs.replace(right, bot_token="wrong"), "invalid_auth")):
        probe = ADAPTER.probe(settings)
        assert probe is not None
        answer = await town.calls.send(probe)
        assert (answer.status, ADAPTER.probed(answer, settings)) == (200, trouble)


async def test_slacks_own_sdk_takes_the_fake(town: Town) -> None:
    """It posts, uploads, looks up and reads errors; and it believes the fake's events."""
    fake, settings = town.providers.of(SlackFake), town.settings("slack")
    fake.people[PERSON] = {"real_name": "Aoife Byrne"}

    def work() -> None:
        client = WebClient(token=settings.bot_token, base_url=f"{settings.api_url}/")
        assert client.auth_test()["team_id"] == slack.TEAM
        assert client.chat_postMessage(channel=CUSTOMER, text="Hi")["ok"]
        client.files_upload_v2(channel=CUSTOMER, content=b"a;b", filename="3.csv", initial_comment="See")
        assert client.users_info(user=PERSON)["user"]["real_name"] == "Aoife Byrne"
        with pytest.raises(SlackApiError, match="user_not_found"):
            client.users_info(user="U0")
        with pytest.raises(SlackApiError, match="invalid_auth"):
            WebClient(token="wrong", base_url=f"{settings.api_url}/").auth_test()

    await asyncio.to_thread(work)
    assert [delivery.text for delivery in town.providers.phones.received(CUSTOMER)] == ["Hi", "See"]
    await fake.write(CUSTOMER, "Hi")
    (request,) = town.requests
    assert SignatureVerifier(settings.signing_secret).is_valid_request(request.body, dict(request.headers))


async def test_slack_tests_the_address_and_repeats_three_times(town: Town) -> None:
    fake = town.providers.of(SlackFake)
    assert not await fake.verify_address()
    request = town.requests.pop()
    answer = ADAPTER.handshake(request, town.settings("slack"))
    assert answer is not None
    assert answer.body in request.body.decode()
    town.answer = 500
    await fake.write(CUSTOMER, "Hi")
    assert [request.headers.get("x-slack-retry-num", "") for request in town.requests] == ["", "1", "2", "3"]
    assert len({message.provider_id for message in town.believed("slack") if isinstance(message, Inbound)}) == 1


def test_every_event_of_slacks_description_is_known(shared: Path) -> None:
    """Nothing that Slack describes waits for a person as an event nobody knows."""
    topics = json.loads((shared / "specs/slack/slack_events_api_async_v1.json").read_text("utf-8"))["topics"]
    others = {"app.rate.limited", "reaction.added", "reaction.removed", "url.verification", "app.mention"}
    kinds = {topic.replace(".", "_") for topic in topics if topic.partition(".")[0] != "message"}
    unknown = kinds - set(LEFT_ALONE) - {topic.replace(".", "_") for topic in others}
    assert not unknown


def test_a_byte_that_is_no_utf8_does_not_cost_the_words_of_a_block() -> None:
    assert block_words(b'[{"type":"section","text":{"type":"mrkdwn","text":"the caf\xe9 in Cork"}}]') == [
        "the caf\ufffd in Cork"
    ]
