"""Refuses a statement that touches a tenant table without being bound to the session's tenant (promise 6, on both engines).

Every reference to a tenant table must be held by ``reference.c.tenant == TENANT`` or by equality with the tenant of a
reference that is held, in its WHERE or in the ON of its join. PostgreSQL's row security is the second lock, not the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from weakref import WeakSet

from sqlalchemy import Delete, Insert, Select, Table, Update
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    ClauseElement,
    ColumnClause,
    Grouping,
    TextClause,
)
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import (
    CTE,
    Alias,
    CompoundSelect,
    FromClause,
    FromGrouping,
    Join,
    Lateral,
    SelectBase,
    Subquery,
)

from core.store.tables.schema import TENANT_PARAMETER

Statement = Select[Any] | CompoundSelect[Any] | Insert | Update | Delete
_Holds = frozenset[FromClause] | None
_checked: WeakSet[ClauseElement] = WeakSet()
_checked_shapes: set[tuple[Any, ...]] = set()
_MOST_SHAPES = 2_000
_checked_platform: WeakSet[ClauseElement] = WeakSet()


class NotBoundToTenant(TypeError):
    """A statement would reach past the session's tenant; a fault of the program, never of a caller."""


def require_tenant(statement: ClauseElement) -> None:
    """Raises :class:`NotBoundToTenant` unless each tenant table in ``statement`` is held to the session's tenant."""
    if statement in _checked:
        return
    shape = statement._generate_cache_key()
    key = shape.key if shape else None  # a statement of the same shape, built anew, was checked with the first one
    if key is None or key not in _checked_shapes:
        _check(statement, frozenset())
        if key is not None and len(_checked_shapes) < _MOST_SHAPES:
            _checked_shapes.add(key)
    _checked.add(statement)


def require_no_tenant_table(statement: ClauseElement) -> None:
    """Raises :class:`NotBoundToTenant` when ``statement`` touches a tenant table at all (a session of the platform)."""
    if statement in _checked_platform:
        return
    if not isinstance(statement, Select | Insert | Update | Delete):
        raise NotBoundToTenant(f"a session of the platform does not run {type(statement).__name__}")
    for table in _tables(statement):
        if _is_of_tenant(table):
            raise NotBoundToTenant(f"a session of the platform may not touch {table.name}")
    _checked_platform.add(statement)


def _tables(statement: ClauseElement) -> Iterator[Table]:
    seen: set[int] = set()
    waiting: list[Any] = [statement]
    while waiting:
        element = waiting.pop()
        if id(element) in seen:
            continue
        seen.add(id(element))
        if isinstance(element, TextClause):
            raise NotBoundToTenant("text in a statement cannot be checked")
        if isinstance(element, Table):
            yield element
            continue
        table = getattr(element, "table", None)
        waiting.extend([*([table] if table is not None else []), *element.get_children()])
        if isinstance(element, Select):
            waiting.extend(element.get_final_froms())


def _check(statement: ClauseElement, outer: frozenset[FromClause]) -> None:
    match statement:
        case CompoundSelect():
            for part in statement.selects:
                _check(part, outer)
        case Select():
            _Scope(outer).select(statement)
        case Update() | Delete():
            _Scope(outer).change(statement)
        case Insert():
            _check_insert(statement)
        case _ if hasattr(statement, "element"):
            _check(statement.element, outer)
        case _:
            raise NotBoundToTenant(f"{type(statement).__name__} cannot be checked; write it as a Core statement")


def _check_insert(statement: Insert) -> None:
    table = statement.table
    if not _is_of_tenant(table):
        raise NotBoundToTenant(f"a tenant's session does not insert into {table}")
    if statement.select is not None:
        raise NotBoundToTenant("INSERT … SELECT is not offered in a tenant's session")
    if statement._multi_values:
        raise NotBoundToTenant("give rows as parameters, or use session.add, instead of several VALUES")
    for column, value in (statement._values or {}).items():
        if _name(column) == "tenant" and not _is_own(value):
            raise NotBoundToTenant(f"the tenant of a row in {table} is the session's")


