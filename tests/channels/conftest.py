"""The fakes of all channels with payload files, served, and a place that gets their webhooks."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from leadline.channels import channel
from leadline.channels.exchange import Call, Request, Response
from leadline.connections.provider_calls import ProviderCalls
from leadline.model import Attachment, DeliveryState, Inbound, Outbound, Sent, StatusUpdate
from leadline.sandbox.providers import FAKES, Fault, Providers, create
from leadline.serving import address, bind, serving

from .wire import settings_of

CUSTOMER = "+353888888999"


class Town:
    """The fakes, a place that gets their webhooks, and Leadline's way to call them."""

    def __init__(self, providers: Providers, calls: ProviderCalls, session: aiohttp.ClientSession) -> None:
        self.providers = providers
        self.calls = calls
        self.session = session
        self.url = ""
        self.answer = 200
        self.body = ""
        self.files: dict[str, Response] = {}
        self.requests: list[Request] = []

    async def receive(self, http: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in http.headers.items()}
        body = await http.read()
        request = Request(method=http.method, url=str(http.url), headers=headers, body=body, now=time.time())
        self.requests.append(request)
        return web.Response(status=self.answer, text=self.body)

    def settings(self, key: str) -> Any:
        return self.providers.fakes[key].settings

    async def send(self, key: str, **message: Any) -> Sent:
        """One message, through the adapter and a socket."""
        to = CUSTOMER if key in ("twilio_sms", "africastalking", "bird", "telnyx") else CUSTOMER[1:]
        values = {"id": "0194a.1", "to": to, "text": "Hi", "status_url": f"{self.url}/status"}
        steps = channel(key).send(Outbound(**(values | message)), self.settings(key))
        return await self.calls.perform(steps, fetch=self.teammates_file)

    async def teammates_file(self, attachment: Attachment) -> Response:
        """What a teammate attached, where a test has put it into `files`."""
        return self.files.get(attachment.url, Response(status=404))

    def believed(self, key: str) -> list[Inbound | StatusUpdate]:
        """Everything that came in, verified and parsed by the adapter."""
        found: list[Inbound | StatusUpdate] = []
        for request in self.requests:
            channel(key).verify(request, self.settings(key))
            parsed = channel(key).parse(request, self.settings(key))
            assert not parsed.unread
            found += [*parsed.messages, *parsed.statuses]
        return found

    async def check_failure(self, key: str, fault: Fault) -> None:
        """Taken or not, as the fake knows; told or not, as the adapter believes: they never contradict each other."""
        await self.providers.courier.settle()
        earlier = len(self.providers.phones.received())
        self.providers.faults.plan(key, fault)
        sent = await self.send(key)
        await self.providers.courier.settle()
        taken = len(self.providers.phones.received()) > earlier
        allowed = {"accepted"} if fault.how == "late" else {"unknown"} if taken else {"refused", "retry", "unknown"}
        assert taken == (fault.how in ("late", "drop"))
        assert sent.outcome in allowed
        assert fault.how != "refuse" or sent.code == fault.adapter_code
        if fault.how == "late":
            last = self.believed(key)[-1]
            assert isinstance(last, StatusUpdate)
            assert (last.state, bool(last.reason)) == (DeliveryState.FAILED, True)
            assert not (fault.code or fault.word) or last.code == fault.adapter_code
        assert (await self.send(key)).outcome == "accepted"

    async def check_probe(self, key: str, wrong: Any) -> None:
        """The provider answers 401 with wrong credentials, and 200 with the account's own."""
        for settings, status in ((wrong, 401), (self.settings(key), 200)):
            probe = channel(key).probe(settings)
            assert probe is not None
            assert (await self.calls.send(probe)).status == status

    async def fetch(self, call: Call) -> Response:
        headers = {**call.headers, **call.secrets}
        async with self.session.request(call.method, call.url, headers=headers) as answer:
            return Response(status=answer.status, body=await answer.read(), headers={"type": answer.content_type})


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """Accounts at the fakes are those of the payload files."""
    listener = bind("127.0.0.1", 0)
    base = address(listener)
    accounts = {key: settings_of(key, api_url=f"{base}/{key}") for key in FAKES}
    meta = accounts["whatsapp_cloud"]
    accounts["whatsapp_cloud"] = msgspec.structs.replace(meta, app_secret="made-up-app-secret")
    providers = Providers(accounts, pause=0.0)
    calls = ProviderCalls(timeout=30.0)
    async with serving(create(providers), listener), aiohttp.ClientSession() as session:
        place = Town(providers, calls, session)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", place.receive)
        async with TestServer(app) as server:
            place.url = str(server.make_url("")).rstrip("/")
            for fake in providers.fakes.values():
                fake.webhook_url, fake.status_url = f"{place.url}/in", f"{place.url}/status"
            yield place
            await providers.courier.settle()
    await calls.close()
