"""Attachments: uploaded files are kept and served under /files/, with signed addresses that expire as Intercom's do."""

from __future__ import annotations

import base64
import binascii
import hmac
import mimetypes
import secrets
import time
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from leadline.sandbox.queries import queries
from leadline.sandbox.workspace import ApiError, Workspace
from leadline.store.database import Connection

MOST = 10
INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp", "audio/", "video/")


class Upload(msgspec.Struct):
    """One of `attachment_files`: base64 `data`."""

    content_type: str
    data: str
    name: str


async def keep(connection: Connection, uploads: list[Upload], urls: list[str]) -> list[dict[str, Any]]:
    """Store the uploads; returns what `attachments` columns hold, uploads first. A given address stays where it is.

    Raises ApiError 400 for more than ten files, data that is no base64 or an address that is not http(s).
    """
    if len(uploads) > MOST or len(urls) > MOST:
        raise ApiError(400, "parameter_invalid", f"At most {MOST} attachments can be sent at once")
    kept = [await _keep_upload(connection, upload) for upload in uploads]
    return kept + [_from_url(url) for url in urls]


async def _keep_upload(connection: Connection, upload: Upload) -> dict[str, Any]:
    try:
        body = base64.b64decode(upload.data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError(400, "parameter_invalid", f"attachment_files: data of '{upload.name}' is no base64") from error
    key = secrets.token_hex(16)
    await queries.add_file(connection, key=key, name=upload.name, content_type=upload.content_type, body=body)
    return {"key": key, "name": upload.name, "content_type": upload.content_type, "filesize": len(body)}


def _from_url(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ApiError(400, "parameter_invalid", f"attachment_urls: '{url}' is no web address")
    name = PurePosixPath(parts.path).name or "attachment"
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return {"url": url, "name": name, "content_type": guessed}


def signed_url(workspace: Workspace, base_url: str, key: str) -> str:
    """The file's address, good for `file_lifetime` seconds."""
    expires = int(time.time()) + workspace.settings.file_lifetime
    return f"{base_url}/files/{key}?expires={expires}&signature={_signature(workspace, key, expires)}"


def _signature(workspace: Workspace, key: str, expires: int) -> str:
    return hmac.new(workspace.settings.client_secret.encode(), f"{key}:{expires}".encode(), "sha256").hexdigest()


async def serve(workspace: Workspace, request: Request) -> Response:
    """GET /files/{key}: 403 for a wrong or expired signature. Nothing a browser could run is shown inline."""
    key, expires = request.path_params["key"], request.query_params.get("expires", "")
    given = request.query_params.get("signature", "")
    expected = _signature(workspace, key, int(expires)) if expires.isdecimal() else ""
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()) or int(expires) < time.time():
        return PlainTextResponse(
            "This address is wrong or has expired. Read the conversation again for a new one.", 403
        )
    async with workspace.database.connection() as connection:
        row = await queries.file_by_key(connection, key=key)
    if row is None:
        return PlainTextResponse("There is no such file.", 404)
    shown = "inline" if row["content_type"].startswith(INLINE) else "attachment"
    headers = {
        "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(row['name'], safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, max-age=600",
    }
    kind = row["content_type"] if _is_media_type(row["content_type"]) else "application/octet-stream"
    return Response(bytes(row["body"]), headers=headers, media_type=kind)


def _is_media_type(text: str) -> bool:
    return text.isascii() and text.isprintable() and "/" in text
