"""An accountability case over HTTP on each engine: who sees it, who takes part in it, and what it is proved by."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from api.demo.player import Player
from core.procedure import Role
from tests.story.conftest import Places
from tests.story.house import Place

BD = "baoding:accountability-2010#"
KIND = "accountability"


class Affair:
    """One accountability case, as those who work on it take its steps."""

    def __init__(self, place: Place) -> None:
        self.place = place
        body = {"kind": KIND, "channel": "inspection", "title": "年报未报", "narrative": "上一年度年度报告逾期未报。"}
        answer = place.client.post("office", "/cases", body)
        assert answer.status_code == 201, answer.text
        self.view, self.etag = answer.json(), answer.headers["etag"]
        self.path = f"/cases/{self.view['id']}"

    def attempt(self, who: str, step: str, **body: Any) -> httpx.Response:
        """Tries a step."""
        path = f"{self.path}/steps/{KIND}/{step}"
        return self.place.client.post(who, path, self.place.fill(body), self.etag)

    def take(self, who: str, step: str, **body: Any) -> dict[str, Any]:
        """Takes a step that must succeed; answers the matter."""
        answer = self.attempt(who, step, **body)
        assert answer.status_code == 200, answer.text
        self.view, self.etag = answer.json(), answer.headers["etag"]
        return self.view["matter"]

    def open(self, **charge: Any) -> dict[str, Any]:
        """Opened, with a charge against the bureau and whoever is named."""
        self.take("office", "accept", why_opened="需调查")
        unit = {"ref": "bureau", "kind": "unit", "unit_id": "@housing-bureau"}
        subjects = [unit, *charge.pop("subjects", [])]
        act = {"ref": "report", "what": "年度报告逾期未报", "ended_on": "2026-01-31"}
        ground = {"ref": "late", "clause": f"{BD}8.1", "act": "report", "subjects": [it["ref"] for it in subjects]}
        return self.take("office", "charge", subjects=subjects, acts=[act], grounds=[ground], **charge)


@pytest.fixture(scope="module")
def place(places: Places) -> Place:
    """Baoding, with more people in the office."""
    found = places["baoding"]
    found.hire("second-office", Role.INSPECTION_OFFICE)
    found.hire("both", Role.INSPECTION_OFFICE, Role.SUPERVISOR)
    found.hire("auditor", Role.AUDITOR)
    return found


def test_who_does_not_work_on_it_sees_that_there_is_one_and_nothing_else(place: Place) -> None:
    affair = Affair(place)
    affair.open()
    seen = place.read("auditor", affair.path)
    assert (seen["matter"], seen["title"], seen["facts"]) == (None, seen["number"], {})
    told = place.get("auditor", f"{affair.path}/steps").text
    assert "年度报告逾期未报" not in told
    assert "年报未报" not in told
    assert place.get("officer", affair.path).status_code == 404, "a unit sees what was sent to it alone"
    assert place.read("office", affair.path)["matter"]["subjects"][0]["ref"] == "bureau"


def test_whom_it_is_about_takes_no_part_from_then_on(place: Place) -> None:
    affair = Affair(place)
    me = place.read("second-office", "/me")["person_id"]
    person = {"ref": "chief", "kind": "person", "unit_id": "@disclosure-office", "name": "柳青", "person_id": me}
    affair.open(subjects=[person])
    refused = affair.attempt("second-office", "remind", text="请尽快")
    assert (refused.status_code, refused.json()["code"]) == (403, "recusals.recused")
    assert place.read("second-office", affair.path)["matter"] is None
    (recusal,) = place.read("office", f"{affair.path}/recusals")["items"]
    assert (recusal["person_id"], recusal["ground"]) == (me, "subject")
    affair.take("office", "remind", text="请尽快")


def test_somebody_who_is_not_there_is_no_subject(place: Place) -> None:
    affair = Affair(place)
    nobody = {
        "ref": "nobody",
        "kind": "person",
        "unit_id": "@disclosure-office",
        "name": "无",
        "person_id": affair.view["id"],
    }
    answer = affair.attempt("office", "charge", subjects=[nobody])
    assert (answer.status_code, answer.json()["code"]) == (422, "recusals.person-unknown")


def test_evidence_is_frozen_as_it_was(place: Place) -> None:
    told = {"kind": "tip-off", "channel": "letter", "title": "举报", "narrative": "未公开", "subject": "某局"}
    source = place.client.post("clerk", "/cases", told | {"petitioner": {"name": "王岩"}}).json()
    affair = Affair(place)
    evidence = [
        {"ref": "tip", "kind": "case", "id": source["id"], "what": "举报属实"},
        {"ref": "late", "kind": "deadline", "id": source["deadlines"][0]["id"], "what": "未按期告知"},
        {"ref": "paper", "kind": "document", "what": "检查记录"},
    ]
    hidden = affair.attempt("office", "charge", evidence=evidence)
    problem = hidden.json()
    assert (problem["code"], problem["field"]) == ("matters.evidence-unknown", "/evidence/0/id"), "not hers to see"
    tip, late, paper = affair.take("both", "charge", evidence=evidence)["evidence"]
    assert (tip["frozen"]["number"], tip["frozen"]["state"]) == (source["number"], "registered")
    assert (late["frozen"]["key"], late["frozen"]["state"]) == ("status-report", "open")
    assert len(tip["digest"]) == len(late["digest"]) == 64
    assert (paper["frozen"], paper["digest"]) == ({}, None)
    moved = place.client.post("clerk", f"/cases/{source['id']}/steps/tip-off/withdraw", {"reason": "撤回"}, '"1"')
    assert moved.status_code == 200, moved.text
    kept = place.read("office", affair.path)["matter"]["evidence"][0]
    assert kept == tip
    assert "王岩" not in str(kept)


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        ({"kind": "case"}, "matters.evidence-without-id"),
        ({"kind": "document", "id": "019a8f3e-0000-7000-8000-000000000001"}, "matters.evidence-without-id"),
        ({"kind": "case", "id": "019a8f3e-0000-7000-8000-000000000001"}, "matters.evidence-unknown"),
        ({"kind": "deadline", "id": "019a8f3e-0000-7000-8000-000000000001"}, "matters.evidence-unknown"),
        ({"kind": "supervision-item", "id": "019a8f3e-0000-7000-8000-000000000001"}, "matters.evidence-unknown"),
        ({"kind": "attachment", "id": "019a8f3e-0000-7000-8000-000000000001"}, "matters.evidence-unknown"),
    ],
)
def test_evidence_must_be_there(place: Place, evidence: dict[str, Any], code: str) -> None:
    answer = Affair(place).attempt("office", "charge", evidence=[{"ref": "one", "what": "证明", **evidence}])
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_no_event_tells_whom_it_is_about(place: Place) -> None:
    affair = Affair(place)
    affair.open(subjects=[{"ref": "zhao", "kind": "person", "unit_id": "@housing-bureau", "name": "赵不凡", "post": "科长"}])
    told = [row for row in place.rows("outbox") if affair.view["id"] in str(row)]
    assert told
    assert "赵不凡" not in str(told)
    assert "赵不凡" not in str([row for row in place.rows("audit") if affair.view["id"] in str(row)])


def test_the_story_leaves_what_another_tenant_can_play_too(place: Place) -> None:
    """Two tenants of a city have the same kinds and never each other's matters."""
    affair = Affair(place)
    other = place.house.open("baoding")
    assert other.get("office", affair.path).status_code == 404
    assert list(Player(other.cast, other.house.http).play())[-1].answer["state"] == "closed"


