"""What an operator finds: by the caller's words, on the day, best first; and what is told beside it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.knowledge.conftest import Hall


@pytest.fixture
def mark() -> str:
    """A word that no other test's articles have."""
    return f"m{uuid4().hex[:10]}"


async def found(hall: Hall, words: str, **query: Any) -> list[str]:
    return [item["id"] for item in (await hall.clerk.get("/knowledge", q=words, **query))["items"]]


async def test_a_word_of_two_characters_is_found_wherever_it_stands(hall: Hall) -> None:
    places = {"question": "殡葬补贴怎么领", "answer": "详见殡葬管理所公告", "phrasings": ["殡葬费用"]}
    ids = [(await hall.published(**{name: text}))["id"] for name, text in places.items()]
    assert set(await found(hall, "殡葬")) == set(ids)


async def test_where_it_stands_decides_the_order(hall: Hall) -> None:
    answer = await hall.published(answer="落户窗口在三楼")
    phrasing = await hall.published(phrasings=["落户窗口"])
    question = await hall.published(question="落户窗口在哪里？")
    items = (await hall.clerk.get("/knowledge", q="落户窗口"))["items"]
    assert [item["id"] for item in items] == [question["id"], phrasing["id"], answer["id"]]
    assert [item["matched"] for item in items] == [100, 66, 33]


async def test_half_of_the_words_suffice_and_less_do_not(hall: Hall) -> None:
    article = await hall.published(question="残疾证补办")
    assert article["id"] in await found(hall, "残疾证丢失")  # 残疾 疾证 of 残疾 疾证 证丢 丢失
    assert article["id"] not in await found(hall, "残疾人员证明")  # 残疾 of 残疾 疾人 人员 员证 证明


async def test_among_equals_the_one_that_is_used_more_goes_first(hall: Hall, mark: str) -> None:
    old, new = [await hall.published(phrasings=[mark]) for _ in range(2)]
    assert await found(hall, mark) == [new["id"], old["id"]]
    for helped in (True, False):
        await hall.clerk.do(f"/knowledge/{old['id']}/uses", {"helped": helped})
    assert await found(hall, mark) == [old["id"], new["id"]]
    assert (await hall.clerk.get("/knowledge", q=mark))["items"][0]["uses"] == 2


async def test_pages_of_hits_have_each_article_once(hall: Hall, mark: str) -> None:
    articles = [await hall.published(**change) for change in _mixed(mark)]
    await hall.clerk.do(f"/knowledge/{articles[0]['id']}/uses", {"helped": True})
    whole = await found(hall, mark)
    assert set(whole) == {article["id"] for article in articles}
    paged, query = [], {"q": mark, "limit": 2}
    while query:
        page = await hall.clerk.get("/knowledge", **query)
        paged += [item["id"] for item in page["items"]]
        query = {"q": mark, "limit": 2, "cursor": page["next"]} if page["next"] else {}
    assert paged == whole


def _mixed(mark: str) -> list[dict[str, Any]]:
    return [{"question": mark}, {"question": mark}, {"phrasings": [mark]}, {"phrasings": [mark]}, {"answer": mark}]


async def test_only_what_holds_on_the_day_is_found(hall: Hall, mark: str) -> None:
    now = await hall.published(phrasings=[mark], valid_from="2026-01-01", valid_to="2031-05-31")
    later = await hall.published(phrasings=[mark], valid_from="2031-06-01")
    assert await found(hall, mark) == [now["id"]]
    assert await found(hall, mark, on="2031-05-31") == [now["id"]]
    assert await found(hall, mark, on="2031-06-01") == [later["id"]]
    assert await found(hall, mark, on="2025-12-31") == []


async def test_filters_narrow_what_is_found(hall: Hall, mark: str) -> None:
    own = await hall.published(phrasings=[mark])
    other = await hall.outsider.do("/knowledge", _of(hall.other_unit, mark))
    other = await hall.supervisor.do(f"/knowledge/{other['id']}/publication", {}, 1)
    assert await found(hall, mark, unit_id=hall.unit) == [own["id"]]
    assert await found(hall, mark, unit_id=hall.other_unit) == [other["id"]]
    assert set(await found(hall, mark, state="published")) == {own["id"], other["id"]}
    assert await found(hall, mark, state="draft") == []
    assert await found(hall, mark, category="no-such") == []


def _of(unit: str, mark: str) -> dict[str, Any]:
    from tests.knowledge.conftest import draft

    return draft(unit, phrasings=[mark])


async def test_a_category_finds_what_is_below_it(hall: Hall, mark: str) -> None:
    top, below = f"c-{mark}", f"c-{mark}.rent"
    for code, parent in ((top, None), (below, top)):
        category = {"code": code, "title_zh": "住房", "valid_from": "2026-01-01", "basis": "试"}
        answer = await hall.administrator.ask("/categories", category | ({"parent": parent} if parent else {}))
        assert answer.status_code == 201, answer.text
    filed = await hall.published(phrasings=[mark], categories=[below])
    await hall.published(phrasings=[mark])
    assert await found(hall, mark, category=below) == [filed["id"]]
    assert await found(hall, mark, category=top) == [filed["id"]]
    listed = await hall.clerk.get("/knowledge", category=top)
    assert [item["id"] for item in listed["items"]] == [filed["id"]]


@pytest.mark.parametrize("words", ["？", "  ", "..."])
async def test_words_without_a_word_find_nothing(hall: Hall, words: str) -> None:
    assert await found(hall, words) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"q": "字" * 5_000}, "q"),
        ({"q": "x" * 10_000}, "q"),
        ({"q": ""}, "q"),
        ({"q": "住\u0000房"}, "q"),
        ({"q": "住房", "cursor": "WzEsMl0"}, "cursor"),
        ({"cursor": "WzEsMl0"}, "cursor"),
        ({"review": "late"}, "review"),
        ({"state": "gone"}, "state"),
        ({"category": "(a+)+$"}, "category"),
        ({"unit_id": "x"}, "unit_id"),
        ({"on": "2026-02-30"}, "on"),
        ({"who": "x"}, "who"),
    ],
)
async def test_bad_questions_are_refused(hall: Hall, query: dict[str, str], field: str) -> None:
    answer = await hall.clerk.client.get("/knowledge", params=query)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


async def test_long_questions_of_many_words_are_answered(hall: Hall) -> None:
    words = "".join(chr(0x4E00 + number * 7) for number in range(100))
    assert await found(hall, words) == []
    assert await found(hall, "㌀" * 50 + "㌁" * 50) == []


async def test_the_list_without_words_has_every_state_newest_first(hall: Hall) -> None:
    draft = await hall.author.do("/knowledge", _of(hall.unit, "x"))
    published = await hall.published()
    items = (await hall.clerk.get("/knowledge", limit=2))["items"]
    assert [(item["id"], item["matched"]) for item in items] == [(published["id"], None), (draft["id"], None)]
    assert items[0]["unit_name"]
    drafts = (await hall.clerk.get("/knowledge", state="draft", limit=1))["items"]
    assert [item["id"] for item in drafts] == [draft["id"]]
    answer = await hall.clerk.client.get("/knowledge", params={"limit": 1})
    assert 'rel="next"' in answer.headers["link"]
    following = (await hall.clerk.get("/knowledge", limit=1, cursor=answer.json()["next"]))["items"]
    assert [item["id"] for item in following] == [draft["id"]]
