"""Routing over HTTP: rules that propose a unit, the proposal for an order with its reasons, and what came of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from uuid import UUID

from api.operations import Access, Call, Method, Operation, Reply
from api.pages import make_cursor, read_cursor
from api.routes.administration import ADMINISTRATORS, EXAMPLE_BASIS, administration_of, day_of
from api.routes.cases import desk_of
from api.routes.routing_views import (
    CaseProposalView,
    OutcomePeriod,
    OutcomesView,
    ProposalView,
    RulePage,
    RulesQuery,
    RuleView,
    case_proposal_view,
    outcomes_view,
    proposal_view,
    rule_view,
)
from core.cases.candidates import may_compare
from core.cases.disclosure import is_entrusted
from core.cases.intake import FIRST_YEAR, LAST_YEAR
from core.cases.service import find_case
from core.errors import Conflict, Forbidden, NotFound, Refused, Stale, WenzeError
from core.law.instrument import Text
from core.procedure import Role
from core.routing.checks import HOUSE, check_kind
from core.routing.commands import NewRule, RoutingQuestion
from core.routing.proposal import Facts, without_person
from core.routing.rules import RoutingRule
from core.routing.service import count_outcomes, end_rule, list_decisions, propose_for, propose_for_case, record_rule
from core.tenants.commands import Ending
from core.tenants.scopes import Scope

TAG = "routing"
READERS = (Role.INTAKE_CLERK, Role.DISPATCHER, Role.SUPERVISOR, Role.TENANT_ADMINISTRATOR)
_RULE_UNKNOWN: dict[type[WenzeError], tuple[str, ...]] = {NotFound: ("routing.rule-unknown",)}


async def _list(call: Call) -> Reply:
    query: RulesQuery = call.query
    after = read_cursor(query.cursor, UUID) if query.cursor else None
    rules = (rule for rule in call.snapshot.routing.in_order if (after is None or rule.id > after) and _fits(call, rule))
    found = list(islice(rules, query.limit + 1))
    page = found[: query.limit]
    following = make_cursor(page[-1].id) if len(found) > query.limit else None
    return Reply(RulePage(tuple(map(rule_view, page)), following), next_cursor=following)


def _fits(call: Call, rule: RoutingRule) -> bool:
    query: RulesQuery = call.query
    day = day_of(call, query.on)
    reached = call.snapshot.categories.on(day).within(query.category) | {query.category} if query.category else None
    return (
        (query.on is None or rule.holds_on(query.on))
        and (reached is None or rule.category in reached)
        and (query.unit_id is None or query.unit_id in {rule.unit_id, *rule.cooperating})
    )


async def _read(call: Call) -> Reply:
    rule = call.snapshot.routing.rule(call.id("rule_id"))
    return Reply(rule_view(rule), etag=rule.version)


async def _record(call: Call) -> Reply:
    rule = await record_rule(administration_of(call), call.body)
    return Reply(rule_view(rule), etag=rule.version, location=f"/routing-rules/{rule.id}")


async def _end(call: Call) -> Reply:
    rule = await end_rule(administration_of(call), call.id("rule_id"), call.body, call.expected or 0)
    return Reply(rule_view(rule), etag=rule.version)


async def _propose(call: Call) -> Reply:
    desk = desk_of(call)
    case = await find_case(desk, call.id("case_id"))
    kind = call.jurisdiction.kind(case.kind)
    if not is_entrusted(kind, call.principal):
        raise Forbidden("routing.not-entrusted", clause=HOUSE)
    day = day_of(call, None)
    proposal = await propose_for_case(call.session, call.snapshot, case, day)
    if not may_compare(desk, kind):
        proposal = without_person(proposal)
    decisions = await list_decisions(call.session, case.id)
    return Reply(case_proposal_view(call, proposal, decisions, day))


async def _calculate(call: Call) -> Reply:
    asked: RoutingQuestion = call.body
    check_kind(asked.kind, asked.channel, call.jurisdiction)
    facts = Facts(asked.kind, asked.channel, asked.category, asked.division, asked.urgent)
    day = day_of(call, asked.on)
    return Reply(proposal_view(call, await propose_for(call.session, call.snapshot, facts, day), day))


async def _outcomes(call: Call) -> Reply:
    query: OutcomePeriod = call.query
    rule = call.snapshot.routing.rule(call.id("rule_id"))
    first = _midnight(call, query.first or rule.valid_from)
    end = _midnight(call, day_of(call, query.last)) + timedelta(days=1)
    return Reply(outcomes_view(rule, await count_outcomes(call.session, rule, first, end)))


def _midnight(call: Call, day: date) -> datetime:
    """When a local day begins; of a day in whose year nothing can have happened, the nearest that can."""
    within = min(max(day, date(FIRST_YEAR, 1, 1)), date(LAST_YEAR, 12, 31))
    return datetime.combine(within, time(0), call.snapshot.zone).astimezone(UTC)


_FAULTS = (
    "routing.unit-missing",
    "routing.unit-twice",
    "routing.kind-unknown",
    "routing.channel-unknown",
    "routing.category-unknown",
    "tenants.unit-unknown",
    "tenants.unit-not-active",
)

OPERATIONS = (
    Operation(
        id="listRoutingRules",
        method=Method.GET,
        path="/routing-rules",
        tag=TAG,
        title=Text(zh="派单规则列表", en="List the routing rules"),
        description=Text(
            zh="全部派单规则，含已终止的，按记录先后排列；可按日期、分类（含下级）、单位筛选。",
            en="The routing rules, ended ones too, in the order of recording; by day, category (with those below) or unit.",
        ),
        handler=_list,
        scope=Scope.SETTINGS_READ,
        roles=READERS,
        query=RulesQuery,
        reply=RulePage,
    ),
    Operation(
        id="recordRoutingRule",
        method=Method.POST,
        path="/routing-rules",
        tag=TAG,
        title=Text(zh="记录派单规则", en="Record a routing rule"),
        description=Text(
            zh="记录一条派单规则：适用的办件（分类、区划、类型、渠道、是否紧急）和建议的单位。规则不修改，只终止；只作建议，由派单员决定。",
            en="Records for which orders (category, division, kind, channel, urgency) which unit is proposed: one that is "
            "named, or the one that led the last order of the like. A rule is never edited, only ended. It proposes; the "
            "dispatcher decides.",
        ),
        handler=_record,
        scope=Scope.SETTINGS_WRITE,
        roles=ADMINISTRATORS,
        body=NewRule,
        reply=RuleView,
        status=201,
        idempotent=True,
        etag=True,
        location=True,
        clause=HOUSE,
        errors={Refused: _FAULTS},
        examples=lambda _: {
            "unit": {"target": "unit", "unit_id": "{unit_id}", "valid_from": "2026-12-01", "basis": EXAMPLE_BASIS},
            "lastOfMatter": {
                "target": "last-of-matter",
                "valid_from": "2026-12-01",
                "basis": EXAMPLE_BASIS,
                "priority": 10,
                "urgent": False,
            },
        },
    ),
    Operation(
        id="readRoutingRule",
        method=Method.GET,
        path="/routing-rules/{rule_id}",
        tag=TAG,
        title=Text(zh="查看派单规则", en="Read a routing rule"),
        description=Text(zh="查看一条派单规则。", en="One routing rule, ended or not."),
        handler=_read,
        scope=Scope.SETTINGS_READ,
        roles=READERS,
        reply=RuleView,
        etag=True,
        errors=_RULE_UNKNOWN,
    ),
    Operation(
        id="endRoutingRule",
        method=Method.POST,
        path="/routing-rules/{rule_id}/end",
        tag=TAG,
        title=Text(zh="终止派单规则", en="End a routing rule"),
        description=Text(
            zh="写明一条派单规则的最后一日和原因。",
            en="Says which is the last day of a rule, and why. An end stays.",
        ),
        handler=_end,
        scope=Scope.SETTINGS_WRITE,
        roles=ADMINISTRATORS,
        body=Ending,
        reply=RuleView,
        idempotent=True,
        if_match=True,
        etag=True,
        errors={
            **_RULE_UNKNOWN,
            Stale: ("routing.rule-stale",),
            Conflict: ("routing.already-ended",),
            Refused: ("tenants.ends-before-it-begins",),
        },
        examples=lambda _: {"ended": {"last_day": "2027-06-30", "reason": "机构职责调整"}},
    ),
    Operation(
        id="readRuleOutcomes",
        method=Method.GET,
        path="/routing-rules/{rule_id}/outcomes",
        tag=TAG,
        title=Text(zh="派单规则成效", en="What came of a routing rule"),
        description=Text(
            zh="某段日期内，该规则的建议被派单员采纳、改派的次数，以及采纳后又被单位退单的件数。",
            en="How often, in a span of days, a dispatcher had the rule's proposal, followed it or took another unit, and "
            "how many of the orders that followed it were given back by a unit afterwards.",
        ),
        handler=_outcomes,
        scope=Scope.SETTINGS_READ,
        roles=READERS,
        query=OutcomePeriod,
        reply=OutcomesView,
        errors=_RULE_UNKNOWN,
    ),
    Operation(
        id="readCaseRouting",
        method=Method.GET,
        path="/cases/{case_id}/routing",
        tag=TAG,
        title=Text(zh="派单建议", en="Which unit is proposed for a case"),
        description=Text(
            zh="按今日的派单规则、分类和机构，为事项建议承办单位并逐条说明理由；附历次派单与当时建议的对照。由派单员决定。",
            en="The unit that today's rules, categories and organisation propose for the case, with every reason, and what "
            "was decided on its dispatches so far. The dispatcher decides, and may take another unit.",
        ),
        handler=_propose,
        scope=Scope.CASES_READ,
        roles=READERS,
        reply=CaseProposalView,
        clause=HOUSE,
        errors={NotFound: ("cases.unknown",), Forbidden: ("routing.not-entrusted",)},
    ),
    Operation(
        id="calculateRouting",
        method=Method.POST,
        path="/calculations/routing",
        tag="calculations",
        title=Text(zh="派单试算", en="Work out a proposal"),
        description=Text(
            zh="为一件并不存在的办件试算派单建议，逐条说明理由。不产生任何记录。",
            en="The proposal for an order that is no case, on any day, with every reason. It has no petitioner, so that a "
            "rule about the same petitioner's last order is passed over. Nothing is recorded.",
        ),
        handler=_calculate,
        scope=Scope.CALCULATIONS_READ,
        roles=READERS,
        access=Access.READ,
        body=RoutingQuestion,
        reply=ProposalView,
        clause=HOUSE,
        errors={Refused: ("routing.kind-unknown", "routing.channel-unknown")},
        examples=lambda city: {
            "order": {"kind": next(iter(city.kinds)), "division": f"{city.manifest.division_code[:4]}02"}
        },
    ),
)
