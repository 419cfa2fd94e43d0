"""What steps of an accountability case say: subjects, acts and grounds, findings, hearings, decisions and what follows.

Grounds, circumstances, sanctions and the like are enumerations of the kind's own regime, so that what one regime lists
cannot be used under another.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from core.cases.moving_bodies import Entry, Reason
from core.cases.options import describe, one_of
from core.law.instrument import TermFigure, Text
from core.procedure import CaseKind, Option, StepKind, Verb
from core.sanctions.matter import AppealOutcome, HearingOutcome, Ref, SubjectKind

_MOST = 50
_ONCE = {"uniqueItems": True}
Words = Annotated[str, Meta(min_length=1, max_length=10_000)]
Line = Annotated[str, Meta(min_length=1, max_length=300)]


def _said(type_: Any, zh: str, en: str, **more: Any) -> Any:
    return Annotated[type_, Meta(title=zh, description=en, extra_json_schema=more or None)]


def _named(zh: str, en: str) -> Any:
    return _said(Ref, zh, en)


def _refs(zh: str, en: str) -> Any:
    return Annotated[list[Ref], Meta(min_length=1, max_length=_MOST, title=zh, description=en, extra_json_schema=_ONCE)]


def _maybe(type_: Any, name: str, zh: str, en: str) -> Entry:
    return name, _said(type_ | UnsetType, zh, en), UNSET


_REF = ("ref", _named("简称", "What the case calls it from here on: letters, digits and hyphens."))
_SUBJECT = ("subject", _named("追责对象", "The subject's ref."))
_REASON = ("reason", _said(Reason, "理由", "Why; kept with it."))
_CATCH_ALL: list[Entry] = [
    _maybe(Reason, "catch_all_reason", "兜底项理由", "Why a catch-all is used; needed with one."),
    _maybe(Reason, "catch_all_basis", "兜底项依据", "What a catch-all rests on; needed with one."),
]
_MANNERS = (
    Option(key="direct", title=Text(zh="直接送达", en="Handed over")),
    Option(key="left", title=Text(zh="留置送达", en="Left in the presence of witnesses")),
    Option(key="post", title=Text(zh="邮寄送达", en="By post")),
    Option(key="electronic", title=Text(zh="电子送达", en="Electronically, with consent")),
    Option(key="entrusted", title=Text(zh="委托送达", en="By another organ")),
)


class _Shapes:
    """The nested types of one kind of case, made once, so that every step has the same ones."""

    def __init__(self, name: str, choices: dict[str, tuple[Option, ...]]) -> None:
        self._name, self._choices = name, choices
        self.subject: type[Struct] = self._define(
            "Subject", self._of_subject(), "A unit or a person who is held accountable."
        )
        self.act: type[Struct] = self._define("Act", [
            _REF,
            ("what", _said(Words, "行为事实", "What was done or left undone.")),
            ("ended_on", _said(date, "行为终了日", "The day of the conduct, of continuing conduct its last (R7).")),
        ], "What was done or left undone.")  # fmt: skip
        self.ground: type[Struct] = self._define("Ground", [
            _REF,
            ("clause", self._enum("grounds", "问责情形", "The ground.")),
            ("act", _named("行为", "The act that it is about.")),
            ("subjects", _refs("追责对象", "Against whom.")),
            _maybe(Annotated[list[Ref], Meta(max_length=_MOST)], "evidence", "证据", "What proves it."),
            *_CATCH_ALL,
        ], "A ground on which subjects are held accountable for an act.")  # fmt: skip
        self.evidence: type[Struct] = self._define("Evidence", [
            _REF,
            ("kind", _said(one_of(_EVIDENCE), "证据种类", "What it is.", **{"x-enum": _notes(_EVIDENCE)})),
            ("what", _said(Line, "证明内容", "What it proves, in a line.")),
            _maybe(UUID, "id", "编号", "The id of the case, deadline, item or attachment; none of a document on paper."),
        ], "What something is proved by; frozen as it is when it is taken up.")  # fmt: skip
        self.circumstance: type[Struct] | None = self._of_circumstance()
        self.finding: type[Struct] = self._define("Finding", [
            ("ground", _named("问责情形", "The ground's ref.")),
            ("established", _said(bool, "是否认定", "Whether it is established.")),
            _REASON,
        ], "Whether a ground is established, and why.")  # fmt: skip
        self.circumstance_finding: type[Struct] = self._define("CircumstanceFinding", [
            ("circumstance", _named("情节", "The circumstance's ref.")),
            ("established", _said(bool, "是否认定", "Whether it is there.")),
            _REASON,
        ], "Whether a circumstance is there, and why.")  # fmt: skip
        self.apportionment: type[Struct] = self._of_apportionment()
        self.hearing: type[Struct] = self._define("Hearing", [
            _SUBJECT,
            ("outcome", _said(HearingOutcome, "结果", "offered; stated; waived; silent (nothing was said in time).")),
            ("offered_on", _said(date, "告知日", "When the subject was told of the right to be heard.")),
            _maybe(Words, "statement", "陈述申辩", "What was said; needed where something was."),
            _maybe(Words, "answer", "答复", "What is answered to it; needed where something was said."),
            _maybe(bool, "adopted", "是否采纳", "Whether it changed anything."),
        ], "A subject's statement and defence, and the answer to it.")  # fmt: skip
        self.decision: type[Struct] = self._of_decision()
        self.service: type[Struct] = self._define("Service", [
            _SUBJECT,
            ("manner", _said(one_of(_MANNERS), "送达方式", "How it was served.", **{"x-enum": _notes(_MANNERS)})),
            _maybe(date, "served_on", "送达日", "The day of service; that of the step, if left out."),
            _maybe(Line, "receiver", "签收人", "Who received it."),
            _maybe(Line, "proof", "送达证明", "What proves it; needed without attachments."),
        ], "A written notice that was served, with its proof.")  # fmt: skip
        self.copy: type[Struct] = self._define("CopySent", [
            ("copy", _named("抄送事项", "The copy's ref, as the case tells it.")),
            _maybe(date, "sent_on", "发出日", "When it was sent."),
            _maybe(date, "received_on", "收到日", "When it was received."),
            _maybe(Line, "reference", "文号或回执", "Its reference, or the receipt's."),
        ], "A copy, or a referral's receipt, that was sent or received.")  # fmt: skip

    def has(self, name: str) -> bool:
        """Whether the regime lists anything of the sort."""
        return bool(self._choices.get(name))

    def _define(self, name: str, entries: list[Any], doc: str) -> type[Struct]:
        entries = [entry for entry in entries if len(entry) == 2] + [entry for entry in entries if len(entry) == 3]
        return msgspec.defstruct(
            f"{self._name}{name}", entries, namespace={"__doc__": doc}, module=__name__, frozen=True,
            forbid_unknown_fields=True, kw_only=True,
        )  # fmt: skip

    def _enum(self, name: str, zh: str, en: str, *, several: bool = False) -> Any:
        options = self._choices.get(name, ())
        type_ = one_of(options) if options else Ref
        if several:
            type_ = Annotated[list[type_], Meta(max_length=_MOST, extra_json_schema=_ONCE)]  # type: ignore[valid-type]
        return describe(type_, Text(zh=zh, en=en), None, options)

    def _optional(self, name: str, choice: str, zh: str, en: str) -> list[Entry]:
        return [(name, self._enum(choice, zh, en) | UnsetType, UNSET)] if self.has(choice) else []

    def _several(self, name: str, choice: str, zh: str, en: str) -> list[Entry]:
        if not self.has(choice):
            return []
        return [(name, self._enum(choice, zh, en, several=True) | UnsetType, UNSET)]

    def _of_subject(self) -> list[Any]:
        return [
            _REF,
            ("kind", _said(SubjectKind, "单位或个人", "unit or person.")),
            ("unit_id", _said(UUID, "单位", "The unit itself; of a person the home unit.")),
            *self._optional("subject_class", "classes", "对象类别", "Which class of subjects of the text it is."),
            _maybe(Line, "name", "姓名", "The person's name; needed of a person."),
            _maybe(Line, "post", "职务", "The person's post."),
            _maybe(UUID, "person_id", "本机构人员", "Who it is on the staff; that person takes no part in the case."),
        ]

    def _of_circumstance(self) -> type[Struct] | None:
        if not self.has("circumstances"):
            return None
        return self._define("Circumstance", [
            _REF,
            ("clause", self._enum("circumstances", "情节", "The circumstance.")),
            _SUBJECT,
            ("facts", _said(Words, "情节事实", "What it lies in.")),
            *_CATCH_ALL,
        ], "A circumstance of one subject.")  # fmt: skip

    def _of_apportionment(self) -> type[Struct]:
        people = [
            _SUBJECT,
            *self._optional("role", "roles", "角色", "The part that the person had; needed with a path."),
            *self._several("facts", "facts", "影响责任的事实", "What turns the shares, as far as it is established."),
            _maybe(Line, "minutes", "会议记录", "What proves that."),
            *self._optional("share", "shares", "责任份额", "The share, where no path gives it."),
            *self._several("labels", "labels", "责任种类", "Which kinds of responsibility it is, one of each distinction."),
        ]
        part = self._define("Part", people, "What one subject did in it, or bears of it.")
        parts = Annotated[list[part], Meta(min_length=1, max_length=_MOST)]  # type: ignore[valid-type]
        return self._define("Apportionment", [
            ("acts", _refs("行为", "The acts whose responsibility it is.")),
            *self._optional("path", "paths", "决定方式", "How it was decided; the text then gives the shares."),
            ("parts", _said(parts, "各自的责任", "Everybody who had a part.")),
            _maybe(Reason, "reason", "理由", "Why it is so apportioned; needed without a path."),
        ], "Who bears what of some acts.")  # fmt: skip

    def _of_before(self) -> list[Entry]:
        """What the text asks for before a decision and the case's own steps do not tell."""
        if not self.has("before"):
            return []
        done = self._define("Before", [
            ("what", self._enum("before", "前置事项", "What was done or found before the decision.")),
            ("record", _said(Line, "记录", "Where that stands: minutes, a document, its number.")),
        ], "Something that the text asks for before a decision, with its record.")  # fmt: skip
        listed = Annotated[list[done], Meta(max_length=_MOST)]  # type: ignore[valid-type]
        return [_maybe(listed, "before", "前置事项", "What was done or found before, beside the hearing.")]

    def _of_ends(self) -> Entry:
        end = self._define("End", [
            ("sanction", self._enum("sanctions", "问责方式", "Which sanction.")),
            ("on", _said(date, "截止日", "Its last day.")),
        ], "Until when a sanction has effect.")  # fmt: skip
        listed = Annotated[list[end], Meta(max_length=_MOST)]  # type: ignore[valid-type]
        return _maybe(listed, "ends", "影响期截止", "Until when, where the text says nothing.")

    def _of_decision(self) -> type[Struct]:
        return self._define("Decision", [
            _SUBJECT,
            ("sanctions", self._enum("sanctions", "问责方式", "The sanctions, all at once; none where none is imposed.",
                                     several=True)),
            *self._optional("severity", "severities", "情节档次", "The tier of the text."),
            *self._optional("gravity", "gravities", "情节轻重", "How grave it is."),
            ("reasons", _said(Words, "决定理由", "Why; it goes into the notice.")),
            _maybe(date, "effective_on", "生效日", "From when it has effect; the day of the decision, if left out."),
            _maybe(TermFigure, "correction_term", "整改期限", "The term for the report on the correction, from service."),
            _maybe(Reason, "correction_term_reason", "期限理由", "Why this term; needed with one."),
            *self._of_before(),
            self._of_ends(),
            _maybe(Line, "lighter_version", "从轻适用的版本", "A later version of the instrument, as it is lighter (R7)."),
            _maybe(Reason, "lighter_reason", "从轻适用的理由", "Why it is lighter; needed with one."),
            *_CATCH_ALL,
        ], "What is decided about one subject.")  # fmt: skip


