"""Which matters a regulation wants supervised (督办) that the service finds by itself, and by which steps it is done."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

from core.law.instrument import Key

Facts = dict[str, str | list[str]]
"""Facts and the value (or one of the values) that each must have, written as the conditions of a kind are."""


class Reminding(Struct, frozen=True, forbid_unknown_fields=True):
    """The reminder that goes before it, and what is open where that is ignored; whether it was, a person finds."""

    step: Key
    then: Key
    when: Facts = field(default_factory=dict)
    """What the reminder must say."""


class Outside(Struct, frozen=True, forbid_unknown_fields=True):
    """What goes before supervising a unit that is no member of the organisation (非成员单位): its superior is told."""

    step: Key
    clause: Annotated[str, Meta(max_length=128)]
    told: Facts = field(default_factory=dict)
    """The facts of the case that say that it was told of the units which the case has now."""
    names: str | None = None
    """The fact that names the superior: told of other units of the same superior, it has been told, too."""


class SupervisionRule(Struct, frozen=True, forbid_unknown_fields=True):
    """A matter that must be supervised: how it is found, and by which steps it is supervised.

    It is found as a deadline that nobody has met reaches a rung, or on a step after which facts of the case hold. What
    only people can say (a leader's order, a hot topic) is an option of the steps and no rule.
    """

    key: Key
    clause: Annotated[str, Meta(max_length=128)]
    rung: Key | None = None
    """``breach``, or a rung that the regulation itself has."""
    deadlines: tuple[Key, ...] = ()
    """Of which deadlines; all that somebody can be late for where none is named."""
    on: tuple[Key, ...] = ()
    when: Facts = field(default_factory=dict)
    steps: tuple[Key, ...] = ()
    """By which it is supervised; none where the text names no way."""
    chosen: Facts = field(default_factory=dict)
    """What such a step must say, so that it is for this matter and for no other."""
    finding: str | None = None
    """The field of those steps in which a person says what the service cannot know."""
    reminding: Reminding | None = None
    outside: Outside | None = None
