"""Each way to tamper with a trail is found by an offline check, and nothing is found where nothing was done (promise 4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import delete

from core.store.audit.export import export_trail, seal_trail
from core.store.audit.keys import new_key, read_private, read_public
from core.store.audit.verify import Unreadable, read_seal, verify_export
from core.store.chain import Entry, digest_of, hash_of, start_of
from core.store.database import Database
from core.store.session import Actor
from core.store.tables import TENANT, audit_content
from core.store.violations import StreamMoved
from tests.conftest import TenantMaker
from tests.store.rows import change

PRIVATE, PUBLIC = new_key()
Trail = list[dict[str, Any]]
"""The lines of an export, decoded."""


async def write_trail(database: Database, tenant: int) -> None:
    """Three streams of five, three and one rows, each row in a transaction of its own."""
    for stream, count in (("case:a", 5), ("case:b", 3), ("tenant", 1)):
        for number in range(count):
            actor = Actor(client_id=UUID(int=number + 1), role="dispatcher" if number % 2 else None)
            async with database.tenant(tenant, actor=actor) as session:
                session.record(change(stream, content={"number": number, "名": "值"}, new_stream=number == 0))


async def exported(database: Database, tenant: int) -> Trail:
    async with database.reading(tenant) as session:
        return [msgspec.json.decode(line) async for line in export_trail(session, "ankang")]


async def sealed(database: Database, tenant: int) -> list[bytes]:
    async with database.reading(tenant) as session:
        return [line async for line in seal_trail(session, "ankang", read_private(PRIVATE))]


def findings(trail: Trail, *seals: list[bytes]) -> list[tuple[str, str, int]]:
    lines = [msgspec.json.encode(line) for line in trail]
    read = [read_seal(f"seal-{number}", seal, read_public(PUBLIC)) for number, seal in enumerate(seals)]
    return [(item.code, item.stream, item.seq) for item in verify_export("export", lines, read).findings]


def row(trail: Trail, stream: str, seq: int) -> dict[str, Any]:
    return next(line for line in trail if (line.get("stream"), line.get("seq")) == (stream, seq))


def recompute(trail: Trail, stream: str) -> None:
    """What the database's owner can do: renumber a stream and compute every hash anew."""
    tenant, rows = trail[0]["tenant"], [line for line in trail if line.get("stream") == stream]
    previous = start_of(tenant, stream).hash
    for number, line in enumerate(rows, 1):
        line["seq"], line["previous"] = number, previous.hex()
        plain = {name: line[name] for name in ("stream", "seq", "at", "client_id", "person_id", "unit_id", "role")}
        more = {name: line[name] for name in ("action", "subject", "digest", "previous")}
        entry = msgspec.convert({**plain, **more, "tenant": tenant, "digest": "", "previous": ""}, Entry)
        given = {name: getattr(entry, name) for name in Entry.__slots__}
        given |= {"digest": bytes.fromhex(line["digest"]), "previous": previous}
        previous = hash_of(Entry(**given))
        line["hash"] = previous.hex()


def remove(trail: Trail, stream: str, *seqs: int) -> None:
    trail[:] = [line for line in trail if line.get("stream") != stream or line["seq"] not in seqs]
    trail[-1]["rows"] = len(trail) - 2


def change_subject(trail: Trail) -> None:
    row(trail, "case:a", 3)["subject"] = "somebody else"


def change_time(trail: Trail) -> None:
    row(trail, "case:a", 3)["at"] = "2020-01-01T00:00:00Z"


def change_role(trail: Trail) -> None:
    row(trail, "case:a", 3)["role"] = "supervisor"


def change_content(trail: Trail) -> None:
    line = row(trail, "case:b", 2)
    line["content"] = line["content"].replace("1", "9")


def change_content_and_digest(trail: Trail) -> None:
    line = row(trail, "case:b", 2)
    line["content"] = "{}"
    line["digest"] = digest_of(bytes.fromhex(line["salt"]), "{}").hex()


