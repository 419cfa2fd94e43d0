"""The accountability scenes of the cities' stories, as plays that can be stopped anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from core.jurisdictions import Jurisdiction
from core.procedure import CaseKind
from core.story import Act
from tests.jurisdictions.playing import Stage
from tests.support.cities import shipped


@dataclass(frozen=True)
class Scene:
    """One accountability case of a city's story: the acts that are done, without those that the story has refused."""

    city: Jurisdiction
    kind: CaseKind
    acts: tuple[Act, ...]

    def begin(self) -> Stage:
        """The stage before the first act."""
        return Stage.of(self.city)

    def at(self, count: int) -> Stage:
        """The stage after so many acts; its cases are its own."""
        stage = _played(self.kind.key, self.city.manifest.id, self.acts[0].case)[count]
        return replace(stage, cases=dict(stage.cases), explanations=dict(stage.explanations))


@cache
def scenes() -> tuple[Scene, ...]:
    """Every accountability case of every shipped city's story."""
    return tuple(scene for city in shipped().values() for scene in _of(city))


def _of(city: Jurisdiction) -> Iterator[Scene]:
    for scene in city.story.scenes:
        kind = city.kinds[scene.acts[0].kind or ""]
        if kind.regime is not None:
            yield Scene(city, kind, tuple(act for act in scene.acts if not act.expect.refused_by))


@cache
def _played(kind: str, city: str, case: str) -> tuple[Stage, ...]:
    scene = next(it for it in scenes() if (it.kind.key, it.city.manifest.id, it.acts[0].case) == (kind, city, case))
    stage = scene.begin()
    found = [replace(stage, cases=dict(stage.cases), explanations=dict(stage.explanations))]
    for act in scene.acts:
        stage.act(act)
        found.append(replace(stage, cases=dict(stage.cases), explanations=dict(stage.explanations)))
    return tuple(found)