def decided(place: Place, evidence: list[dict[str, Any]]) -> Affair:
    """A case in which the bureau is about to be decided about, by what is proved by this evidence."""
    affair = Affair(place)
    affair.take("second-office", "accept", why_opened="需调查")
    subjects = [{"ref": "bureau", "kind": "unit", "unit_id": "@housing-bureau"}]
    act = {"ref": "report", "what": "年度报告逾期未报", "ended_on": "2026-01-31"}
    ground = {"ref": "late", "clause": f"{BD}8.1", "act": "report", "subjects": ["bureau"]}
    ground |= {"evidence": [item["ref"] for item in evidence]} if evidence else {}
    charge = {"evidence": evidence} if evidence else {}
    affair.take("both", "charge", subjects=subjects, acts=[act], grounds=[ground], **charge)
    affair.take("investigator", "investigate", investigation_report="属实", evidence_note="存卷")
    affair.take("both", "establish", findings=[{"ground": "late", "established": True, "reason": "属实"}])
    affair.take("both", "hear", hearings=[{"subject": "bureau", "outcome": "waived", "offered_on": "2026-02-12"}])
    part = {"subject": "bureau", "share": "sole"}
    affair.take("both", "apportion", apportionments=[{"acts": ["report"], "parts": [part], "reason": "单位责任"}])
    return affair


