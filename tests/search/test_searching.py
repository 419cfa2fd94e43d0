"""Search over HTTP: what stands in the cases is found and nothing else, with filters, by nobody who may not read it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import product
from typing import Any

import httpx
import pytest

from core.procedure import Role
from tests.story.house import House, Place
from tests.story.matters import Matter, register, registration

WORDS = ("人行道", "塌陷", "渗水", "路灯", "不亮", "公交站", "红旗大道", "积水", "A12", "2026", "物业")
PLACES = ("红旗大道12号", "文清路5号", "兴国路公交站旁")
DIVISIONS = ("360702", "360702001", "360703")
CASES = 30
CLERK, OFFICER = "operator", "city-officer"


@dataclass(frozen=True)
class Written:
    """A case with what was told at registration."""

    matter: Matter
    narrative: str
    place: str
    division: str

    @property
    def texts(self) -> list[str]:
        """What a clerk may read of it: the rendition too, which the view has for the narrative."""
        view = self.matter.view
        return [view["number"], view["title"], view["narrative"], self.narrative, self.place]


@pytest.fixture(scope="module")
def place(house: House) -> Place:
    """A hotline centre."""
    return house.open("ganzhou")


@pytest.fixture(scope="module")
def written(place: Place) -> list[Written]:
    """Cases of words thrown together, some with a unit; newest first."""
    dice = random.Random(12345)
    made = []
    for index in range(CASES):
        title = "，".join(dice.sample(WORDS, 2))
        narrative = "。".join(dice.sample(WORDS, 3)) + "".join(dice.sample(WORDS[:8], 2))
        address, division = PLACES[index % 3], DIVISIONS[index % 3 if index % 2 else 0]
        told = {"division": division, "address": address}
        matter = taken_in(place, title=title, narrative=narrative, place=told)
        if index % 2:
            matter.live("dispatched")
        made.append(Written(matter, narrative, address, division))
    return made[::-1]


def taken_in(at: Place, **words: Any) -> Matter:
    """An order with those words, at a place."""
    answer = at.client.post(CLERK, "/cases", registration("hotline-order", **words)).raise_for_status()
    return Matter(at, "hotline-order", answer.json(), answer.headers["etag"])


def found(place: Place, who: str, **query: Any) -> list[str]:
    """The ids of a page that is large enough."""
    return [item["id"] for item in place.read(who, "/cases", limit=200, **query)["items"]]


def walked(place: Place, who: str, limit: int, **query: Any) -> list[str]:
    """The ids of all pages, each no longer than asked for."""
    ids: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(200):
        page = place.read(who, "/cases", limit=limit, **query, **cursor)
        assert len(page["items"]) <= limit
        ids += [item["id"] for item in page["items"]]
        if page["next"] is None:
            return ids
        cursor = {"cursor": page["next"]}
    pytest.fail("the pages have no end")


def naive(written: list[Written], question: str) -> list[str]:
    """By looking into each text for each word."""
    words = question.casefold().split()
    return [item.matter.id for item in written if all(any(word in text.casefold() for text in item.texts) for word in words)]


QUESTIONS = (
    *WORDS, *(word[:2] for word in WORDS if not word.isascii()), "行道", "站旁", "红旗大道12号", "路5号", "道塌",
    "陷渗", "大道红旗", "不在任何一件里",
    *(f"{one} {other}" for one, other in product(WORDS[:4], WORDS[4:8])), "人行道 塌陷 渗水", "ａ１２", "灯不 不亮",
)  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_stands_in_a_case_is_found_and_nothing_else(place: Place, written: list[Written], question: str) -> None:
    expected = naive(written, question.replace("ａ１２", "A12"))
    assert found(place, CLERK, q=question) == expected
    assert walked(place, CLERK, 3, q=question) == expected


def test_the_questions_are_worth_asking(written: list[Written]) -> None:
    counts = [len(naive(written, question)) for question in QUESTIONS]
    assert 0 in counts
    assert sum(0 < count < CASES for count in counts) > len(counts) // 2


def test_words_stand_together_with_every_filter(place: Place, written: list[Written]) -> None:
    hits = 0
    for word, state, division in product(
        ("塌陷", "人行道", "2026"), ("registered", "dispatched"), ("36", "360702", "360703")
    ):
        asked = {"q": word, "state": state, "division": division, "kind": "hotline-order", "urgent": "false"}
        expected = [
            item.matter.id
            for item in written
            if item.matter.id in naive(written, word)
            and item.matter.view["state"] == state
            and item.division.startswith(division)
        ]
        assert found(place, CLERK, **asked) == expected, asked
        hits += len(expected)
    assert hits


def test_a_case_is_found_by_its_number_and_its_tail(place: Place, written: list[Written]) -> None:
    for item in written[:5]:
        number = item.matter.view["number"]
        tail = number.partition("-")[2]
        for question in (number, number.lower(), tail, tail.lstrip("0")):
            assert item.matter.id in found(place, CLERK, q=question), question
        assert found(place, CLERK, q=number) == [item.matter.id]


def test_a_unit_finds_only_by_what_it_reads(place: Place, written: list[Written]) -> None:
    own = [item for item in written if item.matter.view["units"]]
    assert len(own) > CASES // 3
    for word in WORDS:
        view = [item.matter.id for item in own if any(word in item.matter.view[name] for name in ("title", "number"))]
        hits = found(place, OFFICER, q=word)
        assert set(view) <= set(hits), word
        for id_ in hits:
            shown = place.get(OFFICER, f"/cases/{id_}").text
            assert word in shown, (word, shown)


@pytest.mark.parametrize(
    "question",
    ["", " ", "路", "。", "a b c d e f g h i", "\u3000", "路 灯亮", "x" * 101, "人行道" * 2_000, "a" * 10_000],
)
def test_what_cannot_be_looked_for_is_said(place: Place, question: str) -> None:
    answer = place.get(CLERK, "/cases", q=question)
    assert answer.status_code == 400, answer.text
    assert answer.json()["field"] == "q"


@pytest.mark.parametrize("question", ["(a+)+$", "%", "_%_路灯", "人行道' OR 1=1 --", "塌陷\\", ".*塌陷.*", "[a-z]{1,99}"])
def test_a_pattern_is_words_like_any_other(place: Place, written: list[Written], question: str) -> None:
    answer = place.get(CLERK, "/cases", q=question)
    assert answer.status_code in {200, 400}
    if answer.status_code == 200:
        assert [item["id"] for item in answer.json()["items"]] == naive(written, question)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", ",".join(map(str, range(40)))),
        ("state", ",,"),
        ("returns_from", "0"),
        ("division", "0"),
        ("division", "36%"),
        ("sort", "oldest"),
        ("closed_from", "0001-01-01T00:00:00Z"),
        ("q", "\x00路灯"),
    ],
)
def test_a_filter_that_is_none_is_refused(place: Place, name: str, value: str) -> None:
    assert place.get(CLERK, "/cases", **{name: value}).status_code == 400


def test_an_answer_is_searched_once_it_is_given(place: Place) -> None:
    matter = register(place, "hotline-order").live("dispatched")
    assert found(place, CLERK, q="更换井盖") == []
    matter.take(OFFICER, "report-result", result="已于当日更换井盖。", evidence_note="现场确认。")
    matter.take("dispatcher", "reply", text="您好，已经更换井盖，感谢监督。")
    assert found(place, CLERK, q="更换井盖") == [matter.id]
    assert found(place, CLERK, q="感谢监督") == [matter.id]


def search(place: Place, who: str, **body: Any) -> httpx.Response:
    """A question in a body."""
    return place.client.post(who, "/cases/search", body)


PHONE, NUMBER = "13900000000", "360702199001011234"


def resident(body: str) -> str:
    """A resident id number with its check character."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


