"""Facebook Messenger of one Page. Registered in `CHANNELS`."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from leadline.channels.base import Capabilities
from leadline.channels.graph.adapter import DAY, QUICK_REPLIES, QUICK_REPLY, Graph, GraphSettings
from leadline.channels.pieces import texts_then_files
from leadline.channels.settings import MarkRead, ShowEchoes, own, plain, secret
from leadline.model import Outbound

TEXT = 2000  # characters of a text: Send API reference


class MessengerSettings(GraphSettings, frozen=True, kw_only=True):
    """One Page of a Meta app of one's own."""

    page_id: Annotated[str, plain("Page ID, from the Page's About > Page transparency")]
    access_token: Annotated[str, secret("Page access token with pages_messaging that does not expire")]
    app_secret: Annotated[str, secret("App secret, from App settings > Basic; several are separated by commas")]
    verify_token: Annotated[str, own("Any text of your own; enter the same one at Meta with the webhook address")]
    page_name: Annotated[str, plain("The Page's name, for people")] = ""
    human_agent: Annotated[
        bool, plain("Meta granted your app the feature Human Agent: replies for 7 days instead of one")
    ] = False
    mark_read: MarkRead = False
    show_echoes: ShowEchoes = False
    api_url: Annotated[str, plain("Base address of Meta's Graph API")] = "https://graph.facebook.com"
    api_version: Annotated[str, plain("Version of the Graph API")] = "v25.0"


class Messenger(Graph[MessengerSettings]):
    """Conversations with one Page."""

    key: ClassVar[str] = "messenger"
    title: ClassVar[str] = "Facebook Messenger"
    scheme: ClassVar[str] = "messenger"
    settings: ClassVar[type[Any]] = MessengerSettings
    fields: ClassVar[tuple[str, ...]] = (
        "messages",
        "messaging_postbacks",
        "message_deliveries",
        "message_reads",
        "message_echoes",
        "message_reactions",
        "message_edits",
        "messaging_referrals",
        "standby",
    )
    profile_fields: ClassVar[str] = "name,first_name,last_name,profile_pic"
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        statuses=True,
        signature="HMAC-SHA256 of the body",
        window=DAY,
        limits={"text_length": TEXT, "media_bytes": 25_000_000, "media_per_message": 1},
        choices=QUICK_REPLIES,
        choice_length=QUICK_REPLY,
        profiles=True,
        withheld={"comment": "public words, which a private conversation cannot answer; what arrives is parked"},
    )
    setup: ClassVar[tuple[str, ...]] = (
        "At developers.facebook.com open your app, add Messenger, and connect your Page there; it gives you the token.",
        "Under Messenger > Settings > Webhooks enter {url} as Callback URL and your own verify token.",
        "Leadline has subscribed the Page to its messages. Where it could not: subscribe it there to messages, "
        "messaging_postbacks, message_deliveries, message_reads, message_echoes, message_reactions, message_edits, "
        "messaging_referrals and standby.",
        "Publish the app. Until Meta has reviewed pages_messaging, only people with a role in the app get through.",
    )

    def address(self, settings: MessengerSettings) -> str:
        """The Page's name, or its id where none was entered."""
        return settings.page_name or settings.page_id

    def account(self, settings: MessengerSettings) -> str:
        """The Page's id."""
        return settings.page_id

    def pieces(self, message: Outbound, settings: MessengerSettings) -> tuple[Outbound, ...]:
        """Texts of 2000 characters, then every file alone."""
        return texts_then_files(message, text_length=TEXT)

    def envelope(self, message: Outbound, settings: MessengerSettings, *, tagged: bool) -> dict[str, Any]:
        """Our id rides in the metadata, which the echo of the message brings back."""
        kind = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"} if tagged else {"messaging_type": "RESPONSE"}
        return {**kind, "message": {"metadata": message.id}}
