"""WhatsApp through Meta's Cloud API. Registered in `CHANNELS`; providers that pass on the same JSON build on it.

Source: WhatsApp Cloud API reference v23.0 and its pages on business-scoped user ids, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from leadline.channels.base import (
    Answer,
    Call,
    Capabilities,
    Channel,
    MarkRead,
    Parsed,
    Request,
    Response,
    Settings,
    ShowEchoes,
    Steps,
    own,
    plain,
    secret,
    without_echoes,
)
from leadline.channels.http import host_of, json_call
from leadline.channels.meta import answer_handshake, check_signature
from leadline.channels.whatsapp.answer import read_answer
from leadline.channels.whatsapp.batch import read_batch
from leadline.channels.whatsapp.content import MEDIA_BYTES, ROW, ROWS, TEXT, WAMID, cut, marked_read, wire_message
from leadline.channels.whatsapp.media import place_of
from leadline.channels.whatsapp.noise import NOISE
from leadline.channels.whatsapp.templates import listed_templates
from leadline.errors import ProviderTrouble
from leadline.model import Attachment, Outbound, Sent, Template

API = "https://graph.facebook.com"


class WhatsAppSettings(Settings, frozen=True, kw_only=True):
    """One WhatsApp number of one WhatsApp Business Account."""

    phone_number_id: Annotated[str, plain("Phone number ID, from WhatsApp > API setup")]
    business_account_id: Annotated[str, plain("WhatsApp Business Account ID, from the same page")]
    access_token: Annotated[str, secret("Permanent token of a system user, with both whatsapp_business permissions")]
    app_secret: Annotated[str, secret("App secret, from App settings > Basic; several are separated by commas")]
    verify_token: Annotated[str, own("Any text of your own; enter the same one at Meta with the webhook address")]
    display_number: Annotated[str, plain("The number as people know it, for example +353 1 555 0100")] = ""
    mark_read: MarkRead = False
    show_echoes: ShowEchoes = False
    api_url: Annotated[str, plain("Base address of Meta's Graph API")] = API
    api_version: Annotated[str, plain("Version of the Graph API")] = "v23.0"


class WhatsAppCloud(Channel[WhatsAppSettings]):
    """WhatsApp messages, single or in batches for several numbers; senders with a phone, a user id or both."""

    key: ClassVar[str] = "whatsapp_cloud"
    title: ClassVar[str] = "WhatsApp Cloud API"
    scheme: ClassVar[str] = "whatsapp"
    phone_based: ClassVar[bool] = True
    settings: ClassVar[type[Any]] = WhatsAppSettings
    refusals: ClassVar[Mapping[str, Literal["everything", "marketing"]]] = {"131050": "marketing"}
    noise: ClassVar[Mapping[str, str]] = NOISE
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        statuses=True,
        signature="HMAC-SHA256 of the body",
        window=86_400,
        limits={"text_length": TEXT, "media_bytes": MEDIA_BYTES, "media_per_message": 1},
        choices=ROWS,
        choice_length=ROW,
        templates=True,
    )
    setup: ClassVar[tuple[str, ...]] = (
        "At developers.facebook.com open your app, then WhatsApp > Configuration.",
        "Under Webhook choose Edit, enter {url} as Callback URL and your own verify token, and choose Verify and save.",
        "Under Webhook fields subscribe to messages and user_preferences. Delivery reports come to the same address.",
        "Where the app is new: subscribe it to the WhatsApp Business Account and switch it to live mode.",
    )

    def verify(self, request: Request, settings: WhatsAppSettings) -> None:
        """Check X-Hub-Signature-256 over the raw body with each app secret; raises Refused."""
        check_signature(request, settings.app_secret)

    def handshake(self, request: Request, settings: WhatsAppSettings) -> Answer | None:
        """Answer Meta's test of the address with its bare challenge; raises Refused for a wrong verify token."""
        return answer_handshake(request, settings.verify_token)

    def parse(self, request: Request, settings: WhatsAppSettings) -> Parsed:
        """Every message and status of every entry; raises Unreadable only where the whole body is none of WhatsApp."""
        parsed = read_batch(request.body, settings.business_account_id)
        return parsed if settings.show_echoes else without_echoes(parsed)

    def address(self, settings: WhatsAppSettings) -> str:
        """The number, or its id where none was entered."""
        return settings.display_number or settings.phone_number_id

    def account(self, settings: WhatsAppSettings) -> str:
        """The id by which batches name the number a message came to."""
        return settings.phone_number_id

    def marking_read(self, number: str, ref: str, to: str, settings: WhatsAppSettings) -> Call | None:
        """POST messages with the status `read`, which counts for all before it."""
        if not (settings.mark_read and number.startswith(WAMID)):
            return None
        return json_call(f"{_number_url(settings)}/messages", marked_read(number), secrets=_credentials(settings))

    def quotable(self, number: str, ref: str, to: str, settings: WhatsAppSettings) -> str:
        """Any message of the chat, by its id."""
        return number if number.startswith(WAMID) else ""

    def pieces(self, message: Outbound, settings: WhatsAppSettings) -> tuple[Outbound, ...]:
        """Texts of 4096 characters and one file a message; a short text becomes the first file's caption."""
        return cut(message)

    def build(self, message: Outbound, settings: WhatsAppSettings) -> Call:
        """POST messages; a phone goes into `to`, a user id into `recipient`, our id into the callback data."""
        return json_call(f"{_number_url(settings)}/messages", wire_message(message), secrets=_credentials(settings))

    def read(self, response: Response, settings: WhatsAppSettings) -> Sent:
        """200 with an id: taken. Errors by their code: refused, retry or unknown. Never raises."""
        return read_answer(response)

    def templates(self, settings: WhatsAppSettings) -> Steps[tuple[Template, ...]]:
        """All templates of the business account, in every language; raises ProviderTrouble."""
        fields = "fields=id,name,language,status,category,components&limit=100"
        url = f"{_api(settings)}/{settings.business_account_id}/message_templates?{fields}"
        return listed_templates(url, _credentials(settings))

    def media(self, attachment: Attachment, settings: WhatsAppSettings) -> Call:
        """Ask where the file is."""
        url = f"{_api(settings)}/{attachment.ref}?phone_number_id={settings.phone_number_id}"
        return Call(method="GET", url=url, secrets=_credentials(settings))

    def media_next(self, response: Response, attachment: Attachment, settings: WhatsAppSettings) -> Call | None:
        """Fetch the file from where the first answer says, with the same token."""
        url = place_of(response, attachment)
        if not url:
            return None
        secrets = _credentials(settings) if host_of(url) in self.media_hosts(settings) else {}
        return Call(method="GET", url=url, headers={"user-agent": "Leadline"}, secrets=secrets)

    def media_hosts(self, settings: WhatsAppSettings) -> tuple[str, ...]:
        """The API itself, and where it keeps files."""
        return (host_of(settings.api_url), "lookaside.fbsbx.com")

    def probe(self, settings: WhatsAppSettings) -> Call:
        """GET the number."""
        url = f"{_number_url(settings)}?fields=display_phone_number,verified_name"
        return Call(method="GET", url=url, secrets=_credentials(settings))

    def register(self, url: str, settings: WhatsAppSettings) -> Steps[str]:
        """Subscribe the app to the account, and have this number's messages sent here, whatever the app's own address.

        Source: Meta's page on webhook overrides, June 2026. Meta tries the address at once, see `handshake`.
        """
        place = {"override_callback_uri": url, "verify_token": settings.verify_token}
        for address, value in (
            (f"{_api(settings)}/{settings.business_account_id}/subscribed_apps", {}),
            (_number_url(settings), {"webhook_configuration": place}),
        ):
            call = json_call(address, value, secrets=_credentials(settings))
            answer = yield msgspec.structs.replace(call, harmless=True)
            if not 200 <= answer.status < 300:
                raise ProviderTrouble(f"Meta does not take it: {read_answer(answer).detail or answer.status}")
        return "Meta sends this number's messages here from now on, where the app is subscribed to them as below."


def _api(settings: WhatsAppSettings) -> str:
    return f"{settings.api_url.rstrip('/')}/{settings.api_version}"


def _number_url(settings: WhatsAppSettings) -> str:
    return f"{_api(settings)}/{settings.phone_number_id}"


def _credentials(settings: WhatsAppSettings) -> dict[str, str]:
    return {"authorization": f"Bearer {settings.access_token}"}
