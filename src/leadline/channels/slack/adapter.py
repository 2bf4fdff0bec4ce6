"""Slack through an app of one's own: direct messages and channels of one workspace. Registered in `CHANNELS`.

Source: Slack's Events API and Web API reference, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

import msgspec

from leadline.channels.base import (
    Answer,
    Call,
    Capabilities,
    Channel,
    Parsed,
    Request,
    Response,
    Settings,
    Steps,
    plain,
    secret,
)
from leadline.channels.http import check_age, form_call, host_of, is_signed, json_call, retry_after, tried
from leadline.channels.markup import rich_text, signed
from leadline.channels.pieces import offered, text_with_files, texts_then_files
from leadline.channels.reasons import AUTH_FAILED
from leadline.channels.slack.codes import NOBODY_KNOWS, REASON_OF_WORD, WAITS
from leadline.channels.slack.events import MOMENT, NOISE, read_body, read_event
from leadline.channels.slack.presses import read_press
from leadline.errors import ProviderTrouble, Refused, Unreadable
from leadline.model import Attachment, Inbound, Outbound, Profile, Sent

API = "https://slack.com/api"
TEXT = 4000  # characters Slack advises; it cuts a text at 40,000
FILES = 10
BUTTONS, BUTTON = 25, 75  # of a row of actions, characters of each: reference of blocks
AGE = 300.0  # seconds a signature is good for
MANIFEST = (
    '{{"display_information": {{"name": "Support"}}, "features": {{"app_home": {{"messages_tab_enabled": true, '
    '"messages_tab_read_only_enabled": false}}, "bot_user": {{"display_name": "Support", "always_online": true}}}}, '
    '"oauth_config": {{"scopes": {{"bot": ["chat:write", "im:history", "channels:history", "users:read", '
    '"users:read.email", "files:read", "files:write", "groups:history", "reactions:read"]}}}}, '
    '"settings": {{"interactivity": {{"is_enabled": true, "request_url": "{url}"}}, "event_subscriptions": '
    '{{"request_url": "{url}", "bot_events": ["message.im", "message.channels", "message.groups", '
    '"reaction_added"]}}}}}}'
)


class SlackSettings(Settings, frozen=True, kw_only=True):
    """One Slack app in one workspace."""

    bot_token: Annotated[str, secret("Bot User OAuth Token, from OAuth & Permissions; starts with xoxb-")]
    signing_secret: Annotated[str, secret("Signing Secret, from Basic Information; it signs the events")]
    own_people: Annotated[
        str, plain("User ids of your own people, separated by commas: what they write is left alone")
    ] = ""
    buttons: Annotated[
        bool, plain("true where Interactivity is on for the app, with the webhook's address: choices become buttons")
    ] = False
    workspace: Annotated[str, plain("The workspace as people know it, for example acme.slack.com")] = ""
    api_url: Annotated[str, plain("Base address of Slack's Web API")] = API


class _Done(msgspec.Struct):
    id: str = ""


class _Reply(msgspec.Struct):
    """The fields of Slack's answers that decide."""

    ok: bool
    error: str = ""
    channel: str = ""
    ts: str = ""
    files: list[_Done] = []
    upload_url: str = ""
    file_id: str = ""


class _Face(msgspec.Struct):
    real_name: str = ""
    display_name: str = ""
    email: str = ""
    image_512: str = ""
    image_192: str = ""


class _User(msgspec.Struct):
    name: str = ""
    real_name: str = ""
    locale: str = ""
    profile: _Face = msgspec.field(default_factory=_Face)


class _UserReply(msgspec.Struct):
    user: _User


class _Kept(msgspec.Struct):
    id: str
    url_private: str = ""
    url_private_download: str = ""


