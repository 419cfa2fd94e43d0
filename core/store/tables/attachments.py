"""Attachments: what is known of a file whose sealed content lies in the object store, apart from the database."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Integer, LargeBinary, Table, Text, text

from core.store.tables.schema import identity, instant, key, link, metadata, tenant

_WAITING = text("case_id IS NULL")
_ATTACHED = text("case_id IS NOT NULL")


def _refers_at_commit(column: str, table: str) -> ForeignKeyConstraint:
    """A foreign key that is looked at when the transaction ends: the case or step can be written after it is referred to."""
    return ForeignKeyConstraint(
        ["tenant", column], [f"{table}.tenant", f"{table}.id"], deferrable=True, initially="DEFERRED"
    )


attachment = Table(
    "attachment",
    metadata,
    tenant(),
    identity(),
    link("client_id"),
    link("person_id"),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("scan", Text, nullable=False),
    Column("alg", Text, nullable=False),
    Column("kid", Text, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    instant("uploaded_at"),
    instant("expires_at", nullable=True),
    link("case_id", nullable=True),
    link("step_id", nullable=True),
    Column("part", Text, nullable=False),
    instant("attached_at", nullable=True),
    Column("version", Integer, nullable=False),
    key(),
    _refers_at_commit("case_id", "cases"),
    _refers_at_commit("step_id", "case_step"),
    Index(None, "tenant", "case_id", "id", postgresql_where=_ATTACHED, sqlite_where=_ATTACHED),
    Index(None, "tenant", "expires_at", postgresql_where=_WAITING, sqlite_where=_WAITING),
)
"""``kid`` names the tenant's key that wraps ``wrapped_key``, the key of this one file. Until it is attached it is the
uploading client's and person's and ends at ``expires_at``. ``scan`` is clean or unscanned; ``part`` original or disclosed
(which units may see); ``version`` is the ETag. Client and person are a record of who it was, not references."""
