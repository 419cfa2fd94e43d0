"""The same questions over HTTP: the city's own clauses, verdicts with texts, the tenant's confirmed reading, who may ask."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.catalogue import Catalogue
from api.openapi.examples import body_examples
from api.routes import all_operations
from core.jurisdictions import Jurisdiction
from core.tenants.scopes import Scope
from tests.jurisdictions.yunqi import load_yunqi
from tests.support.world import World, asking

CITIES = ("ankang", "baoding", "ganzhou", "jincheng")
CALCULATIONS = {
    "calculateDecision": "decision",
    "calculateResponsibility": "responsibility",
    "calculateTriggers": "triggers",
}
BD1, GZ = "baoding:accountability-2010#", "ganzhou:hotline-2022#"


async def post(world: World, city: str, what: str, body: Any, language: str = "en", **token: Any) -> httpx.Response:
    """Asks a calculation of a city's tenant."""
    place = world.places[city]
    async with asking(world.app(), await world.token(place, **token), language) as client:
        return await client.post(f"/t/{place.slug}/v1/calculations/{what}", json=body)


async def get(world: World, city: str, path: str, **token: Any) -> httpx.Response:
    """Reads from a city's tenant."""
    place = world.places[city]
    async with asking(world.app(), await world.token(place, **token)) as client:
        return await client.get(f"/t/{place.slug}/v1{path}")


def examples(city: Jurisdiction, operation: str) -> dict[str, Any]:
    """The document's examples of an operation."""
    bounds = Catalogue(all_operations()).all(city)
    return next(body_examples(bound) for bound in bounds if bound.id == operation)


@pytest.mark.parametrize("city", CITIES)
async def test_every_example_is_answered_and_every_example_of_a_decision_accepted(world: World, city: str) -> None:
    jurisdiction = world.services.jurisdictions.get(city)
    for operation, what in CALCULATIONS.items():
        for name, body in examples(jurisdiction, operation).items():
            answer = await post(world, city, what, body)
            assert answer.status_code == 200, (operation, name, answer.text)
            told = answer.json()
            if what == "decision":
                assert told["accepted"], told["reasons"]
                assert told["lines"][-1].startswith("The decision may be made as it is proposed.")
            if what == "responsibility":
                assert told["settled"], told["reasons"]
            if what == "triggers":
                assert [item["clause"] for item in told["items"]] == [item["clause"] for item in body["questions"]]
                opening = {item["fires"] for item in told["items"] if item["opens"] != "nothing"}
                assert opening <= {"yes", "after-consent"}


@pytest.mark.parametrize("city", CITIES)
async def test_the_regimes_are_listed_with_clauses_and_titles(world: World, city: str) -> None:
    items = (await get(world, city, "/regimes")).json()["items"]
    assert {item["key"] for item in items} == set(world.services.jurisdictions.get(city).regimes)
    for version in (version for item in items for version in item["versions"]):
        for part in ("grounds", "circumstances", "sanctions", "tiers", "prerequisites", "paths", "triggers"):
            for item in version[part]:
                assert item["title"]["zh"] != item["clause"]
                assert item.get("subjects") != []


async def test_a_regime_tells_whom_each_is_for(world: World) -> None:
    (version,) = (await get(world, "ganzhou", "/regimes")).json()["items"][0]["versions"]
    grounds = {item["clause"].removeprefix(GZ): item for item in version["grounds"]}
    assert (grounds["9/attitude"]["subjects"], grounds["9/attitude"]["classes"]) == (["person"], ["operator"])
    assert [key for key, item in grounds.items() if item["needs_reason"]] == ["10", "11.12"]
    sanctions = {item["clause"].removeprefix(GZ): item for item in version["sanctions"]}
    assert (sanctions["13.1"]["subjects"], sanctions["14.9"]["organ"]) == (["unit"], True)
    assert {item["clause"]: item["opens"] for item in version["triggers"]}[f"{GZ}6.3"] == "supervision"


async def test_a_refused_proposal_is_an_answer_in_the_readers_language(world: World) -> None:
    body = examples(world.services.jurisdictions.get("ganzhou"), "calculateDecision")["hotline"]
    for language, word in (("en", "is not given to a unit"), ("zh", "不能用于单位")):
        answer = await post(world, "ganzhou", "decision", body | {"sanctions": [f"{GZ}14.2"], "done": []}, language)
        told = answer.json()
        assert (answer.status_code, told["accepted"]) == (200, False)
        assert [reason["clause"] for reason in told["reasons"]] == [f"{GZ}13", f"{GZ}15.p3"]
        assert word in told["reasons"][0]["text"]
        assert told["reasons"][0]["field"] == "/sanctions/0"
        assert told["reasons"][0]["cites"] == [f"{GZ}14.2"]


