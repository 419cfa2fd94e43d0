"""One city's run of schemathesis against a running service: every check of its own, honest settings, and what it found."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from unittest.mock import patch

import httpx
import requests
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from core.tenants.client import Credentials
from tests.contract.hooks import Hooks
from tests.contract.sparing import METHODS, Sparing
from tests.contract.supply import Supply
from tests.contract.ways import CLERK, INSIDER, ME

_REFRESH_SECONDS = 240
NOT_FOR_UNITS = frozenset({"/callers/lookups", "/supervision-items/{item_id}/departure"})
"""What an officer of a unit is refused, whatever else they are."""
_SENDERS = (ME, CLERK, INSIDER)
_ACCEPTING = ["2xx", "3xx", "401", "403", "404", "409", "422", "429", "5xx"]
"""422: a rule of the city or the house refuses what the schema allows; it is documented with every operation."""
_HEADER_MISSING = ["400", "401", "403", "406", "415", "422", "428"]
"""428: RFC 6585's answer to a missing If-Match."""
# What a request needs of a real tenant comes from the supply. Values of earlier answers in their place make twenty examples
# of each operation, each of a case that has to be brought to where the step can be taken.
_UNMIXED = {"extra-data-sources": {"responses": False}}
_COVERAGE = _UNMIXED | {"unexpected-methods": METHODS}
# What a step asks for is made up anew in the other two phases already; to make a strategy of its schema takes longest.
_STEPS = {"include-path-regex": "/steps/", "phases": {"fuzzing": {"enabled": False}}}
_SHORT = {
    "seed": 1,
    "phases": {"examples": _UNMIXED, "coverage": _COVERAGE, "fuzzing": _UNMIXED},
    "operations": [_STEPS],
}


@dataclass
class Findings:
    """What a run found."""

    failures: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    """What good requests were refused with, where a failure says so."""
    errors: list[str] = field(default_factory=list)
    never_reached: list[str] = field(default_factory=list)
    requests: int = 0
    phases: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def nothing(self) -> bool:
        """Whether the run found nothing."""
        return not (self.failures or self.errors or self.never_reached)

    def __str__(self) -> str:
        never = [f"never reached a 2xx: {label}" for label in self.never_reached]
        return "\n\n".join([*self.failures, *self.refusals, *self.errors, *never])


@dataclass(frozen=True)
class Depth:
    """How far a run goes: examples per operation in a round of fuzzing, and for how many seconds rounds are repeated.

    Without seconds there is one round, always the same, in which the operations ``elsewhere`` are left to other cities, and
    what :mod:`tests.contract.sparing` says is left out.
    """

    examples: int
    seconds: int | None
    elsewhere: frozenset[str] = frozenset()


def run_campaign(address: str, senders: tuple[Credentials, ...], supply: Supply, depth: Depth) -> Findings:
    """Runs every phase and every check against a tenant (``https://…/t/slug``).

    ``senders`` are who may everything; who works for no unit, for the operations that refuse officers of units; and who
    belongs to an office of the tenant, for what only that may ask.
    """
    schema = schemathesis.openapi.from_url(f"{address}/v1/openapi.json", config=_config(depth))
    schema = schema.exclude(lambda context: context.operation.label in depth.elsewhere)
    schema.auth(refresh_interval=_REFRESH_SECONDS)(_auth(address, senders, supply))
    hooks, findings = Hooks(supply, Sparing() if depth.seconds is None else None), Findings()
    labels = {result.ok().label for result in schema.get_all_operations()}
    # No proxy stands before loopback; else the whole environment is read for one on each request.
    with hooks.registered(), patch.object(requests.sessions, "get_environ_proxies", lambda *_, **__: {}):
        for event in from_schema(schema).execute():
            _note(event, findings)
    findings.requests, findings.refusals = hooks.requests, hooks.refusals
    reached = {label for label in labels if any(200 <= code < 300 for code in hooks.statuses[label])}
    findings.never_reached = sorted(labels - reached)
    return findings


def _config(depth: Depth) -> SchemathesisConfig:
    generation = {"deterministic": depth.seconds is None, "allow-x00": False, "max-examples": depth.examples}
    return SchemathesisConfig.from_dict(
        {
            **(_SHORT if depth.seconds is None else {"max-time": depth.seconds}),
            "tls-verify": False,  # there is none; else certificates are looked for on each request
            "generation": generation,
            "checks": {
                "positive_data_acceptance": {"expected-statuses": _ACCEPTING},
                "missing_required_header": {"expected-statuses": _HEADER_MISSING},
            },
        }
    )


def _auth(address: str, senders: tuple[Credentials, ...], supply: Supply) -> type:
    class Token:
        """A token of the tenant's own issuer, asked for again before it expires."""

        def get(self, case: Any, context: Any) -> str:
            del case, context
            return " ".join(_token(address, sender) for sender in senders)

        def set(self, case: Any, data: str, context: Any) -> None:
            del context
            who = CLERK if case.path in NOT_FOR_UNITS else supply.sender_for(case.path)
            token = data.split()[_SENDERS.index(who)]
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}

    return Token


def _token(address: str, sender: Credentials) -> str:
    form, auth = {"grant_type": "client_credentials"}, (sender.client_id, sender.client_secret)
    token: str = httpx.post(f"{address}/oauth/token", data=form, auth=auth).raise_for_status().json()["access_token"]
    return token


def _note(event: Any, findings: Findings) -> None:
    if isinstance(event, events.NonFatalError):
        findings.errors.append(f"{event.label}: {event.info.format() if hasattr(event.info, 'format') else event.info}")
    if isinstance(event, events.PhaseFinished):
        seconds = time.monotonic() - findings.began
        findings.phases.append(f"{event.phase.name.value}: {event.status.value} at {seconds:.0f} s")
    if isinstance(event, events.EngineFinished):
        findings.phases.append(f"{event.stop_reason.value} after {event.running_time:.0f} s")
    if isinstance(event, events.FatalError):
        raise event.exception
    if isinstance(event, events.ScenarioFinished):
        findings.failures.extend(_failures(event.recorder))


def _failures(recorder: Any) -> Iterator[str]:
    for check in chain.from_iterable(recorder.checks.values()):
        if check.failure_info is not None:
            failure, sample = check.failure_info.failure, check.failure_info.code_sample
            yield f"{recorder.label} {check.name}: {failure.title}\n{failure.message}\n{sample}"
