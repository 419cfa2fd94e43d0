"""When it is tried again: spread a little, never before the receiver wishes, for three days and a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.events.event_type import is_wanted
from core.webhooks.schedule import DELAYS, PATIENCE, next_delay, next_turn, read_wish

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def test_it_is_tried_for_three_days_whatever_chance_says() -> None:
    for chance in (0.0, 0.5, 1.0):
        waits = [next_delay(attempts, None, chance) for attempts in range(1, len(DELAYS) + 1)]
        assert all(wait is not None for wait in waits)
        told = [wait for wait in waits if wait is not None]
        assert told == sorted(told)
        assert sum(told, timedelta()) > PATIENCE
        assert next_delay(len(DELAYS) + 1, None, chance) is None
    assert next_delay(1, None, 0.5) == timedelta(seconds=5.5)
    assert next_delay(2, None, 0.0) == timedelta(seconds=300)
    assert next_delay(2, None, 1.0) == timedelta(seconds=360)


def test_a_wish_delays_and_never_hastens() -> None:
    assert next_delay(1, timedelta(hours=3), 0.5) == timedelta(hours=3)
    assert next_delay(4, timedelta(seconds=1), 0.5) == timedelta(hours=2.2)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("120", timedelta(seconds=120)),
        ("0", timedelta()),
        ("999999999999999999999", timedelta(days=1)),
        ("-5", None),
        ("１２", None),
        ("soon", None),
        ("", None),
        ("x" * 100, None),
        ("Mon, 02 Mar 2026 01:40:00 GMT", timedelta(minutes=10)),
        ("Mon, 02 Mar 2026 01:40:00 -0000", timedelta(minutes=10)),
        ("Sun, 01 Mar 2026 01:40:00 GMT", timedelta()),
        ("Tue, 02 Mar 2027 01:40:00 GMT", timedelta(days=1)),
        ("Mon, 99 Mar 2026 01:40:00 GMT", None),
    ],
)
def test_wishes(header: str | None, expected: timedelta | None) -> None:
    assert read_wish(header, NOW) == expected


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [("*", True), ("case.*", True), ("case.close", True), ("case.clos", False), ("deadline.*", False), ("cas.*", False)],
)
def test_patterns(pattern: str, wanted: bool) -> None:
    assert is_wanted("case.close", [pattern]) is wanted


@pytest.mark.parametrize(
    ("slow", "behind", "seconds"),
    [(None, 1, 1), (None, 10_000, 1), (2, 1, 1), (10, 8, 10), (10, 50, 62.5), (10, 10_000, 300)],
    ids=["fast", "fast-flood", "nearly", "next", "later", "flood"],
)
def test_what_finds_no_room_is_looked_at_when_there_may_be_some(slow: int | None, behind: int, seconds: float) -> None:
    told = timedelta(seconds=slow) if slow is not None else None
    assert next_turn(told, behind, at_once=8) == timedelta(seconds=seconds)
