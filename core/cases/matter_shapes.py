"""The nested types of what steps of an accountability case say, made once for each kind, so that all its steps share them.

Grounds, circumstances, sanctions and the like are enumerations of the kind's own regime, so that what one regime lists
cannot be used under another.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from core.cases.moving_bodies import Entry, Reason
from core.cases.options import describe, one_of
from core.law.instrument import TermFigure, Text
from core.procedure import Option
from core.sanctions.matter import HearingOutcome, Ref, SubjectKind

_MOST = 50
_ONCE = {"uniqueItems": True}
Words = Annotated[str, Meta(min_length=1, max_length=10_000)]
Line = Annotated[str, Meta(min_length=1, max_length=300)]


def said(type_: Any, zh: str, en: str, **more: Any) -> Any:
    """The type with its title and description."""
    return Annotated[type_, Meta(title=zh, description=en, extra_json_schema=more or None)]


def named(zh: str, en: str) -> Any:
    """The ref of something that the case knows."""
    return said(Ref, zh, en)


def refs(zh: str, en: str) -> Any:
    """Refs, at least one, each once."""
    return Annotated[list[Ref], Meta(min_length=1, max_length=_MOST, title=zh, description=en, extra_json_schema=_ONCE)]


def maybe(type_: Any, name: str, zh: str, en: str) -> Entry:
    """A field that may be left out."""
    return name, said(type_ | UnsetType, zh, en), UNSET


def many(type_: Any, least: int = 1) -> Any:
    """A list of such things."""
    return Annotated[list[type_], Meta(min_length=least, max_length=_MOST)]


def _each_once(type_: Any) -> Any:
    return Annotated[list[type_], Meta(max_length=_MOST, extra_json_schema=_ONCE)]


def notes(options: tuple[Option, ...]) -> list[dict[str, str]]:
    """What the document says of the core's own options."""
    return [{"value": it.key or "", "title": it.title.zh, "description": it.title.en} for it in options if it.title]


SUBJECT: Entry = ("subject", named("追责对象", "The subject's ref."))
REASON: Entry = ("reason", said(Reason, "理由", "Why; kept with it."))
_REF: Entry = ("ref", named("简称", "What the case calls it from here on: letters, digits and hyphens."))
_CATCH_ALL: list[Entry] = [
    maybe(Reason, "catch_all_reason", "兜底项理由", "Why a catch-all is used; needed with one."),
    maybe(Reason, "catch_all_basis", "兜底项依据", "What a catch-all rests on; needed with one."),
]
_MANNERS = (
    Option(key="direct", title=Text(zh="直接送达", en="Handed over")),
    Option(key="left", title=Text(zh="留置送达", en="Left in the presence of witnesses")),
    Option(key="post", title=Text(zh="邮寄送达", en="By post")),
    Option(key="electronic", title=Text(zh="电子送达", en="Electronically, with consent")),
    Option(key="entrusted", title=Text(zh="委托送达", en="By another organ")),
)
_EVIDENCE = (
    Option(key="case", title=Text(zh="事项", en="A case of the tenant")),
    Option(key="deadline", title=Text(zh="期限", en="A deadline and what became of it")),
    Option(key="supervision-item", title=Text(zh="督办事项", en="What had to be supervised")),
    Option(key="attachment", title=Text(zh="附件", en="An attachment of this case")),
    Option(key="document", title=Text(zh="其他书证", en="A document on paper")),
)


