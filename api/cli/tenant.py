"""``wenze tenant``, ``unit`` and ``category``: what is set up before a tenant's own people take over."""

from __future__ import annotations

from typing import BinaryIO

import click
import msgspec

from api.cli.administering import AS_JSON, LANGUAGE, administering, open_database, running
from api.cli.db import read_settings
from core.jurisdictions import Jurisdictions
from core.law.instrument import Text
from core.tenants.category_file import read_categories
from core.tenants.service.categories import import_categories
from core.tenants.service.directory import NewTenant, create_tenant, list_tenants, set_origin
from core.tenants.service.units import import_units
from core.tenants.tenant import Tenant
from core.tenants.unit_file import read_units
from core.tenants.unit_import import Outcome, RowReport
from core.texts import render


@click.group()
def tenant() -> None:
    """Create and list tenants."""


@tenant.command("create")
@click.argument("slug")
@click.option("--jurisdiction", required=True, metavar="ID", help="The city whose rules it works under.")
@click.option("--name-zh", required=True, help="Its name in Chinese.")
@click.option("--name-en", required=True, help="Its name in English.")
@click.option("--sandbox", is_flag=True, help="For trials: its legal time can be moved.")
@click.option("--parent", metavar="SLUG", help="The tenant above it.")
@AS_JSON
@LANGUAGE
@running
async def create(
    slug: str,
    jurisdiction: str,
    name_zh: str,
    name_en: str,
    sandbox: bool,
    parent: str | None,
    as_json: bool,
    language: str,
) -> None:
    """Creates the tenant SLUG, as the database's owner (WENZE_OWNER_DATABASE_URL, else WENZE_DATABASE_URL).

    It gets its keys and the first version of its calendar. A slug that is taken is refused and nothing is changed.
    """
    del language
    new = NewTenant(slug, jurisdiction, Text(zh=name_zh, en=name_en), sandbox=sandbox, parent=parent)
    async with open_database(owner=True) as owner:
        _tell_tenant(await create_tenant(owner, Jurisdictions.discover(), new), as_json)


@tenant.command("list")
@AS_JSON
@LANGUAGE
@running
async def list_(as_json: bool, language: str) -> None:
    """Lists every tenant: slug, city, name, and whether it is a sandbox."""
    del language
    async with open_database() as database:
        for found in await list_tenants(database):
            _tell_tenant(found, as_json)


@tenant.command("origin")
@click.argument("slug")
@click.argument("origin", required=False)
@click.option("--none", "shared", is_flag=True, help="Serve it under the service's own address again.")
@LANGUAGE
@running
async def give_origin(slug: str, origin: str | None, shared: bool, language: str) -> None:
    """Serves the tenant SLUG under an ORIGIN of its own (https://12345.example.gov.cn), as the database's owner.

    Its issuer, its addresses and its links change with it: every token that was given ends, and clients have to be told.
    """
    del language
    if (origin is None) is not shared:
        raise click.UsageError("say an ORIGIN, or --none")
    async with open_database(owner=True) as owner:
        changed = await set_origin(owner, slug, origin, read_settings().public_url)
    click.echo(f"{slug} is served at {changed.origin or read_settings().public_url}")


def _tell_tenant(found: Tenant, as_json: bool) -> None:
    if as_json:
        told = {"slug": found.slug, "jurisdiction": found.jurisdiction, "name": found.name, "sandbox": found.sandbox}
        click.echo(msgspec.json.encode(told))
        return
    kind = "sandbox" if found.sandbox else ""
    click.echo(f"{found.slug:<24} {found.jurisdiction:<16} {found.name.zh} / {found.name.en}  {kind}".rstrip())


@click.group()
def unit() -> None:
    """Import units."""


@unit.command("import")
@click.argument("slug", metavar="TENANT")
@click.argument("data", metavar="FILE", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Report what would be done, and do nothing.")
@AS_JSON
@LANGUAGE
@running
async def import_(slug: str, data: BinaryIO, dry_run: bool, as_json: bool, language: str) -> None:
    """Imports units of TENANT from a CSV or NDJSON FILE in UTF-8 or GB18030: all rows, or none where one has a fault.

    Columns: code, name, parent, superior, ranking_group, member, offices (with ; between them), valid_from; and if wanted
    basis, dissolved, merged_into. Other units are named by their codes, in any order. Exits with 1 where a row has a fault.
    """
    rows = read_units(data.read())
    async with administering(slug) as admin:
        plan = await import_units(admin, rows, dry_run=dry_run)
    _tell_import(plan.rows, written=plan.sound and not dry_run, as_json=as_json, language=language)


@click.group()
def category() -> None:
    """Import categories."""


@category.command("import")
@click.argument("slug", metavar="TENANT")
@click.argument("data", metavar="FILE", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Report what would be done, and do nothing.")
@AS_JSON
@LANGUAGE
@running
async def import_tree(slug: str, data: BinaryIO, dry_run: bool, as_json: bool, language: str) -> None:
    """Imports categories of TENANT from a CSV or NDJSON FILE in UTF-8 or GB18030: all rows, or none where one has a fault.

    Columns: code, title_zh, valid_from, basis; and if wanted title_en, parent, kinds (with ; between them), default_unit,
    urgent, handling_limit and urgent_response_limit (such as '5 working_day' or '30 minute') with handling_basis and
    urgent_response_basis, closed, merged_into. Other categories and the unit are named by their codes, in any order. Exits
    with 1 where a row has a fault.
    """
    rows = read_categories(data.read())
    async with administering(slug) as admin:
        plan = await import_categories(admin, rows, dry_run=dry_run)
    _tell_import(plan.rows, written=plan.sound and not dry_run, as_json=as_json, language=language)


def _tell_import(rows: list[RowReport], *, written: bool, as_json: bool, language: str) -> None:
    """A line for each row, then the sum; ends with 1 where a row has a fault."""
    for report in rows:
        click.echo(_row_told(report, as_json, language))
    if not as_json:
        click.echo(_sum_told(rows, written=written))
    if any(report.outcome is Outcome.FAULT for report in rows):
        raise SystemExit(1)


def _row_told(report: RowReport, as_json: bool, language: str) -> str:
    fault = render(report.error.code, report.error.params, language) if report.error else report.fault
    if as_json:
        told = {"line": report.line, "code": report.code, "outcome": report.outcome, "fault": fault}
        return msgspec.json.encode(told).decode()
    return f"{report.line:>6}  {report.code or '–':<24} {report.outcome.value:<10} {fault or ''}".rstrip()


def _sum_told(rows: list[RowReport], *, written: bool) -> str:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.outcome.value] = counts.get(row.outcome.value, 0) + 1
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "no rows"
    return f"{told}; {'written' if written else 'nothing was written'}"