DECISION = {
    "subject": "bureau", "sanctions": [f"{BD}11.3/{key}" for key in ("public-criticism", "correction", "no-awards")],
    "severity": f"{BD}11.3", "reasons": "情节严重", "correction_term": {"unit": "working_day", "length": 5},
    "correction_term_reason": "需要时间",
}  # fmt: skip


def test_one_act_is_sanctioned_once_in_whichever_case(place: Place) -> None:
    """R13: what is proved by the same case is the same act; once the first decision is set aside the way is free."""
    told = {"kind": "tip-off", "channel": "letter", "title": "举报", "narrative": "未报", "subject": "某局"}
    tip = place.client.post("clerk", "/cases", told).json()
    evidence = [{"ref": "tip", "kind": "case", "id": tip["id"], "what": "举报属实"}]
    first, second = decided(place, evidence), decided(place, evidence)
    first.take("leader", "decide", decisions=[DECISION])
    refused = second.attempt("leader", "decide", decisions=[DECISION])
    assert (refused.status_code, refused.json()["clause"]) == (422, "wenze:readings#r13"), refused.text
    decided(place, []).take("leader", "decide", decisions=[DECISION])
    first.take("both", "serve", services=[{"subject": "bureau", "manner": "direct", "proof": "回证"}])
    first.take("reviewer", "appeal", subject="bureau", reasons="不服")
    matter = first.take("reviewer", "review", outcome="revoked", answer="事实不清，撤销。")
    assert matter["effects"][0]["lifted_on"] is not None
    second.take("leader", "decide", decisions=[DECISION])
    rows = [row for row in place.rows("accountability_decision") if str(row["case_id"]) == first.view["id"]]
    assert [(row["state"], row["sanctioned"], row["person_id"]) for row in rows] == [("revoked", True, None)]
    (effect,) = [row for row in place.rows("accountability_effect") if str(row["case_id"]) == first.view["id"]]
    assert effect["lifted_on"] is not None


def test_the_notice_tells_all_that_it_must_and_the_file_is_closed_with_the_case(place: Place) -> None:
    affair = decided(place, [])
    affair.take("leader", "decide", decisions=[DECISION])
    affair.take("both", "serve", services=[{"subject": "bureau", "manner": "direct", "proof": "回证"}])
    (notice,) = place.read("office", f"{affair.path}/decision-notices")["items"]
    assert [item["clause"] for item in notice["grounds"]] == [f"{BD}8.1"]
    assert {item["version"] for item in (*notice["grounds"], *notice["sanctions"])} == {"2010"}
    assert notice["sanctions"][0]["label"]["zh"] == "对单位通报批评"
    assert notice["hearing"]["outcome"] == "waived"
    assert notice["remedies"] == [{"clause": "wenze:house#appeal", "organ": None, "term": None, "until": None}]
    assert [item["since"] for item in notice["remarks"]] == ["2018-03-20", "2020-07-01"]
    assert (notice["correction_due_on"], notice["state"]) == ("2026-02-26", "stands"), "14 February works, 15-23 rest"
    assert notice["services"][0]["proof"] == "回证"
    affair.take("both", "report-correction", subject="bureau", report="已改")
    before = place.read("office", f"{affair.path}/file")
    assert (before["closing"], before["legal_hold"], before["retention"]) == (None, False, None)
    affair.take("both", "close")
    closed = place.read("office", f"{affair.path}/file")
    assert closed["closing"] == {"entries": len(before["entries"]), "digest": before["digest"], "intact": True}
    affair.take("office", "hold-file", why_held="诉讼")
    held = place.read("office", f"{affair.path}/file")
    assert (held["closing"], held["legal_hold"]) == (closed["closing"], True)
    assert len(held["entries"]) == len(before["entries"]) + 2
    for path in ("decision-notices", "file"):
        assert place.get("auditor", f"{affair.path}/{path}").status_code in {403, 404}


