"""Headless Chromium, through every page as people use it: a front-end of somebody else, a terminal, and the own account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pyotp
import pytest

from tests.interop.chromium import Tab, find_chromium, open_tab
from tests.interop.front_end import FrontEnd, serving
from tests.interop.looking import PHONE, expect_failure, look, place, sign_in, step, step_to
from tests.interop.office import PASSWORD, Colleague, Office, public_client
from tests.interop.skipping import leave_out

SCOPE = "openid profile cases:read"
CLIENT = "夜班话务台 Night desk"
TEXT = "document.body.innerText"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """The browser, with one page."""
    program = find_chromium()
    if program is None:
        leave_out("Chromium is not there")
    with open_tab(program, tmp_path_factory.mktemp("chromium") / "profile", "zh-CN") as tab:
        yield tab


@pytest.fixture
def tab(browser: Tab) -> Iterator[Tab]:
    """The page, of somebody who is not signed in; whatever the browser complained of fails the test."""
    browser.call("Storage.clearCookies")
    browser.complaints.clear()
    browser.show(*PHONE, "light")
    yield browser
    assert browser.complaints == []


@pytest.fixture(scope="module")
def front_end(office: Office) -> Iterator[FrontEnd]:
    """A client that is a page in a browser, at an origin of its own."""
    with serving() as made:
        client = public_client(office, f"{made.origin}/callback", origins=(made.origin,), name=CLIENT)
        made.values = {"issuer": office.issuer, "client_id": client.client_id, "api": office.api}
        yield made


@pytest.fixture(scope="module")
def wang_fang(office: Office) -> Colleague:
    """Somebody with a second factor."""
    return office.enrol(office.hire("王芳"))


def test_a_front_end_gets_its_tokens_by_the_keyboard_alone_and_loses_them_at_the_account(
    office: Office, tab: Tab, front_end: FrontEnd, wang_fang: Colleague
) -> None:
    tab.open(front_end.origin)
    tab.press("Tab")
    tab.press("Enter", leads_on=True)
    assert place(tab) == "/sign-in"
    look(tab, "sign-in")
    sign_in(tab, wang_fang)
    assert place(tab) == "/authorize"
    look(tab, "consent")
    step_to(tab, "decision", "allow")
    tab.press("Enter", leads_on=True)
    assert tab.run("location.href") == f"{front_end.origin}/callback"
    assert tab.run("finished") == {"first": 200, "second": 200, "seen": True, "name": "王芳"}
    held = tab.run("held")
    tab.open(f"{office.issuer}/account")
    assert CLIENT in tab.run(TEXT)
    look(tab, "account")
    tab.click("button[value=withdraw]")
    assert CLIENT not in tab.run(TEXT)
    tab.open(front_end.origin)
    refused = tab.run(f"get('{office.api}/cases', '{held}')")
    assert refused["status"] == 401
    assert 'resource_metadata="' in refused["challenge"]
    expect_failure(tab, 401)


def test_a_front_end_that_registered_itself_is_warned_of_and_can_be_denied(
    office: Office, tab: Tab, front_end: FrontEnd, li_ming: Colleague
) -> None:
    said = {"client_name": "统计 Figures", "redirect_uris": [f"{front_end.origin}/callback"], "scope": "cases:read"}
    said |= {"token_endpoint_auth_method": "none", "grant_types": ["authorization_code"], "response_types": ["code"]}
    headers = {"authorization": f"Bearer {office.initial_token()}"}
    made = httpx.post(f"{office.issuer}/register", json=said, headers=headers)
    assert made.status_code == 201, made.text
    tab.open(front_end.origin)
    tab.run(f"void (told.client_id = '{made.json()['client_id']}')")
    tab.click("#enter")
    sign_in(tab, li_ming)
    look(tab, "consent-self-registered")
    assert tab.run("document.querySelectorAll('.caution').length") == 1
    tab.click("button[value=deny]")
    assert tab.run("finished") == {"error": "access_denied"}


def test_a_request_that_leads_nowhere_safe_leads_nowhere(office: Office, tab: Tab) -> None:
    tab.open(f"{office.issuer}/authorize?client_id=nobody&redirect_uri=https://elsewhere.example.cn/&response_type=code")
    assert place(tab) == "/authorize"
    look(tab, "error")
    expect_failure(tab, 400)


def test_no_script_runs_on_a_page_whoever_got_it_there(office: Office, tab: Tab) -> None:
    tab.open(f"{office.issuer}/sign-in")
    tab.run("void document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))")
    assert tab.run("window.ran") is None
    assert any("Content Security Policy" in complaint for complaint in tab.complaints), tab.complaints
    tab.complaints.clear()


def test_a_terminal_is_connected_and_the_person_signs_out(
    office: Office, tab: Tab, front_end: FrontEnd, li_ming: Colleague
) -> None:
    form = {"client_id": front_end.values["client_id"], "scope": SCOPE}
    asked = httpx.post(f"{office.issuer}/device_authorization", data=form).raise_for_status().json()
    tab.open(asked["verification_uri"])
    sign_in(tab, li_ming)
    look(tab, "device")
    tab.write(asked["user_code"].lower())
    tab.press("Enter", leads_on=True)
    look(tab, "device-consent")
    step_to(tab, "decision", "allow")
    tab.press("Space", leads_on=True)
    look(tab, "device-told")
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": asked["device_code"]}
    granted = httpx.post(f"{office.issuer}/token", data={**form, **grant})
    assert granted.status_code == 200, granted.text
    tab.open(f"{office.issuer}/sign-out")
    look(tab, "sign-out")
    assert step(tab)["tag"] == "BUTTON"
    tab.press("Enter", leads_on=True)
    look(tab, "signed-out")
    tab.open(f"{office.issuer}/account")
    assert place(tab) == "/sign-in"


def test_who_is_invited_sets_a_password_and_adds_a_second_factor(office: Office, tab: Tab) -> None:
    account, code = office.invite()
    tab.open(f"{office.issuer}/invitation")
    look(tab, "invitation")
    write(tab, code, PASSWORD, "something else")
    expect_failure(tab, 422)
    look(tab, "invitation-fault")
    write(tab, PASSWORD, PASSWORD)
    assert place(tab) == "/sign-in"
    write(tab, account.login, "something else")
    expect_failure(tab, 422)
    look(tab, "sign-in-fault")
    tab.fill("[name=login]", account.login)
    tab.fill("[name=password]", PASSWORD)
    tab.press("Enter", leads_on=True)
    assert place(tab) == "/account"
    look(tab, "account-new")
    enrol(office, tab)


def write(tab: Tab, *values: str) -> None:
    """Fills in a form from the field that has the focus, and sends it."""
    for number, value in enumerate(values):
        if number:
            step(tab)
        tab.write(value)
    tab.press("Enter", leads_on=True)


def enrol(office: Office, tab: Tab) -> None:
    """Adds a second factor to the account of who is signed in, and looks at what can then be done with it."""
    tab.open(f"{office.issuer}/account/second-factor")
    look(tab, "factor")
    tab.click("button[value=begin]")
    look(tab, "enrolment")
    secret = tab.run("document.querySelector('.secret').innerText").replace(" ", "")
    tab.fill("[name=code]", pyotp.TOTP(secret).at(datetime.now(UTC)))
    tab.press("Enter", leads_on=True)
    look(tab, "recovery-codes")
    assert tab.run("document.querySelectorAll('.recovery li').length") >= 8
    for name in ("password", "second-factor", "recovery-codes"):
        tab.open(f"{office.issuer}/account/{name}")
        assert place(tab) == f"/account/{name}"
        look(tab, f"change-{name}")
