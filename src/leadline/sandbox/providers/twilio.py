"""A stand-in for Twilio's messaging API, and Twilio's side of webhooks. Mounted by `create`.

Source: Twilio's OpenAPI description v2010, its webhook and security pages, November 2026.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Sequence
from email.utils import formatdate
from typing import ClassVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import basic_auth, first_of, same, signature, urlencoded
from leadline.channels.text import segments
from leadline.channels.twilio import TwilioSettings
from leadline.channels.twilio_codes import STATES
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake
from leadline.sandbox.providers.faults import Fault, LostAnswer
from leadline.sandbox.providers.phones import Delivery

PROVIDER = "twilio_sms"
VERSION = "2010-04-01"
STOP_WORDS = frozenset(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"))
START_WORDS = frozenset(("START", "UNSTOP", "YES"))
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


def signed(settings: TwilioSettings, url: str, fields: Sequence[tuple[str, str]]) -> tuple[dict[str, str], bytes]:
    """Headers and body of a form that Twilio would post to this address, signed by its rule."""
    message = url + "".join(name + value for name, value in sorted(set(fields)))
    headers = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8", "user-agent": "TwilioProxy/1.1"}
    key, algorithm = settings.auth_token, "sha1"
    if settings.signing_key:
        key, algorithm = settings.signing_key, "sha256"
        headers["x-twilio-webhooks-signature-settings"] = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
    given = signature(key.encode(), message.encode(), algorithm=algorithm, encoding="base64")
    return headers | {"x-twilio-signature": given}, urlencode(list(fields)).encode()


def webhook(
    settings: TwilioSettings,
    *,
    url: str,
    sender: str,
    text: str = "",
    media: Sequence[tuple[str, str]] = (),
    message_sid: str = "",
    country: str = "",
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a customer's message; `media` are pairs of content type and address."""
    sid = message_sid or f"{'MM' if media else 'SM'}{secrets.token_hex(16)}"
    fields = [("ToCountry", ""), ("SmsMessageSid", sid), ("NumMedia", str(len(media))), ("SmsSid", sid)]
    fields += [("SmsStatus", "received"), ("Body", text), ("FromCountry", country), ("To", settings.number)]
    fields += [("NumSegments", str(segments(text).count)), ("MessageSid", sid), ("AccountSid", settings.account_sid)]
    fields += [("From", sender), ("ApiVersion", VERSION)]
    for number, (content_type, address) in enumerate(media):
        fields += [(f"MediaContentType{number}", content_type), (f"MediaUrl{number}", address)]
    if settings.messaging_service_sid:
        fields.append(("MessagingServiceSid", settings.messaging_service_sid))
        fields += [("OptOutType", word) for word in (opt_out(text),) if word]
    return signed(settings, url, fields)


