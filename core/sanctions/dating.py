"""Which version of an instrument, and of the regime that rests on it, holds on a day (R7)."""

from __future__ import annotations

from datetime import date

from core.law.instrument import Instrument, Version
from core.law.rulebook import Rulebook
from core.sanctions.regime import Regime, RegimeVersion


def law_on(rulebook: Rulebook, instrument: str, on: date | None) -> Version:
    """The version in force on the day, or the newest where none is named; raises :class:`core.errors.Refused` before the
    first."""
    return rulebook.instrument(instrument).versions[-1] if on is None else rulebook.version(instrument, on)


def regime_under(regime: Regime, instrument: Instrument, law: Version) -> RegimeVersion:
    """The regime under a version of its instrument: its own, or the last one before it."""
    order = [version.id for version in instrument.versions]
    place = order.index(law.id)
    return next(item for item in reversed(regime.versions) if order.index(item.version) <= place)


def regime_on(regime: Regime, rulebook: Rulebook, on: date | None = None) -> RegimeVersion:
    """The regime as it holds on a day; raises :class:`core.errors.Refused` before the first version."""
    return regime_under(regime, rulebook.instrument(regime.instrument), law_on(rulebook, regime.instrument, on))
