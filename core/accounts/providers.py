"""The identity providers of a tenant (OpenID Connect): with which the city's staff sign in elsewhere already."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import bindparam, delete, select, update

from core.errors import Conflict, Invalid, NotFound, Stale
from core.ids import new_id
from core.law.instrument import Text
from core.store.session import TenantSession
from core.store.tables import TENANT, account_link, identity_provider
from core.tenants.names import Name, normalise
from core.tenants.redirects import is_loopback
from core.tenants.service.administration import Administration

OPENID = "openid"
_COLUMNS = [column for column in identity_provider.c if column.name != "tenant"]
_ALL = select(*_COLUMNS).where(identity_provider.c.tenant == TENANT).order_by(identity_provider.c.key)
_LIVE = _ALL.where(identity_provider.c.disabled_at.is_(None))
_BY_KEY = _ALL.where(identity_provider.c.key == bindparam("named"))
_CHANGED = (
    "name_zh", "name_en", "issuer", "client_id", "secret_sealed", "scopes", "satisfies_second_factor", "link_by",
    "disabled_at", "version",
)  # fmt: skip
_CHANGE = (
    update(identity_provider)
    .where(
        identity_provider.c.tenant == TENANT,
        identity_provider.c.id == bindparam("of_id"),
        identity_provider.c.version == bindparam("expected"),
    )
    .values({name: bindparam(f"new_{name}", type_=identity_provider.c[name].type) for name in _CHANGED})
)
_UNLINK_ALL = delete(account_link).where(account_link.c.tenant == TENANT, account_link.c.provider_id == bindparam("of_id"))
_VISIBLE = re.compile(r"[\x21-\x7e]{1,500}")
_PLACE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
"""A host and its port, and nothing by which it would say more than that in a page's policy."""

ProviderKey = Annotated[
    str,
    Meta(max_length=40, pattern=r"^[a-z][a-z0-9-]{0,39}$(?!\n)", title="代号", description="Its name in addresses."),
]
_Issuer = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        title="签发者",
        description="Its issuer, as it stands in its tokens; the discovery document lies below it. https, or http on a "
        "loopback address for trials.",
    ),
]
_ClientId = Annotated[str, Meta(pattern=r"^[\x20-\x7e]{1,255}$(?!\n)", title="客户端标识", description="As it knows us.")]
_Secret = Annotated[
    str,
    Meta(
        pattern=r"^[\x20-\x7e]{1,512}$(?!\n)",
        title="客户端密钥",
        description="Kept sealed and never told again. None for a client without one; PKCE is used in any case.",
    ),
]
_Scope = Annotated[str, Meta(pattern=r"^[\x21\x23-\x5b\x5d-\x7e]{1,64}$(?!\n)")]
_Scopes = Annotated[
    tuple[_Scope, ...],
    Meta(min_length=1, max_length=16, title="权限范围", description="What is asked for; with openid among them."),
]
_SecondFactor = Annotated[
    bool,
    Meta(
        title="视为已完成双重验证",
        description="Whether who comes from there is asked for no second factor here. Only where it always asks for one.",
    ),
]
_LinkBy = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z_][A-Za-z0-9_.:/-]{0,63}$(?!\n)",
        title="关联依据",
        description="The claim that equals the login of an account (preferred_username), where accounts are linked without "
        "being asked; the provider must let nobody choose it. Null: each person links the own account while signed in. Of "
        "`email` only verified ones count.",
    ),
]


