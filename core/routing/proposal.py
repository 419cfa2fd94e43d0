"""Which unit is proposed for an order on a day, and why; pure. The dispatcher decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from core.routing.divisions import division_prefix, lies_in
from core.routing.rules import RoutingRule, RoutingRules, Target
from core.tenants.categories import Categories
from core.tenants.organisation import Organisation, OrganisationDay
from core.texts import Params

Rank = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at in an order."""

    kind: str
    channel: str | None = None
    category: str | None = None
    division: str | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class LastOrder:
    """The last order of the like that went to a unit: its number, and the unit that led it."""

    number: str
    unit_id: UUID


LastOrders = dict[Target, LastOrder]
"""The last order of the same petitioner, and that of the same category and division, where there are any."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: the id of its text with the parameters, and the rule that it speaks of."""

    id: str
    params: Params
    rule_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed: the lead unit (``None`` where nothing decides), others beside it, by which rule, and why.

    ``matched`` are all rules that match, the one that goes first first.
    """

    lead_unit_id: UUID | None
    cooperating: tuple[UUID, ...]
    rule_id: UUID | None
    matched: tuple[UUID, ...]
    why: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a proposal rests on: the tenant's rules, categories and units."""

    rules: RoutingRules
    categories: Categories
    organisation: Organisation


def find_matching(ground: Ground, facts: Facts, day: date) -> tuple[RoutingRule, ...]:
    """The rules that match, the one that goes first first.

    By priority; then by how near the rule's category is, how small its division, and how much else it asks for; of two
    that are equal in all of this the later recorded one.
    """
    codes = _codes(ground, facts, day)
    found = [rule for rule in ground.rules.on(day) if _fits(rule, facts, codes)]
    found.sort(key=lambda rule: (_rank(ground, rule, day), rule.id), reverse=True)
    return tuple(found)


def propose(ground: Ground, facts: Facts, day: date, last: LastOrders) -> Proposal:
    """The proposal for an order on a day: of the first matching rule that leads to a unit, else the category's default."""
    return _Proposer(ground, facts, day, last).propose()


def without_person(proposal: Proposal) -> Proposal:
    """The proposal without the number of the petitioner's last order, for those who may not know whose a case is."""
    untold = f"routing.why.rule-{Target.LAST_OF_PETITIONER.value}"
    why = (replace(item, params={**item.params, "number": "–"}) if item.id == untold else item for item in proposal.why)
    return replace(proposal, why=tuple(why))


def asks_for_last(rules: Iterable[RoutingRule]) -> bool:
    """Whether any of the rules looks at the last order of the like, so that it has to be found."""
    return any(rule.target is not Target.UNIT for rule in rules)


def _codes(ground: Ground, facts: Facts, day: date) -> frozenset[str]:
    """The categories whose rules reach the order: its own, those above it, and those of its successor."""
    if facts.category is None:
        return frozenset()
    view = ground.categories.on(day)
    return frozenset(version.code for version in (*view.path(facts.category), *view.lineage(facts.category)))


def _fits(rule: RoutingRule, facts: Facts, codes: frozenset[str]) -> bool:
    return (
        (rule.category is None or rule.category in codes)
        and (rule.division is None or (facts.division is not None and lies_in(facts.division, rule.division)))
        and rule.kind in {None, facts.kind}
        and rule.channel in {None, facts.channel}
        and rule.urgent in {None, facts.urgent}
    )


def _rank(ground: Ground, rule: RoutingRule, day: date) -> Rank:
    depth = len(ground.categories.on(day).path(rule.category)) if rule.category else 0
    place = len(division_prefix(rule.division)) if rule.division else 0
    return rule.priority, depth, place, sum(asked is not None for asked in (rule.kind, rule.channel, rule.urgent))


