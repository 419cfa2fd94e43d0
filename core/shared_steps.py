"""Steps that every kind of case can take over from the house (:attr:`CaseKind.uses`), so that no city writes them again."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from core.law.source import Source
from core.procedure import CaseKind, StepKind, UsedStep


class UnknownSharedStep(ValueError):
    """A kind uses a step that the house does not have, or does not say in which states."""


@cache
def shared_steps() -> dict[str, StepKind]:
    """The steps of the house, by key: whole but for the states in which a kind takes them."""
    found = Source(files("core") / "shared_steps.yaml").read(tuple[StepKind, ...])
    return {step.key: step for step in found}


def expand_kind(kind: CaseKind) -> CaseKind:
    """The kind with the steps that it uses among its own; raises :class:`UnknownSharedStep`."""
    used = tuple(_take_over(kind, item) for item in kind.uses)
    return msgspec.structs.replace(kind, steps=(*kind.steps, *used), uses=())


def _take_over(kind: CaseKind, item: UsedStep) -> StepKind:
    step = shared_steps().get(item.step)
    if step is None:
        known = ", ".join(shared_steps())
        raise UnknownSharedStep(f"kind {kind.key} uses {item.step!r}, which is none of the shared steps: {known}")
    if not item.after and not step.is_about_lateness:  # of which the question is open in every state
        raise UnknownSharedStep(
            f"kind {kind.key} uses {item.step!r} in no state; name the states that it follows under after"
        )
    own = {name: value for name in _OWN if (value := getattr(item, name))}
    return msgspec.structs.replace(step, after=item.after or tuple(state.key for state in kind.states), **own)


_OWN = ("by", "to_vacant", "within", "moves", "permitted_by", "limit")
"""What a kind says of a step for itself."""
