"""What a step makes of the matters to be supervised of its case, in the step's own transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.cases.case import Case
from core.procedure import CaseKind
from core.supervision.finding import grounds_of
from core.supervision.item import End, Item, State
from core.supervision.rows import add_item, end_items, items_of
from core.supervision.rules import Answered, answered, ending_of, may_concern

if TYPE_CHECKING:
    from core.cases.life import Outcome
    from core.cases.service import Desk


async def follow_step(desk: Desk, before: Case, after: Case, outcome: Outcome) -> None:
    """Ends what the step supervised or left nothing of, and writes what must be supervised by the facts that hold now."""
    kind = desk.snapshot.jurisdiction.kind(after.kind)
    if not may_concern(kind, before, after, outcome, desk.now):
        return
    items = await items_of(desk.session, after.id)
    await end_items(desk.session, _ends(items, kind, after, outcome))
    if after.closed_at is None:
        standing = {(item.rule, item.cause) for item in items if item.state != State.OVER}
        for found in answered(kind, after, outcome):
            if (found.rule.key, found.cause) not in standing:
                add_item(desk.session, _item(desk, after, outcome, found))


def _ends(items: tuple[Item, ...], kind: CaseKind, after: Case, outcome: Outcome) -> list[End]:
    at, step_id = outcome.order.occurred_at, outcome.order.id
    found = ((item, ending_of(item, kind, after, outcome)) for item in items if item.is_open)
    return [End(item, ending, at, step_id) for item, ending in found if ending is not None]


def _item(desk: Desk, after: Case, outcome: Outcome, found: Answered) -> Item:
    order = outcome.order
    return Item(
        **grounds_of(found.rule, desk.snapshot, order.occurred_at),
        case_id=after.id,
        cause=found.cause,
        deadline_id=None,
        unit_id=after.standing.lead,
        facts={"step": order.step.key, "found_by": str(order.id), "round": after.standing.rounds},
        found_at=order.occurred_at,
        recorded_at=desk.recorded_at,
        state=State.FOUND,
    )
