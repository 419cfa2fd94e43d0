"""What opens a proposal: below, at and above every figure; what is borderline, waits for consent or is evidence alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.sanctions.regime import Opens
from core.sanctions.triggers import Evaluation, Facts, Firing, YearOfUnit, evaluate, find_trigger
from core.sanctions.wording import render_lines
from tests.sanctions.proposals import AK1, AK3, BD1, GZ, JC1, city_with

POINTS = "jincheng:points-2017#17"


def ask(clause: str, **facts: Any) -> Evaluation:
    """What comes of a clause on some facts."""
    city = city_with(clause.partition("#")[0])
    trigger = find_trigger(city.regimes.values(), city.rulebook, clause)
    assert trigger is not None
    return evaluate(trigger, city.rulebook, Facts(**facts))


def fires(clause: str, **facts: Any) -> bool:
    """Whether it fires."""
    return ask(clause, **facts).fires is not Firing.NO


@pytest.mark.parametrize("reminders", [0, 1, 2, 3])
@pytest.mark.parametrize("days", [0, 9, 10, 11, 12])
@pytest.mark.parametrize("justified", [False, True])
def test_reminded_twice_and_more_than_ten_working_days_late(reminders: int, days: int, justified: bool) -> None:
    counts = {"reminders": reminders, "overdue_working_days": days}
    found = ask(f"{GZ}11.1", counts=counts, flags={"justified": justified})
    assert (found.fires is Firing.YES) == (reminders >= 2 and days > 10 and not justified)
    assert found.borderline == (reminders >= 2 and days == 10 and not justified)
    assert found.opens is Opens.PROPOSAL
    assert found.finding is not None


def test_the_borderline_is_said() -> None:
    found = ask(f"{GZ}11.1", counts={"reminders": 2, "overdue_working_days": 10})
    lines = "\n".join(render_lines(found.lines, "en"))
    assert "working days overdue: 10; more than 10 are needed (not met)" in lines
    assert "borderline" in lines
    assert "临界" in "\n".join(render_lines(found.lines, "zh"))


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ({}, False),
        ({"2026-03": 4}, False),
        ({"2026-03": 5}, True),
        ({"2026-03": 6}, True),
        ({"2026-03": 4, "2026-04": 4}, False),  # each month alone
        ({"2026-03": 0, "2026-04": 5}, True),
    ],
)
def test_five_unjustified_ones_in_a_month(months: dict[str, int], expected: bool) -> None:
    found = ask(f"{GZ}11.2", months={"unjustified_overdue": months})
    assert ((found.fires is Firing.YES), found.borderline) == (expected, False)


@pytest.mark.parametrize(
    ("clause", "flags", "opens"),
    [
        ("5", {"overdue": True}, Opens.REMINDER),
        ("6.3", {"overdue": True, "finished": False}, Opens.SUPERVISION),
        ("6.4", {"redone": True, "satisfied": False, "unit_at_fault": True}, Opens.SUPERVISION),
        ("11.3", {"urgent": True, "overdue": True}, Opens.PROPOSAL),
        ("11.4", {"joint": True, "overdue": True, "justified": False}, Opens.PROPOSAL),
        ("11.8", {"supervised": True, "overdue": True}, Opens.PROPOSAL),
    ],
)
def test_each_yes_or_no_decides(clause: str, flags: dict[str, bool], opens: Opens) -> None:
    found = ask(GZ + clause, flags=flags)
    assert (found.fires, found.opens) == (Firing.YES, opens)
    for name in flags:
        assert not fires(GZ + clause, flags=flags | {name: not flags[name]}), name
    assert not fires(GZ + clause)


def test_the_annual_report_of_open_government() -> None:
    assert fires(f"{BD1}8.1", flags={"overdue": True})
    assert not fires(f"{BD1}8.1", flags={"overdue": False})


@pytest.mark.parametrize("days", [0, 1, 2, 3])
@pytest.mark.parametrize("justified", [False, True])
def test_two_calendar_days_late_without_justification(days: int, justified: bool) -> None:
    flags, counts = {"justified": justified}, {"overdue_calendar_days": days}
    assert fires(f"{JC1}5.2", counts=counts, flags=flags) == (days >= 2 and not justified)


def years(*said: tuple[int, int, int, str], **more: Any) -> dict[int, YearOfUnit]:
    """Years as (year, place, units, total)."""
    return {year: YearOfUnit(place, units, Decimal(total), **more) for year, place, units, total in said}


@pytest.mark.parametrize("clause", [f"{JC1}5.5", POINTS])
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([(2024, 9, 10, "99"), (2025, 10, 10, "98.5")], True),
        ([(2024, 9, 10, "100"), (2025, 9, 10, "100")], True),  # at the base (R1)
        ([(2024, 9, 10, "100.5"), (2025, 9, 10, "99")], False),
        ([(2024, 8, 10, "99"), (2025, 10, 10, "99")], False),  # two rank lower
        ([(2024, 10, 10, "99")], False),
        ([(2023, 10, 10, "99"), (2025, 10, 10, "99")], False),  # not consecutive
        ([(2023, 10, 10, "99"), (2024, 1, 10, "120"), (2025, 10, 10, "99")], False),
        ([(2022, 10, 10, "99"), (2024, 9, 10, "99"), (2025, 10, 10, "99")], True),
        ([(2023, 10, 10, "99"), (2024, 10, 10, "99"), (2025, 1, 10, "120")], True),
        ([], False),
    ],
)
def test_two_years_among_the_last_two_wait_for_consent(clause: str, said: list[Any], expected: bool) -> None:
    found = ask(clause, years=years(*said))
    assert found.fires is (Firing.AFTER_CONSENT if expected else Firing.NO)
    assert not found.flagged


@pytest.mark.parametrize(("units", "flagged"), [(3, True), (4, True), (5, False)])
def test_small_groups_are_flagged(units: int, flagged: bool) -> None:
    found = ask(f"{JC1}5.5", years=years((2024, units, units, "90"), (2025, units, units, "90")))
    assert (found.fires, found.flagged) == (Firing.AFTER_CONSENT, flagged)


@pytest.mark.parametrize(("lower", "expected"), [(0, True), (1, True), (2, False)])
def test_who_shares_a_place_is_told_by_how_many_rank_lower(lower: int, expected: bool) -> None:
    found = ask(f"{JC1}5.5", years=years((2024, 8, 10, "90"), (2025, 8, 10, "90"), lower=lower))
    assert (found.fires is Firing.AFTER_CONSENT) == expected


@pytest.mark.parametrize(
    ("clause", "flags"),
    [
        (f"{AK1}4.4.4", {"overdue": True}),
        (f"{AK3}5.12", {"overdue": True}),
        (f"{BD1}9.1", {"overdue": True, "undisclosed": True}),
    ],
)
def test_evidence_helpers_open_nothing(clause: str, flags: dict[str, bool]) -> None:
    found = ask(clause, flags=flags)
    assert (found.fires, found.opens) == (Firing.NO, Opens.NOTHING)
    assert found.finding is not None
    assert all(line.params.get("sign_en", "met") == "met" for line in found.lines)


def test_a_ground_without_a_computed_limb_has_no_trigger() -> None:
    city = city_with(GZ)
    for clause in ("11.5", "11.12", "10/untimely", "99"):
        assert find_trigger(city.regimes.values(), city.rulebook, GZ + clause) is None
