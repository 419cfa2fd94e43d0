"""Any tree of units: what the checks let pass stands on every day, and what they refuse does not."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from core.tenants.organisation import Organisation
from core.tenants.tree import find_faults
from core.tenants.units import UnitVersion

FIRST, UNITS, DAYS = date(2026, 1, 1), 5, 4
IDS = [UUID(int=number + 1) for number in range(UNITS)]
number = st.integers(0, UNITS - 1)
said = st.tuples(number, st.integers(1, DAYS), st.none() | number, st.none() | number, st.none() | number)


def versions(changes: list[tuple[int, int, int | None, int | None, int | None]]) -> list[UnitVersion]:
    """Every unit from the first day on, and then the changes."""
    made = [UnitVersion(uuid4(), id_, FIRST, "单位") for id_ in IDS]
    for unit, day, parent, superior, successor in changes:
        gone = successor is not None and successor != unit
        made.append(
            UnitVersion(
                uuid4(), IDS[unit], FIRST + timedelta(days=day), "单位",
                parent_id=None if parent is None else IDS[parent],
                superior_id=None if superior is None else IDS[superior],
                dissolved=gone, merged_into=IDS[successor] if gone and successor is not None else None,
            )
        )
    return made


def naive(rows: list[UnitVersion], day: date) -> dict[UUID, UnitVersion]:
    """What holds on a day, found by looking at every row in the order of recording."""
    holding: dict[UUID, UnitVersion] = {}
    for row in rows:
        held = holding.get(row.unit_id)
        if row.valid_from <= day and (held is None or held.valid_from <= row.valid_from):
            holding[row.unit_id] = row
    return holding


def stands(holding: dict[UUID, UnitVersion]) -> bool:
    """Whether nobody is above themselves, and nobody who lives hangs on somebody who is gone."""
    for row in holding.values():
        for edge in ("parent_id", "supervised_by", "merged_into"):
            seen, at = set(), row
            while (above := getattr(at, edge)) is not None:
                if above in seen or above == row.unit_id:
                    return False
                seen.add(above)
                at = holding[above]
        above_it = {row.parent_id, row.superior_id} - {None}
        if not row.dissolved and any(holding[above].dissolved for above in above_it if above):
            return False
    return True


@settings(max_examples=400, deadline=None)
@given(st.lists(said, max_size=8))
def test_the_checks_agree_with_looking_at_every_day(changes) -> None:
    rows = versions(changes)
    organisation = Organisation.of({id_: f"u{id_.int}" for id_ in IDS}, rows)
    codes = {fault.code for fault in find_faults(organisation, IDS)} - {"tenants.unit-successor-gone"}
    expected = all(stands(naive(rows, FIRST + timedelta(days=offset))) for offset in range(DAYS + 1))
    assert (not codes) is expected


@settings(max_examples=200, deadline=None)
@given(st.lists(said, max_size=8), st.integers(-1, DAYS + 1))
def test_a_day_shows_what_was_recorded_last_for_the_latest_day(changes, offset: int) -> None:
    rows, day = versions(changes), FIRST + timedelta(days=offset)
    organisation = Organisation.of({id_: f"u{id_.int}" for id_ in IDS}, rows)
    assert organisation.on(day).versions == naive(rows, day)


@settings(max_examples=200, deadline=None)
@given(st.lists(said, max_size=8), st.lists(said, max_size=4))
def test_adding_versions_is_as_if_they_had_been_there(changes, more) -> None:
    codes = {id_: f"u{id_.int}" for id_ in IDS}
    before, after = versions(changes), versions([*changes, *more])
    added = [
        UnitVersion(*(getattr(row, name) for name in UnitVersion.__slots__)) for row in after[len(before) :]
    ]
    whole = Organisation.of(codes, [*before, *added])
    assert Organisation.of(codes, before).with_versions({}, added).units == whole.units
