"""Yunqi's answers to the core's questions."""

from __future__ import annotations

from importlib.resources import files

from core.hookspecs import hookimpl
from core.law.instrument import Instrument
from core.law.loader import load_instruments
from core.law.source import Source
from core.procedure import CaseKind, Manifest, Objection, SettingKind, StepView
from core.sanctions.loader import load_regimes
from core.sanctions.regime import Regime
from core.story import Story
from wenze_yunqi import rules

_PACKAGE = files("wenze_yunqi")
_DATA = _PACKAGE / "data"


@hookimpl
def provide_manifest() -> Manifest:
    """Who the city is."""
    return Source(_PACKAGE / "manifest.yaml").read(Manifest)


@hookimpl
def provide_instruments() -> tuple[Instrument, ...]:
    """The city's one regulation, in two versions."""
    return load_instruments(_DATA / "instruments")


@hookimpl
def provide_case_kinds() -> tuple[CaseKind, ...]:
    """The city's one kind of case."""
    return (Source(_DATA / "kinds" / "hazard.yaml").read(CaseKind),)


@hookimpl
def provide_settings() -> tuple[SettingKind, ...]:
    """The figures that the regulation leaves open (R11)."""
    return Source(_DATA / "settings.yaml").read(tuple[SettingKind, ...])


@hookimpl
def provide_regimes() -> tuple[Regime, ...]:
    """The city's one accountability regime, under either version of its regulation."""
    return load_regimes(_DATA / "regimes", provide_instruments())


@hookimpl
def provide_story() -> Story:
    """The city's main job as a play."""
    return Source(_DATA / "story.yaml").read(Story)


@hookimpl
def check_step(view: StepView) -> tuple[Objection, ...]:
    """What the city's rules object to in a step."""
    return rules.check_grade(view) if view.step == "grade" else ()
