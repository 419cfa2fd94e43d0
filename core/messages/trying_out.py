"""A message that only shows whether a channel works, queued like every other and sent by a worker."""

from __future__ import annotations

from core.errors import Conflict, Invalid
from core.ids import new_id
from core.messages.channels import find_channel
from core.messages.records import Content, Message, add_message, seal_content
from core.messages.tenant_channels import TenantChannel
from core.store.session import TenantSession
from core.tenants.snapshot import Snapshot
from core.texts import render
from core.timers.arming import arm
from core.timers.timer import TimerKind


async def queue_test(session: TenantSession, snapshot: Snapshot, channel: TenantChannel, address: str | None) -> Message:
    """The message that was queued; raises :class:`Conflict` for a disabled channel and :class:`Invalid` for the address."""
    if channel.disabled_at is not None:
        raise Conflict("messages.channel-disabled")
    plugin = find_channel(channel.kind)
    if (address is None) != (plugin.address_kind is None):
        raise Invalid("messages.address-missing", field="/address")
    to = plugin.read_address(address) if address else ""
    made = Message(id=new_id(), channel_id=channel.id, created_at=session.recorded_at)
    said: dict[str, str | int] = {"tenant": snapshot.tenant.name.zh}
    content = Content(to, render("messages.test-subject", said, "zh"), render("messages.test-text", said, "zh"))
    add_message(session, made, seal_content(await session.keys(), made.id, content))
    arm(session, TimerKind.MESSAGE, made.id, session.recorded_at)
    return made
