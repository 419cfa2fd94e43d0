"""Rotates the keys with which a tenant signs its tokens: a new one signs, the old one verifies for a while, then no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, update

from core.authorizations.families import LONGEST_TOKEN_SECONDS
from core.errors import Invalid
from core.store.tables import TENANT, signing_key
from core.tenants.service.administration import Administration
from core.tenants.service.directory import add_signing_key
from core.tenants.signing import KeyState, SigningKey

CACHED_SECONDS = 300
"""How long others may keep the key set that they have read."""
SHORTEST_OVERLAP = LONGEST_TOKEN_SECONDS + CACHED_SECONDS
"""Seconds after which no good token is left that the old key has signed."""
USUAL_OVERLAP = 3_600
LONGEST_OVERLAP = 30 * 86_400
_MOVE = (
    update(signing_key)
    .where(signing_key.c.tenant == TENANT, signing_key.c.kid == bindparam("of_kid"))
    .values(state=bindparam("new_state"), retires_at=bindparam("new_retires_at"))
)


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did: the key that signs now, those that still verify, and those that no longer do; by their ids."""

    active: str
    retiring: tuple[str, ...]
    retired: tuple[str, ...]
    until: datetime | None
    """When the old key may be retired; ``None`` where it is already."""


async def rotate_keys(admin: Administration, overlap: timedelta | None) -> Rotation:
    """A new key signs from now on. The one before verifies for ``overlap``, or, where that is ``None``, no more: then every
    token that was given ends at once. Keys whose time is over are retired.

    Raises :class:`Invalid` for an overlap that would end tokens early, or lasts longer than a month.
    """
    if overlap is not None and not SHORTEST_OVERLAP <= overlap.total_seconds() <= LONGEST_OVERLAP:
        raise Invalid("tenants.overlap-out-of-bounds", least=SHORTEST_OVERLAP, most=LONGEST_OVERLAP)
    held = (await admin.begin()).signing_keys
    until = None if overlap is None else admin.recorded_at + overlap
    over = [key.kid for key in held if _is_over(key, admin.recorded_at)]
    leaving = [key for key in held if key.state is KeyState.ACTIVE]
    if overlap is None:
        over = [key.kid for key in held if key.verifies]
        leaving = []
    for key in leaving:
        await _move(admin, key.kid, KeyState.RETIRING, until)
    for kid in over:
        await _move(admin, kid, KeyState.RETIRED, admin.recorded_at)
    active = await add_signing_key(admin)
    staying = [key.kid for key in held if key.state is KeyState.RETIRING and key.kid not in over]
    return Rotation(active, (*staying, *(key.kid for key in leaving)), tuple(over), until)


async def retire_keys(admin: Administration) -> tuple[str, ...]:
    """Retires the keys whose time is over; answers their ids."""
    over = [key.kid for key in (await admin.begin()).signing_keys if _is_over(key, admin.recorded_at)]
    for kid in over:
        await _move(admin, kid, KeyState.RETIRED, admin.recorded_at)
    return tuple(over)


def _is_over(key: SigningKey, now: datetime) -> bool:
    return key.state is KeyState.RETIRING and key.retires_at is not None and key.retires_at <= now


async def _move(admin: Administration, kid: str, state: KeyState, at: datetime | None) -> None:
    values = {"of_kid": kid, "new_state": state.value, "new_retires_at": at}
    await admin.session.execute(_MOVE, values)
    content = {"kid": kid, "retires_at": at.isoformat() if at else None}
    admin.record(f"key.{state.value}", f"key:{kid}", content, kid=kid)
