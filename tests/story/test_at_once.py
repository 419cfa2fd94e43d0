"""Many who read the same case at the same moment are all answered, and each reading is on record in one whole chain."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
import pytest

from tests.attachments import files
from tests.story.house import Place
from tests.story.matters import Matter, register

MANY = 16


@pytest.fixture
def order(open_place: Callable[[str], Place]) -> Matter:
    """An order of a named petitioner, with a file."""
    place = open_place("ganzhou")
    headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "image/png"}
    made = place.client.send("operator", "POST", "/attachments?name=a.png", headers, files.png(9)).json()
    who = {"name": "温国平", "phone": "13900000000"}
    return register(place, "hotline-order", petitioner=who, attachments=[made["id"]])


def at_once(acts: list[Callable[[], httpx.Response]]) -> list[int]:
    """The status of each of several requests that are sent at the same moment."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result().status_code for future in [pool.submit(act) for act in acts]]


def test_all_links_of_a_case_are_made_at_once(order: Matter) -> None:
    """As a front-end asks for them that shows every file; and a step of the case is taken meanwhile."""
    place = order.place
    (item,) = place.read("operator", f"{order.path}/attachments")["items"]
    path = f"{order.path}/attachments/{item['id']}/links"
    links = [lambda: place.client.post("operator", path, {"purpose": "handle"})] * MANY
    assert at_once([*links, lambda: order.attempt("dispatcher", "urge", {"text": "请尽快。"})]) == [201] * MANY + [200]
    chain = sorted(row["seq"] for row in place.rows("audit") if row["stream"] == f"case:{order.id}")
    assert chain == list(range(1, 1 + 3 + MANY)), "registered with a file, urged, and read so often"


@pytest.mark.parametrize(("part", "purpose"), [("petitioner", "contact"), ("narrative", "handle")])
def test_many_readings_at_once_are_all_on_record(order: Matter, part: str, purpose: str) -> None:
    place, path = order.place, f"{order.path}/{part}/readings"
    asked = {"purpose": purpose, "note": "同时查阅"}
    assert at_once([lambda: place.client.post("operator", path, asked)] * MANY) == [201] * MANY
    assert len([row for row in place.rows("audit") if row["action"] == f"{part}.read"]) == MANY
