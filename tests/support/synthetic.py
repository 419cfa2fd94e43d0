"""A regulation and a kind of case that no city has, made to put every verb, check and deadline rule to the test."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from core.jurisdictions import house_instruments
from core.law.loader import load_instrument
from core.law.rulebook import Rulebook
from core.law.source import Source
from core.procedure import CaseKind
from core.resolution import resolve_kind

_FOLDER = Path(__file__).parent / "synthetic"


@cache
def synthetic_rulebook() -> Rulebook:
    """The synthetic regulation with the readings and the rules of the house."""
    return Rulebook((*house_instruments(), load_instrument(_FOLDER / "rules-2020.yaml")))


@cache
def synthetic_kind() -> CaseKind:
    """The kind ``matter``, its citations resolved."""
    return resolve_kind(Source(_FOLDER / "matter.yaml").read(CaseKind), synthetic_rulebook())
