"""What is Ankang's own: points by a figure, notice to departments, the remit, and a rectification after 7.4 alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.errors import WenzeError
from core.sanctions.matter import Matter
from tests.jurisdictions.playing import Stage
from tests.matters.staging import Scene, scenes

AK1, AK3 = "ankang:platform-2017#", "ankang:centre-2018#"
WITHIN, BEYOND = (scene for scene in scenes() if scene.city.manifest.id == "ankang")


def before(scene: Scene, step: str, nth: int = 0) -> Stage:
    """The story just before a step is taken for the n-th time."""
    return scene.at([index for index, act in enumerate(scene.acts) if act.does == step][nth])


def matter_of(stage: Stage, scene: Scene) -> Matter:
    """The matter, which is there."""
    matter = stage.cases[scene.acts[0].case].standing.matter
    assert matter is not None
    return matter


def refused(stage: Stage, scene: Scene, who: str, step: str, **body: Any) -> tuple[str, str | None]:
    """The code and the clause that refuse a step."""
    with pytest.raises(WenzeError) as caught:
        stage.step(who, scene.acts[0].case, step, **body)
    return caught.value.code, caught.value.clause


WINDOW = {"subject": "window", "sanctions": [f"{AK3}4/criticism-education"], "gravity": "light", "reasons": "成立"}


def test_each_ground_takes_off_what_the_tenant_has_set() -> None:
    decisions = {item.subject: item for item in matter_of(before(WITHIN, "record-copies"), WITHIN).decisions}
    assert {ref: item.points for ref, item in decisions.items()} == {"window": Decimal("2.5"), "clerk": Decimal("2.5")}
    assert decisions["window"].points_reason == "story"
    assert decisions["clerk"].circumstances == (f"{AK3}7.1",)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "matters.points-missing"),
        ({"points": "3"}, "matters.points-bare"),
        ({"points": "3.25", "points_reason": "初次发生"}, None),
    ],
)
def test_without_a_figure_the_decision_says_how_many_points_and_why(said: dict[str, str], code: str | None) -> None:
    stage = before(WITHIN, "decide")
    stage.figures = {}
    if code:
        assert refused(stage, WITHIN, "chief", "decide", decisions=[WINDOW | said]) == (code, "wenze:readings#r11")
        return
    stage.step("chief", "within", "decide", decisions=[WINDOW | said])
    assert matter_of(stage, WITHIN).decisions[0].points == Decimal("3.25")


def test_the_notice_to_the_departments_is_missing_until_it_is_sent() -> None:
    stage = before(WITHIN, "record-copies")
    (copy,) = matter_of(stage, WITHIN).copies
    assert (copy.ref, copy.state, copy.clause) == ("departments", "missing", f"{AK3}6.2/decide")
    services = [{"subject": ref, "manner": "direct", "proof": "回证"} for ref in ("window", "clerk")]
    stage.step("office", "within", "serve", services=services)
    assert refused(stage, WITHIN, "office", "close") == ("matters.copy-missing", f"{AK3}6.2/decide")
    stage.step("office", "within", "record-copies", copies=[{"copy": "departments", "sent_on": "2026-10-19"}])
    assert stage.step("office", "within", "close").state == "closed"


def test_what_lies_outside_the_remit_is_transferred_and_not_decided() -> None:
    stage = before(WITHIN, "accept")
    told = {"subjects": ["window"], "receiver": "市纪委监委", "reference": "移1", "reason": "超出处理范围"}
    assert stage.step("office", "within", "transfer", **told).state == "transferred"
    assert refused(stage, WITHIN, "chief", "decide", decisions=[WINDOW])[0] == "cases.step-out-of-order"
    stage.step("office", "within", "record-copies", copies=[{"copy": "transfer", "received_on": "2026-10-13"}])


def test_a_report_that_does_not_come_blocks_nothing() -> None:
    stage = before(WITHIN, "receive-self-report")
    found = {"findings": [{"ground": "untold", "established": True, "reason": "属实"}]}
    stage.step("office", "within", "establish", **found)
    stage.step("chief", "within", "decide", decisions=[WINDOW])
    remarks = matter_of(stage, WITHIN).decisions[0].explanation["remarks"]
    assert f"{AK3}6.1" in {item["clause"] for item in remarks}


def test_a_report_of_somebody_else_is_none() -> None:
    stage = before(WITHIN, "receive-self-report")
    assert refused(stage, WITHIN, "office", "ask-self-report", subject="stranger")[0] == "matters.ref-unknown"


def test_two_categories_add_what_nobody_can_leave_out() -> None:
    decisions = {item.subject: item for item in matter_of(before(BEYOND, "serve"), BEYOND).decisions}
    assert decisions["head"].circumstances == (f"{AK1}5.4",)
    assert decisions["unit"].circumstances == ()


def test_only_a_rectification_within_a_term_is_reported() -> None:
    stage = before(BEYOND, "report-rectification")
    held = [note.holder for note in stage.cases["beyond"].standing.deadlines if note.key == "rectification"]
    assert held == ["subject:unit"]
    code, _ = refused(stage, BEYOND, "office", "report-rectification", subject="head", report="已改")
    assert code == "matters.nothing-imposed"
    assert refused(stage, BEYOND, "office", "close") == ("matters.correction-open", f"{AK1}7.4")


def test_the_lists_of_one_regime_are_none_of_the_other() -> None:
    stage = before(BEYOND, "investigate")
    ground = {"ref": "other", "clause": f"{AK3}5.12", "act": "errors", "subjects": ["head"]}
    with pytest.raises(ValueError, match="Invalid enum value"):
        stage.step("office", "beyond", "charge", grounds=[ground])


def test_a_higher_norm_is_cited_with_its_text() -> None:
    stage = before(BEYOND, "decide")
    norm = "《公职人员政务处分法》第三十九条：……"
    decision = {"subject": "head", "sanctions": [f"{AK1}7.3"], "reasons": "成立", "overriding_norm": norm}
    stage.step("chief", "beyond", "decide", decisions=[decision])
    assert matter_of(stage, BEYOND).decisions[0].overriding_norm == norm


def test_a_changed_decision_closes_only_once_it_is_served() -> None:
    stage = before(BEYOND, "serve", 1)
    assert [item.state for item in matter_of(stage, BEYOND).decisions if item.subject == "head"] == ["changed", "stands"]
    stage.step("office", "beyond", "report-rectification", subject="unit", report="已改")
    assert refused(stage, BEYOND, "office", "close") == ("matters.not-served", f"{AK1}8")
