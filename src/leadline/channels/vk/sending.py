"""How a message goes to a VK chat: its files uploaded first, its choices as a keyboard. The adapter uses it."""

from __future__ import annotations

import hashlib

import msgspec

from leadline.channels.exchange import Call, Steps
from leadline.channels.http import multipart_call
from leadline.channels.pieces import offered
from leadline.channels.vk.methods import answered, method_call, result
from leadline.channels.vk.settings import VKSettings
from leadline.model import Attachment, Outbound

PHOTOS = ("image/jpeg", "image/png", "image/gif")


class _Server(msgspec.Struct):
    upload_url: str


class _Uploaded(msgspec.Struct):
    """What an upload server answers; passed on as it is."""

    server: int | str = ""
    photo: str = ""
    hash: str = ""
    file: str = ""


class _Saved(msgspec.Struct):
    id: int
    owner_id: int
    access_key: str = ""


class _SavedFile(msgspec.Struct):
    doc: _Saved


def random_id(message_id: str) -> int:
    """The number by which VK knows a repeated message: 31 bits made of our id, never 0."""
    return int.from_bytes(hashlib.sha256(message_id.encode()).digest()[:4]) % (2**31 - 1) + 1


def sending(message: Outbound, links: list[str], uploaded: list[str], settings: VKSettings) -> Call:
    fields = {
        "peer_id": message.to,
        "random_id": str(random_id(message.id)),
        "message": "\n".join(filter(None, (message.text, *links))),
        "attachment": ",".join(uploaded),
        "keyboard": _keyboard(message),
        "reply_to": message.quoted,
    }
    call = method_call("messages.send", settings, **{name: value for name, value in fields.items() if value})
    return msgspec.structs.replace(call, harmless=False)


def _keyboard(message: Outbound) -> str:
    """Answers to tap on, a row each, gone after the first tap; empty where there are none."""
    rows = [[{"action": {"type": "text", "label": choice}}] for choice in offered(message)]
    return msgspec.json.encode({"one_time": True, "buttons": rows}).decode() if rows else ""


def upload(file: Attachment, peer: str, settings: VKSettings) -> Steps[str]:
    """Ask where, upload, save: the attachment as messages.send wants it named, or nothing."""
    content = yield file
    if content.status != 200 or not content.body:
        return ""
    kind, field = ("photo", "photo") if file.content_type in PHOTOS else ("doc", "file")
    method = "photos.getMessagesUploadServer" if kind == "photo" else "docs.getMessagesUploadServer"
    place = result(_Server, (yield method_call(method, settings, peer_id=peer)))
    if place is None:
        return ""
    name = file.name or "file"
    answer = yield multipart_call(place.upload_url, [], [(field, name, file.content_type, content.body)])
    done = answered(_Uploaded, answer.body) or _Uploaded()
    if kind == "photo":
        saving = method_call(
            "photos.saveMessagesPhoto", settings, photo=done.photo, server=str(done.server), hash=done.hash
        )
        saved = (result(list[_Saved], (yield saving)) or [None])[0]
    else:
        kept = result(_SavedFile, (yield method_call("docs.save", settings, file=done.file, title=name)))
        saved = kept.doc if kept else None
    return "_".join(filter(None, (f"{kind}{saved.owner_id}", str(saved.id), saved.access_key))) if saved else ""


def link(file: Attachment) -> str:
    return f"{file.name}\n{file.url}".strip()
