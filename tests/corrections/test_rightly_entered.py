"""A case that was corrected ends with exactly the deadlines of one that was entered rightly from the start."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from core.cases.case import Justified
from core.corrections.checks import check_correction
from core.corrections.correction import CORRECTED_AWAY, Correction
from core.deadlines.justifying import can_be_late
from core.errors import WenzeError
from core.law.rulebook import Rulebook
from core.procedure import CaseKind
from tests.cases.test_life_machine import EVERY_KIND
from tests.corrections.lives import RememberedLife, faces, possible_corrections, reasons
from tests.support.life_machine import END
from tests.support.paper import unit

Living = Callable[[RememberedLife, Random], RememberedLife]
WALKS = int(os.environ.get("WENZE_TEST_CORRECTIONS", "60"))
"""How many lives of each kind are corrected; a deep run takes thousands."""


def lives(kind: CaseKind, rulebook: Rulebook, city: object, live: Living | None = None) -> list[RememberedLife]:
    """Lives of a kind that have got somewhere, each by its own chance."""
    offices = {rule.holder.removeprefix("office:"): unit(rule.holder) for rule in kind.deadlines}
    machine = type(
        "Life",
        (RememberedLife,),
        {"kind": kind, "rulebook": rulebook, "city": city, "offices": offices, "reached": Counter()},
    )
    live = live or lived
    return [life for seed in range(WALKS) if (life := live(machine(), Random(seed))).paper.case is not None]


def lived(life: RememberedLife, chance: Random) -> RememberedLife:
    """One life of some steps, by even chances."""
    life.begin(chance.randrange(6000), has_settings=True)
    for _ in range(chance.randint(2, 9)):
        if life.model.state is None:
            life.register(chance.getrandbits(32), chance.choice([0, 0, 1, 30]))
        else:
            life.steps_well(chance.getrandbits(32), 1)
        if life.now < END and chance.random() < 0.5:
            life.wait(chance.choice([8, 72, 200]))
    return life


def moved(life: RememberedLife, chance: Random) -> RememberedLife:
    """One life in which time is paused and given wherever it can be."""
    life.begin(chance.randrange(6000), has_settings=True)
    life.register(chance.getrandbits(32), 0)
    for _ in range(16):
        if life.model.state is not None:
            moving = [step for step in life.model.fitting_steps(life.now) if step.moves]
            if moving and chance.random() < 0.8:
                life.insist(chance.choice(moving), chance)
            else:
                life.steps_well(chance.getrandbits(32), 1)
        if life.now < END and chance.random() < 0.3:
            life.wait(chance.choice([1, 8, 24]))
    return life


@EVERY_KIND
def test_a_case_that_was_paused_and_extended_is_corrected_likewise(name, kind, rulebook, city):
    if not any(step.moves for step in kind.steps):
        pytest.skip("nothing of it is paused or extended")
    seen: Counter[str] = Counter()
    for seed, life in enumerate(lives(kind, rulebook, city, moved)):
        for correction in possible_corrections(life, Random(seed)):
            compare(life, correction, seen)
    assert seen["paused or extended"] > 0, seen


def excused(life: RememberedLife, chance: Random) -> RememberedLife:
    """One life in which things are late, and that is asked about, found justified and taken back wherever it can be."""
    life.begin(chance.randrange(6000), has_settings=True)
    life.register(chance.getrandbits(32), 0)
    for _ in range(16):
        if life.model.state is not None:
            asking = [step for step in life.model.fitting_steps(life.now) if step.is_about_lateness]
            if asking and chance.random() < 0.6:
                life.insist(chance.choice(asking), chance)
            else:
                life.steps_well(chance.getrandbits(32), 1)
        if life.now < END and chance.random() < 0.4:
            life.wait(chance.choice([8, 72, 200]))
    return life


def told(found: Justified | None) -> tuple[object, ...] | None:
    """What is said of a lateness; by whom is another on paper than in the chronicle."""
    return (found.step_id, found.at, found.reason) if found else None


@EVERY_KIND
def test_what_was_found_justified_stays_so_as_long_as_it_is_late(name, kind, rulebook, city):
    if not any(step.is_about_lateness for step in kind.steps):
        pytest.skip("no lateness of it is found justified")
    kept = 0
    for seed, life in enumerate(lives(kind, rulebook, city, excused)):
        was_found = any(note.justified for note in life.paper.deadlines())
        for correction in possible_corrections(life, Random(seed)) if was_found else ():
            before, steps, stored = life.paper.case, list(life.chronicle.steps), dict(life.chronicle.deadlines)
            try:
                check_correction(life.chronicle.history(life.paper), correction, life.paper.world())
                made = life.chronicle.correct(life.paper, correction)
            except WenzeError:
                continue
            finally:
                life.paper.case, life.chronicle.steps, life.chronicle.deadlines = before, steps, stored
            for pair in made.pairs:
                if pair.before is None or pair.after is None:
                    continue
                was, now = (told(item.note.justified) for item in (pair.before, pair.after))
                assert now == was or not can_be_late(pair.after.note)
                kept += now is not None
    assert kept > 0


@EVERY_KIND
def test_a_corrected_case_is_as_one_entered_rightly(name, kind, rulebook, city):
    seen: Counter[str] = Counter()
    for seed, life in enumerate(lives(kind, rulebook, city)):
        for correction in possible_corrections(life, Random(seed)):
            compare(life, correction, seen)
    assert seen["received_at"] > WALKS // 4, seen
    assert seen["category"] > WALKS // 4, seen
    assert seen["moved"] > WALKS // 4, seen
    assert not any(step.verb == "dispatch" for step in kind.steps) or seen["unit"] > 0, seen
    assert len(kind.tracks) < 2 or seen["track"] > 0, seen


def compare(life: RememberedLife, correction: Correction, seen: Counter[str]) -> None:
    """Makes the correction, and lives the life rightly: the two agree, or the right one could not have been lived."""
    before, steps = life.paper.case, list(life.chronicle.steps)
    stored = dict(life.chronicle.deadlines)
    try:
        check_correction(life.chronicle.history(life.paper), correction, life.paper.world())
        made = life.chronicle.correct(life.paper, correction)
    except WenzeError as error:
        seen[error.code] += 1
        return
    finally:
        corrected, life.paper.case = life.paper.case, before
    try:
        twin, chronicle = life.live_rightly(correction)
    except WenzeError as error:
        seen[f"twin {error.code}"] += 1
    else:
        assert corrected is not None
        assert twin.case is not None
        assert faces(corrected.standing.deadlines) == faces(twin.case.standing.deadlines)
        told = [pair.after.explanation for pair in made.pairs if pair.after]
        assert reasons(told) == reasons([item.explanation for item in chronicle.deadlines.values()])
        assert (corrected.received_at, corrected.track) == (twin.case.received_at, twin.case.track)
        assert corrected.category == twin.case.category
        assert {item.unit_id: item.part for item in corrected.standing.units} == {
            item.unit_id: item.part for item in twin.case.standing.units
        }
        for what in ("received_at", "unit", "category", "track"):
            seen[what] += getattr(correction, what) is not None
        seen["moved"] += bool(made.changed)
        seen["paused or extended"] += any(pair.after and pair.after.explanation.entries for pair in made.pairs)
    finally:
        life.chronicle.steps, life.chronicle.deadlines = steps, stored


@EVERY_KIND
def test_what_was_corrected_and_corrected_back_is_as_it_was(name, kind, rulebook, city):
    back = 0
    for seed, life in enumerate(lives(kind, rulebook, city)):
        before = life.paper.case
        assert before is not None
        correction = next(possible_corrections(life, Random(seed)))
        try:
            life.chronicle.correct(life.paper, correction)
            again = life.chronicle.correct(life.paper, Correction(received_at=before.received_at))
        except WenzeError:
            continue
        assert faces(again.case.standing.deadlines) == faces(before.standing.deadlines)
        assert again.case.version == before.version + 2
        kept = [note for note in again.case.standing.deadlines if note.state != CORRECTED_AWAY]
        assert {note.id for note in before.standing.deadlines} <= {note.id for note in again.case.standing.deadlines}
        originals = {note.id: note.original_due_on for note in before.standing.deadlines}
        assert all(note.original_due_on == originals.get(note.id, note.original_due_on) for note in kept)
        back += 1
    assert back > WALKS // 4
