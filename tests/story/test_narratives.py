"""What units read and what was told: a rendition confirmed before a unit sees a case, the words themselves for a purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from core.procedure import Role
from tests.story.house import Place
from tests.story.matters import BOTH, LEAD_ONLY, Matter, register
from tests.support.telling import without_chance

WHO = {"name": "温国平", "phone": "139 0000 0000", "id_number": "11010519491231002X"}
NARRATIVE = "我是温国平，电话13900000000，家住红旗大道，人行道塌陷，温先生请回电。"
MADE = "我是[姓名]，电话[电话号码]，家住红旗大道，人行道塌陷，[姓名]请回电。"
WRITTEN = "红旗大道人行道塌陷。"
ASK = {"purpose": "redact", "note": "撰写脱敏文本"}


@pytest.fixture
def order(open_place: Callable[[str], Place]) -> Matter:
    """An order of a named caller whose rendition nobody has written."""
    place = open_place("ganzhou")
    place.hire("auditor", Role.AUDITOR)
    matter = register(place, "hotline-order", petitioner=WHO, narrative=NARRATIVE, title="温先生反映塌陷", rendition=None)
    matter.take("operator", "accept")
    return matter


def confirm(matter: Matter, who: str = "dispatcher", etag: str | None = None, **body: Any) -> httpx.Response:
    """Tries to confirm a rendition."""
    return matter.place.client.post(who, f"{matter.path}/rendition", body, etag or matter.etag)


def test_it_is_made_with_masks_and_shown_in_place_of_the_words(order: Matter) -> None:
    assert (order.view["narrative"], order.view["rendition_state"]) == (MADE, "made")
    assert order.view["title"] == "[姓名]反映塌陷"
    for who in ("operator", "dispatcher", "supervisor", "auditor"):
        read = order.place.read(who, order.path)
        assert (read["narrative"], "温国平" in str(read)) == (MADE, False)


def test_no_unit_sees_a_case_before_it_is_confirmed(order: Matter) -> None:
    before = order.place.counts()
    answer = order.attempt("dispatcher", "dispatch", {"units": BOTH})
    assert (answer.status_code, answer.json()["code"]) == (422, "cases.rendition-unconfirmed")
    assert (answer.json()["clause"], answer.json()["field"]) == ("wenze:house#rendition", "/rendition")
    assert order.place.counts() == before
    confirmed = confirm(order)
    assert confirmed.status_code == 200, confirmed.text
    assert (confirmed.json()["narrative"], confirmed.json()["rendition_state"]) == (MADE, "confirmed")
    order.refresh()
    order.take("dispatcher", "dispatch", units=BOTH)
    assert order.place.read("city-officer", order.path)["narrative"] == MADE


def test_a_dispatch_can_bring_the_text(order: Matter) -> None:
    order.take("dispatcher", "dispatch", units=LEAD_ONLY, rendition=WRITTEN)
    assert (order.view["narrative"], order.view["rendition_state"]) == (WRITTEN, "confirmed")
    seen = order.place.read("city-officer", order.path)
    assert seen["narrative"] == WRITTEN
    steps = order.place.get("city-officer", f"{order.path}/steps").text
    assert (WRITTEN in steps, "温国平" in steps) == (True, False)


@pytest.mark.parametrize(
    ("text", "zh", "pieces"),
    [
        ("温 国平反映塌陷。", "姓名", ("温", "国平")),
        ("请回电１３９００００００００。", "电话号码", ("139", "１３９")),
        ("请回电一三八零零一三八零零零。", "电话号码", ("138", "一三八")),
        ("身份证11010519491231002x。", "证件号", ("1101", "002x", "002X")),
        ("他人身份证 110105 19490101 0028。", "证件号", ("1101", "1949", "0028")),
    ],
)
def test_a_text_that_still_tells_is_refused_without_saying_what(
    order: Matter, text: str, zh: str, pieces: tuple[str, ...]
) -> None:
    before = order.place.counts()
    taken = order.attempt("dispatcher", "dispatch", {"units": LEAD_ONLY, "rendition": text})
    for answer in (confirm(order, rendition=text), taken):
        assert (answer.status_code, answer.json()["code"]) == (422, "cases.rendition-tells")
        assert not [piece for piece in pieces if piece in without_chance(answer.text)]
    zh_answer = order.place.client.send(
        "dispatcher", "POST", f"{order.path}/rendition", {"accept-language": "zh", "if-match": order.etag,
        "idempotency-key": "zh"}, f'{{"rendition": "{text}"}}'.encode(),
    )  # fmt: skip
    assert zh in zh_answer.json()["detail"]
    assert order.place.counts() == before


def test_a_registration_whose_own_text_tells_writes_nothing(order: Matter) -> None:
    place, before = order.place, order.place.counts()
    body = {"kind": "hotline-order", "channel": "hotline", "title": "塌陷", "narrative": "塌陷", "petitioner": WHO}
    answer = place.client.post("operator", "/cases", body | {"rendition": "温国平反映塌陷。"})
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        422,
        "cases.rendition-tells",
        "/rendition",
    )
    assert place.counts() == before


def test_who_may_not_and_who_is_late_confirms_nothing(order: Matter) -> None:
    assert confirm(order, "supervisor", rendition=WRITTEN).status_code == 403
    assert confirm(order, "city-officer", rendition=WRITTEN).status_code == 403
    assert confirm(order, etag='"1"', rendition=WRITTEN).status_code == 412
    for bad in ({"rendition": ""}, {"rendition": " \n"}, {"rendition": "字" * 20_001}, {"rendition": 5}, {"text": "x"}):
        assert confirm(order, **bad).status_code == 400
    nul = order.place.client.send(
        "dispatcher", "POST", f"{order.path}/rendition",
        {"if-match": order.etag, "idempotency-key": "nul"}, b'{"rendition": "a\\u0000b"}',
    )  # fmt: skip
    assert nul.status_code == 400
    assert order.refresh()["rendition_state"] == "made"


def test_the_words_are_read_for_a_purpose_and_on_record(order: Matter) -> None:
    place, path = order.place, f"{order.path}/narrative/readings"
    before = place.counts()
    answer = place.client.post("dispatcher", path, ASK, key="once")
    assert answer.status_code == 201, answer.text
    assert answer.json()["narrative"] == NARRATIVE
    after = place.counts()
    grown = {name: after[name] - number for name, number in before.items() if after[name] != number}
    assert grown == {"narrative_reading": 1, "audit": 1, "audit_content": 1, "outbox": 1, "idempotency": 1}
    again = place.client.post("dispatcher", path, ASK, key="once")
    assert (again.json(), again.headers["idempotency-replayed"]) == (answer.json(), "true")
    (listed,) = place.read("auditor", path)["items"]
    assert (listed, listed["role"]) == (answer.json()["reading"], "dispatcher")
    assert not any(NARRATIVE in str(row) for table in ("outbox", "audit_content") for row in place.rows(table))
    assert place.counts() == after | {"idempotency": after["idempotency"]}


def test_who_does_not_work_on_such_cases_does_not_read_them(order: Matter) -> None:
    place, path = order.place, f"{order.path}/narrative/readings"
    order.take("dispatcher", "dispatch", units=BOTH, rendition=WRITTEN)
    place.hire("both", Role.DISPATCHER, Role.UNIT_OFFICER, unit="urban-management")
    assert [place.client.post(who, path, ASK).status_code for who in ("city-officer", "auditor", "administrator")] == [
        403
    ] * 3
    assert place.client.post("both", path, ASK).json()["code"] == "petitioners.own-unit"
    assert place.get("dispatcher", path).status_code == 403
    for body in ({}, {"purpose": "redact"}, {"purpose": "curiosity", "note": "x"}, ASK | {"note": " "}):
        assert place.client.post("dispatcher", path, body).status_code == 400
    assert place.rows("narrative_reading") == []


def test_of_a_whistleblower_the_text_is_written_and_never_the_one_that_was_made(open_place: Callable[[str], Place]) -> None:
    place = open_place("baoding")
    matter = register(place, "tip-off", petitioner={"name": "王岩"}, narrative="王岩在窗口亲眼看见。", rendition=None)
    matter.take("clerk", "accept", subject_class="administrative-organ")
    answer = confirm(matter, "clerk")
    assert (answer.status_code, answer.json()["code"]) == (422, "cases.rendition-unwritten")
    assert confirm(matter, "clerk", rendition="反映目录未更新。").status_code == 200
    matter.refresh()
    matter.take("clerk", "classify", track="transfer")
    matter.take("clerk", "transfer", units=LEAD_ONLY, identity_removed=True)
    assert place.read("officer", matter.path)["narrative"] == "反映目录未更新。"


def test_search_follows_what_units_may_read(order: Matter) -> None:
    place = order.place
    order.take("dispatcher", "dispatch", units=LEAD_ONLY, rendition="积水严重。")
    found = {who: len(place.read(who, "/cases", q="积水")["items"]) for who in ("dispatcher", "city-officer")}
    assert found == {"dispatcher": 1, "city-officer": 1}
    assert place.read("city-officer", "/cases", q="家住")["items"] == []


def test_a_matter_that_nobody_brings_has_its_own_words(open_place: Callable[[str], Place]) -> None:
    place = open_place("jincheng")
    matter = register(place, "inspection-matter", narrative="管网改造滞后。")
    assert (matter.view["narrative"], matter.view["rendition_state"], matter.view["petitioners"]) == (
        "管网改造滞后。",
        None,
        None,
    )
    assert place.client.post("inspector", f"{matter.path}/rendition", {}, matter.etag).status_code == 404
