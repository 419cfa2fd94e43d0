"""From body to order: what becomes a fact, which time it has, what is refused at once."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from core.cases.bodies import make_registration_body, make_step_body
from core.cases.intake import read_order
from core.errors import Invalid
from core.law.instrument import Term, Unit
from core.procedure import Part
from tests.support.matters import RULES, WORDS, units
from tests.support.paper import unit
from tests.support.synthetic import synthetic_kind

NOW = datetime(2026, 9, 28, 1, tzinfo=UTC)
TOLD = {name: WORDS[name] for name in ("title", "narrative")}
KIND = synthetic_kind()


def read(key, body):
    step = KIND.step(key)
    if step is KIND.registration:
        return read_order(step, msgspec.convert({"kind": "matter", **TOLD, **body}, make_registration_body(KIND)), NOW)
    return read_order(step, msgspec.convert(body, make_step_body(KIND, step)), NOW)


def test_what_is_left_out_happened_now():
    assert read("remind", {"text": "x"}).occurred_at == NOW


@pytest.mark.parametrize("text", ["2026-09-20T08:00:00+08:00", "2026-09-20T00:00:00Z", "2026-09-19T20:00:00-04:00"])
def test_every_time_becomes_utc(text):
    order = read("remind", {"text": "x", "occurred_at": text})
    assert order.occurred_at == datetime(2026, 9, 20, tzinfo=UTC)
    assert order.occurred_at.tzinfo is UTC


def test_a_registration_happened_when_the_matter_was_received():
    order = read("register", {"channel": "desk", "received_at": "2026-09-20T08:00:00+08:00"})
    assert order.occurred_at == datetime(2026, 9, 20, tzinfo=UTC)
    assert order.data == {}


def test_facts_are_plain_values_and_instants_among_them_utc():
    order = read("register", {"channel": "desk", "happened_on": "2026-09-20", "ended_at": "2026-09-20T08:00:00+08:00"})
    assert order.data == {"happened_on": "2026-09-20", "ended_at": "2026-09-20T00:00:00Z"}


def test_what_is_left_out_is_no_fact():
    assert read("accept", {"grounds": [f"{RULES}#2.1"]}).data == {"grounds": [f"{RULES}#2.1"]}


def test_a_note_is_kept_apart_from_the_facts():
    order = read("remind", {"text": "x", "note": "by phone"})
    assert (order.note, order.data) == ("by phone", {"text": "x"})


def test_units_become_dispatches_with_their_terms():
    term = {"unit": "working_day", "length": 2}
    order = read("dispatch", {"units": units("lead", "second", term=term, term_reason="agreed")})
    assert [(item.unit_id, item.part) for item in order.dispatches] == [
        (unit("lead"), Part.LEAD),
        (unit("second"), Part.COOPERATING),
    ]
    assert order.dispatches[0].term == Term(unit=Unit.WORKING_DAY, length=2)
    assert order.dispatches[0].term_reason == "agreed"
    assert order.dispatches[1].term is None
    assert "units" not in order.data


YEARS = [
    ("0001-01-01T00:00:00+14:00", False),
    ("1899-12-31T23:59:59Z", False),
    ("1900-01-01T00:00:00Z", True),
    ("2999-12-31T23:59:59Z", True),
    ("3000-01-01T00:00:00Z", False),
    ("9999-12-31T23:59:59-12:00", False),
]


@pytest.mark.parametrize(("text", "taken"), YEARS)
@pytest.mark.parametrize(
    ("key", "field", "body"),
    [
        ("remind", "occurred_at", {"text": "x"}),
        ("register", "received_at", {"channel": "desk"}),
        ("register", "ended_at", {"channel": "desk"}),
    ],
)
def test_an_instant_beyond_all_calendars_is_refused_with_its_field(key, field, body, text, taken):
    if taken:
        read(key, body | {field: text})
        return
    with pytest.raises(Invalid) as caught:
        read(key, body | {field: text})
    assert (caught.value.code, caught.value.field) == ("cases.instant-out-of-reach", f"/{field}")


LENGTHS = [("working_day", 0, False), ("working_day", 1, True), ("same_day", 0, True), ("same_day", 1, False)]


@pytest.mark.parametrize(("of_unit", "length", "taken"), LENGTHS)
@pytest.mark.parametrize("at", ["step", "unit"])
def test_a_length_that_the_unit_cannot_have_is_refused_with_its_field(at, of_unit, length, taken):
    term = {"unit": of_unit, "length": length}
    if at == "step":
        key, body, field = "send-back", {"reason": "x", "term": term}, "/term/length"
    else:
        listed = units("lead", "second")
        listed[1] |= {"term": term}
        key, body, field = "dispatch", {"units": listed}, "/units/1/term/length"
    if taken:
        read(key, body)
        return
    with pytest.raises(Invalid) as caught:
        read(key, body)
    assert (caught.value.code, caught.value.field) == ("deadlines.length-impossible", field)
