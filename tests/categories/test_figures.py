"""Whose figure a deadline has: the step's, the category's, the setting's or the text's; and urgent terms to the minute."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from core.cases.bodies import make_step_body
from core.cases.case import DeadlineNote
from core.cases.world import CategoryTerm
from core.deadlines.explanation import Explanation
from core.deadlines.wording import render
from core.errors import Refused
from core.jurisdictions import Jurisdiction
from core.law.instrument import Term, Unit
from core.procedure import CategoryLimit
from core.tenants.categories import Categories, Limit
from tests.categories.said import CHANGE, HANDLING, URGENT, days, minutes, said, tree
from tests.deadlines.recompute import recompute
from tests.jurisdictions.playing import Stage, load, unit_id

CITY = load("ganzhou")
ARTICLE_11_3 = "ganzhou:hotline-2022#11.3"
BEIJING = timezone(timedelta(hours=8))
LEAD, HELPER = {"unit_id": "@urban-management", "part": "lead"}, {"unit_id": "@water-company", "part": "cooperating"}
STATED = {"term": {"unit": "working_day", "length": 2}, "term_reason": "现场危险"}
SETTING, URGENT_SETTING = Term(Unit.WORKING_DAY, 5), Term(Unit.MINUTE, 30)
TREE = tree(
    said("municipal", limits={HANDLING: days(4)}),
    said("roads", "municipal"),
    said("water", "municipal", limits={HANDLING: days(3), URGENT: Limit(Term(Unit.HOUR, 2), "两小时")}),
    said("noise"),
    said("municipal", None, CHANGE, limits={HANDLING: days(1)}),
)
MONDAY = date(2026, 3, 2)


def morning(day: date) -> datetime:
    """Ten o'clock in Ganzhou."""
    return datetime(day.year, day.month, day.day, 10, tzinfo=BEIJING).astimezone(UTC)


def stage(day: date = MONDAY, categories: Categories = TREE, **terms: Term | None) -> Stage:
    """A stage with these figures, some left out."""
    given = {"hotline.handling-limit": SETTING, "hotline.urgent-response": URGENT_SETTING}
    given |= {f"hotline.{name.replace('_', '-')}": term for name, term in terms.items()}

    def of_category(code: str, which: CategoryLimit, on: date) -> CategoryTerm | None:
        found = categories.on(on).limit(code, which)
        return CategoryTerm(found[1].term, found[1].basis, found[0]) if found else None

    kept = {key: term for key, term in given.items() if term is not None}
    return replace(Stage.of(CITY), terms=kept, now=morning(day), find_category_term=of_category)


def dispatched(on: Stage, category: str | None, *units: dict[str, Any], urgent: bool = False) -> Stage:
    """An order of the category, dispatched."""
    words = {"channel": "hotline", "title": "题", "narrative": "述", "rendition": "述", "urgent": urgent}
    on.register("operator", "one", "hotline-order", words)
    on.step("operator", "one", "accept", **({"category": category} if category else {}))
    on.step("dispatcher", "one", "dispatch", units=list(units or (LEAD,)))
    return on


def report(on: Stage) -> None:
    """The lead unit says that it is done; with a note where the kind asks for evidence."""
    kind = CITY.kind("hotline-order")
    asked = make_step_body(kind, next(step for step in kind.steps if step.key == "report-result")).__struct_fields__
    on.step(
        "city-officer",
        "one",
        "report-result",
        result="已办",
        **{"evidence_note": "现场查看"} if "evidence_note" in asked else {},
    )


def why(on: Stage, key: str) -> Explanation:
    """The explanation of the deadline of that key that the last step made arise."""
    assert on.outcome is not None
    return next(item.explanation for item in on.outcome.openings if item.rule.key == key)


def notes(on: Stage, key: str) -> list[DeadlineNote]:
    return [note for note in on.cases["one"].standing.deadlines if note.key == key]


GIVERS = [
    ("stated", "water", {"units": [LEAD | STATED]}, {}, "step", 2),
    ("own", "water", {}, {}, "category:water", 3),
    ("inherited", "roads", {}, {}, "category:municipal", 4),
    ("setting", "noise", {}, {}, "setting:hotline.handling-limit", 5),
    ("no category", None, {}, {}, "setting:hotline.handling-limit", 5),
    ("own without a setting", "water", {}, {"handling_limit": None}, "category:water", 3),
]


