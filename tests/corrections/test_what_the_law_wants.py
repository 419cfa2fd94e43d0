"""A correction says what was true from the beginning; it makes nothing true that the regulations refuse or want more for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.corrections.served import ACCEPT, MONDAY, ask
from tests.story.house import Place
from tests.story.matters import Matter, instant, register

CONTRADICTS = (422, "corrections.step-contradicts")


def classified(place: Place, channel: str, **facts: object) -> Matter:
    """A complaint of Monday, classified."""
    place.move(instant(MONDAY))
    matter = register(place, "complaint", who="duty-clerk", channel=channel)
    matter.take("supervisor", "accept", ACCEPT)
    matter.take("supervisor", "classify", facts)
    return matter


def answer(matter: Matter, who: str = "duty-clerk", **what: object) -> tuple[int, str | None]:
    """The status of asking for a correction, and the code of a refusal."""
    told = ask(matter, who, **what)
    return told.status_code, told.json().get("code")


@pytest.mark.parametrize("track", ["on-site", "specialist", "plain"])
def test_no_complaint_is_corrected_out_of_the_terms_of_article_6(open_place: Callable[[str], Place], track: str) -> None:
    """On site and specialist want to know on the spot or complex, without which no term would run at all; and what was
    complained of in the hall is never plain (ankang:complaints-2018#6.1, #6.2)."""
    matter = classified(open_place("ankang"), "on-site", track="joint")
    assert answer(matter, track=track) == CONTRADICTS
    assert [item["key"] for item in matter.refresh()["deadlines"]] == ["joint-reply"]


def test_no_reply_is_corrected_into_one_of_a_meeting_that_was_not_held(open_place: Callable[[str], Place]) -> None:
    """The reply of #6.3 follows from the coordination meeting (ankang:complaints-2018#6.3)."""
    place = open_place("ankang")
    other = classified(place, "phone", track="plain", term={"unit": "working_day", "length": 3}, term_reason="当日确定")
    other.take("supervisor", "reply", {"text": "已核实。"})
    assert answer(other, track="joint") == CONTRADICTS


def test_no_tip_off_is_corrected_into_the_hands_of_whom_it_reports(open_place: Callable[[str], Place]) -> None:
    """What the transfer refuses, a correction of its unit does not bring about (baoding:tip-offs-2010#8, R12)."""
    place = open_place("baoding")
    matter = register(place, "tip-off", subject_unit="@housing-bureau")
    matter.live("handling")
    swap = {"recorded_unit_id": "@disclosure-office", "right_unit_id": "@housing-bureau"}
    assert answer(matter, "clerk", unit=swap) == CONTRADICTS
