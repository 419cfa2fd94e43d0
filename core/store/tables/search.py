"""The grams of cases: which words stand in which case, by numbers under the tenant's key (:mod:`core.search.keyed`)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, SmallInteger, Table

from core.store.tables.schema import key, link, metadata, tenant

case_gram = Table(
    "case_gram",
    metadata,
    tenant(),
    Column("gram", BigInteger, nullable=False, autoincrement=False),
    link("case_id"),
    Column("scope", SmallInteger, nullable=False),
    key("gram", "case_id"),
)
"""A gram stands with a case once, under the widest scope of the words that have it: 1 for what everybody reads who may
see the case, 2 for what only some do. The case follows the gram in the key, so that the cases of a gram come in the order
of lists. No foreign key: a case has some hundred rows, each would be checked, and cases are not removed."""
