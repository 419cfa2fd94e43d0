"""The trade of numbering events, and of handing them to the webhooks that want them."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from core.events.numbering import MOST_AT_ONCE, number_events
from core.timers.timer import Next, Timer, TimerKind
from core.webhooks.fanning import enabled_webhooks, fan_out
from core.work import Shift, Trade, in_one_session


async def _number(shift: Shift, taken: Mapping[UUID, Timer]) -> Mapping[UUID, Next | None]:
    """Numbers all that waits, of whichever change: what the timers of the others find done is nothing."""
    hooks = await enabled_webhooks(shift.session)
    while True:
        numbers = await number_events(shift.session)
        await fan_out(shift.session, hooks, numbers, shift.wall)
        if len(numbers) < MOST_AT_ONCE:
            return dict.fromkeys(taken)


NUMBERING = Trade(TimerKind.EVENTS, in_one_session(TimerKind.EVENTS, _number), pause=0.2, width=2, per_tenant=1)
"""One at a time of a tenant, since a second one would only wait for the first."""