def test_a_caller_is_found_by_phone_and_number_and_each_look_up_is_on_record(open_place: Any) -> None:
    place = open_place("ganzhou")
    number = resident("36070219900101123")
    caller = {"name": "温国平", "phone": "+86 139-0000-0000", "id_number": number}
    first = register(place, "hotline-order", title="路灯不亮", petitioner=caller)
    second = register(place, "hotline-order", title="井盖缺失", petitioner={"phone": PHONE})
    register(place, "hotline-order", title="路灯不亮", petitioner={"phone": "13900000001"})

    def ids(**body: Any) -> list[str]:
        return [item["id"] for item in search(place, CLERK, **body).raise_for_status().json()["items"]]

    assert ids(phone=PHONE) == [second.id, first.id]
    assert ids(phone=PHONE, id_number=number.lower()) == [first.id]
    assert ids(phone=PHONE, q="井盖") == [second.id]
    assert ids(phone="13900000009") == []
    assert len(ids(q="路灯")) == 2
    events = [row for row in place.rows("outbox") if row["type"] == "petitioner.looked-up"]
    assert [{name: row["refs"][name] for name in ("by", "found")} for row in events] == [
        {"by": "phone", "found": 2}, {"by": "phone+id-number", "found": 1}, {"by": "phone", "found": 1},
        {"by": "phone", "found": 0},
    ]  # fmt: skip
    kept = " ".join(str(place.rows(name)) for name in ("outbox", "audit", "audit_content", "idempotency"))
    assert PHONE not in kept
    assert number not in kept


