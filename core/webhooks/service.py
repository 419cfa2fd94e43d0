"""Registers, changes, disables and deletes webhooks; a secret is told once and kept sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import bindparam, select, update

from core.errors import Conflict, NotFound, Stale
from core.ids import new_id
from core.store.session import TenantSession
from core.store.tables.schema import TENANT
from core.store.tables.webhooks import webhook, webhook_delivery
from core.tenants.names import normalise
from core.tenants.service.administration import Administration
from core.timers.arming import rearm
from core.timers.timer import TimerKind
from core.webhooks.delivery import DeliveryState
from core.webhooks.signing import new_webhook_secret, purpose_of
from core.webhooks.webhook import (
    MOST_WEBHOOKS,
    DisabledFor,
    SecretRotation,
    Webhook,
    WebhookStatement,
    check_statement,
    plain_types,
)

WEBHOOK_COLUMNS = [column for column in webhook.c if column.name != "tenant"]
_ALL = select(*WEBHOOK_COLUMNS).where(webhook.c.tenant == TENANT, webhook.c.deleted_at.is_(None)).order_by(webhook.c.id)
_BY_ID = _ALL.where(webhook.c.id == bindparam("of_id"))
_CHANGED = (
    "url", "types", "description", "secret_sealed", "former_sealed", "former_until", "disabled_at", "disabled_for",
    "deleted_at", "version",
)  # fmt: skip
_CHANGE = (
    update(webhook)
    .where(webhook.c.tenant == TENANT, webhook.c.id == bindparam("of_id"), webhook.c.version == bindparam("expected"))
    .values({name: bindparam(f"new_{name}", type_=webhook.c[name].type) for name in _CHANGED})
)
_FORGET_FAILURES = (
    update(webhook).where(webhook.c.tenant == TENANT, webhook.c.id == bindparam("of_id")).values(failing_since=None)
)
_MOVE = (
    update(webhook_delivery)
    .where(
        webhook_delivery.c.tenant == TENANT,
        webhook_delivery.c.webhook_id == bindparam("of_webhook"),
        webhook_delivery.c.ended_at.is_(None),
        webhook_delivery.c.state == bindparam("from_state"),
    )
    .values(state=bindparam("to_state"), ended_at=bindparam("ended"))
    .returning(webhook_delivery.c.id)
)


async def list_webhooks(session: TenantSession) -> tuple[Webhook, ...]:
    """The tenant's webhooks in the order in which they were registered, disabled ones too."""
    return tuple(map(read_webhook, await session.all(_ALL)))


async def find_webhook(session: TenantSession, webhook_id: UUID) -> Webhook:
    """One of them; raises :class:`NotFound`."""
    row = await session.one(_BY_ID, {"of_id": webhook_id})
    if row is None:
        raise NotFound("webhooks.unknown")
    return read_webhook(row)


async def register_webhook(admin: Administration, said: WebhookStatement) -> tuple[Webhook, str]:
    """A new webhook and its secret, which is told this once.

    Raises :class:`core.errors.Invalid`, and :class:`Conflict` where there are as many as there may be.
    """
    await admin.begin()
    check_statement(said)
    if len(await admin.session.all(_ALL)) >= MOST_WEBHOOKS:
        raise Conflict("webhooks.too-many", most=MOST_WEBHOOKS)
    id_, secret = new_id(), new_webhook_secret()
    row = dict.fromkeys((column.name for column in WEBHOOK_COLUMNS), None) | {
        **_said(said),
        "id": id_,
        "secret_sealed": await _seal(admin.session, id_, secret),
        "created_at": admin.recorded_at,
        "created_by": admin.person_id,
        "version": 1,
    }
    admin.session.add(webhook, row)
    made = read_webhook(row)
    _record(admin, "webhook.registered", made, _told(made))
    return made, secret


async def change_webhook(admin: Administration, webhook_id: UUID, said: WebhookStatement, expected: int) -> Webhook:
    """The webhook with another address, types or description; raises :class:`NotFound`, :class:`Stale` and
    :class:`core.errors.Invalid`."""
    before = await _expect(admin, webhook_id, expected)
    check_statement(said)
    told = _said(said)
    after = replace(before, url=told["url"], types=tuple(told["types"]), description=told["description"])
    return await _write(admin, after, "webhook.changed", _told(after))


async def disable_webhook(admin: Administration, webhook_id: UUID, reason: str, expected: int) -> Webhook:
    """The webhook, to which nothing is sent any more; what waits is held. Raises :class:`Conflict` where it is disabled."""
    before = await _expect(admin, webhook_id, expected)
    if before.disabled_at is not None:
        raise Conflict("webhooks.disabled")
    by = DisabledFor.ADMINISTRATOR
    after = replace(before, disabled_at=admin.recorded_at, disabled_for=by)
    written = await _write(admin, after, "webhook.disabled", {"why": normalise(reason)}, reason=by.value)
    await move_deliveries(admin.session, webhook_id, DeliveryState.PENDING, DeliveryState.HELD)
    return written


