"""Petitioners over HTTP: a receipt told once, an identity read for a purpose and on record, and nowhere else (promise 7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import make_url

from core.procedure import Role
from core.tenants.scopes import Scope
from tests.story.house import TABLES, House, Place
from tests.story.matters import CITY_OF, REGISTRATIONS, Matter, register

WHO = {
    "name": "欧阳惜墨",
    "phone": "139 1234 5678",
    "id_number": "11010519491231002X",
    "address": "莲池南大街九十九号",
    "email": "ouyang.ximo@example.cn",
}
SECRETS = ("欧阳惜墨", "139 1234 5678", "13912345678", "11010519491231002X", "莲池南大街九十九号", "ouyang.ximo")
PURPOSE = {"purpose": "contact", "note": "核实来信内容"}
KINDS = ("complaint", "tip-off", "hotline-order")
"""The kinds that have petitioners."""
READERS = {"complaint": Role.SUPERVISOR, "tip-off": Role.INTAKE_CLERK, "hotline-order": Role.DISPATCHER}
NOT_READERS = {
    "complaint": (Role.DISPATCHER, Role.DECIDING_AUTHORITY, Role.AUDITOR, Role.TENANT_ADMINISTRATOR, Role.UNIT_OFFICER),
    "tip-off": (Role.SUPERVISOR, Role.DECIDING_AUTHORITY, Role.INVESTIGATOR, Role.AUDITOR, Role.UNIT_OFFICER),
    "hotline-order": (Role.SUPERVISOR, Role.AUDITOR, Role.TENANT_ADMINISTRATOR, Role.UNIT_OFFICER),
}
LEAD = {"complaint": "social-security-window", "tip-off": "disclosure-office", "hotline-order": "urban-management"}


@dataclass
class Told:
    """A tenant, and everything that its service has answered to whoever may not read identities."""

    place: Place
    replies: list[httpx.Response] = field(default_factory=list)

    def listen(self, response: httpx.Response) -> None:
        """Keeps an answer."""
        response.read()
        self.replies.append(response)


@pytest.fixture(params=KINDS)
def named(request: pytest.FixtureRequest, places: dict[str, Place]) -> Matter:
    """A case with a named petitioner, dispatched and reported."""
    kind = request.param
    place = places[CITY_OF[kind]]
    if "reader" not in place.cast.clients:
        place.hire("reader", READERS[kind])
        place.hire("auditor", Role.AUDITOR)
    return register(place, kind, petitioner=WHO).live("handled")


def test_the_receipt_is_told_once_and_opens_the_status(named: Matter) -> None:
    place, who = named.place, named.reader
    matter = register(place, named.kind, petitioner=WHO)
    receipt = matter.view["receipt"]
    assert len(receipt.replace("-", "")) * 5 >= 128
    assert "receipt" not in matter.refresh()
    assert receipt not in place.get(who, "/cases", limit=200).text
    for variant in (receipt, receipt.lower(), receipt.replace("-", ""), f" {receipt.replace('-', ' ')} ", mistaken(receipt)):
        answer = place.ask_status(who, variant)
        assert answer.status_code == 200, variant
        status = answer.json()
        assert (status["number"], status["state"], status["answer"]) == (matter.view["number"], "registered", None)
        assert answer.headers["cache-control"] == "no-store"


def mistaken(receipt: str) -> str:
    """As somebody writes it down who takes a nought for an O and a one for an I."""
    return receipt.replace("0", "O").replace("1", "l")


def test_an_unknown_receipt_opens_nothing(named: Matter) -> None:
    place, who = named.place, named.reader
    receipt = register(place, named.kind).view["receipt"]
    other = ("2" if receipt[0] != "2" else "3") + receipt[1:]
    for wrong in (other, receipt[:-1] + "U", "A" * 28):
        answer = place.ask_status(who, wrong)
        assert (answer.status_code, answer.json()["code"]) == (404, "api.not-found")
        assert wrong not in answer.text
    assert place.ask_status(who, receipt[:15]).status_code == 400
    in_address = place.client.send(who, "POST", f"/receipts/status?receipt={receipt}", {}, b"{}")
    assert in_address.status_code == 400
    assert receipt not in in_address.text


def test_the_status_says_what_was_answered_and_nothing_of_anybody(places: dict[str, Place]) -> None:
    matter = register(places["ankang"], "complaint", petitioner=WHO)
    receipt = matter.view["receipt"]
    matter.live("closed")
    status = matter.place.ask_status("supervisor", receipt).json()
    assert (status["state"], status["answer"], status["due_at"]) == ("closed", "已更正，请查收。", None)
    assert status["closed_at"] == matter.view["closed_at"]
    assert status.keys() == {
        "number", "kind", "state", "state_title", "received_at", "closed_at", "due_at", "answer", "parts",
        "feedback_awaited",
    }  # fmt: skip


def test_who_is_refused_is_told_why_and_which_way_is_open(places: dict[str, Place]) -> None:
    matter = register(places["ganzhou"], "hotline-order")
    receipt = matter.view["receipt"]
    told = {"reason": "法院已立案。", "open_way": "请在诉讼中主张。"}
    matter.take("operator", "refuse", told, grounds=["wenze:house#elsewhere/litigation"])
    status = matter.place.ask_status("operator", receipt).json()
    assert (status["state"], status["answer"]) == ("refused", "法院已立案。\n请在诉讼中主张。")


def test_a_phone_alone_makes_nobody_named(named: Matter) -> None:
    """It is sealed like a name, and can be read to call back."""
    matter = register(named.place, named.kind, petitioner={"phone": WHO["phone"]})
    assert matter.view["anonymous"] is True
    read = named.place.client.post("reader", f"{matter.path}/petitioner/readings", PURPOSE)
    assert read.json()["petitioner"]["phone"] == WHO["phone"]
    assert "name" not in read.json()["petitioner"]


def test_without_a_name_there_is_a_receipt_and_nobody(named: Matter) -> None:
    place = named.place
    anonymous = register(place, named.kind)
    assert anonymous.view["anonymous"] is True
    assert place.ask_status(named.reader, anonymous.view["receipt"]).status_code == 200
    answer = place.client.post("reader", f"{anonymous.path}/petitioner/readings", PURPOSE)
    assert (answer.status_code, answer.json()["code"]) == (422, "petitioners.anonymous")


def test_who_may_reads_it_for_a_purpose_and_on_record(named: Matter) -> None:
    place, path = named.place, f"{named.path}/petitioner/readings"
    before = place.counts()
    answer = place.client.post("reader", path, PURPOSE)
    assert answer.status_code == 201, answer.text
    assert answer.json()["petitioner"] == WHO
    assert answer.headers["cache-control"] == "no-store"
    after = place.counts()
    grown = {name: after[name] - number for name, number in before.items() if after[name] != number}
    assert grown == {"identity_reading": 1, "audit": 1, "audit_content": 1, "outbox": 1, "idempotency": 1}
    (listed,) = place.read("auditor", path)["items"]
    assert listed == answer.json()["reading"]
    assert (listed["purpose"], listed["note"]) == ("contact", "核实来信内容")
    (audited,) = [row for row in place.rows("audit") if row["action"] == "petitioner.read"][-1:]
    assert (audited["role"], str(audited["person_id"])) == (READERS[named.kind].value, listed["person_id"])
    assert named.refresh()["version"] == place.read(named.reader, named.path)["version"]


def test_a_purpose_must_be_said(named: Matter) -> None:
    before = named.place.counts()
    for body in ({}, {"purpose": "contact"}, {"purpose": "curiosity", "note": "想知道"}, PURPOSE | {"note": " "}):
        answer = named.place.client.post("reader", f"{named.path}/petitioner/readings", body)
        assert answer.status_code == 400, body
    assert named.place.counts() == before


def test_nobody_else_reads_it(named: Matter) -> None:
    place, path = named.place, f"{named.path}/petitioner/readings"
    for role in NOT_READERS[named.kind]:
        who = f"not-{role}"
        if who not in place.cast.clients:
            place.hire(who, role, unit=LEAD[named.kind])
        before = place.counts()
        answer = place.client.post(who, path, PURPOSE)
        assert (answer.status_code, "petitioner" in answer.json()) == (403, False), role
        assert place.counts() == before
    if "unscoped" not in place.cast.clients:
        place.hire("unscoped", READERS[named.kind], scopes=set(Scope) - {Scope.PETITIONERS_READ})
    assert place.client.post("unscoped", path, PURPOSE).json()["code"] == "tenants.scope-missing"
    assert place.get(named.reader, path).status_code == 403


def test_an_officer_of_the_handling_unit_is_refused_whatever_else_they_are(named: Matter) -> None:
    place = named.place
    if "both" not in place.cast.clients:
        place.hire("both", READERS[named.kind], Role.UNIT_OFFICER, unit=LEAD[named.kind])
    answer = place.client.post("both", f"{named.path}/petitioner/readings", PURPOSE)
    assert (answer.status_code, answer.json()["code"]) == (403, "petitioners.own-unit")


def test_staff_of_the_unit_complained_of_are_refused(baoding: Place) -> None:
    matter = register(baoding, "tip-off", petitioner=WHO, subject_unit="@housing-bureau")
    baoding.hire("clerk-there", Role.INTAKE_CLERK, unit="housing-bureau")
    answer = baoding.client.post("clerk-there", f"{matter.path}/petitioner/readings", PURPOSE)
    assert (answer.status_code, answer.json()["code"]) == (403, "petitioners.own-unit")
    if "reader" not in baoding.cast.clients:
        baoding.hire("reader", Role.INTAKE_CLERK)
    assert baoding.client.post("reader", f"{matter.path}/petitioner/readings", PURPOSE).status_code == 201


@pytest.mark.parametrize("kind", KINDS)
def test_the_identity_stands_nowhere_else(house: House, kind: str) -> None:
    """Not in a reply to anybody who has not read it, in a row, in the log, in an event, or in the file itself."""
    told = Told(house.open(CITY_OF[kind]))
    house.http.event_hooks["response"] = [told.listen]
    try:
        matter = live_in_public(told.place, kind)
    finally:
        house.http.event_hooks["response"] = []
    assert len(told.replies) > 15
    for reply in told.replies:
        assert_clean(f"{reply.request.method} {reply.request.url.path}", reply.content + repr(reply.headers).encode())
    told.place.hire("reader", READERS[kind])
    read = told.place.client.post("reader", f"{matter.path}/petitioner/readings", PURPOSE)
    assert read.json()["petitioner"]["name"] == WHO["name"]
    for table in TABLES:
        assert_clean(table.name, b"\n".join(flat(row) for row in told.place.rows(table.name)))
    assert told.place.rows("petitioner")
    assert_clean("the service's log", house.service.log.read_bytes())
    assert matter.view["receipt_told"].encode() not in house.service.log.read_bytes()
    address = make_url(house.service.settings.database_url)
    if address.drivername.startswith("sqlite"):
        for part in ("", "-wal"):
            assert_clean(f"the file{part}", Path(f"{address.database}{part}").read_bytes())


def live_in_public(place: Place, kind: str) -> Matter:
    """A whole life of a named case, looked at by everybody from every side, and a few failing requests."""
    matter = register(place, kind, petitioner=WHO)
    receipt = matter.view["receipt"]
    place.client.post(REGISTRATIONS[kind][0], "/cases", {"kind": kind, "petitioner": WHO | {"id_number": "1" * 18}})
    if kind == "tip-off":
        matter.take("clerk", "accept", subject_class="administrative-organ")
        matter.take("clerk", "inform-status", status_form="letter", status_text="已受理。")
    matter.live("closed")
    place.hire("auditor", Role.AUDITOR)
    for who in [person.key for person in place.cast.city.story.people] + ["auditor"]:
        place.get(who, "/cases", limit=200)
        for path in ("", "/steps", "/deadlines", "/petitioner/readings"):
            place.get(who, f"{matter.path}{path}")
        place.client.post(who, f"{matter.path}/petitioner/readings", PURPOSE | {"note": ""})
        place.ask_status(who, receipt)
    matter.view["receipt_told"] = receipt
    return matter


def flat(row: dict[str, Any]) -> bytes:
    """A row as the bytes that stand in it."""
    return b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in row.values())


def assert_clean(where: str, content: bytes) -> None:
    """None of it, in UTF-8, nor escaped as JSON or as Python would."""
    for secret in SECRETS:
        for form in (secret.encode(), secret.encode("unicode_escape"), secret.encode("utf-16-le")):
            assert form not in content, f"{secret} stands in {where}"
