"""A stand-in for Vonage's SMS API, and Vonage's side of webhooks. Mounted by `create`.

Source: Vonage's SMS API description 1.0.10 and its pages on webhooks and signatures, November 2026.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import basic_auth, first_of, same, urlencoded, with_query
from leadline.channels.text import segments
from leadline.channels.vonage.codes import STATES
from leadline.channels.vonage.signature import signature_of
from leadline.channels.vonage.sms import VonageSMSSettings
from leadline.model import DeliveryState
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake
from leadline.sandbox.providers.faults import Fault, planned
from leadline.sandbox.providers.phones import Delivery

PROVIDER = "vonage_sms"
TRIES = 5  # Vonage goes on for 24 hours; a sandbox need not
FAULTS = {
    "throttled": Fault(status=200, code=1, message="Throughput Rate Exceeded - please wait [ 250 ] and retry"),
    "wrong_secret": Fault(status=200, code=4, message="Bad Credentials"),
    "internal_error": Fault(status=200, code=5, message="Internal Error"),
    "unroutable": Fault(status=200, code=6, message="Unroutable message - rejected"),
    "number_barred": Fault(status=200, code=7, message="Number barred"),
    "account_barred": Fault(status=200, code=8, message="Partner account barred"),
    "no_credit": Fault(status=200, code=9, message="Quota Exceeded - rejected"),
    "too_many_binds": Fault(status=200, code=10, message="Too many existing binds"),
    "bad_sender": Fault(status=200, code=15, message="Invalid sender address"),
    "demo_account": Fault(status=200, code=29, message="Non White-listed Destination - rejected"),
    "number_gone": Fault(status=200, code=33, message="Number de-activated"),
    "server_error": Fault(how="down", status=500),
    "unavailable": Fault(how="down", status=503),
    "lost_answer": Fault(how="drop"),
    "absent": Fault(how="late", code=3, message="Absent subscriber - permanent"),
    "barred_by_customer": Fault(how="late", code=4, message="Call barred by user"),
    "spam": Fault(how="late", code=6, message="Anti-spam rejection"),
    "opted_out": Fault(how="late", code=9, message="Illegal number"),
    "general_error": Fault(how="late", code=99, message="General error"),
}


class VonageSMSFake(Fake[VonageSMSSettings]):
    """Vonage as one account sees it. `sends_as` is the account's setting for webhooks."""

    key: ClassVar[str] = PROVIDER
    faults_known: ClassVar[dict[str, Fault]] = FAULTS
    sends_as: Literal["json", "form", "query"] = "json"
    _reference = 0

    @classmethod
    def open_account(cls, url: str) -> VonageSMSSettings:
        """A British number of a new account whose webhooks are signed."""
        return VonageSMSSettings(
            api_key=secrets.token_hex(4),
            api_secret=secrets.token_hex(8),
            number="+447700900000",
            signature_secret=secrets.token_hex(16),
            signature_method="sha256",
            api_url=url,
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """An Irish mobile, without a plus."""
        return f"35387{number:07d}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [
            Route("/account/get-balance", self.balance, methods=["GET"]),
            Route("/sms/json", self.send, methods=["POST"]),
        ]

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes: a long text comes in parts, the last one first.

        SMS carries neither files nor names, so `media` and `name` go nowhere.
        """
        for fields in reversed(self.inbound(sender.lstrip("+"), text)):
            posted = await self._bring(self.webhook_url, fields)
        return posted

    def inbound(self, sender: str, text: str) -> list[dict[str, str]]:
        """The fields of the webhooks of one SMS, one for each part."""
        parts = list(_parts(text))
        self._reference = (self._reference + 1) % 256
        long = {"concat": "true", "concat-ref": str(self._reference), "concat-total": str(len(parts))}
        head = {"api-key": self.settings.api_key, "msisdn": sender, "to": self._number, "message-timestamp": _now()}
        return [
            head
            | {"messageId": _message_id(), "text": part, "type": "text" if part.isascii() else "unicode"}
            | {"keyword": (part.split() or [""])[0].upper()}
            | (long | {"concat-part": str(place)} if len(parts) > 1 else {})
            for place, part in enumerate(parts, 1)
        ]

    def receipt(self, message_id: str, *, to: str, state: str, code: int = 0, reference: str = "") -> dict[str, str]:
        """The fields of a delivery receipt for one part."""
        return {
            "msisdn": to,
            "to": self.settings.sender or self._number,
            "network-code": "27201",
            "messageId": message_id,
            "price": "0.03330000",
            "status": state,
            "scts": time.strftime("%y%m%d%H%M", time.gmtime()),
            "err-code": str(code),
            "api-key": self.settings.api_key,
            "message-timestamp": _now(),
        } | ({"client-ref": reference} if reference else {})

    def signed(self, fields: Mapping[str, str]) -> dict[str, str]:
        """The fields with time, nonce and `sig`, where the account signs."""
        if not self.settings.signature_secret:
            return dict(fields)
        whole = dict(fields) | {"timestamp": str(int(time.time())), "nonce": str(uuid.uuid4())}
        return whole | {
            "sig": signature_of(whole, self.settings.signature_secret, self.settings.signature_method).upper()
        }

    async def balance(self, request: Request) -> Response:
        if not self._is_ours(request, {}):
            return JSONResponse({"error-code": "401", "error-code-label": "authentication failed"}, 401)
        return JSONResponse({"value": 10.28, "autoReload": False})

    async def send(self, request: Request) -> Response:
        fields = first_of(urlencoded(await request.body()))
        to = fields.get("to", "")
        fault = self.faults.take(PROVIDER, to)
        if fault and fault.how == "down":
            return Response(b"upstream error", fault.status)
        trouble = planned(fault, "refuse") or self._trouble(request, fields)
        if trouble:
            return _answer([{"status": str(trouble.code), "error-text": trouble.message}])
        ids = [_message_id() for _ in range(segments(fields["text"]).count)]
        reference = {"client-ref": fields["client-ref"]} if "client-ref" in fields else {}
        price = {"remaining-balance": "10.28000000", "message-price": "0.03330000", "network": "27201"}
        delivery = Delivery(message_id=ids[0], provider=PROVIDER, business=fields["from"], to=to, text=fields["text"])
        return self.taken(
            delivery,
            self._report(ids, to, fields, fault),
            fault,
            _answer([{"to": to, "message-id": part, "status": "0", **price, **reference} for part in ids]),
        )

    @property
    def _number(self) -> str:
        return self.settings.number.lstrip("+")

    def _is_ours(self, request: Request, fields: Mapping[str, str]) -> bool:
        expected = basic_auth(self.settings.api_key, self.settings.api_secret)
        given = request.headers.get("authorization") or basic_auth(
            fields.get("api_key", ""), fields.get("api_secret", "")
        )
        return same(given, expected)

    def _trouble(self, request: Request, fields: dict[str, str]) -> Fault | None:
        """What Vonage would refuse in this request."""
        to, text = fields.get("to", ""), fields.get("text", "")
        plain = segments(text).encoding == "gsm7"
        checks = [
            (not self._is_ours(request, fields), 4, "Bad Credentials"),
            (not (to and text and fields.get("from")), 2, "Missing from, to or text param"),
            (not (to.isdigit() and 7 <= len(to) <= 15), 3, "Invalid value for parameter: to"),
            (not plain and fields.get("type") != "unicode", 3, "Invalid value for parameter: type"),
            (len(fields.get("client-ref", "")) > 40, 3, "Invalid value for parameter: client-ref"),
            (len(fields.get("callback", "")) > 100, 23, "Invalid callback URL"),
            (len(text) > 3200, 12, "Message too long"),
        ]
        return next((Fault(code=code, message=message) for wrong, code, message in checks if wrong), None)

    async def _report(self, ids: list[str], to: str, fields: dict[str, str], fault: Fault | None) -> None:
        late = planned(fault, "late")
        url = fields.get("callback") or self.status_url or self.webhook_url
        for state in ("accepted", "failed" if late else "delivered"):
            await asyncio.sleep(self.courier.pause)
            code = late.code if late and STATES[state] is DeliveryState.FAILED else 0
            self.phones.change(ids[0], STATES[state], str(code) if code else "")
            for part in ids if url else ():
                reference = fields.get("client-ref", "")
                receipt = self.receipt(part, to=to, state=state, code=code, reference=reference)
                await self._bring(url, receipt)

    async def _bring(self, url: str, fields: Mapping[str, str]) -> Posted:
        """One webhook in the account's way, tried until it is taken."""
        whole = self.signed(fields)
        if self.sends_as == "query":
            return await self.courier.until_taken(with_query(url, **whole), {}, b"", tries=TRIES, method="GET")
        kind = "application/json" if self.sends_as == "json" else "application/x-www-form-urlencoded"
        body = json.dumps(whole) if self.sends_as == "json" else urlencode(whole)
        return await self.courier.until_taken(url, {"content-type": kind}, body.encode(), tries=TRIES)


def _parts(text: str) -> Iterator[str]:
    """A text as carriers cut it; white space stays where it is."""
    whole = segments(text)
    room = 153 if whole.encoding == "gsm7" else 67
    part = ""
    for char in text if whole.count > 1 else ():
        if segments(part + char).units > room:
            yield part
            part = ""
        part += char
    yield part or text


def _answer(parts: list[dict[str, Any]]) -> Response:
    return JSONResponse({"message-count": str(len(parts)), "messages": parts})


def _message_id() -> str:
    return secrets.token_hex(8).upper()


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
