"""The account's own page: what is allowed to clients, where it is signed in, its password and second factor."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pyotp

from core.accounts.account import Account
from core.tenants.client import Client
from tests.screens.house import OTHER_PASSWORD, PASSWORD, Browser, Office
from tests.screens.test_code_flow import ALLOW

WITHDRAW, END = ("action", "withdraw"), ("action", "end-sign-in")
OTHERS = ("action", "end-others")


async def allowed(office: Office, browser: Browser, desk: Client) -> dict[str, str]:
    """The tokens of a client that the person of a browser has just allowed."""
    await browser.get(office.request(desk, prompt="consent"))
    await browser.send(browser.page.form("/authorize"), ALLOW)
    granted: dict[str, str] = (await office.redeem(desk, browser.told["code"])).json()
    return granted


async def refreshes(office: Office, desk: Client, tokens: dict[str, str]) -> bool:
    """Whether the client still gets tokens."""
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": desk.client_id}
    return (await office.browser().http.post(f"{office.root}/token", data=form)).status_code == 200


async def test_what_was_allowed_to_a_client_is_listed_and_withdrawn(office: Office, desk: Client) -> None:
    account = await office.hire()
    browser = await office.browser().enter(account.login)
    assert "None at present." in browser.page.text
    tokens = await allowed(office, browser, desk)
    await browser.get("/account")
    assert desk.name in browser.page.text
    assert "Read cases" in browser.page.text
    await (await browser.send(browser.page.form("/account", WITHDRAW), WITHDRAW)).follow()
    assert browser.page.by_role("status") == ["Withdrawn. The app can no longer act in your name."]
    assert "None at present." in browser.page.text
    assert not await refreshes(office, desk, tokens)


async def test_nobody_withdraws_what_another_has_allowed(office: Office, desk: Client) -> None:
    mine, other = await office.hire(), await office.hire("王芳")
    first, second = await office.browser().enter(mine.login), await office.browser().enter(other.login)
    tokens = await allowed(office, first, desk)
    await first.get("/account")
    chosen = first.page.form("/account", WITHDRAW).values["id"]
    await allowed(office, second, desk)
    await second.get("/account")
    form = second.page.form("/account", WITHDRAW)
    form.values["id"] = chosen
    await second.send(form, WITHDRAW)
    assert second.answer.status_code == 404
    assert await refreshes(office, desk, tokens)


async def test_sign_ins_are_listed_and_ended_one_by_one_or_all_others(office: Office, desk: Client) -> None:
    account = await office.hire()
    here, there, elsewhere = [await office.browser(address=f"192.0.2.{number}").enter(account.login) for number in (1, 2, 3)]
    tokens = await allowed(office, there, desk)
    await here.get("/account")
    assert {"192.0.2.1", "192.0.2.2", "192.0.2.3"} <= set(re.findall(r"[0-9.]{7,}", here.page.text))
    assert here.page.text.count("Firefox · Linux") == 3
    assert here.page.text.count("this browser") == 1
    ends = [form for form in here.page.forms if END in form.buttons]
    assert len(ends) == 2
    await (await here.send(ends[1], END)).follow()
    assert (await there.get("/account")).told["then"] == "/account"
    assert not await refreshes(office, desk, tokens)
    await elsewhere.get("/account")
    assert elsewhere.page.heading == "My account"
    await (await here.send(here.page.form("/account", OTHERS), OTHERS)).follow()
    assert len([form for form in here.page.forms if END in form.buttons]) == 0
    assert (await elsewhere.get("/account")).told["then"] == "/account"


async def test_nobody_ends_the_sign_in_of_another(office: Office) -> None:
    mine, other = await office.hire(), await office.hire("王芳")
    first = [await office.browser().enter(mine.login) for _ in range(2)]
    second = [await office.browser().enter(other.login) for _ in range(2)]
    chosen = first[0].page.form("/account", END) if END in first[0].page.forms[-1].buttons else None
    await first[1].get("/account")
    chosen = first[1].page.form("/account", END)
    await second[1].get("/account")
    form = second[1].page.form("/account", END)
    form.values["id"] = chosen.values["id"]
    await second[1].send(form, END)
    assert second[1].answer.status_code == 404
    assert (await first[0].get("/account")).page.heading == "My account"


async def test_the_password_is_changed_by_who_knows_it_and_ends_other_sign_ins(office: Office) -> None:
    account = await office.hire()
    here, there = await office.browser().enter(account.login), await office.browser().enter(account.login)
    await here.get("/account/password")
    new = {"password": OTHER_PASSWORD, "repeated": OTHER_PASSWORD}
    for wrong in (
        {"present": "wrong", **new},
        {"present": PASSWORD, **new, "repeated": PASSWORD},
        {"present": PASSWORD, "password": "short", "repeated": "short"},
    ):
        await here.send(here.page.form("/account/password"), **wrong)
        assert here.answer.status_code == 422
        assert len(here.page.by_role("alert")) == 1
    await (await here.send(here.page.form("/account/password"), present=PASSWORD, **new)).follow()
    assert here.page.by_role("status") == ["The password is changed, and all other sign-ins have ended."]
    assert (await there.get("/account")).answer.status_code == 303
    assert (await office.browser().enter(account.login, OTHER_PASSWORD)).page.heading == "My account"


async def test_a_second_factor_is_turned_on_with_its_codes_shown_once_and_off_again(office: Office) -> None:
    account = await office.hire()
    browser = await (await office.browser().enter(account.login)).get("/account/second-factor")
    begin = ("action", "begin")
    await (await browser.send(browser.page.form("/account/second-factor", begin), begin)).follow()
    secret = "".join(browser.page.all("code")[0].text.split())
    assert browser.page.all("img")[0].attributes["src"].startswith("data:image/svg+xml")
    assert await (await browser.get("/account/second-factor")).get("/account/second-factor")
    assert secret == "".join(browser.page.all("code")[0].text.split()), "another look changes nothing"
    confirm = ("action", "confirm")
    await browser.send(browser.page.form("/account/second-factor", confirm), confirm, code="000000")
    assert browser.answer.status_code == 422
    code = pyotp.TOTP(secret).at(office.clock.now())
    await browser.send(browser.page.form("/account/second-factor", confirm), confirm, code=code)
    assert browser.page.heading == "Recovery codes"
    codes = {item.text for item in browser.page.all("code")}
    assert len(codes) == 10
    renew = ("action", "renew")
    await browser.get("/account/recovery-codes")
    await browser.send(browser.page.form("/account/recovery-codes", renew), renew)
    assert codes.isdisjoint({item.text for item in browser.page.all("code")})
    remove = ("action", "remove")
    await browser.get("/account/second-factor")
    await browser.send(browser.page.form("/account/second-factor", remove), remove, present="wrong")
    assert browser.answer.status_code == 422
    await (await browser.send(browser.page.form("/account/second-factor", remove), remove, present=PASSWORD)).follow()
    assert browser.page.by_role("status") == ["The second step is off."]


async def test_who_signed_in_long_ago_signs_in_again_before_the_second_factor_changes(office: Office) -> None:
    account = await office.hire()
    browser = await office.browser().enter(account.login)
    office.clock.advance(timedelta(minutes=16))
    await browser.get("/account/second-factor")
    assert browser.told == {"then": "/account/second-factor"}
    await (await browser.follow()).sign_in(account.login)
    assert browser.page.heading == "Turn on the second step"


async def test_signing_out_ends_the_sign_in_and_what_was_allowed_in_it(office: Office, desk: Client) -> None:
    account = await office.hire()
    browser = await office.browser().enter(account.login)
    tokens = await allowed(office, browser, desk)
    kept = dict(browser.http.cookies)
    await browser.get("/sign-out")
    assert browser.page.heading == "Sign out"
    await (await browser.send(browser.page.form("/sign-out"))).follow()
    assert browser.page.heading == "You are signed out"
    assert not await refreshes(office, desk, tokens)
    assert (await browser.get("/account")).answer.status_code == 303
    thief = office.browser()
    for name, value in kept.items():
        thief.http.cookies.set(name, value, domain="wenze.example.cn", path=office.root)
    assert (await thief.get("/account")).told["then"] == "/account"


async def test_another_who_signs_in_ends_the_sign_in_before(office: Office, desk: Client) -> None:
    mine, other = await office.hire(), await office.hire("王芳")
    browser = await office.browser().enter(mine.login)
    tokens = await allowed(office, browser, desk)
    await browser.enter(other.login)
    assert "王芳" in browser.page.text
    assert not await refreshes(office, desk, tokens)


async def test_what_is_asked_for_and_is_not_there_is_a_missing_page(office: Office, li_ming: Account) -> None:
    browser = await office.browser().enter()
    for id_ in ("", "x", str(UUID(int=0))):
        form = browser.page.form("/sign-out")
        await browser.post("/account", {**form.values, "action": "withdraw", "id": id_})
        assert browser.answer.status_code == 404, id_
    await browser.post("/account", {**form.values, "action": "unheard-of"})
    assert browser.answer.status_code == 400
