"""What a merger may not do to terms that a regulation fixes, and to the unit that a matter is about; over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.corrections.served import complaint, dispatched
from tests.story.house import Place
from tests.story.matters import Matter, register

STATUS = {"status_form": "letter", "status_text": "已受理，正在办理。"}


@pytest.fixture
def baoding_place(open_place: Callable[[str], Place]) -> Place:
    """A tenant of its own."""
    return open_place("baoding")


def merge(source: Matter, target: Matter, who: str = "supervisor") -> tuple[int, str | None, str | None]:
    """The status of merging, and the code and the clause of a refusal; what is refused leaves both as they are."""
    before = source.place.counts()
    answer = source.place.client.post(who, f"{source.path}/merge", {"into": target.id, "reason": "同一事项"}, source.etag)
    if answer.is_success:
        return answer.status_code, None, None
    assert source.place.counts() == before
    return answer.status_code, answer.json()["code"], answer.json()["clause"]


def test_a_named_whistleblower_is_told_in_writing_whatever_the_report_is_merged_into(baoding_place: Place) -> None:
    """Seven days from the receipt of each report (baoding:tip-offs-2010#7.5)."""
    first = register(baoding_place, "tip-off", petitioner={"name": "王岩"})
    first.take("clerk", "inform-status", STATUS)
    second = register(baoding_place, "tip-off", petitioner={"name": "李岩"})
    refused = (409, "merging.term-ends", "baoding:tip-offs-2010#7.5")
    assert merge(second, first, "clerk") == refused
    second.take("clerk", "inform-status", STATUS)
    assert merge(second, first, "clerk") == (200, None, None)


def test_a_term_that_runs_in_both_goes_on_in_the_other(baoding_place: Place) -> None:
    first, second = (register(baoding_place, "tip-off", petitioner={"name": name}) for name in ("王岩", "李岩"))
    assert merge(second, first, "clerk") == (200, None, None)
    assert [item["state"] for item in first.refresh()["deadlines"]] == ["open"]


@pytest.mark.parametrize("named", [None, "@disclosure-office"])
def test_a_report_about_a_unit_is_merged_into_none_that_can_go_to_it(baoding_place: Place, named: str | None) -> None:
    """The unit reported handles no tip-off about itself (baoding:tip-offs-2010#8, R12)."""
    target = register(baoding_place, "tip-off", **({"subject_unit": named} if named else {}))
    source = register(baoding_place, "tip-off", subject_unit="@housing-bureau")
    assert merge(source, target, "clerk") == (422, "merging.other-unit", "wenze:house#merging")
    same = register(baoding_place, "tip-off", subject_unit="@housing-bureau")
    assert merge(source, same, "clerk") == (200, None, None)


def test_the_earlier_complaint_keeps_its_term(open_place: Callable[[str], Place]) -> None:
    """Five working days of receipt do not become twenty of a later receipt (ankang:complaints-2018#6.2, #6.3)."""
    place = open_place("ankang")
    earlier = dispatched(place)
    later = complaint(place, "2026-03-06T10:00:00+08:00", "joint")
    assert merge(earlier, later)[:2] == (409, "merging.received-before")
    assert merge(later, earlier) == (409, "merging.term-ends", "ankang:complaints-2018#6.3")
    same = complaint(place, "2026-03-09T10:00:00+08:00")
    assert merge(same, earlier) == (200, None, None)


def test_a_supervised_order_is_done_in_its_two_days(open_place: Callable[[str], Place]) -> None:
    """The term of the supervision is the text's, that of the handling the tenant's (ganzhou:hotline-2022#7.1)."""
    place = open_place("ganzhou")
    target, source = register(place, "hotline-order"), register(place, "hotline-order")
    source.live("dispatched")
    more = {"method": "ganzhou:hotline-2022#7.1/phone", "matter": "ganzhou:hotline-2022#6.2", "text": "请办结。"}
    source.take("supervisor", "supervise-by-message", more)
    assert merge(source, target, "dispatcher") == (409, "merging.term-ends", "ganzhou:hotline-2022#7.1")