async def test_what_the_system_adds_and_what_is_permitted_is_told(world: World) -> None:
    body = examples(world.services.jurisdictions.get("ankang"), "calculateDecision")["platform"]
    ak = "ankang:platform-2017#"
    grounds = [{"clause": f"{ak}4.5.2", "act": "甲"}, {"clause": f"{ak}4.8.1", "act": "乙"}]
    body = body | {"subject": "person", "grounds": grounds, "circumstances": [f"{ak}6.1"]}
    told = (await post(world, "ankang", "decision", body)).json()
    assert told["accepted"], told["reasons"]
    assert [(item["clause"], item["added"]) for item in told["circumstances"]] == [(f"{ak}5.4", True), (f"{ak}6.1", False)]
    assert told["allows"] == ["lighter", "reduced"]
    assert [remark["code"] for remark in told["remarks"]] == ["sanctions.aggravating-binds", "sanctions.mitigating-permits"]


async def test_before_the_first_version_it_is_refused(world: World) -> None:
    body = examples(world.services.jurisdictions.get("ankang"), "calculateDecision")
    for key, first, day in (("platform", "2017-10-08", "2017-10-09"), ("centre", "2018-12-30", "2018-12-31")):
        early = (await post(world, "ankang", "decision", body[key] | {"conduct_on": first})).json()
        assert [reason["code"] for reason in early["reasons"]] == ["law.before-first-version"]
        assert (await post(world, "ankang", "decision", body[key] | {"conduct_on": day})).json()["accepted"]


async def test_the_day_that_the_tenant_has_set_for_an_instrument_of_a_known_year_counts(world: World) -> None:
    body = examples(world.services.jurisdictions.get("ankang"), "calculateDecision")["centre"] | {"conduct_on": "2018-06-01"}
    assert not (await post(world, "ankang", "decision", body)).json()["accepted"]
    place = world.places["ankang"]
    said = {"key": "in-force.centre-2018", "value": "2018-06-01", "effective_from": "2026-01-01"}
    said |= {"basis": "安政务发〔2018〕7号", "reason": "已查明印发日"}
    async with asking(world.app(), await world.token(place)) as client:
        answer = await client.post(f"/t/{place.slug}/v1/settings", json=said, headers={"idempotency-key": "day"})
        assert answer.status_code == 201, answer.text
    assert (await post(world, "ankang", "decision", body)).json()["accepted"]
    early = (await post(world, "ankang", "decision", body | {"conduct_on": "2018-05-31"})).json()
    assert [reason["code"] for reason in early["reasons"]] == ["law.before-first-version"]


async def test_a_doubtful_reading_is_used_once_the_tenant_has_confirmed_it(world: World) -> None:
    body = examples(world.services.jurisdictions.get("baoding"), "calculateDecision")["open-government"]
    removal = f"{BD1}11.3/removal"
    body = body | {"subject": "person", "sanctions": [removal], "severity": f"{BD1}11.3", "documented": [removal]}
    told = (await post(world, "baoding", "decision", body)).json()
    assert [reason["code"] for reason in told["reasons"]] == ["sanctions.reading-unconfirmed"]
    place = world.places["baoding"]
    setting = {"key": "accountability.removal-reading-confirmed", "value": True, "effective_from": "2010-01-26"}
    async with asking(world.app(), await world.token(place)) as client:
        headers = {"idempotency-key": "reading"}
        said = setting | {"basis": "领导小组办公室函", "reason": "读法已确认"}
        assert (await client.post(f"/t/{place.slug}/v1/settings", json=said, headers=headers)).status_code == 201
    told = (await post(world, "baoding", "decision", body)).json()
    assert (told["accepted"], told["documents"]) == (True, [removal])


@pytest.mark.parametrize(
    ("city", "what", "change", "field"),
    [
        ("ganzhou", "decision", {"regime": "platform"}, "/regime"),
        ("ganzhou", "decision", {"sanctions": ["ankang:platform-2017#7.1"]}, "/sanctions/0"),
        ("ganzhou", "decision", {"grounds": [{"clause": f"{GZ}11", "act": "a"}]}, "/grounds/0/clause"),
        ("ganzhou", "decision", {"severity": f"{GZ}15"}, "/severity"),
        ("ganzhou", "decision", {"subject": "city"}, "/subject"),
        ("ganzhou", "decision", {"done": ["hearing"]}, "/done/0"),
        ("ganzhou", "decision", {"conduct_on": "2026-13-01"}, "/conduct_on"),
        ("ganzhou", "decision", {"catch_all_reason": " "}, "/catch_all_reason"),
        ("ganzhou", "responsibility", {"path": "approved"}, "/path"),
        ("baoding", "responsibility", {"path": "walked"}, "/path"),
        ("baoding", "responsibility", {"people": [{"name": "a", "role": "mayor"}]}, "/people/0/role"),
        ("baoding", "responsibility", {"people": [{"name": "a", "dissented": "yes"}]}, "/people/0/dissented"),
        ("ganzhou", "triggers", {"questions": []}, "/questions"),
        ("ganzhou", "triggers", {"questions": [{"clause": f"{GZ}11.5"}]}, "/questions/0/clause"),
        ("ganzhou", "triggers", {"questions": [{"clause": f"{GZ}5"}]}, "/questions/0/overdue"),
        ("ganzhou", "triggers", {"questions": [{"clause": f"{GZ}5", "overdue": 1}]}, "/questions/0/overdue"),
    ],
)
async def test_input_is_held_to_the_citys_own_clauses(world: World, city: str, what: str, change: Any, field: str) -> None:
    operation = next(name for name, path in CALCULATIONS.items() if path == what)
    body = next(iter(examples(world.services.jurisdictions.get(city), operation).values()))
    answer = await post(world, city, what, body | change)
    assert (answer.status_code, answer.json()["field"]) == (400, field), answer.text


