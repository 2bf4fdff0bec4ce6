"""Every channel end to end against its provider's fake: the same story for all, in one town."""

from __future__ import annotations

import re
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from leadline.channels import channel, reasons
from leadline.channels.base import Channel
from leadline.model import TemplateUse
from leadline.sandbox.providers import Fake, Fault, Posted
from tests.acceptance.all_channels import CAN, KEYS, PICTURE, AllChannels
from tests.acceptance.all_channels import town as town
from tests.acceptance.town import until

PASSING = re.compile(
    r"rate|auth|token|permission|queue|overload|unavailable|maintenance|error|wrong|busy|throttl|quota|down|temporar|too_many|flood|captcha"
)


def few(keys: list[str]) -> list[Any]:
    """What is the same engine's on every channel: `make test` plays it on three of these, `make check` on all."""
    return [
        key if key in {"twilio_sms", "whatsapp_cloud", "telegram"} else pytest.param(key, marks=pytest.mark.long)
        for key in keys
    ]


SIGNED = re.compile(r"""(\b(?:sig|signature|msg_signature)"?[=:]"?)[^&"]+""")


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


@pytest.mark.parametrize("key", few(KEYS))
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


@pytest.mark.parametrize("key", few(KEYS))
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


@pytest.mark.parametrize("key", few([key for key in KEYS if CAN[key].media_in]))
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


@pytest.mark.parametrize("key", few([key for key in KEYS if channel(key).phone_based]))
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
async def test_a_customer_who_left_gets_no_messages_until_they_write_again(town: AllChannels, key: str) -> None:
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
