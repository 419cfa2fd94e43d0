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
ROLES = (Role.TENANT_ADMINISTRATOR, Role.SUPERVISOR)


@pytest.fixture(scope="module")
def ankang(house: Any) -> Place:
    """A tenant with a supervisor who administers it, too, a client of that person's own, and another supervisor."""
    place: Place = house.open("ankang")
    place.move(instant(MONDAY))
    place.hire(CHIEF, *ROLES)
    place.hire(SECOND, Role.SUPERVISOR)
    said = {
        "name": "脚本", "auth_method": "client_secret_post", "grant_types": ["client_credentials"],
        "scopes": [scope.value for scope in Scope], "roles": ["supervisor"],
    }  # fmt: skip
    made = place.client.post(CHIEF, "/clients", said)
    assert made.status_code == 201, made.text
    place.cast.clients[PUPPET] = Credentials(made.json()["client_id"], made.json()["client_secret"])
    return place


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


@pairs()
def test_nobody_publishes_an_own_text(ankang: Place, one: str, other: str) -> None:
    drafted = ankang.client.post(one, "/knowledge", draft(ankang.fill("@social-security-window")))
    assert drafted.status_code == 201, drafted.text
    path, tag = f"/knowledge/{drafted.json()['id']}/publication", drafted.headers["etag"]
    refused = ankang.client.post(other, path, {}, tag)
    assert (refused.status_code, refused.json()["code"]) == (422, "knowledge.own-text")
    assert ankang.client.post(SECOND, path, {}, tag).status_code == 200
