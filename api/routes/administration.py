"""What the routes of the configuration share: the administrator's place, who may, and what is answered to whom."""

from __future__ import annotations

from datetime import date

from api.operations import Call
from core.procedure import Role
from core.tenants.service.administration import Administration

ADMINISTRATORS = (Role.TENANT_ADMINISTRATOR,)
STAFF = tuple(role for role in Role if role not in {Role.PETITIONER, Role.PLATFORM_OPERATOR})
"""Whoever has a role in the house at all."""
EXAMPLE_BASIS = "市编办发〔2026〕12号"


def administration_of(call: Call) -> Administration:
    """The caller's place for changes of the configuration."""
    return Administration(call.session, call.services.snapshots, call.principal.person_id)


def day_of(call: Call, asked: date | None) -> date:
    """The day that was asked for, or the tenant's local day."""
    return asked or call.snapshot.local_day(call.legal_now)
