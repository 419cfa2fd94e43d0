"""Every question that the core asks a city.

Hooks are synchronous, get frozen values and no session, and are never called per row. Each is answered by exactly one
implementation per city (one plugin manager per city). Unknown implementations are refused at start-up.
"""

from __future__ import annotations

from typing import Protocol

import pluggy

from core.law.instrument import Instrument
from core.procedure import CaseKind, Manifest, Objection, SettingKind, StepView
from core.sanctions.regime import Regime
from core.story import Story

PROJECT = "wenze"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class CityHooks(Protocol):
    """The questions; also the type by which the core calls them."""

    @hookspec(firstresult=True)
    def provide_manifest(self) -> Manifest:
        """Asked once, first, when the plugin is found: who the city is and for which hook contract it is written."""

    @hookspec(firstresult=True)
    def provide_instruments(self) -> tuple[Instrument, ...]:
        """Asked once per process: the city's regulations, each with its versions."""

    @hookspec(firstresult=True)
    def provide_case_kinds(self) -> tuple[CaseKind, ...]:
        """Asked once per process: the kinds of case the city has, each with its states, steps and deadlines."""

    @hookspec(firstresult=True)
    def provide_settings(self) -> tuple[SettingKind, ...]:
        """Asked once per process: the figures that the city's regulations leave to each tenant (R11)."""

    @hookspec(firstresult=True)
    def provide_regimes(self) -> tuple[Regime, ...]:
        """Asked once per process: the city's accountability regimes, each over one of its instruments; none, if it has none.

        Their citations are whole, which :func:`core.sanctions.loader.load_regimes` sees to.
        """

    @hookspec(firstresult=True)
    def provide_story(self) -> Story:
        """Asked by the demo and the tests: the city's main job as a play, with what the regulation says comes of it."""

    @hookspec(firstresult=True)
    def check_step(self, view: StepView) -> tuple[Objection, ...]:
        """Asked before each step of a case is taken, after the data's own conditions hold.

        ``view`` is the case as it stands and the step with its facts. The answer names every rule of the city, that data
        cannot say, by which the step is refused; an empty tuple lets it pass.
        """
