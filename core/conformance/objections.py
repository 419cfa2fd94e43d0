"""A city's own rules, asked about many steps that could be: they answer, and cite clauses and fields that exist."""

from __future__ import annotations

from collections.abc import Iterator

from core.conformance.city import City, find_body, steps_of
from core.conformance.finding import Finding
from core.conformance.views import draw_view
from core.procedure import Objection, StepView, Verb

DRAWS = 100
"""How many views of each step the rules are asked about."""


def check_objections(city: City) -> Iterator[Finding]:
    """Each rule answers every step without failing, with a clause that exists and a field of that step."""
    for place, kind, step in steps_of(city.completed):
        body = find_body(kind, step)
        if body is None or (step.verb is not Verb.REGISTER and not step.after):
            continue
        names = set(body.__struct_fields__)
        views = (draw_view(kind, step, number) for number in range(DRAWS))
        yield from sorted({finding for view in views for finding in _ask(city, place, view, names)})


def _ask(city: City, place: str, view: StepView, names: set[str]) -> Iterator[Finding]:
    try:
        objections = city.jurisdiction.hooks.check_step(view=view)
    except Exception as error:  # noqa: BLE001  # whatever a city's rule raises would be a 500 for its users
        yield Finding("objections.rule-fails", place, f"check_step raised {error!r} with {sorted(view.data)}")
        return
    if not isinstance(objections, tuple):
        advice = f"check_step answered {type(objections).__name__}; answer a tuple, empty where nothing is objected to"
        yield Finding("objections.no-tuple", place, advice)
        return
    for objection in objections:
        yield from _check_objection(city, place, objection, names)


def _check_objection(city: City, place: str, objection: Objection, names: set[str]) -> Iterator[Finding]:
    if city.passage("", objection.clause) is None:
        advice = f"objects under {objection.clause!r}, which is no whole citation of a loaded clause"
        yield Finding("objections.clause-unknown", place, advice)
    if objection.field is None:
        return
    slash, _, rest = objection.field.partition("/")
    if slash or rest.split("/")[0] not in names:
        yield Finding(
            "objections.field-unknown", place, f"points to {objection.field!r}; expected / and a field of the step"
        )