class _Scope:
    """The references of one SELECT, UPDATE or DELETE, and what holds them."""

    def __init__(self, outer: frozenset[FromClause]) -> None:
        self.outer = outer
        self.references: list[FromClause] = []
        self.facts: list[tuple[BinaryExpression[Any], _Holds]] = []
        self.elements: list[ClauseElement] = []

    def select(self, statement: Select[Any]) -> None:
        for source in statement.get_final_froms():
            self._source(source)
        self._fact(statement.whereclause)
        self.elements += [*statement.get_children()]
        self._settle()

    def change(self, statement: Update | Delete) -> None:
        table = statement.table
        if not (_is_of_tenant(table) or _name(table) == "tenant"):
            raise NotBoundToTenant(f"a tenant's session does not change {table}")
        self.references.append(table)
        self._fact(statement.whereclause)
        self.elements += [*statement.get_children()]
        if isinstance(statement, Update) and any(_name(column) == "tenant" for column in statement._values or ()):
            raise NotBoundToTenant(f"a row of {table} does not change its tenant")
        self._settle()

    def _source(self, source: object) -> None:
        match source:
            case Join():
                self._join(source)
            case FromGrouping():
                self._source(source.element)
            case Table():
                if _is_of_tenant(source):
                    self.references.append(source)
            case Subquery() | CTE() | Lateral():
                _check(source.element, self.outer | frozenset(self.references))
            case Alias():
                if _is_of_tenant(source.element):
                    self.references.append(source)
            case ClauseElement():
                self.elements.append(source)

    def _join(self, join: Join) -> None:
        self._source(join.left)
        before = len(self.references)
        self._source(join.right)
        # The ON of an outer join holds only what can be missing, which is its right side.
        held = frozenset(self.references[before:]) if join.isouter else None
        self._fact(join.onclause, frozenset() if join.full else held)
        if join.onclause is not None:
            self.elements.append(join.onclause)

    def _fact(self, clause: object, holds: _Holds = None) -> None:
        match clause:
            case Grouping():
                self._fact(clause.element, holds)
            case BooleanClauseList() if clause.operator is operators.and_:
                for part in clause.clauses:
                    self._fact(part, holds)
            case BinaryExpression() if clause.operator is operators.eq:
                self.facts.append((clause, holds))

    def _settle(self) -> None:
        held = set(self.outer)
        while any(self._hold(held, fact.left, fact.right, holds) for fact, holds in self.facts):
            continue
        for reference in self.references:
            if reference not in held:
                raise NotBoundToTenant(f"{reference} is not held to the session's tenant: add where(….c.tenant == TENANT)")
        for nested in _nested(self.elements):
            _check(nested, frozenset(held))

    def _hold(self, held: set[FromClause], left: object, right: object, holds: _Holds) -> bool:
        """Adds the side that the other one holds; says whether anything new is held."""
        for one, other in ((left, right), (right, left)):
            reference = _tenant_of(one)
            if reference is None or reference in held or (holds is not None and reference not in holds):
                continue
            if _is_own(other) or (_tenant_of(other) in held) or _is_derived(other):
                held.add(reference)
                return True
        return False


def _nested(elements: Iterable[ClauseElement]) -> Iterator[SelectBase]:
    """The SELECTs inside expressions, outermost only; a text that could hide one is refused."""
    for element in elements:
        if isinstance(element, TextClause):
            raise NotBoundToTenant("text in a statement cannot be checked")
        if isinstance(element, SelectBase):
            yield element
        elif isinstance(element, FunctionElement) or not isinstance(element, ColumnClause | FromClause):
            yield from _nested(element.get_children())


def _is_of_tenant(table: object) -> bool:
    return isinstance(table, Table) and "tenant" in table.c


def _is_own(value: object) -> bool:
    return isinstance(value, BindParameter) and value.key == TENANT_PARAMETER


def _tenant_of(value: object) -> FromClause | None:
    """The table reference whose tenant column ``value`` is (of the directory: its id)."""
    if not isinstance(value, ColumnClause) or not isinstance(value.table, Table | Alias):
        return None
    directory = _name(value.table) == "tenant"
    return value.table if value.name == ("id" if directory else "tenant") else None


def _is_derived(value: object) -> bool:
    """The tenant column of a table inside a subquery, which was checked for itself."""
    if not isinstance(value, ColumnClause) or not isinstance(value.table, Subquery | CTE | Lateral):
        return False
    return any(_tenant_of(base) is not None for base in value.base_columns)


def _name(named: object) -> str:
    return str(getattr(named, "name", named))
