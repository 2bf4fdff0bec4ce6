"""What `leadline doctor` says about the public address: it leads to Leadline, over https, with a certificate."""

from __future__ import annotations

import asyncio
import ssl
import time
from urllib.parse import urlsplit

import aiohttp

from leadline.errors import SettingError, silence
from leadline.identity.words import counted
from leadline.settings import Settings, require

LOCAL = {"localhost", "127.0.0.1", "::1"}
SOON = 14  # days before a certificate ends; automatic renewals come 30 days before
DAY = 86_400


async def public_url(settings: Settings, session: aiohttp.ClientSession) -> str:
    """The public address must lead to a running Leadline: its health page is fetched through it."""
    require(settings, "public_url")
    url = f"{settings.public_url.rstrip('/')}/healthz"
    try:
        async with session.get(url, allow_redirects=False) as answer:
            if answer.status != 200 or (await answer.text())[:3] != "ok":
                raise _leads_elsewhere(settings, f"/healthz answered {answer.status}")
    except aiohttp.ClientConnectorCertificateError as error:
        raise _leads_elsewhere(settings, f"its certificate is not valid ({error.certificate_error})") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise _leads_elsewhere(settings, silence(error)) from error
    return await _safety(settings.public_url)


def _leads_elsewhere(settings: Settings, why: str) -> SettingError:
    return SettingError(
        f"LEADLINE_PUBLIC_URL ({settings.public_url}) does not lead to Leadline: {why}. Providers call this address, "
        "so start `leadline serve`, and let your proxy or tunnel pass https requests for it on to "
        f"{settings.host}:{settings.port}."
    )


def is_local(url: str) -> bool:
    """Whether an address is this machine's own, which no provider reaches."""
    return urlsplit(url).hostname in LOCAL


async def panel(settings: Settings, session: aiohttp.ClientSession) -> str:
    """The addresses of the Inbox app must lead to this server. HEAD asks without a line in its log."""
    require(settings, "public_url")
    url = f"{settings.public_url.rstrip('/')}/intercom/inbox/initialize"
    try:
        async with session.head(url, allow_redirects=False) as answer:
            status, allowed = answer.status, answer.headers.get("allow", "")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise SettingError(f"{url} cannot be reached: {silence(error)}. Start `leadline serve`.") from error
    if (status, allowed) != (405, "POST"):
        raise SettingError(
            f"{url} answered {status}, as nothing of Leadline does. Let your proxy or tunnel pass "
            "/intercom/inbox/initialize and /intercom/inbox/submit on to Leadline."
        )
    return f"its addresses lead here: enter {url} and …/submit in the Developer Hub under Canvas Kit, For teammates"


async def _safety(url: str) -> str:
    """How safe the way to a reachable address is."""
    parts = urlsplit(url)
    if is_local(url):
        return "reachable from this machine only: no provider can call it"
    if parts.scheme != "https":
        raise SettingError(
            f"LEADLINE_PUBLIC_URL ({url}) is not https, so customers' messages travel in clear and most providers "
            "refuse it. Put a proxy with a certificate in front, as docs/install.md shows."
        )
    days = await _days_left(str(parts.hostname), parts.port or 443)
    if days < SOON:
        raise SettingError(
            f"The certificate of {parts.hostname} ends in {counted(days, 'day')}. Is its renewal running? When it has "
            "ended, no provider delivers any more."
        )
    return f"reachable; its certificate is valid for {counted(days, 'day')}"


async def _days_left(host: str, port: int) -> int:
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port, ssl=ssl.create_default_context()), 8)
    except (OSError, TimeoutError) as error:
        raise SettingError(f"{host}:{port} cannot be reached over TLS: {silence(error)}") from error
    certificate = writer.get_extra_info("peercert") or {}
    writer.close()
    return int((ssl.cert_time_to_seconds(certificate["notAfter"]) - time.time()) // DAY)