def test_effects_and_decisions_are_found_by_unit_and_day(place: Place) -> None:
    affair = decided(place, [])
    affair.take("leader", "decide", decisions=[DECISION])
    unit = place.fill("@housing-bureau")

    def found(path: str, **query: Any) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = place.read("office", f"/accountability/{path}", limit=200, **query)["items"]
        return [line for line in lines if line["case_id"] == affair.view["id"]]

    (effect,) = found("effects", unit_id=unit)
    assert (effect["clause"], effect["from_on"], effect["until_on"]) == (f"{BD}11.3/no-awards", "2026-02-12", "2026-12-31")
    assert effect["number"] == affair.view["number"]
    for day, holds in (("2026-02-11", 0), ("2026-02-12", 1), ("2026-12-31", 1), ("2027-01-01", 0)):
        assert len(found("effects", on=day)) == holds, day
    assert [line["state"] for line in found("decisions", unit_id=unit)] == ["stands"]
    assert found("decisions", unit_id=affair.view["id"]) == []
    assert place.get("auditor", "/accountability/effects").status_code == 403
    assert place.get("clerk", "/accountability/effects").status_code == 403
    affair.take("leader", "refer-discipline", subjects=["bureau"], receiver="市纪委监委", reference="移1", reason="违纪")
    (copy,) = found("copies", missing="false")
    assert (copy["ref"], copy["sent_on"], copy["received_on"]) == ("refer-discipline", "2026-02-12", None)
    assert found("copies", missing="true") == []
    page = place.read("office", "/accountability/decisions", limit=1)
    assert page["next"]
    after = place.read("office", "/accountability/decisions", limit=1, cursor=page["next"])
    assert after["items"][0]["id"] != page["items"][0]["id"]


def test_a_correction_follows_the_case_once_more_and_changes_nothing_of_the_matter(place: Place) -> None:
    """The decision is not judged anew: what the rules made of it then stands in its step."""
    place.hire("corrector", Role.INSPECTION_OFFICE, Role.SUPERVISOR)
    affair = decided(place, [])
    affair.take("leader", "decide", decisions=[DECISION])
    matter = affair.take("both", "serve", services=[{"subject": "bureau", "manner": "direct", "proof": "回证"}])
    before = place.read("both", affair.path)
    earlier = (datetime.fromisoformat(before["received_at"]) - timedelta(hours=20)).isoformat()
    asked = place.client.post("both", f"{affair.path}/corrections", {"received_at": earlier, "reason": "登记时间有误"})
    assert asked.status_code == 201, asked.text
    said = {"grant": True, "reason": "属实", "consequences": asked.json()["current"]["digest"]}
    path = f"{affair.path}/corrections/{asked.json()['id']}/decision"
    done = place.client.post("corrector", path, said, f'"{before["version"]}"')
    assert done.status_code == 200, done.text
    after = place.read("both", affair.path)
    assert after["received_at"] != before["received_at"]
    assert after["matter"] == matter
    assert [it["due_on"] for it in after["deadlines"]] == [it["due_on"] for it in before["deadlines"]]
