"""What the commands of a tenant share: their options, how they run, and the operator's place in a tenant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, ParamSpec

import click

from api.cli.db import read_settings
from core.errors import WenzeError
from core.jurisdictions import Jurisdictions
from core.store.actor import OPERATOR
from core.store.database import Database
from core.store.envelope import WRONG_KEY, CannotOpen
from core.tenants.commands import GrantableRole
from core.tenants.service.administration import Administration
from core.tenants.service.directory import find_tenant
from core.tenants.snapshot import Snapshots
from core.texts import render

P = ParamSpec("P")
ROLES = tuple(role.value for role in GrantableRole)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs in place of text.")
LANGUAGE = click.option(
    "--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of what is refused."
)


def names(
    known: tuple[str, ...], *, optional: bool = False
) -> Callable[[click.Context, click.Parameter, str | None], tuple[str, ...]]:
    """Reads names with commas between them, each of a known set; none only where that is allowed."""

    def read(_context: click.Context, _parameter: click.Parameter, text: str | None) -> tuple[str, ...]:
        if text is None and optional:
            return ()
        names = tuple(dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip()))
        unknown = [name for name in names if name not in known]
        if unknown or not names:
            raise click.BadParameter(f"{', '.join(unknown) or 'nothing'} is not known; choose from {', '.join(known)}")
        return names

    return read


def running(command: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Runs the command; a refusal ends it with its text in place of a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            asyncio.run(command(*args, **kwargs))
        except WenzeError as error:
            raise click.ClickException(render(error.code, error.params, str(kwargs["language"]))) from error
        except CannotOpen as error:
            raise click.ClickException(f"{WRONG_KEY}: {error}") from error

    return run


@asynccontextmanager
async def open_database(*, owner: bool = False) -> AsyncIterator[Database]:
    """The database of the environment, as the service's role or as its owner; closed with the block."""
    database = Database.of(read_settings(), owner=owner)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def administering(slug: str) -> AsyncIterator[Administration]:
    """A transaction of the tenant in the operator's name; raises what :func:`find_tenant` raises."""
    async with open_database() as database:
        found = await find_tenant(database, slug)
        async with database.tenant(found.id, actor=OPERATOR) as session:
            yield Administration(session, Snapshots(Jurisdictions.discover()))
