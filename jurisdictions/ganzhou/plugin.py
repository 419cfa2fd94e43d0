"""Ganzhou's answers to the core's questions: the data files, and the rules that data cannot say.

The core asks each question once per process and keeps the answer, so nothing is kept here.
"""

from __future__ import annotations

from importlib.resources import files

from core.hookspecs import hookimpl
from core.law.instrument import Instrument
from core.law.loader import load_instruments
from core.law.source import Source
from core.procedure import CaseKind, Manifest, Objection, SettingKind, StepView, Story
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
    return load_instruments(_DATA / "instruments")


@hookimpl
def provide_case_kinds() -> tuple[CaseKind, ...]:
    """The city's kinds of case, one per file."""
    found = sorted((_DATA / "kinds").iterdir(), key=lambda file: file.name)
    return tuple(Source(file).read(CaseKind) for file in found if file.name.endswith(".yaml"))


@hookimpl
def provide_settings() -> tuple[SettingKind, ...]:
    """The figures that the regulations leave open (R11)."""
    return Source(_DATA / "settings.yaml").read(tuple[SettingKind, ...])


@hookimpl
def provide_story() -> Story:
    """The city's main job as a play."""
    return Source(_DATA / "story.yaml").read(Story)


@hookimpl
def check_step(view: StepView) -> tuple[Objection, ...]:
    """What the city's rules object to in a step."""
    return rules.find_objections(view)
