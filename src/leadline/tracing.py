"""One id through all stops: that of the webhook as it was kept. Door, engine and clients use it; the CLI turns it on.

It is in every line of the log, and where a collector is set it is a W3C trace, with a span for each stop.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

from structlog.contextvars import bind_contextvars, reset_contextvars

from leadline.errors import SettingError


class _Trace:
    """The id, and whether something was kept under it: ids of what is kept are unique."""

    __slots__ = ("number", "used")

    def __init__(self, number: uuid.UUID, *, used: bool) -> None:
        self.number = number
        self.used = used


_TRACE: ContextVar[_Trace | None] = ContextVar("trace", default=None)
_tracer: Any = None  # OpenTelemetry's, once a collector is set


def new_id() -> uuid.UUID:
    """A UUID of version 7: ordered by time, so that keys land at the end of their index."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    return uuid.UUID(int=(number & ~(0xF << 76) & ~(0x3 << 62)) | 0x7 << 76 | 0x2 << 62)


def id_to_keep() -> uuid.UUID:
    """The id of what is about to be kept: that of the request under way, once, else a new one."""
    trace = _TRACE.get()
    if trace is None or trace.used:
        return new_id()
    trace.used = True
    return trace.number


@contextmanager
def begun(name: str, sent: Iterable[tuple[bytes, bytes]]) -> Iterator[None]:
    """A request that came in. sent: its headers; where they hold a trace context, the span links to it."""
    with _follows(_Trace(new_id(), used=False), {}, name, {}, links=_links(sent), root=True):
        yield


@contextmanager
def followed(raw_id: str, name: str, *, arrival: int, **what: str | int) -> Iterator[None]:
    """Work on what was kept under that id; its lines of the log name the arrival, too."""
    with _follows(_Trace(uuid.UUID(raw_id), used=True), {"arrival": arrival}, name, what):
        yield


@contextmanager
def _follows(
    trace: _Trace,
    bound: dict[str, int],
    name: str,
    what: dict[str, str | int],
    *,
    links: Any = (),
    root: bool = False,
) -> Iterator[None]:
    token, logged = _TRACE.set(trace), bind_contextvars(trace=trace.number.hex, **bound)
    try:
        with _span(name, {**what, **bound}, None if root else _parent(trace.number), links):
            yield
    finally:
        reset_contextvars(**logged)
        _TRACE.reset(token)


@contextmanager
def span(name: str, **what: str | int) -> Iterator[None]:
    """A call within; nothing where no collector is set."""
    with nullcontext() if _tracer is None else _span(name, what):
        yield


def headers() -> dict[str, str]:
    """The trace context for the server that is called (W3C Trace Context, level 1); empty where no collector is set."""
    if _tracer is None:
        return {}
    from opentelemetry.propagate import inject

    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier


# -- OpenTelemetry, which is an extra ---------------------------------------------------------------------------------


def collect(endpoint: str, version: str) -> None:
    """Send spans to a collector (OTLP over HTTP); raises SettingError where OpenTelemetry is not installed."""
    global _tracer
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
    except ImportError as error:
        raise SettingError("LEADLINE_OTEL_ENDPOINT needs OpenTelemetry: pip install 'leadline[otel]'") from error

    class Ids(RandomIdGenerator):
        """The trace of a request has the id under which it is kept, and its first span one that follows from it."""

        def generate_trace_id(self) -> int:
            trace = _TRACE.get()
            return trace.number.int if trace else super().generate_trace_id()

        def generate_span_id(self) -> int:
            trace = _TRACE.get()
            is_first = trace is not None and not trace.used and _current_span_id() == 0
            return _first_span(trace.number) if trace and is_first else super().generate_span_id()

    provider = TracerProvider(
        resource=Resource.create({"service.name": "leadline", "service.version": version}), id_generator=Ids()
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
    _tracer = provider.get_tracer("leadline", version)


@contextmanager
def _span(name: str, what: dict[str, str | int], parent: Any = None, links: Any = ()) -> Iterator[None]:
    if _tracer is None:
        yield
        return
    attributes = {f"leadline.{key}": value for key, value in what.items()}
    with _tracer.start_as_current_span(name, context=parent, attributes=attributes, links=links):
        yield


def _first_span(number: uuid.UUID) -> int:
    return number.int & (1 << 64) - 1


def _current_span_id() -> int:
    from opentelemetry.trace import get_current_span

    return int(get_current_span().get_span_context().span_id)


def _parent(number: uuid.UUID) -> Any:
    """The first span of that trace, which another process may have made."""
    if _tracer is None:
        return None
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    made = SpanContext(number.int, _first_span(number), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return set_span_in_context(NonRecordingSpan(made))


def _links(sent: Iterable[tuple[bytes, bytes]]) -> Any:
    caller = next((value for name, value in sent if name == b"traceparent"), b"") if _tracer else b""
    if not caller:
        return ()
    from opentelemetry.trace import Link, get_current_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = get_current_span(
        TraceContextTextMapPropagator().extract({"traceparent": caller.decode("latin-1")})
    ).get_span_context()
    return (Link(context),) if context.is_valid else ()
