"""The rules on paper: what finds what, what costs nothing, and when a reminder was let pass."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.ids import new_id
from core.law.calendar import national_calendar
from core.procedure import Role
from core.supervision.finding import Sighting, note_sightings
from core.supervision.item import Ending, Item, State
from core.supervision.reminding import is_reminded, is_unheeded
from core.supervision.rules import find_rule, is_supervised_by, rules_at
from core.supervisions import Reminding
from tests.support.cities import shipped
from tests.support.paper import local, unit

CITY = shipped()["ganzhou"]
KIND = CITY.kind("hotline-order")
CITED = "ganzhou:hotline-2022#"
LATE, VAIN = (find_rule(KIND, key) for key in ("overdue", "redone-in-vain"))
THEN = local("2026-05-18 09:00")
DAY_END = local("2026-05-19 00:00")


def item(**changes: Any) -> Item:
    """A matter of unit a that waits to be supervised."""
    told: dict[str, Any] = {
        "id": new_id(), "case_id": new_id(), "rule": "overdue", "clause": f"{CITED}6.3", "law_version": "2022",
        "cause": "deadline", "deadline_id": new_id(), "unit_id": unit("a"), "facts": {}, "found_at": THEN,
        "recorded_at": THEN, "state": State.FOUND,
    }  # fmt: skip
    return Item(**told | changes)


@pytest.mark.parametrize(
    ("deadline", "rung", "found"),
    [
        ("handling", "breach", ["overdue"]),
        ("redo-handling", "breach", ["overdue"]),
        ("supervision-by-leader", "breach", ["overdue"]),
        ("urgent-response", "breach", []),
        ("handling", "fifth-day", []),
    ],
)
def test_what_finds_a_deadline(deadline: str, rung: str, found: list[str]) -> None:
    assert [rule.key for rule in rules_at(KIND, deadline, rung)] == found


def test_each_rule_rests_on_its_whole_clause() -> None:
    assert [rule.clause for rule in KIND.supervisions] == [f"{CITED}6.3", f"{CITED}6.4"]


@pytest.mark.parametrize("way", ["supervise-by-message", "supervise-in-writing", "supervise-on-site", "supervise-by-leader"])
def test_a_way_supervises_the_matter_that_it_says(way: str) -> None:
    assert LATE is not None
    assert VAIN is not None
    for clause, late, vain in (("6.1", False, False), ("6.3", True, False), ("6.4", False, True)):
        data = {"matter": CITED + clause}
        assert (is_supervised_by(LATE, way, data), is_supervised_by(VAIN, way, data)) == (late, vain)
    assert not is_supervised_by(LATE, "remind", {"matter": f"{CITED}6.3"})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"data": {"cause": "shirking"}}, False),
        ({"step": "urge"}, False),
        ({"occurred_at": THEN - timedelta(seconds=1)}, False),
        ({"data": {"cause": "overdue", "reminded_units": [str(unit("a"))]}}, True),
        ({"data": {"cause": "overdue", "reminded_units": [str(unit("b"))]}}, False),
    ],
)
def test_what_reminds_a_unit(changes: dict[str, Any], expected: bool) -> None:
    row = {"step": "remind", "occurred_at": THEN, "data": {"cause": "overdue"}} | changes
    assert LATE is not None
    assert LATE.reminding is not None
    assert is_reminded(row, item(), KIND, LATE.reminding) is expected


@pytest.mark.parametrize(
    ("rows", "now", "expected"),
    [
        ([], DAY_END - timedelta(microseconds=1), False),
        ([], DAY_END, True),
        ([("report", "a", THEN)], DAY_END, False),
        ([("report", "a", DAY_END - timedelta(microseconds=1))], DAY_END, False),
        ([("report", "a", DAY_END)], DAY_END, True),
        ([("report", "a", THEN - timedelta(microseconds=1))], DAY_END, True),
        ([("report", "b", THEN)], DAY_END, True),
        ([("report-up", None, DAY_END)], DAY_END, False),
    ],
)
def test_when_the_day_of_a_reminder_was_let_pass(rows: list[Any], now: datetime, expected: bool) -> None:
    steps = [
        {
            "step": step, "unit_id": unit(name) if name else None, "occurred_at": at,
            "role": Role.UNIT_OFFICER if name else Role.SUPERVISOR,
        }
        for step, name, at in rows
    ]  # fmt: skip
    assert is_unheeded(steps, item(), Reminding("remind", "report-up"), (THEN, DAY_END), now) is expected


class Counting:
    """A session that counts what it is asked, knows nothing, and keeps what is written."""

    recorded_at = datetime(2026, 5, 20, tzinfo=UTC)

    def __init__(self, *steps: dict[str, Any]) -> None:
        self.asked = 0
        self.added: list[dict[str, Any]] = []
        self.told: list[str] = []
        self._steps = list(steps)

    async def all(self, statement: Any, params: Any) -> list[Any]:
        self.asked += 1
        return self._steps if "named" in params else []

    def add(self, table: Any, row: dict[str, Any]) -> None:
        self.added.append(row)

    def record(self, change: Any) -> None:
        self.told.append(change.action)


def sighting() -> Sighting:
    assert LATE is not None
    return Sighting(LATE, new_id(), new_id(), "handling", unit("a"), date(2026, 5, 15), THEN, THEN)


async def note(session: Counting, *sightings: Sighting) -> None:
    snapshot = SimpleNamespace(
        rulebook=CITY.rulebook, calendar=national_calendar(), local_day=lambda at: (at + timedelta(hours=8)).date()
    )
    await note_sightings(cast("Any", session), cast("Any", snapshot), sightings)


@pytest.mark.parametrize("number", [1, 100])
async def test_any_number_of_them_costs_as_many_questions_as_one_and_none_costs_none(number: int) -> None:
    session = Counting()
    await note(session)
    assert session.asked == 0
    await note(session, *(sighting() for _ in range(number)))
    assert (session.asked, len(session.added)) == (3, number)
    assert session.told == ["supervision.found"] * number


@pytest.mark.parametrize(("late", "expected"), [(-1, State.FOUND), (0, State.SUPERVISED), (60, State.SUPERVISED)])
async def test_what_a_step_supervised_since_is_written_so(late: int, expected: State) -> None:
    found, data = sighting(), {"matter": f"{CITED}6.3"}
    at = THEN + timedelta(seconds=late)
    step = {"id": new_id(), "case_id": found.case_id, "step": "supervise-by-message", "occurred_at": at, "data": data}
    session = Counting(step)
    await note(session, found)
    (row,) = session.added
    assert row["state"] == expected
    supervised = expected is State.SUPERVISED
    assert (row["ending"], row["step_id"]) == ((Ending.SUPERVISED, step["id"]) if supervised else (None, None))
    assert session.told == ["supervision.found", "supervision.ended"][: 1 + supervised]
