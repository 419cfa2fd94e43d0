"""Keeps a tenant's templates and makes texts of them. Nothing is edited: a change is a further version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, update

from core.cases.case import Case
from core.cases.disclosure import disclose_case
from core.cases.service import Desk
from core.errors import Conflict, NotFound, Refused, Stale
from core.ids import new_id
from core.procedure import CaseKind, Role
from core.store.change import Change
from core.store.session import TenantSession
from core.store.tables import TENANT, template, template_version
from core.templates.check import check_purpose, check_template, known_fields
from core.templates.fields import Surroundings, values_of
from core.templates.reading import find_template, has_template, list_template_versions
from core.templates.syntax import fill, parse_template, placeholders_of
from core.templates.template import Template, TemplatePurpose, TemplateText, TemplateVersion, version_on
from core.tenants.names import normalise

WRITERS = (Role.SUPERVISOR, Role.TENANT_ADMINISTRATOR)
_COUNT_UP = (
    update(template)
    .where(template.c.tenant == TENANT, template.c.id == bindparam("of_id"), template.c.version == bindparam("expected"))
    .values(version=template.c.version + 1)
)


class TextValue(Struct, frozen=True):
    """What was put in a place of a text, and where it came from: case, deadline, fact or asked."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class MadeText:
    """A text made of a template, with the version and every value: why it says what it says."""

    template: Template
    version: TemplateVersion
    text: str
    values: tuple[TextValue, ...]


async def create_template(
    desk: Desk, key: str, purpose: TemplatePurpose, case_kind: str | None, text: TemplateText
) -> tuple[Template, TemplateVersion]:
    """A new template with its first version; raises :class:`Conflict` for a key in use and :class:`Refused` for a fault."""
    check_purpose(purpose, text.asked)
    check_template(text.body, text.asked, known_fields(desk.snapshot.jurisdiction, case_kind, purpose))
    if await has_template(desk.session, key):
        raise Conflict("templates.key-taken", field="/key", key=key)
    made = Template(id=new_id(), key=key, purpose=purpose, case_kind=case_kind, version=1)
    row = msgspec.structs.asdict(made) | {"purpose": purpose.value, "created_at": desk.recorded_at}
    desk.session.add(template, row)
    return made, _write_version(desk, made, text)


async def change_template(desk: Desk, key: str, text: TemplateText, expected: int) -> tuple[Template, TemplateVersion]:
    """The template with a further version; raises :class:`NotFound`, :class:`Stale` or :class:`Refused`."""
    held = await find_template(desk.session, key)
    if held.version != expected:
        raise Stale("templates.stale", current=held.version)
    check_purpose(held.purpose, text.asked)
    check_template(text.body, text.asked, known_fields(desk.snapshot.jurisdiction, held.case_kind, held.purpose))
    if await desk.session.execute(_COUNT_UP, {"of_id": held.id, "expected": expected}) != 1:
        raise Stale("templates.stale", current=held.version + 1)
    after = msgspec.structs.replace(held, version=held.version + 1)
    return after, _write_version(desk, after, text)


async def make_text(desk: Desk, case: Case, key: str, answers: dict[str, str]) -> MadeText:
    """The text of a template for a case, as far as the reader may see it; nothing is saved.

    Raises :class:`Refused` for a template that is not there, not for the case or not in force, for a value that the case
    does not have yet, and for answers that were not asked for or are missing.
    """
    found = await _named(desk.session, key)
    kind, today = desk.snapshot.jurisdiction.kind(case.kind), desk.snapshot.local_day(desk.now)
    if found.case_kind not in {None, case.kind}:
        raise Refused("templates.other-kind", field="/template", case_kind=str(found.case_kind))
    version = version_on(tuple(await list_template_versions(desk.session, found.id)), today)
    if version is None:
        raise Refused("templates.not-in-force", field="/template", day=today.isoformat())
    return _fill(desk, disclose_case(case, kind, desk.principal), kind, found, version, _checked(version, answers))


async def _named(session: TenantSession, key: str) -> Template:
    """The template that a body names: where it is not there, the body is wrong, and not the address."""
    try:
        return await find_template(session, key)
    except NotFound as error:
        raise Refused("templates.no-such-template", field="/template") from error


def _checked(version: TemplateVersion, answers: dict[str, str]) -> dict[str, str]:
    asked = {item.name for item in version.asked}
    for name in sorted(answers.keys() - asked):
        raise Refused("templates.not-asked", field="/asked", name=name, known=", ".join(sorted(asked)) or "–")
    if asked - answers.keys():
        raise Refused("templates.answer-missing", field="/asked", names=", ".join(sorted(asked - answers.keys())))
    return {f"asked.{name}": normalise(answer) for name, answer in answers.items()}


def _fill(
    desk: Desk, case: Case, kind: CaseKind, found: Template, version: TemplateVersion, answers: dict[str, str]
) -> MadeText:
    parts = parse_template(version.body)
    wanted = dict.fromkeys(placeholder.name for placeholder in placeholders_of(parts))
    known = known_fields(desk.snapshot.jurisdiction, case.kind)
    ours = [name for name in wanted if name in known]
    values = values_of(case, kind, _surroundings(desk), ours) | answers
    missing = [name for name in wanted if name not in values]
    if missing:
        # Also what the city's rules have no more since the template was written.
        raise Refused("templates.value-missing", field="/template", names=", ".join(missing))
    sources = {name: known[name].source if name in known else "asked" for name in wanted}
    used = tuple(TextValue(name, values[name], sources[name]) for name in wanted)
    return MadeText(found, version, fill(parts, values), used)


def _surroundings(desk: Desk) -> Surroundings:
    snapshot, today = desk.snapshot, desk.snapshot.local_day(desk.now)
    units, categories = snapshot.organisation.on(today).versions, snapshot.categories.on(today).versions

    def name_unit(unit_id: UUID) -> str | None:
        return units[unit_id].name if unit_id in units else None

    def name_category(code: str) -> str | None:
        return categories[code].title_zh if code in categories else None

    return Surroundings(today, snapshot.tenant.name.zh, snapshot.zone, name_unit, name_category)


def _write_version(desk: Desk, made: Template, text: TemplateText) -> TemplateVersion:
    version = TemplateVersion(
        number=made.version,
        valid_from=text.valid_from,
        title=normalise(text.title),
        body=text.body,
        asked=text.asked,
        retired=text.retired,
        reason=normalise(text.reason),
        author_id=desk.principal.person_id,
        recorded_at=desk.recorded_at,
    )
    row: dict[str, Any] = msgspec.structs.asdict(version) | {
        "id": new_id(),
        "template_id": made.id,
        "asked": msgspec.to_builtins(version.asked),
        "client_id": desk.principal.client_id,
    }
    desk.session.add(template_version, row)
    desk.session.record(_told(desk, made, version))
    return version


def _told(desk: Desk, made: Template, version: TemplateVersion) -> Change:
    stream, action = f"template:{made.id}", "template.created" if made.version == 1 else "template.changed"
    role = next(role for role in WRITERS if desk.principal.has(role))
    return Change(
        action=action,
        stream=stream,
        subject=stream,
        content={"template": msgspec.to_builtins(made), "version": msgspec.to_builtins(version)},
        event_type=action,
        refs={"template_id": str(made.id), "key": made.key, "version": made.version, "valid_from": _iso(version.valid_from)},
        new_stream=made.version == 1,
        role=role.value,
    )


def _iso(day: date) -> str:
    return day.isoformat()
