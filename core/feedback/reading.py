"""Who is told what of the answers: the staff each of them, a unit no more than what came of a round, and figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select

from core.cases.disclosure import works_for_unit_of, works_for_units
from core.cases.intake import FIRST_YEAR, LAST_YEAR
from core.errors import Refused
from core.feedback.forms import FEEDBACK, Reached
from core.store.tables import TENANT, feedback

if TYPE_CHECKING:
    from core.cases.case import Case
    from core.cases.service import Desk

FEWEST = 5
"""Below so many answers a unit is not told what they were: of few, each can be guessed."""
_OF_CASE = (
    select(
        *(column for column in feedback.c if column.name not in {"tenant", "words"}),
        feedback.c.words.is_not(None).label("has_words"),
    )
    .where(feedback.c.tenant == TENANT, feedback.c.case_id == bindparam("of_case"))
    .order_by(feedback.c.id)
)
_LATER = feedback.alias("later")
_PUT_RIGHT = exists().where(
    _LATER.c.tenant == TENANT,
    _LATER.c.case_id == feedback.c.case_id,
    _LATER.c.id > feedback.c.id,
    _LATER.c.round == feedback.c.round,
    _LATER.c.petitioner_number == feedback.c.petitioner_number,
    _LATER.c.merged_case_id.is_not_distinct_from(feedback.c.merged_case_id),
    _LATER.c.satisfied.is_not(None),
)
"""Whether the same petitioner's answer to the same reply was recorded anew: the later one counts; both calls were made."""
_TOLD = (feedback.c.lead_unit_id, feedback.c.reached, feedback.c.satisfied, feedback.c.dissatisfaction)
_GROUP = (*_TOLD, _PUT_RIGHT.label("put_right"))
_COUNTED = (
    select(*_GROUP, func.count().label("number"))
    .where(
        feedback.c.tenant == TENANT,
        feedback.c.occurred_at >= bindparam("since"),
        feedback.c.occurred_at < bindparam("until"),
    )
    .group_by(*_TOLD, "put_right")
)


@dataclass(frozen=True, slots=True)
class Round:
    """What came of one reply: whether everybody who answered was satisfied, and the reasons of those who were not."""

    round: int
    satisfied: bool | None
    reasons: tuple[str, ...]


@dataclass
class Tally:
    """What was answered in a period about what one unit led; ``asked`` counts attempts."""

    unit_id: UUID | None
    asked: int = 0
    reached: int = 0
    satisfied: int = 0
    unsatisfied: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def answers(self) -> int:
        """How many said whether they were satisfied."""
        return self.satisfied + self.unsatisfied


async def list_answers(desk: Desk, case: Case) -> tuple[tuple[Round, ...], tuple[Mapping[str, Any], ...]]:
    """The rounds of a case, and each answer; to a unit's officer the rounds that are over, and no single answer."""
    rows = await desk.session.all(_OF_CASE, {"of_case": case.id})
    if not works_for_unit_of(case, desk.principal):
        return tuple(_rounds(rows)), tuple(rows)
    over = [row for row in rows if row["round"] < case.standing.rounds or not case.standing.asking]
    return tuple(_rounds(over)), ()


async def tally_answers(desk: Desk, first: date, last: date) -> tuple[Tally, ...]:
    """What was answered from the ``first`` day to the ``last``, by the unit that led; an officer's own units alone.

    Raises :class:`Refused` for a period that ends before it begins, and for an officer's that is not one month gone by.
    """
    if last < first:
        raise Refused("feedback.period-inverted", field="to", clause=FEEDBACK)
    zone, for_units = desk.snapshot.zone, works_for_units(desk.principal)
    if for_units and not _is_month_gone_by(first, last, desk.snapshot.local_day(desk.now)):
        raise Refused("feedback.period-not-month", field="from", clause=FEEDBACK)
    since, until = _midnight(first, zone), _midnight(last, zone) + timedelta(days=1)
    rows = await desk.session.all(_COUNTED, {"since": since, "until": until})
    tallies = _tallied(rows)
    if not for_units:
        return tallies
    own = {grant.unit_id for grant in desk.principal.grants if grant.unit_id}
    return tuple(tally for tally in tallies if tally.unit_id in own and tally.answers >= FEWEST)


def _is_month_gone_by(first: date, last: date, today: date) -> bool:
    """Whether it is one whole calendar month before today: of periods that overlap, one taken from the other would tell
    what the few said by whom they differ."""
    if last >= today or (first.year, first.month) != (last.year, last.month):
        return False
    return first.day == 1 and (last + timedelta(days=1)).day == 1


def _midnight(day: date, zone: tzinfo) -> datetime:
    """When a local day begins; of a day in whose year nothing can have happened, the nearest that can."""
    within = min(max(day, date(FIRST_YEAR, 1, 1)), date(LAST_YEAR, 12, 31))
    return datetime.combine(within, time(), zone)


def _rounds(rows: Iterable[Mapping[str, Any]]) -> Iterable[Round]:
    rounds: dict[int, dict[tuple[int, UUID | None], Mapping[str, Any]]] = {}
    for row in rows:
        answers = rounds.setdefault(row["round"], {})
        if row["satisfied"] is not None:
            answers[row["petitioner_number"], row["merged_case_id"]] = row  # a later one puts the earlier one right
    for number, answers in rounds.items():
        said = [row["satisfied"] for row in answers.values()]
        reasons = {row["dissatisfaction"] for row in answers.values() if row["dissatisfaction"]}
        yield Round(number, all(said) if said else None, tuple(sorted(reasons)))


def _tallied(rows: Iterable[Mapping[str, Any]]) -> tuple[Tally, ...]:
    tallies: dict[UUID | None, Tally] = {}
    for row in rows:
        tally, number = tallies.setdefault(row["lead_unit_id"], Tally(row["lead_unit_id"])), row["number"]
        tally.asked += number
        tally.reached += number * (row["reached"] == Reached.REACHED)
        if row["put_right"]:
            continue
        tally.satisfied += number * (row["satisfied"] is True)
        tally.unsatisfied += number * (row["satisfied"] is False)
        if row["dissatisfaction"]:
            tally.reasons[row["dissatisfaction"]] += number
    return tuple(sorted(tallies.values(), key=lambda tally: (-tally.asked, str(tally.unit_id))))
