"""The input that each step of a city asks for, as msgspec types made from the city's data: once per city, then cached.

From the same types come validation and the document for integrators, so that the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from core.cases.identity import Identity
from core.cases.matter_bodies import matter_entries
from core.cases.moving_bodies import REASON, REQUEST, Entry, justification_entries, moving_entries
from core.cases.moving_bodies import Reason as Reason
from core.cases.options import describe as describe
from core.cases.options import one_of as one_of
from core.cases.options import value_of as value_of
from core.cases.part_bodies import LongText, ShortText, parts_of
from core.cases.place import Place, ReplyChannel
from core.cases.rendition import RENDITION, has_rendition
from core.feedback.bodies import ANSWER_ENTRIES
from core.law.instrument import TermFigure, Text
from core.procedure import CO_HANDLER, EXTENSION, OF_MATTERS, CaseKind, Field, FieldType, Option, Part, StepKind, Verb
from core.tenants.names import VISIBLE

Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339, with its offset from UTC")]
_SUBJECT = Annotated[ShortText, Meta(title="标题", description="What it is about, in a line.")]
_NARRATIVE = Annotated[LongText, Meta(title="诉求内容", description="The matter as it was told.")]
_RECEIVED = Annotated[
    Instant | None,
    Meta(title="收到时间", description="When it was received, RFC 3339. Now, if left out."),
]
_OCCURRED = Annotated[
    Instant | None,
    Meta(title="发生时间", description="When it happened in legal time, RFC 3339. Now, if left out."),
]
_NOTE = Annotated[Reason | None, Meta(title="备注", description="A remark, kept with the step.")]
_TEXT = Annotated[LongText, Meta(title="内容", description="What is said, word for word.")]
_TERM_REASON = Annotated[Reason | UnsetType, Meta(title="时限理由", description="Why this term; needed with one.")]
_CATCH_ALL_REASON = Annotated[
    Reason | UnsetType,
    Meta(title="兜底项理由", description="Why a value is chosen that has `needs_reason`; needed with one."),
]
_CATCH_ALL_BASIS = Annotated[
    Reason | UnsetType,
    Meta(title="兜底项依据", description="What that choice rests on; needed with one."),
]
_RECEIVED_REASON = Annotated[
    Reason | None,
    Meta(title="补登理由", description="Why it is registered on a later day than it was received; needed then."),
]
_CATEGORY = Annotated[
    ShortText | None, Meta(title="分类", description="The code of one of the tenant's categories; see GET /categories.")
]
_PLACE = Annotated[Place | None, Meta(title="事发地点", description="Where the matter is.")]
_REPLY_CHANNEL = Annotated[
    ReplyChannel | None, Meta(title="希望的回复方式", description="How the petitioner wants to be answered.")
]
_CONFIDENTIALITY = Annotated[
    bool, Meta(title="要求保密", description="Whether the petitioner asks that personal information is kept from others.")
]
_ATTACHMENTS = Annotated[
    Annotated[list[UUID], Meta(max_length=20, extra_json_schema={"uniqueItems": True})] | None,
    Meta(
        title="附件",
        description="Files uploaded before (POST /attachments), or none. Units see those of their own steps, and those "
        "that come with a dispatch, a send-back or a reminder.",
    ),
]
_UNITS = Meta(title="承办单位", description="The units that handle it; exactly one leads.")
_PETITIONER = Annotated[
    Identity | None, Meta(title="诉求人", description="Who brings it, stored apart and sealed. Anonymous, if left out.")
]
_CO_PETITIONERS = Annotated[
    Annotated[list[Identity], Meta(min_length=1, max_length=50)] | None,
    Meta(title="其他诉求人", description="Who else brings the same matter; each gets a receipt of their own."),
]
_RENDITION = Annotated[
    Annotated[LongText, Meta(pattern=VISIBLE)] | None,
    Meta(
        title="脱敏文本",
        description="What units read in place of the narrative, written by a person and thereby confirmed. It may tell "
        "nothing of who brings the matter.",
        extra_json_schema={"x-clause": RENDITION},
    ),
]
_SUGGEST = Annotated[
    bool, Meta(title="提示疑似重复", description="Whether the reply names cases that may be about the same matter.")
]
_UNIT_BELOW = Annotated[
    UUID, Meta(title="下属单位", description="The unit that takes it over, directly below one's own on the day.")
]
_UNIT_ASKED = Annotated[UUID, Meta(title="协办单位", description="The unit that is to cooperate.")]
_OWN_TERM = Annotated[
    TermFigure | UnsetType, Meta(title="办理时限", description="The joining unit's own term; before the setting.")
]
_EVIDENCE_NOTE = Annotated[str, Meta(min_length=1, max_length=2_000)] | None
_NO_EVIDENCE = Text(zh="无证据说明", en="Why there is no evidence; needed without attachments.")
_MOST_UNITS, _MOST_CHOICES = 50, 50
_CHANNEL = Text(zh="渠道", en="The channel by which it came in.")
_TRACK = Text(zh="办理方式", en="The track on which it is handled.")


class UnitDispatch(Struct, frozen=True, forbid_unknown_fields=True):
    """A unit to which a case is dispatched, with its part; a term of its own needs its reason."""

    unit_id: Annotated[UUID, Meta(title="承办单位", description="The unit; active on the day of the dispatch.")]
    part: Annotated[Part, Meta(title="牵头或配合", description="Lead or cooperating; exactly one unit leads.")]
    term: Annotated[
        TermFigure | None,
        Meta(title="办理时限", description="The unit's own term, where the law leaves the figure open; before the setting."),
    ] = None
    term_reason: Annotated[Reason | None, Meta(title="时限理由", description="Why this term; needed with one.")] = None


def make_step_body(kind: CaseKind, step: StepKind) -> type[Struct]:
    """The body of one step of one kind of case."""
    said = justification_entries(step) if step.is_about_lateness else _by_verb(kind, step)
    entries = [*said, *_own(kind, step)]
    entries += [("evidence_note", describe(_EVIDENCE_NOTE, _NO_EVIDENCE, step.evidence), None)] if step.evidence else []
    entries += [("occurred_at", _OCCURRED, None), ("note", _NOTE, None), ("attachments", _ATTACHMENTS, None)]
    return _define(f"{camel(kind.key)}{camel(step.key)}", entries, step.title.en)


def make_registration_body(kind: CaseKind) -> type[Struct]:
    """The body that registers a case of one kind; ``kind`` tells the kinds of a city apart."""
    entries: list[Entry] = [
        ("channel", describe(one_of(kind.channels), _CHANNEL, None, kind.channels)),
        ("title", _SUBJECT),
        ("narrative", _NARRATIVE),
        *_own(kind, kind.registration),
        ("received_at", _RECEIVED, None),
        ("received_reason", _RECEIVED_REASON, None),
        ("category", _CATEGORY, None),
        ("place", _PLACE, None),
        ("note", _NOTE, None),
        ("attachments", _ATTACHMENTS, None),
        ("suggest_duplicates", _SUGGEST, True),
    ]
    if kind.petitioner != "none":
        entries += _of_petitioner()
    return _define(f"Register{camel(kind.key)}", entries, f"Register: {kind.title.en}", tag=kind.key)


def _of_petitioner() -> list[Entry]:
    return [
        ("petitioner", _PETITIONER, None),
        ("co_petitioners", _CO_PETITIONERS, None),
        ("rendition", _RENDITION, None),
        ("reply_channel", _REPLY_CHANNEL, None),
        ("wishes_confidentiality", _CONFIDENTIALITY, False),
    ]


def make_registration_union(kinds: Iterable[CaseKind]) -> Any:
    """The body of ``POST /cases``: one of the city's kinds, told apart by ``kind``."""
    bodies = tuple(make_registration_body(kind) for kind in kinds)
    union: Any = bodies[0]
    for body in bodies[1:]:
        union = union | body
    return union


