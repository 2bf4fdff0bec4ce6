"""A stand-in for Meta's Graph API as WhatsApp uses it. Mounted by `create`.

Source: message, media and error pages of the WhatsApp Cloud API v23.0, November 2026.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from leadline.channels.http import same
from leadline.channels.whatsapp import WhatsAppSettings
from leadline.channels.whatsapp_codes import STATES
from leadline.channels.whatsapp_content import CAPTION, TEXT
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake
from leadline.sandbox.providers.faults import Fault, LostAnswer
from leadline.sandbox.providers.phones import Delivery
from leadline.sandbox.providers.whatsapp_templates import TEMPLATES, read_out, template_trouble
from leadline.sandbox.providers.whatsapp_webhooks import changed_number, preference, status, webhook

PROVIDER = "whatsapp_cloud"
TRIES = 5  # Meta goes on for days; a sandbox need not
PAGE = 3  # Meta gives up to 100 a page; few, so that paging is used
KINDS = ("image", "video", "audio", "document", "sticker")
FAULTS = {
    "token_expired": Fault(status=401, code=190, message="Error validating access token"),
    "no_permission": Fault(status=403, code=10, message="Application does not have permission for this action"),
    "rate_limited": Fault(status=429, code=130429, message="Cloud API message throughput has been reached"),
    "pair_rate_limited": Fault(status=400, code=131056, message="Too many messages to the same recipient"),
    "spam_rate_limited": Fault(status=400, code=131048, message="Message failed to send due to spam restrictions"),
    "overloaded": Fault(status=503, code=131016, message="Service unavailable"),
    "maintenance": Fault(status=500, code=131057, message="Account in maintenance mode"),
    "something_went_wrong": Fault(status=500, code=131000, message="Something went wrong"),
    "not_in_allowed_list": Fault(status=400, code=131030, message="Recipient phone number not in allowed list"),
    "account_locked": Fault(status=403, code=131031, message="Account has been locked"),
    "billing": Fault(status=400, code=131042, message="Business eligibility payment issue"),
    "unregistered": Fault(status=400, code=133010, message="Phone number not registered"),
    "server_error": Fault(how="down", status=502),
    "lost_answer": Fault(how="drop"),
    "window_closed": Fault(how="late", code=131047, message="Re-engagement message"),
    "undeliverable": Fault(how="late", code=131026, message="Message undeliverable"),
    "media_rejected": Fault(how="late", code=131053, message="Media upload error"),
    "opted_out": Fault(how="late", code=131050, message="User has stopped marketing messages"),
    "engagement": Fault(how="late", code=131049, message="Not delivered to maintain healthy ecosystem engagement"),
}


class WhatsAppFake(Fake[WhatsAppSettings]):
    """Meta as one WhatsApp number sees it."""

    key: ClassVar[str] = PROVIDER
    faults_known: ClassVar[dict[str, Fault]] = FAULTS

    @classmethod
    def open_account(cls, url: str) -> WhatsAppSettings:
        """A number of a new app and business account."""
        return WhatsAppSettings(
            phone_number_id="100000000000001",
            business_account_id="200000000000002",
            access_token=secrets.token_hex(16),
            app_secret=secrets.token_hex(16),
            verify_token=secrets.token_hex(8),
            display_number="+14155550199",
            api_url=url,
        )

    @classmethod
    def customer(cls, number: int) -> str:
        """An Irish mobile, as WhatsApp writes it."""
        return f"35387{number:07d}"

    def routes(self) -> list[BaseRoute]:
        """To be mounted at the path of `api_url`."""
        version = self.settings.api_version
        return [
            Route(f"/{version}/{{number}}/messages", self.send, methods=["POST"]),
            Route(f"/{version}/{{account}}/message_templates", self.templates, methods=["GET"]),
            Route(f"/{version}/{{node}}", self.node, methods=["GET"]),
            Route("/lookaside/{file}", self.lookaside, methods=["GET"]),
        ]

    def webhook(
        self,
        sender: str = "",
        text: str = "",
        media: Sequence[tuple[str, bytes]] = (),
        *,
        user_id: str = "",
        name: str = "",
    ) -> tuple[dict[str, str], bytes]:
        """A customer's message by phone (digits), user id or both; its files (content type, content) are kept."""
        kept = [(content_type, self.shelf.put(content_type, content)) for content_type, content in media]
        return webhook(self.settings, sender=sender, user_id=user_id, name=name, text=text, media=kept)

    async def write(
        self,
        sender: str,
        text: str = "",
        media: Sequence[tuple[str, bytes]] = (),
        *,
        user_id: str = "",
        name: str = "",
    ) -> Posted:
        """The customer writes: bring it to the webhook until it is taken, as Meta does.

        The phone may come with a plus, and may be empty where `user_id` says who it is.
        """
        headers, body = self.webhook(sender.lstrip("+"), text, media, user_id=user_id, name=name)
        return await self.courier.until_taken(self.webhook_url, headers, body, tries=TRIES)

    async def change_number(self, old: str, new: str) -> Posted:
        """The customer moves to another number, and WhatsApp says so."""
        headers, body = changed_number(self.settings, old=old.lstrip("+"), new=new.lstrip("+"))
        return await self.courier.until_taken(self.webhook_url, headers, body, tries=TRIES)

    async def prefer(self, sender: str, wish: str) -> Posted:
        """The customer wants marketing messages to `stop` or to `resume`."""
        headers, body = preference(self.settings, sender=sender.lstrip("+"), wish=wish)
        return await self.courier.until_taken(self.webhook_url, headers, body, tries=TRIES)

    async def templates(self, request: Request) -> Response:
        """The templates of the account, `limit` of them after the cursor `after`."""
        if refusal := self._refusal(request):
            return refusal
        if request.path_params["account"] != self.settings.business_account_id:
            return _error(Fault(code=100, message="Object with this ID does not exist or cannot be loaded"))
        start, size = int(request.query_params.get("after", 0)), int(request.query_params.get("limit", 25))
        size = min(size, PAGE)
        page = {"data": TEMPLATES[start : start + size]}
        cursors = {"before": str(start), "after": str(start + size)}
        more = {"next": f"{self.settings.api_url}/next?access_token=hidden"} if start + size < len(TEMPLATES) else {}
        return JSONResponse(page | {"paging": {"cursors": cursors, **more}})

    async def send(self, request: Request) -> Response:
        if refusal := self._refusal(request):
            return refusal
        if request.path_params["number"] != self.settings.phone_number_id:
            return _error(Fault(code=100, message="Object with this ID does not exist or cannot be loaded"))
        try:
            message = msgspec.json.decode(await request.body(), type=dict[str, Any])
        except msgspec.DecodeError:
            return _error(Fault(code=100, message="The request body is no JSON object"))
        to = str(message.get("to") or message.get("recipient") or "")
        fault = self.faults.take(PROVIDER, to)
        if fault and fault.how == "down":
            return Response(b"bad gateway", fault.status)
        trouble = fault if fault and fault.how == "refuse" else _trouble(message)
        if trouble:
            return _error(trouble)
        return self._accept(message, to, fault)

    async def node(self, request: Request) -> Response:
        """The number, or where a file is."""
        if refusal := self._refusal(request):
            return refusal
        node = request.path_params["node"]
        if node == self.settings.phone_number_id:
            number = self.settings.display_number or "+15550100"
            return JSONResponse({"display_phone_number": number, "verified_name": "Sandbox", "id": node})
        found = self.shelf.get(node)
        if found is None:
            return _error(Fault(code=100, message=f"Unsupported get request. Object with ID '{node}' does not exist"))
        place = {"url": f"{self.settings.api_url}/lookaside/{node}?mid={node}", "mime_type": found[0], "id": node}
        sizes = {"sha256": hashlib.sha256(found[1]).hexdigest(), "file_size": len(found[1])}
        return JSONResponse({"messaging_product": "whatsapp", **place, **sizes})

    async def lookaside(self, request: Request) -> Response:
        """The file; needs the same token."""
        found = self.shelf.get(request.path_params["file"])
        if found is None or self._refusal(request):
            return Response(status_code=404)
        return Response(found[1], media_type=found[0])

    def _refusal(self, request: Request) -> Response | None:
        if same(request.headers.get("authorization", ""), f"Bearer {self.settings.access_token}"):
            return None
        return _error(Fault(status=401, code=190, message="Invalid OAuth access token"))

    def _accept(self, message: dict[str, Any], to: str, fault: Fault | None) -> Response:
        message_id = f"wamid.{secrets.token_hex(16)}"
        content = message[message["type"]]
        text = read_out(content) if message["type"] == "template" else ""
        text = text or str(content.get("body") or content.get("caption") or "")
        media = (str(content["link"]),) if "link" in content else ()
        business = self.settings.display_number or self.settings.phone_number_id
        self.phones.take(
            Delivery(message_id=message_id, provider=PROVIDER, business=business, to=to, text=text, media=media)
        )
        self.courier.start(self._report(message_id, to, str(message.get("biz_opaque_callback_data", "")), fault))
        if fault and fault.how == "drop":
            return LostAnswer()
        contact = {"input": to, "wa_id": to} if "to" in message else {"input": to, "user_id": to}
        taken = {"id": message_id, "message_status": "accepted"}
        return JSONResponse({"messaging_product": "whatsapp", "contacts": [contact], "messages": [taken]})

    async def _report(self, message_id: str, to: str, outbound: str, fault: Fault | None) -> None:
        late = fault if fault and fault.how == "late" else None
        for state in ("failed",) if late else ("sent", "delivered", "read"):
            await asyncio.sleep(self.courier.pause)
            code, title = (late.code, late.message) if late else (0, "")
            self.phones.change(message_id, STATES[state], str(code) if code else "")
            if self.webhook_url:
                headers, body = status(
                    self.settings, message_id=message_id, state=state, to=to, outbound=outbound, code=code, title=title
                )
                await self.courier.until_taken(self.webhook_url, headers, body, tries=TRIES)


