"""Every channel end to end against its provider's fake: the same story for all, in one town."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, get_args, get_type_hints
from urllib.parse import quote

import aiohttp
import msgspec
import psycopg
import pytest
import pytest_asyncio
from psycopg.rows import dict_row

from leadline.app import open_leadline
from leadline.channels import channel, reasons
from leadline.channels.base import Channel, Request, secret_names
from leadline.connections.switchboard import connect
from leadline.engine.lanes import Arrival
from leadline.inbound.raw import raw_of
from leadline.intercom.inbox_app import line_words
from leadline.model import Attachment, TemplateUse
from leadline.outbound.outbox import Target
from leadline.outbound.sending import Content
from leadline.panel.facts import line_of
from leadline.people.profiles import kind_of
from leadline.sandbox.providers import FAKES, Fake, Fault, LineFake, Posted, Providers, SlackFake, accounts, create
from leadline.serving import serving
from leadline.stage.town import Places, connect_all, open_sandbox, town_settings
from leadline.store.channels import ChannelRow
from tests.acceptance.town import Town, until, vault_store
from tests.databases import Databases

pytestmark = pytest.mark.asyncio(loop_scope="module")
KEYS = sorted(FAKES)
CAN = {key: channel(key).abilities(FAKES[key].open_account("http://localhost")) for key in KEYS}
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
PASSING = re.compile(
    r"rate|auth|token|permission|queue|overload|unavailable|maintenance|error|wrong|busy|throttl|quota|down|temporar|too_many|flood|captcha"
)

SIGNED = re.compile(r"""(\b(?:sig|signature|msg_signature)"?[=:]"?)[^&"]+""")


