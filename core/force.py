"""Instruments of which only the year of issue is known: in force from its last day, until the tenant sets the day (R7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

import msgspec

from core.law.instrument import ForceBasis, Instrument, Text
from core.law.rulebook import Rulebook
from core.procedure import SettingKind

_READING = "wenze:readings#r7"


def force_settings(instruments: Iterable[Instrument]) -> tuple[SettingKind, ...]:
    """A setting for each such instrument: the day, within its year of issue, on which it came into force."""
    return tuple(_setting(instrument) for instrument in instruments if _is_open(instrument))


def with_set_days(rulebook: Rulebook, find_day: Callable[[str], date | None]) -> Rulebook:
    """The rulebook with the days that a tenant has set; the rulebook itself where none is."""
    days = {item.id: find_day(_key(item)) for item in rulebook.instruments.values() if _is_open(item)}
    if not any(days.values()):
        return rulebook
    return Rulebook(tuple(_from_day(item, days.get(item.id)) for item in rulebook.instruments.values()))


def _is_open(instrument: Instrument) -> bool:
    return instrument.versions[0].force_basis is ForceBasis.YEAR_OF_ISSUE


def _key(instrument: Instrument) -> str:
    return f"in-force.{instrument.id.partition(':')[2]}"


def _setting(instrument: Instrument) -> SettingKind:
    year = instrument.versions[0].in_force_from.year
    title = Text(zh=f"{instrument.title.zh}的施行日", en=f"The day on which '{instrument.title.en}' came into force")
    return SettingKind(key=_key(instrument), title=title, type="date", clause=_READING, minimum=year, maximum=year)


def _from_day(instrument: Instrument, day: date | None) -> Instrument:
    if day is None:
        return instrument
    first = msgspec.structs.replace(instrument.versions[0], in_force_from=day, force_basis=ForceBasis.STATED_DAY)
    return msgspec.structs.replace(instrument, versions=(first, *instrument.versions[1:]))
