"""How likely two cases are about one matter: what counts, how much, and what is told."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest

from core.cases.duplicates import LEAST_POINTS, MOST_TOLD, Candidate, Likeness, Matter, rank_duplicates
from core.ids import new_id
from tests.support.paper import local

NOW = local("2026-05-01 09:00")
MATTER = Matter("红旗大道人行道塌陷", NOW, "roads", "360702", "红旗大道12号")


def candidate(
    matter: Matter = MATTER, *, closed: datetime | None = None, same: bool = False, number: str = "1"
) -> Candidate:
    return Candidate(new_id(), number, "registered", matter, closed, same)


def shares(matter: Matter, **more: bool) -> dict[Likeness, int]:
    """What a candidate shares with the matter, whatever it comes to."""
    likely = rank_duplicates(MATTER, [candidate(matter, **more)])
    return {share.likeness: share.points for item in likely for share in item.why}


def test_the_same_matter_has_everything_and_no_more_than_a_hundred() -> None:
    (found,) = rank_duplicates(MATTER, [candidate(same=True)])
    assert (found.score, {share.likeness for share in found.why}) == (100, set(Likeness))


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"category": "water"}, Likeness.CATEGORY),
        ({"category": None}, Likeness.CATEGORY),
        ({"division": "360781"}, Likeness.DIVISION),
        ({"address": "和平路"}, Likeness.ADDRESS),
        ({"address": None}, Likeness.ADDRESS),
        ({"title": "路灯不亮"}, Likeness.TITLE),
        ({"at": NOW - timedelta(days=15)}, Likeness.TIME),
    ],
)
def test_what_differs_does_not_count(change: dict[str, object], lost: Likeness) -> None:
    told = shares(msgspec.structs.replace(MATTER, **change), same=True)  # type: ignore[arg-type]  # one field each
    assert set(Likeness) - told.keys() == {lost}


def test_nearer_in_time_counts_more_and_part_of_an_address_counts() -> None:
    near, far = (shares(msgspec.structs.replace(MATTER, at=NOW - timedelta(days=days)))[Likeness.TIME] for days in (3, 14))
    assert near > far
    assert Likeness.ADDRESS in shares(msgspec.structs.replace(MATTER, address="章贡区红旗大道１２号门前"))


def test_what_was_closed_long_ago_counts_half() -> None:
    open_, closed = candidate(same=True), candidate(same=True, closed=NOW - timedelta(days=31), number="2")
    first, second = rank_duplicates(MATTER, [closed, open_])
    assert (first.candidate, second.candidate, second.score) == (open_, closed, 50)


def test_little_in_common_is_not_told_and_of_much_only_the_likeliest() -> None:
    assert rank_duplicates(MATTER, [candidate(Matter("路灯不亮", NOW))]) == ()
    many = rank_duplicates(MATTER, [candidate(number=str(number)) for number in range(9)])
    assert [item.candidate.number for item in many] == [str(number) for number in range(MOST_TOLD)]
    assert all(item.score >= LEAST_POINTS for item in many)
