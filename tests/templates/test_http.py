"""Templates over HTTP: kept in dated versions, checked when saved, and filled with what the reader may see."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.procedure import Role
from core.tenants.scopes import Scope
from tests.story.house import Place
from tests.story.matters import Matter, register

SAID = {"title": "答复", "valid_from": "2010-01-01", "reason": "统一口径"}


@pytest.fixture(scope="module")
def place(ankang: Place) -> Place:
    """The tenant of Ankang, with an auditor who writes nothing."""
    ankang.hire("auditor", Role.AUDITOR)
    return ankang


def create(place: Place, body: str, who: str = "supervisor", **more: Any) -> httpx.Response:
    key = more.pop("key", f"t-{uuid4().hex[:10]}")
    return place.client.post(who, "/templates", {"key": key, "purpose": "reply", **SAID, "body": body, **more})


def made(place: Place, body: str, **more: Any) -> dict[str, Any]:
    answer = create(place, body, **more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def text(matter: Matter, key: str, who: str | None = None, **asked: str) -> httpx.Response:
    body = {"template": key, "asked": asked}
    return matter.place.client.post(who or matter.reader, f"{matter.path}/texts", body)


def test_a_template_is_created_and_read_by_its_location(place: Place) -> None:
    answer = create(place, "${number}：${asked.why}", asked=[{"name": "why", "title": "原因"}], case_kind="complaint")
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    path = answer.headers["location"].partition("/v1")[2]
    read = place.get("auditor", path)
    assert (read.status_code, read.headers["etag"], read.json()) == (200, '"1"', answer.json())
    assert (answer.json()["current"]["number"], len(answer.json()["versions"])) == (1, 1)
    again = create(place, "x", key=answer.json()["key"])
    assert (again.status_code, again.json()["code"]) == (409, "templates.key-taken")


def test_versions_are_dated_and_the_later_recorded_of_one_day_counts(place: Place) -> None:
    key = made(place, "一")["key"]
    path, later = f"/templates/{key}/versions", SAID | {"valid_from": "2090-01-01"}
    for match, body in (('"1"', later | {"body": "二"}), ('"2"', later | {"body": "三"})):
        assert place.client.post("supervisor", path, body, match).status_code == 201
    for day, expected in (("2009-12-31", None), ("2010-01-01", "一"), ("2089-12-31", "一"), ("2090-01-01", "三")):
        current = place.read("supervisor", f"/templates/{key}", on=day)["current"]
        assert (current and current["body"]) == expected
    ended = place.client.post("supervisor", path, SAID | {"body": "三", "retired": True, "valid_from": "2091-01-01"}, '"3"')
    assert (ended.status_code, ended.headers["etag"]) == (201, '"4"')
    assert place.read("supervisor", f"/templates/{key}", on="2091-01-01")["current"] is None
    stale = place.client.post("supervisor", path, SAID | {"body": "四"}, '"3"')
    assert (stale.status_code, stale.json()["code"]) == (412, "templates.stale")
    assert place.client.post("supervisor", path, SAID | {"body": "四"}).status_code == 428


def test_the_list_narrows_and_pages_by_key(place: Place) -> None:
    mine = [made(place, "x", key=f"list-{n}", purpose="notice", case_kind="complaint" if n else None) for n in range(3)]
    keys = {item["key"] for item in mine}
    listed = place.read("auditor", "/templates", purpose="notice", case_kind="complaint", limit=200)["items"]
    assert {item["key"] for item in listed} >= keys
    assert keys.isdisjoint(item["key"] for item in place.read("auditor", "/templates", purpose="reminder")["items"])
    other = place.read("auditor", "/templates", case_kind="tip-off", limit=200)["items"]
    assert [item["key"] for item in other if item["key"] in keys] == ["list-0"]
    paged, query = [], {"limit": 2}
    while query:
        page = place.read("auditor", "/templates", **query)
        paged += [item["key"] for item in page["items"]]
        query = {"limit": 2, "cursor": page["next"]} if page["next"] else {}
    assert paged == sorted(paged)
    assert set(paged) >= keys
    early = place.read("auditor", "/templates", on="2009-01-01", purpose="notice")["items"]
    assert {item["title"] for item in early} == {None}


def test_only_supervisors_and_administrators_write(place: Place) -> None:
    for who, status in (("auditor", 403), ("window-head", 403), (place.administrator, 201)):
        assert create(place, "x", who=who).status_code == status
    place.hire("reader", Role.SUPERVISOR, scopes=[Scope.TEMPLATES_READ])
    assert create(place, "x", who="reader").json()["code"] == "tenants.scope-missing"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"body": "${petitioner}"}, 422, "templates.identity"),
        ({"body": "${petitioner.phone}"}, 422, "templates.identity"),
        ({"body": "${phone}"}, 422, "templates.identity"),
        ({"body": "${narrative}"}, 422, "templates.name-unknown"),
        ({"body": "${number"}, 422, "templates.syntax"),
        ({"body": "${number.__class__}"}, 422, "templates.name-unknown"),
        ({"body": "${asked.x}"}, 422, "templates.name-unknown"),
        ({"body": "x", "asked": [{"name": "x", "title": "x"}]}, 422, "templates.asked-unused"),
        ({"body": "${number}" * 201}, 422, "templates.too-many-placeholders"),
        ({"body": "x" * 20_001}, 400, None),
        ({"body": " "}, 400, None),
        ({"body": "x\u0000"}, 400, None),
        ({"body": 5}, 400, None),
        ({"key": "../x"}, 400, None),
        ({"purpose": "spam"}, 400, None),
        ({"case_kind": "no-such"}, 400, None),
        ({"asked": [{"name": "X", "title": "x"}]}, 400, None),
        ({"valid_from": "soon"}, 400, None),
        ({"reason": ""}, 400, None),
        ({"script": "x"}, 400, None),
    ],
)
def test_a_faulty_template_is_not_kept(place: Place, changes: dict[str, Any], status: int, code: str | None) -> None:
    before = place.counts()
    body = {"key": f"t-{uuid4().hex[:10]}", "purpose": "reply", **SAID, "body": "x"} | changes
    answer = place.client.post("supervisor", "/templates", body)
    assert answer.status_code == status, answer.text
    if code is not None:
        assert answer.json()["code"] == code
    assert place.counts() == before


def test_a_template_is_tried_out_without_a_trace(place: Place) -> None:
    before = place.counts()
    draft = {"body": "${number}（${due.plain-reply}）：${asked.why}", "case_kind": "complaint"}
    asked = [{"name": "why", "title": "原因"}]
    answer = place.client.post("auditor", "/calculations/template", draft | {"asked": asked})
    assert answer.status_code == 200, answer.text
    assert answer.json()["names"] == ["number", "due.plain-reply", "asked.why"]
    assert answer.json()["text"].startswith("〔事项编号〕（〔")
    assert answer.json()["text"].endswith("：〔原因〕")
    assert place.client.post("auditor", "/calculations/template", draft).json()["code"] == "templates.name-unknown"
    assert place.counts() == before


def test_the_names_are_listed(place: Place) -> None:
    items = {item["name"]: item for item in place.read("auditor", "/template-fields", case_kind="complaint")["items"]}
    assert items["number"]["source"] == "case"
    assert items["due.plain-reply"]["source"] == "deadline"
    assert items["fact.grounds"]["title"]["zh"] == "受理情形"
    common = {item["name"] for item in place.read("auditor", "/template-fields")["items"]}
    assert "number" in common
    assert place.get("auditor", "/template-fields", case_kind="none").status_code == 404


def test_a_text_is_filled_and_says_with_what(place: Place) -> None:
    matter = register(place, "complaint").live("dispatched")
    body = "${tenant} ${kind}${number}《${title}》${state}，${lead_unit}，受理情形：${fact.grounds}；复杂：${fact.complex}；"
    body += "${due.window-report}前反馈。${asked.note}$$"
    key = made(place, body, case_kind="complaint", asked=[{"name": "note", "title": "附言"}])["key"]
    before = place.counts()
    answer = text(matter, key, note="${number}<b>")
    assert answer.status_code == 200, answer.text
    told, values = answer.json(), {item["name"]: item for item in answer.json()["values"]}
    assert (told["template"], told["number"], told["valid_from"]) == (key, 1, "2010-01-01")
    assert values["lead_unit"]["value"] in told["text"]
    names = ("number", "due.window-report", "fact.grounds", "asked.note")
    assert [values[name]["source"] for name in names] == ["case", "deadline", "fact", "asked"]
    due = matter.deadline("window-report")["due_on"]
    year, month, day = map(int, due.split("-"))
    assert values["due.window-report"]["value"] == f"{year}年{month}月{day}日"
    assert values["fact.complex"]["value"] == "否"
    assert "ankang" not in values["fact.grounds"]["value"], "an option is told by its title"
    assert values["state"]["value"] == "已转办"
    assert told["text"].endswith("${number}<b>$")
    assert place.counts() == before


def test_what_a_case_does_not_have_yet_is_refused_by_name(place: Place) -> None:
    matter = register(place, "complaint")
    key = made(place, "${number}${lead_unit}${fact.grounds}${due.window-report}", case_kind="complaint")["key"]
    answer = text(matter, key)
    assert (answer.status_code, answer.json()["code"]) == (422, "templates.value-missing")
    assert answer.json()["detail"].endswith("lead_unit, fact.grounds, due.window-report.")


def test_answers_are_those_that_are_asked_for(place: Place) -> None:
    matter = register(place, "complaint")
    key = made(place, "${asked.why}", asked=[{"name": "why", "title": "原因"}])["key"]
    for asked, status, code in (
        ({}, 422, "templates.answer-missing"),
        ({"why": "x", "whom": "y"}, 422, "templates.not-asked"),
        ({"why": " "}, 400, None),
        ({"why": "x" * 2_001}, 400, None),
        ({"why": "x\u0000"}, 400, None),
        ({"WHY": "x"}, 400, None),
    ):
        answer = text(matter, key, **asked)
        assert answer.status_code == status, answer.text
        assert code is None or answer.json()["code"] == code


def test_a_template_that_is_not_for_the_case_is_refused(place: Place) -> None:
    matter = register(place, "complaint")
    later = made(place, "x", valid_from="2090-01-01")["key"]
    assert text(matter, later).json()["code"] == "templates.not-in-force"
    missing = text(matter, "no-such-template")
    assert (missing.status_code, missing.json()["code"]) == (422, "templates.no-such-template")
    assert missing.json()["field"] == "/template"
    assert place.client.get("supervisor", "/templates/%00").status_code in {400, 404}


def test_a_kind_of_its_own(house: Any) -> None:
    place = house.open("jincheng")
    writer = place.hire("writer", Role.SUPERVISOR)
    key = made(place, "x", who=writer, case_kind="finding")["key"]
    answer = text(register(place, "inspection-matter"), key)
    assert (answer.status_code, answer.json()["code"]) == (422, "templates.other-kind")


def test_what_the_reader_may_not_see_is_not_written_either(baoding: Place) -> None:
    baoding.hire("writer", Role.SUPERVISOR)
    petitioner = {"name": "王岩", "phone": "13900000001"}
    matter = register(baoding, "tip-off", title="窗口人员举报", subject="某局一科", petitioner=petitioner).live("handling")
    told = sorted(baoding.read("officer", matter.path)["facts"])
    keys = {
        name: made(baoding, "${number}：${" + name + "}", who="writer", case_kind="tip-off")["key"]
        for name in ("title", "fact.subject", *(f"fact.{fact}" for fact in told))
    }
    assert told, "something must be told to units for this to prove anything"
    assert "窗口人员举报" in text(matter, keys["title"], "clerk").json()["text"]
    baoding.hire("auditor", Role.AUDITOR)
    for who in ("officer", "auditor"):
        for name in ("title", "fact.subject"):
            answer = text(matter, keys[name], who)
            assert (answer.status_code, answer.json()["code"]) == (422, "templates.value-missing"), answer.text
            assert "窗口人员举报" not in answer.text
            assert "某局一科" not in answer.text
        for fact in told:
            assert text(matter, keys[f"fact.{fact}"], who).status_code == 200
    other = baoding.hire("stranger", Role.UNIT_OFFICER, unit="housing-bureau")
    assert text(matter, keys["title"], other).status_code == 404


def test_another_tenants_templates_and_cases_are_none(place: Place, house: Any) -> None:
    other = house.open("ankang")
    key, matter = made(place, "x")["key"], register(place, "complaint")
    assert other.get("supervisor", f"/templates/{key}").status_code == 404
    assert other.client.post("supervisor", f"/templates/{key}/versions", SAID | {"body": "y"}, '"1"').status_code == 404
    assert other.read("supervisor", "/templates", limit=200)["items"] == []
    foreign = other.client.post("supervisor", f"{matter.path}/texts", {"template": key})
    assert foreign.status_code == 404
    ours = register(other, "complaint")
    foreign, none = (other.client.post("supervisor", f"{ours.path}/texts", {"template": name}) for name in (key, "none"))
    assert [answer.json()["code"] for answer in (foreign, none)] == ["templates.no-such-template"] * 2
    assert made(other, "y", key=key)["current"]["body"] == "y"
    assert place.read("supervisor", f"/templates/{key}")["current"]["body"] == "x"


def test_changes_stand_in_the_trail_and_events_hold_no_words(place: Place) -> None:
    key = made(place, "一段只此一处的文字")["key"]
    events = [row for row in place.rows("outbox") if row["refs"].get("key") == key]
    assert [row["type"] for row in events] == ["template.created"]
    assert "只此一处" not in str(events)
    subjects = {row["subject"] for row in place.rows("audit") if row["action"] == "template.created"}
    assert events[0]["subject"] in subjects
