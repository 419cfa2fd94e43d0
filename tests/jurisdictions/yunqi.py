"""The fifth city, sound, as values that a test can break."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec

from core.conformance import City
from core.conformance.views import draw_view
from core.hookspecs import CityHooks
from core.jurisdictions import Jurisdiction
from core.law.instrument import Clause, Instrument, Text, Version
from core.procedure import CaseKind, Field, Manifest, Objection, SettingKind, StepKind, StepView
from core.sanctions.regime import Regime
from core.story import Act, Story

PACKAGE = Path(__file__).parents[1] / "fifth_city" / "yunqi"
SOUND_KIND_KEY = "hazard"
change: Callable[..., Any] = msgspec.structs.replace


@dataclass(frozen=True)
class Yunqi:
    """The city's answers, and its parts by name with one of them changed."""

    manifest: Manifest
    instruments: tuple[Instrument, ...]
    kinds: tuple[CaseKind, ...]
    settings: tuple[SettingKind, ...]
    regimes: tuple[Regime, ...]
    story: Story
    rule: Callable[[StepView], Any]

    @property
    def city(self) -> City:
        """The city as the conformance suite examines it."""
        answers = SimpleNamespace(
            provide_instruments=lambda: self.instruments,
            provide_case_kinds=lambda: self.kinds,
            provide_settings=lambda: self.settings,
            provide_regimes=lambda: self.regimes,
            provide_story=lambda: self.story,
            check_step=lambda *, view: self.rule(view),
        )
        return City("yunqi", "wenze_yunqi.plugin", Jurisdiction(self.manifest, cast("CityHooks", answers)))

    def but(self, **changes: Any) -> Yunqi:
        """The city with other answers."""
        return replace(self, **changes)

    def kind(self, **changes: Any) -> Yunqi:
        """The city with its kind changed."""
        return self.but(kinds=(change(self.kinds[0], **changes), *self.kinds[1:]))

    def step(self, key: str, /, **changes: Any) -> Yunqi:
        """The city with one step changed."""
        return self.kind(steps=_with(self.kinds[0].steps, key, changes))

    def without_step(self, key: str) -> Yunqi:
        """The city without one step."""
        return self.kind(steps=tuple(step for step in self.kinds[0].steps if step.key != key))

    def field(self, step: str, key: str, /, **changes: Any) -> Yunqi:
        """The city with one field changed."""
        return self.step(step, fields=_with(self._step(step).fields, key, changes))

    def add_field(self, step: str, field: Field) -> Yunqi:
        """The city with one more field."""
        return self.step(step, fields=(*self._step(step).fields, field))

    def deadline(self, key: str, /, **changes: Any) -> Yunqi:
        """The city with one deadline changed."""
        return self.kind(deadlines=_with(self.kinds[0].deadlines, key, changes))

    def setting(self, key: str, /, **changes: Any) -> Yunqi:
        """The city with one setting changed."""
        return self.but(settings=_with(self.settings, key, changes))

    def version(self, index: int, **changes: Any) -> Yunqi:
        """The city with one version of its regulation changed."""
        versions: list[Version] = list(self.instruments[0].versions)
        versions[index] = change(versions[index], **changes)
        return self.but(instruments=(change(self.instruments[0], versions=tuple(versions)),))

    def clause(self, ref: str, /, **changes: Any) -> Yunqi:
        """The city with one clause of the newest version changed."""
        clauses: tuple[Clause, ...] = self.instruments[0].versions[-1].clauses
        changed = tuple(change(item, **changes) if item.ref == ref else item for item in clauses)
        return self.version(-1, clauses=changed)

    def tale(self, **changes: Any) -> Yunqi:
        """The city with another story."""
        return self.but(story=change(self.story, **changes))

    def act(self, index: int, **changes: Any) -> Yunqi:
        """The city with one act of its scene changed."""
        scene = self.story.scenes[0]
        acts: list[Act] = list(scene.acts)
        acts[index] = change(acts[index], **changes)
        return self.tale(scenes=(change(scene, acts=tuple(acts)),))

    def _step(self, key: str) -> StepKind:
        found = self.kinds[0].step(key)
        assert found is not None, key
        return found


def _with(items: tuple[Any, ...], key: str, changes: dict[str, Any]) -> tuple[Any, ...]:
    assert any(item.key == key for item in items), key
    return tuple(change(item, **changes) if item.key == key else item for item in items)


def load_yunqi() -> Yunqi:
    """The city from its package, which is not installed here."""
    sys.path.insert(0, str(PACKAGE))
    try:
        plugin = importlib.import_module("wenze_yunqi.plugin")
    finally:
        sys.path.remove(str(PACKAGE))
    return Yunqi(
        plugin.provide_manifest(),
        plugin.provide_instruments(),
        plugin.provide_case_kinds(),
        plugin.provide_settings(),
        plugin.provide_regimes(),
        plugin.provide_story(),
        plugin.check_step,
    )


def object_with(clause: str, field: str | None = None) -> Callable[[StepView], tuple[Objection, ...]]:
    """A rule that refuses everything under a clause."""
    return lambda _view: (Objection(clause, Text("不可", "No"), field),)


def view_of(step: str) -> StepView:
    """A view of one of its steps."""
    kind = load_yunqi().city.completed[0]
    found = kind.step(step)
    assert found is not None
    return draw_view(kind, found, 0)
