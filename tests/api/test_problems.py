"""Problems: one shape, two languages, and nothing that tells another tenant's thing from a missing one."""

from __future__ import annotations

import re
from uuid import UUID

import httpx
import pytest

from api.endpoints import challenge
from api.languages import choose_language
from api.problems import STATUSES, code_of, render_problem, status_of
from core.errors import Conflict, Forbidden, NotFound, OutOfOrder, Refused, Unauthenticated
from core.texts import catalogue
from tests.support.world import Place, World, asking

NOWHERE = "0199f3a2-0000-7000-8000-000000000000"
BASE = "/t/ankang/v1"


def without_occurrence(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """An answer without what names the one request."""
    request_id = answer.headers["x-request-id"]
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, answer.content.replace(request_id.encode(), b"-"), headers


async def test_what_is_missing_looks_the_same_whatever_is_missing(
    world: World, api: httpx.AsyncClient, anybody: httpx.AsyncClient
) -> None:
    baoding = await world.add("baoding")
    async with asking(world.app(), await world.token(baoding)) as other:
        foreign = (await other.get("/t/baoding/v1/units")).json()["items"][0]["id"]
    answers = [
        await api.get(f"{BASE}/units/{foreign}"),
        await api.get(f"{BASE}/units/{NOWHERE}"),
        await api.get(f"{BASE}/units/not-an-id"),
        await api.get(f"{BASE}/units/{foreign.replace('0', '０')}"),
        await api.get(f"{BASE}/nothing"),
        await api.get("/nothing/at/all"),
        await api.get("/t/nobody/v1/units"),
        await api.get("/t/Ankang/v1/units"),
        await api.get("/t/%00/v1/units"),
        await api.get("/t/nobody/v1/nothing"),
        await anybody.get("/t/nobody/oauth/jwks"),
        await anybody.post("/t/nobody/oauth/token", data={"grant_type": "client_credentials"}),
        await anybody.get("/.well-known/oauth-authorization-server/t/nobody/oauth"),
    ]
    alike = {repr(without_occurrence(answer)) for answer in answers}
    assert len(alike) == 1, alike
    assert answers[0].status_code == 404


async def test_a_problem_has_every_member_that_it_promises(api: httpx.AsyncClient) -> None:
    answer = await api.post(f"{BASE}/calculations/deadline", json={"clause": "ankang:complaints-2018#6.1"})
    problem = answer.json()
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "en"
    assert answer.headers["vary"] == "Accept-Language, Origin"
    assert problem == {
        "type": "urn:problem-type:wenze:api.field-missing",
        "title": "The request is faulty",
        "status": 400,
        "detail": "The field starts_at is missing.",
        "instance": f"urn:uuid:{answer.headers['x-request-id']}",
        "code": "api.field-missing",
        "field": "/starts_at",
        "in": "body",
    }
    UUID(problem["instance"].removeprefix("urn:uuid:"))


async def test_a_problem_speaks_chinese_unless_asked_otherwise(world: World, place: Place) -> None:
    async with asking(world.app(), await world.token(place), language="zh-CN,en;q=0.5") as client:
        answer = await client.get(f"{BASE}/units/{NOWHERE}")
    assert (answer.json()["title"], answer.headers["content-language"]) == ("未找到", "zh-CN")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("en", "en"),
        ("en-GB,zh;q=0.9", "en"),
        ("zh;q=0.2, en;q=0.3", "en"),
        ("fr, *;q=0.1", "zh"),
        ("fr", "zh"),
        ("en;q=x, zh;q=0.1", "zh"),
        ("en;q=0", "zh"),
        (";;;,,,", "zh"),
        ("en;q=９", "zh"),
    ],
)
def test_the_language_is_the_one_preferred(header: str, language: str) -> None:
    assert choose_language(header) == language


async def test_a_rule_that_refuses_is_named(api: httpx.AsyncClient) -> None:
    answer = await api.post(
        f"{BASE}/calculations/deadline",
        json={"clause": "ankang:complaints-2018#6.1", "starts_at": "2010-01-01T00:00:00Z"},
    )
    assert answer.status_code == 422
    assert answer.json()["code"] == "law.before-first-version"
    assert answer.json()["clause"] == "ankang:complaints-2018"


def test_several_errors_are_each_told() -> None:
    refused = Refused("law.before-first-version", clause="a:b#1", day="1", first="2")
    errors = (refused, Conflict("api.idempotency-in-progress"))
    problem = render_problem(errors, "en", "id")
    assert problem.status == 422
    assert problem.body.count(b'"code":"api.idempotency-in-progress"') == 1
    assert b'"errors":[' in problem.body


def test_the_status_is_that_of_the_nearest_class() -> None:
    assert status_of(OutOfOrder("x")) == 409
    assert status_of(Refused("x")) == 422
    assert status_of(NotFound("x")) == 404


def test_a_missing_thing_tells_its_code_only_in_the_rulebook_and_of_a_field() -> None:
    assert code_of(NotFound("cases.unknown")) == "api.not-found"
    assert code_of(NotFound("tenants.unit-unknown", unit="x")) == "api.not-found"
    assert code_of(NotFound("law.clause-unknown", clause="x")) == "law.clause-unknown"
    assert code_of(NotFound("tenants.unit-unknown", field="/unit_id")) == "tenants.unit-unknown"


def test_a_challenge_names_the_error_only_where_a_token_was_shown() -> None:
    assert challenge(Unauthenticated("api.token-missing"), "r") == 'Bearer realm="r"'
    assert 'error="invalid_token"' in challenge(Unauthenticated("api.token-expired"), "r")
    assert 'scope="cases:read"' in challenge(Forbidden("tenants.scope-missing", scope="cases:read"), "r")


def test_every_status_has_a_title_in_both_languages() -> None:
    for status in {*STATUSES.values(), 500}:
        assert f"api.status-{status}" in catalogue()


def test_every_text_of_the_edge_says_the_same_in_both_languages() -> None:
    for code, text in catalogue().items():
        if code.startswith("api."):
            assert sorted(re.findall(r"\{(\w+)\}", text.zh)) == sorted(re.findall(r"\{(\w+)\}", text.en)), code
