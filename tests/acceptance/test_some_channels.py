"""What only some channels do, end to end: references, links instead of files, prices, windows, pictures, secrets."""

from __future__ import annotations

import base64
import json
import re
import time
from functools import partial
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec
import pytest

from leadline.channels.exchange import Request
from leadline.channels.settings import secret_names
from leadline.connections.switchboard import connect
from leadline.engine.lanes import Arrival
from leadline.inbound.raw import place_of, raw_of
from leadline.intercom.inbox_app import line_words
from leadline.model import Attachment
from leadline.outbound.outbox import Target
from leadline.outbound.planning import Content
from leadline.panel.facts import line_of
from leadline.people.profiles import kind_of
from leadline.sandbox.providers import LineFake, SlackFake
from tests.acceptance.all_channels import KEYS, PICTURE, AllChannels
from tests.acceptance.all_channels import town as town
from tests.acceptance.town import until


def put(arrived_at: float, attempts: int = 0) -> Arrival:
    """An arrival as a worker takes it up."""
    return Arrival(
        workspace_id="sandbox",
        arrival_id=0,
        channel_id=None,
        kind="notification",
        lane="",
        content=None,
        attempts=attempts,
        arrived_at=arrived_at,
        waited=max(0.0, time.time() - arrived_at),
    )


async def target_of(town: AllChannels, conversation: str) -> Target:
    [row] = await town.stored("select * from conversation where conversation_id = %s", conversation)
    fields = ("workspace_id", "channel_id", "handle", "sender", "conversation_id", "contact_id")
    return Target(**{name: row[name] for name in fields})


PICTURED = [key for key in ("line", "viber", "vk", "slack") if key in KEYS]


@pytest.mark.parametrize("key", PICTURED)
async def test_a_new_lead_has_a_picture_at_an_address_of_ours(town: AllChannels, key: str) -> None:
    await town.fake(key).write(town.customer(key, 17), f"My face on {key}", name="Ada Lovelace")
    arrived = await town.arrived(f"My face on {key}")
    lead = await town.intercom("GET", f"/contacts/{arrived['contact_id']}")
    picture = lead["avatar"]["image_url"] if isinstance(lead["avatar"], dict) else lead["avatar"]
    assert lead["name"] == "Ada Lovelace"
    assert picture.startswith(f"{town.places.leadline}/avatars/")
    async with town.http.get(picture) as answer:
        assert answer.status == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert kind_of(await answer.read()) == answer.content_type
    async with town.http.get(f"{town.places.leadline}/avatars/{'0' * 32}") as answer:
        assert answer.status == 404


async def test_a_reference_to_the_customers_message_is_used_once_and_only_on_the_first_piece(
    town: AllChannels,
) -> None:
    sender, fake = town.customer("line", 18), town.fake("line")
    await fake.write(sender, "May I ask?")
    conversation = (await town.arrived("May I ask?"))["conversation_id"]
    for text in ("By reference", "By push"):
        await town.teammate("reply", conversation, text)

        async def sent(text: str = text) -> bool:
            return (await town.outbound(text)).get("state") in ("sent", "delivered", "read")

        await until(sent)
    used = [bool((await town.outbound(text))["message"].get("reply_ref")) for text in ("By reference", "By push")]
    assert used == [True, False]
    assert [each.text for each in town.providers.phones.received() if each.text.startswith("By ")] == [
        "By reference",
        "By push",
    ]


@pytest.mark.parametrize(("key", "last", "state"), [("line", "sent", "sent"), ("twilio_sms", "delivered", "unknown")])
async def test_a_send_that_a_crash_cut_off_is_repeated_only_where_that_makes_one_message(
    town: AllChannels, key: str, last: str, state: str
) -> None:
    await town.fake(key).write(town.customer(key, 9), f"Cut off on {key}")
    conversation = (await town.arrived(f"Cut off on {key}"))["conversation_id"]
    await town.stored("update conversation set reply_ref = '' where conversation_id = %s", conversation)
    target, content = await target_of(town, conversation), Content(text=f"Twice on {key}")
    send = partial(town.leadline.sending.send, target=target, part_id="p-1", content=content, author="Ann")
    await send(put(time.time()))

    async def all_told() -> bool:
        """Nothing more will be heard of it: whatever came after the crash would tell the truth and hide what we see."""
        return bool((await town.outbound(content.text))["state"] == last)

    await until(all_told)
    await town.stored("update outbound set state = 'sending' where message ->> 'text' = %s", content.text)
    await send(put(time.time(), attempts=1))
    assert (await town.outbound(content.text))["state"] == state
    assert len([each for each in town.providers.phones.received() if each.text == content.text]) == 1


