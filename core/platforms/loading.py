"""Reads a tenant's platforms and their operators: two statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from core.platforms.platform import Operator, Platform, Platforms
from core.store.tables.platforms import client_operator, platform
from core.store.tables.schema import TENANT

if TYPE_CHECKING:
    from core.store.session import TenantSession

_PLATFORMS = select(*(platform.c[name] for name in Platform.__slots__)).where(platform.c.tenant == TENANT)
_OPERATORS = select(*(client_operator.c[name] for name in Operator.__slots__)).where(client_operator.c.tenant == TENANT)


async def load_platforms(session: TenantSession) -> Platforms:
    """Every platform of the tenant and every operator, ended ones too."""
    platforms = [Platform(**{**row, "keys": tuple(row["keys"])}) for row in await session.all(_PLATFORMS)]
    return Platforms(platforms, [Operator(**row) for row in await session.all(_OPERATORS)])