def offered(kind: CaseKind, step: StepKind) -> list[tuple[str, tuple[Option, ...]]]:
    """Every enumeration that a step's body offers: the field and its options."""
    own = [(field.key, field.options) for field in step.fields if field.options]
    if step.verb is Verb.REGISTER:
        return [("channel", kind.channels), *own]
    return [("track", kind.tracks), *own] if step.verb is Verb.CLASSIFY else own


def _define(name: str, entries: Iterable[Entry], doc: str, tag: str | None = None) -> type[Struct]:
    required = [entry for entry in entries if len(entry) == 2]
    optional = [entry for entry in entries if len(entry) == 3]
    return msgspec.defstruct(
        name,
        [*required, *optional],
        namespace={"__doc__": doc},
        module=__name__,
        frozen=True,
        forbid_unknown_fields=True,
        kw_only=True,
        tag=tag,
        tag_field="kind" if tag else None,
    )


def _by_verb(kind: CaseKind, step: StepKind) -> list[Entry]:
    if step.verb is Verb.CLASSIFY:
        return [("track", describe(one_of(kind.tracks), _TRACK, step.clause, kind.tracks))]
    if step.verb is Verb.DISPATCH:
        units: Entry = ("units", Annotated[list[UnitDispatch], Meta(min_length=1, max_length=_MOST_UNITS), _UNITS])
        return [units, *([("rendition", _RENDITION, None)] if has_rendition(kind) else [])]
    if step.verb in {Verb.REFUSE, Verb.SEND_BACK, Verb.REOPEN, Verb.WITHDRAW}:
        return [("reason", REASON)]
    if step.verb is Verb.SPLIT:
        return [("parts", parts_of(has_rendition(kind)))]
    if step.verb in {Verb.ASK, Verb.GRANT, Verb.DECLINE, Verb.PASS_ON}:
        return _of_request(step)
    if step.verb is Verb.FEEDBACK:
        return list(ANSWER_ENTRIES)
    if step.verb in {Verb.PAUSE, Verb.RESUME, Verb.EXTEND}:
        return moving_entries(step)
    if step.verb in OF_MATTERS:
        return matter_entries(kind, step)
    return [("text", _TEXT)] if step.verb in {Verb.REPLY, Verb.REMIND, Verb.INFORM} else []


