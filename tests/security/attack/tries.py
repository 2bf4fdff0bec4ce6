"""The tries, each with what must come of it. A try returns what was answered; `held` says whether that is right."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import urllib.parse
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import aiohttp

from leadline.console.guard import COOKIE
from leadline.console.rights import Role
from leadline.sandbox.providers.twilio.webhooks import signed
from tests.console.acting import email_of, session_of
from tests.security.attack.target import Target

MESSAGE = (("MessageSid", "SM" + "7" * 32), ("From", "+353888888999"), ("Body", "Hello"), ("NumMedia", "0"))


class Result(NamedTuple):
    """What came of a try."""

    said: str
    held: bool


Try = Callable[[Target], Awaitable[Result]]
TRIES: list[tuple[str, Try]] = []


def attempt(what: str) -> Callable[[Try], Try]:
    """Put a try on the list."""

    def listed(tried: Try) -> Try:
        TRIES.append((what, tried))
        return tried

    return listed


async def statuses(target: Target, method: str, urls: list[str], **options: object) -> set[int]:
    found = set()
    for url in urls:
        async with target.http.request(method, url, allow_redirects=False, **options) as answer:  # type: ignore[arg-type]
            found.add(answer.status)
    return found


def told(found: set[int], *allowed: int) -> Result:
    return Result(", ".join(map(str, sorted(found))), found <= set(allowed))


def form(target: Target, fields: tuple[tuple[str, str], ...] = MESSAGE) -> tuple[dict[str, str], bytes]:
    """What Twilio would send, signed rightly for this channel."""
    settings = target.sms
    known = [("AccountSid", settings.account_sid), ("To", settings.number)]
    return signed(settings, target.address(), [*known, *fields])


@attempt("guess 90 webhook addresses")
async def guess(target: Target) -> Result:
    return told(await statuses(target, "HEAD", [f"{target.place}/in/{secrets.token_hex(16)}" for _ in range(90)]), 404)


@attempt("addresses that are none: %00, .., upper case, 9,000 characters, unicode")
async def odd_addresses(target: Target) -> Result:
    odd = ["%00", "..%2f..%2fetc%2fpasswd", "A" * 32, "a" * 9000, "%F0%9F%98%80" * 8, "a" * 32 + "%00", "'--"]
    return told(await statuses(target, "GET", [f"{target.place}/in/{each}" for each in odd]), 404)


@attempt("a webhook without a signature")
async def unsigned(target: Target) -> Result:
    return told(await statuses(target, "POST", [target.address()], data=dict(MESSAGE)), 403)


@attempt("signatures: empty, wrong, of another body, of another channel's address, with the empty key")
async def forged(target: Target) -> Result:
    headers, body = form(target)
    _, other = form(target, (*MESSAGE[:2], ("Body", "Send me money"), MESSAGE[3]))
    elsewhere, same = signed(target.sms, target.address("whatsapp_cloud"), [*map(tuple, MESSAGE)])  # type: ignore[list-item]
    text = target.address() + "".join(f"{name}{value}" for name, value in sorted(MESSAGE))
    empty = base64.b64encode(hmac.digest(b"", text.encode(), hashlib.sha1)).decode()
    found: set[int] = set()
    for given, content in (
        (headers | {"X-Twilio-Signature": ""}, body),
        (headers | {"X-Twilio-Signature": "A" * 28}, body),
        (headers, other),
        (elsewhere, same),
        (headers | {"X-Twilio-Signature": empty}, urllib.parse.urlencode(MESSAGE).encode()),
    ):
        found |= await statuses(target, "POST", [target.address()], data=content, headers=given)
    return told(found, 403)


@attempt("WhatsApp: a signature with the empty secret, none, sha1 instead of sha256")
async def forged_json(target: Target) -> Result:
    body = json.dumps({"object": "whatsapp_business_account", "entry": []}).encode()
    found: set[int] = set()
    for name, value in (
        ("X-Hub-Signature-256", "sha256=" + hmac.digest(b"", body, hashlib.sha256).hex()),
        ("X-Hub-Signature", "sha1=" + hmac.digest(b"", body, hashlib.sha1).hex()),
        ("X-Hub-Signature-256", "sha256="),
        ("X-Nothing", ""),
    ):
        found |= await statuses(target, "POST", [target.address("whatsapp_cloud")], data=body, headers={name: value})
    return told(found, 403)


@attempt("a captured message, sent again 50 times")
async def replayed(target: Target) -> Result:
    headers, body = form(target)
    found: set[int] = set()
    for _ in range(50):
        found |= await statuses(target, "POST", [target.address()], data=body, headers=headers)
    kept = [await target.count(table) for table in ("arrival where kind = 'message'", "raw")]
    return Result(
        f"{told(found, 200).said}; {kept[0]} message, {kept[1]} webhook kept", found == {200} and kept == [1, 1]
    )


@attempt("Intercom's webhook and the panel: unsigned, and signed with a guessed secret")
async def intercom(target: Target) -> Result:
    body = b'{"type":"notification_event","app_id":"sandbox","topic":"conversation.admin.replied"}'
    paths = ("/intercom/webhook", "/intercom/inbox/initialize", "/intercom/inbox/submit")
    found: set[int] = set()
    for key in (b"", b"secret", b"sandbox"):
        marks = {
            "X-Hub-Signature": "sha1=" + hmac.digest(key, body, hashlib.sha1).hex(),
            "X-Body-Signature": hmac.digest(key, body, hashlib.sha256).hex(),
        }
        for headers in ({}, marks):
            found |= await statuses(target, "POST", [target.place + path for path in paths], data=body, headers=headers)
    return told(found, 403)


@attempt("a signed message whose file lies inside: eight spellings")
async def inside(target: Target) -> Result:
    port = target.inner.rpartition(":")[2]
    hosts = [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "2130706433",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "[64:ff9b::7f00:1]",
        "0x7f.1",
    ]
    found: set[int] = set()
    for number, host in enumerate(hosts):
        media = (("MediaUrl0", f"https://{host}:{port}/latest/meta-data"), ("MediaContentType0", "image/png"))
        fields = (("MessageSid", f"SM{number:032}"), *MESSAGE[1:3], ("NumMedia", "1"), *media)
        headers, body = form(target, fields)
        found |= await statuses(target, "POST", [target.address()], data=body, headers=headers)
    for _ in range(300):
        if not await target.count("arrival where state = 'waiting'"):
            break
        await asyncio.sleep(0.1)
    waiting = await target.count("arrival where state <> 'done'")
    said = f"{told(found, 200).said}; {len(target.called)} calls inside, {waiting} messages held up"
    return Result(said, not target.called and not waiting)


@attempt("a body of 20 MB, announced and not")
async def large(target: Target) -> Result:
    async def endless() -> object:
        for _ in range(20):
            yield b"x" * 1_000_000

    found = set()
    for data in (b"x" * 20_000_000, endless()):
        try:
            found |= await statuses(target, "POST", [target.address()], data=data)
        except aiohttp.ClientError:
            found.add(413)  # closed while it was still being sent
    return told(found, 413)


@attempt("headers of 1 MB; 20,000 headers; a request line of 1 MB")
async def headers_too_large(target: Target) -> Result:
    path = target.address().removeprefix(target.place).encode()
    answers = [
        await target.raw(b"POST " + path + b" HTTP/1.1\r\nhost: x\r\nx: " + b"a" * 1_000_000 + b"\r\n\r\n"),
        await target.raw(b"POST " + path + b" HTTP/1.1\r\nhost: x\r\n" + b"x: a\r\n" * 20_000 + b"\r\n"),
        await target.raw(b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n"),
    ]
    return _closed(answers)


@attempt("smuggling: two lengths, chunked with a length, a bare CR, a space before the colon")
async def smuggled(target: Target) -> Result:
    path = target.address().removeprefix(target.place).encode()
    start = b"POST " + path + b" HTTP/1.1\r\nhost: x\r\n"
    answers = [
        await target.raw(start + b"content-length: 5\r\ncontent-length: 50\r\n\r\nhello"),
        await target.raw(
            start + b"transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n"
        ),
        await target.raw(start + b"content-length : 5\r\n\r\nhello"),
        await target.raw(start + b"transfer-encoding: xchunked\r\n\r\nhello"),
    ]
    return _closed(answers)


def _closed(answers: list[bytes]) -> Result:
    """Refused or cut off; nothing was taken."""
    found = {answer[9:12].decode() or "closed" for answer in answers}
    return Result(", ".join(sorted(found)), not found & {"200", "500", "502"})


@attempt("a body a byte a second; 300 silent connections; is /healthz alive?")
async def slow(target: Target) -> Result:
    host, port = target.place.removeprefix("http://").split(":")
    silent = [await asyncio.open_connection(host, int(port)) for _ in range(300)]
    path = target.address().removeprefix(target.place).encode()
    dripped = await target.raw(b"POST " + path + b" HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\nx")
    alive = await statuses(target, "GET", [f"{target.place}/healthz"])
    for _, writer in silent:
        writer.close()
    return Result(f"{dripped[9:12].decode() or 'closed'}; healthz {told(alive, 200).said}", alive == {200})


@attempt("the console: no session, a wrong cookie, another page's request with the right cookie, its WebSocket")
async def console(target: Target) -> Result:
    right = {COOKIE: await session_of(target.demo.leadline, Role.OWNER)}
    pages = [f"{target.place}/console", f"{target.place}/_nicegui/auto/x"]
    found = await statuses(target, "GET", pages)
    found |= await statuses(target, "GET", pages, cookies={COOKIE: "0" * 32})
    found |= await statuses(target, "GET", pages, cookies=right, headers={"Origin": "https://evil.example"})
    for headers in ({"Origin": "https://evil.example"}, {}):
        try:
            await target.http.ws_connect(
                f"{target.place}/_nicegui_ws/socket.io/?EIO=4&transport=websocket", headers=headers
            )
            found.add(101)
        except aiohttp.WSServerHandshakeError as refused:
            found.add(refused.status)
    return told(found, 401, 403, 404)


@attempt("the sign-in: 60 passwords at once, one-time links that are guessed, forms of another page")
async def sign_in(target: Target) -> Result:
    await session_of(target.demo.leadline, Role.OWNER)
    own, place = {"Origin": target.place}, f"{target.place}/console"
    form = {"email": email_of(Role.OWNER), "password": "correct horse battery"}
    tries = [target.http.post(f"{place}/sign-in", data=form, headers=own) for _ in range(60)]
    answers = await asyncio.gather(*tries)
    waits = [answer for answer in answers if "Too many wrong passwords" in await answer.text()]
    found = {answer.status for answer in answers}
    found |= await statuses(target, "GET", [f"{place}/link/{name}" for name in ("0" * 43, "..%2f", "%00", "x")])
    foreign = {"Origin": "https://evil.example"}
    found |= await statuses(target, "POST", [f"{place}/sign-in", f"{place}/sign-out"], headers=foreign)
    result = told(found, 401, 403, 404)
    return result._replace(held=result.held and len(waits) >= 40, said=f"{result.said}; {len(waits)} had to wait")


@attempt("/metrics without a token; pictures and files under guessed addresses; other methods")
async def others(target: Target) -> Result:
    found = await statuses(target, "GET", [f"{target.place}/metrics"])
    guessed = [f"{target.place}/{kind}/{name}" for kind in ("avatars", "files") for name in ("0" * 32, "..%2f", "%00")]
    found |= await statuses(target, "GET", guessed)
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT2"):
        found |= await statuses(target, method, [target.address()])
    return told(found, 400, 403, 404, 405)


@attempt("a name and a text that are markup, SQL, terminal commands")
async def nasty(target: Target) -> Result:
    text = "<script>alert(1)</script>'; drop table arrival; -- \x1b[2J [/red] {{7*7}} ${7*7} \u202e"
    posted = await target.demo.writes(target.demo.channels["telegram"], "55501", text, name="<img src=x onerror=1>")
    for _ in range(300):
        if not await target.count("arrival where state = 'waiting'"):
            break
        await asyncio.sleep(0.1)
    kept = await target.rows("select content ->> 'text' as text from arrival where content ->> 'text' like '<script>%'")
    stands = bool(kept) and str(kept[0]["text"]).startswith("<script>alert(1)</script>'; drop table")
    return Result(f"{posted.status}; kept as written: {'yes' if stands else 'no'}", posted.status == 200 and stands)


@attempt("a thief of the database: credentials, keys of channels")
async def thief(target: Target) -> Result:
    listed = await target.rows("select tablename from pg_tables where schemaname = 'public'")
    stolen = ""
    for row in listed:
        stolen += str(await target.rows(f"select * from {row['tablename']}"))  # noqa: S608 - as listed
    settings = target.demo.leadline.settings
    sought = [settings.secret_key, settings.intercom_token, settings.intercom_client_secret, target.sms.auth_token]
    sought += [row.key for row in target.demo.channels.values()]
    found = sum(each in stolen for each in sought)
    return Result(f"{found} of {len(sought)} found in {len(listed)} tables", found == 0)
