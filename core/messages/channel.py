"""What a channel (消息渠道) is: a plugin that carries messages. A package can bring another (:mod:`core.messages.channels`).

A channel knows nothing of cases, tenants or the store: it is given a message and the tenant's settings for it, and says what
became of the message. At least once: it may be given a message again that it has sent already, under the same id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct

from core.law.instrument import Text
from core.settings import Network

EMAIL, PHONE = "email", "phone"
"""What addresses can be; a channel of a package can bring a kind of its own."""


class Outgoing(Struct, frozen=True, kw_only=True):
    """A message as a channel gets it. ``id`` is the same however often it is tried."""

    id: UUID
    subject: str
    text: str
    address: str = ""
    """Empty for a channel that leads to one place."""
    number: str | None = None
    """Of the case; ``None`` for a test."""
    case_id: UUID | None = None
    person_id: UUID | None = None
    unit_id: UUID | None = None


class Sent(Struct, frozen=True):
    """The other side took it over; ``reference`` is what it calls the message, where it says so."""

    reference: str | None = None


class Failed(Exception):
    """It was not taken over. ``reason`` is a short word without address or content: ``smtp-550``, ``timeout``."""

    def __init__(self, reason: str, *, temporary: bool) -> None:
        super().__init__(reason)
        self.reason, self.temporary = reason, temporary


class Report(Struct, frozen=True):
    """What the other side says later of a message that it took over."""

    reference: str
    arrived: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a channel may connect to: public addresses, and those on networks that the operator has named."""

    networks: tuple[Network, ...] = ()


class Channel(Protocol):
    """A way to send. ``settings`` is the msgspec type of what a tenant says of it; unknown fields are to be forbidden."""

    @property
    def key(self) -> str:
        """The name by which tenants choose it."""

    @property
    def title(self) -> Text:
        """What it is called."""

    @property
    def address_kind(self) -> str | None:
        """What kind of address a person or unit needs; ``None`` where all messages go to one place."""

    @property
    def settings(self) -> type[Struct]:
        """The type of its settings."""

    @property
    def secrets(self) -> frozenset[str]:
        """The fields of the settings that are told to nobody again; texts that can be left out."""

    @property
    def place(self) -> tuple[str, ...]:
        """The fields that say where messages go: with others, secrets have to be told anew."""

    def check(self, settings: Any, /) -> None:
        """Raises :class:`core.errors.Invalid` for settings that cannot be used."""

    def read_address(self, address: str, /) -> str:
        """An address in the form in which it is used; raises :class:`core.errors.Invalid`."""

    async def send(self, message: Outgoing, settings: Any, reach: Reach, /) -> Sent:
        """Sends; raises :class:`Failed`. Ends by itself within a minute."""

    def read_report(self, body: dict[str, Any], settings: Any, /) -> tuple[Report, ...]:
        """What a report says that came in; nothing where it says nothing or the settings do not expect any."""
