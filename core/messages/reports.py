"""Delivery reports: what a gateway says later of the messages that it took over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select

from core.errors import WenzeError
from core.messages.channel import Report
from core.messages.records import MESSAGE_COLUMNS, Message, MessageState, read_message, store_message
from core.messages.tenant_channels import TenantChannel, find_by_report_secret, open_settings
from core.store.session import TenantSession
from core.store.tables.messages import message
from core.store.tables.schema import TENANT

_MOST = 500
_REPORTED = (
    select(*MESSAGE_COLUMNS)
    .where(
        message.c.tenant == TENANT,
        message.c.channel_id == bindparam("of_channel"),
        message.c.reference.in_(bindparam("references", expanding=True)),
        message.c.state == MessageState.SENT.value,
    )
    .order_by(message.c.id)
    .with_for_update()
)


async def take_reports(session: TenantSession, secret: str, body: dict[str, Any]) -> int:
    """Marks what has arrived, and what has not, and says how many messages that was; what is said twice counts once.

    Raises :class:`core.errors.NotFound` for a secret that opens nothing.
    """
    channel = await find_by_report_secret(session, secret)
    reports = {item.reference: item for item in await _read(session, channel, body)}
    asked = {"of_channel": channel.id, "references": list(reports)}
    found = [read_message(row) for row in await session.all(_REPORTED, asked)] if reports else []
    for item in found:
        await store_message(session, _told(item, reports[str(item.reference)], session))
    return len(found)


async def _read(session: TenantSession, channel: TenantChannel, body: dict[str, Any]) -> Sequence[Report]:
    plugin = channel.plugin
    if plugin is None:
        return ()
    try:
        return plugin.read_report(body, await open_settings(session, plugin, channel))[:_MOST]
    except WenzeError:
        return ()


def _told(found: Message, report: Report, session: TenantSession) -> Message:
    if report.arrived:
        return replace(found, state=MessageState.ARRIVED, arrived_at=session.recorded_at)
    return replace(found, state=MessageState.FAILED, why=report.reason)
