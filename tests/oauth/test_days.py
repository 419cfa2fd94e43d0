"""A token is remembered, but what its person may do is asked of each day anew."""

from __future__ import annotations

from datetime import UTC, date, datetime

from core.procedure import Role
from core.store.session import OPERATOR
from core.tenants.commands import Ending
from core.tenants.service.administration import Administration
from core.tenants.service.people import end_role
from tests.oauth import people
from tests.oauth.conftest import Desk

LAST_DAY = date(2026, 11, 22)
BEFORE_MIDNIGHT = datetime(2026, 11, 22, 15, 58, tzinfo=UTC)
"""23:58 in Ankang."""


async def test_a_role_ends_at_midnight_within_the_life_of_a_token(desk: Desk) -> None:
    clerk = await people.hire(desk.services, desk.tenant, Role.INTAKE_CLERK, name="陈静")
    held = (await people.snapshot_of(desk.services, desk.tenant)).organisation.staff.grants_of(clerk.person_id)[0]
    async with desk.services.database.tenant(desk.tenant, actor=OPERATOR) as session:
        admin = Administration(session, desk.services.snapshots)
        await end_role(admin, clerk.person_id, held.id, Ending(last_day=LAST_DAY, reason="调岗"), 1)
    desk.wait(seconds=(BEFORE_MIDNIGHT - desk.clock.now()).total_seconds())
    signed_in = await people.sign_in(desk.services, desk.tenant, clerk)
    token = (await desk.tokens(by=signed_in))["access_token"]
    for _ in range(2):
        assert [role["role"] for role in (await desk.me(token)).json()["roles"]] == ["intake-clerk"]
    desk.wait(minutes=3)
    assert (await desk.me(token)).json()["roles"] == []
