"""Staff who pry: what a case hides from somebody, no operation around it tells him either."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from core.cases.identity import Identity
from core.cases.rendition import propose_rendition
from core.procedure import Role
from core.tenants.scopes import Scope
from tests.attachments import files
from tests.story.house import Place
from tests.story.matters import LEAD_ONLY, Matter, instant, register, registration
from tests.story.test_attachments import add, link, seen, uploaded

PHONE = "13900000000"
WHO = {"name": "温国平", "phone": PHONE}
ASK = {"purpose": "redact", "note": "核实"}
WORDS = [*(scope for scope in Scope if scope is not Scope.PETITIONERS_READ)]


@pytest.fixture
def ganzhou_alone(open_place: Callable[[str], Place]) -> Place:
    """A tenant of its own."""
    place = open_place("ganzhou")
    place.hire("auditor", Role.AUDITOR)
    return place


def draft(place: Place, who: str, kind: str, **more: Any) -> httpx.Response:
    return place.client.post(who, "/calculations/duplicates", {"kind": kind, "title": "窗口办理时间过长"} | more)


def with_letter(matter: Matter, who: str) -> str:
    letter = uploaded(matter.place, who, name="来信.pdf", content=files.PDF)
    add(matter, who, letter).raise_for_status()
    return letter


def complaint_about(place: Place, unit: str) -> Matter:
    return register(place, "complaint", petitioner=WHO, subject_unit=str(place.cast.units[unit]))


def test_staff_of_the_unit_complained_of_see_no_letter(open_place: Callable[[str], Place]) -> None:
    place = open_place("ankang")
    place.hire("insider", Role.SUPERVISOR, unit="social-security-window")
    matter = complaint_about(place, "social-security-window")
    letter = with_letter(matter, "supervisor")
    assert place.client.post("insider", f"{matter.path}/narrative/readings", ASK).json()["code"] == "petitioners.own-unit"
    assert seen(matter, "supervisor").keys() == {letter}
    assert seen(matter, "insider") == {}
    assert link(matter, "insider", letter, purpose="verify").status_code == 404


def test_an_officer_of_a_handling_unit_sees_no_letter_whatever_else_he_is(ganzhou_alone: Place) -> None:
    place = ganzhou_alone
    place.hire("both", Role.UNIT_OFFICER, Role.DISPATCHER, unit="urban-management")
    matter = register(place, "hotline-order", petitioner=WHO).live("dispatched")
    letter = with_letter(matter, "operator")
    assert seen(matter, "both") == {}
    assert link(matter, "both", letter, purpose="verify").status_code == 404


def test_who_reads_no_words_as_they_were_told_opens_no_letter(ganzhou_alone: Place) -> None:
    matter = register(ganzhou_alone, "hotline-order", petitioner=WHO)
    letter = with_letter(matter, "operator")
    for who in ("auditor", ganzhou_alone.administrator):
        assert seen(matter, who) == {}
        assert link(matter, who, letter, purpose="verify").status_code == 404
    assert link(matter, "supervisor", letter, purpose="supervise").status_code == 201


def test_nobody_fishes_by_phone_for_duplicates_without_the_scope_of_identities(ganzhou_alone: Place) -> None:
    place = ganzhou_alone
    place.hire("fisher", Role.INTAKE_CLERK, scopes=WORDS)
    register(place, "hotline-order", petitioner=WHO)
    found = draft(place, "fisher", "hotline-order", phone=PHONE)
    assert (found.status_code, found.json().get("code")) == (403, "tenants.scope-missing")
    body = registration("hotline-order", petitioner=WHO) | {"suggest_duplicates": True}
    made = place.client.post("fisher", "/cases", body)
    assert made.status_code == 201, made.text
    assert "same-petitioner" not in made.text


def test_duplicates_do_not_tell_who_complains_of_the_own_unit(open_place: Callable[[str], Place]) -> None:
    place = open_place("ankang")
    place.hire("insider", Role.SUPERVISOR, unit="social-security-window")
    complaint_about(place, "social-security-window")
    told = draft(place, "supervisor", "complaint", phone=PHONE)
    assert "same-petitioner" in told.text
    told = draft(place, "insider", "complaint", phone=PHONE)
    assert "same-petitioner" not in told.text, told.text


def test_an_officer_of_a_parts_unit_reads_nothing_of_the_case_it_was_split_from(ganzhou_alone: Place) -> None:
    place = ganzhou_alone
    place.hire("both", Role.UNIT_OFFICER, Role.DISPATCHER, unit="urban-management")
    matter = register(place, "hotline-order", petitioner=WHO)
    matter.take("operator", "accept")
    words = [{"title": title, "narrative": f"{title}。"} for title in ("塌陷", "停水")]
    matter.take("dispatcher", "split", parts=words)
    parts = place.read("dispatcher", f"{matter.path}/parts")["items"]
    first = place.get("dispatcher", f"/cases/{parts[0]['id']}")
    part = Matter(place, "hotline-order", first.json(), first.headers["etag"])
    part.take("dispatcher", "dispatch", units=LEAD_ONLY, rendition="塌陷。")
    for id_ in (parts[0]["id"], matter.id, parts[1]["id"]):
        answer = place.client.post("both", f"/cases/{id_}/narrative/readings", ASK)
        assert (answer.status_code, answer.json().get("code")) == (403, "petitioners.own-unit"), id_
        answer = place.client.post("both", f"/cases/{id_}/petitioner/readings", {"purpose": "contact", "note": "x"})
        assert (answer.status_code, answer.json().get("code")) == (403, "petitioners.own-unit"), id_


def test_why_a_tip_off_came_late_or_was_corrected_is_told_to_nobody_outside(open_place: Callable[[str], Place]) -> None:
    place = open_place("baoding")
    place.hire("auditor", Role.AUDITOR)
    now = place.now()
    closed = now.replace(day=1) - timedelta(days=1)
    place.client.post(place.administrator, f"/months/{closed:%Y-%m}/closure", {"basis": "月报"}).raise_for_status()
    late = {"received_at": closed.isoformat(), "received_reason": "王岩本人转交，补登。"}
    matter = register(place, "tip-off", petitioner={"name": "王岩"}, **late)
    earlier = {"received_at": (closed - timedelta(days=1)).isoformat(), "reason": "王岩称邮戳更早。"}
    asked = place.client.post("clerk", f"{matter.path}/corrections", earlier)
    assert asked.status_code in {200, 201}, asked.text
    (row,) = place.read("auditor", f"/months/{closed:%Y-%m}/adjustments")["items"]
    assert (row["case_id"], row["reason"], row["recorded_by"]) == (matter.id, None, None)
    (line,) = place.read("auditor", "/requests")["items"]
    assert (line["case_id"], line["reason"], line["person_id"], line["details"]) == (matter.id, None, None, {})
    decision = {"grant": False, "reason": "王岩未能证明。"}
    decided = place.client.post(
        "supervisor", f"{matter.path}/corrections/{asked.json()['id']}/decision", decision, asked.headers["etag"]
    )
    assert decided.status_code == 200, decided.text
    (line,) = place.read("auditor", "/requests")["items"]
    assert (line["state"], line["decision_reason"], line["decided_by"]) == ("declined", None, None)
    assert "王岩" in str(place.read("supervisor", "/requests"))


def test_how_many_reported_a_thing_is_told_to_nobody_outside(open_place: Callable[[str], Place]) -> None:
    place = open_place("baoding")
    place.hire("auditor", Role.AUDITOR)
    one = register(place, "tip-off", petitioner={"name": "王岩"}, co_petitioners=[{"name": "李明明"}])
    other = register(place, "tip-off", petitioner={"name": "赵大海"})
    why = {"into": other.view["number"], "reason": "王岩与赵大海反映同一事项"}
    place.client.post("supervisor", f"{one.path}/merge", why, one.etag).raise_for_status()
    (told,) = place.read("supervisor", f"{other.path}/merged")["items"]
    assert (told["petitioners"], told["title"] != told["number"]) == (2, True)
    (told,) = place.read("auditor", f"{other.path}/merged")["items"]
    assert (told["petitioners"], told["title"]) == (None, told["number"])
    assert "王岩" not in place.get("auditor", f"{other.path}/steps").text


def test_units_do_not_read_what_the_centre_noted_of_who_brings_a_matter(ganzhou_alone: Place) -> None:
    place = ganzhou_alone
    matter = register(place, "hotline-order", petitioner=WHO).live("dispatched")
    joined = {"petitioner": {"name": "曾小妹"}, "note": "曾小妹是温国平的邻居"}
    place.client.post("operator", f"{matter.path}/petitioners", joined, matter.etag).raise_for_status()
    other = register(place, "hotline-order", petitioner={"name": "刘大勇"})
    why = {"into": matter.view["number"], "reason": "刘大勇与温国平反映同一处"}
    place.client.post("dispatcher", f"{other.path}/merge", why, other.etag).raise_for_status()
    matter.refresh()
    away = {"reason": "刘大勇说的是另一处"}
    other.refresh()
    place.client.post("dispatcher", f"{other.path}/unmerge", away, other.etag).raise_for_status()
    matter.refresh()
    earlier = (instant(matter.view["received_at"]) - timedelta(hours=1)).isoformat()
    asked = place.client.post(
        "operator", f"{matter.path}/corrections", {"received_at": earlier, "reason": "温国平来电更正"}
    ).raise_for_status()
    digest = asked.json()["current"]["digest"]
    grant = {"grant": True, "reason": "温国平所述属实", "consequences": digest}
    path = f"{matter.path}/corrections/{asked.json()['id']}/decision"
    place.client.post("supervisor", path, grant, asked.headers["etag"]).raise_for_status()
    steps = {item["step"]: item for item in place.read("city-officer", f"{matter.path}/steps")["items"]}
    assert {"add-petitioner", "take-in", "let-go", "correct"} <= steps.keys()
    assert not [name for name in ("温国平", "曾小妹", "刘大勇") if name in str(steps)]
    assert steps["correct"]["data"]["facts"]
    assert "曾小妹" in str(place.read("supervisor", f"{matter.path}/steps"))


def test_the_last_order_of_the_same_person_is_named_to_who_may_know_persons(ganzhou_alone: Place) -> None:
    place = ganzhou_alone
    earlier = register(place, "hotline-order", petitioner=WHO).live("dispatched")
    rule = {"target": "last-of-petitioner", "valid_from": "2026-01-01", "basis": "同一诉求人"}
    place.client.post(place.administrator, "/routing-rules", rule).raise_for_status()
    later = register(place, "hotline-order", petitioner=WHO)
    place.hire("narrow", Role.DISPATCHER, scopes=WORDS)
    told = {
        who: earlier.view["number"] in place.get(who, f"{later.path}/routing").text
        for who in ("dispatcher", "narrow", "supervisor", place.administrator)
    }
    assert told == {"dispatcher": True, "narrow": False, "supervisor": False, place.administrator: False}


@pytest.mark.parametrize("told", ["温、国、平反映", "温*国*平反映", "回电139\u200b0000\u200b0000"])
def test_what_is_written_around_the_masks_is_masked(told: str) -> None:
    text = propose_rendition(told, [Identity(**WHO)]).text
    assert text in {"[姓名]反映", "回电[电话号码]"}
    dates = "2026-04-28，2026-04-29，2026-04-30"
    assert propose_rendition(dates, [Identity(**WHO)]).text == dates
