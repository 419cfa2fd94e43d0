"""What can be put into a text: the names, what they mean, and their values for a case as its reader may see it.

The petitioner's identity is none of them: it is kept apart, read for a purpose and on record, and a text would be neither.
The narrative is none either, because its words can tell who told it; the redacted rendition is one once it is confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, tzinfo
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct

from core.cases.bodies import value_of
from core.cases.case import Case, DeadlineNote
from core.facts import establishable
from core.law.instrument import Text
from core.procedure import CaseKind, Field, FieldType, Option, Part
from core.texts import render


class TemplateField(Struct, frozen=True):
    """Something that a text can hold. ``source`` says where its value comes from: case, deadline, fact or asked."""

    name: str
    title: Text
    source: str


class Surroundings(NamedTuple):
    """What is told beside the case: the day, the tenant's name and zone, the names of units and categories."""

    today: date
    tenant: str
    zone: tzinfo
    name_unit: Callable[[UUID], str | None]
    name_category: Callable[[str], str | None]


_OF_CASE = {
    "number": Text(zh="事项编号", en="The case's number"),
    "title": Text(zh="事项标题", en="The case's title"),
    "kind": Text(zh="事项类型", en="The kind of case"),
    "state": Text(zh="事项状态", en="The case's state"),
    "channel": Text(zh="来件渠道", en="The channel by which it came in"),
    "track": Text(zh="办理方式", en="The track on which it is handled"),
    "category": Text(zh="事项分类", en="The case's category"),
    "rendition": Text(zh="脱敏文本", en="The redacted rendition, once it is confirmed"),
    "received_on": Text(zh="收到日期", en="The local day of receipt"),
    "lead_unit": Text(zh="牵头单位", en="The name of the lead unit"),
    "today": Text(zh="今日日期", en="The local day on which the text is made"),
    "tenant": Text(zh="本机构名称", en="The tenant's name"),
}


def fields_of(kind: CaseKind) -> dict[str, TemplateField]:
    """Everything that a text about a case of this kind can hold, by name."""
    found = [TemplateField(name, title, "case") for name, title in _OF_CASE.items()]
    found += [TemplateField(f"due.{rule.key}", rule.title, "deadline") for rule in kind.deadlines]
    found += [TemplateField(f"fact.{key}", title, "fact") for key, title in _facts_of(kind).items()]
    return {field.name: field for field in found}


def fields_of_all(kinds: Iterable[CaseKind]) -> dict[str, TemplateField]:
    """What a text about a case of any of these kinds can hold: what all of them have."""
    each = [fields_of(kind) for kind in kinds]
    return {name: field for name, field in each[0].items() if all(name in other for other in each[1:])}


def values_of(case: Case, kind: CaseKind, around: Surroundings, names: Iterable[str]) -> dict[str, str]:
    """The values of some names, as people read them in Chinese; what the case does not have, or not for its reader, is left
    out."""
    known = _Values(case, kind, around)
    found = ((name, known.find(name)) for name in names)
    return {name: value for name, value in found if value}


def _facts_of(kind: CaseKind) -> dict[str, Text]:
    titles = {field.key: field.title for field in _kept(kind)}
    settled = {key for step in kind.steps for key, _ in establishable(step)} - titles.keys()
    return titles | {key: Text(zh=key, en=key) for key in sorted(settled)}


def _kept(kind: CaseKind) -> Iterator[Field]:
    return (field for step in reversed(kind.steps) for field in step.fields if field.keep)


class _Values:
    """The values of one case."""

    def __init__(self, case: Case, kind: CaseKind, around: Surroundings) -> None:
        self._case, self._kind, self._around = case, kind, around
        self._of_case: dict[str, Callable[[], str | None]] = {
            "number": lambda: case.number,
            # Whoever may not see the title is shown the number in its place.
            "title": lambda: None if case.title == case.number else case.title,
            "kind": lambda: kind.title.zh,
            "state": lambda: next((item.title.zh for item in kind.states if item.key == case.state), None),
            "channel": lambda: _title_of(kind.channels, case.channel),
            "track": lambda: _title_of(kind.tracks, case.track),
            "category": lambda: around.name_category(case.category) if case.category else None,
            "rendition": lambda: case.rendition if case.rendition_state == "confirmed" else None,
            "received_on": lambda: tell_day(self._day_of(case.received_at)),
            "lead_unit": self._lead_unit,
            "today": lambda: tell_day(around.today),
            "tenant": lambda: around.tenant,
        }

    def find(self, name: str) -> str | None:
        """The value of a name, or ``None``."""
        source, _, key = name.partition(".")
        if source == "due":
            return _due_day([note for note in self._case.standing.deadlines if note.key == key])
        if source == "fact":
            return self._fact(key)
        return self._of_case[name]()

    def _lead_unit(self) -> str | None:
        lead = next((item.unit_id for item in self._case.standing.units if item.part is Part.LEAD), None)
        return self._around.name_unit(lead) if lead else None

    def _fact(self, key: str) -> str | None:
        value = self._case.facts.get(key)
        if value is None:
            return None
        fields = [field for field in _kept(self._kind) if field.key == key]
        items = value if isinstance(value, list) else [value]
        return "、".join(self._tell(item, fields) for item in items)

    def _tell(self, value: Any, fields: list[Field]) -> str:
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, dict):
            return render(f"deadlines.unit.{value['unit']}", {"length": value["length"]}, "zh")
        types = {field.type for field in fields}
        if types & {FieldType.UNIT, FieldType.UNITS}:
            return self._around.name_unit(UUID(value)) or value
        if FieldType.DATE in types:
            return tell_day(date.fromisoformat(value))
        if FieldType.INSTANT in types:
            return self._tell_instant(datetime.fromisoformat(value))
        options = [option for field in fields for option in field.options]
        return _title_of(options, value) or str(value)

    def _tell_instant(self, instant: datetime) -> str:
        local = instant.astimezone(self._around.zone)
        return f"{tell_day(local.date())}{local:%H:%M}"

    def _day_of(self, instant: datetime) -> date:
        return instant.astimezone(self._around.zone).date()


def tell_day(day: date) -> str:
    """A day as documents write it: ``2026年3月2日``."""
    return f"{day.year}年{day.month}月{day.day}日"


def _due_day(notes: list[DeadlineNote]) -> str | None:
    """The earliest that is open; of those that have ended, the last that arose."""
    still_open = [note.due_on for note in notes if note.is_open]
    if still_open:
        return tell_day(min(still_open))
    return tell_day(notes[-1].due_on) if notes else None


def _title_of(options: Iterable[Option], value: object) -> str | None:
    found = next((option for option in options if value_of(option) == value), None)
    return found.title.zh if found and found.title else None
