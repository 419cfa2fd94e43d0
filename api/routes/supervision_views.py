"""Matters that must be supervised as the API tells them: found by which clause, on which facts, and what there is to do."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from api.operations import Call
from api.routes.case_deadline_views import JUSTIFIED, JustifiedBrief
from api.routes.case_views import CaseSummary
from api.routes.unit_names import UnitNames
from core.cases.bodies import Instant
from core.cases.case import Justified
from core.errors import WenzeError
from core.law.citation import Citation
from core.law.instrument import TermFigure, Text
from core.procedure import CaseKind, FieldType, StepKind
from core.supervision.item import Item
from core.supervision.listing import NOTHING, Noted
from core.supervision.outsiders import Untold
from core.supervision.reminding import Reminded
from core.supervision.rules import find_rule
from core.tenants.names import Prose


class SupervisionFacts(Struct, frozen=True, kw_only=True):
    """On what it was found (督办事由的事实), as it was then."""

    deadline: Annotated[str | None, Meta(title="期限", description="The key of the deadline; null: found on a step")]
    due_on: Annotated[date | None, Meta(title="到期日")]
    overdue_days: Annotated[int | None, Meta(title="逾期天数", description="When it was found, by the calendar (R10)")]
    overdue_unit: Annotated[str | None, Meta(description="In what these days are counted")]
    step: Annotated[str | None, Meta(title="步骤", description="The key of the step on which it was found")]
    found_by: Annotated[UUID | None, Meta(description="The id of that step")]
    round: Annotated[int | None, Meta(title="回复轮次", description="Which reply the petitioner is not satisfied with")]


class SupervisionMethod(Struct, frozen=True):
    """A step by which it is supervised (督办方式)."""

    step: Annotated[str, Meta(description="The key of the step")]
    title: Text
    clause: str
    term: Annotated[
        TermFigure | None, Meta(title="时限", description="In which the unit is to be done; null where the step states it")
    ]
    units_field: Annotated[
        str | None,
        Meta(
            title="列明单位的字段",
            description="In which the step names the units that it is for; without it the lead is meant",
        ),
    ]


class SupervisionFirst(Struct, frozen=True):
    """What goes before (先行步骤): the unit is no member, and its superior has not been told."""

    step: Annotated[str, Meta(description="The key of the step")]
    title: Text | None
    clause: Annotated[str, Meta(title="条款")]
    superior: Annotated[
        str | None, Meta(title="上级单位", description="What it is called; null where nobody has recorded it")
    ]


class Reminders(Struct, frozen=True):
    """Whether the unit was reminded of it (提醒督促)."""

    times: Annotated[int, Meta(ge=1, title="次数")]
    last_at: Annotated[Instant, Meta(title="最近一次")]
    open_step: Annotated[
        str | None,
        Meta(
            title="可上报",
            description="The step that is open, as no step of the unit fell on the day of the last reminder; that it was "
            "ignored is for a person to find",
        ),
    ]


class SupervisionItemView(Struct, frozen=True, kw_only=True):
    """A matter that must be supervised (须督办事项)."""

    id: UUID
    case_id: UUID
    rule: Annotated[str, Meta(description="The key of the rule that found it; can grow")]
    clause: Annotated[str, Meta(title="条款")]
    law_version: Annotated[str, Meta(title="版本", description="The version that was in force when it was found")]
    label: Annotated[Text | None, Meta(title="督办事由", description="What the clause says, in our words")]
    deadline_id: Annotated[UUID | None, Meta(description="The deadline that ran out")]
    unit_id: Annotated[UUID | None, Meta(title="承办单位")]
    justified: Annotated[JustifiedBrief | None, JUSTIFIED]
    facts: SupervisionFacts
    found_at: Annotated[Instant, Meta(title="发现时间", description="In legal time")]
    recorded_at: Annotated[Instant, Meta(title="记录时间", description="By the machine's clock")]
    state: Annotated[str, Meta(title="状态", description="found, supervised, over or departed; can grow")]
    ending: Annotated[
        str | None,
        Meta(
            title="终结方式",
            description="supervised, departed, case-ended, finished (done late), lapsed, answered (the petitioner says "
            "otherwise or is asked anew), corrected (it was not late on that day); can grow",
        ),
    ]
    ended_at: Annotated[Instant | None, Meta(title="终结时间")]
    step_id: Annotated[UUID | None, Meta(description="The step that ended it")]
    reason: Annotated[str | None, Meta(title="不予督办的理由")]
    person_id: Annotated[UUID | None, Meta(title="决定人", description="Who departed from it")]
    still_to_find: Annotated[
        str | None, Meta(title="待认定", description="The field of the supervising step in which a person says it")
    ]
    methods: Annotated[
        tuple[SupervisionMethod, ...], Meta(description="By which steps it is supervised; none once it ended")
    ]
    first: Annotated[
        SupervisionFirst | None,
        Meta(description="What is to be done before any of these; null: nothing, as of every member of the organisation"),
    ]
    reminders: Reminders | None
    version: Annotated[int, Meta(description="Counts the changes; the entity tag")]


class SupervisionLine(SupervisionItemView, frozen=True, kw_only=True):
    """A matter that waits to be supervised (待督办), with its case."""

    case: CaseSummary


class SupervisionPage(Struct, frozen=True):
    """A page of what waits to be supervised, the oldest first. ``next`` is the cursor of the following page."""

    items: tuple[SupervisionLine, ...]
    next: str | None
    unit_names: UnitNames


class SupervisionItems(Struct, frozen=True):
    """What had to be supervised of a case, the oldest first."""

    items: tuple[SupervisionItemView, ...]


class SupervisionDeparture(Struct, frozen=True, forbid_unknown_fields=True):
    """Why it is not supervised though it has to be."""

    reason: Annotated[Prose, Meta(title="理由", description="Kept with it; the clause says that it has to be supervised")]


def item_view(call: Call, item: Item, kind: CaseKind, noted: Noted = NOTHING) -> SupervisionItemView:
    """One of them."""
    return SupervisionItemView(**item_fields(call, item, kind, noted))


def item_fields(call: Call, item: Item, kind: CaseKind, noted: Noted) -> dict[str, Any]:
    """The fields of its view."""
    rule = find_rule(kind, item.rule)
    plain = {name: getattr(item, name) for name in SupervisionItemView.__struct_fields__ if hasattr(item, name)}
    return plain | {
        "facts": _facts(item),
        "label": _label(call, item),
        "still_to_find": rule.finding if rule and item.is_open else None,
        "methods": tuple(_methods(call, kind, rule.steps)) if rule and item.is_open else (),
        "justified": _justified(noted.justified.get(item.deadline_id)),
        "first": _first(noted.untold.get(item.id), kind),
        "reminders": _reminders(noted.reminded.get(item.id)),
    }


def _first(untold: Untold | None, kind: CaseKind) -> SupervisionFirst | None:
    if untold is None:
        return None
    step = kind.step(untold.step)
    return SupervisionFirst(untold.step, step.title if step else None, untold.clause, untold.superior)


def _reminders(reminded: Reminded | None) -> Reminders | None:
    return Reminders(reminded.times, reminded.last_at, reminded.open_step) if reminded else None


def _justified(found: Justified | None) -> JustifiedBrief | None:
    """That the lateness was found justified, as it is now."""
    return JustifiedBrief(found.step_id, found.at) if found else None


def _facts(item: Item) -> SupervisionFacts:
    told = {name: item.facts.get(name) for name in SupervisionFacts.__struct_fields__}
    due_on, found_by = told["due_on"], told["found_by"]
    told |= {"due_on": date.fromisoformat(due_on) if due_on else None, "found_by": UUID(found_by) if found_by else None}
    return SupervisionFacts(**told)


def _label(call: Call, item: Item) -> Text | None:
    """What the clause said when it was found; ``None`` where the encoding has it no more."""
    try:
        day = call.snapshot.local_day(item.found_at)
        return call.snapshot.rulebook.passage(Citation.parse(item.clause), day).label
    except WenzeError:
        return None


def _methods(call: Call, kind: CaseKind, keys: tuple[str, ...]) -> list[SupervisionMethod]:
    steps = (step for key in keys if (step := kind.step(key)) is not None)
    return [
        SupervisionMethod(step.key, step.title, step.clause, _term(call, kind, step), _units_field(step)) for step in steps
    ]


def _units_field(step: StepKind) -> str | None:
    return next((field.key for field in step.fields if field.type is FieldType.UNITS), None)


def _term(call: Call, kind: CaseKind, step: StepKind) -> TermFigure | None:
    """The term that the law gives the deadline that arises by the step."""
    rule = next((rule for rule in kind.deadlines if step.key in rule.arises_on and rule.given_by is None), None)
    if rule is None:
        return None
    term = call.snapshot.rulebook.passage(Citation.parse(rule.clause), call.snapshot.local_day(call.legal_now)).term
    return TermFigure(term.unit, term.length) if term else None
