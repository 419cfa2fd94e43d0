"""Statements compiled once: on PostgreSQL they run on the driver itself, on SQLite through SQLAlchemy, with equal results.

A statement that is kept (at module level, or in a cache) is prepared when it is run for the second time; one that is
built for a single use is left to SQLAlchemy, as is one with an expanding IN.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Insert, Update
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import BindParameter

Params = Mapping[str, Any]
Row = dict[str, Any]
Process = Callable[[Any], Any] | None
_Bind = tuple[str, Any, bool, Process]


@dataclass(frozen=True, slots=True)
class Plan:
    """What PostgreSQL is sent: the text, its parameters in order, the columns' names and what is done to which of them."""

    text: str
    binds: tuple[_Bind, ...]
    names: tuple[str, ...]
    processes: tuple[tuple[str, Callable[[Any], Any]], ...]

    alone: str
    """The text for :meth:`core.store.link.PostgresLink.fetch_alone`: three parameters more, three columns more."""
    telling: str
    """The text for :meth:`core.store.link.PostgresLink.fetch_telling`: one parameter more, two columns more."""

    def arguments(self, params: Params) -> list[Any]:
        """Positional arguments; raises :class:`KeyError` for a parameter without a value."""
        return [
            process(value) if process is not None and value is not None else value
            for name, default, required, process in self.binds
            for value in (params[name] if required else params.get(name, default),)
        ]

    def rows(self, records: Iterable[Any]) -> list[Row]:
        """The driver's records as rows."""
        rows = [dict(zip(self.names, record, strict=True)) for record in records]
        for name, process in self.processes:
            for row in rows:
                row[name] = process(row[name])
        return rows


_plans: WeakKeyDictionary[Any, Plan | None] = WeakKeyDictionary()
_unfit: WeakSet[Any] = WeakSet()


def plan_of(statement: Any, dialect: Dialect) -> Plan | None:
    """How PostgreSQL's driver runs ``statement``; None for a statement seen for the first time or not fit to be prepared."""
    if statement not in _plans:
        _plans[statement] = None
        return None
    plan = _plans[statement]
    return prepare(statement, dialect) if plan is None else plan


def prepare(statement: Any, dialect: Dialect) -> Plan | None:
    """Compiles ``statement`` for the driver at once; None when its text depends on its parameters."""
    if statement in _unfit:
        return None
    compiled: Any = statement.compile(dialect=dialect)
    if compiled.post_compile_params or compiled.literal_execute_params or _takes_columns_from_parameters(statement):
        _unfit.add(statement)
        return None
    columns = getattr(statement, "exported_columns", None)
    names = tuple(columns.keys()) if columns is not None else ()
    processes = [result_process(column.type, dialect) for column in columns or ()]
    text, count = str(compiled), len(compiled.positiontup or ())
    plan = Plan(
        text=text,
        binds=tuple(_bind(name, compiled.binds[name], dialect) for name in compiled.positiontup or ()),
        names=names,
        processes=tuple((name, process) for name, process in zip(names, processes, strict=True) if process is not None),
        alone=_alone(text, count),
        telling=_telling(text, count),
    )
    _plans[statement] = plan
    return plan


def _alone(text: str, count: int) -> str:
    # A LEFT JOIN on no column can only be a nested loop over its one left row, so the order of the rows stands. It
    # stands inside: beside the join a plan kept for all values reads every row before it asks whether one is wanted. It
    # is compared with a subquery: `WHERE false` alone is folded away when a run is planned, and a run that reads nothing
    # looks so cheap that PostgreSQL would plan each one anew instead of keeping a plan for all.
    tenant, setting, really = (count + number for number in (1, 2, 3))
    return (
        f"SELECT ${really}::boolean, s.revision, q.* FROM (SELECT set_config('wenze.tenant', ${setting}::text, true),"  # noqa: S608  our own text
        f" (SELECT revision FROM tenant WHERE id = ${tenant}::integer) AS revision) s"
        f" LEFT JOIN LATERAL (SELECT true, i.* FROM ({text}) i WHERE ${really}::boolean = (SELECT true)) q ON true"
    )


def _telling(text: str, count: int) -> str:
    return (
        f"SELECT s.revision, q.* FROM (SELECT (SELECT revision FROM tenant WHERE id = ${count + 1}::integer) AS revision) s"  # noqa: S608  our own text
        f" LEFT JOIN LATERAL (SELECT true, i.* FROM ({text}) i) q ON true"
    )


def _takes_columns_from_parameters(statement: object) -> bool:
    return isinstance(statement, Insert | Update) and not statement._values


def _bind(name: str, parameter: BindParameter[Any], dialect: Dialect) -> _Bind:
    return name, parameter.effective_value, bool(parameter.required), bind_process(parameter.type, dialect)


def bind_process(type_: Any, dialect: Dialect) -> Process:
    """What makes a parameter of ``type_`` fit for the driver, or None when it is fit as it is."""
    process: Process = type_.dialect_impl(dialect).bind_processor(dialect)
    return process


def result_process(type_: Any, dialect: Dialect) -> Process:
    """What turns the driver's value into one of ``type_``, or None when it is one already."""
    process: Process = type_.dialect_impl(dialect).result_processor(dialect, None)
    return process
