"""A client as a platform: the ways in which it may act for its operators, its keys, and who its operators are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Platform:
    """What the tenant allows a client. A client that was never made a platform is one of version 0 that may nothing."""

    client_id: UUID
    token_exchange: bool = False
    """Whether it may exchange an assertion for a token of its operator (RFC 8693)."""
    operator_claims: bool = False
    """Whether it may name its operator in a signed header beside its own token."""
    keys: tuple[Mapping[str, str], ...] = ()
    """The public keys (RFC 7517) with which it signs; told apart by ``kid``."""
    waiting: Mapping[str, str] = field(default_factory=dict)
    """The keys that nobody has looked at but the administrator who gave them: the ``kid``, and that person."""
    version: int = 0

    def key(self, kid: object) -> Mapping[str, str] | None:
        """The key of that id, once a second administrator has let it count (R12)."""
        return next((key for key in self.keys if key["kid"] == kid and kid not in self.waiting), None)


@dataclass(frozen=True, slots=True)
class Operator:
    """A platform's operator and the person of the tenant who that is, from one day to another or until revoked."""

    id: UUID
    client_id: UUID
    external_id: str
    """The operator's id in the platform's own namespace."""
    person_id: UUID
    valid_from: date
    valid_to: date | None = None
    revoked_at: datetime | None = None
    """The wall time from which it holds no more, whatever the days say."""
    version: int = 1
    named_by: UUID | None = None
    """The administrator who said so; ``None`` for the operator of the machine."""
    confirmed_by: UUID | None = None
    """Who had a second look: the person themself, or another administrator."""
    confirmed_at: datetime | None = None
    """Since when it counts; ``None`` while nobody but who named the operator has said so (R12)."""

    def holds_on(self, day: date) -> bool:
        """Whether the platform may act for the operator on that local day, the last one included (R1)."""
        ended = self.valid_to is not None and self.valid_to < day
        return self.confirmed_at is not None and self.revoked_at is None and self.valid_from <= day and not ended

    def meets(self, first: date, last: date | None) -> bool:
        """Whether it holds on any day of a span; ``last`` is ``None`` where the span has no end."""
        begun = last is None or self.valid_from <= last
        return self.revoked_at is None and begun and (self.valid_to is None or self.valid_to >= first)


class Platforms:
    """Every platform and operator of a tenant. Immutable."""

    def __init__(self, platforms: Iterable[Platform] = (), operators: Iterable[Operator] = ()) -> None:
        self._platforms = {item.client_id: item for item in platforms}
        self._operators: dict[UUID, dict[UUID, Operator]] = {}
        self._named: dict[tuple[UUID, str], list[Operator]] = {}
        for operator in sorted(operators, key=lambda item: item.id):
            self._operators.setdefault(operator.client_id, {})[operator.id] = operator
            self._named.setdefault((operator.client_id, operator.external_id), []).append(operator)

    def of(self, client_id: UUID) -> Platform:
        """What the client may as a platform; of one that is none: nothing."""
        return self._platforms.get(client_id) or Platform(client_id)

    def operators(self, client_id: UUID) -> tuple[Operator, ...]:
        """Every operator ever named for the platform, in that order, ended ones too."""
        return tuple(self._operators.get(client_id, {}).values())

    def find(self, client_id: UUID, operator_id: UUID) -> Operator | None:
        """The platform's operator by our id."""
        return self._operators.get(client_id, {}).get(operator_id)

    def named(self, client_id: UUID, external_id: str) -> tuple[Operator, ...]:
        """Whoever the platform has named by that id of its own, at any time."""
        return tuple(self._named.get((client_id, external_id), ()))

    def acting(self, client_id: UUID, external_id: str, day: date) -> Operator | None:
        """Whom the platform's own id stands for on a local day."""
        return next((item for item in self.named(client_id, external_id) if item.holds_on(day)), None)
