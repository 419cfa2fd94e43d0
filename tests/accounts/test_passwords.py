"""What is taken as a password (NIST SP 800-63B-4, section 3.1.1.2), and that checking one holds nobody up."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from datetime import timedelta

import pytest

from core.accounts.account import Account
from core.accounts.invitations import INVITATION_HOURS, find_invited, redeem
from core.accounts.passwords import Passwords, check_password, normalise, owasp_hasher
from core.accounts.service import disable_account, reset_account
from core.errors import Refused, Unavailable
from tests.accounts.conftest import OTHER_PASSWORD, PASSWORD, Staffed

SHORT, LONG, GUESSABLE = "accounts.password-too-short", "accounts.password-too-long", "accounts.password-guessable"
WORDS = ("李明", "ankang-hall", "安康市热线", "Ankang hotline")
ALONE = [
    ("correct horse battery staple", None),
    ("我家门前有两棵枣树一棵是枣树", SHORT),
    ("我家门前有两棵枣树一棵还是枣树", None),
    ("abcdefghijklmn", SHORT),
    ("tin whistle 9z", SHORT),
    ("tin whistle 9zq", None),
    ("e\u0301" * 14, SHORT),
    ("               ", GUESSABLE),
    ("passwordpassword", GUESSABLE),
    ("password12345678", GUESSABLE),
    ("aaaaaaaaaaaaaaaaaaaaaaaa", GUESSABLE),
    ("1234567890123456", GUESSABLE),
    ("qwertyuiopasdfgh", GUESSABLE),
    ("abcabcabcabcabcabc", GUESSABLE),
    ("iloveyouiloveyou", GUESSABLE),
    ("woaini1314520woaini", GUESSABLE),
    ("liming.liming.liming", GUESSABLE),
    ("li.ming-li.ming-li.ming", GUESSABLE),
    ("李明李明李明李明李明李明李明李明", GUESSABLE),
    ("wenzewenzewenze2026", GUESSABLE),
    ("Ankang-Hall-2026-2026", GUESSABLE),
    ("ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ", GUESSABLE),
    ("tin whistle " * 21 + "9zqx", None),
    ("tin whistle " * 21 + "9zqxy", LONG),
    ("🦉 owl 🦊 fox 🐟 fish", None),
]
BESIDE = [
    ("k7#ettLe", None),
    ("kettle9", SHORT),
    ("password", GUESSABLE),
    ("12345678", GUESSABLE),
    ("li.ming1", GUESSABLE),
    ("枣树门前两棵一九", None),
]


def refusal(text: str, *, alone: bool) -> str | None:
    try:
        check_password(text, login="li.ming", words=WORDS, alone=alone)
    except Refused as refused:
        return refused.code
    return None


@pytest.mark.parametrize(("text", "expected"), ALONE, ids=range(len(ALONE)))
def test_as_the_only_factor(text: str, expected: str | None) -> None:
    assert refusal(text, alone=True) == expected


@pytest.mark.parametrize(("text", "expected"), BESIDE, ids=range(len(BESIDE)))
def test_beside_a_second_factor(text: str, expected: str | None) -> None:
    assert refusal(text, alone=False) == expected


def test_a_refusal_says_nothing_of_the_password() -> None:
    with pytest.raises(Refused) as refused:
        check_password("liming.liming.liming", login="li.ming", words=WORDS, alone=True)
    assert "liming" not in str(refused.value)


def test_compatible_forms_are_one_password() -> None:
    assert normalise("ｅ\u0301Å") == normalise("é\u212b")


def test_production_hashes_as_owasp_advises() -> None:
    hasher = owasp_hasher()
    assert (hasher.type.name, hasher.memory_cost, hasher.time_cost, hasher.parallelism) == ("ID", 19 * 1_024, 2, 1)


async def test_no_part_of_a_long_password_is_cut_off(passwords: Passwords) -> None:
    hashed = await passwords.hash("x" * 255 + "a")
    assert await passwords.verify("x" * 255 + "a", hashed)
    assert not await passwords.verify("x" * 255 + "b", hashed)
    assert not await passwords.verify("x" * 255 + "ab", hashed)
    assert not await passwords.verify("x" * 255 + "a", "no hash at all")


async def test_more_than_can_wait_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords, go = Passwords(most_waiting=3), threading.Event()
    monkeypatch.setattr(passwords, "_verify", lambda _text, _hash: go.wait(30))
    waiting = [asyncio.ensure_future(passwords.verify("x", None)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match=r"accounts\.busy"):
        await passwords.verify("x", None)
    with pytest.raises(Unavailable, match=r"accounts\.busy"):
        passwords.require_room()
    waiting[0].cancel()
    go.set()
    assert await asyncio.gather(*waiting[1:]) == [True, True]
    passwords.close()
    passwords.require_room()


@pytest.mark.skipif(sys.platform != "linux", reason="a thread has a priority of its own on Linux alone")
async def test_checks_give_way_to_everything_else(passwords: Passwords) -> None:
    niceness = await passwords._run(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    assert niceness > os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


async def test_an_invitation_sets_the_password_once(staffed: Staffed) -> None:
    invited = await staffed.invite("李明", "li.ming")
    snapshot = await staffed.snapshot()
    common = (staffed.database, staffed.passwords, snapshot)
    with pytest.raises(Refused, match=SHORT):
        await redeem(*common, invited.code, "too short", staffed.now)
    account = await redeem(*common, invited.code.lower().replace("-", " "), PASSWORD, staffed.now)
    assert (account.id, account.password_set_at) == (invited.account.id, staffed.now)
    assert (await staffed.sign_in()).sign_in.account_id == account.id
    with pytest.raises(Refused, match="invitation-not-good"):
        await redeem(*common, invited.code, OTHER_PASSWORD, staffed.now)


async def test_of_many_at_once_one_sets_the_password(staffed: Staffed) -> None:
    invited = await staffed.invite("李明", "li.ming")
    snapshot = await staffed.snapshot()

    async def try_it() -> bool:
        try:
            await redeem(staffed.database, staffed.passwords, snapshot, invited.code, PASSWORD, staffed.now)
        except Refused:
            return False
        return True

    assert sorted(await asyncio.gather(*(try_it() for _ in range(10)))) == [False] * 9 + [True]


async def test_an_invitation_lasts_three_days(staffed: Staffed) -> None:
    invited = await staffed.invite("李明", "li.ming")
    staffed.clock.advance(timedelta(hours=INVITATION_HOURS) - timedelta(seconds=1))
    async with staffed.reading() as session:
        assert (await find_invited(session, invited.code, staffed.now)).login == "li.ming"
    staffed.clock.advance(timedelta(seconds=1))
    async with staffed.reading() as session:
        with pytest.raises(Refused, match="invitation-not-good"):
            await find_invited(session, invited.code, staffed.now)


async def test_a_later_invitation_voids_the_earlier(staffed: Staffed) -> None:
    first = await staffed.invite("李明", "li.ming")
    async with staffed.administering() as admin:
        second = await reset_account(admin, first.account.id, "未收到", first.account.version)
    async with staffed.reading() as session:
        with pytest.raises(Refused, match="invitation-not-good"):
            await find_invited(session, first.code, staffed.now)
        assert await find_invited(session, second.code, staffed.now) == second.account


async def test_a_disabled_account_is_invited_to_nothing(staffed: Staffed) -> None:
    invited = await staffed.invite("李明", "li.ming")
    async with staffed.administering() as admin:
        await disable_account(admin, invited.account.id, "离岗", invited.account.version)
    with pytest.raises(Refused, match="invitation-not-good"):
        await redeem(staffed.database, staffed.passwords, await staffed.snapshot(), invited.code, PASSWORD, staffed.now)


async def test_a_new_password_undoes_what_strangers_did(staffed: Staffed, li_ming: Account) -> None:
    async with staffed.administering() as admin:
        invited = await reset_account(admin, li_ming.id, "遗忘密码", li_ming.version)
    await redeem(staffed.database, staffed.passwords, await staffed.snapshot(), invited.code, OTHER_PASSWORD, staffed.now)
    assert (await staffed.sign_in(OTHER_PASSWORD)).sign_in.account_id == li_ming.id
