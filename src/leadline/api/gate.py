"""What every request of the API passes: its key, its scope, how often, its size, its types; then the endpoint.

Set up by `process.py`. Whatever goes wrong is one problem of `problems.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import structlog
from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from leadline.api.description import describe
from leadline.api.endpoint import PREFIX, Call, Endpoint
from leadline.api.keys import Key, key_of
from leadline.api.problems import Problem, problem_of, response
from leadline.door import Limits
from leadline.door.allowance import Allowance, network
from leadline.door.gate import TRUSTED
from leadline.door.webhooks import client_of, read_body
from leadline.store.acting import acting
from leadline.store.database import Database
from leadline.tracing import begun

LARGEST = 100_000  # bytes of a body
MOST = 600  # requests of a key in a MINUTE
REFUSED = 60  # wrong keys of one address in a MINUTE
MINUTE = 60.0  # seconds
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
ONCE = re.compile(r"[\x21-\x7e]{1,200}")
ASKED = Counter("leadline_api_requests_total", "Requests of the API by endpoint and status", ["endpoint", "status"])
log = structlog.get_logger(__name__)


class Api:
    """The HTTP face of the API."""

    def __init__(self, database: Database, endpoints: Sequence[Endpoint], limits: Limits) -> None:
        self._database = database
        self._limits = limits._replace(body=min(limits.body, LARGEST))
        self._requests = Allowance("api_requests", most=MOST, seconds=MINUTE)
        self._refused = Allowance("api_refused", most=REFUSED, seconds=MINUTE)
        self._endpoints = endpoints
        self._description = msgspec.json.encode(describe(endpoints))

    def routes(self) -> list[Route]:
        """One for each path: it also answers methods that the path does not have, and the last one what is no path."""
        paths: dict[str, dict[str, Endpoint]] = {}
        for each in self._endpoints:
            paths.setdefault(each.path, {})[each.method] = each
        return [
            Route(f"{PREFIX}/openapi.json", self.described, methods=["GET"]),
            *(Route(PREFIX + path, _Path(self, verbs).answer, methods=[*METHODS]) for path, verbs in paths.items()),
            Route(f"{PREFIX}/{{rest:path}}", _Path(self, {}).answer, methods=[*METHODS]),
        ]

    async def described(self, http: Request) -> Response:
        """The description; it tells nothing of the installation, so that it needs no key."""
        return Response(self._description, media_type="application/json")

    async def answer(self, http: Request, verbs: Mapping[str, Endpoint]) -> Response:
        """One request, whatever becomes of it."""
        endpoint = verbs.get(http.method)
        with begun("api", http.scope["headers"]):
            try:
                answered = await self._answered(http, endpoint, verbs)
            except Exception as error:  # whatever it is, the answer is a problem document
                problem = problem_of(error)
                if problem.code == "broke":
                    log.exception("api_broke", path=http.url.path)
                answered = response(problem)
                if problem.status == 405:
                    answered.headers["Allow"] = ", ".join(sorted(verbs))
        ASKED.labels(endpoint.name if endpoint else "none", answered.status_code).inc()
        return answered

    async def _answered(self, http: Request, endpoint: Endpoint | None, verbs: Mapping[str, Endpoint]) -> Response:
        key = await self._key(http)
        if endpoint is None:
            raise _nowhere(http, verbs)
        if endpoint.scope not in key.scopes:
            raise Problem(
                403, "no_scope", f"This needs a key with the scope '{endpoint.scope}'; '{key.name}' does not have it."
            )
        call = await self._call(http, endpoint, key)
        with acting(f"API key {key.name}", "api"):
            told = await endpoint.act(call)
        headers = {"Cache-Control": "no-store"}
        if isinstance(told, Response):
            return told
        return Response(msgspec.json.encode(told), endpoint.status, headers=headers, media_type="application/json")

    async def _key(self, http: Request) -> Key:
        """Whose request it is; raises Problem."""
        client = network(client_of(http.scope))
        if seconds := self._refused.wait(client):
            raise Problem(
                429, "too_many", "Too many wrong keys came from this address. Wait a minute.", seconds=seconds
            )
        given = BEARER.fullmatch(_header(http, "Authorization"))
        key = await key_of(self._database, given[1]) if given else None
        if key is None:
            self._refused.count(client)
            raise Problem(
                401, "no_key", "Send a key of this workspace as `Authorization: Bearer <key>`. This one holds no more, "
                "or there is none. `leadline api-key` makes keys.",
            )  # fmt: skip
        http.scope[TRUSTED] = True
        if seconds := self._requests.take(f"{key.workspace_id}/{key.key_id}"):
            raise Problem(429, "too_many", f"A key may make {MOST} requests a minute. Wait a moment.", seconds=seconds)
        return key

    async def _call(self, http: Request, endpoint: Endpoint, key: Key) -> Call:
        raw = await read_body(http.scope, http.receive, self._limits) if endpoint.body else b""
        if endpoint.body and _header(http, "Content-Type").partition(";")[0].strip().lower() != ("application/json"):
            raise Problem(415, "not_json", "Send the body as JSON, with `Content-Type: application/json`.")
        once = _header(http, "Idempotency-Key")
        if endpoint.idempotent and not ONCE.fullmatch(once):
            raise Problem(
                422, "no_idempotency_key", "Send an Idempotency-Key: a name of this request of your own, at most 200 "
                "letters without spaces. Sent again with the same one, it is the same request.",
            )  # fmt: skip
        return Call(
            key=key,
            path=http.path_params,
            query=_query(http, endpoint.query),
            body=msgspec.json.decode(raw, type=endpoint.body) if endpoint.body else None,
            once=once,
        )


class _Path:
    """What one path does, by method."""

    def __init__(self, api: Api, verbs: Mapping[str, Endpoint]) -> None:
        self._api = api
        self._verbs = verbs

    async def answer(self, http: Request) -> Response:
        return await self._api.answer(http, self._verbs)


def _header(http: Request, name: str) -> str:
    """What a header says, empty where it is not there; raises Problem where it is given twice: one would be ignored."""
    given = http.headers.getlist(name)
    if len(given) > 1:
        raise Problem(422, "invalid", f"The header {name} is given {len(given)} times. Give it once.")
    return given[0] if given else ""


def _query(http: Request, wanted: type | None) -> Any:
    """The query as the endpoint's type has it. Each name once: of two values one would be ignored."""
    given = http.query_params.multi_items()
    values = dict(given)
    if len(values) < len(given):
        raise Problem(422, "invalid", "A name of the query is given twice. Give each once.")
    if wanted is None:
        if values:
            raise Problem(422, "invalid", f"This takes no query, so not '{next(iter(values))}'.")
        return None
    return msgspec.convert(values, wanted, strict=False)


def _nowhere(http: Request, verbs: Mapping[str, Endpoint]) -> Problem:
    if verbs:
        return Problem(405, "no_method", f"Only {', '.join(sorted(verbs))} works here.")
    return Problem(404, "no_path", f"The API has no path {http.url.path}. {PREFIX}/openapi.json lists them.")
