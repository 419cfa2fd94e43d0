"""Finds the channels: those of the house, and those of installed packages (entry points). Loaded when they are first asked
for, because a start needs none."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from itertools import pairwise
from typing import cast

from core.errors import Refused
from core.messages.channel import Channel

GROUP = "wenze.channels"
_HOUSE = (
    EntryPoint("smtp", "core.messages.smtp:SMTP", GROUP),
    EntryPoint("sms-http", "core.messages.sms_http:SMS_HTTP", GROUP),
    EntryPoint("webhook", "core.messages.webhook:WEBHOOK", GROUP),
)


class FaultyChannel(Exception):
    """A package's channel cannot be used; says which one and why."""


@cache
def find_channels() -> dict[str, Channel]:
    """Every channel by its key; raises :class:`FaultyChannel` for one of another name, or two of the same."""
    points = sorted((*_HOUSE, *entry_points(group=GROUP)), key=lambda point: point.name)
    for one, other in pairwise(points):
        if one.name == other.name:
            raise FaultyChannel(f"two packages bring the channel {one.name!r}: {one.value} and {other.value}")
    return {point.name: _load(point) for point in points}


def _load(point: EntryPoint) -> Channel:
    try:
        found = cast("Channel", point.load())
    except ImportError as error:
        raise FaultyChannel(f"channel {point.name!r} ({point.value}): {error}") from error
    if found.key != point.name:
        raise FaultyChannel(f"channel {point.name!r} says that it is {found.key!r}; both must be the same")
    return found


def find_channel(kind: str) -> Channel:
    """The channel of that key; raises :class:`Refused` with those that are installed."""
    found = find_channels()
    if kind not in found:
        raise Refused("messages.kind-unknown", field="/kind", kind=kind, known=", ".join(found))
    return found[kind]


def address_kinds() -> dict[str, Channel]:
    """A channel for each kind of address, by which addresses of that kind are read."""
    return {item.address_kind: item for item in reversed(find_channels().values()) if item.address_kind}
