"""Open deadlines by the hundred thousand, with their cases and timers, by COPY."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy import make_url

from core.cases.case import DeadlineNote, Standing
from core.deadlines.explanation import Explanation, TermSource, explain
from core.ids import new_id
from core.law.calendar import WorkingCalendar
from core.law.instrument import Term, Unit
from tests.store.rows import case_row, deadline_row, step_row

CLAUSE, KEY, KIND = "ankang:complaints-2018#6.1", "reply-on-site", "complaint"
_AT_ONCE = 20_000
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Plan:
    """How many deadlines a tenant has, how many each case; and when they began, from which all else follows."""

    tenant: int
    deadlines: int
    per_case: int
    starts_at: datetime
    calendar: WorkingCalendar

    @property
    def explanation(self) -> Explanation:
        """Five working days, as of each of them."""
        return explain(Term(Unit.WORKING_DAY, 5), self.starts_at, self.calendar, TermSource(CLAUSE, "2018"))


async def copy_deadlines(address: str, plan: Plan) -> None:
    """Writes them past row security, as its administrator, a part at a time."""
    connection = await asyncpg.connect(make_url(address).set(drivername="postgresql").render_as_string(False))
    try:
        for first in range(0, plan.deadlines, _AT_ONCE):
            tables = _rows(plan, first, min(first + _AT_ONCE, plan.deadlines))
            for table, rows in tables.items():
                records = [tuple(map(_plain, row.values())) for row in rows]
                await connection.copy_records_to_table(table, records=records, columns=list(rows[0]))
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def _rows(plan: Plan, first: int, last: int) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {"cases": [], "case_step": [], "deadline": [], "timer": []}
    for number in range(first, last, plan.per_case):
        for table, row in _case(plan, number, min(plan.per_case, last - number)):
            found[table].append({"tenant": plan.tenant, **row})
    return found


def _case(plan: Plan, number: int, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    case_id, why = new_id(), plan.explanation
    step = step_row(case_id)
    ids = [new_id() for _ in range(count)]
    notes = tuple(_note(id_, why) for id_ in ids)
    standing = Standing(starts_at=plan.starts_at, last_occurred_at=plan.starts_at, deadlines=notes)
    yield "cases", case_row(f"TS2026-{number:07d}", id=case_id, kind=KIND, standing=standing, due_at=why.due_at)
    yield "case_step", step
    for id_ in ids:
        dates = {"original_due_on": why.due_on, "original_due_at": why.due_at, "due_on": why.due_on, "due_at": why.due_at}
        own = {"id": id_, "key": KEY, "clause": CLAUSE, "starts_at": why.starts_at, "explanation": why, "holder": "office:x"}
        yield "deadline", deadline_row(case_id, step["id"]) | own | dates
        at = {"at": why.due_at, "legal": True, "run_at": why.due_at}
        yield "timer", {"kind": "deadline", "subject_id": id_, "fence": 0, "attempts": 0} | at


def _note(id_: UUID, why: Explanation) -> DeadlineNote:
    return DeadlineNote(
        id=id_, key=KEY, clause=CLAUSE, holder="office:x", holder_unit_id=None, original_due_on=why.due_on,
        due_on=why.due_on, due_at=why.due_at, state="open", provisional=why.provisional,
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return _encode(value).decode() if isinstance(value, dict | list | tuple | msgspec.Struct) else value


def some_weeks_from_now() -> datetime:
    """A start whose five working days end in the future, so that nothing is due by itself."""
    return datetime.now(UTC) + timedelta(days=30)
