"""A stand-in for Twilio's WhatsApp senders and its Content API. Mounted by `create`.

Source: Twilio's WhatsApp pages, its OpenAPI description of the Content API v1 and error dictionary, November 2026.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.twilio.whatsapp import PREFIX, TwilioWhatsAppSettings, bare
from leadline.channels.whatsapp.content import kind_of
from leadline.model import Attachment
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Floor
from leadline.sandbox.providers.faults import Fault
from leadline.sandbox.providers.twilio.sms import FAULTS as SMS_FAULTS
from leadline.sandbox.providers.twilio.sms import TwilioFake, refused

SHARED = ("opted_out", "queue_full", "rate_limited", "auth_failed", "server_error", "unavailable", "lost_answer")
FAULTS = {name: SMS_FAULTS[name] for name in SHARED} | {
    "no_such_sender": Fault(code=63007, message="Twilio could not find a Channel with the specified From address"),
    "invalid_recipient": Fault(code=63024, message="Invalid message recipient"),
    "variables_rejected": Fault(code=21656, message="The ContentVariables Parameter is invalid"),
    "window_closed": Fault(how="late", code=63016, message="Failed to send freeform message outside of the window"),
    "sandbox_not_joined": Fault(how="late", code=63015, message="Channel Sandbox can only send to joined numbers"),
    "not_on_whatsapp": Fault(how="late", code=63003, message="Channel could not find To address"),
    "policy": Fault(how="late", code=63013, message="Channel policy violation"),
    "too_fast": Fault(how="late", code=63018, message="Rate limit exceeded for Channel"),
    "media_rejected": Fault(how="late", code=63019, message="Media failed to download"),
    "marketing_held_back": Fault(how="late", code=63049, message="Meta chose not to deliver this message"),
    "account_locked": Fault(how="late", code=63051, message="WhatsApp Business Account locked"),
    "template_paused": Fault(how="late", code=63041, message="Template is paused"),
}


def _content(number: int, name: str, types: dict[str, Any], *, status: str, language: str = "en") -> dict[str, Any]:
    text = str(types)
    kind = next(iter(types))
    found = dict.fromkeys(re.findall(r"\{\{(\w+)\}\}", text), "example")
    approval = {"name": name, "category": "UTILITY", "content_type": kind, "status": status, "rejection_reason": ""}
    return {
        "sid": f"HX{number:032x}",
        "friendly_name": name,
        "language": language,
        "variables": found,
        "types": types,
        "approval_requests": approval | {"allow_category_change": True},
        "date_created": "2026-11-01T09:00:00Z",
        "date_updated": "2026-11-01T09:00:00Z",
    }


CONTENTS = (
    _content(1, "hello_again", {"twilio/text": {"body": "Hello {{1}}, we are back about {{2}}."}}, status="approved"),
    _content(2, "hallo", {"twilio/text": {"body": "Hallo {{1}}!"}}, status="approved", language="de"),
    _content(
        3,
        "order_update",
        {
            "twilio/quick-reply": {
                "body": "Order {{order}} is on its way.",
                "actions": [{"title": "Thanks", "id": "1"}],
            },
            "twilio/text": {"body": "Order {{order}}"},
        },
        status="approved",
    ),
    _content(
        6,
        "spring_sale",
        {
            "whatsapp/card": {
                "body": "Spring, {{1}}!",
                "footer": "Until Sunday",
                "media": ["https://files.example/{{2}}"],
                "actions": [
                    {"type": "URL", "title": "Shop", "url": "https://shop.example/{{3}}"},
                    {"type": "COPY_CODE", "code": "{{4}}"},
                ],
            }
        },
        status="approved",
    ),
    _content(4, "not_yet", {"twilio/text": {"body": "Soon"}}, status="pending"),
    _content(5, "in_a_conversation", {"twilio/media": {"media": ["https://a.example/{{1}}"]}}, status="unsubmitted"),
)


class TwilioWhatsAppFake(TwilioFake):
    """Twilio as one WhatsApp sender sees it."""

    key: ClassVar[str] = "twilio_whatsapp"
    faults_known: ClassVar[dict[str, Fault]] = FAULTS
    states: ClassVar[tuple[str, ...]] = ("sent", "delivered", "read")
    files_allowed: ClassVar[int] = 1
    recipients: ClassVar[re.Pattern[str]] = re.compile(r"whatsapp:(\+[1-9][0-9]{6,14}|[A-Z]{2}\.[A-Za-z0-9.]+)")
    page_limit: int = 1000

    def __init__(self, settings: TwilioWhatsAppSettings, floor: Floor) -> None:
        super().__init__(settings, floor)
        self.contents: dict[str, dict[str, Any]] = {content["sid"]: content for content in CONTENTS}

    @classmethod
    def open_account(cls, url: str) -> TwilioWhatsAppSettings:
        """A WhatsApp sender of a new account."""
        return TwilioWhatsAppSettings(
            account_sid="AC" + secrets.token_hex(16),
            auth_token=secrets.token_hex(16),
            number="+14155550177",
            api_url=url,
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """An Irish mobile on WhatsApp."""
        return f"{PREFIX}+35386{number:07d}"

    def address(self) -> str:
        """The own number as Twilio writes it on this channel."""
        return f"{PREFIX}{bare(self.settings.number)}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        return [
            *super().routes(),
            Route("/v1/ContentAndApprovals", self.templates, methods=["GET"]),
            Route("/v1/Content", self.make, methods=["POST"]),
            Route("/v2/Content", self.find, methods=["GET"]),
        ]

    async def write(
        self,
        sender: str,
        text: str = "",
        media: Sequence[tuple[str, bytes]] = (),
        *,
        name: str = "",
        user_id: str = "",
    ) -> Posted:
        """The customer writes: one webhook for each file, the text with the first one.

        The sender is `whatsapp:+…` or, where the phone is hidden, `whatsapp:` and the user id.
        """
        for number, file in enumerate([media[at : at + 1] for at in range(len(media))] or [()]):
            kind = kind_of(Attachment(content_type=file[0][0])) if file else "text"
            fields = {"ProfileName": name, "MessageType": kind, "WaId": bare(sender).removeprefix("+")}
            fields |= {"ExternalUserId": f"{PREFIX}{user_id}"} if user_id else {}
            extra = [
                (field, value) for field, value in fields.items() if value and (field != "WaId" or value.isdigit())
            ]
            headers, body = self.webhook(self.webhook_url, sender, text if number == 0 else "", file, extra=extra)
            posted = await self.courier.until_taken(self.webhook_url, headers, body, tries=2, any_answer=True)
        return posted

    def shown(self, fields: dict[str, str]) -> str:
        """What the customer reads: the text, or the template with its values and its buttons in brackets."""
        content = self.contents.get(fields.get("ContentSid", ""))
        if content is None:
            return fields.get("Body", "")
        kind = next(iter(content["types"].values()))
        buttons = [action for action in kind.get("actions", ()) if action.get("url") or action.get("code")]
        lines = [str(kind[name]) for name in ("header_text", "title", "body", "footer") if kind.get(name)]
        lines += [f"[{button.get('title', 'Copy code')}: {button.get('url') or button['code']}]" for button in buttons]
        return self._filled("\n".join(lines) or "[file]", content, fields)

    def own_files(self, fields: dict[str, str]) -> tuple[str, ...]:
        """The addresses of the template's files."""
        content = self.contents.get(fields.get("ContentSid", ""), {})
        media = [url for kind in content.get("types", {}).values() for url in kind.get("media", ())]
        return tuple(self._filled(str(url), content, fields) for url in media)

    def _filled(self, text: str, content: dict[str, Any], fields: dict[str, str]) -> str:
        """With the values of this send; where one is missing Twilio takes the sample of the content."""
        for name, value in {**content["variables"], **(_values(fields) or {})}.items():
            text = text.replace("{{" + name + "}}", str(value))
        return text

    def choices(self, fields: dict[str, str]) -> tuple[str, ...]:
        """The buttons or the list of the content."""
        content = self.contents.get(fields.get("ContentSid", ""), {})
        return _choices(content.get("types", {}))

    def trouble(self, fields: dict[str, str], media: tuple[str, ...]) -> Fault | None:
        """What Twilio would refuse in this request."""
        content = self.contents.get(fields.get("ContentSid", ""))
        if "ContentSid" in fields and content is None:
            return Fault(code=21655, message="The ContentSid is Invalid")
        if content is not None and _values(fields) is None:
            return Fault(code=21656, message="The ContentVariables Parameter is invalid")
        return super().trouble(fields, media)

    async def find(self, request: Request) -> Response:
        """Contents whose name fits a pattern."""
        if not self.is_authentic(request):
            return refused(Fault(status=401, code=20003, message="Authenticate"))
        pattern = re.compile(request.query_params.get("ContentName", ""))
        found = [content for content in self.contents.values() if pattern.search(content["friendly_name"])]
        return JSONResponse({"contents": found, "meta": {"key": "contents", "next_page_url": None}})

    async def make(self, request: Request) -> Response:
        """A new content; a question is checked as WhatsApp does within the window."""
        if not self.is_authentic(request):
            return refused(Fault(status=401, code=20003, message="Authenticate"))
        value = msgspec.json.decode(await request.body(), type=dict[str, Any])
        if not value.get("language") or _bad_question(value.get("types", {})):
            return refused(Fault(code=20001, message="Invalid content"))
        sid = f"HX{len(self.contents) + 1:032x}"
        known = {"sid": sid, "account_sid": self.settings.account_sid, "variables": {}}
        self.contents[sid] = value | known
        return JSONResponse(self.contents[sid], 201)

    async def templates(self, request: Request) -> Response:
        """A page of templates with WhatsApp's word on each."""
        if not self.is_authentic(request):
            return refused(Fault(status=401, code=20003, message="Authenticate"))
        size = min(int(request.query_params.get("PageSize", "50")), self.page_limit)
        number = int(request.query_params.get("Page", "0"))
        shown = [content | {"account_sid": self.settings.account_sid} for content in CONTENTS]
        more = number + 1 if size * (number + 1) < len(shown) else None
        urls = {"url": number, "first_page_url": 0, "previous_page_url": number - 1 if number else None}
        meta: dict[str, Any] = {name: self._page_url(size, at) for name, at in (urls | {"next_page_url": more}).items()}
        meta |= {"page": number, "page_size": size, "key": "contents"}
        return JSONResponse({"contents": shown[size * number : size * (number + 1)], "meta": meta})

    def _page_url(self, size: int, number: int | None) -> str | None:
        if number is None:
            return None
        fields = {"PageSize": size, "Page": number} | ({"PageToken": f"PT{number}"} if number else {})
        return f"{self.settings.api_url}/v1/ContentAndApprovals?{urlencode(fields)}"


def _choices(types: dict[str, Any]) -> tuple[str, ...]:
    """The words on the buttons or in the list."""
    buttons = types.get("twilio/quick-reply", {}).get("actions", ())
    rows = types.get("twilio/list-picker", {}).get("items", ())
    return (*(str(button["title"]) for button in buttons), *(str(row["item"]) for row in rows))


def _bad_question(types: dict[str, Any]) -> bool:
    """Whether a question has no words or too many, or more or longer choices than WhatsApp shows without approval."""
    most, longest = (3, 20) if "twilio/quick-reply" in types else (10, 24)
    choices = _choices(types)
    wrong = any(not 0 < len(choice) <= longest for choice in choices) or len(set(choices)) < len(choices)
    bodies = [str(kind.get("body", "")) for kind in types.values()]
    return wrong or not 0 < len(choices) <= most or any(not 0 < len(body) <= 1024 for body in bodies)


def _values(fields: dict[str, str]) -> dict[str, str] | None:
    """The variables of a send, or None where they are no JSON object of texts."""
    try:
        return msgspec.json.decode(fields.get("ContentVariables") or "{}", type=dict[str, str])
    except msgspec.DecodeError:
        return None
