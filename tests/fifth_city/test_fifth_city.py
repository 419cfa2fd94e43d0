"""A fifth city as its own wheel beside a wheel-installed wenze: tenants, cases, deadlines and its document, over HTTP.

Both wheels are built and installed, with what they need, into an environment of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from openapi_spec_validator import validate

from tests.fifth_city.machine import Machine
from tests.fifth_city.tenancy import Tenancy

LAW = "yunqi:hazards-2025#"
OFFICE_HOURS = [{"start": "09:00", "end": "12:00"}, {"start": "14:00", "end": "17:30"}]
SINKHOLE = {"hazard": f"{LAW}2/sinkhole", "depth_cm": 35, "seen_at": "2026-02-14T06:05:00Z", "sensor_ids": ["YQ-0017"]}
WATCH = {
    "key": "hazard.watch-interval",
    "value": {"unit": "hour", "length": 12},
    "effective_from": "2026-01-01",
    "basis": "云路〔2026〕3号",
    "reason": "与巡查班次一致",
}
TENANTS = {"yunqi-east": ("admin", "desk", "crew-one", "crew-two"), "yunqi-west": ("admin", "desk")}


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """The machine, its database migrated."""
    made = Machine.set_up(tmp_path_factory.mktemp("fifth-city"))
    made.run("wenze", "db", "upgrade")
    return made


@pytest.fixture(scope="module")
def tenants(machine: Machine) -> Iterator[dict[str, Tenancy]]:
    """Two tenants under the city's rules, and the service running."""
    with httpx.Client(base_url=machine.address, timeout=30) as http:
        made = {slug: Tenancy.create(machine, slug, http, clients) for slug, clients in TENANTS.items()}
        with machine.serving():
            for tenancy in made.values():
                calendar = tenancy.put("admin", "/calendar", {"basis": "云府办〔2025〕2号", "office_hours": OFFICE_HOURS})
                assert calendar.is_success, calendar.text
            yield made


@pytest.fixture(scope="module")
def east(tenants: dict[str, Tenancy]) -> Tenancy:
    """One of the tenants."""
    return tenants["yunqi-east"]


def names_in(wheel: Path) -> list[str]:
    """The files of a wheel."""
    with ZipFile(wheel) as archive:
        return archive.namelist()


def test_wheel_holds_migrations_and_data_and_no_tests(machine: Machine) -> None:
    names = names_in(machine.core_wheel)
    assert {name.split("/")[0] for name in names} == {"core", "api", "jurisdictions", "migrations", "wenze-0.1.0.dist-info"}
    assert [name for name in names if name.startswith("migrations/versions/v0001")]
    assert {"core/law/data/house.yaml", "core/texts/cases.yaml", "jurisdictions/ankang/manifest.yaml"} <= set(names)
    assert [name for name in names if "test" in name.lower().removeprefix("wenze-0.1.0.dist-info")] == []


def test_city_wheel_holds_its_data_and_no_tests(machine: Machine) -> None:
    names = names_in(machine.city_wheel)
    assert {name.split("/")[0] for name in names} == {"wenze_yunqi", "wenze_yunqi-0.1.0.dist-info"}
    assert "wenze_yunqi/data/kinds/hazard.yaml" in names
    assert [name for name in names if "test" in name.lower()] == []


def test_both_come_from_their_wheels(machine: Machine) -> None:
    packages = "core, api, migrations, wenze_yunqi"
    script = f"import {packages}; print(*(package.__path__[0] for package in ({packages})), sep='\\n')"
    for path in machine.run("python", "-c", script).split():
        assert Path(path).is_relative_to(machine.folder / "venv"), path


def test_city_is_found_beside_the_four(machine: Machine) -> None:
    script = "from core.jurisdictions import Jurisdictions; print(*Jurisdictions.discover().ids)"
    assert machine.run("python", "-c", script).split() == ["ankang", "baoding", "ganzhou", "jincheng", "yunqi"]


