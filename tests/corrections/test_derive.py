"""What becomes of a deadline when its receipt is corrected: the day before, the day and the day after, in each state."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.corrections.consequences import Effect, weigh
from core.corrections.correction import Correction, Swap
from core.corrections.derive import Rederived, rederive
from core.corrections.history import History
from core.corrections.months import Measure, tally
from core.errors import Refused
from core.procedure import Role
from tests.corrections.lives import CategorisedPaper, Chronicle, Deed
from tests.support.case_model import Actor
from tests.support.cities import shipped
from tests.support.paper import local, person, unit

EVERYBODY = person(Role.INTAKE_CLERK, Role.SUPERVISOR, Role.DISPATCHER)
WINDOW = person(Role.UNIT_OFFICER, units=("window",))
REGISTRATION = {
    "channel": "online", "title": "标题", "narrative": "内容", "form": "written", "complained_of": "window",
    "receiving_office": "supervision-office",
}  # fmt: skip
DISPATCH = {"units": [{"unit_id": str(unit("window")), "part": "lead"}]}
RECEIVED = "2026-03-02 10:00"
"""A Monday: five working days end on Monday 9 March. Received on Friday 27 February, they end on Thursday 5 March, since
Saturday 28 February was worked; received on Thursday 26 February, on Wednesday 4 March."""


class Told:
    """A complaint on paper, told step by step."""

    def __init__(self) -> None:
        city = shipped()["ankang"]
        self.paper = CategorisedPaper(city.kinds["complaint"], city.rulebook, local(RECEIVED))
        self.chronicle = Chronicle()
        self.paper.register(EVERYBODY, REGISTRATION)
        self._note(None)
        self.step("accept", grounds=["ankang:complaints-2018#3/accept.3"])
        self.step("classify", track="specialist", complex=False)
        self.step("dispatch", **DISPATCH)

    def step(self, key: str, at: str | None = None, **body: Any) -> None:
        """Takes a step, at that local time."""
        if at:
            self.paper.now = local(at)
        self.paper.take(WINDOW if key == "report-result" else EVERYBODY, key, body)
        self._note(key)

    def _note(self, key: str | None) -> None:
        self.chronicle.note(self.paper, Deed(Actor(frozenset()), key, {}, self.paper.now))

    @property
    def history(self) -> History:
        """All that is stored of it."""
        return self.chronicle.history(self.paper)

    def received(self, at: str) -> Rederived:
        """What would be, had it been received then."""
        return rederive(self.history, Correction(received_at=local(at)), self.paper.now, self.paper.world())


def faces(made: Rederived, key: str = "window-report") -> list[tuple[str, date]]:
    """The states and due days of the deadlines of a key."""
    return [(note.state, note.due_on) for note in made.case.standing.deadlines if note.key == key]


@pytest.mark.parametrize(
    ("reported", "was", "becomes"),
    [
        ("2026-03-04 23:59", "met", "met"),
        ("2026-03-05 23:59", "met", "met"),
        ("2026-03-06 00:00", "met", "met-late"),
        ("2026-03-09 23:59", "met", "met-late"),
        ("2026-03-10 00:00", "met-late", "met-late"),
    ],
)
def test_what_was_met_is_met_or_late_by_the_right_day(reported: str, was: str, becomes: str) -> None:
    told = Told()
    told.step("report-result", reported, result="已更正。")
    assert [note.state for note in told.paper.deadlines("window-report")] == [was]
    assert faces(told.received("2026-02-27 09:00")) == [(becomes, date(2026, 3, 5))]


@pytest.mark.parametrize(
    ("received", "due"),
    [("2026-02-26 09:00", date(2026, 3, 4)), ("2026-02-27 23:59", date(2026, 3, 5)), ("2026-02-28 00:00", date(2026, 3, 6))],
)
def test_the_day_of_receipt_counts_and_not_its_hour(received: str, due: date) -> None:
    assert faces(Told().received(received)) == [("open", due)]


def test_lateness_that_rested_on_a_wrong_day_goes_away() -> None:
    told = Told()
    made = told.chronicle.correct(told.paper, Correction(received_at=local("2026-02-26 09:00")))
    told.step("report-result", "2026-03-05 09:00", result="已更正。")
    assert [note.state for note in told.paper.deadlines("window-report")] == ["met-late"]
    again = told.received("2026-03-02 09:00")
    assert faces(again) == [("met", date(2026, 3, 9))]
    assert made.case.standing.deadlines[0].original_due_on == again.case.standing.deadlines[0].original_due_on


def test_what_lapsed_or_was_replaced_stays_so() -> None:
    told = Told()
    told.step("mark-complex", "2026-03-04 09:00", why_complex="涉及多年档案。")
    made = told.received("2026-02-27 09:00")
    assert faces(made) == [("replaced", date(2026, 3, 5))]
    ((state, due),) = faces(made, "window-report-complex")
    assert (state, due) == ("open", date(2026, 3, 12))
    told.step("withdraw", "2026-03-05 09:00", reason="已解决。")
    assert faces(told.received("2026-02-27 09:00"), "window-report-complex") == [("lapsed", date(2026, 3, 12))]


def test_a_step_that_would_have_come_too_late_refuses_the_correction() -> None:
    told = Told()
    told.step("mark-complex", "2026-03-06 09:00", why_complex="涉及多年档案。")
    with pytest.raises(Refused) as refused:
        told.received("2026-02-27 09:00")
    assert refused.value.code == "corrections.underivable"
    assert refused.value.params["step"] == "mark-complex"


def test_a_track_that_the_steps_contradict_is_refused() -> None:
    told = Told()
    with pytest.raises(Refused) as refused:
        rederive(told.history, Correction(track="joint"), told.paper.now, told.paper.world())
    assert (refused.value.code, refused.value.params["step"]) == ("corrections.step-contradicts", "dispatch")


def test_a_history_that_does_not_lead_to_the_case_is_not_guessed_at() -> None:
    told = Told()
    history = told.history
    lost = History(history.case, history.steps[:-1], history.deadlines)
    with pytest.raises(Refused) as refused:
        rederive(lost, Correction(received_at=local("2026-02-27 09:00")), told.paper.now, told.paper.world())
    assert refused.value.code == "corrections.not-derivable"


def test_the_consequences_say_which_breach_comes_and_which_month_changes() -> None:
    told = Told()
    told.paper.now = local("2026-03-06 09:00")
    made = told.received("2026-02-27 09:00")
    found = weigh(told.history.case, made, {date(2026, 2, 1)}, told.paper.world())
    (effect,) = found.deadlines
    assert effect.effect is Effect.CHANGED
    assert effect.before is not None
    assert effect.after is not None
    assert (effect.before.breached, effect.after.breached) == (False, True)
    assert {(item.month, item.measure, item.change, item.closed) for item in found.figures} == {
        ("2026-02", "received", 1, True), ("2026-03", "received", -1, False), ("2026-03", "overdue", 1, False),
    }  # fmt: skip
    assert found.closed_months == ("2026-02",)
    assert weigh(told.history.case, made, set(), told.paper.world()).digest != found.digest


def test_a_wrong_unit_counts_nowhere() -> None:
    told = Told()
    swap = Swap(unit("window"), unit("other"))
    made = rederive(told.history, Correction(unit=swap), told.paper.now, told.paper.world())
    assert [(note.state, note.holder_unit_id) for note in made.case.standing.deadlines] == [
        ("corrected-away", unit("window")), ("open", unit("other")),
    ]  # fmt: skip
    counted = tally(made.case, told.paper.world())
    assert {(line.measure, line.unit_id) for line in counted} == {(Measure.RECEIVED, None), (Measure.DUE, unit("other"))}
    assert made.case.standing.units[0].unit_id == unit("other")


def test_what_nothing_touches_keeps_its_explanation_word_for_word() -> None:
    told = Told()
    made = rederive(told.history, Correction(category="roads"), told.paper.now, told.paper.world())
    assert made.changed == ()
    assert made.case.category == "roads"
    later = local(RECEIVED) + timedelta(minutes=-1)
    (pair,) = rederive(told.history, Correction(received_at=later), told.paper.now, told.paper.world()).changed
    assert pair.before is not None
    assert pair.after is not None
    assert pair.before.explanation.due_on == pair.after.explanation.due_on