_EVIDENCE = (
    Option(key="case", title=Text(zh="事项", en="A case of the tenant")),
    Option(key="deadline", title=Text(zh="期限", en="A deadline and what became of it")),
    Option(key="supervision-item", title=Text(zh="督办事项", en="What had to be supervised")),
    Option(key="attachment", title=Text(zh="附件", en="An attachment of this case")),
    Option(key="document", title=Text(zh="其他书证", en="A document on paper")),
)


def _notes(options: tuple[Option, ...]) -> list[dict[str, str]]:
    return [{"value": it.key or "", "title": it.title.zh, "description": it.title.en} for it in options if it.title]


def matter_entries(kind: CaseKind, step: StepKind) -> list[Entry]:
    """The fields of a step of an accountability case, by its verb."""
    shapes = _shapes_of(kind.key, msgspec.json.encode(kind.choices))
    return _ENTRIES[step.verb](shapes)


@lru_cache(maxsize=64)
def _shapes_of(key: str, choices: bytes) -> _Shapes:
    from core.cases.bodies import camel  # it makes the bodies of which these are parts

    return _Shapes(camel(key), msgspec.json.decode(choices, type=dict[str, tuple[Option, ...]]))


def _many(type_: Any, zh: str, en: str) -> Any:
    return _said(Annotated[list[type_], Meta(min_length=1, max_length=_MOST)], zh, en)