def test_city_passes_the_conformance_suite_without_pytest(machine: Machine) -> None:
    (machine.folder / "conform.py").write_text(
        "import importlib.util\n"
        "from core.conformance import JurisdictionConformance\n"
        "assert importlib.util.find_spec('pytest') is None\n"
        "suite = type('TestYunqi', (JurisdictionConformance,), {'jurisdiction': 'yunqi'})()\n"
        "tests = [name for name in dir(suite) if name.startswith('test_')]\n"
        "for name in tests:\n"
        "    getattr(suite, name)()\n"
        "print(len(tests))\n"
    )
    assert int(machine.run("python", "conform.py")) >= 15


def test_its_law_is_shown_and_computed_at_the_command_line(machine: Machine) -> None:
    assert "橙色等级" in machine.run("wenze", "law", "show", "yunqi:hazards-2025#5")
    command = ("wenze", "law", "deadline", "yunqi:hazards-2025#5/red", "--from", "2026-02-14T06:10:00Z", "--json")
    told = json.loads(machine.run(*command))
    assert (told["due_at"], told["due_on"], told["instrument_version"]) == ("2026-02-14T10:10:00Z", "2026-02-14", "2026")


def test_demo_plays_its_story_beside_the_four(machine: Machine) -> None:
    told = machine.run("wenze", "demo", "--exit", "--port", "0", "--language", "en", "--data", machine.folder / "demo")
    for city in ("Ankang", "Baoding", "Ganzhou", "Jincheng", "Yunqi"):
        assert city in told
    assert "A deep sinkhole" in told
    assert "every step did what the regulation says" in told


def test_hourly_term_runs_on_the_clock(east: Tenancy) -> None:
    hazard = east.register("2026-02-14T14:10:00+08:00", **SINKHOLE)
    assert (hazard.case["state"], hazard.case["number"][:2]) == ("reported", "XQ")
    hazard.take("desk", "accept", "2026-02-14T14:15:00+08:00", lanes_closed=True)
    hazard.take("desk", "grade", "2026-02-14T14:20:00+08:00", track="red")
    assert hazard.due("secure-red") == ("2026-02-14", "2026-02-14T10:10:00Z", "open")
    assert hazard.deadlines("secure-red")[0]["clause"] == f"{LAW}5/red"


def test_office_hours_run_over_a_make_up_day_and_a_holiday(east: Tenancy) -> None:
    # One hour on Saturday 14 February, which works; rest from the 15th to the 23rd; five hours on the 24th.
    hazard = east.register("2026-02-14T16:30:00+08:00", **SINKHOLE)
    hazard.take("desk", "accept", "2026-02-14T16:40:00+08:00", lanes_closed=False)
    hazard.take("desk", "grade", "2026-02-14T16:45:00+08:00", track="amber")
    assert hazard.due("secure-amber") == ("2026-02-24", "2026-02-24T08:00:00Z", "open")


@pytest.mark.parametrize(
    ("received_at", "version", "due_on", "due_at"),
    [
        ("2025-12-31T20:00:00+08:00", "2025", "2026-01-01", "2025-12-31T18:00:00Z"),
        ("2026-01-01T00:00:00+08:00", "2026", "2026-01-01", "2025-12-31T20:00:00Z"),
    ],
)
def test_amendment_holds_from_its_day(east: Tenancy, received_at: str, version: str, due_on: str, due_at: str) -> None:
    hazard = east.register(received_at, **SINKHOLE)
    hazard.take("desk", "accept", received_at, lanes_closed=True).take("desk", "grade", received_at, track="red")
    assert (hazard.case["law_version"], hazard.due("secure-red")) == (version, (due_on, due_at, "open"))


