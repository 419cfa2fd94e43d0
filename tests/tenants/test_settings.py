"""Dated settings: what holds on a day, what supersedes, and what a figure may be (R11)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from core.errors import Invalid, Refused
from core.law.instrument import Term, Text, Unit
from core.procedure import SettingKind
from core.tenants.figures import read_figure
from core.tenants.settings import DatedSettings, Setting

DAY = date(2026, 7, 1)
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)


def setting(value: int, day: date = DAY, recorded: datetime = NOON) -> Setting:
    return Setting(uuid4(), "points", day, value, "晋市办发〔2026〕1号", "年度调整", recorded, None)


def kind(type_: str, minimum: int | None = None, maximum: int | None = None) -> SettingKind:
    title = Text(zh="示例", en="Example")
    return SettingKind(key="points", title=title, type=type_, clause="a:b-2017#1", minimum=minimum, maximum=maximum)


def test_nothing_is_shipped() -> None:
    assert DatedSettings().on("points", DAY) is None


def test_a_value_holds_from_its_day() -> None:
    settings = DatedSettings([setting(1), setting(2, DAY + timedelta(days=2))])
    found = [settings.on("points", DAY + timedelta(days=offset)) for offset in (-1, 0, 1, 2, 3)]
    assert [item.value if item else None for item in found] == [None, 1, 1, 2, 2]


def test_a_later_record_of_the_same_day_supersedes_and_both_stay_visible() -> None:
    settings = DatedSettings([setting(2, recorded=NOON + timedelta(seconds=1)), setting(1)])
    found = settings.on("points", DAY)
    assert found is not None
    assert found.value == 2
    assert [item.value for item in settings.history("points")] == [1, 2]


def test_a_value_recorded_later_for_an_earlier_day_leaves_the_newer_day_alone() -> None:
    settings = DatedSettings([setting(1), setting(9, DAY - timedelta(days=9), NOON + timedelta(days=9))])
    found = settings.on("points", DAY)
    assert found is not None
    assert found.value == 1


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("term", {"unit": "working_day", "length": 5}, Term(unit=Unit.WORKING_DAY, length=5)),
        ("term", {"unit": "same_day", "length": 0}, Term(unit=Unit.SAME_DAY, length=0)),
        ("integer", 3, 3),
        ("decimal", "0.50", "0.50"),
        ("boolean", False, False),
        ("text", "每周一报送", "每周一报送"),
    ],
)
def test_a_figure_is_read_by_its_type(type_: str, value: object, expected: object) -> None:
    assert read_figure(kind(type_), value) == expected


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("term", {"unit": "fortnight", "length": 1}),
        ("term", {"unit": "month", "length": 1, "extra": 1}),
        ("term", "5"),
        ("integer", "3"),
        ("integer", True),
        ("integer", 1.5),
        ("decimal", 0.5),
        ("decimal", "half"),
        ("decimal", "NaN"),
        ("decimal", "Infinity"),
        ("boolean", 1),
        ("text", " "),
        ("text", "长" * 2001),
    ],
)
def test_a_figure_of_another_type_is_invalid(type_: str, value: object) -> None:
    with pytest.raises(Invalid):
        read_figure(kind(type_), value)


@pytest.mark.parametrize(("value", "fits"), [("0.99", False), ("1", True), ("10.0", True), ("10.01", False)])
def test_bounds_include_their_ends(value: str, fits: bool) -> None:
    bounded = kind("decimal", 1, 10)
    if fits:
        assert read_figure(bounded, value) == value
        return
    with pytest.raises(Refused) as caught:
        read_figure(bounded, value)
    assert caught.value.code == "tenants.figure-out-of-bounds"
    assert caught.value.clause == "a:b-2017#1"


@pytest.mark.parametrize("term", [{"unit": "same_day", "length": 1}, {"unit": "hour", "length": 0}])
def test_a_term_has_a_length_unless_it_ends_the_same_day(term: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=r"tenants\.term-length"):
        read_figure(kind("term"), term)


def test_numbers_written_as_text_are_read_where_asked() -> None:
    assert read_figure(kind("integer"), "7", strict=False) == 7
    assert read_figure(kind("term"), {"unit": "hour", "length": "2"}, strict=False) == Term(unit=Unit.HOUR, length=2)
