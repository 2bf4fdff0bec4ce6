"""What goes out on WhatsApp and how answers are understood: a documented error leads where a person can act on it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from leadline.channels import channel
from leadline.channels.exchange import Response
from leadline.model import Attachment, Outbound

from ..wire import settings_of

MESSAGE = Outbound(id="0194a.1", to="+353888888999", text="Hi & bye", status_url="https://b.example.com/status/key")
PICTURE = Attachment(content_type="image/png", url="https://files.example.com/1.png", name="1.png")
VOICE = Attachment(content_type="audio/ogg; codecs=opus", url="https://files.example.com/2.ogg", name="2.ogg")
SHEET = Attachment(content_type="text/csv", url="https://files.example.com/3.csv", name="3.csv")


def whatsapp_body(message: Outbound) -> dict[str, Any]:
    return dict(msgspec.json.decode(channel("whatsapp_cloud").build(message, settings_of("whatsapp_cloud")).body))


def test_request() -> None:
    call = channel("whatsapp_cloud").build(MESSAGE, settings_of("whatsapp_cloud"))
    assert (call.method, call.url) == ("POST", "https://graph.facebook.com/v23.0/106540352242922/messages")
    assert call.secrets == {"authorization": "Bearer made-up-token"}
    assert msgspec.json.decode(call.body) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "353888888999",
        "type": "text",
        "text": {"body": "Hi & bye", "preview_url": True},
        "biz_opaque_callback_data": "0194a.1",
    }


def test_user_ids_go_into_recipient() -> None:
    body = whatsapp_body(msgspec.structs.replace(MESSAGE, to="IE.13491208655302741918"))
    assert body["recipient"] == "IE.13491208655302741918"
    assert "to" not in body


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (PICTURE, {"type": "image", "image": {"link": PICTURE.url, "caption": "Hi & bye"}}),
        (VOICE, {"type": "audio", "audio": {"link": VOICE.url}}),
        (SHEET, {"type": "document", "document": {"link": SHEET.url, "filename": "3.csv", "caption": "Hi & bye"}}),
    ],
)
def test_files(file: Attachment, content: dict[str, Any]) -> None:
    assert content.items() <= whatsapp_body(msgspec.structs.replace(MESSAGE, attachments=(file,))).items()


@pytest.mark.parametrize(
    ("text", "files", "pieces"),
    [
        ("See", (PICTURE, SHEET), [("See", 1), ("", 1)]),
        ("Hear", (VOICE, PICTURE), [("Hear", 0), ("", 1), ("", 1)]),
        ("x" * 1025, (PICTURE,), [("x" * 1025, 0), ("", 1)]),
        ("x" * 5000, (), [("x" * 4096, 0), ("x" * 904, 0)]),
        ("", (PICTURE,), [("", 1)]),
        ("", (), []),
    ],
)
def test_pieces(text: str, files: tuple[Attachment, ...], pieces: list[tuple[str, int]]) -> None:
    message = msgspec.structs.replace(MESSAGE, id="a", text=text, attachments=files)
    cut = channel("whatsapp_cloud").pieces(message, settings_of("whatsapp_cloud"))
    assert [(piece.text, len(piece.attachments)) for piece in cut] == pieces


def test_file_is_fetched_in_two_steps() -> None:
    adapter, settings = channel("whatsapp_cloud"), settings_of("whatsapp_cloud")
    file = Attachment(ref="77", content_type="image/jpeg")
    first = adapter.media(file, settings)
    assert urlsplit(first.url).path == "/v23.0/77"
    assert first.secrets == {"authorization": "Bearer made-up-token"}
    place = {"url": "https://lookaside.fbsbx.com/x?mid=77", "id": "77", "mime_type": "image/jpeg"}
    second = adapter.media_next(Response(status=200, body=msgspec.json.encode(place)), file, settings)
    assert second is not None
    assert (second.url, dict(second.secrets)) == (place["url"], {"authorization": "Bearer made-up-token"})
    assert adapter.media_next(Response(status=200, body=b"\xff\xd8\xff"), file, settings) is None


def test_a_customers_file_cannot_pass_for_metas_answer() -> None:
    """A JSON file that names an address must neither be followed nor get the token."""
    adapter, settings = channel("whatsapp_cloud"), settings_of("whatsapp_cloud")
    file = Attachment(ref="77")
    trap = msgspec.json.encode({"url": "https://evil.example/", "id": "1"})
    assert adapter.media_next(Response(status=200, body=trap), file, settings) is None
    astray = msgspec.json.encode({"url": "https://evil.example/", "id": "77"})
    following = adapter.media_next(Response(status=200, body=astray), file, settings)
    assert following is not None
    assert not following.secrets


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (200, {"messages": [{"id": "wamid.1", "message_status": "accepted"}]}, "accepted", ""),
        (200, {"messages": []}, "unknown", "no_answer"),
        (200, b"", "unknown", "no_answer"),
        (0, b"", "unknown", "no_answer"),
        (502, b"bad gateway", "unknown", "no_answer"),
        (500, 131000, "unknown", "no_answer"),
        (500, 1, "unknown", "no_answer"),
        (503, 131016, "retry", "provider_error"),
        (500, 131057, "retry", "provider_error"),
        (429, 130429, "retry", "rate_limited"),
        (400, 131056, "retry", "rate_limited"),
        (400, 4, "retry", "rate_limited"),
        (429, b"", "retry", "rate_limited"),
        (401, 190, "retry", "auth_failed"),
        (400, 200, "retry", "auth_failed"),
        (403, b"", "retry", "auth_failed"),
        (400, 131047, "refused", "window_closed"),
        (400, 131026, "refused", "not_on_channel"),
        (400, 131030, "refused", "sender_rejected"),
        (403, 131031, "refused", "account_suspended"),
        (400, 131042, "refused", "no_credit"),
        (400, 131053, "refused", "media_rejected"),
        (400, 132001, "refused", "template_rejected"),
        (400, 100, "refused", "provider_error"),
        (400, 424242, "refused", "provider_error"),
        (404, b"", "refused", "provider_error"),
    ],
)
def test_answers(status: int, body: Any, outcome: str, reason: str) -> None:
    value = (
        {"error": {"code": body, "message": "m", "error_data": {"details": "why"}}} if isinstance(body, int) else body
    )
    raw = value if isinstance(value, bytes) else msgspec.json.encode(value)
    response = Response(status=status, body=raw, headers={"retry-after": "7"})
    sent = channel("whatsapp_cloud").read(response, settings_of("whatsapp_cloud"))
    assert (sent.outcome, sent.reason) == (outcome, reason)
    assert sent.provider_ids == (("wamid.1",) if outcome == "accepted" else ())
    assert sent.retry_after == (7.0 if outcome == "retry" and reason != "auth_failed" else sent.retry_after)
    assert sent.detail == ("why" if isinstance(body, int) else "")