def test_setting_is_asked_for_and_then_sets_the_term(east: Tenancy) -> None:
    """The whole life of a case: minutes, hours of a setting, half working days by unit, a month."""
    ids = east.unit_ids
    hazard = east.register("2026-02-14T14:10:00+08:00", **SINKHOLE)
    hazard.take("desk", "accept", "2026-02-14T14:15:00+08:00", lanes_closed=True)
    hazard.take("desk", "grade", "2026-02-14T14:20:00+08:00", track="red")
    units = [{"unit_id": ids["crew-one"], "part": "lead"}, {"unit_id": ids["crew-two"], "part": "cooperating"}]
    hazard.take("desk", "send-crew", "2026-02-14T14:25:00+08:00", units=units, rendition="路面塌陷，请求抢修。")
    assert hazard.due("arrival") == ("2026-02-14", "2026-02-14T06:55:00Z", "open")

    early = hazard.ask("crew-one", "secure", "2026-02-14T14:40:00+08:00", measures="围挡")
    assert (early.status_code, early.json()["clause"]) == (409, f"{LAW}7"), early.text
    hazard.take("crew-one", "arrive", "2026-02-14T14:54:59+08:00")
    assert hazard.due("arrival")[2] == "met"

    unset = hazard.ask("crew-one", "secure", "2026-02-14T16:00:00+08:00", measures="围挡")
    assert (unset.status_code, unset.json()["clause"]) == (422, f"{LAW}9"), unset.text
    assert east.post("admin", "/settings", WATCH).status_code == 201
    hazard.take("crew-one", "secure", "2026-02-14T16:00:00+08:00", measures="围挡")
    assert hazard.due("secure-red")[2] == "met"
    assert hazard.due("watch") == ("2026-02-15", "2026-02-14T20:00:00Z", "open")
    # Half of 6.5 office hours, three times: 1.5 hours on the 14th, 6.5 on the 24th, 1.75 on the 25th.
    held = {item["holder_unit_id"]: (item["due_on"], item["due_at"]) for item in hazard.deadlines("repair")}
    assert held == dict.fromkeys((ids["crew-one"], ids["crew-two"]), ("2026-02-25", "2026-02-25T02:45:00Z"))

    hazard.take("crew-one", "report-repair", "2026-02-25T10:44:59+08:00", work="已回填")
    hazard.take("crew-two", "report-part", "2026-02-25T10:45:00+08:00", work="已铺设")
    states = {item["holder_unit_id"]: item["state"] for item in hazard.deadlines("repair")}
    assert states == {ids["crew-one"]: "met", ids["crew-two"]: "met-late"}
    assert hazard.due("watch")[2] == "met-late"
    assert hazard.due("second-look")[0] == "2026-03-25"
    hazard.take("desk", "close", "2026-03-25T23:59:59+08:00")
    assert (hazard.case["state"], hazard.due("second-look")[2]) == ("closed", "met")


def test_a_pause_moves_hours_by_exact_time(east: Tenancy) -> None:
    hazard = east.register("2026-02-14T14:10:00+08:00", **SINKHOLE)
    hazard.take("desk", "accept", "2026-02-14T14:15:00+08:00", lanes_closed=True)
    hazard.take("desk", "grade", "2026-02-14T14:20:00+08:00", track="red")
    hazard.take("desk", "hold", "2026-02-14T14:30:00+08:00", reason="雷暴")
    assert hazard.due("secure-red") == ("2026-02-14", "2026-02-14T10:10:00Z", "paused")
    hazard.take("desk", "go-on", "2026-02-14T15:15:00+08:00", reason="雷暴已过")
    assert hazard.due("secure-red") == ("2026-02-14", "2026-02-14T10:55:00Z", "open")


def test_a_pause_moves_office_hours_by_those_that_lay_in_it(east: Tenancy) -> None:
    hazard = east.register("2026-02-14T16:30:00+08:00", **SINKHOLE)
    hazard.take("desk", "accept", "2026-02-14T16:40:00+08:00", lanes_closed=False)
    hazard.take("desk", "grade", "2026-02-14T16:45:00+08:00", track="amber")
    hazard.take("desk", "hold", "2026-02-14T17:00:00+08:00", reason="雷暴")
    # Half an hour on the 14th, none from the 15th to the 23rd, an hour on the 24th.
    hazard.take("desk", "go-on", "2026-02-24T10:00:00+08:00", reason="雷暴已过")
    assert hazard.due("secure-amber") == ("2026-02-24", "2026-02-24T09:30:00Z", "open")


