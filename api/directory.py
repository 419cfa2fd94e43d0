"""Which tenant a slug in a path means. Slugs never change; a tenant that is closed is gone within a few seconds."""

from __future__ import annotations

from time import monotonic

from sqlalchemy import select

from api.bounded import Bounded
from api.problems import NOT_FOUND
from api.services import Services
from core.errors import Invalid, NotFound
from core.store.tables import tenant as directory
from core.tenants.tenant import check_slug

_SECONDS = 15.0
_PORTS = (":443", ":80")
_ORIGINS = select(directory.c.id, directory.c.origin).where(directory.c.origin.is_not(None))


class Directory:
    """Looks tenants up. Only what exists is remembered, so that guessing names fills nothing."""

    def __init__(self, services: Services) -> None:
        self._database = services.database
        self._known: Bounded[str, tuple[int, float]] = Bounded()
        self._hosts: dict[str, int] = {}
        self._hosts_until = 0.0

    async def find(self, slug: str, host: str = "") -> int:
        """The tenant's number; raises :class:`NotFound`, also under the host of another tenant, so that no browser ever
        brings the cookies of one to the other."""
        number = await self._number_of(slug)
        if await self._tenant_of(host) not in {None, number}:
            raise NotFound(NOT_FOUND)
        return number

    async def _tenant_of(self, host: str) -> int | None:
        """The tenant whose own host it is; ``None`` for the one that they share, and any other."""
        if monotonic() >= self._hosts_until:
            rows = await self._database.look_up(_ORIGINS)
            self._hosts = {row["origin"].partition("://")[2]: row["id"] for row in rows}
            self._hosts_until = monotonic() + _SECONDS
        if not self._hosts:
            return None
        plain = next((host.removesuffix(port) for port in _PORTS if host.endswith(port)), host)
        return self._hosts.get(plain, self._hosts.get(host))

    async def _number_of(self, slug: str) -> int:
        number, until = self._known.get(slug, (0, 0.0))
        if monotonic() < until:
            return number
        row = await self._database.find_tenant(slug) if _is_slug(slug) else None
        if row is None or row["closed_at"] is not None:
            self._known.pop(slug, None)
            raise NotFound(NOT_FOUND)
        self._known.keep(slug, (row["id"], monotonic() + _SECONDS))
        return int(row["id"])


def _is_slug(text: str) -> bool:
    try:
        return check_slug(text) == text
    except Invalid:
        return False
