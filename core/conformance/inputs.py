"""The input of each step: fields that can be filled, enumerations that can be read, examples that are valid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from core.cases.bodies import value_of
from core.conformance.city import City, fields_of, make_body, steps_of
from core.conformance.finding import Finding
from core.conformance.walk import repeated
from core.procedure import CaseKind, Field, FieldType, StepKind, Verb

ENUMS = {FieldType.ENUM, FieldType.ENUMS}
_NEEDS_NO_EXAMPLE = ENUMS | {FieldType.UNIT, FieldType.UNITS, FieldType.TERM, FieldType.CATEGORY}
_EVERYWHERE = {
    "evidence_note",
    "rendition",
    "occurred_at",
    "note",
    "kind",
    "channel",
    "track",
    "state",
    "anonymous",
    "overdue",
}
_BY_VERB = {
    Verb.REGISTER: {"title", "narrative", "received_at", "petitioner"},
    Verb.DISPATCH: {"units"},
    Verb.REPLY: {"text"},
    Verb.REMIND: {"text"},
    Verb.INFORM: {"text"},
    Verb.ASK: {"reason", "unit_id", "length", "beyond_reason"},
    Verb.GRANT: {"request_id", "reason", "basis", "term", "term_reason", "length", "beyond_reason"},
    Verb.DECLINE: {"request_id", "reason"},
    Verb.PASS_ON: {"unit_id"},
    Verb.SPLIT: {"parts"},
    Verb.PAUSE: {"reason", "basis"},
    Verb.RESUME: {"reason", "basis"},
    Verb.EXTEND: {"reason", "basis", "length", "beyond_reason"},
    **{verb: {"reason"} for verb in (Verb.REFUSE, Verb.SEND_BACK, Verb.REOPEN, Verb.WITHDRAW)},
}
_OF_LATENESS = {"reason", "deadline_id", "request_id"}


def check_fields(city: City) -> Iterator[Finding]:
    """Names stand once and are not the core's own; enumerations have titles; bounds can be kept."""
    for place, _, step in steps_of(city.kinds):
        yield from _check_names(place, step)
    for place, _, field in fields_of(city.kinds):
        if (field.type in ENUMS) != bool(field.options):
            yield Finding(
                "fields.options", place, f"options and the type {field.type.value} do not fit; enums have them, no others"
            )
        if field.minimum > field.maximum:
            yield Finding("fields.bounds", place, f"its minimum {field.minimum} lies above its maximum {field.maximum}")
    for kind in city.completed:
        yield from _check_options(kind)
        yield from _check_types(kind)


def _check_names(place: str, step: StepKind) -> Iterator[Finding]:
    keys = [field.key for field in step.fields]
    for key in repeated(keys):
        yield Finding(
            "fields.key-twice", f"{place}, field {key}", "stands twice; give each field of a step a key of its own"
        )
    reasons = {f"{field.key}_reason" for field in step.fields if field.type is FieldType.TERM}
    own = _EVERYWHERE | _BY_VERB.get(step.verb, set()) | reasons | {"catch_all_reason", "catch_all_basis"}
    own |= _OF_LATENESS if step.is_about_lateness else set()
    for key in sorted(own.intersection(keys)):
        yield Finding(
            "fields.reserved", f"{place}, field {key}", "the core adds a field of this name itself; choose another"
        )


def _check_options(kind: CaseKind) -> Iterator[Finding]:
    groups = [(f"kind {kind.key}, channels", kind.channels), (f"kind {kind.key}, tracks", kind.tracks)]
    groups += [(place, field.options) for place, _, field in fields_of((kind,))]
    for place, options in groups:
        values = [value_of(option) for option in options]
        for value in repeated(values):
            yield Finding("options.twice", place, f"{value!r} stands twice")
        for option in options:
            if not value_of(option):
                yield Finding("options.no-value", place, "an option has neither a key nor a clause; give it one")
            elif option.title is None:
                advice = f"option {value_of(option)!r} has neither a title nor a clause to take one from; give it one"
                yield Finding("options.no-title", place, advice)


def _check_types(kind: CaseKind) -> Iterator[Finding]:
    found: dict[str, FieldType] = {}
    for place, _, field in fields_of((kind,)):
        if field.keep and found.setdefault(field.key, field.type) is not field.type:
            advice = f"is of type {field.type.value} here and {found[field.key].value} in another step; a fact has one type"
            yield Finding("fields.two-types", place, advice)


def check_bodies(city: City) -> Iterator[Finding]:
    """The types of the input can be made, documented, and told apart by name."""
    names: list[str] = []
    for place, kind, step in steps_of(city.completed):
        try:
            names.append(make_body(kind, step).__name__)
        except ValueError as error:
            yield Finding("bodies.unmade", place, f"its input cannot be made: {error}")
    for name in repeated(names):
        yield Finding(
            "bodies.name-twice", f"schema {name}", "two steps would have a schema of this name; rename one of them"
        )


def check_examples(city: City) -> Iterator[Finding]:
    """Every field that is not an enumeration has an example, and the example is a valid value."""
    for place, kind, step in steps_of(city.completed):
        for field in step.fields:
            if field.type not in _NEEDS_NO_EXAMPLE:
                yield from _check_example(f"{place}, field {field.key}", kind, step, field)


def _check_example(place: str, kind: CaseKind, step: StepKind, field: Field) -> Iterator[Finding]:
    if field.example is None:
        yield Finding("examples.none", place, "has no example; integrators read it, and the contract tests send it")
        return
    alone = msgspec.structs.replace(step, verb=Verb.RECORD, fields=(field,))
    try:
        msgspec.convert({field.key: _example(field.type, field.example)}, make_body(kind, alone))
    except ValueError as error:
        yield Finding("examples.invalid", place, f"example {field.example!r} is not valid: {error}")


def _example(type_: FieldType, text: str) -> Any:
    if type_ in {FieldType.BOOLEAN, FieldType.INTEGER, FieldType.TERM}:
        return msgspec.json.decode(text)
    return [text] if type_ is FieldType.TEXTS else text
