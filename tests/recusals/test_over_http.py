"""Recusal over HTTP on each engine: who is the subject of a case, or has an interest in it, takes no part in it (R12)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from core.procedure import Role
from tests.corrections.served import asked, complaint, decide
from tests.story.conftest import Places
from tests.story.house import Place
from tests.story.matters import Matter, register

R12 = "wenze:readings#r12"
WHY = "被反映人是本人近亲属。"


@pytest.fixture(scope="module")
def ganzhou(places: Places) -> Place:
    """A hotline centre with a second dispatcher, supervisor and operator."""
    place = places["ganzhou"]
    place.hire("second-dispatcher", Role.DISPATCHER)
    place.hire("second-supervisor", Role.SUPERVISOR)
    place.hire("second-operator", Role.INTAKE_CLERK)
    return place


def me(place: Place, who: str) -> str:
    """The person behind a key of the story."""
    return str(place.read(who, "/me")["person_id"])


def declare(matter: Matter, who: str, **body: Any) -> httpx.Response:
    """Says that somebody is recused."""
    return matter.place.client.post(who, f"{matter.path}/recusals", {"reason": WHY} | body)


def declared(matter: Matter, who: str, **body: Any) -> str:
    """Says it; answers the recusal's id."""
    answer = declare(matter, who, **body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def withdraw(matter: Matter, who: str, recusal: str) -> httpx.Response:
    """Takes it back."""
    return matter.place.client.post(who, f"{matter.path}/recusals/{recusal}/withdrawal", {"reason": "登记有误。"})


def assert_recused(answer: httpx.Response) -> None:
    """It was refused by the rule, and without saying on what ground."""
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem.get("clause")) == (403, "recusals.recused", R12), answer.text
    assert "subject" not in problem["detail"]
    assert WHY not in answer.text


def offered(matter: Matter, who: str) -> set[str]:
    """The steps that the person is offered."""
    return set(matter.place.read(who, matter.path)["my_steps"])


def test_an_interest_keeps_from_every_step_until_somebody_else_ends_it(ganzhou: Place) -> None:
    matter = register(ganzhou, "hotline-order")
    assert "accept" in offered(matter, "operator")
    recusal = declared(matter, "operator")
    assert offered(matter, "operator") == set()
    assert_recused(matter.attempt("operator", "accept"))
    assert_recused(matter.attempt("operator", "withdraw", {"reason": "撤回"}))
    assert "accept" in offered(matter, "second-operator")
    own = withdraw(matter, "operator", recusal)
    assert (own.status_code, own.json()["code"]) == (403, "tenants.role-missing")
    assert declare(matter, "operator").json()["code"] == "recusals.declared-already"
    ended = withdraw(matter, "supervisor", recusal)
    assert ended.status_code == 200, ended.text
    assert withdraw(matter, "supervisor", recusal).json()["code"] == "recusals.withdrawn-already"
    matter.take("operator", "accept")
    (listed,) = ganzhou.read("dispatcher", f"{matter.path}/recusals")["items"]
    assert listed["reason"] == WHY
    assert (listed["withdrawn_by"], listed["withdrawal_reason"]) == (me(ganzhou, "supervisor"), "登记有误。")


def test_nobody_ends_their_own_or_lifts_others_while_recused(ganzhou: Place) -> None:
    matter = register(ganzhou, "hotline-order")
    own, others = declared(matter, "supervisor"), declared(matter, "dispatcher")
    refused = withdraw(matter, "supervisor", own)
    assert (refused.status_code, refused.json()["code"]) == (422, "recusals.own")
    assert_recused(withdraw(matter, "supervisor", others))
    assert_recused(declare(matter, "supervisor", person_id=me(ganzhou, "second-dispatcher")))
    assert withdraw(matter, "second-supervisor", own).status_code == 200
    assert withdraw(matter, "supervisor", others).status_code == 200


def test_others_are_named_by_those_who_may(ganzhou: Place) -> None:
    matter = register(ganzhou, "hotline-order")
    dispatcher = me(ganzhou, "dispatcher")
    by_clerk = declare(matter, "operator", person_id=dispatcher)
    assert (by_clerk.status_code, by_clerk.json()["code"]) == (403, "recusals.for-others")
    declared(matter, "operator", person_id=dispatcher, ground="subject")
    assert_recused(matter.attempt("dispatcher", "accept"))
    nobody = declare(matter, "supervisor", person_id="0199f3a2-0000-7000-8000-00000000000a")
    assert (nobody.status_code, nobody.json()["code"]) == (422, "recusals.person-unknown")
    # That somebody is the subject is not told to that person.
    assert ganzhou.read("dispatcher", f"{matter.path}/recusals")["items"] == []


