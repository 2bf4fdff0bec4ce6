"""Where files may come from: never from private addresses, however a name, a number or a redirect leads there."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from leadline.channels.exchange import Call
from leadline.connections.addresses import is_public
from leadline.connections.media import INTERCOM_HOSTS, Media, NotFetched
from leadline.errors import Retry
from leadline.model import Attachment

SEEN = web.AppKey("seen", list[dict[str, str]])


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    async def redirect(http: web.Request) -> web.Response:
        seen.append(dict(http.headers))
        return web.Response(status=302, headers={"location": http.query.get("to", "/redirect")})

    async def file(http: web.Request) -> web.Response:
        seen.append(dict(http.headers))
        return web.Response(body=b"x" * int(http.query.get("size", "3")), content_type="text/plain")

    seen: list[dict[str, str]] = []
    app = web.Application()
    app[SEEN] = seen
    app.router.add_get("/redirect", redirect)
    app.router.add_get("/file", file)
    place = TestServer(app)
    async with place:
        yield place


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "https://localhost/",
        "https://2130706433/",
        "https://0x7f.1/",
    ],
)
async def test_private_addresses_are_not_fetched(url: str) -> None:
    media = Media(limit=1000, allowed=frozenset())
    with pytest.raises(NotFetched):
        await media._get(Call(method="GET", url=url))
    await media.close()


async def test_a_redirect_loses_the_credentials_and_may_not_lead_inside(server: TestServer) -> None:
    media = Media(limit=1000, allowed=frozenset({"localhost"}))
    base = f"http://localhost:{server.port}"
    call = Call(method="GET", url=f"{base}/redirect?to=http://127.0.0.1:{server.port}/file", secrets={"token": "hush"})
    with pytest.raises(NotFetched, match="must not be fetched"):
        await media._get(call)
    await media.close()
    media = Media(limit=1000, allowed=frozenset({"localhost", "127.0.0.1"}))
    assert (await media._get(call)).body == b"xxx"
    with_token, without = server.app[SEEN][-2:]
    assert ("token" in with_token, "token" in without) == (True, False)
    with pytest.raises(NotFetched, match="without end"):
        await media._get(Call(method="GET", url=f"{base}/redirect"))
    with pytest.raises(NotFetched, match="larger than"):
        await media._get(Call(method="GET", url=f"{base}/file?size=2000"))
    await media.close()


async def test_a_teammates_file_comes_from_intercom_only(server: TestServer) -> None:
    media = Media(limit=1000, allowed=frozenset({"localhost"}))
    found = await media.given(Attachment(url=f"http://localhost:{server.port}/file"), patient=False)
    assert (found.status, found.body) == (200, b"xxx")
    assert (await media.given(Attachment(url="https://example.com/file"), patient=True)).status == 404
    with pytest.raises(Retry):
        await media.given(Attachment(url="http://localhost:9/file"), patient=True)
    assert (await media.given(Attachment(url="http://localhost:9/file"), patient=False)).status == 404
    await media.close()


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("workspace.intercom-attachments-7.com", True),
        ("x.intercom-attachments.eu", True),
        ("x.au.intercom-attachments.com", True),
        ("downloads.intercomcdn.com", True),
        ("downloads.au.intercomcdn.com", True),
        ("downloads.intercomcdn.com.evil.example", False),
        ("evil-intercom-attachments.com", False),
        ("intercom.io", False),
    ],
)
def test_intercoms_hosts_are_known(host: str, ours: bool) -> None:
    assert bool(INTERCOM_HOSTS.fullmatch(host)) is ours


def test_public_addresses_are_told_from_all_others() -> None:
    assert is_public("93.184.216.34")
    assert not any(
        map(is_public, ("127.0.0.1", "10.1.1.1", "169.254.1.1", "::1", "fe80::1", "224.0.0.1", "no address"))
    )
