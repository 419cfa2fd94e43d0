"""Signing in by password: who gets in, what is answered to everybody else, and what ends it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from core.accounts.account import Account
from core.accounts.changing import change_password, confirm_password
from core.accounts.devices import DEVICE_DAYS
from core.accounts.passwords import Passwords
from core.accounts.service import disable_account, enable_account, reset_account
from core.accounts.sign_ins import end_all, end_sign_in, find_sign_in, list_sign_ins, touch_sign_in
from core.accounts.signing_in import Browser, Opened, open_by_provider
from core.errors import NotFound, Unauthenticated
from core.store.tables import TENANT, known_device, sign_in
from tests.accounts.conftest import LIMITS, OTHER_PASSWORD, PASSWORD, STRANGER, Staffed

WRONG = [
    ("li.ming", "not the password"),
    ("li.ming", PASSWORD + " "),
    ("li.ming", PASSWORD.upper()),
    ("li.ming", PASSWORD[:-1]),
    ("li.ming", ""),
    ("li.ming", "x" * 5_000),
    ("li.ming", "\0"),
    ("wang.fang", PASSWORD),
    ("", PASSWORD),
    ("x" * 5_000, PASSWORD),
]


async def find(staffed: Staffed, opened: Opened) -> Any:
    async with staffed.reading() as session:
        return await find_sign_in(session, opened.token, staffed.now)


async def test_a_person_signs_in(staffed: Staffed, li_ming: Account) -> None:
    opened = await staffed.sign_in()
    found = await find(staffed, opened)
    assert found == opened.sign_in
    assert (found.person_id, found.login, found.name, found.methods) == (li_ming.person_id, "li.ming", "李明", ("pwd",))
    assert not found.needs_second_factor
    assert (found.agent, found.address) == ("Firefox/140", "192.0.2.7")


async def test_a_login_is_read_however_it_is_typed(staffed: Staffed, li_ming: Account) -> None:
    for login in ("LI.Ming", " li.ming ", "ｌｉ．ｍｉｎｇ"):
        assert (await staffed.sign_in(login=login)).sign_in.account_id == li_ming.id


async def test_a_password_is_the_same_however_it_is_composed(staffed: Staffed) -> None:
    await staffed.join("乙", "zhang.wei", password="caf\u00e9 au lait, s'il vous pla\u00eet")
    opened = await staffed.sign_in("cafe\u0301 au lait, s'il vous plai\u0302t", login="zhang.wei")
    assert opened.sign_in.login == "zhang.wei"


async def test_whatever_is_wrong_is_answered_alike(staffed: Staffed, li_ming: Account) -> None:
    for login, password in WRONG:
        with pytest.raises(Unauthenticated) as refused:
            await staffed.sign_in(password, login=login)
        assert (refused.value.code, refused.value.params) == ("accounts.sign-in-failed", {})
        staffed.clock.advance(timedelta(hours=1))


async def test_who_is_not_there_costs_as_much_as_who_is(
    staffed: Staffed, li_ming: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str | None] = []
    verify = PasswordHasher.verify

    def watched(hasher: PasswordHasher, hash_: str, password: str) -> bool:
        verified.append(hash_.split("$")[3])
        return verify(hasher, hash_, password)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    for login in ("li.ming", "wang.fang"):
        with pytest.raises(Unauthenticated):
            await staffed.sign_in("not the password", login=login)
    assert verified == ["m=8,t=1,p=1"] * 2


async def test_an_account_without_a_password_lets_nobody_in(staffed: Staffed) -> None:
    await staffed.invite("李明", "li.ming")
    with pytest.raises(Unauthenticated, match="sign-in-failed"):
        await staffed.sign_in()


async def test_a_disabled_account_is_out_at_once_and_in_again_when_it_is_enabled(staffed: Staffed, li_ming: Account) -> None:
    opened = await staffed.sign_in()
    async with staffed.administering() as admin:
        disabled = await disable_account(admin, li_ming.id, "离岗", li_ming.version)
    assert await find(staffed, opened) is None
    with pytest.raises(Unauthenticated, match="sign-in-failed"):
        await staffed.sign_in()
    async with staffed.writing() as session:
        with pytest.raises(Unauthenticated, match="sign-in-failed"):
            await open_by_provider(
                session, await staffed.snapshot(), li_ming.id, (), STRANGER, staffed.now, satisfied=True, limits=LIMITS
            )
    async with staffed.administering() as admin:
        await enable_account(admin, li_ming.id, "返岗", disabled.version)
    assert await find(staffed, opened) is None
    assert await find(staffed, await staffed.sign_in())


async def test_a_token_is_stored_nowhere(staffed: Staffed, li_ming: Account) -> None:
    opened = await staffed.sign_in()
    assert opened.device_token is not None
    secrets = (opened.token.encode(), opened.device_token.encode(), PASSWORD.encode())
    async with staffed.reading() as session:
        rows = await session.all(select(sign_in).where(sign_in.c.tenant == TENANT))
        rows += await session.all(select(known_device).where(known_device.c.tenant == TENANT))
    assert rows
    assert not any(secret in repr(row).encode() for row in rows for secret in secrets)
    assert opened.token not in repr(opened)


async def test_it_ends_unused_after_an_hour(staffed: Staffed, li_ming: Account) -> None:
    opened = await staffed.sign_in()
    staffed.clock.advance(timedelta(minutes=59, seconds=59))
    found = await find(staffed, opened)
    assert found
    async with staffed.writing() as session:
        await touch_sign_in(session, found, staffed.now)
    staffed.clock.advance(timedelta(minutes=59, seconds=59))
    assert await find(staffed, opened)
    staffed.clock.advance(timedelta(seconds=1))
    assert await find(staffed, opened) is None
    async with staffed.reading() as session:
        assert await list_sign_ins(session, li_ming.id, staffed.now) == []


async def test_it_ends_after_twelve_hours_however_much_it_is_used(staffed: Staffed, li_ming: Account) -> None:
    opened = await staffed.sign_in()
    for _ in range(12):
        found = await find(staffed, opened)
        assert found
        async with staffed.writing() as session:
            await touch_sign_in(session, found, staffed.now)
        staffed.clock.advance(timedelta(minutes=59, seconds=59))
    assert await find(staffed, opened)
    staffed.clock.advance(timedelta(seconds=12))
    assert await find(staffed, opened) is None


async def test_its_use_is_written_once_a_minute(staffed: Staffed, li_ming: Account) -> None:
    opened = await staffed.sign_in()
    first = opened.sign_in.seen_at
    staffed.clock.advance(timedelta(seconds=59))
    async with staffed.writing() as session:
        await touch_sign_in(session, opened.sign_in, staffed.now)
    assert (await find(staffed, opened)).seen_at == first
    staffed.clock.advance(timedelta(seconds=1))
    async with staffed.writing() as session:
        await touch_sign_in(session, opened.sign_in, staffed.now)
    assert (await find(staffed, opened)).seen_at == staffed.now


async def test_one_is_ended_and_the_others_stay(staffed: Staffed, li_ming: Account) -> None:
    first, second = await staffed.sign_in(), await staffed.sign_in()
    async with staffed.writing() as session:
        await end_sign_in(session, first.sign_in.id, "signed-out", staffed.now)
    assert await find(staffed, first) is None
    assert await find(staffed, second)
    async with staffed.reading() as session:
        assert [item.id for item in await list_sign_ins(session, li_ming.id, staffed.now)] == [second.sign_in.id]
    async with staffed.writing() as session:
        await end_sign_in(session, first.sign_in.id, "once more", staffed.now)
        ended = select(sign_in.c.ended_for).where(sign_in.c.tenant == TENANT, sign_in.c.id == first.sign_in.id)
        assert await session.scalar(ended) == "signed-out"


async def test_nobody_ends_another_accounts(staffed: Staffed, li_ming: Account) -> None:
    other = await staffed.join("王芳", "wang.fang", password=OTHER_PASSWORD)
    opened = await staffed.sign_in()
    with pytest.raises(NotFound, match="sign-in-unknown"):
        async with staffed.writing() as session:
            await end_sign_in(session, opened.sign_in.id, "by-owner", staffed.now, account_id=other.id)
    assert await find(staffed, opened)


async def test_all_are_ended_or_all_but_one(staffed: Staffed, li_ming: Account) -> None:
    opened = [await staffed.sign_in() for _ in range(3)]
    async with staffed.writing() as session:
        assert await end_all(session, li_ming.id, "by-owner", staffed.now, but=opened[1].sign_in.id) == 2
    assert [bool(await find(staffed, item)) for item in opened] == [False, True, False]
    async with staffed.writing() as session:
        assert await end_all(session, li_ming.id, "by-owner", staffed.now) == 1
        assert await end_all(session, li_ming.id, "by-owner", staffed.now) == 0


async def test_a_changed_password_ends_every_other_sign_in(staffed: Staffed, li_ming: Account) -> None:
    here, elsewhere = await staffed.sign_in(), await staffed.sign_in()
    snapshot = await staffed.snapshot()
    common = (staffed.database, snapshot, staffed.passwords, here.sign_in)
    with pytest.raises(Unauthenticated, match="password-wrong"):
        await change_password(*common, "not the password", OTHER_PASSWORD, STRANGER, staffed.now)
    await change_password(*common, PASSWORD, OTHER_PASSWORD, STRANGER, staffed.now)
    assert await find(staffed, here)
    assert await find(staffed, elsewhere) is None
    with pytest.raises(Unauthenticated):
        await staffed.sign_in(PASSWORD)
    assert (await staffed.sign_in(OTHER_PASSWORD)).sign_in.account_id == li_ming.id


async def test_a_reset_ends_all_and_keeps_nobody_out_for_long(staffed: Staffed, li_ming: Account) -> None:
    opened = await staffed.sign_in()
    async with staffed.administering() as admin:
        invited = await reset_account(admin, li_ming.id, "遗忘密码", li_ming.version)
    assert await find(staffed, opened) is None
    assert invited.account.password_hash is None
    with pytest.raises(Unauthenticated):
        await staffed.sign_in()


async def test_a_password_that_is_changed_meanwhile_no_longer_lets_in(
    staffed: Staffed, li_ming: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = Passwords.verify

    async def slow(passwords: Passwords, text: str, hash_: str | None) -> bool:
        good = await verify(passwords, text, hash_)
        async with staffed.administering() as admin:
            await reset_account(admin, li_ming.id, "停用", li_ming.version)
        return good

    monkeypatch.setattr(Passwords, "verify", slow)
    with pytest.raises(Unauthenticated, match="sign-in-failed"):
        await staffed.sign_in()
    async with staffed.reading() as session:
        assert await list_sign_ins(session, li_ming.id, staffed.now) == []


async def test_a_hash_of_other_parameters_is_made_anew(staffed: Staffed, li_ming: Account) -> None:
    staffed.passwords = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    await staffed.sign_in()
    after = await staffed.account(li_ming.id)
    assert after.password_hash is not None
    assert "t=2" in after.password_hash
    assert after.version == li_ming.version
    await staffed.sign_in()
    assert await staffed.account(li_ming.id) == after


async def test_a_browser_is_known_to_everybody_who_signed_in_from_it(staffed: Staffed, li_ming: Account) -> None:
    await staffed.join("王芳", "wang.fang", password=OTHER_PASSWORD)
    first = await staffed.sign_in()
    shared = Browser(first.device_token, "Firefox/140", "192.0.2.7")
    second = await staffed.sign_in(OTHER_PASSWORD, shared, "wang.fang")
    assert second.device_token == first.device_token
    chosen = Browser("a token of their own choosing", "Firefox/140", "192.0.2.7")
    assert (await staffed.sign_in(PASSWORD, chosen)).device_token != chosen.device_token
    staffed.clock.advance(timedelta(days=DEVICE_DAYS))
    assert (await staffed.sign_in(PASSWORD, shared)).device_token != first.device_token


async def test_the_password_is_asked_for_again(staffed: Staffed, li_ming: Account) -> None:
    opened = await staffed.sign_in()
    common = (staffed.database, await staffed.snapshot(), staffed.passwords, opened.sign_in)
    assert (await confirm_password(*common, PASSWORD, STRANGER, staffed.now)).id == li_ming.id
    with pytest.raises(Unauthenticated, match="password-wrong"):
        await confirm_password(*common, OTHER_PASSWORD, STRANGER, staffed.now)


async def test_a_provider_vouches_for_somebody(staffed: Staffed, li_ming: Account) -> None:
    snapshot = await staffed.snapshot()
    async with staffed.writing() as session:
        opened = await open_by_provider(
            session, snapshot, li_ming.id, ("pwd", "otp"), STRANGER, staffed.now, satisfied=False, limits=LIMITS
        )
    assert opened.sign_in.methods == ("fed", "pwd")
    assert await find(staffed, opened) == opened.sign_in
