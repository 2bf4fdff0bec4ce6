"""Slack through an app of one's own: direct messages and channels of one workspace. Registered in `CHANNELS`.

Source: Slack's Events API and Web API reference, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec

from leadline.channels.base import Capabilities, Channel
from leadline.channels.exchange import Answer, Call, Parsed, Request, Response, Steps
from leadline.channels.http import check_age, form_call, host_of, is_signed
from leadline.channels.pieces import offered, text_with_files, texts_then_files
from leadline.channels.slack.answers import FileReply, Reply, UserReply, answered, read_answer
from leadline.channels.slack.events import MOMENT, read_body, read_event
from leadline.channels.slack.noise import NOISE
from leadline.channels.slack.presses import read_press
from leadline.channels.slack.sending import as_link, base, credentials, posting, showing, upload
from leadline.channels.slack.settings import MANIFEST, SlackSettings
from leadline.errors import ProviderTrouble, Refused, Unreadable
from leadline.model import Attachment, Inbound, Outbound, Profile, Sent

TEXT = 4000  # characters Slack advises; it cuts a text at 40,000
FILES = 10
BUTTONS, BUTTON = 25, 75  # of a row of actions, characters of each: reference of blocks
AGE = 300.0  # seconds a signature is good for


class Slack(Channel[SlackSettings]):
    """Direct messages to an app, and what customers write in its channels; answers there go into the thread."""

    key: ClassVar[str] = "slack"
    title: ClassVar[str] = "Slack"
    scheme: ClassVar[str] = "slack"
    settings: ClassVar[type[Any]] = SlackSettings
    noise: ClassVar[Mapping[str, str]] = NOISE
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        signature="HMAC-SHA256 of time and body",
        limits={"text_length": TEXT, "media_bytes": 1_000_000_000, "media_per_message": FILES},
        choices=BUTTONS,
        choice_length=BUTTON,
        profiles=True,
    )
    setup: ClassVar[tuple[str, ...]] = (
        f"At api.slack.com/apps choose Create New App > From a manifest, and enter: {MANIFEST}",
        "Install the app to the workspace. Bot token: OAuth & Permissions. Signing secret: Basic Information.",
        "Under Event Subscriptions the address {url} must say Verified.",
        "Under Interactivity & Shortcuts the same address must stand. Then choices can go out as buttons: "
        "switch that on in the settings of the channel.",
        "Invite the app to each channel customers write in: /invite @Support.",
    )

    def abilities(self, settings: SlackSettings) -> Capabilities:
        """Buttons only where Slack knows where to tell who pressed them."""
        return self.capabilities if settings.buttons else msgspec.structs.replace(self.capabilities, choices=0)

    def verify(self, request: Request, settings: SlackSettings) -> None:
        """Check X-Slack-Signature over time and raw body, not older than five minutes; raises Refused."""
        given = request.headers.get("x-slack-signature", "")
        moment = request.headers.get("x-slack-request-timestamp", "")
        if not (given.startswith("v0=") and moment):
            raise Refused("X-Slack-Signature is missing: only Slack may call this address")
        check_age(moment, request.now, AGE)
        message = f"v0:{moment}:".encode() + request.body
        if not is_signed(given.removeprefix("v0="), (settings.signing_secret.encode(),), message):
            raise Refused("X-Slack-Signature does not fit: check signing_secret, at Slack under Basic Information")

    def handshake(self, request: Request, settings: SlackSettings) -> Answer | None:
        """Answer Slack's test of the address with its challenge; it is signed like any request. Raises Refused."""
        if b"url_verification" not in request.body:
            return None
        try:
            body = read_body(request.body)
        except Unreadable:
            return None
        if body.type != "url_verification":
            return None
        self.verify(request, settings)
        return Answer(body=body.challenge)

    def parse(self, request: Request, settings: SlackSettings) -> Parsed:
        """One event, or one press of a button, which comes as a form."""
        own = frozenset(filter(None, map(str.strip, settings.own_people.split(","))))
        is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        return read_press(request.body, own) if is_form else read_event(request.body, own)

    def address(self, settings: SlackSettings) -> str:
        """The workspace, where one was entered."""
        return settings.workspace or "Slack workspace"

    def fingerprint(self, settings: SlackSettings) -> tuple[str, ...]:
        return (settings.bot_token.rpartition("-")[0] or settings.bot_token,)

    def quotable(self, number: str, ref: str, to: str, settings: SlackSettings) -> str:
        """In a direct chat the answer opens a thread below the message; in a channel it stands in its thread anyway."""
        channel, _, moment = number.partition(":")
        return moment if channel == to and MOMENT.fullmatch(moment) else ""

    def pieces(self, message: Outbound, settings: SlackSettings) -> tuple[Outbound, ...]:
        """Texts of 4000 characters, the last one with up to ten files; where it has buttons, the files follow it."""
        if offered(message):
            return texts_then_files(message, text_length=TEXT)
        return text_with_files(message, text_length=TEXT, files=FILES)

    def build(self, message: Outbound, settings: SlackSettings) -> Call:
        """chat.postMessage with files as links; `send` uploads them first."""
        return posting(message, [as_link(file) for file in message.attachments], settings)

    def send(self, message: Outbound, settings: SlackSettings) -> Steps[Sent]:
        """Upload each file, then show them all with the text; what cannot be uploaded goes as a link."""
        uploaded: list[dict[str, str]] = []
        links: list[str] = []
        for file in message.attachments:
            done = yield from upload(file, settings)
            if done:
                uploaded.append(done)
            else:
                links.append(as_link(file))
        call = showing(message, uploaded, links, settings) if uploaded else posting(message, links, settings)
        return self.read((yield call), settings)

    def read(self, response: Response, settings: SlackSettings) -> Sent:
        """Slack answers 200 to almost everything: the body tells. No answer and 5xx: unknown. Never raises."""
        return read_answer(response)

    def look_up(self, message: Inbound, settings: SlackSettings) -> Steps[Profile]:
        """users.info. The e-mail address is a hint for suggestions; nobody is matched by it."""
        user = quote(message.handles[0].value, safe="")
        url = f"{base(settings)}/users.info?include_locale=true&user={user}"
        response = yield Call(method="GET", url=url, secrets=credentials(settings), harmless=True)
        found = answered(UserReply, response.body)
        if found is None:
            return message.profile
        face = found.user.profile
        return Profile(
            name=face.real_name or found.user.real_name or face.display_name,
            username=found.user.name,
            avatar_url=face.image_512 or face.image_192,
            language=found.user.locale.partition("-")[0],
            email=face.email,
        )

    def media(self, attachment: Attachment, settings: SlackSettings) -> Call:
        """GET the file, or ask where it is; only Slack's own hosts see the token."""
        if not attachment.url:
            url = f"{base(settings)}/files.info?file={quote(attachment.ref, safe='')}"
            return Call(method="GET", url=url, secrets=credentials(settings))
        host = host_of(attachment.url)
        ours = host.endswith(".slack.com") or (host and host == host_of(settings.api_url))
        return Call(method="GET", url=attachment.url, secrets=credentials(settings) if ours else {})

    def media_next(self, response: Response, attachment: Attachment, settings: SlackSettings) -> Call | None:
        """Fetch the file from where files.info says. Raises ProviderTrouble for Slack's sign-in page."""
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        if not attachment.url and kind == "application/json":
            place = answered(FileReply, response.body)
            url = place.file.url_private_download or place.file.url_private if place is not None else ""
            if url and place is not None and place.file.id == attachment.ref:
                return self.media(msgspec.structs.replace(attachment, url=url), settings)
            if answered(Reply, response.body) is not None:
                raise ProviderTrouble("Slack does not say where it is")
        if kind == "text/html" and attachment.content_type != "text/html":
            raise ProviderTrouble("Slack asks to sign in: the app lacks the scope files:read")
        return None

    def media_hosts(self, settings: SlackSettings) -> tuple[str, ...]:
        """Where files and pictures of people lie."""
        return ("files.slack.com", ".slack-edge.com", "secure.gravatar.com", host_of(settings.api_url))

    def probe(self, settings: SlackSettings) -> Call:
        """auth.test."""
        call = form_call(f"{base(settings)}/auth.test", (), secrets=credentials(settings))
        return msgspec.structs.replace(call, harmless=True)

    def probed(self, response: Response, settings: SlackSettings) -> str:
        """Slack's word, unless it says ok."""
        reply = answered(Reply, response.body)
        return reply.error if reply is not None and not reply.ok else ""
