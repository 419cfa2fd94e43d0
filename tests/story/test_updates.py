"""Lost updates: of two decisions on one version one is taken, and a decision must say on which version (PITFALLS 25)."""

from __future__ import annotations

import json

import pytest

from tests.story.house import Place
from tests.story.matters import CITY_OF, LIVES, register, shared
from tests.story.test_numbers import at_once

ACCEPT = {"grounds": ["ankang:complaints-2018#3/accept.3"]}
REFUSE = {"grounds": ["ankang:complaints-2018#3/refuse.1"], "reason": "不在受理范围。"}


@pytest.mark.parametrize("_round", range(4))
def test_of_two_decisions_at_once_one_is_taken(ankang: Place, _round: int) -> None:
    """One accepts and the other refuses the same complaint at the same time."""
    matter = register(ankang, "complaint")
    etag, before = matter.etag, ankang.counts()
    answers = at_once(
        [
            lambda: matter.attempt("supervisor", "accept", ACCEPT, etag),
            lambda: matter.attempt("duty-clerk", "refuse", REFUSE, etag),
        ]
    )
    (taken,), (late,) = ([item for item in answers if item.is_success is wanted] for wanted in (True, False))
    assert (taken.status_code, late.status_code, late.json()["code"]) == (200, 412, "cases.stale")
    assert shared(matter.refresh()) == shared(taken.json())
    assert (matter.view["version"], matter.etag) == (2, taken.headers["etag"])
    assert [step["step"] for step in matter.steps()] == ["register", "accept" if taken is answers[0] else "refuse"]
    grown = changed(before, ankang.counts())
    words = grown.pop("case_gram", 0)
    assert grown == ONE_STEP
    assert bool(words) is (taken is answers[1]), "the reasons of a refusal are found by their words"


ONE_STEP = {"case_step": 1, "audit": 1, "audit_content": 1, "outbox": 1, "idempotency": 1}


def changed(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """By how many rows each table has grown, where it has."""
    return {name: after[name] - number for name, number in before.items() if after[name] != number}


def test_ten_reminders_on_one_version_are_one(ankang: Place) -> None:
    """The same step by the same person under ten keys: the state lets each pass, the version only one."""
    matter = register(ankang, "complaint")
    etag = matter.etag
    answers = at_once([lambda: matter.attempt("supervisor", "remind", {"text": "请尽快。"}, etag)] * 10)
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 9]
    assert matter.refresh()["version"] == 2


@pytest.mark.parametrize("kind", CITY_OF)
def test_a_step_says_on_which_version_it_was_decided(places: dict[str, Place], kind: str) -> None:
    place = places[CITY_OF[kind]]
    matter = register(place, kind)
    who, step, body = LIVES[kind][0]
    before = place.counts()
    for tag, status, code in TAGS:
        headers = {"Idempotency-Key": "tag", **({"If-Match": tag} if tag else {})}
        answer = place.client.send(who, "POST", matter.step_path(step), headers, json.dumps(body).encode())
        assert (answer.status_code, answer.json()["code"]) == (status, code), tag
    assert place.counts() == before
    assert matter.refresh()["version"] == 1


TAGS = (
    (None, 428, "api.if-match-missing"),
    ("*", 428, "api.if-match-missing"),
    ('"0"', 412, "cases.stale"),
    ('"2"', 412, "cases.stale"),
    ('"01"', 412, "cases.stale"),
    ('W/"1"', 412, "cases.stale"),
    ('"one"', 412, "cases.stale"),
    ('"1", "2"', 400, "api.if-match-malformed"),
    ("1", 400, "api.if-match-malformed"),
)
