"""A town for the acceptance tests: sandbox in this process, Leadline in this process or in one that can be killed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
import psycopg

from leadline.app import Leadline
from leadline.channels.settings import Settings as ChannelSettings
from leadline.channels.twilio.account import TwilioSettings
from leadline.channels.whatsapp.cloud import WhatsAppSettings
from leadline.sandbox.providers import Providers
from leadline.settings import Settings
from leadline.stage.town import HOST, TOKEN, Places, connect_all
from leadline.store.channels import ChannelRow, ChannelStore
from leadline.store.opened import vault_of

AUTH_TOKEN = "made-up-auth-token"
APP_SECRET = "made-up-app-secret"
METRICS_TOKEN = "made-up-metrics-token"
MEASURING = {"Authorization": f"Bearer {METRICS_TOKEN}"}


class Town:
    """What the tests hold: addresses, an HTTP session, the two channels."""

    def __init__(self, settings: Settings, places: Places, http: aiohttp.ClientSession, store: ChannelStore) -> None:
        self.settings = settings
        self.places = places
        self.http = http
        self.store = store
        self.sms: ChannelRow
        self.whatsapp: ChannelRow
        self.providers: Providers
        self.leadline: Leadline

    async def connect(self, workspace_id: str = "sandbox") -> Self:
        """Connect an SMS and a WhatsApp channel whose providers are the fakes."""
        self.providers = Providers(provider_accounts(self.places), pause=0.02)
        rows = await connect_all(self.store, workspace_id, self.places, self.providers)
        self.sms, self.whatsapp = rows["twilio_sms"], rows["whatsapp_cloud"]
        return self

    async def sms_in(self, sender: str, text: str, number: int, **extra: str) -> int:
        """A Twilio webhook, signed; `number` makes the MessageSid. Returns the status answered."""
        fields = {
            "MessageSid": f"SM{number:032d}",
            "AccountSid": "AC" + "0" * 32,
            "From": sender,
            "To": "+14155550100",
            "Body": text,
            "NumMedia": "0",
        } | extra
        url = f"{self.places.leadline}/in/{self.sms.key}"
        canonical = url + "".join(name + fields[name] for name in sorted(fields))
        digest = hmac.new(AUTH_TOKEN.encode(), canonical.encode(), hashlib.sha1).digest()
        headers = {
            "X-Twilio-Signature": base64.b64encode(digest).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        async with self.http.post(url, data=urlencode(fields), headers=headers) as answer:
            return answer.status

    async def whatsapp_in(self, *messages: tuple[str, str, str]) -> int:
        """A Meta webhook with (sender digits, text, id) messages in one signed POST."""
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550100", "phone_number_id": "111"},
            "contacts": [{"profile": {"name": f"Name {d}"}, "wa_id": d} for d in {m[0] for m in messages}],
            "messages": [
                {"from": d, "id": i, "timestamp": str(int(time.time())), "type": "text", "text": {"body": t}}
                for d, t, i in messages
            ],
        }
        change = {"field": "messages", "value": value}
        body = json.dumps(
            {"object": "whatsapp_business_account", "entry": [{"id": "222", "changes": [change]}]}
        ).encode()
        signature = "sha256=" + hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
        url = f"{self.places.leadline}/in/{self.whatsapp.key}"
        headers = {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}
        async with self.http.post(url, data=body, headers=headers) as answer:
            return answer.status

    async def intercom(self, method: str, path: str, body: Any = None) -> Any:
        """A call to the sandbox, as anybody with the token could make it."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Intercom-Version": "2.16"}
        async with self.http.request(method, f"{self.places.sandbox}{path}", json=body, headers=headers) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def contacts(self) -> list[dict[str, Any]]:
        return list((await self.intercom("GET", "/contacts?per_page=150"))["data"])

    async def people_with(self, *phones: str) -> list[dict[str, Any]]:
        return [c for c in await self.contacts() if (c["phone"] or "").replace(" ", "") in phones]

    async def threads(self) -> dict[str, list[str]]:
        """Every conversation's texts in order, by id."""
        listed = (await self.intercom("GET", "/conversations?per_page=150"))["conversations"]
        found = {}
        for item in listed:
            full = await self.intercom("GET", f"/conversations/{item['id']}?display_as=plaintext")
            parts = full["conversation_parts"]["conversation_parts"]
            texts = [full["source"]["body"], *(part["body"] for part in parts if part["body"])]
            found[item["id"]] = [text.strip() for text in texts]
        return found

    async def fault(self, **rule: Any) -> None:
        """The next calls to Intercom fail, wait or break, as the sandbox's rules say."""
        await self.intercom("POST", "/_sandbox/faults", rule)

    async def held(self) -> bool:
        """Whether a call to Intercom stands still now because of a fault with a delay."""
        return bool((await self.intercom("GET", "/_sandbox/faults"))["held"])

    async def at_rest(self) -> None:
        """Wait until nothing is under way: every webhook was delivered, and what came of it was worked on.

        Two looks in a row must see the same, because work goes back and forth between those that are asked.
        """
        seen: list[int] = []

        async def nothing_new() -> bool:
            await self.providers.courier.settle()
            seen.append(await self._arrivals() if await self._told_everything() else -1)
            return seen[-1] >= 0 and seen[-2:-1] == seen[-1:]

        await until(nothing_new)

    async def _told_everything(self) -> bool:
        listed = (await self.intercom("GET", "/_sandbox/webhooks?limit=10000"))["webhooks"]
        return all(each["state"] != "pending" for each in listed)

    async def _arrivals(self) -> int:
        """How many there are; -1 while one of them waits."""
        question = b"select count(*) as n, count(*) filter (where state = 'waiting') as waiting from arrival"
        async with await psycopg.AsyncConnection.connect(self.settings.database_url) as connection:
            row = await (await connection.execute(question)).fetchone()
        assert row is not None
        count, waiting = row
        return -1 if waiting else int(count)

    async def teammate(self, action: str, conversation_id: str, body: str, **more: Any) -> Any:
        fields = {"action": action, "conversation_id": conversation_id, "body": body} | more
        return await self.intercom("POST", "/_sandbox/teammate", fields)


async def until(check: Callable[[], Awaitable[Any]], seconds: float = 150.0) -> Any:
    """Wait until the check is true; returns what it returned. seconds: what a very busy machine needs, and more."""
    end = time.monotonic() + seconds
    while not (result := await check()):
        assert time.monotonic() < end, "did not happen in time"
        await asyncio.sleep(0.1)
    return result


def provider_accounts(places: Places) -> dict[str, ChannelSettings]:
    """The accounts at the fakes, with credentials that the tests can look for."""
    twilio = TwilioSettings(
        account_sid="AC" + "0" * 32,
        auth_token=AUTH_TOKEN,
        number="+14155550100",
        api_url=f"{places.providers}/twilio_sms",
    )
    meta = WhatsAppSettings(
        phone_number_id="111",
        business_account_id="222",
        access_token="made-up-access-token",
        app_secret=APP_SECRET,
        verify_token="made-up-verify-token",
        display_number="+15550100",
        api_url=f"{places.providers}/whatsapp_cloud",
    )
    return {"twilio_sms": twilio, "whatsapp_cloud": meta}


def vault_store(leadline: Leadline) -> ChannelStore:
    return ChannelStore(leadline.database, vault_of(leadline.settings))


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


__all__ = ["HOST", "Town", "port_of", "until", "vault_store"]
