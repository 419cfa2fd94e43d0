"""Random lives over HTTP: after each step the service and the naive model agree, and what is refused changes nothing."""

from __future__ import annotations

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from core.procedure import CaseKind
from tests.story.house import House
from tests.story.life_over_http import OFFICE, LifeOverHttp
from tests.support.cities import plain_kinds, shipped

LIVES = int(os.environ.get("WENZE_TEST_SERVED_LIVES", "5"))
"""How many lives each kind of case is given over HTTP; a deep run takes hundreds."""
BOTH = os.environ.get("WENZE_TEST_SERVED_ENGINES", "sqlite") == "both"
STEPS = 12
PHASES = (Phase.generate, *((Phase.shrink,) if "WENZE_TEST_SHRINK" in os.environ else ()))
"""A failing life is told as it was found; making it short takes minutes, and is for who looks into it."""


@pytest.mark.parametrize(("city", "kind"), plain_kinds(), ids=lambda value: getattr(value, "key", value))
def test_life_over_http(house: House, engine_kind: str, city: str, kind: CaseKind) -> None:
    if engine_kind != "sqlite" and not BOTH:
        pytest.skip("lives are driven on SQLite; WENZE_TEST_SERVED_ENGINES=both drives them on PostgreSQL too")
    named = {rule.holder.removeprefix("office:") for rule in kind.deadlines if rule.holder.startswith("office:")}
    named |= {option.key for step in kind.steps for field in step.fields for option in field.options
              if f"fact:{field.key}" in {rule.holder for rule in kind.deadlines} and option.key}  # fmt: skip
    parts = {
        "kind": kind,
        "rulebook": shipped()[city].rulebook,
        "offices": dict.fromkeys(sorted(named), OFFICE),
        "reached": Counter(),
        "house": house,
        "city": city,
    }
    steady = settings(
        max_examples=LIVES,
        stateful_step_count=STEPS,
        derandomize=True,
        deadline=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
    )
    machine = type("Life", (LifeOverHttp,), parts)
    run_state_machine_as_test(machine, settings=steady)
    assert machine.reached["register"] > LIVES // 4, machine.reached
    assert len(machine.reached) > STEPS // 2, machine.reached