class AllChannels(Town):
    """A town that has every channel."""

    rows: dict[str, ChannelRow]

    def fake(self, key: str) -> Fake[Any]:
        return self.providers.fakes[key]

    def customer(self, key: str, number: int) -> str:
        """Another one in each test of each channel: on phone channels one number would be one person."""
        return self.fake(key).customer(1 + KEYS.index(key) * 100 + number)

    async def stored(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Rows of Leadline's database."""
        async with await psycopg.AsyncConnection.connect(
            self.settings.database_url, autocommit=True, row_factory=dict_row
        ) as connection:
            found = await connection.execute(query.encode(), values)
            return await found.fetchall() if found.description else []

    async def arrived(self, text: str) -> dict[str, Any]:
        """Conversation and contact that a message with this text went to, once it is there."""

        async def there() -> list[dict[str, Any]]:
            return await self.stored(
                """
                select s.conversation_id, d.contact_id, d.code, a.handles from (
                    select *, content -> 'handles' as handles from arrival
                    where kind = 'message' and state = 'done' and content ->> 'text' = %s
                ) a
                join decision d using (workspace_id, arrival_id)
                join step s on s.workspace_id = a.workspace_id and s.owner = 'arrival:' || a.arrival_id
                """,
                text,
            )

        found: list[dict[str, Any]] = await until(there)
        return found[0]

    async def texts(self, conversation_id: str, kind: str = "comment") -> list[str]:
        """What stands in a conversation: what people wrote, or the notes."""
        full = await self.intercom("GET", f"/conversations/{conversation_id}?display_as=plaintext")
        parts = full["conversation_parts"]["conversation_parts"]
        notes = [part["body"] for part in parts if part["part_type"] == "note"]
        written = [part["body"] for part in parts if part["part_type"] != "note" and part["body"]]
        return notes if kind == "note" else [text.strip() for text in (full["source"]["body"], *written)]

    async def outbound(self, text: str) -> dict[str, Any]:
        rows = await self.stored("select * from outbound where message ->> 'text' = %s", text)
        return rows[0] if rows else {}

    async def again(self, posted: Posted, **changes: Any) -> int:
        """The same webhook once more, perhaps changed; returns the status answered."""
        changed = msgspec.structs.replace(posted, **changes)
        body, headers = changed.body or None, dict(changed.headers)
        async with self.http.request(changed.method, changed.url, data=body, headers=headers) as answer:
            return answer.status


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(databases: Databases, sandbox_databases: Databases) -> AsyncIterator[AllChannels]:
    """Sandbox, all fakes, Leadline with a channel at each."""
    with databases.lent() as url, sandbox_databases.lent() as sandbox_url:
        async with open_all(url, sandbox_url) as place:
            yield place


@asynccontextmanager
async def open_all(database_url: str, sandbox_url: str) -> AsyncIterator[AllChannels]:
    with Places(0) as places:
        settings = town_settings(database_url, places, retry_base=0.2)
        async with (
            aiohttp.ClientSession() as http,
            open_sandbox(sandbox_url, places),
            open_leadline(settings) as leadline,
        ):
            place = AllChannels(settings, places, http, vault_store(leadline))
            place.leadline = leadline
            place.providers = Providers(accounts(places.providers), pause=0.02)
            place.rows = await connect_all(place.store, "sandbox", places, place.providers)
            async with (
                serving(create(place.providers), places.sockets["providers"]),
                serving(leadline.asgi(with_worker=True), places.sockets["leadline"]),
            ):
                yield place


@pytest.mark.parametrize("key", KEYS)
async def test_first_message_makes_a_lead_and_all_others_of_the_sender_follow(town: AllChannels, key: str) -> None:
    sender, fake = town.customer(key, 1), town.fake(key)
    posted = await fake.write(sender, f"First on {key}", name="Ada")
    assert posted.status == channel(key).answer.status
    first = await town.arrived(f"First on {key}")
    lead = await town.intercom("GET", f"/contacts/{first['contact_id']}")
    assert (lead["role"], first["code"]) == ("lead", "new_lead")
    await fake.write(sender, f"Second on {key}", name="Ada")
    second = await town.arrived(f"Second on {key}")
    assert (second["contact_id"], second["conversation_id"]) == (first["contact_id"], first["conversation_id"])
    for _ in range(2):
        assert await town.again(posted) == posted.status, "a redelivery is answered as the first delivery was"
    await fake.write(sender, f"Third on {key}", name="Ada")
    await town.arrived(f"Third on {key}")
    assert await town.texts(first["conversation_id"]) == [f"{word} on {key}" for word in ("First", "Second", "Third")]


@pytest.mark.parametrize("key", [key for key in KEYS if CAN[key].signature != "none"])
async def test_an_unsigned_webhook_is_refused_and_not_kept(town: AllChannels, key: str) -> None:
    posted = await town.fake(key).write(town.customer(key, 2), f"Signed on {key}")
    await town.arrived(f"Signed on {key}")
    [before] = await town.stored("select count(*) as count from raw")
    assert await town.again(forged(posted, town.fake(key).settings, channel(key))) >= 400
    assert await town.stored("select count(*) as count from raw") == [before]


def forged(posted: Posted, settings: Any, adapter: Channel[Any]) -> Posted:
    """The same webhook by somebody who knows no secret: no signature in headers, address or body."""
    headers = {name: value for name, value in posted.headers.items() if name.lower() == "content-type"}
    body = SIGNED.sub(r"\1a-guess", posted.body.decode()).encode()
    for name, hint in get_type_hints(adapter.settings, include_extras=True).items():
        metas = [meta for meta in get_args(hint)[1:] if isinstance(meta, msgspec.Meta)]
        value = getattr(settings, name)
        if value and isinstance(value, str) and any((meta.extra or {}).get("secret") for meta in metas):
            body = body.replace(value.encode(), b"a-guess")
    return msgspec.structs.replace(posted, headers=headers, body=body, url=SIGNED.sub(r"\1a-guess", posted.url))


@pytest.mark.parametrize("key", KEYS)
async def test_a_reply_arrives_and_a_failed_one_leaves_a_note(town: AllChannels, key: str) -> None:
    sender, fake = town.customer(key, 3), town.fake(key)
    await fake.write(sender, f"Asking on {key}")
    conversation = (await town.arrived(f"Asking on {key}"))["conversation_id"]
    await town.teammate("reply", conversation, f"Answer on {key}")

    async def settled() -> bool:
        states = {"delivered", "read"} if CAN[key].statuses else {"sent"}
        return (await town.outbound(f"Answer on {key}")).get("state") in states

    await until(settled)
    assert [each.text for each in town.providers.phones.received() if f"Answer on {key}" in each.text] == [
        f"Answer on {key}"
    ]
    town.providers.faults.plan(key, final_fault(fake))
    await town.teammate("reply", conversation, f"Lost on {key}")

    async def told() -> list[str]:
        return await town.texts(conversation, "note")

    [note] = await until(told)
    assert note.startswith(f"“Lost on {key}” did not reach the customer: ")
    row = await town.outbound(f"Lost on {key}")
    assert row["state"] == "failed"
    assert reasons.sentence(row["reason"]) in note


def final_fault(fake: Fake[Any]) -> Fault:
    """A failure of this provider that no second try would mend."""
    known = fake.faults_known
    late = [fault for fault in known.values() if fault.how == "late"]
    refused = [fault for name, fault in known.items() if fault.how == "refuse" and not PASSING.search(name)]
    return (late or refused)[0]


@pytest.mark.parametrize("key", KEYS)
async def test_messages_follow_a_merged_lead(town: AllChannels, key: str) -> None:
    sender, fake = town.customer(key, 4), town.fake(key)
    await fake.write(sender, f"Before on {key}")
    before = await town.arrived(f"Before on {key}")
    user = await town.intercom("POST", "/contacts", {"role": "user", "external_id": f"user-of-{key}"})
    merge = {"from": before["contact_id"], "into": user["id"], "skip_duplicate_validation": True}
    await town.intercom("POST", "/contacts/merge", merge)
    await fake.write(sender, f"After on {key}")
    after = await town.arrived(f"After on {key}")
    assert (after["contact_id"], after["conversation_id"]) == (user["id"], before["conversation_id"])


@pytest.mark.parametrize("key", KEYS)
async def test_with_the_links_lost_the_next_message_finds_its_lead(town: AllChannels, key: str) -> None:
    sender, fake = town.customer(key, 5), town.fake(key)
    await fake.write(sender, f"Kept on {key}")
    kept = await town.arrived(f"Kept on {key}")
    await town.stored("delete from link where contact_id = %s", kept["contact_id"])
    await town.stored("delete from conversation where contact_id = %s", kept["contact_id"])
    await fake.write(sender, f"Found on {key}")
    found = await town.arrived(f"Found on {key}")
    assert found["contact_id"] == kept["contact_id"]
    assert found["code"] != "new_lead"


@pytest.mark.parametrize("key", [key for key in KEYS if CAN[key].media_in])
async def test_a_customers_picture_stands_in_the_conversation(town: AllChannels, key: str) -> None:
    await town.fake(key).write(town.customer(key, 6), f"Look on {key}", [("image/png", PICTURE)])
    conversation = (await town.arrived(f"Look on {key}"))["conversation_id"]

    async def files() -> list[dict[str, Any]]:
        full = await town.intercom("GET", f"/conversations/{conversation}")
        return [file for part in full["conversation_parts"]["conversation_parts"] for file in part["attachments"]]

    [file] = await until(files)
    async with town.http.get(file["url"]) as answer:
        assert await answer.read() == PICTURE


# -- what only some channels have -------------------------------------------------------------------------------------


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
    request = Request(method="POST", url="https://b.example.com/in/x", headers={"x": secret}, body=body, now=0.0)
    kept = raw_of(request, connected)
    assert (kept.body, kept.headers) == (b" ".join([b"[secret]"] * 5), {"x": "[secret]"})


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
    assert "same_email" in [reason.code for reason in suggestion.reasons]


@pytest.mark.parametrize("key", [key for key in KEYS if channel(key).phone_based])
async def test_a_contact_who_never_wrote_is_reached_by_phone(town: AllChannels, key: str) -> None:
    number = f"+35385{1_000_000 + KEYS.index(key)}"
    user = await town.intercom("POST", "/contacts", {"role": "user", "external_id": f"new-{key}", "phone": number})
    reaches = await town.leadline.reaches.of_contact("sandbox", user["id"])
    reach = next(each for each in reaches if each.provider == key)
    text, use = f"Begun on {key}", None
    if CAN[key].window is not None:
        assert reach.window_left == 0
        templates = await town.leadline.reaches.templates("sandbox", reach.channel_id)
        template = min(templates, key=lambda each: len(each.variables))
        values = tuple(f"{key}-{number}" for number, _ in enumerate(template.variables))
        use, text = TemplateUse(name=template.name, language=template.language, values=values), template.filled(values)
    conversation = await town.leadline.proactive.begin(
        "sandbox",
        reach,
        text="" if use else text,
        template=use,
        author="Ann",
        open_conversation=True,
        contact_id=user["id"],
    )

    async def settled() -> list[dict[str, Any]]:
        rows = await town.stored("select * from outbound where conversation_id = %s", conversation)
        return [row for row in rows if row["state"] not in ("queued", "sending")]

    [row] = await until(settled)
    assert row["state"] in ("sent", "delivered", "read"), (row["reason"], row["code"], row["detail"])
    digits = [re.sub(r"\D", "", each.to) for each in town.providers.phones.received()]
    assert number[1:] in digits


LEAVING = {"line": "block", "viber": "leave", "vk": "deny", "wechat": "leave"}
"""How customers of these channels refuse messages, as their fakes call it."""


@pytest.mark.parametrize("key", LEAVING)
async def test_who_left_is_not_written_to_until_they_write_again(town: AllChannels, key: str) -> None:
    sender, fake = town.customer(key, 11), town.fake(key)
    await fake.write(sender, f"Leaving {key}")
    conversation = (await town.arrived(f"Leaving {key}"))["conversation_id"]
    await getattr(fake, LEAVING[key])(sender)

    async def heard() -> list[dict[str, Any]]:
        return await town.stored(
            "select state from arrival where kind = 'consent' and content ->> 'sender' = %s", sender
        )

    async def fate(text: str) -> tuple[str, str]:
        async def settled() -> dict[str, Any]:
            row = await town.outbound(text)
            return row if row.get("state") in ("failed", "sent", "delivered", "read") else {}

        row = await until(settled)
        return row["state"], row["reason"]

    async def kept() -> bool:
        return [row["state"] for row in await heard()] == ["done"]

    await until(kept)
    await town.teammate("reply", conversation, f"Too late on {key}")
    assert await fate(f"Too late on {key}") == ("failed", "blocked_by_customer")
    await fake.write(sender, f"Back on {key}")
    await town.arrived(f"Back on {key}")
    await town.teammate("reply", conversation, f"Welcome back on {key}")
    assert (await fate(f"Welcome back on {key}"))[0] != "failed"
    assert [each.text for each in town.providers.phones.received(sender)] == [f"Welcome back on {key}"]
