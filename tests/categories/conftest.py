"""A city with an administrator's place, as for the rest of the configuration; and a service to be asked over HTTP."""

from __future__ import annotations

from tests.tenants.conftest import administration, city, jurisdictions, snapshot, snapshots
from tests.tenants.http.conftest import api, place, send, world

__all__ = ["administration", "api", "city", "jurisdictions", "place", "send", "snapshot", "snapshots", "world"]
