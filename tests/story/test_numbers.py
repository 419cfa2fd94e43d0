"""Case numbers under load: gap-free, never twice, and once per idempotency key (promises 9 and 14; PITFALLS 24, 29)."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.story.house import Place
from tests.story.matters import register, registration

AT_ONCE = 50
_NUMBER = re.compile(r"(TS)(2026)-([0-9]{6})")


def at_once(works: list[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    """Does all of them at the same time."""
    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(lambda work: work(), works))


def registering(place: Place, index: int, **more: Any) -> Callable[[], httpx.Response]:
    who = ("supervisor", "duty-clerk")[index % 2]
    body = registration("complaint", title=f"投诉第{index}件", **more)
    return lambda: place.client.post(who, "/cases", body)


def numbers_of(answers: list[httpx.Response]) -> list[int]:
    """The running numbers that were given, in order."""
    found = [_NUMBER.fullmatch(answer.json()["number"]) for answer in answers if answer.status_code == 201]
    return sorted(int(match[3]) for match in found if match)


@pytest.fixture
def place(open_place: Callable[[str], Place]) -> Place:
    """A tenant without a case, its people's tokens at hand."""
    opened = open_place("ankang")
    for who in ("supervisor", "duty-clerk"):
        opened.read(who, "/cases")
    return opened


def test_fifty_at_once_are_numbered_without_a_gap(place: Place) -> None:
    answers = at_once([registering(place, index) for index in range(AT_ONCE)])
    assert {answer.status_code for answer in answers} == {201}
    assert numbers_of(answers) == list(range(1, AT_ONCE + 1))
    assert len({answer.json()["id"] for answer in answers}) == AT_ONCE
    assert len({answer.json()["receipt"] for answer in answers}) == AT_ONCE
    counts = place.counts()
    assert [counts[name] for name in ("cases", "case_step", "idempotency")] == [AT_ONCE] * 3


REFUSED: tuple[dict[str, Any], ...] = (
    {"received_at": "2099-01-01T00:00:00Z"},
    {"receiving_office": "duty-office"},
    {"petitioner": {"address": "某处"}},
    {"colour": "red"},
)


def test_who_is_refused_in_between_leaves_no_gap(place: Place) -> None:
    works = [registering(place, index, **(REFUSED[index // 3 % 4] if index % 3 == 0 else {})) for index in range(AT_ONCE)]
    answers = at_once(works)
    taken = [answer for answer in answers if answer.status_code == 201]
    assert len(taken) == AT_ONCE - len(range(0, AT_ONCE, 3))
    assert {answer.status_code for answer in answers} == {201, 400, 422}
    assert numbers_of(answers) == list(range(1, len(taken) + 1))
    after = register(place, "complaint")
    assert after.view["number"] == f"TS2026-{len(taken) + 1:06d}"
    counts = place.counts()
    assert [counts[name] for name in ("cases", "case_step", "idempotency")] == [len(taken) + 1] * 3
    assert counts["petitioner"] == 0


def test_one_key_sent_by_ten_at_once_makes_one_case(place: Place) -> None:
    body = registration("complaint")
    work = [lambda: place.client.post("supervisor", "/cases", body, key="the-same")] * 10
    answers = at_once(work)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len({(answer.headers["etag"], answer.headers["location"]) for answer in answers}) == 1
    assert sorted(answer.headers.get("idempotency-replayed", "") for answer in answers) == ["", *["true"] * 9]
    assert place.ask_status("supervisor", answers[0].json()["receipt"]).status_code == 200
    counts = place.counts()
    assert [counts[name] for name in ("cases", "case_step", "idempotency")] == [1] * 3
    assert register(place, "complaint").view["number"] == "TS2026-000002"


def test_one_key_sent_by_ten_at_once_takes_one_step(place: Place) -> None:
    """Also afterwards, when the version that it was decided on is long gone: a replay is looked for before If-Match."""
    matter = register(place, "complaint")
    body, path, etag = {"grounds": ["ankang:complaints-2018#3/accept.3"]}, matter.step_path("accept"), matter.etag

    def send(decided_on: str = etag) -> httpx.Response:
        return place.client.post("supervisor", path, body, decided_on, key="accept-once")

    answers = at_once([send] * 10)
    assert {answer.status_code for answer in [*answers, send()]} == {200}
    assert len({answer.content for answer in [*answers, send()]}) == 1
    assert matter.refresh()["version"] == 2
    on_another_version = send(matter.etag)
    assert (on_another_version.status_code, on_another_version.json()["code"]) == (422, "api.idempotency-key-reused")


def test_a_key_with_another_body_is_refused(place: Place) -> None:
    first = place.client.post("supervisor", "/cases", registration("complaint"), key="mine")
    before = place.counts()
    other = place.client.post("supervisor", "/cases", registration("complaint", title="另一件"), key="mine")
    assert (other.status_code, other.json()["code"]) == (422, "api.idempotency-key-reused")
    assert place.counts() == before
    again = place.client.post("supervisor", "/cases", registration("complaint"), key="mine")
    assert (again.status_code, again.content) == (201, first.content)
    assert place.counts() == before


def test_a_key_is_its_clients_own(place: Place) -> None:
    body = registration("complaint")
    answers = [place.client.post(who, "/cases", body, key="shared") for who in ("supervisor", "duty-clerk")]
    assert [answer.json()["number"] for answer in answers] == ["TS2026-000001", "TS2026-000002"]


def test_a_refused_request_may_be_put_right_under_its_key(place: Place) -> None:
    """Only what was done is kept: a refusal is no answer to hold on to."""
    wrong = registration("complaint", receiving_office="duty-office")
    assert place.client.post("supervisor", "/cases", wrong, key="again").status_code == 422
    right = place.client.post("supervisor", "/cases", registration("complaint"), key="again")
    assert (right.status_code, right.json()["number"]) == (201, "TS2026-000001")


def test_numbers_begin_anew_with_the_local_year(place: Place) -> None:
    place.move(datetime.fromisoformat("2026-12-31T23:55:00+08:00"))
    assert [register(place, "complaint").view["number"] for _ in range(2)] == ["TS2026-000001", "TS2026-000002"]
    place.move(datetime.fromisoformat("2027-01-01T00:00:00+08:00"))
    assert register(place, "complaint").view["number"] == "TS2027-000001"
    late = register(place, "complaint", received_at="2026-12-31T10:00:00+08:00", received_reason="来信补登")
    assert late.view["number"] == "TS2027-000002"


def test_each_kind_counts_for_itself(jincheng: Place) -> None:
    found = [register(jincheng, kind).view["number"] for kind in ("finding", "inspection-matter", "finding")]
    assert found == ["FX2026-000001", "DC2026-000001", "FX2026-000002"]
