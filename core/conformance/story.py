"""The story: who there is and what is set, so that the demo and the tests can play it."""

from __future__ import annotations

from collections.abc import Iterator

from core.cases.bodies import value_of
from core.conformance.city import City
from core.conformance.finding import Finding
from core.conformance.walk import repeated
from core.errors import WenzeError
from core.procedure import CaseKind, Role
from core.story import Story
from core.tenants.figures import read_figure


def check_cast(city: City) -> Iterator[Finding]:
    """Units, people, categories and settings stand once and name each other rightly; every office that holds is filled."""
    story = city.story
    yield from _check_units(story)
    yield from _check_people(story)
    yield from _check_categories(story)
    yield from _check_settings(city, story)
    filled = {key for unit in story.units for key in unit.offices}
    for kind in city.completed:
        for place, office in _offices(kind):
            if office not in filled:
                advice = f"office {office!r} holds it, and no unit of the story fills it; add it to the offices of one"
                yield Finding("story.office-empty", place, advice)


def _check_units(story: Story) -> Iterator[Finding]:
    keys = [unit.key for unit in story.units]
    for key in repeated(keys):
        yield Finding("story.unit-twice", f"story, unit {key}", "stands twice")
    for unit in story.units:
        if unit.parent is not None and unit.parent not in keys[: keys.index(unit.key)]:
            advice = f"its parent {unit.parent!r} does not stand before it; units are made in the order of the file"
            yield Finding("story.unit-parent", f"story, unit {unit.key}", advice)


def _check_people(story: Story) -> Iterator[Finding]:
    units = {unit.key for unit in story.units}
    for key in repeated([person.key for person in story.people]):
        yield Finding("story.person-twice", f"story, person {key}", "stands twice")
    for person in story.people:
        if person.unit not in units:
            yield Finding("story.person-unit", f"story, person {person.key}", f"unit {person.unit!r} is not in the story")
    if not any(Role.TENANT_ADMINISTRATOR in person.roles for person in story.people):
        yield Finding(
            "story.no-administrator", "story, people", "nobody is tenant-administrator; the demo needs one to set up"
        )


def _check_categories(story: Story) -> Iterator[Finding]:
    keys, units = [category.key for category in story.categories], {unit.key for unit in story.units}
    for key in repeated(keys):
        yield Finding("story.category-twice", f"story, category {key}", "stands twice")
    for category in story.categories:
        place = f"story, category {category.key}"
        if category.parent is not None and category.parent not in keys[: keys.index(category.key)]:
            advice = f"its parent {category.parent!r} does not stand before it; categories are made in the order of the file"
            yield Finding("story.category-parent", place, advice)
        if category.default_unit is not None and category.default_unit not in units:
            yield Finding("story.category-unit", place, f"unit {category.default_unit!r} is not in the story")


def _check_settings(city: City, story: Story) -> Iterator[Finding]:
    for made in story.settings:
        place = f"story, setting {made.key}"
        kind = city.settings.get(made.key)
        if kind is None:
            yield Finding("story.setting-unknown", place, "is not among the city's settings")
            continue
        try:
            read_figure(kind, made.value, strict=False)
        except WenzeError as error:
            yield Finding("story.setting-value", place, f"{made.value!r} is no value of it: {error}")
        if not made.basis.strip():
            yield Finding("story.setting-basis", place, "has no basis; a figure that the text leaves open needs one (R11)")


def _offices(kind: CaseKind) -> Iterator[tuple[str, str]]:
    options = {field.key: field.options for step in kind.steps for field in step.fields}
    for rule in kind.deadlines:
        scheme, _, name = rule.holder.partition(":")
        place = f"kind {kind.key}, deadline {rule.key}"
        if scheme == "office":
            yield place, name
        elif scheme == "fact":
            yield from ((place, value_of(option)) for option in options.get(name, ()))
