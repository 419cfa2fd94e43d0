"""Who bears which share: every combination of path, people and facts, against an oracle read from article 10."""

from __future__ import annotations

from itertools import chain, combinations, combinations_with_replacement, product

import pytest

from core.sanctions.regime import Share
from core.sanctions.responsibility import Apportionment, Participant, StatedShare, apportion, apportion_by_hand
from tests.sanctions.proposals import AK1, BD1, GZ, JC1, city_with, regime_of

FACTS = ("knew_and_kept_silent", "right_advice_overruled", "dissented")
ROLES = ("handler", "leader-in-charge", "principal-leader", "member")
PATHS = ("not-submitted", "approved", "collective")
Person = tuple[str, frozenset[str]]


def ask(path: str, people: list[Person], instrument: str = BD1) -> Apportionment:
    """The shares of some people, named by their place."""
    named = tuple(Participant(str(place), role, facts) for place, (role, facts) in enumerate(people))
    return apportion(regime_of(instrument), city_with(instrument).rulebook, path, named)


def oracle(path: str, people: list[Person]) -> list[str] | None:
    """The shares by the words of article 10; ``None`` where it gives none."""
    roles = [role for role, _ in people]
    said = dict(people)
    if path == "collective":
        lawful = set(roles) <= {"principal-leader", "member"} and roles.count("principal-leader") == 1
        if not lawful or said["principal-leader"] or any(facts - {"dissented"} for _, facts in people):
            return None
        return ["primary" if role == "principal-leader" else "none" if facts else "secondary" for role, facts in people]
    if (
        not set(roles) <= {"handler", "leader-in-charge"}
        or roles.count("handler") != 1
        or roles.count("leader-in-charge") > 1
    ):
        return None
    if path == "not-submitted":
        return None if any(facts for _, facts in people) else ["sole" if role == "handler" else "none" for role in roles]
    if "leader-in-charge" not in roles or said["leader-in-charge"] or len(said["handler"]) > 1:
        return None
    if "dissented" in said["handler"]:
        return None
    if "knew_and_kept_silent" in said["handler"]:
        return ["full" if role == "handler" else "none" for role in roles]
    handler = "none" if "right_advice_overruled" in said["handler"] else "secondary"
    return [handler if role == "handler" else "primary" for role in roles]


def selections() -> list[Person]:
    facts = chain.from_iterable(combinations(FACTS, size) for size in range(4))
    return [(role, frozenset(chosen)) for role, chosen in product(ROLES, [*facts])]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_every_combination(path: str, size: int) -> None:
    one_fact = [person for person in selections() if len(person[1]) < 2]
    for people in combinations_with_replacement(selections() if size < 3 else one_fact, size):
        found, expected = ask(path, list(people)), oracle(path, list(people))
        assert found.settled == (expected is not None), (path, people, found.reasons)
        assert [item.share.value for item in found.shares] == (expected or []), (path, people)
        clauses = {f"{BD1}10.1", f"{BD1}10.2", f"{BD1}10.3"}
        assert all(reason.clause in clauses for reason in found.reasons)


@pytest.mark.parametrize(
    ("path", "people", "code", "by_hand"),
    [
        ("approved", [("handler", ()), ("handler", ()), ("leader-in-charge", ())], "people-too-many", True),
        ("approved", [("handler", ()), ("leader-in-charge", ()), ("leader-in-charge", ())], "people-too-many", True),
        ("approved", [("handler", FACTS[:2]), ("leader-in-charge", ())], "facts-contradict", False),
        ("approved", [("handler", FACTS[1:2])], "role-missing", False),
        ("approved", [("handler", ()), ("leader-in-charge", FACTS[:1])], "fact-of-another-path", False),
        ("approved", [("handler", FACTS[2:]), ("leader-in-charge", ())], "fact-of-another-path", False),
        ("approved", [("handler", ()), ("leader-in-charge", ()), ("member", ())], "role-of-another-path", False),
        ("not-submitted", [("leader-in-charge", ())], "role-missing", False),
        ("not-submitted", [("handler", FACTS[:1])], "fact-of-another-path", False),
        ("collective", [("member", ()), ("member", ())], "role-missing", False),
        ("collective", [("principal-leader", ()), ("principal-leader", ())], "people-too-many", True),
        ("collective", [("principal-leader", FACTS[2:]), ("member", ())], "fact-of-another-path", False),
        ("collective", [], "role-missing", False),
        ("no-approval-needed", [("handler", ())], "path-unknown", True),
    ],
)
def test_what_is_refused_says_why(path: str, people: list[tuple[str, tuple[str, ...]]], code: str, by_hand: bool) -> None:
    found = ask(path, [(role, frozenset(facts)) for role, facts in people])
    assert f"sanctions.{code}" in [reason.code for reason in found.reasons]
    assert (found.settled, found.by_hand, found.shares) == (False, by_hand, ())


