"""What each city says of more time: who gets it, up to when, and what it is refused under."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.cases.case import DeadlineNote
from core.errors import WenzeError
from core.law.instrument import Term, Unit
from tests.jurisdictions import test_baoding_procedure as baoding
from tests.jurisdictions import test_ganzhou as ganzhou
from tests.jurisdictions import test_jincheng_findings as jincheng
from tests.jurisdictions.playing import Stage

R, B = "jincheng:rapid-2017#", "baoding:tip-offs-2010#"
CONSENT = {
    "extension_consented_by": "市政府", "extension_consent_document": "第17次常务会议纪要", "extension_plan": "分三段更换。",
    "extension_timetable": "四月中旬完成。", "reason": "管材须定制。",
}  # fmt: skip


def days(length: int, unit: str = "calendar_day") -> dict[str, Any]:
    """A length."""
    return {"length": {"unit": unit, "length": length}}


def refused(stage: Stage, who: str, step: str, **body: Any) -> tuple[str, str | None]:
    """The code and the clause by which a step is refused."""
    with pytest.raises(WenzeError) as caught:
        stage.step(who, "one", step, **body)
    return caught.value.code, caught.value.clause


def notes(stage: Stage, key: str) -> list[DeadlineNote]:
    """The deadlines of a key."""
    return [note for note in stage.cases["one"].standing.deadlines if note.key == key]


def dues(stage: Stage, key: str) -> list[tuple[date, str]]:
    """The dates and states of the deadlines of a key."""
    return [(note.due_on, note.state) for note in notes(stage, key)]


# Jincheng: a matter of 2.2 received on Monday 2 March is due on Monday 9 March, seven days.
SIXTY = [
    ("the day before the limit", 59, None, date(2026, 5, 7), None),
    ("the limit", 60, None, date(2026, 5, 8), None),
    ("beyond it, bare", 61, None, date(2026, 3, 9), "deadlines.limit-exceeded-bare"),
    ("beyond it, onto a Saturday that works", 61, "暴雨停工。", date(2026, 5, 9), None),
    ("onto a Sunday", 62, "暴雨停工。", date(2026, 5, 11), None),
]


@pytest.mark.parametrize(("name", "length", "beyond", "due", "code"), SIXTY, ids=[row[0] for row in SIXTY])
def test_sixty_days_and_more_only_for_a_reason(
    name: str, length: int, beyond: str | None, due: date, code: str | None
) -> None:
    stage = jincheng.dispatched("provincial-city", "ordinary")
    body = CONSENT | days(length) | ({"beyond_reason": beyond} if beyond else {})
    if code:
        assert refused(stage, "inspector", "extend-rectification", **body) == (code, R + "2.2/extension")
    else:
        stage.step("inspector", "one", "extend-rectification", **body)
    assert dues(stage, "provincial-city-ordinary") == [(due, "open"), (due, "open")]


def test_several_extensions_together_stay_within_sixty_days() -> None:
    stage = jincheng.dispatched("provincial-city", "ordinary")
    stage.step("inspector", "one", "extend-rectification", **CONSENT, **days(40))
    code, clause = refused(stage, "inspector", "extend-rectification", **CONSENT, **days(21))
    assert (code, clause) == ("deadlines.limit-exceeded-bare", R + "2.2/extension")
    stage.step("inspector", "one", "extend-rectification", **CONSENT, **days(20))
    assert {note.due_on for note in notes(stage, "provincial-city-ordinary")} == {date(2026, 5, 8)}
    assert {note.original_due_on for note in notes(stage, "provincial-city-ordinary")} == {date(2026, 3, 9)}


@pytest.mark.parametrize("missing", sorted(set(CONSENT) - {"reason"}))
def test_without_consent_plan_or_timetable_nothing_is_extended(missing: str) -> None:
    stage = jincheng.dispatched("provincial-city", "major")
    body = {name: value for name, value in CONSENT.items() if name != missing} | days(10)
    assert refused(stage, "inspector", "extend-rectification", **body) == ("cases.fact-missing", R + "2.2/extension")


@pytest.mark.parametrize(
    ("track", "severity", "clause"),
    [
        ("superior", "ordinary", "2.1"),
        ("superior", "major", "2.1"),
        ("cross-department", None, "2.3"),
        ("misconduct", None, "2.4"),
        ("sudden", None, "2.5"),
    ],
)
def test_other_findings_are_not_extended(track: str, severity: str | None, clause: str) -> None:
    units = jincheng.with_term(unit="calendar_day", length=10) if track == "sudden" else None
    stage = jincheng.dispatched(track, severity, **({"units": units} if units else {}))
    code, cited = refused(stage, "inspector", "extend-rectification", **CONSENT, **days(10))
    assert (code, cited) == ("cases.city-objects", R + clause)


def test_an_extension_counts_in_days_and_comes_before_the_term_has_run_out() -> None:
    stage = jincheng.dispatched("provincial-city", "ordinary")
    code, _ = refused(stage, "inspector", "extend-rectification", **CONSENT, **days(2, "month"))
    assert code == "deadlines.limit-other-unit"
    stage.now = datetime(2026, 3, 9, 16, tzinfo=UTC) - timedelta(microseconds=1)
    stage.step("inspector", "one", "extend-rectification", **CONSENT, **days(1))
    stage.now = datetime(2026, 3, 10, 16, tzinfo=UTC)
    code, clause = refused(stage, "inspector", "extend-rectification", **CONSENT, **days(1))
    assert (code, clause) == ("deadlines.ran-out", "wenze:house#extension")


# Baoding: only the handling for which the tenant has set a limit is extended, by a clerk who tells why.
TOLD = {"reason": "档案修复。", "told": "whistleblower", "told_by": "written"}


def transferred(*, limited: bool = True) -> Stage:
    """A tip-off with the unit; the tenant's limit is ten working days."""
    stage = baoding.classified("transfer")
    stage.terms = dict(stage.terms) | ({"tip-off.handling-limit": Term(Unit.WORKING_DAY, 10)} if limited else {})
    stage.step("clerk", "one", "transfer", **baoding.TRANSFERRED)
    return stage