def _list(name: str, type_: Any, zh: str, en: str) -> Entry:
    return name, _many(type_, zh, en)


def _optional_list(name: str, type_: Any, zh: str, en: str) -> Entry:
    return name, _many(type_, zh, en) | UnsetType, UNSET


def _charge(shapes: _Shapes) -> list[Entry]:
    entries = [
        _optional_list("subjects", shapes.subject, "追责对象", "Units and people who are held accountable."),
        _optional_list("acts", shapes.act, "行为", "What was done or left undone."),
        _optional_list("evidence", shapes.evidence, "证据", "What proves it; frozen as it is now."),
        _optional_list("grounds", shapes.ground, "问责情形", "The grounds, each for an act of some subjects."),
    ]
    told = shapes.circumstance
    return entries + ([_optional_list("circumstances", told, "情节", "Of each subject.")] if told else [])


def _establish(shapes: _Shapes) -> list[Entry]:
    entries = [_optional_list("findings", shapes.finding, "情形认定", "Ground by ground.")]
    if shapes.circumstance:
        found = shapes.circumstance_finding
        entries.append(_optional_list("circumstance_findings", found, "情节认定", "Circumstance by circumstance."))
    return entries


def _review(shapes: _Shapes) -> list[Entry]:
    return [
        ("outcome", _said(AppealOutcome, "处理结果", "upheld, changed or revoked.")),
        ("answer", _said(Words, "答复", "What is answered, with the reasons.")),
        _maybe(UUID, "appeal_id", "申诉", "Which appeal; needed where several wait."),
        ("decision", _said(shapes.decision | UnsetType, "变更后的决定", "What is decided instead; where changed."), UNSET),
    ]


