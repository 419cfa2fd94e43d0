"""Mail and text messages against real servers, without a store: what is written, refused, and tried again."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook as Reference

from core.errors import Invalid
from core.ids import new_id
from core.messages.channel import Failed, Outgoing, Reach
from core.messages.channels import FaultyChannel, find_channels
from core.messages.sms_http import SMS_HTTP, SmsSettings
from core.messages.smtp import SMTP, Pinned, Security, SmtpSettings
from core.messages.webhook import WEBHOOK, WebhookSettings
from tests.messages.conftest import LOOPBACK
from tests.messages.receiving import Gateway, MailBox, mail_server

REACH = Reach(LOOPBACK)
SECRET = "whsec_" + "c2VjcmV0" * 4


def outgoing(**changes: Any) -> Outgoing:
    told = {"id": new_id(), "subject": "催办通知", "text": "请于3月9日前办结。\n", "address": "a@example.cn"}
    return Outgoing(**told | changes)


def mail(box: MailBox, **changes: Any) -> SmtpSettings:
    return SmtpSettings(
        **{"host": "127.0.0.1", "port": box.port, "security": Security.NONE, "sender": "w@example.cn"} | changes
    )


async def test_mail_is_written_in_chinese_and_begins_no_header_of_its_own(box: MailBox) -> None:
    injected = "催办\r\nBcc: evil@example.cn\r\n\r\nbody"
    message = outgoing(subject=injected)
    sent = await SMTP.send(message, mail(box, sender_name="问责"), REACH)
    (found,) = box.mails
    assert sent.reference == found["Message-ID"] == f"<{message.id}@example.cn>"
    assert found["Subject"] == "催办 Bcc: evil@example.cn body"
    assert (found["Bcc"], found["To"], found["Auto-Submitted"]) == (None, "a@example.cn", "auto-generated")
    assert found.get_content().splitlines() == ["请于3月9日前办结。"]
    assert found.get_content_charset() == "utf-8"
    assert box.recipients == [["a@example.cn"]]


ENCODED = ("=?utf-8?q?=0D=0ABcc=3A_evil=40example.cn=0D=0A=0D=0Abody?=", "=?utf-8?b?DQpCY2M6IGV2aWxAZXhhbXBsZS5jbg==?=")


@pytest.mark.parametrize("word", ENCODED, ids=["q", "b"])
async def test_an_encoded_word_begins_no_header_either(box: MailBox, word: str) -> None:
    await SMTP.send(outgoing(subject=f"催办 {word}"), mail(box, sender_name=word), REACH)
    (found,) = box.mails
    assert found["Bcc"] is None
    assert (found["Subject"], found["From"].addresses[0].addr_spec) == (f"催办 {word.replace('=?', '= ?')}", "w@example.cn")
    assert found.get_content().splitlines() == ["请于3月9日前办结。"]
    with pytest.raises(Invalid):
        SMTP.read_address(f"{word.split('=3A')[0]}?=@example.cn")


@pytest.mark.parametrize(
    ("answer", "reason", "temporary"),
    [
        ("451 later", "smtp-451", True),
        ("421 closing", "smtp-421", True),
        ("550 no", "smtp-550", False),
        ("554 no", "smtp-554", False),
    ],
)
async def test_what_a_server_refuses(box: MailBox, answer: str, reason: str, temporary: bool) -> None:
    box.answers = [answer]
    with pytest.raises(Failed) as caught:
        await SMTP.send(outgoing(), mail(box), REACH)
    assert (caught.value.reason, caught.value.temporary) == (reason, temporary)


async def test_who_is_not_there_or_may_not_be_reached_is_tried_again(box: MailBox) -> None:
    port = box.port
    with pytest.raises(Failed) as caught:
        await SMTP.send(outgoing(), mail(box), Reach())
    assert (caught.value.reason, caught.value.temporary, box.tried) == ("out-of-reach", True, [])
    with pytest.raises(Failed) as caught:
        await SMTP.send(outgoing(), mail(box, port=1), REACH)
    assert caught.value.temporary
    assert port


async def test_a_server_that_says_nothing_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.messages.smtp._WHOLE_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings = mail(MailBox(port=mute.getsockname()[1]))
        with pytest.raises(Failed) as caught:
            await SMTP.send(outgoing(), settings, REACH)
        link, _ = mute.accept()
        with link:
            link.settimeout(5)
            assert link.recv(1) == b"", "the connection is at its end"
    assert (caught.value.reason, caught.value.temporary) == ("timeout", True)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's context, whose certificate for 127.0.0.1 is trusted and no other."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mx")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    built = x509.CertificateBuilder().issuer_name(name).subject_name(name).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).add_extension(names, critical=False)
    built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = built.sign(key, hashes.SHA256())
    pem = tmp_path / "mx.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    client = ssl.create_default_context(cafile=str(pem))
    monkeypatch.setattr("core.messages.smtp.trusted", lambda: client)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server


@pytest.fixture
def guarded(trusted: ssl.SSLContext) -> Iterator[MailBox]:
    """A mail server that takes nothing before STARTTLS."""
    with mail_server(MailBox(), tls_context=trusted, require_starttls=True) as found:
        yield found


async def test_the_connection_is_encrypted_before_anything_is_said(guarded: MailBox) -> None:
    await SMTP.send(outgoing(), mail(guarded, security=Security.STARTTLS), REACH)
    assert len(guarded.mails) == 1
    with pytest.raises(Failed):
        await SMTP.send(outgoing(), mail(guarded, host="localhost", security=Security.STARTTLS), REACH)
    assert len(guarded.mails) == 1, "the certificate is another host's"


async def test_a_server_without_starttls_gets_nothing(box: MailBox) -> None:
    with pytest.raises(Failed):
        await SMTP.send(outgoing(), mail(box, security=Security.STARTTLS), REACH)
    assert box.tried == []


def test_mail_settings_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(Invalid):
        SMTP.check(mail(MailBox(), sender="w@example.cn\r\nBcc: x@y.cn"))
    with pytest.raises(Invalid):
        SMTP.check(mail(MailBox(), username="w"))


def sms(gateway: Gateway, **changes: Any) -> SmsSettings:
    told = {"url": gateway.url, "fields": {"to": "${phone}", "body": "${text}", "id": "${id}"}, "success_path": "code"}
    return SmsSettings(**told | {"success": ("0",), "again": ("BUSY",), "reference_path": "data.sid"} | changes)


async def test_a_gateway_gets_the_fields_and_nothing_is_read_twice(gateway: Gateway) -> None:
    message = outgoing(address="13800001234", text="${secret} 请办结")
    sent = await SMS_HTTP.send(message, sms(gateway, secret="s3cret"), REACH)
    assert sent.reference == "S1"
    assert gateway.asked == [{"to": "13800001234", "body": "${secret} 请办结", "id": str(message.id)}]
    await SMS_HTTP.send(message, sms(gateway, form="form", success_path=None, success=()), REACH)
    assert b"to=13800001234&body=" in gateway.bodies[1]


@pytest.mark.parametrize(
    ("answer", "reason", "temporary"),
    [
        ((200, {"code": "BUSY"}), "gateway-BUSY", True),
        ((200, {"code": 4051}), "gateway-4051", False),
        ((200, {"code": "to 13800001234 refused"}), "gateway-other", False),
        ((200, {"other": 0}), "gateway-other", False),
        ((200, b"<html>"), "answer-unreadable", True),
        ((503, {}), "http-503", True),
        ((429, {}), "http-429", True),
        ((400, {}), "http-400", False),
        ((302, {}), "http-302", False),
    ],
    ids=["busy", "refused", "telling", "other-form", "no-json", "down", "too-many", "wrong", "redirect"],
)
async def test_what_a_gateway_answers(gateway: Gateway, answer: tuple[int, Any], reason: str, temporary: bool) -> None:
    gateway.answers = [answer]
    with pytest.raises(Failed) as caught:
        await SMS_HTTP.send(outgoing(address="13800001234"), sms(gateway), REACH)
    assert (caught.value.reason, caught.value.temporary) == (reason, temporary)


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://example.cn/"}, {"url": "https://a@example.cn/"}, {"fields": {"to": "${password}"}},
        {"headers": {"x": "${text}"}}, {"success_path": None},
    ],
    ids=["http", "user", "field", "header", "half"],
)  # fmt: skip
def test_gateway_settings_that_cannot_be_used_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        SMS_HTTP.check(sms(Gateway(url="https://sms.example.cn/"), **changes))


async def test_a_webhook_is_signed_as_the_reference_reads_it(gateway: Gateway) -> None:
    message = outgoing(address="", number="TS2026-000001")
    await WEBHOOK.send(message, WebhookSettings(url=gateway.url, secret=SECRET), REACH)
    told = Reference(SECRET).verify(gateway.bodies[0], gateway.headers[0])
    assert (told["id"], told["text"], told["number"]) == (str(message.id), message.text, "TS2026-000001")
    with pytest.raises(Failed):
        await WEBHOOK.send(message, WebhookSettings(url=gateway.url), Reach())
    assert len(gateway.bodies) == 1


def test_a_package_can_bring_a_channel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pager.py").write_text("class Pager:\n    key = 'pager'\n    address_kind = 'pager'\nPAGER = Pager()\n")
    info = tmp_path / "pager-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pager\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[wenze.channels]\npager = pager:PAGER\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    find_channels.cache_clear()
    try:
        assert list(find_channels()) == ["pager", "sms-http", "smtp", "webhook"]
        (info / "entry_points.txt").write_text("[wenze.channels]\nsmtp = pager:PAGER\n")
        find_channels.cache_clear()
        with pytest.raises(FaultyChannel, match="two packages"):
            find_channels()
    finally:
        find_channels.cache_clear()


class Talker:
    """A server that says the same line again and again."""

    def __init__(self, line: bytes) -> None:
        self.line, self.said = line, 0

    async def __call__(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while self.said < 64_000_000:
                writer.write(self.line)
                self.said += len(self.line)
                await writer.drain()
        writer.close()


async def test_a_server_that_does_not_stop_talking_is_not_listened_to() -> None:
    talker = Talker(b"220-" + b"x" * 4_000 + b"\r\n")
    async with await asyncio.start_server(talker, "127.0.0.1", 0) as server:
        with pytest.raises(Failed) as caught:
            await SMTP.send(outgoing(), mail(MailBox(port=server.sockets[0].getsockname()[1])), REACH)
    assert (caught.value.reason, caught.value.temporary) == ("smtp-protocol", True)
    assert talker.said < 64_000_000


def test_who_was_hung_up_on_between_two_sockets_is_not_waited_for() -> None:
    """While a connection is made, or shakes hands, there is no socket that could be ended."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings = mail(MailBox(port=mute.getsockname()[1]))
        server = Pinned("127.0.0.1", settings)
        server.hang_up()
        with pytest.raises(SMTPServerDisconnected):
            server.connect(settings.host, settings.port)


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "CONNECTION", "Content-Type"])
def test_no_setting_says_to_whom_a_request_goes_or_where_it_ends(name: str) -> None:
    with pytest.raises(Invalid) as caught:
        SMS_HTTP.check(sms(Gateway(url="https://sms.example.cn/"), headers={name: "evil.example.cn"}))
    assert (caught.value.code, caught.value.field) == ("messages.header-reserved", "/settings/headers")
