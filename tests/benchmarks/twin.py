"""The thin twin: what an engineer writes by hand who wants the same rows and reads, and nothing else.

A Litestar application on raw asyncpg, under the settings of uvicorn and the pool size of the service. It opens the database
under a role without row security and answers whoever asks: no token, no validation, no tenancy but the number in the path.

- ``POST /{tenant}/cases`` decodes the body to plain values and writes, one statement after the other in one transaction,
  what the service writes: it looks for an earlier answer, takes the next number, inserts the case, its step, the grams of
  its words, its audit row with content, its outbox row and the answer kept under the key; with a petitioner that row, and of
  a tip-off a deadline; with attachments it updates their rows and records that, too. What the service computes (the due date
  and its explanation, the grams' numbers, digests, sealed bytes) it has ready as constants of that size.
- ``GET /{tenant}/cases/{id}`` reads the case's columns by primary key and answers them.
- ``GET /{tenant}/cases?after=`` reads a page of 50 by the same keyset, of the columns that a list shows.

Every statement has its plan prepared by the driver; connections go back to the pool without the driver's reset, as the
service's do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import msgspec
import uvicorn
from litestar import Litestar, get, post
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import Parameter

from core.ids import new_id
from tests.benchmarks import twin_rows

ADDRESS, POOL_SIZE = "WENZE_TWIN_DATABASE", "WENZE_TWIN_POOL"
PAGE = 50
_LIST = (
    "SELECT id, number, kind, state, channel, track, title, received_at, registered_at, closed_at, anonymous, due_at,"
    " category, division, urgent, returns, version, standing->'units' AS units FROM cases WHERE tenant = $1"
)
_FIRST_PAGE = f"{_LIST} ORDER BY id DESC LIMIT 51"
_NEXT_PAGE = f"{_LIST} AND id < $2 ORDER BY id DESC LIMIT 51"
_ONE = (
    "SELECT id, number, kind, state, channel, track, title, narrative, received_at, registered_at, closed_at, anonymous,"
    " petitioner_id, due_at, facts, facts_version, law_version, version, standing, category, division, urgent, intake,"
    " clerk_id, returns, rendition, rendition_state, parent_id, merged_into FROM cases WHERE tenant = $1 AND id = $2"
)


@get("/{tenant:int}/cases/{case:uuid}")
async def read_case(tenant: int, case: UUID, state: State) -> dict[str, Any]:
    """One case."""
    async with state.pool.acquire() as connection:
        row = await connection.fetchrow(_ONE, tenant, case)
    if row is None:
        raise NotFoundException
    return dict(row)


@get("/{tenant:int}/cases")
async def list_cases(tenant: int, state: State, after: UUID | None = None) -> dict[str, Any]:
    """A page of 50, and after which case the next one begins."""
    async with state.pool.acquire() as connection:
        if after is None:
            rows = await connection.fetch(_FIRST_PAGE, tenant)
        else:
            rows = await connection.fetch(_NEXT_PAGE, tenant, after)
    items = [dict(row) for row in rows[:PAGE]]
    return {"items": items, "next": items[-1]["id"] if len(rows) > PAGE else None}


@post("/{tenant:int}/cases")
async def register_case(
    tenant: int, data: dict[str, Any], state: State, key: Annotated[str, Parameter(header="Idempotency-Key")]
) -> dict[str, Any]:
    """Registers a case."""
    now = datetime.now(UTC)
    async with state.pool.acquire() as connection, connection.transaction():
        earlier = await connection.fetchrow(twin_rows.FIND_ANSWER, tenant, twin_rows.CLIENT, "registerCase", key)
        if earlier is not None:
            answer: dict[str, Any] = msgspec.json.decode(earlier["response"])
            return answer
        last = await connection.fetchval(twin_rows.NEXT_NUMBER, tenant, data["kind"], now.year)
        petitioner = None
        if "petitioner" in data:
            petitioner = new_id()
            await connection.execute(twin_rows.PETITIONER, *twin_rows.petitioner(tenant, petitioner, now))
        case = twin_rows.case(data, f"JB{now.year}-{last:06d}", petitioner, now)
        step = new_id()
        await connection.execute(twin_rows.CASE, tenant, *case.values())
        await connection.execute(twin_rows.STEP, *twin_rows.step(tenant, case, step, now))
        if twin_rows.has_deadline(data):
            await connection.execute(twin_rows.DEADLINE, *twin_rows.deadline(tenant, case, step, now))
        for scope, grams in twin_rows.grams(data):
            await connection.execute(twin_rows.GRAMS, tenant, case["id"], scope, grams)
        await _record(connection, tenant, case, step, "case.register", twin_rows.content(case), 1, now)
        if "attachments" in data:
            await _attach(connection, tenant, case, step, data["attachments"], now)
        told = twin_rows.answer(case)
        await connection.execute(twin_rows.ANSWER, *twin_rows.kept(tenant, key, msgspec.json.encode(told), now))
    return told


async def _attach(
    connection: asyncpg.Connection, tenant: int, case: dict[str, Any], step: UUID, files: list[str], now: datetime
) -> None:
    owner = twin_rows.CLIENT, twin_rows.PERSON
    attached = await connection.fetch(twin_rows.ATTACH, case["id"], step, now, tenant, files, *owner)
    if len(attached) != len(files):
        raise NotFoundException
    content = twin_rows.attached_content(files, step)
    await _record(connection, tenant, case, step, "attachment.attached", content, 2, now)


async def _record(
    connection: asyncpg.Connection,
    tenant: int,
    case: dict[str, Any],
    step: UUID,
    action: str,
    content: str,
    seq: int,
    now: datetime,
) -> None:
    stream = f"case:{case['id']}"
    await connection.execute(twin_rows.AUDIT, *twin_rows.audit(tenant, stream, seq, action, now))
    await connection.execute(twin_rows.CONTENT, tenant, stream, seq, twin_rows.SALT, content)
    await connection.execute(twin_rows.OUTBOX, *twin_rows.event(tenant, case, step, action, now))


@asynccontextmanager
async def _open_pool(app: Litestar) -> AsyncIterator[None]:
    async def prepare(connection: asyncpg.Connection) -> None:
        await connection.set_type_codec(
            "jsonb", schema="pg_catalog", encoder=_encode, decoder=msgspec.json.decode, format="text"
        )

    async def keep(_connection: asyncpg.Connection) -> None:
        """No reset between requests."""

    size = int(os.environ[POOL_SIZE])
    async with asyncpg.create_pool(os.environ[ADDRESS], min_size=size, max_size=size, init=prepare, reset=keep) as pool:
        app.state.pool = pool
        yield


def _encode(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def make_app() -> Litestar:
    """The application."""
    return Litestar([read_case, list_cases, register_case], lifespan=[_open_pool], openapi_config=None, logging_config=None)


if __name__ == "__main__":
    from api.server import uvicorn_options

    uvicorn.run(make_app(), **uvicorn_options("127.0.0.1", int(sys.argv[1])))
