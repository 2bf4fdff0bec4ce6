"""The stand-in for Telegram, against its description and a library that knows the real one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import telegram
from telegram.error import Forbidden, InvalidToken, RetryAfter

from leadline.channels.exchange import Call
from leadline.model import Attachment
from leadline.sandbox.providers import TelegramFake
from leadline.sandbox.providers.telegram.fake import FAULTS
from tests.channels.telegram.bot import (
    ADAPTER,
    KEY,
    changed,
)

from ..conftest import Town
from ..wire import folder_of
from .spec import Description


async def test_the_fake_and_the_payloads_are_as_described(town: Town, described: Description) -> None:
    fake = town.providers.of(TelegramFake)
    files = [("image/jpeg", b"1"), ("audio/ogg", b"2"), ("video/mp4", b"3"), ("audio/mpeg", b"4"), ("text/csv", b"5")]
    await fake.write(fake.customer(1), "Hi", files)
    await fake.share_number(fake.customer(1), "+353871111111")
    await fake.block(fake.customer(1))
    for request in town.requests:
        described.object("Update", json.loads(request.body))
    odd = {
        "something_new_beside_the_words",
        "body_is_no_update",
        "kind_of_tomorrow",
        "update_of_tomorrow",
        "broken_content_is_still_delivered",
    }
    for path in sorted(folder_of(KEY).glob("*.request.json")):
        if path.name.partition(".")[0] not in odd:
            described.object("Update", json.loads(path.read_bytes()))


async def test_answers_of_the_fake_are_as_described(town: Town, described: Description) -> None:
    settings = town.settings(KEY)
    for content_type in ("", "image/png", "image/gif", "video/mp4", "audio/mpeg", "audio/ogg", "application/pdf"):
        file = Attachment(content_type=content_type, url="https://files.example.com/1")
        call = ADAPTER.build(changed(attachments=(file,) if content_type else ()), settings)
        method = call.url.rpartition("/")[2]
        described.result(method, json.loads((await town.calls.send(call)).body)["result"])
    for method in ("getMe", "getWebhookInfo"):
        answer = await town.calls.send(Call(method="GET", url=f"{settings.api_url}/bot{settings.bot_token}/{method}"))
        described.result(method, json.loads(answer.body)["result"])


@pytest.fixture
async def sdk(town: Town, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[telegram.Bot]:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else it warns of its own next version
    settings = town.settings(KEY)
    bot = telegram.Bot(
        settings.bot_token, base_url=f"{settings.api_url}/bot", base_file_url=f"{settings.api_url}/file/bot"
    )
    async with bot:
        yield bot


async def test_python_telegram_bot_takes_the_fake_for_telegram(town: Town, sdk: telegram.Bot) -> None:
    fake, customer = town.providers.of(TelegramFake), TelegramFake.customer(1)
    assert (await sdk.get_me()).id == 7000000001
    assert await sdk.set_webhook(f"{town.url}/in", secret_token="made-up_Secret-0123456789")
    assert (await sdk.get_webhook_info()).url == f"{town.url}/in"
    message = await sdk.send_message(customer, "Olé 👋")
    assert (message.text, message.chat.id) == ("Olé 👋", int(customer))
    uploaded = await sdk.send_document(customer, b"a;b", filename="a.csv", caption="See")
    assert (uploaded.caption, fake.phones.received()[-1].text) == ("See", "See")
    await fake.write(customer, "", [("image/jpeg", b"JPEG")])
    update = telegram.Update.de_json(json.loads(town.requests[-1].body), sdk)
    assert update.message is not None
    file = await sdk.get_file(update.message.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == b"JPEG"
    assert (await sdk.get_user_profile_photos(int(customer))).total_count == 0


async def test_python_telegram_bot_understands_the_fakes_errors(town: Town, sdk: telegram.Bot) -> None:
    for name, kind in (("blocked", Forbidden), ("rate_limited", RetryAfter), ("token_revoked", InvalidToken)):
        town.providers.faults.plan(KEY, FAULTS[name])
        with pytest.raises(kind):
            await sdk.send_message(TelegramFake.customer(1), "Hi")
