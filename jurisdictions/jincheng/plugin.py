"""Jincheng's answers to the core's questions: its regulations, kinds, settings and story, read from ``data/``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from core.hookspecs import hookimpl
from core.law.instrument import Instrument
from core.law.loader import load_instruments
from core.law.source import Source
from core.procedure import CaseKind, Manifest, Objection, SettingKind, StepView
from core.story import Story
from jurisdictions.jincheng.rules import steps

_PACKAGE = files("jurisdictions.jincheng")
_DATA = _PACKAGE / "data"


@hookimpl
def provide_manifest() -> Manifest:
    """Who the city is."""
    return Source(_PACKAGE / "manifest.yaml").read(Manifest)


@hookimpl
def provide_instruments() -> tuple[Instrument, ...]:
    """The four texts of 2017."""
    return _instruments()


@hookimpl
def provide_case_kinds() -> tuple[CaseKind, ...]:
    """Findings and inspection matters."""
    return _case_kinds()


@hookimpl
def provide_settings() -> tuple[SettingKind, ...]:
    """What the texts leave open."""
    return _settings()


@hookimpl
def provide_story() -> Story:
    """An inspection matter over Labour Day, a finding in the National Day holiday."""
    return _story()


@hookimpl
def check_step(view: StepView) -> tuple[Objection, ...]:
    """The rules that data cannot say."""
    return steps.check(view)


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