@pytest.mark.parametrize(
    ("category", "more", "terms", "giver", "length"), [row[1:] for row in GIVERS], ids=[row[0] for row in GIVERS]
)
def test_who_gives_the_figure(category, more, terms, giver, length):
    found = why(dispatched(stage(**terms), category, *more.get("units", ())), "handling")
    assert (found.figure_from, found.term.length, found.term.unit) == (giver, length, Unit.WORKING_DAY)
    assert found.due_on == MONDAY + timedelta(days=length + (2 if length > 4 else 0))
    assert found.basis


def test_without_any_figure_the_dispatch_is_refused_and_names_the_setting():
    with pytest.raises(Refused) as caught:
        dispatched(stage(handling_limit=None), "noise")
    assert (caught.value.code, caught.value.params["setting"]) == ("deadlines.term-not-set", "hotline.handling-limit")


@pytest.mark.parametrize(("offset", "length"), [(-1, 4), (0, 1), (1, 1)])
def test_the_category_is_what_it_is_on_the_day_of_the_dispatch(offset, length):
    found = why(dispatched(stage(CHANGE + timedelta(days=offset)), "roads"), "handling")
    assert (found.figure_from, found.term.length) == ("category:municipal", length)


def test_the_explanation_alone_gives_the_date_and_says_whose_figure_it_is():
    found = why(dispatched(stage(), "roads"), "handling")
    assert (found.figure_from, found.basis, found.category) == ("category:municipal", "4 日", "roads")
    assert recompute(msgspec.json.encode(found)) == (found.unrolled, found.due_on, found.due_at)
    told = json.loads(msgspec.json.encode(found))
    assert (told["figure_from"], told["basis"], told["category"]) == ("category:municipal", "4 日", "roads")
    zh, en = ("\n".join(render(found, language)) for language in ("zh", "en"))
    assert "category:municipal：4 日（分类 roads 自身未定" in zh
    assert "it holds for the category roads, which has none of its own" in en
    own = why(dispatched(stage(), "water"), "handling")
    assert own.category == "water"
    assert "none of its own" not in "\n".join(render(own, "en"))


def test_a_redo_has_the_categorys_figure_too():
    on = dispatched(stage(), "water")
    report(on)
    on.step("dispatcher", "one", "send-back", reason="未修复")
    assert why(on, "redo-handling").figure_from == "category:water"


def with_limit_on(key: str) -> Jurisdiction:
    """The city with a category's limit on a deadline whose term the text gives."""
    kind = CITY.kind("hotline-order")
    rules = tuple(
        msgspec.structs.replace(rule, category_limit=HANDLING) if rule.key == key else rule for rule in kind.deadlines
    )
    changed = msgspec.structs.replace(kind, deadlines=rules)
    parts = {"story": CITY.story, "settings": CITY.settings, "rulebook": CITY.rulebook, "hooks": CITY.hooks}
    return cast("Jurisdiction", SimpleNamespace(**parts, kind=lambda _key: changed))


def test_a_term_of_the_text_is_no_categorys():
    on = replace(dispatched(stage(), "water"), city=with_limit_on("supervision-by-message"))
    on.now += timedelta(days=10)
    body = {"method": "ganzhou:hotline-2022#7.1/text-message", "matter": "ganzhou:hotline-2022#6.3", "text": "请办结"}
    on.step("supervisor", "one", "supervise-by-message", **body)
    found = why(on, "supervision-by-message")
    assert (found.figure_from, found.term.length, found.category) == ("clause", 2, "")


def test_only_a_figure_that_the_text_leaves_open_is_a_categorys_in_any_city():
    for name in ("ankang", "baoding", "ganzhou", "jincheng"):
        city = load(name)
        for kind in city.kinds.values():
            for rule in kind.deadlines:
                assert rule.category_limit is None or rule.setting in city.settings, f"{name}: {rule.key}"
    joint = next(rule for rule in load("ankang").kind("complaint").deadlines if rule.key == "joint-reply")
    assert (joint.clause, joint.category_limit, joint.setting) == ("ankang:complaints-2018#6.3", None, None)


