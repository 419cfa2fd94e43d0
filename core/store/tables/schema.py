"""The one metadata, the names of constraints, and the columns and keys that every tenant table shares."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Uuid,
    bindparam,
)
from sqlalchemy.sql.elements import BindParameter

from core.store.types import Instant

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMES)

TENANT_PARAMETER = "of_tenant"
"""Not ``tenant``: SQLAlchemy reserves a column's own name for the SET clause of an UPDATE."""

TENANT: BindParameter[int] = bindparam(TENANT_PARAMETER, type_=Integer)
"""The session's own tenant, in every statement on a tenant table: ``where(cases.c.tenant == TENANT)``; the session
fills it."""


def tenant() -> Column[int]:
    """The first column of every key."""
    return Column("tenant", Integer, nullable=False, autoincrement=False)


def identity() -> Column[Any]:
    """A UUIDv7, made by :func:`core.ids.new_id`."""
    return Column("id", Uuid, nullable=False)


def instant(name: str, *, nullable: bool = False) -> Column[Any]:
    """A column of aware UTC instants."""
    return Column(name, Instant, nullable=nullable)


def link(name: str, *, nullable: bool = False) -> Column[Any]:
    """A column that holds another row's id."""
    return Column(name, Uuid, nullable=nullable)


def key(*columns: str) -> PrimaryKeyConstraint:
    """A primary key that begins with the tenant."""
    return PrimaryKeyConstraint("tenant", *(columns or ("id",)))


def refers(column: str, table: str, to: str = "id") -> ForeignKeyConstraint:
    """A foreign key to another row of the same tenant; a row of another tenant cannot be referred to."""
    return ForeignKeyConstraint(["tenant", column], [f"{table}.tenant", f"{table}.{to}"])


def of_tenant() -> ForeignKeyConstraint:
    """The tenant itself exists; only on tables of the configuration, because the check locks the tenant's row."""
    return ForeignKeyConstraint(["tenant"], ["tenant.id"])