async def enable_webhook(admin: Administration, webhook_id: UUID, reason: str, expected: int) -> Webhook:
    """The webhook, with all that was held under way again. Raises :class:`Conflict` where it is enabled.

    What happened while it was disabled is not among that: it is replayed from a position.
    """
    before = await _expect(admin, webhook_id, expected)
    if before.disabled_at is None:
        raise Conflict("webhooks.enabled")
    after = replace(before, disabled_at=None, disabled_for=None, failing_since=None)
    written = await _write(admin, after, "webhook.enabled", {"why": normalise(reason)})
    await admin.session.execute(_FORGET_FAILURES, {"of_id": webhook_id})
    held = await move_deliveries(admin.session, webhook_id, DeliveryState.HELD, DeliveryState.PENDING)
    await rearm(admin.session, TimerKind.DELIVERY, dict.fromkeys(held, admin.recorded_at), None)
    return written


async def delete_webhook(admin: Administration, webhook_id: UUID, expected: int) -> None:
    """Ends a webhook for good: its secrets are gone, and nothing that waits is sent."""
    before = await _expect(admin, webhook_id, expected)
    gone = replace(before, secret_sealed=None, former_sealed=None, former_until=None, deleted_at=admin.recorded_at)
    await _write(admin, gone, "webhook.deleted", {})
    for state in (DeliveryState.PENDING, DeliveryState.HELD):
        await move_deliveries(admin.session, webhook_id, state, DeliveryState.CANCELLED)


async def rotate_webhook_secret(
    admin: Administration, webhook_id: UUID, said: SecretRotation, expected: int
) -> tuple[Webhook, str]:
    """The webhook and its new secret; the one before signs beside it for so many hours, and any older one no more."""
    before, secret = await _expect(admin, webhook_id, expected), new_webhook_secret()
    until = admin.recorded_at + timedelta(hours=said.overlap_hours)
    after = replace(
        before,
        secret_sealed=await _seal(admin.session, webhook_id, secret),
        former_sealed=before.secret_sealed if said.overlap_hours else None,
        former_until=until if said.overlap_hours else None,
    )
    content = {"why": normalise(said.reason), "overlap_hours": said.overlap_hours}
    return await _write(admin, after, "webhook.secret-rotated", content), secret


async def open_secrets(session: TenantSession, found: Webhook, now: datetime) -> tuple[str, ...]:
    """The secrets that sign at a moment, the newest first."""
    keys, purpose = await session.keys(), purpose_of(found.id)
    return tuple(keys.open(bytes(sealed), purpose).decode() for sealed in found.sealed_secrets(now))


async def move_deliveries(session: TenantSession, webhook_id: UUID, of: DeliveryState, to: DeliveryState) -> list[UUID]:
    """Moves all deliveries of a webhook that wait in a state; answers which."""
    ended = session.recorded_at if to is DeliveryState.CANCELLED else None
    asked = {"of_webhook": webhook_id, "from_state": of.value, "to_state": to.value, "ended": ended}
    rows = await session.all(_MOVE, asked)
    return [row["id"] for row in rows]


def read_webhook(row: Mapping[str, Any]) -> Webhook:
    """The webhook that a row holds."""
    said = {"types": tuple(row["types"]), "disabled_for": DisabledFor(row["disabled_for"]) if row["disabled_for"] else None}
    return Webhook(**{**row, **said})


async def _expect(admin: Administration, webhook_id: UUID, expected: int) -> Webhook:
    await admin.begin()
    found = await find_webhook(admin.session, webhook_id)
    if found.version != expected:
        raise Stale("webhooks.stale", current=found.version)
    return found


async def _write(admin: Administration, changed: Webhook, action: str, content: dict[str, Any], **refs: str) -> Webhook:
    after = replace(changed, version=changed.version + 1)
    values: dict[str, Any] = {f"new_{name}": getattr(after, name) for name in _CHANGED}
    values |= {"new_types": list(after.types), "new_disabled_for": after.disabled_for and after.disabled_for.value}
    if await admin.session.execute(_CHANGE, values | {"of_id": after.id, "expected": changed.version}) != 1:
        raise Stale("webhooks.stale", current=after.version)
    _record(admin, action, after, content, **refs)
    return after


async def _seal(session: TenantSession, webhook_id: UUID, secret: str) -> bytes:
    return (await session.keys()).seal(secret.encode(), purpose_of(webhook_id))


def _said(said: WebhookStatement) -> dict[str, Any]:
    return {"url": said.url, "types": plain_types(said.types), "description": normalise(said.description)}


def _told(made: Webhook) -> dict[str, Any]:
    """What the trail is told: of the address the host alone, as the rest can hold a key."""
    return {"host": urlsplit(made.url).netloc, "types": list(made.types), "description": made.description}


def _record(admin: Administration, action: str, made: Webhook, content: dict[str, Any], **refs: str) -> None:
    admin.record(action, f"webhook:{made.id}", content | refs, webhook_id=str(made.id), **refs)
