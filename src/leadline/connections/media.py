"""Files both ways, fetched with the provider's credentials and never from where they must not come from.

`inbound/receive.py` calls `Media.fetch` for attachments of a message, `outbound/sending.py` calls `Media.given` for
teammates' files.
"""

from __future__ import annotations

import asyncio
import ipaddress
import mimetypes
import re
import socket
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from leadline.channels.base import Call, Response
from leadline.connections.switchboard import Connected
from leadline.errors import ProviderTrouble, Retry
from leadline.intercom.conversations import File
from leadline.model import Attachment

HOPS = 4
UNTYPED = "application/octet-stream"  # says nothing: what the channel knows about the file is better
REDIRECTS = {301, 302, 303, 307, 308}
INTERCOM_HOSTS = re.compile(
    r"(?:[\w-]+\.)*intercom-attachments(?:-\d+)?\.(?:com|eu)|downloads\.(?:au\.)?intercomcdn\.(?:com|eu)", re.ASCII
)
"""Where Intercom keeps what teammates send: the hosts its attachment addresses had in November 2026."""


class NotFetched(Exception):
    """The file cannot be had; the text is for the conversation. `later` tells whether another try may help."""

    def __init__(self, why: str, *, later: bool = False) -> None:
        super().__init__(why)
        self.later = later


class GuardedResolver(AbstractResolver):
    """Resolves names, and refuses those that lead to private, loopback or link-local addresses."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed
        self._plain = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._plain.resolve(host, port, family)
        if host not in self._allowed and not all(is_public(entry["host"]) for entry in found):
            raise OSError(f"{host} leads to a private address")
        return found

    async def close(self) -> None:
        await self._plain.close()


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    return bool(mapped.is_global and not mapped.is_multicast)


class Media:
    """Fetches files within limits of size and time; redirects are followed by hand, without the credentials."""

    def __init__(self, *, limit: int, allowed: frozenset[str], timeout: float = 30.0) -> None:
        self._limit = limit
        self._allowed = allowed
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=GuardedResolver(allowed), limit=20),
            timeout=aiohttp.ClientTimeout(total=timeout),
            auto_decompress=False,
        )

    async def close(self) -> None:
        await self._session.close()

    async def fetch(self, connected: Connected, attachment: Attachment, number: int) -> File:
        """The file of an attachment; raises NotFetched."""
        adapter, settings = connected.adapter, connected.settings
        hosts = adapter.media_hosts(settings)
        call: Call | None = adapter.media(attachment, settings)
        hops = 0
        while call is not None:
            hops += 1
            if hops > HOPS:
                raise NotFetched("its provider names one address after the other")
            self._check_host(call.url, hosts)
            response = await self._get(call)
            try:
                call = adapter.media_next(response, attachment, settings)
            except ProviderTrouble as trouble:
                raise NotFetched(str(trouble)) from trouble
        content_type = response.headers.get("content-type", "").partition(";")[0].strip()
        if content_type in ("", UNTYPED):
            content_type = attachment.content_type
        return File(
            name=attachment.name or f"file-{number}{mimetypes.guess_extension(content_type) or ''}",
            content_type=content_type,
            content=response.body,
        )

    async def given(self, attachment: Attachment, *, patient: bool) -> Response:
        """A teammate's file for an adapter that uploads it: status 200, or 404 where it cannot be had.

        Raises Retry where it may be there in a moment and the caller is patient.
        """
        try:
            if not self.is_intercoms(attachment.url):
                raise NotFetched("it lies on a host that Intercom does not use")
            response = await self._get(Call(method="GET", url=attachment.url))
        except NotFetched as error:
            if error.later and patient:
                raise Retry("media_not_fetched", f"A file of the reply could not be fetched: {error}") from error
            return Response(status=404)
        return Response(status=200, headers=response.headers, body=response.body)

    def is_intercoms(self, url: str) -> bool:
        """Whether an address lies where Intercom keeps files."""
        host = (urlsplit(url).hostname or "").lower()
        return bool(INTERCOM_HOSTS.fullmatch(host)) or host in self._allowed

    def _check_host(self, url: str, hosts: tuple[str, ...]) -> None:
        host = (urlsplit(url).hostname or "").lower()
        known = any(host == allowed or (allowed[:1] == "." and host.endswith(allowed)) for allowed in hosts)
        if not known and host not in self._allowed:
            raise NotFetched("it lies on a host that this channel does not use")

    async def _get(self, call: Call) -> Response:
        """Follow redirects; credentials go to the first host only."""
        url, headers = call.url, {**call.headers, **call.secrets}
        body = call.body or None
        for _ in range(HOPS):
            self._check_address(url)
            try:
                async with self._session.request(
                    call.method, url, headers=headers, data=body, allow_redirects=False
                ) as answer:
                    if answer.status in REDIRECTS and "location" in answer.headers:
                        following = urljoin(url, answer.headers["location"])
                        if urlsplit(following).netloc != urlsplit(url).netloc:
                            headers, body = dict(call.headers), None
                        url = following
                        continue
                    return await self._read(answer)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                raise NotFetched(f"its server did not answer ({type(error).__name__})", later=True) from error
        raise NotFetched("it is redirected without end")

    def _check_address(self, url: str) -> None:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if host in self._allowed:
            return
        if parts.scheme != "https" or (_is_ip(host) and not is_public(host)):
            raise NotFetched("it lies at an address that must not be fetched")

    async def _read(self, answer: aiohttp.ClientResponse) -> Response:
        if answer.status >= 400:
            raise NotFetched(f"its server answered {answer.status}", later=answer.status >= 500 or answer.status == 429)
        if answer.status == 202:
            raise NotFetched("its server is still preparing it", later=True)
        body = bytearray()
        async for chunk in answer.content.iter_chunked(65_536):
            body += chunk
            if len(body) > self._limit:
                raise NotFetched(f"it is larger than {self._limit // 1_000_000} MB")
        return Response(status=answer.status, headers=_lower(answer.headers), body=bytes(body))


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def gather_files(
    media: Media, connected: Connected, attachments: tuple[Attachment, ...]
) -> tuple[list[File], list[str], bool]:
    """Fetch all attachments side by side: the files, a line for each one that failed, and whether waiting may help."""
    results = await asyncio.gather(
        *(media.fetch(connected, attachment, number) for number, attachment in enumerate(attachments, 1)),
        return_exceptions=True,
    )
    files, lines, later = [], [], False
    for attachment, result in zip(attachments, results, strict=True):
        if isinstance(result, File):
            files.append(result)
        elif isinstance(result, NotFetched):
            later = later or result.later
            lines.append(f"[{attachment.name or attachment.content_type} could not be fetched: {result}]")
        else:
            raise result
    return files, lines, later
