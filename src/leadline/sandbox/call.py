"""One API call: who may make it, its parsed request, and Intercom's envelope around what comes back. Used by app.py."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any, TypeVar

import msgspec
import psycopg
from starlette.requests import Request
from starlette.responses import Response

from leadline.sandbox.faults import Faults, Gone, Instead
from leadline.sandbox.queries import queries
from leadline.sandbox.webhooks import Outbox
from leadline.sandbox.workspace import PREVIEW, ApiError, Version, Workspace, now, parse_version
from leadline.store.database import Connection

T = TypeVar("T")
BODY_LIMIT = 40_000_000
WINDOW = 10.0


class Call:
    """What a handler gets. The connection is one transaction: it commits when the handler returns.

    request: None for what the workspace does by itself.
    """

    def __init__(
        self, workspace: Workspace, outbox: Outbox, connection: Connection, request: Request | None = None
    ) -> None:
        self.workspace = workspace
        self.outbox = outbox
        self.connection = connection
        self.request = request
        self.version: Version = request.state.version if request else workspace.version
        self.body: Any = request.state.body if request else {}
        self.path: dict[str, str] = request.path_params if request else {}
        self.human = False

    @property
    def base_url(self) -> str:
        return self.workspace.base_url or (str(self.request.base_url).rstrip("/") if self.request else "")

    @property
    def package_code(self) -> str | None:
        """Marks a part as made through the API; None where a teammate typed it."""
        return None if self.human else self.workspace.settings.package_code

    def query(self, name: str) -> str | None:
        return self.request.query_params.get(name) if self.request else None

    def read(self, shape: type[T]) -> T:
        """The body as `shape`; raises ApiError 400 naming what is missing or of the wrong type."""
        try:
            return msgspec.convert(self.body, shape)
        except msgspec.ValidationError as error:
            text = str(error)
            code = "parameter_not_found" if "missing required" in text else "parameter_invalid"
            raise ApiError(400, code, text) from error

    async def publish(self, topic: str, item: dict[str, Any]) -> None:
        """Queue a webhook; it leaves when this call has committed."""
        await self.outbox.add(self.connection, topic, item)

    async def changed(self, kind: str, key: str, what: str) -> None:
        """Tell listeners of channel `sandbox_change` when this call commits."""
        payload = msgspec.json.encode({"kind": kind, "id": key, "what": what}).decode()
        await queries.notify_change(self.connection, payload=payload)


Handler = Callable[[Call], Awaitable[Any]]


class Window:
    """Intercom's rate limit: so many calls per 10 s window (rate limiting page, 2.16)."""

    def __init__(self) -> None:
        self.number = 0
        self.used = 0

    def headers(self, limit: int) -> dict[str, str]:
        """Count one call; the headers of its answer. Raises ApiError 429 above the limit."""
        number = int(now() // WINDOW)
        if number != self.number:
            self.number, self.used = number, 0
        self.used += 1
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - self.used)),
            "X-RateLimit-Reset": str(int((number + 1) * WINDOW)),
        }
        if self.used > limit:
            text = f"Exceeded rate limit of {limit} in 10_seconds"
            raise ApiError(429, "rate_limit_exceeded", text, headers=headers)
        return headers


class Door:
    """Turns handlers into endpoints: token, rate limit, faults, one transaction, error envelope."""

    def __init__(self, workspace: Workspace, outbox: Outbox, faults: Faults) -> None:
        self.workspace = workspace
        self.outbox = outbox
        self.faults = faults
        self.window = Window()

    def endpoint(self, handler: Handler, route: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            headers = {"Date": formatdate(now(), usegmt=True)}
            try:
                headers.update(self._admit(request))
                fault = self.faults.next(request.method, request.url.path, route)
                await self.faults.before(fault, request)
                request.state.version = self._version(request)
                request.state.body = await read_body(request)
                result = await self._run(handler, request)
                await self.faults.after(fault, request)
            except ApiError as error:
                return error_response(error, headers)
            except Gone:
                return Response(status_code=500)
            except Instead as other:
                return Response(other.body, headers=headers)
            return json_response(result, headers=headers)

        return answer

    def control_endpoint(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """As endpoint, for /_sandbox/: the control token instead of the API's, no rate limit and no faults."""

        async def answer(request: Request) -> Response:
            settings = self.workspace.settings
            try:
                _check_token(request, settings.control_token or settings.token)
                request.state.version = self.workspace.version
                request.state.body = await read_body(request)
                return json_response(await self._run(handler, request))
            except ApiError as error:
                return error_response(error)

        return answer

    async def _run(self, handler: Handler, request: Request) -> Any:
        try:
            async with self.workspace.database.connection() as connection:
                result = await handler(Call(self.workspace, self.outbox, connection, request))
        except psycopg.DataError as error:  # a NUL character, a number too large for its column
            raise ApiError(
                400, "parameter_invalid", f"A value cannot be stored: {error.diag.message_primary}"
            ) from error
        self.outbox.wake()
        return result

    def _admit(self, request: Request) -> dict[str, str]:
        _check_token(request, self.workspace.control.token, *self.workspace.control.granted)
        headers = self.window.headers(self.workspace.control.rate_limit)
        accept = request.headers.get("Accept", "*/*")
        if not any(kind in accept for kind in ("application/json", "*/*", "application/*")):
            raise ApiError(406, "media_type_not_acceptable", "The Accept header should send a media type of JSON")
        return headers

    def _version(self, request: Request) -> Version:
        given = request.headers.get("Intercom-Version")
        if given == "Preview" and self.workspace.control.preview:
            return PREVIEW
        return parse_version(given) if given else self.workspace.version


def _check_token(request: Request, *tokens: str) -> None:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not any(token and hmac.compare_digest(given.encode(), token.encode()) for token in tokens):
        raise ApiError(401, "unauthorized", "Access Token Invalid")


async def read_body(request: Request) -> Any:
    """The JSON body, `{}` where there is none; raises ApiError."""
    raw = await request.body()
    if not raw:
        return {}
    if len(raw) > BODY_LIMIT:
        raise ApiError(413, "client_error", f"The body is larger than {BODY_LIMIT} bytes")
    if "json" not in request.headers.get("Content-Type", ""):
        raise ApiError(415, "media_type_not_acceptable", "The Content-Type header should send a media type of JSON")
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ApiError(400, "bad_request", f"bad '{error}' for JSON") from error


def json_response(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(content), status, headers, media_type="application/json; charset=utf-8")


def error_response(error: ApiError, headers: dict[str, str] | None = None) -> Response:
    """`{"type":"error.list","request_id","errors":[…]}` (2.16 spec, schema `error`)."""
    entry = {"code": error.code, "message": error.message}
    if error.field is not None:
        entry["field"] = error.field
    envelope = {"type": "error.list", "request_id": str(uuid.uuid4()), "errors": [entry]}
    return json_response(envelope, error.status, {**(headers or {}), **error.headers})