async def test_a_teammates_file_is_uploaded_and_its_expired_address_renewed(town: AllChannels) -> None:
    await town.fake("telegram").write(town.customer("telegram", 10), "Send me the map")
    conversation = (await town.arrived("Send me the map"))["conversation_id"]
    file = {"name": "map.png", "content_type": "image/png", "data": base64.b64encode(PICTURE).decode()}
    await town.teammate("reply", conversation, "The map", attachment_files=[file])

    async def there() -> list[Any]:
        return [each for each in town.providers.phones.received() if each.text == "The map" and each.media]

    assert len(await until(there)) == 1

    async def taken() -> dict[str, Any]:
        row = await town.outbound("The map")
        return row if row.get("state") in ("sent", "delivered", "read") else {}

    sent = await until(taken)
    await town.stored("delete from outbound where outbound_id = %s", sent["outbound_id"])
    stale = [
        msgspec.structs.replace(each, url=each.url.partition("?")[0] + "?expires=1&signature=0")
        for each in msgspec.convert(sent["message"]["attachments"], list[Attachment])
    ]
    content, target = Content(text="The map", attachments=tuple(stale)), await target_of(town, conversation)
    await town.leadline.sending.send(put(time.time() - 3600), target, sent["part_id"], content, author="Ann")
    assert len(await there()) == 2


async def test_a_file_that_goes_out_as_a_link_can_be_opened_later(town: AllChannels) -> None:
    await town.fake("vonage_sms").write(town.customer("vonage_sms", 12), "Where is it?")
    conversation = (await town.arrived("Where is it?"))["conversation_id"]
    file = {"name": "way.png", "content_type": "image/png", "data": base64.b64encode(PICTURE).decode()}
    await town.teammate("reply", conversation, "", attachment_files=[file])

    async def links() -> list[str]:
        texts = [each.text for each in town.providers.phones.received() if each.text.startswith("way.png: ")]
        return [text.removeprefix("way.png: ") for text in texts]

    [link] = await until(links)
    assert re.fullmatch(re.escape(town.places.leadline) + "/files/[0-9a-f]{32}", link)
    async with town.http.get(link, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["referrer-policy"]) == (302, "no-referrer")
        assert answer.headers["location"].startswith(town.places.sandbox)
    async with town.http.get(link) as answer:
        assert await answer.read() == PICTURE
    await town.intercom("DELETE", f"/conversations/{conversation}")
    for gone in (link, f"{town.places.leadline}/files/{'0' * 32}"):
        async with town.http.get(gone) as answer:
            assert answer.status == 404


async def test_no_credential_is_kept_with_the_webhooks(town: AllChannels) -> None:
    """Also where a provider puts it into a header or the body."""
    for key in KEYS:
        await town.fake(key).write(town.customer(key, 7), f"Hidden on {key}")
    rows = await town.stored("select url, headers, body from raw")
    assert len(rows) >= len(KEYS)
    kept = "\n".join(f"{row['url']} {row['headers']} {bytes(row['body'])!r}" for row in rows)
    for key in KEYS:
        settings = town.fake(key).settings
        values = [getattr(settings, name) for name in secret_names(settings)]
        assert not [value for value in values if value and value in kept], key


@pytest.mark.parametrize(
    "secret",
    ["a/b+c=d e&f", 'quo"ted\\back', "schlüssel-ключ", "plain-and-simple"],
    ids=["form", "json", "letters", "plain"],
)
async def test_a_credential_is_hidden_however_the_body_writes_it(town: AllChannels, secret: str) -> None:
    row = town.rows["vk"]
    connected = connect(msgspec.structs.replace(row, settings={**row.settings, "secret_key": secret}))
    escaped = json.dumps(secret)[1:-1]
    writings = (
        secret,
        escaped,
        escaped.replace("/", r"\/"),
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe=""),
    )
    body = " ".join(writings).encode()
    url = f"https://b.example.com/in/x?token={quote(secret, safe='')}&plus={quote_plus(secret)}&text=hi"
    headers = {"x": secret, "y": f"t={quote(secret, safe='')}", "z": "hi"}
    request = Request(method="POST", url=url, headers=headers, body=body, now=0.0)
    kept = raw_of(request, connected)
    assert (kept.body, kept.headers) == (b" ".join([b"[secret]"] * 5), {"x": "[secret]", "y": "[secret]", "z": "hi"})
    assert kept.url == "https://b.example.com/in/x?token=[secret]&plus=[secret]&text=hi"
    assert place_of(request, connected) == kept.url


