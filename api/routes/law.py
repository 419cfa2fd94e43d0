"""The city's rules as integrators read them: instruments, kinds of case, and the arithmetic of a term."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from msgspec import Meta, Struct, structs

from api.operations import Access, Call, Method, Operation, PathParameter, Reply
from core.deadlines.compute import local_time
from core.deadlines.explanation import Explanation, TermSource, explain
from core.deadlines.wording import render
from core.errors import NotFound, Refused
from core.jurisdictions import Jurisdiction
from core.law.citation import Citation
from core.law.instrument import Clause, Instrument, Remark, Subject, Term, Text, Version
from core.procedure import CaseKind
from core.tenants.scopes import Scope
from core.tenants.snapshot import Snapshot

TAG = "rulebook"
_NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
CitationText = Annotated[
    str,
    Meta(
        pattern=rf"^{_NAME}:{_NAME}#[0-9a-z]+(\.[0-9a-z]+)*(/[a-z0-9]+([.-][a-z0-9]+)*)?$(?!\n)",
        max_length=128,
        title="条款编号",
        description="A citation: instrument#clause, or instrument#clause/choice.",
    ),
]
Day = Annotated[date | None, Meta(title="日期", description="The local day whose version is meant; today where left out.")]


class DayQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A day."""

    on: Day = None


class DeadlineQuestion(Struct, frozen=True, forbid_unknown_fields=True):
    """A clause that gives a term, and the instant from which it runs."""

    clause: CitationText
    starts_at: Annotated[
        datetime, Meta(tz=True, title="起算时刻", description="The event from which the term runs: RFC 3339 with an offset.")
    ]


class DeadlineAnswer(Struct, frozen=True):
    """When the term ends, and why."""

    explanation: Explanation
    lines: Annotated[tuple[str, ...], Meta(description="The explanation line by line, in the reader's language.")]


class VersionBrief(Struct, frozen=True):
    """A version of an instrument: from which local day it is in force, and from which its encoding was known here."""

    id: str
    in_force_from: date
    known_from: date
    revision: int


class InstrumentBrief(Struct, frozen=True):
    """A regulation (法规文件): who issued it, under which number, and its versions, oldest first."""

    id: str
    title: Text
    issuer: Text
    document_number: str | None
    versions: tuple[VersionBrief, ...]


class InstrumentList(Struct, frozen=True):
    """Every instrument of the city, with the reading rules and the rules of the house."""

    items: tuple[InstrumentBrief, ...]


class InstrumentView(Struct, frozen=True):
    """An instrument with the clauses of the version that is in force on a day."""

    id: str
    title: Text
    issuer: Text
    document_number: str | None
    version: VersionBrief
    subjects: tuple[Subject, ...]
    remarks: tuple[Remark, ...]
    clauses: tuple[Clause, ...]


class CaseKindList(Struct, frozen=True):
    """The kinds of case that the city has, each with its channels, tracks, states, steps, fields and deadlines."""

    items: tuple[CaseKind, ...]


def _brief(version: Version) -> VersionBrief:
    return VersionBrief(version.id, version.in_force_from, version.known_from, version.revision)


def _instrument_brief(instrument: Instrument) -> InstrumentBrief:
    versions = tuple(_brief(version) for version in instrument.versions)
    return InstrumentBrief(instrument.id, instrument.title, instrument.issuer, instrument.document_number, versions)


async def _list_instruments(call: Call) -> Reply:
    return Reply(InstrumentList(tuple(map(_instrument_brief, call.snapshot.rulebook.instruments.values()))))


async def _read_instrument(call: Call) -> Reply:
    on = call.query.on or call.snapshot.local_day(call.legal_now)
    rulebook, id_ = call.snapshot.rulebook, call.path["instrument"]
    if id_ not in rulebook.instruments:
        raise NotFound("api.not-found")
    instrument, version = rulebook.instrument(id_), rulebook.version(id_, on)
    return Reply(_view(instrument, version))


def _view(instrument: Instrument, version: Version) -> InstrumentView:
    return InstrumentView(
        instrument.id,
        instrument.title,
        instrument.issuer,
        instrument.document_number,
        _brief(version),
        version.subjects,
        version.remarks,
        version.clauses,
    )


async def _list_kinds(call: Call) -> Reply:
    return Reply(CaseKindList(tuple(call.jurisdiction.kinds.values())))


async def _calculate(call: Call) -> Reply:
    question: DeadlineQuestion = call.body
    explanation = explain_clause(Citation.parse(question.clause), question.starts_at, call.snapshot)
    return Reply(DeadlineAnswer(explanation, tuple(render(explanation, call.language))))


