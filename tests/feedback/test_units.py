"""Units learn what came of a reply and never who said what: nothing that an officer gets has a trace of an answer."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core.procedure import Role
from tests.feedback.replied import CALLED, CONTENT, SECOND, THIRD, UNHAPPY, answer, code, feedback, replied
from tests.story.house import House, Place
from tests.story.matters import Matter

WORDS = ("井盖一踩就响，我就住楼上", "没有人来加固过，我天天路过", "谢谢接线的小姑娘")
NOTE = "诉求人儿子代答"
ASK = {"purpose": "quality-check", "note": "核实不满意的原因"}


@pytest.fixture(scope="module")
def answered(house: House) -> Matter:
    """An order that three people brought, all asked and heard, and still replied; and again after a redo."""
    place = house.open("ganzhou")
    place.hire("head", Role.UNIT_OFFICER, unit="urban-management")
    place.hire("auditor", Role.AUDITOR)
    place.hire("both", Role.DISPATCHER, Role.UNIT_OFFICER, unit="urban-management")
    matter = replied(place, SECOND, THIRD)
    second = matter.receipts[1]
    matter.take("operator", "call-back", CALLED | UNHAPPY, words=WORDS[0], petitioner_number=1, note=NOTE)
    assert answer(place, second, satisfied=False, dissatisfaction="attitude", words=WORDS[1]).status_code == 200
    matter.refresh()
    matter.take("operator", "call-back", CALLED | CONTENT, petitioner_number=3, words=WORDS[2])
    return matter


def everything(place: Place, who: str, matter: Matter) -> dict[str, str]:
    """Whatever somebody may read at all of the tenant, by address; bodies and headers alike."""
    paths = place.read(who, "/openapi.json")["paths"]
    found = {}
    for path, item in paths.items():
        address = path.replace("{case_id}", matter.id)
        if "get" in item and "{" not in address and address != "/openapi.json":
            response = place.get(who, address)
            found[address] = f"{response.headers} {response.text}"
    return found


def told_by(answers: list[dict[str, Any]]) -> set[str]:
    """What would tell of single answers: their words, the note, the steps' ids."""
    return {*WORDS, NOTE, *(item["id"] for item in answers)}


def test_nothing_that_an_officer_can_read_has_a_trace_of_an_answer(answered: Matter) -> None:
    seen = everything(answered.place, "city-officer", answered)
    assert any(address.endswith("/feedback") for address in seen)
    assert len([text for text in seen.values() if answered.id in text]) > 3, "the officer does see the case"
    answers = feedback(answered)["answers"]
    assert len(answers) == 3
    leaks = [(address, word) for address, text in seen.items() for word in told_by(answers) if word in text]
    assert leaks == []
    case = [text for address, text in seen.items() if answered.id in address]
    marks = ("satisf", "not-solved", "attitude", '"petitioner"', "by-receipt", '"way"')
    titled = re.compile("|".join(marks))
    assert [hit for text in case for hit in titled.findall(text)] == []


def test_the_officers_list_waits_until_the_round_is_over(answered: Matter) -> None:
    assert feedback(answered, "city-officer") == {"rounds": [], "answers": []}
    assert "satisfaction" not in answered.place.read("city-officer", answered.path)["facts"]
    assert answered.place.read("dispatcher", answered.path)["facts"]["satisfaction"] == "unsatisfied"
    assert len(feedback(answered, "auditor")["answers"]) == 3


def test_no_step_of_an_officer_shows_an_answer(answered: Matter) -> None:
    shown = answered.place.read("city-officer", f"{answered.path}/steps")["items"]
    whole = answered.place.read("dispatcher", f"{answered.path}/steps")["items"]
    assert [item["id"] for item in shown] == [item["id"] for item in whole if item["verb"] != "feedback"]
    assert len(whole) - len(shown) == 3


def test_the_words_stand_sealed_and_in_no_event_audit_row_or_log(answered: Matter, house: House) -> None:
    place = answered.place
    rows = {name: str(place.rows(name)) for name in place.counts()}
    assert [(name, word) for name, text in rows.items() for word in WORDS if word in text] == []
    assert [row["words"] is None for row in place.rows("feedback")] == [False] * 3
    log = house.service.log.read_text()
    assert [word for word in (*WORDS, NOTE) if word in log] == []
    events = [row for row in place.rows("outbox") if row["type"] == "case.feedback"]
    assert len(events) == 3
    assert {frozenset(row["refs"]) for row in events} == {frozenset({"case_id", "step_id", "step", "version"})}


