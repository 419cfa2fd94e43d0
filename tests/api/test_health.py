"""Life, readiness and figures: by route template and status, whoever asks for whatever."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator

import httpx
import pytest
import structlog

from core.logs import configure
from tests.support.world import Place, World, asking

BASE = "/t/ankang/v1"


async def test_the_process_lives_and_is_ready(anybody: httpx.AsyncClient) -> None:
    live, ready = await anybody.get("/health/live"), await anybody.get("/health/ready")
    assert (live.status_code, live.json()) == (200, {"status": "live"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


async def test_without_its_database_it_lives_and_is_not_ready(
    world: World, anybody: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away() -> None:
        raise ConnectionRefusedError("postgresql://user:secret@db/x")

    monkeypatch.setattr(world.services.database, "schema_revision", away)
    ready = await anybody.get("/health/ready")
    assert (ready.status_code, ready.json()) == (503, {"status": "not-ready"})
    assert ready.headers["retry-after"] == "5"
    assert (await anybody.get("/health/live")).status_code == 200


async def test_a_store_that_is_away_is_a_503_that_asks_to_come_again(
    world: World, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await world.token(place)

    async def away(**_: object) -> None:
        raise ConnectionRefusedError

    async with asking(world.app(), token) as client:
        monkeypatch.setattr(world.services.database, "check_out", away)
        answer = await client.get(f"{BASE}/case-kinds")
    assert (answer.status_code, answer.json()["code"]) == (503, "api.unavailable")
    assert answer.headers["retry-after"] == "1"


async def test_something_unforeseen_is_a_500_that_tells_nothing(
    world: World, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await world.token(place)

    async def broken(**_: object) -> None:
        raise RuntimeError("the secret of the house")

    async with asking(world.app(), token) as client:
        monkeypatch.setattr(world.services.database, "check_out", broken)
        answer = await client.get(f"{BASE}/case-kinds")
    assert (answer.status_code, answer.json()["code"]) == (500, "api.internal")
    assert "secret" not in answer.text
    assert answer.json()["instance"].endswith(answer.headers["x-request-id"])


async def test_figures_are_by_template_and_do_not_grow_with_tenants_or_guesses(
    world: World, place: Place
) -> None:
    async with asking(world.app(), await world.token(place)) as client:
        for number in range(20):
            await client.get(f"/t/nobody-{number}/v1/units")
            await client.get(f"/guess/{number}")
            await client.request(f"METHOD{number}", f"/guess/{number}")
        await client.get(f"{BASE}/units/0199f3a2-0000-7000-8000-000000000000")
        figures = (await client.get("/metrics")).text
    routes = set(re.findall(r'wenze_http_requests_total\{method="(\w+)",route="([^"]+)",status="(\d+)"\}', figures))
    assert ("GET", "/t/{tenant}/v1/units", "404") in routes
    assert ("GET", "/t/{tenant}/v1/units/{unit_id}", "404") in routes
    assert ("GET", "unmatched", "404") in routes
    assert ("other", "unmatched", "404") in routes
    assert not any("nobody" in part or "guess" in part or "ankang" in part for route in routes for part in route)
    assert "wenze_http_request_seconds_bucket" in figures


@pytest.fixture
def json_log() -> Iterator[None]:
    """Logs as in production, and as before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure("json")
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


@pytest.mark.usefixtures("json_log")
async def test_the_log_says_what_was_asked_and_of_whom_nothing(
    world: World, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("json")
    token = await world.token(place)
    async with asking(world.app(), token) as client:
        answer = await client.get(f"{BASE}/units?limit=7")
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines() if '"request"' in line]
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["tenant"], line["route"], line["status"]) == ("ankang", "/t/{tenant}/v1/units", 200)
    assert line["ms"] > 0
    assert "limit" not in json.dumps(line)
    assert token not in json.dumps(line)
