"""After a story its trail is exported, sealed and verified by the commands that an operator has (promise 4)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.demo.player import Player
from core.procedure import Role
from tests.story.house import House, Place


class Operator:
    """Somebody at the command line, with the service's settings and a folder of files."""

    def __init__(self, house: House, folder: Path) -> None:
        self._environment, self._folder = os.environ | house.service.environment, folder

    def wenze(self, *arguments: str) -> str:
        """What ``wenze audit …`` prints; it must succeed."""
        command = [sys.executable, "-m", "api.cli", "audit", *arguments]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def file(self, name: str) -> str:
        """A path in the folder."""
        return str(self._folder / name)


@pytest.fixture(scope="module")
def played(house: House) -> Place:
    """Baoding after its story and a reading of an identity, a neighbour beside it."""
    place = house.open("baoding")
    house.open("ankang")
    assert [done for done in Player(place.cast, house.http).play() if done.shortfalls] == []
    place.hire("reader", Role.INTAKE_CLERK)
    named = next(item for item in place.read("clerk", "/cases")["items"] if not item["anonymous"])
    purpose = {"purpose": "contact", "note": "核实"}
    assert place.client.post("reader", f"/cases/{named['id']}/petitioner/readings", purpose).status_code == 201
    return place


def test_export_seal_and_verify_find_nothing(house: House, played: Place, tmp_path: Path) -> None:
    operator = Operator(house, tmp_path)
    operator.wenze("keygen", "--out", operator.file("key"))
    operator.wenze("seal", "--tenant", played.slug, "--key", operator.file("key"), "--out", operator.file("seal"))
    operator.wenze("export", "--tenant", played.slug, "--out", operator.file("trail"))
    told = operator.wenze(
        "verify", operator.file("trail"), "--public-key", operator.file("key.pub"), "--seal", operator.file("seal")
    )
    assert f"{len(played.rows('audit'))} rows" in told
    assert "0 findings" in told


def test_the_trail_tells_every_step_of_every_case(played: Place) -> None:
    """In each case's stream one row per step, in order, by the same person at the same moment; and an event for each."""
    audit, steps, events = played.rows("audit"), played.rows("case_step"), played.rows("outbox")
    assert steps
    for step in steps:
        (row,) = [row for row in audit if (row["stream"], row["seq"]) == (f"case:{step['case_id']}", step["seq"])]
        assert row["action"] == f"case.{step['step']}"
        assert [row[name] for name in ("client_id", "person_id", "role")] == [
            step[name] for name in ("client_id", "person_id", "role")
        ]
        (event,) = [event for event in events if event["refs"].get("step_id") == str(step["id"])]
        assert (event["type"], event["refs"]["version"]) == (f"case.{step['verb']}", step["seq"])
    streams = [row for row in audit if row["stream"].startswith("case:")]
    assert len(streams) == len(steps)
    assert len(audit) == len(events) == len(played.rows("audit_content"))


def test_events_carry_references_and_no_words(played: Place) -> None:
    """Nothing of what anybody wrote stands in the outbox (promise 5)."""
    bodies = [act.body for scene in played.cast.city.story.scenes for act in scene.acts]
    words = {word for word in flat(bodies) if any("一" <= sign <= "鿿" for sign in word)}
    told = "".join(str(row) for row in played.rows("outbox"))
    assert words
    assert not [word for word in words if word in told]


def flat(value: object) -> list[str]:
    """Every text in a body."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in flat(item)]
    if isinstance(value, list):
        return [text for item in value for text in flat(item)]
    return [value] if isinstance(value, str) else []
