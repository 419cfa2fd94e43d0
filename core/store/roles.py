"""What must hold of the role that the service runs as, and of the database it finds."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from core.logs import logger
from core.store.tables.schema import metadata

_ROLE = text("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
_OWNED = text(
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND pg_has_role(current_user, c.relowner, 'USAGE')"
    " ORDER BY c.relname LIMIT 1"
)
_OPEN = text(
    "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = current_schema() AND c.relname = ANY(:names)"
    " AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY c.relname LIMIT 1"
)


_VERSION = text("SELECT current_setting('server_version_num')::integer")
FIXED_IN = {15: 20, 16: 16, 17: 12, 18: 7}
"""The minor releases from which row security has no known hole (fixes of 2026)."""
_log = logger(__name__)


class UnsafeRole(RuntimeError):
    """The service would run as a role that row security does not bind, or on tables without it."""


def check_role(connection: Connection) -> None:
    """Raises :class:`UnsafeRole` for a superuser, BYPASSRLS, an owner of a table, or a table without forced row security."""
    version = connection.execute(_VERSION).scalar_one()
    if is_outdated(version):
        _log.warning("store.postgresql-outdated", version=version, wanted=FIXED_IN)
    role = connection.execute(_ROLE).one()
    if role.rolsuper or role.rolbypassrls:
        raise UnsafeRole(f"{role.rolname} is a superuser or has BYPASSRLS: row security would not bind it")
    owned = connection.execute(_OWNED).scalar()
    if owned is not None:
        raise UnsafeRole(f"{role.rolname} owns {owned}: the service's role owns nothing (WENZE_DATABASE_URL)")
    unprotected = connection.execute(_OPEN, {"names": list(metadata.tables)}).scalar()
    if unprotected is not None:
        raise UnsafeRole(f"{unprotected} has no forced row security: run wenze db upgrade")


def is_outdated(version: int) -> bool:
    """Whether a server (``150020`` is 15.20) lacks fixes of row security."""
    major, minor = divmod(version, 10_000)
    return minor < FIXED_IN[major] if major in FIXED_IN else major < min(FIXED_IN)


def schema_revision(connection: Connection) -> str | None:
    """The migration that the database is at, or None before the first."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision
