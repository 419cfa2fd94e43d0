"""Statements about many ids at once: one text for any number of them where the engine takes an array.

An ``IN`` that is expanded is compiled anew for each number of values; PostgreSQL's ``= ANY`` is prepared once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import ARRAY, ColumnElement, any_, bindparam

T = TypeVar("T")
Among = Callable[[ColumnElement[Any], str], ColumnElement[bool]]


def for_engines(make: Callable[[Among], T]) -> dict[str, T]:
    """A statement for each engine, by the dialect's name; ``make`` is given what compares a column with a list parameter."""
    return {"postgresql": make(_any), "sqlite": make(_in)}


def _any(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return column == any_(bindparam(name, type_=ARRAY(column.type)))


def _in(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return column.in_(bindparam(name, expanding=True))