def test_requests_are_decided_by_others_and_wait_in_no_list_of_theirs(ganzhou: Place) -> None:
    matter = register(ganzhou, "hotline-order")
    matter.take("operator", "accept")
    matter.take("dispatcher", "dispatch", units=[{"unit_id": "@urban-management", "part": "lead"}])
    matter.take("city-officer", "return", {"return_ground": "not-our-duty", "reason": "非本单位职责"})

    def waiting(who: str) -> tuple[bool, bool, int]:
        approvals = ganzhou.read(who, "/worklists/approvals", limit=100)["items"]
        requests = ganzhou.read(who, "/requests", mine="true", limit=100)["items"]
        (count,) = (item["count"] for item in ganzhou.read(who, "/worklists")["items"] if item["list"] == "approvals")
        return matter.id in str(approvals), matter.id in str(requests), count

    before = waiting("dispatcher")
    recusal = declared(matter, "dispatcher")
    assert waiting("dispatcher") == (False, False, before[2] - 1)
    assert waiting("second-dispatcher")[:2] == before[:2] == (True, True)
    assert_recused(matter.attempt("dispatcher", "grant-return"))
    assert withdraw(matter, "supervisor", recusal).status_code == 200
    assert waiting("dispatcher") == before
    matter.take("dispatcher", "grant-return")


def test_officers_of_units_sign_and_ask_and_learn_no_reason(ganzhou: Place) -> None:
    matter = register(ganzhou, "hotline-order")
    matter.take("operator", "accept")
    declared(matter, "supervisor", person_id=me(ganzhou, "dispatcher"))
    matter.take("second-dispatcher", "dispatch", units=[{"unit_id": "@urban-management", "part": "lead"}])
    (told,) = ganzhou.read("city-officer", f"{matter.path}/recusals")["items"]
    assert (told["person_id"], told["reason"], told["declared_by"]) == (me(ganzhou, "dispatcher"), None, None)
    declared(matter, "city-officer")
    assert offered(matter, "city-officer") <= {"sign", "return", "ask-co-handler", "ask-extension", "ask-justification"}
    assert_recused(matter.attempt("city-officer", "report-result", {"result": "已修复。", "evidence_note": "无"}))
    matter.take("city-officer", "sign")
    matter.take("city-officer", "return", {"return_ground": "other", "reason": "须回避", "catch_all_reason": "须回避",
                                           "catch_all_basis": "回避规定"})  # fmt: skip


def test_the_parts_of_a_case_and_what_is_merged_with_it_are_one_matter(ganzhou: Place) -> None:
    matter, twice = register(ganzhou, "hotline-order"), register(ganzhou, "hotline-order")
    declared(matter, "dispatcher")
    merge = {"into": matter.view["number"], "reason": "同一事项"}
    assert_recused(ganzhou.client.post("dispatcher", f"{twice.path}/merge", merge, twice.etag))
    merged = ganzhou.client.post("second-dispatcher", f"{twice.path}/merge", merge, twice.etag)
    assert merged.status_code == 200, merged.text
    apart = {"reason": "两处"}
    assert_recused(ganzhou.client.post("dispatcher", f"{twice.path}/unmerge", apart, merged.headers["etag"]))
    matter.view = ganzhou.read("operator", matter.path)
    matter.etag = f'"{matter.view["version"]}"'
    matter.take("operator", "accept")
    parts = [{"title": f"第{word}件", "narrative": f"第{word}件。"} for word in "一二"]
    matter.take("second-dispatcher", "split", {"parts": parts})
    for part in ganzhou.read("dispatcher", f"{matter.path}/parts")["items"]:
        one = Matter(ganzhou, "hotline-order", part, f'"{part["version"]}"')
        assert offered(one, "dispatcher") == set()
        assert "dispatch" in offered(one, "second-dispatcher")


def test_who_is_recused_reads_neither_who_brings_it_nor_the_words(ganzhou: Place) -> None:
    matter = register(ganzhou, "hotline-order", petitioner={"name": "李明", "phone": "13800000000"})
    ask = {"purpose": "contact", "note": "核实情况"}

    def read(who: str) -> tuple[httpx.Response, httpx.Response]:
        identity = ganzhou.client.post(who, f"{matter.path}/petitioner/readings", ask)
        words = ganzhou.client.post(who, f"{matter.path}/narrative/readings", {"purpose": "redact", "note": "撰写"})
        return identity, words

    assert {answer.status_code for answer in read("operator")} == {201}
    declared(matter, "supervisor", person_id=me(ganzhou, "operator"), ground="subject")
    for answer in read("operator"):
        assert_recused(answer)


def test_a_correction_is_decided_by_others(places: Places) -> None:
    place = places["ankang"]
    place.hire("second-supervisor", Role.SUPERVISOR)
    matter = complaint(place)
    correction = asked(matter, received_at="2026-03-02T09:59:00+08:00")
    declared(matter, "supervisor")
    assert_recused(decide(matter, correction))
    assert decide(matter, correction, "second-supervisor", grant=False).status_code == 200


def test_it_stands_in_the_trail_and_is_told_without_a_name(ganzhou: Place) -> None:
    matter = register(ganzhou, "hotline-order")
    recusal = declared(matter, "operator")
    assert withdraw(matter, "supervisor", recusal).status_code == 200
    rows = [row for row in ganzhou.rows("audit") if row["stream"] == f"case:{matter.id}"]
    assert [row["action"] for row in rows][-2:] == ["case.recusal-declared", "case.recusal-withdrawn"]
    events = [row for row in ganzhou.rows("outbox") if row["refs"].get("recusal_id") == recusal]
    assert {row["type"] for row in events} == {"case.recusal-declared", "case.recusal-withdrawn"}
    assert all(set(row["refs"]) == {"case_id", "recusal_id"} for row in events)
