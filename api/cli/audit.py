"""``wenze audit``: exports a tenant's trail, seals it, and verifies an export against seals without a database."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from api.cli.db import read_settings, run_on_database
from core.store.audit.export import export_trail, seal_trail
from core.store.audit.keys import UnusableKey, new_key, read_private, read_public
from core.store.audit.verify import Finding, Unreadable, Verdict, read_seal, verify_export
from core.store.database import Database
from core.store.session import TenantSession
from core.texts import render

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, path_type=Path)
Lines = Callable[[TenantSession, str], AsyncIterator[bytes]]


@click.group()
def audit() -> None:
    """Export, seal and verify the audit trail.

    Keep the private key and the seals away from the database: who can write both can rewrite history.
    """


@audit.command()
@click.option("--out", type=_NEW, required=True, help="Where the private key goes (mode 600).")
@click.option("--public", type=_NEW, help="Where the public key goes; by default OUT.pub.")
def keygen(out: Path, public: Path | None) -> None:
    """Makes an Ed25519 key: the private half seals, the public half verifies."""
    private_pem, public_pem = new_key()
    other = public or out.with_name(f"{out.name}.pub")
    with _writing(out, mode=0o600) as write:
        write(private_pem)
    with _writing(other, mode=0o644) as write:
        write(public_pem)
    click.echo(f"{out} seals; {other} verifies")


@audit.command()
@click.option("--tenant", "slug", required=True, help="The tenant's slug.")
@click.option("--out", type=_NEW, required=True, help="The file to write; it must not exist.")
def export(slug: str, out: Path) -> None:
    """Writes every audit row and its content as NDJSON. The file holds what the contents hold: keep it as safe as them."""
    click.echo(f"{run_on_database(_write(slug, out, export_trail)) - 2} rows in {out}")


@audit.command()
@click.option("--tenant", "slug", required=True, help="The tenant's slug.")
@click.option("--key", type=_FILE, required=True, help="The private key, PEM: Ed25519 or EC P-256.")
@click.option("--out", type=_NEW, required=True, help="The file to write; it must not exist.")
def seal(slug: str, key: Path, out: Path) -> None:
    """Signs the end of every stream as it is now. The seal holds no content."""
    try:
        private = read_private(key.read_bytes())
    except UnusableKey as error:
        raise click.ClickException(f"{key}: {error}") from error
    streams = run_on_database(_write(slug, out, lambda session, name: seal_trail(session, name, private))) - 2
    click.echo(f"{streams} streams sealed in {out}")


@audit.command()
@click.argument("export_file", metavar="EXPORT", type=click.Path(path_type=Path))
@click.option("--public-key", type=click.Path(path_type=Path), required=True, help="The public key, PEM.")
@click.option("--seal", "seals", type=click.Path(path_type=Path), multiple=True, required=True, help="A seal; repeatable.")
@click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the findings."
)
def verify(export_file: Path, public_key: Path, seals: tuple[Path, ...], language: str) -> None:
    """Checks an export against seals, with no database.

    Finds a row that was changed, removed, reordered or cut off, a changed content, and a chain computed anew since a seal
    was made; says which. Exits with 0 when all is as it was written, 1 when something is not, 2 when a file cannot be read.
    """
    try:
        verdict = _check(export_file, public_key, seals)
    except (OSError, UnusableKey, Unreadable) as error:
        click.echo(str(error), err=True)
        raise SystemExit(2) from error
    for finding in verdict.findings:
        click.echo(_told(finding, language))
    click.echo(
        f"{verdict.rows} rows in {verdict.streams} streams, {verdict.erased} contents erased,"
        f" {verdict.sealed} seals, {len(verdict.findings)} findings"
    )
    raise SystemExit(1 if verdict.findings else 0)


def _check(export_file: Path, public_key: Path, seals: tuple[Path, ...]) -> Verdict:
    key = read_public(public_key.read_bytes())
    read = [read_seal(str(file), _lines(file), key) for file in seals]
    return verify_export(str(export_file), _lines(export_file), read)


def _lines(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        yield from opened


def _told(finding: Finding, language: str) -> str:
    params: dict[str, str | int] = {"stream": finding.stream, "seq": finding.seq, "detail": finding.detail}
    return render(finding.code, params, language)


async def _write(slug: str, out: Path, lines: Lines) -> int:
    """Writes the lines that a session of the tenant yields; answers how many."""
    database = Database.of(read_settings())
    try:
        tenant = await database.find_tenant(slug)
        if tenant is None:
            raise click.ClickException(f"there is no tenant {slug!r}")
        count = 0
        with _writing(out, mode=0o600) as write:
            async with database.reading(tenant["id"]) as session:
                async for line in lines(session, slug):
                    write(line)
                    count += 1
        return count
    finally:
        await database.close()


@contextmanager
def _writing(file: Path, mode: int) -> Iterator[Callable[[bytes], int]]:
    """A new file; one that exists is never overwritten, and one that was not finished is removed."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as opened:
            yield opened.write
    except BaseException:
        file.unlink(missing_ok=True)
        raise