def _refer(_: _Shapes) -> list[Entry]:
    return [
        ("subjects", _refs("移送对象", "Whose matter is referred.")),
        ("receiver", _said(Line, "接收机关", "The organ that it is referred to.")),
        ("reference", _said(Line, "移送文号", "The reference of the letter.")),
        _REASON,
        _maybe(date, "referred_on", "移送日", "When; the day of the step, if left out."),
    ]


def _measure(shapes: _Shapes) -> list[Entry]:
    return [
        _SUBJECT,
        ("sanction", shapes._enum("sanctions", "措施", "What that organ decided.")),
        ("organ", _said(Line, "决定机关", "The organ that is competent for it.")),
        ("document", _said(Line, "文号", "The document by which it decided.")),
        ("decided_on", _said(date, "决定日", "When it decided.")),
    ]


_ENTRIES: dict[Verb, Callable[[_Shapes], list[Entry]]] = {
    Verb.CHARGE: _charge,
    Verb.ESTABLISH: _establish,
    Verb.APPORTION: lambda it: [_list("apportionments", it.apportionment, "责任区分", "Who bears what.")],
    Verb.HEAR: lambda it: [_list("hearings", it.hearing, "陈述申辩", "Each subject's hearing.")],
    Verb.DECIDE: lambda it: [_list("decisions", it.decision, "决定", "What is decided, subject by subject.")],
    Verb.SERVE: lambda it: [_list("services", it.service, "送达", "Each notice that was served.")],
    Verb.APPEAL: lambda _: [_SUBJECT, ("reasons", _said(Words, "理由", "Why the subject does not accept it."))],
    Verb.REVIEW: _review,
    Verb.REFER: _refer,
    Verb.COPY: lambda it: [_list("copies", it.copy, "抄送和回执", "What was sent, and what was received.")],
    Verb.MEASURE: _measure,
    Verb.REPORT_BACK: lambda _: [_SUBJECT, ("report", _said(Words, "书面报告", "What was put right, as reported."))],
    Verb.LIFT: lambda _: [
        ("effect", _said(int, "影响期", "The number of the effect that ends early.", minimum=1)),
        _REASON,
    ],
    Verb.CONSENT: lambda _: [
        ("granted", _said(bool, "是否同意公布", "Whether the result may be published.")),
        ("organ", _said(Line, "批准机关", "Who says so.")),
        ("document", _said(Line, "文号", "By which document.")),
        _maybe(Reason, "kept_out", "不予公布的内容", "What is kept out of it: personal data, secrets."),
    ],
}
