"""No step of an accountability case can be skipped: at every point of every city's story, every step that does not follow is
refused, by a clause that exists, and the refusal changes nothing."""

from __future__ import annotations

import pytest

from core.cases.case import Case
from core.cases.conditions import holds
from core.errors import Forbidden, OutOfOrder, Refused, WenzeError
from core.law.citation import Citation
from core.procedure import OF_MATTERS, Role, StepKind
from core.story import Act, StoryPerson
from tests.matters.staging import Scene, scenes

SCENES = pytest.mark.parametrize("scene", scenes(), ids=lambda it: f"{it.city.manifest.id}-{it.acts[0].case}")


def bodies(scene: Scene) -> dict[str, Act]:
    """A body of each step, the one by which the story takes it last."""
    return {act.does: act for act in scene.acts if act.kind is None}


def follows(step: StepKind, case: Case) -> bool:
    """Whether the data alone let the step follow: its states, and the steps that it requires."""
    facts = case.facts | {"state": case.state, "track": case.track}
    required = {item.step for item in step.requires if holds(item.when, facts)}
    return case.state in step.after and required <= set(case.standing.taken) and holds(step.settled_when, facts)


@SCENES
def test_what_does_not_follow_is_refused_by_a_clause(scene: Scene) -> None:
    told = bodies(scene)
    everybody = StoryPerson(
        "everybody", "", scene.city.story.units[0].key, tuple(role for role in Role if role is not Role.UNIT_OFFICER)
    )
    for count in range(1, len(scene.acts) + 1):
        stage = scene.at(count)
        name, stage.people = scene.acts[0].case, (*stage.people, everybody)
        case = stage.cases[name]
        for key, act in told.items():
            step = scene.kind.step(key)
            assert step is not None
            if follows(step, case):
                continue
            with pytest.raises(OutOfOrder) as caught:
                stage.step("everybody" if Role.UNIT_OFFICER not in step.by else act.who, name, key, **act.body)
            assert caught.value.clause, (count, key)
            resolve(scene, caught.value.clause)
            assert stage.cases[name] == case


def resolve(scene: Scene, clause: str) -> None:
    """Raises where there is no such clause."""
    citation = Citation.parse(clause)
    newest = scene.city.rulebook.instrument(citation.instrument).versions[-1].in_force_from
    scene.city.rulebook.passage(citation, newest)


@SCENES
def test_every_act_of_the_story_is_needed(scene: Scene) -> None:
    """Leaving one act out stops the story somewhere after it, unless the act is one that the text leaves to people."""
    idle = []
    for left_out in range(1, len(scene.acts) - 1):
        stage = scene.at(left_out)
        try:
            for act in scene.acts[left_out + 1 :]:
                stage.act(act)
        except (WenzeError, AssertionError):
            continue
        idle.append(scene.acts[left_out].does)
    verbs = {key: step.verb.value for key in idle if (step := scene.kind.step(key)) is not None}
    assert set(verbs.values()) <= {"refer", "copy", "measure", "consent", "record", "hear", "appeal", "remind", "lift"}, (
        verbs
    )


@SCENES
def test_every_verb_of_a_matter_is_played(scene: Scene) -> None:
    played = {step.verb for act in scene.acts if (step := scene.kind.step(act.does)) is not None}
    assert {"charge", "establish", "decide"} <= {verb.value for verb in played & OF_MATTERS}


@SCENES
def test_nobody_without_the_role_takes_a_step(scene: Scene) -> None:
    for count, act in enumerate(scene.acts[1:], 1):
        stage = scene.at(count)
        stage.people = (*stage.people, StoryPerson("auditor", "", scene.city.story.units[0].key, (Role.AUDITOR,)))
        with pytest.raises((Forbidden, Refused)):
            stage.step("auditor", act.case, act.does, **act.body)