def _of_request(step: StepKind) -> list[Entry]:
    """What is asked for, and on which request a step decides."""
    if step.verb is Verb.PASS_ON:
        return [("unit_id", _UNIT_BELOW)]
    if EXTENSION in {step.asks, step.decides} and step.verb is not Verb.DECLINE:
        return moving_entries(step)
    if step.verb is Verb.ASK:
        return [("reason", REASON), *([("unit_id", _UNIT_ASKED)] if step.asks == CO_HANDLER else [])]
    if step.verb is Verb.DECLINE:
        return [("reason", REASON), ("request_id", REQUEST, None)]
    entries: list[Entry] = [("request_id", REQUEST, None)]
    if step.decides == CO_HANDLER:
        entries += [("term", _OWN_TERM, UNSET), ("term_reason", _TERM_REASON, UNSET)]
    return entries


def _own(kind: CaseKind, step: StepKind) -> list[Entry]:
    entries: list[Entry] = []
    for field in step.fields:
        required, type_ = field.required, type_of(field) if field.required else type_of(field) | UnsetType
        described = describe(type_, field.title, field.clause, field.options, field.required_when)
        entries.append((field.key, described) if required else (field.key, described, UNSET))
        if field.type is FieldType.TERM:
            entries.append((f"{field.key}_reason", _TERM_REASON, UNSET))
    if any(option.needs_reason for _, options in offered(kind, step) for option in options):
        entries += [("catch_all_reason", _CATCH_ALL_REASON, UNSET), ("catch_all_basis", _CATCH_ALL_BASIS, UNSET)]
    return entries


def type_of(field: Field) -> Any:
    """The type of a field's value."""
    text = Annotated[str, Meta(min_length=1, max_length=field.max_length)]
    match field.type:
        case FieldType.ENUM:
            return one_of(field.options)
        case FieldType.ENUMS:
            return Annotated[list[one_of(field.options)], _each_once(_MOST_CHOICES)]  # type: ignore[misc]  # run-time Literal
        case FieldType.INTEGER:
            return Annotated[int, Meta(ge=field.minimum, le=field.maximum)]
        case FieldType.TEXTS:
            return Annotated[list[text], _each_once(_MOST_CHOICES)]  # bounds known only at run time
        case FieldType.UNITS:
            return Annotated[list[UUID], _each_once(_MOST_UNITS)]
        case FieldType.CATEGORY:
            return ShortText
        case _:
            return _PLAIN.get(field.type, text)


def _each_once(most: int) -> Meta:
    """The bounds of a list whose values stand in it once each; the checks refuse what stands twice."""
    return Meta(min_length=1, max_length=most, extra_json_schema={"uniqueItems": True})


_PLAIN: dict[FieldType, Any] = {
    FieldType.BOOLEAN: bool,
    FieldType.DATE: date,
    FieldType.INSTANT: Instant,
    FieldType.UNIT: UUID,
    FieldType.TERM: TermFigure,
}


def camel(key: str) -> str:
    """A key as the name of a type."""
    return "".join(part.capitalize() for part in key.replace(".", "-").split("-"))
