"""WhatsApp through Meta's Cloud API. Registered in `CHANNELS`; providers that pass on the same JSON build on it.

Source: WhatsApp Cloud API reference v23.0 and its pages on business-scoped user ids, November 2026.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from leadline.channels.base import Capabilities
from leadline.channels.exchange import Answer, Call, Request, Response, Steps
from leadline.channels.http import host_of, json_call
from leadline.channels.meta import answer_handshake, check_signature
from leadline.channels.settings import MarkRead, ShowEchoes, own, plain, secret
from leadline.channels.whatsapp.adapter import NumberSettings, WhatsApp, able
from leadline.channels.whatsapp.answer import read_answer
from leadline.channels.whatsapp.media import place_of
from leadline.channels.whatsapp.templates import listed_templates
from leadline.errors import ProviderTrouble
from leadline.model import Attachment, Template

API = "https://graph.facebook.com"


class WhatsAppSettings(NumberSettings, frozen=True, kw_only=True):
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


class WhatsAppCloud(WhatsApp[WhatsAppSettings]):
    """One number, straight from Meta."""

    key: ClassVar[str] = "whatsapp_cloud"
    title: ClassVar[str] = "WhatsApp Cloud API"
    settings: ClassVar[type[Any]] = WhatsAppSettings
    capabilities: ClassVar[Capabilities] = able("HMAC-SHA256 of the body")
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

    def address(self, settings: WhatsAppSettings) -> str:
        """The number, or its id where none was entered."""
        return settings.display_number or settings.phone_number_id

    def post(self, body: Any, settings: WhatsAppSettings) -> Call:
        """POST it to the number's messages."""
        return json_call(f"{_number_url(settings)}/messages", body, secrets=_credentials(settings))

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
