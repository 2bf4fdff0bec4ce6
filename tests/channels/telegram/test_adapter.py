"""Telegram: what goes out and what became of it, what comes in, and whose phone a card proves."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from leadline.channels.exchange import Response
from leadline.channels.telegram.update import KNOWN
from leadline.model import Attachment, Consent, Handle, Inbound, Outbound, Profile
from leadline.sandbox.providers import TelegramFake
from leadline.sandbox.providers.telegram.fake import FAULTS
from tests.channels.telegram.bot import (
    ADAPTER,
    API,
    FILE,
    KEY,
    MESSAGE,
    PICTURE,
    SETTINGS,
    SHEET,
    changed,
    parsed,
    sent_with,
)

from ..conftest import Town
from ..wire import settings_of
from .spec import Description


def test_a_text_goes_out_as_it_is() -> None:
    call = ADAPTER.build(MESSAGE, SETTINGS)
    assert (call.method, call.url) == ("POST", f"{API}/sendMessage")
    assert msgspec.json.decode(call.body) == {"chat_id": 5234567890, "text": "Hi *you"}


@pytest.mark.parametrize(
    ("content_type", "method", "field"),
    [
        ("image/png", "sendPhoto", "photo"),
        ("image/gif", "sendAnimation", "animation"),
        ("video/mp4", "sendVideo", "video"),
        ("audio/mpeg", "sendAudio", "audio"),
        ("audio/ogg; codecs=opus", "sendVoice", "voice"),
        ("application/pdf", "sendDocument", "document"),
    ],
)
def test_files_that_telegram_fetches_itself(content_type: str, method: str, field: str, described: Description) -> None:
    file = Attachment(content_type=content_type, url="https://files.example.com/1")
    call = ADAPTER.build(changed(attachments=(file,)), SETTINGS)
    fields = msgspec.json.decode(call.body)
    assert (call.url, fields[field], fields["caption"]) == (f"{API}/{method}", file.url, "Hi *you")
    described.parameters(method, fields)


def test_the_first_reply_offers_the_button_where_it_is_wanted(described: Description) -> None:
    def fields_of(message: Outbound, **settings: str) -> dict[str, Any]:
        fields = msgspec.json.decode(ADAPTER.build(message, settings_of(KEY, **settings)).body)
        described.parameters("sendMessage", fields)
        return dict(fields)

    markup = fields_of(changed(first=True))["reply_markup"]
    assert markup["keyboard"] == [[{"text": "Share my number", "request_contact": True}]]
    assert "reply_markup" not in fields_of(changed(first=True), share_number_button="")
    assert "reply_markup" not in fields_of(changed(first=False))


@pytest.mark.parametrize(
    ("text", "files", "pieces"),
    [
        ("See", (PICTURE, SHEET), [("See", 1), ("", 1)]),
        ("x" * 1025, (PICTURE,), [("x" * 1025, 0), ("", 1)]),
        ("😀" * 2049, (), [("😀" * 2048, 0), ("😀", 0)]),
        ("", (PICTURE,), [("", 1)]),
        ("", (), []),
    ],
)
def test_pieces(text: str, files: tuple[Attachment, ...], pieces: list[tuple[str, int]]) -> None:
    cut = ADAPTER.pieces(changed(id="a", text=text, attachments=files), SETTINGS)
    assert [(piece.text, len(piece.attachments)) for piece in cut] == pieces


@pytest.mark.parametrize("changes", [{"bot_token": "made-up"}, {"secret_token": "short"}, {"secret_token": "ü" * 20}])
def test_settings_that_cannot_work(changes: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        settings_of(KEY, **changes)


# -- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "answer", "outcome", "reason"),
    [
        (200, {"ok": True, "result": {"message_id": 7, "chat": {"id": 77}}}, "accepted", ""),
        (200, {"ok": True, "result": True}, "unknown", "no_answer"),
        (200, {"ok": False}, "unknown", "no_answer"),
        (200, b"", "unknown", "no_answer"),
        (0, b"", "unknown", "no_answer"),
        (502, b"<html>", "unknown", "no_answer"),
        (500, "Internal Server Error: restart", "unknown", "no_answer"),
        (429, "Too Many Requests: retry after 9", "retry", "rate_limited"),
        (429, b"", "retry", "rate_limited"),
        (401, "Unauthorized", "retry", "auth_failed"),
        (404, "Not Found", "retry", "auth_failed"),
        (403, "Forbidden: bot was blocked by the user", "refused", "blocked_by_customer"),
        (403, "Forbidden: user is deactivated", "refused", "not_on_channel"),
        (403, "Forbidden: bot can't initiate conversation with a user", "refused", "not_on_channel"),
        (403, "Forbidden: something new", "refused", "not_on_channel"),
        (400, "Bad Request: chat not found", "refused", "invalid_recipient"),
        (400, "Bad Request: message is too long", "refused", "too_long"),
        (400, "Bad Request: message text is empty", "refused", "content_rejected"),
        (400, "Bad Request: failed to get HTTP URL content", "refused", "media_rejected"),
        (400, "Bad Request: wrong type of the web page content", "refused", "media_rejected"),
        (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", "refused", "media_rejected"),
        (413, b"Request Entity Too Large", "refused", "media_rejected"),
        (409, "Conflict: terminated by other getUpdates request", "refused", "provider_error"),
        (400, "Bad Request: something new", "refused", "provider_error"),
    ],
)
def test_answers(status: int, answer: Any, outcome: str, reason: str) -> None:
    trouble = {"ok": False, "error_code": status, "parameters": {"retry_after": 9}}
    value = trouble | {"description": answer} if isinstance(answer, str) else answer
    body = value if isinstance(value, bytes) else msgspec.json.encode(value)
    sent = ADAPTER.read(Response(status=status, body=body, headers={"retry-after": "9"}), SETTINGS)
    assert (sent.outcome, sent.reason) == (outcome, reason)
    assert sent.provider_ids == (("77/7",) if outcome == "accepted" else ())
    assert sent.retry_after == (9.0 if reason == "rate_limited" else None)
    assert sent.detail == (answer if isinstance(answer, str) else "")


@pytest.mark.parametrize("name", FAULTS)
async def test_every_failure(town: Town, name: str) -> None:
    fault = FAULTS[name]
    town.providers.faults.plan(KEY, fault)
    sent = await town.send(KEY)
    taken = bool(town.providers.phones.received())
    assert taken == (fault.how == "drop")
    assert sent.outcome in ({"unknown"} if taken or fault.how == "down" else {"refused", "retry"})
    assert fault.how != "refuse" or sent.code == str(fault.code)
    assert (await town.send(KEY)).outcome == "accepted"


# -- files ------------------------------------------------------------------------------------------------------------


async def test_teammates_files(town: Town) -> None:
    """By address where Telegram fetches it; uploaded where it does not, or could not."""
    files = {SHEET.url: Response(status=200, body=b"a;b"), PICTURE.url: Response(status=200, body=b"PNG")}
    fake = town.providers.of(TelegramFake)
    assert (await sent_with(town, files, attachments=(PICTURE,))).outcome == "accepted"
    assert (await sent_with(town, files, attachments=(SHEET,), first=True)).outcome == "accepted"
    town.providers.faults.plan(KEY, FAULTS["file_not_had"])
    assert (await sent_with(town, files, attachments=(PICTURE,))).outcome == "accepted"
    by_address, sheet, picture = town.providers.phones.received()
    assert by_address.media == (PICTURE.url,)
    for delivery, content in ((sheet, ("text/csv", b"a;b")), (picture, ("image/png", b"PNG"))):
        assert delivery.text == "Hi *you"
        assert fake.shelf.get(delivery.media[0].rpartition("/")[2]) == content
    assert SETTINGS.bot_token not in f"{sheet}{picture}"


@pytest.mark.parametrize(
    ("answer", "detail"),
    [(Response(status=404), "could not be had"), (Response(status=200, body=bytes(50_000_001)), "50 MB")],
)
async def test_files_that_cannot_go_out(town: Town, answer: Response, detail: str) -> None:
    sent = await sent_with(town, {SHEET.url: answer}, attachments=(SHEET,))
    assert (sent.outcome, sent.reason) == ("refused", "media_rejected")
    assert detail in sent.detail
    assert not town.providers.phones.received()


async def test_an_album_comes_as_parts_of_one_message(town: Town) -> None:
    fake = town.providers.of(TelegramFake)
    files = [("image/jpeg", b"one"), ("image/png", b"two")]
    await fake.write(fake.customer(1), "Both", files, name="Seán Ó Briain")
    settings = town.settings(KEY)
    messages = [message for batch in parsed(town) for message in batch.messages]
    first, second = (message.piece for message in messages)
    assert first is not None
    assert second is not None
    assert (first.group, first.total, second.number - first.number) == (second.group, 0, 1)
    assert [message.text for message in messages] == ["Both", ""]
    contents = []
    for message in messages:
        (file,) = message.attachments
        place = await town.fetch(ADAPTER.media(file, settings))
        following = ADAPTER.media_next(place, file, settings)
        assert following is not None
        content = await town.fetch(following)
        assert ADAPTER.media_next(content, file, settings) is None
        contents.append(content.body)
    assert contents == [b"one", b"two"]


@pytest.mark.parametrize(
    "place",
    [
        {"file_id": "AgACbig", "file_path": "../bot/getMe"},
        {"file_id": "AgACbig", "file_unique_id": "AQsmall", "file_path": "x"},
        {"file_id": "AgACbig", "file_unique_id": "AQbig", "file_path": "../../x"},
    ],
)
def test_a_customers_file_cannot_pass_for_telegrams_answer(place: dict[str, str]) -> None:
    body = msgspec.json.encode({"ok": True, "result": place})
    assert ADAPTER.media_next(Response(status=200, body=body), FILE, SETTINGS) is None
    without = msgspec.structs.replace(FILE, ref="AgACbig")
    assert ADAPTER.media_next(Response(status=200, body=body), without, SETTINGS) is None


# -- people -----------------------------------------------------------------------------------------------------------


async def test_only_the_senders_own_card_proves_a_phone(town: Town) -> None:
    fake = town.providers.of(TelegramFake)
    await fake.share_number(fake.customer(1), "353871111111")
    await fake.share_number(fake.customer(1), "+353872222222", owner=fake.customer(2))
    own, other = (batch.messages[0] for batch in parsed(town))
    assert own.attested == (Handle("tel", "+353871111111"),)
    assert other.attested == ()
    assert other.handles == own.handles == (Handle("telegram", fake.customer(1), "7000000001"),)


async def test_a_block_is_told_and_holds(town: Town) -> None:
    fake, customer = town.providers.of(TelegramFake), "353888888999"
    await fake.block(customer)
    assert (await town.send(KEY)).reason == "blocked_by_customer"
    await fake.block(customer, again=True)
    assert (await town.send(KEY)).outcome == "accepted"
    consents: list[Consent] = [consent for batch in parsed(town) for consent in batch.consents]
    assert [(consent.state, consent.sender) for consent in consents] == [("out", customer), ("in", customer)]


async def test_a_profile_names_its_picture_without_the_token(town: Town) -> None:
    fake, settings = town.providers.of(TelegramFake), town.settings(KEY)
    fake.pictures[fake.customer(1)] = fake.shelf.put("image/jpeg", b"portrait")
    for number, picture in ((1, b"portrait"), (2, b"")):
        await fake.write(fake.customer(number), "Hi", name="Seán Ó Briain")
        message = parsed(town)[-1].messages[0]
        profile = await town.calls.perform(ADAPTER.look_up(message, settings))
        assert profile.name == "Seán Ó Briain"
        assert bool(profile.avatar_url) == bool(picture)
        assert settings.bot_token not in profile.avatar_url
        if picture:
            file = Attachment(url=profile.avatar_url)
            place = await town.fetch(ADAPTER.media(file, settings))
            following = ADAPTER.media_next(place, file, settings)
            assert following is not None
            assert (await town.fetch(following)).body == picture


async def test_no_picture_keeps_no_message_waiting(town: Town) -> None:
    wrong = settings_of(KEY, api_url=town.settings(KEY).api_url, bot_token="7000000001:wrong")
    message = Inbound(provider_id="1", sender="1", handles=(Handle(KEY, "1", "2"),), profile=Profile(name="Seán"))
    assert await town.calls.perform(ADAPTER.look_up(message, wrong)) == Profile(name="Seán")


# -- the token --------------------------------------------------------------------------------------------------------


def test_every_field_of_a_message_is_known(described: Description) -> None:
    """Nothing that Telegram describes is shown as a kind of message that nobody knows."""
    assert not described.fields("Message") - KNOWN
