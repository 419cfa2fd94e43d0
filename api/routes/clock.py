"""A sandbox's legal time over HTTP: read it, and move it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from api.operations import Call, Method, Operation, Reply
from api.routes.administration import ADMINISTRATORS, STAFF, administration_of
from core.errors import Refused, Stale
from core.law.instrument import Text
from core.tenants.scopes import Scope
from core.tenants.service.clocks import move_clock

TAG = "sandbox"


class ClockView(Struct, frozen=True):
    """The legal time of a sandbox (法定时间)."""

    now: Annotated[datetime, Meta(tz=True, title="法定时间", description="The tenant's legal time at this moment, in UTC")]
    offset_seconds: Annotated[int, Meta(title="偏移", description="By how many seconds it differs from the machine's time")]


class ClockChange(Struct, frozen=True, forbid_unknown_fields=True):
    """Where legal time is moved to."""

    now: Annotated[datetime, Meta(tz=True, title="法定时间", description="RFC 3339 with its offset, years 2004 to 2099")]


def _view(call: Call, offset: timedelta) -> ClockView:
    return ClockView(call.services.wall.now() + offset, round(offset.total_seconds()))


async def _read(call: Call) -> Reply:
    return Reply(_view(call, call.snapshot.offset), etag=call.snapshot.tenant.configuration)


async def _move(call: Call) -> Reply:
    offset = await move_clock(administration_of(call), call.body.now, call.expected or 0)
    return Reply(_view(call, offset), etag=call.session.configuration)


OPERATIONS = (
    Operation(
        id="readClock",
        method=Method.GET,
        path="/sandbox/clock",
        tag=TAG,
        title=Text(zh="查看沙箱时间", en="Read a sandbox's legal time"),
        description=Text(
            zh="沙箱租户的法定时间。非沙箱租户没有此接口。",
            en="The legal time by which steps and deadlines are dated. Only a sandbox has this operation. The entity tag "
            "counts the tenant's configuration and does not change as time passes.",
        ),
        handler=_read,
        scope=Scope.SANDBOX_WRITE,
        roles=STAFF,
        reply=ClockView,
        etag=True,
        sandbox_only=True,
    ),
    Operation(
        id="moveClock",
        method=Method.PUT,
        path="/sandbox/clock",
        tag=TAG,
        title=Text(zh="移动沙箱时间", en="Move a sandbox's legal time"),
        description=Text(
            zh="移动沙箱的法定时间。可随时向前；尚无任何事项时才可向后。令牌、幂等等仍按机器时间。",
            en="Moves legal time: forward at any time, back only while the tenant has no case, because steps follow each "
            "other in legal time. It goes on from there. Tokens and idempotency keys keep the machine's time.",
        ),
        handler=_move,
        scope=Scope.SANDBOX_WRITE,
        roles=ADMINISTRATORS,
        body=ClockChange,
        reply=ClockView,
        if_match=True,
        etag=True,
        sandbox_only=True,
        errors={Refused: ("tenants.clock-backwards", "tenants.clock-out-of-reach"), Stale: ("tenants.clock-stale",)},
        examples=lambda _: {"later": {"now": "2027-03-01T01:00:00Z"}},
    ),
)
