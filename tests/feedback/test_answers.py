"""What an answer makes of a case, on paper: whom it is taken from, and what follows from it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from core.cases.case import Heard, Standing
from core.cases.order import Capacity, Order
from core.errors import OutOfOrder, Refused, WenzeError
from core.feedback.answers import check_answer, follow_round, follow_satisfaction
from core.feedback.forms import FEEDBACK
from core.law.instrument import Text
from core.procedure import Role, StepKind, Verb
from tests.support.matters import in_state
from tests.support.paper import local, unit

NOW = local("2026-09-28 09:00")
OTHER = unit("another case")
OPERATOR, PETITIONER = (Capacity(role, None, frozenset()) for role in (Role.INTAKE_CLERK, Role.PETITIONER))
CONTENT: dict[str, Any] = {"satisfied": True}
UNHAPPY: dict[str, Any] = {"satisfied": False, "dissatisfaction": "late"}
CASE = in_state("told").case


def order(verb: Verb = Verb.FEEDBACK, note: str | None = None, words: str | None = None, **data: Any) -> Order:
    """A step; an answer of the first petitioner, unless it says otherwise."""
    step = StepKind(key="call-back", verb=verb, title=Text("回访", "Ask"), clause="test:rules-2020#4", by=(Role.DISPATCHER,))
    told = {"reached": "reached", "petitioner_number": 1} | data if verb is Verb.FEEDBACK else data
    return Order(step, told, NOW, note, words=words)


def standing(*heard: Heard, asking: bool = True, rounds: int = 1) -> Standing:
    """How a case stands after a reply of which this was said."""
    return Standing(starts_at=NOW, last_occurred_at=NOW, rounds=rounds, asking=asking, heard=heard)


def refusal(asked: Order, was: Standing, capacity: Capacity = OPERATOR) -> WenzeError | None:
    """How an answer is refused."""
    assert CASE is not None
    try:
        check_answer(msgspec.structs.replace(CASE, standing=was), asked, capacity)
    except WenzeError as error:
        return error
    return None


WHOLE: list[tuple[dict[str, Any], str | None, str | None]] = [
    ({"reached": "reached", **CONTENT}, None, None),
    ({"reached": "reached", **UNHAPPY}, None, None),
    ({"reached": "reached", **UNHAPPY, "words": "慢。"}, None, None),
    ({"reached": "reached", "satisfied": False, "dissatisfaction": "other", "words": "说来话长。"}, None, None),
    ({"reached": "not-reached"}, None, None),
    ({"reached": "declined"}, None, None),
    ({"reached": "declined", "words": "别再打了。"}, None, None),
    ({"reached": "reached"}, "feedback.satisfied-missing", "/satisfied"),
    ({"reached": "not-reached", **CONTENT}, "feedback.satisfied-untold", "/satisfied"),
    ({"reached": "declined", **UNHAPPY}, "feedback.satisfied-untold", "/satisfied"),
    ({"reached": "reached", "satisfied": False}, "feedback.reason-missing", "/dissatisfaction"),
    ({"reached": "reached", "satisfied": True, "dissatisfaction": "late"}, "feedback.reason-untold", "/dissatisfaction"),
    ({"reached": "not-reached", "dissatisfaction": "late"}, "feedback.reason-untold", "/dissatisfaction"),
    ({"reached": "reached", "satisfied": False, "dissatisfaction": "other"}, "feedback.words-missing", "/words"),
    (
        {"reached": "reached", "satisfied": False, "dissatisfaction": "other", "words": "  "},
        "feedback.words-missing",
        "/words",
    ),
]


@pytest.mark.parametrize(("told", "code", "field"), WHOLE, ids=[str(row[0]) for row in WHOLE])
def test_an_answer_is_whole_or_refused_with_what_it_lacks(told: dict[str, Any], code: str | None, field: str | None) -> None:
    found = refusal(order(**told), standing())
    assert (found and found.code, found and found.field) == (code, field)
    assert found is None or (isinstance(found, Refused) and found.clause == FEEDBACK)


SAID = Heard(1, satisfied=True)
TURNS: list[tuple[str, Order, Standing, Capacity, str | None]] = [
    ("before any reply", order(**CONTENT), standing(asking=False, rounds=0), OPERATOR, "feedback.not-replied"),
    ("after the case moved on", order(**CONTENT), standing(asking=False), PETITIONER, "feedback.not-replied"),
    ("a first answer", order(**CONTENT), standing(), PETITIONER, None),
    ("a petitioner's second", order(**CONTENT), standing(SAID), PETITIONER, "feedback.answered"),
    ("a petitioner's second with a note", order(note="x", **CONTENT), standing(SAID), PETITIONER, "feedback.answered"),
    ("an operator's second", order(**CONTENT), standing(SAID), OPERATOR, "feedback.answered-before"),
    ("an operator's second, blank note", order(note=" ", **CONTENT), standing(SAID), OPERATOR, "feedback.answered-before"),
    ("an operator's second with the reason", order(note="听错了", **CONTENT), standing(SAID), OPERATOR, None),
    ("a call after the answer", order(reached="declined"), standing(SAID), OPERATOR, "feedback.answered-before"),
    ("another petitioner's first", order(petitioner_number=2, **CONTENT), standing(SAID), PETITIONER, None),
    ("a merged case's first", order(merged_case_id=str(OTHER), **CONTENT), standing(SAID), PETITIONER, None),
    (
        "a merged case's second",
        order(merged_case_id=str(OTHER), **CONTENT),
        standing(Heard(1, satisfied=True, merged_case=OTHER)),
        PETITIONER,
        "feedback.answered",
    ),
]


@pytest.mark.parametrize(("asked", "was", "capacity", "code"), [row[1:] for row in TURNS], ids=[row[0] for row in TURNS])
def test_one_answer_of_each_petitioner_to_each_reply(
    asked: Order, was: Standing, capacity: Capacity, code: str | None
) -> None:
    found = refusal(asked, was, capacity)
    assert (found.code if found else None) == code
    assert code not in {"feedback.not-replied", "feedback.answered"} or isinstance(found, OutOfOrder)


def test_other_steps_are_not_answers() -> None:
    assert refusal(order(Verb.REPLY), standing(asking=False)) is None


def after(was: Standing, asked: Order, *, moved: bool = False, final: bool = False) -> tuple[int, bool, tuple[Heard, ...]]:
    """The round after a step: which, whether answers are heard, and what was heard."""
    found = follow_round(was, asked, moved=moved, final=final)
    return found.rounds, found.asking, found.heard


def test_a_reply_opens_a_round_and_forgets_the_last() -> None:
    assert after(standing(SAID), order(Verb.REPLY), moved=True) == (2, True, ())
    assert after(standing(asking=False, rounds=0), order(Verb.REPLY), moved=True) == (1, True, ())
    assert after(standing(rounds=0, asking=False), order(Verb.REPLY), final=True) == (1, False, ())


def test_a_round_ends_with_the_state_and_with_nothing_else() -> None:
    assert after(standing(SAID), order(Verb.RECORD)) == (1, True, (SAID,))
    assert after(standing(SAID), order(Verb.SEND_BACK), moved=True) == (1, False, (SAID,))
    assert after(standing(SAID), order(Verb.CLOSE), moved=True, final=True) == (1, False, (SAID,))
    assert after(standing(asking=False), order(Verb.HANDLE), moved=True) == (1, False, ())


def test_answers_are_heard_one_for_each_petitioner_and_the_last_one_counts() -> None:
    assert after(standing(), order(reached="declined")) == (1, True, ())
    assert after(standing(), order(**UNHAPPY)) == (1, True, (Heard(1, satisfied=False),))
    assert after(standing(SAID), order(note="x", **UNHAPPY)) == (1, True, (Heard(1, satisfied=False),))
    assert after(standing(SAID), order(petitioner_number=2, **UNHAPPY))[2] == (SAID, Heard(2, satisfied=False))
    brought = order(merged_case_id=str(OTHER), **UNHAPPY)
    assert after(standing(SAID), brought)[2] == (SAID, Heard(1, satisfied=False, merged_case=OTHER))
    assert after(standing(SAID), order(reached="not-reached", note="x")) == (1, True, (SAID,))


KNOWN = {"urgent": True}
FACTS: list[tuple[str, dict[str, Any], Standing, Standing, Order, dict[str, Any]]] = [
    ("nobody reached", {}, standing(), standing(), order(reached="declined"), {"satisfaction": "not-asked"}),
    ("one is content", {}, standing(), standing(SAID), order(**CONTENT), {"satisfaction": "satisfied"}),
    (
        "one of two is not",
        {"satisfaction": "satisfied"},
        standing(SAID),
        standing(SAID, Heard(2, satisfied=False)),
        order(**UNHAPPY),
        {"satisfaction": "unsatisfied"},
    ),
    ("a new reply", {"satisfaction": "satisfied"}, standing(SAID), standing(rounds=2), order(Verb.REPLY), {}),
    (
        "a new reply after a redo",
        {"satisfaction": "unsatisfied", "sent_back": True},
        standing(asking=False),
        standing(rounds=2),
        order(Verb.REPLY),
        {"sent_back": True},
    ),
    (
        "sent back for it",
        {"satisfaction": "unsatisfied"},
        standing(),
        standing(asking=False),
        order(Verb.SEND_BACK),
        {"sent_back": True},
    ),
    ("sent back, nobody asked", {}, standing(), standing(asking=False), order(Verb.SEND_BACK), {}),
    (
        "sent back, everybody content",
        {"satisfaction": "satisfied"},
        standing(),
        standing(asking=False),
        order(Verb.SEND_BACK),
        {},
    ),
    (
        "sent back before the reply",
        {"satisfaction": "unsatisfied"},
        standing(asking=False),
        standing(asking=False),
        order(Verb.SEND_BACK),
        {"satisfaction": "unsatisfied"},
    ),
    (
        "supervised",
        {"satisfaction": "unsatisfied", "sent_back": True},
        standing(),
        standing(asking=False),
        order(Verb.REMIND),
        {"satisfaction": "unsatisfied", "sent_back": True},
    ),
    (
        "reopened",
        {"satisfaction": "unsatisfied", "sent_back": True},
        standing(asking=False),
        standing(asking=False),
        order(Verb.REOPEN),
        {},
    ),
]


@pytest.mark.parametrize(
    ("known", "was", "now", "asked", "found"), [row[1:] for row in FACTS], ids=[row[0] for row in FACTS]
)
def test_what_follows_for_the_case(
    known: dict[str, Any], was: Standing, now: Standing, asked: Order, found: dict[str, Any]
) -> None:
    before = KNOWN | known
    assert follow_satisfaction(before, was, now, asked) == KNOWN | found
    assert before == KNOWN | known
