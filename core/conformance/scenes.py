"""The scenes of a city's story: every act can be asked for, and what is expected of it can come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from core.conformance.city import City, find_body
from core.conformance.finding import Finding
from core.law.citation import Citation, MalformedCitation
from core.procedure import CaseKind, StepKind, Verb
from core.story import DEADLINE, Act, Scene, Story

_SOME_UNIT = str(UUID(int=1))


def check_scenes(city: City) -> Iterator[Finding]:
    """Acts name people, steps and fields that exist, in the order of time; at least one is refused under a clause."""
    for number, scene in enumerate(city.story.scenes, 1):
        yield from _Play(city, city.story, scene, f"story, scene {number}").check()
    acts = [act for scene in city.story.scenes for act in scene.acts]
    if not any(act.expect.refused_by for act in acts):
        advice = "no act is refused; show a step out of order or a missing ground, with refused_by and its clause"
        yield Finding("story.nothing-refused", "story", advice)
    registered = {act.kind for act in acts}
    for kind in city.kinds:
        if kind.key not in registered:
            yield Finding("story.kind-unplayed", "story", f"no scene has a case of kind {kind.key}; add one")


class _Play:
    """One scene, played as far as the data tell: which kind each case is of, and what time it is."""

    def __init__(self, city: City, story: Story, scene: Scene, place: str) -> None:
        self.city, self.story, self.scene, self.place = city, story, scene, place
        self.cases: dict[str, CaseKind] = {}
        self.time: datetime = story.opens_at

    def check(self) -> Iterator[Finding]:
        for number, act in enumerate(self.scene.acts, 1):
            place = f"{self.place}, act {number} ({act.does})"
            yield from self._check_time(place, act)
            kind = self._kind(act)
            step = kind.step(act.does) if kind else None
            if kind is None or step is None:
                advice = f"there is no step {act.does!r} for case {act.case!r}; register a case with its kind first"
                yield Finding("story.step-unknown", place, advice)
                continue
            yield from self._check_actor(place, act, step)
            yield from _check_body(place, act, kind, step)
            yield from self._check_expectation(place, act, kind)

    def _kind(self, act: Act) -> CaseKind | None:
        registered = next((kind for kind in self.city.completed if kind.key == act.kind), None)
        if registered is not None:
            self.cases[act.case] = registered
        return self.cases.get(act.case)

    def _check_time(self, place: str, act: Act) -> Iterator[Finding]:
        if act.at is None:
            return
        if act.at.utcoffset() is None:
            yield Finding("story.time-without-zone", place, f"{act.at} has no offset; write +08:00 behind it")
        elif act.at < self.time:
            yield Finding("story.time-backwards", place, f"happens at {act.at}, before the act before it; order the acts")
        else:
            self.time = act.at

    def _check_actor(self, place: str, act: Act, step: StepKind) -> Iterator[Finding]:
        person = next((person for person in self.story.people if person.key == act.who), None)
        if person is None:
            yield Finding("story.person-unknown", place, f"{act.who!r} is nobody in the story")
        elif act.expect.refused_by is None and not set(person.roles) & set(step.by):
            advice = f"{act.who} has none of the roles {', '.join(step.by)} that may take the step"
            yield Finding("story.person-without-role", place, advice)

    def _check_expectation(self, place: str, act: Act, kind: CaseKind) -> Iterator[Finding]:
        units = {unit.key for unit in self.story.units}
        states = {state.key for state in kind.states}
        if act.expect.state is not None and act.expect.state not in states:
            yield Finding("story.state-unknown", place, f"expects state {act.expect.state!r}, which the kind does not have")
        rules = {rule.key: rule for rule in kind.deadlines}
        for expected in act.expect.deadlines:
            rule = rules.get(expected.key)
            if rule is None:
                yield Finding(
                    "story.deadline-unknown", place, f"expects deadline {expected.key!r}, which the kind does not have"
                )
            elif _whole(kind, expected.clause) != rule.clause:
                advice = f"expects {expected.key} under {expected.clause}, and it rests on {rule.clause}"
                yield Finding("story.deadline-clause", place, advice)
            if expected.unit is not None and expected.unit not in units:
                yield Finding(
                    "story.unit-unknown", place, f"expects a deadline of unit {expected.unit!r}, which is not there"
                )
        for key in sorted(_named(act.body, DEADLINE) - rules.keys()):
            yield Finding("story.deadline-unknown", place, f"names {DEADLINE}{key}, which is no deadline of the kind")
        for key in sorted(_named(act.body, "@") - units):
            yield Finding("story.unit-unknown", place, f"names @{key}, which is no unit of the story")


def _check_body(place: str, act: Act, kind: CaseKind, step: StepKind) -> Iterator[Finding]:
    body = find_body(kind, step)
    if body is None:
        return
    unknown = sorted(set(act.body) - set(body.__struct_fields__))
    if unknown:
        yield Finding("story.field-unknown", place, f"gives {', '.join(unknown)}, which the step does not ask for")
        return
    tag = {"kind": kind.key} if step.verb is Verb.REGISTER else {}
    try:
        msgspec.convert(_filled(act.body) | tag, body, strict=False)
    except msgspec.ValidationError as error:
        yield Finding("story.body-invalid", place, f"its body is not valid: {error}")


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item) for item in value]
    return _SOME_UNIT if isinstance(value, str) and value.startswith("@") else value


def _named(value: Any, sign: str) -> set[str]:
    """What a body names: behind ``@`` units, and behind its own sign deadlines."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return {key for item in parts for key in _named(item, sign)}
    is_so = isinstance(value, str) and value.startswith(sign) and value.startswith(DEADLINE) is (sign == DEADLINE)
    return {value.removeprefix(sign)} if is_so else set()


def _whole(kind: CaseKind, clause: str) -> str:
    try:
        return str(Citation.within(kind.instrument, clause))
    except MalformedCitation:
        return clause