@dataclass(slots=True)
class _Proposer:
    ground: Ground
    facts: Facts
    day: date
    last: LastOrders
    why: list[Reason] = field(default_factory=list)

    @property
    def units(self) -> OrganisationDay:
        return self.ground.organisation.on(self.day)

    def propose(self) -> Proposal:
        matched = find_matching(self.ground, self.facts, self.day)
        ids = tuple(rule.id for rule in matched)
        if not matched:
            self.why.append(Reason("routing.why.no-rule", {}))
        for place, rule in enumerate(matched):
            lead = self.lead_of(rule)
            if lead is not None:
                others = tuple(self.others_of(rule, lead))
                self.tell_rest(rule, lead, matched[place + 1 :])
                return Proposal(lead, others, rule.id, ids, tuple(self.why))
        lead = self.default()
        if lead is None:
            self.why.append(Reason("routing.why.nothing", {}))
        return Proposal(lead, (), None, ids, tuple(self.why))

    def lead_of(self, rule: RoutingRule) -> UUID | None:
        """The unit to which a rule leads; why it does, or why it does not, is told."""
        about: Params = {"basis": rule.basis, "priority": rule.priority}
        if rule.target is Target.UNIT:
            unit = rule.unit_id
            self.tell("rule", rule, about | {"unit": self.name(unit)})
        else:
            order = self.last.get(rule.target)
            if order is None:
                self.tell("no-last-order", rule, about)
                return None
            unit = order.unit_id
            self.tell(f"rule-{rule.target.value}", rule, about | {"number": order.number, "unit": self.name(unit)})
        return self.standing(unit, rule)

    def standing(self, unit: UUID | None, rule: RoutingRule | None = None) -> UUID | None:
        """The unit, or the one that took it over; ``None`` where neither is there on the day."""
        if unit is None or self.units.is_active(unit):
            return unit
        following = self.units.successor(unit)
        if following is None:
            self.tell("unit-gone", rule, {"unit": self.name(unit)})
        else:
            self.tell("unit-merged", rule, {"unit": self.name(unit), "into": self.name(following)})
        return following

    def others_of(self, rule: RoutingRule, lead: UUID) -> Iterator[UUID]:
        found = (self.standing(unit, rule) for unit in rule.cooperating)
        return (unit for unit in dict.fromkeys(found) if unit is not None and unit != lead)

    def tell_rest(self, chosen: RoutingRule, lead: UUID, rest: tuple[RoutingRule, ...]) -> None:
        """The other rules that match: those that were outranked, and those that are equal and propose another unit."""
        rank = _rank(self.ground, chosen, self.day)
        for rule in rest:
            about: Params = {"basis": rule.basis, "priority": rule.priority}
            order = self.last.get(rule.target)
            unit = rule.unit_id if rule.target is Target.UNIT else order.unit_id if order else None
            if unit not in {None, lead} and _rank(self.ground, rule, self.day) == rank:
                self.tell("tie", rule, about | {"unit": self.name(unit)})
            else:
                self.tell("outranked", rule, about)

    def default(self) -> UUID | None:
        """The default unit of the category, or of the nearest above it that has one."""
        code = self.facts.category
        view = self.ground.categories.on(self.day)
        if code is None:
            return None
        following = view.successor(code)
        if following not in {None, code}:
            self.tell("category-merged", None, {"category": code, "into": str(following)})
        found = view.default_unit(code)
        if found is None:
            return None
        said_by, unit = found
        about: Params = {"category": following or code, "above": said_by, "unit": self.name(unit)}
        self.tell("category-default" if said_by == about["category"] else "category-inherited", None, about)
        return self.standing(unit)

    def tell(self, id_: str, rule: RoutingRule | None, params: Params) -> None:
        self.why.append(Reason(f"routing.why.{id_}", params, rule.id if rule else None))

    def name(self, unit: UUID | None) -> str:
        """What a unit is called on the day; one that begins later by its first name."""
        if unit is None:
            return "–"
        version = self.units.versions.get(unit)
        held = self.ground.organisation.units.get(unit)
        return version.name if version else held.versions[0].name if held else str(unit)
