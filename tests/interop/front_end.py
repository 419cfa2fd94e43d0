"""A front-end of somebody else: one page with a script, from an origin of its own that no cookie of ours reaches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

_PAGE = Path(__file__).with_name("front_end.html")
_HOST = "127.0.0.2"


@dataclass
class FrontEnd:
    """Where it is, and what it is told of the issuer once that knows it."""

    origin: str
    values: dict[str, str] = field(default_factory=dict)

    def page(self) -> bytes:
        """The page, with what it is told."""
        text = _PAGE.read_text(encoding="utf-8")
        for name, value in self.values.items():
            text = text.replace(f"{{{{{name}}}}}", value)
        return text.encode()


@contextmanager
def serving() -> Iterator[FrontEnd]:
    """The front-end, running; ended with the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = made.page()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class calls it so
            """Says nothing."""

    server = ThreadingHTTPServer((_HOST, 0), Handler)
    made = FrontEnd(f"http://{_HOST}:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
