"""Examples of registrations and steps, made from a city's data: valid under the same types that check the input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api.routes.matter_examples import matter_example
from core.cases.bodies import value_of
from core.cases.conditions import holds
from core.cases.rendition import has_rendition
from core.procedure import CO_HANDLER, EXTENSION, CaseKind, Field, FieldType, StepKind, Verb

_WORDS = {
    "reason": "经核实，说明理由如下。",
    "justification": "连日暴雨，预警期间按规定停工，已逐日报告。",
    "evidence": "现场已由诉求人当面确认，无书面材料。",
    "text": "现将办理情况答复如下。",
    "title": "窗口办理时间过长",
    "narrative": "上午在窗口排队三个小时，材料齐全仍未办结，请求核实处理。",
    "rendition": "反映窗口排队三个小时，材料齐全仍未办结。",
}


_PARTS = [
    {"title": "人行道塌陷", "narrative": "公交站旁人行道塌陷约一平方米。"},
    {"title": "路灯不亮", "narrative": "同一路段三盏路灯已两周不亮。"},
]


def registration_examples(kinds: Iterable[CaseKind]) -> dict[str, Any]:
    """One example of a registration for each kind."""
    return {kind.key: _registration(kind) for kind in kinds}


def step_example(kind: CaseKind, step: StepKind) -> dict[str, Any]:
    """An example of one step's body. ``{unit_id}`` stands for the id of a unit of the tenant."""
    given = _by_verb(kind, step)
    evidence = {"evidence_note": _WORDS["evidence"]} if step.evidence else {}
    return given | _facts(step, given) | evidence


def _registration(kind: CaseKind) -> dict[str, Any]:
    example: dict[str, Any] = {
        "kind": kind.key,
        "channel": value_of(kind.channels[0]),
        "title": _WORDS["title"],
        "narrative": _WORDS["narrative"],
    }
    example |= _facts(kind.registration, example)
    if kind.petitioner != "none":
        example["petitioner"] = {"name": "王秀英", "phone": "13800138000"}
    return example


def _by_verb(kind: CaseKind, step: StepKind) -> dict[str, Any]:
    if step.is_about_lateness:
        return {"reason": _WORDS["justification"]} | ({} if step.decides else {"deadline_id": "{deadline_id}"})
    match step.verb:
        case Verb.CLASSIFY:
            return {"track": value_of(kind.tracks[0])}
        case Verb.DISPATCH:
            term = {"term": {"unit": "working_day", "length": 5}, "term_reason": "参照同类事项"}
            units = [{"unit_id": "{unit_id}", "part": "lead"} | (term if _needs_term(kind, step) else {})]
            return {"units": units} | ({"rendition": _WORDS["rendition"]} if has_rendition(kind) else {})
        case Verb.REFUSE | Verb.SEND_BACK | Verb.REOPEN | Verb.WITHDRAW | Verb.DECLINE:
            return {"reason": _WORDS["reason"]}
        case Verb.REPLY | Verb.REMIND | Verb.INFORM:
            return {"text": _WORDS["text"]}
        case _:
            return _of_units(kind, step) | _of_moves(step) | matter_example(kind, step.verb)


def _of_moves(step: StepKind) -> dict[str, Any]:
    """What is said of a pause, its end, and an extension that is made or asked for."""
    if step.verb in {Verb.PAUSE, Verb.RESUME}:
        return {"reason": _WORDS["reason"]}
    if step.verb is Verb.EXTEND or step.asks == EXTENSION:
        unit = "working_day" if step.limit else "calendar_day"
        return {"reason": _WORDS["reason"], "length": {"unit": unit, "length": 3}}
    return {}


def _of_units(kind: CaseKind, step: StepKind) -> dict[str, Any]:
    """What units ask for and pass on, and into what a case is split."""
    match step.verb:
        case Verb.ASK:
            return {"reason": _WORDS["reason"]} | ({"unit_id": "{unit_id}"} if step.asks == CO_HANDLER else {})
        case Verb.PASS_ON:
            return {"unit_id": "{unit_id}"}
        case Verb.GRANT if step.decides == CO_HANDLER and _needs_term(kind, step):
            return {"term": {"unit": "working_day", "length": 3}, "term_reason": "参照同类事项"}
        case Verb.SPLIT:
            return {"parts": _PARTS}
        case Verb.FEEDBACK:
            return {"reached": "reached", "satisfied": False, "dissatisfaction": "not-solved", "words": "路面只修了一半。"}
        case _:
            return {}


def _needs_term(kind: CaseKind, step: StepKind) -> bool:
    return any(rule.given_by and step.key in rule.arises_on for rule in kind.deadlines)


def _facts(step: StepKind, given: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for field in step.fields:
        if field.required or _needed(field, step, {**given, **facts}):
            facts[field.key] = example_of(field)
            if field.type is FieldType.TERM:
                facts[f"{field.key}_reason"] = _WORDS["reason"]
    return facts


def _needed(field: Field, step: StepKind, given: Mapping[str, Any]) -> bool:
    """Whether the example needs a field that may be left out; what only the case can tell is taken to hold."""
    told = given.keys() | {item.key for item in step.fields}
    known = {name: value for name, value in field.required_when.items() if name in told}
    return bool(field.required_when) and holds(known, given)


def example_of(field: Field) -> Any:
    """A valid value of a field."""
    ordinary = [value_of(option) for option in field.options if not option.needs_reason]
    text = field.example or field.title.zh
    values: dict[FieldType, Any] = {
        FieldType.ENUM: next(iter(ordinary), None),
        FieldType.ENUMS: ordinary[:1],
        FieldType.BOOLEAN: field.example == "true",
        FieldType.INTEGER: int(field.example or field.minimum) if (field.example or "0").isdigit() else field.minimum,
        FieldType.DATE: field.example or "2026-03-02",
        FieldType.INSTANT: field.example or "2026-03-02T01:00:00Z",
        FieldType.UNIT: "{unit_id}",
        FieldType.UNITS: ["{unit_id}"],
        FieldType.TERM: {"unit": "working_day", "length": 5},
        FieldType.TEXTS: [text],
        FieldType.CATEGORY: field.example or "{category}",
    }
    return values.get(field.type, text)
