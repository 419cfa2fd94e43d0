"""Nothing that is secret is shown by printing what holds it."""

from __future__ import annotations

from core.cases.identity import Identity
from core.cases.joint import Receipts
from core.cases.service import Registered
from core.settings import Settings
from core.tenants.client import make_credentials
from core.tenants.signing import make_signing_key


def test_credentials_do_not_show_their_secret() -> None:
    made = make_credentials()
    assert made.client_secret not in repr(made)


def test_a_new_signing_key_does_not_show_its_private_half() -> None:
    assert "PRIVATE" not in repr(make_signing_key())


def test_an_identity_does_not_show_who_it_is() -> None:
    shown = repr(Identity(name="王秀英", phone="13800138000"))
    assert "王秀英" not in shown
    assert "13800138000" not in shown


def test_a_registration_does_not_show_its_receipt() -> None:
    receipts = Receipts("7Q3K-2MZ8", ("9XYZ-1ABC",))
    shown = repr(Registered(None, receipts))  # type: ignore[arg-type]  # the case does not matter
    assert "7Q3K" not in shown
    assert "9XYZ" not in shown


def test_settings_show_neither_key_nor_password() -> None:
    url = "postgresql+asyncpg://wenze:p4ssw0rd@db/wenze"
    shown = repr(Settings(database_url=url, owner_database_url=url, master_key=b"k" * 32))
    assert "p4ssw0rd" not in shown
    assert "kkk" not in shown
