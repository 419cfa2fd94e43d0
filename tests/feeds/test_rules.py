"""What a calendar is told of a deadline: a day where it ends with the day, else the instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from core.cases.deadline_listing import DeadlineLine
from core.feeds.rules import event_of
from core.ids import new_id
from core.jurisdictions import Jurisdictions
from core.law.calendar import national_calendar, working_calendar
from core.law.calendar_version import NATIONAL
from core.law.instrument import Unit

MIDNIGHT, CLOSING = datetime(2026, 5, 8, 16, 0, tzinfo=UTC), datetime(2026, 5, 8, 9, 30, tzinfo=UTC)


def line(**said: Any) -> DeadlineLine:
    given: dict[str, Any] = {
        "id": new_id(), "case_id": new_id(), "number": "RX2026-000001", "kind": "hotline-order", "key": "handling",
        "clause": "c", "holder": "each-unit", "holder_unit_id": None, "starts_at": MIDNIGHT - timedelta(days=8),
        "original_due_on": date(2026, 5, 8), "due_on": date(2026, 5, 8), "due_at": MIDNIGHT, "state": "open",
        "ended_at": None, "provisional": False, "unit": Unit.WORKING_DAY,
    }  # fmt: skip
    return DeadlineLine(**given | said)


def snapshot(calendar: Any = None) -> Any:
    city = Jurisdictions.discover().get("ganzhou")
    return SimpleNamespace(
        jurisdiction=city, calendar=calendar or national_calendar(), tenant=SimpleNamespace(slug="ganzhou")
    )


@pytest.mark.parametrize(
    ("unit", "due_at", "expected"),
    [
        (Unit.WORKING_DAY, MIDNIGHT, date(2026, 5, 8)),
        (Unit.CALENDAR_DAY, MIDNIGHT, date(2026, 5, 8)),
        (Unit.SAME_DAY, MIDNIGHT, date(2026, 5, 8)),
        (None, MIDNIGHT, date(2026, 5, 8)),
        (Unit.HOUR, MIDNIGHT, MIDNIGHT),
        (Unit.OFFICE_HOUR, CLOSING, CLOSING),
        (Unit.HALF_WORKING_DAY, CLOSING, CLOSING),
        (Unit.WORKING_DAY, CLOSING, CLOSING),
    ],
    ids=str,
)
def test_an_event_is_of_the_day_only_where_the_term_ends_with_it(unit: Unit | None, due_at: datetime, expected: Any) -> None:
    assert event_of(line(unit=unit, due_at=due_at), snapshot()).at == expected


def test_an_office_that_closes_ends_the_day() -> None:
    closing = working_calendar(msgspec.structs.replace(NATIONAL, closing_hour="17:30"))
    assert event_of(line(due_at=CLOSING), snapshot(closing)).at == date(2026, 5, 8)


def test_what_the_rules_have_no_more_is_told_by_its_number() -> None:
    assert event_of(line(), snapshot()).summary == "RX2026-000001 办理时限"
    assert event_of(line(key="gone"), snapshot()).summary == "RX2026-000001"


def test_a_change_never_goes_back() -> None:
    arose, earlier, later = MIDNIGHT, MIDNIGHT - timedelta(days=1), MIDNIGHT + timedelta(days=1)
    assert event_of(line(arose_at=arose, entered_at=earlier), snapshot()).changed_at == arose
    assert event_of(line(arose_at=arose, entered_at=later), snapshot()).changed_at == later
    assert event_of(line(arose_at=arose), snapshot()).changed_at == arose
