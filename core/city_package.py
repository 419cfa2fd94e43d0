"""A city that lies whole in its package: manifest and data as files, what data cannot say as one function.

All a city's ``plugin.py`` has to do is to name its package and its rules; the entry point names the object.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from importlib.resources import files

from core.hookspecs import hookimpl
from core.law.instrument import Instrument
from core.law.loader import load_instruments
from core.law.source import Source
from core.procedure import CaseKind, Manifest, Objection, SettingKind, StepView
from core.sanctions.loader import load_regimes
from core.sanctions.regime import Regime
from core.story import Story

Rules = Callable[[StepView], tuple[Objection, ...]]


class CityPackage:
    """Answers the core's questions from ``manifest.yaml`` and ``data/`` of a package, each file read once.

    Raises :class:`core.law.source.FaultInSource` for a file that is not what it must be.
    """

    def __init__(self, package: str, find_objections: Rules) -> None:
        self._package = files(package)
        self._find_objections = find_objections

    @hookimpl
    def provide_manifest(self) -> Manifest:
        """Who the city is."""
        return Source(self._package / "manifest.yaml").read(Manifest)

    @hookimpl
    def provide_instruments(self) -> tuple[Instrument, ...]:
        """The city's regulations: ``data/instruments/``."""
        return self._instruments

    @hookimpl
    def provide_case_kinds(self) -> tuple[CaseKind, ...]:
        """The city's kinds of case, one file each: ``data/kinds/``."""
        return self._case_kinds

    @hookimpl
    def provide_settings(self) -> tuple[SettingKind, ...]:
        """The figures that the regulations leave open (R11): ``data/settings.yaml``."""
        return self._settings

    @hookimpl
    def provide_regimes(self) -> tuple[Regime, ...]:
        """The city's accountability regimes, one file each: ``data/regimes/``, which a city without any does not have."""
        return self._regimes

    @hookimpl
    def provide_story(self) -> Story:
        """The city's main job as a play: ``data/story.yaml``."""
        return self._story

    @hookimpl
    def check_step(self, view: StepView) -> tuple[Objection, ...]:
        """What the city's rules object to in a step."""
        return self._find_objections(view)

    @cached_property
    def _instruments(self) -> tuple[Instrument, ...]:
        return load_instruments(self._package / "data" / "instruments")

    @cached_property
    def _case_kinds(self) -> tuple[CaseKind, ...]:
        found = sorted((self._package / "data" / "kinds").iterdir(), key=lambda file: file.name)
        return tuple(Source(file).read(CaseKind) for file in found if file.name.endswith(".yaml"))

    @cached_property
    def _settings(self) -> tuple[SettingKind, ...]:
        return Source(self._package / "data" / "settings.yaml").read(tuple[SettingKind, ...])

    @cached_property
    def _regimes(self) -> tuple[Regime, ...]:
        return load_regimes(self._package / "data" / "regimes", self._instruments)

    @cached_property
    def _story(self) -> Story:
        return Source(self._package / "data" / "story.yaml").read(Story)
