"""A client of one's own is no second person, and who is recused from a matter is so with every client of theirs (R12)."""

from __future__ import annotations

from typing import Any

import pytest

from core.procedure import Role
from core.tenants.client import Credentials
from core.tenants.scopes import Scope
from tests.corrections.served import ACCEPT, MONDAY, asked, decide, dispatched
from tests.knowledge.conftest import draft
from tests.recusals.test_over_http import assert_recused, declared, withdraw
from tests.story.house import Place
from tests.story.matters import instant, register

CHIEF, PUPPET, SECOND = "chief", "the chief's client", "second-supervisor"
OFFICER, THEIRS = "officer who administers", "that officer's client"
ROLES = (Role.TENANT_ADMINISTRATOR, Role.SUPERVISOR)


@pytest.fixture(scope="module")
def ankang(house: Any) -> Place:
    """A tenant with a supervisor who administers it, too, a client of that person's own, and another supervisor."""
    place: Place = house.open("ankang")
    place.move(instant(MONDAY))
    place.hire(CHIEF, *ROLES)
    place.hire(SECOND, Role.SUPERVISOR)
    place.hire(OFFICER, *ROLES, Role.UNIT_OFFICER, unit="social-security-window")
    for holder, client in ((CHIEF, PUPPET), (OFFICER, THEIRS)):
        place.cast.clients[client] = registered(place, holder)
    return place


def registered(place: Place, holder: str) -> Credentials:
    """A client with the role of a supervisor, whose secret the holder was told."""
    said = {
        "name": "脚本", "auth_method": "client_secret_post", "grant_types": ["client_credentials"],
        "scopes": [scope.value for scope in Scope], "roles": ["supervisor"],
    }  # fmt: skip
    made = place.client.post(holder, "/clients", said)
    assert made.status_code == 201, made.text
    return Credentials(made.json()["client_id"], made.json()["client_secret"])


def pairs() -> Any:
    """Who does the first half, and who tries to do the second."""
    return pytest.mark.parametrize(
        ("one", "other"), [(CHIEF, PUPPET), (PUPPET, CHIEF)], ids=["person first", "client first"]
    )


@pairs()
def test_a_correction_takes_two_people(ankang: Place, one: str, other: str) -> None:
    matter = dispatched(ankang, None)
    waiting = asked(matter, one, received_at="2026-02-27T09:00:00+08:00")
    for who in (one, other):
        refused = decide(matter, waiting, who)
        assert (refused.status_code, refused.json()["code"], refused.json()["clause"]) == (
            422, "requests.own", "wenze:readings#r12",
        )  # fmt: skip
        assert matter.id not in str(ankang.read(who, "/worklists/approvals", limit=100)["items"])
        assert matter.id not in str(ankang.read(who, "/requests", mine="true", limit=100)["items"])
    assert matter.id in str(ankang.read(SECOND, "/worklists/approvals", limit=100)["items"])
    assert matter.id in str(ankang.read(SECOND, "/requests", mine="true", limit=100)["items"])
    assert decide(matter, waiting, SECOND).status_code == 200


def test_who_is_recused_is_so_with_every_client(ankang: Place) -> None:
    matter = register(ankang, "complaint", who="duty-clerk")
    recusal = declared(matter, CHIEF)
    assert_recused(matter.attempt(PUPPET, "accept", ACCEPT))
    assert ankang.read(PUPPET, matter.path)["my_steps"] == []
    own = withdraw(matter, PUPPET, recusal)
    assert (own.status_code, own.json()["code"]) == (422, "recusals.own")
    for words in ("narrative", "petitioner"):
        assert_recused(ankang.client.post(PUPPET, f"{matter.path}/{words}/readings", {"purpose": "verify", "note": "核对"}))
    assert withdraw(matter, SECOND, recusal).status_code == 200
    assert ankang.read(PUPPET, matter.path)["my_steps"] != []


def test_an_officer_is_no_stranger_to_the_own_unit_by_a_client(ankang: Place) -> None:
    """The unit that a matter was given to never learns who brings it (promise 7), and does not decide that nobody looks."""
    matter = dispatched(ankang, None)
    for words in ("narrative", "petitioner"):
        for who in (OFFICER, THEIRS):
            answer = ankang.client.post(who, f"{matter.path}/{words}/readings", {"purpose": "verify", "note": "核对"})
            assert (answer.status_code, answer.json()["code"]) == (403, "petitioners.own-unit"), f"{who}, {words}"
    read = ankang.client.post(PUPPET, f"{matter.path}/narrative/readings", {"purpose": "verify", "note": "核对"})
    assert read.status_code == 201, read.text
    unit = {"unit_id": ankang.fill("@social-security-window")}
    assert ankang.client.post(THEIRS, "/calendar-feeds", unit).status_code == 403, "and it is given nothing by it"


@pairs()
def test_nobody_publishes_an_own_text(ankang: Place, one: str, other: str) -> None:
    drafted = ankang.client.post(one, "/knowledge", draft(ankang.fill("@social-security-window")))
    assert drafted.status_code == 201, drafted.text
    path, tag = f"/knowledge/{drafted.json()['id']}/publication", drafted.headers["etag"]
    refused = ankang.client.post(other, path, {}, tag)
    assert (refused.status_code, refused.json()["code"]) == (422, "knowledge.own-text")
    assert ankang.client.post(SECOND, path, {}, tag).status_code == 200
