"""What goes out on Slack: a text with buttons or links, or uploads with a text. Used by `adapter.py`.

Source: chat.postMessage, files.getUploadURLExternal and files.completeUploadExternal, Slack's Web API, November 2026.
"""

from __future__ import annotations

from typing import Any

import msgspec

from leadline.channels.exchange import Call, Steps
from leadline.channels.http import form_call, json_call
from leadline.channels.markup import rich_text, signed
from leadline.channels.pieces import offered
from leadline.channels.slack.answers import Reply, answered
from leadline.channels.slack.settings import SlackSettings
from leadline.model import Attachment, Outbound


def posting(message: Outbound, links: list[str], settings: SlackSettings) -> Call:
    """chat.postMessage, with addresses of files below the text."""
    text = "\n".join(filter(None, (message.text, *links)))
    value = {**_target(message), "text": _escaped(text), "mrkdwn": False, "unfurl_links": False}
    if message.marks or offered(message):
        value["blocks"] = [rich_text(text, message.marks), *_buttons(message)]
    return json_call(f"{base(settings)}/chat.postMessage", value, secrets=credentials(settings))


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


def showing(message: Outbound, uploaded: list[dict[str, str]], links: list[str], settings: SlackSettings) -> Call:
    """files.completeUploadExternal: the uploaded files appear, with the text."""
    place = _target(message)
    value = {"files": uploaded, "channel_id": place.pop("channel"), **place}
    if text := "\n".join(filter(None, (message.text, *links))):
        value["initial_comment"] = _escaped(signed(text, message.marks))
    return json_call(f"{base(settings)}/files.completeUploadExternal", value, secrets=credentials(settings))


def _target(message: Outbound) -> dict[str, Any]:
    """The chat, and the thread where there is one."""
    channel, _, thread = message.to.partition(":")
    thread = thread or message.quoted
    return {"channel": channel} | ({"thread_ts": thread} if thread else {})


def upload(file: Attachment, settings: SlackSettings) -> Steps[dict[str, str] | None]:
    """Ask where, upload: id and title of a file nobody sees yet, or nothing."""
    content = yield file
    if content.status != 200 or not content.body:
        return None
    name = file.name or "file"
    fields = (("filename", name), ("length", str(len(content.body))))
    asking = form_call(f"{base(settings)}/files.getUploadURLExternal", fields, secrets=credentials(settings))
    place = answered(Reply, (yield msgspec.structs.replace(asking, harmless=True)).body)
    if place is None or not (place.ok and place.upload_url and place.file_id):
        return None
    headers = {"content-type": "application/octet-stream"}
    answer = yield Call(method="POST", url=place.upload_url, headers=headers, body=content.body, harmless=True)
    return {"id": place.file_id, "title": name} if answer.status == 200 else None


def _escaped(text: str) -> str:
    """The three characters Slack takes for markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_link(file: Attachment) -> str:
    """A file as its name and address."""
    return f"{file.name}\n{file.url}".strip()


def base(settings: SlackSettings) -> str:
    """Base address of the Web API."""
    return settings.api_url.rstrip("/")


def credentials(settings: SlackSettings) -> dict[str, str]:
    """The header that only Slack may see."""
    return {"authorization": f"Bearer {settings.bot_token}"}