async def test_a_reply_that_viber_would_charge_for_is_held_back_and_told(town: AllChannels) -> None:
    sender, fake = town.customer("viber", 11), town.fake("viber")
    await fake.write(sender, "Until tomorrow")
    conversation = (await town.arrived("Until tomorrow"))["conversation_id"]
    late = "update conversation set last_inbound_at = now() - interval '25 hours' where conversation_id = %s"
    await town.stored(late, conversation)
    await town.teammate("reply", conversation, "Too late for nothing")

    async def told() -> list[str]:
        return await town.texts(conversation, "note")

    [note] = await until(told)
    assert note.startswith("“Too late for nothing” was not sent: ")
    assert not town.providers.phones.received(sender)


async def test_line_is_answered_for_free_while_its_token_is_fresh(town: AllChannels) -> None:
    """And pictures sent together are one message there."""
    sender, fake = town.customer("line", 8), town.providers.of(LineFake)
    await fake.write(sender, "", [("image/png", PICTURE), ("image/png", PICTURE[::-1])])
    await fake.write(sender, "Do you see them?")
    conversation = (await town.arrived("Do you see them?"))["conversation_id"]
    full = await town.intercom("GET", f"/conversations/{conversation}")
    first, second = full["conversation_parts"]["conversation_parts"]
    assert [len(first["attachments"]), second["body"]] == [2, "<p>Do you see them?</p>"]
    pushed = fake.pushed
    for number, used in ((1, 0), (2, 1)):
        await town.teammate("reply", conversation, f"Yes, answer {number}")

        async def sent(text: str = f"Yes, answer {number}") -> bool:
            return (await town.outbound(text)).get("state") == "sent"

        await until(sent)
        assert fake.pushed - pushed == used
    assert [each.text for each in town.providers.phones.received(sender)] == ["Yes, answer 1", "Yes, answer 2"]


async def test_a_teammate_sees_how_many_replies_wechat_still_takes(town: AllChannels) -> None:
    sender, fake = town.customer("wechat", 10), town.fake("wechat")

    async def left() -> str:
        reach = await town.leadline.reaches.of_conversation("sandbox", conversation)
        assert reach is not None
        return line_words(line_of(reach)).partition(", ")[2]

    async def answered(text: str) -> None:
        await town.teammate("reply", conversation, text)

        async def sent() -> bool:
            return (await town.outbound(text)).get("state") == "sent"

        await until(sent)

    await fake.write(sender, "How many answers do I get?")
    conversation = (await town.arrived("How many answers do I get?"))["conversation_id"]
    assert await left() == "5 of 5 replies left"
    await answered("One of five")
    await answered("Two of five")
    assert await left() == "3 of 5 replies left"
    aged = "update outbound set created_at = created_at - interval '1 minute' where conversation_id = %s"
    await town.stored(aged, conversation)  # WeChat tells the time of a message in whole seconds
    await fake.write(sender, "And now?")
    await town.arrived("And now?")
    assert await left() == "5 of 5 replies left"


async def test_an_email_that_slack_names_is_a_suggestion_and_no_match(town: AllChannels) -> None:
    sender, fake = town.customer("slack", 9), town.providers.of(SlackFake)
    known = {"role": "user", "email": "nora.slack@example.com", "external_id": "nora-of-slack"}
    user = await town.intercom("POST", "/contacts", known)
    fake.people[fake.person_of(sender)] = {"real_name": "Nora S", "email": "Nora.Slack@example.com"}
    await fake.write(sender, "It is me")
    arrived = await town.arrived("It is me")
    lead = await town.intercom("GET", f"/contacts/{arrived['contact_id']}")
    assert (arrived["code"], lead["role"], lead["name"], lead["email"]) == ("new_lead", "lead", "Nora S", None)
    assert lead["custom_attributes"]["slack_email"] == "Nora.Slack@example.com"
    [suggestion] = await town.leadline.suggestions.of("sandbox", lead["id"])
    assert suggestion.contact.contact_id == user["id"]
    assert "same_email" in [each.code for each in suggestion.likely.score.evidence]
