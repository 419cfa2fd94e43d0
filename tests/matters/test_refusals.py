"""What is refused in an accountability case, and why: on Baoding's story, stopped before the act in question."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from core.cases.case import Case
from core.errors import Invalid, WenzeError
from core.law.instrument import Term, Unit
from core.procedure import Role
from core.sanctions.matter import DecisionState, Finding, Matter
from core.texts import render
from tests.jurisdictions.playing import Stage
from tests.matters.staging import scenes

BD = "baoding:accountability-2010#"
(SCENE,) = [scene for scene in scenes() if scene.city.manifest.id == "baoding"]
NAME = SCENE.acts[0].case
UNKNOWN = "matters.ref-unknown"


def before(step: str, nth: int = 0) -> Stage:
    """The story just before a step is taken for the n-th time."""
    return SCENE.at([index for index, act in enumerate(SCENE.acts) if act.does == step][nth])


def refused(stage: Stage, who: str, step: str, body: dict[str, Any]) -> WenzeError:
    """What refuses a step; its text can be told."""
    case = stage.cases[NAME]
    with pytest.raises(WenzeError) as caught:
        stage.step(who, NAME, step, **body)
    assert stage.cases[NAME] == case
    for language in ("zh", "en"):
        assert "{" not in render(caught.value.code, caught.value.params, language)
    return caught.value


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    """The body without some of its fields."""
    return {name: value for name, value in body.items() if name not in names}


UNIT = {"ref": "other", "kind": "unit", "unit_id": "@housing-bureau"}
PERSON = UNIT | {"kind": "person", "name": "李四"}
ACT = {"ref": "more", "what": "另一行为", "ended_on": "2026-10-01"}
GROUND = {"ref": "again", "clause": f"{BD}5.1", "act": "catalogue", "subjects": ["bureau"]}

CHARGES: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("nothing", {}, "matters.nothing-said", None),
    ("a ref twice in a list", {"subjects": [UNIT, UNIT]}, "matters.ref-taken", "/subjects/1/ref"),
    ("a ref of before", {"acts": [ACT | {"ref": "catalogue"}]}, "matters.ref-taken", "/acts/0/ref"),
    ("a nameless person", {"subjects": [UNIT | {"kind": "person"}]}, "matters.person-unnamed", "/subjects/0/name"),
    ("a unit with a name", {"subjects": [UNIT | {"name": "李四"}]}, "matters.unit-is-nobody", "/subjects/0/name"),
    (
        "a class of people for a unit", {"subjects": [UNIT | {"subject_class": "organ-staff"}]}, "matters.class-of-others",
        "/subjects/0/subject_class",
    ),
    ("an act to come", {"acts": [ACT | {"ended_on": "2027-01-01"}]}, "matters.act-in-future", "/acts/0/ended_on"),
    ("an act that is not there", {"grounds": [GROUND | {"act": "none"}]}, UNKNOWN, "/grounds/0/act"),
    ("a subject that is not there", {"grounds": [GROUND | {"subjects": ["none"]}]}, UNKNOWN, "/grounds/0/subjects"),
    ("evidence that is not there", {"grounds": [GROUND | {"evidence": ["none"]}]}, UNKNOWN, "/grounds/0/evidence"),
    ("one twice", {"grounds": [GROUND | {"subjects": ["bureau", "bureau"]}]}, "cases.value-twice", "/grounds/0/subjects"),
    (
        "a bare catch-all", {"grounds": [GROUND | {"clause": f"{BD}5.4"}]}, "cases.catch-all-bare",
        "/grounds/0/catch_all_reason",
    ),
    (
        "before the first version (R7)",
        {"acts": [ACT | {"ended_on": "2010-01-25"}], "grounds": [GROUND | {"act": "more"}]},
        "law.before-first-version",
        None,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("what", "body", "code", "field"), CHARGES, ids=[row[0] for row in CHARGES])
def test_a_charge_fits_together(what: str, body: dict[str, Any], code: str, field: str | None) -> None:
    error = refused(before("investigate"), "office", "charge", body)
    assert (error.code, error.field) == (code, field), what
    assert error.clause or isinstance(error, Invalid)


def test_a_ground_of_another_regime_is_no_choice() -> None:
    with pytest.raises(Exception, match="Invalid enum value"):
        before("investigate").step("office", NAME, "charge", grounds=[GROUND | {"clause": "ganzhou:hotline-2022#11.2"}])


def test_the_first_day_of_the_first_version_is_judged_by_it() -> None:
    body = {"acts": [ACT | {"ended_on": "2010-01-26"}], "grounds": [GROUND | {"act": "more"}]}
    case = before("investigate").step("office", NAME, "charge", **body)
    assert matter_of(case).grounds[-1].version == "2010"


def matter_of(case: Case) -> Matter:
    """The matter, which is there."""
    assert case.standing.matter is not None
    return case.standing.matter


HEARING = {"subject": "bureau", "outcome": "stated", "offered_on": "2026-10-14", "statement": "说明", "answer": "答复"}
DECISION = {
    "subject": "bureau", "sanctions": [f"{BD}11.2/criticism"], "severity": f"{BD}11.2", "reasons": "成立",
    "correction_term": {"unit": "working_day", "length": 10}, "correction_term_reason": "需要时间",
}  # fmt: skip
SERVICE = {"subject": "bureau", "manner": "direct", "proof": "回证"}
LATER: list[tuple[str, Stage, str, str, dict[str, Any], str]] = [
    ("find nothing", before("establish"), "office", "establish", {}, "matters.nothing-said"),
    (
        "find an unknown ground", before("establish"), "office", "establish",
        {"findings": [{"ground": "none", "established": True, "reason": "无"}]}, UNKNOWN,
    ),
    ("hear a stranger", before("hear"), "office", "hear", {"hearings": [HEARING | {"subject": "none"}]}, UNKNOWN),
    ("an answer without a statement", before("hear"), "office", "hear", {"hearings": [without(HEARING, "statement")]},
     "matters.statement-missing"),
    ("a statement without an answer", before("hear"), "office", "hear", {"hearings": [without(HEARING, "answer")]},
     "matters.statement-missing"),
    ("a statement of who waived", before("hear"), "office", "hear", {"hearings": [HEARING | {"outcome": "waived"}]},
     "matters.statement-of-nobody"),
    ("heard tomorrow", before("hear"), "office", "hear", {"hearings": [HEARING | {"offered_on": "2026-12-01"}]},
     "matters.day-in-future"),
    ("apportion to a stranger", before("apportion"), "office", "apportion",
     {"apportionments": [{"acts": ["catalogue"], "reason": "无", "parts": [{"subject": "none", "share": "sole"}]}]},
     UNKNOWN),
    ("apportion by no path and no reason", before("apportion"), "office", "apportion",
     {"apportionments": [{"acts": ["catalogue"], "parts": [{"subject": "bureau", "share": "sole"}]}]},
     "sanctions.apportionment-bare"),
    ("a role of another path", before("apportion"), "office", "apportion",
     {"apportionments": [{"acts": ["catalogue"], "path": "approved", "parts": [
         {"subject": "handler", "role": "handler"}, {"subject": "leader", "role": "principal-leader"}]}]},
     "sanctions.role-of-another-path"),
    ("decide about a stranger", before("decide"), "leader", "decide", {"decisions": [DECISION | {"subject": "none"}]},
     UNKNOWN),
    ("no term for the correction", before("decide"), "leader", "decide",
     {"decisions": [without(DECISION, "correction_term", "correction_term_reason")]}, "matters.correction-term-missing"),
    ("a term without its reason", before("decide"), "leader", "decide",
     {"decisions": [without(DECISION, "correction_term_reason")]}, "deadlines.term-without-reason"),
    ("the same subject twice", before("decide"), "leader", "decide", {"decisions": [DECISION, DECISION]},
     "matters.already-decided"),
    ("a sanction of another tier", before("decide"), "leader", "decide",
     {"decisions": [DECISION | {"severity": f"{BD}11.3"}]}, "sanctions.sanction-of-other-tier"),
    ("no sanction at all (R9)", before("decide"), "leader", "decide", {"decisions": [DECISION | {"sanctions": []}]},
     "sanctions.waiver-none"),
    ("serve what is not decided", before("appeal"), "office", "serve", {"services": [SERVICE | {"subject": "none"}]},
     UNKNOWN),
    ("serve before it was decided", before("serve"), "office", "serve",
     {"services": [SERVICE | {"served_on": "2026-10-18"}]}, "matters.day-too-early"),
    ("serve without proof", before("serve"), "office", "serve", {"services": [without(SERVICE, "proof")]},
     "matters.proof-missing"),
    ("appeal twice", before("review"), "reviewer", "appeal", {"subject": "handler", "reasons": "再诉"},
     "matters.appealed-already"),
    ("change without a decision", before("review"), "reviewer", "review", {"outcome": "changed", "answer": "变更"},
     "matters.change-without-decision"),
    ("uphold with a decision", before("review"), "reviewer", "review",
     {"outcome": "upheld", "answer": "维持", "decision": DECISION | {"subject": "handler"}},
     "matters.decision-without-change"),
    ("change for another", before("review"), "reviewer", "review",
     {"outcome": "changed", "answer": "变更", "decision": DECISION}, "matters.decision-of-others"),
    ("report of whom nothing is asked", before("report-correction"), "office", "report-correction",
     {"subject": "handler", "report": "已改"}, "matters.not-decided"),
    ("lift nothing", before("close"), "leader", "lift", {"effect": 9, "reason": "表现"}, "matters.effect-unknown"),
    ("a receipt of nothing", before("close"), "office", "record-receipt",
     {"copies": [{"copy": "none", "sent_on": "2026-11-01"}]}, "matters.copy-unknown"),
    ("refer a stranger", before("close"), "office", "refer-discipline",
     {"subjects": ["none"], "receiver": "市纪委监委", "reference": "移〔2026〕1号", "reason": "违纪"}, UNKNOWN),
    ("an own measure as another's", before("close"), "office", "record-measure",
     {"subject": "leader", "sanction": f"{BD}11.2/public-criticism", "organ": "组织部", "document": "组〔2026〕1号",
      "decided_on": "2026-11-01"}, "matters.own-measure"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "stage", "who", "step", "body", "code"), LATER, ids=[row[0] for row in LATER])
def test_a_later_step_fits_too(what: str, stage: Stage, who: str, step: str, body: dict[str, Any], code: str) -> None:
    error = refused(stage, who, step, body)
    assert error.code == code, what
    assert error.clause


def test_what_remains_to_be_done_keeps_the_case_open() -> None:
    """One thing after another: the appeal, each report; then it closes."""
    told = []
    for step, nth in (("review", 0), ("report-correction", 0), ("report-correction", 1)):
        told.append(refused(before(step, nth), "office", "close", {}).code)
    assert told == ["matters.appeal-open", "matters.correction-open", "matters.correction-open"] or told[0] in {
        "matters.correction-open",
    }
    assert before("close").step("office", NAME, "close").state == "closed"


def test_a_found_ground_is_not_found_anew_after_the_decision() -> None:
    stage = before("serve")
    stage.cases[NAME] = replace_state(stage.cases[NAME], "established")
    body = {"findings": [{"ground": "undisclosed", "established": False, "reason": "改认"}]}
    assert refused(stage, "office", "establish", body).code == "matters.found-after-decision"


def replace_state(case: Case, state: str) -> Case:
    """The case in another state."""
    return msgspec.structs.replace(case, state=state)


def test_a_charge_that_is_only_alleged_cannot_be_decided() -> None:
    stage = before("decide")
    stage.cases[NAME] = replace_state(stage.cases[NAME], "accepted")
    stage.step("office", NAME, "charge", grounds=[GROUND])
    stage.cases[NAME] = replace_state(stage.cases[NAME], "established")
    assert refused(stage, "leader", "decide", {"decisions": [DECISION]}).code == "matters.ground-open"


def test_what_was_decided_is_kept_with_its_reasoning_and_its_effects() -> None:
    matter = matter_of(before("appeal").cases[NAME])
    decisions = {item.subject: item for item in matter.decisions}
    assert [item.number for item in matter.decisions] == [1, 2, 3]
    assert decisions["leader"].explanation["accepted"] is True
    assert decisions["leader"].explanation["lines"]
    assert decisions["leader"].version == "2010"
    (leader, handler) = matter.effects
    assert (leader.clause, leader.from_on, leader.until_on) == (
        f"{BD}11.2/no-awards",
        date(2026, 10, 19),
        date(2026, 12, 31),
    )
    assert leader.in_force(date(2026, 12, 31))
    assert not leader.in_force(date(2027, 1, 1))
    assert not leader.in_force(date(2026, 10, 18))
    assert {item.share for item in matter.apportionments[0].shares} == {"primary", "secondary"}
    assert handler.decision == decisions["handler"].id


def test_a_revoked_decision_stays_and_its_effect_ends() -> None:
    stage = before("report-correction")
    matter = matter_of(stage.cases[NAME])
    (revoked,) = [item for item in matter.decisions if item.state is DecisionState.REVOKED]
    assert revoked.subject == "handler"
    assert [item.lifted_on for item in matter.effects if item.decision == revoked.id] == [date(2026, 10, 26)]
    assert matter.appeals[0].outcome == "revoked"
    held = [(note.holder, note.state) for note in stage.cases[NAME].standing.deadlines if note.key == "correction"]
    assert held == [("subject:bureau", "open"), ("subject:leader", "open"), ("subject:handler", "lapsed")]


def test_a_changed_decision_is_served_anew_and_the_old_one_kept() -> None:
    stage = before("review")
    sanctions = [f"{BD}11.1/oral-admonition", f"{BD}11.1/correction"]
    found = [{"what": "directly-responsible", "record": "调查报告"}]
    changed = DECISION | {"subject": "handler", "severity": f"{BD}11.1", "before": found, "sanctions": sanctions}
    stage.step("reviewer", NAME, "review", outcome="changed", answer="处理过重，予以变更。", decision=changed)
    matter = matter_of(stage.cases[NAME])
    old, new = [item for item in matter.decisions if item.subject == "handler"]
    assert (old.state, new.state, new.replaces) == (DecisionState.CHANGED, DecisionState.STANDS, old.id)
    stage.step("office", NAME, "report-correction", subject="bureau", report="已改")
    stage.step("office", NAME, "report-correction", subject="leader", report="已改")
    assert refused(stage, "office", "close", {}).code == "matters.not-served"
    stage.step("office", NAME, "serve", services=[SERVICE | {"subject": "handler"}])
    assert refused(stage, "office", "close", {}).code == "matters.correction-open"
    stage.step("office", NAME, "report-correction", subject="handler", report="已改")
    assert stage.step("office", NAME, "close").state == "closed"


def test_the_decider_does_not_hear_the_appeal() -> None:
    """Nor does a client that the decider holds."""
    stage = before("review")
    stage.people = tuple(
        msgspec.structs.replace(item, roles=(*item.roles, Role.APPEAL_OFFICER)) if item.key == "leader" else item
        for item in stage.people
    )
    error = refused(stage, "leader", "review", {"outcome": "upheld", "answer": "维持"})
    assert (error.code, error.clause) == ("matters.decider-hears", "wenze:readings#r12")


def test_an_appeal_after_its_term_is_refused_where_the_tenant_has_set_one() -> None:
    stage = before("serve")
    stage.terms = {**stage.terms, "accountability.appeal-term": Term(unit=Unit.CALENDAR_DAY, length=5)}
    services = [SERVICE | {"subject": subject} for subject in ("bureau", "leader", "handler")]
    served = stage.step("office", NAME, "serve", services=services)
    windows = [note for note in served.standing.deadlines if note.window]
    assert {note.due_on for note in windows} == {date(2026, 10, 26)}, "the fifth day is a Sunday (R4)"
    stage.now = windows[0].due_at - timedelta(seconds=1)
    stage.step("reviewer", NAME, "appeal", subject="bureau", reasons="不服")
    stage.now = windows[0].due_at
    error = refused(stage, "reviewer", "appeal", {"subject": "leader", "reasons": "不服"})
    assert (error.code, error.clause) == ("requests.window-over", "wenze:house#appeal")


def test_a_ground_that_is_not_established_leaves_nothing_to_decide() -> None:
    stage = before("establish")
    findings = [{"ground": "undisclosed", "established": False, "reason": "已依法公开"}]
    case = stage.step("office", NAME, "establish", findings=findings)
    assert {item.finding for item in matter_of(case).grounds} == {Finding.NOT_ESTABLISHED}
    assert stage.step("office", NAME, "close").state == "closed"


def test_a_referral_waits_for_its_receipt() -> None:
    stage = before("close")
    said = {"subjects": ["leader"], "receiver": "市纪委监委", "reference": "移〔2026〕1号", "reason": "涉嫌违纪"}
    stage.step("office", NAME, "refer-discipline", **said)
    (copy,) = matter_of(stage.cases[NAME]).copies
    assert (copy.ref, copy.state, copy.to, copy.clause) == ("refer-discipline", "sent", "市纪委监委", f"{BD}11.4")
    stage.step("office", NAME, "refer-discipline", **said)
    assert [item.ref for item in matter_of(stage.cases[NAME]).copies] == ["refer-discipline", "refer-discipline-2"]
    early = {"copies": [{"copy": "refer-discipline", "received_on": "2026-11-04"}]}
    assert refused(stage, "office", "record-receipt", early).code == "matters.day-too-early"
    stage.step("office", NAME, "record-receipt", copies=[{"copy": "refer-discipline", "received_on": "2026-11-05"}])
    assert [item.state for item in matter_of(stage.cases[NAME]).copies] == ["received", "sent"]


def test_what_another_organ_decides_comes_with_its_document() -> None:
    """R14, and the reading that the tenant has to confirm first."""
    stage = before("decide")
    decision = DECISION | {"subject": "leader", "severity": f"{BD}11.3", "sanctions": [f"{BD}11.3/removal"]}
    assert refused(stage, "leader", "decide", {"decisions": [decision]}).code == "sanctions.reading-unconfirmed"
    stage.permissions = {"accountability.removal-reading-confirmed": "会议纪要"}
    assert refused(stage, "leader", "decide", {"decisions": [decision]}).code == "sanctions.document-missing"
    measure = {"subject": "leader", "sanction": f"{BD}11.3/removal", "organ": "组织部", "document": "组〔2026〕1号"}
    stage.step("office", NAME, "record-measure", decided_on="2026-10-18", **measure)
    assert stage.step("leader", NAME, "decide", decisions=[decision]).state == "decided"


def test_a_file_is_held_and_released_also_when_it_is_closed() -> None:
    stage = before("close")
    stage.step("office", NAME, "close")
    assert stage.step("office", NAME, "hold-file", why_held="诉讼").facts["legal_hold"] == "true"
    assert refused(stage, "office", "hold-file", {"why_held": "诉讼"}).code == "cases.step-not-for-this"
    assert stage.step("office", NAME, "release-file", why_held="诉讼终结").facts["legal_hold"] == "false"


def test_an_effect_is_lifted_once() -> None:
    stage = before("close")
    stage.step("leader", NAME, "lift", effect=1, reason="整改突出")
    assert matter_of(stage.cases[NAME]).effects[0].lifted_why == "整改突出"
    assert refused(stage, "leader", "lift", {"effect": 1, "reason": "再次"}).code == "matters.effect-over"