def test_the_handling_of_a_tip_off_is_extended_and_no_other_term() -> None:
    stage = transferred()
    before = {note.key: note.due_on for note in stage.cases["one"].standing.deadlines}
    assert before["handling"] == date(2026, 3, 16)
    stage.step("clerk", "one", "extend-handling", **TOLD, **days(5, "working_day"))
    after = {note.key: note.due_on for note in stage.cases["one"].standing.deadlines}
    assert after == before | {"handling": date(2026, 3, 23)}


def test_an_extension_without_a_length_is_refused_where_there_is_a_limit() -> None:
    code, clause = refused(transferred(), "clerk", "extend-handling", **TOLD)
    assert (code, clause) == ("deadlines.length-missing", "wenze:house#extension")


def test_without_the_notice_an_extension_does_not_take_effect() -> None:
    stage = transferred()
    bare = {"reason": "档案修复。", "told": "whistleblower"} | days(5)
    assert refused(stage, "clerk", "extend-handling", **bare) == ("cases.fact-missing", B + "7.4")
    assert dues(stage, "handling") == [(date(2026, 3, 16), "open")]


def test_where_the_tenant_has_set_no_limit_nothing_arises_and_the_reasons_are_told_all_the_same() -> None:
    stage = transferred(limited=False)
    assert notes(stage, "handling") == []
    before = stage.cases["one"].standing.deadlines
    assert stage.step("clerk", "one", "extend-handling", **TOLD).standing.deadlines == before


def test_the_centres_own_investigation_has_the_same_limit() -> None:
    stage = baoding.classified("own-investigation")
    stage.terms = dict(stage.terms) | {"tip-off.handling-limit": Term(Unit.WORKING_DAY, 10)}
    stage.step("leader", "one", "approve-investigation", instruction="同意调查")
    stage.step("investigator", "one", "investigate")
    stage.step("clerk", "one", "extend-handling", **TOLD, **days(1))
    ((due, state),) = dues(stage, "own-handling")
    assert (due, state) == (date(2026, 3, 17), "open")
    stage.step("investigator", "one", "report-findings", result="属实")
    assert dues(stage, "own-handling") == [(date(2026, 3, 17), "met")]


# Ganzhou: the limit of the handling is the tenant's, and so is what moves it. Dispatched on Wednesday 1 April.
LIMIT = {"hotline.extension-limit": Term(Unit.WORKING_DAY, 5)}
ASKED = {"reason": "须更换管道。"}


def with_unit(**terms: Term) -> Stage:
    """An order with its unit, whose handling takes five working days: to Thursday 9 April, the 6th being a holiday."""
    stage = ganzhou.registered(date(2026, 4, 1))
    stage.terms = {"hotline.handling-limit": Term(Unit.WORKING_DAY, 5), **terms}
    stage.permissions.clear()
    stage.step("operator", "one", "accept")
    stage.step("dispatcher", "one", "dispatch", units=[ganzhou.LEAD])
    return stage


def test_a_unit_asks_for_more_time_and_another_grants_it() -> None:
    stage = with_unit(**LIMIT)
    stage.step("city-officer", "one", "ask-extension", **ASKED, **days(3, "working_day"))
    assert dues(stage, "handling") == [(date(2026, 4, 9), "open")]
    stage.step("dispatcher", "one", "grant-extension")
    assert dues(stage, "handling") == [(date(2026, 4, 14), "open")]
    assert stage.cases["one"].standing.pending == ()


def test_another_length_can_be_granted_and_none() -> None:
    stage = with_unit(**LIMIT)
    stage.step("city-officer", "one", "ask-extension", **ASKED, **days(3, "working_day"))
    stage.step("dispatcher", "one", "grant-extension", **days(1, "working_day"))
    stage.step("city-officer", "one", "ask-extension", **ASKED, **days(3, "working_day"))
    stage.step("dispatcher", "one", "decline-extension", reason="理由不充分")
    assert dues(stage, "handling") == [(date(2026, 4, 10), "open")]


