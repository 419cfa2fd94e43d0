"""Cities whose story expects something else than what the regulation says, in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import structs

from core.jurisdictions import Jurisdiction
from core.story import Act, Expectation, Scene, Story

Change = Callable[[Act], Act]


def doctor(city: Jurisdiction, scene: int, act: int, change: Change) -> Jurisdiction:
    """The city with that scene of its story alone, one act of it changed; everything else is the city's own."""
    told = city.story.scenes[scene]
    acts = tuple(change(item) if index == act else item for index, item in enumerate(told.acts))
    return with_story(city, structs.replace(city.story, scenes=(Scene(told.title, acts),)))


def with_story(city: Jurisdiction, story: Story) -> Jurisdiction:
    """The city with another story."""
    changed = Jurisdiction(city.manifest, city.hooks)
    changed.__dict__["story"] = story
    return changed


def expecting(**wanted: Any) -> Change:
    """Changes what the act expects, and leaves the rest of it."""
    return lambda act: structs.replace(act, expect=structs.replace(act.expect, **wanted))


def expecting_only(**wanted: Any) -> Change:
    """Changes all that the act expects."""
    return lambda act: structs.replace(act, expect=Expectation(**wanted))


def expecting_deadline(**wanted: Any) -> Change:
    """Changes the first deadline that the act expects."""

    def change(act: Act) -> Act:
        first, *others = act.expect.deadlines
        deadlines = (structs.replace(first, **wanted), *others)
        return structs.replace(act, expect=structs.replace(act.expect, deadlines=deadlines))

    return change


def saying(**changes: Any) -> Change:
    """Changes what the act says; what is ``None`` it does not say."""
    told = {name: value for name, value in changes.items() if value is not None}
    return lambda act: structs.replace(
        act, body={name: value for name, value in act.body.items() if name not in changes} | told
    )