def status_callback(
    settings: TwilioSettings, *, url: str, message_sid: str, to: str, state: str, code: int = 0, message: str = ""
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a delivery report."""
    fields = [("MessageSid", message_sid), ("SmsSid", message_sid), ("MessageStatus", state), ("SmsStatus", state)]
    fields += [("To", to), ("From", settings.number), ("AccountSid", settings.account_sid), ("ApiVersion", VERSION)]
    if code:
        fields += [("ErrorCode", str(code)), ("ErrorMessage", message)]
    return signed(settings, url, fields)


def opt_out(text: str) -> str:
    """What Twilio makes of a whole message that is a keyword: STOP, START or nothing."""
    word = text.strip().upper()
    return "STOP" if word in STOP_WORDS else "START" if word in START_WORDS else ""


class TwilioFake(Fake[TwilioSettings]):
    """Twilio as one account sees it."""

    key: ClassVar[str] = PROVIDER
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

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

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        account = f"/{VERSION}/Accounts/{{account}}"
        return [
            Route(f"{account}.json", self.account, methods=["GET"]),
            Route(f"{account}/Messages.json", self.send, methods=["POST"]),
            Route(f"{account}/Messages/{{message}}/Media/{{file}}", self.media, methods=["GET"]),
            Route("/cdn/{file}", self.cdn, methods=["GET"]),
        ]

    def webhook(
        self, url: str, sender: str, text: str = "", media: Sequence[tuple[str, bytes]] = ()
    ) -> tuple[dict[str, str], bytes]:
        """A customer's message, its files (content type, content) kept for fetching; STOP and START take effect."""
        word = opt_out(text)
        self.phones.opted_out |= {sender} if word == "STOP" else set()
        self.phones.opted_out -= {sender} if word == "START" else set()
        return webhook(self.settings, url=url, sender=sender, text=text, media=[self._kept(*file) for file in media])

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

    async def send(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        pairs = urlencoded(await request.body())
        fields, media = first_of(pairs), tuple(value for name, value in pairs if name == "MediaUrl")
        to = fields.get("To", "")
        fault = self.faults.take(PROVIDER, to)
        if fault and fault.how == "down":
            return Response(b"upstream connect error", fault.status)
        trouble = fault if fault and fault.how == "refuse" else self._trouble(fields, media)
        if trouble:
            return _error(trouble)
        sid = f"{'MM' if media else 'SM'}{secrets.token_hex(16)}"
        business = fields.get("From") or fields.get("MessagingServiceSid", "")
        text = fields.get("Body", "")
        self.phones.take(Delivery(message_id=sid, provider=PROVIDER, business=business, to=to, text=text, media=media))
        self.courier.start(self._report(sid, to, fields.get("StatusCallback", ""), fault))
        if fault and fault.how == "drop":
            return LostAnswer()
        return JSONResponse(self._resource(sid, fields, media), 201)

    async def media(self, request: Request) -> Response:
        """Needs the credentials, and sends on to where it does not."""
        if refusal := self._refusal(request):
            return refusal
        if self.shelf.get(request.path_params["file"]) is None:
            return _error(Fault(status=404, code=20404, message="The requested resource was not found"))
        return RedirectResponse(f"{self.settings.api_url}/cdn/{request.path_params['file']}", 307)

    async def cdn(self, request: Request) -> Response:
        found = self.shelf.get(request.path_params["file"])
        if found is None:
            return Response(status_code=404)
        return Response(found[1], media_type=found[0])

    def _kept(self, content_type: str, content: bytes) -> tuple[str, str]:
        file = self.shelf.put(content_type, content, prefix="ME")
        path = f"/{VERSION}/Accounts/{self.settings.account_sid}/Messages/MM{secrets.token_hex(16)}/Media/{file}"
        return content_type, self.settings.api_url + path

    def _refusal(self, request: Request) -> Response | None:
        given = request.headers.get("authorization", "")
        own = [(self.settings.account_sid, self.settings.auth_token)]
        own += [(self.settings.api_key_sid, self.settings.api_key_secret)] if self.settings.api_key_sid else []
        if not any(same(given, basic_auth(*pair)) for pair in own):
            return _error(Fault(status=401, code=20003, message="Authenticate"))
        if request.path_params["account"] != self.settings.account_sid:
            return _error(Fault(status=404, code=20404, message="The requested resource was not found"))
        return None

    def _trouble(self, fields: dict[str, str], media: tuple[str, ...]) -> Fault | None:
        """What Twilio would refuse in this request."""
        sender, service, to = (fields.get(name, "") for name in ("From", "MessagingServiceSid", "To"))
        checks = [
            (not to, 21604, "A 'To' phone number is required."),
            (not re.fullmatch(r"\+[1-9][0-9]{6,14}|[0-9]{3,8}", to), 21211, f"Invalid 'To' Phone Number: {to}"),
            (not (sender or service), 21603, "A 'From' phone number is required."),
            (bool(sender) and sender != self.settings.number, 21606, f"The From phone number {sender} is not yours."),
            (
                bool(service) and service != self.settings.messaging_service_sid,
                21703,
                "The Messaging Service is empty.",
            ),
            (not (fields.get("Body") or media), 21602, "Message body is required."),
            (len(fields.get("Body", "")) > 1600, 21617, "The concatenated message body exceeds the 1600 limit."),
            (len(media) > 10, 21623, "Number of media files exceeds allowed limit"),
            (not all(re.match(r"https?://", url) for url in media), 21620, "Invalid media URL(s)"),
            (to in self.phones.opted_out, 21610, "Attempt to send to unsubscribed recipient"),
        ]
        return next((Fault(code=code, message=message) for wrong, code, message in checks if wrong), None)

    def _resource(self, sid: str, fields: dict[str, str], media: tuple[str, ...]) -> dict[str, object]:
        service = fields.get("MessagingServiceSid")
        uri = f"/{VERSION}/Accounts/{self.settings.account_sid}/Messages/{sid}"
        now = formatdate(usegmt=False)
        return {
            "sid": sid,
            "account_sid": self.settings.account_sid,
            "api_version": VERSION,
            "body": fields.get("Body", ""),
            "date_created": now,
            "date_updated": now,
            "date_sent": None,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": fields.get("From"),
            "messaging_service_sid": service,
            "num_media": str(len(media)),
            "num_segments": "0" if service else str(segments(fields.get("Body", "")).count),
            "price": None,
            "price_unit": None,
            "status": "accepted" if service else "queued",
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": fields["To"],
            "uri": f"{uri}.json",
        }

    async def _report(self, sid: str, to: str, callback: str, fault: Fault | None) -> None:
        late = fault if fault and fault.how == "late" else None
        for state in ("sent", "undelivered" if late else "delivered"):
            await asyncio.sleep(self.courier.pause)
            code = late.code if late and state == "undelivered" else 0
            self.phones.change(sid, STATES[state], str(code) if code else "")
            if callback:
                message = late.message if code and late else ""
                headers, body = status_callback(
                    self.settings, url=callback, message_sid=sid, to=to, state=state, code=code, message=message
                )
                await self.courier.until_taken(callback, headers, body, tries=2, any_answer=True)


def _error(fault: Fault) -> Response:
    info = f"https://www.twilio.com/docs/errors/{fault.code}"
    body = {"code": fault.code, "message": fault.message, "more_info": info, "status": fault.status}
    return JSONResponse(
        body, fault.status, headers={"retry-after": str(fault.retry_after)} if fault.retry_after else {}
    )
