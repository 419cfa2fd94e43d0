"""Waits after failures: they grow, they are shared between processes, and strangers make nobody wait but strangers."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.accounts.account import Account
from core.accounts.changing import confirm_password
from core.accounts.passwords import Passwords
from core.accounts.purging import purge_expired
from core.accounts.signing_in import Browser
from core.accounts.throttle import (
    PER_ACCOUNT,
    PER_ADDRESS,
    Allowance,
    Counter,
    give_back,
    password_counters,
    take_attempt,
)
from core.errors import Limited, Unauthenticated, Unavailable
from core.store.tables import TENANT, sign_in_failure
from tests.accounts.conftest import PASSWORD, STRANGER, Staffed

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
COUNTED = select(func.max(sign_in_failure.c.failures)).where(sign_in_failure.c.tenant == TENANT)


async def fail(staffed: Staffed, browser: Browser = STRANGER, login: str = "li.ming") -> str:
    """What an attempt with a wrong password is answered."""
    try:
        await staffed.sign_in("not the password", browser, login)
    except Limited as limited:
        return f"wait {limited.wait}"
    except Unauthenticated:
        return "wrong"
    raise AssertionError("let in")


@pytest.mark.parametrize(
    ("failures", "wait"),
    [
        (0, 0),
        (4, 0),
        (5, 15),
        (6, 30),
        (7, 60),
        (10, 480),
        (11, 900),
        (40, 900),
        (99, 900),
        (100, 86_400),
        (1_000, 86_400),
    ],
)
def test_waits_grow_to_a_quarter_of_an_hour_and_end_at_a_hundred(failures: int, wait: int) -> None:
    assert PER_ACCOUNT.wait_after(failures) == wait * SECOND


@pytest.mark.parametrize(("failures", "wait"), [(99, 0), (100, 5), (101, 10), (104, 60), (10_000, 60)])
def test_an_address_waits_little_and_late(failures: int, wait: int) -> None:
    assert PER_ADDRESS.wait_after(failures) == wait * SECOND


async def test_the_sixth_attempt_waits_even_with_the_right_password(staffed: Staffed, li_ming: Account) -> None:
    assert [await fail(staffed) for _ in range(7)] == ["wrong"] * 5 + ["wait 15"] * 2
    with pytest.raises(Limited) as limited:
        await staffed.sign_in()
    assert (limited.value.code, limited.value.wait) == ("accounts.too-many-attempts", 15)
    staffed.clock.advance(14 * SECOND)
    assert await fail(staffed) == "wait 1"
    staffed.clock.advance(SECOND)
    assert [await fail(staffed) for _ in range(2)] == ["wrong", "wait 30"]


async def test_a_success_forgets_the_failures(staffed: Staffed, li_ming: Account) -> None:
    assert [await fail(staffed) for _ in range(4)] == ["wrong"] * 4
    await staffed.sign_in()
    assert [await fail(staffed) for _ in range(6)] == ["wrong"] * 5 + ["wait 15"]


async def test_a_day_forgets_the_failures(staffed: Staffed, li_ming: Account) -> None:
    assert [await fail(staffed) for _ in range(6)] == ["wrong"] * 5 + ["wait 15"]
    staffed.clock.advance(timedelta(days=1))
    assert [await fail(staffed) for _ in range(6)] == ["wrong"] * 5 + ["wait 15"]


async def test_strangers_do_not_lock_out_who_has_signed_in_here_before(staffed: Staffed, li_ming: Account) -> None:
    known = Browser((await staffed.sign_in()).device_token, "Firefox/140", "192.0.2.7")
    for _ in range(120):
        await fail(staffed)
        staffed.clock.advance(16 * MINUTE)
    async with staffed.reading() as session:
        assert await session.scalar(COUNTED) == 100
    assert (await fail(staffed)).startswith("wait ")
    assert (await staffed.sign_in(browser=known)).sign_in.account_id == li_ming.id
    # The owner's success is no gift to the strangers.
    assert (await fail(staffed)).startswith("wait ")


async def test_a_known_browser_is_counted_by_itself(staffed: Staffed, li_ming: Account) -> None:
    home = Browser((await staffed.sign_in()).device_token, "Firefox/140", "192.0.2.7")
    office = Browser((await staffed.sign_in()).device_token, "Firefox/140", "192.0.2.7")
    assert [await fail(staffed, home) for _ in range(6)] == ["wrong"] * 5 + ["wait 15"]
    await staffed.sign_in(browser=office)
    await staffed.sign_in()


async def test_the_cookie_of_one_person_is_not_anothers(staffed: Staffed, li_ming: Account) -> None:
    await staffed.join("王芳", "wang.fang")
    own = Browser((await staffed.sign_in()).device_token, "Firefox/140", "192.0.2.7")
    assert [await fail(staffed, login="wang.fang") for _ in range(6)] == ["wrong"] * 5 + ["wait 15"]
    assert await fail(staffed, own, "wang.fang") == "wait 15"


async def test_logins_that_nobody_has_wait_as_well(staffed: Staffed, li_ming: Account) -> None:
    assert [await fail(staffed, login="nobody") for _ in range(6)] == ["wrong"] * 5 + ["wait 15"]


async def test_an_address_that_tries_many_logins_waits(staffed: Staffed, li_ming: Account) -> None:
    said = await asyncio.gather(*(fail(staffed, login=f"nobody-{index}") for index in range(50)))
    assert said == ["wrong"] * 50
    async with staffed.reading() as session:
        assert await session.scalar(COUNTED) == 50
    for index in range(50, 100):
        await fail(staffed, login=f"nobody-{index}")
    assert await fail(staffed) == "wait 5"
    elsewhere = Browser(None, "Firefox/140", "198.51.100.9")
    await staffed.sign_in(browser=elsewhere)


async def test_of_fifty_at_once_no_more_get_through_than_are_free(staffed: Staffed, li_ming: Account) -> None:
    said = await asyncio.gather(*(fail(staffed) for _ in range(50)))
    assert sorted(said) == ["wait 15"] * 45 + ["wrong"] * 5
    async with staffed.reading() as session:
        assert await session.scalar(COUNTED) == 5


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("unix", "unix", True),
    ],
)
def test_one_subscriber_is_one_address(first: str, second: str, same: bool) -> None:
    one, other = (password_counters("x", None, address)[1] for address in (first, second))
    assert (one == other) is same


async def test_the_present_password_is_not_guessed_from_an_open_sign_in(staffed: Staffed, li_ming: Account) -> None:
    opened = await staffed.sign_in()
    browser = Browser(opened.device_token, "Firefox/140", "192.0.2.7")
    common = (staffed.database, await staffed.snapshot(), staffed.passwords, opened.sign_in)
    for _ in range(5):
        with pytest.raises(Unauthenticated, match="password-wrong"):
            await confirm_password(*common, "not the password", browser, staffed.now)
    with pytest.raises(Limited):
        await confirm_password(*common, PASSWORD, browser, staffed.now)


async def test_who_finds_no_room_is_not_counted(staffed: Staffed, li_ming: Account) -> None:
    staffed.passwords = Passwords(most_waiting=0)
    with pytest.raises(Unavailable, match=r"accounts\.busy"):
        await staffed.sign_in()
    async with staffed.reading() as session:
        assert await session.scalar(COUNTED) in {None, 0}


async def test_a_given_back_attempt_leaves_those_of_others(staffed: Staffed) -> None:
    counters = (Counter("a hall", Allowance(3, MINUTE, MINUTE, timedelta(hours=1)), keeps=True),)
    for _ in range(2):
        async with staffed.writing() as session:
            await take_attempt(session, counters, staffed.now)
    async with staffed.writing() as session:
        await give_back(session, counters)
    async with staffed.reading() as session:
        assert await session.scalar(COUNTED) == 1


async def test_what_has_expired_is_forgotten(staffed: Staffed, li_ming: Account) -> None:
    await staffed.sign_in()
    await staffed.invite("王芳", "wang.fang")
    await fail(staffed)
    staffed.clock.advance(timedelta(days=29))
    async with staffed.writing() as session:
        early = await purge_expired(session, staffed.now)
    assert (early.failures, early.sign_ins, early.invitations, early.devices) == (2, 0, 0, 0)
    staffed.clock.advance(timedelta(days=160))
    async with staffed.writing() as session:
        late = await purge_expired(session, staffed.now)
    assert (late.failures, late.sign_ins, late.invitations, late.devices) == (0, 1, 2, 1)
