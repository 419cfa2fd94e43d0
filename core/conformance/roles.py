"""Roles: for every step there can be somebody who may take it, and identities stay with those who need them."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from core.cases.capacity import visible_units
from core.conformance.city import City, steps_of
from core.conformance.finding import Finding
from core.conformance.graph import Graph
from core.procedure import CaseKind, Role, StepKind, Verb
from core.tenants.principal import Grant, Principal

_NOBODY, _UNIT = UUID(int=0), UUID(int=1)


def check_roles(city: City) -> Iterator[Finding]:
    """Somebody sees the case and may take the step; unit officers act only where units have the case (promises 7, 8)."""
    for place, kind, step in steps_of(city.kinds):
        if not any(_sees_cases(role) for role in step.by):
            advice = f"{', '.join(step.by)} cannot see a case, so nobody can take the step; add a role that can to by"
            yield Finding("roles.nobody", place, advice)
        if set(step.by) == {Role.UNIT_OFFICER} and not _has_units(kind, step):
            advice = "only unit officers take it, and no case has units there; let it follow a dispatch, or add another role"
            yield Finding("roles.no-units-yet", place, advice)
    for kind in city.kinds:
        yield from _check_identity(kind)


def _check_identity(kind: CaseKind) -> Iterator[Finding]:
    place = f"kind {kind.key}, identity_roles"
    if kind.petitioner == "none":
        return
    if Role.UNIT_OFFICER in kind.identity_roles:
        advice = "the units complained of never see who it was; take unit-officer out (promise 7)"
        yield Finding("roles.identity-open", place, advice)
    if not any(_sees_cases(role) for role in kind.identity_roles):
        yield Finding("roles.identity-closed", place, "nobody could ever read an identity; name a role that sees the cases")


def _sees_cases(role: Role) -> bool:
    person = Principal(_NOBODY, "", _NOBODY, (Grant(role, _UNIT),), frozenset({_UNIT}), frozenset())
    units = visible_units(person)
    return units is None or bool(units)


def _has_units(kind: CaseKind, step: StepKind) -> bool:
    graph = Graph(kind)
    return any(graph.follows(step, earlier) for earlier in kind.steps if earlier.verb is Verb.DISPATCH)
