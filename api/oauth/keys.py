"""The private halves of the tenants' signing keys, opened when a token is first to be signed and kept by key id."""

from __future__ import annotations

from joserfc.jwk import ECKey

from api.bounded import Bounded
from api.oauth.tokens import ALGORITHM
from api.services import Services
from core.errors import Unavailable
from core.tenants.signing import KeyState, SigningKey
from core.tenants.snapshot import Snapshot


class SigningKeys:
    """Finds the key that a tenant signs with."""

    def __init__(self, services: Services) -> None:
        self._database = services.database
        self._opened: Bounded[tuple[int, str], ECKey] = Bounded()

    async def active(self, snapshot: Snapshot) -> ECKey:
        """The newest active key; raises :class:`Unavailable` for a tenant that has none."""
        active = [key for key in snapshot.signing_keys if key.state is KeyState.ACTIVE]
        if not active:
            raise Unavailable("api.unavailable")
        slot = (snapshot.tenant.id, active[-1].kid)
        if slot not in self._opened:
            self._opened.keep(slot, await self._open(snapshot.tenant.id, active[-1]))
        return self._opened[slot]

    async def _open(self, tenant: int, key: SigningKey) -> ECKey:
        async with self._database.reading(tenant) as session:
            private = key.open_private(await session.keys())
        return ECKey.import_key(private, {"kid": key.kid, "alg": ALGORITHM, "use": "sig"})
