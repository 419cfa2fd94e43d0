"""The lines of the authorization server: what its tokens cost, and what signing in costs everybody else."""

from __future__ import annotations

import asyncio
import base64
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import httpx
import msgspec

from tests.benchmarks.asks import Asks, choose_readings
from tests.benchmarks.checks import Checked, Question
from tests.benchmarks.lines import Ground, percentiles
from tests.benchmarks.load import MARK, MARK_DIGITS, Ask, Load
from tests.benchmarks.races import Score, generate, take_turn
from tests.benchmarks.report import Line
from tests.benchmarks.staff import PASSWORD, REFRESH_TOKEN, STAFFED, Clerk, hire_staff, put_refresh_tokens
from tests.benchmarks.stages import SERVICE

_SHARE, _RATE, _TIMES = 0.05, 120, 1.5
_CHECKED = 4_000
_STORMING, _READING = 8, 4
"""Connections that sign in, and that read beside them."""
_FORM = re.compile(r'name="form_token" value="([^"]+)"')


async def token(ground: Ground) -> Line:
    """What the check of the token adds to a request once it is warm, by processor time within one process."""
    tenant, credentials = ground.clients[0]
    places = [id_ for number, id_ in await choose_readings(ground.stage) if number == tenant.id]
    question = Question(
        ground.stage.address(SERVICE), tenant.slug, credentials.client_id, credentials.client_secret,
        tuple(f"/t/{tenant.slug}/v1/cases/{id_}" for id_ in places), _CHECKED,
    )  # fmt: skip
    command = [sys.executable, "-m", "tests.benchmarks.checks"]
    done = await asyncio.to_thread(
        subprocess.run, command, input=msgspec.json.encode(question), capture_output=True, check=True
    )
    found = msgspec.json.decode(done.stdout, type=Checked)
    added = found.check / (found.request - found.check)
    figures = f"{found.check:.1f} µs", f"{found.request:.0f} µs", f"{added:.1%}"
    note = "one case by id, in the process itself: what the server reads of HTTP would only add to the request"
    return Line("the check of a token in a request", *figures, f"<= {_SHARE:.0%}", added <= _SHARE, (note,))


def grants(ground: Ground) -> Line:
    """Client credentials, of one tenant after the other."""
    asks = []
    for tenant, client in ground.clients:
        told = base64.b64encode(f"{client.client_id}:{client.client_secret}".encode()).decode()
        body = "grant_type=client_credentials"
        asks.append(_post(f"/t/{tenant.slug}/oauth/token", body, f"Authorization: Basic {told}\r\n", 200, '"access_token"'))
    return _at_least("client-credentials grants", _measure(ground, tuple(asks)))


async def refresh(ground: Ground) -> Line:
    """Refresh tokens, each rotated once."""
    clerks = await _staff(ground)
    asks = tuple(
        _post(f"/t/{clerk.tenant.slug}/oauth/token", _refreshing(clerk), "", 200, '"refresh_token"') for clerk in clerks
    )

    def prepare(seconds: float) -> int:
        return asyncio.run(put_refresh_tokens(ground.stage, clerks, seconds))

    return _at_least("refreshes", await asyncio.to_thread(_measure, ground, asks, prepare))


async def sign_in_storm(ground: Ground) -> Line:
    """Reading one case by id while others sign in by password without a pause, against reading alone."""
    reading = ground.asker().readings(await choose_readings(ground.stage))[0]
    storm = _signing_in(ground, await _staff(ground))
    alone, beside, signed_in = await asyncio.to_thread(_weather, ground, reading, storm)
    times = beside.milliseconds(0.95) / alone.milliseconds(0.95)
    figures = f"{beside.milliseconds(0.95):.1f} ms", f"{alone.milliseconds(0.95):.1f} ms", f"{times:.2f}"
    notes = (
        f"p50/p95 ms: {percentiles(beside)}, alone {percentiles(alone)}; {beside.rate:,.0f}/s, alone {alone.rate:,.0f}/s",
        f"beside them {signed_in.rate:.0f} sign-ins a second, p50/p95 ms {percentiles(signed_in)}",
    )
    return Line("p95 of reading while others sign in", *figures, f"<= {_TIMES}", times <= _TIMES, notes)


def _weather(ground: Ground, reading: Asks, storm: Asks) -> tuple[Score, Score, Score]:
    pace, port = ground.pace, ground.service.port
    alone, beside, signed_in = Score(), Score(), Score()
    for asks in (reading, storm):
        _warm_up(ground, asks)
    calm = Load(port, reading, _READING, pace.seconds)
    # Begins before the reading is counted, and ends after it.
    wild = Load(port, storm, _STORMING, pace.seconds + calm.warm_up, 0.0)
    with ThreadPoolExecutor(1) as apart:
        for _ in range(pace.turns):
            alone.add(generate(calm), 0.0)
            storming = apart.submit(generate, wild)
            beside.add(generate(calm), 0.0)
            signed_in.add(storming.result(), 0.0)
    return alone, beside, signed_in


def _signing_in(ground: Ground, clerks: Sequence[Clerk]) -> Asks:
    """The sign-in form of each clerk, as a browser sends it that has just opened the page."""
    asks = []
    for clerk in clerks:
        address = f"/t/{clerk.tenant.slug}/oauth/sign-in"
        with httpx.Client(base_url=ground.service.address) as browser:
            page = browser.get(address).raise_for_status()
            cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        (form,) = _FORM.findall(page.text)
        body = urlencode({"form_token": form, "login": clerk.login, "password": PASSWORD})
        asks.append(_post(address, body, f"Cookie: {cookies}\r\n", 303, f"wenze-sign-in.{clerk.tenant.slug}="))
    return tuple(asks)


async def _staff(ground: Ground) -> list[Clerk]:
    return await hire_staff(ground.stage, [tenant for tenant, _ in ground.clients[:STAFFED]])


def _refreshing(clerk: Clerk) -> str:
    return f"grant_type=refresh_token&client_id={clerk.client_id}&refresh_token={REFRESH_TOKEN}"


def _measure(ground: Ground, asks: Asks, prepare: Callable[[float], int] | None = None) -> Score:
    _warm_up(ground, asks, prepare)
    score = Score()
    for _ in range(ground.pace.turns):
        take_turn((ground.service, asks), ground.pace, score, prepare)
    return score


def _warm_up(ground: Ground, asks: Asks, prepare: Callable[[float], int] | None = None) -> None:
    """Not counted: every tenant's configuration and keys are read, and every connection has each statement's plan."""
    take_turn((ground.service, asks), ground.pace, Score(), prepare)


def _at_least(name: str, score: Score) -> Line:
    notes = (
        f"p50/p95 ms: {percentiles(score)}; turns {min(score.rates):,.0f}/s to {max(score.rates):,.0f}/s",
        f"processor time: {score.microseconds:.0f} µs an answer",
    )
    return Line(name, f"{score.rate:,.0f}/s", "", "", f">= {_RATE}/s", score.rate >= _RATE, notes)


def _post(path: str, body: str, headers: str, status: int, needle: str) -> Ask:
    length = len(body.replace(MARK, "0" * MARK_DIGITS))
    told = f"{headers}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n"
    return Ask(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{told}\r\n{body}", status, needle)
