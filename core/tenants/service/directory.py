"""Creates tenants, through the database's owner: the role that the service runs as may not."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select, update

from core.errors import Conflict, Invalid, Refused
from core.jurisdictions import Jurisdictions
from core.law.instrument import Text
from core.store.actor import OPERATOR
from core.store.database import Database
from core.store.tables import TENANT, signing_key
from core.store.tables import tenant as directory
from core.store.violations import Taken
from core.tenants.loading import tenant_of
from core.tenants.names import normalise
from core.tenants.redirects import check_origin, origin_of
from core.tenants.service.administration import Administration
from core.tenants.service.calendars import CalendarStatement, make_version, write_version
from core.tenants.signing import ALGORITHM, KeyState, make_signing_key, signing_purpose
from core.tenants.snapshot import Snapshots
from core.tenants.tenant import Tenant, check_slug

_ALL = select(directory).order_by(directory.c.slug)
_ANY_KEY = select(signing_key.c.kid).where(signing_key.c.tenant == TENANT).limit(1)
_SET_ORIGIN = update(directory).where(directory.c.id == TENANT).values(origin=bindparam("new_origin"))
_FIRST_BASIS = "国务院办公厅历年节假日安排通知"


@dataclass(frozen=True, slots=True)
class NewTenant:
    """A tenant to be: under which city's rules it works, and under which tenant it stands."""

    slug: str
    jurisdiction: str
    name: Text
    sandbox: bool = False
    parent: str | None = None


async def create_tenant(owner: Database, jurisdictions: Jurisdictions, new: NewTenant) -> Tenant:
    """A tenant with its keys and the first version of its calendar.

    Raises :class:`Conflict` where the slug is taken, :class:`NotFound` for a city that is not installed, :class:`Invalid`
    for a slug that no address can hold and :class:`Refused` for an unknown parent. Where an earlier attempt for the same
    slug and city broke off half-way, this one completes it.
    """
    check_slug(new.slug)
    jurisdiction = jurisdictions.get(new.jurisdiction)
    parent_id = await _parent_id(owner, new.parent)
    try:
        number = await owner.add_tenant(
            slug=new.slug,
            jurisdiction=jurisdiction.manifest.id,
            name_zh=normalise(new.name.zh),
            name_en=normalise(new.name.en),
            sandbox=new.sandbox,
            parent_id=parent_id,
        )
    except Taken as taken:
        number = await _broken_off(owner, new, taken)
    await _complete(owner, jurisdictions, number, new)
    return await find_tenant(owner, new.slug)


async def find_tenant(database: Database, slug: str) -> Tenant:
    """The tenant of that slug; raises :class:`Refused` where there is none."""
    row = await database.find_tenant(slug)
    if row is None:
        raise Refused("tenants.slug-unknown", slug=slug)
    return tenant_of(row)


async def set_origin(owner: Database, slug: str, origin: str | None, shared: str) -> Tenant:
    """The tenant, from now on served under an origin of its own, or, where that is ``None``, under the ``shared`` address.

    Issuer and audience follow, so that every token given before ends. Raises :class:`core.errors.Invalid` for what is no
    origin or is the shared one, :class:`Conflict` for another tenant's, and :class:`Refused` for an unknown tenant.
    """
    found = await find_tenant(owner, slug)
    if origin is not None and check_origin(origin, "/origin") == origin_of(shared):
        raise Invalid("tenants.origin-shared", field="/origin")
    try:
        async with owner.tenant(found.id, actor=OPERATOR) as session:
            admin = Administration(session, Snapshots(Jurisdictions.discover()))
            await session.bump_revision()
            await session.execute(_SET_ORIGIN, {"new_origin": origin})
            admin.record("tenant.origin-set", f"tenant:{slug}", {"slug": slug, "origin": origin}, slug=slug)
    except Taken as taken:
        if taken.constraint != "uq_tenant_origin":
            raise
        raise Conflict("tenants.origin-taken", field="/origin") from taken
    return await find_tenant(owner, slug)


async def list_tenants(database: Database) -> list[Tenant]:
    """Every tenant, by slug."""
    return [tenant_of(row) for row in await database.look_up(_ALL)]


async def _parent_id(owner: Database, slug: str | None) -> int | None:
    return None if slug is None else (await find_tenant(owner, slug)).id


async def _broken_off(owner: Database, new: NewTenant, taken: Taken) -> int:
    held = await find_tenant(owner, new.slug)
    async with owner.reading(held.id) as session:
        complete = await session.one(_ANY_KEY) is not None
    if complete or (held.jurisdiction, held.sandbox) != (new.jurisdiction, new.sandbox):
        raise Conflict("tenants.slug-taken", field="/slug", slug=new.slug) from taken
    return held.id


async def _complete(owner: Database, jurisdictions: Jurisdictions, number: int, new: NewTenant) -> None:
    async with owner.tenant(number, actor=OPERATOR) as session:
        admin = Administration(session, Snapshots(jurisdictions))
        snapshot = await admin.begin()
        if snapshot.signing_keys:
            raise Conflict("tenants.slug-taken", field="/slug", slug=new.slug)
        content = {"slug": new.slug, "jurisdiction": new.jurisdiction, "sandbox": new.sandbox, "parent": new.parent}
        admin.record("tenant.created", f"tenant:{new.slug}", content, slug=new.slug)
        await add_signing_key(admin)
        zone = snapshot.jurisdiction.manifest.zone
        write_version(admin, make_version(CalendarStatement(basis=_FIRST_BASIS), 1, admin.now(snapshot), zone))


async def add_signing_key(admin: Administration) -> str:
    """A new active key for the tenant's tokens, its private half sealed with the tenant's key; answers its id."""
    key, keys = make_signing_key(), await admin.session.keys()
    row = {
        "kid": key.kid,
        "alg": ALGORITHM,
        "public_jwk": dict(key.public_jwk),
        "private_sealed": keys.seal(key.private_pem, signing_purpose(key.kid)),
        "state": KeyState.ACTIVE.value,
        "created_at": admin.recorded_at,
        "retires_at": None,
    }
    admin.session.add(signing_key, row)
    admin.record("key.added", f"key:{key.kid}", {"kid": key.kid, "alg": ALGORITHM}, kid=key.kid)
    return key.kid
