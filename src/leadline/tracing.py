"""One id through all stops: that of the webhook as it was kept. Door, engine and clients use it; the CLI turns it on.

It is in every line of the log, and where a collector is set it is a W3C trace, with a span for each stop.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterable, MutableMapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from typing import Any

from leadline.errors import SettingError


class _Trace:
    """The id, whether something was kept under it (ids of what is kept are unique), and what is worked on."""

    __slots__ = ("arrival", "number", "used")

    def __init__(self, number: uuid.UUID, *, used: bool, arrival: int | None = None) -> None:
        self.number = number
        self.used = used
        self.arrival = arrival


_TRACE: ContextVar[_Trace | None] = ContextVar("trace", default=None)
_NO_SPAN = nullcontext()
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


def begun(name: str, sent: Iterable[tuple[bytes, bytes]]) -> AbstractContextManager[None]:
    """A request that came in. sent: its headers; where they hold a trace context, the span links to it."""
    return _Current(_Trace(new_id(), used=False), _span(name, {}, links=_links(sent)))


def followed(raw_id: str, name: str, *, arrival: int, **what: str | int) -> AbstractContextManager[None]:
    """Work on what was kept under that id; its lines of the log name the arrival, too."""
    trace = _Trace(uuid.UUID(raw_id), used=True, arrival=arrival)
    return _Current(trace, _span(name, {**what, "arrival": arrival}, _parent(trace.number)))


class _Current(AbstractContextManager[None]):
    """Makes a trace the one under way. No generator: every webhook pays for this, and one takes three times as long."""

    __slots__ = ("_span", "_token", "_trace")

    def __init__(self, trace: _Trace, span: AbstractContextManager[Any]) -> None:
        self._trace = trace
        self._span = span

    def __enter__(self) -> None:
        self._token = _TRACE.set(self._trace)
        self._span.__enter__()

    def __exit__(self, *raised: Any) -> None:
        try:
            self._span.__exit__(*raised)
        finally:
            _TRACE.reset(self._token)


def logged(logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog's: every line of the log says to which trace it belongs."""
    trace = _TRACE.get()
    if trace is not None:
        line["trace"] = trace.number.hex
        if trace.arrival is not None:
            line["arrival"] = trace.arrival
    return line


def span(name: str, **what: str | int) -> AbstractContextManager[Any]:
    """A call within; nothing where no collector is set."""
    return _span(name, what)


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


def _span(name: str, what: dict[str, str | int], parent: Any = None, links: Any = ()) -> AbstractContextManager[Any]:
    if _tracer is None:
        return _NO_SPAN
    attributes = {f"leadline.{key}": value for key, value in what.items()}
    span: AbstractContextManager[Any] = _tracer.start_as_current_span(
        name, context=parent, attributes=attributes, links=links
    )
    return span


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
