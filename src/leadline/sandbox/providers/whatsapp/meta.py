"""What stand-ins for the WhatsApp Cloud API share: Meta's own, and those of providers that pass it on.

Source: message, media and error pages of the WhatsApp Cloud API v23.0, November 2026.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from leadline.channels.settings import Settings
from leadline.channels.whatsapp.cloud import WhatsAppSettings
from leadline.channels.whatsapp.codes import STATES
from leadline.channels.whatsapp.content import CAPTION, TEXT
from leadline.sandbox.providers.courier import Posted
from leadline.sandbox.providers.fake import Fake
from leadline.sandbox.providers.faults import Fault, planned
from leadline.sandbox.providers.phones import Delivery
from leadline.sandbox.providers.whatsapp.interactive import question, question_trouble
from leadline.sandbox.providers.whatsapp.templates import read_out, template_trouble
from leadline.sandbox.providers.whatsapp.webhooks import changed_number, echo, inbound, preference, status, webhook

TRIES = 5  # Meta goes on for days; a sandbox need not
KINDS = ("image", "video", "audio", "document", "sticker")
S = TypeVar("S", bound=Settings)


class CloudFake(Fake[S]):
    """One WhatsApp number behind an API of Meta's shape."""

    quotes: ClassVar[bool] = True
    forms: ClassVar[bool] = True

    @property
    @abstractmethod
    def meta(self) -> WhatsAppSettings:
        """The number and its account as Meta's webhooks name them."""

    @abstractmethod
    def refusal(self, request: Request) -> Response | None:
        """The answer to wrong credentials, or None."""

    def stamped(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers of a webhook as this provider sends them, from Meta's."""
        return dict(headers)

    @classmethod
    def customer(cls, number: int) -> str:
        """An Irish mobile, as WhatsApp writes it."""
        return f"35387{number:07d}"

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
        headers, body = webhook(self.meta, sender=sender, user_id=user_id, name=name, text=text, media=kept)
        return self.stamped(headers), body

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

    async def say(self, sender: str, *, name: str = "", **message: Any) -> Posted:
        """A customer's message of any type, in Meta's own fields."""
        headers, body = inbound(self.meta, sender=sender.lstrip("+"), name=name, message=message)
        return await self.courier.until_taken(self.webhook_url, self.stamped(headers), body, tries=TRIES)

    async def tap(self, sender: str, number: str, choice: str) -> Posted:
        """A button or a row of a list, which names the question it belongs to."""
        chosen = {"type": "button_reply", "button_reply": {"id": choice, "title": choice}}
        return await self.say(sender, type="interactive", interactive=chosen, context={"id": number})

    async def answer(self, sender: str, number: str, text: str, *, name: str = "") -> Posted:
        """A text that names the message it answers."""
        return await self.say(sender, name=name, type="text", text={"body": text}, context={"id": number})

    async def fill_in(self, sender: str, answers: Mapping[str, str], *, name: str = "") -> Posted:
        """A Flow's answers."""
        told = {f"screen_0_{field}_{at}": answer for at, (field, answer) in enumerate(answers.items())}
        flow = {"name": "flow", "body": "Sent", "response_json": json.dumps({"flow_token": "made-up"} | told)}
        return await self.say(
            sender, name=name, type="interactive", interactive={"type": "nfm_reply", "nfm_reply": flow}
        )

    async def echo(self, customer: str, text: str) -> Posted:
        """The business writes to a customer in the WhatsApp Business app, and Meta tells so."""
        headers, body = echo(self.meta, customer=customer.lstrip("+"), text=text)
        return await self.courier.until_taken(self.webhook_url, self.stamped(headers), body, tries=TRIES)

    async def change_number(self, old: str, new: str) -> Posted:
        """The customer moves to another number, and WhatsApp says so."""
        headers, body = changed_number(self.meta, old=old.lstrip("+"), new=new.lstrip("+"))
        return await self.courier.until_taken(self.webhook_url, self.stamped(headers), body, tries=TRIES)

    async def prefer(self, sender: str, wish: str) -> Posted:
        """The customer wants marketing messages to `stop` or to `resume`."""
        headers, body = preference(self.meta, sender=sender.lstrip("+"), wish=wish)
        return await self.courier.until_taken(self.webhook_url, self.stamped(headers), body, tries=TRIES)

    async def send(self, request: Request) -> Response:
        if refusal := self.refusal(request):
            return refusal
        try:
            message = msgspec.json.decode(await request.body(), type=dict[str, Any])
        except msgspec.DecodeError:
            return error(Fault(code=100, message="The request body is no JSON object"))
        if message.get("status") == "read":
            self.marked_read.append(str(message.get("message_id")))
            return JSONResponse({"success": True})
        to = str(message.get("to") or message.get("recipient") or "")
        fault = self.faults.take(self.key, to)
        if fault and fault.how == "down":
            return Response(b"bad gateway", fault.status)
        trouble = planned(fault, "refuse") or _trouble(message)
        if trouble:
            return error(trouble)
        return self._accept(message, to, fault)

    def place(self, file: str, url: str) -> Response:
        """Where a file is: at `url`."""
        found = self.shelf.get(file)
        if found is None:
            return error(Fault(code=100, message=f"Unsupported get request. Object with ID '{file}' does not exist"))
        sizes = {"sha256": hashlib.sha256(found[1]).hexdigest(), "file_size": len(found[1])}
        return JSONResponse({"messaging_product": "whatsapp", "url": url, "mime_type": found[0], "id": file, **sizes})

    def content(self, request: Request, file: str) -> Response:
        """The file itself; needs the credentials."""
        found = self.shelf.get(file)
        if found is None or self.refusal(request):
            return Response(status_code=404)
        return Response(found[1], media_type=found[0])

    def _accept(self, message: dict[str, Any], to: str, fault: Fault | None) -> Response:
        message_id = f"wamid.{secrets.token_hex(16)}"
        content = message[message["type"]]
        text, media = read_out(content) if message["type"] == "template" else ("", ())
        asked, choices = question(content) if message["type"] == "interactive" else ("", ())
        text = text or asked or str(content.get("body") or content.get("caption") or "")
        media = (str(content["link"]),) if "link" in content else media
        business = self.meta.display_number or self.meta.phone_number_id
        known: dict[str, Any] = {"message_id": message_id, "provider": self.key, "business": business, "to": to}
        quoted = str(message.get("context", {}).get("message_id", ""))
        delivery = Delivery(**known, text=text, media=media, choices=choices, quoted=quoted)
        reports = self._report(message_id, to, str(message.get("biz_opaque_callback_data", "")), fault)
        contact = {"input": to, "wa_id": to} if "to" in message else {"input": to, "user_id": to}
        taken = {"id": message_id, "message_status": "accepted"}
        answer = {"messaging_product": "whatsapp", "contacts": [contact], "messages": [taken]}
        return self.taken(delivery, reports, fault, JSONResponse(answer))

    async def _report(self, message_id: str, to: str, outbound: str, fault: Fault | None) -> None:
        late = planned(fault, "late")
        for state in ("failed",) if late else ("sent", "delivered", "read"):
            await asyncio.sleep(self.courier.pause)
            code, title = (late.code, late.message) if late else (0, "")
            self.phones.change(message_id, STATES[state], str(code) if code else "")
            if self.webhook_url:
                headers, body = status(
                    self.meta, message_id=message_id, state=state, to=to, outbound=outbound, code=code, title=title
                )
                await self.courier.until_taken(self.webhook_url, self.stamped(headers), body, tries=TRIES)


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
    if kind == "interactive":
        why = question_trouble(content)
        return Fault(code=131009, message=f"Parameter value is not valid: {why}") if why else None
    if not isinstance(content, dict) or kind not in ("text", *KINDS):
        return Fault(code=131009, message=f"Parameter value is not valid: {kind}")
    if kind == "text" and not 0 < len(str(content.get("body", ""))) <= TEXT:
        return Fault(code=131009, message=f"Text body must have 1 to {TEXT} characters")
    if kind != "text" and not str(content.get("link", "")).startswith(("http://", "https://")):
        return Fault(code=131009, message=f"{kind} needs a link")
    if len(str(content.get("caption", ""))) > CAPTION or ("caption" in content and kind in ("audio", "sticker")):
        return Fault(code=131009, message="Caption is too long or not allowed")
    return None


def error(fault: Fault) -> Response:
    """A refusal in Meta's words."""
    value = {
        "message": f"(#{fault.code}) {fault.message}",
        "type": "OAuthException",
        "code": fault.code,
        "error_data": {"messaging_product": "whatsapp", "details": fault.message},
        "fbtrace_id": secrets.token_hex(8),
    }
    return JSONResponse({"error": value}, fault.status)
