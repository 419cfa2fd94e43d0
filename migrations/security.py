"""What every table gets beyond its columns: on PostgreSQL forced row security and grants, on SQLite triggers.

The application role owns nothing and can do only what is granted here, so that append-only tables are append-only on both
engines, whatever the program does.
"""

from __future__ import annotations

from collections.abc import Iterable

from alembic import context, op
from sqlalchemy import bindparam, inspect, text

_BOUND = "NULLIF(current_setting('wenze.tenant', true), '')::integer"
"""After a commit the setting is an empty string and not NULL."""


_GRANTEES = text(
    "SELECT DISTINCT p.grantee FROM information_schema.column_privileges p"
    " JOIN pg_tables t ON t.schemaname = p.table_schema AND t.tablename = p.table_name"
    " WHERE p.table_schema = current_schema() AND p.table_name = :of_table AND p.column_name IN :columns"
    " AND p.privilege_type = 'UPDATE' AND p.grantee <> t.tableowner"
).bindparams(bindparam("columns", expanding=True))
"""Who may change these columns of a table, beside its owner."""


def on_postgresql() -> bool:
    """Whether this run is on PostgreSQL."""
    return op.get_context().dialect.name == "postgresql"


def app_role() -> str:
    """The role of the service: ``-x app_role=…``, or what :mod:`core.store.migrating` was told."""
    given = context.config.attributes.get("app_role")
    name = str(given or context.get_x_argument(as_dictionary=True).get("app_role") or "wenze_app")
    if not (name.isascii() and name.isidentifier() and name == name.lower()):
        raise ValueError(f"{name!r} is not a role's name of lower-case letters, digits and underscores")
    return name


def ensure_app_role() -> None:
    """Creates the role where it is missing; a role is of the whole server, so that another run can be first."""
    role = app_role()
    if not on_postgresql():
        return
    op.execute(f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                CREATE ROLE {role} NOLOGIN;
            END IF;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege THEN
                RAISE EXCEPTION 'the role {role} is missing and may not be created here'
                USING HINT = 'As a superuser: CREATE ROLE {role} NOLOGIN';
        END $$
    """)
    op.execute(f"DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO {role}', current_schema()); END $$")
    op.execute(f"GRANT SELECT ON alembic_version TO {role}")


def protect(table: str, *, update: Iterable[str] | bool = False, delete: bool = False) -> None:
    """Guards a tenant table: rows of one tenant only; the service reads and inserts, and updates or deletes where it says.

    ``update`` is True, or the only columns that may change.
    """
    columns = list(update) if not isinstance(update, bool) else None
    if not on_postgresql():
        _forbid_on_sqlite(table, update=update is True, free=columns or [], delete=delete)
        return
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} USING (tenant = {_BOUND}) WITH CHECK (tenant = {_BOUND})")
    grants = ["SELECT", "INSERT"] + ["DELETE"] * delete
    if columns:
        grants.append(f"UPDATE ({', '.join(columns)})")
    elif update:
        grants.append("UPDATE")
    op.execute(f"GRANT {', '.join(grants)} ON {table} TO {app_role()}")


def allow_updates(table: str, columns: Iterable[str], *, before: Iterable[str]) -> None:
    """Lets a step change more columns of a guarded table than ``before``, the ones that it could change so far."""
    added = list(columns)
    if on_postgresql():
        op.execute(f"GRANT UPDATE ({', '.join(added)}) ON {table} TO {app_role()}")
    else:
        _free_on_sqlite(table, [*before, *added])


def forbid_updates(table: str, *, left: Iterable[str]) -> None:
    """Takes back :func:`allow_updates` once the columns that it allowed were dropped, and the grants on them with them."""
    if not on_postgresql():
        _free_on_sqlite(table, list(left))


def take_back_updates(table: str, columns: Iterable[str], *, left: Iterable[str]) -> None:
    """Takes back :func:`allow_updates` of columns that stay in the table, whatever the role was called that was allowed."""
    if on_postgresql():
        named = list(columns)
        for grantee in op.get_bind().scalars(_GRANTEES, {"of_table": table, "columns": named}).all():
            op.execute(f'REVOKE UPDATE ({", ".join(named)}) ON {table} FROM "{grantee}"')
    forbid_updates(table, left=left)


def protect_directory(table: str, update: Iterable[str]) -> None:
    """Guards the directory: everybody may look up a slug, each changes only its own row, and only the owner adds one."""
    if not on_postgresql():
        return
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY look_up ON {table} FOR SELECT USING (true)")
    op.execute(f"CREATE POLICY own_row ON {table} USING (id = {_BOUND}) WITH CHECK (id = {_BOUND})")
    op.execute(f"GRANT SELECT, UPDATE ({', '.join(update)}) ON {table} TO {app_role()}")


def protect_timers(table: str, update: Iterable[str]) -> None:
    """Guards what workers take from: a session that is bound to a tenant has only that tenant's rows, one that is bound to
    none has all."""
    if not on_postgresql():
        return
    reach = f"({_BOUND} IS NULL OR tenant = {_BOUND})"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY reach ON {table} USING {reach} WITH CHECK {reach}")
    op.execute(f"GRANT SELECT, INSERT, DELETE, UPDATE ({', '.join(update)}) ON {table} TO {app_role()}")


def _forbid_on_sqlite(table: str, *, update: bool, free: list[str], delete: bool) -> None:
    if not update:
        names = _columns_of(table)
        columns = "OF " + ", ".join(f'"{name}"' for name in names if name not in free) + " " if free else ""
        _trigger(table, "update", f"UPDATE {columns}")
    if not delete:
        _trigger(table, "delete", "DELETE ")


def _free_on_sqlite(table: str, free: list[str]) -> None:
    op.execute(f"DROP TRIGGER {table}_no_update")
    _forbid_on_sqlite(table, update=False, free=free, delete=True)


def _trigger(table: str, name: str, event: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{name} BEFORE {event}ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} does not allow this {name}'); END"
    )


def _columns_of(table: str) -> list[str]:
    return [str(column["name"]) for column in inspect(op.get_bind()).get_columns(table)]