def test_a_look_up_told_again_is_one_reading(open_place: Any) -> None:
    place = open_place("ganzhou")
    matter = register(place, "hotline-order", petitioner={"phone": PHONE})
    answers = [place.client.post(CLERK, "/cases/search", {"phone": PHONE}, key="once") for _ in range(2)]
    assert [answer.json()["items"][0]["id"] for answer in answers] == [matter.id] * 2
    assert len([row for row in place.rows("outbox") if row["type"] == "petitioner.looked-up"]) == 1


@pytest.mark.parametrize("who", [OFFICER, "administrator"])
def test_who_may_not_read_identities_looks_nobody_up(place: Place, who: str) -> None:
    answer = search(place, who, phone=PHONE)
    assert (answer.status_code, answer.json()["code"]) == (403, "search.identity-role-missing")


def test_a_body_has_the_filters_as_lists_and_pages(place: Place, written: list[Written]) -> None:
    body: dict[str, Any] = {"q": "塌陷", "state": ["registered", "dispatched"], "limit": 2}
    ids: list[str] = []
    for _ in range(50):
        page = search(place, CLERK, **body).raise_for_status().json()
        ids += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        body["cursor"] = page["next"]
    assert ids == naive(written, "塌陷")
    for fault in ({"state": "registered"}, {"phone": "1"}, {"cursor": "x"}, {"q": "路"}, {"colour": 1}, {"limit": 0}):
        answer = search(place, CLERK, **fault)
        assert answer.status_code == 400, fault
        assert answer.json()["field"], fault


def test_the_words_as_they_were_told_are_found_by_those_who_may_read_them(open_place: Any) -> None:
    place = open_place("ganzhou")
    place.hire("auditor", Role.AUDITOR)
    matter = taken_in(
        place, title="井盖翻起", narrative="我叫温国平，家住楠木巷，门口井盖翻起。", petitioner={"name": "温国平"}
    )
    matter.take("operator", "accept")
    units = [{"unit_id": "@lead", "part": "lead"}]
    matter.take("dispatcher", "dispatch", units=units, rendition="市民反映门口井盖翻起，隐患严重。")
    finders = {"温国平": {CLERK, "dispatcher"}, "楠木巷": {CLERK, "dispatcher"}}
    finders |= {"隐患严重": {CLERK, "dispatcher", OFFICER, "auditor"}, "井盖翻起": {CLERK, "dispatcher", OFFICER, "auditor"}}
    for word, expected in finders.items():
        assert {who for who in (CLERK, "dispatcher", OFFICER, "auditor") if found(place, who, q=word)} == expected, word
