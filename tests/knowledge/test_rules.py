"""The rules of the knowledge base on paper."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import OutOfOrder, Refused
from core.ids import new_id
from core.knowledge import rules
from core.knowledge.article import Article, ArticleState, ArticleVersion
from core.knowledge.words import IN_ANSWER, IN_PHRASING, IN_QUESTION, share_of_best, weigh_grams

TODAY = date(2026, 3, 2)
AUTHOR, OTHER = new_id(), new_id()


def version(number: int, author: UUID = AUTHOR, **changes: object) -> ArticleVersion:
    told: dict[str, object] = {
        "number": number, "question": "q", "answer": "a", "phrasings": (), "categories": (), "valid_from": TODAY,
        "valid_to": None, "review_due_on": date(2027, 1, 1), "author_id": author,
        "recorded_at": datetime(2026, 3, 2, tzinfo=UTC),
    }  # fmt: skip
    return ArticleVersion(**told | changes)


def article(state: ArticleState = ArticleState.DRAFT, head: int = 1, shown: int = 1) -> Article:
    return Article(
        id=new_id(), unit_id=new_id(), state=state, version=1, head=head, shown=shown, valid_from=TODAY, valid_to=None,
        review_due_on=date(2027, 1, 1),
    )  # fmt: skip


ACTS = st.lists(st.sampled_from(["revise", "publish", "review", "withdraw"]), max_size=12)


@given(ACTS)
def test_whatever_is_done_the_newest_text_is_the_head_and_only_others_publish(acts: list[str]) -> None:
    held, texts = article(), [version(1)]
    for act in acts:
        before = held
        try:
            match act:
                case "revise":
                    texts.append(version(len(texts) + 1))
                    held = rules.revise(held, texts[-1])
                case "publish":
                    with pytest.raises(Refused if held.is_pending else OutOfOrder):
                        rules.publish(held, texts[-1], {AUTHOR}, TODAY)
                    held = rules.publish(held, texts[-1], {OTHER}, TODAY)
                case "review":
                    held = rules.review(held, TODAY, TODAY)
                case _:
                    held = rules.withdraw(held)
        except OutOfOrder:
            held = before
        assert held.head == len(texts)
        assert held.shown <= held.head
        assert held.is_pending or held.head == held.shown or held.state is ArticleState.WITHDRAWN
        assert held.version == before.version + (held is not before)


def test_a_gram_counts_where_it_stands_best() -> None:
    weights = weigh_grams(version(1, question="住房补贴", phrasings=("补贴申请",), answer="申请住房补贴请带材料"))
    assert (weights["住房"], weights["补贴"]) == (IN_QUESTION, IN_QUESTION)
    assert (weights["申请"], weights["材料"]) == (IN_PHRASING, IN_ANSWER)


def test_the_share_of_the_best_is_rounded_down() -> None:
    assert [share_of_best(score, 3) for score in (9, 8, 3, 1)] == [100, 88, 33, 11]
