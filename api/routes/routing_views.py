"""Routing rules and proposals as integrators see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from api.operations import Call
from api.pages import PageQuery
from api.routes.unit_names import UnitNames, name_units
from core.cases.bodies import Instant
from core.routing.checks import HOUSE
from core.routing.proposal import Proposal, Reason
from core.routing.rules import RoutingRule, Target
from core.routing.service import Decision, Outcomes
from core.texts import render


class RuleView(Struct, frozen=True, kw_only=True):
    """A routing rule (派单规则). Conditions that are null match anything. It is never edited; it ends."""

    id: UUID
    version: Annotated[int, Meta(description="Counts its changes; the entity tag")]
    target: Annotated[Target, Meta(title="建议对象", description="What it proposes; can grow")]
    valid_from: Annotated[date, Meta(title="生效日", description="The first local day on which it holds")]
    valid_to: Annotated[date | None, Meta(title="终止日", description="The last local day; null while it goes on")]
    priority: Annotated[int, Meta(title="优先级", description="The higher goes first; of equal ones the more specific")]
    category: str | None
    division: str | None
    kind: str | None
    channel: str | None
    urgent: bool | None
    unit_id: Annotated[UUID | None, Meta(title="牵头单位", description="The unit proposed to lead")]
    cooperating_unit_ids: Annotated[tuple[UUID, ...], Meta(title="协办单位", description="The units proposed to cooperate")]
    basis: Annotated[str, Meta(title="依据", description="What it rests on")]
    recorded_at: Instant
    recorded_by: Annotated[UUID | None, Meta(title="记录人", description="The person who recorded it")]


class RulePage(Struct, frozen=True):
    """A page of routing rules, in the order of recording. ``next`` is the cursor of the following page."""

    items: tuple[RuleView, ...]
    next: str | None


class RulesQuery(PageQuery, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Filters of the list of rules; all that are given must hold."""

    on: Annotated[date | None, Meta(title="日期", description="Only rules in force on this local day; else all")] = None
    category: (
        Annotated[str, Meta(min_length=1, max_length=64, title="分类", description="Only rules for it or for one below it")]
        | None
    ) = None
    unit_id: Annotated[UUID | None, Meta(title="单位", description="Only rules that propose this unit")] = None


class ReasonView(Struct, frozen=True):
    """One reason of a proposal: which, of which rule, and in the reader's language."""

    id: Annotated[str, Meta(description="Names the reason; can grow")]
    rule_id: Annotated[UUID | None, Meta(description="The rule that it speaks of")]
    text: str


class DecisionView(Struct, frozen=True):
    """A dispatch of the case as it was decided, beside what had been proposed for it (派单结果)."""

    step_id: UUID
    occurred_at: Instant
    rule_id: Annotated[UUID | None, Meta(description="The rule that had proposed; null for the category's default unit")]
    proposed_unit_id: UUID
    lead_unit_id: UUID
    followed: bool


class ProposalView(Struct, frozen=True, kw_only=True):
    """Which unit is proposed for an order on a day, and why (派单建议). The dispatcher decides."""

    on: date
    lead_unit_id: Annotated[UUID | None, Meta(title="建议牵头单位", description="null where nothing decides")]
    cooperating_unit_ids: Annotated[tuple[UUID, ...], Meta(title="建议协办单位", description="Units to cooperate")]
    rule_id: Annotated[UUID | None, Meta(description="The rule that decides; null for the category's default unit, or none")]
    matching_rule_ids: Annotated[tuple[UUID, ...], Meta(description="Every rule that matches, the first one first")]
    reasons: Annotated[tuple[ReasonView, ...], Meta(title="理由", description="Why, step by step")]
    clause: Annotated[str, Meta(description="The rule of the house that the dispatcher decides")]
    unit_names: UnitNames


class CaseProposalView(ProposalView, frozen=True, kw_only=True):
    """The proposal for a case, with what was decided on its dispatches so far, oldest first."""

    decisions: tuple[DecisionView, ...]


class OutcomePeriod(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """A span of local days, both ends included."""

    first: Annotated[date | None, Meta(title="起始日", description="The first local day; the rule's own, if left out")] = (
        None
    )
    last: Annotated[date | None, Meta(title="截止日", description="The last local day; today, if left out")] = None


class OutcomesView(Struct, frozen=True):
    """What came of a rule's proposals in a span of days (派单规则成效).

    ``proposed`` dispatches had its proposal; in ``followed`` of them the dispatcher took the unit, in ``departed`` another
    one; of the followed, ``returned`` orders were given back by a unit afterwards.
    """

    rule_id: UUID
    proposed: int
    followed: int
    departed: int
    returned: int


_ELSEWHERE = {"version", "cooperating_unit_ids"}
_SAID = tuple(name for name in RuleView.__struct_fields__ if name not in _ELSEWHERE)


def rule_view(rule: RoutingRule) -> RuleView:
    """A rule."""
    said = {name: getattr(rule, name) for name in _SAID}
    return RuleView(version=rule.version, cooperating_unit_ids=rule.cooperating, **said)


def proposal_view(call: Call, proposal: Proposal, day: date) -> ProposalView:
    """A proposal for people and programs."""
    return ProposalView(**_proposed(proposal, day, call.language), unit_names=name_units(call, _units(proposal)))


def case_proposal_view(call: Call, proposal: Proposal, decisions: Sequence[Decision], day: date) -> CaseProposalView:
    """A case's proposal."""
    told = tuple(
        DecisionView(item.step_id, item.occurred_at, item.rule_id, item.proposed_unit_id, item.lead_unit_id, item.followed)
        for item in decisions
    )
    decided = (id_ for item in told for id_ in (item.proposed_unit_id, item.lead_unit_id))
    names = name_units(call, (*_units(proposal), *decided))
    return CaseProposalView(**_proposed(proposal, day, call.language), decisions=told, unit_names=names)


def outcomes_view(rule: RoutingRule, found: Outcomes) -> OutcomesView:
    """A rule's outcomes."""
    return OutcomesView(rule.id, found.proposed, found.followed, found.departed, found.returned)


def _units(proposal: Proposal) -> tuple[UUID | None, ...]:
    return proposal.lead_unit_id, *proposal.cooperating


def _proposed(proposal: Proposal, day: date, language: str) -> dict[str, Any]:
    return {
        "on": day,
        "lead_unit_id": proposal.lead_unit_id,
        "cooperating_unit_ids": proposal.cooperating,
        "rule_id": proposal.rule_id,
        "matching_rule_ids": proposal.matched,
        "reasons": tuple(_reason(reason, language) for reason in proposal.why),
        "clause": HOUSE,
    }


def _reason(reason: Reason, language: str) -> ReasonView:
    return ReasonView(reason.id, reason.rule_id, render(reason.id, reason.params, language))