def test_a_repair_is_paused_and_extended_in_half_working_days(east: Tenancy) -> None:
    assert east.post("admin", "/settings", WATCH | {"effective_from": "2026-01-02"}).status_code == 201
    hazard = east.register("2026-02-14T14:10:00+08:00", **SINKHOLE)
    hazard.take("desk", "accept", "2026-02-14T14:15:00+08:00", lanes_closed=True)
    hazard.take("desk", "grade", "2026-02-14T14:20:00+08:00", track="red")
    units = [{"unit_id": east.unit_ids["crew-one"], "part": "lead"}]
    hazard.take("desk", "send-crew", "2026-02-14T14:25:00+08:00", units=units, rendition="路面塌陷，请求抢修。")
    hazard.take("crew-one", "arrive", "2026-02-14T14:30:00+08:00")
    hazard.take("crew-one", "secure", "2026-02-14T16:00:00+08:00", measures="围挡")
    hazard.take("desk", "hold", "2026-02-24T09:00:00+08:00", reason="暴雨")
    hazard.take("desk", "go-on", "2026-02-25T09:00:00+08:00", reason="雨停")
    assert hazard.due("repair") == ("2026-02-26", "2026-02-26T02:45:00Z", "open")
    # What had run out before the pause was not paused with it.
    assert (hazard.due("watch")[2], hazard.deadlines("watch")[0]["overdue"]) == ("open", True)
    more = {"reason": "材料未到", "length": {"unit": "half_working_day", "length": 3}}
    hazard.take("desk", "extend-repair", "2026-02-25T09:30:00+08:00", **more)
    assert hazard.due("repair") == ("2026-02-27", "2026-02-27T08:00:00Z", "open")
    refused = hazard.ask("desk", "extend-repair", "2026-02-25T09:40:00+08:00", **more)
    assert (refused.status_code, refused.json()["clause"]) == (422, f"{LAW}12"), refused.text
    hazard.take("desk", "extend-repair", "2026-02-25T09:40:00+08:00", **more, beyond_reason="道路封闭，材料无法进场")
    assert hazard.due("repair") == ("2026-03-02", "2026-03-02T02:45:00Z", "open")


def test_own_rule_refuses_under_its_clause(east: Tenancy) -> None:
    hazard = east.register("2026-02-14T14:10:00+08:00", **SINKHOLE | {"depth_cm": 50})
    hazard.take("desk", "accept", "2026-02-14T14:15:00+08:00", lanes_closed=True)
    refused = hazard.ask("desk", "grade", "2026-02-14T14:20:00+08:00", track="amber")
    problem = refused.json()
    assert (refused.status_code, problem["clause"], problem["field"]) == (422, f"{LAW}5.p2", "/track")
    assert "must be graded red" in problem["detail"]


def test_catch_all_of_its_enum_needs_a_reason(east: Tenancy) -> None:
    words = {"kind": "hazard", "channel": "kiosk", "title": "险情", "narrative": "路面有油。", "hazard": f"{LAW}2/other"}
    refused = east.post("desk", "/cases", words)
    assert (refused.status_code, refused.json()["clause"]) == (422, "wenze:readings#r8")
    given = {"catch_all_reason": "油污", "catch_all_basis": "云路〔2026〕4号"}
    assert east.post("desk", "/cases", words | given).status_code == 201


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"hazard": f"{LAW}2/flood"}, "/hazard"),
        ({"hazard": f"{LAW}2/sinkhole", "depth_cm": 2001}, "/depth_cm"),
        ({"hazard": f"{LAW}2/sinkhole", "grounds": []}, "/grounds"),
        ({}, "/hazard"),
    ],
)
def test_input_is_held_to_its_fields(east: Tenancy, facts: dict[str, Any], field: str) -> None:
    words = {"kind": "hazard", "channel": "patrol", "title": "险情", "narrative": "路面塌陷。"}
    refused = east.post("desk", "/cases", words | facts)
    assert (refused.status_code, refused.json()["field"]) == (400, field), refused.text


def test_two_tenants_share_the_rules_and_nothing_else(tenants: dict[str, Tenancy]) -> None:
    east, west = tenants["yunqi-east"], tenants["yunqi-west"]
    first = west.register("2026-02-14T14:10:00+08:00", **SINKHOLE)
    assert first.case["number"].endswith("1"), "numbers are counted by tenant"
    theirs = east.register("2026-02-14T14:10:00+08:00", **SINKHOLE)
    assert west.get("desk", f"/cases/{theirs.case['id']}").status_code == 404
    settings = {item["key"]: item["current"] for item in west.get("admin", "/settings").json()["items"]}
    own = {key: current for key, current in settings.items() if key.startswith("hazard.")}
    assert own == {"hazard.watch-interval": None, "hazard.crews-on-call": None}
    foreign = {"Authorization": f"Bearer {east.token('desk')}"}
    assert west.http.get("/t/yunqi-west/v1/cases", headers=foreign).status_code == 401


