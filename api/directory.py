"""Which tenant a slug in a path means. Slugs never change; a tenant that is closed is gone within a few seconds."""

from __future__ import annotations

from time import monotonic

from api.bounded import Bounded
from api.problems import NOT_FOUND
from api.services import Services
from core.errors import Invalid, NotFound
from core.tenants.tenant import check_slug

_SECONDS = 15.0


class Directory:
    """Looks tenants up. Only what exists is remembered, so that guessing names fills nothing."""

    def __init__(self, services: Services) -> None:
        self._database = services.database
        self._known: Bounded[str, tuple[int, float]] = Bounded()

    async def find(self, slug: str) -> int:
        """The tenant's number; raises :class:`NotFound`."""
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
