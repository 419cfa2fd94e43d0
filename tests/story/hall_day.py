"""The day in the hall when it is over: what the script knows, and what must therefore be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.story.hall import DISPATCHERS, ENDS, MIDNIGHT, OFFICERS, SUPERVISORS, Hall
from tests.story.hall_orders import Order
from tests.story.hall_plan import Plan


@dataclass
class Day:
    """The day when it is over."""

    hall: Hall
    plan: Plan
    before: Counter[str]
    """The events of the hour before, by type."""
    views: dict[str, dict[str, Any]]
    """Every case as a supervisor reads it, by id."""

    @property
    def book(self) -> list[Order]:
        """Every case as the script knows it."""
        return self.plan.book

    def order(self, id_: str) -> Order:
        """What the script knows of a case."""
        return next(order for order in self.book if order.id == id_)

    def ids(self, **query: Any) -> set[str]:
        """The cases of a list with these filters."""
        found = self.hall.pages("supervisor", "/cases", limit=25, **query)
        assert len(found) == len({item["id"] for item in found})
        return {item["id"] for item in found}

    def keys(self, ids: Iterable[str]) -> list[str]:
        """What the script calls these cases."""
        return sorted(self.order(id_).key for id_ in ids)

    def expected(self, orders: Iterable[Order]) -> list[str]:
        """What the script calls these."""
        return sorted(order.key for order in orders)


def is_late(order: Order) -> bool:
    """Whether a term has run out when the day ends."""
    return order.due is not None and order.due <= ENDS


def is_due_today(order: Order) -> bool:
    """Whether the next term runs out later on that day."""
    return order.due is not None and ENDS < order.due <= MIDNIGHT + timedelta(days=1)


def worked_on(day: Day, who: str) -> dict[str, list[Order]]:
    """The work lists that somebody must have."""
    unit = next((unit for unit, officer in OFFICERS.items() if officer == who), None)
    running = [order for order in day.book if order.open]
    mine = [order for order in running if order.clerk == who or who in order.signed.values()]
    own = [order for order in running if unit in order.units]
    oversees = who in {*DISPATCHERS, *SUPERVISORS}
    seen = running if oversees else [order for order in running if order in mine or order in own]
    late, today = filter(is_late, seen), filter(is_due_today, seen)
    return {"mine": mine, "unit": own, "overdue": [*late], "due-today": [*today]}


def secrets_of(day: Day) -> list[str]:
    """Every name and phone that anybody gave."""
    people = [order for order in day.book if order.phone]
    return [value for order in people for value in (order.name, order.phone) if value]
