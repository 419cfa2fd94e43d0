"""The surroundings in which a step of a case is decided: what the step needs of the case's own rows, and nothing more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.cases.case import Case
from core.cases.justification_rows import load_decided_reasons
from core.cases.movement_rows import load_explanations
from core.cases.splitting import count_open_parts
from core.cases.world import World
from core.procedure import StepKind

if TYPE_CHECKING:
    from core.cases.service import Desk


async def load_world(desk: Desk, case: Case, step: StepKind) -> World:
    """The world of a decision on the case, with its open parts, how its deadlines were counted, and what was asked of them,
    each where the step asks for it."""
    return replace(
        desk.world(desk.snapshot.jurisdiction.kind(case.kind)),
        open_parts=await count_open_parts(desk.session, case) if step.after_parts else 0,
        explanations=await load_explanations(desk.session, case, step),
        decided_reasons=await load_decided_reasons(desk.session, case, step),
    )