def _trouble(message: dict[str, Any]) -> Fault | None:
    """What Meta would refuse in this request."""
    kind = message.get("type", "text")
    content = message.get(kind)
    if message.get("messaging_product") != "whatsapp":
        return Fault(code=100, message="The parameter messaging_product is required.")
    if not (message.get("to") or message.get("recipient")):
        return Fault(code=100, message="The parameter to is required.")
    if kind == "template" and isinstance(content, dict):
        return template_trouble(content)
    if not isinstance(content, dict) or kind not in ("text", *KINDS):
        return Fault(code=131009, message=f"Parameter value is not valid: {kind}")
    if kind == "text" and not 0 < len(str(content.get("body", ""))) <= TEXT:
        return Fault(code=131009, message=f"Text body must have 1 to {TEXT} characters")
    if kind != "text" and not str(content.get("link", "")).startswith(("http://", "https://")):
        return Fault(code=131009, message=f"{kind} needs a link")
    if len(str(content.get("caption", ""))) > CAPTION or ("caption" in content and kind in ("audio", "sticker")):
        return Fault(code=131009, message="Caption is too long or not allowed")
    return None


def _error(fault: Fault) -> Response:
    error = {
        "message": f"(#{fault.code}) {fault.message}",
        "type": "OAuthException",
        "code": fault.code,
        "error_data": {"messaging_product": "whatsapp", "details": fault.message},
        "fbtrace_id": secrets.token_hex(8),
    }
    return JSONResponse({"error": error}, fault.status)
