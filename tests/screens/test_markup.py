"""Every page can be used by everybody: languages, labels, headings, and what is told to who cannot see it (WCAG 2.2 AA)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pyotp
import pytest

from core.accounts.account import Account
from core.tenants.client import Client
from core.texts import catalogue
from tests.screens.house import CALLBACK, PASSWORD, Browser, Office
from tests.screens.markup import Page

CHINESE = re.compile(r"[\u3400-\u9fff]")
AUTOCOMPLETE = {
    "login": "username",
    "username": "username",
    "password": "current-password",
    "present": "current-password",
    "repeated": "new-password",
    "code": "one-time-code",
}
Pages = dict[str, Page]


async def _collect(office: Office, desk: Client, wary: Client, language: str) -> Pages:
    """Every page there is, each as it stands when something went wrong where it can."""
    pages: Pages = {}
    account = await office.hire("Li Ming")
    stranger = await (await office.browser(language).get(office.request(wary))).follow()
    pages["sign-in"] = stranger.page
    await stranger.send(stranger.page.form("/sign-in"), login=account.login, password="wrong")
    pages["sign-in refused"] = stranger.page
    await stranger.sign_in(account.login)
    pages["consent"] = stranger.page
    pages |= await _of_account(stranger, desk, office)
    pages |= await _of_devices(stranger, desk, office)
    pages["error"] = (await stranger.get("/authorize")).page
    pages["back to an app"] = (await stranger.get(office.request(wary, scope="everything"))).page
    pages["invitation"] = (await stranger.get("/invitation?code=x")).page
    await stranger.send(stranger.page.form("/invitation"), password="a", repeated="b")
    pages["invitation refused"] = stranger.page
    pages["invitation without code"] = (await stranger.get("/invitation")).page
    pages["sign-out"] = (await stranger.get("/sign-out")).page
    await (await stranger.send(stranger.page.form("/sign-out"))).follow()
    pages["signed out"] = stranger.page
    return pages


async def _of_account(browser: Browser, desk: Client, office: Office) -> Pages:
    pages: Pages = {}
    await browser.get(office.request(desk))
    await browser.send(browser.page.form("/authorize"), ("decision", "allow"))
    login = (await browser.get("/account")).page.all("bdi")[2].text
    await office.browser().enter(login)
    pages["account"] = (await browser.get("/account?told=withdrawn")).page
    pages["password"] = (await browser.get("/account/password")).page
    await browser.send(browser.page.form("/account/password"), present="x", password="a", repeated="b")
    pages["password refused"] = browser.page
    pages["begin"] = (await browser.get("/account/second-factor")).page
    begin, confirm = ("action", "begin"), ("action", "confirm")
    await (await browser.send(browser.page.form("/account/second-factor"), begin)).follow()
    secret = "".join(browser.page.all("code")[0].text.split())
    await browser.send(browser.page.form("/account/second-factor"), confirm, code="000000")
    pages["enrolment refused"] = browser.page
    code = pyotp.TOTP(secret).at(office.clock.now())
    await browser.send(browser.page.form("/account/second-factor"), confirm, code=code)
    pages["recovery codes"] = browser.page
    pages["account with factor"] = (await browser.get("/account")).page
    pages["remove"] = (await browser.get("/account/second-factor")).page
    pages["renew"] = (await browser.get("/account/recovery-codes")).page
    waiting = await office.browser(browser.http.headers["accept-language"]).enter(login)
    pages["second factor"] = waiting.page
    await waiting.send(waiting.page.form("/second-factor"), code="000000")
    pages["second factor refused"] = waiting.page
    pages["recovery"] = (await waiting.get("/second-factor?by=recovery")).page
    return pages


async def _of_devices(browser: Browser, desk: Client, office: Office) -> Pages:
    pages: Pages = {"device": (await browser.get("/device")).page}
    await browser.send(browser.page.form("/device"), user_code="x")
    pages["device refused"] = browser.page
    begun = await browser.http.post(f"{office.root}/device_authorization", data={"client_id": desk.client_id})
    await browser.send(browser.page.form("/device"), user_code=begun.json()["user_code"])
    pages["device consent"] = browser.page
    await browser.send(browser.page.form("/device"), ("decision", "allow"))
    pages["device done"] = browser.page
    return pages


@pytest.fixture(scope="module")
async def wary(office: Office) -> Client:
    """A client that registered itself."""
    return await office.client("Passer-by", trusted=False)


@pytest.fixture(scope="module", params=["en", "zh"])
async def pages(request: pytest.FixtureRequest, office: Office, desk: Client, wary: Client) -> tuple[str, Pages]:
    """Every page in one language."""
    return request.param, await _collect(office, desk, wary, request.param)


def faults(pages: Pages, find: Callable[[Page], list[str]]) -> list[str]:
    return [f"{name}: {fault}" for name, page in pages.items() for fault in find(page)]


async def test_every_page_is_told_apart_and_says_its_language(pages: tuple[str, Pages]) -> None:
    language, found = pages
    tag = {"en": "en", "zh": "zh-CN"}[language]

    def find(page: Page) -> list[str]:
        title, html = page.all("title")[0].text, page.all("html")[0].attributes
        wrong = [] if page.declaration == "doctype html" and html == {"lang": tag} else [f"{page.declaration} {html}"]
        wrong += [] if len(page.all("h1")) == 1 and page.heading in title else [title]
        wrong += [] if [len(page.all(name)) for name in ("header", "main", "footer")] == [1, 1, 1] else ["landmarks"]
        return wrong

    assert not faults(found, find)


async def test_a_page_in_english_holds_no_chinese_but_the_way_to_it(pages: tuple[str, Pages]) -> None:
    language, found = pages

    def find(page: Page) -> list[str]:
        ours = page.text.replace("中文", "")
        return [ours] if bool(CHINESE.search(ours)) is (language == "en") else []

    assert not faults(found, find)


async def test_every_field_has_its_label_and_says_what_fills_it(pages: tuple[str, Pages]) -> None:
    def find(page: Page) -> list[str]:
        labels = {item.attributes["for"]: item.text.strip() for item in page.all("label")}
        wrong = []
        for item in page.all("input"):
            told = item.attributes
            if told.get("type") == "hidden" or "hidden" in told:
                continue
            if not labels.get(told.get("id", "")) or "placeholder" in told or not told.get("maxlength"):
                wrong.append(str(told))
            if told["name"] in {"login", "present", "repeated"} and told["autocomplete"] != AUTOCOMPLETE[told["name"]]:
                wrong.append(f"autocomplete of {told}")
            if told["name"] == "password" and told["autocomplete"] not in {"current-password", "new-password"}:
                wrong.append(f"autocomplete of {told}")
        return wrong

    assert not faults(pages[1], find)


async def test_a_fault_is_announced_and_tied_to_its_fields(pages: tuple[str, Pages]) -> None:
    def find(page: Page) -> list[str]:
        ids = [item.attributes["id"] for item in page.elements if "id" in item.attributes]
        wrong = [] if len(ids) == len(set(ids)) else [f"ids twice: {ids}"]
        for item in page.elements:
            for name in ("aria-describedby", "aria-labelledby"):
                wrong += [f"{name} of {other}" for other in item.attributes.get(name, "").split() if other not in ids]
        invalid = [item for item in page.all("input") if item.attributes.get("aria-invalid") == "true"]
        wrong += [f"not tied: {item}" for item in invalid if "fault" not in item.attributes["aria-describedby"].split()]
        return wrong

    found = pages[1]
    assert not faults(found, find)
    refused = [name for name in found if name.endswith("refused")]
    assert len(refused) >= 6
    for name in refused:
        assert len(found[name].by_role("alert")) == 1, name
        assert any(item.attributes.get("aria-invalid") for item in found[name].all("input")), name


async def test_every_form_is_sent_to_our_own_pages_with_its_token(pages: tuple[str, Pages], office: Office) -> None:
    def find(page: Page) -> list[str]:
        return [
            form.action
            for form in page.forms
            if not form.action.startswith(f"{office.root}/") or form.method != "post" or not form.values.get("form_token")
        ]

    assert not faults(pages[1], find)


async def test_nothing_on_a_page_runs_or_comes_from_outside(pages: tuple[str, Pages], office: Office) -> None:
    def find(page: Page) -> list[str]:
        forbidden = {"script", "iframe", "object", "embed", "style", "base", "font"}
        wrong = [item.tag for item in page.elements if item.tag in forbidden]
        for item in page.elements:
            wrong += [name for name in item.attributes if name == "style" or name.startswith("on")]
            told = [item.attributes.get(name, "") for name in ("src", "href")]
            # Back to an app, where the person wants it.
            back = (f"{CALLBACK}?",) if item.attributes.get("rel") == "noreferrer" else ()
            own = (f"{office.root}/", "data:image/", "?", *back)
            wrong += [where for where in told if where and not where.startswith(own)]
        return wrong

    assert not faults(pages[1], find)


async def test_buttons_and_links_have_names_and_pictures_have_words(pages: tuple[str, Pages]) -> None:
    def find(page: Page) -> list[str]:
        silent = [item for item in page.elements if item.tag in {"a", "button", "summary"} and not item.text.strip()]
        silent += [item for item in page.all("img") if not item.attributes.get("alt")]
        return [str(item) for item in silent]

    assert not faults(pages[1], find)


async def test_headings_go_down_one_step_at_a_time(pages: tuple[str, Pages]) -> None:
    def find(page: Page) -> list[str]:
        levels = [int(item.tag[1]) for item in page.elements if re.fullmatch(r"h[1-6]", item.tag)]
        return [str(levels)] if levels[:1] != [1] or any(b - a > 1 for a, b in pairwise(levels)) else []

    assert not faults(pages[1], find)


@pytest.fixture
async def chooser(office: Office) -> Callable[..., Awaitable[str]]:
    """The language of the sign-in page for a query and an Accept-Language."""
    browser = office.browser()

    async def choose(query: str, accepted: str) -> str:
        await browser.get(f"/sign-in{query}", headers={"accept-language": accepted})
        assert browser.answer.headers["content-language"] == browser.page.all("html")[0].attributes["lang"]
        return browser.answer.headers["content-language"]

    return choose


async def test_the_language_is_what_the_address_says_then_what_was_chosen_then_what_is_accepted(
    chooser: Callable[..., Awaitable[str]],
) -> None:
    assert await chooser("", "en-GB,zh;q=0.5") == "en"
    assert await chooser("", "fr") == "zh-CN"
    assert await chooser("?ui_locales=fr+en-US", "zh") == "en"
    assert await chooser("", "zh") == "en", "it is remembered"
    assert await chooser("?ui_locales=zh-CN", "en") == "zh-CN"


async def test_the_way_to_the_other_language_keeps_everything_else(office: Office, li_ming: Account, desk: Client) -> None:
    address = office.request(desk, ui_locales="en", prompt="consent")
    browser = await (await office.browser().get(address)).follow()
    await browser.sign_in()
    await browser.get(f"/authorize{browser.page.link('中文')}")
    assert browser.page.heading == "是否允许此应用？"
    await browser.send(browser.page.form("/authorize"), ("decision", "deny"))
    assert browser.told["state"] == "the-state"


def test_every_text_of_the_pages_is_in_both_languages() -> None:
    texts = {name: text for name, text in catalogue().items() if name.startswith("screens.")}
    assert len(texts) > 100
    for name, text in texts.items():
        if name != "screens.other-language":
            assert CHINESE.search(text.zh), name
            assert not CHINESE.search(text.en), name


async def test_what_is_typed_wrongly_is_kept_but_no_password_is(office: Office) -> None:
    browser = await office.browser().get("/sign-in")
    await browser.send(browser.page.form("/sign-in"), login="li.ming", password=PASSWORD + "x")
    assert browser.page.form("/sign-in").values["login"] == "li.ming"
    assert PASSWORD not in browser.answer.text