def change_content_and_lose_the_salt(trail: Trail) -> None:
    row(trail, "case:b", 2).update(salt=None, content="{}")


def lose_the_content_and_keep_the_salt(trail: Trail) -> None:
    row(trail, "case:b", 2).update(content=None)


def remove_middle(trail: Trail) -> None:
    remove(trail, "case:a", 2)


def remove_several(trail: Trail) -> None:
    remove(trail, "case:a", 1, 2)


def remove_last(trail: Trail) -> None:
    remove(trail, "case:a", 5)


def remove_stream(trail: Trail) -> None:
    remove(trail, "case:b", 1, 2, 3)


def swap(trail: Trail) -> None:
    one, other = trail.index(row(trail, "case:a", 2)), trail.index(row(trail, "case:a", 3))
    trail[one], trail[other] = trail[other], trail[one]


def renumber(trail: Trail) -> None:
    one, other = row(trail, "case:a", 2), row(trail, "case:a", 3)
    one["seq"], other["seq"] = 3, 2
    swapped = trail.index(one), trail.index(other)
    trail[swapped[0]], trail[swapped[1]] = other, one


def double(trail: Trail) -> None:
    trail.insert(trail.index(row(trail, "case:a", 2)), row(trail, "case:a", 2))
    trail[-1]["rows"] += 1


def move_to_other_stream(trail: Trail) -> None:
    row(trail, "tenant", 1)["stream"] = "case:c"


def rewrite_history(trail: Trail) -> None:
    change_content_and_digest(trail)
    recompute(trail, "case:b")


def remove_and_close_the_gap(trail: Trail) -> None:
    remove(trail, "case:b", 2)
    recompute(trail, "case:b")


def cut_the_file(trail: Trail) -> None:
    del trail[-1]


TAMPERINGS: list[tuple[Callable[[Trail], None], set[tuple[str, str, int]]]] = [
    (change_subject, {("audit.row-changed", "case:a", 3)}),
    (change_time, {("audit.row-changed", "case:a", 3)}),
    (change_role, {("audit.row-changed", "case:a", 3)}),
    (change_content, {("audit.content-changed", "case:b", 2)}),
    (change_content_and_lose_the_salt, {("audit.content-changed", "case:b", 2)}),
    (lose_the_content_and_keep_the_salt, {("audit.content-changed", "case:b", 2)}),
    (change_content_and_digest, {("audit.row-changed", "case:b", 2)}),
    (remove_middle, {("audit.row-removed", "case:a", 2)}),
    (remove_several, {("audit.row-removed", "case:a", 1)}),
    (remove_last, {("audit.stream-truncated", "case:a", 5)}),
    (remove_stream, {("audit.stream-removed", "case:b", 3)}),
    (swap, {("audit.row-removed", "case:a", 2), ("audit.row-reordered", "case:a", 2)}),
    (renumber, {("audit.row-changed", "case:a", 2), ("audit.row-changed", "case:a", 3)}),
    (double, {("audit.row-reordered", "case:a", 2)}),
    (move_to_other_stream, {("audit.row-changed", "case:c", 1), ("audit.stream-removed", "tenant", 1)}),
    (rewrite_history, {("audit.row-recomputed", "case:b", 3)}),
    (remove_and_close_the_gap, {("audit.stream-truncated", "case:b", 3)}),
    (cut_the_file, {("audit.export-incomplete", "", 0)}),
]


async def test_what_was_not_touched_is_found_whole(database: Database, tenant: int) -> None:
    await write_trail(database, tenant)
    trail = await exported(database, tenant)
    assert len(trail) == 9 + 2
    assert findings(trail, await sealed(database, tenant)) == []


