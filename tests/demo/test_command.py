"""``wenze demo`` as a person starts it: what it prints, how it ends, and what it leaves running."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from api.cli.demo import demo
from api.demo.browser import Browser, Unexpected
from api.demo.hiring import CALLBACK
from core.jurisdictions import Jurisdiction, Jurisdictions
from core.story import Scene
from tests.demo.doctored import doctor, expecting_only

COMMAND = [sys.executable, "-m", "api.cli", "demo", "--port", "0"]
_ADDRESS = re.compile(r"━━ (http://127\.0\.0\.1:[0-9]+) ━")
_CREDENTIALS = re.compile(r"(wzc_\S+) : (wzs_\S+)")
_LOGIN = re.compile(r"account   (http\S+)/account\n    login     (\S+)   password  (\S+) ")
_AUTHORIZE = re.compile(r"^  (http\S+/authorize\?\S+)$", re.M)
_VERIFIER = re.compile(r"-d client_id=(\S+) -d code_verifier=(\S+) ")


@pytest.fixture(scope="module")
def cities() -> list[Jurisdiction]:
    """Every installed city."""
    found = Jurisdictions.discover()
    return [found.get(id_) for id_ in found.ids]


@dataclass(frozen=True)
class Demonstration:
    """The demo that stays up, and what it has printed by then."""

    process: subprocess.Popen[str]
    told: str


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    """The demo, ended with the last test however that ends. That it can end by itself is seen with a fifth city."""
    command = [*COMMAND, "--data", str(tmp_path_factory.mktemp("demo") / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=utf8(), preexec_fn=heed_interrupts) as process:
        try:
            assert process.stdout
            yield Demonstration(process, "".join(_until_up(process.stdout)))
        finally:
            process.terminate()


def _until_up(printed: Iterable[str]) -> Iterator[str]:
    for line in printed:
        yield line
        if "Ctrl-C" in line:
            return


def heed_interrupts() -> None:
    """What a shell starts in the background ignores them, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="module")
def told(demonstration: Demonstration) -> str:
    """What it prints."""
    return demonstration.told


def utf8() -> dict[str, str]:
    return os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"}


def test_it_tells_every_city(told: str, cities: list[Jurisdiction]) -> None:
    assert len(cities) >= 4
    for city in cities:
        assert f"{city.manifest.title.zh} · {city.manifest.title.en}" in told


def scenes(cities: list[Jurisdiction]) -> Iterator[Scene]:
    for city in cities:
        yield from city.story.scenes


def test_it_tells_every_scene_and_why_each_act_was_done(told: str, cities: list[Jurisdiction]) -> None:
    for scene in scenes(cities):
        assert f"● {scene.title.zh}\n" in told
        for act in scene.acts:
            assert act.why.zh in told


def test_it_tells_every_date_with_its_clause_and_every_refusal(told: str, cities: list[Jurisdiction]) -> None:
    for scene in scenes(cities):
        for act in scene.acts:
            for item in act.expect.deadlines:
                assert re.search(rf"{item.due_on}  \S+  {re.escape(item.clause)}  ", told), item
            if act.expect.refused_by:
                assert re.search(rf"→ 4[0-9][0-9] .*\[{re.escape(act.expect.refused_by)}\]", told)


def test_somebody_of_each_city_signs_in_and_works_by_a_front_end(told: str, cities: list[Jurisdiction]) -> None:
    logins = _LOGIN.findall(told)
    assert len({password for _, _, password in logins}) == len(logins) == len(cities)
    for city, (issuer, login, _) in zip(cities, logins, strict=True):
        first = city.story.scenes[0].acts[0].who
        name = next(person.name for person in city.story.people if person.key == first)
        assert issuer.endswith(f"/t/{city.manifest.id}/oauth")
        assert login == first
        assert told.count(f"{name}（{login}）") == 2, "once when the tokens come, and once when they are renewed"


def test_it_ends_well_and_tells_how_to_try_it(told: str, cities: list[Jurisdiction]) -> None:
    assert "✗" not in told
    assert "✓ 每一步都符合规定" in told
    people = sum(len(city.story.people) for city in cities)
    assert len(_CREDENTIALS.findall(told)) == people


def sign_in_as_told(told: str) -> dict[str, str]:
    """What a person gets who follows what is printed last: a browser to the first city's page, then the token request."""
    login, address, asking = _LOGIN.search(told), _AUTHORIZE.search(told), _VERIFIER.search(told)
    assert login
    assert address
    assert asking
    issuer, name, password = login.groups()
    with Browser.fresh(issuer) as browser:
        browser.open(f"{issuer}/account")
        with pytest.raises(Unexpected, match="422"):
            browser.send("/sign-in", login=name, password="another")
        browser.send("/sign-in", login=name, password=password)
        assert browser.told(f"{issuer}/account") == {}
        browser.open(address[1])
        with pytest.raises(Unexpected, match="no form for /device"):
            browser.send("/device", user_code="BCDF-GHJK")
        browser.send("/authorize", decision="allow")
        code = browser.told(CALLBACK)["code"]
        with pytest.raises(Unexpected, match="not sent to"):
            browser.told(f"{issuer}/account")
    form = {"grant_type": "authorization_code", "client_id": asking[1], "code_verifier": asking[2]}
    answer = httpx.post(f"{issuer}/token", data={**form, "redirect_uri": CALLBACK, "code": code})
    granted: dict[str, str] = answer.raise_for_status().json()
    return granted


def test_it_leaves_the_service_up_until_it_is_ended(demonstration: Demonstration) -> None:
    """The credentials that it prints open the tenant, with the cases of the story in it; so does the login, in a browser."""
    told, process = demonstration.told, demonstration.process
    address, credentials = _ADDRESS.search(told), _CREDENTIALS.search(told)
    assert address
    assert credentials
    with httpx.Client(base_url=address[1]) as http:
        token = http.post(
            "/t/ankang/oauth/token", data={"grant_type": "client_credentials"}, auth=(credentials[1], credentials[2])
        ).json()["access_token"]
        cases = http.get("/t/ankang/v1/cases", headers={"Authorization": f"Bearer {token}"}).json()["items"]
    granted = sign_in_as_told(told)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0
    assert granted["token_type"] == "Bearer"
    assert granted.keys() > {"access_token", "refresh_token", "id_token"}
    assert {case["state"] for case in cases} == {"closed"}
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{address[1]}/health/live")


def test_it_fails_when_something_came_out_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cities: list[Jurisdiction]
) -> None:
    """A story that expects a refusal where the regulation has none: the act is marked, and the demo exits with 1."""
    baoding = next(city for city in cities if city.manifest.id == "baoding")
    doctored = doctor(baoding, 1, 2, expecting_only(refused_by="baoding:tip-offs-2010#4"))
    monkeypatch.setattr(Jurisdictions, "discover", lambda: Jurisdictions({"baoding": doctored}))
    before = signal.getsignal(signal.SIGTERM)
    try:
        done = CliRunner().invoke(demo, ["--exit", "--port", "0", "--language", "en", "--data", str(tmp_path)])
    finally:
        signal.signal(signal.SIGTERM, before)
    assert done.exit_code == 1, done.output
    assert "✗ expected a refusal under baoding:tip-offs-2010#4, got 200" in done.output
    assert "1 shortfalls" in done.output
    assert "✓" not in done.output
