"""One administrator always stays; what happens to accounts stays on record; and the operator's way in."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from api.cli import main
from core.accounts.account import Account
from core.accounts.invitations import redeem
from core.accounts.service import disable_account
from core.errors import Refused
from core.procedure import Role
from core.store.tables import TENANT, audit, outbox
from core.tenants.staff import Person, PersonKind
from tests.accounts.conftest import PASSWORD, Staffed
from tests.conftest import MASTER_KEY
from tests.servers import Addresses

ADMINISTRATOR = Role.TENANT_ADMINISTRATOR


def person_of(account: Account) -> Person:
    return Person(account.person_id, PersonKind.HUMAN, account.login)


async def disabled(staffed: Staffed, account: Account, by: Account | None = None) -> str:
    """What came of it."""
    try:
        async with staffed.administering(person_of(by) if by else None) as admin:
            await disable_account(admin, account.id, "离岗", account.version)
    except Refused as refused:
        return refused.code
    return "done"


async def test_the_last_administrator_who_can_sign_in_stays(staffed: Staffed, li_ming: Account) -> None:
    one = await staffed.join("管理员甲", "admin.yi", ADMINISTRATOR)
    two = await staffed.join("管理员乙", "admin.er", ADMINISTRATOR)
    assert await disabled(staffed, one) == "done"
    assert await disabled(staffed, two) == "accounts.last-administrator"
    assert await disabled(staffed, li_ming) == "done"


async def test_two_who_disable_each_other_at_once_do_not_leave_nobody(staffed: Staffed) -> None:
    one = await staffed.join("管理员甲", "admin.yi", ADMINISTRATOR)
    two = await staffed.join("管理员乙", "admin.er", ADMINISTRATOR)
    said = await asyncio.gather(disabled(staffed, one, two), disabled(staffed, two, one))
    assert sorted(said) == ["accounts.last-administrator", "done"]


async def test_everything_stays_on_record_but_no_secret(staffed: Staffed) -> None:
    invited = await staffed.invite("李明", "li.ming")
    account = await redeem(
        staffed.database, staffed.passwords, await staffed.snapshot(), invited.code, PASSWORD, staffed.now
    )
    opened = await staffed.sign_in()
    await disabled(staffed, account)
    stream = f"account:{account.id}"
    async with staffed.reading() as session:
        rows = await session.all(select(audit).where(audit.c.tenant == TENANT, audit.c.stream == stream))
        events = await session.all(select(outbox).where(outbox.c.tenant == TENANT))
    actions = [row["action"] for row in sorted(rows, key=lambda row: row["seq"])]
    assert actions == [
        "account.registered",
        "account.password-set",
        "sign-in.opened",
        "sign-in.all-ended",
        "account.disabled",
    ]
    assert opened.device_token
    told = repr(rows) + repr(events)
    hidden = (invited.code, PASSWORD, opened.token, opened.device_token, "192.0.2.7")
    assert not any(secret in told for secret in hidden)
    assert "li.ming" not in repr(events)


@pytest.fixture
def wenze(addresses: Addresses, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``wenze("account", "create")`` runs a command on the database."""
    monkeypatch.setenv("WENZE_DATABASE_URL", addresses.service)
    monkeypatch.setenv("WENZE_OWNER_DATABASE_URL", addresses.owner)
    monkeypatch.setenv("WENZE_MASTER_KEY", base64.b64encode(MASTER_KEY).decode())
    monkeypatch.setenv("WENZE_PUBLIC_URL", "https://wenze.example.cn")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments)

    return run


def test_an_operator_lets_the_first_administrator_in_and_back_in(wenze: Any) -> None:
    slug = f"cli-{secrets.token_hex(4)}"
    names = ("--name-zh", "安康市", "--name-en", "Ankang")
    assert wenze("tenant", "create", slug, "--jurisdiction", "ankang", *names).exit_code == 0
    said = ("--person-name", "李明", "--login", "Li.Ming", "--roles", "tenant-administrator")
    made = wenze("account", "create", slug, *said, "--json")
    assert made.exit_code == 0, made.output
    told = json.loads(made.output)
    assert (told["login"], told["address"]) == ("li.ming", f"https://wenze.example.cn/t/{slug}/oauth/invitation")
    reset = wenze("account", "reset", slug, "LI.MING", "--reason", "遗忘密码", "--second-factor")
    assert reset.exit_code == 0, reset.output
    assert "shown this once" in reset.output
    assert told["code"] not in reset.output


FAULTS = [
    ("li ming", "auditor", None, "cannot be a login"),
    ("li.ming", "unit-officer", None, "is held in a unit"),
    ("li.ming", "auditor", "nowhere", "no unit with the code nowhere"),
    ("li.ming", "petitioner", None, "petitioner is not known"),
]


def test_an_operator_is_told_what_is_wrong(wenze: Any) -> None:
    slug = f"cli-{secrets.token_hex(4)}"
    wenze("tenant", "create", slug, "--jurisdiction", "ankang", "--name-zh", "安康市", "--name-en", "Ankang")
    english = ("--language", "en")
    for login, roles, unit, text in FAULTS:
        named = ("--unit", unit) if unit else ()
        said = ("--person-name", "李明", "--login", login, "--roles", roles, *named)
        refused = wenze("account", "create", slug, *said, *english)
        assert refused.exit_code != 0
        assert text in refused.output
    unknown = wenze("account", "reset", slug, "li.ming", "--reason", "x", *english)
    assert "no account with the login li.ming" in unknown.output
