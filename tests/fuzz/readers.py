"""Every reader of what strangers write, by what it reads. Used by the tests of growth and by `benchmarks/readers`."""

from __future__ import annotations

import json

from leadline.channels import vcards
from leadline.channels.exchange import Request
from leadline.channels.http import any_fields, query
from leadline.channels.markup import entities, rich_text, signed
from leadline.channels.opt_out import meaning
from leadline.channels.text import in_parts, segments, split
from leadline.cli.terminal import plain_json, printable
from leadline.connections.addresses import host_of, is_public
from leadline.console import language
from leadline.engine.arrival import NewArrival, storable_arrival
from leadline.identity import emails, names, phone, phone_fields, resemblance
from leadline.identity.mentions import mentions
from leadline.inbound.chosen import number_in
from leadline.intercom import inbox_requests, plaintext, webhooks
from leadline.intercom.canvas import literal
from leadline.media import file_name, type_of
from leadline.model import Handle
from tests.channels.wire import ADDRESS, NOW

from .growth import Reader


def marked(text: str) -> object:
    """Intercom's HTML as every channel would show it."""
    plain = plaintext.read(text)
    return signed(plain.text, plain.marks), entities(plain.text, plain.marks), rich_text(plain.text, plain.marks)


def webhook(text: str) -> object:
    author = {"type": "admin", "id": "1", "name": text}
    part = {"type": "conversation_part", "id": "7", "part_type": "comment", "body": text, "author": author}
    item = {"type": "conversation", "id": "5", "conversation_parts": {"conversation_parts": [part]}}
    topic = "conversation.admin.replied"
    return webhooks.parse(json.dumps({"topic": topic, "app_id": "a", "data": {"item": item}}).encode())


def panel(text: str) -> object:
    stored = {"workspace_id": text, "component_id": text, "input_values": {text: [text]}, "admin": {"name": text}}
    return inbox_requests.read_request(json.dumps(stored | {"current_canvas": {"stored_data": {"a": text}}}).encode())


def multipart(text: str) -> object:
    body = f'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n{text}\r\n--x--\r\n'.encode("utf-8", "replace")
    headers = {"content-type": "multipart/form-data; boundary=x"}
    return any_fields(Request(method="POST", url=ADDRESS, headers=headers, body=body, now=NOW))


def multipart_raw(text: str) -> object:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    body = f"--x\r\n{text}".encode("utf-8", "replace")
    return any_fields(Request(method="POST", url=ADDRESS, headers=headers, body=body, now=NOW))


def arrival(text: str) -> object:
    kept = NewArrival(source="s", dedupe=text, kind="message", lane=text, content=json.dumps({"text": text}))
    return storable_arrival(kept)


READERS: dict[str, Reader] = {
    "Intercom's HTML": plaintext.read,
    "Intercom's HTML, and the channels' marks": marked,
    "Intercom's webhook": webhook,
    "the panel's request": panel,
    "a sender's phone": phone.canonical,
    "a field of phones": lambda text: (phone_fields.read(text, region="IE"), phone_fields.bare(text)),
    "what a customer says of themselves": lambda text: mentions([text], region="IE"),
    "names": lambda text: (names.differ(text, text[::-1]), names.folded(text)),
    "names that resemble": lambda text: (resemblance.words(text), resemblance.likeness(text, text[1:])),
    "e-mail addresses": lambda text: (emails.key(text), emails.mailbox(text)),
    "a numbered choice": number_in,
    "a handle": Handle.parse,
    "an urlencoded query": lambda text: query(f"https://h/?{text}"),
    "a multipart form": multipart,
    "a broken multipart form": multipart_raw,
    "STOP words": lambda text: meaning(text, sms=True),
    "a vCard": lambda text: (vcards.facts(text), vcards.facts(f"ADR:{text}\r\nNOTE:{text}")),
    "SMS parts": lambda text: (segments(text), in_parts(text, 6)),
    "a text that is cut": lambda text: split(text, 4096),
    "a literal of the canvas": literal,
    "the browser's languages": lambda text: language.chosen("", text),
    "the terminal": lambda text: (printable(text), plain_json(text)),
    "an address": lambda text: host_of(f"https://{text}/"),
    "an IP address": is_public,
    "a file's name": lambda text: (type_of(text), file_name(text, "image/png", "file")),
    "an arrival that is stored": arrival,
}
