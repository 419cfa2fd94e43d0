"""The second factor: enrolled by a code, asked for from then on, no code taken twice, and recovery codes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from core.accounts.account import Account, find_account
from core.accounts.changing import remove_factor
from core.accounts.factors import (
    RECOVERY_CODES,
    begin_totp,
    confirm_totp,
    open_enrolment,
    renew_recovery_codes,
    step_of,
    take_code,
)
from core.accounts.service import reset_account
from core.accounts.sign_ins import find_sign_in
from core.accounts.signing_in import Browser, Opened, open_by_provider
from core.errors import Conflict, Limited, OutOfOrder, Refused, Unauthenticated
from tests.accounts.conftest import LIMITS, OTHER_PASSWORD, PASSWORD, STRANGER, Staffed

STEP = timedelta(seconds=30)


async def enrol(staffed: Staffed, account: Account, **more: Any) -> tuple[pyotp.TOTP, tuple[str, ...]]:
    """An authenticator, and the recovery codes."""
    async with staffed.writing() as session:
        enrolment = await begin_totp(session, account, "试验市")
    authenticator = pyotp.TOTP(enrolment.secret)
    async with staffed.writing() as session:
        codes = await confirm_totp(session, account, shown(authenticator, staffed), staffed.now, **more)
    staffed.clock.advance(STEP)
    return authenticator, codes


def shown(authenticator: pyotp.TOTP, staffed: Staffed, steps: int = 0) -> str:
    """What the authenticator shows, so many steps from now."""
    return authenticator.generate_otp(step_of(staffed.now) + steps)


async def confirmed(staffed: Staffed, opened: Opened, code: str, browser: Browser = STRANGER) -> bool:
    try:
        return bool(await staffed.confirm(opened, code, browser))
    except Unauthenticated as refused:
        if refused.code != "accounts.code-wrong":
            raise
        return False


async def test_a_code_is_asked_for_once_one_has_confirmed_the_authenticator(staffed: Staffed, li_ming: Account) -> None:
    async with staffed.writing() as session:
        enrolment = await begin_totp(session, li_ming, "试验市")
    parsed = pyotp.parse_uri(enrolment.uri)
    assert (parsed.name, parsed.issuer) == ("li.ming", "试验市")
    assert not (await staffed.sign_in()).sign_in.needs_second_factor
    async with staffed.reading() as session:
        assert await open_enrolment(session, await find_account(session, li_ming.id), "试验市") == enrolment
    authenticator = pyotp.TOTP(enrolment.secret)
    async with staffed.writing() as session:
        codes = await confirm_totp(session, li_ming, shown(authenticator, staffed), staffed.now)
    assert len(set(codes)) == RECOVERY_CODES
    account = await staffed.account(li_ming.id)
    assert (account.has_second_factor, account.version) == (True, li_ming.version + 1)
    assert enrolment.secret.encode() not in (account.totp_sealed or b"")
    assert not any(code in repr(account.recovery) for code in codes)
    staffed.clock.advance(STEP)
    waiting = await staffed.sign_in()
    assert (waiting.sign_in.needs_second_factor, waiting.device_token) == (True, None)
    opened = await staffed.confirm(waiting, shown(authenticator, staffed))
    assert (opened.sign_in.needs_second_factor, opened.sign_in.methods) == (False, ("pwd", "otp", "mfa"))
    assert opened.device_token
    async with staffed.reading() as session:
        assert await find_sign_in(session, waiting.token, staffed.now) is None
        assert await find_sign_in(session, opened.token, staffed.now) == opened.sign_in


async def test_a_wrong_code_enrols_nothing(staffed: Staffed, li_ming: Account) -> None:
    with pytest.raises(OutOfOrder, match="no-enrolment"):
        async with staffed.writing() as session:
            await confirm_totp(session, li_ming, "123456", staffed.now)
    async with staffed.writing() as session:
        enrolment = await begin_totp(session, li_ming, "试验市")
    wrong = shown(pyotp.TOTP(enrolment.secret), staffed, 7)
    with pytest.raises(Refused, match="code-does-not-fit"):
        async with staffed.writing() as session:
            await confirm_totp(session, li_ming, wrong, staffed.now)
    assert not (await staffed.account(li_ming.id)).has_second_factor


async def test_another_authenticator_needs_the_first_one_removed(staffed: Staffed, li_ming: Account) -> None:
    await enrol(staffed, li_ming)
    with pytest.raises(Conflict, match="factor-there"):
        async with staffed.writing() as session:
            await begin_totp(session, li_ming, "试验市")


async def test_other_sign_ins_are_asked_and_the_own_is_not(staffed: Staffed, li_ming: Account) -> None:
    own, other = await staffed.sign_in(), await staffed.sign_in()
    await enrol(staffed, li_ming, sign_in_id=own.sign_in.id)
    async with staffed.reading() as session:
        found = [await find_sign_in(session, item.token, staffed.now) for item in (own, other)]
    assert [item.needs_second_factor for item in found if item] == [False, True]


async def test_a_step_to_each_side_is_taken(staffed: Staffed, li_ming: Account) -> None:
    authenticator, _ = await enrol(staffed, li_ming)
    for steps, good in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        staffed.clock.advance(5 * STEP)
        assert await confirmed(staffed, await staffed.sign_in(), shown(authenticator, staffed, steps)) is good


async def test_no_code_is_taken_twice_nor_an_earlier_one_after_it(staffed: Staffed, li_ming: Account) -> None:
    authenticator, _ = await enrol(staffed, li_ming)
    code, earlier = shown(authenticator, staffed), shown(authenticator, staffed, -1)
    assert await confirmed(staffed, await staffed.sign_in(), code)
    assert not await confirmed(staffed, await staffed.sign_in(), code)
    assert not await confirmed(staffed, await staffed.sign_in(), earlier)
    staffed.clock.advance(STEP)
    assert not await confirmed(staffed, await staffed.sign_in(), code)
    assert await confirmed(staffed, await staffed.sign_in(), shown(authenticator, staffed))


async def test_of_twenty_who_show_one_code_at_once_one_gets_in(staffed: Staffed, li_ming: Account) -> None:
    authenticator, codes = await enrol(staffed, li_ming)

    async def take(code: str) -> bool:
        async with staffed.writing() as session:
            held = await find_account(session, li_ming.id, lock=True)
            return await take_code(session, held, code, staffed.now)

    for code in (shown(authenticator, staffed), codes[3]):
        assert sorted(await asyncio.gather(*(take(code) for _ in range(20)))) == [False] * 19 + [True]


async def test_each_recovery_code_is_used_once(staffed: Staffed, li_ming: Account) -> None:
    _, codes = await enrol(staffed, li_ming)
    typed = codes[0].lower().replace("-", " ")
    assert await confirmed(staffed, await staffed.sign_in(), typed)
    assert not await confirmed(staffed, await staffed.sign_in(), codes[0])
    assert await confirmed(staffed, await staffed.sign_in(), codes[1])
    assert len((await staffed.account(li_ming.id)).recovery) == RECOVERY_CODES - 2


async def test_new_recovery_codes_replace_the_old(staffed: Staffed, li_ming: Account) -> None:
    with pytest.raises(OutOfOrder, match="no-factor"):
        async with staffed.writing() as session:
            await renew_recovery_codes(session, li_ming)
    _, codes = await enrol(staffed, li_ming)
    async with staffed.writing() as session:
        renewed = await renew_recovery_codes(session, li_ming)
    assert not await confirmed(staffed, await staffed.sign_in(), codes[0])
    assert await confirmed(staffed, await staffed.sign_in(), renewed[0])


async def test_what_is_no_code_is_a_wrong_one(staffed: Staffed, li_ming: Account) -> None:
    await enrol(staffed, li_ming)
    for code in ("", "12345", "1234567", "abcdef", "\0", "-1", "x" * 5_000):
        assert not await confirmed(staffed, await staffed.sign_in(), code)
        staffed.clock.advance(timedelta(hours=1))


async def test_codes_are_read_as_people_type_them(staffed: Staffed, li_ming: Account) -> None:
    authenticator, _ = await enrol(staffed, li_ming)
    code = shown(authenticator, staffed)
    wide = code.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    assert await confirmed(staffed, await staffed.sign_in(), f" {wide[:3]} {wide[3:]} ")


async def test_codes_are_not_guessed(staffed: Staffed, li_ming: Account) -> None:
    authenticator, _ = await enrol(staffed, li_ming)
    good = shown(authenticator, staffed)
    known = await staffed.confirm(await staffed.sign_in(), good)
    staffed.clock.advance(STEP)
    wrong = shown(authenticator, staffed, 9)
    waiting = await staffed.sign_in()
    for _ in range(5):
        assert not await confirmed(staffed, waiting, wrong)
    with pytest.raises(Limited, match="too-many-attempts"):
        await staffed.confirm(waiting, shown(authenticator, staffed))
    browser = replace(STRANGER, device_token=known.device_token)
    again = await staffed.sign_in(browser=browser)
    assert await confirmed(staffed, again, shown(authenticator, staffed), browser)


async def test_a_sign_in_waits_ten_minutes_for_its_code(staffed: Staffed, li_ming: Account) -> None:
    authenticator, _ = await enrol(staffed, li_ming)
    waiting = await staffed.sign_in()
    staffed.clock.advance(timedelta(minutes=10))
    with pytest.raises(Unauthenticated, match="sign-in-gone"):
        await staffed.confirm(waiting, shown(authenticator, staffed))


async def test_who_is_in_is_not_asked_again(staffed: Staffed, li_ming: Account) -> None:
    opened = await staffed.sign_in()
    with pytest.raises(OutOfOrder, match="no-code-needed"):
        await staffed.confirm(opened, "123456")


@pytest.mark.parametrize(("satisfied", "methods"), [(True, ("fed", "pwd", "otp", "mfa")), (False, ("fed", "pwd"))])
async def test_a_provider_counts_as_second_factor_where_the_tenant_says_so(
    staffed: Staffed, li_ming: Account, satisfied: bool, methods: tuple[str, ...]
) -> None:
    await enrol(staffed, li_ming)
    async with staffed.writing() as session:
        opened = await open_by_provider(
            session,
            await staffed.snapshot(),
            li_ming.id,
            ("pwd", "otp"),
            STRANGER,
            staffed.now,
            satisfied=satisfied,
            limits=LIMITS,
        )
    assert opened.sign_in.methods == methods
    assert opened.sign_in.needs_second_factor is not satisfied


async def test_it_is_removed_by_who_knows_a_password_that_stands_alone(staffed: Staffed, li_ming: Account) -> None:
    opened = await staffed.sign_in()
    common = (staffed.database, await staffed.snapshot(), staffed.passwords, opened.sign_in)
    with pytest.raises(OutOfOrder, match="no-factor"):
        await remove_factor(*common, PASSWORD, STRANGER, staffed.now)
    await enrol(staffed, li_ming)
    with pytest.raises(Unauthenticated, match="password-wrong"):
        await remove_factor(*common, OTHER_PASSWORD, STRANGER, staffed.now)
    await remove_factor(*common, PASSWORD, STRANGER, staffed.now)
    after = await staffed.account(li_ming.id)
    assert (after.has_second_factor, after.totp_sealed, after.recovery) == (False, None, ())
    assert not (await staffed.sign_in()).sign_in.needs_second_factor


@pytest.mark.parametrize("lost", [True, False])
async def test_a_reset_takes_it_away_only_where_it_is_lost(staffed: Staffed, li_ming: Account, lost: bool) -> None:
    await enrol(staffed, li_ming)
    version = (await staffed.account(li_ming.id)).version
    async with staffed.administering() as admin:
        invited = await reset_account(admin, li_ming.id, "遗失", version, second_factor=lost)
    assert invited.account.has_second_factor is not lost
