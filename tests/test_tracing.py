"""One id through all stops: in the log of a real process, in the database, and at a collector of traces."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from msgspec.structs import replace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from leadline.serving import bind, serving
from leadline.store.database import Database
from leadline.tracing import begun, followed, headers, id_to_keep, new_id, span
from tests.acceptance.test_crashes import served, town_without_leadline
from tests.acceptance.town import until
from tests.nursery import command

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"  # the example of W3C Trace Context


class Collector:
    """What an OpenTelemetry collector got: the spans, by what they are called."""

    def __init__(self) -> None:
        self.spans: list[Any] = []

    async def take(self, request: Request) -> Response:
        sent = ExportTraceServiceRequest.FromString(await request.body())
        self.spans += [each for one in sent.resource_spans for scope in one.scope_spans for each in scope.spans]
        return Response()

    def named(self, name: str) -> list[Any]:
        return [each for each in self.spans if each.name == name]


@asynccontextmanager
async def collecting() -> AsyncIterator[tuple[Collector, str]]:
    collector = Collector()
    app = Starlette(routes=[Route("/v1/traces", collector.take, methods=["POST"])])
    async with serving(app, bind("127.0.0.1", 0)) as url:
        yield collector, url


async def test_one_id_from_the_door_to_intercom(
    store: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    async with town_without_leadline(store, database_url) as town, collecting() as (collector, url):
        settings = replace(town.settings, log_level="debug", log_format="json", otel_endpoint=url)
        with command(settings, "serve") as running:
            await served(town, running)
            town.http.headers["traceparent"] = CALLER
            assert await town.sms_in("+353861234567", "Hello", 1) == 200

            async def traced() -> bool:
                return bool(await town.threads()) and bool(collector.named("message"))

            await until(traced)
            events = [json.loads(line) for line in running.said().splitlines() if line.startswith("{")]
    async with store.connection() as connection:
        row = await (await connection.execute("select raw_id, arrival_id from arrival")).fetchone()
    assert row is not None
    trace = row["raw_id"].hex
    assert {each["event"] for each in events if each.get("trace") == trace} >= {"kept", "worked", "intercom_call"}
    assert {each.get("arrival") for each in events if each["event"] == "worked"} == {row["arrival_id"]}
    [door], [work] = collector.named("webhook"), collector.named("message")
    assert {each.trace_id.hex() for each in (door, work)} == {trace}
    assert (work.parent_span_id, door.parent_span_id) == (door.span_id, b"")
    assert [each.trace_id.hex() for each in door.links] == [CALLER.split("-")[1]]
    calls = [each for each in collector.named("intercom_call") if each.trace_id.hex() == trace]
    assert calls
    assert {each.parent_span_id for each in calls} == {work.span_id}


def test_without_a_collector_nobody_is_told_of_a_trace() -> None:
    with begun("webhook", [(b"traceparent", CALLER.encode())]), span("call"):
        assert headers() == {}


def test_what_is_kept_first_has_the_id_of_its_request_and_nothing_else_does() -> None:
    with begun("webhook", []):
        first, second = id_to_keep(), id_to_keep()
    assert first != second
    with followed(str(first), "message", arrival=1):
        assert id_to_keep() != first


def test_ids_grow_with_time() -> None:
    ids = [new_id() for _ in range(3)]
    assert {each.version for each in ids} == {7}
    assert len(set(ids)) == 3
