"""Each city's story over HTTP: every act comes out as the regulation says, and every date can be worked out again."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from api.demo.player import Performed, Player
from tests.deadlines import recompute
from tests.story.house import House, Place
from tests.story.stored import assert_stored_as_told

CITIES = ("ankang", "baoding", "ganzhou", "jincheng")


@dataclass
class Told:
    """A story that was played: its acts, and the deadlines of its cases as they stand at the end."""

    place: Place
    performed: list[Performed]
    views: list[dict[str, Any]] = field(default_factory=list)
    deadlines: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture(scope="module", params=CITIES)
def told(request: pytest.FixtureRequest, house: House) -> Told:
    """A city's story, played on a tenant of its own."""
    place = house.open(request.param)
    played = Told(place, list(Player(place.cast, house.http).play()))
    reader = next(person.key for person in place.cast.city.story.people if "unit-officer" not in person.roles)
    for case in place.read(reader, "/cases", limit=200)["items"]:
        played.views.append(place.read(reader, f"/cases/{case['id']}"))
        played.deadlines += place.read(reader, f"/cases/{case['id']}/deadlines")["items"]
    return played


def test_every_act_does_what_the_regulation_says(told: Told) -> None:
    story = told.place.cast.city.story
    assert len(told.performed) == sum(len(scene.acts) for scene in story.scenes)
    short = {(done.act.case, done.act.does): done.shortfalls for done in told.performed if done.shortfalls}
    assert short == {}
    assert told.deadlines


def test_what_is_stored_is_what_is_told(told: Told) -> None:
    assert_stored_as_told(told.place, told.views)


def test_every_date_follows_from_its_explanation_alone(told: Told) -> None:
    for item in told.deadlines:
        said = item["explanation"]
        _, due_on, due_at = recompute.recompute(json.dumps(said, ensure_ascii=False))
        assert due_on == date.fromisoformat(item["due_on"]) == date.fromisoformat(said["due_on"])
        assert due_at == datetime.fromisoformat(item["due_at"]) == datetime.fromisoformat(said["due_at"])


def test_a_program_that_sees_nothing_else_recomputes_it(told: Told, tmp_path: Path) -> None:
    """In a process of its own, isolated from this tree, with the JSON on its standard input."""
    longest = max(told.deadlines, key=lambda item: len(item["explanation"]["days"]))
    text = json.dumps(longest["explanation"], ensure_ascii=False).encode()
    command = [sys.executable, "-I", recompute.__file__]
    done = subprocess.run(command, input=text, capture_output=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().split()[1] == longest["due_on"]
    moved = json.dumps(longest["explanation"] | {"due_on": "2026-01-01"}).encode()
    assert subprocess.run(command, input=moved, capture_output=True, cwd=tmp_path, check=False).returncode == 1


def test_the_explanation_is_the_one_that_was_told_when_the_deadline_arose(told: Told) -> None:
    """What later steps, other cases and the moved clock did has not touched it; what was moved keeps it in its ledger."""
    moves = {"pause", "resume", "extension"}
    kept = {item["id"]: [entry["replaced"] for entry in item["ledger"] if entry["kind"] in moves] for item in told.deadlines}
    stored = {item["id"]: [*kept[item["id"]], item["explanation"]][0] for item in told.deadlines}
    first_told = {id_: why for done in told.performed for id_, why in done.explanations.items()}
    assert stored == first_told