class NewProvider(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A provider to be registered."""

    key: ProviderKey
    name_zh: Annotated[Name, Meta(title="名称", description="As it stands on the sign-in page.")]
    name_en: Annotated[Name, Meta(title="英文名称")]
    issuer: _Issuer
    client_id: _ClientId
    client_secret: _Secret | None = None
    scopes: _Scopes = (OPENID, "profile")
    satisfies_second_factor: _SecondFactor = False
    link_by: _LinkBy | None = None


class ProviderChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A provider as it is to be; its key stays."""

    name_zh: Annotated[Name, Meta(title="名称")]
    name_en: Annotated[Name, Meta(title="英文名称")]
    issuer: _Issuer
    client_id: _ClientId
    client_secret: Annotated[
        _Secret | None, Meta(description="A new one; null keeps the present one, of a new issuer or client none is kept.")
    ] = None
    scopes: _Scopes = (OPENID, "profile")
    satisfies_second_factor: _SecondFactor = False
    link_by: _LinkBy | None = None
    enabled: Annotated[bool, Meta(title="启用", description="Whether people can sign in by it.")] = True


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as it stands."""

    id: UUID
    key: str
    name: Text
    issuer: str
    client_id: str
    secret_sealed: bytes | None = field(repr=False)
    scopes: tuple[str, ...]
    satisfies_second_factor: bool
    link_by: str | None
    created_at: datetime
    disabled_at: datetime | None
    version: int


async def providers_of(session: TenantSession) -> tuple[Provider, ...]:
    """Those by which people can sign in, by key."""
    return tuple(map(_read, await session.all(_LIVE)))


async def list_providers(session: TenantSession) -> tuple[Provider, ...]:
    """All of the tenant's, disabled ones too, by key."""
    return tuple(map(_read, await session.all(_ALL)))


async def find_provider(session: TenantSession, key: str) -> Provider:
    """The provider of that key; raises :class:`NotFound`."""
    row = await session.one(_BY_KEY, {"named": key})
    if row is None:
        raise NotFound("federation.provider-unknown")
    return _read(row)


async def find_enabled(session: TenantSession, key: str) -> Provider:
    """The provider by which people can sign in; raises :class:`NotFound`, for a disabled one too."""
    found = await find_provider(session, key)
    if found.disabled_at is not None:
        raise NotFound("federation.provider-unknown")
    return found


async def register_provider(admin: Administration, new: NewProvider) -> Provider:
    """A new provider; raises :class:`Conflict` for a key that is taken, and :class:`Invalid`."""
    await admin.begin()
    _check(new)
    if await admin.session.one(_BY_KEY, {"named": new.key}) is not None:
        raise Conflict("federation.key-taken", field="/key")
    row = _row(new) | {
        "id": new_id(),
        "key": new.key,
        "secret_sealed": await seal_secret(admin.session, new.key, new.client_secret),
        "created_at": admin.recorded_at,
        "disabled_at": None,
        "version": 1,
    }
    admin.session.add(identity_provider, row)
    _record(admin, "identity-provider.registered", row)
    return _read(row)


async def change_provider(admin: Administration, key: str, change: ProviderChange, expected: int) -> Provider:
    """The provider as it is from now on; raises :class:`NotFound`, :class:`Stale` and :class:`Invalid`.

    Of another issuer no link stays: its subjects are other people, whatever they are called.
    """
    await admin.begin()
    found = await find_provider(admin.session, key)
    if found.version != expected:
        raise Stale("federation.stale", current=found.version)
    _check(change)
    same = (found.issuer, found.client_id) == (change.issuer, change.client_id)
    kept = found.secret_sealed if same and change.client_secret is None else None
    values = _row(change) | {
        "secret_sealed": kept or await seal_secret(admin.session, key, change.client_secret),
        "disabled_at": None if change.enabled else found.disabled_at or admin.recorded_at,
        "version": expected + 1,
    }
    asked = {f"new_{name}": values[name] for name in _CHANGED} | {"of_id": found.id, "expected": expected}
    if await admin.session.execute(_CHANGE, asked) != 1:
        raise Stale("federation.stale", current=found.version)
    if change.issuer != found.issuer:
        await admin.session.execute(_UNLINK_ALL, {"of_id": found.id})
    row = values | {"id": found.id, "key": key, "created_at": found.created_at}
    _record(admin, "identity-provider.changed", row)
    return _read(row)


async def seal_secret(session: TenantSession, key: str, secret: str | None) -> bytes | None:
    """The secret as it is stored."""
    return (await session.keys()).seal(secret.encode(), _purpose(key)) if secret else None


async def open_secret(session: TenantSession, provider: Provider) -> str | None:
    """The secret with which we show the provider who we are; ``None`` where there is none."""
    if provider.secret_sealed is None:
        return None
    return (await session.keys()).open(bytes(provider.secret_sealed), _purpose(provider.key)).decode()


def _purpose(key: str) -> str:
    return f"identity provider {key}"


def _check(told: NewProvider | ProviderChange) -> None:
    if not is_safe_address(told.issuer) or "?" in told.issuer:
        raise Invalid("federation.issuer-malformed", field="/issuer")
    if OPENID not in told.scopes:
        raise Invalid("federation.openid-missing", field="/scopes")


def is_safe_address(address: str) -> bool:
    """Whether it is https, or http on a loopback address, and nothing in it hides where it leads."""
    if not _VISIBLE.fullmatch(address) or "#" in address:
        return False
    try:
        parts = urlsplit(address)
        named = bool(_PLACE.fullmatch(parts.netloc)) and parts.port != 0
    except ValueError:
        return False
    return named and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname)))


def _row(told: NewProvider | ProviderChange) -> dict[str, Any]:
    return {
        "name_zh": normalise(told.name_zh),
        "name_en": normalise(told.name_en),
        "issuer": told.issuer,
        "client_id": told.client_id,
        "scopes": list(dict.fromkeys(told.scopes)),
        "satisfies_second_factor": told.satisfies_second_factor,
        "link_by": told.link_by,
    }


def _record(admin: Administration, action: str, row: dict[str, Any]) -> None:
    plain = ("key", "issuer", "client_id", "scopes", "satisfies_second_factor", "link_by")
    content = {name: row[name] for name in plain} | {"enabled": row["disabled_at"] is None}
    admin.record(action, f"identity-provider:{row['id']}", content, provider_id=str(row["id"]))


def _read(row: dict[str, Any]) -> Provider:
    told = {name: value for name, value in row.items() if name not in {"name_zh", "name_en", "scopes"}}
    return Provider(**told, name=Text(row["name_zh"], row["name_en"]), scopes=tuple(row["scopes"]))
