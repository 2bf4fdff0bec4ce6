"""A stand-in for Twilio's messaging API. Mounted by `create`; its WhatsApp senders build on it.

Source: Twilio's OpenAPI description v2010, its webhook and security pages, November 2026.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Sequence
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import basic_auth, first_of, same, urlencoded
from leadline.channels.twilio.account import TwilioSettings
from leadline.channels.twilio.codes import STATES
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake, Floor
from leadline.sandbox.providers.faults import Fault, planned
from leadline.sandbox.providers.phones import Delivery
from leadline.sandbox.providers.twilio.records import Records
from leadline.sandbox.providers.twilio.webhooks import VERSION, opt_out, status_callback, webhook

FAULTS = {
    "opted_out": Fault(code=21610, message="Attempt to send to unsubscribed recipient"),
    "invalid_recipient": Fault(code=21211, message="Invalid 'To' Phone Number"),
    "not_a_mobile": Fault(code=21614, message="'To' number is not a valid mobile number"),
    "no_route": Fault(code=21612, message="Message cannot be sent with the current combination of 'To' and 'From'"),
    "sender_rejected": Fault(code=21606, message="The 'From' phone number is not SMS-capable"),
    "region_not_permitted": Fault(code=21408, message="Permission to send an SMS has not been enabled"),
    "queue_full": Fault(code=21611, message="This 'From' number has exceeded the maximum number of queued messages"),
    "rate_limited": Fault(status=429, code=20429, message="Too Many Requests", retry_after=1),
    "auth_failed": Fault(status=401, code=20003, message="Authenticate"),
    "server_error": Fault(how="down", status=500),
    "unavailable": Fault(how="down", status=503),
    "lost_answer": Fault(how="drop"),
    "unreachable": Fault(how="late", code=30003, message="Unreachable destination handset"),
    "unknown_handset": Fault(how="late", code=30005, message="Unknown destination handset"),
    "landline": Fault(how="late", code=30006, message="Landline or unreachable carrier"),
    "blocked_by_carrier": Fault(how="late", code=30007, message="Message filtered"),
    "unknown_error": Fault(how="late", code=30008, message="Unknown error"),
    "late_opt_out": Fault(how="late", code=21610, message="Attempt to send to unsubscribed recipient"),
}
NOT_FOUND = Fault(status=404, code=20404, message="The requested resource was not found")


class TwilioFake(Fake[TwilioSettings]):
    """Twilio as one account sees it."""

    key: ClassVar[str] = "twilio_sms"
    faults_known: ClassVar[dict[str, Fault]] = FAULTS
    states: ClassVar[tuple[str, ...]] = ("sent", "delivered")
    failed: ClassVar[str] = "undelivered"
    files_allowed: ClassVar[int] = 10
    recipients: ClassVar[re.Pattern[str]] = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,8}")

    def __init__(self, settings: TwilioSettings, floor: Floor) -> None:
        super().__init__(settings, floor)
        self.records = Records(settings.account_sid)

    @classmethod
    def open_account(cls, url: str) -> TwilioSettings:
        """A US number of a new account."""
        return TwilioSettings(
            account_sid="AC" + secrets.token_hex(16),
            auth_token=secrets.token_hex(16),
            number="+14155550100",
            api_url=url,
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """An Irish mobile."""
        return f"+35387{number:07d}"

    def address(self) -> str:
        """The own number as Twilio writes it on this channel."""
        return self.settings.number

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        account = f"/{VERSION}/Accounts/{{account}}"
        return [
            Route(f"{account}.json", self.account, methods=["GET"]),
            Route(f"{account}/Messages.json", self.listing, methods=["GET"]),
            Route(f"{account}/Messages.json", self.send, methods=["POST"]),
            Route(f"{account}/Messages/{{message}}/Media.json", self.files, methods=["GET"]),
            Route(f"{account}/Messages/{{message}}/Media/{{file}}", self.media, methods=["GET"]),
            Route("/cdn/{file}", self.cdn, methods=["GET"]),
        ]

    def webhook(
        self,
        url: str,
        sender: str,
        text: str = "",
        media: Sequence[tuple[str, bytes]] = (),
        *,
        extra: Sequence[tuple[str, str]] = (),
    ) -> tuple[dict[str, str], bytes]:
        """A customer's message, its files (content type, content) kept for fetching; STOP and START take effect."""
        word = opt_out(text)
        self.phones.opted_out |= {sender} if word == "STOP" else set()
        self.phones.opted_out -= {sender} if word == "START" else set()
        sid = f"{'MM' if media else 'SM'}{secrets.token_hex(16)}"
        files = [(kind, self.shelf.put(kind, content, prefix="ME")) for kind, content in media]
        service = self.settings.messaging_service_sid
        self.records.inbound(sid, sender=sender, to=self.address(), body=text, service=service, files=files)
        uri = f"{self.settings.api_url}/{VERSION}/Accounts/{self.settings.account_sid}/Messages/{sid}/Media"
        return webhook(
            self.settings,
            url=url,
            sender=sender,
            to=self.address(),
            text=text,
            media=[(kind, f"{uri}/{file}") for kind, file in files],
            message_sid=sid,
            extra=extra,
        )

    async def write(
        self, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = (), *, name: str = ""
    ) -> Posted:
        """The customer writes: post it as Twilio does, once more only where no connection could be made.

        SMS carries no names, so `name` goes nowhere.
        """
        headers, body = self.webhook(self.webhook_url, sender, text, media)
        return await self.courier.until_taken(self.webhook_url, headers, body, tries=2, any_answer=True)

    async def account(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        sid = self.settings.account_sid
        uri = f"/{VERSION}/Accounts/{sid}.json"
        return JSONResponse({"sid": sid, "friendly_name": "Sandbox", "status": "active", "type": "Full", "uri": uri})

    async def listing(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        return JSONResponse(self.records.page(dict(request.query_params)))

    async def files(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        found = self.records.files(request.path_params["message"])
        return JSONResponse(found) if found is not None else refused(NOT_FOUND)

    async def send(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        pairs = urlencoded(await request.body())
        fields, media = first_of(pairs), tuple(value for name, value in pairs if name == "MediaUrl")
        to = fields.get("To", "")
        fault = self.faults.take(self.key, to)
        if fault and fault.how == "down":
            return Response(b"upstream connect error", fault.status)
        trouble = planned(fault, "refuse") or self.trouble(fields, media)
        if trouble:
            return refused(trouble)
        sid = f"{'MM' if media else 'SM'}{secrets.token_hex(16)}"
        business = fields.get("From") or fields.get("MessagingServiceSid", "")
        known: dict[str, Any] = {"message_id": sid, "provider": self.key, "business": business, "to": to}
        delivery = Delivery(
            **known, text=self.shown(fields), media=media or self.own_files(fields), choices=self.choices(fields)
        )
        return self.taken(
            delivery,
            self._report(sid, to, fields.get("StatusCallback", ""), fault),
            fault,
            JSONResponse(self.records.outbound(sid, fields, len(media)), 201),
        )

    def own_files(self, fields: dict[str, str]) -> tuple[str, ...]:
        """Addresses of files that the message has but does not name: none but on WhatsApp."""
        return ()

    def shown(self, fields: dict[str, str]) -> str:
        """What the customer reads."""
        return fields.get("Body", "")

    def choices(self, fields: dict[str, str]) -> tuple[str, ...]:
        """What they can tap on."""
        return ()

    async def media(self, request: Request) -> Response:
        """Needs the credentials, and sends on to where it does not."""
        if refusal := self._refusal(request):
            return refusal
        if self.shelf.get(request.path_params["file"]) is None:
            return refused(NOT_FOUND)
        return RedirectResponse(f"{self.settings.api_url}/cdn/{request.path_params['file']}", 307)

    async def cdn(self, request: Request) -> Response:
        return self.shelf.response(request.path_params["file"])

    def _refusal(self, request: Request) -> Response | None:
        if not self.is_authentic(request):
            return refused(Fault(status=401, code=20003, message="Authenticate"))
        return refused(NOT_FOUND) if request.path_params["account"] != self.settings.account_sid else None

    def is_authentic(self, request: Request) -> bool:
        """Whether the account or its API key asks."""
        given = request.headers.get("authorization", "")
        own = [(self.settings.account_sid, self.settings.auth_token)]
        own += [(self.settings.api_key_sid, self.settings.api_key_secret)] if self.settings.api_key_sid else []
        return any(same(given, basic_auth(*pair)) for pair in own)

    def trouble(self, fields: dict[str, str], media: tuple[str, ...]) -> Fault | None:
        """What Twilio would refuse in this request."""
        sender, service, to = (fields.get(name, "") for name in ("From", "MessagingServiceSid", "To"))
        checks = [
            (not to, 21604, "A 'To' phone number is required."),
            (not self.recipients.fullmatch(to), 21211, f"Invalid 'To' Phone Number: {to}"),
            (not (sender or service), 21603, "A 'From' phone number is required."),
            (bool(sender) and sender != self.address(), 21606, f"The From phone number {sender} is not yours."),
            (
                bool(service) and service != self.settings.messaging_service_sid,
                21703,
                "The Messaging Service is empty.",
            ),
            (not (self.shown(fields) or media), 21602, "Message body is required."),
            (len(fields.get("Body", "")) > 1600, 21617, "The concatenated message body exceeds the 1600 limit."),
            (len(media) > self.files_allowed, 21623, "Number of media files exceeds allowed limit"),
            (not all(re.match(r"https?://", url) for url in media), 21620, "Invalid media URL(s)"),
            (to in self.phones.opted_out, 21610, "Attempt to send to unsubscribed recipient"),
        ]
        return next((Fault(code=code, message=message) for wrong, code, message in checks if wrong), None)

    async def _report(self, sid: str, to: str, callback: str, fault: Fault | None) -> None:
        late = planned(fault, "late")
        for state in ("sent", self.failed) if late else self.states:
            await asyncio.sleep(self.courier.pause)
            failed = late if state == self.failed else None
            self.phones.change(sid, STATES[state], str(failed.code) if failed else "")
            if callback:
                headers, body = status_callback(
                    self.settings,
                    url=callback,
                    message_sid=sid,
                    to=to,
                    sender=self.address(),
                    state=state,
                    code=failed.code if failed else 0,
                    message=failed.message if failed else "",
                )
                await self.courier.until_taken(callback, headers, body, tries=2, any_answer=True)


def refused(fault: Fault) -> Response:
    """Twilio's answer to what it does not take."""
    info = f"https://www.twilio.com/docs/errors/{fault.code}"
    body = {"code": fault.code, "message": fault.message, "more_info": info, "status": fault.status}
    return JSONResponse(
        body, fault.status, headers={"retry-after": str(fault.retry_after)} if fault.retry_after else {}
    )
