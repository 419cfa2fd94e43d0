"""What kind each day is: the State Council's calendar from ``chinesecalendar``, and the changes that a tenant stores.

Days are dense tables by ordinal, from 1 January 2004 to 31 December 2099. Sums over them (:class:`DayTable`) make any
number of working days one look-up; tenants with the same days share one table.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache
from importlib.metadata import version as installed_version
from itertools import accumulate, compress

from core.law.calendar_version import FIRST_YEAR, LAST_YEAR, Closure, Published, PublishedDay, PublishedYear

FIRST = date(FIRST_YEAR, 1, 1).toordinal()
LAST = date(LAST_YEAR, 12, 31).toordinal()
_WEEK = bytes((0, 0, 0, 0, 0, 1, 1))

FIXED_HOLIDAYS = {
    (1, 1): "元旦",
    **dict.fromkeys(((5, 1), (5, 2)), "劳动节"),
    **dict.fromkeys(((10, 1), (10, 2), (10, 3)), "国庆节"),
}
"""The holidays that the 2025 rule on public holidays fixes by date; those of the lunar calendar wait for the notice."""

MISSED_MAKE_UP_DAYS = {date(2005, 12, 31): "元旦"}
"""Days that the package lacks: the notice on 2006 (国办发明电〔2005〕35号) moved the weekend that begins on it."""


class Code(IntEnum):
    """Kinds of day as they stand in the tables."""

    WORKING = 0
    WEEKEND = 1
    HOLIDAY = 2
    MAKE_UP = 3
    CLOSURE = 4


_IS_WORKING = bytes(code in {Code.WORKING, Code.MAKE_UP} for code in range(256))


@dataclass(frozen=True, slots=True, eq=False)
class DayTable:
    """The days of one calendar. Positions are ordinals less :data:`FIRST`.

    ``rank[i]`` is how many working days there are up to and including day ``i``; ``working[k]`` is the position of the
    k-th working day, from 0. ``settled`` is the last position of the unbroken run of announced years.
    """

    kinds: bytes
    names: Mapping[int, str]
    announced: frozenset[int]
    rank: array[int]
    working: array[int]
    settled: int

    def provisional(self, first: int, last: int) -> bool:
        """Whether a year that is not announced has a day between the two positions."""
        if last <= self.settled:
            return False
        years = range(date.fromordinal(FIRST + first).year, date.fromordinal(FIRST + last).year + 1)
        return any(year not in self.announced for year in years)


@lru_cache(maxsize=1)
def source_name() -> str:
    """The package that the announced years come from, with its version, for explanations."""
    return f"chinesecalendar {installed_version('chinesecalendar')}"


@lru_cache(maxsize=64)
def day_table(years: tuple[PublishedYear, ...] = (), closures: tuple[Closure, ...] = ()) -> DayTable:
    """The days of the national calendar with a tenant's published years and closures."""
    base = _national()
    days = _Days(bytearray(base.kinds), dict(base.names), set(base.announced))
    for year in years:
        days.publish(year)
    for closure in closures:
        days.mark(closure.date, Code.CLOSURE, closure.name)
    return days.table()


@lru_cache(maxsize=1)
def _national() -> DayTable:
    # Imported here: the package is only needed once a date is computed.
    from chinese_calendar import Holiday
    from chinese_calendar.constants import holidays, workdays

    days = _Days(_weeks(), {}, set(range(FIRST_YEAR, max(holidays).year + 1)))
    names = {holiday.value: holiday.chinese for holiday in Holiday}
    for day, name in holidays.items():
        days.mark(day, Code.HOLIDAY, names[name])
    for day, name in workdays.items():
        days.mark(day, Code.MAKE_UP, names[name])
    for day, name in MISSED_MAKE_UP_DAYS.items():
        days.mark(day, Code.MAKE_UP, name)
    for year in range(max(days.announced) + 1, LAST_YEAR + 1):
        for (month, number), name in FIXED_HOLIDAYS.items():
            days.mark(date(year, month, number), Code.HOLIDAY, name)
    return days.table()


class _Days:
    """A table of days while it is being made."""

    def __init__(self, kinds: bytearray, names: dict[int, str], announced: set[int]) -> None:
        self.kinds, self.names, self.announced = kinds, names, announced

    def mark(self, day: date, code: Code, name: str) -> None:
        position = day.toordinal() - FIRST
        self.kinds[position] = code
        self.names[position] = name

    def publish(self, year: PublishedYear) -> None:
        if year.complete:
            self.clear(year.year)
            self.announced.add(year.year)
        for day in year.days:
            self.apply(day)

    def apply(self, day: PublishedDay) -> None:
        if day.kind is Published.HOLIDAY:
            self.mark(day.date, Code.HOLIDAY, day.name)
        else:
            self.mark(day.date, Code.MAKE_UP if day.date.isoweekday() > 5 else Code.WORKING, day.name)

    def clear(self, year: int) -> None:
        start, end = date(year, 1, 1).toordinal() - FIRST, date(year, 12, 31).toordinal() - FIRST + 1
        self.kinds[start:end] = _weeks()[start:end]
        for position in range(start, end):
            self.names.pop(position, None)

    def table(self) -> DayTable:
        kinds = bytes(self.kinds)
        is_working = kinds.translate(_IS_WORKING)
        rank, working = array("i", accumulate(is_working)), array("i", compress(range(len(kinds)), is_working))
        return DayTable(kinds, self.names, frozenset(self.announced), rank, working, _settled(self.announced))


def _weeks() -> bytearray:
    days = LAST - FIRST + 1
    offset = date.fromordinal(FIRST).weekday()
    return bytearray((_WEEK * (days // 7 + 2))[offset : offset + days])


def _settled(announced: Iterable[int]) -> int:
    known = set(announced)
    last = next(year for year in range(FIRST_YEAR, LAST_YEAR + 2) if year not in known) - 1
    return date(last, 12, 31).toordinal() - FIRST
