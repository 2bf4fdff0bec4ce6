"""What Messenger and Instagram share: webhooks, sends and profiles of Meta's Graph API. Base of both adapters.

Source: Messenger Platform and Instagram messaging API, Graph API v25.0, November 2026.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import msgspec

from leadline.channels.base import Capabilities, Channel
from leadline.channels.exchange import Answer, Call, Parsed, Request, Response, Steps, without_echoes
from leadline.channels.graph import wire
from leadline.channels.graph.answer import read_answer
from leadline.channels.graph.batch import read_batch
from leadline.channels.graph.noise import NOISE
from leadline.channels.graph.words import MEDIA_HOSTS
from leadline.channels.http import form_call, host_of, json_call, tried, with_query
from leadline.channels.meta import answer_handshake, check_signature
from leadline.channels.pieces import offered
from leadline.channels.settings import Settings
from leadline.errors import ProviderTrouble
from leadline.model import Attachment, Inbound, Outbound, Profile, Sent

DAY = 86_400
QUICK_REPLIES, QUICK_REPLY = 13, 20  # of a message, characters of each: page on quick replies
HUMAN_AGENT_WINDOW = 7 * DAY  # page on message tags
_SUBSCRIBED = msgspec.json.Decoder(wire.Subscribed)
_PERSON = msgspec.json.Decoder(wire.Person)


class GraphSettings(Settings, frozen=True, kw_only=True):
    """What both have. Subclasses describe the fields for people and add the account's id."""

    access_token: str
    app_secret: str
    verify_token: str
    human_agent: bool = False
    mark_read: bool = False
    show_echoes: bool = False
    api_version: str = "v25.0"


G = TypeVar("G", bound=GraphSettings)


