"""Reads the value of a setting by the type that its city gives it (R11)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from core.errors import Invalid, Refused
from core.law.instrument import Term, Unit
from core.procedure import SettingKind
from core.rungs import BREACH, DISTANCES, Rung
from core.tenants.settings import SettingValue

DECIMAL_PATTERN = r"^-?(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,6})?$(?!\n)"
LONGEST_TEXT = 2_000
MOST_RUNGS = 20
_TYPES: dict[str, Any] = {
    "term": Term, "integer": int, "decimal": str, "boolean": bool, "text": str, "date": date, "ladder": tuple[Rung, ...],
}  # fmt: skip


def read_figure(kind: SettingKind, value: object, *, strict: bool = True) -> SettingValue:
    """The value as the kind's type; ``strict=False`` also reads numbers written as text, as data files have them.

    Raises :class:`Invalid` for a value of another type and :class:`Refused` for one outside the kind's bounds.
    """
    try:
        figure: SettingValue = msgspec.convert(value, _TYPES[kind.type], strict=strict)
    except msgspec.ValidationError as error:
        raise Invalid("tenants.figure-of-other-type", field="/value", key=kind.key, type=kind.type) from error
    if isinstance(figure, Term):
        _check_term(figure)
    elif isinstance(figure, tuple):
        _check_ladder(figure)
    elif isinstance(figure, date):
        _check_bounds(kind, str(figure.year))
    elif kind.type in {"integer", "decimal"}:
        _check_bounds(kind, str(figure))
    elif isinstance(figure, str) and not (figure.strip() and len(figure) <= LONGEST_TEXT):
        raise Invalid("tenants.figure-text-length", field="/value", key=kind.key, longest=LONGEST_TEXT)
    return figure


def _check_term(term: Term) -> None:
    if (term.unit is Unit.SAME_DAY) != (term.length == 0):
        raise Refused("tenants.term-length", field="/value/length", unit=term.unit, length=term.length)


def _check_ladder(rungs: tuple[Rung, ...]) -> None:
    """Every rung has a name of its own and a distance that can be before or after a day."""
    if len(rungs) > MOST_RUNGS:
        raise Refused("tenants.ladder-too-long", field="/value", most=MOST_RUNGS)
    names = [rung.key for rung in rungs]
    for place, rung in enumerate(rungs):
        if rung.key == BREACH or names.index(rung.key) != place:
            raise Refused("tenants.ladder-key", field=f"/value/{place}/key", key=rung.key)
        if rung.distance.unit not in DISTANCES or rung.distance.length == 0:
            raise Refused("tenants.ladder-distance", field=f"/value/{place}/distance", key=rung.key)


def _check_bounds(kind: SettingKind, text: str) -> None:
    if kind.type == "decimal" and not re.fullmatch(DECIMAL_PATTERN, text):
        raise Invalid("tenants.figure-of-other-type", field="/value", key=kind.key, type=kind.type)
    amount = Decimal(text)
    low, high = kind.minimum, kind.maximum
    if (low is not None and amount < low) or (high is not None and amount > high):
        bounds = f"{'−∞' if low is None else low} … {'∞' if high is None else high}"
        raise Refused("tenants.figure-out-of-bounds", field="/value", clause=kind.clause, key=kind.key, bounds=bounds)
