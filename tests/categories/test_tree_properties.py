"""Any tree of categories: what the checks let pass stands on every day, and what they refuse does not."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from core.tenants.categories import Categories, CategoryVersion
from core.tenants.category_tree import find_faults
from tests.categories.said import HANDLING, days

FIRST, COUNT, DAYS = date(2026, 1, 1), 5, 4
CODES = [f"c{number}" for number in range(COUNT)]
number = st.integers(0, COUNT - 1)
changes = st.lists(st.tuples(number, st.integers(1, DAYS), st.none() | number, st.none() | number), max_size=8)


def versions(said: list[tuple[int, int, int | None, int | None]]) -> list[CategoryVersion]:
    """Every category from the first day on, and then the changes; every second one has a limit."""
    limits = [{HANDLING: days(place + 1)} if place % 2 else {} for place in range(COUNT)]
    made = [CategoryVersion(uuid4(), code, FIRST, code, limits=limits[place]) for place, code in enumerate(CODES)]
    for place, day, parent, successor in said:
        gone = successor is not None and successor != place
        made.append(
            CategoryVersion(
                uuid4(), CODES[place], FIRST + timedelta(days=day), CODES[place],
                parent=None if parent is None else CODES[parent], closed=gone,
                merged_into=CODES[successor] if gone and successor is not None else None, limits=limits[place],
            )
        )  # fmt: skip
    return made


def naive(rows: list[CategoryVersion], day: date) -> dict[str, CategoryVersion]:
    """What holds on a day, found by looking at every row in the order of recording."""
    holding: dict[str, CategoryVersion] = {}
    for row in rows:
        held = holding.get(row.code)
        if row.valid_from <= day and (held is None or held.valid_from <= row.valid_from):
            holding[row.code] = row
    return holding


def stands(holding: dict[str, CategoryVersion]) -> bool:
    """Whether nothing is above itself or merged into itself, and nothing open hangs below what is closed."""
    for row in holding.values():
        for edge in ("parent", "merged_into"):
            seen, at = set(), row
            while (following := getattr(at, edge)) is not None:
                if following in seen or following == row.code:
                    return False
                seen.add(following)
                at = holding[following]
        if not row.closed and row.parent is not None and holding[row.parent].closed:
            return False
    return True


def limit_by_hand(holding: dict[str, CategoryVersion], code: str) -> str | None:
    """Whose limit holds for a category, found step by step in a tree that stands."""
    at, gone = holding[code], holding[code]
    while gone.closed and gone.merged_into is not None:
        gone = holding[gone.merged_into]
    row = at if gone.closed else gone
    while row is not None and HANDLING not in row.limits:
        row = holding[row.parent] if row.parent else None
    return row.code if row else None


@settings(max_examples=400, deadline=None)
@given(changes)
def test_the_checks_agree_with_looking_at_every_day(said) -> None:
    rows = versions(said)
    found = {fault.code for fault in find_faults(Categories.of(rows), CODES)} - {"categories.successor-closed"}
    expected = all(stands(naive(rows, FIRST + timedelta(days=offset))) for offset in range(DAYS + 1))
    assert (not found) is expected


@settings(max_examples=300, deadline=None)
@given(changes, st.integers(-1, DAYS + 1))
def test_a_day_shows_what_was_recorded_last_and_whose_limit_holds(said, offset: int) -> None:
    rows, day = versions(said), FIRST + timedelta(days=offset)
    view, holding = Categories.of(rows).on(day), naive(rows, day)
    assert view.versions == holding
    if stands(holding):
        for code in holding:
            found = view.limit(code, HANDLING)
            assert (found[0] if found else None) == limit_by_hand(holding, code)


@settings(max_examples=200, deadline=None)
@given(changes, changes)
def test_adding_versions_is_as_if_they_had_been_there(said, more) -> None:
    rows = versions([*said, *more])
    before, added = rows[: COUNT + len(said)], rows[COUNT + len(said) :]
    assert Categories.of(before).with_versions(added).by_code == Categories.of(rows).by_code
