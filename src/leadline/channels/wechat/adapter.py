"""WeChat Official Accounts: customer service messages of one account. Registered in `CHANNELS`.

Source: WeChat's pages on Official Accounts, November 2026. WeChat wants the access token in every address: no address
of a call is ever logged, stored or passed on. The token is asked for anew each time, which WeChat answers with the
same one for two hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from leadline.channels.base import Capabilities, Channel
from leadline.channels.exchange import Answer, Call, Parsed, Request, Response, Steps
from leadline.channels.http import (
    check_age,
    first_of,
    host_of,
    query,
    same,
    with_query,
)
from leadline.channels.pieces import numbered
from leadline.channels.reasons import AUTH_FAILED
from leadline.channels.text import split
from leadline.channels.wechat.calls import SIZES, Reply, base, kind_of, link, reply_of, sending, token_call, upload
from leadline.channels.wechat.codes import REASON_OF_CODE, TOKEN_DIED, WAITS
from leadline.channels.wechat.message import NOISE, read_message
from leadline.channels.wechat.seal import decrypted, fields, key_of, sealed_by
from leadline.channels.wechat.settings import WeChatSettings
from leadline.errors import ProviderTrouble, Refused, Unreadable
from leadline.model import Attachment, Inbound, Outbound, Profile, Sent

TEXT = 2048  # bytes of a text
AGE = 300.0  # seconds a signature is good for; WeChat itself sets no limit
ANSWERS = ("", "application/json", "text/plain")


class WeChat(Channel[WeChatSettings]):
    """What followers write to one account, and its answers within 48 hours."""

    key: ClassVar[str] = "wechat"
    title: ClassVar[str] = "WeChat"
    scheme: ClassVar[str] = "wechat"
    settings: ClassVar[type[Any]] = WeChatSettings
    noise: ClassVar[Mapping[str, str]] = NOISE
    answer: ClassVar[Answer] = Answer(body="success")  # anything else is shown to the customer as a failure
    capabilities: ClassVar[Capabilities] = Capabilities(
        media_in=True,
        media_out=True,
        signature="SHA-1 of token and time, in security mode of the encrypted body too",
        window=172_800,
        replies=5,
        limits={"text_length": TEXT, "media_bytes": SIZES["image"], "media_per_message": 1},
        profiles=True,
    )
    setup: ClassVar[tuple[str, ...]] = (
        "At mp.weixin.qq.com open Settings and development > Basic configuration; there are AppID and AppSecret.",
        "Add this server's public IP address to the IP allow-list there.",
        "Under Server configuration enter {url}, your own token, a random EncodingAESKey and security mode, "
        "and choose Submit, then Enable.",
    )

    def unsigned(self, settings: WeChatSettings) -> str:
        """The token signs the time and not the body."""
        return "" if settings.encoding_aes_key else "Choose security mode at WeChat, and set encoding_aes_key"

    def verify(self, request: Request, settings: WeChatSettings) -> None:
        """Check the signature in the address; with a key also that of the encrypted body. Raises Refused."""
        given = first_of(query(request.url))
        self._check_address(given, request.now, settings)
        if not settings.encoding_aes_key:
            return
        try:
            text = fields(request.body).get("Encrypt", "")
        except Unreadable as error:
            raise Refused(f"The body cannot be proved: {error}") from error
        parts = (settings.token, given.get("timestamp", ""), given.get("nonce", ""), text)
        if not text or not same(given.get("msg_signature", ""), sealed_by(*parts)):
            raise Refused("msg_signature does not fit: choose security mode at WeChat, and check the token")

    def _check_address(self, given: dict[str, str], now: float, settings: WeChatSettings) -> None:
        moment, nonce, signature = (given.get(name, "") for name in ("timestamp", "nonce", "signature"))
        if not (moment and nonce and signature):
            raise Refused("signature is missing: only WeChat may call this address")
        check_age(moment, now, AGE)
        if not settings.token or not same(signature, sealed_by(settings.token, moment, nonce)):
            raise Refused("signature does not fit: enter the same token here and at WeChat")

    def handshake(self, request: Request, settings: WeChatSettings) -> Answer | None:
        """Answer WeChat's test of the address, a signed GET, with its echostr; raises Refused."""
        if request.method != "GET":
            return None
        given = first_of(query(request.url))
        self._check_address(given, request.now, settings)
        return Answer(body=given.get("echostr", ""))

    def parse(self, request: Request, settings: WeChatSettings) -> Parsed:
        """One message or event, opened where it is encrypted."""
        found = fields(request.body)
        if settings.encoding_aes_key and "Encrypt" in found:
            found = fields(decrypted(found["Encrypt"], key_of(settings.encoding_aes_key), settings.app_id))
        return read_message(found, settings.app_id)

    def address(self, settings: WeChatSettings) -> str:
        """The account's name, or its AppID."""
        return settings.name or settings.app_id

    def scope(self, settings: WeChatSettings) -> str:
        """The AppID."""
        return settings.app_id

    def fingerprint(self, settings: WeChatSettings) -> tuple[str, ...]:
        return (settings.app_id,)

    def pieces(self, message: Outbound, settings: WeChatSettings) -> tuple[Outbound, ...]:
        """As few messages as possible, for five are allowed: texts of 2048 bytes, each file alone.

        A file that goes as a link anyway rides with the last text.
        """
        texts, files = [*split(message.text, TEXT, _bytes)], message.attachments
        together = texts and files and not kind_of(files[0])
        if together and _bytes("\n".join((texts[-1], link(files[0])))) <= TEXT:
            last = (texts.pop(), files[:1])
            return numbered(message, [*((text, ()) for text in texts), last, *(("", (file,)) for file in files[1:])])
        return numbered(message, [*((text, ()) for text in texts), *(("", (file,)) for file in files)])

    def build(self, message: Outbound, settings: WeChatSettings) -> Call:
        """message/custom/send with files as links, without the token that `send` adds."""
        return sending(message, settings, "")

    def send(self, message: Outbound, settings: WeChatSettings) -> Steps[Sent]:
        """Get the token, upload the file, send; once more with a new token where WeChat says that it died."""
        sent = Sent(outcome="retry", reason="provider_unreachable")
        for fresh in (False, True):
            answer = yield token_call(settings, fresh=fresh)
            reply = reply_of(answer)
            if not reply.access_token:
                return _no_token(answer, reply)
            media = ""
            if message.attachments:
                media = yield from upload(message.attachments[0], reply.access_token, settings)
            call = sending(message, settings, media)
            url = with_query(call.url, access_token=reply.access_token)
            sent = self.read((yield msgspec.structs.replace(call, url=url)), settings)
            if sent.code not in map(str, TOKEN_DIED):
                break
        return sent

    def read(self, response: Response, settings: WeChatSettings) -> Sent:
        """WeChat answers 200 to everything, and names no id: errcode tells. Never raises."""
        reply = reply_of(response)
        if not 200 <= response.status < 300 or reply.errcode is None:
            code = str(response.status)
            if response.status == 429:
                return Sent(outcome="retry", reason="rate_limited", code=code)
            if 400 <= response.status < 500:
                return Sent(outcome="refused", reason="provider_error", code=code)
            return Sent(outcome="unknown", reason="no_answer", code=code)
        if reply.errcode == 0:
            return Sent(outcome="accepted")
        return _refused(reply)

    def look_up(self, message: Inbound, settings: WeChatSettings) -> Steps[Profile]:
        """user/info; since December 2021 it tells the language and no name."""
        token = reply_of((yield token_call(settings))).access_token
        if not token:
            return message.profile
        url = with_query(f"{base(settings)}/user/info", access_token=token, openid=message.sender, lang="en")
        found = reply_of((yield Call(method="GET", url=url, harmless=True)))
        return msgspec.structs.replace(message.profile, language=found.language.partition("_")[0])

    def media(self, attachment: Attachment, settings: WeChatSettings) -> Call:
        """Get the token first: the file's address needs it, and goes nowhere but to WeChat."""
        return token_call(settings)

    def media_next(self, response: Response, attachment: Attachment, settings: WeChatSettings) -> Call | None:
        """Fetch the file by its id; a video is somewhere else again. Raises ProviderTrouble for an error."""
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        if kind not in ANSWERS:
            return None  # the file: nothing in it is taken for an answer of WeChat's
        reply = reply_of(response)
        if reply.access_token:
            url = with_query(f"{base(settings)}/media/get", access_token=reply.access_token, media_id=attachment.ref)
            return Call(method="GET", url=url)
        if reply.video_url:
            secure = settings.api_url.startswith("https:")
            return Call(method="GET", url=reply.video_url.replace("http:", "https:", 1) if secure else reply.video_url)
        if reply.errcode:
            raise ProviderTrouble(f"WeChat answered {reply.errcode} {reply.errmsg}".strip())
        return None

    def media_hosts(self, settings: WeChatSettings) -> tuple[str, ...]:
        """The API, and where videos lie."""
        return (host_of(settings.api_url), ".qq.com", ".qpic.cn")

    def probe(self, settings: WeChatSettings) -> Call:
        """Get the token."""
        return token_call(settings)

    def probed(self, response: Response, settings: WeChatSettings) -> str:
        """WeChat's word where there is an error."""
        reply = reply_of(response)
        return "" if reply.access_token or not reply.errcode else f"{reply.errcode} {reply.errmsg}"


def _refused(reply: Reply) -> Sent:
    code, reason = reply.errcode or 0, REASON_OF_CODE.get(reply.errcode or 0, "provider_error")
    return Sent(outcome="retry" if code in WAITS else "refused", reason=reason, code=str(code), detail=reply.errmsg)


def _no_token(response: Response, reply: Reply) -> Sent:
    """Nothing was sent yet, so it can be tried again."""
    if reply.errcode:
        reason = REASON_OF_CODE[reply.errcode] if reply.errcode in WAITS else AUTH_FAILED
        return Sent(outcome="retry", reason=reason, code=str(reply.errcode), detail=reply.errmsg)
    return Sent(outcome="retry", reason="provider_unreachable", code=str(response.status))


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
