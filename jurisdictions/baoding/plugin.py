"""Baoding's answers to the core's questions: its regulations, kinds, settings and story, read from ``data/``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from core.hookspecs import hookimpl
from core.law.instrument import Instrument
from core.law.loader import load_instruments
from core.law.source import Source
from core.procedure import CaseKind, Manifest, Objection, SettingKind, StepView
from core.story import Story
from jurisdictions.baoding.rules import tip_off

_PACKAGE = files("jurisdictions.baoding")
_DATA = _PACKAGE / "data"


@hookimpl
def provide_manifest() -> Manifest:
    """Who the city is."""
    return Source(_PACKAGE / "manifest.yaml").read(Manifest)


@hookimpl
def provide_instruments() -> tuple[Instrument, ...]:
    """The four texts of 2010."""
    return _instruments()


@hookimpl
def provide_case_kinds() -> tuple[CaseKind, ...]:
    """Tip-offs."""
    return _case_kinds()


@hookimpl
def provide_settings() -> tuple[SettingKind, ...]:
    """What the texts leave open."""
    return _settings()


@hookimpl
def provide_story() -> Story:
    """A named tip-off over the Spring Festival, an anonymous one before National Day."""
    return _story()


@hookimpl
def check_step(view: StepView) -> tuple[Objection, ...]:
    """The rules that data cannot say."""
    return tip_off.check(view)


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
