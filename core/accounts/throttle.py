"""Waits after failures: counted apart for who is known, so that nobody is locked out by strangers (PITFALLS 15).

An attempt is counted before it is looked at, and given back where it succeeds: of any number at once no more get through
than are free. One that comes too early is not counted at all, so that hammering makes no wait longer.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import Limited
from core.store.prepared import Row
from core.store.session import TenantSession
from core.store.tables import TENANT, sign_in_failure

_F = sign_in_failure.c
_HOLD: dict[str, Any] = {
    name: dialect.insert(sign_in_failure)
    .values(
        tenant=TENANT,
        counter=bindparam("of_counter"),
        failures=0,
        since=bindparam("now"),
        blocked_until=None,
        expires_at=bindparam("until"),
    )
    .on_conflict_do_update(index_elements=["tenant", "counter"], set_={"failures": _F.failures})
    .returning(_F.failures, _F.since, _F.blocked_until, _F.expires_at)
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}
"""Makes the counter if it is missing, and holds it until the transaction ends."""
_COUNT = (
    update(sign_in_failure)
    .where(_F.tenant == TENANT, _F.counter == bindparam("of_counter"))
    .values(
        failures=bindparam("counted"),
        since=bindparam("begun"),
        blocked_until=bindparam("blocked"),
        expires_at=bindparam("until"),
    )
)
_GIVE_BACK = (
    update(sign_in_failure)
    .where(_F.tenant == TENANT, _F.counter == bindparam("of_counter"), _F.failures > 0)
    .values(failures=_F.failures - 1, blocked_until=None)
)
_FORGET = delete(sign_in_failure).where(_F.tenant == TENANT, _F.counter == bindparam("of_counter"))
_IPV6_SITE = 64


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many failures are free, the first and the longest wait after them, and when all is forgotten.

    After ``most`` failures in a row the wait is as long as it takes to forget.
    """

    free: int
    first: timedelta
    longest: timedelta
    forgotten: timedelta
    most: int | None = None

    def wait_after(self, failures: int) -> timedelta:
        """How long nothing is looked at after so many failures."""
        if failures < self.free:
            return timedelta(0)
        if self.most is not None and failures >= self.most:
            return self.forgotten
        doublings = min(failures - self.free, 30)
        return min(self.first * (1 << doublings), self.longest)


PER_ACCOUNT = Allowance(5, timedelta(seconds=15), timedelta(minutes=15), timedelta(days=1), most=100)
"""Of an account, for each known browser apart and for all unknown ones together."""
PER_ADDRESS = Allowance(100, timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=10))
"""Of an address, for unknown browsers: a whole city hall can stand behind one."""
PER_SECRET = Allowance(10, timedelta(seconds=15), timedelta(minutes=15), timedelta(days=1), most=100)
"""Of short codes that somebody signed in types, such as a device's."""


@dataclass(frozen=True, slots=True)
class Counter:
    """What failures are counted by. ``keeps``: a success gives its own attempt back and forgets no other."""

    name: str
    allowance: Allowance
    keeps: bool = False


def password_counters(login: str, device: str | None, address: str) -> tuple[Counter, ...]:
    """The counters of an attempt with a password; ``device`` names the browser where the account knows it."""
    if device is not None:
        return (Counter(f"password|{login}|{device}", PER_ACCOUNT),)
    return (Counter(f"password|{login}", PER_ACCOUNT), Counter(f"address|{_site(address)}", PER_ADDRESS, keeps=True))


def factor_counters(account_id: UUID, device: str | None) -> tuple[Counter, ...]:
    """The counter of an attempt with a code of the second factor."""
    return (Counter(f"factor|{account_id}|{device}" if device else f"factor|{account_id}", PER_ACCOUNT),)


def user_code_counters(account_id: UUID, address: str) -> tuple[Counter, ...]:
    """The counters of a guess at the code that a device shows (RFC 8628, section 5.1)."""
    site = Counter(f"user-code-address|{_site(address)}", PER_ADDRESS, keeps=True)
    return (Counter(f"user-code|{account_id}", PER_SECRET), site)


async def take_attempt(session: TenantSession, counters: Iterable[Counter], now: datetime) -> None:
    """Counts an attempt as failed, until :func:`give_back`; raises :class:`Limited` where it comes too early.

    To be committed before the attempt is looked at.
    """
    held = [(counter, key, await _hold(session, key, now)) for key, counter in await _keyed(session, counters)]
    waits = [row["blocked_until"] - now for _, _, row in held if row["blocked_until"] is not None]
    longest = max(waits, default=timedelta(0))
    if longest > timedelta(0):
        raise Limited("accounts.too-many-attempts", wait=-(-longest // timedelta(seconds=1)))
    for counter, key, row in held:
        await session.execute(_COUNT, {"of_counter": key, **_counted(counter.allowance, row, now)})


async def give_back(session: TenantSession, counters: Iterable[Counter]) -> None:
    """Forgets the failures, because an attempt has succeeded."""
    for key, counter in await _keyed(session, counters):
        await session.execute(_GIVE_BACK if counter.keeps else _FORGET, {"of_counter": key})


async def forget_strangers(session: TenantSession, login: str) -> None:
    """Forgets the failures of unknown browsers with the password of an account, because it has a new one."""
    await give_back(session, password_counters(login, None, "")[:1])


async def _keyed(session: TenantSession, counters: Iterable[Counter]) -> list[tuple[bytes, Counter]]:
    """In one order for everybody, so that no two wait for each other."""
    keys = await session.keys()
    keyed = {keys.hash(counter.name, "sign-in-failure"): counter for counter in counters}
    return sorted(keyed.items(), key=lambda item: item[0])


async def _hold(session: TenantSession, key: bytes, now: datetime) -> Row:
    rows = await session.all(_HOLD[session.dialect_name], {"of_counter": key, "now": now, "until": now})
    return rows[0]


def _counted(allowance: Allowance, row: Row, now: datetime) -> Mapping[str, Any]:
    forgotten = row["expires_at"] <= now
    failures = 1 if forgotten else row["failures"] + 1
    wait = allowance.wait_after(failures)
    return {
        "counted": failures,
        "begun": now if forgotten else row["since"],
        "blocked": now + wait if wait else None,
        "until": now + allowance.forgotten,
    }


def _site(address: str) -> str:
    """The address, or the network of one subscriber where it is of IPv6: who has one has 2⁶⁴."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped or ipaddress.ip_network((parsed, _IPV6_SITE), strict=False))