def read(matter: Matter, who: str, id_: str, body: dict[str, Any] | None = None) -> Any:
    """Tries to read the words of an answer."""
    return matter.place.client.post(who, f"{matter.path}/feedback/{id_}/readings", body or ASK)


def test_words_are_read_for_a_purpose_and_each_reading_is_on_record(answered: Matter) -> None:
    place, (first, second, _) = answered.place, feedback(answered)["answers"]
    before = place.counts()
    found = [read(answered, who, said["id"]) for who, said in (("dispatcher", first), ("supervisor", second))]
    assert [item.status_code for item in found] == [201, 201]
    assert [item.json()["words"] for item in found] == list(WORDS[:2])
    after = place.counts()
    assert {name: after[name] - before[name] for name in ("narrative_reading", "audit", "outbox")} == {
        "narrative_reading": 2, "audit": 2, "outbox": 2,
    }  # fmt: skip
    listed = place.read("auditor", f"{answered.path}/narrative/readings")["items"]
    assert [item["id"] for item in listed][-2:] == [item.json()["reading"]["id"] for item in found]
    event = [row["refs"] for row in place.rows("outbox") if row["type"] == "narrative.read"][-1]
    assert event["feedback_id"] in {first["id"], second["id"]}


@pytest.mark.parametrize(
    ("who", "wanted"),
    [
        ("city-officer", (403, "tenants.role-missing")),
        ("head", (403, "tenants.role-missing")),
        ("auditor", (403, "tenants.role-missing")),
        ("administrator", (403, "tenants.role-missing")),
        ("both", (403, "petitioners.own-unit")),
    ],
)
def test_others_do_not_read_them(answered: Matter, who: str, wanted: tuple[int, str]) -> None:
    before = answered.place.counts()
    assert code(read(answered, who, feedback(answered)["answers"][0]["id"])) == wanted
    assert answered.place.counts() == before


def test_who_works_for_the_unit_beside_the_centre_sees_no_single_answer_either(answered: Matter) -> None:
    assert feedback(answered, "both")["answers"] == []
    steps = answered.place.read("both", f"{answered.path}/steps")["items"]
    assert "feedback" not in {item["verb"] for item in steps}
    assert "satisfaction" not in answered.place.read("both", answered.path)["facts"]


def test_what_has_no_words_or_is_not_there_is_not_read(answered: Matter, ganzhou: Place) -> None:
    silent = replied(ganzhou)
    silent.take("operator", "call-back", CALLED | CONTENT)
    (said,) = feedback(silent)["answers"]
    assert code(read(silent, "dispatcher", said["id"])) == (422, "feedback.no-words")
    foreign = feedback(answered)["answers"][0]["id"]
    for id_ in (foreign, silent.id, "0199f3a2-0000-7000-8000-000000000001"):
        assert code(read(silent, "dispatcher", id_)) == (404, "api.not-found")
    for body in ({"purpose": "curiosity", "note": "x"}, {"purpose": "handle"}, ASK | {"note": "\0"}):
        assert read(silent, "dispatcher", said["id"], body).status_code == 400


def test_a_unit_is_told_what_came_of_it_when_it_is_sent_back(house: House) -> None:
    matter = replied(house.open("ganzhou"), SECOND)
    first, second = matter.receipts
    assert answer(matter.place, second, **UNHAPPY, words=WORDS[0]).status_code == 200
    assert answer(matter.place, first, **CONTENT).status_code == 200
    matter.refresh()
    matter.take("dispatcher", "send-back", reason="诉求人不满意")
    told = feedback(matter, "city-officer")
    assert told == {"rounds": [{"round": 1, "satisfied": False, "reasons": ["not-solved"]}], "answers": []}
    seen = everything(matter.place, "city-officer", matter)
    traces = told_by(feedback(matter)["answers"])
    assert [(address, word) for address, text in seen.items() for word in traces if word in text] == []
    stranger = matter.place.get("road-officer", f"{matter.path}/feedback")
    assert code(stranger) == (404, "api.not-found")
