"""Sends mail (RFC 5321) through the tenant's own server.

With the standard library, in a thread of its own: it needs no dependency, lets the connection go to an address that was
checked (PITFALLS 27), and one that hangs is ended by closing its socket. A message has one ``Message-ID`` for all its tries,
so that a repeated delivery is recognisable as one.
"""

from __future__ import annotations

import asyncio
import smtplib
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from enum import StrEnum
from functools import cache
from typing import IO, Annotated, Any

from msgspec import Meta, Struct

from core.clock import WallClock
from core.errors import Invalid
from core.law.instrument import Text
from core.messages.addresses import read_email
from core.messages.channel import EMAIL, Failed, Outgoing, Reach, Report, Sent
from core.reaching import OutOfReach, find_address, trusted
from core.tenants.names import Name

_PART_SECONDS, _WHOLE_SECONDS = 15.0, 50.0
_READY, _LASTING = 220, 500
_LONGEST_TALK = 65_536
"""Bytes that are read of a server, over one connection: smtplib keeps any number of lines of an answer."""
_THREADS = 64
"""As many as a worker sends at once (:data:`core.messages.sending.MESSAGING`), so that nobody waits for another's server."""
_AUTHENTICATION = frozenset({530, 534, 535, 538})
"""Answers to a wrong password: the tenant puts it right, and the message is sent then."""


