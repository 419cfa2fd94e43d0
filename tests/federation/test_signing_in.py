"""Signing in through the city's own identity provider: linked by hand or by a claim, and never into a new account."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.accounts.account import Account
from core.accounts.providers import Provider
from core.accounts.sign_ins import list_sign_ins
from core.store.tables import TENANT, account, account_link, federated_attempt
from core.tenants.client import Client
from tests.federation.faking import RSA, FakeProvider
from tests.federation.walking import arrive, come_back, leave, link, sign_in
from tests.screens.house import Browser, Office


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


async def count(office: Office, table: object) -> int:
    statement = select(func.count()).select_from(table).where(table.c.tenant == TENANT)  # type: ignore[attr-defined,arg-type]
    async with office.services.database.reading(office.tenant.id) as session:
        return int(await session.scalar(statement))


async def methods_of(office: Office, held: Account) -> set[tuple[str, ...]]:
    async with office.services.database.reading(office.tenant.id) as session:
        return {item.methods for item in await list_sign_ins(session, held.id, office.clock.now())}


async def test_an_account_is_linked_by_its_owner_and_then_signs_in_by_it(
    office: Office, fake: FakeProvider, city: Provider, li_ming: Account
) -> None:
    stranger = await sign_in(office.browser(), fake)
    assert stranger.answer.status_code == 403
    assert "linked to no account" in stranger.page.text
    browser = await office.browser().enter()
    await link(office, browser, fake)
    assert "City sign-in" in browser.page.text
    again = await sign_in(office.browser(), fake)
    await again.follow()
    assert again.page.heading == "My account"
    assert ("fed", "pwd") in await methods_of(office, li_ming)
    forms = [form for form in browser.page.forms if ("action", "unlink") in form.buttons]
    await browser.send(forms[0], ("action", "unlink"))
    assert (await sign_in(office.browser(), fake)).answer.status_code == 403


async def test_what_the_provider_is_asked_and_how_its_code_is_redeemed(
    office: Office, fake: FakeProvider, city: Provider
) -> None:
    asked = await leave(office.browser(), fake)
    assert (asked["response_type"], asked["client_id"], asked["scope"]) == ("code", "wenze", "openid profile")
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert asked["redirect_uri"] == f"{office.issuer}/providers/city/callback"
    assert "prompt" not in asked
    fake.asked.clear()
    await sign_in(office.browser(), fake)
    (told,) = fake.asked
    assert told["authorization"] == "Basic " + base64.b64encode(b"wenze:s3cret").decode()
    assert told["grant_type"] == "authorization_code"
    assert told["redirect_uri"] == asked["redirect_uri"]
    assert "client_secret" not in told


async def test_a_claim_links_the_account_of_that_login_where_the_tenant_says_so(
    office: Office, fake: FakeProvider, city: Provider, by_claim: Provider
) -> None:
    wang = await office.hire("王芳", "wang.fang")
    before = await count(office, account)
    fake.claims = {"sub": "w-1", "preferred_username": "WANG.FANG"}
    assert (await sign_in(office.browser(), fake)).answer.status_code == 403
    browser = await (await sign_in(office.browser(), fake, "by-claim")).follow()
    assert "王芳" in browser.page.text
    assert ("fed", "pwd", "otp", "mfa") in await methods_of(office, wang)
    fake.claims = {"sub": "w-1", "preferred_username": "somebody.else"}
    assert "王芳" in (await (await sign_in(office.browser(), fake, "by-claim")).follow()).page.text
    fake.claims = {"sub": "w-2", "preferred_username": "wang.fang"}
    other = await sign_in(office.browser(), fake, "by-claim")
    assert (other.answer.status_code, "unlink that first" in other.page.text) == (409, True)
    fake.claims = {"sub": "w-3", "preferred_username": "not.here"}
    assert (await sign_in(office.browser(), fake, "by-claim")).answer.status_code == 403
    assert await count(office, account) == before


async def test_a_claim_that_only_userinfo_has_is_asked_there_of_the_same_person(
    office: Office, fake: FakeProvider, by_claim: Provider
) -> None:
    await office.hire("赵强", "zhao.qiang")
    fake.claims = {"sub": "z-1", "preferred_username": None}
    fake.userinfo = {"sub": "somebody-else", "preferred_username": "zhao.qiang"}
    assert (await sign_in(office.browser(), fake, "by-claim")).answer.status_code == 403
    fake.userinfo = {"sub": "z-1", "preferred_username": "zhao.qiang"}
    assert "赵强" in (await (await sign_in(office.browser(), fake, "by-claim")).follow()).page.text


async def test_the_second_factor_is_asked_unless_the_provider_is_trusted_with_it(
    office: Office, fake: FakeProvider, city: Provider, by_claim: Provider
) -> None:
    chen = await office.hire("陈静", "chen.jing")
    authenticator = await office.enrol(chen)
    browser = await office.browser().enter("chen.jing")
    await browser.send(browser.page.form("/second-factor"), code=authenticator.code(office.clock.now()))
    await browser.follow()
    fake.claims = {"sub": "c-1", "preferred_username": "chen.jing"}
    await link(office, browser, fake)
    await link(office, browser, fake, "by-claim")
    office.clock.advance(timedelta(seconds=60))
    asked = await (await sign_in(office.browser(), fake)).follow()
    assert asked.page.form("/second-factor")
    await asked.send(asked.page.form("/second-factor"), code=authenticator.code(office.clock.now()))
    assert (await asked.follow()).page.heading == "My account"
    trusted = await (await sign_in(office.browser(), fake, "by-claim")).follow()
    assert trusted.page.heading == "My account"


async def test_it_leads_on_to_what_a_client_asked_for(
    office: Office, fake: FakeProvider, city: Provider, li_ming: Account
) -> None:
    await link(office, await office.browser().enter(), fake)
    desk: Client = await office.client()
    browser = await (await office.browser().get(office.request(desk))).follow()
    found = (item.attributes.get("href", "") for item in browser.page.elements if item.tag == "a")
    (href,) = [item for item in found if "/providers/city?" in item]
    await browser.get(href)
    await come_back(browser, arrive(browser, fake))
    await browser.follow()
    assert browser.page.heading == "Allow this app?"


async def test_who_signs_in_again_must_show_the_provider_anew_who_it_is(
    office: Office, fake: FakeProvider, city: Provider, li_ming: Account
) -> None:
    browser = await office.browser().enter()
    asked = await leave(browser, fake)
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    fake.claims = {"auth_time": int((office.clock.now() - timedelta(hours=1)).timestamp())}
    refused = await come_back(browser, asked)
    assert (refused.answer.status_code, "auth_time" in refused.page.text) == (401, True)


async def test_a_disabled_account_signs_in_by_no_provider(
    office: Office, fake: FakeProvider, by_claim: Provider
) -> None:
    gone = await office.hire("周平", "zhou.ping")
    async with office.services.database.tenant(office.tenant.id) as session:
        statement = account.update().where(account.c.tenant == TENANT, account.c.id == gone.id)
        await session.execute(statement.values(disabled_at=office.clock.now()), {})
    fake.claims = {"sub": "p-1", "preferred_username": "zhou.ping"}
    links = await count(office, account_link)
    assert (await sign_in(office.browser(), fake, "by-claim")).answer.status_code == 401
    assert await count(office, account_link) == links


async def test_an_attempt_is_used_once_and_by_the_browser_that_began_it(
    office: Office, fake: FakeProvider, city: Provider, by_claim: Provider, li_ming: Account
) -> None:
    async def state_unknown(browser: Browser) -> None:
        assert (browser.answer.status_code, "another browser" in browser.page.text) == (400, True), browser.page.text

    first, other = office.browser(), office.browser()
    asked = await leave(first, fake)
    await state_unknown(await come_back(other, asked))
    await state_unknown(await come_back(first, asked))
    asked = await leave(first, fake)
    await state_unknown(await come_back(first, asked | {"redirect_uri": f"{office.issuer}/providers/by-claim/callback"}))
    await state_unknown(await come_back(first, asked))
    asked = await leave(first, fake)
    office.clock.advance(timedelta(minutes=11))
    await state_unknown(await come_back(first, asked))
    await state_unknown(await come_back(first, asked, state="x" * 43))
    await state_unknown(await come_back(first, asked, state=None))
    assert await count(office, federated_attempt) >= 0
    fake.asked.clear()
    asked = await leave(first, fake)
    await come_back(first, asked)
    await state_unknown(await come_back(first, asked))
    assert len(fake.asked) == 1


async def test_rsa_keys_do_as_well(office: Office, fake: FakeProvider, by_claim: Provider) -> None:
    await office.hire("孙丽", "sun.li")
    fake.keys, fake.signs = [*fake.keys, RSA], RSA
    fake.claims = {"sub": "s-1", "preferred_username": "sun.li"}
    office.clock.advance(timedelta(minutes=11))
    for algorithm in ("RS256", "PS256"):
        fake.header = {"alg": algorithm, "kid": "rsa"}
        assert "孙丽" in (await (await sign_in(office.browser(), fake, "by-claim")).follow()).page.text
