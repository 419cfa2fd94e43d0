"""The channels of a tenant: each a plugin with the tenant's own settings, whose secrets are sealed and never told again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sqlalchemy import bindparam, select, update

from core.errors import Conflict, Invalid, NotFound, Refused, Stale
from core.ids import new_id, new_secret, secret_hash
from core.messages.channel import Channel
from core.messages.channels import find_channel, find_channels
from core.store.session import TenantSession
from core.store.tables.messages import message_channel
from core.store.tables.schema import TENANT
from core.tenants.names import Name, normalise
from core.tenants.service.administration import Administration

MOST_CHANNELS = 100
"""Of one tenant, disabled ones too."""
ChannelKey = Annotated[
    str,
    Meta(max_length=40, pattern=r"^[a-z][a-z0-9-]{0,39}$(?!\n)", title="代号", description="Its name in addresses."),
]
_ChannelKind = Annotated[
    str, Meta(max_length=64, title="渠道类型", description="smtp, sms-http, webhook or an installed one; can grow.")
]
_Settings = Annotated[
    dict[str, Any],
    Meta(
        title="渠道设置",
        description="By the schema that GET /message-channel-kinds tells for the kind. Secrets among them are kept sealed.",
    ),
]
_C = message_channel.c
_COLUMNS = [column for column in _C if column.name != "tenant"]
_ALL = select(*_COLUMNS).where(_C.tenant == TENANT).order_by(_C.key)
_BY_KEY = _ALL.where(_C.key == bindparam("named"))
_BY_REPORT = _ALL.where(_C.report_hash == bindparam("of_hash"))
_CHANGED = ("title", "settings", "secrets_sealed", "report_hash", "disabled_at", "version")
_CHANGE = (
    update(message_channel)
    .where(_C.tenant == TENANT, _C.id == bindparam("of_id"), _C.version == bindparam("expected"))
    .values({name: bindparam(f"new_{name}", type_=_C[name].type) for name in _CHANGED})
)


class NewChannel(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A channel to be set up."""

    key: ChannelKey
    kind: _ChannelKind
    title: Annotated[Name, Meta(title="名称")]
    settings: _Settings


