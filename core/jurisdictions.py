"""Finds the cities' plugins by entry point, checks their manifests, and keeps one plugin manager per city."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from itertools import pairwise
from typing import cast

import pluggy

from core.errors import NotFound
from core.force import force_settings
from core.hookspecs import PROJECT, CityHooks
from core.house_settings import HOUSE_SETTINGS
from core.law.citation import Citation
from core.law.instrument import Instrument
from core.law.loader import load_instruments
from core.law.rulebook import Rulebook
from core.procedure import HOOK_CONTRACT, CaseKind, Manifest, SettingKind
from core.resolution import resolve_kind, resolve_setting
from core.sanctions.regime import Regime
from core.story import Story

GROUP = "wenze.jurisdictions"


class FaultyPlugin(Exception):
    """A jurisdiction's package cannot be used; says which one and why."""


@dataclass(frozen=True)
class Jurisdiction:
    """One city's rules, ready to be asked. Everything is loaded once and frozen."""

    manifest: Manifest
    hooks: CityHooks

    @cached_property
    def rulebook(self) -> Rulebook:
        """The city's instruments, with the reading rules and the rules of the house."""
        return Rulebook((*house_instruments(), *self.hooks.provide_instruments()))

    @cached_property
    def regimes(self) -> dict[str, Regime]:
        """The city's regimes of accountability, by key."""
        return {regime.key: regime for regime in self.hooks.provide_regimes()}

    @cached_property
    def kinds(self) -> dict[str, CaseKind]:
        """The kinds of case, with whole citations, every title filled from the law, and what their regimes list."""
        # Accountability comes after what it follows from.
        told = sorted(self.hooks.provide_case_kinds(), key=lambda kind: kind.regime is not None)
        return {kind.key: resolve_kind(kind, self.rulebook, self.regimes.get(kind.regime or "")) for kind in told}

    @cached_property
    def settings(self) -> dict[str, SettingKind]:
        """The figures that the regulations leave open (R11), days of entry into force (R7), and what the house offers."""
        own, force = self.hooks.provide_settings(), force_settings(self.rulebook.instruments.values())
        kinds = (*own, *force, *HOUSE_SETTINGS)
        return {kind.key: resolve_setting(kind, self.rulebook) for kind in kinds}

    @cached_property
    def story(self) -> Story:
        """The city's main job as a play."""
        return self.hooks.provide_story()

    def kind(self, key: str) -> CaseKind:
        """The kind of case; raises :class:`NotFound`."""
        if key not in self.kinds:
            raise NotFound("cases.kind-unknown", kind=key, known=", ".join(sorted(self.kinds)))
        return self.kinds[key]


class Jurisdictions:
    """All the cities installed on this machine."""

    def __init__(self, jurisdictions: dict[str, Jurisdiction]) -> None:
        self._by_id = jurisdictions

    @classmethod
    def discover(cls) -> Jurisdictions:
        """Every installed city; raises :class:`FaultyPlugin` for one that does not fit this core."""
        points = sorted(entry_points(group=GROUP), key=lambda point: point.name)
        for one, other in pairwise(points):
            if one.name == other.name:
                raise FaultyPlugin(f"two packages answer for the jurisdiction {one.name!r}: {one.value} and {other.value}")
        return cls({point.name: load_jurisdiction(point) for point in points})

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all cities."""
        return tuple(self._by_id)

    def get(self, id_: str) -> Jurisdiction:
        """The city; raises :class:`NotFound` with those installed."""
        if id_ not in self._by_id:
            raise NotFound("jurisdictions.unknown", jurisdiction=id_, known=", ".join(self._by_id) or "–")
        return self._by_id[id_]

    def rulebook_for(self, citation: Citation) -> Rulebook:
        """The rulebook that holds a citation; raises :class:`NotFound`."""
        return self.city_of(citation.instrument).rulebook

    def regimes_for(self, instrument: str) -> tuple[tuple[Regime, ...], Rulebook]:
        """The regimes of the city that has an instrument, and its rulebook; raises :class:`NotFound`."""
        city = self.city_of(instrument)
        return tuple(city.regimes.values()), city.rulebook

    def city_of(self, instrument: str) -> Jurisdiction:
        """The city that has an instrument; raises :class:`NotFound`."""
        for jurisdiction in self._by_id.values():
            if instrument in jurisdiction.rulebook.instruments:
                return jurisdiction
        known = ", ".join(id_ for city in self._by_id.values() for id_ in city.rulebook.instruments)
        raise NotFound("law.instrument-unknown", instrument=instrument, known=known)


def house_instruments() -> tuple[Instrument, ...]:
    """The reading rules R1–R16 and the rules of the house, which hold in every city."""
    return load_instruments(files("core.law") / "data")


def load_jurisdiction(point: EntryPoint) -> Jurisdiction:
    """One city's plugin under a manager of its own, its manifest checked against the core's hook contract."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(CityHooks)
    try:
        manager.register(point.load(), name=point.name)
        manager.check_pending()
    except (ImportError, pluggy.PluginValidationError) as error:
        raise FaultyPlugin(f"jurisdiction {point.name!r} ({point.value}): {error}") from error
    hooks = cast("CityHooks", manager.hook)
    return Jurisdiction(_checked_manifest(point, manager, hooks), hooks)


def _checked_manifest(point: EntryPoint, manager: pluggy.PluginManager, hooks: CityHooks) -> Manifest:
    unanswered = [name for name in _questions() if not getattr(manager.hook, name).get_hookimpls()]
    if unanswered:
        raise FaultyPlugin(
            f"jurisdiction {point.name!r} does not answer {', '.join(unanswered)}; mark a plain function of that name with "
            "@hookimpl (one wrapped by a cache is not seen)"
        )
    manifest = hooks.provide_manifest()
    if manifest.id != point.name:
        raise FaultyPlugin(f"jurisdiction {point.name!r}: its manifest says {manifest.id!r}; both must be the same")
    if manifest.contract != HOOK_CONTRACT:
        raise FaultyPlugin(
            f"jurisdiction {point.name!r} is written for hook contract {manifest.contract}; this core has {HOOK_CONTRACT}"
        )
    return manifest


def _questions() -> list[str]:
    return [name for name in vars(CityHooks) if not name.startswith("_")]
