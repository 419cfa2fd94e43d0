"""What a unit is shown of a confidential matter: what was dispatched to it and what units did, nothing of the intake.

A whistleblower's own words can tell who wrote them; the unit gets the account that was made for it (promise 7).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from core.cases.case import Case
from core.cases.history import StepRecord
from core.procedure import CaseKind, Role, StepKind, Verb

_SHOWN_TO_UNITS = frozenset({Verb.DISPATCH, Verb.SEND_BACK, Verb.REMIND})


def disclose_case(case: Case, kind: CaseKind, *, to_units: bool) -> Case:
    """The case as the reader may see it: without narrative, intake facts and answer for a unit in a confidential matter."""
    if not (kind.confidential and to_units):
        return case
    shown = {field.key for step in kind.steps if _is_shown(step) for field in step.fields}
    facts = {key: value for key, value in case.facts.items() if key in shown}
    return msgspec.structs.replace(case, narrative=None, facts=facts)


def disclose_steps(steps: Iterable[StepRecord], kind: CaseKind, *, to_units: bool) -> tuple[StepRecord, ...]:
    """The steps as the reader may see them: a unit sees that the others were taken, but not what they say."""
    if not (kind.confidential and to_units):
        return tuple(steps)
    shown = {step.key for step in kind.steps if _is_shown(step)}
    return tuple(item if item.step in shown else _without_content(item) for item in steps)


def _is_shown(step: StepKind) -> bool:
    return step.verb in _SHOWN_TO_UNITS or Role.UNIT_OFFICER in step.by


def _without_content(record: StepRecord) -> StepRecord:
    nothing: dict[str, Any] = {}
    return msgspec.structs.replace(record, data=nothing, person_id=None, client_id=None)
