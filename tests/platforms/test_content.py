"""What counts as a change of what a platform says, and when two spans of operators meet; on paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.platforms.content import changed_fields, prints_of
from core.platforms.platform import Operator
from core.store.envelope import TenantKey, TenantKeys

KEYS = TenantKeys({"t-1": TenantKey(7, "t-1", bytes(32))})
CLIENT, OTHER = UUID(int=1), UUID(int=2)
CHINA = timezone(timedelta(hours=8))


class Spot(msgspec.Struct):
    """A place with degrees in it."""

    longitude: float
    note: str | None = None


class Told(msgspec.Struct, tag="order", tag_field="kind"):
    """A registration in small."""

    title: str
    narrative: str = "n"
    note: str | None = None
    spot: Spot | None = None
    received_at: datetime | None = None
    items: tuple[str, ...] = ()


def prints(client: UUID = CLIENT, id_: str = "HX-1", **said: Any) -> dict[str, str]:
    return prints_of(KEYS, client, id_, Told(**({"title": "t"} | said)))


NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ({}, {}, ()),
        ({}, {"note": None, "spot": None}, ()),
        ({"received_at": NOON}, {"received_at": NOON.astimezone(CHINA)}, ()),
        ({"spot": Spot(109.0)}, {"spot": Spot(109.0, None)}, ()),
        ({}, {"title": "u"}, ("title",)),
        ({}, {"note": "m"}, ("note",)),
        ({"note": "m"}, {}, ()),
        ({"spot": Spot(109.0)}, {}, ("spot",)),
        ({"spot": Spot(109.0)}, {"spot": Spot(109.5)}, ("spot",)),
        ({"items": ("a", "b")}, {"items": ("b", "a"), "narrative": "m"}, ("items", "narrative")),
        ({"received_at": NOON}, {"received_at": NOON + timedelta(seconds=1)}, ("received_at",)),
    ],
    ids=str,
)
def test_what_counts_as_a_change(before: dict[str, Any], after: dict[str, Any], changed: tuple[str, ...]) -> None:
    assert changed_fields(prints(**before), prints(**after)) == changed


def test_another_kind_is_a_change() -> None:
    other = {"kind": "00" * 32}
    assert changed_fields(prints(), {**prints(), **other}) == ("kind",)


def test_equal_words_look_equal_under_one_id_alone() -> None:
    here = prints(narrative="t")
    assert here["title"] != here["narrative"]
    assert not set(here.values()) & set(prints(id_="HX-2", narrative="t").values())
    assert not set(here.values()) & set(prints(client=OTHER, narrative="t").values())


DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 12))


@given(DAYS, st.none() | DAYS, DAYS, st.none() | DAYS)
def test_spans_meet_where_both_hold_on_a_day(first: date, last: date | None, begins: date, ends: date | None) -> None:
    if (last is not None and last < first) or (ends is not None and ends < begins):
        return
    one = Operator(UUID(int=3), CLIENT, "1", OTHER, first, last, confirmed_at=NOON)
    two = Operator(UUID(int=4), CLIENT, "1", OTHER, begins, ends, confirmed_at=NOON)
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(14)]
    assert one.meets(begins, ends) == two.meets(first, last) == any(one.holds_on(day) and two.holds_on(day) for day in days)
    revoked = replace(one, revoked_at=NOON)
    assert not revoked.meets(begins, ends)
    assert not any(revoked.holds_on(day) for day in days)
