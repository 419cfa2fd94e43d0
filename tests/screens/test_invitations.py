"""The page on which an invited person sets a password."""

from __future__ import annotations

from tests.screens.house import PASSWORD, Office


async def test_an_invitation_sets_a_password_once(office: Office) -> None:
    code = await office.invite("新来", "xin.lai")
    browser = await office.browser().get(f"/invitation?code={code}")
    assert browser.page.heading == "Set your password"
    for wrong in (("short", "short"), (PASSWORD, "another thing altogether")):
        await browser.send(browser.page.form("/invitation"), password=wrong[0], repeated=wrong[1])
        assert browser.answer.status_code == 422
    form = browser.page.form("/invitation")
    await (await browser.send(form, password=PASSWORD, repeated=PASSWORD)).follow()
    assert browser.page.by_role("status") == ["Your password is set. Sign in now."]
    await browser.sign_in("xin.lai")
    assert browser.page.heading == "My account"
    again = await office.browser().get(f"/invitation?code={code}")
    await again.send(again.page.form("/invitation"), password=PASSWORD, repeated=PASSWORD)
    assert again.answer.status_code in {404, 409, 422}
    assert len(again.page.by_role("alert")) == 1


async def test_a_code_can_be_typed_and_a_wrong_one_is_told(office: Office) -> None:
    browser = await office.browser().get("/invitation")
    await browser.send(browser.page.form("/invitation"), code="wrong", password=PASSWORD, repeated=PASSWORD)
    assert browser.answer.status_code in {404, 422}
    assert len(browser.page.by_role("alert")) == 1
