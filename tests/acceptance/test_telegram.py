"""A Telegram chat from its first album to its block: what no other channel has, through the door and back."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import psycopg
from aiohttp import web
from aiohttp.test_utils import TestServer
from psycopg import sql

from leadline.sandbox.providers import Providers, TelegramFake, create
from leadline.sandbox.providers.telegram.fake import FAULTS
from leadline.serving import address, bind, serving
from leadline.stage.town import connect_all
from tests.acceptance.conftest import Open
from tests.acceptance.town import Town, until

PORTRAIT = b"\xff\xd8\xff\xe0 a portrait"
CUSTOMER = TelegramFake.customer(1)


async def parts_of(town: Town, conversation: str) -> list[dict[str, Any]]:
    full = await town.intercom("GET", f"/conversations/{conversation}?display_as=plaintext")
    return [full["source"], *full["conversation_parts"]["conversation_parts"]]


async def notes_of(town: Town, conversation: str, count: int) -> list[str]:
    async def there() -> list[str]:
        parts = await parts_of(town, conversation)
        found = [part["body"] for part in parts if part.get("part_type") == "note"]
        return found if len(found) >= count else []

    notes: list[str] = await until(there)
    return notes


async def out_of_order(request: web.Request) -> web.Response:
    return web.Response(status=503)


async def test_a_chat_from_its_first_album_to_its_block(open_town: Open) -> None:
    listener = bind("127.0.0.1", 0)
    account = TelegramFake.open_account(f"{address(listener)}/telegram")
    account = msgspec.structs.replace(account, share_number_button="Share my number")
    providers = Providers({"telegram": account}, pause=0.02)
    fake, phones = providers.of(TelegramFake), providers.phones
    fake.pictures[CUSTOMER] = fake.shelf.put("image/jpeg", PORTRAIT)
    async with open_town() as town, serving(create(providers), listener):
        await connect_all(town.store, "sandbox", town.places, providers)
        conversation = await album_makes_one_message(town, fake)
        await the_picture_is_rehosted(town, account.bot_token)
        for text in ("One moment", "Here we are"):
            await town.teammate("reply", conversation, text)

        async def answered() -> bool:
            return len(phones.received()) == 2

        await until(answered)
        assert fake.offered == [CUSTOMER], "the first reply alone offers the button"
        await a_file_nobody_can_have_is_told_once(town, fake, conversation)
        await fake.block(CUSTOMER)
        await town.teammate("reply", conversation, "Are you there?")
        assert "blocked" in (await notes_of(town, conversation, 2))[-1]
        assert len(phones.received()) == 2
        await nothing_kept_knows_a_secret(town, account.bot_token, account.secret_token)


async def nothing_kept_knows_a_secret(town: Town, *secrets: str) -> None:
    async with await psycopg.AsyncConnection.connect(town.settings.database_url) as connection:
        for table in ("raw", "arrival", "outbound", "step", "avatar", "channel"):
            found = await connection.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(table)))
            rows = await found.fetchall()
            assert rows
            assert not [row for row in rows for secret in secrets if secret in row[0]], table


async def album_makes_one_message(town: Town, fake: TelegramFake) -> str:
    await fake.write(CUSTOMER, "Both are broken", [("image/jpeg", b"\xff\xd8\xff1"), ("image/jpeg", b"\xff\xd8\xff2")])
    conversation = str(next(iter(await until(town.threads))))

    async def whole() -> list[dict[str, Any]]:
        parts = await parts_of(town, conversation)
        return [part for part in parts if part["attachments"]]

    written = await until(whole)
    assert [len(part["attachments"]) for part in written] == [2]
    assert [text for text in (await town.threads())[conversation] if not text.startswith("[file")] == [
        "Both are broken"
    ]
    return conversation


async def the_picture_is_rehosted(town: Town, token: str) -> None:
    [contact] = [each for each in await town.contacts() if each["custom_attributes"].get("telegram_id")]
    assert contact["custom_attributes"]["telegram_id"] == f"7000000001/{CUSTOMER}"
    assert token not in json.dumps(contact)
    picture = contact["avatar"]["image_url"] if isinstance(contact["avatar"], dict) else contact["avatar"]
    assert picture.startswith(f"{town.places.leadline}/avatars/")
    async with town.http.get(picture) as answer:
        assert await answer.read() == PORTRAIT


async def a_file_nobody_can_have_is_told_once(town: Town, fake: TelegramFake, conversation: str) -> None:
    """Telegram could not fetch it, and we cannot either: that is a failure, not a doubt."""
    app = web.Application()
    app.router.add_get("/{path:.*}", out_of_order)
    async with TestServer(app) as server:
        fake.faults.plan("telegram", FAULTS["file_not_had"])
        await town.teammate("reply", conversation, "", attachment_urls=[str(server.make_url("/offer.pdf"))])
        [note] = await notes_of(town, conversation, 1)
    assert "did not reach the customer" in note
