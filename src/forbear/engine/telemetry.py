"""Traces for anyone who wants them: nothing happens unless OTEL_EXPORTER_OTLP_ENDPOINT is set and the extra installed.

A span has a name and plain attributes: routes, kinds, counts. Ids, names, numbers and texts of people are never given.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

try:
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
except ImportError:  # the extra `telemetry` is not installed
    _INSTALLED = False
else:
    _INSTALLED = True

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_STARTED: dict[int, "TracerProvider"] = {}


@contextmanager
def span(name: str, **attributes: str | int | float | bool) -> Iterator[None]:
    """A span around the block; a fault inside marks it, by the fault's kind alone."""
    tracer = _tracer()
    if tracer is None:
        yield
        return
    with tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except Exception as error:
            current.set_status(trace.Status(trace.StatusCode.ERROR, type(error).__name__))
            raise


def _tracer() -> "trace.Tracer | None":
    """This process's tracer, begun on first use so that every forked process has its own; None without an endpoint."""
    if not _INSTALLED or not os.environ.get(ENDPOINT):
        return None
    process = os.getpid()
    if process not in _STARTED:
        provider = TracerProvider(resource=Resource.create({"service.name": "forbear"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        _STARTED.clear()
        _STARTED[process] = provider
    return _STARTED[process].get_tracer("forbear")


def flush() -> None:
    """Hand over what waits, before a process ends."""
    for provider in _STARTED.values():
        provider.force_flush()