class Graph(Channel[G]):
    """Conversations of one Page or Instagram account."""

    noise: ClassVar[Mapping[str, str]] = NOISE
    profile_fields: ClassVar[str]
    fields: ClassVar[tuple[str, ...]]

    @abstractmethod
    def account(self, settings: G) -> str:
        """The id by which batches name the Page or account a message came to."""

    @abstractmethod
    def envelope(self, message: Outbound, settings: G, *, tagged: bool) -> dict[str, Any]:
        """Everything of a send but the recipient and the content. tagged: as a human agent, after the window."""

    def secrets(self, settings: G) -> tuple[str, ...]:
        """The secrets webhooks may be signed with."""
        return (settings.app_secret,)

    def verify(self, request: Request, settings: G) -> None:
        """Check X-Hub-Signature-256 over the raw body with each secret; raises Refused."""
        check_signature(request, *self.secrets(settings))

    def handshake(self, request: Request, settings: G) -> Answer | None:
        """Answer Meta's test of the address with its bare challenge; raises Refused for a wrong verify token."""
        return answer_handshake(request, settings.verify_token)

    def parse(self, request: Request, settings: G) -> Parsed:
        """Every event of every entry; raises Unreadable only where the whole body is about something else."""
        parsed = read_batch(request.body, self.scheme, host_of(settings.api_url))
        return parsed if settings.show_echoes else without_echoes(parsed)

    def abilities(self, settings: G) -> Capabilities:
        """A day to answer, and seven for human agents."""
        window = HUMAN_AGENT_WINDOW if settings.human_agent else DAY
        return msgspec.structs.replace(self.capabilities, window=window)

    def marking_read(self, number: str, ref: str, to: str, settings: G) -> Call | None:
        """The sender action mark_seen, for the whole chat. Source: Meta's page on sender actions, Graph API v25.0."""
        if not settings.mark_read:
            return None
        value = {"recipient": {"id": to}, "sender_action": "mark_seen"}
        return json_call(f"{self.account_url(settings)}/messages", value, secrets=credentials(settings))

    def quotable(self, number: str, ref: str, to: str, settings: G) -> str:
        """Messages of the chat, by their id; what Leadline names itself (a reaction, an edit) has a slash in its name.

        Source: `reply_to` at https://developers.facebook.com/docs/graph-api/reference/page/messages, November 2026.
        """
        return "" if "/" in number else number

    def build(self, message: Outbound, settings: G) -> Call:
        """POST messages, within the window."""
        return self.call(message, settings, tagged=False)

    def call(self, message: Outbound, settings: G, *, tagged: bool) -> Call:
        """POST messages."""
        value = self.envelope(message, settings, tagged=tagged)
        value |= {"recipient": {"id": message.to}, "message": value.get("message", {}) | _content(message)}
        value |= {"reply_to": {"mid": message.quoted}} if message.quoted else {}
        return json_call(f"{self.account_url(settings)}/messages", value, secrets=credentials(settings))

    def send(self, message: Outbound, settings: G) -> Steps[Sent]:
        """As an answer; once more without its quote where Meta does not take that, for what is quoted may be gone; and
        where Meta says the window is over and the app may, once more as a human agent.

        A request before was refused, so the customer cannot get two messages.
        """
        sent = self.read((yield self.build(message, settings)), settings)
        if message.quoted and (sent.outcome, sent.reason) == ("refused", "provider_error"):
            message = msgspec.structs.replace(message, quoted="")
            sent = self.read((yield self.build(message, settings)), settings)
        if sent.reason != "window_closed" or not settings.human_agent:
            return sent
        return self.read((yield self.call(message, settings, tagged=True)), settings)

    def read(self, response: Response, settings: G) -> Sent:
        """200 with an id: taken. Errors by code and subcode. Never raises."""
        return read_answer(response)

    def look_up(self, message: Inbound, settings: G) -> Steps[Profile]:
        """Name and picture, where Meta tells them; else a name made of the last digits of the id."""
        url = with_query(f"{_api(settings)}/{message.sender}", fields=self.profile_fields)
        answer = yield Call(method="GET", url=url, secrets=credentials(settings), harmless=True)
        person = (tried(_PERSON, answer.body) if answer.status == 200 else None) or wire.Person()
        whole = " ".join(filter(None, (person.first_name, person.last_name)))
        return Profile(
            name=person.name or whole or person.username or f"{self.title} …{message.sender[-4:]}",
            username=person.username or "",
            avatar_url=person.profile_pic or "",
            language=(person.locale or "").partition("_")[0],
        )

    def media(self, attachment: Attachment, settings: G) -> Call:
        """GET of the address, which is signed by itself and expires."""
        return Call(method="GET", url=attachment.url)

    def media_hosts(self, settings: G) -> tuple[str, ...]:
        """The API itself, and where Meta keeps files."""
        return (host_of(settings.api_url), *MEDIA_HOSTS)

    def probe(self, settings: G) -> Call:
        """Which apps get the webhooks of the Page or account."""
        url = f"{self.account_url(settings)}/subscribed_apps"
        return Call(method="GET", url=url, secrets=credentials(settings), harmless=True)

    def probed(self, response: Response, settings: G) -> str:
        """Meta takes a Page out of the app after an hour of failures, and tells nobody."""
        found = tried(_SUBSCRIBED, response.body)
        if found is None or any("messages" in app.subscribed_fields for app in found.data):
            return ""
        return "it is not subscribed to messages, so nothing arrives: run `leadline channel register`"

    def register(self, url: str, settings: G) -> Steps[str]:
        """Subscribe the Page or account to the app. The address is for the operator to enter: others may share it."""
        fields = [("subscribed_fields", ",".join(self.fields))]
        call = form_call(f"{self.account_url(settings)}/subscribed_apps", fields, secrets=credentials(settings))
        answer = yield msgspec.structs.replace(call, harmless=True)
        if not 200 <= answer.status < 300:
            raise ProviderTrouble(f"Meta does not take it: {read_answer(answer).detail or answer.status}")
        return "Meta passes its messages to your app from now on; the app needs the address, see below."

    def account_url(self, settings: G) -> str:
        """Address of the Page or account."""
        return f"{_api(settings)}/{self.account(settings)}"


def credentials(settings: GraphSettings) -> dict[str, str]:
    """The header that only Meta may see."""
    return {"authorization": f"Bearer {settings.access_token}"}


def kind_of(file: Attachment) -> str:
    """What Meta calls a file of this type."""
    family = file.content_type.partition("/")[0].strip().lower()
    return family if family in ("image", "video", "audio") else "file"


def _content(message: Outbound) -> dict[str, Any]:
    """A text or a file: one message never holds both."""
    if not message.attachments:
        taps = [{"content_type": "text", "title": choice, "payload": choice} for choice in offered(message)]
        return {"text": message.text} | ({"quick_replies": taps} if taps else {})
    file = message.attachments[0]
    return {"attachment": {"type": kind_of(file), "payload": {"url": file.url}}}


def _api(settings: GraphSettings) -> str:
    return f"{settings.api_url.rstrip('/')}/{settings.api_version}"