def test_setting_is_held_to_its_bounds(east: Tenancy) -> None:
    crews = WATCH | {"key": "hazard.crews-on-call", "value": 41}
    assert east.post("admin", "/settings", crews).status_code == 400
    assert east.post("admin", "/settings", crews | {"value": 40}).status_code == 201


def test_its_regime_is_listed_and_asked_under_either_version(east: Tenancy) -> None:
    answer = east.get("admin", "/regimes")
    assert answer.status_code == 200, answer.text
    (regime,) = answer.json()["items"]
    listed = {version["version"]: [item["clause"] for item in version["sanctions"]] for version in regime["versions"]}
    assert listed == {
        "2025": [f"{LAW}15/notice", f"{LAW}15/licence", f"{LAW}15/lessons"],
        "2026": [f"{LAW}15/notice", f"{LAW}15/lessons"],
    }
    proposed = {"regime": "road-duty", "subject": "unit", "grounds": [{"clause": f"{LAW}13/late", "act": "迟到"}]}
    proposed |= {"sanctions": [f"{LAW}15/licence"], "documented": [f"{LAW}15/licence"], "done": ["talk"], "share": "sole"}
    for day, accepted in (("2025-12-31", True), ("2026-01-01", False)):
        told = east.post("admin", "/calculations/decision", proposed | {"conduct_on": day}).json()
        assert told["accepted"] == accepted, told
    people = [{"name": "甲", "role": "driver"}, {"name": "乙", "role": "foreman", "warned_of_ice": True}]
    asked = {"regime": "road-duty", "path": "driven", "people": people}
    told = east.post("admin", "/calculations/responsibility", asked).json()
    assert [item["share"] for item in told["shares"]] == ["primary", "none"]
    question = {"clause": f"{LAW}13", "minutes_late": 31, "hazards": 3}
    told = east.post("admin", "/calculations/triggers", {"questions": [question]}).json()
    assert [item["fires"] for item in told["items"]] == ["yes"]


@pytest.fixture(scope="module")
def document(tenants: dict[str, Tenancy]) -> dict[str, Any]:
    """The city's OpenAPI document, which needs no token."""
    answer = tenants["yunqi-west"].http.get("/t/yunqi-west/v1/openapi.json")
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def test_document_has_its_kind_steps_and_fields(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert "/cases/{case_id}/steps/hazard/send-crew" in json.dumps(document["paths"])
    properties = document["components"]["schemas"]["RegisterHazard"]["properties"]
    assert {"hazard", "depth_cm", "seen_at", "sensor_ids"} <= properties.keys()
    assert properties["kind"] == {"type": "string", "enum": ["hazard"]}


def test_document_has_its_enum_with_every_value(document: dict[str, Any]) -> None:
    schema = json.dumps(document["components"]["schemas"])
    for value in ("sinkhole", "fallen-tree", "loose-cover", "other"):
        assert f"{LAW}2/{value}" in schema
    assert {"patrol", "sensor", "kiosk"} <= set(
        document["components"]["schemas"]["RegisterHazard"]["properties"]["channel"]["enum"]
    )


def test_document_has_its_settings_and_no_other_city(document: dict[str, Any]) -> None:
    text = json.dumps(document, ensure_ascii=False)
    assert "hazard.watch-interval" in text
    for name in ("ankang", "baoding", "ganzhou", "jincheng", "hotline-order", "tip-off"):
        assert name not in text, f"{name} stands in the document of Yunqi"


def test_tenants_of_one_city_have_one_document(tenants: dict[str, Tenancy], document: dict[str, Any]) -> None:
    east = tenants["yunqi-east"].http.get("/t/yunqi-east/v1/openapi.json").json()
    assert json.dumps(east).replace("yunqi-east", "yunqi-west") == json.dumps(document)
