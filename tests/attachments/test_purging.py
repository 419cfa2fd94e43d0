"""What nobody attached is given up in time, with its content, and what a crash left is found."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from anyio import to_thread
from click.testing import CliRunner
from sqlalchemy import select, update

from api.cli.attachment import attachment as command
from core.attachments.attaching import attach, claim_files, record_attached
from core.attachments.purging import Purged, purge_unattached
from core.errors import Refused
from core.ids import new_id
from core.store import tables
from core.store.tables import TENANT, attachment, audit
from tests.attachments import files
from tests.attachments.conftest import Upload
from tests.servers import Addresses
from tests.store.rows import add_case, case_row, change, step_row
from tests.support.world import MASTER_KEY, Place, World

Stored = Callable[[], set[str]]
_IDS = select(attachment.c.id).where(attachment.c.tenant == TENANT)
_AGE = update(attachment).where(attachment.c.tenant == TENANT)


async def ids(world: World, place: Place) -> set[str]:
    async with world.services.database.reading(place.number) as session:
        return {str(row["id"]) for row in await session.all(_IDS)}


async def age(world: World, place: Place, *named: str) -> None:
    """Lets attachments be past their end."""
    chosen = _AGE.where(attachment.c.id.in_([UUID(id_) for id_ in named]))
    async with world.owner.tenant(place.number) as session:
        await session.execute(chosen.values(expires_at=session.recorded_at - timedelta(seconds=1)))


async def principal_of(world: World, place: Place) -> Any:
    snapshot = await world.snapshot(place)
    client = snapshot.clients[place.powers.client_id]
    return snapshot.principal(client, client.scopes, place.cast.city.story.opens_at.date())


async def test_what_has_expired_goes_and_what_has_not_stays(
    world: World, place: Place, upload: Upload, stored: Stored
) -> None:
    old, young = [str((await upload(files.PDF, "a.pdf")).json()["id"]) for _ in range(2)]
    kept = str((await upload(files.PDF, "b.pdf")).json()["id"])
    principal = await principal_of(world, place)
    async with world.services.database.tenant(place.number) as session:
        case = await add_case(session, f"P{new_id()}")
        await attach(session, principal, [UUID(kept)], case, None)
    await age(world, place, old)
    done = await purge_unattached(world.services.database, world.services.vault, place.number, 24)
    assert done == Purged(1, 0, 0)
    assert old not in await ids(world, place) | stored()
    assert {young, kept} <= await ids(world, place) & stored()
    stream = audit.c.stream == f"attachment:{old}"
    said = select(audit.c.action).where(audit.c.tenant == TENANT, stream).order_by(audit.c.seq)
    async with world.services.database.reading(place.number) as session:
        assert [row["action"] for row in await session.all(said)] == ["attachment.uploaded", "attachment.given-up"]


async def test_hundreds_go_in_batches(world: World, place: Place, upload: Upload, stored: Stored) -> None:
    made = [(await upload(b"x%d" % number, "a.txt")).json()["id"] for number in range(105)]
    await age(world, place, *made)
    done = await purge_unattached(world.services.database, world.services.vault, place.number, 24)
    assert done.given_up == 105
    assert not set(made) & (await ids(world, place) | stored())


async def pieces() -> AsyncIterator[bytes]:
    yield b"orphan"


async def test_what_no_row_speaks_of_is_removed_when_it_is_old(
    world: World, place: Place, upload: Upload, stored: Stored
) -> None:
    known = str((await upload(files.PDF, "a.pdf")).json()["id"])
    orphans = [new_id(), new_id()]
    for id_ in orphans:
        await world.services.vault.put(place.number, id_, pieces())
    folder = Path(urlsplit(world.services.settings.attachments).path)
    old = {str(orphans[0]), known}
    for file in await asyncio.to_thread(lambda: [item for item in folder.rglob("*") if item.name in old]):
        os.utime(file, (0, 0))
    half = folder / f"t{place.number}" / "half#1"
    half.touch()
    os.utime(half, (0, 0))
    done = await purge_unattached(world.services.database, world.services.vault, place.number, 24)
    assert done == Purged(0, 1, 1)
    assert str(orphans[0]) not in stored()
    assert {known, str(orphans[1])} <= stored()


async def test_who_attaches_too_late_is_refused(world: World, place: Place, upload: Upload) -> None:
    late = str((await upload(files.PDF, "a.pdf")).json()["id"])
    await age(world, place, late)
    principal = await principal_of(world, place)
    with pytest.raises(Refused, match="not-attachable"):
        async with world.services.database.tenant(place.number) as session:
            await attach(session, principal, [UUID(late)], await add_case(session, "late"), None)
    done = await purge_unattached(world.services.database, world.services.vault, place.number, 24)
    assert done.given_up == 1


async def test_it_is_attached_once_however_many_try(world: World, place: Place, upload: Upload) -> None:
    wanted = UUID((await upload(files.PDF, "a.pdf")).json()["id"])
    principal = await principal_of(world, place)

    async def claim(number: int) -> bool:
        try:
            async with world.services.database.tenant(place.number) as session:
                await attach(session, principal, [wanted], await add_case(session, f"many-{number}"), None)
        except Refused:
            return False
        return True

    assert sorted(await asyncio.gather(*(claim(number) for number in range(6)))) == [False] * 5 + [True]


async def test_at_registration_the_case_and_the_step_may_come_later(world: World, place: Place, upload: Upload) -> None:
    """The order of ``register_case``: what is attached refers to rows that the same transaction writes at its end."""
    wanted = UUID((await upload(files.PDF, "a.pdf")).json()["id"])
    principal, case = await principal_of(world, place), case_row("first-attached")
    step = step_row(case["id"])
    async with world.services.database.tenant(place.number) as session:
        claimed = await claim_files(session, principal, [wanted], case["id"], step["id"], disclosed=True)
        session.record(change(f"case:{case['id']}", new_stream=True))
        record_attached(session, claimed, new_stream=True)
        session.add(tables.cases, case)
        session.add(tables.case_step, step)
    found = select(attachment.c.case_id, attachment.c.step_id, attachment.c.part).where(
        attachment.c.tenant == TENANT, attachment.c.id == wanted
    )
    async with world.services.database.reading(place.number) as session:
        assert await session.one(found) == {"case_id": case["id"], "step_id": step["id"], "part": "disclosed"}


async def test_the_command(world: World, place: Place, upload: Upload, addresses: Addresses) -> None:
    made = str((await upload(files.PDF, "a.pdf")).json()["id"])
    await age(world, place, made)
    environment = {
        "WENZE_DATABASE_URL": addresses.service,
        "WENZE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
        "WENZE_ATTACHMENTS": world.services.settings.attachments,
    }

    def run(slug: str, **changes: str) -> Any:
        return CliRunner().invoke(command, ["purge", slug, "--language", "en"], env=environment | changes)

    done = await to_thread.run_sync(run, place.slug)
    assert (done.exit_code, done.output) == (0, "1 given up, 0 without a row, 0 unfinished\n")
    assert made not in await ids(world, place)
    unknown = await to_thread.run_sync(run, "nowhere")
    assert (unknown.exit_code, "Traceback" in unknown.output) == (1, False)


async def test_postgresql_needs_to_be_told_where(addresses: Addresses, place: Place) -> None:
    settings = {"WENZE_DATABASE_URL": addresses.service, "WENZE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode()}
    done = await to_thread.run_sync(lambda: CliRunner().invoke(command, ["purge", place.slug], env=settings))
    if addresses.service.startswith("sqlite"):
        assert done.exit_code == 0, done.output
        return
    assert done.exit_code == 1
    assert "WENZE_ATTACHMENTS" in done.output