def test_each_share_has_its_clause_and_its_reasoning() -> None:
    found = ask("collective", [("principal-leader", frozenset()), ("member", frozenset(FACTS[2:])), ("member", frozenset())])
    assert [(item.share.value, item.clause) for item in found.shares] == [
        ("primary", f"{BD1}10.3"),
        ("none", f"{BD1}10.3"),
        ("secondary", f"{BD1}10.3"),
    ]
    assert [line.code.rpartition(".")[2] for line in found.lines] == ["path", "share", "turn", "share", "share"]


def test_nobody_stands_twice() -> None:
    people = (Participant("a", "principal-leader"), Participant("a", "member"))
    found = apportion(regime_of(BD1), city_with(BD1).rulebook, "collective", people)
    assert [reason.code for reason in found.reasons] == ["sanctions.name-twice"]


def test_the_text_leaves_no_room_for_shares_by_hand_on_its_paths() -> None:
    people = (Participant("a", "handler", share=Share.PRIMARY), Participant("b", "leader-in-charge"))
    found = apportion(regime_of(BD1), city_with(BD1).rulebook, "approved", people)
    assert [(reason.code, reason.clause) for reason in found.reasons] == [("sanctions.path-given", f"{BD1}10.2")]


@pytest.mark.parametrize("instrument", [AK1, GZ, JC1])
def test_where_the_text_has_no_path_a_person_apportions(instrument: str) -> None:
    found = ask("approved", [("handler", frozenset()), ("leader-in-charge", frozenset())], instrument)
    assert ([reason.code for reason in found.reasons], found.by_hand) == (["sanctions.paths-none"], True)


def by_hand(instrument: str, *shares: str, reason: str = "两名承办人各半", labels: tuple[str, ...] = ()) -> list[str]:
    """The codes with which an apportionment by hand is refused."""
    stated = tuple(StatedShare(str(place), Share(share), labels) for place, share in enumerate(shares))
    found = apportion_by_hand(regime_of(instrument), city_with(instrument).rulebook, stated, reason)
    assert found.by_hand
    assert [item.share.value for item in found.shares] == ([] if found.reasons else list(shares))
    return [reason.code.removeprefix("sanctions.") for reason in found.reasons]


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        (["primary", "primary", "secondary"], []),
        (["sole", "none"], []),
        (["full"], []),
        (["primary", "none"], []),
        ([], ["nobody-bears"]),
        (["none", "none"], ["nobody-bears"]),
        (["sole", "sole"], ["share-alone"]),
        (["full", "primary"], ["share-alone"]),
        (["secondary"], ["share-without-primary"]),
        (["sole", "secondary"], ["share-alone", "share-without-primary"]),
    ],
)
def test_an_apportionment_by_hand_does_not_contradict_itself(shares: list[str], expected: list[str]) -> None:
    assert by_hand(BD1, *shares) == expected
    assert by_hand(BD1, *shares, reason=" ") == ["apportionment-bare", *expected]


def test_ganzhou_tells_kinds_of_responsibility_apart() -> None:
    whole = (f"{GZ}15.p2/individual", f"{GZ}15.p2/direct")
    assert by_hand(GZ, "primary", labels=whole) == []
    assert by_hand(GZ, "primary", labels=whole[:1]) == ["label-one-of"]
    assert by_hand(GZ, "primary", labels=(*whole, f"{GZ}15.p2/leadership")) == ["label-one-of"]
    assert by_hand(GZ, "primary") == ["label-one-of", "label-one-of"]
