"""What is shown of a confidential matter to whom it is not entrusted: what was dispatched and what units did, no intake.

A whistleblower's own words, and even the title that the intake gave them, can tell who wrote them; a unit gets the account
that was made for it, and an administrator or auditor of the tenant no more than that (promise 7).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from core.cases.case import Case
from core.cases.history import StepRecord
from core.procedure import CaseKind, Role, StepKind, Verb
from core.tenants.principal import Principal

_SHOWN_TO_UNITS = frozenset({Verb.DISPATCH, Verb.SEND_BACK, Verb.REMIND})


def is_entrusted(kind: CaseKind, principal: Principal) -> bool:
    """Whether the person sees all of such a case but the identity: who works on the kind, other than for a unit."""
    return not kind.confidential or not principal.roles.isdisjoint(kind.workers)


def disclose_case(case: Case, kind: CaseKind, principal: Principal) -> Case:
    """The case as the reader may see it: of a confidential one without title, narrative and what the intake established."""
    if is_entrusted(kind, principal):
        return case
    shown = {field.key for step in kind.steps if _is_shown(step) for field in step.fields}
    facts = {key: value for key, value in case.facts.items() if key in shown}
    return msgspec.structs.replace(case, title=case.number, narrative=None, facts=facts)


def disclose_line(line: dict[str, Any], kind: CaseKind, principal: Principal) -> dict[str, Any]:
    """A line of a list, by the same rule as the case itself."""
    return line if is_entrusted(kind, principal) else line | {"title": line["number"]}


def disclose_steps(steps: Iterable[StepRecord], kind: CaseKind, principal: Principal) -> tuple[StepRecord, ...]:
    """The steps as the reader may see them: of a confidential case that they were taken, and what units did."""
    if is_entrusted(kind, principal):
        return tuple(steps)
    shown = {step.key for step in kind.steps if _is_shown(step)}
    return tuple(item if item.step in shown else _without_content(item) for item in steps)


def _is_shown(step: StepKind) -> bool:
    return step.verb in _SHOWN_TO_UNITS or Role.UNIT_OFFICER in step.by


def _without_content(record: StepRecord) -> StepRecord:
    nothing: dict[str, Any] = {}
    return msgspec.structs.replace(record, data=nothing, person_id=None, client_id=None)
