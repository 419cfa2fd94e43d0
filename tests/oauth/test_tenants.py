"""What one tenant gave is nothing at another's authorization server (PITFALLS 3, 7, 12)."""

from __future__ import annotations

from core.law.instrument import Text
from core.store.database import Database
from core.tenants.service.directory import NewTenant, create_tenant
from tests.oauth import people
from tests.oauth.conftest import SLUG, Desk
from tests.oauth.people import App


async def elsewhere(desk: Desk, owner: Database, slug: str) -> App:
    """Another tenant of the same store, with a client of its own."""
    new = NewTenant(slug, "ankang", Text(zh="别处", en="Elsewhere"), sandbox=True)
    made = await create_tenant(owner, desk.services.jurisdictions, new)
    return await people.register_app(desk.services, made.id)


async def test_neither_clients_nor_codes_nor_tokens_are_known_next_door(desk: Desk, owner_database: Database) -> None:
    foreign = await elsewhere(desk, owner_database, "next-door")
    approved, told = await desk.approve(scope="openid"), await desk.tokens(scope="openid cases:read")
    own = await people.redeem(desk.http, "next-door", approved)
    assert (own.status_code, own.json()["error"]) == (401, "invalid_client")
    code = await people.redeem(desk.http, "next-door", approved, **foreign.credentials)
    assert code.json()["error"] == "invalid_grant"
    refreshed = await people.refresh(desk.http, "next-door", foreign, told["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"
    for kind in ("access_token", "refresh_token"):
        form = {"token": told[kind], **foreign.credentials}
        assert (await desk.http.post("/t/next-door/oauth/introspect", data=form)).json() == {"active": False}
        assert (await desk.http.post("/t/next-door/oauth/revoke", data=form)).status_code == 200
    bearer = {"authorization": f"Bearer {told['access_token']}"}
    assert (await desk.http.get("/t/next-door/oauth/userinfo", headers=bearer)).status_code == 401
    assert (await desk.me(told["access_token"])).status_code == 200
    assert (await people.redeem(desk.http, SLUG, approved)).status_code == 200
