"""
Purchases, traced with OpenTelemetry: from the ``reserve`` of a socket or a request through the
gate's script and the order writer to the commit.

The settings are OpenTelemetry's own: ``OTEL_EXPORTER_OTLP_ENDPOINT`` turns it on and says where the
spans go, ``OTEL_TRACES_SAMPLER_ARG`` how many purchases are looked at. Without an endpoint nothing
of OpenTelemetry is even imported. Invariant: a collector that is away or slow costs spans, and
never a purchase: they wait in a bounded queue, and a thread of the SDK's sends them.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Final

import structlog

from commerce.tracing import UNTRACED, Span, Tracer, trace_id
from live.config import ConfigError
from live.version import VERSION

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.sampling import Sampler
    from opentelemetry.trace import Span as OpenSpan, Tracer as OpenTracer

ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
RATIO: Final = "OTEL_TRACES_SAMPLER_ARG"

SAMPLED: Final = 0.01
"""One purchase in a hundred: a flash sale of 20,000 attempts leaves 200 traces to look at."""

CLOSE_S: Final = 1.0
"""What the last spans get to leave: nobody who stops a process waits for a collector."""

_CONTEXT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")

log = structlog.get_logger()


@asynccontextmanager
async def open_tracer(environ: Mapping[str, str], process: str) -> AsyncIterator[Tracer]:
    """
    Trace for as long as the block lasts, where an endpoint is set.

    Raises:
        ConfigError: the ratio is none.

    """
    if not any(environ.get(name) for name in ENDPOINTS) or environ.get("OTEL_SDK_DISABLED") == (
        "true"
    ):
        yield UNTRACED
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    service = environ.get("OTEL_SERVICE_NAME") or f"liveshop-{process}"
    provider = TracerProvider(
        sampler=_sampler(environ),
        resource=Resource.create({"service.name": service, "service.version": VERSION}),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter()
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        yield OpenTelemetry(provider.get_tracer("liveshop", VERSION))
    finally:
        try:
            async with asyncio.timeout(CLOSE_S):
                await asyncio.to_thread(provider.shutdown)
        except TimeoutError:
            log.warning("spans_lost", error="the collector did not take them in time")
            exporter.shutdown()  # type: ignore[no-untyped-call]  # its thread tries no more


def _sampler(environ: Mapping[str, str]) -> "Sampler | None":
    """Return how purchases are chosen; None leaves it to the SDK, which was told how."""
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    if environ.get("OTEL_TRACES_SAMPLER"):
        return None
    text = environ.get(RATIO, "")
    try:
        ratio = float(text) if text else SAMPLED
        if not 0 <= ratio <= 1:
            raise ValueError
    except ValueError:
        raise ConfigError(
            f"{RATIO} is {text!r}, which is not a part from 0 to 1; for example {RATIO}=0.01"
        ) from None
    return ParentBased(TraceIdRatioBased(ratio))


class OpenTelemetry:
    """A `commerce.tracing.Tracer` over the SDK's; made by `open_tracer`."""

    def __init__(self, tracer: "OpenTracer") -> None:
        # Imported where tracing is on, and bound here: an import statement costs 0.3 us each time.
        from opentelemetry import trace

        self._trace = trace
        self._tracer = tracer

    def begin(self, name: str, *, context: str = "", **attributes: str | int) -> Span:
        """Begin a trace, if the sampler takes this one, or go on with the caller's."""
        span = self._tracer.start_span(
            name,
            self._parent(context),
            kind=self._trace.SpanKind.SERVER,
            attributes=_named(attributes),
        )
        return _Begun(span)

    @contextmanager
    def together(
        self, name: str, contexts: Sequence[str], **attributes: str | int
    ) -> Iterator[None]:
        """Show the block in each of the traces; one that raises is shown as an error."""
        if not contexts:
            yield
            return
        began = time.time_ns()
        spans = [
            self._tracer.start_span(name, parent, start_time=began, attributes=_named(attributes))
            for context in contexts
            if (parent := self._parent(context)) is not None
        ]
        try:
            yield
        except BaseException as error:
            for span in spans:
                span.set_status(self._trace.StatusCode.ERROR, type(error).__name__)
            raise
        finally:
            ended = time.time_ns()
            for span in spans:
                span.end(ended)

    def _parent(self, context: str) -> "Context | None":
        found = _CONTEXT.fullmatch(context)
        if found is None:
            return None
        trace = self._trace
        whence = trace.SpanContext(
            trace_id=int(found[1], 16),
            span_id=int(found[2], 16),
            is_remote=True,
            trace_flags=trace.TraceFlags(int(found[3], 16)),
        )
        parent: Context = trace.set_span_in_context(trace.NonRecordingSpan(whence))
        return parent


class _Begun:
    """A span that ends when it is told to."""

    def __init__(self, span: "OpenSpan") -> None:
        self._span = span
        known = span.get_span_context()
        self.context: Final = (
            f"00-{known.trace_id:032x}-{known.span_id:016x}-01" if known.trace_flags.sampled else ""
        )

    def end(self, outcome: str) -> None:
        """End it, and put its name into the logs."""
        if self.context:
            log.info("purchase_traced", outcome=outcome, trace_id=trace_id(self.context))
            self._span.set_attribute("liveshop.outcome", outcome)
        self._span.end()


def _named(attributes: Mapping[str, str | int]) -> dict[str, str | int]:
    return {f"liveshop.{name}": value for name, value in attributes.items()}
