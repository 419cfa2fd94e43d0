"""The other side, for real: a mail server and a gateway of text messages, each on a port of its own."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class MailBox:
    """What a mail server got, and how it answers: each of ``answers`` once, and then good."""

    answers: list[str] = field(default_factory=list)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.tried.append(str(mail["Message-ID"]))
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.mails.append(mail)
            self.recipients.append(envelope.rcpt_tos)
        return answer


@contextmanager
def mail_server(box: MailBox, **options: Any) -> Iterator[MailBox]:
    """A mail server on loopback that keeps what it gets in the box."""
    box.port = _free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port, server_hostname="mx.example.cn", **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def _free_port() -> int:
    """The controller looks whether it is up at the port that it was told, so that any will not do."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@dataclass
class Gateway:
    """What a gateway was asked, and how it answers: each of ``answers`` once, and then that it has sent it."""

    answers: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    url: str = ""


@contextmanager
def gateway_server() -> Iterator[Gateway]:
    """A gateway on loopback."""
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            gateway.bodies.append(body)
            gateway.headers.append({name.lower(): value for name, value in self.headers.items()})
            if body.startswith(b"{"):
                gateway.asked.append(json.loads(body))
            usual = (200, {"code": 0, "data": {"sid": f"S{len(gateway.bodies)}"}})
            status, answer = gateway.answers.pop(0) if gateway.answers else usual
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Nothing is said of it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway.url = f"http://127.0.0.1:{server.server_port}/sms"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
