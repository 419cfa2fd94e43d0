"""Ankang's rules on complaints, each with the facts that pass and those that do not, and the clause it rests on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jurisdictions.ankang.rules import RULES
from jurisdictions.ankang.rules.answers import (
    check_day_of_answer,
    check_deferred_before_reply,
    check_reported_before_reply,
    check_several_departments,
    check_something_to_defer,
)
from jurisdictions.ankang.rules.intake import check_receiving_office
from jurisdictions.ankang.rules.outcome import (
    check_fabrication,
    check_measures_need_substance,
    check_measures_reach,
    check_serious_measures_together,
)
from jurisdictions.ankang.rules.tracks import (
    check_answered_at_once,
    check_channel_of_track,
    check_complex_in_time,
    check_marks_of_track,
    check_no_term_run_out,
    check_stated_term,
)
from tests.jurisdictions.step_views import RECEIVED, Row, clauses_of, rules_of

C = "ankang:complaints-2018#"
NEXT_DAY = RECEIVED + timedelta(days=1)
TALK, LOSS, RETURN, DISCIPLINE = (
    f"{C}7/{name}" for name in ("talk", "loss-of-qualification", "return-to-home-unit", "report-to-discipline")
)
TERM = {"unit": "working_day", "length": 7}


def office(channel: str, key: str) -> dict[str, object]:
    """A complaint made by that channel, taken by that office."""
    return {"channel": channel, "data": {"receiving_office": key}}


def track(key: str, channel: str = "phone", received: date = RECEIVED, **data: object) -> dict[str, object]:
    """A complaint classified on the twelfth of February."""
    return {"channel": channel, "track": key, "data": {"track": key, **data}, "received_on": received}


def closing(substantiated: str, *measures: str, of: str = "window", fabricated: bool = False) -> dict[str, object]:
    """A complaint that is closed."""
    data = {"substantiated": substantiated, "measures": list(measures), "fabricated": fabricated}
    return {"data": data, "facts": {"complained_of": of}}


TABLE = [
    # Who takes it (#4)
    Row("the duty office takes what is said on site", check_receiving_office, office("on-site", "duty-office")),
    Row("the supervision office takes it too", check_receiving_office, office("on-site", "supervision-office")),
    Row("the supervision office takes phone calls", check_receiving_office, office("phone", "supervision-office")),
    Row("the duty office takes no phone calls", check_receiving_office, office("phone", "duty-office"), C + "4/duty-office"),
    Row("nor the report box", check_receiving_office, office("report-box", "duty-office"), C + "4/duty-office"),
    Row("nor a letter", check_receiving_office, office("other", "duty-office"), C + "4/duty-office"),
    Row("nor the online ones", check_receiving_office, office("online", "duty-office"), C + "4/duty-office"),
    # Which track (#6)
    Row("on site, on-site track", check_channel_of_track, track("on-site", "on-site")),
    Row("on site, specialist track", check_channel_of_track, track("specialist", "on-site")),
    Row("on site, several departments", check_channel_of_track, track("joint", "on-site")),
    Row("on site is never plain", check_channel_of_track, track("plain", "on-site"), C + "6.1"),
    Row("a phone call can be plain", check_channel_of_track, track("plain", "phone")),
    Row("a phone call can be specialist", check_channel_of_track, track("specialist", "phone")),
    Row("a phone call is not on site", check_channel_of_track, track("on-site", "phone"), C + "6.1"),
    Row("on the spot, on the day", check_answered_at_once, track("on-site", "on-site", on_the_spot=True)),
    Row(
        "on the spot, a day later",
        check_answered_at_once,
        track("on-site", "on-site", RECEIVED - timedelta(days=1), on_the_spot=True),
        C + "6.1/on-the-spot",
    ),
    Row(
        "in the term, a day later",
        check_answered_at_once,
        track("on-site", "on-site", RECEIVED - timedelta(days=1), on_the_spot=False),
    ),
    Row("on the spot belongs to the on-site track", check_marks_of_track, track("on-site", "on-site", on_the_spot=True)),
    Row("and to no other", check_marks_of_track, track("joint", on_the_spot=True), C + "6.1/on-the-spot"),
    Row("complex belongs to the specialist track", check_marks_of_track, track("specialist", complex=True)),
    Row("and to no other", check_marks_of_track, track("plain", complex=True), C + "6.2/complex"),
    Row("not complex may be said of any", check_marks_of_track, track("plain", complex=False)),
    Row("the plain track has a stated term", check_stated_term, track("plain", term=TERM)),
    Row("the on-site track has the text's", check_stated_term, track("on-site", "on-site", term=TERM), C + "6.1"),
    Row("the specialist track has the text's", check_stated_term, track("specialist", term=TERM), C + "6.2"),
    Row("the joint track has the text's", check_stated_term, track("joint", term=TERM), C + "6.3"),
    Row("no term, no objection", check_stated_term, track("joint")),
    Row("complex before the report", check_complex_in_time, {"facts": {"complex": False}, "taken": ("dispatch",)}),
    Row("complex twice", check_complex_in_time, {"facts": {"complex": True}}, C + "6.2/complex"),
    Row("complex from the classification", check_complex_in_time, {"facts": {"complex": True}}, C + "6.2/complex"),
    Row("complex after the report", check_complex_in_time, {"taken": ("dispatch", "report-result")}, C + "6.2/complex"),
    Row("complex after a part of it", check_complex_in_time, {"taken": ("dispatch", "report-part")}, C + "6.2/complex"),
    # How it is answered (#6.1, #6.3)
    Row("an answer on the day", check_day_of_answer, {"occurred_on": RECEIVED}),
    Row("an answer the day after", check_day_of_answer, {"occurred_on": NEXT_DAY}, C + "6.1/on-the-spot"),
    Row("to be answered at once, deferred", check_something_to_defer, {"facts": {"on_the_spot": True}}),
    Row("never to be answered at once", check_something_to_defer, {"facts": {"on_the_spot": False}}, C + "6.1"),
    Row("deferred twice", check_something_to_defer, {"facts": {"on_the_spot": "false"}}, C + "6.1"),
    Row(
        "to be answered at once, replied to otherwise",
        check_deferred_before_reply,
        {"track": "on-site", "facts": {"on_the_spot": True}},
        C + "6.1/on-the-spot",
    ),
    Row("deferred, then replied to", check_deferred_before_reply, {"track": "on-site", "facts": {"on_the_spot": "false"}}),
    Row("in the term, replied to", check_deferred_before_reply, {"track": "on-site", "facts": {"on_the_spot": False}}),
    Row("another track", check_deferred_before_reply, {"track": "joint", "facts": {"on_the_spot": True}}),
    Row("specialist, reported", check_reported_before_reply, {"track": "specialist", "state": "handled"}),
    Row("specialist, taken back", check_reported_before_reply, {"track": "specialist", "state": "classified"}, C + "6.2"),
    Row("joint, no window reports", check_reported_before_reply, {"track": "joint", "state": "classified"}),
    Row("another track in time", check_no_term_run_out, {"overdue": False}),
    Row("another track too late", check_no_term_run_out, {"overdue": True}, C + "6"),
    Row("two departments meet", check_several_departments, {"data": {"departments": ["人社局", "住建局"]}}),
    Row("one department", check_several_departments, {"data": {"departments": ["人社局"]}}, C + "6.3"),
    Row("one department, twice", check_several_departments, {"data": {"departments": ["人社局", " 人社局"]}}, C + "6.3"),
    # What comes of it (#7, #8)
    Row("true, a talk", check_measures_need_substance, closing("yes", TALK)),
    Row("true in part, a talk", check_measures_need_substance, closing("partly", TALK)),
    Row("not true, a talk", check_measures_need_substance, closing("no", TALK), C + "7"),
    Row("not true, no measure", check_measures_need_substance, closing("no")),
    Row("the three together", check_serious_measures_together, closing("yes", LOSS, RETURN, DISCIPLINE)),
    Row("the three and a talk", check_serious_measures_together, closing("yes", TALK, LOSS, RETURN, DISCIPLINE)),
    Row("one of the three", check_serious_measures_together, closing("yes", LOSS), C + "7"),
    Row("two of the three", check_serious_measures_together, closing("yes", LOSS, RETURN), C + "7"),
    Row("none of the three", check_serious_measures_together, closing("yes", TALK)),
    Row("a measure for a window", check_measures_reach, closing("yes", TALK, of="window")),
    Row("a measure for staff", check_measures_reach, closing("yes", TALK, of="staff")),
    Row("a measure for the centre", check_measures_reach, closing("yes", TALK, of="centre"), C + "7"),
    Row("no measure for the centre", check_measures_reach, closing("yes", of="centre")),
    Row("fabricated, not true", check_fabrication, closing("no", fabricated=True)),
    Row("fabricated in part, true in part", check_fabrication, closing("partly", fabricated=True)),
    Row("fabricated, true", check_fabrication, closing("yes", fabricated=True), C + "8"),
    Row("merely not true", check_fabrication, closing("no")),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.rule.__name__}: {row.name}")
def test_rule(row: Row) -> None:
    assert clauses_of(row) == ([row.refused_by] if row.refused_by else [])


def test_every_rule_has_a_row_that_passes_and_one_that_is_refused() -> None:
    assert {row.rule for row in TABLE if row.refused_by} == rules_of(RULES.values())
    assert {row.rule for row in TABLE if not row.refused_by} == rules_of(RULES.values())


def test_every_rule_cites_its_clause() -> None:
    assert [rule.__name__ for rule in rules_of(RULES.values()) if "#" not in (rule.__doc__ or "")] == []
