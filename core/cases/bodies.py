"""The input that each step of a city asks for, as msgspec types made from the city's data: once per city, then cached.

From the same types come validation and the document for integrators, so that the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from core.cases.identity import Identity
from core.law.instrument import Text, Unit
from core.procedure import CaseKind, Condition, Field, FieldType, Option, Part, StepKind, Verb

LongText = Annotated[str, Meta(min_length=1, max_length=20_000)]
ShortText = Annotated[str, Meta(min_length=1, max_length=200)]
Reason = Annotated[str, Meta(min_length=1, max_length=2_000)]
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
_REASON = Annotated[Reason, Meta(title="理由", description="Why; kept with the step.")]
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
_UNITS = Meta(title="承办单位", description="The units that handle it; exactly one leads.")
_PETITIONER = Annotated[
    Identity | None, Meta(title="诉求人", description="Who brings it, stored apart and sealed. Anonymous, if left out.")
]
_MOST_UNITS, _MOST_CHOICES = 50, 50
_CHANNEL = Text(zh="渠道", en="The channel by which it came in.")
_TRACK = Text(zh="办理方式", en="The track on which it is handled.")


class TermFigure(Struct, frozen=True, forbid_unknown_fields=True):
    """A term that somebody states: a length in a unit of time. 'The same day' has length 0, every other at least 1."""

    unit: Unit
    length: Annotated[int, Meta(ge=0, le=10_000)]


class UnitDispatch(Struct, frozen=True, forbid_unknown_fields=True):
    """A unit to which a case is dispatched, with its part; a term of its own needs its reason."""

    unit_id: Annotated[UUID, Meta(title="承办单位", description="The unit; active on the day of the dispatch.")]
    part: Annotated[Part, Meta(title="牵头或配合", description="Lead or cooperating; exactly one unit leads.")]
    term: Annotated[
        TermFigure | None,
        Meta(title="办理时限", description="The unit's own term, where the law leaves the figure open; before the setting."),
    ] = None
    term_reason: Annotated[Reason | None, Meta(title="时限理由", description="Why this term; needed with one.")] = None


Entry = tuple[str, Any] | tuple[str, Any, Any]
"""A field of a made type: name, type and, where it may be left out, its default."""


def make_step_body(kind: CaseKind, step: StepKind) -> type[Struct]:
    """The body of one step of one kind of case."""
    entries = [*_by_verb(kind, step), *_own(kind, step)]
    entries += [("occurred_at", _OCCURRED, None), ("note", _NOTE, None)]
    return _define(f"{camel(kind.key)}{camel(step.key)}", entries, step.title.en)


def make_registration_body(kind: CaseKind) -> type[Struct]:
    """The body that registers a case of one kind; ``kind`` tells the kinds of a city apart."""
    entries: list[Entry] = [
        ("channel", describe(one_of(kind.channels), _CHANNEL, None, kind.channels)),
        ("title", _SUBJECT),
        ("narrative", _NARRATIVE),
        *_own(kind, kind.registration),
        ("received_at", _RECEIVED, None),
        ("note", _NOTE, None),
    ]
    if kind.petitioner != "none":
        entries.append(("petitioner", _PETITIONER, None))
    return _define(f"Register{camel(kind.key)}", entries, f"Register: {kind.title.en}", tag=kind.key)


def make_registration_union(kinds: Iterable[CaseKind]) -> Any:
    """The body of ``POST /cases``: one of the city's kinds, told apart by ``kind``."""
    bodies = tuple(make_registration_body(kind) for kind in kinds)
    union: Any = bodies[0]
    for body in bodies[1:]:
        union = union | body
    return union


def one_of(options: Iterable[Option]) -> Any:
    """The enumeration of some options: their keys, or their citations where they have no key."""
    return Literal[tuple(value_of(option) for option in options)]


def describe(
    type_: Any, title: Text, clause: str | None, options: Iterable[Option] = (), needed: Condition | None = None
) -> Any:
    """The type with what the document says of it: title in both languages, clause, each option with its own, and when
    it is needed though it may be left out."""
    notes: dict[str, Any] = {"x-clause": clause} if clause else {}
    notes |= {"x-required-when": needed} if needed else {}
    listed = [_note(option) for option in options]
    if listed:
        notes["x-enum"] = listed
    return Annotated[type_, Meta(title=title.zh, description=title.en, extra_json_schema=notes)]


def _note(option: Option) -> dict[str, Any]:
    text = option.title or Text(zh=value_of(option), en=value_of(option))
    note = {"value": value_of(option), "title": text.zh, "description": text.en}
    if option.clause:
        note["clause"] = option.clause
    return note | ({"needs_reason": True} if option.needs_reason else {})


def offered(kind: CaseKind, step: StepKind) -> list[tuple[str, tuple[Option, ...]]]:
    """Every enumeration that a step's body offers: the field and its options."""
    own = [(field.key, field.options) for field in step.fields if field.options]
    if step.verb is Verb.REGISTER:
        return [("channel", kind.channels), *own]
    return [("track", kind.tracks), *own] if step.verb is Verb.CLASSIFY else own


def value_of(option: Option) -> str:
    """The value by which an option is chosen."""
    return option.key or option.clause or ""


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
        return [("units", Annotated[list[UnitDispatch], Meta(min_length=1, max_length=_MOST_UNITS), _UNITS])]
    if step.verb in {Verb.REFUSE, Verb.SEND_BACK, Verb.REOPEN, Verb.WITHDRAW}:
        return [("reason", _REASON)]
    return [("text", _TEXT)] if step.verb in {Verb.REPLY, Verb.REMIND} else []


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