URGENT_TERMS = [("roads", URGENT_SETTING, timedelta(minutes=30)), ("water", URGENT_SETTING, timedelta(hours=2))]


@pytest.mark.parametrize(("category", "setting", "span"), URGENT_TERMS, ids=["setting", "category"])
def test_an_urgent_order_is_to_be_responded_to_within_minutes_or_hours(category, setting, span):
    on = dispatched(stage(urgent_response=setting), category, LEAD, HELPER, urgent=True)
    found = notes(on, "urgent-response")
    assert [note.holder_unit_id for note in found] == [unit_id("urban-management"), unit_id("water-company")]
    assert {(note.due_at, note.clause) for note in found} == {(morning(MONDAY) + span, ARTICLE_11_3)}
    explained = why(on, "urgent-response")
    assert recompute(msgspec.json.encode(explained)) == (explained.unrolled, explained.due_on, explained.due_at)
    assert explained.rules == ("R6",)


@pytest.mark.parametrize("urgent", [False, True])
def test_only_an_urgent_order_has_it(urgent):
    assert bool(notes(dispatched(stage(), "roads", urgent=urgent), "urgent-response")) is urgent


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("after", "overdue", "state"),
    [
        (timedelta(minutes=29), False, "met"),
        (timedelta(minutes=30) - SECOND, False, "met"),
        (timedelta(minutes=30), True, "met-late"),
        (timedelta(minutes=31), True, "met-late"),
    ],
)
def test_it_is_overdue_from_the_minute_on(after, overdue, state):
    on = dispatched(stage(), "roads", LEAD, HELPER, urgent=True)
    on.now += after
    assert [note.overdue_at(on.now) for note in notes(on, "urgent-response")] == [overdue] * 2
    report(on)
    assert [note.state for note in notes(on, "urgent-response")] == [state, "open"]


def test_it_runs_through_the_night_into_the_next_day():
    on = stage()
    on.now = datetime(2026, 3, 6, 23, 50, tzinfo=BEIJING).astimezone(UTC)
    dispatched(on, "roads", urgent=True)
    (note,) = notes(on, "urgent-response")
    assert (note.due_on, note.due_at) == (date(2026, 3, 7), datetime(2026, 3, 7, 0, 20, tzinfo=BEIJING))


def test_a_signature_is_a_response_and_no_more_than_that():
    on = dispatched(stage(), "roads", urgent=True)
    on.now += timedelta(minutes=10)
    on.step("city-officer", "one", "sign")
    assert [note.state for note in notes(on, "urgent-response")] == ["met"]
    assert [note.state for note in notes(on, "handling")] == ["open"]


def test_another_dispatch_starts_it_anew_for_the_others():
    on = dispatched(stage(), "roads", urgent=True)
    on.now += timedelta(minutes=20)
    on.step("dispatcher", "one", "redispatch", units=[HELPER | {"part": "lead"}], why_redispatched="管段不属原单位")
    found = {note.holder_unit_id: (note.state, note.due_at) for note in notes(on, "urgent-response")}
    start = morning(MONDAY)
    assert found[unit_id("urban-management")] == ("replaced", start + timedelta(minutes=30))
    assert found[unit_id("water-company")] == ("open", start + timedelta(minutes=50))


def test_an_urgent_order_without_any_figure_is_not_dispatched():
    with pytest.raises(Refused) as caught:
        dispatched(stage(urgent_response=None), "roads", urgent=True)
    error = caught.value
    assert (error.code, error.clause, error.params["setting"]) == (
        "deadlines.term-not-set", ARTICLE_11_3, "hotline.urgent-response",
    )  # fmt: skip
    assert notes(dispatched(stage(urgent_response=None), "water", urgent=True), "urgent-response")
    assert notes(dispatched(stage(urgent_response=None), "roads"), "urgent-response") == []


def test_minutes_are_what_a_category_may_say():
    on = dispatched(stage(categories=tree(said("roads", limits={URGENT: minutes(15)}))), "roads", urgent=True)
    assert notes(on, "urgent-response")[0].due_at == morning(MONDAY) + timedelta(minutes=15)
