"""An accountability case over HTTP on each engine: who sees it, who takes part in it, and what it is proved by."""

from __future__ import annotations

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
    place.hire("both", Role.INSPECTION_OFFICE, Role.SUPERVISOR)
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
