"""``wenze tenant``, ``client`` and ``unit`` as an operator types them, on both engines."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import main
from core.jurisdictions import Jurisdictions
from core.store.database import Database
from core.tenants.service.directory import find_tenant
from core.tenants.snapshot import Snapshot, Snapshots
from tests.conftest import MASTER_KEY
from tests.servers import Addresses

HEADER = "code,name,parent,member,offices,valid_from\n"
TABLE = f"{HEADER}hall,大厅,city,是,supervision-office,2026-01-01\ncity,市政府,,否,,2026-01-01\n"
FAULTY = "code,name,parent,valid_from\nhall,大厅,nobody,2026-01-01\ncity,市政府,,2026-01-01\n"


@pytest.fixture
def wenze(addresses: Addresses, monkeypatch: pytest.MonkeyPatch):
    """``wenze("tenant", "list")`` runs a command on the database."""
    monkeypatch.setenv("WENZE_DATABASE_URL", addresses.service)
    monkeypatch.setenv("WENZE_OWNER_DATABASE_URL", addresses.owner)
    monkeypatch.setenv("WENZE_MASTER_KEY", base64.b64encode(MASTER_KEY).decode())

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, arguments)

    return run


@pytest.fixture
def slug(wenze) -> str:
    """A tenant made at the command line."""
    name = f"cli-{secrets.token_hex(4)}"
    names = ("--name-zh", "安康市", "--name-en", "Ankang")
    made = wenze("tenant", "create", name, "--jurisdiction", "ankang", *names, "--sandbox")
    assert made.exit_code == 0, made.output
    return name


def look(addresses: Addresses, slug: str) -> Snapshot:
    async def found() -> Snapshot:
        database = Database(addresses.service, MASTER_KEY)
        tenant = await find_tenant(database, slug)
        async with database.reading(tenant.id) as session:
            snapshot = await Snapshots(Jurisdictions.discover()).of(session)
        await database.close()
        return snapshot

    return asyncio.run(found())


def test_another_master_key_is_named_and_nothing_is_written(wenze, slug: str, addresses: Addresses, monkeypatch) -> None:
    before = look(addresses, slug).signing_keys
    monkeypatch.setenv("WENZE_MASTER_KEY", base64.b64encode(bytes(32)).decode())
    done = wenze("keys", "rotate", slug)
    assert (done.exit_code, "Traceback" in done.output) == (1, False), done.output
    assert "WENZE_MASTER_KEY: is not the key" in done.output
    assert look(addresses, slug).signing_keys == before


def test_a_tenant_is_created_once_and_listed(wenze, slug: str) -> None:
    again = wenze(
        "tenant", "create", slug, "--jurisdiction", "ankang", "--name-zh", "甲", "--name-en", "A", "--language", "en"
    )  # fmt: skip
    assert (again.exit_code, again.output) == (
        1, f"Error: There is a tenant {slug} already; nothing was changed. Choose another name.\n",
    )  # fmt: skip
    assert [line for line in wenze("tenant", "list").output.splitlines() if line.startswith(slug)]
    listed = [json.loads(line) for line in wenze("tenant", "list", "--json").output.splitlines()]
    assert {"slug": slug, "jurisdiction": "ankang", "name": {"zh": "安康市", "en": "Ankang"}, "sandbox": True} in listed


def test_a_parent_and_an_unknown_city(wenze, slug: str) -> None:
    names = ("--name-zh", "区", "--name-en", "District")
    child = wenze("tenant", "create", f"{slug}-d", "--jurisdiction", "ankang", *names, "--parent", slug)
    assert child.exit_code == 0
    nowhere = wenze("tenant", "create", f"{slug}-x", "--jurisdiction", "atlantis", *names)
    assert nowhere.exit_code == 1
    assert "ankang" in nowhere.output


def test_a_client_is_made_and_its_secret_fits(wenze, slug: str, addresses: Addresses, tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_bytes(TABLE.encode("gb18030"))
    assert wenze("unit", "import", slug, str(tmp_path / "units.csv")).exit_code == 0
    made = wenze(
        "client", "create", slug, "热线", "--roles", "intake-clerk,unit-officer", "--scopes", "cases:read,cases:write",
        "--unit", "hall", "--from", "2026-02-01", "--json",
    )  # fmt: skip
    told = json.loads(made.output)
    snapshot = look(addresses, slug)
    client = snapshot.clients[told["client_id"]]
    assert client.knows(told["client_secret"])
    assert str(client.person_id) == told["person_id"]
    assert sorted(client.scopes) == told["scopes"] == ["cases:read", "cases:write"]
    hall = snapshot.organisation.by_code["hall"]
    grants = {(grant.role.value, grant.unit_id) for grant in snapshot.organisation.staff.grants_of(client.person_id)}
    assert grants == {("intake-clerk", None), ("unit-officer", hall.id)}
    assert wenze("client", "disable", slug, told["client_id"]).exit_code == 0
    assert look(addresses, slug).clients[told["client_id"]].disabled_at is not None


def test_what_a_client_cannot_be_is_refused(wenze, slug: str) -> None:
    rest = ("client", "create", slug, "热线", "--scopes", "cases:read", "--roles")
    assert "choose from" in wenze(*rest, "petitioner").output
    assert wenze(*rest, "platform-operator").exit_code == 2
    assert wenze(*rest, "unit-officer").exit_code == 1
    assert wenze("client", "create", "nowhere", "热线", "--scopes", "cases:read", "--roles", "auditor").exit_code == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_units_are_imported_from_each_encoding(wenze, slug, addresses, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "units.csv"
    file.write_bytes(TABLE.encode(encoding))
    tried = wenze("unit", "import", slug, str(file), "--dry-run")
    assert tried.output.splitlines()[-1] == "2 created; nothing was written"
    before = look(addresses, slug)
    assert not before.organisation.units
    assert wenze("unit", "import", slug, str(file)).output.splitlines()[-1] == "2 created; written"
    after = look(addresses, slug)
    assert after.organisation.by_code["hall"].latest.name == "大厅"
    assert after.tenant.revision == before.tenant.revision + 1
    again = [json.loads(line) for line in wenze("unit", "import", slug, str(file), "--json").output.splitlines()]
    assert [row["outcome"] for row in again] == ["unchanged", "unchanged"]


def test_a_faulty_file_is_reported_row_by_row_and_nothing_is_written(wenze, slug, addresses, tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text(FAULTY, encoding="utf-8")
    told = wenze("unit", "import", slug, str(file), "--language", "en")
    assert told.exit_code == 1
    faulty, sound, total = told.output.splitlines()
    assert "no unit with the code nobody" in faulty
    assert sound.split() == ["3", "city", "created"]
    assert total == "1 fault, 1 created; nothing was written"
    assert not look(addresses, slug).organisation.units


CATEGORIES = (
    "code,title_zh,valid_from,basis,parent,default_unit,handling_limit,handling_basis\n"
    "roads,道路,2026-01-01,纪要,municipal,hall,,\n"
    "municipal,市政,2026-01-01,纪要,,,5 working_day,纪要\n"
)


def test_categories_are_imported_and_a_second_time_change_nothing(wenze, slug: str, addresses, tmp_path: Path) -> None:
    units, file = tmp_path / "units.csv", tmp_path / "categories.csv"
    units.write_text(TABLE, encoding="utf-8")
    file.write_text(CATEGORIES, encoding="utf-8")
    assert wenze("unit", "import", slug, str(units)).exit_code == 0
    trial = wenze("category", "import", slug, str(file), "--dry-run")
    assert (trial.exit_code, trial.output.splitlines()[-1]) == (0, "2 created; nothing was written")
    assert look(addresses, slug).categories.by_code == {}
    done = wenze("category", "import", slug, str(file))
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "2 created; written")
    found = look(addresses, slug).categories
    assert set(found.by_code) == {"roads", "municipal"}
    again = wenze("category", "import", slug, str(file), "--json")
    assert [json.loads(line)["outcome"] for line in again.output.splitlines()] == ["unchanged", "unchanged"]


def test_one_faulty_category_keeps_all_out_and_is_named(wenze, slug: str, addresses, tmp_path: Path) -> None:
    file = tmp_path / "categories.csv"
    file.write_text(CATEGORIES, encoding="utf-8")
    failed = wenze("category", "import", slug, str(file))
    assert failed.exit_code == 1
    assert "没有代码为“hall”的单位" in failed.output
    assert look(addresses, slug).categories.by_code == {}