def test_the_tenants_limit_is_not_gone_beyond_and_needed() -> None:
    code, clause = refused(with_unit(), "city-officer", "ask-extension", **ASKED, **days(1))
    assert (code, clause) == ("deadlines.limit-not-set", "wenze:house#extension")
    stage = with_unit(**LIMIT)
    code, _ = refused(stage, "city-officer", "ask-extension", **ASKED, **days(6, "working_day"))
    assert code == "deadlines.limit-exceeded"
    code, _ = refused(stage, "city-officer", "ask-extension", **ASKED, **days(1, "hour"))
    assert code == "deadlines.limit-other-unit"
    stage.step("city-officer", "one", "ask-extension", **ASKED, **days(5, "working_day"))
    code, _ = refused(stage, "dispatcher", "grant-extension", **days(6, "working_day"))
    assert code == "deadlines.limit-exceeded"


def test_what_has_run_out_is_not_extended() -> None:
    stage = with_unit(**LIMIT)
    stage.step("city-officer", "one", "ask-extension", **ASKED, **days(5, "working_day"))
    stage.now = datetime(2026, 4, 9, 16, tzinfo=UTC)
    assert refused(stage, "dispatcher", "grant-extension")[0] == "deadlines.ran-out"


PAUSED = {"pause_cause": "weather", "reason": "连日暴雨。"}


def test_an_order_is_paused_only_where_the_tenant_has_set_that_it_may_be() -> None:
    stage = with_unit()
    code, clause = refused(stage, "dispatcher", "pause", **PAUSED)
    assert (code, clause) == ("deadlines.not-permitted", "wenze:house#pause")


PAUSES = [
    ("resumed the same day", date(2026, 4, 7), date(2026, 4, 9)),
    ("the day after", date(2026, 4, 8), date(2026, 4, 10)),
    ("on a Saturday, two working days later", date(2026, 4, 11), date(2026, 4, 14)),
    ("the Monday after", date(2026, 4, 13), date(2026, 4, 15)),
]


@pytest.mark.parametrize(("name", "resumed", "due"), PAUSES, ids=[row[0] for row in PAUSES])
def test_a_pause_moves_the_handling_by_what_was_paused(name: str, resumed: date, due: date) -> None:
    stage = with_unit()
    stage.permissions["hotline.pause-allowed"] = "赣市热线〔2026〕2号"
    stage.now = ganzhou.noon(date(2026, 4, 7))
    stage.step("dispatcher", "one", "pause", **PAUSED)
    assert dues(stage, "handling") == [(date(2026, 4, 9), "paused")]
    assert not notes(stage, "handling")[0].overdue_at(datetime(2027, 1, 1, tzinfo=UTC))
    stage.now = ganzhou.noon(resumed)
    stage.step("dispatcher", "one", "resume", reason="雨停。")
    assert dues(stage, "handling") == [(due, "open")]


def test_what_is_paused_is_not_paused_again_and_what_runs_is_not_resumed() -> None:
    stage = with_unit()
    stage.permissions["hotline.pause-allowed"] = "赣市热线〔2026〕2号"
    assert refused(stage, "dispatcher", "resume", reason="雨停。")[0] == "deadlines.not-paused"
    stage.step("dispatcher", "one", "pause", **PAUSED)
    assert refused(stage, "dispatcher", "pause", **PAUSED)[0] == "deadlines.paused-already"


ENDS: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("met while it is paused", "city-officer", "report-result", {"result": "已修", "evidence_note": "x"}, "met"),
    ("ended with the case", "dispatcher", "withdraw", {"reason": "已解决"}, "lapsed"),
    (
        "replaced",
        "dispatcher",
        "redispatch",
        {"why_redispatched": "x", "units": [ganzhou.HELPER | {"part": "lead"}]},
        "replaced",
    ),
]


@pytest.mark.parametrize(("name", "who", "step", "body", "state"), ENDS, ids=[row[0] for row in ENDS])
def test_a_deadline_that_is_paused_ends_like_any_other(
    name: str, who: str, step: str, body: dict[str, Any], state: str
) -> None:
    stage = with_unit()
    stage.permissions["hotline.pause-allowed"] = "赣市热线〔2026〕2号"
    stage.step("dispatcher", "one", "pause", **PAUSED)
    stage.now = ganzhou.noon(date(2026, 6, 1))
    stage.step(who, "one", step, **body)
    assert dues(stage, "handling")[0] == (date(2026, 4, 9), state)


def test_an_extension_while_it_is_paused_counts_all_the_same() -> None:
    stage = with_unit(**LIMIT)
    stage.permissions["hotline.pause-allowed"] = "赣市热线〔2026〕2号"
    stage.step("dispatcher", "one", "pause", **PAUSED)
    stage.now = ganzhou.noon(date(2026, 4, 2))
    stage.step("city-officer", "one", "ask-extension", **ASKED, **days(2, "working_day"))
    stage.step("dispatcher", "one", "grant-extension")
    assert dues(stage, "handling") == [(date(2026, 4, 13), "paused")]
    stage.now = ganzhou.noon(date(2026, 4, 7))
    stage.step("dispatcher", "one", "resume", reason="雨停。")
    assert dues(stage, "handling") == [(date(2026, 4, 16), "open")]
