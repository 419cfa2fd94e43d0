"""Reads templates with their versions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, select, type_coerce

from core.errors import NotFound
from core.store.session import TenantSession
from core.store.tables import TENANT, template, template_version
from core.store.types import Json
from core.templates.template import KEY_PATTERN, AskedField, Template, TemplatePurpose, TemplateVersion

_TEMPLATE = [template.c[name] for name in Template.__struct_fields__]
_VERSION = [
    type_coerce(template_version.c.asked, Json(tuple[AskedField, ...])).label("asked")
    if name == "asked"
    else template_version.c[name]
    for name in TemplateVersion.__struct_fields__
]
_FIND = select(*_TEMPLATE).where(template.c.tenant == TENANT, template.c.key == bindparam("of_key"))
_VERSIONS = (
    select(*_VERSION)
    .where(template_version.c.tenant == TENANT, template_version.c.template_id == bindparam("of_id"))
    .order_by(template_version.c.number)
)
_VERSIONS_OF = (
    select(template_version.c.template_id, *_VERSION)
    .where(template_version.c.tenant == TENANT, template_version.c.template_id.in_(bindparam("among", expanding=True)))
    .order_by(template_version.c.template_id, template_version.c.number)
)
_KEY = re.compile(KEY_PATTERN)


@dataclass(frozen=True, slots=True)
class TemplateFilter:
    """What templates are narrowed to. Of a kind are those for it and those for every kind."""

    purpose: TemplatePurpose | None = None
    case_kind: str | None = None


async def has_template(session: TenantSession, key: str) -> bool:
    """Whether the key is in use."""
    return await session.one(_FIND, {"of_key": key}) is not None


async def find_template(session: TenantSession, key: str) -> Template:
    """The template; raises :class:`NotFound`, the same for what is foreign, not there or no key at all."""
    row = await session.one(_FIND, {"of_key": key}) if _KEY.fullmatch(key) else None
    if row is None:
        raise NotFound("templates.unknown")
    return read_template(row)


async def list_template_versions(session: TenantSession, template_id: UUID) -> list[TemplateVersion]:
    """Every version of a template, in the order in which they were recorded."""
    return [TemplateVersion(**row) for row in await session.all(_VERSIONS, {"of_id": template_id})]


async def list_versions_of(session: TenantSession, ids: Iterable[UUID]) -> dict[UUID, tuple[TemplateVersion, ...]]:
    """Every version of each of these templates."""
    found: dict[UUID, list[TemplateVersion]] = {}
    for row in await session.all(_VERSIONS_OF, {"among": list(ids)}):
        version = TemplateVersion(**{name: row[name] for name in TemplateVersion.__struct_fields__})
        found.setdefault(row["template_id"], []).append(version)
    return {id_: tuple(versions) for id_, versions in found.items()}


async def list_templates(
    session: TenantSession, wanted: TemplateFilter, day: date, limit: int, after: str | None
) -> list[dict[str, Any]]:
    """At most ``limit`` templates by key, each with the essentials of the version that is the last begun on the day."""
    told = {
        "purpose": wanted.purpose.value if wanted.purpose else None,
        "of_kind": wanted.case_kind,
        "after": after,
    }
    given = {name: value for name, value in told.items() if value is not None}
    return await session.all(_listing(frozenset(given)), given | {"on_day": day, "page": limit})


def read_template(row: Mapping[str, Any]) -> Template:
    """The template that a row holds, whatever else it holds."""
    values = {name: row[name] for name in Template.__struct_fields__}
    return Template(**values | {"purpose": TemplatePurpose(row["purpose"])})


_other = template_version.alias("other")
_BEGUN = (
    select(_other.c.number)
    .where(_other.c.tenant == TENANT, _other.c.template_id == template.c.id, _other.c.valid_from <= bindparam("on_day"))
    .order_by(_other.c.valid_from.desc(), _other.c.number.desc())
    .limit(1)
    .scalar_subquery()
)
_SHOWN = template.outerjoin(
    template_version,
    and_(
        template_version.c.tenant == template.c.tenant,
        template_version.c.template_id == template.c.id,
        template_version.c.number == _BEGUN,
    ),
)
_CONDITIONS = {
    "purpose": template.c.purpose == bindparam("purpose"),
    "of_kind": template.c.case_kind.is_(None) | (template.c.case_kind == bindparam("of_kind")),
    "after": template.c.key > bindparam("after"),
}


@lru_cache(maxsize=16)
def _listing(given: frozenset[str]) -> Select[Any]:
    shown = (template_version.c[name] for name in ("number", "title", "valid_from", "retired"))
    statement = select(*_TEMPLATE, *shown).select_from(_SHOWN).where(template.c.tenant == TENANT)
    statement = statement.where(*(_CONDITIONS[name] for name in sorted(given)))
    return statement.order_by(template.c.key).limit(bindparam("page"))
