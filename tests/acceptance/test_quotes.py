"""What customers refer to, end to end: their own words, the teammate's words, what they changed and took back."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

from leadline.sandbox.providers import Delivery
from tests.acceptance.conftest import Open
from tests.acceptance.town import APP_SECRET, Town, until

SENDER = "353861234567"


async def whatsapp(town: Town, number: str, **message: Any) -> None:
    """One message of any kind through Meta's webhook."""
    whole = {"from": SENDER, "id": number, "timestamp": str(int(time.time())), **message}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100", "phone_number_id": "111"},
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": SENDER}],
        "messages": [whole],
    }
    entry = {"id": "222", "changes": [{"field": "messages", "value": value}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    signature = "sha256=" + hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}
    url = f"{town.places.leadline}/in/{town.whatsapp.key}"
    async with town.http.post(url, data=body, headers=headers) as answer:
        assert answer.status == 200


async def texts(town: Town, count: int) -> list[str]:
    """All that stands in the one conversation, once there is so much."""

    async def there() -> list[str]:
        found = await town.threads()
        return next((each for each in found.values() if len(each) >= count), [])

    said: list[str] = await until(there)
    return said


async def test_a_quote_is_shown_with_the_words_of_either_side(open_town: Open) -> None:
    async with open_town() as town:
        await whatsapp(town, "wamid.1", type="text", text={"body": "Order 1001"})
        await texts(town, 1)
        (conversation,) = await town.threads()
        await town.teammate("reply", conversation, "Which size would you like?")

        async def sent() -> list[str]:
            return [delivery.message_id for delivery in town.providers.phones.received(SENDER)]

        (ours,) = await until(sent)
        await whatsapp(town, "wamid.2", type="text", text={"body": "Large"}, context={"id": ours})
        await whatsapp(town, "wamid.3", type="text", text={"body": "still open?"}, context={"id": "wamid.1"})
        await whatsapp(town, "wamid.4", type="text", text={"body": "and that?"}, context={"id": "wamid.unknown"})
        edit = {"original_message_id": "wamid.1", "message": {"type": "text", "text": {"body": "Order 1002"}}}
        await whatsapp(town, "wamid.5", type="edit", edit=edit)
        await whatsapp(town, "wamid.6", type="revoke", revoke={"original_message_id": "wamid.1"})
        await whatsapp(town, "wamid.7", type="reaction", reaction={"message_id": ours, "emoji": "👍"})
        assert (await texts(town, 8))[2:] == [
            "> You wrote: Which size would you like?\nLarge",
            "> They wrote: Order 1001\nstill open?",
            "> An earlier message\nand that?",
            "[Edited a message: “Order 1001”]\nOrder 1002",
            "[Took back a message: “Order 1001”]",
            "> You wrote: Which size would you like?\n[Reacted with 👍]",
        ]


async def test_the_advertisement_that_led_here_is_kept_on_the_contact(open_town: Open) -> None:
    async with open_town() as town:
        referral = {
            "source_id": "120210000001",
            "ctwa_clid": "ARAk-click",
            "headline": "Summer sale",
            "source_url": "https://fb.me/x",
        }
        await whatsapp(town, "wamid.1", type="text", text={"body": "Price?"}, referral=referral)
        line = "[From the advertisement: Summer sale https://fb.me/x (ad 120210000001)]"
        assert await texts(town, 1) == [f"Price?\n{line}"]

        async def kept() -> list[dict[str, Any]]:
            return [
                contact["custom_attributes"]
                for contact in await town.contacts()
                if contact["custom_attributes"].get("leadline_ad_id") == "120210000001"
            ]

        (attributes,) = await until(kept)
        assert attributes["leadline_ad_click_id"] == "ARAk-click"


async def test_a_teammates_quote_is_the_apps_own(open_town: Open) -> None:
    async with open_town() as town:
        await whatsapp(town, "wamid.1", type="text", text={"body": "Is the red one still there?"})
        await texts(town, 1)
        (conversation,) = await town.threads()

        async def sent(count: int) -> list[Delivery]:
            async def there() -> list[Delivery]:
                found = town.providers.phones.received(SENDER)
                return found if len(found) >= count else []

            found: list[Delivery] = await until(there)
            return found

        await town.teammate("reply", conversation, "> Is the red one still there?\nYes, two of them")
        (first,) = await sent(1)
        await town.teammate("reply", conversation, "> Yes, two of them\n\nOne by now")
        await town.teammate("reply", conversation, "> Nobody said that\nRight")
        await sent(3)
        assert [(one.text, one.quoted) for one in town.providers.phones.received(SENDER)] == [
            ("Yes, two of them", "wamid.1"),
            ("One by now", first.message_id),
            ("> Nobody said that\nRight", ""),
        ]
