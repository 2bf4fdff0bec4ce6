"""Instagram messages of one professional account. Registered in `CHANNELS`."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from leadline.channels.base import Capabilities, plain, secret
from leadline.channels.graph import DAY, Graph, GraphSettings
from leadline.channels.pieces import numbered
from leadline.channels.text import split
from leadline.model import Outbound

TEXT = 1000  # bytes of UTF-8, not characters: Instagram messaging API, sending messages


class InstagramSettings(GraphSettings, frozen=True, kw_only=True):
    """One account, connected by Instagram login, or through its Facebook Page."""

    account_id: Annotated[str, plain("user_id of the account, from GET /me?fields=user_id,username")]
    access_token: Annotated[str, secret("Long-lived token of the account, or of its Page; lives 60 days, renew it")]
    app_secret: Annotated[str, secret("App secret, from App settings > Basic; several are separated by commas")]
    instagram_app_secret: Annotated[
        str, secret("Instagram app secret, from Instagram > API setup; empty when connected through a Page")
    ] = ""
    verify_token: Annotated[str, secret("Any text of your own; enter the same one at Meta with the webhook address")]
    username: Annotated[str, plain("The account's name, for people")] = ""
    human_agent: Annotated[
        bool, plain("true where Meta granted your app the feature Human Agent: replies for 7 days instead of one")
    ] = False
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
        profiles=True,
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

    def envelope(self, message: Outbound, settings: InstagramSettings, *, tagged: bool) -> dict[str, Any]:
        """Within the window Instagram wants no type."""
        return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"} if tagged else {}
