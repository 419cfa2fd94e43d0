"""The input types made from a city's data: what they take, what they refuse, and that a document can be made of them."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from api.routes.case_examples import registration_examples, step_example
from core.cases.bodies import make_registration_body, make_registration_union, make_step_body, offered, value_of
from core.cases.conditions import holds
from core.procedure import CaseKind, FieldType, StepKind, Verb
from tests.support.cities import shipped, shipped_kinds
from tests.support.matters import RULES, WORDS, units
from tests.support.synthetic import synthetic_kind

UNIT = "019a8f3e-0000-7000-8000-000000000001"
KIND = synthetic_kind()
Made = tuple[type[msgspec.Struct], dict[str, Any]]

EVERY_STEP = [
    pytest.param(kind, step, id=f"{city}-{kind.key}-{step.key}")
    for city, kind in [("synthetic", KIND), *shipped_kinds()]
    for step in kind.steps
]
STANDARD = {
    "kind",
    "channel",
    "title",
    "narrative",
    "petitioner",
    "received_at",
    "occurred_at",
    "note",
    "units",
    "track",
} | {
    "received_reason",
    "category",
    "place",
    "reply_channel",
    "wishes_confidentiality",
    "attachments",
}  # fmt: skip
STANDARD |= {"state", "anonymous", "overdue", "reason", "text", "catch_all_reason", "catch_all_basis"}
WRONG: dict[FieldType, Any] = {
    FieldType.TEXT: 5,
    FieldType.CATEGORY: 5,
    FieldType.ENUM: "no such value",
    FieldType.ENUMS: "not a list",
    FieldType.BOOLEAN: "true",
    FieldType.INTEGER: "5",
    FieldType.DATE: "2026-02-30",
    FieldType.INSTANT: "2026-03-02T01:00:00",
    FieldType.UNIT: "not an id",
    FieldType.UNITS: [],
    FieldType.TERM: {"unit": "fortnight", "length": 1},
    FieldType.TEXTS: [5],
}


def made(kind: CaseKind, step: StepKind) -> Made:
    """The type of a step's body and an example of it."""
    if step.verb is Verb.REGISTER:
        return make_registration_body(kind), registration_examples([kind])[kind.key]
    example = json.loads(json.dumps(step_example(kind, step)).replace("{unit_id}", UNIT).replace("{deadline_id}", UNIT))
    return make_step_body(kind, step), example


def accepts(type_: Any, body: dict[str, Any]) -> bool:
    """Whether the JSON of the body is of the type."""
    try:
        msgspec.json.decode(json.dumps(body), type=type_)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize(("kind", "step"), EVERY_STEP)
def test_the_example_is_taken_and_nothing_beside_it(kind, step):
    type_, example = made(kind, step)
    assert accepts(type_, example)
    assert not accepts(type_, example | {"no_such_field": "x"})
    assert not accepts(type_, example | {"occurred_at" if step.verb is not Verb.REGISTER else "received_at": "yesterday"})


@pytest.mark.parametrize(("kind", "step"), EVERY_STEP)
def test_what_is_required_is_missed(kind, step):
    type_, example = made(kind, step)
    required = [field for field in msgspec.structs.fields(type_) if field.required]
    for field in required:
        assert not accepts(type_, {name: value for name, value in example.items() if name != field.name}), field.name
    assert {field.key for field in step.fields if field.required} <= {field.name for field in required}


@pytest.mark.parametrize(("kind", "step"), EVERY_STEP)
def test_a_wrong_value_is_refused(kind, step):
    type_, example = made(kind, step)
    for field in step.fields:
        assert not accepts(type_, example | {field.key: WRONG[field.type]}), field.key
        assert not accepts(type_, example | {field.key: None}), field.key
    for name, _options in offered(kind, step):
        assert not accepts(type_, example | {name: "no such value"}), name


@pytest.mark.parametrize(("kind", "step"), EVERY_STEP)
def test_every_option_that_is_offered_is_taken(kind, step):
    type_, example = made(kind, step)
    several = {field.key for field in step.fields if field.type is FieldType.ENUMS}
    for name, options in offered(kind, step):
        for option in options:
            value = [value_of(option)] if name in several else value_of(option)
            assert accepts(type_, example | {name: value}), (name, value)


@pytest.mark.parametrize(("kind", "step"), EVERY_STEP)
def test_no_field_of_a_city_hides_a_standard_one(kind, step):
    type_, _ = made(kind, step)
    names = [field.name for field in msgspec.structs.fields(type_)]
    assert len(names) == len(set(names))
    own = {field.key for field in step.fields if field.type is not FieldType.CATEGORY}
    assert not own & STANDARD


