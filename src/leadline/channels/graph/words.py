"""Each kind of Messenger and Instagram message as text for people, and its files. Used by `batch.py`."""

from __future__ import annotations

from leadline.channels.graph import wire
from leadline.channels.http import host_of
from leadline.model import Attachment

MEDIA_HOSTS = (".fbcdn.net", ".fbsbx.com", ".cdninstagram.com")
"""Where Meta keeps what customers send; its addresses expire."""

_TYPES = {"image": "image/jpeg", "sticker": "image/png", "video": "video/mp4", "audio": "audio/mp4"}
_NAMES = {
    "story_mention": "Mentioned you in a story",
    "share": "Shared a post",
    "ig_post": "Shared a post",
    "reel": "Shared a reel",
    "ig_reel": "Shared a reel",
    "ephemeral": "A picture or video that vanished after it was seen",
    "template": "A message with buttons",
    "appointment_booking": "An appointment",
}


def attachments(message: wire.Message, api_host: str) -> tuple[Attachment, ...]:
    """The files of a message that lie at Meta, and the picture of the story it answers."""
    files = [
        Attachment(content_type=_TYPES.get(file.type, "application/octet-stream"), url=url)
        for file in message.attachments or ()
        if _is_file(file, url := _url(file), api_host)
    ]
    story = message.reply_to.story if message.reply_to else None
    if story and story.url and _lies_at_meta(story.url, api_host):
        files.append(Attachment(url=story.url))
    return tuple(files)


def readable(message: wire.Message, api_host: str) -> str:
    """The message in words: the customer's own where there are any, and a line in square brackets for the rest."""
    if message.is_unsupported:
        return "[A kind of message that Meta does not pass on]"
    answered = "[Answered your story]" if message.reply_to and message.reply_to.story else ""
    described = [_described(file, api_host) for file in message.attachments or ()]
    lines = (answered, message.text, *described, origin(message.referral))
    return "\n".join(filter(None, lines))


def origin(referral: wire.Referral | None) -> str:
    """What brought the customer here: an advertisement, or a link with a code."""
    if referral is None:
        return ""
    if (advertisement := referral.ads_context_data) is not None and advertisement.ad_title:
        return f"[From the advertisement: {advertisement.ad_title}]"
    if referral.ref:
        return f"[Came by a link with the code {referral.ref}]"
    return f"[Came by {referral.source or 'a link'}]"


def reaction(reacted: wire.Reaction) -> str:
    """A reaction to one of your messages, or its end."""
    if reacted.action == "unreact":
        return "[Took a reaction back]"
    return f"[Reacted with {reacted.emoji or reacted.reaction or 'a like'}]"


def _described(file: wire.File, api_host: str) -> str:
    payload, url = file.payload or wire.Payload(), _url(file)
    if (place := payload.coordinates) is not None:
        return f"[Location: {place.lat}, {place.long}]"
    if file.type == "like_heart":
        return "❤️"
    title = file.title or payload.title or ""
    if file.type in ("image", "video", "audio", "file", "sticker") and url:
        return "" if _is_file(file, url, api_host) else f"[{file.type}: {url}]"
    link = "" if _is_file(file, url, api_host) else url
    name = _NAMES.get(file.type, "Shared a link" if file.type == "fallback" else f"{file.type or 'unknown'} attachment")
    details = " ".join(filter(None, (title, link)))
    return f"[{name}: {details}]" if details else f"[{name}]"


def _url(file: wire.File) -> str:
    return (file.payload.url if file.payload else None) or file.url or ""


def _is_file(file: wire.File, url: str, api_host: str) -> bool:
    """Whether it can be fetched. The address of a `fallback` is that of a page, wherever it lies."""
    return file.type not in ("fallback", "template") and _lies_at_meta(url, api_host)


def _lies_at_meta(url: str, api_host: str) -> bool:
    host = host_of(url)
    return bool(host) and (host == api_host or host.endswith(MEDIA_HOSTS))
