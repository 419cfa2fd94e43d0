"""What has expired is forgotten, and nothing that a replay could still be known by."""

from __future__ import annotations

import base64
from datetime import timedelta

from click.testing import CliRunner

from api.cli import main
from core.authorizations.families import Allowed, list_authorizations
from core.authorizations.purge import Purged, purge_authorizations
from tests.oauth import people
from tests.oauth.conftest import SLUG, Desk
from tests.support.world import MASTER_KEY


async def purge(desk: Desk) -> Purged:
    async with desk.services.database.tenant(desk.tenant) as session:
        return await purge_authorizations(session, desk.clock.now())


async def allowed(desk: Desk) -> list[Allowed]:
    async with desk.services.database.reading(desk.tenant) as session:
        return await list_authorizations(session, desk.staff.account_id, desk.clock.now())


async def test_what_has_expired_is_forgotten_and_nothing_else(desk: Desk) -> None:
    short = await desk.sign_in(lasts=timedelta(hours=1))
    told = await desk.tokens(by=short)
    await people.refresh(desk.http, SLUG, desk.app, told["refresh_token"])
    replayed = await desk.approve()
    kept = await people.tokens_of(desk.http, SLUG, replayed)
    await desk.post("revoke", token=told["access_token"], **desk.app.credentials)
    await desk.post("device_authorization", **desk.public_app.credentials)
    assert await purge(desk) == Purged(0, 0, 0, 0)
    desk.wait(minutes=61)
    assert await purge(desk) == Purged(authorizations=1, devices=1, revocations=1, assertions=0)
    assert await purge(desk) == Purged(0, 0, 0, 0)
    assert (await people.refresh(desk.http, SLUG, desk.app, told["refresh_token"])).json()["error"] == "invalid_grant"
    assert len(await allowed(desk)) == 1
    assert (await people.redeem(desk.http, SLUG, replayed)).json()["error"] == "invalid_grant"
    assert await allowed(desk) == []
    assert (await desk.me(kept["access_token"])).status_code == 401


def test_the_command_says_what_it_forgot(desk: Desk) -> None:
    settings = desk.services.settings
    environment = {
        "WENZE_DATABASE_URL": settings.database_url,
        "WENZE_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
    }
    done = CliRunner().invoke(main, ["oauth", "purge", SLUG], env=environment)
    assert done.exit_code == 0, done.output
    assert "authorizations" in done.output
    unknown = CliRunner().invoke(main, ["oauth", "purge", "nowhere", "--language", "en"], env=environment)
    assert unknown.exit_code == 1
