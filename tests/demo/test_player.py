"""The player holds a story to its word: whatever comes out otherwise than expected is told, at the act where it did."""

from __future__ import annotations

import secrets
from datetime import date

import pytest

from api.demo.cast import Cast, set_stage
from api.demo.player import Performed, Player
from core.jurisdictions import Jurisdiction
from tests.demo.doctored import Change, doctor, expecting, expecting_deadline, expecting_only, saying
from tests.story.house import House

ANONYMOUS, PAVEMENT = ("baoding", 1), ("ganzhou", 0)
"""Scenes: of the city, which."""
REGISTER, ACCEPT, REFUSE, WRITTEN, TELL = range(5)
"""The acts of the anonymous tip-off: accepting it and writing to nobody are refused."""


def play(house: House, city: Jurisdiction) -> list[Performed]:
    """The city's story on a tenant of its own."""
    slug = f"{city.manifest.id}-{secrets.token_hex(4)}"
    cast: Cast = house.run(set_stage, house.owner, house.jurisdictions, city, slug)
    return list(Player(cast, house.http).play())


@pytest.mark.parametrize(("city", "scene"), [ANONYMOUS, PAVEMENT])
def test_an_honest_story_has_no_shortfall(house: House, city: str, scene: int) -> None:
    performed = play(house, doctor(house.jurisdictions.get(city), scene, 0, lambda act: act))
    assert [done.shortfalls for done in performed] == [[]] * len(performed)


DOCTORED: dict[str, tuple[tuple[str, int], int, Change, str]] = {
    "due a day early": (
        ANONYMOUS, REFUSE, expecting_deadline(due_on=date(2026, 10, 7)),
        "expected deadline refusal-reasons by baoding:tip-offs-2010#7.6, due 2026-10-07, open",
    ),
    "due a day late": (ANONYMOUS, REFUSE, expecting_deadline(due_on=date(2026, 10, 9)), "due 2026-10-09"),
    "by another clause": (
        ANONYMOUS, REFUSE, expecting_deadline(clause="baoding:tip-offs-2010#7.5"), "by baoding:tip-offs-2010#7.5",
    ),
    "another deadline": (ANONYMOUS, REFUSE, expecting_deadline(key="status-report"), "expected deadline status-report"),
    "met late": (ANONYMOUS, TELL, expecting_deadline(state="met-late"), "due 2026-10-08, met-late"),
    "another state": (ANONYMOUS, REFUSE, expecting(state="refused"), "expected state refused, got refusal-decided"),
    "overdue": (ANONYMOUS, REFUSE, expecting(overdue=True), "expected overdue True, got False"),
    "a refusal that does not come": (
        ANONYMOUS, REFUSE, expecting_only(refused_by="baoding:tip-offs-2010#4"),
        "expected a refusal under baoding:tip-offs-2010#4, got 200",
    ),
    "a refusal by another clause": (
        ANONYMOUS, WRITTEN, expecting_only(refused_by="baoding:tip-offs-2010#8"),
        "expected a refusal under baoding:tip-offs-2010#8, got 422 baoding:tip-offs-2010#7.6",
    ),
    "no refusal where one comes": (ANONYMOUS, ACCEPT, expecting_only(state="accepted"), "refused: "),
    "what is asked for is left out": (ANONYMOUS, REFUSE, saying(open_way=None), "refused: "),
    "another holder": (
        PAVEMENT, 2, expecting_deadline(unit="water-company"), "expected deadline handling by ganzhou:hotline-2022#3.p2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCTORED)
def test_a_doctored_story_falls_short_where_it_was_doctored(house: House, name: str) -> None:
    (city, scene), act, change, told = DOCTORED[name]
    performed = play(house, doctor(house.jurisdictions.get(city), scene, act, change))
    short = {index: done.shortfalls for index, done in enumerate(performed) if done.shortfalls}
    assert min(short) == act
    assert len(short[act]) == 1
    assert told in short[act][0]


def test_a_case_that_was_refused_falls_short_in_every_act(house: House) -> None:
    """And the play goes on to its end."""
    city = doctor(
        house.jurisdictions.get("baoding"), 1, REGISTER, saying(subject_unit="019a8f3e-0000-7000-8000-000000000001")
    )
    performed = play(house, city)
    assert len(performed) == len(city.story.scenes[0].acts)
    assert all(done.shortfalls for done in performed)
