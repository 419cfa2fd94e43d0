"""Files that come with a registration or a step: attached in its transaction, shown to units where they are for them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.procedure import Role
from tests.story.house import House, Place
from tests.story.matters import BOTH, Matter, fill_parts, register, registration

TEXT = "现场照片说明：井盖缺失。".encode()


@pytest.fixture
def place(house: House) -> Place:
    """A new tenant of the city whose orders go to units."""
    return house.open("ganzhou")


def upload(place: Place, who: str, name: str = "note.txt") -> str:
    """Uploads a file; answers its id."""
    headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "text/plain"}
    answer = place.client.send(who, "POST", f"/attachments?name={name}", headers, TEXT + uuid4().hex.encode())
    assert answer.status_code == 201, answer.text
    id_: str = answer.json()["id"]
    return id_


def seen(matter: Matter, who: str) -> dict[str, str]:
    """The attachments of a case that somebody sees, with their parts."""
    items = matter.place.read(who, f"{matter.path}/attachments")["items"]
    return {item["id"]: item["part"] for item in items}


def registered_with(place: Place, file: str) -> Matter:
    """An order with that file."""
    return register(place, "hotline-order", attachments=[file])


def attempt(place: Place, **more: Any) -> httpx.Response:
    return place.client.post("operator", "/cases", place.fill(registration("hotline-order", **more)))


def test_files_come_with_the_registration_and_are_not_for_units(place: Place) -> None:
    files = [upload(place, "operator"), upload(place, "operator")]
    matter = register(place, "hotline-order", attachments=files).live("dispatched")
    assert seen(matter, "operator") == dict.fromkeys(files, "original")
    assert seen(matter, "city-officer") == {}


def test_files_that_come_with_a_dispatch_are_for_the_units(place: Place) -> None:
    matter = register(place, "hotline-order").live("accepted")
    file = upload(place, "dispatcher")
    body = {"units": [{"unit_id": "@lead", "part": "lead"}], "rendition": "井盖缺失。", "attachments": [file]}
    matter.take("dispatcher", "dispatch", fill_parts("hotline-order", body))
    assert seen(matter, "city-officer") == {file: "disclosed"}


def test_evidence_comes_with_the_result_of_the_unit_that_brings_it(place: Place) -> None:
    matter = register(place, "hotline-order").live("dispatched")
    refused = matter.attempt("city-officer", "report-result", {"result": "已修复。"})
    assert (refused.status_code, refused.json()["code"]) == (422, "cases.evidence-missing")
    file = upload(place, "city-officer")
    matter.take("city-officer", "report-result", {"result": "已修复。", "attachments": [file]})
    assert seen(matter, "city-officer") == {file: "disclosed"}
    steps = {item["id"]: item["step"] for item in matter.steps()}
    (listed,) = place.read("operator", f"{matter.path}/attachments")["items"]
    assert steps[listed["step_id"]] == "report-result"


@pytest.mark.parametrize("wrong", ["unknown", "another's", "attached already", "twice"])
def test_what_cannot_be_attached_is_refused_and_nothing_is_registered(place: Place, wrong: str) -> None:
    own = upload(place, "operator")
    given = {
        "unknown": lambda: [own, str(uuid4())],
        "another's": lambda: [own, upload(place, "dispatcher")],
        "attached already": lambda: [
            own,
            *seen(register(place, "hotline-order", attachments=[upload(place, "operator")]), "operator"),
        ],
        "twice": lambda: [own, own],
    }[wrong]()
    before = place.counts()
    answer = attempt(place, attachments=given)
    assert answer.status_code == (400 if wrong == "twice" else 422), answer.text
    assert answer.json()["field"] == "/attachments/1"
    assert place.counts() == before
    assert attempt(place, attachments=[own]).status_code == 201


def test_a_unit_attaches_nothing_by_a_step_that_it_may_not_take(place: Place) -> None:
    matter = register(place, "hotline-order").live("dispatched")
    file = upload(place, "water-officer")
    refused = matter.attempt("water-officer", "report-result", {"result": "已修复。", "attachments": [file]})
    assert refused.status_code == 403
    assert seen(matter, "operator") == {}


def test_units_know_by_name_what_they_brought_and_what_was_sent_to_them(place: Place) -> None:
    matter = register(place, "hotline-order", attachments=[upload(place, "operator", "张三身份证.txt")]).live("accepted")
    sent = {"units": fill_parts("hotline-order", BOTH), "attachments": [upload(place, "dispatcher", "交办函.txt")]}
    matter.take("dispatcher", "dispatch", sent)
    for who, name in (("city-officer", "现场.txt"), ("dispatcher", "李四来信.txt")):
        body = {"attachments": [upload(place, who, name)], "disclosed": True}
        place.client.post(who, f"{matter.path}/attachments", body).raise_for_status()
    first = next(iter(named(matter, "operator")))
    disclosure = {"disclosed": True, "reason": "处置需要"}
    place.client.post("dispatcher", f"{matter.path}/attachments/{first}/disclosure", disclosure, '"2"').raise_for_status()
    assert list(named(matter, "operator").values()) == ["张三身份证.txt", "交办函.txt", "现场.txt", "李四来信.txt"]
    for who in ("city-officer", "water-officer"):
        assert list(named(matter, who).values()) == ["附件1.txt", "交办函.txt", "现场.txt", "附件4.txt"]


def test_an_upload_that_somebody_made_keeps_its_name_to_them(place: Place) -> None:
    matter = register(place, "hotline-order").live("dispatched")
    both = place.hire("both", Role.UNIT_OFFICER, Role.INTAKE_CLERK, unit="urban-management")
    body = {"attachments": [upload(place, both, "来电人王五.txt")], "disclosed": True}
    place.client.post(both, f"{matter.path}/attachments", body).raise_for_status()
    assert list(named(matter, both).values()) == ["来电人王五.txt"]
    assert list(named(matter, "city-officer").values()) == ["附件1.txt"]


def named(matter: Matter, who: str) -> dict[str, str]:
    """The attachments of a case that somebody sees, with their names."""
    return {item["id"]: item["name"] for item in matter.place.read(who, f"{matter.path}/attachments")["items"]}
