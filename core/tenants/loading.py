"""Reads a tenant's configuration: a handful of statements, each made once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import msgspec
from sqlalchemy import Select, Table, bindparam, select

from core.errors import WenzeError
from core.jurisdictions import Jurisdiction
from core.law.calendar_version import NATIONAL, CalendarVersion, version_known_at
from core.law.instrument import Text
from core.messages.rules import Addressee, MessageRule, MessageRules, Occasion, Recipients
from core.procedure import CategoryLimit, Role
from core.routing.rules import RoutingRule, RoutingRules, Target
from core.store import tables
from core.store.tables import TENANT
from core.tenants.categories import Categories, CategoryVersion, Limit
from core.tenants.client import AuthMethod, Client, GrantType
from core.tenants.figures import read_figure
from core.tenants.organisation import Organisation
from core.tenants.scopes import Scope
from core.tenants.settings import DatedSettings, Setting, SettingValue
from core.tenants.signing import KeyState, SigningKey
from core.tenants.staff import Post, RoleGrant
from core.tenants.tenant import Tenant
from core.tenants.units import UnitVersion

if TYPE_CHECKING:
    from core.store.session import TenantSession

Row = Mapping[str, Any]


def _select_fields(table: Table, type_: type[Any]) -> Select[Any]:
    """A SELECT of the columns that a value has as its fields."""
    return select(*(table.c[name] for name in type_.__slots__))


_TENANT = (
    select(tables.tenant, tables.tenant_clock.c.offset_seconds)
    .select_from(tables.tenant.outerjoin(tables.tenant_clock, tables.tenant_clock.c.tenant == tables.tenant.c.id))
    .where(tables.tenant.c.id == TENANT)
)
_UNITS = select(tables.unit.c.id, tables.unit.c.code).where(tables.unit.c.tenant == TENANT)
_VERSIONS = (
    _select_fields(tables.unit_version, UnitVersion)
    .where(tables.unit_version.c.tenant == TENANT)
    .order_by(tables.unit_version.c.recorded_at, tables.unit_version.c.id)
)
_POSTS = _select_fields(tables.post, Post).where(tables.post.c.tenant == TENANT).order_by(tables.post.c.id)
_GRANTS = (
    _select_fields(tables.role_grant, RoleGrant).where(tables.role_grant.c.tenant == TENANT).order_by(tables.role_grant.c.id)
)
_CLIENTS = select(tables.client).where(tables.client.c.tenant == TENANT)
_SETTINGS = _select_fields(tables.setting, Setting).where(tables.setting.c.tenant == TENANT)
_CALENDARS = select(tables.calendar_version.c.content).where(tables.calendar_version.c.tenant == TENANT)
_CALENDAR = _CALENDARS.order_by(tables.calendar_version.c.number.desc()).limit(1)
_CATEGORIES = (
    _select_fields(tables.category_version, CategoryVersion)
    .where(tables.category_version.c.tenant == TENANT)
    .order_by(tables.category_version.c.recorded_at, tables.category_version.c.id)
)
_RULES = _select_fields(tables.routing_rule, RoutingRule).where(tables.routing_rule.c.tenant == TENANT)
_MESSAGE_RULES = _select_fields(tables.message_rule, MessageRule).where(tables.message_rule.c.tenant == TENANT)
_CLOSED_MONTHS = select(tables.closed_month.c.month).where(tables.closed_month.c.tenant == TENANT)
_KEYS = select(tables.signing_key).where(tables.signing_key.c.tenant == TENANT).order_by(tables.signing_key.c.created_at)
_REVOKED = select(tables.revoked_token.c.jti).where(
    tables.revoked_token.c.tenant == TENANT, tables.revoked_token.c.expires_at > bindparam("now")
)


async def load_tenant(session: TenantSession) -> tuple[Tenant, timedelta]:
    """The session's tenant as it stands, with the offset of its legal time."""
    return tenant_of(row := (await session.all(_TENANT))[0]), timedelta(seconds=row["offset_seconds"] or 0)


async def load_organisation(session: TenantSession) -> Organisation:
    """Every unit with its versions, every post and every role."""
    versions = [_version_of(row) for row in await session.all(_VERSIONS)]
    # The codes last: each statement sees what is committed when it runs, and a version that was read must have its unit.
    codes = {row["id"]: row["code"] for row in await session.all(_UNITS)}
    posts = [Post(**row) for row in await session.all(_POSTS)]
    grants = [RoleGrant(**{**row, "role": Role(row["role"])}) for row in await session.all(_GRANTS)]
    return Organisation.of(codes, versions, posts, grants)


async def load_clients(session: TenantSession) -> dict[str, Client]:
    """Every client, disabled ones too, by the public name with which it signs in."""
    return {row["client_id"]: _client_of(row) for row in await session.all(_CLIENTS)}