class Shapes:
    """The nested types of one kind of case, by what its regime lists."""

    def __init__(self, name: str, choices: dict[str, tuple[Option, ...]], *, points: bool) -> None:
        self._name, self._choices, self._points = name, choices, points

    @cached_property
    def subject(self) -> type[Struct]:
        """Whom the case is about."""
        entries = [
            _REF,
            ("kind", said(SubjectKind, "单位或个人", "unit or person.")),
            ("unit_id", said(UUID, "单位", "The unit itself; of a person the home unit.")),
            *self.optional("subject_class", "classes", "对象类别", "Which class of subjects of the text it is."),
            maybe(Line, "name", "姓名", "The person's name; needed of a person."),
            maybe(Line, "post", "职务", "The person's post."),
            maybe(UUID, "person_id", "本机构人员", "Who it is on the staff; that person takes no part in the case."),
        ]
        return self._define("Subject", entries, "A unit or a person who is held accountable.")

    @cached_property
    def act(self) -> type[Struct]:
        """What was done."""
        entries: list[Entry] = [
            _REF,
            ("what", said(Words, "行为事实", "What was done or left undone.")),
            ("ended_on", said(date, "行为终了日", "The day of the conduct, of continuing conduct its last (R7).")),
        ]
        return self._define("Act", entries, "What was done or left undone.")

    @cached_property
    def ground(self) -> type[Struct]:
        """On what it is answered for."""
        entries = [
            _REF,
            ("clause", self.enum("grounds", "问责情形", "The ground.")),
            ("act", named("行为", "The act that it is about.")),
            ("subjects", refs("追责对象", "Against whom.")),
            maybe(many(Ref, 0), "evidence", "证据", "What proves it."),
            *_CATCH_ALL,
        ]
        return self._define("Ground", entries, "A ground on which subjects are held accountable for an act.")

    @cached_property
    def evidence(self) -> type[Struct]:
        """By what it is proved."""
        entries = [
            _REF,
            ("kind", said(one_of(_EVIDENCE), "证据种类", "What it is.", **{"x-enum": notes(_EVIDENCE)})),
            ("what", said(Line, "证明内容", "What it proves, in a line.")),
            maybe(UUID, "id", "编号", "The id of the case, deadline, item or attachment; none of a document on paper."),
        ]
        return self._define("Evidence", entries, "What something is proved by; frozen as it is when it is taken up.")

    @cached_property
    def circumstance(self) -> type[Struct] | None:
        """A circumstance, where the regime has any."""
        if not self.has("circumstances"):
            return None
        entries = [
            _REF,
            ("clause", self.enum("circumstances", "情节", "The circumstance.")),
            SUBJECT,
            ("facts", said(Words, "情节事实", "What it lies in.")),
            *_CATCH_ALL,
        ]
        return self._define("Circumstance", entries, "A circumstance of one subject.")

    def finding(self, of: str, zh: str, en: str) -> type[Struct]:
        """Whether a ground or a circumstance is established."""
        entries = [
            (of, named(zh, f"The {of}'s ref.")),
            ("established", said(bool, "是否认定", "Whether it is established.")),
            REASON,
        ]
        return self._define(f"{of.capitalize()}Finding", entries, en)

    @cached_property
    def ground_finding(self) -> type[Struct]:
        """What became of a ground."""
        return self.finding("ground", "问责情形", "Whether a ground is established, and why.")

    @cached_property
    def circumstance_finding(self) -> type[Struct]:
        """What became of a circumstance."""
        return self.finding("circumstance", "情节", "Whether a circumstance is there, and why.")

    @cached_property
    def apportionment(self) -> type[Struct]:
        """Who bears what."""
        people = [
            SUBJECT,
            *self.optional("role", "roles", "角色", "The part that the person had; needed with a path."),
            *self.several("facts", "facts", "影响责任的事实", "What turns the shares, as far as it is established."),
            maybe(Line, "minutes", "会议记录", "What proves that."),
            *self.optional("share", "shares", "责任份额", "The share, where no path gives it."),
            *self.several("labels", "labels", "责任种类", "Which kinds of responsibility it is, one of each distinction."),
        ]
        part = self._define("Part", people, "What one subject did in it, or bears of it.")
        entries = [
            ("acts", refs("行为", "The acts whose responsibility it is.")),
            *self.optional("path", "paths", "决定方式", "How it was decided; the text then gives the shares."),
            ("parts", said(many(part), "各自的责任", "Everybody who had a part.")),
            maybe(Reason, "reason", "理由", "Why it is so apportioned; needed without a path."),
        ]
        return self._define("Apportionment", entries, "Who bears what of some acts.")

    @cached_property
    def hearing(self) -> type[Struct]:
        """A hearing."""
        entries = [
            SUBJECT,
            ("outcome", said(HearingOutcome, "结果", "offered; stated; waived; silent (nothing was said in time).")),
            ("offered_on", said(date, "告知日", "When the subject was told of the right to be heard.")),
            maybe(Words, "statement", "陈述申辩", "What was said; needed where something was."),
            maybe(Words, "answer", "答复", "What is answered to it; needed where something was said."),
            maybe(bool, "adopted", "是否采纳", "Whether it changed anything."),
        ]
        return self._define("Hearing", entries, "A subject's statement and defence, and the answer to it.")

    @cached_property
    def decision(self) -> type[Struct]:
        """A decision."""
        imposed = self.enum("sanctions", "问责方式", "The sanctions, all at once; none where none is imposed.", several=True)
        entries = [
            SUBJECT,
            ("sanctions", imposed),
            *self.optional("severity", "severities", "情节档次", "The tier of the text."),
            *self.optional("gravity", "gravities", "情节轻重", "How grave it is."),
            ("reasons", said(Words, "决定理由", "Why; it goes into the notice.")),
            maybe(date, "effective_on", "生效日", "From when it has effect; the day of the decision, if left out."),
            maybe(TermFigure, "correction_term", "整改期限", "The term for the report on the correction, from service."),
            maybe(Reason, "correction_term_reason", "期限理由", "Why this term; needed with one."),
            *self._before(),
            self._ends(),
            *self._of_points(),
            maybe(Words, "overriding_norm", "另有规定的上位规范", "A higher norm that prevails, with its text."),
            maybe(Line, "lighter_version", "从轻适用的版本", "A later version of the instrument, as it is lighter (R7)."),
            maybe(Reason, "lighter_reason", "从轻适用的理由", "Why it is lighter; needed with one."),
            *_CATCH_ALL,
        ]
        return self._define("Decision", entries, "What is decided about one subject.")

    @cached_property
    def service(self) -> type[Struct]:
        """A service."""
        entries = [
            SUBJECT,
            ("manner", said(one_of(_MANNERS), "送达方式", "How it was served.", **{"x-enum": notes(_MANNERS)})),
            maybe(date, "served_on", "送达日", "The day of service; that of the step, if left out."),
            maybe(Line, "receiver", "签收人", "Who received it."),
            maybe(Line, "proof", "送达证明", "What proves it; needed without attachments."),
        ]
        return self._define("Service", entries, "A written notice that was served, with its proof.")

    @cached_property
    def copy(self) -> type[Struct]:
        """A copy."""
        entries = [
            ("copy", named("抄送事项", "The copy's ref, as the case tells it.")),
            maybe(date, "sent_on", "发出日", "When it was sent."),
            maybe(date, "received_on", "收到日", "When it was received."),
            maybe(Line, "reference", "文号或回执", "Its reference, or the receipt's."),
        ]
        return self._define("CopySent", entries, "A copy, or a referral's receipt, that was sent or received.")

    def has(self, name: str) -> bool:
        """Whether the regime lists anything of the sort."""
        return bool(self._choices.get(name))

    def enum(self, name: str, zh: str, en: str, *, several: bool = False) -> Any:
        """The enumeration of what the regime lists."""
        options = self._choices.get(name, ())
        one = one_of(options) if options else Ref
        return describe(_each_once(one) if several else one, Text(zh=zh, en=en), None, options)

    def optional(self, name: str, choice: str, zh: str, en: str) -> list[Entry]:
        """One of what the regime lists, where it lists any."""
        return [(name, self.enum(choice, zh, en) | UnsetType, UNSET)] if self.has(choice) else []

    def several(self, name: str, choice: str, zh: str, en: str) -> list[Entry]:
        """Some of what the regime lists, where it lists any."""
        return [(name, self.enum(choice, zh, en, several=True) | UnsetType, UNSET)] if self.has(choice) else []

    def _before(self) -> list[Entry]:
        """What the text asks for before a decision and the case's own steps do not tell."""
        if not self.has("before"):
            return []
        entries: list[Entry] = [
            ("what", self.enum("before", "前置事项", "What was done or found before the decision.")),
            ("record", said(Line, "记录", "Where that stands: minutes, a document, its number.")),
        ]
        done = self._define("Before", entries, "Something that the text asks for before a decision, with its record.")
        return [maybe(many(done, 0), "before", "前置事项", "What was done or found before, beside the hearing.")]

    def _ends(self) -> Entry:
        entries: list[Entry] = [
            ("sanction", self.enum("sanctions", "问责方式", "Which sanction.")),
            ("on", said(date, "截止日", "Its last day.")),
        ]
        end = self._define("End", entries, "Until when a sanction has effect.")
        return maybe(many(end, 0), "ends", "影响期截止", "Until when, where the text says nothing.")

    def _of_points(self) -> list[Entry]:
        if not self._points:
            return []
        exact = Annotated[str, Meta(pattern=r"^[0-9]{1,4}(?:\.[0-9]{1,2})?$(?!\n)")]
        en = "What is taken off the year's assessment in all; needed where the tenant has set no figure per ground."
        return [
            maybe(exact, "points", "扣减分值", en),
            maybe(Reason, "points_reason", "扣分理由", "Why so much; needed where it is said."),
        ]

    def _define(self, name: str, entries: list[Any], doc: str) -> type[Struct]:
        entries = [entry for entry in entries if len(entry) == 2] + [entry for entry in entries if len(entry) == 3]
        return msgspec.defstruct(
            f"{self._name}{name}", entries, namespace={"__doc__": doc}, module=__name__, frozen=True,
            forbid_unknown_fields=True, kw_only=True,
        )  # fmt: skip