@pytest.mark.parametrize(("tamper", "expected"), TAMPERINGS, ids=[tamper.__name__ for tamper, _ in TAMPERINGS])
async def test_tampering_is_found_with_its_place(
    database: Database, tenant: int, tamper: Callable[[Trail], None], expected: set[tuple[str, str, int]]
) -> None:
    await write_trail(database, tenant)
    trail, seal = await exported(database, tenant), await sealed(database, tenant)
    tamper(trail)
    found = findings(trail, seal)
    assert expected <= set(found)
    assert {(stream, code) for code, stream, _ in found if stream not in {place for _, place, _ in expected}} == set()


async def test_erased_content_leaves_the_chain_whole(database: Database, tenant: int) -> None:
    await write_trail(database, tenant)
    seal = await sealed(database, tenant)
    async with database.tenant(tenant) as session:
        gone = delete(audit_content).where(audit_content.c.tenant == TENANT, audit_content.c.stream == "case:a")
        assert await session.execute(gone) == 5
    trail = await exported(database, tenant)
    assert row(trail, "case:a", 1)["content"] is None
    assert findings(trail, seal) == []


async def test_a_later_export_agrees_with_an_earlier_seal(database: Database, tenant: int) -> None:
    await write_trail(database, tenant)
    first = await sealed(database, tenant)
    async with database.tenant(tenant) as session:
        session.record(change("case:a"))
        session.record(change("case:a"))
        session.record(change("case:new", new_stream=True))
    second, trail = await sealed(database, tenant), await exported(database, tenant)
    assert findings(trail, first, second) == []
    remove(trail, "case:a", 7)
    assert findings(trail, first) == []  # written after this seal
    assert findings(trail, first, second) == [("audit.stream-truncated", "case:a", 7)]


async def test_a_seal_counts_only_for_its_key_and_tenant(database: Database, make_tenant: TenantMaker) -> None:
    tenant, other = await make_tenant(), await make_tenant()
    for each in (tenant, other):
        await write_trail(database, each)
    trail, seal = await exported(database, tenant), await sealed(database, tenant)
    assert findings(trail, await sealed(database, other)) == [("audit.seal-of-another-tenant", "", 0)]
    assert findings([trail[0] | {"slug": "baoding"}, *trail[1:]], seal) == [("audit.seal-of-another-tenant", "", 0)]
    changed = [line.replace(b'"seq":5', b'"seq":4') for line in seal]
    assert findings(trail, changed) == [("audit.seal-not-genuine", "", 0)]
    assert findings(trail, [*seal[:-2], seal[-1]]) == [("audit.seal-not-genuine", "", 0)]
    stranger = read_public(new_key()[1])
    assert not read_seal("s", seal, stranger).genuine


async def test_what_is_not_an_export_is_unreadable(database: Database, tenant: int) -> None:
    await write_trail(database, tenant)
    trail, seal = await exported(database, tenant), await sealed(database, tenant)
    for broken in ([], trail[1:], [{**trail[0], "format": "x"}, *trail[1:]], [*trail, trail[1]]):
        with pytest.raises(Unreadable):
            findings(broken)
    for broken_seal in ([], seal[:1], seal[:-1], [b"{}", *seal[1:]], [*seal[:-1], b'{"alg":"Ed25519","signature":"!"}']):
        with pytest.raises(Unreadable):
            findings(trail, broken_seal)


async def test_two_writers_of_one_stream_do_not_both_win(database: Database, tenant: int) -> None:
    async with database.tenant(tenant) as session:
        session.record(change("case:a", new_stream=True))
    with pytest.raises(StreamMoved):
        async with database.tenant(tenant) as session:
            session.record(change("case:a", new_stream=True))
    assert findings(await exported(database, tenant)) == []


async def test_many_who_share_a_stream_take_turns(database: Database, tenant: int) -> None:
    async def write() -> None:
        async with database.tenant(tenant) as session:
            session.record(change("look-ups:a", shared=True))
            session.record(change("look-ups:b", shared=True))

    await asyncio.gather(*(write() for _ in range(20)))
    trail = await exported(database, tenant)
    assert findings(trail) == []
    assert len([row for row in trail if row.get("stream") == "look-ups:a"]) == 20
