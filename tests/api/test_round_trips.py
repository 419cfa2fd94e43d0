"""What a request costs of the database: few round trips, and yet no request is decided on a configuration that is past."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.routes.case_examples import registration_examples
from core.procedure import Role
from core.store.actor import OPERATOR
from core.store.database import Database
from core.store.link import Link
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.clients import disable_client
from core.tenants.snapshot import Snapshots
from tests.support.world import Place, World, asking

BASE = "/t/ankang/v1"
WARM_UP = 3
"""A statement is compiled on its second run and prepared on every connection once."""


@pytest.fixture
def queries(world: World, engine_kind: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every query that PostgreSQL is sent from now on."""
    if engine_kind == "sqlite":
        pytest.skip("SQLite has no round trips")
    sent: list[str] = []
    database, watched = world.services.database, set()
    check_out: Callable[..., Awaitable[Link]] = database.check_out

    def note(query: Any) -> None:
        sent.append(query.query)

    async def watch(self: Database, *, writes: bool) -> Link:
        link = await check_out(writes=writes)
        if link._driver not in watched:
            watched.add(link._driver)
            link._driver.add_query_logger(note)
        return link

    monkeypatch.setattr(database, "check_out", watch.__get__(database))
    return sent


@pytest.fixture
def body(place: Place) -> dict[str, Any]:
    """A registration, with its petitioner."""
    example: dict[str, Any] = registration_examples(place.cast.city.kinds.values())["complaint"]
    return example


