"""The types of bodies, made once per kind of case as the service makes them: to make one takes longer than a step."""

from __future__ import annotations

from msgspec import Struct

from core.cases.bodies import make_registration_body, make_step_body
from core.procedure import CaseKind, StepKind

_MADE: dict[tuple[int, str], tuple[CaseKind, type[Struct]]] = {}
"""By the kind itself, which is kept so that no other gets its place; kinds that are equal need not be the same."""


def registration_body(kind: CaseKind) -> type[Struct]:
    """As :func:`core.cases.bodies.make_registration_body`."""
    return _made(kind, kind.registration)


def step_body(kind: CaseKind, step: StepKind) -> type[Struct]:
    """As :func:`core.cases.bodies.make_step_body`, of a step of the kind."""
    return _made(kind, step)


def _made(kind: CaseKind, step: StepKind) -> type[Struct]:
    key = (id(kind), step.key)
    if key not in _MADE:
        registers = step is kind.registration
        _MADE[key] = (kind, make_registration_body(kind) if registers else make_step_body(kind, step))
    return _MADE[key][1]
