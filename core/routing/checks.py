"""What must hold of a routing rule before it is stored; pure."""

from __future__ import annotations

from core.cases.bodies import value_of
from core.errors import Refused
from core.jurisdictions import Jurisdiction
from core.routing.commands import NewRule
from core.routing.rules import Target
from core.tenants.categories import Categories
from core.tenants.checks import check_active
from core.tenants.organisation import Organisation

HOUSE = "wenze:house#routing"


def check_rule(new: NewRule, categories: Categories, organisation: Organisation, city: Jurisdiction) -> None:
    """Raises :class:`Refused` for a rule that names what is not there on its first day, or that proposes nothing."""
    check_kind(new.kind, new.channel, city)
    if new.category is not None and not categories.on(new.valid_from).is_open(new.category):
        day = new.valid_from.isoformat()
        raise Refused("routing.category-unknown", field="/category", category=new.category, day=day)
    if (new.unit_id is not None) != (new.target is Target.UNIT):
        raise Refused("routing.unit-missing", field="/unit_id")
    named = [
        ("/unit_id", new.unit_id),
        *((f"/cooperating_unit_ids/{place}", unit) for place, unit in enumerate(new.cooperating_unit_ids)),
    ]
    seen = set()
    for field, unit in named:
        if unit is None:
            continue
        if unit in seen:
            raise Refused("routing.unit-twice", field=field)
        seen.add(unit)
        check_active(organisation, unit, new.valid_from, field)


def check_kind(kind: str | None, channel: str | None, city: Jurisdiction) -> None:
    """Raises :class:`Refused` for a kind of case that the city does not have, or a channel by which none comes in."""
    if kind is not None and kind not in city.kinds:
        raise Refused("routing.kind-unknown", field="/kind", kind=kind, known=", ".join(sorted(city.kinds)))
    kinds = [city.kinds[kind]] if kind is not None else list(city.kinds.values())
    channels = sorted({value_of(option) for item in kinds for option in item.channels})
    if channel is not None and channel not in channels:
        raise Refused("routing.channel-unknown", field="/channel", channel=channel, known=", ".join(channels))
