"""What was answered once is told again only to who may still hear it (promises 7 and 9)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select, update

from core.cases.sealing import erase_petitioner
from core.ids import new_id
from core.procedure import Role
from core.store.actor import OPERATOR
from core.store.replays import find_replay
from core.store.tables import TENANT, cases, role_grant
from core.tenants.client import Credentials
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.clients import disable_client
from core.tenants.snapshot import Snapshots
from tests.isolation.matrix import read_matrix
from tests.support.world import Place, World, asking

NAME = "王秀英"
ASK = {"purpose": "contact", "note": "联系核实"}


@pytest.fixture(scope="module")
def place(world: World) -> Place:
    """Baoding, where tip-offs are protected most."""
    return world.places["baoding"]


@pytest.fixture
async def case(world: World, app: Any, place: Place) -> str:
    """A named tip-off."""
    row = next(row for row in read_matrix() if row.city == "baoding" and row.id == "registerCase")
    body = {name: value for name, value in row.body.items() if name != "subject_unit"} | {"petitioner": {"name": NAME}}
    async with asking(app, await world.token(place)) as client:
        answer = await client.post(f"/t/{place.slug}/v1/cases", json=body, headers={"idempotency-key": str(uuid4())})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture
async def clerk(world: World, place: Place) -> Credentials:
    """A client who may read identities."""
    return await world.register(place.cast, [Role.INTAKE_CLERK], Scope, None)


async def read(world: World, app: Any, place: Place, clerk: Credentials, case: str, token: str) -> httpx.Response:
    """The same request under the same key each time."""
    async with asking(app, token) as client:
        path = f"/t/{place.slug}/v1/cases/{case}/petitioner/readings"
        return await client.post(path, json=ASK, headers={"idempotency-key": "one-reading"})


async def test_a_client_that_another_process_disabled_hears_nothing_again(
    world: World, app: Any, place: Place, clerk: Credentials, case: str
) -> None:
    token = await world.token(place, clerk)
    assert NAME in (await read(world, app, place, clerk, case, token)).text
    assert NAME in (await read(world, app, place, clerk, case, token)).text
    async with world.owner.tenant(place.number, actor=OPERATOR) as session:
        elsewhere = Snapshots(world.services.jurisdictions)
        await disable_client(Administration(session, elsewhere), clerk.client_id)
    answer = await read(world, app, place, clerk, case, token)
    assert (answer.status_code, answer.json()["code"]) == (401, "api.client-disabled")


async def test_who_lost_the_role_elsewhere_hears_nothing_again(
    world: World, app: Any, place: Place, clerk: Credentials, case: str
) -> None:
    token = await world.token(place, clerk)
    assert (await read(world, app, place, clerk, case, token)).status_code == 201
    person = (await world.snapshot(place)).clients[clerk.client_id].person_id
    async with world.owner.tenant(place.number, actor=OPERATOR) as session:
        await session.bump_revision()
        ended = update(role_grant).where(role_grant.c.tenant == TENANT, role_grant.c.person_id == person)
        await session.execute(ended.values(valid_to=place.cast.city.story.opens_at.date()))
        supervisor = {"id": new_id(), "person_id": person, "role": "supervisor", "unit_id": None}
        session.add(role_grant, supervisor | {"valid_from": place.cast.city.story.opens_at.date(), "valid_to": None})
    answer = await read(world, app, place, clerk, case, token)
    assert (answer.status_code, answer.json()["code"]) == (403, "petitioners.role-missing")


async def test_an_identity_does_not_outlive_its_erasure_in_a_kept_answer(
    world: World, app: Any, place: Place, clerk: Credentials, case: str
) -> None:
    token = await world.token(place, clerk)
    first = await read(world, app, place, clerk, case, token)
    again = await read(world, app, place, clerk, case, token)
    assert (again.headers["idempotency-replayed"], again.json()) == ("true", first.json())
    async with world.services.database.tenant(place.number) as session:
        wanted = select(cases.c.petitioner_id).where(cases.c.tenant == TENANT, cases.c.id == UUID(case))
        await erase_petitioner(session, await session.scalar(wanted))
    answer = await read(world, app, place, clerk, case, token)
    assert (answer.status_code, answer.json()["code"]) == (422, "petitioners.erased")


async def test_no_identity_lies_with_the_kept_answers(
    world: World, app: Any, place: Place, clerk: Credentials, case: str
) -> None:
    await read(world, app, place, clerk, case, await world.token(place, clerk))
    client_id = (await world.snapshot(place)).clients[clerk.client_id].id
    async with world.services.database.reading(place.number) as session:
        kept = await find_replay(session, client_id, "readPetitioner", "one-reading")
    assert kept is not None
    assert NAME.encode() not in kept.body