class ChannelChange(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A channel as it is to be; its key and kind stay."""

    title: Annotated[Name, Meta(title="名称")]
    settings: Annotated[
        _Settings,
        Meta(description="Whole. A secret that is left out stays as it is, unless messages would go elsewhere then."),
    ]
    enabled: Annotated[bool, Meta(title="启用", description="What waits for a disabled channel is dropped.")] = True


@dataclass(frozen=True, slots=True)
class TenantChannel:
    """A channel as it stands."""

    id: UUID
    key: str
    kind: str
    title: str
    settings: Mapping[str, Any]
    secrets_sealed: bytes | None = field(repr=False)
    report_hash: bytes | None = field(repr=False)
    created_at: datetime
    disabled_at: datetime | None
    version: int

    @property
    def plugin(self) -> Channel | None:
        """What sends; ``None`` where its package is not installed any more."""
        return find_channels().get(self.kind)


async def list_tenant_channels(session: TenantSession) -> tuple[TenantChannel, ...]:
    """All of the tenant's, disabled ones too, by key."""
    return tuple(TenantChannel(**row) for row in await session.all(_ALL))


async def find_tenant_channel(session: TenantSession, key: str) -> TenantChannel:
    """The channel of that key; raises :class:`NotFound`."""
    row = await session.one(_BY_KEY, {"named": key})
    if row is None:
        raise NotFound("messages.channel-unknown")
    return TenantChannel(**row)


async def find_by_report_secret(session: TenantSession, secret: str) -> TenantChannel:
    """The channel whose gateway reports with that secret; raises :class:`NotFound`."""
    row = await session.one(_BY_REPORT, {"of_hash": secret_hash(secret)})
    if row is None:
        raise NotFound("messages.report-unknown")
    return TenantChannel(**row)


async def register_channel(admin: Administration, new: NewChannel) -> TenantChannel:
    """A new channel; raises :class:`Conflict` for a key that is taken and where there are as many as there may be,
    :class:`Refused` and :class:`Invalid`."""
    await admin.begin()
    plugin = find_channel(new.kind)
    whole = read_settings(plugin, new.settings)
    if await admin.session.one(_BY_KEY, {"named": new.key}) is not None:
        raise Conflict("messages.channel-taken", field="/key")
    if len(await list_tenant_channels(admin.session)) >= MOST_CHANNELS:
        raise Conflict("messages.too-many-channels", most=MOST_CHANNELS)
    public, secrets = _part(plugin, whole)
    made = TenantChannel(
        id=new_id(),
        key=new.key,
        kind=new.kind,
        title=normalise(new.title),
        settings=public,
        secrets_sealed=await _seal(admin.session, new.key, secrets),
        report_hash=None,
        created_at=admin.recorded_at,
        disabled_at=None,
        version=1,
    )
    admin.session.add(message_channel, {name: getattr(made, name) for name in TenantChannel.__slots__})
    _record(admin, "message-channel.registered", made)
    return made


async def change_channel(admin: Administration, key: str, change: ChannelChange, expected: int) -> TenantChannel:
    """The channel as it is from now on; raises :class:`NotFound`, :class:`Stale`, :class:`Refused` and :class:`Invalid`."""
    await admin.begin()
    found = await find_tenant_channel(admin.session, key)
    plugin = find_channel(found.kind)
    kept = await _kept_secrets(admin.session, plugin, found, change.settings)
    public, secrets = _part(plugin, read_settings(plugin, kept | dict(change.settings)))
    values = {
        "title": normalise(change.title),
        "settings": public,
        "secrets_sealed": await _seal(admin.session, key, secrets),
        "disabled_at": None if change.enabled else found.disabled_at or admin.recorded_at,
    }
    after = await _store(admin, found, values, expected)
    _record(admin, "message-channel.changed", after)
    return after


async def make_report_address(admin: Administration, key: str, expected: int) -> tuple[TenantChannel, str]:
    """A new secret for the address at which the gateway reports; the earlier one opens nothing any more.

    Raises :class:`NotFound`, :class:`Stale` and, where the settings do not say how it reports, :class:`Refused`.
    """
    await admin.begin()
    found = await find_tenant_channel(admin.session, key)
    if not found.settings.get("reports"):
        raise Refused("messages.no-reports")
    secret = new_secret()
    after = await _store(admin, found, {"report_hash": secret_hash(secret)}, expected)
    _record(admin, "message-channel.report-address-made", after)
    return after, secret


async def open_settings(session: TenantSession, plugin: Channel, found: TenantChannel) -> Any:
    """The settings with their secrets, as the plugin reads them; raises :class:`Invalid` where it reads others now."""
    return read_settings(plugin, dict(found.settings) | await _open(session, found))


def read_settings(plugin: Channel, told: Mapping[str, Any]) -> Any:
    """Settings by the plugin's type and checks; raises :class:`Invalid`."""
    try:
        whole = msgspec.convert(dict(told), plugin.settings)
    except msgspec.ValidationError as error:
        raise Invalid("messages.settings-malformed", field="/settings", found=str(error)) from error
    plugin.check(whole)
    return whole


def _part(plugin: Channel, whole: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """What can be told, and what cannot."""
    plain: dict[str, Any] = msgspec.to_builtins(whole)
    secrets = {name: plain.pop(name) for name in sorted(plugin.secrets)}
    return plain, {name: value for name, value in secrets.items() if value is not None}


async def _kept_secrets(
    session: TenantSession, plugin: Channel, found: TenantChannel, told: Mapping[str, Any]
) -> dict[str, Any]:
    """Those that stay where they are left out; a secret goes to no other place than it was told for."""
    same = all(told.get(name) == found.settings.get(name) for name in plugin.place)
    return await _open(session, found) if same else {}


async def _seal(session: TenantSession, key: str, secrets: Mapping[str, str]) -> bytes | None:
    return (await session.keys()).seal(msgspec.json.encode(secrets), _purpose(key)) if secrets else None


async def _open(session: TenantSession, found: TenantChannel) -> dict[str, Any]:
    if found.secrets_sealed is None:
        return {}
    plain = (await session.keys()).open(bytes(found.secrets_sealed), _purpose(found.key))
    return msgspec.json.decode(plain, type=dict[str, Any])


def _purpose(key: str) -> str:
    return f"message channel {key}"


async def _store(admin: Administration, found: TenantChannel, values: Mapping[str, Any], expected: int) -> TenantChannel:
    kept = {name: getattr(found, name) for name in TenantChannel.__slots__}
    after = TenantChannel(**kept | dict(values) | {"version": found.version + 1})
    asked = {f"new_{name}": getattr(after, name) for name in _CHANGED} | {"of_id": found.id, "expected": expected}
    if expected != found.version or await admin.session.execute(_CHANGE, asked) != 1:
        raise Stale("messages.channel-stale", current=found.version)
    return after


def _record(admin: Administration, action: str, found: TenantChannel) -> None:
    content = {name: getattr(found, name) for name in ("key", "kind", "title", "version")}
    content |= {"settings": _on_record(found.settings), "enabled": found.disabled_at is None}
    admin.record(action, f"message-channel:{found.id}", content, channel_id=str(found.id))


def _on_record(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What the trail is told: of an address the host, of fields and headers the names, as the rest can hold a key."""

    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return sorted(value)
        return urlsplit(value).netloc if isinstance(value, str) and "://" in value else value

    return {name: plain(value) for name, value in settings.items()}
