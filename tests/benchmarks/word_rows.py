"""The grams of a filled tenant's cases: as many as the service would write, put together by the database itself.

A million cases have some sixty million of them. Each variant of a case's words is read once, as the service reads it; which
cases have it is told to PostgreSQL, which writes the rows. The key is taken away meanwhile and built in the end.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from core.procedure import CaseKind
from core.search.grams import find_grams
from core.search.indexing import PURPOSE, Scope
from core.search.keyed import number_grams
from core.store.envelope import TenantKeys
from tests.benchmarks.matters import Variant, grams_of_variants
from tests.benchmarks.stages import TWIN, Stage

_KEY = "ALTER TABLE case_gram ADD CONSTRAINT pk_case_gram PRIMARY KEY (tenant, gram, case_id)"
_ROOM = "SET maintenance_work_mem = '768MB'"
_WRITE = """
    INSERT INTO case_gram (tenant, gram, case_id, scope)
    SELECT $1::integer, g.gram, c.id, g.scope FROM unnest($2::uuid[], $3::integer[]) AS c(id, variant)
    JOIN unnest($4::integer[], $5::bigint[], $6::smallint[]) AS g(variant, gram, scope) USING (variant)
"""
_COLUMNS = ("tenant", "gram", "case_id", "scope")


@asynccontextmanager
async def without_key(stage: Stage) -> AsyncIterator[None]:
    """Takes the table's key away for as long as it is filled."""
    connection = await stage.connect(TWIN)
    try:
        await connection.execute("ALTER TABLE case_gram DROP CONSTRAINT pk_case_gram")
        yield
        await connection.execute(_ROOM)
        await connection.execute(_KEY)
    finally:
        await connection.close()


class WordRows:
    """The grams of one tenant's cases."""

    def __init__(self, tenant: int, kind: CaseKind, keys: TenantKeys) -> None:
        self.kind = kind
        self._tenant, self._keys = tenant, keys
        self._cases: list[UUID] = []
        self._numbers: list[str] = []
        self._variants: list[int] = []

    def add(self, variant: Variant, case: tuple[UUID, str]) -> None:
        """Takes note of a case's id and number, and of which words stand in it."""
        self._cases.append(case[0])
        self._numbers.append(case[1])
        self._variants.append(variant.number)

    async def write(self, connection: asyncpg.Connection) -> None:
        """Writes the rows."""
        grams = grams_of_variants(self.kind)
        numbers = number_grams(self._keys, PURPOSE, grams.texts)
        numbered = [numbers[place] for place in grams.places]
        await connection.execute(_WRITE, self._tenant, self._cases, self._variants, grams.variants, numbered, grams.scopes)
        await connection.copy_records_to_table("case_gram", records=self._of_numbers(), columns=_COLUMNS)

    def _of_numbers(self) -> list[tuple[int, int, UUID, int]]:
        """The grams of the cases' own numbers."""
        pairs = [(gram, id_) for id_, number in zip(self._cases, self._numbers, strict=True) for gram in find_grams(number)]
        numbered = number_grams(self._keys, PURPOSE, [gram for gram, _ in pairs])
        return [(self._tenant, number, id_, int(Scope.OPEN)) for number, (_, id_) in zip(numbered, pairs, strict=True)]
