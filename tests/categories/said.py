"""Categories said in a line, for tables of cases."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from core.law.instrument import Term, Unit
from core.procedure import CategoryLimit
from core.tenants.categories import Categories, CategoryVersion, Limit

START, CHANGE = date(2026, 1, 1), date(2026, 7, 1)
HANDLING, URGENT = CategoryLimit.HANDLING, CategoryLimit.URGENT_RESPONSE


def days(length: int) -> Limit:
    """So many working days."""
    return Limit(Term(Unit.WORKING_DAY, length), f"{length} 日")


def minutes(length: int) -> Limit:
    """So many minutes."""
    return Limit(Term(Unit.MINUTE, length), f"{length} 分钟")


def said(code: str, parent: str | None = None, day: date = START, **more: Any) -> CategoryVersion:
    """A version of a category."""
    return CategoryVersion(uuid4(), code, day, f"{code}类", parent=parent, **more)


def tree(*versions: CategoryVersion) -> Categories:
    """The categories of these versions."""
    return Categories.of(versions)
