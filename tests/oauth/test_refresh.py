"""Refresh tokens: for their client alone, changed at every use, and one that is used twice ends its family."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from core.accounts.service import disable_account
from core.accounts.sign_ins import end_sign_in
from core.store.actor import OPERATOR
from core.store.link import PostgresLink, SqliteLink
from core.store.session import TenantSession
from core.store.tables import TENANT, audit, client
from core.tenants.client import GrantType
from core.tenants.scopes import Scope
from core.tenants.service.administration import Administration
from core.tenants.service.clients import disable_client
from tests.oauth import people
from tests.oauth.conftest import SLUG, Desk
from tests.oauth.people import App


async def refresh(desk: Desk, token: str, app: App | None = None, **more: str) -> httpx.Response:
    return await people.refresh(desk.http, SLUG, app or desk.app, token, **more)


async def refused(desk: Desk, token: str, app: App | None = None, **more: str) -> str:
    answer = await refresh(desk, token, app, **more)
    assert answer.status_code in {400, 401}, answer.text
    code: str = answer.json()["error"]
    return code


async def next_of(desk: Desk, token: str, app: App | None = None, **more: str) -> dict[str, Any]:
    answer = await refresh(desk, token, app, **more)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.mark.parametrize("public", [False, True])
async def test_each_use_gives_another_and_none_is_good_twice(desk: Desk, public: bool) -> None:
    app = desk.public_app if public else desk.app
    first = await desk.tokens(app, scope="openid cases:read")
    second = await next_of(desk, first["refresh_token"], app)
    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == "openid cases:read"
    assert "id_token" not in second
    assert (await desk.me(second["access_token"])).status_code == 200
    third = await next_of(desk, second["refresh_token"], app)
    desk.wait(seconds=11)
    assert await refused(desk, first["refresh_token"], app) == "invalid_grant"
    assert await refused(desk, third["refresh_token"], app) == "invalid_grant"
    for told in (first, second, third):
        assert (await desk.me(told["access_token"])).json()["code"] == "api.token-revoked"


async def test_a_client_whose_answer_was_lost_may_ask_again_for_a_few_seconds(desk: Desk) -> None:
    first = await desk.tokens()
    lost = await next_of(desk, first["refresh_token"])
    desk.wait(seconds=9)
    again = await next_of(desk, first["refresh_token"])
    assert (await desk.me(again["access_token"])).status_code == 200
    following = await next_of(desk, again["refresh_token"])
    assert await refused(desk, lost["refresh_token"]) == "invalid_grant", "it was not lost: somebody else holds it"
    assert await refused(desk, following["refresh_token"]) == "invalid_grant"


async def test_who_has_used_what_was_given_did_not_lose_it(desk: Desk) -> None:
    first = await desk.tokens()
    second = await next_of(desk, first["refresh_token"])
    third = await next_of(desk, second["refresh_token"])
    assert await refused(desk, first["refresh_token"]) == "invalid_grant"
    assert await refused(desk, third["refresh_token"]) == "invalid_grant"


async def test_the_grace_can_be_taken_away(desk: Desk) -> None:
    first = await desk.tokens()
    async with desk.with_settings(refresh_grace_seconds=0) as strict:
        assert (await people.refresh(strict, SLUG, desk.app, first["refresh_token"])).status_code == 200
        again = await people.refresh(strict, SLUG, desk.app, first["refresh_token"])
    assert again.json()["error"] == "invalid_grant"
    assert (await desk.me(first["access_token"])).status_code == 401


async def test_another_client_gets_nothing_by_it_and_changes_nothing(desk: Desk) -> None:
    first = await desk.tokens()
    assert await refused(desk, first["refresh_token"], desk.public_app) == "invalid_grant"
    second = await next_of(desk, first["refresh_token"])
    desk.wait(seconds=11)
    assert await refused(desk, first["refresh_token"], desk.public_app) == "invalid_grant"
    assert (await refresh(desk, second["refresh_token"])).status_code == 200


async def test_scopes_can_be_narrowed_and_never_widened(desk: Desk) -> None:
    first = await desk.tokens(scope="openid cases:read")
    narrow = await next_of(desk, first["refresh_token"], scope="cases:read")
    assert narrow["scope"] == "cases:read"
    assert await refused(desk, narrow["refresh_token"], scope="cases:read rulebook:read") == "invalid_scope"
    assert await refused(desk, narrow["refresh_token"], scope="everything") == "invalid_scope"
    whole = await next_of(desk, narrow["refresh_token"])
    assert whole["scope"] == "openid cases:read"


@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (60, 400)])
async def test_one_that_nobody_uses_ends_after_an_hour(desk: Desk, minutes: int, status: int) -> None:
    first = await desk.tokens()
    desk.wait(minutes=minutes)
    assert (await refresh(desk, first["refresh_token"])).status_code == status


async def test_a_family_ends_with_its_sign_in_however_often_it_is_refreshed(desk: Desk) -> None:
    signed_in = await desk.sign_in(lasts=timedelta(minutes=100))
    told = await desk.tokens(by=signed_in)
    desk.wait(minutes=50)
    told = await next_of(desk, told["refresh_token"])
    desk.wait(minutes=49)
    told = await next_of(desk, told["refresh_token"])
    assert told["expires_in"] == 60, "no access token outlives the sign-in"
    desk.wait(minutes=1)
    assert await refused(desk, told["refresh_token"]) == "invalid_grant"


async def test_a_family_ends_after_half_a_day_at_the_latest(desk: Desk) -> None:
    signed_in = await desk.sign_in(lasts=timedelta(days=2))
    told = await desk.tokens(by=signed_in)
    for _ in range(13):
        desk.wait(minutes=55)
        told = await next_of(desk, told["refresh_token"])
    desk.wait(minutes=5)
    assert await refused(desk, told["refresh_token"]) == "invalid_grant"


async def test_signing_out_ends_it_at_once(desk: Desk) -> None:
    signed_in = await desk.sign_in()
    told, other = await desk.tokens(by=signed_in), await desk.tokens()
    async with desk.services.database.tenant(desk.tenant) as session:
        await end_sign_in(session, signed_in.id, "signed-out", desk.clock.now())
    assert (await desk.me(told["access_token"])).json()["code"] == "api.token-revoked"
    assert await refused(desk, told["refresh_token"]) == "invalid_grant"
    assert (await desk.me(other["access_token"])).status_code == 200


async def test_a_disabled_account_ends_everything(desk: Desk) -> None:
    staff = await people.hire(desk.services, desk.tenant)
    signed_in = await people.sign_in(desk.services, desk.tenant, staff)
    told, waiting = await desk.tokens(by=signed_in), await desk.approve(by=signed_in)
    async with desk.services.database.tenant(desk.tenant, actor=OPERATOR) as session:
        await disable_account(Administration(session, desk.services.snapshots), staff.account_id, "gone", 1)
    assert (await desk.me(told["access_token"])).json()["code"] == "api.token-revoked"
    assert await refused(desk, told["refresh_token"]) == "invalid_grant"
    assert (await people.redeem(desk.http, SLUG, waiting)).json()["error"] == "invalid_grant"


async def test_a_disabled_client_gets_nothing_more(desk: Desk) -> None:
    app = await people.register_app(desk.services, desk.tenant)
    told = await desk.tokens(app)
    async with desk.services.database.tenant(desk.tenant, actor=OPERATOR) as session:
        await disable_client(Administration(session, desk.services.snapshots), app.client_id)
    assert await refused(desk, told["refresh_token"], app) == "invalid_client"
    assert (await desk.me(told["access_token"])).status_code == 401


async def test_what_the_client_may_no_longer_ask_for_is_left_out(desk: Desk) -> None:
    app = await people.register_app(desk.services, desk.tenant)
    told = await desk.tokens(app, scope="cases:read rulebook:read")
    async with desk.services.database.tenant(desk.tenant, actor=OPERATOR) as session:
        changed = client.update().where(client.c.tenant == TENANT, client.c.id == app.id)
        await session.execute(changed.values(scopes=[Scope.CASES_READ.value]))
        await session.bump_revision()
    assert await refused(desk, told["refresh_token"], app, scope="rulebook:read") == "invalid_scope"
    assert (await next_of(desk, told["refresh_token"], app))["scope"] == "cases:read"


@pytest.mark.parametrize("token", ["", "unknown", "é", "x" * 5_000])
async def test_what_was_never_given_is_refused(desk: Desk, token: str) -> None:
    assert await refused(desk, token) == "invalid_grant"


async def test_nothing_shown_is_an_invalid_request(desk: Desk) -> None:
    answer = await desk.post("token", grant_type="refresh_token", **desk.app.credentials)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_client_without_the_grant_is_told_so(desk: Desk) -> None:
    app = await people.register_app(desk.services, desk.tenant, grant_types=frozenset({GrantType.AUTHORIZATION_CODE}))
    assert await refused(desk, (await desk.tokens())["refresh_token"], app) == "unauthorized_client"


async def test_the_end_of_a_family_stands_in_the_audit_trail(desk: Desk) -> None:
    staff = await people.hire(desk.services, desk.tenant)
    signed_in = await people.sign_in(desk.services, desk.tenant, staff)
    approved = await desk.approve(by=signed_in)
    await people.tokens_of(desk.http, SLUG, approved)
    await people.redeem(desk.http, SLUG, approved)
    rows = select(audit.c.action, audit.c.client_id, audit.c.person_id).where(
        audit.c.tenant == TENANT, audit.c.stream == f"account:{staff.account_id}"
    )
    async with desk.services.database.reading(desk.tenant) as session:
        told = {row["action"]: row for row in await session.all(rows)}
    assert {"authorization.granted", "authorization.revoked"} <= told.keys()
    ended = told["authorization.revoked"]
    assert (ended["client_id"], ended["person_id"]) == (desk.app.id, staff.person_id)


async def test_a_refresh_asks_the_store_for_little(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    token = (await next_of(desk, (await desk.tokens())["refresh_token"]))["refresh_token"]
    asked: list[str] = []

    def counted(owner: type, name: str) -> None:
        original = getattr(owner, name)

        async def counting(self: object, *args: object) -> object:
            asked.append(name)
            return await original(self, *args)

        monkeypatch.setattr(owner, name, counting)

    for name in ("all", "execute"):
        counted(TenantSession, name)
    for link in (SqliteLink, PostgresLink):
        counted(link, "insert")
    await next_of(desk, token)
    assert asked == ["all", "all", "insert"]
