"""``wenze keys``: the keys with which a tenant signs its tokens."""

from __future__ import annotations

from datetime import timedelta

import click
import msgspec

from api.cli.administering import AS_JSON, LANGUAGE, administering, running
from core.tenants.service.keys import USUAL_OVERLAP, Rotation, retire_keys, rotate_keys
from core.tenants.signing import SigningKey


@click.group()
def keys() -> None:
    """List and rotate the keys with which tokens are signed."""


@keys.command("list")
@click.argument("slug", metavar="TENANT")
@AS_JSON
@LANGUAGE
@running
async def list_(slug: str, as_json: bool, language: str) -> None:
    """Lists the keys of TENANT, oldest first: id, state, and when a retiring one may be retired."""
    del language
    async with administering(slug) as admin:
        held = (await admin.snapshots.of(admin.session)).signing_keys
    for key in held:
        _tell_key(key, as_json)


@keys.command("rotate")
@click.argument("slug", metavar="TENANT")
@click.option(
    "--overlap", type=int, default=USUAL_OVERLAP, show_default=True, metavar="SECONDS",
    help="For how long the old key still verifies.",
)  # fmt: skip
@click.option("--now", "at_once", is_flag=True, help="Retire the old key at once, with every token that it has signed.")
@AS_JSON
@LANGUAGE
@running
async def rotate(slug: str, overlap: int, at_once: bool, as_json: bool, language: str) -> None:
    """Makes a new key for TENANT, which signs from now on. Running processes take it with their next request.

    The old key stays in the key set for the overlap, so that no token ends early; it is retired by the first rotation, or
    wenze keys retire, after that. With --now, for a key that has leaked, every token of the tenant ends at once.
    """
    del language
    async with administering(slug) as admin:
        done = await rotate_keys(admin, None if at_once else timedelta(seconds=overlap))
    _tell_rotation(done, as_json)


@keys.command("retire")
@click.argument("slug", metavar="TENANT")
@LANGUAGE
@running
async def retire(slug: str, language: str) -> None:
    """Retires the keys of TENANT whose overlap is over."""
    del language
    async with administering(slug) as admin:
        retired = await retire_keys(admin)
    for kid in retired:
        click.echo(f"retired   {kid}")


def _tell_key(key: SigningKey, as_json: bool) -> None:
    if as_json:
        told = {"kid": key.kid, "state": key.state, "created_at": key.created_at, "retires_at": key.retires_at}
        click.echo(msgspec.json.encode(told))
        return
    until = f"  {key.retires_at:%Y-%m-%d %H:%M:%S}Z" if key.retires_at else ""
    click.echo(f"{key.kid}  {key.state.value:<9}{until}".rstrip())


def _tell_rotation(done: Rotation, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.encode(done))
        return
    click.echo(f"active    {done.active}")
    for kid in done.retiring:
        click.echo(f"retiring  {kid}")
    for kid in done.retired:
        click.echo(f"retired   {kid}")
