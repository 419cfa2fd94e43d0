"""What steps of an accountability case say: subjects, acts and grounds, findings, hearings, decisions and what follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from core.cases.matter_shapes import REASON, SUBJECT, Line, Shapes, Words, many, maybe, refs, said
from core.cases.moving_bodies import Entry, Reason
from core.procedure import CaseKind, Option, StepKind, Verb
from core.sanctions.matter import AppealOutcome

_Number = Annotated[int, Meta(ge=1, le=100_000)]


def matter_entries(kind: CaseKind, step: StepKind) -> list[Entry]:
    """The fields of a step of an accountability case, by its verb."""
    shapes = _shapes_of(kind.key, msgspec.json.encode(kind.choices), kind.points is not None)
    return _ENTRIES[step.verb](shapes)


@lru_cache(maxsize=64)
def _shapes_of(key: str, choices: bytes, points: bool) -> Shapes:
    from core.cases.bodies import camel  # it makes the bodies of which these are parts

    return Shapes(camel(key), msgspec.json.decode(choices, type=dict[str, tuple[Option, ...]]), points=points)


def _list(name: str, type_: Any, zh: str, en: str) -> Entry:
    return name, said(many(type_), zh, en)


def _optional_list(name: str, type_: Any, zh: str, en: str) -> Entry:
    return name, said(many(type_), zh, en) | UnsetType, UNSET


def _charge(shapes: Shapes) -> list[Entry]:
    entries = [
        _optional_list("subjects", shapes.subject, "追责对象", "Units and people who are held accountable."),
        _optional_list("acts", shapes.act, "行为", "What was done or left undone."),
        _optional_list("evidence", shapes.evidence, "证据", "What proves it; frozen as it is now."),
        _optional_list("grounds", shapes.ground, "问责情形", "The grounds, each for an act of some subjects."),
    ]
    told = shapes.circumstance
    return entries + ([_optional_list("circumstances", told, "情节", "Of each subject.")] if told else [])


def _establish(shapes: Shapes) -> list[Entry]:
    entries = [_optional_list("findings", shapes.ground_finding, "情形认定", "Ground by ground.")]
    if shapes.circumstance:
        found = shapes.circumstance_finding
        entries.append(_optional_list("circumstance_findings", found, "情节认定", "Circumstance by circumstance."))
    return entries


def _review(shapes: Shapes) -> list[Entry]:
    return [
        ("outcome", said(AppealOutcome, "处理结果", "upheld, changed or revoked.")),
        ("answer", said(Words, "答复", "What is answered, with the reasons.")),
        maybe(UUID, "appeal_id", "申诉", "Which appeal; needed where several wait."),
        ("decision", said(shapes.decision | UnsetType, "变更后的决定", "What is decided instead; where changed."), UNSET),
    ]


def _refer(_: Shapes) -> list[Entry]:
    return [
        ("subjects", refs("移送对象", "Whose matter is referred.")),
        ("receiver", said(Line, "接收机关", "The organ that it is referred to.")),
        ("reference", said(Line, "移送文号", "The reference of the letter.")),
        REASON,
        maybe(date, "referred_on", "移送日", "When; the day of the step, if left out."),
    ]


def _measure(shapes: Shapes) -> list[Entry]:
    return [
        SUBJECT,
        ("sanction", shapes.enum("sanctions", "措施", "What that organ decided.")),
        ("organ", said(Line, "决定机关", "The organ that is competent for it.")),
        ("document", said(Line, "文号", "The document by which it decided.")),
        ("decided_on", said(date, "决定日", "When it decided.")),
    ]


def _consent(_: Shapes) -> list[Entry]:
    return [
        ("granted", said(bool, "是否同意公布", "Whether the result may be published.")),
        ("organ", said(Line, "批准机关", "Who says so.")),
        ("document", said(Line, "文号", "By which document.")),
        maybe(Reason, "kept_out", "不予公布的内容", "What is kept out of it: personal data, secrets."),
    ]


_ENTRIES: dict[Verb, Callable[[Shapes], list[Entry]]] = {
    Verb.CHARGE: _charge,
    Verb.ESTABLISH: _establish,
    Verb.APPORTION: lambda it: [_list("apportionments", it.apportionment, "责任区分", "Who bears what.")],
    Verb.HEAR: lambda it: [_list("hearings", it.hearing, "陈述申辩", "Each subject's hearing.")],
    Verb.DECIDE: lambda it: [_list("decisions", it.decision, "决定", "What is decided, subject by subject.")],
    Verb.SERVE: lambda it: [_list("services", it.service, "送达", "Each notice that was served.")],
    Verb.APPEAL: lambda _: [SUBJECT, ("reasons", said(Words, "理由", "Why the subject does not accept it."))],
    Verb.REVIEW: _review,
    Verb.REFER: _refer,
    Verb.COPY: lambda it: [_list("copies", it.copy, "抄送和回执", "What was sent, and what was received.")],
    Verb.MEASURE: _measure,
    Verb.REPORT_BACK: lambda _: [SUBJECT, ("report", said(Words, "书面报告", "What was put right, as reported."))],
    Verb.LIFT: lambda _: [("effect", said(_Number, "影响期", "The number of the effect that ends.")), REASON],
    Verb.CONSENT: _consent,
}
