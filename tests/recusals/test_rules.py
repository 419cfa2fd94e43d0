"""Which steps are refused to who is recused (R12): of every kind of every city all that decide, verify or review."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from core.cases.capacity import own_steps
from core.cases.case import Case, Standing
from core.cases.checks import available_steps
from core.cases.house_steps import HOUSE_STEPS, house_step
from core.cases.recusal_rules import NAMING, RECUSAL, RecusalGround, check_naming, check_step, is_barred, naming_roles
from core.errors import Forbidden
from core.ids import new_id
from core.jurisdictions import Jurisdictions
from core.procedure import CaseKind, Role, StepKind, Verb
from core.tenants.principal import Grant, Principal

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
CITIES = Jurisdictions.discover()
KINDS = {key: kind for id_ in CITIES.ids for key, kind in CITIES.get(id_).kinds.items()}
STEPS = [
    (kind, step)
    for kind in KINDS.values()
    for step in (*kind.steps, *(house_step(kind, key) for key in sorted(HOUSE_STEPS)))
]
OPEN = {Verb.REGISTER, Verb.SIGN, Verb.ASK}


def case_of(kind: CaseKind, **changes: Any) -> Case:
    """A case as it was just registered."""
    plain = Case(
        id=new_id(), number="1", kind=kind.key, state=kind.states[0].key, channel="x", track=None, title="t", narrative="n",
        received_at=AT, registered_at=AT, closed_at=None, anonymous=True, petitioner_id=None, facts={}, facts_version=1,
        law_version="1", version=1, standing=Standing(starts_at=AT, last_occurred_at=AT),
    )  # fmt: skip
    return msgspec.structs.replace(plain, **changes)


def somebody(*roles: Role) -> Principal:
    """A person with roles in the whole tenant."""
    return Principal(new_id(), "c", new_id(), tuple(Grant(role) for role in roles), frozenset(), frozenset())


@pytest.mark.parametrize(("kind", "step"), STEPS, ids=[f"{kind.key}-{step.key}" for kind, step in STEPS])
def test_every_step_but_signing_and_asking_is_refused(kind: CaseKind, step: StepKind) -> None:
    check_step(case_of(kind), step)
    recused = case_of(kind, recused=True)
    if step.verb in OPEN:
        check_step(recused, step)
        return
    with pytest.raises(Forbidden) as refused:
        check_step(recused, step)
    assert (refused.value.code, refused.value.clause) == ("recusals.recused", RECUSAL)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_who_is_recused_is_offered_none_of_them(kind: CaseKind) -> None:
    staff = somebody(*(role for role in Role if role is not Role.UNIT_OFFICER))
    case = case_of(kind)
    steps = available_steps(case, kind)
    assert own_steps(case, steps, staff)
    left = own_steps(msgspec.structs.replace(case, recused=True), steps, staff)
    assert not [step.key for step in left if is_barred(step)]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_who_says_it_of_others(kind: CaseKind) -> None:
    registering = set(kind.registration.by) - {Role.UNIT_OFFICER}
    assert set(naming_roles(kind, RecusalGround.INTEREST)) == set(NAMING)
    assert set(naming_roles(kind, RecusalGround.SUBJECT)) == {*NAMING, *registering}
    for ground in RecusalGround:
        for role in naming_roles(kind, ground):
            check_naming(case_of(kind), kind, ground, somebody(role))
        for role in set(Role) - set(naming_roles(kind, ground)):
            with pytest.raises(Forbidden, match=r"recusals\.for-others"):
                check_naming(case_of(kind), kind, ground, somebody(role))
    with pytest.raises(Forbidden, match=r"recusals\.recused"):
        check_naming(case_of(kind, recused=True), kind, RecusalGround.SUBJECT, somebody(*Role))
