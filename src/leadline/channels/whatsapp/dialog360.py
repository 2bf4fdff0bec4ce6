"""WhatsApp through 360dialog, which passes Meta's Cloud API on. Registered in `CHANNELS`.

Source: 360dialog's pages on its messaging API, webhooks and templates, November 2026.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote, urlsplit

import msgspec

from leadline.channels.base import Capabilities
from leadline.channels.exchange import Call, Parsed, Request, Response, Steps
from leadline.channels.http import host_of, is_signed, json_call, same, signature, tried
from leadline.channels.settings import MarkRead, ShowEchoes, own, plain, secret
from leadline.channels.whatsapp.adapter import NumberSettings, WhatsApp, able
from leadline.channels.whatsapp.media import place_of
from leadline.channels.whatsapp.templates import PAGES, Listed, page_of, template_of
from leadline.errors import ProviderTrouble, Refused
from leadline.model import Attachment, Sent, Template

API = "https://waba-v2.360dialog.io"
PAGE = 100
ENCODINGS: tuple[Literal["hex", "base64"], ...] = ("hex", "base64")  # 360dialog does not say which


class Dialog360Settings(NumberSettings, frozen=True, kw_only=True):
    """One WhatsApp number at 360dialog, whose webhooks carry a secret, or for partners a signature."""

    api_key: Annotated[str, secret("API key of the number, from 360dialog's hub (D360-API-KEY)")]
    webhook_secret: Annotated[
        str, own("Text that 360dialog sends along with every webhook; empty: Leadline makes one from the API key")
    ] = ""
    platform_secret: Annotated[
        str, secret("Platform secret, for 360dialog's partners only: signatures are checked instead")
    ] = ""
    display_number: Annotated[str, plain("The number as people know it, for example +353 1 555 0100")] = ""
    phone_number_id: Annotated[str, plain("Meta's phone number ID, only where several numbers share one address")] = ""
    business_account_id: Annotated[str, plain("WhatsApp Business Account ID, for webhooks that do not name it")] = ""
    mark_read: MarkRead = False
    show_echoes: ShowEchoes = False
    api_url: Annotated[str, plain("Base address of 360dialog's messaging API")] = API


class _Page(msgspec.Struct):
    waba_templates: list[Listed]
    total: int = 0


class _Complaint(msgspec.Struct):
    """What 360dialog itself says when it does not pass a request on."""

    developer_message: str = ""


class _Refusal(msgspec.Struct):
    meta: _Complaint = msgspec.field(default_factory=_Complaint)


class _Set(msgspec.Struct):
    """The webhook that is set."""

    url: str = ""


_SET = msgspec.json.Decoder(_Set)
_PAGE = msgspec.json.Decoder(_Page)
_REFUSAL = msgspec.json.Decoder(_Refusal)


class Dialog360(WhatsApp[Dialog360Settings]):
    """One number, as 360dialog passes on what Meta says."""

    key: ClassVar[str] = "whatsapp_360dialog"
    title: ClassVar[str] = "WhatsApp by 360dialog"
    settings: ClassVar[type[Any]] = Dialog360Settings
    capabilities: ClassVar[Capabilities] = able("a secret in Authorization, or HMAC-SHA256 of the body for partners")
    setup: ClassVar[tuple[str, ...]] = (
        "Leadline tells 360dialog the address, and a secret to send along. Where it says so, nothing is left to do.",
        "Otherwise: give the channel a secret to send along, open the number's Channel Webhook in 360dialog's hub, "
        "enter {url}, and under headers Authorization with the value 'Bearer', a space, and that secret.",
        "Delivery reports come to the same address.",
    )

    def verify(self, request: Request, settings: Dialog360Settings) -> None:
        """Check the secret in Authorization, or the signature where a platform secret is known; raises Refused."""
        if settings.platform_secret:
            given = request.headers.get("x-360dialog-signature", "").removeprefix("sha256=")
            keys = (settings.platform_secret.encode(),)
            if not any(is_signed(given, keys, request.body, encoding=encoding) for encoding in ENCODINGS):
                raise Refused("x-360dialog-signature is missing or does not fit: check platform_secret")
        elif not same(request.headers.get("authorization", ""), f"Bearer {secret_of(settings)}"):
            raise Refused(
                "Authorization does not carry the webhook secret: run `leadline channel rotate`, it sets both"
            )

    def parse(self, request: Request, settings: Dialog360Settings) -> Parsed:
        """Every message and status of every entry; raises Unreadable only where the whole body is none of WhatsApp."""
        parsed = super().parse(request, settings)
        return parsed if settings.phone_number_id else _of_any_number(parsed)

    def address(self, settings: Dialog360Settings) -> str:
        """The number, or its id, or where it is found."""
        return settings.display_number or settings.phone_number_id or "360dialog"

    def fingerprint(self, settings: Dialog360Settings) -> tuple[str, ...]:
        return (settings.phone_number_id or settings.display_number or settings.api_key,)

    def post(self, body: Any, settings: Dialog360Settings) -> Call:
        """POST it in Meta's form."""
        return json_call(f"{_api(settings)}/messages", body, secrets=_credentials(settings))

    def read(self, response: Response, settings: Dialog360Settings) -> Sent:
        """Meta's answer, or 360dialog's own where it did not pass the message on. Never raises."""
        sent = super().read(response, settings)
        if sent.outcome == "accepted" or sent.detail:
            return sent
        refusal = tried(_REFUSAL, response.body)
        return msgspec.structs.replace(sent, detail=refusal.meta.developer_message) if refusal else sent

    def templates(self, settings: Dialog360Settings) -> Steps[tuple[Template, ...]]:
        """All templates of the business account, in every language; raises ProviderTrouble."""
        found: list[Template] = []
        for _ in range(PAGES):
            url = f"{_api(settings)}/v1/configs/templates?limit={PAGE}&offset={len(found)}"
            page = page_of(_PAGE, (yield Call(method="GET", url=url, secrets=_credentials(settings), harmless=True)))
            found += map(template_of, page.waba_templates)
            if not page.waba_templates or len(found) >= page.total:
                return tuple(found)
        raise ProviderTrouble(f"The list of templates does not end after {PAGES} pages")

    def media(self, attachment: Attachment, settings: Dialog360Settings) -> Call:
        """Ask where the file is."""
        url = f"{_api(settings)}/{quote(attachment.ref, safe='')}"
        return Call(method="GET", url=url, secrets=_credentials(settings))

    def media_next(self, response: Response, attachment: Attachment, settings: Dialog360Settings) -> Call | None:
        """Fetch the file: the address is Meta's, but 360dialog answers to its path and query."""
        url = place_of(response, attachment)
        if not host_of(url):
            return None
        place = urlsplit(url)
        path = f"{place.path}?{place.query}" if place.query else place.path
        return Call(method="GET", url=f"{_api(settings)}{path}", secrets=_credentials(settings))

    def media_hosts(self, settings: Dialog360Settings) -> tuple[str, ...]:
        """The API itself."""
        return (host_of(settings.api_url),)

    def probe(self, settings: Dialog360Settings) -> Call:
        """GET the webhook that is set."""
        return Call(method="GET", url=_webhook(settings), secrets=_credentials(settings))

    def probed(self, response: Response, settings: Dialog360Settings) -> str:
        """No address."""
        found = tried(_SET, response.body)
        return (
            ""
            if found and found.url
            else "no webhook is set for this number, so nothing arrives: run `leadline channel rotate`"
        )

    def register(self, url: str, settings: Dialog360Settings) -> Steps[str]:
        """Set the number's webhook and the secret in its header. Another address it may have had is given up."""
        value = {"url": url, "headers": {"Authorization": f"Bearer {secret_of(settings)}"}}
        call = json_call(_webhook(settings), value, secrets=_credentials(settings))
        answer = yield msgspec.structs.replace(call, harmless=True)
        if not 200 <= answer.status < 300:
            raise ProviderTrouble(f"360dialog does not take it: {self.read(answer, settings).detail or answer.status}")
        return "360dialog sends this number's messages here from now on, with a secret that nobody else knows."


def secret_of(settings: Dialog360Settings) -> str:
    """The secret that stands in the header of every webhook."""
    return settings.webhook_secret or signature(settings.api_key.encode(), b"secret of the webhook")


def _of_any_number(parsed: Parsed) -> Parsed:
    """The same without the number it came to: this address serves one only."""
    plainly = msgspec.structs.replace
    return plainly(
        parsed,
        messages=tuple(plainly(message, account="") for message in parsed.messages),
        statuses=tuple(plainly(status, account="") for status in parsed.statuses),
        consents=tuple(plainly(consent, account="") for consent in parsed.consents),
        moves=tuple(plainly(move, account="") for move in parsed.moves),
        echoes=tuple(plainly(echo, account="") for echo in parsed.echoes),
    )


def _api(settings: Dialog360Settings) -> str:
    return settings.api_url.rstrip("/")


def _webhook(settings: Dialog360Settings) -> str:
    return f"{_api(settings)}/v1/configs/webhook"


def _credentials(settings: Dialog360Settings) -> dict[str, str]:
    return {"d360-api-key": settings.api_key}