class _FileReply(msgspec.Struct):
    file: _Kept


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
        "leadline channel change <channel> --set buttons=true",
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
        return _posting(message, [_link(file) for file in message.attachments], settings)

    def send(self, message: Outbound, settings: SlackSettings) -> Steps[Sent]:
        """Upload each file, then show them all with the text; what cannot be uploaded goes as a link."""
        uploaded: list[dict[str, str]] = []
        links: list[str] = []
        for file in message.attachments:
            done = yield from _upload(file, settings)
            if done:
                uploaded.append(done)
            else:
                links.append(_link(file))
        call = _showing(message, uploaded, links, settings) if uploaded else _posting(message, links, settings)
        return self.read((yield call), settings)

    def read(self, response: Response, settings: SlackSettings) -> Sent:
        """Slack answers 200 to almost everything: the body tells. No answer and 5xx: unknown. Never raises."""
        reply = _decoded(_Reply, response.body)
        if response.status == 429:
            wait = retry_after(response.headers)
            return Sent(outcome="retry", reason="rate_limited", code="429", retry_after=wait)
        if reply is not None and not reply.ok and reply.error:
            return _refused(reply.error)
        ids = _ids(reply) if reply is not None and reply.ok else ()
        if 200 <= response.status < 300 and ids:
            return Sent(outcome="accepted", provider_ids=ids)
        code = str(response.status)
        if response.status in (401, 403):
            return Sent(outcome="retry", reason=AUTH_FAILED, code=code)
        if 400 <= response.status < 500:
            return Sent(outcome="refused", reason="provider_error", code=code)
        return Sent(outcome="unknown", reason="no_answer", code=code)

    def look_up(self, message: Inbound, settings: SlackSettings) -> Steps[Profile]:
        """users.info. The e-mail address is a hint for suggestions; nobody is matched by it."""
        user = quote(message.handles[0].value, safe="")
        url = f"{_base(settings)}/users.info?include_locale=true&user={user}"
        response = yield Call(method="GET", url=url, secrets=_credentials(settings), harmless=True)
        found = _decoded(_UserReply, response.body)
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
            url = f"{_base(settings)}/files.info?file={quote(attachment.ref, safe='')}"
            return Call(method="GET", url=url, secrets=_credentials(settings))
        host = host_of(attachment.url)
        ours = host.endswith(".slack.com") or (host and host == host_of(settings.api_url))
        return Call(method="GET", url=attachment.url, secrets=_credentials(settings) if ours else {})

    def media_next(self, response: Response, attachment: Attachment, settings: SlackSettings) -> Call | None:
        """Fetch the file from where files.info says. Raises ProviderTrouble for Slack's sign-in page."""
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        if not attachment.url and kind == "application/json":
            place = _decoded(_FileReply, response.body)
            url = place.file.url_private_download or place.file.url_private if place is not None else ""
            if url and place is not None and place.file.id == attachment.ref:
                return self.media(msgspec.structs.replace(attachment, url=url), settings)
            if _decoded(_Reply, response.body) is not None:
                raise ProviderTrouble("Slack does not say where it is")
        if kind == "text/html" and attachment.content_type != "text/html":
            raise ProviderTrouble("Slack asks to sign in: the app lacks the scope files:read")
        return None

    def media_hosts(self, settings: SlackSettings) -> tuple[str, ...]:
        """Where files and pictures of people lie."""
        return ("files.slack.com", ".slack-edge.com", "secure.gravatar.com", host_of(settings.api_url))

    def probe(self, settings: SlackSettings) -> Call:
        """auth.test."""
        call = form_call(f"{_base(settings)}/auth.test", (), secrets=_credentials(settings))
        return msgspec.structs.replace(call, harmless=True)

    def probed(self, response: Response, settings: SlackSettings) -> str:
        """Slack's word, unless it says ok."""
        reply = _decoded(_Reply, response.body)
        return reply.error if reply is not None and not reply.ok else ""


def _posting(message: Outbound, links: list[str], settings: SlackSettings) -> Call:
    text = "\n".join(filter(None, (message.text, *links)))
    value = {**_target(message), "text": _escaped(text), "mrkdwn": False, "unfurl_links": False}
    if message.marks or offered(message):
        value["blocks"] = [rich_text(text, message.marks), *_buttons(message)]
    return json_call(f"{_base(settings)}/chat.postMessage", value, secrets=_credentials(settings))


def _buttons(message: Outbound) -> list[dict[str, Any]]:
    """A row of buttons below the text; which was pressed comes back with its words."""
    buttons = [
        {
            "type": "button",
            "action_id": f"choice_{number}",
            "value": str(number),
            "text": {"type": "plain_text", "text": choice, "emoji": False},
        }
        for number, choice in enumerate(offered(message), 1)
    ]
    return [{"type": "actions", "elements": buttons}] if buttons else []


def _showing(message: Outbound, uploaded: list[dict[str, str]], links: list[str], settings: SlackSettings) -> Call:
    place = _target(message)
    value = {"files": uploaded, "channel_id": place.pop("channel"), **place}
    if text := "\n".join(filter(None, (message.text, *links))):
        value["initial_comment"] = _escaped(signed(text, message.marks))
    return json_call(f"{_base(settings)}/files.completeUploadExternal", value, secrets=_credentials(settings))


def _target(message: Outbound) -> dict[str, Any]:
    """The chat, and the thread where there is one."""
    channel, _, thread = message.to.partition(":")
    thread = thread or message.quoted
    return {"channel": channel} | ({"thread_ts": thread} if thread else {})


def _upload(file: Attachment, settings: SlackSettings) -> Steps[dict[str, str] | None]:
    """Ask where, upload: id and title of a file nobody sees yet, or nothing."""
    content = yield file
    if content.status != 200 or not content.body:
        return None
    name = file.name or "file"
    fields = (("filename", name), ("length", str(len(content.body))))
    asking = form_call(f"{_base(settings)}/files.getUploadURLExternal", fields, secrets=_credentials(settings))
    place = _decoded(_Reply, (yield msgspec.structs.replace(asking, harmless=True)).body)
    if place is None or not (place.ok and place.upload_url and place.file_id):
        return None
    headers = {"content-type": "application/octet-stream"}
    answer = yield Call(method="POST", url=place.upload_url, headers=headers, body=content.body, harmless=True)
    return {"id": place.file_id, "title": name} if answer.status == 200 else None


def _refused(error: str) -> Sent:
    reason = REASON_OF_WORD.get(error, "provider_error")
    if error in NOBODY_KNOWS:
        return Sent(outcome="unknown", reason="no_answer", code=error)
    return Sent(outcome="retry" if error in WAITS else "refused", reason=reason, code=error)


def _ids(reply: _Reply) -> tuple[str, ...]:
    """A message is known by its channel and time, an upload by its files."""
    if reply.channel and reply.ts:
        return (f"{reply.channel}:{reply.ts}",)
    return tuple(file.id for file in reply.files if file.id)


def _decoded(type_: Any, body: bytes) -> Any:
    return tried(msgspec.json.Decoder(type_), body)


def _escaped(text: str) -> str:
    """The three characters Slack takes for markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _link(file: Attachment) -> str:
    return f"{file.name}\n{file.url}".strip()


def _base(settings: SlackSettings) -> str:
    return settings.api_url.rstrip("/")


def _credentials(settings: SlackSettings) -> dict[str, str]:
    return {"authorization": f"Bearer {settings.bot_token}"}
