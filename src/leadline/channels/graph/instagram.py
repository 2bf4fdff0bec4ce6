"""Instagram messages of one professional account. Registered in `CHANNELS`."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from leadline.channels.base import Capabilities
from leadline.channels.exchange import Call, Steps
from leadline.channels.graph import wire
from leadline.channels.graph.adapter import DAY, QUICK_REPLIES, QUICK_REPLY, Graph, GraphSettings
from leadline.channels.graph.answer import read_answer
from leadline.channels.http import host_of, tried, with_query
from leadline.channels.pieces import numbered
from leadline.channels.settings import MarkRead, ShowEchoes, own, plain, secret
from leadline.channels.text import split
from leadline.errors import ProviderTrouble
from leadline.model import Outbound

TOKEN_LIFE = 60.0 * DAY  # of the token of an account that logged in at Instagram
TEXT = 1000  # bytes of UTF-8, not characters: Instagram messaging API, sending messages
_RENEWED = msgspec.json.Decoder(wire.Renewed)


class InstagramSettings(GraphSettings, frozen=True, kw_only=True):
    """One account, connected by Instagram login, or through its Facebook Page."""

    account_id: Annotated[str, plain("user_id of the account, from GET /me?fields=user_id,username")]
    access_token: Annotated[
        str, secret("Long-lived token of the account, or of its Page; Leadline renews the one that lives 60 days")
    ]
    app_secret: Annotated[str, secret("App secret, from App settings > Basic; several are separated by commas")]
    instagram_app_secret: Annotated[
        str, secret("Instagram app secret, from Instagram > API setup; empty when connected through a Page")
    ] = ""
    verify_token: Annotated[str, own("Any text of your own; enter the same one at Meta with the webhook address")]
    username: Annotated[str, plain("The account's name, for people")] = ""
    human_agent: Annotated[
        bool, plain("Meta granted your app the feature Human Agent: replies for 7 days instead of one")
    ] = False
    mark_read: MarkRead = False
    show_echoes: ShowEchoes = False
    api_url: Annotated[
        str, plain("https://graph.instagram.com; connected through a Page: https://graph.facebook.com")
    ] = "https://graph.instagram.com"
    api_version: Annotated[str, plain("Version of the Graph API")] = "v25.0"


class Instagram(Graph[InstagramSettings]):
    """Direct messages to one account."""

    key: ClassVar[str] = "instagram"
    title: ClassVar[str] = "Instagram"
    scheme: ClassVar[str] = "instagram"
    settings: ClassVar[type[Any]] = InstagramSettings
    fields: ClassVar[tuple[str, ...]] = (
        "messages",
        "messaging_postbacks",
        "messaging_seen",
        "message_reactions",
        "message_edit",
        "messaging_referral",
        "standby",
    )
    profile_fields: ClassVar[str] = "name,username,profile_pic"
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        statuses=True,
        signature="HMAC-SHA256 of the body",
        window=DAY,
        limits={"text_length": TEXT, "media_bytes": 8_000_000, "media_per_message": 1},
        choices=QUICK_REPLIES,
        choice_length=QUICK_REPLY,
        profiles=True,
        withheld={"comment": "public words, which a private conversation cannot answer; what arrives is parked"},
    )
    setup: ClassVar[tuple[str, ...]] = (
        "At developers.facebook.com open your app, add Instagram, and log your account in; it gives you the token.",
        "Under Instagram > API setup > Webhooks enter {url} as Callback URL and your own verify token.",
        "Leadline has subscribed the account to its messages. Where it could not: subscribe it there to messages, "
        "messaging_postbacks, messaging_seen, message_reactions, message_edit, messaging_referral and standby.",
        "In the Instagram app switch on Settings > Messages > Message controls > Allow access to messages.",
        "Publish the app. Until Meta has reviewed it, only people with a role in the app get through.",
    )

    def address(self, settings: InstagramSettings) -> str:
        """The account's name, or its id where none was entered."""
        return settings.username or settings.account_id

    def account(self, settings: InstagramSettings) -> str:
        """The account's id."""
        return settings.account_id

    def secrets(self, settings: InstagramSettings) -> tuple[str, ...]:
        """Both: Meta's pages do not say which of the two signs for an account that logged in at Instagram."""
        return (settings.app_secret, settings.instagram_app_secret)

    def pieces(self, message: Outbound, settings: InstagramSettings) -> tuple[Outbound, ...]:
        """Texts of 1000 bytes, then every file alone."""
        texts = split(message.text, TEXT, lambda char: len(char.encode("utf-8", "surrogatepass")))
        return numbered(message, [*((text, ()) for text in texts), *(("", (file,)) for file in message.attachments)])

    def abilities(self, settings: InstagramSettings) -> Capabilities:
        """As at Meta's, and a token that ends where the account logged in at Instagram."""
        can = super().abilities(settings)
        by_login = settings.instagram_app_secret or host_of(settings.api_url) == "graph.instagram.com"
        return msgspec.structs.replace(can, credential_life=TOKEN_LIFE) if by_login else can

    def renew(self, settings: InstagramSettings) -> Steps[InstagramSettings]:
        """GET refresh_access_token: 60 days from now, for a token older than a day. Raises ProviderTrouble.

        Source: Instagram platform, reference of refresh_access_token, November 2026; it wants the token in the address.
        """
        fields = {"grant_type": "ig_refresh_token", "access_token": settings.access_token}
        url = with_query(f"{settings.api_url.rstrip('/')}/refresh_access_token", **fields)
        answer = yield Call(method="GET", url=url, harmless=True)
        renewed = tried(_RENEWED, answer.body) if answer.status == 200 else None
        if renewed is None or not renewed.access_token:
            raise ProviderTrouble(f"Instagram says {read_answer(answer).detail or answer.status or 'nothing'}.")
        return msgspec.structs.replace(settings, access_token=renewed.access_token)

    def envelope(self, message: Outbound, settings: InstagramSettings, *, tagged: bool) -> dict[str, Any]:
        """Within the window Instagram wants no type."""
        return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"} if tagged else {}
