"""A customer's message names addresses of files: none leads inside, none breaks the message, none fills the memory."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from leadline.channels.exchange import Call
from leadline.connections.addresses import host_of, is_public
from leadline.connections.media import Media, NotFetched
from tests.acceptance.conftest import Open
from tests.acceptance.conftest import open_town as open_town
from tests.acceptance.town import until

INSIDE = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "localhost",
    "LOCALHOST",
    "0.0.0.0",  # noqa: S104 - asked for, not listened on
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::127.0.0.1]",
    "[2002:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[fec0::1]",
    "[fe80::1%25lo]",
    "[fd00::1]",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "１２７.0.0.1",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "user@127.0.0.1",
    "example.com@127.0.0.1",
    "127.0.0.1\\@example.com",
]
UNREADABLE = [
    "https://[",
    f"https://{'a' * 300}.example/x.jpg",
    "https://../x",
    "https://exa mple/x",
    "https://example.com:99999/",
    "https://\x00/",
    "https://\udcff/",
    "file:///etc/passwd",
    "data:text/plain,x",
    "https:",
    "",
]


@pytest.fixture
async def connections() -> AsyncIterator[tuple[int, list[object]]]:
    """A port of this machine, and whoever connected to it."""
    seen: list[object] = []

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(writer.get_extra_info("peername"))
        writer.close()

    server = await asyncio.start_server(met, port=0, host="localhost")
    async with server:
        yield server.sockets[0].getsockname()[1], seen


@pytest.mark.parametrize("host", INSIDE)
async def test_no_spelling_of_an_inner_address_is_connected(host: str, connections: tuple[int, list[object]]) -> None:
    port, seen = connections
    media = Media(limit=1000, allowed=frozenset({"example.com"}))
    with pytest.raises(NotFetched) as refused:
        await media._get(Call(method="GET", url=f"https://{host}:{port}/"))
    await media.close()
    assert seen == []
    assert not refused.value.later, "another try would be no better"


@pytest.mark.parametrize("url", UNREADABLE)
async def test_an_address_that_cannot_be_read_is_a_line_not_an_error(url: str) -> None:
    media = Media(limit=1000, allowed=frozenset())
    with pytest.raises(NotFetched) as refused:
        await media._get(Call(method="GET", url=url))
    await media.close()
    assert not refused.value.later
    assert not media.is_intercoms(url)


@given(st.text() | st.from_regex(r"https://[^/]{0,40}/?.{0,10}"))
def test_the_host_of_any_text_is_ascii_or_none(text: str) -> None:
    assert host_of(text).isascii()


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::93.184.216.34", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are_believed(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="192.168.0.0/16"))
def test_an_inner_address_stays_one_however_it_is_wrapped(address: object) -> None:
    assert not any(map(is_public, (f"::ffff:{address}", f"64:ff9b::{address}", f"::{address}", str(address))))


@pytest.fixture
async def packer() -> AsyncIterator[TestServer]:
    """Answers a text of a size, packed in some way; what it was asked for is in the answer's X-Asked."""

    async def answer(http: web.Request) -> web.Response:
        text = b"x" * int(http.query["size"])
        packed = {
            "gzip": gzip.compress(text),
            "x-gzip": gzip.compress(text),
            "deflate": zlib.compress(text),
            "raw": zlib.compress(text)[2:-4],
            "identity": text,
            "br": b"\x00",
            "broken": b"\x1f\x8b" + b"\x00" * 20,
        }[http.query["as"]]
        name = {"raw": "deflate", "broken": "gzip"}.get(http.query["as"], http.query["as"])
        asked = {"X-Asked": http.headers.get("accept-encoding", ""), "content-encoding": name}
        return web.Response(body=packed, headers=asked)

    app = web.Application()
    app.router.add_get("/file", answer)
    place = TestServer(app)
    async with place:
        yield place


@pytest.mark.parametrize("packed", ["identity", "gzip", "x-gzip", "deflate", "raw"])
async def test_a_packed_file_is_unpacked_up_to_the_limit(packer: TestServer, packed: str) -> None:
    media = Media(limit=1_000_000, allowed=frozenset({"127.0.0.1"}))
    base = f"http://127.0.0.1:{packer.port}/file?as={packed}&size="
    answer = await media._get(Call(method="GET", url=f"{base}100000"))
    assert (answer.body, answer.headers["x-asked"]) == (b"x" * 100_000, "identity")
    with pytest.raises(NotFetched, match="larger than 1 MB"):
        await media._get(Call(method="GET", url=f"{base}50000000"))
    await media.close()


@pytest.mark.parametrize("packed", ["br", "broken"])
async def test_what_cannot_be_unpacked_is_a_line(packer: TestServer, packed: str) -> None:
    media = Media(limit=1_000_000, allowed=frozenset({"127.0.0.1"}))
    with pytest.raises(NotFetched, match="packed in a way"):
        await media._get(Call(method="GET", url=f"http://127.0.0.1:{packer.port}/file?as={packed}&size=10"))
    await media.close()


async def test_the_text_arrives_at_once_and_says_which_file_did_not(open_town: Open) -> None:
    addresses = [url for url in UNREADABLE if url and url.isprintable()]
    async with open_town() as town:
        for number, url in enumerate([*addresses, "https://127。0。0。1/x"], 1):
            files = {"NumMedia": "1", "MediaUrl0": url, "MediaContentType0": "image/jpeg"}
            assert await town.sms_in("+353888888999", f"Hello {number}", number, **files) == 200
        count = len(addresses) + 1

        async def all_there() -> list[str]:
            texts = [text for thread in (await town.threads()).values() for text in thread]
            return texts if sum("Hello" in text for text in texts) >= count else []

        texts = await until(all_there)
        assert sum("could not be fetched" in text for text in texts) == count, texts