class Security(StrEnum):
    """How the connection is protected; ``none`` is for a loopback address that the operator has named, and no other."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class SmtpSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A tenant's mail server."""

    host: Annotated[str, Meta(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$(?!\n)")]
    port: Annotated[int, Meta(ge=1, le=65_535)]
    security: Security
    sender: Annotated[str, Meta(max_length=254)]
    sender_name: Name | None = None
    username: Annotated[str, Meta(pattern=r"^[\x20-\x7e]{1,255}$(?!\n)")] | None = None
    password: Annotated[str, Meta(pattern=r"^[\x20-\x7e]{1,512}$(?!\n)")] | None = None


class Smtp:
    """Mail."""

    key, title, address_kind = "smtp", Text(zh="电子邮件", en="Mail"), EMAIL
    settings: type[Struct] = SmtpSettings
    secrets = frozenset({"password"})
    place = ("host", "port", "security", "username")

    def check(self, settings: SmtpSettings) -> None:
        """Raises :class:`Invalid` for a sender that is no address, and a name without a password or the reverse."""
        read_sender(settings.sender)
        if (settings.username is None) != (settings.password is None):
            raise Invalid("messages.credentials-incomplete", field="/settings/password")

    def read_address(self, address: str) -> str:
        """An address of mail; raises :class:`Invalid`."""
        return read_email(address)

    async def send(self, message: Outgoing, settings: SmtpSettings, reach: Reach) -> Sent:
        """Hands the message to the server; raises :class:`Failed`."""
        secure = settings.security is not Security.NONE
        try:
            address = await find_address(settings.host, settings.port, reach.networks, secure=secure)
        except OutOfReach as error:
            raise Failed("out-of-reach", temporary=True) from error
        except OSError as error:
            raise Failed("unreachable", temporary=True) from error
        return await _Delivery(str(address), settings, write_mail(message, settings)).run()

    def read_report(self, _body: dict[str, Any], _settings: SmtpSettings, /) -> tuple[Report, ...]:
        """Mail servers report nothing here."""
        return ()


SMTP = Smtp()


def read_sender(sender: str) -> str:
    """The address that mail comes from; raises :class:`Invalid`."""
    try:
        return read_email(sender)
    except Invalid as error:
        raise Invalid("messages.address-malformed", field="/settings/sender") from error


def write_mail(message: Outgoing, settings: SmtpSettings) -> EmailMessage:
    """The mail; whatever stands in a subject or a name, it begins no further header."""
    mail = EmailMessage(SMTP_POLICY)
    domain = settings.sender.rpartition("@")[2]
    mail["From"] = Address(_one_line(settings.sender_name or ""), addr_spec=settings.sender)
    mail["To"] = Address(addr_spec=message.address)
    mail["Subject"] = _one_line(message.subject)
    mail["Date"] = format_datetime(WallClock().now())
    mail["Message-ID"] = f"<{message.id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text, cte="base64")
    return mail


def _one_line(text: str) -> str:
    """The text without line breaks, and without what is read as an encoded word (RFC 2047), which could hold some."""
    plain = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return plain.replace("=?", "= ?")


class _Delivery:
    """One connection to one server."""

    def __init__(self, address: str, settings: SmtpSettings, mail: EmailMessage) -> None:
        self._settings, self._mail = settings, mail
        self._server = Pinned(address, settings)

    async def run(self) -> Sent:
        work = asyncio.get_running_loop().run_in_executor(_threads(), self._deliver)
        try:
            return await asyncio.wait_for(asyncio.shield(work), _WHOLE_SECONDS)
        except TimeoutError as error:
            self._server.hang_up()
            raise Failed("timeout", temporary=True) from error
        except smtplib.SMTPException as error:
            raise _failure(error) from error
        except OSError as error:
            raise Failed("unreachable", temporary=True) from error

    def _deliver(self) -> Sent:
        server, settings = self._server, self._settings
        try:
            code, _ = server.connect(settings.host, settings.port)
            if code != _READY:
                raise smtplib.SMTPConnectError(code, b"")
            if settings.security is Security.STARTTLS:
                server.starttls(context=trusted())
            if settings.username is not None:
                server.login(settings.username, settings.password or "")
            server.send_message(self._mail)
        except BaseException:
            server.close()
            raise
        # It is taken over; how the other side says good-bye makes no difference.
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        return Sent(str(self._mail["Message-ID"]))


class Pinned(smtplib.SMTP):
    """Connects to the address that was checked; certificates are compared with the name."""

    def __init__(self, address: str, settings: SmtpSettings) -> None:
        # Without a name of its own, smtplib asks the resolver what this machine is called, and tells every server.
        super().__init__(local_hostname=settings.sender.rpartition("@")[2], timeout=_PART_SECONDS)
        self._address, self._settings = address, settings
        self._host, self._ended = settings.host, False

    def hang_up(self) -> None:
        """Ends the thread that talks: what it waits for comes to an end at once, and nothing is waited for after that.

        While it shakes hands there is no socket to be had; it finds out with the next answer.
        """
        self._ended = True
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def getreply(self) -> tuple[int, bytes]:
        """An answer of the server; raises :class:`smtplib.SMTPServerDisconnected` where nobody waits for it any more."""
        if self._ended or self.sock is None:
            self.close()
            raise smtplib.SMTPServerDisconnected("hung up")
        if self.file is None:
            self.file = _Heard(self.sock.makefile("rb"))
        return super().getreply()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((self._address, port), timeout)
        if self._settings.security is not Security.TLS:
            return plain
        return trusted().wrap_socket(plain, server_hostname=host)


class _Heard:
    """What a server says, and no more of it than there can be sense in."""

    def __init__(self, said: IO[bytes]) -> None:
        self._said, self._left = said, _LONGEST_TALK

    def readline(self, most: int) -> bytes:
        """The next line; raises :class:`OSError` where it has said too much."""
        line = self._said.readline(most)
        self._left -= len(line)
        if self._left < 0:
            raise OSError("too long an answer")
        return line

    def close(self) -> None:
        """Ends it."""
        self._said.close()


def _failure(error: smtplib.SMTPException) -> Failed:
    """What went wrong, by the server's code: 5xx lasts, unless it is about the password."""
    code = _code_of(error)
    if code is None:
        return Failed("smtp-protocol", temporary=True)
    return Failed(f"smtp-{code}", temporary=code < _LASTING or code in _AUTHENTICATION)


def _code_of(error: smtplib.SMTPException) -> int | None:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))[0]
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="smtp")
