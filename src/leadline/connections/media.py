"""Files both ways, fetched with the provider's credentials and never from where they must not come from.

`inbound/files.py` calls `Media.fetch` for the files of a message, `outbound/sending.py` calls `Media.given` for a
teammate's.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

import aiohttp
import msgspec
from yarl import URL

from leadline.channels.exchange import Call, Response
from leadline.connections.addresses import LeadsInside, host_of, outside_only, read
from leadline.connections.switchboard import Connected
from leadline.connections.unpacking import TooLarge, Unpacking
from leadline.errors import ProviderTrouble, Retry
from leadline.intercom.conversations import File
from leadline.media import UNTYPED, file_name
from leadline.model import Attachment
from leadline.model.seen import as_name

HOPS = 4
INSIDE_ONLY = "it lies at an address that must not be fetched"
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


class Media:
    """Fetches files within limits of size and time; redirects are followed by hand, without the credentials."""

    def __init__(self, *, limit: int, allowed: frozenset[str], timeout: float = 30.0) -> None:
        self._limit = limit
        self._allowed = allowed
        # What the operator allows although it is private has a way of its own; everything else is looked at once more
        # when it is connected, so that no name, redirect or spelling leads inside.
        self._known = _session(timeout)
        self._guarded = _session(timeout, socket_factory=outside_only)

    async def close(self) -> None:
        await self._known.close()
        await self._guarded.close()

    async def fetch(self, connected: Connected, attachment: Attachment, number: int) -> File:
        """The file of an attachment; raises NotFetched."""
        try:
            return await self._fetch(connected, attachment, number)
        except (ValueError, msgspec.MsgspecError) as error:
            raise NotFetched("its address cannot be read") from error

    async def _fetch(self, connected: Connected, attachment: Attachment, number: int) -> File:
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
        if content_type in ("", UNTYPED):  # says nothing: what the channel knows about the file is better
            content_type = attachment.content_type
        return File(
            name=file_name(as_name(attachment.name), content_type, f"file-{number}"),
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
        host = host_of(url)
        return bool(INTERCOM_HOSTS.fullmatch(host)) or host in self._allowed

    def _check_host(self, url: str, hosts: tuple[str, ...]) -> None:
        host = host_of(url)
        known = any(host == allowed or (allowed[:1] == "." and host.endswith(allowed)) for allowed in hosts)
        if not known and host not in self._allowed:
            raise NotFetched("it lies on a host that this channel does not use")

    async def _get(self, call: Call) -> Response:
        """Follow redirects; credentials go to the first host only. Raises NotFetched."""
        try:
            place, headers, body = read(call.url), {**call.headers, **call.secrets}, call.body or None
            for _ in range(HOPS):
                following, response = await self._ask(call.method, place, headers, body)
                if following is None:
                    return response
                if following.origin() != place.origin():
                    headers, body = dict(call.headers), None
                place = following
        except ValueError as error:
            raise NotFetched("its address cannot be read") from error
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, LeadsInside):
                raise NotFetched(INSIDE_ONLY) from error
            raise NotFetched("its server cannot be reached", later=True) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NotFetched(f"its server did not answer ({type(error).__name__})", later=True) from error
        raise NotFetched("it is redirected without end")

    async def _ask(
        self, method: str, place: URL, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[URL | None, Response]:
        """Where a redirect leads, or the answer."""
        known = (place.raw_host or "").lower() in self._allowed
        if place.scheme != "https" and not known:
            raise NotFetched(INSIDE_ONLY)
        session = self._known if known else self._guarded
        async with session.request(method, place, headers=headers, data=body, allow_redirects=False) as answer:
            if answer.status in REDIRECTS and "location" in answer.headers:
                return read(urljoin(str(place), answer.headers["location"])), Response(status=answer.status)
            return None, await self._read(answer)

    async def _read(self, answer: aiohttp.ClientResponse) -> Response:
        if answer.status >= 400:
            raise NotFetched(f"its server answered {answer.status}", later=answer.status >= 500 or answer.status == 429)
        if answer.status == 202:
            raise NotFetched("its server is still preparing it", later=True)
        try:
            unpacking = Unpacking(answer.headers.get("content-encoding", "").strip().lower(), self._limit)
            async for chunk in answer.content.iter_chunked(65_536):
                unpacking.add(chunk)
        except TooLarge as error:
            raise NotFetched(f"it is larger than {self._limit // 1_000_000} MB") from error
        except (ValueError, zlib.error) as error:
            raise NotFetched("it is packed in a way that cannot be read") from error
        return Response(status=answer.status, headers=_lower(answer.headers), body=bytes(unpacking.body))


def _session(timeout: float, **connector: Any) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=20, **connector),
        timeout=aiohttp.ClientTimeout(total=timeout),
        auto_decompress=False,  # unpacking.py does it, within the limit
        headers={"Accept-Encoding": "identity"},
    )


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
