"""Calls of WeChat's API: the token, sending, uploading. The adapter beside it uses them.

WeChat wants the access token in every address: no address of a call is ever logged, stored or passed on.
"""

from __future__ import annotations

import msgspec

from leadline.channels.exchange import Call, Response, Steps
from leadline.channels.http import json_call, multipart_call, tried, with_query
from leadline.channels.wechat.settings import WeChatSettings
from leadline.model import Attachment, Outbound

KINDS = {
    **dict.fromkeys(("image/jpeg", "image/png", "image/gif", "image/bmp"), "image"),
    **dict.fromkeys(("audio/amr", "audio/mpeg"), "voice"),
    "video/mp4": "video",
}
SIZES = {"image": 10_000_000, "voice": 2_000_000, "video": 10_000_000}  # media/upload


class Reply(msgspec.Struct):
    """The fields of WeChat's answers that decide."""

    errcode: int | None = None
    errmsg: str = ""
    access_token: str = ""
    media_id: str = ""
    video_url: str = ""
    language: str = ""


_REPLY = msgspec.json.Decoder(Reply)


def token_call(settings: WeChatSettings, *, fresh: bool = False) -> Call:
    """stable_token, which leaves other servers' tokens alive; a `fresh` one takes the place of the former."""
    value = {
        "grant_type": "client_credential",
        "appid": settings.app_id,
        "secret": settings.app_secret,
        "force_refresh": fresh,
    }
    return msgspec.structs.replace(json_call(f"{base(settings)}/stable_token", value), harmless=True)


def sending(message: Outbound, settings: WeChatSettings, media: str) -> Call:
    kind = kind_of(message.attachments[0]) if message.attachments else ""
    links = [link(file) for file in message.attachments] if not media else []
    text = "\n".join(filter(None, (message.text, *links)))
    content = {"msgtype": kind, kind: {"media_id": media}} if media else {"msgtype": "text", "text": {"content": text}}
    return json_call(f"{base(settings)}/message/custom/send", {"touser": message.to, **content})


def upload(file: Attachment, token: str, settings: WeChatSettings) -> Steps[str]:
    """The media id of an uploaded file, or nothing where WeChat does not take it."""
    kind = kind_of(file)
    if not kind:
        return ""
    content = yield file
    if content.status != 200 or not 0 < len(content.body) <= SIZES[kind]:
        return ""
    url = with_query(f"{base(settings)}/media/upload", access_token=token, type=kind)
    files = [("media", file.name or "file", file.content_type, content.body)]
    return reply_of((yield multipart_call(url, [], files))).media_id


def reply_of(response: Response) -> Reply:
    return tried(_REPLY, response.body) or Reply()


def kind_of(file: Attachment) -> str:
    """What WeChat calls a file of this type; nothing where it takes none."""
    return KINDS.get(file.content_type.partition(";")[0].strip().lower(), "")


def link(file: Attachment) -> str:
    return f"{file.name}\n{file.url}".strip()


def base(settings: WeChatSettings) -> str:
    return f"{settings.api_url.rstrip('/')}/cgi-bin"