@pytest.mark.parametrize(("kind", "step"), EVERY_STEP)
def test_a_body_says_when_what_may_be_left_out_is_needed(kind, step):
    type_, example = made(kind, step)
    properties = msgspec.json.schema_components([type_])[1][type_.__name__]["properties"]
    for field in step.fields:
        assert properties[field.key].get("x-required-when", {}) == field.required_when, field.key
        if field.type is FieldType.TERM:
            assert properties[f"{field.key}_reason"]["title"]
    assert all("title" in said for name, said in properties.items() if name != "kind")
    given = example | {"anonymous": False}
    for field in step.fields:
        condition = {name: value for name, value in field.required_when.items() if name in given}
        if condition and condition.keys() == field.required_when.keys():
            assert (field.key in example) == holds(condition, given), field.key


def bodies_of(city: str) -> list[Any]:
    kinds = shipped()[city].kinds.values()
    steps = [make_step_body(kind, step) for kind in kinds for step in kind.steps if step.verb is not Verb.REGISTER]
    return [make_registration_union(kinds), *steps]


@pytest.mark.parametrize("city", shipped())
def test_a_document_can_be_made_of_all_bodies_of_a_city(city):
    bodies = bodies_of(city)
    _, components = msgspec.json.schema_components(bodies)
    names = {body.__name__ for body in bodies[1:]}
    assert names <= components.keys()
    assert len(names) == len(bodies) - 1, "two steps share a name in the document"


@pytest.mark.parametrize("city", shipped())
def test_the_document_forbids_what_the_types_refuse(city):
    _, components = msgspec.json.schema_components(bodies_of(city))
    for name, schema in components.items():
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False, name


def test_a_registration_is_of_one_of_the_city_s_kinds():
    kinds = shipped()["jincheng"].kinds
    union = make_registration_union(kinds.values())
    examples = registration_examples(kinds.values())
    assert len(kinds) > 1
    for key, example in examples.items():
        taken = msgspec.json.decode(json.dumps(example), type=union)
        assert type(taken).__struct_config__.tag == key
    assert not accepts(union, next(iter(examples.values())) | {"kind": "no such kind"})


def test_a_kind_without_petitioners_takes_none():
    for _, kind in shipped_kinds():
        names = make_registration_body(kind).__struct_fields__
        assert ("petitioner" in names) is (kind.petitioner != "none")


BOUNDS = [
    ("a title of 200 characters", "register", {"channel": "desk", **WORDS, "title": "题" * 200}, True),
    ("a title of 201", "register", {"channel": "desk", **WORDS, "title": "题" * 201}, False),
    ("an empty title", "register", {"channel": "desk", **WORDS, "title": ""}, False),
    ("an empty list of grounds", "accept", {"grounds": []}, False),
    ("50 units", "dispatch", {"units": units("a") * 50}, True),
    ("51 units", "dispatch", {"units": units("a") * 51}, False),
    ("no unit", "dispatch", {"units": []}, False),
    ("a term of 10,000", "send-back", {"reason": "x", "term": {"unit": "month", "length": 10_000}}, True),
    ("a term of 10,001", "send-back", {"reason": "x", "term": {"unit": "month", "length": 10_001}}, False),
    ("a term below nothing", "send-back", {"reason": "x", "term": {"unit": "month", "length": -1}}, False),
    ("a term with more to it", "send-back", {"reason": "x", "term": {"unit": "month", "length": 1, "start": "x"}}, False),
    ("a reason of 2,000", "refuse", {"reason": "x" * 2_000}, True),
    ("a reason of 2,001", "refuse", {"reason": "x" * 2_001}, False),
    ("2^63", "send-back", {"reason": "x", "term": {"unit": "month", "length": 2**63}}, False),
    ("a reason for a catch-all", "accept", {"grounds": [f"{RULES}#2.3"], "catch_all_reason": "x"}, True),
    ("a reason for a catch-all where none is offered", "refuse", {"reason": "x", "catch_all_reason": "x"}, False),
    ("a time without a zone", "remind", {"text": "x", "occurred_at": "2026-09-28T09:00:00"}, False),
    ("a day that does not exist", "remind", {"text": "x", "occurred_at": "2026-02-30T09:00:00Z"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "key", "body", "taken"), BOUNDS, ids=[row[0] for row in BOUNDS])
def test_bounds(name, key, body, taken):
    step = KIND.step(key)
    type_ = make_registration_body(KIND) if step.verb is Verb.REGISTER else make_step_body(KIND, step)
    assert accepts(type_, ({"kind": "matter"} if step.verb is Verb.REGISTER else {}) | body) is taken


def test_lists_are_told_to_hold_each_value_once():
    _, components = msgspec.json.schema_components([make_step_body(KIND, KIND.step("accept"))])
    assert components["MatterAccept"]["properties"]["grounds"]["uniqueItems"] is True


def test_a_catch_all_among_the_tracks_brings_its_reason_to_the_body():
    assert {"catch_all_reason", "catch_all_basis"} <= set(make_step_body(KIND, KIND.step("classify")).__struct_fields__)
    assert "catch_all_reason" not in make_step_body(KIND, KIND.step("dispatch")).__struct_fields__