async def load_settings(session: TenantSession, jurisdiction: Jurisdiction) -> DatedSettings:
    """Every value of every setting."""
    return DatedSettings(_setting_of(row, jurisdiction) for row in await session.all(_SETTINGS))


async def load_categories(session: TenantSession) -> Categories:
    """Every category with its versions."""
    return Categories.of([_category_of(row) for row in await session.all(_CATEGORIES)])


async def load_routing(session: TenantSession) -> RoutingRules:
    """Every routing rule, ended ones too."""
    return RoutingRules(_rule_of(row) for row in await session.all(_RULES))


async def load_message_rules(session: TenantSession) -> MessageRules:
    """Every message rule, ended ones too."""
    return MessageRules(_message_rule_of(row) for row in await session.all(_MESSAGE_RULES))


async def load_closed_months(session: TenantSession) -> frozenset[date]:
    """The first days of the months whose figures are closed."""
    return frozenset(row["month"] for row in await session.all(_CLOSED_MONTHS))


async def load_calendar(session: TenantSession) -> CalendarVersion:
    """The newest version of the tenant's calendar; the national one where the tenant has stored none."""
    rows = await session.all(_CALENDAR)
    return msgspec.convert(rows[0]["content"], CalendarVersion) if rows else NATIONAL


async def load_calendar_known_at(session: TenantSession, instant: datetime) -> CalendarVersion:
    """The version of the tenant's calendar that was known at an instant of legal time (promise 2)."""
    rows = await session.all(_CALENDARS)
    return version_known_at([msgspec.convert(row["content"], CalendarVersion) for row in rows], instant)


async def load_signing_keys(session: TenantSession) -> tuple[SigningKey, ...]:
    """The tenant's signing keys, oldest first."""
    return tuple(_key_of(row) for row in await session.all(_KEYS))


async def load_revoked(session: TenantSession) -> frozenset[str]:
    """What names revoked tokens that have not expired: ``jti``, ``authorization:…`` or ``sign-in:…``."""
    return frozenset(row["jti"] for row in await session.all(_REVOKED, {"now": session.recorded_at}))


def tenant_of(row: Row) -> Tenant:
    """A tenant from its row of the directory."""
    name = Text(zh=row["name_zh"], en=row["name_en"])
    return Tenant(
        row["id"], row["slug"], row["jurisdiction"], name, row["sandbox"], row["parent_id"], row["revision"], row["origin"]
    )


def _version_of(row: Row) -> UnitVersion:
    return UnitVersion(**{**row, "offices": tuple(row["offices"])})


def _category_of(row: Row) -> CategoryVersion:
    limits = msgspec.convert(row["limits"], dict[CategoryLimit, Limit])
    return CategoryVersion(**{**row, "kinds": tuple(row["kinds"]), "limits": limits})


def _rule_of(row: Row) -> RoutingRule:
    cooperating = tuple(UUID(unit) for unit in row["cooperating"])
    return RoutingRule(**{**row, "target": Target(row["target"]), "cooperating": cooperating})


def _message_rule_of(row: Row) -> MessageRule:
    occasion, recipients = Occasion(row["occasion"]), Recipients(row["recipients"])
    words = {"occasion": occasion, "recipients": recipients, "addressee": Addressee(row["addressee"])}
    return MessageRule(**{**row, **words})


def _client_of(row: Row) -> Client:
    return Client(
        id=row["id"],
        client_id=row["client_id"],
        name=row["name"],
        secret_hash=bytes(row["secret_hash"]),
        scopes=frozenset(Scope(name) for name in row["scopes"]),
        person_id=row["person_id"],
        disabled_at=row["disabled_at"],
        auth_method=AuthMethod(row["auth_method"]),
        grant_types=frozenset(GrantType(name) for name in row["grant_types"]),
        redirect_uris=tuple(row["redirect_uris"]),
        post_logout_redirect_uris=tuple(row["post_logout_redirect_uris"]),
        origins=frozenset(row["origins"]),
        keys=tuple(row["keys"]),
        trusted=row["trusted"],
        uri=row["uri"],
        registration_hash=bytes(row["registration_hash"] or b""),
        registered_with=row["registered_with"],
        held_by=row["held_by"],
        version=row["version"],
    )


def _setting_of(row: Row, jurisdiction: Jurisdiction) -> Setting:
    return Setting(**{**row, "value": _figure_of(row, jurisdiction)})


def _figure_of(row: Row, jurisdiction: Jurisdiction) -> SettingValue:
    """The stored value by its kind; what the rules no longer have, or type otherwise, stays as it is."""
    kind, stored = jurisdiction.settings.get(row["key"]), cast("SettingValue", row["value"])
    if kind is None:
        return stored
    try:
        return read_figure(kind, stored)
    except WenzeError:
        return stored


def _key_of(row: Row) -> SigningKey:
    sealed, state = bytes(row["private_sealed"]), KeyState(row["state"])
    return SigningKey(row["kid"], row["alg"], row["public_jwk"], sealed, state, row["created_at"], row["retires_at"])
