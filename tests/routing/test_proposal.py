"""Which unit is proposed, and why: a table for each thing that decides."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.routing.divisions import division_prefix, lies_in
from core.routing.proposal import LastOrder, asks_for_last, find_matching, propose
from core.routing.rules import Target
from core.texts import catalogue, render
from tests.categories.said import CHANGE, START
from tests.routing.ground import UNITS, ground, name, near, order, rule, told

DAY = START + timedelta(days=30)
LAST = {Target.LAST_OF_PETITIONER: LastOrder("RX2026-000001", UNITS["parks"])}


def proposed(*rules, day=DAY, last=None, **facts):
    return propose(ground(*rules), order(**facts), day, last or {})


def lead(*rules, **more) -> str | None:
    return name(proposed(*rules, **more).lead_unit_id)


@pytest.mark.parametrize(
    ("condition", "fits", "does_not"),
    [
        ({"category": "streets"}, {"category": "kerbs"}, {"category": "noise"}),
        ({"category": "streets"}, {"category": "streets"}, {"category": "municipal"}),
        ({"category": "streets"}, {}, {"category": None}),
        ({"division": "360702"}, {"division": "360702"}, {"division": "360703001"}),
        ({"division": "360700"}, {"division": "360702001002"}, {"division": "360802"}),
        ({"division": "360702001"}, {"division": "360702001002"}, {"division": "360702"}),
        ({"division": "360702"}, {}, {"division": None}),
        ({"kind": "order"}, {}, {"kind": "tip-off"}),
        ({"channel": "phone"}, {}, {"channel": "letter"}),
        ({"channel": "phone"}, {}, {"channel": None}),
        ({"urgent": True}, {"urgent": True}, {"urgent": False}),
        ({"urgent": False}, {"urgent": False}, {"urgent": True}),
    ],
)
def test_a_rule_reaches_what_its_conditions_say(condition, fits, does_not):
    only = rule("water", **condition)
    assert [item.id for item in find_matching(ground(only), order(**fits), DAY)] == [only.id]
    assert find_matching(ground(only), order(**does_not), DAY) == ()


def test_a_rule_holds_from_its_first_day_to_its_last():
    only = rule("water", valid_from=CHANGE, valid_to=CHANGE)
    assert [lead(only, day=day, category=None) for day in near()] == [None, "water", None]


ORDERS = [
    ("priority before all", {"priority": 1}, {"category": "kerbs", "division": "360702001", "kind": "order"}),
    ("the nearer category", {"category": "kerbs"}, {"category": "streets", "division": "360702001", "kind": "order"}),
    ("a category before a place", {"category": "municipal"}, {"division": "360702001", "kind": "order"}),
    ("the smaller place", {"division": "360702001"}, {"division": "360702", "kind": "order", "channel": "phone"}),
    ("a place before the rest", {"division": "360700"}, {"kind": "order", "channel": "phone", "urgent": False}),
    ("more of the rest", {"kind": "order", "channel": "phone"}, {"kind": "order"}),
    ("anything before nothing", {"urgent": False}, {}),
]


@pytest.mark.parametrize(("first", "second"), [row[1:] for row in ORDERS], ids=[row[0] for row in ORDERS])
def test_which_of_two_goes_first_whatever_was_recorded_first(first, second):
    for made in (
        lambda: (rule("water", **first), rule("roads", **second)),
        lambda: (rule("roads", **second), rule("water", **first)),
    ):
        found = proposed(*made())
        assert (name(found.lead_unit_id), told(found)) == ("water", ["rule", "outranked"])
        assert len(found.matched) == 2


def test_of_two_equal_ones_the_later_recorded_is_taken_and_the_tie_is_told():
    earlier, later = rule("roads", category="kerbs"), rule("water", category="kerbs")
    found = proposed(later, earlier)
    assert (name(found.lead_unit_id), found.rule_id, told(found)) == ("water", later.id, ["rule", "tie"])
    assert (found.why[1].rule_id, found.why[1].params["unit"]) == (earlier.id, "roads")


def test_two_equal_ones_that_say_the_same_are_no_tie():
    assert told(proposed(rule("water"), rule("water"))) == ["rule", "outranked"]


def test_no_rule_falls_to_the_category_and_says_whose_unit_it_is():
    found = proposed(rule("water", kind="tip-off"))
    assert (name(found.lead_unit_id), found.rule_id, found.matched) == ("roads", None, ())
    assert told(found) == ["no-rule", "category-inherited"]
    assert found.why[1].params == {"category": "kerbs", "above": "municipal", "unit": "roads"}
    assert told(proposed(category="municipal")) == ["no-rule", "category-default"]


@pytest.mark.parametrize("category", ["noise", None, "nowhere"])
def test_nothing_decides_and_that_is_said(category):
    found = proposed(category=category)
    assert (found.lead_unit_id, told(found)) == (None, ["no-rule", "nothing"])


def test_a_merged_category_is_what_it_was_on_the_day():
    rules = (rule("water", category="streets"),)
    assert [lead(*rules, category="lamps", day=day) for day in near()] == ["parks", "water", "water"]
    assert [lead(category="lamps", day=day) for day in near()] == ["parks", "roads", "roads"]
    assert told(proposed(category="lamps", day=CHANGE)) == ["no-rule", "category-merged", "category-inherited"]


def test_a_rule_for_a_merged_category_still_reaches_the_orders_that_were_in_it():
    assert lead(rule("water", category="lamps"), category="lamps", day=CHANGE) == "water"


def test_a_dissolved_unit_is_not_proposed_but_who_took_it_over():
    found = [proposed(rule("gone"), day=day) for day in near()]
    assert [name(item.lead_unit_id) for item in found] == ["gone", "water", "water"]
    assert [told(item) for item in found] == [["rule"], ["rule", "unit-merged"], ["rule", "unit-merged"]]
    assert found[1].why[1].params == {"unit": "gone", "into": "water"}
    assert [lead(category="ponds", day=day) for day in near()] == ["gone", "water", "water"]


def test_a_unit_that_nobody_took_over_is_passed_over():
    rules = (rule("orphan", priority=9), rule("water"))
    assert [lead(*rules, day=day) for day in near()] == ["orphan", "water", "water"]
    assert told(proposed(*rules, day=CHANGE)) == ["rule", "unit-gone", "rule"]
    assert told(proposed(rule("orphan"), day=CHANGE, category=None)) == ["rule", "unit-gone", "nothing"]


def test_a_unit_that_is_not_there_yet_is_passed_over():
    assert [lead(rule("late"), category=None, day=day) for day in near()] == [None, "late", "late"]


def test_those_beside_the_lead_are_told_once_and_without_the_lead():
    found = proposed(rule("water", cooperating=("gone", "parks", "orphan")), day=CHANGE)
    assert [name(unit) for unit in found.cooperating] == ["parks"]
    before = proposed(rule("water", cooperating=("gone", "parks", "orphan")))
    assert [name(unit) for unit in before.cooperating] == ["gone", "parks", "orphan"]


def test_the_last_order_of_the_like_decides_where_there_is_one():
    rules = (rule(target=Target.LAST_OF_PETITIONER, priority=5), rule("water"))
    found = proposed(*rules, last=LAST)
    assert (name(found.lead_unit_id), told(found)) == ("parks", ["rule-last-of-petitioner", "outranked"])
    assert found.why[0].params["number"] == "RX2026-000001"
    none = proposed(*rules)
    assert (name(none.lead_unit_id), told(none)) == ("water", ["no-last-order", "rule"])
    other = (rule(target=Target.LAST_OF_MATTER, priority=5), rule("water"))
    assert told(proposed(*other, last=LAST)) == ["no-last-order", "rule"]


def test_the_last_order_is_asked_for_only_where_a_rule_looks_at_it():
    assert not asks_for_last([rule("water")])
    assert asks_for_last([rule("water"), rule(target=Target.LAST_OF_MATTER)])


@pytest.mark.parametrize(
    ("code", "prefix"),
    [
        ("360000", "36"), ("360700", "3607"), ("360702", "360702"), ("360710", "360710"), ("360702001", "360702001"),
        ("360702000", "360702"), ("360700000000", "3607"), ("360702001000", "360702001"), ("360702001100", "360702001100"),
        ("100000", "10"),
    ],
)  # fmt: skip
def test_what_a_division_and_all_below_it_begin_with(code, prefix):
    assert division_prefix(code) == prefix


@given(st.from_regex(r"[1-9][0-9]{5}([0-9]{3}){0,2}", fullmatch=True))
def test_every_division_lies_in_itself_and_in_those_above_it(code):
    assert lies_in(code, code)
    for length in (2, 4, 6, 9):
        if length < len(code):
            above = code[:length].ljust(6, "0")
            assert lies_in(code, above)


REASONS = [id_ for id_ in catalogue() if id_.startswith("routing.why.")]
some_rules = st.lists(
    st.builds(
        rule,
        st.sampled_from(sorted(UNITS)),
        priority=st.integers(0, 2),
        category=st.none() | st.sampled_from(["municipal", "streets", "kerbs", "lamps", "noise"]),
        division=st.none() | st.sampled_from(["360700", "360702", "360702001"]),
        urgent=st.none() | st.booleans(),
    ),
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(
    some_rules,
    st.sampled_from([DAY, *near()]),
    st.none() | st.sampled_from(["municipal", "streets", "kerbs", "lamps", "noise", "ponds"]),
    st.booleans(),
)
def test_whatever_the_rules_a_proposal_is_there_on_the_day_and_says_why(rules, day, category, urgent):
    place, facts = ground(*rules), order(category=category, urgent=urgent)
    found = propose(place, facts, day, {})
    assert found == propose(ground(*reversed(rules)), facts, day, {})
    assert found.lead_unit_id is None or place.organisation.on(day).is_active(found.lead_unit_id)
    assert all(place.organisation.on(day).is_active(unit) for unit in found.cooperating)
    assert set(found.matched) <= {item.id for item in rules}
    assert found.rule_id is None or found.rule_id in found.matched
    assert found.why
    for reason in found.why:
        assert reason.id in REASONS
        for language in ("zh", "en"):
            assert "{" not in render(reason.id, reason.params, language)
    if found.rule_id is not None:
        best = max(rules, key=lambda item: (item.id in found.matched, item.priority))
        skipped = [item for item in rules if item.id in found.matched and item.unit_id in {UNITS["orphan"], UNITS["late"]}]
        assert skipped or next(item for item in rules if item.id == found.rule_id).priority == best.priority


def test_ids_order_rules_by_their_recording():
    first, second = rule("water"), rule("roads")
    assert isinstance(first.id, UUID)
    assert [item.id for item in ground(second, first).rules.in_order] == [first.id, second.id]
