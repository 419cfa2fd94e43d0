"""Sign-ins that are under way at a provider: begun by one browser, ended once, within minutes, by the same one."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, delete

from core.accounts.providers import Provider
from core.ids import new_secret, secret_hash
from core.store.session import TenantSession
from core.store.tables import TENANT, federated_attempt

LASTS = timedelta(minutes=10)
_PURPOSE = "sign-in at a provider"
_TAKE = (
    delete(federated_attempt)
    .where(federated_attempt.c.tenant == TENANT, federated_attempt.c.state_hash == bindparam("of_state"))
    .returning(
        federated_attempt.c.provider_id,
        federated_attempt.c.sealed,
        federated_attempt.c.linking_account_id,
        federated_attempt.c.expires_at,
    )
)


class Attempt(Struct, frozen=True, kw_only=True):
    """What is known of it here, and nobody else may see; ``browser`` is the hash of a value in the browser's cookie."""

    nonce: str
    verifier: str
    browser: bytes
    then: str
    began_at: datetime
    anew: bool
    """Whether the person must show the provider anew who it is."""
    linking_account_id: UUID | None = None
    """The account that is to be linked, by its owner who is signed in."""


def new_attempt(
    browser_value: str, then: str, now: datetime, *, anew: bool = False, linking_account_id: UUID | None = None
) -> Attempt:
    """An attempt of this browser, with a nonce and a code verifier of 256 bits each."""
    return Attempt(
        nonce=new_secret(),
        verifier=new_secret(),
        browser=secret_hash(browser_value),
        then=then,
        began_at=now,
        anew=anew,
        linking_account_id=linking_account_id,
    )


async def write_attempt(session: TenantSession, provider: Provider, attempt: Attempt) -> str:
    """Keeps it; answers the state by which it is found again."""
    state = new_secret()
    row = {
        "state_hash": secret_hash(state),
        "provider_id": provider.id,
        "sealed": (await session.keys()).seal(msgspec.json.encode(attempt), _PURPOSE),
        "linking_account_id": attempt.linking_account_id,
        "expires_at": attempt.began_at + LASTS,
    }
    session.add(federated_attempt, row)
    return state


async def take_attempt(
    session: TenantSession, provider: Provider, state: str, browser_value: str, now: datetime
) -> Attempt | None:
    """The attempt, which is gone by it, whatever comes of it; ``None`` for one that is not known, was taken before, has
    expired, was begun at another provider (so that no two can be mixed up) or in another browser."""
    row = await session.one(_TAKE, {"of_state": secret_hash(state)})
    if row is None or row["provider_id"] != provider.id or row["expires_at"] <= now:
        return None
    found = msgspec.json.decode((await session.keys()).open(bytes(row["sealed"]), _PURPOSE), type=Attempt)
    return found if hmac.compare_digest(found.browser, secret_hash(browser_value)) else None
