"""A second factor that the tenant asks of a role: who lacks it sets it up, and gets nothing else done until then."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

import pyotp
import pytest

from core.accounts.invitations import redeem
from core.procedure import Role
from core.tenants.client import Client
from core.tenants.service.administration import Administration
from core.tenants.service.settings import record_setting
from tests.screens.house import OTHER_PASSWORD, PASSWORD, Browser, Office

ALLOW = ("decision", "allow")
FACTOR = "/account/second-factor"


async def say(office: Office, role: Role, *, asked: bool, since: date | None = None) -> None:
    """The tenant says whether it asks a second factor of a role."""
    day = since or (await office.snapshot()).local_day(office.clock.now())
    async with office.owner.tenant(office.tenant.id) as session:
        admin = Administration(session, office.services.snapshots)
        await record_setting(admin, f"second-factor.{role}", asked, day, "市网信办通知", "等级保护要求")


async def hire(office: Office, login: str, *roles: Role) -> None:
    code = await office.invite("赵铁", login, *roles)
    services = office.services
    await redeem(services.database, services.passwords, await office.snapshot(), code, PASSWORD, office.clock.now())


@pytest.fixture(scope="module")
async def policy(office: Office) -> None:
    """A second factor is asked of deciding authorities and of nobody else."""
    await say(office, Role.DECIDING_AUTHORITY, asked=True)


def enrols(browser: Browser) -> bool:
    """Whether it stands where a second factor is set up, and is told why."""
    return browser.page.heading == "Turn on the second step" and "required of you" in browser.answer.text


async def set_up(browser: Browser, office: Office) -> pyotp.TOTP:
    """From the first page of it to the recovery codes."""
    await browser.send(browser.page.form(FACTOR), ("action", "begin"))
    await browser.follow()
    assert enrols(browser)
    secret = browser.answer.text.partition('<p class="secret"><code>')[2].partition("<")[0].replace(" ", "")
    app = pyotp.TOTP(secret)
    await browser.send(browser.page.form(FACTOR), ("action", "confirm"), code=app.at(office.clock.now()))
    assert browser.page.heading == "Recovery codes", browser.answer.text
    return app


@pytest.mark.usefixtures("policy")
async def test_signing_in_leads_to_it_then_to_where_it_was_for(office: Office, desk: Client) -> None:
    await hire(office, "zhao.tie", Role.DECIDING_AUTHORITY, Role.INTAKE_CLERK)
    browser = office.browser()
    await browser.get(office.request(desk))
    await browser.follow()
    await browser.sign_in("zhao.tie")
    assert enrols(browser)
    for address in (
        "/account",
        "/account/password",
        "/account/recovery-codes",
        "/device",
        "/second-factor",
        office.request(desk),
    ):
        await browser.get(address)
        await browser.follow()
        assert enrols(browser), address
    await browser.get(office.request(desk))
    await browser.follow()
    await set_up(browser, office)
    await browser.get(browser.page.link("I have kept them, go on"))
    await browser.send(browser.page.form("/authorize"), ALLOW)
    assert (await office.redeem(desk, browser.told["code"])).status_code == 200
    assert (await browser.get("/account")).page.heading == "My account"


@pytest.mark.usefixtures("policy")
async def test_nothing_is_done_by_a_form_that_was_shown_before(office: Office, desk: Client) -> None:
    """The policy begins while somebody is signed in, with a question to answer in front of them."""
    await hire(office, "qian.duo", Role.APPEAL_OFFICER)
    browser = await office.browser().enter("qian.duo")
    await browser.get(office.request(desk))
    question = browser.page.form("/authorize")
    await browser.get("/account/password")
    change = browser.page.form("/account/password")
    await say(office, Role.APPEAL_OFFICER, asked=True)
    await browser.send(question, ALLOW)
    assert urlsplit(browser.location).path.endswith(FACTOR), "no code is given"
    await browser.send(change, present=PASSWORD, password=OTHER_PASSWORD, repeated=OTHER_PASSWORD)
    assert urlsplit(browser.location).path.endswith(FACTOR)
    await browser.get(office.request(desk, prompt="none"))
    assert dict(parse_qsl(urlsplit(browser.location).query))["error"] == "login_required"


@pytest.mark.usefixtures("policy")
async def test_tokens_that_were_given_before_are_not_renewed(office: Office, desk: Client) -> None:
    await hire(office, "sun.li", Role.SCORER)
    browser = await office.browser().enter("sun.li")
    await browser.get(office.request(desk))
    await browser.send(browser.page.form("/authorize"), ALLOW)
    first = (await office.redeem(desk, browser.told["code"])).json()
    await browser.get(office.request(desk, prompt="consent"))
    await browser.send(browser.page.form("/authorize"), ALLOW)
    code = browser.told["code"]
    await say(office, Role.SCORER, asked=True)
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "client_id": desk.client_id}
    refreshed = await browser.http.post(f"{office.root}/token", data=form)
    assert (refreshed.status_code, refreshed.json()["error"]) == (400, "invalid_grant")
    assert (await office.redeem(desk, code)).json()["error"] == "invalid_grant"
    await say(office, Role.SCORER, asked=False)
    assert (await browser.http.post(f"{office.root}/token", data=form)).status_code == 200, "it was not replayed"


@pytest.mark.usefixtures("policy")
async def test_it_stays_while_it_is_asked_for(office: Office) -> None:
    await hire(office, "wu.qi", Role.DECIDING_AUTHORITY)
    browser = await office.browser().enter("wu.qi")
    await set_up(browser, office)
    office.clock.advance(timedelta(seconds=60))
    await browser.get(FACTOR)
    await browser.send(browser.page.form(FACTOR), ("action", "remove"), present=PASSWORD)
    assert browser.answer.status_code == 422
    assert "Your role needs a second factor" in browser.answer.text


@pytest.mark.usefixtures("policy")
async def test_of_others_and_on_other_days_none_is_asked(office: Office) -> None:
    await say(office, Role.AUDITOR, asked=True, since=date(2027, 1, 1))
    await hire(office, "li.si", Role.AUDITOR, Role.SUPERVISOR)
    browser = await office.browser().enter("li.si")
    assert browser.page.heading == "My account"


@pytest.mark.usefixtures("policy")
async def test_who_has_signed_in_long_ago_shows_first_who_they_are(office: Office) -> None:
    await hire(office, "zhou.ba", Role.INVESTIGATOR)
    browser = await office.browser().enter("zhou.ba")
    await say(office, Role.INVESTIGATOR, asked=True)
    office.clock.advance(timedelta(minutes=20))
    await browser.get("/account")
    await browser.follow()
    assert browser.page.heading == "Sign in"
    await browser.sign_in("zhou.ba")
    assert enrols(browser)
    await browser.get("/sign-out")
    await browser.send(browser.page.form("/sign-out"))
    assert (await browser.follow()).page.heading == "You are signed out"
