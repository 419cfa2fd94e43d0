"""Accountability over HTTP, without a record: the regimes, and whether a decision may be, who bears what, what fires."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from api.operations import Access, Call, Method, Operation, Reply
from api.routes.regime_views import RegimeList, regime_view
from api.routes.sanction_bodies import (
    MonthCount,
    YearPlace,
    decision_question,
    has_regimes,
    has_triggers,
    responsibility_question,
    trigger_question,
)
from api.routes.sanction_examples import decision_examples, responsibility_examples, trigger_examples
from api.routes.sanction_views import (
    ApportionmentView,
    EvaluationList,
    EvaluationView,
    VerdictView,
    apportionment_view,
    evaluation_view,
    verdict_view,
)
from core.errors import Refused, WenzeError
from core.law.instrument import Text
from core.sanctions.decision import decide
from core.sanctions.proposal import CatchAll, EstablishedGround, Proposal
from core.sanctions.regime import Regime, Share, Trigger
from core.sanctions.responsibility import Apportionment, Participant, StatedShare, apportion, apportion_by_hand
from core.sanctions.triggers import Facts, YearOfUnit, evaluate, find_trigger
from core.tenants.scopes import Scope
from core.tenants.snapshot import Snapshot

_ERRORS: Mapping[type[WenzeError], tuple[str, ...]] = {Refused: ("law.before-first-version",)}


async def _list_regimes(call: Call) -> Reply:
    rulebook = call.snapshot.rulebook
    return Reply(RegimeList(tuple(regime_view(regime, rulebook) for regime in call.jurisdiction.regimes.values())))


async def _decide(call: Call) -> Reply:
    regime = _regime(call)
    confirmed = confirmed_readings(regime, call.snapshot, call.snapshot.local_day(call.legal_now))
    verdict = decide(_proposal(call.body), regime, call.snapshot.rulebook, confirmed)
    return Reply(verdict_view(verdict, call.language))


def _regime(call: Call) -> Regime:
    """The regime whose question was asked: the tag of the body."""
    return call.jurisdiction.regimes[call.body.__struct_config__.tag]


def confirmed_readings(regime: Regime, snapshot: Snapshot, day: date) -> frozenset[str]:
    """The doubtful readings that the tenant has confirmed by the day."""
    listed = (item for version in regime.versions for one in version.sanctions.values() for item in one.items)
    settings = {item.reading: snapshot.settings.on(item.reading, day) for item in listed if item.reading}
    return frozenset(key for key, setting in settings.items() if setting is not None and setting.value is True)


def _proposal(said: Any) -> Proposal:
    """The question as a proposal; what a regime does not ask for is not there."""

    def of(name: str, otherwise: Any = None) -> Any:
        return getattr(said, name, otherwise)

    return Proposal(
        subject=said.subject,
        grounds=tuple(EstablishedGround(ground.clause, ground.act) for ground in said.grounds),
        sanctions=tuple(said.sanctions),
        circumstances=tuple(of("circumstances", ())),
        conduct_on=said.conduct_on,
        version=said.version,
        lighter_reason=said.lighter_reason or "",
        subject_class=of("subject_class"),
        severity=of("severity"),
        gravity=of("gravity"),
        share=said.share,
        responsibility=tuple(of("responsibility", ())),
        catch_all=CatchAll(said.catch_all_reason or "", said.catch_all_basis or ""),
        done=frozenset(of("done", ())),
        documented=frozenset(of("documented", ())),
        short_way=of("short_way", False),
        short_way_reason=of("short_way_reason") or "",
        sanctioned_acts=frozenset(said.sanctioned_acts),
        effective_on=said.effective_on,
        result_used=said.result_used,
    )


async def _apportion(call: Call) -> Reply:
    return Reply(apportionment_view(_apportionment(_regime(call), call.body, call.snapshot), call.language))


def _apportionment(regime: Regime, said: Any, snapshot: Snapshot) -> Apportionment:
    path, on, rulebook = getattr(said, "path", None), said.conduct_on, snapshot.rulebook
    if path is not None:
        people = tuple(
            Participant(person.name, person.role or "–", _facts_of(person), person.share) for person in said.people
        )
        return apportion(regime, rulebook, path, people, on)
    stated = tuple(
        StatedShare(person.name, person.share or Share.NONE, tuple(getattr(person, "labels", ()))) for person in said.people
    )
    return apportion_by_hand(regime, rulebook, stated, said.reason or "", on)


def _facts_of(person: Any) -> frozenset[str]:
    return frozenset(name for name in person.__struct_fields__ if getattr(person, name) is True)


async def _evaluate(call: Call) -> Reply:
    items = tuple(_answer(call, question) for question in call.body.questions)
    return Reply(EvaluationList(tuple(item for item in items if item is not None)))


def _answer(call: Call, question: Any) -> EvaluationView | None:
    clause, on, rulebook = question.__struct_config__.tag, call.body.on, call.snapshot.rulebook
    trigger = find_trigger(call.jurisdiction.regimes.values(), rulebook, clause, on)
    if trigger is None:
        return None
    return evaluation_view(evaluate(trigger, rulebook, _facts(trigger, question), on), clause, call.language)


def _facts(trigger: Trigger, said: Any) -> Facts:
    """The facts of a question; those that another version of the clause asks for are left alone."""
    given = {item.fact: getattr(said, item.fact, None) for item in trigger.when}
    months: dict[str, list[MonthCount]] = {name: value for name, value in given.items() if isinstance(value, list)}
    return Facts(
        flags={name: value for name, value in given.items() if isinstance(value, bool)},
        counts={name: value for name, value in given.items() if isinstance(value, int) and not isinstance(value, bool)},
        months={name: {item.month: item.count for item in items} for name, items in months.items()},
        years={item.year: _year(item) for item in getattr(said, "years", ())},
    )


def _year(said: YearPlace) -> YearOfUnit:
    units = said.higher + said.tied + said.lower + 1
    return YearOfUnit(said.higher + 1, units, Decimal(said.total), said.lower)


OPERATIONS = (
    Operation(
        id="listRegimes",
        method=Method.GET,
        path="/regimes",
        tag="rulebook",
        title=Text(zh="问责制度", en="List the accountability regimes"),
        description=Text(
            zh="本地各问责制度按文件版本列出：情形、情节、问责方式及适用对象、档次、作出决定的前提、责任区分和触发条件，各附条款。",
            en="The city's accountability regimes under each version of their instruments: grounds, circumstances, "
            "sanctions with whom they are for, tiers, what must be there before a decision, paths of responsibility and "
            "triggers, each with its clause and title.",
        ),
        handler=_list_regimes,
        scope=Scope.RULEBOOK_READ,
        reply=RegimeList,
        available=has_regimes,
    ),
    Operation(
        id="calculateDecision",
        method=Method.POST,
        path="/calculations/decision",
        tag="calculations",
        title=Text(zh="问责决定试算", en="Ask whether a decision may be"),
        description=Text(
            zh="拟作的问责决定是否合乎规定：列出全部理由、系统认定的情节、可从宽的程度、持续影响的截止日，各附条款。"
            "不合规定的，也以 200 答复。不产生任何记录。",
            en="Whether a decision may be made as it is proposed: every reason against it, the circumstances that the "
            "system adds, what the mitigating ones allow, until when effects last, which sanctions rest on another organ's "
            "document. A refused proposal is an answer (200). Nothing is recorded.",
        ),
        handler=_decide,
        scope=Scope.CALCULATIONS_READ,
        access=Access.READ,
        body=decision_question,
        reply=VerdictView,
        available=has_regimes,
        examples=decision_examples,
    ),
    Operation(
        id="calculateResponsibility",
        method=Method.POST,
        path="/calculations/responsibility",
        tag="calculations",
        title=Text(zh="责任区分试算", en="Ask who bears which share"),
        description=Text(
            zh="按决定方式和各人事实得出责任份额；事实矛盾或文件没有规定的，说明理由并以 200 答复。"
            "不填决定方式的，检查人工区分。不产生任何记录。",
            en="The share of each by the path of decision and what is established of everybody. Facts that contradict one "
            "another, or for which the text gives no path, are told (200). Without a path an apportionment by hand is "
            "checked. Nothing is recorded.",
        ),
        handler=_apportion,
        scope=Scope.CALCULATIONS_READ,
        access=Access.READ,
        body=responsibility_question,
        reply=ApportionmentView,
        available=has_regimes,
        errors=_ERRORS,
        examples=responsibility_examples,
    ),
    Operation(
        id="calculateTriggers",
        method=Method.POST,
        path="/calculations/triggers",
        tag="calculations",
        title=Text(zh="问责触发试算", en="Ask which clauses open a proposal"),
        description=Text(
            zh="就所给事实，各条款可计算的部分是否成立，逐项说明；须由人员认定的另行列出。不产生任何记录。",
            en="Whether the computed limb of each clause is fulfilled on the facts, condition by condition, whether it is "
            "borderline or waits for consent, and what a person has to find beside it. Nothing opens, nothing is recorded.",
        ),
        handler=_evaluate,
        scope=Scope.CALCULATIONS_READ,
        access=Access.READ,
        body=trigger_question,
        reply=EvaluationList,
        available=has_triggers,
        errors=_ERRORS,
        examples=trigger_examples,
    ),
)