async def test_shares_follow_the_path_and_those_by_hand_are_checked(world: World) -> None:
    people = [{"name": "甲", "role": "handler", "right_advice_overruled": True}, {"name": "乙", "role": "leader-in-charge"}]
    asked = {"regime": "open-government", "path": "approved", "people": people}
    told = (await post(world, "baoding", "responsibility", asked)).json()
    assert [(item["name"], item["share"]) for item in told["shares"]] == [("甲", "none"), ("乙", "primary")]
    several = (
        await post(world, "baoding", "responsibility", asked | {"people": [*people, people[0] | {"name": "丙"}]})
    ).json()
    assert (several["settled"], several["by_hand"], several["shares"]) == (False, True, [])
    by_hand = [{"name": "甲", "share": "primary"}, {"name": "丙", "share": "secondary"}]
    asked = {"regime": "open-government", "people": by_hand, "reason": "两人共同经办，甲为主。"}
    told = (await post(world, "baoding", "responsibility", asked)).json()
    assert (told["settled"], told["by_hand"]) == (True, True)
    bare = (await post(world, "baoding", "responsibility", {"regime": "open-government", "people": by_hand})).json()
    assert [reason["code"] for reason in bare["reasons"]] == ["sanctions.apportionment-bare"]
    stated = asked | {"path": "approved", "people": [people[0] | {"share": "full"}, people[1]]}
    assert (await post(world, "baoding", "responsibility", stated)).json()["reasons"][0]["code"] == "sanctions.path-given"


async def test_borderlines_and_days_before_the_law_are_told(world: World) -> None:
    question = {"clause": f"{GZ}11.1", "reminders": 2, "overdue_working_days": 10, "justified": False}
    told = (await post(world, "ganzhou", "triggers", {"questions": [question]})).json()["items"][0]
    assert (told["fires"], told["borderline"]) == ("no", True)
    late = question | {"overdue_working_days": 11}
    assert (await post(world, "ganzhou", "triggers", {"questions": [late]})).json()["items"][0]["fires"] == "yes"
    early = await post(world, "ganzhou", "triggers", {"questions": [late], "on": "2022-11-12"})
    assert (early.status_code, early.json()["code"]) == (422, "law.before-first-version")
    on_the_day = await post(world, "ganzhou", "triggers", {"questions": [late], "on": "2022-11-13"})
    assert on_the_day.status_code == 200


async def test_ranks_are_told_by_who_stands_above_and_below(world: World) -> None:
    def ask(lower: int, tied: int = 0) -> Any:
        years = [{"year": year, "higher": 8, "lower": lower, "tied": tied, "total": "98.5"} for year in (2024, 2025)]
        return {"questions": [{"clause": "jincheng:accountability-2017#5.5", "years": years}]}

    for lower, tied, expected in ((1, 0, "after-consent"), (1, 3, "after-consent"), (2, 0, "no")):
        told = (await post(world, "jincheng", "triggers", ask(lower, tied))).json()["items"][0]
        assert (told["fires"], told["flagged"]) == (expected, False)


async def test_who_may_ask(world: World) -> None:
    body = examples(world.services.jurisdictions.get("ganzhou"), "calculateDecision")["hotline"]
    powerless = world.places["ganzhou"].powerless
    assert (await post(world, "ganzhou", "decision", body, credentials=powerless)).status_code == 200
    assert (await get(world, "ganzhou", "/regimes", credentials=powerless)).status_code == 200
    for scopes in ((Scope.RULEBOOK_READ,), (Scope.CASES_READ,)):
        assert (await post(world, "ganzhou", "decision", body, scopes=scopes)).status_code == 403
    assert (await get(world, "ganzhou", "/regimes", scopes=(Scope.CALCULATIONS_READ,))).status_code == 403


def test_a_city_without_regimes_has_none_of_it() -> None:
    catalogue, paths = Catalogue(all_operations()), {"listRegimes", *CALCULATIONS}
    own, bare = load_yunqi().city.jurisdiction, load_yunqi().but(regimes=()).city.jurisdiction
    assert paths <= {bound.id for bound in catalogue.all(own)}
    assert paths.isdisjoint({bound.id for bound in Catalogue(all_operations()).all(bare)})
