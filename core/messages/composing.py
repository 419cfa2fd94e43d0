"""The words of a message: a template of the tenant's, filled with what may be told. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.cases.case import DeadlineNote
from core.errors import WenzeError
from core.law.calendar import WorkingCalendar
from core.law.citation import Citation, MalformedCitation
from core.law.instrument import Text, Unit
from core.law.rulebook import Rulebook
from core.messages.fields import ABSENT, MESSAGE_FIELDS, OF_CONFIDENTIAL
from core.procedure import CaseKind
from core.rungs import Level
from core.templates.fields import tell_day
from core.templates.syntax import fill, parse_template
from core.templates.template import TemplateVersion
from core.tenants.organisation import OrganisationDay
from core.texts import render

LEVELS = {
    Level.DUE_SOON: Text(zh="临期提醒", en="Due soon"),
    Level.OVERDUE: Text(zh="逾期", en="Overdue"),
    Level.KEY: Text(zh="重点督办", en="Key supervision"),
}
_WORKING = frozenset({Unit.WORKING_DAY, Unit.HALF_WORKING_DAY})
_HOURS = frozenset({Unit.MINUTE, Unit.HOUR, Unit.OFFICE_HOUR})
_SECONDS_OF_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What holds for every message of one moment."""

    now: datetime
    today: date
    tenant: str
    calendar: WorkingCalendar
    rulebook: Rulebook
    organisation: OrganisationDay


@dataclass(frozen=True, slots=True)
class Matter:
    """What a message is about: a case, and the deadline, rung or step that is the occasion."""

    number: str
    kind: CaseKind
    clause: str | None
    deadline: DeadlineNote | None = None
    unit_of_term: Unit | None = None
    level: Level | None = None
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What is sent."""

    subject: str
    text: str


def compose(version: TemplateVersion, matter: Matter, unit_id: UUID | None, around: Surroundings) -> Words:
    """The words for who is written to in the name of a unit. The subject is the template's title and the case's number."""
    values = values_of(matter, unit_id, around)
    return Words(f"{version.title} {matter.number}", fill(parse_template(version.body), values))


def values_of(matter: Matter, unit_id: UUID | None, around: Surroundings) -> dict[str, str]:
    """The value of every field; a dash for what there is not, or may not be told."""
    unit = around.organisation.versions.get(unit_id) if unit_id else None
    found = {
        "number": matter.number,
        "kind": matter.kind.title.zh,
        "unit": unit.name if unit else None,
        "clause": _clause(matter.clause, around),
        "level": LEVELS[matter.level].zh if matter.level else None,
        "step": _step_title(matter.kind, matter.step),
        "tenant": around.tenant,
        "today": tell_day(around.today),
        **_of_deadline(matter, around),
    }
    told = OF_CONFIDENTIAL if matter.kind.confidential else found.keys()
    shown = {name: value for name, value in found.items() if value and name in told}
    return {field.name: shown.get(field.name, ABSENT) for field in MESSAGE_FIELDS}


def _of_deadline(matter: Matter, around: Surroundings) -> Mapping[str, str | None]:
    note = matter.deadline
    if note is None:
        return {}
    rule = next((item for item in matter.kind.deadlines if item.key == note.key), None)
    steps = [_step_title(matter.kind, key) for key in rule.met_by] if rule else []
    return {
        "deadline": rule.title.zh if rule else note.key,
        "due_on": tell_day(note.due_on),
        "overdue": tell_overdue(note, matter.unit_of_term, around),
        "todo": "、".join(dict.fromkeys(title for title in steps if title)),
    }


def tell_overdue(note: DeadlineNote, unit: Unit | None, around: Surroundings) -> str | None:
    """How late it is: in days by their dates (R10), in hours to the hour that is full; nothing before its end."""
    if around.now < note.due_at:
        return None
    if unit in _HOURS:
        counted, shown = int((around.now - note.due_at).total_seconds() // _SECONDS_OF_HOUR), Unit.HOUR
    elif unit in _WORKING:
        counted, shown = around.calendar.working_days_between(note.due_on, around.today), Unit.WORKING_DAY
    else:
        counted, shown = (around.today - note.due_on).days, Unit.CALENDAR_DAY
    return render(f"deadlines.unit.{shown}", {"length": counted}, "zh")


def _clause(cited: str | None, around: Surroundings) -> str | None:
    """The clause with its label; the citation alone where there is no such clause any more."""
    if cited is None:
        return None
    try:
        label = around.rulebook.passage(Citation.parse(cited), around.today).label.zh
    except (WenzeError, MalformedCitation):
        return cited
    return f"{label}（{cited}）"


def _step_title(kind: CaseKind, key: str | None) -> str | None:
    step = kind.step(key) if key else None
    return step.title.zh if step else key
