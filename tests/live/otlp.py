"""
A collector on loopback that takes OTLP over HTTP, as Jaeger, Tempo and the OpenTelemetry one do.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from msgspec import Struct
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


class Seen(Struct, frozen=True):
    """A span that arrived; ids in hexadecimal, moments in Unix ns."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    began: int
    ended: int
    failed: bool
    attributes: dict[str, str | int]


class Collector:
    """What a collector was sent; made by `collecting`."""

    def __init__(self, url: str, arrived: threading.Condition, spans: list[Seen]) -> None:
        self.url = url
        self._arrived = arrived
        self._spans = spans

    async def spans(self, count: int, within_s: float = 20.0) -> list[Seen]:
        """Wait until so many spans have arrived, and return all that did."""

        def wait() -> list[Seen]:
            with self._arrived:
                enough = self._arrived.wait_for(lambda: len(self._spans) >= count, within_s)
                assert enough, f"{len(self._spans)} of {count} spans arrived: {self._spans}"
                return list(self._spans)

        return await asyncio.to_thread(wait)


@contextmanager
def collecting() -> Iterator[Collector]:
    """Take spans for as long as the block lasts."""
    arrived, spans = threading.Condition(), list[Seen]()

    class Taking(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                raise AssertionError("spans came compressed, which nobody asked for")
            with arrived:
                spans.extend(_read(ExportTraceServiceRequest.FromString(body)))
                arrived.notify_all()
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    serving.start()
    try:
        yield Collector(f"http://127.0.0.1:{server.server_port}", arrived, spans)
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def _read(request: Any) -> Iterator[Seen]:
    for sent in request.resource_spans:
        resource = {each.key: each.value.string_value for each in sent.resource.attributes}
        for scope in sent.scope_spans:
            for span in scope.spans:
                yield Seen(
                    service=resource["service.name"],
                    name=span.name,
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    began=span.start_time_unix_nano,
                    ended=span.end_time_unix_nano,
                    failed=span.status.code == span.status.STATUS_CODE_ERROR,
                    attributes={
                        each.key: getattr(each.value, each.value.WhichOneof("value"))
                        for each in span.attributes
                    },
                )
