"""What holds for a category on a day: its own word, that of the nearest above it, or that of its successor."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from core.errors import Refused
from core.tenants.categories import Categories
from core.tenants.category_checks import HOUSE, check_usable
from core.tenants.category_tree import find_faults
from tests.categories.said import CHANGE, HANDLING, START, URGENT, days, minutes, said, tree

HALL, DEPOT = uuid4(), uuid4()
TREE = tree(
    said("municipal", limits={HANDLING: days(5)}, default_unit_id=HALL, kinds=("complaint",)),
    said("roads", "municipal"),
    said("kerbs", "roads", limits={URGENT: minutes(30)}),
    said("water", "municipal", limits={HANDLING: days(2)}, default_unit_id=DEPOT),
    said("parks"),
    said("water", "municipal", CHANGE, limits={HANDLING: days(3)}),
    said("kerbs", "roads", CHANGE, closed=True, merged_into="water"),
    said("parks", None, CHANGE, closed=True),
)
NEAR = [CHANGE + timedelta(days=offset) for offset in (-1, 0, 1)]


def limit_of(code: str, which: str, day: date) -> tuple[str, int] | None:
    found = TREE.on(day).limit(code, which)
    return (found[0], found[1].term.length) if found else None


@pytest.mark.parametrize(
    ("code", "which", "expected"),
    [
        ("municipal", HANDLING, [("municipal", 5)] * 3),
        ("roads", HANDLING, [("municipal", 5)] * 3),
        ("water", HANDLING, [("water", 2), ("water", 3), ("water", 3)]),
        ("kerbs", HANDLING, [("municipal", 5), ("water", 3), ("water", 3)]),
        ("kerbs", URGENT, [("kerbs", 30), None, None]),
        ("roads", URGENT, [None] * 3),
        ("parks", HANDLING, [None] * 3),
        ("nowhere", HANDLING, [None] * 3),
    ],
)
def test_the_nearest_that_says_a_limit_gives_it(code, which, expected):
    assert [limit_of(code, which, day) for day in NEAR] == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("roads", [("municipal", HALL)] * 3),
        ("water", [("water", DEPOT), ("municipal", HALL), ("municipal", HALL)]),
        ("parks", [None] * 3),
    ],
)
def test_the_nearest_that_names_a_unit_gives_it(code, expected):
    assert [TREE.on(day).default_unit(code) for day in NEAR] == expected


def test_before_its_first_day_nothing_is_there():
    view = TREE.on(START - timedelta(days=1))
    assert (view.versions, view.path("roads"), view.limit("roads", HANDLING)) == ({}, (), None)


def test_of_two_versions_for_one_day_the_later_recorded_holds():
    found = tree(said("a", limits={HANDLING: days(1)}), said("a", limits={HANDLING: days(2)}))
    assert found.on(START).limit("a", HANDLING) == ("a", days(2))


def test_a_successor_is_followed_through_every_merger():
    chain = tree(
        said("a"), said("b"), said("c", limits={HANDLING: days(7)}),
        said("a", None, CHANGE, closed=True, merged_into="b"),
        said("b", None, CHANGE, closed=True, merged_into="c"),
    )  # fmt: skip
    assert [chain.on(day).successor("a") for day in NEAR] == ["a", "c", "c"]
    assert chain.on(CHANGE).limit("a", HANDLING) == ("c", days(7))


def test_what_is_below_is_found():
    assert TREE.on(START).within("municipal") == {"municipal", "roads", "kerbs", "water"}
    assert TREE.on(START).within("kerbs") == {"kerbs"}
    assert TREE.on(START).within("nowhere") == frozenset()


@pytest.mark.parametrize(
    ("code", "kind", "day", "expected"),
    [
        ("kerbs", "complaint", NEAR[0], None),
        ("kerbs", "complaint", CHANGE, "categories.closed"),
        ("kerbs", "tip-off", NEAR[0], "categories.not-for-kind"),
        ("parks", "tip-off", NEAR[0], None),
        ("parks", "tip-off", NEAR[2], "categories.closed"),
        ("roads", "complaint", START - timedelta(days=1), "categories.not-there"),
        ("roads", "complaint", START, None),
        ("市政设施", "complaint", START, "categories.not-there"),
        ("", "complaint", START, "categories.not-there"),
    ],
)
def test_which_categories_a_case_can_be_put_into(code, kind, day, expected):
    if expected is None:
        check_usable(TREE, code, kind, day)
        return
    with pytest.raises(Refused) as caught:
        check_usable(TREE, code, kind, day)
    assert (caught.value.code, caught.value.field, caught.value.clause) == (expected, "/category", HOUSE)


def test_a_closed_category_names_the_one_to_use():
    with pytest.raises(Refused) as caught:
        check_usable(TREE, "kerbs", "complaint", CHANGE)
    assert caught.value.params["successor"] == "water"


BASE = (said("top"), said("mid", "top"), said("leaf", "mid"), said("other"))
LATER = CHANGE + timedelta(days=1)


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([said("top", "leaf", CHANGE)], "categories.circle"),
        ([said("top", "top", CHANGE)], "categories.circle"),
        ([said("top", None, CHANGE, closed=True)], "categories.has-open-below"),
        ([said("other", None, CHANGE, closed=True, merged_into="other")], "categories.circle"),
        ([said("late", None, LATER), said("mid", "late", CHANGE)], "categories.above-closed"),
        ([said("late", None, LATER), said("mid", "late", LATER)], None),
        ([said("other", None, CHANGE, closed=True), said("mid", "other", LATER)], "categories.has-open-below"),
        ([said("mid", "other", LATER), said("other", None, CHANGE, closed=True)], "categories.above-closed"),
        ([said("other", None, CHANGE, closed=True), said("mid", "other", NEAR[0])], "categories.has-open-below"),
        ([said("leaf", "mid", CHANGE, closed=True), said("mid", "top", LATER, closed=True)], None),
        ([said("leaf", "mid", CHANGE, closed=True, merged_into="other")], None),
        (
            [said("late", None, LATER), said("leaf", "mid", CHANGE, closed=True, merged_into="late")],
            "categories.successor-closed",
        ),
    ],
)
def test_the_tree_stands_on_every_day(versions, expected):
    after = Categories.of([*BASE, *versions])
    found = [fault.code for fault in find_faults(after, [version.code for version in versions])]
    assert (found[:1] or [None]) == [expected]