@pytest.fixture
async def clerk(world: World, place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """A client that sees and registers every case."""
    credentials = await world.register(place.cast, (Role.INTAKE_CLERK,), (Scope.CASES_READ, Scope.CASES_WRITE), None)
    async with asking(world.app(), await world.token(place, credentials)) as client:
        client.headers["x-client"] = credentials.client_id
        yield client


async def register(client: httpx.AsyncClient, body: dict[str, Any]) -> httpx.Response:
    return await client.post(f"{BASE}/cases", json=body, headers={"idempotency-key": str(uuid4())})


async def count(queries: list[str], ask: Callable[[], Awaitable[httpx.Response]]) -> int:
    """How many round trips a request takes once everything is warm."""
    for _ in range(WARM_UP):
        (await ask()).raise_for_status()
    await asyncio.sleep(0)
    queries.clear()
    (await ask()).raise_for_status()
    await asyncio.sleep(0)
    return len(queries)


@pytest.mark.parametrize(("suggesting", "trips"), [(False, 5), (True, 6)], ids=["plain", "looking for duplicates"])
@pytest.mark.parametrize("named", [False, True], ids=["anonymous", "named"])
async def test_a_registration_takes_five_round_trips_and_one_to_look_for_duplicates(
    queries: list[str], clerk: httpx.AsyncClient, body: dict[str, Any], named: bool, suggesting: bool, trips: int
) -> None:
    given = body | {"suggest_duplicates": suggesting}
    sent = given if named else {name: value for name, value in given.items() if name != "petitioner"}
    assert await count(queries, lambda: register(clerk, sent)) <= trips, queries
    assert queries[0].startswith("BEGIN")
    assert is_numbered_last(queries)


async def test_files_take_one_round_trip_more(queries: list[str], clerk: httpx.AsyncClient, body: dict[str, Any]) -> None:
    async def attaching() -> httpx.Response:
        files = [await upload(clerk, b"%d" % number) for number in range(2)]
        await asyncio.sleep(0)
        queries.clear()
        return await register(clerk, body | {"attachments": files, "suggest_duplicates": False})

    assert await count(queries, attaching) <= 6, queries
    assert is_numbered_last(queries)


def is_numbered_last(queries: list[str]) -> bool:
    """Whether nothing but the writing comes after the number, for which all others who register wait until the commit."""
    number, _, commit = queries[-3:]
    return "INSERT INTO case_number" in number and commit == "COMMIT"


async def upload(client: httpx.AsyncClient, content: bytes) -> str:
    headers = {"idempotency-key": str(uuid4()), "content-type": "text/plain"}
    answer = await client.post(f"{BASE}/attachments?name=a.txt", content=content, headers=headers)
    return str(answer.raise_for_status().json()["id"])


UNIT = "social-security-window"
STEPS: tuple[tuple[str, str, dict[str, Any], int], ...] = (
    ("clerk", "accept", {"grounds": ["ankang:complaints-2018#3/accept.3"]}, 7),
    ("clerk", "classify", {"track": "specialist", "complex": False}, 7),
    ("clerk", "dispatch", {"rendition": "往返三次未办结。"}, 9),
    ("officer", "sign", {}, 8),
    ("officer", "report-result", {"result": "已更正。"}, 8),
    ("clerk", "reply", {"text": "已更正，请查收。"}, 8),
)
"""Who takes which step of a complaint, with what, and in how many round trips."""


async def test_a_step_takes_few_round_trips(queries: list[str], world: World, place: Place, body: dict[str, Any]) -> None:
    staff = (("clerk", Role.SUPERVISOR, None), ("officer", Role.UNIT_OFFICER, UNIT))
    scopes, app = (Scope.CASES_READ, Scope.CASES_WRITE), world.app()
    made = {who: await world.register(place.cast, (role,), scopes, unit) for who, role, unit in staff}
    clients = {who: asking(app, await world.token(place, known)) for who, known in made.items()}
    taken: dict[str, int] = {}
    for _ in range(WARM_UP + 1):
        taken = await live(queries, clients, place, body)
    await asyncio.gather(*(client.aclose() for client in clients.values()))
    most = {step: trips for _, step, _, trips in STEPS}
    assert {step: trips for step, trips in taken.items() if trips > most[step]} == {}, taken


async def live(
    queries: list[str], clients: dict[str, httpx.AsyncClient], place: Place, body: dict[str, Any]
) -> dict[str, int]:
    """A new complaint through every step; how many round trips each took."""
    done = await register(clients["clerk"], body)
    path, taken = done.headers["location"], {}
    for who, step, given, _ in STEPS:
        units = {"units": [{"unit_id": str(place.cast.units[UNIT]), "part": "lead"}]} if step == "dispatch" else {}
        headers = {"idempotency-key": str(uuid4()), "if-match": done.headers["etag"]}
        await asyncio.sleep(0)
        queries.clear()
        done = await clients[who].post(f"{path}/steps/complaint/{step}", json=given | units, headers=headers)
        await asyncio.sleep(0)
        assert done.status_code == 200, done.text
        taken[step] = len(queries)
    return taken


@pytest.mark.parametrize(
    ("path", "trips"),
    [
        ("/cases?q=窗口&closed=false", 1),
        ("/cases/facets?by=state,channel", 2),
        ("/worklists", 1),
        ("/worklists/mine", 1),
        ("/worklists/overdue", 1),
    ],
)
async def test_a_list_takes_one_round_trip_and_a_count_one_per_facet(
    queries: list[str], clerk: httpx.AsyncClient, body: dict[str, Any], path: str, trips: int
) -> None:
    await register(clerk, body)
    assert await count(queries, lambda: clerk.get(f"{BASE}{path}")) <= trips, queries


async def test_reading_a_case_takes_one_round_trip(
    queries: list[str], clerk: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    case = (await register(clerk, body)).json()["id"]
    assert await count(queries, lambda: clerk.get(f"{BASE}/cases/{case}")) <= 1, queries


async def test_a_page_takes_one_round_trip_and_reads_no_narrative(
    queries: list[str], clerk: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    await register(clerk, body)
    assert await count(queries, lambda: clerk.get(f"{BASE}/cases?limit=50")) <= 1, queries
    assert "narrative" not in queries[0]
    assert "facts" not in queries[0]


async def test_a_configuration_that_another_process_changed_counts_for_the_next_request(
    world: World, place: Place, clerk: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    case = (await register(clerk, body)).json()["id"]
    asks: list[Callable[[], Awaitable[httpx.Response]]] = [
        lambda: clerk.get(f"{BASE}/cases/{case}"),
        lambda: clerk.get(f"{BASE}/cases/{uuid4()}"),
        lambda: clerk.get(f"{BASE}/cases?limit=1"),
        lambda: register(clerk, body),
    ]
    for _ in range(WARM_UP):
        assert [(await ask()).status_code for ask in asks] == [200, 404, 200, 201]
    before = await total(clerk)
    async with world.owner.tenant(place.number, actor=OPERATOR) as session:
        admin = Administration(session, Snapshots(world.services.jurisdictions))
        await disable_client(admin, clerk.headers["x-client"])
    known = world.services.snapshots._slots[place.number].snapshot
    for ask in asks:
        # Each of them is the first to find out.
        world.services.snapshots._slots[place.number].snapshot = known
        answer = await ask()
        assert (answer.status_code, answer.json()["code"]) == (401, "api.client-disabled")
    async with asking(world.app(), await world.token(place)) as powers:
        assert await total(powers) == before


async def total(client: httpx.AsyncClient) -> int:
    return len((await client.get(f"{BASE}/cases?limit=200")).json()["items"])
