"""Jincheng's own rules, each with the facts, what must come of them, and the clause."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jurisdictions.jincheng.rules.closing import require_nothing_left_open
from jurisdictions.jincheng.rules.extension import require_extendable
from jurisdictions.jincheng.rules.plan import require_first_plan
from jurisdictions.jincheng.rules.reminded import require_units_of_the_matter
from jurisdictions.jincheng.rules.start import require_consent_before_inquiry, require_given_consent, require_past_start
from jurisdictions.jincheng.rules.steps import RULES
from jurisdictions.jincheng.rules.told import require_not_told_yet
from jurisdictions.jincheng.rules.track import require_fitting_source
from tests.jurisdictions.step_views import Row, clauses_of, rules_of

R = "jincheng:rapid-2017#"
LATER = {"data": {"left_open_reason": "并入牵头单位"}}


def source(track: str, channel: str) -> dict[str, Any]:
    """A finding that came by a channel and is put on a track."""
    return {"data": {"track": track}, "channel": channel}


def dispatched(day: date, **starts: str) -> dict[str, Any]:
    """A dispatch on a day, with the events from which the terms run."""
    return {"data": dict(starts), "occurred_on": day}


def closing(kind: str, *open_: str) -> dict[str, Any]:
    """A case that is to be closed with these terms open."""
    return {"kind": kind, "open_deadlines": open_}


def reminding(*units: str) -> dict[str, Any]:
    """A reminder of some units in a matter that a and b have."""
    return {"data": {"reminded_units": list(units)}, "units": ("a", "b")}


def inquiry(ended_at: str) -> dict[str, Any]:
    """An inquiry to which the government consented on 3 October, and when it ended."""
    told = {"inspection_ended_at": ended_at}
    return {"track": "cross-department", "data": told, "facts": {"consented_on": "2026-10-03"}}


REOPENING = "wenze:house#reopening"
SATURDAY = date(2026, 10, 3)
TABLE = [
    # Nothing is left open (accountability 5.2; rapid 3.3)
    Row("a matter with nothing open", require_nothing_left_open, closing("inspection-matter")),
    Row(
        "a matter with a unit's term open",
        require_nothing_left_open,
        closing("inspection-matter", "settle-ordinary"),
        "jincheng:accountability-2017#5.2",
    ),
    Row("the same, with a reason", require_nothing_left_open, closing("inspection-matter", "settle-ordinary") | LATER),
    Row("a finding with a unit's term open", require_nothing_left_open, closing("finding", "feedback"), R + "3.3"),
    Row("a finding with nothing open", require_nothing_left_open, closing("finding")),
    # The source that the clause names (rapid 2.1-2.5)
    Row("from above, by instruction", require_fitting_source, source("superior", "instruction")),
    Row("from above, found by an inspection", require_fitting_source, source("superior", "inspection")),
    Row("from above, a lead handed over", require_fitting_source, source("superior", "handover")),
    Row("from above, told by the grass roots", require_fitting_source, source("superior", "grassroots"), R + "2.1"),
    Row("province and city, by instruction", require_fitting_source, source("provincial-city", "instruction")),
    Row("province and city, found", require_fitting_source, source("provincial-city", "inspection")),
    Row("province and city, handed over", require_fitting_source, source("provincial-city", "handover"), R + "2.2"),
    Row("province and city, grass roots", require_fitting_source, source("provincial-city", "grassroots"), R + "2.2"),
    Row("buck-passing, told by the grass roots", require_fitting_source, source("cross-department", "grassroots")),
    Row("buck-passing, found", require_fitting_source, source("cross-department", "inspection"), R + "2.3"),
    Row("buck-passing, by instruction", require_fitting_source, source("cross-department", "instruction"), R + "2.3"),
    *(
        Row(f"{track}, {channel}: no source is named", require_fitting_source, source(track, channel))
        for track in ("misconduct", "sudden")
        for channel in ("instruction", "inspection", "handover", "grassroots")
    ),
    # A term runs from what has happened (house)
    Row("the day before", require_past_start, dispatched(SATURDAY, inspection_ended_at="2026-10-02T08:00:00Z")),
    Row("the same day", require_past_start, dispatched(SATURDAY, inspection_ended_at="2026-10-03T15:59:59Z")),
    Row(
        "the day after, in Jincheng",
        require_past_start,
        dispatched(SATURDAY, inspection_ended_at="2026-10-03T16:00:00Z"),
        "wenze:house#time",
    ),
    Row("the demand, the same day", require_past_start, dispatched(SATURDAY, demand_received_at="2026-10-03T01:00:00Z")),
    Row(
        "the demand, the day after",
        require_past_start,
        dispatched(SATURDAY, demand_received_at="2026-10-04T01:00:00Z"),
        "wenze:house#time",
    ),
    Row("neither is told", require_past_start, dispatched(SATURDAY)),
    # The government's consent comes before the inquiry (rapid 2.3)
    Row("consented the same day", require_given_consent, dispatched(SATURDAY, consented_on="2026-10-03")),
    Row("consented tomorrow", require_given_consent, dispatched(SATURDAY, consented_on="2026-10-04"), "wenze:house#time"),
    Row("ended the day before", require_consent_before_inquiry, inquiry("2026-10-02T15:59:59Z"), R + "2.3"),
    Row("ended on the day", require_consent_before_inquiry, inquiry("2026-10-02T16:00:00Z")),
    Row("ended later", require_consent_before_inquiry, inquiry("2026-10-08T01:00:00Z")),
    Row("another track", require_consent_before_inquiry, inquiry("2026-10-01T01:00:00Z") | {"track": "misconduct"}),
    # A plan names its term once (rapid 2.3)
    Row("the first plan", require_first_plan, {"taken": ("dispatch",)}),
    Row("another plan", require_first_plan, {"taken": ("dispatch", "file-plan")}, R + "2.3"),
    # Only 2.2 knows an extension (rapid 2.1-2.5)
    Row("a matter of 2.2", require_extendable, {"track": "provincial-city"}),
    Row("a matter from above", require_extendable, {"track": "superior"}, R + "2.1"),
    Row("a matter of several departments", require_extendable, {"track": "cross-department"}, R + "2.3"),
    Row("a matter of misconduct", require_extendable, {"track": "misconduct"}, R + "2.4"),
    Row("a sudden situation", require_extendable, {"track": "sudden"}, R + "2.5"),
    # What the government or the public knows of is not sent back (rapid 2.1, 2.4)
    Row("sent back before anybody knows", require_not_told_yet, {"taken": ("accept-rectification",)}),
    *(
        Row(f"sent back after {step}", require_not_told_yet, {"taken": ("accept-rectification", step)}, REOPENING)
        for step in ("consent-to-report", "report-up", "publish")
    ),
    # Whom a reminder is about (points 11.3)
    Row("nobody in particular", require_units_of_the_matter, {"units": ("a", "b")}),
    Row("one of the units", require_units_of_the_matter, reminding("b")),
    Row("a unit that has not the matter", require_units_of_the_matter, reminding("b", "c"), "wenze:house#membership"),
]


@pytest.mark.parametrize("row", TABLE, ids=[row.name for row in TABLE])
def test_rule(row: Row) -> None:
    assert clauses_of(row) == ([row.refused_by] if row.refused_by else [])


def test_every_rule_stands_in_the_table() -> None:
    assert {row.rule for row in TABLE} == rules_of(RULES.values())
