"""Feedback as integrators see it."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from api.routes.narratives import NarrativeReadingView
from api.routes.unit_names import UnitNames
from core.cases.bodies import Instant
from core.feedback.forms import Dissatisfaction, Reached, Way


class AnswerTaken(Struct, frozen=True):
    """That an answer was heard; of which reply is told by ``round``, which counts them."""

    number: str
    round: int
    satisfied: bool


class RoundView(Struct, frozen=True):
    """What came of one reply (一次回复的评价结果): not satisfied as soon as one petitioner is not."""

    round: Annotated[int, Meta(description="The how manyth reply it was")]
    satisfied: Annotated[bool | None, Meta(title="是否满意", description="Null while nobody has said")]
    reasons: tuple[str, ...]


class AnswerView(Struct, frozen=True):
    """One answer, or the attempt to get one."""

    id: UUID
    round: int
    petitioner_number: Annotated[int, Meta(title="第几位诉求人")]
    merged_case_id: Annotated[UUID | None, Meta(title="并入的事项", description="With which the petitioner came")]
    way: Annotated[Way, Meta(title="方式")]
    reached: Annotated[Reached, Meta(title="是否接通")]
    satisfied: Annotated[bool | None, Meta(title="是否满意")]
    dissatisfaction: Annotated[Dissatisfaction | None, Meta(title="不满意的原因")]
    has_words: Annotated[bool, Meta(description="Whether the petitioner said something in their own words")]
    person_id: Annotated[UUID | None, Meta(title="回访人", description="Who called; null for an answer by receipt")]
    occurred_at: Instant


class AnswerList(Struct, frozen=True):
    """What was said of a case, in order; ``answers`` are not for officers of units."""

    rounds: tuple[RoundView, ...]
    answers: tuple[AnswerView, ...]


class WordsView(Struct, frozen=True):
    """What a petitioner said, and the record of this reading."""

    reading: NarrativeReadingView
    words: Annotated[str, Meta(title="诉求人的话")]


class FeedbackPeriod(Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}):
    """From one local day to another, both included."""

    first: Annotated[date, Meta(title="起始日", description="The first local day")]
    last: Annotated[date, Meta(title="截止日", description="The last local day")]


class TallyView(Struct, frozen=True):
    """What was said of what one unit led."""

    unit_id: Annotated[UUID | None, Meta(title="牵头单位", description="Null for what the centre answered itself")]
    asked: Annotated[int, Meta(title="回访次数", description="Attempts and answers by receipt")]
    reached: Annotated[int, Meta(title="接通次数")]
    satisfied: int
    unsatisfied: int
    reasons: Annotated[dict[str, int], Meta(description="How often each reason was given")]


class TallyList(Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """The figures of a period of local days, both ends included."""

    first: Annotated[date, Meta(title="起始日")]
    last: Annotated[date, Meta(title="截止日")]
    items: tuple[TallyView, ...]
    unit_names: UnitNames
