"""Ganzhou's answers to the core's questions: the data files, each read once, and the rules that data cannot say."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from core.hookspecs import hookimpl
from core.law.instrument import Instrument
from core.law.loader import load_instruments
from core.law.source import Source
from core.procedure import CaseKind, Manifest, Objection, SettingKind, StepView
from core.story import Story
from jurisdictions.ganzhou import rules

_PACKAGE = files("jurisdictions.ganzhou")
_DATA = _PACKAGE / "data"


@hookimpl
def provide_manifest() -> Manifest:
    """Who the city is."""
    return Source(_PACKAGE / "manifest.yaml").read(Manifest)


@hookimpl
def provide_instruments() -> tuple[Instrument, ...]:
    """The city's regulations."""
    return _instruments()


@hookimpl
def provide_case_kinds() -> tuple[CaseKind, ...]:
    """The city's kinds of case."""
    return _case_kinds()


@hookimpl
def provide_settings() -> tuple[SettingKind, ...]:
    """The figures that the regulations leave open (R11)."""
    return _settings()


@hookimpl
def provide_story() -> Story:
    """The city's main job as a play."""
    return _story()


@hookimpl
def check_step(view: StepView) -> tuple[Objection, ...]:
    """What the city's rules object to in a step."""
    return rules.find_objections(view)


@cache
def _instruments() -> tuple[Instrument, ...]:
    return load_instruments(_DATA / "instruments")


@cache
def _case_kinds() -> tuple[CaseKind, ...]:
    found = sorted((_DATA / "kinds").iterdir(), key=lambda file: file.name)
    return tuple(Source(file).read(CaseKind) for file in found if file.name.endswith(".yaml"))


@cache
def _settings() -> tuple[SettingKind, ...]:
    return Source(_DATA / "settings.yaml").read(tuple[SettingKind, ...])


@cache
def _story() -> Story:
    return Source(_DATA / "story.yaml").read(Story)