def explain_clause(citation: Citation, starts_at: datetime, snapshot: Snapshot) -> Explanation:
    """The term of a clause by the tenant's calendar: the clause's figure, or the tenant's where it leaves one open (R11).

    Raises :class:`NotFound` for an unknown clause and :class:`Refused` where there is no figure on that day.
    """
    day = local_time(starts_at, snapshot.calendar).date()
    passage = snapshot.rulebook.passage(citation, day)
    source = TermSource.of(passage)
    if passage.term is not None:
        return explain(passage.term, starts_at, snapshot.calendar, source)
    for kind in snapshot.jurisdiction.settings.values():
        setting = snapshot.settings.on(kind.key, day)
        if kind.clause == str(citation) and setting is not None and isinstance(setting.value, Term):
            source = structs.replace(source, figure_from=f"setting:{kind.key}", basis=setting.basis)
            return explain(setting.value, starts_at, snapshot.calendar, source)
    raise Refused("deadlines.no-term", clause=str(citation))


def _first_term(jurisdiction: Jurisdiction) -> str:
    return next(
        f"{instrument.id}#{clause.ref}"
        for instrument in jurisdiction.rulebook.instruments.values()
        for clause in instrument.versions[-1].clauses
        if clause.term is not None
    )


def _deadline_example(jurisdiction: Jurisdiction) -> Mapping[str, Any]:
    return {"term": {"clause": _first_term(jurisdiction), "starts_at": "2026-09-28T02:00:00Z"}}


_INSTRUMENT = PathParameter(Text(zh="文件编号", en="The instrument's id"), f"^{_NAME}:{_NAME}$", "wenze:readings")

OPERATIONS = (
    Operation(
        id="listInstruments",
        method=Method.GET,
        path="/rulebook",
        tag=TAG,
        title=Text(zh="法规文件目录", en="List the instruments"),
        description=Text(
            zh="本地适用的法规文件及其版本，并含读法规则和系统通用规则。",
            en="The city's regulations with their versions, and beside them the reading rules and the rules of the house.",
        ),
        handler=_list_instruments,
        scope=Scope.RULEBOOK_READ,
        reply=InstrumentList,
    ),
    Operation(
        id="readInstrument",
        method=Method.GET,
        path="/rulebook/{instrument}",
        tag=TAG,
        title=Text(zh="查看法规文件", en="Read an instrument"),
        description=Text(
            zh="某日有效版本的全部条款：条款号、性质、期限、选项和数值，用语为本系统所拟。",
            en="Every clause of the version in force on a day: reference, kind, term, choices and figures, in our words.",
        ),
        handler=_read_instrument,
        scope=Scope.RULEBOOK_READ,
        query=DayQuery,
        reply=InstrumentView,
        path_parameters={"instrument": _INSTRUMENT},
        errors={Refused: ("law.before-first-version",)},
    ),
    Operation(
        id="listCaseKinds",
        method=Method.GET,
        path="/case-kinds",
        tag=TAG,
        title=Text(zh="事项类型", en="List the kinds of case"),
        description=Text(
            zh="本地的事项类型：渠道、办理方式、状态、步骤及其事实字段、期限，各附条款。步骤请求体的全部字段见本文档中该步骤的定义。",
            en="The kinds of case that the city has: channels, tracks, states, steps with the facts that they establish, "
            "and deadlines, each with its clause. Beside its facts a step takes what its verb always takes (a track, units, "
            "a text, a reason): the schema of its body has all of it.",
        ),
        handler=_list_kinds,
        scope=Scope.RULEBOOK_READ,
        reply=CaseKindList,
    ),
    Operation(
        id="calculateDeadline",
        method=Method.POST,
        path="/calculations/deadline",
        tag="calculations",
        title=Text(zh="期限试算", en="Work out a deadline"),
        description=Text(
            zh="按本租户日历计算某条款期限的到期日，逐日列明。不产生任何记录。",
            en="When the term of a clause ends by this tenant's calendar, with each day counted and the reading rules used. "
            "Where the clause leaves the figure open, the tenant's setting of that day is taken. Nothing is recorded.",
        ),
        handler=_calculate,
        scope=Scope.CALCULATIONS_READ,
        access=Access.READ,
        body=DeadlineQuestion,
        reply=DeadlineAnswer,
        errors={
            NotFound: ("law.instrument-unknown", "law.clause-unknown", "law.choice-unknown"),
            Refused: ("deadlines.no-term", "law.before-first-version", "deadlines.office-hours-missing"),
        },
        examples=_deadline_example,
    ),
)
